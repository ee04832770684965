"""What is wrong with a schedule file, as sentences. Doors translate them; the shell says them as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from forumreg.base.errors import Problem


def N_(sentence: str) -> str:  # noqa: N802 (the name by which sentences are collected)
    """The sentence, marked to be translated where it is shown."""
    return sentence


SENTENCES: Mapping[str, str] = {
    # The file as a whole.
    "ambiguous_day": N_("“%(value)s” can be two days. Write it as %(one)s or %(other)s."),
    "bad_capacity": N_("“%(value)s” is not a number of places."),
    "bad_date": N_("“%(value)s” is not a day that we can read. Write it like 2015-10-15."),
    "bad_duration": N_("“%(value)s” is not a duration. Write it like 1:30."),
    "bad_hour": N_("“%(value)s” is not an hour that we can read. Write it like 14:30."),
    "bad_held": N_("“%(value)s” does not say how many places are held for whom. Write it like press: 5; local: 3."),
    "book_broken": N_("The workbook cannot be read: it is damaged, or locked with a password."),
    "book_too_large": N_("The workbook is too large to be read. Bring in a sheet with the programme alone."),
    "book_too_slow": N_("Reading the workbook took too long. Bring in a sheet with the programme alone."),
    "control": N_("There is a control character, which no text may hold."),
    "cut_off": N_("The file ends in the middle. It was probably cut off; fetch it again."),
    "doctype": N_("The file has a document type or entities. Such files are not read."),
    "double": N_("This is the same session as at %(other)s."),
    "double_column": N_("Two columns are taken for the same. Leave one of them out."),
    "empty": N_("The file holds no session."),
    "encoding": N_("The text is neither UTF-8 nor UTF-16. Save it as UTF-8."),
    "encoding_unknown": N_("The file names an encoding that we do not know or that does not fit. Save it as UTF-8."),
    "ends_before_start": N_("It ends before it starts."),
    "hour_missing": N_("Clocks were set forward: %(value)s did not exist on that day."),
    "hour_twice": N_(
        "Clocks were set back: %(value)s came twice on that day. "
        "Write the hour with its offset, as %(one)s or %(other)s."
    ),
    "missing": N_("This is missing."),
    "missing_column": N_("No column is taken for this. Choose one."),
    "missing_end": N_("Neither an end nor a duration is given."),
    "nested": N_("The file is nested deeper than %(most)s levels."),
    "not_a_schedule": N_("This is not a schedule: it should begin with “schedule”."),
    "not_json": N_("This is not JSON."),
    "not_xml": N_("This is not XML."),
    "old_book": N_("This is a workbook of the old kind. Save it as XLSX or CSV."),
    "should_be_list": N_("There should be a list here."),
    "should_be_object": N_("There should be an object here."),
    "should_be_text": N_("There should be a text here."),
    "title_missing": N_("The session has no title."),
    "too_large": N_("The file is larger than %(most)s MB."),
    "too_long": N_("The text has %(number)s characters; %(most)s are the most."),
    "too_many": N_("There are more than %(most)s of these."),
    "too_many_columns": N_("The sheet has more than %(most)s columns."),
    "too_many_rows": N_("The sheet has more than %(most)s rows."),
    "unknown_booking": N_("“%(value)s” is no way of booking. Write open, invitation or none."),
    "unknown_file": N_(
        "We cannot read this kind of file. "
        "Bring in a schedule.xml, a schedule.json, a CSV file or an XLSX workbook."
    ),
    "unknown_language": N_("“%(value)s” is no language that we know. Write a code such as en or pt-BR."),
    "unknown_organisation": N_("The event has no organization called “%(value)s”."),
    "unknown_category": N_("The event has no category “%(value)s”."),
    "unknown_visibility": N_("“%(value)s” says not who sees it. Write public or draft."),
    "unknown_zone": N_("“%(value)s” is no time zone."),
    # What the rules say of a programme.
    "required": N_("This is missing."),
    "a break cannot be booked": N_("A break cannot be booked."),
    "nobody books this session": N_("Places are held in a session that nobody books."),
    "more places than the session has": N_("More places are held than the session has."),
    "more than a day outside the event's days": N_("This is more than a day outside the event’s days."),
    "below_taken": N_("Fewer places are held for a category than its people have taken."),
    "unknown category": N_("The event has no such category."),
}  # fmt: skip

PLACES: Mapping[str, str] = {
    "at": N_("%(where)s: %(what)s"),
    "line": N_("Line %(line)s, %(where)s: %(what)s"),
    "line_alone": N_("Line %(line)s: %(what)s"),
}


def sentence(found: Problem, translate: Callable[[str], str] = str) -> str:
    """Where something is wrong and what, in one sentence."""
    facts = dict(found.facts)
    what = translate(SENTENCES.get(found.message, found.message)) % facts if facts else _plain(found, translate)
    line = facts.get("line")
    if line is None and not found.place:
        return what
    form = "at" if line is None else "line" if found.place else "line_alone"
    return translate(PLACES[form]) % {"line": line, "where": found.place, "what": what}


def _plain(found: Problem, translate: Callable[[str], str]) -> str:
    return translate(SENTENCES.get(found.message, found.message))
