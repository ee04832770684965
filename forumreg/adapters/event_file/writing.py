"""From a draft to an event file: canonical, so that the same event is always the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, ClassVar, Protocol

from forumreg.adapters.event_file.shape import FORMAT, keys_of
from forumreg.base.texts import Texts
from forumreg.rules.event.checks import zone
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

_NAMES = {
    EventDraft: "event",
    RegistrationDraft: "registration",
    LimitsDraft: "limits",
    OrganisationDraft: "organisation",
    CategoryDraft: "category",
    FieldDraft: "field",
    OptionDraft: "option",
    ShowIf: "show_if",
    RoomDraft: "room",
    TrackDraft: "track",
    SpeakerDraft: "speaker",
    SessionDraft: "session",
}
_PLAIN = {"held", "most_per_kind", "extra"}  # objects that are no texts by language


class _Part(Protocol):
    """Any part of a draft."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


def write(draft: EventDraft) -> str:
    """The file: keys in the schema's order, defaults left out, instants in the event's zone.

    ``reading.read`` gives the draft back, and writing that again gives the same text.
    """
    writer = _Writer(tuple(draft.languages), zone(draft.timezone) or UTC)
    event = {"format": FORMAT, **writer.part(draft)}
    return json.dumps(event, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


@dataclass(frozen=True, slots=True)
class _Writer:
    """Turns values of a draft into JSON, for one event's languages and zone."""

    languages: Sequence[str]
    zone: tzinfo

    def part(self, part: _Part) -> dict[str, object]:
        """One object of the file, without what is as the default says."""
        return {key: _sorted(value) if key in _PLAIN else self.value(value) for key, value in _said(part)}

    def value(self, value: object) -> object:
        """What one key holds."""
        if isinstance(value, datetime):
            return self.instant(value)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Mapping):
            return self.texts(value)
        if isinstance(value, tuple):
            return [self.value(each) for each in value]
        return self.part(value) if is_dataclass(value) and not isinstance(value, type) else value

    def instant(self, moment: datetime) -> str:
        """Local time with its offset; UTC where the zone's offset had seconds, which files cannot say."""
        local = moment.astimezone(self.zone)
        if (local.utcoffset() or timedelta()) % timedelta(minutes=1):
            local = moment.astimezone(UTC)
        return local.isoformat(timespec="seconds")

    def texts(self, texts: Texts) -> str | dict[str, str]:
        """A plain string where only the event's own language has one, else its languages first."""
        if tuple(texts) == tuple(self.languages[:1]):
            return texts[self.languages[0]]
        first = [tag for tag in self.languages if tag in texts]
        return {tag: texts[tag] for tag in [*first, *sorted(set(texts) - set(first))]}


def _said(part: _Part) -> Iterator[tuple[str, object]]:
    """The keys that must be written, in the schema's order, with their values."""
    defaults = {field.name: _default(field) for field in fields(part)}
    for key in keys_of(_NAMES[type(part)]):
        name = "is_" if key == "is" else key
        if name in defaults and getattr(part, name) != defaults[name]:
            yield key, getattr(part, name)


def _sorted(value: object) -> object:
    return dict(sorted(value.items())) if isinstance(value, Mapping) else value


def _default(field: Field[Any]) -> object:
    return field.default if field.default_factory is MISSING else field.default_factory()
