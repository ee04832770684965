"""What planning is asked and what it answers, as frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from forumreg.rules.event import SessionFacts
from forumreg.rules.event.drafts import RoomDraft, SessionDraft, TrackDraft


@dataclass(frozen=True, slots=True)
class Choice:
    """What an organizer decided about the people whom a change touches. ``told``: has read how many they are."""

    clashing: Literal["keep", "free"] | None = None  # seats that are beside another of their holder's after a move
    over: Literal["waitlist"] | None = None  # seats above a smaller capacity: who came last waits
    told: bool = False


@dataclass(frozen=True, slots=True)
class Touched:
    """How many people a change touches: of those booked, some clash afterwards and some are over the capacity."""

    booked: int = 0
    clashing: int = 0
    waiting: int = 0
    over: int = 0

    @property
    def anybody(self) -> bool:
        """Whether somebody has to be told."""
        return bool(self.booked or self.waiting or self.over)

    def settled_by(self, choice: Choice) -> bool:
        """Whether the organizer has decided all that this asks."""
        if not self.anybody:
            return True
        is_clear = choice.clashing is not None or not self.clashing
        return choice.told and is_clear and (choice.over is not None or not self.over)


@dataclass(frozen=True, slots=True)
class Concern:
    """Something an organizer should know of a session; a clash keeps it from the public.

    ``kind``: room_taken, speaker_elsewhere (both with ``other_key``), above_room (``number`` seats in the room),
    outside_days, clock_change, below_bookings (``number`` of people over the capacity).
    """

    kind: str
    session_key: str
    other_key: str | None = None
    speaker: str = ""
    number: int | None = None

    @property
    def is_clash(self) -> bool:
        """Whether two sessions cannot both be."""
        return self.other_key is not None


@dataclass(frozen=True, slots=True)
class Planned:
    """A session as organizers see it: with its proposed change, if there is one, and what they should know."""

    session: SessionFacts
    draft: SessionDraft
    concerns: tuple[Concern, ...]

    @property
    def is_proposed(self) -> bool:
        """Whether the public sees another version."""
        return self.session.proposed is not None


@dataclass(frozen=True, slots=True)
class Review:
    """What saving a draft would do; nothing has been written."""

    draft: SessionDraft
    concerns: tuple[Concern, ...]
    touched: Touched
    stays_draft: bool


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a draft. ``outcome``: created, saved, draft, proposed or unchanged; ``told``: people mailed."""

    key: str
    outcome: str
    version: int
    told: int = 0
    concerns: tuple[Concern, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """How many people were told that their session is gone."""

    told: int


@dataclass(frozen=True, slots=True)
class ProgrammeDraft:
    """A whole programme, as a schedule that is brought in says it."""

    rooms: tuple[RoomDraft, ...] = ()
    tracks: tuple[TrackDraft, ...] = ()
    sessions: tuple[SessionDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A programme beside the one there is, by key; ``changed`` has the names of the fields that differ."""

    added: tuple[str, ...] = ()
    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    rooms_added: tuple[str, ...] = ()
    rooms_changed: tuple[str, ...] = ()
    tracks_added: tuple[str, ...] = ()
    tracks_changed: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether bringing it in changes nothing but, perhaps, takes sessions away."""
        return not (
            self.added
            or self.changed
            or self.rooms_added
            or self.rooms_changed
            or self.tracks_added
            or self.tracks_changed
        )


@dataclass(frozen=True, slots=True)
class WholeReview:
    """What bringing a programme in would do: changes, concerns of what is new or changed, people. Nothing is written.

    ``refusal`` is why it cannot be done at all, with its facts: the word of a ``Refused``.
    """

    comparison: Comparison
    concerns: tuple[Concern, ...]
    touched: Touched = Touched()
    refusal: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replaced:
    """What was brought in, and how many people were told."""

    comparison: Comparison
    told: int
