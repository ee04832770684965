"""What each co-organizer may see of those who agreed, why, and who took which roster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_number, ngettext
from flask_babel import gettext as _

from forumreg.base.errors import Invalid
from forumreg.doors.organizer.frame import page
from forumreg.rules.access import Action
from forumreg.rules.event import EventFacts, OrganisationFacts
from forumreg.rules.partner import set_scope
from forumreg.rules.roster import Scope, agreed_before, count, organizer_scope, partner_scope, taken
from forumreg.web import actor, current_event, needs, now, row_id, session, translated
from forumreg.web.takings import SHOWN_LAST, TakenLine, taken_lines
from forumreg.web.when import language_within

bp = Blueprint("partners", __name__, url_prefix="/<slug:slug>/partners")
LONGEST_PURPOSE = 500  # signs, as the rule keeps


@dataclass(frozen=True, slots=True)
class Last:
    """The last files that an organisation took, or the organizers, and where all of them are."""

    lines: list[TakenLine]
    has_more: bool
    all: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent, with its problems by input."""

    columns: tuple[str, ...]
    purpose: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    sees_led_sessions: bool = False


@dataclass(frozen=True, slots=True)
class Partner:
    """An organisation as the page shows it: its scope, who agreed, what it took; the form as it was sent."""

    organisation: OrganisationFacts
    agreed: int
    narrower: tuple[str, ...]  # a sentence for each column that some of them had not been asked for
    last: Last
    columns: tuple[str, ...]
    purpose: Mapping[str, str]  # by language, in the event's order
    errors: Mapping[str, str]
    sees_led_sessions: bool
    leads: int  # how many sessions

    @property
    def problems(self) -> list[tuple[str, str]]:
        """What is wrong, each with the input it is about, for the top of the page."""
        at = f"o{self.organisation.id}"
        return [(f"{at}-{place if place in self.purpose else 'email'}", text) for place, text in self.errors.items()]


@bp.get("")
@needs(Action.SET_SCOPES)
def index(slug: str) -> ResponseReturnValue:
    """Show each organisation that registrants are asked to share with."""
    return _page(slug, {})


@bp.get("/downloads")
@needs(Action.SET_SCOPES)
def downloads(slug: str) -> ResponseReturnValue:
    """Show every file that an organisation took, or the organizers where none is named, latest first."""
    event, organisation_id = current_event(slug), request.args.get("organisation", type=int)
    scope = organizer_scope(event) if organisation_id is None else partner_scope(event, organisation_id)
    before = request.args.get("before", type=row_id)
    found = taken(session(), actor(), scope, before=before)
    here = partial(url_for, ".downloads", slug=slug, organisation=organisation_id)
    return page(
        "partners/downloads.html",
        slug,
        tab="partners",
        name=next((each.short for each in event.sharing if each.id == organisation_id), ""),
        found=found,
        lines=taken_lines(event, found.rows),
        latest=here() if before is not None else "",
        older=here(before=found.older) if found.older else "",
    )


@bp.post("/<int:organisation_id>")
@needs(Action.SET_SCOPES)
def change(slug: str, organisation_id: int) -> ResponseReturnValue:
    """Set what an organisation may see and why."""
    event = current_event(slug)
    sent = Sent(
        tuple(request.form.getlist("column")),
        {language: request.form.get(f"purpose-{language}", "") for language in event.languages},
    )
    try:
        done = set_scope(
            session(),
            actor(),
            event,
            organisation_id,
            extra_columns=sent.columns,
            purpose=sent.purpose,
            sees_led_sessions="led_sessions" in request.form,
            now=now(),
        )
    except Invalid as invalid:
        errors = {problem.place.rpartition(".")[2]: _problem(problem.message) for problem in invalid.problems}
        is_led = "led_sessions" in request.form
        return _page(slug, {organisation_id: Sent(sent.columns, sent.purpose, errors, sees_led_sessions=is_led)}), 422
    flash(_said(done.organisation.short, done.extra_columns), "success")
    return redirect(url_for(".index", slug=slug), 303)


def _page(slug: str, sent: Mapping[int, Sent]) -> str:
    event = current_event(slug)
    partners = [_partner(event, each, sent.get(each.id)) for each in event.sharing]
    return page(
        "partners/index.html",
        slug,
        tab="partners",
        partners=partners,
        problems=[problem for partner in partners for problem in partner.problems],
        own=_last(event, organizer_scope(event)),
        opened=_opened(event),
        language_names={language: language_within(language) for language in event.languages},
        longest=LONGEST_PURPOSE,
    )


def _partner(event: EventFacts, organisation: OrganisationFacts, sent: Sent | None) -> Partner:
    scope = partner_scope(event, organisation.id)
    purpose = sent.purpose if sent else organisation.purpose
    agreed = count(session(), actor(), scope)
    return Partner(
        organisation,
        agreed,
        _narrower(event, agreed_before(session(), actor(), scope), agreed),
        _last(event, scope),
        sent.columns if sent else organisation.extra_columns,
        {language: purpose.get(language, "") for language in event.languages},
        sent.errors if sent else {},
        sent.sees_led_sessions if sent else organisation.sees_led_sessions,
        sum(entry.lead_id == organisation.id for entry in event.sessions),
    )


def _last(event: EventFacts, scope: Scope) -> Last:
    found = taken(session(), actor(), scope, limit=SHOWN_LAST)
    address = url_for(".downloads", slug=event.slug, organisation=scope.consent_to)
    return Last(taken_lines(event, found.rows), found.older is not None, address)


def _narrower(event: EventFacts, before: Mapping[str, int], agreed: int) -> tuple[str, ...]:
    """How many of those who agreed did so before the terms named a column or question, a sentence each."""
    return tuple(_agreed_before(event, key, number, agreed) for key, number in before.items())


def _agreed_before(event: EventFacts, key: str, number: int, agreed: int) -> str:
    numbers = {"count": format_number(number), "all": format_number(agreed)}
    question = event.find_field(key)
    if question is None:
        return ngettext(
            "%(count)s of %(all)s agreed before the email address was asked for; it is not shown for this person.",
            "%(count)s of %(all)s agreed before the email address was asked for; it is not shown for them.",
            number,
            **numbers,
        )
    return ngettext(
        "%(count)s of %(all)s agreed before “%(question)s” was opened; the answer is not shown for this person.",
        "%(count)s of %(all)s agreed before “%(question)s” was opened; the answers are not shown for them.",
        number,
        question=translated(question.label),
        **numbers,
    )


def _opened(event: EventFacts) -> list[str]:
    """The questions whose answers every co-organizer sees."""
    keys = {key for each in event.sharing[:1] for key in partner_scope(event, each.id).fields}
    return [_("“%(title)s”", title=translated(field.label)) for field in event.fields if field.key in keys]


def _problem(message: str) -> str:
    if message == "too_long":
        return _("Shorten the purpose to %(max)s characters.", max=LONGEST_PURPOSE)
    return _("Tick only what the page offers.")


def _said(name: str, columns: tuple[str, ...]) -> str:
    if "email" in columns:
        return _("%(name)s sees the email address of those who agree from now on. The form says so.", name=name)
    return _("%(name)s sees no email address. The form says so.", name=name)
