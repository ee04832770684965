"""A programme brought in from a file by an organizer: looked at first, then done whole or not at all."""

from __future__ import annotations

import os
import re
import time
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from forumreg.adapters import kept_files
from forumreg.adapters.schedule.reading_words import SENTENCES
from forumreg.doors.worker.timetable import drop_kept_files
from forumreg.rules.event import facts
from forumreg.tables.account import Role
from tests.builders import a_session, an_event, mails, seats_in
from tests.doors.organizer.conftest import Browser, Office
from tests.schedules import csv_of, schedule_json, schedule_xml, sessions_of

IMPORT = "/organize/forum/programme/import"
HEAD = ("id", "title_en", "title_fr", "starts_at", "ends_at", "kind", "room")
OPENING = (
    "opening",
    "Session opening",
    "Séance opening",
    "2015-10-16T09:30+02:00",
    "2015-10-16T11:00+02:00",
    "panel",
    "hall",
)
LATER = (*OPENING[:3], "2015-10-16T14:00+02:00", "2015-10-16T15:30+02:00", *OPENING[5:])


def send(browser: Browser, blob: bytes, name: str = "schedule.xml") -> TestResponse:
    """Choose a file and send it."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/organize/").text)
    data = {"csrf_token": found[1] if found else "", "file": (BytesIO(blob), name)}
    return browser.client.post(IMPORT, data=data, content_type="multipart/form-data")


def looked(browser: Browser, blob: bytes) -> str:
    """Send a file; answers the address of what it would change."""
    sent = send(browser, blob)
    assert sent.status_code == 303, sent.text
    return str(sent.headers["Location"])


def form_of(browser: Browser, page: str, action: str) -> dict[str, object]:
    """What the form of a page that changes something holds."""
    form = re.search(
        rf'<form[^>]*method="post" action="{re.escape(action)}".*?</form>', browser.get(page).text, re.DOTALL
    )
    assert form, f"no form to {action} on {page}"
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))


def press(browser: Browser, page: str, action: str, **fields: object) -> TestResponse:
    """Send that form with these answers."""
    return browser.client.post(action, data={**form_of(browser, page, action), **fields})


def sessions(office: Office) -> dict[str, str]:
    """The hours at which sessions start, by key."""
    office.session.rollback()
    event = facts(office.session, "forum")
    return {entry.key: entry.starts_at.astimezone(event.zone).strftime("%d %H:%M") for entry in event.planned}


def test_a_file_is_shown_first_and_changes_nothing_by_that(office: Office, organizer: Browser) -> None:
    page = organizer.get(looked(organizer, schedule_xml(sessions_of(2, rooms=1))))

    assert page.status_code == 200
    assert "2 sessions are added" in page.text
    assert "Talk 1: développement local et emploi" in page.text
    assert "1 session is not in the file" in page.text
    assert sessions(office) == {"opening": "16 09:30"}


def test_bringing_it_in_adds_and_changes_and_keeps_what_the_file_leaves_out(office: Office, organizer: Browser) -> None:
    address = looked(organizer, schedule_json(sessions_of(2, rooms=1)))

    done = press(organizer, address, address)

    assert (done.status_code, done.headers["Location"]) == (303, "/organize/forum/programme")
    assert sorted(sessions(office).values()) == ["15 09:00", "15 10:00", "16 09:30"]
    assert list((Path(office.app.instance_path) / kept_files.FOLDER).iterdir()) == []


def test_a_change_is_shown_field_by_field(organizer: Browser) -> None:
    page = organizer.get(looked(organizer, csv_of([HEAD, LATER])))

    rows = re.findall(r"<bdi>([^<]*)</bdi></th><td><bdi>([^<]*)</bdi></td><td><bdi>([^<]*)</bdi></td>", page.text)
    assert ("Start", "Fri 16 Oct, 09:30", "Fri 16 Oct, 14:00") in rows


def test_what_goes_is_looked_at_before_it_goes(office: Office, organizer: Browser) -> None:
    address = looked(organizer, csv_of([HEAD, ("new", "New", "", *OPENING[3:])]))

    first = press(organizer, address, address, remove="1")
    look = organizer.get(first.headers["Location"])
    unchanged = sessions(office)
    second = press(organizer, first.headers["Location"], address, remove="1")

    assert (first.status_code, look.status_code, second.status_code) == (303, 200, 303)
    assert 'value="1" checked' in look.text
    assert list(unchanged) == ["opening"]
    assert list(sessions(office)) == ["new"]


def test_people_who_are_touched_are_told_once_and_only_when_it_was_chosen(office: Office, organizer: Browser) -> None:
    office.session.rollback()
    office.register(sessions=seats_in("opening"))
    address = looked(organizer, csv_of([HEAD, LATER]))
    before = mails(office.session)

    page = organizer.get(address)
    form = form_of(organizer, address, address)
    refused = organizer.client.post(address, data={name: value for name, value in form.items() if name != "told"})
    unchanged = sessions(office)
    done = press(organizer, address, address)

    office.session.rollback()
    assert "1 person has a seat." in page.text
    assert (refused.status_code, unchanged) == (422, {"opening": "16 09:30"})
    assert (done.status_code, sessions(office)) == (303, {"opening": "16 14:00"})
    assert [message for message, _to in mails(office.session)[len(before) :]] == ["moved"]


def test_a_programme_that_changed_meanwhile_is_looked_at_again(office: Office, organizer: Browser) -> None:
    address = looked(organizer, csv_of([HEAD, LATER]))
    form = form_of(organizer, address, address)
    an_event(office.session, sessions=(a_session("opening"), a_session("other", room=None)))

    answer = organizer.client.post(address, data=form)

    assert answer.status_code == 409
    assert "Somebody changed the programme meanwhile." in answer.text
    assert sessions(office) == {"opening": "16 09:30", "other": "16 09:30"}


def test_columns_are_corrected_on_the_page(office: Office, organizer: Browser) -> None:
    blob = csv_of([("Was", "Wann", "Bis", "Wo"), ("Eröffnung", "2015-10-16 09:00", "2015-10-16 10:00", "Halle")])
    address = looked(organizer, blob)

    asked = organizer.get(address)
    page = organizer.get(f"{address}?c0=title&c1=starts_at&c2=ends_at&c3=leave")
    done = press(organizer, f"{address}?c0=title&c1=starts_at&c2=ends_at&c3=leave", address)

    assert asked.status_code == 422
    assert "Title: No column is taken for this. Choose one." in asked.text
    assert "<bdi>Wo</bdi>, 1 time" in page.text
    assert done.status_code == 303
    assert sessions(office)["eroffnung"] == "16 09:00"


def test_what_is_wrong_is_named_with_its_place_and_nothing_is_kept(office: Office, organizer: Browser) -> None:
    (session,) = sessions_of(1)

    answer = send(organizer, schedule_xml([{**session, "title": "x" * 5_000}]))

    assert answer.status_code == 422
    assert "day[1]/room[1]/event[1]/title: The text has 5000 characters; 300 are the most." in answer.text
    assert not (Path(office.app.instance_path) / kept_files.FOLDER).exists()


@pytest.mark.parametrize(
    ("blob", "status", "said"),
    [
        (b"", 422, "Choose a file that is not empty."),
        (b"%PDF-1.7 of a printer", 415, SENTENCES["unknown_file"]),
        (b"<schedule>" + b" " * (10 * 1024 * 1024), 413, "The file is larger than 10 MB."),
        (b"<schedule>" + b" " * (11 * 1024 * 1024), 413, "The file is larger than 10 MB."),
        (b"<!DOCTYPE a><schedule/>", 422, SENTENCES["doctype"]),
    ],
    ids=["empty", "another kind", "too large", "far too large", "a document type"],
)
def test_a_file_that_cannot_be_is_refused_plainly(blob: bytes, status: int, said: str, organizer: Browser) -> None:
    answer = send(organizer, blob)

    assert (answer.status_code, said in answer.text) == (status, True)


def test_only_this_address_takes_large_requests(office: Office, organizer: Browser) -> None:
    large = {"csrf_token": "x", "file": (BytesIO(b"x" * 2_000_000), "a.csv")}
    nobody = office.browser_of(None)

    elsewhere = organizer.client.post("/organize/forum/partners/1", data=large, content_type="multipart/form-data")
    large["file"] = (BytesIO(b"x" * 2_000_000), "a.csv")
    unknown = nobody.client.post(IMPORT, data=large, content_type="multipart/form-data")

    assert (elsewhere.status_code, unknown.status_code) == (413, 413)


def test_a_request_that_is_no_form_is_refused_plainly(organizer: Browser) -> None:
    answer = organizer.client.post(IMPORT, data=b"<schedule/>", content_type="application/xml")

    assert (answer.status_code, SENTENCES["unknown_file"] in answer.text) == (415, True)


def test_a_kept_file_is_of_one_person_at_one_event(office: Office, organizer: Browser) -> None:
    address = looked(organizer, csv_of([HEAD, LATER]))
    other_event = an_event(office.session, "other")
    colleague = office.browser_of(Role.ORGANIZER)
    of_both = office.browser_of(Role.ORGANIZER, other_event)

    answers = [
        colleague.get(address).status_code,
        of_both.get(address.replace("/forum/", "/other/")).status_code,
        organizer.get(f"{IMPORT}/{'a' * 22}").status_code,
        organizer.get(f"{IMPORT}/..%2Fsecret-key").status_code,
    ]

    assert answers == [410, 410, 410, 404]


def test_dropping_the_file_changes_nothing(office: Office, organizer: Browser) -> None:
    address = looked(organizer, csv_of([HEAD, LATER]))

    dropped = press(organizer, address, f"{address}/drop")

    assert (dropped.status_code, organizer.get(address).status_code) == (303, 410)
    assert sessions(office) == {"opening": "16 09:30"}


def test_the_worker_drops_what_lay_there_for_a_day(app: Flask, office: Office, organizer: Browser) -> None:
    address = looked(organizer, csv_of([HEAD, LATER]))
    (file,) = (Path(app.instance_path) / kept_files.FOLDER).iterdir()

    with app.app_context():
        drop_kept_files(None, office.event.over_at)
        fresh = organizer.get(address).status_code
        yesterday = time.time() - kept_files.LONGEST_S - 60
        os.utime(file, (yesterday, yesterday))
        drop_kept_files(None, office.event.over_at)

    assert (fresh, organizer.get(address).status_code, file.exists()) == (200, 410, False)


def test_the_file_is_for_its_owner_alone_on_the_disk(app: Flask, organizer: Browser) -> None:
    looked(organizer, csv_of([HEAD, LATER]))

    folder = Path(app.instance_path) / kept_files.FOLDER

    assert {path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())} == {0o700, 0o600}


@pytest.mark.parametrize("role", [None, Role.DESK, Role.PARTNER])
def test_others_bring_nothing_in(role: Role | None, office: Office) -> None:
    browser = office.browser_of(role)

    assert browser.get(IMPORT).status_code in {303, 403}
    assert send(browser, csv_of([HEAD, LATER])).status_code in {303, 400, 403}


def test_a_title_cannot_become_markup(organizer: Browser) -> None:
    page = organizer.get(looked(organizer, csv_of([HEAD, ("x", "<script>alert(1)</script>", "", *OPENING[3:])])))

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text
