"""A programme brought in from a file: what it would change, then, unless it is only a look, the change."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from forumreg.adapters.installation import installation
from forumreg.adapters.schedule.reading import Unmatched, read
from forumreg.adapters.schedule.reading_columns import FIELDS, KEEP, LEAVE, is_field
from forumreg.adapters.schedule.reading_items import Brought
from forumreg.adapters.schedule.reading_text import LARGEST_BYTES
from forumreg.adapters.schedule.reading_words import SENTENCES, sentence
from forumreg.base.errors import Invalid, Problem, Refused
from forumreg.base.texts import read as text
from forumreg.doors.cli.program import Refusal
from forumreg.rules import planning
from forumreg.rules.access import Shell
from forumreg.rules.event import EventFacts, facts
from forumreg.rules.planning import Choice, Comparison, Concern, Touched, WholeReview

MOST_PROBLEMS = 100  # more than anybody reads at once


@click.command("import")
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--remove-missing", is_flag=True, help="Remove sessions that the file leaves out.")
@click.option("--column", "columns", multiple=True, metavar="NUMBER=FIELD",
              help=f"Of a sheet: what a column is, such as 3=room, 4={KEEP} (beside) or 5={LEAVE} (out).")  # fmt: skip
@click.option("--clashing", type=click.Choice(["keep", "free"]), help="What becomes of seats that clash after a move.")
@click.option("--over", type=click.Choice(["waitlist"]), help="What becomes of seats above a smaller capacity.")
@click.option("--tell", is_flag=True, help="Mail the people whom it touches, once each.")
def import_(
    *,
    slug: str,
    file: Path,
    dry_run: bool,
    remove_missing: bool,
    columns: tuple[str, ...],
    clashing: str | None,
    over: str | None,
    tell: bool,
) -> None:
    """Bring the programme in FILE into the event SLUG: schedule.xml, schedule.json, CSV or XLSX, by its content.

    All of the file is taken or nothing of it; the same file twice changes nothing. FILE may be - for standard input.
    """
    chosen = _chosen(columns)
    choice = Choice("keep" if clashing == "keep" else "free" if clashing else None, "waitlist" if over else None, tell)
    site = installation()
    blob = sys.stdin.buffer.read(LARGEST_BYTES + 1) if str(file) == "-" else file.read_bytes()
    with site.session() as session:
        event = facts(session, slug)
        brought = None
        try:
            _progress("reading the file")
            brought = read(blob, event, chosen)
            _progress(f"comparing {len(brought.programme.sessions)} sessions")
            review = planning.review_programme(
                session, Shell(), slug, brought.programme, now=site.now(), removing=remove_missing
            )
            _report(event, brought, review)
            if dry_run:
                _refuse(review)
                return
            _progress("storing the programme")
            done = planning.replace_programme(
                session, Shell(), slug, brought.programme, now=site.now(), choice=choice, removing=remove_missing
            )
        except Invalid as invalid:
            raise Refusal(*_lines(file, invalid, brought)) from invalid
        except Refused as refused:
            raise Refusal(*_why(file, refused)) from refused
    click.echo(_outcome(slug, done.comparison, done.told))


def _chosen(columns: tuple[str, ...]) -> Mapping[int, str]:
    chosen = {}
    for word in columns:
        number, _sign, field = word.partition("=")
        if not number.isdecimal() or int(number) < 1 or not is_field(field):
            raise click.UsageError(f"--column {word}: a number from 1 and one of {', '.join([*FIELDS, KEEP, LEAVE])}")
        chosen[int(number) - 1] = field
    return chosen


def _progress(what: str) -> None:
    """Say on a terminal what takes its time."""
    if sys.stderr.isatty():
        click.echo(f"{what} …", err=True)


def _report(event: EventFacts, brought: Brought, review: WholeReview) -> None:
    drafts = {draft.id: text(draft.title, event.language) for draft in brought.programme.sessions}
    titles = {entry.key: text(entry.title, event.language) for entry in event.planned} | drafts
    for column in brought.columns:
        click.echo(f"column {column.head or '(no head)'}: {column.field}")
    for line in _changes(review.comparison, titles):
        click.echo(line)
    for concern in review.concerns:
        click.echo(f"note {concern.session_key}: {_concern(concern, titles)}")
    for name, count in brought.kept.items():
        click.echo(f"kept {name}: {count}")
    for name, count in brought.named.items():
        click.echo(f"left out {name}: {count}")
    if review.touched.anybody:
        click.echo(_touched(review.touched))


def _changes(found: Comparison, titles: Mapping[str, str]) -> Iterator[str]:
    for kind, keys in (("room", found.rooms_added), ("track", found.tracks_added)):
        yield from (f"added {kind} {key}" for key in keys)
    for kind, keys in (("room", found.rooms_changed), ("track", found.tracks_changed)):
        yield from (f"changed {kind} {key}" for key in keys)
    yield from (f"added {key}: {titles[key]}" for key in found.added)
    yield from (f"changed {key}: {', '.join(names)}" for key, names in found.changed.items())
    yield from (f"removed {key}: {titles[key]}" for key in found.removed)
    counts = {"added": found.added, "changed": found.changed, "removed": found.removed, "same": found.same}
    yield ", ".join(f"{len(keys)} {word}" for word, keys in counts.items())


def _concern(concern: Concern, titles: Mapping[str, str]) -> str:
    other = titles.get(concern.other_key or "", "")
    return {
        "room_taken": f"the room is taken by {other}",
        "speaker_elsewhere": f"{concern.speaker} also speaks in {other}",
        "above_room": f"more places than the room's {concern.number}",
        "outside_days": "outside the event's days",
        "clock_change": "the clocks change while it runs",
    }.get(concern.kind, concern.kind.replace("_", " "))


def _touched(touched: Touched) -> str:
    return (
        f"people touched: {touched.booked} with a seat, {touched.clashing} of them clashing, "
        f"{touched.waiting} waiting, {touched.over} over the capacity"
    )


def _outcome(slug: str, found: Comparison, told: int) -> str:
    if found.is_empty and not found.removed:
        return f"{slug} unchanged: all of it is there already"
    return f"{slug} changed" + (f"; {told} people are told" if told else "")


def _refuse(review: WholeReview) -> None:
    """End a look as the change itself would end."""
    if review.refusal:
        raise Refused(review.refusal, **review.facts)


def _lines(file: Path, invalid: Invalid, brought: Brought | None) -> list[str]:
    found = [f"{file}: {sentence(_in_file(each, brought))}" for each in invalid.problems[:MOST_PROBLEMS]]
    if isinstance(invalid, Unmatched):
        found.append("columns: " + ", ".join(f"{number}={one.field}" for number, one in enumerate(invalid.columns, 1)))
    return found


def _in_file(found: Problem, brought: Brought | None) -> Problem:
    if brought is None:
        return found
    place = brought.place_of(found.place)
    line = () if place.line is None else (("line", place.line),)
    return Problem(place.where, found.message, (*line, *found.facts))


def _why(file: Path, refused: Refused) -> list[str]:
    if refused.reason == "unknown_file":
        return [f"{file}: {SENTENCES['unknown_file']}"]
    touched = refused.facts.get("touched")
    if isinstance(touched, Touched):
        return [_touched(touched), f"nothing was changed; add {_answers(touched)} to go on"]
    if refused.reason == "has_bookings":
        return [f"the file closes or hides a session in which {refused.facts['number']} people have seats or wait"]
    raise refused


def _answers(touched: Touched) -> str:
    wanted = ["--tell"]
    wanted += ["--clashing keep or --clashing free"] if touched.clashing else []
    wanted += ["--over waitlist"] if touched.over else []
    return " and ".join(wanted)
