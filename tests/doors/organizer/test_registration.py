"""A registrant's page, and the decisions on it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from forumreg.base.references import Keys
from forumreg.rules import journal
from forumreg.rules.access import Anonymous, Participant, Shell
from forumreg.rules.event import facts
from forumreg.rules.event.drafts import CategoryDraft
from forumreg.rules.registration import cancel, confirm, decline, share, submit, token_of, waitlist
from forumreg.store.writing import writing
from forumreg.tables.account import Role
from forumreg.tables.registration import Registration
from tests.builders import (
    NOW,
    a_registration,
    a_session,
    a_submission,
    an_event,
    every_kind_of_question,
    mails,
    seats_in,
)
from tests.conftest import SECRET
from tests.doors.organizer.conftest import Browser, Office
from tests.seating import clashing, invited


def at(reference: str, action: str = "") -> str:
    """The address of a registrant's page, or of a form on it."""
    return f"/organize/forum/attendees/{reference}" + (f"/{action}" if action else "")


def test_everything_about_a_registrant_stands_on_one_page(office: Office) -> None:
    event = an_event(office.session, "long", fields=every_kind_of_question())
    browser = office.browser_of(Role.ORGANIZER, event)
    sent = a_submission(
        honorific="Dr.",
        given_name="Awa",
        family_name="Diallo",
        badge_name="Awa D.",
        job_title="Mayor",
        phone="+225 27 00 00 00",
        dietary=("halal",),
        accessibility="Step-free.\nNear the door.",
        interpretation="fr",
        sharing=frozenset({event.sharing[0].id}),
        answers={"visa": True, "passport": "X123", "lunch": "late", "themes": ["jobs", "food"], "staff": 120.0},
    )
    reference = submit(office.session, Anonymous(), event, sent, now=NOW).reference

    page = unescape(browser.get(f"/organize/long/attendees/{reference}").text)

    told = (
        "Dr. Awa Diallo|Awa D.|Mayor|+225 27 00 00 00|Halal|Near the door.|French|Local government|City of Odienné|"
        "Do you need a visa letter?|X123|At one|Jobs, Food|120|ILO|Registration confirmed|Registered"
    )
    assert [words for words in (*told.split("|"), reference) if words not in page] == []


def test_sessions_are_shown_with_seat_or_rank(office: Office, organizer: Browser) -> None:
    reference = office.register(sessions=seats_in("opening"))

    page = organizer.get(at(reference)).text

    assert re.findall(r"<span>(Session opening)</span>\s*<span class=\"pill\"[^>]*>(.*?)</span>", page) == [
        ("Session opening", "Has a seat")
    ]


@pytest.mark.parametrize(
    ("action", "asked_on", "category", "status", "said"),
    [
        ("confirm", "", "press", "confirmed", "is confirmed, and a mail says so."),
        ("waitlist", "waitlist", "press", "waitlisted", "is on the waiting list, and a mail says so."),
        ("waitlist", "waitlist", "local", "waitlisted", "is on the waiting list, and a mail says so."),
    ],
)
def test_a_decision_is_done_said_and_mailed(
    office: Office, organizer: Browser, action: str, asked_on: str, category: str, status: str, said: str
) -> None:
    reference = office.register(category=category, given_name="Awa", family_name="Diallo")

    answer = organizer.press(at(reference, asked_on), at(reference, action))
    after = organizer.get(answer.location).text

    assert (answer.status_code, answer.location) == (303, at(reference))
    assert (office.status_of(reference), f"Awa Diallo {said}" in after) == (status, True)
    assert mails(office.session)[-1][0] == status


@pytest.mark.parametrize("category", ["local", "press"])
def test_putting_on_the_waiting_list_asks_once_for_the_place_goes_to_who_waits(
    office: Office, organizer: Browser, category: str
) -> None:
    reference = office.register(given_name="Awa", family_name="Diallo", category=category)
    before = office.status_of(reference)

    page, question = organizer.get(at(reference)).text, organizer.get(at(reference, "waitlist")).text

    assert (f'action="{at(reference, "waitlist")}"' in page, f'href="{at(reference, "waitlist")}"' in page) == (
        False,
        True,
    )
    assert "Put Awa Diallo on the waiting list?" in question
    assert "Their place and their seats go to those who wait, at once." in question
    assert office.status_of(reference) == before


