"""What the pages and files of a roster say in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from forumreg.rules.roster import Question, Scope


@dataclass(frozen=True, slots=True)
class Told:
    """What a reader sees under a heading, or does not: the columns of the file, and what they hold."""

    heading: str
    columns: tuple[str, ...]
    text: str
    is_shown: bool


def told(scope: Scope) -> Sequence[Told]:
    """Each kind of fact about a person, and whether the scope shows it."""
    kinds = (
        (_("Name"), ("honorific", "given_name", "family_name"), _("As the person wrote it.")),
        (_("Organization and job title"), ("organisation", "job_title"), _("As the person wrote them.")),
        (_("Country"), ("country", "country_name"), _("Its ISO 3166 code and its name.")),
        (_("Category"), ("category",), _("In which role the person comes.")),
        (
            _("Status"),
            ("status",),
            _("“confirmed” has a place; “pending” holds one until the organizers decide."),
        ),
        (_("Sessions"), ("sessions",), _("The sessions in which the person has a seat, in order of time.")),
        (
            _("Email"),
            ("email",),
            _("For the purpose that the form named. Empty where a person agreed before the form asked for it."),
        ),
        (_("Phone, language, date of registration"), ("phone", "language", "registered_at"), _never()),
        (_("Food, access needs, travel papers"), (), _never()),
    )
    shown = set(scope.columns)
    return [_told(heading, columns, text, shown) for heading, columns, text in kinds]


def _told(heading: str, columns: tuple[str, ...], text: str, shown: set[str]) -> Told:
    """What a column holds is told to those who get it; to others, who does."""
    is_shown = bool(columns) and shown.issuperset(columns)
    return Told(heading, columns, text if is_shown else _never(), is_shown)


def _never() -> str:
    return _("The organizers alone see it.")


def scope_in_words(name: str) -> str:
    """Whom a file of this organisation shows, and which columns."""
    return _(
        "People with a place who agreed to share with %(name)s, in the columns agreed for %(name)s.",
        name=name,
    )


def chosen_in_words(question: Question) -> str:
    """What was searched for; empty where everybody was taken."""
    return _("Search: %(words)s", words=question.search) if question.search else ""
