"""Schedule files as other programs write them, of any size: frab XML and JSON, CSV, XLSX."""

from __future__ import annotations

import csv
import json
import uuid
from datetime import datetime, timedelta, timezone
from io import BytesIO, StringIO
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter

OPENS = datetime(2015, 10, 15, 9, 0, tzinfo=timezone(timedelta(hours=2)))
HOUR = timedelta(hours=1)
PER_DAY = 10  # sessions a room and day


def sessions_of(count: int, rooms: int = 8) -> list[dict[str, Any]]:
    """So many sessions as schedule.json says them, filling the rooms hour by hour on four days."""
    return [_session(number, rooms) for number in range(count)]


def _session(number: int, rooms: int) -> dict[str, Any]:
    slot, room = divmod(number, rooms)
    day, hour = divmod(slot, PER_DAY)
    starts = OPENS + timedelta(days=day % 4, hours=hour)
    guid = str(uuid.uuid5(uuid.NAMESPACE_URL, f"session {number}"))
    return {
        "id": number + 1,
        "guid": guid,
        "code": f"{number + 1:06}",
        "date": starts.isoformat(),
        "start": f"{starts:%H:%M}",
        "duration": "00:50",
        "room": f"Room {room + 1}",
        "slug": f"conf-{number}-talk",
        "url": f"https://conf.example.org/talk/{number}/",
        "title": f"Talk {number}: développement local et emploi",
        "subtitle": "",
        "track": f"Track {number % 5 + 1}",
        "type": "Lecture",
        "language": "en",
        "abstract": "How cities make work. " * 20,
        "description": "What we learned, in detail. " * 20,
        "recording_license": "",
        "do_not_record": False,
        "persons": [
            {"id": number * 2 + each, "guid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"person {number} {each}")),
             "name": f"Speaker {number}-{each}", "public_name": f"Speaker {number}-{each}", "biography": "Works."}
            for each in range(2)
        ],
        "links": [{"url": f"https://example.org/{number}", "title": "Notes", "type": "related"}],
        "attachments": [],
    }  # fmt: skip


def schedule_json(sessions: list[dict[str, Any]], **conference: Any) -> bytes:
    """The sessions as schedule.json."""
    days: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for session in sessions:
        days.setdefault(session["date"][:10], {}).setdefault(session["room"], []).append(session)
    whole = {
        "acronym": "conf",
        "title": "A conference",
        "start": "2015-10-15",
        "end": "2015-10-18",
        "daysCount": len(days),
        "timeslot_duration": "00:05",
        "time_zone_name": "Europe/Rome",
        "days": [
            {"index": number, "date": date, "day_start": f"{date}T08:00:00+02:00", "day_end": f"{date}T22:00:00+02:00",
             "rooms": rooms}
            for number, (date, rooms) in enumerate(sorted(days.items()), 1)
        ],
        **conference,
    }  # fmt: skip
    return json.dumps({"schedule": {"version": "1", "conference": whole}}, ensure_ascii=False).encode()


def schedule_xml(sessions: list[dict[str, Any]], *, head: str = "", conference: str = "") -> bytes:
    """The sessions as schedule.xml; ``head`` stands before the root, ``conference`` inside its element."""
    days: dict[str, dict[str, list[str]]] = {}
    for session in sessions:
        days.setdefault(session["date"][:10], {}).setdefault(session["room"], []).append(event_xml(session))
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f"{head}<schedule><version>1</version><conference><title>A conference</title><acronym>conf</acronym>",
        f"<time_zone_name>Europe/Rome</time_zone_name>{conference}</conference>",
    ]
    for number, (date, rooms) in enumerate(sorted(days.items()), 1):
        parts.append(f'<day index="{number}" date="{date}" start="{date}T08:00:00+02:00" end="{date}T22:00:00+02:00">')
        for room, events in rooms.items():
            parts.append(f"<room name={quoteattr(room)}>" + "\n".join(events) + "</room>")
        parts.append("</day>")
    return "\n".join([*parts, "</schedule>"]).encode()


def event_xml(session: dict[str, Any]) -> str:
    """One session as an element."""
    plain = ("date", "start", "duration", "room", "slug", "url", "title", "subtitle", "track", "type", "language",
             "abstract", "description")  # fmt: skip
    words = "".join(f"<{name}>{escape(str(session[name]))}</{name}>" for name in plain if name in session)
    persons = "".join(
        f'<person id="{person["id"]}" guid="{person["guid"]}">{escape(person["name"])}</person>'
        for person in session["persons"]
    )
    links = "".join(f"<link href={quoteattr(link['url'])}>{escape(link['title'])}</link>" for link in session["links"])
    recording = "<recording><license></license><optout>false</optout></recording>"
    return (
        f'<event id="{session["id"]}" guid="{session["guid"]}" code="{session["code"]}">{words}'
        f"<persons>{persons}</persons><links>{links}</links>{recording}</event>"
    )


HEAD = ("Titre", "Type", "Jour", "Début", "Fin", "Salle", "Axe", "Langues", "Intervenants", "Nombre de chaises")


def rows_of(sessions: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """The sessions as rows under ``HEAD``, as somebody keeps them by hand."""
    return [
        (
            session["title"],
            "Atelier",
            f"{datetime.fromisoformat(session['date']):%d/%m/%Y}",
            session["start"],
            f"{datetime.fromisoformat(session['date']) + timedelta(minutes=50):%Hh%M}",
            session["room"],
            session["track"],
            "français, anglais",
            "; ".join(person["name"] for person in session["persons"]),
            "30",
        )
        for session in sessions
    ]


def csv_of(rows: list[tuple[str, ...]], *, separator: str = ",", encoding: str = "utf-8", first: str = "") -> bytes:
    """Rows as CSV, a line before them if wanted."""
    file = StringIO(newline="")
    file.write(first)
    csv.writer(file, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return file.getvalue().encode(encoding)


def xlsx_of(rows: list[tuple[Any, ...]], name: str = "Programme", notes: list[tuple[Any, ...]] | None = None) -> bytes:
    """Rows as a workbook; instants and hours as such. ``notes`` make a second sheet."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd hh:mm", "strings_to_urls": False})
    for title, lines in ((name, rows), ("Notes", notes or [])):
        if lines:
            sheet = book.add_worksheet(title)
            for number, row in enumerate(lines):
                sheet.write_row(number, 0, row)
    book.close()
    return file.getvalue()
