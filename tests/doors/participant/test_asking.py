"""Which categories and questions the form shows, to whom, and what is left of each."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape

from sqlalchemy.orm import Session

from forumreg.rules.event.drafts import CategoryDraft, FieldDraft, OptionDraft, RegistrationDraft, ShowIf
from tests.builders import a_draft, a_receipt, a_registration, an_event, every_kind_of_question
from tests.doors.participant.conftest import FORM, an_answered_form, own_address, statuses
from tests.pages import Page, Visitor

LOCAL = CategoryDraft("local", {"en": "Local government"})
GUEST = CategoryDraft("guest", {"en": "Guest"}, visibility="unlisted")
OF_PRESS = FieldDraft("card", "text", {"en": "Press card"}, required=True, categories=("press",))
OF_GUESTS = FieldDraft("host", "text", {"en": "Your host"}, categories=("guest",))
NO_LINE = RegistrationDraft(
    opens_at=a_draft().registration.opens_at, closes_at=a_draft().registration.closes_at, waitlist=False
)


def press(**facts: object) -> CategoryDraft:
    return CategoryDraft("press", {"en": "Press"}, **facts)


def conditions(page: Page) -> list[object]:
    """What the script shows questions by, in their order."""
    return [json.loads(unescape(each)) for each in re.findall(r"data-show-if='([^']*)'", page.html)]


# Questions ------------------------------------------------------------------------------------------------------


def test_a_question_for_one_category_is_shown_for_it_alone(store: Session, visitor: Visitor) -> None:
    an_event(store, fields=(OF_PRESS,))

    page = visitor.open(FORM)

    assert conditions(page) == [[["category", ["press"]]]]
    assert "Only for: Press." in page.words


def test_a_question_of_a_question_says_so_to_who_has_no_script(store: Session, visitor: Visitor) -> None:
    lunch = FieldDraft("box", "text", {"en": "Which box?"}, show_if=ShowIf("lunch", "early"), categories=("local",))
    an_event(store, fields=(*every_kind_of_question(), lunch))

    page = visitor.open(FORM)

    assert conditions(page) == [
        [["q-visa", ["yes"]]],
        [["category", ["local"]]],
        [["category", ["local"]], ["q-lunch", ["early"]]],
    ]
    assert "Only if “Do you need a visa letter?” is “Yes”." in page.words
    assert "Only for: Local government. Only if “Lunch” is “At noon”." in page.words


def test_a_question_for_people_who_cannot_be_here_is_left_out(store: Session, visitor: Visitor) -> None:
    an_event(store, categories=(LOCAL, press(), GUEST), fields=(OF_PRESS, OF_GUESTS))

    public, guests = visitor.open(FORM), visitor.open(f"{FORM}?category=guest")

    assert [each in public.words for each in ("Press card", "Your host", "Guest")] == [True, False, False]
    assert [each in guests.words for each in ("Press card", "Your host")] == [False, True]
    assert conditions(guests) == []


def test_the_form_of_a_change_asks_what_the_category_is_asked(store: Session, visitor: Visitor) -> None:
    staff = FieldDraft("staff", "yes-no", {"en": "Are you staff of a paper?"}, categories=("press",))
    after = replace(staff, key="paper", kind="text", label={"en": "Which paper?"}, show_if=ShowIf("staff", "yes"))
    event = an_event(store, fields=(OF_PRESS, staff, after))
    journalist = a_registration(store, event, category="press", answers={"card": "1", "staff": True})
    mayor = a_registration(store, event, category="local")

    pages = [visitor.open(own_address(each) + "change") for each in (journalist, mayor)]

    asked = ("Press card", "Are you staff of a paper?", "Which paper?")
    assert [[each in page.words for each in asked] for page in pages] == [[True] * 3, [False] * 3]
    assert [conditions(page) for page in pages] == [[[["q-staff", ["yes"]]]], []]
    assert [visitor.send(page).status for page in pages] == [303, 303]


# Counted answers ------------------------------------------------------------------------------------------------


def test_a_counted_answer_tells_what_is_left(store: Session, visitor: Visitor) -> None:
    options = (OptionDraft("early", {"en": "At noon"}, 2), OptionDraft("late", {"en": "At one"}))
    event = an_event(store, fields=(FieldDraft("lunch", "choice", {"en": "Lunch"}, options=options),))
    mine = a_registration(store, event, answers={"lunch": "early"})
    some = visitor.open(FORM)
    other = a_registration(store, event, answers={"lunch": "early"})
    third = a_registration(store, event, answers={"lunch": "late"})

    full, own, others = (
        visitor.open(address) for address in (FORM, own_address(mine) + "change", own_address(third) + "change")
    )

    told = [re.findall(r"At noon(.*?)At one", page.words)[0].strip() for page in (some, full, own, others)]
    assert told == ["1 of 2 left", "Full", "0 of 2 left", "Full"]
    assert visitor.send(visitor.open(own_address(other) + "change")).status == 303


# Categories -----------------------------------------------------------------------------------------------------


def test_an_address_that_names_a_category_offers_it_alone(store: Session, visitor: Visitor) -> None:
    an_event(store, categories=(LOCAL, press(), GUEST))

    page = visitor.open(f"{FORM}?category=press")
    returned = visitor.send(page, an_answered_form(category="press", email=""))

    for each in (page, returned):
        assert ("Local government" in each.words, each.form.answers["category"]) == (False, ["press"])
        assert FORM in each.links
    assert "Local government" in visitor.open(f"{FORM}?category=nobody").words
    assert FORM not in visitor.open(FORM).links


def test_a_full_category_is_named_and_may_be_waited_for(store: Session, visitor: Visitor) -> None:
    event = an_event(store, categories=(LOCAL, press(capacity=1)))
    late = visitor.open(FORM)
    a_receipt(store, event, category="press")

    page = visitor.send(late, an_answered_form(category="press"))

    assert (page.status, page.summary) == (422, ["category"])
    assert (
        "“Press” is full. Send the form once more to join its waiting list, or choose another category." in page.words
    )
    assert visitor.send(page).status == 303
    assert statuses(store, event) == {"confirmed": 1, "waitlisted": 1}


def test_who_is_told_that_a_category_is_full_waits_for_it_at_once(store: Session, visitor: Visitor) -> None:
    event = an_event(store, categories=(LOCAL, press(capacity=1)))
    a_receipt(store, event, category="press")
    page = visitor.open(FORM)

    sent = visitor.send(page, an_answered_form(category="press"))

    assert page.words.count("Choose it to join its waiting list.") == 1
    assert (sent.status, statuses(store, event)) == (303, {"confirmed": 1, "waitlisted": 1})


def test_to_know_of_one_full_category_is_not_to_wait_for_another(store: Session, visitor: Visitor) -> None:
    event = an_event(store, categories=(CategoryDraft("local", {"en": "Local"}, capacity=1), press(capacity=1)))
    a_receipt(store, event, category="press")
    page = visitor.open(FORM)
    a_receipt(store, event, category="local")

    sent = visitor.send(page, an_answered_form(category="local"))

    assert (sent.status, sent.summary, statuses(store, event)) == (422, ["category"], {"confirmed": 2})


def test_a_full_category_without_a_line_is_named(store: Session, visitor: Visitor) -> None:
    event = an_event(store, categories=(LOCAL, press(capacity=1)), registration=NO_LINE)
    a_receipt(store, event, category="press")
    page = visitor.open(FORM)

    sent = visitor.send(page, an_answered_form(category="press"))

    assert "join its waiting list" not in page.words
    assert (sent.status, sent.summary) == (422, ["category"])
    assert "“Press” is full. Choose another category." in sent.words
