"""Two versions of a session, field by field, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from forumreg.doors.organizer.programme_plan import room_names
from forumreg.doors.organizer.programme_words import booking_words, day_and_hours, visibility_words
from forumreg.rules.event import EventFacts
from forumreg.rules.event.drafts import SessionDraft
from forumreg.web import translated
from forumreg.web.when import language_list, language_within
from forumreg.web.words import kind_words

BETWEEN = "\n"


@dataclass(frozen=True, slots=True)
class Compared:
    """One field as it stands now and as it was typed; lines are parted by line breaks."""

    name: str
    label: str
    now: str
    typed: str

    @property
    def differs(self) -> bool:
        """Whether the two are not the same."""
        return self.now != self.typed


def compared(event: EventFacts, present: SessionDraft, typed: SessionDraft) -> tuple[Compared, ...]:
    """Every field of both."""
    ours, theirs = list(_fields(event, present)), list(_fields(event, typed))
    return tuple(Compared(*mine, yours[2]) for mine, yours in zip(ours, theirs, strict=True))


def _fields(event: EventFacts, draft: SessionDraft) -> Iterator[tuple[str, str, str]]:
    """Each field's name, label and words."""
    tracks = {track.key: translated(track.title) for track in event.tracks}
    categories = {category.key: translated(category.title) for category in event.categories}
    for language in event.languages:
        yield (
            f"title-{language}",
            _("Title, in %(language)s", language=language_within(language)),
            draft.title.get(language, ""),
        )
    yield "kind", _("Kind"), kind_words()[draft.kind]
    yield "when", _("Day and hours"), day_and_hours(event, draft)
    yield "room", _("Room"), room_names(event).get(draft.room or "", _("No room"))
    yield "track", _("Track"), tracks.get(draft.track or "", _("No track"))
    yield "capacity", _("Capacity"), _("As the room") if draft.capacity is None else str(draft.capacity)
    yield "languages", _("Languages spoken"), language_list(draft.languages)
    yield "interpreted", _("Interpreted into"), language_list(draft.interpreted)
    yield "lead", _("Lead organization"), draft.lead or ""
    people = (", ".join(filter(None, (each.name, each.title, each.organisation))) for each in draft.speakers)
    yield "speakers", _("Speakers"), BETWEEN.join(people)
    yield "booking", _("Booking"), booking_words()[draft.booking]
    held = (f"{categories.get(key, key)}: {places}" for key, places in draft.held.items())
    yield "held", _("Places held"), BETWEEN.join(held)
    yield "visibility", _("Who sees it"), visibility_words()[draft.visibility]
    for language in event.languages:
        yield (
            f"abstract-{language}",
            _("Abstract, in %(language)s", language=language_within(language)),
            draft.abstract.get(language, ""),
        )