def test_who_was_declined_by_mistake_is_put_on_the_waiting_list(office: Office, organizer: Browser) -> None:
    reference = office.register(given_name="Awa", family_name="Diallo")
    decline(office.session, Shell(), reference, reason="Too late.", now=NOW)

    answer = organizer.press(at(reference), at(reference, "waitlist"))

    assert "Awa Diallo is on the waiting list, and a mail says so." in organizer.get(answer.location).text
    assert (office.status_of(reference), mails(office.session)[-1][0]) == ("waitlisted", "waitlisted")


def test_somebody_on_the_waiting_list_is_given_a_place(office: Office, organizer: Browser) -> None:
    reference = office.register()
    waitlist(office.session, Shell(), reference, now=NOW)

    organizer.press(at(reference), at(reference, "promote"))

    assert (office.status_of(reference), mails(office.session)[-1][0]) == ("confirmed", "promoted")


def test_a_decline_gives_its_reason_to_the_registrant(office: Office, organizer: Browser) -> None:
    reference = office.register(category="press")

    answer = organizer.press(at(reference), at(reference, "decline"), reason="Bring an accreditation <b>first</b>.")

    page = organizer.get(answer.location).text
    assert office.status_of(reference) == "declined"
    assert page.count("Bring an accreditation &lt;b&gt;first&lt;/b&gt;.") == 2
    assert history(page)[0] == "Declined: Bring an accreditation &lt;b&gt;first&lt;/b&gt;. (Sample Staff)"


def test_the_history_gives_the_reason_of_the_decline_that_stands_alone(office: Office, organizer: Browser) -> None:
    reference = office.register()
    for reason in ("Too late.", "No place."):
        decline(office.session, Shell(), reference, reason=reason, now=NOW)
        standing = organizer.get(at(reference)).text
        confirm(office.session, Shell(), reference, now=NOW)

    assert history(standing)[:3] == [
        "Declined: No place. (at the command line)",
        "Confirmed (at the command line)",
        "Declined (at the command line)",
    ]
    assert "No place." not in organizer.get(at(reference)).text


@pytest.mark.parametrize("reason", ["", "   ", "x" * 1001])
def test_a_decline_without_a_usable_reason_comes_back(office: Office, organizer: Browser, reason: str) -> None:
    reference = office.register(category="press")

    answer = organizer.press(at(reference), at(reference, "decline"), reason=reason)

    assert (answer.status_code, office.status_of(reference)) == (422, "pending")
    assert 'href="#reason"' in answer.text
    assert reason.strip() in answer.text


def test_cancelling_asks_once_on_its_own_page(office: Office, organizer: Browser) -> None:
    reference = office.register(given_name="Awa", family_name="Diallo")

    question = organizer.get(at(reference, "cancel"))
    before = office.status_of(reference)
    answer = organizer.press(at(reference, "cancel"), at(reference, "cancel"))

    assert (question.status_code, before, office.status_of(reference)) == (200, "confirmed", "cancelled")
    assert mails(office.session)[-1][0] == "cancelled"
    assert "The registration of Awa Diallo is cancelled" in organizer.get(answer.location).text


@pytest.mark.parametrize("action", ["confirm", "waitlist", "decline", "cancel", "promote"])
def test_a_form_of_an_older_version_is_told_what_changed(office: Office, organizer: Browser, action: str) -> None:
    reference = office.register(category="press")
    page = at(reference, "cancel") if action == "cancel" else at(reference)
    opened = organizer.form_of(page, at(reference, "cancel" if action == "cancel" else "decline"))
    decline(office.session, Shell(), reference, reason="Too late.", now=NOW)

    answer = organizer.client.post(at(reference, action), data={**opened, "reason": "Mine."})

    assert (answer.status_code, office.status_of(reference)) == (409, "declined")
    assert "This registration changed while you looked at it" in answer.text
    assert history(answer.text) == ["Declined: Too late. (at the command line)"]


