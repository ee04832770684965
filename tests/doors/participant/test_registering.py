"""The form and its answer."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.app import create_app
from forumreg.base.references import REFERENCE
from forumreg.rules import partner
from forumreg.rules.event.drafts import CategoryDraft, FieldDraft
from forumreg.tables.registration import Consent
from forumreg.web import kept, limits
from forumreg.web.site import NAME
from tests.builders import (
    NOW,
    a_receipt,
    a_registration,
    a_session,
    an_event,
    an_organizer,
    every_kind_of_question,
)
from tests.doors.participant.conftest import (
    FORM,
    an_answered_form,
    count_of,
    mails,
    own_address,
    statuses,
    the_registration,
)
from tests.pages import Visitor

EVERYTHING = {
    "honorific": "Dr",
    "badge_name": "Amina of Odienné",
    "phone": "+225 20 00 00 00",
    "job_title": "Mayor",
    "language": "fr",
    "interpretation": "fr",
    "dietary": ["halal", "vegetarian"],
    "accessibility": "A seat near the door.\nSign language.",
    "sharing": ["2"],
    "sessions": ["B", "C"],
    "q-visa": "yes",
    "q-passport": "X1234567",
    "q-bring": "A case & a <question>",
    "q-lunch": "early",
    "q-themes": ["food", "jobs"],
    "q-staff": "12",
    "q-arrival": "2015-10-14",
    "q-works-in": "CI",
}


def a_large_event(store: Session) -> None:
    an_event(
        store,
        fields=every_kind_of_question(),
        sessions=(
            a_session("A"),
            a_session("B", "2015-10-16T11:00", "2015-10-16T12:00"),
            a_session("C", "2015-10-16T14:00", "2015-10-16T15:00"),
        ),
    )


def test_a_form_sent_ten_times_is_one_registration_and_one_answer(store: Session, visitor: Visitor) -> None:
    event = an_event(store)
    form = visitor.open(FORM)

    answers = [visitor.send(form, an_answered_form()) for _ in range(10)]

    assert {(answer.status, answer.headers["Location"]) for answer in answers} == {
        (303, answers[0].headers["Location"])
    }
    assert statuses(store, event) == {"confirmed": 1}
    assert mails(store) == [("confirmed", "awa1@example.org")]


def test_the_answer_gives_the_reference_and_a_masked_address(store: Session, visitor: Visitor) -> None:
    an_event(store)
    sent = visitor.send(visitor.open(FORM), an_answered_form())

    page = visitor.open(sent.headers["Location"])

    assert the_registration(store).reference in page.words
    assert "The organizers find your registration by it." in page.words
    assert "a•••••@example.org" in page.words
    assert "awa1" not in page.html + sent.html + sent.headers["Location"]
    assert "Awa1" not in page.html + sent.html + sent.headers["Location"]


def test_everything_that_was_answered_is_kept_in_the_registration(store: Session, visitor: Visitor) -> None:
    a_large_event(store)

    sent = visitor.send(visitor.open(FORM), an_answered_form() | EVERYTHING)

    found = the_registration(store)
    assert sent.status == 303
    assert (found.honorific, found.badge_name, found.language, found.interpretation, found.dietary) == (
        "Dr",
        "Amina of Odienné",
        "fr",
        "fr",
        ["vegetarian", "halal"],
    )
    assert found.accessibility == "A seat near the door.\nSign language."
    assert found.answers == {
        "visa": True,
        "passport": "X1234567",
        "bring": "A case & a <question>",
        "lunch": "early",
        "themes": ["jobs", "food"],
        "staff": 12,
        "arrival": "2015-10-14",
        "works-in": "CI",
    }


def test_a_form_that_comes_back_keeps_everything_that_was_typed(store: Session, visitor: Visitor) -> None:
    a_large_event(store)
    typed = an_answered_form(email="not an address") | EVERYTHING

    page = visitor.send(visitor.open(FORM), typed)

    assert page.status == 422
    assert page.form.kept(typed) == {
        name: sorted([value] if isinstance(value, str) else value) for name, value in typed.items()
    }
    assert page.form.answers["q-bring"] == ["A case & a <question>"]
    assert count_of(store) == 0
    assert visitor.send(page, {"email": "amina@example.org"}).status == 303


def test_every_error_is_listed_at_the_top_and_leads_to_an_input(store: Session, visitor: Visitor) -> None:
    a_large_event(store)
    wrong = {
        "given_name": " ",
        "family_name": "",
        "email": "",
        "phone": "abc",
        "organisation": "",
        "country": "",
        "category": "nobody",
        "accessibility": "x" * 2001,
        "q-lunch": "never",
        "q-staff": "many",
        "q-arrival": "tomorrow",
        "q-works-in": "XX",
    }

    page = visitor.send(visitor.open(FORM), wrong)

    assert page.summary == [
        "given_name", "email", "phone", "country", "organisation", "category", "q-visa", "q-lunch", "q-staff",
        "q-arrival", "accessibility",
    ]  # fmt: skip
    assert page.summary == sorted(page.summary, key=page.ids.index)
    assert len(page.ids) == len(set(page.ids))
    assert page.html.count('aria-invalid="true"') >= len(page.summary)


def test_each_line_of_the_summary_says_which_answer_it_means(store: Session, visitor: Visitor) -> None:
    an_event(store)
    wrong = {"organisation": "x" * 201, "job_title": "Mayor\ufffd", "country": "XX", "accessibility": "x" * 2001}

    page = visitor.send(visitor.open(FORM), {**an_answered_form(), **wrong})

    said = re.findall(r'<li><a href="#([\w-]+)">([^<]+)</a>', page.html.partition('id="errors"')[2])
    assert said == [
        ("country", "“Country you come from”: choose one of the answers in the list."),
        ("organisation", "Shorten “Organization” to 200 characters or fewer."),
        ("job_title", "“Your role there”: some characters arrived unreadable. Type them again."),
        ("accessibility", "Shorten “What do you need to take part fully?” to 2000 characters or fewer."),
    ]


def test_overlapping_sessions_are_refused_by_name_and_stay_chosen(store: Session, visitor: Visitor) -> None:
    an_event(store, sessions=(a_session("A"), a_session("B", "2015-10-16T10:30", "2015-10-16T12:00")))

    page = visitor.send(visitor.open(FORM), {**an_answered_form(), "sessions": ["A", "B"]})

    assert (
        "“Session A” (09:30–11:00) and “Session B” (10:30–12:00) are at the same time. Keep one of them." in page.words
    )
    assert page.form.answers["sessions"] == ["A", "B"]
    assert set(page.summary) <= set(page.ids)
    assert ["Sessions (1 to fix)" in page.words, "You (" in page.words] == [True, False]
    assert '<fieldset class="slotset" data-state="error"' in page.html


def test_parallel_sessions_are_a_choice_of_one(store: Session, visitor: Visitor) -> None:
    event = an_event(store, sessions=(a_session("A"), a_session("B")))
    form = visitor.open(FORM)
    slot = f"slot-{event.sessions[0].id}"

    sent = visitor.send(form, {**an_answered_form(), slot: "B"})

    assert (form.form.answers[slot], sent.status) == ([""], 303)


def test_a_known_person_is_answered_like_everybody(store: Session, app: Flask) -> None:
    event = an_event(store)
    a_receipt(store, event, given_name="Awa1", family_name="Koné1", email="awa1@example.org")
    pages = []
    for number in (1, 2):
        visitor = Visitor(app)
        sent = visitor.send(visitor.open(FORM), an_answered_form(number))
        pages.append((sent, visitor.open(sent.headers["Location"])))

    shapes = [
        (
            sent.status,
            sorted(sent.headers.keys()),
            len(sent.headers["Location"]),
            len(sent.html),
            page.status,
            page.shape,
            REFERENCE.sub("", re.sub(r"[0-9a-f]{12}", "", page.words)),
        )
        for sent, page in pages
    ]
    assert shapes[0] == shapes[1]
    assert statuses(store, event) == {"confirmed": 2}
    assert [message for message, _to in mails(store)] == ["confirmed", "already_registered", "confirmed"]


@pytest.mark.parametrize("facts", [{"capacity": 1}, {"sessions": (a_session("A", capacity=1),)}])
def test_a_known_person_is_answered_like_everybody_where_nothing_is_left(
    store: Session, app: Flask, facts: dict[str, object]
) -> None:
    event = an_event(store, **facts)
    chosen = {"sessions": ["A"]} if "sessions" in facts else {}
    first = Visitor(app)
    first.send(first.open(FORM), {**an_answered_form(1), **chosen})
    answers = []
    for number in (1, 2):
        visitor = Visitor(app)
        page = visitor.send(visitor.open(FORM), {**an_answered_form(number), **chosen, "accept_waitlist": []})
        answers.append((page.status, page.shape, page.summary))

    assert answers[0] == answers[1]
    assert statuses(store, event) == {"confirmed": 1}


def test_one_mailbox_registers_two_people_from_one_browser(store: Session, visitor: Visitor) -> None:
    event = an_event(store)
    for number in (1, 2):
        visitor.send(visitor.open(FORM), an_answered_form(number, email="mairie@example.org"))

    assert statuses(store, event) == {"confirmed": 2}


def test_an_unlisted_category_is_offered_to_who_has_its_address(store: Session, visitor: Visitor) -> None:
    categories = (
        CategoryDraft("local", {"en": "Local"}),
        CategoryDraft("guest", {"en": "Guest"}, visibility="unlisted"),
    )
    an_event(store, categories=categories)

    hidden, shown = visitor.open(FORM), visitor.open(f"{FORM}?category=guest")
    returned = visitor.send(shown, {**an_answered_form(category="guest"), "email": ""})

    assert "Guest" not in hidden.words
    assert shown.form.answers["category"] == ["guest"]
    assert (returned.status, returned.form.answers["category"]) == (422, ["guest"])
    assert visitor.send(returned, {"email": "guest@example.org"}).status == 303


def test_a_receipt_that_was_made_up_opens_nothing(store: Session, visitor: Visitor) -> None:
    an_event(store)
    an_event(store, "other")
    sent = visitor.send(visitor.open(FORM), an_answered_form())
    true = sent.headers["Location"]

    others = [true.replace("/forum/", "/other/"), true[:-1], true.partition("?")[0], f"{true.partition('=')[0]}=a.b"]

    assert [visitor.open(address).status for address in [true, *others]] == [200, 404, 404, 404, 404]


# Robots and floods ----------------------------------------------------------------------------------------------


def test_a_program_that_fills_in_the_hidden_field_is_sent_back(store: Session, visitor: Visitor) -> None:
    an_event(store)

    page = visitor.send(visitor.open(FORM), an_answered_form(website="https://spam.example"))

    assert (page.status, page.form.answers["website"], page.form.answers["given_name"]) == (422, [""], ["Awa1"])
    assert count_of(store) == 0
    assert visitor.send(page).status == 303  # a browser that filled it in for a person


def test_a_form_that_was_not_taken_as_a_whole_says_so_and_counts_no_answers(store: Session, visitor: Visitor) -> None:
    event = an_event(store, capacity=1)
    form = visitor.open(FORM)
    expired = visitor.send(form, {**an_answered_form(), "csrf_token": "old"})
    trapped = visitor.send(form, {**an_answered_form(), "website": "x"})
    notice = visitor.send(form, {**an_answered_form(), "notice_version": "7"})
    a_receipt(store, event)
    full = visitor.send(form, an_answered_form())
    wrong = visitor.send(form, an_answered_form(country=""))
    find = visitor.send(visitor.open("/events/forum/find"), {"csrf_token": "old"})

    assert [page.summary_heading for page in (expired, trapped, notice, full, find)] == ["Not sent"] * 5
    assert "Nothing is lost. Everything" not in expired.words
    assert wrong.summary_heading == "1 answer needs your attention"


def test_an_office_of_sixty_registers_within_a_minute(store: Session, app: Flask) -> None:
    event = an_event(store)
    codes = set()
    for number in range(60):
        visitor = Visitor(app, "192.0.2.7")
        codes.add(visitor.send(visitor.open(FORM), an_answered_form(number)).status)

    assert codes == {303}
    assert statuses(store, event) == {"confirmed": 60}


def test_a_flood_is_stopped_and_loses_nothing(store: Session, visitor: Visitor) -> None:
    an_event(store)
    form = visitor.open(FORM)
    wrong = an_answered_form(email="nobody")
    while (page := visitor.send(form, wrong)).status == 422:
        pass

    assert (page.status, page.headers["Retry-After"]) == (429, "60")
    assert page.form.kept(wrong) == {name: [value] for name, value in wrong.items()}
    assert Visitor(visitor.client.application, "192.0.2.8").open(FORM).status == 200
    limits.forget_all()
    assert visitor.send(page, {"email": "amina@example.org"}).status == 303


def test_a_flood_of_one_mailbox_is_stopped(store: Session, app: Flask) -> None:
    an_event(store)
    codes = []
    for number in range(41):
        visitor = Visitor(app, f"192.0.2.{number}")
        codes.append(visitor.send(visitor.open(FORM), an_answered_form(number, email="Mairie@Example.org")).status)

    assert codes == [303] * 40 + [429]


def test_forms_that_were_not_taken_count_for_no_mailbox(store: Session, app: Flask) -> None:
    an_event(store)
    codes = []
    for number in range(42):
        visitor = Visitor(app, f"192.0.2.{number}")
        answers = an_answered_form(number, email="mairie@example.org", country="" if number < 41 else "CI")
        codes.append(visitor.send(visitor.open(FORM), answers).status)

    assert codes == [422] * 41 + [303]


def a_flood(app: Flask, networks: list[str]) -> int:
    """The code that the last of many forms is answered, each sent from the next of these networks."""
    visitor = Visitor(app, "10.0.0.1")
    form = visitor.open(FORM)
    wrong = an_answered_form(email="nobody")
    for number in range(181):
        forwarded = {"X-Forwarded-For": networks[number % len(networks)]}
        page = visitor.send(form, wrong, headers=forwarded)
    return page.status


FORGED = [f"198.51.100.{number}" for number in range(250)]


def test_nobody_passes_for_another_where_no_proxy_is_trusted(store: Session, app: Flask) -> None:
    an_event(store)

    assert a_flood(app, FORGED) == 429


@pytest.fixture
def proxied(app: Flask) -> Flask:
    """The application behind one proxy that it trusts, on the same database."""
    known = app.extensions[NAME]
    return create_app(replace(known.settings, trusted_proxies=1), clock=known.clock)


def test_the_address_that_the_trusted_proxy_saw_counts_and_no_other(store: Session, proxied: Flask) -> None:
    an_event(store)
    limits.forget_all()
    forged_before = a_flood(proxied, [f"{fake}, 192.0.2.9" for fake in FORGED])
    limits.forget_all()
    seen_by_proxy = a_flood(proxied, [f"192.0.2.9, {seen}" for seen in FORGED])

    assert (forged_before, seen_by_proxy) == (429, 422)


def test_a_network_of_ipv6_counts_as_one(store: Session, proxied: Flask) -> None:
    an_event(store)
    limits.forget_all()

    assert a_flood(proxied, [f"2001:db8:1:2::{number:x}" for number in range(1, 200)]) == 429


def test_forms_without_an_address_count_for_nobody(store: Session, app: Flask) -> None:
    an_event(store)
    codes = set()
    for number in range(42):
        visitor = Visitor(app, f"192.0.2.{number}")
        codes.add(visitor.send(visitor.open(FORM), an_answered_form(email="")).status)

    assert codes == {422}


# The link again -------------------------------------------------------------------------------------------------


def test_asking_for_the_link_is_answered_alike_for_known_and_unknown(store: Session, app: Flask) -> None:
    event = an_event(store)
    a_receipt(store, event, email="known@example.org")
    answers = []
    for address in ("Known@Example.org", "nobody@example.org"):
        visitor = Visitor(app)
        sent = visitor.send(visitor.open("/events/forum/find"), {"email": address})
        page = visitor.open(sent.headers["Location"])
        answers.append((sent.status, sorted(sent.headers.keys()), sent.headers["Location"], page.words))

    assert answers[0] == answers[1]
    assert mails(store) == [("confirmed", "known@example.org"), ("link_again", "known@example.org")]


def test_a_link_is_mailed_once_however_often_it_is_asked_for(store: Session, visitor: Visitor) -> None:
    a_receipt(store, an_event(store), email="known@example.org")
    form = visitor.open("/events/forum/find")

    codes = {visitor.send(form, {"email": "known@example.org"}).status for _ in range(10)}

    assert codes == {303}
    assert [message for message, _to in mails(store)] == ["confirmed", "link_again"]


def test_an_address_that_is_none_is_asked_for_again(store: Session, visitor: Visitor) -> None:
    an_event(store)

    page = visitor.send(visitor.open("/events/forum/find"), {"email": "nobody <at> example"})

    assert (page.status, page.summary, page.form.answers["email"]) == (422, ["email"], ["nobody <at> example"])
    assert "email" in page.ids


@pytest.mark.parametrize("key", ["", "old"])
def test_a_form_for_the_link_that_expired_keeps_the_address_and_is_sent_again(
    store: Session, visitor: Visitor, app: Flask, key: str
) -> None:
    a_receipt(store, an_event(store), email="known@example.org")
    later = Visitor(app)  # the cookie is gone

    page = later.send(visitor.open("/events/forum/find"), {"email": "known@example.org", "csrf_token": key})
    unsent = mails(store)
    sent = later.send(page)

    assert (page.status, page.summary, page.form.answers["email"]) == (422, ["send"], ["known@example.org"])
    assert "The form had expired. Press the button again: nothing you typed is lost." in page.words
    assert ("send" in page.ids, 'aria-invalid="true"' in page.html) == (True, False)  # the address is not what is wrong
    assert [message for message, _to in unsent] == ["confirmed"]
    assert (sent.status, mails(store)[1:]) == (303, [("link_again", "known@example.org")])


def test_a_consent_covers_what_the_form_named(app: Flask, store: Session, visitor: Visitor) -> None:
    event = an_event(store, fields=(FieldDraft("theme", "text", {"en": "Theme"}, audience="co-organizers"),))
    ilo = event.sharing[0].id
    opened = visitor.open(FORM)
    partner.set_scope(store, an_organizer(event), event, ilo, extra_columns=["email"], purpose={}, now=NOW)
    other = Visitor(app)
    later = other.open(FORM)

    visitor.send(opened, an_answered_form(1, sharing=str(ilo)))
    other.send(later, an_answered_form(2, sharing=str(ilo)))

    store.rollback()
    named = store.scalars(select(Consent.columns).order_by(Consent.id)).all()
    assert named == [["theme"], ["email", "theme"]]


NOTICE_CHANGED = "The privacy notice has changed while you wrote. Read it, then send again: nothing you typed is lost."
NEW_NOTICE = {"en": "We keep what you write for ten years."}


def test_a_form_that_led_to_another_notice_comes_back_once(store: Session, visitor: Visitor) -> None:
    an_event(store)
    opened = visitor.open(FORM)
    an_event(store, privacy_notice=NEW_NOTICE)

    refused = visitor.send(opened, an_answered_form(1, job_title="Mayor"))
    refused_count = count_of(store)
    sent = visitor.send(refused)

    assert (refused.status, refused.summary, refused_count) == (422, ["notice"], 0)
    assert "notice" in refused.ids
    assert NOTICE_CHANGED in refused.words
    assert refused.form.answers["job_title"] == ["Mayor"]
    assert "/events/forum/privacy" in refused.links
    assert (sent.status, the_registration(store).notice_version) == (303, 2)


def test_a_form_that_was_stopped_for_something_else_still_names_its_notice(store: Session, visitor: Visitor) -> None:
    an_event(store)
    opened = visitor.open(FORM)
    an_event(store, privacy_notice=NEW_NOTICE)

    stopped = visitor.send(opened, {**an_answered_form(), "csrf_token": "old"})
    wrong = visitor.send(stopped, {"email": "nowhere"})
    sent = visitor.send(wrong, {"email": "awa@example.org"})

    assert NOTICE_CHANGED not in stopped.words
    assert (wrong.status, wrong.summary) == (422, ["email", "notice"])
    assert sent.status == 303


def test_a_form_without_the_version_is_told_only_where_there_is_a_notice(store: Session, visitor: Visitor) -> None:
    an_event(store)
    an_event(store, "silent", privacy_notice={})
    codes = {}
    for slug in ("forum", "silent"):
        page = visitor.open(f"/events/{slug}/register")
        del page.form.answers["notice_version"]
        codes[slug] = visitor.send(page, an_answered_form()).status

    assert codes == {"forum": 422, "silent": 303}
    assert the_registration(store).notice_version == 0


def test_a_form_that_arrived_is_the_same_when_sent_again_after_the_notice_changed(
    store: Session, visitor: Visitor
) -> None:
    an_event(store)
    opened = visitor.open(FORM)
    visitor.send(opened, an_answered_form())
    an_event(store, privacy_notice=NEW_NOTICE)

    again = visitor.send(opened, an_answered_form())

    assert (again.status, the_registration(store).notice_version) == (303, 1)


@pytest.mark.parametrize("sent", ["x", "-1", "1e3", "99", "9" * 500, "²"])
def test_a_notice_that_never_was_is_not_the_present_one(store: Session, visitor: Visitor, sent: str) -> None:
    an_event(store)

    page = visitor.send(visitor.open(FORM), {**an_answered_form(), "notice_version": sent})

    assert (page.status, page.form.answers["notice_version"]) == (422, ["1"])


PROMISES = re.compile(r"mailbox|email within|confirmation email|by email|We (are )?writ|We wrote|We send|We also sent")


@pytest.mark.parametrize("smtp_url", ["", "smtp://mail.example.org"])
def test_a_mail_is_promised_only_where_one_leaves(app: Flask, store: Session, visitor: Visitor, smtp_url: str) -> None:
    event = an_event(store, capacity=2)
    kept.forget_all()
    app.extensions[NAME].settings = replace(app.extensions[NAME].settings, smtp_url=smtp_url)
    form = visitor.open(FORM)
    sent = visitor.send(form, an_answered_form())
    find = visitor.open("/events/forum/find")
    asked = visitor.send(find, {"email": "awa1@example.org"})
    mine = the_registration(store)
    others = [a_registration(store, event, category=each, accept_waitlist=True) for each in ("press", "local")]
    own = own_address(mine)
    confirmed, pending, waits = (visitor.open(own_address(each)) for each in (mine, *others))
    saved = visitor.send(visitor.open(own + "change"), {"job_title": "Mayor"})
    after_saving = visitor.open(saved.headers["Location"])
    gone = visitor.send(visitor.open(own + "cancel"))
    cancelled = visitor.open(gone.headers["Location"])
    pages = {
        "form": form,
        "received": visitor.open(sent.headers["Location"]),
        "find": find,
        "asked": visitor.open(asked.headers["Location"]),
        "confirmed": confirmed,
        "pending": pending,
        "waitlisted": waits,
        "saved": after_saving,
        "cancelled": cancelled,
    }

    told = {name: PROMISES.search(page.words) is not None for name, page in pages.items()}
    no_mail = "No email leaves this site: it has no mail server."
    without = {name: no_mail in page.words for name, page in pages.items()}
    whom = {name: "Write to forum@example.org with any question." in page.words for name, page in pages.items()}
    assert told == dict.fromkeys(pages, bool(smtp_url))
    assert without == dict.fromkeys(pages, not smtp_url)
    assert whom == dict.fromkeys(pages, not smtp_url)


def test_sharing_is_asked_with_what_and_why_and_nothing_is_ticked(store: Session, visitor: Visitor) -> None:
    event = an_event(store, fields=(FieldDraft("theme", "text", {"en": "Theme"}, audience="co-organizers"),))
    ilo = event.sharing[0].id
    partner.set_scope(
        store, an_organizer(event), event, ilo, extra_columns=["email"], purpose={"en": "to invite you again"}, now=NOW
    )

    page = visitor.open(FORM)

    told = "name, organization, role, country, category, status, sessions"
    assert page.form.answers.get("sharing", []) == []
    assert page.html.count('name="sharing"') == 3
    assert "also see your answers to these questions: “Theme”" in page.words
    assert f"Share with ILO What{told}, email address, and your answers to the questions named above" in page.words
    assert "Whyto invite you again Share with UCLG" in page.words
    assert f"Share with UCLG What{told}, and your answers" in page.words
    assert "Whyto know who takes part and to prepare its own sessions" in page.words


def test_help_and_what_may_be_left_out_are_said(store: Session, visitor: Visitor) -> None:
    an_event(store, fields=every_kind_of_question())

    page = visitor.open(FORM)

    assert "What do you bring? (optional)A case, a question." in page.words
    assert "Do you need a visa letter? (optional)" not in page.words
    assert re.search(r'name="given_name"[^>]* autocomplete="given-name"', page.html)
    assert re.search(r'name="email"[^>]* autocomplete="email"', page.html)


def test_each_person_of_a_mailbox_is_mailed_their_link(store: Session, visitor: Visitor) -> None:
    event = an_event(store)
    for name in ("Awa", "Issa"):
        a_receipt(store, event, given_name=name, email="mairie@example.org")

    visitor.send(visitor.open("/events/forum/find"), {"email": "mairie@example.org"})

    assert mails(store)[2:] == [("link_again", "mairie@example.org")] * 2


def test_asking_for_links_is_slowed_by_network_and_by_mailbox(store: Session, visitor: Visitor) -> None:
    event = an_event(store)
    a_receipt(store, event, email="known@example.org")
    form = visitor.open("/events/forum/find")
    limits.forget_all()

    codes = [visitor.send(form, {"email": f"nobody{number}@example.org"}).status for number in range(61)]

    assert codes == [303] * 60 + [429]


def test_who_asks_for_a_link_too_soon_gets_the_form_back_with_the_address(store: Session, visitor: Visitor) -> None:
    an_event(store)
    form = visitor.open("/events/forum/find")
    while (page := visitor.send(form, {"email": " Known@Example.org"})).status == 303:
        pass

    assert (page.status, page.headers["Retry-After"]) == (429, "60")
    assert page.form.answers["email"] == ["Known@Example.org"]
    assert page.summary == ["send"]
    assert "Wait a minute, then press the button again." in page.words
    limits.forget_all()
    assert visitor.send(page).status == 303


def test_a_mailbox_is_written_to_six_times_an_hour_and_nobody_is_told(
    store: Session, app: Flask, clock: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    event = an_event(store)
    a_receipt(store, event, email="known@example.org")
    a_receipt(store, event, email="other@example.org")

    def ask(number: int, address: str) -> tuple[int, str]:
        clock(NOW + timedelta(minutes=10 * number))  # sooner than that no link is mailed again anyway
        visitor = Visitor(app, f"192.0.2.{number}")  # each time from another network
        page = visitor.send(visitor.open("/events/forum/find"), {"email": address})
        return page.status, page.headers["Location"]

    answers = {ask(number, "Known@example.org" if number % 2 else "known@example.org") for number in range(1, 10)}
    stopped = mails(store)[2:]
    ask(10, "other@example.org")
    later = time.monotonic() + 3601
    monkeypatch.setattr(limits.time, "monotonic", lambda: later)
    ask(11, "known@example.org")

    assert answers == {(303, "/events/forum/find/sent")}
    assert stopped == [("link_again", "known@example.org")] * 6
    assert mails(store)[8:] == [("link_again", "other@example.org"), ("link_again", "known@example.org")]
