"""A session made, changed, moved, copied and removed at the organizers' pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest

from forumreg.rules.event import EventFacts, SessionFacts, facts
from forumreg.rules.event.drafts import CategoryDraft, RegistrationDraft, RoomDraft, TrackDraft
from forumreg.tables.account import Role
from tests.builders import a_registration, a_session, an_event, mails, seats_in
from tests.doors.organizer.conftest import Browser, Office
from tests.pages import Page

AT = "/organize/plan/programme"
NEW = f"{AT}/new"
ONE = f"{AT}/sessions/one"
ROOMS = (RoomDraft("hall", {"en": "Great Hall"}, 100), RoomDraft("cellar", {"en": "Cellar"}, 20))
ALWAYS = RegistrationDraft(opens_at=datetime(2015, 1, 1, tzinfo=UTC))
WHOLE = {
    "kind": "workshop",
    "title-en": "Food markets ",
    "title-fr": "Marchés",
    "abstract-en": "Who sells,\r\nwho buys.",
    "track": "food",
    "room": "cellar",
    "day": "2015-10-17",
    "starts": "14:15",
    "ends": "15:00",
    "capacity": "12",
    "languages": ["en", "ar"],
    "interpreted": ["fr"],
    "lead": "ILO",
    "speaker-0-name": "Ana Mayor",
    "speaker-0-title": "Mayor",
    "speaker-2-name": "Léa Chef",
    "speaker-2-organisation": "Market",
    "booking": "open",
    "held-press": "3",
    "visibility": "public",
}


@dataclass
class Desk:
    """An organizer at the programme of an event with two sessions that follow each other."""

    office: Office
    browser: Browser

    def open(self, address: str) -> Page:
        return Page(self.browser.get(address))

    def sends(self, page: Page, answers: dict[str, object] | None = None, form: int = 0) -> Page:
        """Send a form of a page, the one with this number among those with this page's fields."""
        found = [each for each in page.forms if "csrf_token" in each.answers][form]
        return Page(self.browser.client.post(found.action, data=found.filled(answers or {})))

    def fills(self, address: str, **answers: object) -> Page:
        """Open a session's form and send it with these answers."""
        page = self.open(address)
        form = next(each for each in page.forms if "title-en" in each.answers)
        typed = {name.replace("__", "-"): value for name, value in answers.items()}
        return Page(self.browser.client.post(form.action, data=form.filled(typed)))

    def goes_on(self, page: Page, **answers: object) -> Page:
        """Send the form of a page that asks something."""
        form = page.form
        return Page(self.browser.client.post(form.action, data=form.filled(answers)))

    def presses(self, address: str, action: str, **answers: object) -> Page:
        return Page(self.browser.press(address, action, **answers))

    @property
    def event(self) -> EventFacts:
        self.office.session.rollback()
        return facts(self.office.session, "plan")

    def stored(self, key: str) -> SessionFacts:
        found = self.event.find_planned(key)
        assert found
        return found

    def books(self, *keys: str) -> None:
        a_registration(self.office.session, self.event, sessions=seats_in(*keys))


@pytest.fixture
def desk(office: Office) -> Desk:
    sessions = (a_session("one"), a_session("two", "2015-10-16T11:00", "2015-10-16T12:30"))
    event = an_event(
        office.session, "plan", sessions=sessions, rooms=ROOMS, tracks=(TrackDraft("food", {"en": "Food"}),)
    )
    return Desk(office, office.browser_of(Role.ORGANIZER, event))


def hour(found: SessionFacts) -> str:
    return f"{found.starts_at:%d %H:%M}"


# Making and changing ---------------------------------------------------------------------------------------------