def test_seats_that_clash_or_were_given_are_shown_and_told_in_words(office: Office) -> None:
    event = an_event(
        office.session,
        "long",
        sessions=(
            a_session("A"),
            a_session("B", "2015-10-16T10:00", "2015-10-16T12:00"),
            a_session("I", "2015-10-17T10:00", "2015-10-17T12:00", capacity=3, booking="invitation"),
        ),
    )
    browser = office.browser_of(Role.ORGANIZER, event)
    mine = a_registration(office.session, event, sessions=seats_in("A"), understands=("en", "fr"))
    clashing(office.session, event, mine, "B")
    invited(office.session, event, mine, "I")
    acts = [
        ("programme_changed", {"sessions": ["B", "gone"]}),
        ("seat_given", {"session": "I"}),
        ("seat_given", {"session": "A", "why": "next in line"}),
        ("passed_over", {"session": "A", "why": "elsewhere at that time"}),
        ("seat_taken", {"session": "A"}),
    ]
    with writing(office.session):
        for action, after in acts:
            journal.write(
                office.session, Shell(), action, subject=("registration", mine.id), event_id=event.id, now=NOW,
                after=after,
            )  # fmt: skip

    page = unescape(browser.get(f"/organize/long/attendees/{mine.reference}").text)

    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Has a seat that clashes with “Session A”" in words
    assert "Session I Has a seat by invitation" in words
    assert "Understands English, French" in words
    for told in (
        "Told of a change of the programme",
        "Given a seat in a session: Session I",
        "Given a seat from a session’s waiting list",
        "A seat in a session went to the next: they were elsewhere at that time",
        "A seat in a session was taken back",
        "“Session B”, “gone”",
    ):
        assert told in words


