"""From the bytes of an event file to a draft, or to every reason why not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain, islice
from typing import Any, TypeVar, cast

from forumreg.adapters.event_file.parsing import parse, unclean
from forumreg.adapters.event_file.shape import misshapen
from forumreg.base.errors import Invalid, Problem
from forumreg.base.texts import Texts
from forumreg.rules.event.checks import in_order, problems
from forumreg.rules.event.drafts import (
    CategoryDraft,
    EventDraft,
    FieldDraft,
    LimitsDraft,
    OptionDraft,
    OrganisationDraft,
    RegistrationDraft,
    RoomDraft,
    SessionDraft,
    ShowIf,
    SpeakerDraft,
    TrackDraft,
)

MOST_PROBLEMS = 500  # more than anybody reads; a hostile file of 5 MB could have a million

_T = TypeVar("_T")


def read(blob: bytes) -> EventDraft:
    """The event that the file describes.

    Raises:
        Invalid: with every place that is wrong (the first 500), in the order of places. What keeps the
            file from being read at all is reported first and alone, then its shape, then its sense.
    """
    parsed = parse(blob)
    _refuse(chain(unclean(parsed, ""), misshapen(parsed)))
    draft = _draft(cast(Mapping[str, Any], parsed))  # its shape is proven
    _refuse(problems(draft))
    return draft


def _refuse(found: Iterable[Problem]) -> None:
    told = in_order(islice(_once(found), MOST_PROBLEMS))
    if told:
        raise Invalid(*told)


def _once(found: Iterable[Problem]) -> Iterator[Problem]:
    """Each problem the first time it is met; a schema may say one thing twice."""
    seen: set[Problem] = set()
    for problem in found:
        if problem not in seen:
            seen.add(problem)
            yield problem


def _draft(parsed: Mapping[str, Any]) -> EventDraft:
    first = parsed.get("languages", EventDraft.__dataclass_fields__["languages"].default)[0]
    return _Parts(first).event(parsed)


def _made(kind: Callable[..., _T], parsed: Mapping[str, Any], **readers: Callable[[Any], Any]) -> _T:
    """The part with the keys that the file has; the others keep the part's own defaults."""
    return kind(**{key: readers.get(key, _as_is)(value) for key, value in parsed.items()})


def _counts(parsed: Mapping[str, Any]) -> Mapping[str, int]:
    return {key: int(number) for key, number in parsed.items()}


def _as_is(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class _Parts:
    """Makes the parts of one event; a plain string is a text in the event's first language."""

    first: str

    def event(self, parsed: Mapping[str, Any]) -> EventDraft:
        """The whole file."""
        return _made(
            EventDraft,
            {key: value for key, value in parsed.items() if key != "format"},
            **dict.fromkeys(("title", "summary", "description", "venue", "privacy_notice"), self.texts),
            **dict.fromkeys(("starts_on", "ends_on"), date.fromisoformat),
            capacity=int,  # a schema's integer may be written 4e3, which Python reads as a float
            registration=self.registration,
            limits=self.limits,
            organisations=lambda each: tuple(OrganisationDraft(**one) for one in each),
            categories=lambda each: tuple(map(self.category, each)),
            fields=lambda each: tuple(map(self.field, each)),
            rooms=lambda each: tuple(map(self.room, each)),
            tracks=lambda each: tuple(map(self.track, each)),
            sessions=lambda each: tuple(map(self.session, each)),
        )

    def texts(self, value: str | Mapping[str, str]) -> Texts:
        """Texts by language, in the order of the file."""
        return {self.first: value} if isinstance(value, str) else dict(value)

    def registration(self, parsed: Mapping[str, Any]) -> RegistrationDraft:
        """When registration is open."""
        return _made(RegistrationDraft, parsed, opens_at=_instant, closes_at=_instant)

    def limits(self, parsed: Mapping[str, Any]) -> LimitsDraft:
        """How many seats a person and an organisation may take."""
        return _made(LimitsDraft, parsed, most_per_kind=_counts, most_per_organisation=int, until=_instant)

    def category(self, parsed: Mapping[str, Any]) -> CategoryDraft:
        """One category."""
        return _made(CategoryDraft, parsed, title=self.texts, capacity=int)

    def field(self, parsed: Mapping[str, Any]) -> FieldDraft:
        """One question."""
        return _made(
            FieldDraft,
            parsed,
            **dict.fromkeys(("label", "help", "purpose"), self.texts),
            options=lambda each: tuple(map(self.option, each)),
            show_if=lambda condition: ShowIf(condition["field"], condition["is"]),
            erase_after_days=int,
        )

    def option(self, parsed: Mapping[str, Any]) -> OptionDraft:
        """One answer of a choice."""
        return _made(OptionDraft, parsed, label=self.texts, capacity=int)

    def room(self, parsed: Mapping[str, Any]) -> RoomDraft:
        """One room."""
        return _made(RoomDraft, parsed, name=self.texts, capacity=int)

    def track(self, parsed: Mapping[str, Any]) -> TrackDraft:
        """One track."""
        return _made(TrackDraft, parsed, title=self.texts)

    def session(self, parsed: Mapping[str, Any]) -> SessionDraft:
        """One programme session."""
        return _made(
            SessionDraft,
            parsed,
            **dict.fromkeys(("title", "abstract"), self.texts),
            **dict.fromkeys(("starts_at", "ends_at"), _instant),
            capacity=int,
            held=_counts,
            speakers=lambda each: tuple(SpeakerDraft(**one) for one in each),
        )