def test_a_session_is_made_with_all_that_the_form_asks(desk: Desk) -> None:
    page = desk.fills(NEW, **{name.replace("-", "__"): value for name, value in WHOLE.items()})

    made = desk.stored("food-markets")
    assert (page.status, page.headers["Location"]) == (303, f"{AT}?day=2015-10-17&chosen=food-markets#s-food-markets")
    assert (made.title, made.abstract) == (
        {"en": "Food markets", "fr": "Marchés"}, {"en": "Who sells,\nwho buys."},
    )  # fmt: skip
    assert (made.kind, made.track and made.track.key, made.room and made.room.key) == ("workshop", "food", "cellar")
    assert (made.starts_at, made.ends_at) == (
        datetime(2015, 10, 17, 12, 15, tzinfo=UTC), datetime(2015, 10, 17, 13, 0, tzinfo=UTC),
    )  # fmt: skip
    assert (made.capacity, made.languages, made.interpreted) == (12, ("en", "ar"), ("fr",))
    assert [(each.name, each.title, each.organisation) for each in made.speakers] == [
        ("Ana Mayor", "Mayor", ""), ("Léa Chef", "", "Market"),
    ]  # fmt: skip
    assert (made.booking, made.visibility, set(made.held)) == ("open", "public", {"press"})


def test_the_form_shows_what_is_stored_and_saving_it_changes_nothing(desk: Desk) -> None:
    desk.fills(NEW, **{name.replace("-", "__"): value for name, value in WHOLE.items()})
    at = f"{AT}/sessions/food-markets"
    before = desk.stored("food-markets")

    page = desk.open(at)
    answer = desk.fills(at)

    form = next(each for each in page.forms if "title-en" in each.answers)
    wanted = {name: value for name, value in WHOLE.items() if not name.startswith(("speaker", "title", "abstract"))}
    assert form.kept(wanted) == {
        name: sorted(value) if isinstance(value, list) else [value] for name, value in wanted.items()
    }
    assert form.answers["speaker-1-name"] == ["Léa Chef"]
    assert sum(name.endswith("-name") and value == [""] for name, value in form.answers.items()) == 3
    assert (answer.status, desk.stored("food-markets")) == (303, before)


def test_what_nobody_touched_stays_to_the_letter(office: Office) -> None:
    text = "Débat\u00a0: la faim, «\u202fici\u202f»"
    session = a_session("one", title={"en": text}, abstract={"fr": f"{text}\n\n{text}"}, languages=("fr", "en"))
    event = an_event(office.session, "plan", sessions=(session,), rooms=ROOMS)
    desk = Desk(office, office.browser_of(Role.ORGANIZER, event))

    desk.fills(ONE, capacity="40")

    stored = desk.stored("one")
    assert (stored.title, stored.abstract, stored.languages, stored.capacity) == (
        session.title, session.abstract, ("fr", "en"), 40,
    )  # fmt: skip


def test_what_is_missing_or_wrong_comes_back_with_everything_typed(desk: Desk) -> None:
    wrong = {
        "title-en": "", "title-fr": "", "ends": "25:00", "capacity": "many", "room": "nowhere", "speaker-1-title": "Dr",
        "held-local": "-1", "abstract-fr": "Gardé",
    }  # fmt: skip

    page = desk.fills(ONE, **{name.replace("-", "__"): value for name, value in wrong.items()})

    assert page.status == 422
    assert page.summary == ["title-en", "ends", "capacity", "held-local", "room", "speaker-1-name"]
    form = next(each for each in page.forms if "title-en" in each.answers)
    assert form.answers["abstract-fr"] == ["Gardé"]
    assert form.answers["capacity"] == ["many"]
    assert form.answers["speaker-1-title"] == ["Dr"]
    assert set(page.summary) <= set(page.ids)
    assert desk.stored("one").version == 1


@pytest.mark.parametrize(
    ("typed", "place", "said"),
    [
        ({"starts": "11:00", "ends": "09:30"}, "ends", "If it goes on past midnight, enter the day it ends, too."),
        ({"ends": "09:30"}, "ends", "It ends before it starts."),
        ({"ends_on": "2015-10-15"}, "ends_on", "Look at both days."),
        ({"day": "2016-10-16"}, "day", "more than a day outside"),
        ({"day": "16 October"}, "day", "Enter the day, such as 2015-10-16."),
        ({"capacity": "0"}, "capacity", "Enter at least 1"),
        ({"title-en": "ט" * 5000}, "title-en", "Shorten this to 300 characters."),
        ({"kind": "break"}, "booking", "A break cannot be booked."),
        ({"held-press": "101"}, "held-local", "Hold no more places than the session has"),
        ({"languages": "xx-nowhere"}, "languages", "Choose one of those that the page offers."),
    ],
)
def test_each_mistake_is_said_at_its_input(desk: Desk, typed: dict[str, str], place: str, said: str) -> None:
    page = desk.fills(ONE, **{name.replace("-", "__"): value for name, value in typed.items()})

    assert (page.status, page.summary, place in page.ids) == (422, [place], True)
    assert said in unescape(page.html)
    assert desk.stored("one").version == 1