def history(page: str) -> list[str]:
    """The lines of a history, latest first."""
    lines = re.findall(r"</time>\s*<span>(.*?)</span>\s*</li>", page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", "", line).split()) for line in lines]


def test_the_history_tells_who_did_what(office: Office, organizer: Browser) -> None:
    reference = office.register(category="press", sharing=frozenset())
    row = office.session.query(Registration).filter_by(reference=reference).one()
    organizer.press(at(reference), at(reference, "confirm"))
    ilo = office.event.sharing[0].id
    share(office.session, Participant(row.id), reference, {ilo}, now=NOW)

    assert history(organizer.get(at(reference)).text) == [
        "Changed with whom their data is shared: now with ILO (the registrant)",
        "Confirmed (Sample Staff)",
        "Registered: Pending (the registrant)",
    ]


def test_the_view_of_the_list_is_kept_through_decisions(office: Office, organizer: Browser) -> None:
    office.register(category="press", family_name="Other", country="FR")
    reference = office.register(category="press", family_name="Wanted", country="IT")
    view = "?status=pending&country=IT"
    listed = unescape(organizer.get(f"/organize/forum/attendees{view}").text)
    assert at(reference) + view in re.findall('href="([^"]+)"', listed)

    pages = [unescape(organizer.get(at(reference, act) + view).text) for act in ("", "cancel", "waitlist")]
    form = organizer.form_of(at(reference), at(reference, "confirm"))
    done = organizer.client.post(at(reference, "confirm") + view, data=form)
    older = organizer.client.post(at(reference, "decline") + view, data={**form, "reason": "Too late."})

    assert f'<a href="/organize/forum/attendees{view}">Back to the list</a>' in pages[0]
    for act, page in zip(("confirm", "cancel", "waitlist"), pages, strict=True):
        assert f'action="{at(reference, act)}{view}"' in page
    assert [f'href="{at(reference)}{view}"' in page for page in (*pages[1:], unescape(older.text))] == [True] * 3
    assert (done.status_code, done.location, older.status_code) == (303, at(reference) + view, 409)


def test_nothing_but_a_view_of_the_own_list_is_kept(office: Office, organizer: Browser) -> None:
    reference = office.register()

    page = unescape(
        organizer.get(at(reference) + "?next=//evil.example&back=https://evil.example&q=//evil.example").text
    )

    assert '<a href="/organize/forum/attendees?q=//evil.example">Back to the list</a>' in page
    assert [href for href in re.findall('(?:href|action)="([^"]+)"', page) if "evil" in href.partition("?")[0]] == []


def test_what_is_refused_is_explained(office: Office, organizer: Browser) -> None:
    reference = office.register()
    form = organizer.form_of(at(reference), at(reference, "decline"))

    answer = organizer.client.post(at(reference, "promote"), data=form)

    assert answer.status_code == 303
    assert "This registration is not on the waiting list any more." in organizer.get(answer.location).text


LUNCH = every_kind_of_question()[3]
PRESS = CategoryDraft("press", {"en": "Press"}, capacity=1)
FULL = {
    "the event": ({"capacity": 1}, "The event is full. A place comes free when"),
    "a category": ({"categories": (PRESS,)}, "The category “Press” is full, even if the event has places."),
    "an answer": ({"fields": (LUNCH,)}, "The answer “At noon” to “Lunch” has no place left. One comes free when"),
}


@pytest.mark.parametrize("what", FULL)
def test_what_is_full_is_named_for_one_and_for_several(office: Office, what: str) -> None:
    facts_, said = FULL[what]
    event = an_event(office.session, "tight", **facts_)
    browser = office.browser_of(Role.ORGANIZER, event)
    chosen = {"category": "press", "answers": {"lunch": "early"} if "fields" in facts_ else {}}
    declined = a_registration(office.session, event, **chosen).reference
    decline(office.session, Shell(), declined, reason="No.", now=NOW)
    waiting = a_registration(office.session, event, **chosen).reference
    waitlist(office.session, Shell(), waiting, now=NOW)
    a_registration(office.session, event, **chosen)
    listed = "/organize/tight/attendees"

    one = browser.press(f"{listed}/{declined}", f"{listed}/{declined}/confirm")
    told_of_one = unescape(browser.get(one.location).text)
    several = browser.send(listed, {"reference": waiting, "do": "promoted"})
    told_of_several = unescape(browser.get(several.location).text)

    assert [said in told for told in (told_of_one, told_of_several)] == [True, True]


def test_a_form_without_a_version_is_not_read(office: Office, organizer: Browser) -> None:
    reference = office.register(category="press")

    answers = [organizer.send(at(reference, "confirm"), fields) for fields in ({}, {"version": "x"})]

    assert ([answer.status_code for answer in answers], office.status_of(reference)) == ([400, 400], "pending")


def test_what_cannot_be_done_is_not_offered(office: Office, organizer: Browser) -> None:
    reference = office.register()
    cancel(office.session, Shell(), reference, now=NOW)

    page = organizer.get(at(reference)).text

    assert re.findall(rf'action="{at(reference)}/(\w+)"', page) == []


def test_a_registrant_of_another_event_is_not_found(office: Office, organizer: Browser) -> None:
    elsewhere = an_event(office.session, "elsewhere")
    theirs = submit(office.session, Anonymous(), elsewhere, a_submission(), now=NOW).reference
    both = office.browser_of(Role.ORGANIZER)

    assert organizer.get(at(theirs)).status_code in {403, 404}
    assert both.send(at(theirs, "confirm"), {"version": 1}).status_code in {403, 404}


def test_an_administrator_does_not_mix_events(office: Office) -> None:
    elsewhere = an_event(office.session, "elsewhere")
    theirs = submit(office.session, Anonymous(), elsewhere, a_submission(), now=NOW).reference
    administrator = office.browser_of(Role.DESK, is_admin=True)

    assert administrator.get(f"/organize/elsewhere/attendees/{theirs}").status_code == 200
    assert administrator.get(at(theirs)).status_code == 404
    assert administrator.send(at(theirs, "cancel"), {"version": 1}).status_code == 404


def test_a_reference_that_does_not_exist_is_not_found(organizer: Browser) -> None:
    assert organizer.get(at("TUR-2222-2222")).status_code == 404


def test_a_second_reference_of_a_known_person_leads_to_the_first(office: Office, organizer: Browser) -> None:
    person = {"given_name": "Awa", "family_name": "Diallo", "email": "awa@example.org"}
    reference = office.register(**person)
    event = facts(office.session, "forum")
    again = submit(office.session, Anonymous(), event, a_submission(**person), now=NOW).reference

    answer = organizer.get(at(again))

    assert again != reference
    assert (answer.status_code, answer.location) == (303, at(reference))


def test_a_link_is_replaced_by_a_new_one_that_is_mailed(office: Office, organizer: Browser) -> None:
    reference = office.register(given_name="Awa", family_name="Diallo")
    old = own_link(office, reference)

    answer = organizer.press(at(reference), at(reference, "link"))

    assert (answer.status_code, answer.location) == (303, at(reference))
    assert "Awa Diallo has a new link by mail. The old one has ended." in organizer.get(answer.location).text
    opened = [organizer.get(link).status_code for link in (old, own_link(office, reference))]
    assert (opened, office.acts()[-1], mails(office.session)[-1][0]) == ([404, 200], "link_replaced", "link_again")


def own_link(office: Office, reference: str) -> str:
    """The address of the own page as its link stands now."""
    office.session.rollback()
    return f"/r/{token_of(office.session, Keys((SECRET,)), reference)}/"
