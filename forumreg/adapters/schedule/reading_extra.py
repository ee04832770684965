"""What a file says of a session and we have no field for, laid over what was kept of earlier files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from forumreg.adapters.schedule.names import LISTS, PERSONS, own_id, own_person, own_slug, without_own
from forumreg.base.folding import clean_text

_FLAGS = ("do_not_record", "do_not_stream")  # False is what they are where nobody said anything
_UNSAID: tuple[Any, ...] = ("", None, [], {})


def merged_extra(
    said: Mapping[str, Any], old: Mapping[str, Any], event_slug: str, key: str, guid: str, kind: str
) -> dict[str, Any]:
    """What is to be kept: the file's words over those there are, without what is ours by making."""
    persons = [_without_ours(person, event_slug) for person in said.get(PERSONS, ())]
    fresh = without_own({**said, PERSONS: []}, event_slug, key, guid, kind)
    made = dict(old)
    for name, value in fresh.items():
        if name in LISTS:
            made[name] = _links(value, old.get(name))
        elif not _is_ours(name, value, old, event_slug, guid):
            made[name] = value
    people = _people(persons, old.get(PERSONS))
    return {**made, PERSONS: people} if people else made


def _is_ours(name: str, value: Any, old: Mapping[str, Any], event_slug: str, guid: str) -> bool:
    """Whether a file of ours says it for want of another word."""
    if name in _FLAGS:
        return value is False and name not in old
    before = old.get(name)
    if isinstance(value, str) and isinstance(before, str) and clean_text(before) == value:
        return True  # the same but for blanks
    if name == "slug":
        return bool(value == own_slug(event_slug, guid))
    return name == "origin_url" and name not in old and value == old.get("url")


def _without_ours(person: Mapping[str, Any], event_slug: str) -> dict[str, Any]:
    """A speaker without the UUID and number that we would give."""
    kept = {name: value for name, value in person.items() if value not in _UNSAID}
    ours = own_person(event_slug, str(person.get("name", "")))
    if kept.get("guid") == ours:
        del kept["guid"]
    if kept.get("id") == own_id(str(person.get("guid"))) if person.get("guid") == ours else False:
        del kept["id"]
    return kept


def _people(said: Iterable[Mapping[str, Any]], old: Any) -> list[dict[str, Any]]:
    """Speakers by name: known ones first, with what is new of them; then those who have more than a name."""
    known = [dict(person) for person in old if isinstance(person, dict)] if isinstance(old, list) else []
    by_name = {person.get("name"): person for person in known}
    for person in said:
        there = by_name.get(person.get("name"))
        if there is not None:
            there.update({name: value for name, value in person.items() if str(there.get(name)) != str(value)})
        elif len(person) > 1:
            known.append(dict(person))
            by_name[person.get("name")] = known[-1]
    return known


def _links(said: Any, old: Any) -> Any:
    """Links by address, with what is known of them and the format has no room for."""
    if not isinstance(said, list):
        return said
    known = {link.get("url"): link for link in old if isinstance(link, dict)} if isinstance(old, list) else {}
    made = []
    for link in said:
        there = known.get(link.get("url"), {}) if isinstance(link, dict) else {}
        if there and link.get("title") == link.get("url") and "title" not in there:
            link = {name: value for name, value in link.items() if name != "title"}  # noqa: PLW2901 (the same link)
        made.append({**there, **link} if isinstance(link, dict) else link)
    mine = {link.get("url") for link in made if isinstance(link, dict)}
    unwritten = [link for address, link in known.items() if address not in mine and not str(address).startswith("http")]
    return [*made, *unwritten]
