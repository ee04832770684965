"""Mails as they read: the same facts in both forms, nothing that runs or tells on its reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import png
import pytest
import zxingcpp
from flask import Flask

from forumreg.adapters.smtp import Draft
from forumreg.adapters.smtp.draft import Letter
from forumreg.base.references import Keys, link_token
from forumreg.base.settings import Settings
from forumreg.doors.worker import rendering
from forumreg.doors.worker.rendering import draft_of, message_id
from forumreg.rules.event.facts import OrganisationFacts
from forumreg.rules.registration.letters import AnnouncementFacts, ChosenSession
from forumreg.tables.booking import BookingStatus
from forumreg.tables.event import OrganisationRole
from forumreg.tables.mail import Message
from forumreg.tables.registration import Status
from forumreg.web.bare import bare_app
from tests.letters import a_letter, a_staff_letter, an_event_facts

STATUS = {
    "received": Status.PENDING,
    "waitlisted": Status.WAITLISTED,
    "declined": Status.DECLINED,
    "cancelled": Status.CANCELLED,
}
TO_REGISTRANTS = [message.value for message in Message if message is not Message.STAFF]
SECRET = "a-secret-of-this-test-long-enough"
LINK = f"https://forum.example.org/r/{link_token(Keys((SECRET,)), 'TUR-7K3M-9QXA', 1)}/"


@pytest.fixture(scope="module")
def worker_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    settings = Settings(
        database_url="sqlite://",
        secret_key=SECRET,
        base_url="https://forum.example.org",
        mail_from="no-reply@example.org",
        instance=tmp_path_factory.mktemp("instance"),
    )
    return bare_app(settings)


@pytest.fixture
def inside(worker_app: Flask) -> Iterator[None]:
    with worker_app.app_context():
        yield


def seen(html: str) -> str:
    """The words of the HTML form."""
    body = re.sub(r"<(style|title)>.*?</\1>|<!--.*?-->", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def a_draft(message: str, **changes: object) -> Draft:
    return draft_of(a_letter(message, status=STATUS.get(message, Status.CONFIRMED), **changes))


@pytest.mark.usefixtures("inside")
def test_who_is_held_on_the_list_is_not_promised_the_next_place() -> None:
    promised, held = (a_draft("waitlisted", place=12, is_held=is_held) for is_held in (False, True))

    assert ["it is yours" in draft.text for draft in (promised, held)] == [True, False]
    assert ["The organizers put you on the waiting list." in seen(draft.html) for draft in (promised, held)] == [
        False,
        True,
    ]


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("message", TO_REGISTRANTS)
def test_both_forms_say_the_same_facts(message: str) -> None:
    draft = a_draft(message, reason="The hall is full.", place=12)

    facts = ["Amina", "Forum on Examples", "TUR-7K3M-9QXA", "Turin, Italy", "forum@example.org", "EXO"]
    if STATUS.get(message) in {Status.DECLINED, Status.CANCELLED}:
        facts += ["The hall is full."] if message == "declined" else []
    else:
        facts += ["09:00", "Session 1, Sala Po", "waiting list, number 12", "Times are those of Turin."]
    text, html = " ".join(draft.text.split()), seen(draft.html)
    assert [fact for fact in facts if fact not in text] == []
    assert [fact for fact in facts if fact not in html] == []
    assert (LINK in draft.text, f'href="{LINK}"' in draft.html) == (True, True)
    assert "Forum on Examples" in draft.subject
    assert "%(" not in draft.text + draft.html + draft.subject


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("message", TO_REGISTRANTS)
def test_a_mail_weighs_under_20_kb_with_its_code(message: str) -> None:
    assert len(Letter(a_draft(message)).as_bytes()) < 20_000


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("message", TO_REGISTRANTS)
def test_no_mail_loads_anything_or_runs_anything(message: str) -> None:
    html = a_draft(message).html

    assert re.findall(r'(?:src|background)="(?!cid:)|url\(|<script|<link|@import|\son\w+=', html) == []
    assert set(re.findall(r'href="([^"]+)"', html)) <= {LINK, "mailto:forum@example.org"}


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("message", TO_REGISTRANTS)
def test_who_has_a_place_gets_the_code_as_a_picture_and_the_others_a_reference(message: str) -> None:
    draft = a_draft(message)

    has_place = message not in STATUS
    assert len(draft.pictures) == int(has_place)
    assert [f'src="cid:{picture.cid}"' in draft.html for picture in draft.pictures] == [True] * has_place
    for words in (draft.text, unescape(draft.html)):
        said = [word in words.lower() for word in ("entry code", "your reference:")]
        assert said == [has_place, not has_place]


@pytest.mark.usefixtures("inside")
def test_who_waits_for_a_place_and_a_decision_is_promised_neither() -> None:
    at_once, later = (a_draft("waitlisted", place=3, needs_decision=needs) for needs in (False, True))

    for one, other in ((at_once.text, later.text), (seen(at_once.html), seen(later.html))):
        said = [" ".join(words.split()) for words in (one, other)]
        assert ["it is yours" in words for words in said] == [True, False]
        assert ["it is kept for you until the organizers have decided" in words for words in said] == [False, True]


@pytest.mark.usefixtures("inside")
def test_a_mail_without_a_seat_does_not_speak_of_seats_in_its_calendar() -> None:
    event = an_event_facts()
    chosen = {status: ChosenSession(event.sessions[0], status, 1) for status in BookingStatus}

    drafts = [a_draft("changed", sessions=(chosen[status],)) for status in ("booked", "waitlisted", "wished")]

    sentence = "The attached calendar file holds the sessions in which you have a seat."
    assert [sentence in " ".join(draft.text.split()) for draft in drafts] == [True, False, False]
    assert [sentence in seen(draft.html) for draft in drafts] == [True, False, False]


@pytest.mark.usefixtures("inside")
def test_what_changed_is_named_and_its_values_are_not() -> None:
    letter = replace(a_letter("changed"), payload={"fields": ["email", "accessibility", "answers", "sessions", "odd"]})

    draft, former = draft_of(letter), draft_of(replace(letter, recipient="former@example.org"))

    assert "What was changed:\n- Email\n- Access needs\n- Answers\n- Sessions\n\n" in draft.text
    assert "What was changed: Email Access needs Answers Sessions" in seen(draft.html)
    assert "What was changed" not in former.text + former.html


@pytest.mark.usefixtures("inside")
def test_the_picture_is_read_by_a_scanner() -> None:
    width, height, rows, _ = png.Reader(bytes=a_draft("confirmed").pictures[0].content).asDirect()
    dots = b"".join(bytes(255 * dot for dot in row) for row in rows)

    [code] = zxingcpp.read_barcodes(memoryview(dots).cast("B", shape=[height, width]))

    assert code.text == "TUR-7K3M-9QXA"


@pytest.mark.usefixtures("inside")
def test_a_name_is_text_in_both_forms() -> None:
    draft = a_draft("confirmed", given_name='<b onclick="x">&{{ 7*7 }}%(name)s')

    assert '<b onclick="x">&{{ 7*7 }}%(name)s' in draft.text
    assert "&lt;b onclick=&#34;x&#34;&gt;&amp;{{ 7*7 }}%(name)s" in draft.html
    assert "<b onclick" not in draft.html


@pytest.mark.usefixtures("inside")
def test_the_words_of_the_event_follow_the_registrant_and_the_direction_of_the_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rendering, "installed", lambda: ("en", "ar", "fr"))

    french, arabic = a_draft("confirmed", language="fr"), a_draft("confirmed", language="ar")

    assert "Forum des exemples" in french.subject
    assert ('<html lang="fr" dir="ltr">' in french.html, french.language) == (True, "fr")
    assert "Forum on Examples" in arabic.subject
    assert '<html lang="ar" dir="rtl">' in arabic.html


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize(
    ("language", "spoken", "days"),
    [
        ("fr", "fr", "15–18 octobre 2015, Turin, Italie"),
        ("fr-CI", "fr", "15–18 octobre 2015, Turin, Italie"),
        ("ar", "en", "15–18 October 2015, Turin, Italy"),
    ],
)
def test_a_mail_is_whole_in_one_language_that_we_speak(language: str, spoken: str, days: str) -> None:
    draft = a_draft("confirmed", language=language)

    assert (draft.language, f'<html lang="{spoken}" dir="ltr">' in draft.html) == (spoken, True)
    assert days in draft.text


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("language", ["tlh", "", "not a language", "pt-BR", "zh-Hant"])
def test_any_tag_of_a_language_gets_a_mail(language: str) -> None:
    assert a_draft("confirmed", language=language).text


@pytest.mark.usefixtures("inside")
def test_an_address_that_was_given_up_gets_no_key() -> None:
    draft = draft_of(replace(a_letter("changed"), recipient="former@example.org"))

    assert "another address" in draft.text
    assert [secret for secret in ("/r/", "09:00") if secret in draft.text + draft.html] == []
    assert (draft.pictures, draft.calendar) == ((), b"")


@pytest.mark.usefixtures("inside")
def test_who_moves_up_to_an_organizers_decision_is_not_promised_a_place() -> None:
    waiting, placed = a_letter("promoted", status=Status.PENDING), a_letter("promoted")

    assert [draft_of(letter).subject for letter in (waiting, placed)] == [
        "Your turn has come: Forum on Examples",
        "You have a place: Forum on Examples",
    ]


@pytest.mark.usefixtures("inside")
def test_sessions_gained_and_left_are_listed_and_so_are_lines_joined_and_given_up() -> None:
    event = an_event_facts()
    changes = {"gained": event.sessions[:1], "left": event.sessions[1:]}

    draft = a_draft("changed", payload={"joined": [2], "gave_up": [1, 3]}, **changes)

    for words in (" ".join(draft.text.replace("- ", "").split()), seen(draft.html)):
        assert "You now have a seat in: Session 1" in words
        assert "You no longer have a seat in: Session 2 Session 3" in words
        assert "You are now on the waiting list of: Session 2" in words
        assert "You are no longer on the waiting list of: Session 1 Session 3" in words


@pytest.mark.usefixtures("inside")
def test_organizations_are_named_as_what_they_are_and_nobody_who_was_refused_is_said_to_see() -> None:
    names = {"organizer": ("Turin",), "co-organizer": ("ILO", "UCLG")}
    roles = [(name, OrganisationRole(role)) for role, some in names.items() for name in some]
    event = an_event_facts(
        organisations=tuple(
            OrganisationFacts(number, name, name, "IT", role, (), {}) for number, (name, role) in enumerate(roles)
        )
    )

    refused, waits = a_draft("changed", event=event, shared_with=()), a_draft("waitlisted", event=event)

    for words in (" ".join(refused.text.split()), seen(refused.html)):
        assert "The organizer: Turin. The co-organizers: ILO, UCLG." in words
        assert "You share your details with no organization: only the team that runs registration sees them." in words
    assert "No organization sees your details yet. Once you have a place: EXO." in seen(waits.html)


@pytest.mark.usefixtures("inside")
def test_a_seat_that_became_a_wish_is_told_of_once() -> None:
    event = an_event_facts()
    wishes = tuple(ChosenSession(each, BookingStatus.WISHED, None) for each in event.sessions[:2])

    draft = a_draft("waitlisted", is_held=True, sessions=wishes, left=event.sessions[1:])

    for words in (" ".join(draft.text.split()), seen(draft.html)):
        assert re.findall(
            r"Session \d[^:]*?(asked for; you hold no seat yet|no longer have a seat; it stays)", words
        ) == [
            "asked for; you hold no seat yet",
            "no longer have a seat; it stays",
        ]
        assert re.search(r"You no longer have a seat in: (- )?Session 3\b", words)


@pytest.mark.usefixtures("inside")
def test_a_mail_of_an_account_links_to_us_alone() -> None:
    text = "Open https://forum.example.org/reset/a&b\n\nNot <b> https://evil.example/x"

    draft = draft_of(a_staff_letter(subject="Your password", text=text))

    assert (draft.subject, draft.text.strip().endswith("https://evil.example/x")) == ("Your password", True)
    assert re.findall(r'href="([^"]+)"', draft.html) == ["https://forum.example.org/reset/a&amp;b"]
    assert "&lt;b&gt;" in draft.html


@pytest.mark.usefixtures("inside")
def test_the_id_is_the_same_each_time_and_another_for_another_mail() -> None:
    letter = a_letter()
    other = replace(letter, key="TUR-2345-6738, confirmed, 1")
    elsewhen = replace(letter, created_at=datetime(2026, 1, 1, tzinfo=UTC))

    ids = [message_id(facts) for facts in (letter, letter, other, elsewhen)]

    assert (len(set(ids)), ids[0], "17" in ids[0].split("@")[1]) == (3, ids[1], False)


@pytest.mark.usefixtures("inside")
def test_a_link_that_was_replaced_is_not_said_to_have_been_asked_for() -> None:
    asked, replaced = (
        draft_of(replace(a_letter("link_again"), payload=payload)) for payload in ({}, {"replaced": True})
    )

    for one, other in ((asked.text, replaced.text), (seen(asked.html), seen(replaced.html))):
        said = [" ".join(words.split()) for words in (one, other)]
        assert ["asked us to mail this link" in words for words in said] == [True, False]
        assert ["The link that you had before has ended." in words for words in said] == [False, True]


# The programme's own mails ----------------------------------------------------------------------------------------


def a_move(seat: str, *, is_gone: bool = False) -> dict[str, object]:
    was = {
        "starts_at": "2015-10-15T07:00:00+00:00",
        "ends_at": "2015-10-15T08:00:00+00:00",
        "room": {"en": "Sala Po"},
    }
    now = {"starts_at": "2015-10-16T12:30:00+00:00", "ends_at": "2015-10-16T13:30:00+00:00", "room": {"en": "<Dora>"}}
    return {"session": "s1", "title": {"en": "Jobs & <b>"}, "was": was, "now": None if is_gone else now, "seat": seat}


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize(
    ("move", "outcome"),
    [
        (a_move("kept"), "You keep your seat."),
        (a_move("clashing"), "You keep your seat, but it is now at the same time as another of your sessions"),
        (a_move("freed"), "You no longer have a seat in it."),
        (a_move("waitlisted"), "The room takes fewer people now: you are on the waiting list of this session."),
        (a_move("waiting"), "You keep your place in line."),
        (a_move("freed", is_gone=True), "Your seat is gone with it."),
        (a_move("waiting", is_gone=True), "Its waiting list is gone with it."),
    ],
)
def test_a_change_of_the_programme_is_told_with_before_and_after_and_what_became_of_the_seat(
    move: dict[str, object], outcome: str
) -> None:
    draft = a_draft("moved", payload={"changes": [move]})

    after = "Now: Friday 16 October, 14:30–15:30, <Dora>" if move["now"] else "Now: not in the programme any more"
    for words in (" ".join(draft.text.split()), seen(draft.html)):
        for said in ("Jobs & <b>", "Before: Thursday 15 October, 09:00–10:00, Sala Po", after, outcome):
            assert said in words
    assert (draft.calendar_method, draft.calendar[:15]) == ("PUBLISH", b"BEGIN:VCALENDAR")


@pytest.mark.usefixtures("inside")
def test_who_was_passed_over_reads_which_session_stood_in_the_way() -> None:
    event = an_event_facts()
    first, second = event.sessions[:2]
    beside = replace(second, starts_at=first.starts_at, ends_at=first.ends_at)
    event = replace(event, sessions=(first, beside, event.sessions[2]))

    draft = draft_of(a_letter("passed_over", event=event, payload={"passed": [beside.id]}))

    for words in (" ".join(draft.text.split()), seen(draft.html)):
        assert "“Session 2”, Thursday 15 October, 09:00: you have “Session 1” at that time." in words
        assert "leave the other session with the button" in words


@pytest.mark.usefixtures("inside")
def test_what_organizers_write_is_text_in_paragraphs() -> None:
    said = AnnouncementFacts(
        "Bring <b>a laptop</b>\r\nBcc: x@example.org",
        "One & <script>\r\nsame\r\n\r\n\r\n{{ 7*7 }} %(name)s",
        {"en": "Jobs"},
    )

    draft = a_draft("announcement", announcement=said, payload={"announcement": 1})

    assert draft.subject == "Bring <b>a laptop</b> Bcc: x@example.org: Forum on Examples"
    assert "One & <script>\nsame\n\n{{ 7*7 }} %(name)s" in draft.text.replace("\n\n\n", "\n\n")
    assert ">One &amp; &lt;script&gt;\nsame</p>" in draft.html
    assert ">{{ 7*7 }} %(name)s</p>" in draft.html
    assert "everybody who has a seat in “Jobs”" in seen(draft.html)


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("message", ["moved", "passed_over", "announcement"])
def test_an_address_that_was_given_up_reads_nothing_of_the_programme(message: str) -> None:
    letter = a_letter(
        message,
        payload={"changes": [a_move("kept")], "passed": [2]},
        announcement=AnnouncementFacts("Laptop", "The door code is 4711", {"en": "Jobs"}),
    )

    draft = draft_of(replace(letter, recipient="former@example.org"))

    told = draft.subject + draft.text + draft.html
    assert [secret for secret in ("Jobs", "4711", "Laptop", "Session 2", "/r/") if secret in told] == []
    assert "another address" in draft.text


@pytest.mark.usefixtures("inside")
def test_a_seat_that_clashes_is_listed_with_the_session_it_clashes_with() -> None:
    event = an_event_facts()
    seats = (ChosenSession(event.sessions[1], BookingStatus.CLASHING, None, event.sessions[0]),)

    draft = a_draft("changed", sessions=seats)

    assert "at the same time as “Session 1”: choose one" in " ".join(draft.text.split())
    assert "at the same time as “Session 1”: choose one" in seen(draft.html)