def test_a_session_may_go_on_past_midnight(desk: Desk) -> None:
    page = desk.fills(ONE, starts="22:00", ends="01:00", ends_on="2015-10-17")

    assert (page.status, hour(desk.stored("one"))) == (303, "16 20:00")


def test_more_rows_for_speakers_keep_what_was_typed(desk: Desk) -> None:
    page = desk.fills(ONE, do="more", speaker__0__name="Ana", title__en="Typed")

    form = next(each for each in page.forms if "title-en" in each.answers)
    assert page.status == 200
    assert sorted(name for name in form.answers if name.endswith("-name")) == [f"speaker-{n}-name" for n in range(6)]
    assert (form.answers["speaker-0-name"], form.answers["title-en"]) == (["Ana"], ["Typed"])


def test_a_title_in_the_other_language_alone_will_do_and_other_languages_are_kept(desk: Desk) -> None:
    desk.fills(ONE, title__en="", title__fr="Les marchés")

    assert desk.stored("one").title == {"fr": "Les marchés"}


# Hours that do not exist or come twice ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "clock", "readings"),
    [
        (date(2015, 10, 25), "02:30", ("02:30 (Turin time, UTC+02:00)", "02:30 (Turin time, UTC+01:00)")),
        (date(2015, 3, 29), "02:30", ("03:30 (Turin time, UTC+02:00)", "01:30 (Turin time, UTC+01:00)")),
    ],
)
def test_a_doubtful_hour_is_asked_about(office: Office, day: date, clock: str, readings: tuple[str, str]) -> None:
    event = an_event(office.session, "plan", starts_on=day, ends_on=day, rooms=ROOMS, registration=ALWAYS)
    desk = Desk(office, office.browser_of(Role.ORGANIZER, event))
    answers = {"title__en": "Night walk", "day": day.isoformat(), "starts": clock, "ends": "05:00"}

    asked = desk.fills(NEW, **answers)
    first, second = (desk.fills(NEW, **{**answers, "title__en": f"Walk {fold}"}, starts_fold=fold) for fold in "01")

    assert (asked.status, asked.summary) == (422, ["starts_fold"])
    assert [word in asked.words for word in readings] == [True, True]
    assert {first.status, second.status} == {200, 303}  # one runs while the clocks change, and is looked at first
    for page in (first, second):
        assert page.status == 303 or desk.goes_on(page, do="reviewed").status == 303
    apart = desk.stored("walk-1").starts_at - desk.stored("walk-0").starts_at
    assert abs(apart) == timedelta(hours=1)


def test_a_chosen_hour_stays_chosen_when_the_form_is_opened_again(office: Office) -> None:
    day = date(2015, 10, 25)
    event = an_event(office.session, "plan", starts_on=day, ends_on=day, rooms=ROOMS, registration=ALWAYS)
    desk = Desk(office, office.browser_of(Role.ORGANIZER, event))
    answers = {"title__en": "Walk", "day": "2015-10-25", "starts": "02:30", "ends": "05:00", "starts_fold": "1"}
    desk.fills(NEW, **answers)

    again = desk.fills(f"{AT}/sessions/walk")

    assert (again.status, hour(desk.stored("walk"))) == (303, "25 01:30")


# Whom a change touches -------------------------------------------------------------------------------------------


