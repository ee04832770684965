"""The questions about people whom a change touches: what is asked, what was answered."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from forumreg.rules.planning import Choice, Touched

ANSWERS = frozenset({"clashing", "over", "told"})  # names of the questions' inputs


def choice_of(sent: MultiDict[str, str]) -> Choice:
    """What was decided; words that mean nothing decide nothing."""
    clashing, over = sent.get("clashing"), sent.get("over")
    return Choice(
        clashing="keep" if clashing == "keep" else "free" if clashing == "free" else None,
        over="waitlist" if over == "waitlist" else None,
        told="told" in sent,
    )


def problems_of(touched: Touched, sent: MultiDict[str, str]) -> list[tuple[str, str]]:
    """What is still to be decided: the input and a sentence each."""
    choice = choice_of(sent)
    found = []
    if touched.clashing and choice.clashing is None:
        found.append(("clashing", _("Choose what becomes of the seats that clash.")))
    if touched.over and choice.over is None:
        found.append(("over", _("Tick that those who booked last go to the waiting list, or give more places.")))
    return found or [("told", _("More people are touched now. Look at the numbers again, then go on."))]


def touched_facts(touched: Touched, sent: MultiDict[str, str]) -> dict[str, Any]:
    """What the page shows: sentences with numbers, and the choices as they were made."""
    said = []
    if touched.booked:
        said.append(ngettext("%(num)s person has a seat.", "%(num)s people have a seat.", touched.booked))
    if touched.waiting:
        said.append(
            ngettext("%(num)s person waits for one.", "%(num)s people wait for one.", touched.waiting),
        )
    if touched.clashing:
        said.append(
            ngettext(
                "%(num)s of them then has another session at that time.",
                "%(num)s of them then have another session at that time.",
                touched.clashing,
            )
        )
    if touched.over:
        said.append(
            ngettext(
                "%(num)s seat more is taken than there would be.",
                "%(num)s seats more are taken than there would be.",
                touched.over,
            )
        )
    return {"touched": touched, "touched_words": said, "choice": choice_of(sent)}
