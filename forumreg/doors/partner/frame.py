"""The frame of the co-organizers' pages: the bar with the event, the organisation and the account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template

from forumreg.rules.partner import name_of
from forumreg.web import actor, session


@dataclass(frozen=True, slots=True)
class Heading:
    """An event as the bar names it."""

    slug: str
    title: str
    short: str  # where there is little room


def page(template: str, event: Heading | None = None, partner_name: str = "", **context: Any) -> str:
    """A page of the co-organizers, of one event and organisation where they are named."""
    return render_template(
        f"partner/{template}",
        event=event,
        partner_name=partner_name,
        staff_name=name_of(session(), actor()),
        **context,
    )