def test_a_change_of_time_shows_whom_it_touches_before_it_is_saved(desk: Desk) -> None:
    desk.books("one", "two")
    desk.books("one")

    page = desk.fills(ONE, starts="11:30", ends="12:00", room="cellar", title__en="Typed")

    assert (page.status, hour(desk.stored("one"))) == (200, "16 07:30")
    assert "2 people have a seat." in page.words
    assert "1 of them then has another session at that time." in page.words
    assert page.form.answers["title-en"] == ["Typed"]
    assert {"clashing", "clashing-free"} <= set(page.ids)


def test_without_a_choice_nothing_is_saved_and_nothing_is_lost(desk: Desk) -> None:
    desk.books("one", "two")
    asked = desk.fills(ONE, starts="11:30", ends="12:00", room="cellar", title__en="Typed")

    page = desk.goes_on(asked, do="reviewed")

    assert (page.status, page.summary, page.form.answers["title-en"]) == (422, ["clashing"], ["Typed"])
    assert hour(desk.stored("one")) == "16 07:30"


@pytest.mark.parametrize(("choice", "told"), [("keep", "moved"), ("free", "moved")])
def test_the_choice_is_done_and_each_person_gets_one_mail(desk: Desk, choice: str, told: str) -> None:
    desk.books("one", "two")
    asked = desk.fills(ONE, starts="11:30", ends="12:00", room="cellar", title__en="Typed")
    before = len(mails(desk.office.session))

    page = desk.goes_on(asked, do="reviewed", clashing=choice)

    desk.office.session.rollback()
    assert (page.status, hour(desk.stored("one")), desk.stored("one").title["en"]) == (303, "16 09:30", "Typed")
    assert [message for message, _who in mails(desk.office.session)[before:]] == [told]
    assert "1 person is told." in desk.open(page.headers["Location"]).words


def test_back_to_the_form_from_the_review_keeps_everything(desk: Desk) -> None:
    desk.books("one")
    asked = desk.fills(ONE, starts="11:30", ends="12:00", room="cellar", title__en="Typed", speaker__0__name="Ana")

    page = desk.goes_on(asked, do="back")

    form = next(each for each in page.forms if "title-en" in each.answers)
    assert (page.status, form.answers["title-en"], form.answers["speaker-0-name"]) == (200, ["Typed"], ["Ana"])
    assert form.answers["version"] == ["1"]


def test_too_few_places_send_the_latest_to_the_waiting_list(desk: Desk) -> None:
    for _number in range(3):
        desk.books("one")

    asked = desk.fills(ONE, capacity="1")
    refused = desk.goes_on(asked, do="reviewed")
    done = desk.goes_on(asked, do="reviewed", over="waitlist")

    assert "The 2 who booked last go to the waiting list and are told" in asked.words
    assert (refused.status, refused.summary) == (422, ["over"])
    assert (done.status, desk.stored("one").capacity) == (303, 1)


def test_what_people_booked_cannot_be_hidden_from_them(desk: Desk) -> None:
    desk.books("one")

    page = desk.fills(ONE, visibility="draft", capacity="900")  # more than the room has: something to know, too

    assert (page.status, page.summary) == (422, ["visibility"])
    assert desk.stored("one").is_public


# Clashes ---------------------------------------------------------------------------------------------------------


def test_a_change_that_clashes_is_said_and_stays_a_draft(desk: Desk) -> None:
    asked = desk.fills(ONE, starts="11:00", ends="12:00")
    done = desk.goes_on(asked, do="reviewed")

    assert "is in the same room" in asked.words
    assert "Published pages still show the last version without clashes." in asked.words
    assert (done.status, hour(desk.stored("one")), desk.stored("one").proposed is not None) == (303, "16 07:30", True)
    assert "1 clash." in desk.open(done.headers["Location"]).words


def test_a_proposed_change_is_edited_published_and_dropped(desk: Desk) -> None:
    desk.goes_on(desk.fills(ONE, starts="11:00", ends="12:00"), do="reviewed")

    form = next(each for each in desk.open(ONE).forms if "title-en" in each.answers)
    refused = desk.presses(ONE, f"{ONE}/publish")
    dropped = desk.presses(ONE, f"{ONE}/discard")

    assert form.answers["starts"] == ["11:00"]
    assert (refused.status, dropped.status) == (303, 303)
    assert desk.stored("one").proposed is None


