"""From page to page of a list of people, with addresses that name nobody."""

from __future__ import annotations

from dataclasses import replace

from flask import request

from forumreg.base.sealing import seal, unseal
from forumreg.rules.roster import Page
from forumreg.web import keys


class Cursors:
    """Cursors of an organisation's list in addresses: they are references, which it does not see."""

    def __init__(self, *of: str | int) -> None:
        """``of`` names the list; a cursor of one is none of another."""
        self.purpose = "/".join(map(str, of))

    def sealed(self, found: Page) -> Page:
        """The page with cursors that name nobody."""
        return replace(found, next=self._seal(found.next), previous=self._seal(found.previous))

    def sent(self, name: str) -> str:
        """The cursor that the address has under this name; empty for one that is not ours."""
        return unseal(keys(), self.purpose, request.args.get(name, "")) or ""

    def _seal(self, cursor: str) -> str:
        return seal(keys(), self.purpose, cursor) if cursor else ""