def test_a_draft_is_published(desk: Desk) -> None:
    desk.fills(NEW, title__en="Secret", day="2015-10-17", starts="09:00", ends="10:00")
    at = f"{AT}/sessions/secret"
    hidden = desk.stored("secret").is_public

    page = desk.presses(at, f"{at}/publish")

    assert (hidden, page.status, desk.stored("secret").is_public) == (False, 303, True)


# Two organizers --------------------------------------------------------------------------------------------------


def test_an_older_form_is_shown_both_versions_and_saved_by_one_button(desk: Desk) -> None:
    mine = desk.open(ONE)
    form = next(each for each in mine.forms if "title-en" in each.answers)
    desk.fills(ONE, title__en="Theirs", capacity="50")

    typed = form.filled({"title-en": "Mine", "speaker-0-name": "Ana"})
    page = Page(desk.browser.client.post(form.action, data=typed))

    assert page.status == 409
    rows = re.findall(
        r"<tr><th scope=\"row\">(.*?)</th><td dir=\"auto\">(.*?)</td><td dir=\"auto\">(.*?)</td>", page.html
    )
    assert rows == [
        ("Title, in English", "Theirs", "Mine"), ("Capacity", "50", "As the room"), ("Speakers", "–", "Ana"),
    ]  # fmt: skip
    assert desk.stored("one").title["en"] == "Theirs"

    saved = desk.goes_on(page, do="save")

    assert (saved.status, desk.stored("one").title["en"], desk.stored("one").capacity) == (303, "Mine", None)
    assert [each.name for each in desk.stored("one").speakers] == ["Ana"]


def test_an_older_move_is_shown_both_places(desk: Desk) -> None:
    desk.fills(ONE, day="2015-10-17")

    page = Page(desk.browser.send(f"{ONE}/move", {"version": "1", "by": "30"}))

    assert (page.status, hour(desk.stored("one"))) == (409, "17 07:30")
    assert desk.goes_on(page).status == 303
    assert hour(desk.stored("one")) == "17 08:00"


@pytest.mark.parametrize("act", ["publish", "discard", "remove"])
def test_a_button_of_an_older_page_does_nothing(desk: Desk, act: str) -> None:
    desk.fills(ONE, title__en="Theirs")

    page = Page(desk.browser.send(f"{ONE}/{act}", {"version": "1"}))

    assert (page.status, desk.stored("one").title["en"]) == (409, "Theirs")


# Moving, copying, removing ---------------------------------------------------------------------------------------


def test_a_session_is_moved_by_half_an_hour_and_by_room_and_back(desk: Desk) -> None:
    later = desk.browser.send(f"{ONE}/move", {"version": "1", "by": "-30"})
    shown = Page(desk.browser.get(later.location))
    undo = next(form for form in shown.forms if "back" in form.answers)
    there = hour(desk.stored("one"))
    back = Page(desk.browser.client.post(undo.action, data=undo.filled({})))
    once = desk.open(f"{AT}?day=2015-10-16")

    assert (later.status_code, later.location) == (303, f"{AT}?day=2015-10-16&chosen=one#s-one")
    assert "Moved “Session one” to Fri 16 Oct, 09:00–10:30, Great Hall." in shown.words
    assert (there, back.status, hour(desk.stored("one"))) == ("16 07:00", 303, "16 07:30")
    assert [form for form in once.forms if "back" in form.answers] == []

    desk.browser.send(f"{ONE}/move", {"version": "3", "to": "cellar"})

    assert desk.stored("one").room == desk.event.rooms[1]


def test_a_session_is_dropped_at_an_hour_of_a_day(desk: Desk) -> None:
    desk.browser.send(f"{ONE}/move", {"version": "1", "day": "2015-10-17", "at": "16:05", "to": ""})

    assert (hour(desk.stored("one")), desk.stored("one").room) == ("17 14:05", None)


def test_a_move_asks_about_those_whom_it_touches(desk: Desk) -> None:
    desk.books("one", "two")

    asked = Page(desk.browser.send(f"{ONE}/move", {"version": "1", "by": "90", "to": "cellar"}))
    refused = desk.goes_on(asked)
    done = desk.goes_on(asked, clashing="keep")

    assert (asked.status, refused.status, refused.summary) == (200, 422, ["clashing"])
    assert (done.status, hour(desk.stored("one"))) == (303, "16 09:00")


@pytest.mark.parametrize(
    "fields",
    [
        {"by": "30"},
        {"version": "1", "by": "never"},
        {"version": "1", "by": "99999999"},
        {"version": "1", "to": "nowhere"},
        {"version": "1", "starts_at": "soon"},
        {"version": "1", "day": "2015-10-16", "at": "25:00"},
        {"version": "1", "at": "10:00"},
    ],
)
def test_a_move_that_no_page_asks_for_is_refused(desk: Desk, fields: dict[str, str]) -> None:
    answer = desk.browser.send(f"{ONE}/move", fields)

    assert (answer.status_code, hour(desk.stored("one"))) == (400, "16 07:30")


def test_a_move_far_from_the_events_days_is_refused_in_words(desk: Desk) -> None:
    answer = desk.browser.send(f"{ONE}/move", {"version": "1", "starts_at": "2015-12-24T10:00:00+00:00"})

    assert (answer.status_code, hour(desk.stored("one"))) == (303, "16 07:30")
    assert "There is no place for it there." in desk.open(answer.location).words


def test_a_copy_is_a_draft_of_its_own(desk: Desk) -> None:
    page = desk.presses(ONE, f"{ONE}/duplicate")

    assert (page.status, page.headers["Location"]) == (303, f"{AT}/sessions/one-2")
    assert (desk.stored("one-2").title, desk.stored("one-2").is_public) == (desk.stored("one").title, False)
    assert [f"{AT}/sessions/{key}/people" in desk.open(f"{AT}/sessions/{key}").links for key in ("one", "one-2")] == [
        True,
        False,
    ]


def test_removing_asks_first_and_says_how_many_are_told(desk: Desk) -> None:
    desk.books("one")
    asked = desk.open(f"{ONE}/remove")

    page = desk.goes_on(asked)

    assert "1 person has a seat in it, loses it and is told by mail." in asked.words
    assert (page.status, desk.event.find_planned("one")) == (303, None)
    assert "1 person is told." in desk.open(page.headers["Location"]).words


def test_removing_without_having_read_the_number_removes_nothing(desk: Desk) -> None:
    asked = desk.open(f"{ONE}/remove")
    desk.books("one")

    page = desk.goes_on(asked)

    assert (page.status, page.headers["Location"], desk.stored("one").key) == (303, f"{ONE}/remove", "one")


def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    nowhere = f"{AT}/sessions/nowhere"

    assert [desk.browser.get(each).status_code for each in (nowhere, f"{nowhere}/remove")] == [404, 404]
    assert [
        desk.browser.send(f"{nowhere}{act}", {"version": "1"}).status_code
        for act in ("", "/move", "/publish", "/discard", "/duplicate", "/remove")
    ] == [404] * 6


def test_held_places_and_categories_are_asked_about_by_name(office: Office) -> None:
    categories = (CategoryDraft("vip", {"en": "Guests of honour"}),)
    event = an_event(office.session, "plan", rooms=ROOMS, categories=categories, sessions=(a_session("one"),))
    desk = Desk(office, office.browser_of(Role.ORGANIZER, event))

    desk.fills(ONE, held__vip="5")

    assert ("Guests of honour" in desk.open(ONE).words, set(desk.stored("one").held)) == (True, {"vip"})


def test_speakers_of_another_session_are_named(desk: Desk) -> None:
    desk.fills(f"{AT}/sessions/two", speaker__0__name="Ana Mayor")

    asked = desk.fills(ONE, room="cellar", starts="11:30", ends="12:00", speaker__0__name="ana mayor")

    assert "ana mayor also speaks in “Session two”, Fri 16 Oct, 11:00–12:30." in asked.words
