"""Libraries that are loaded when they are first used: what one page in a thousand needs, no idle process holds."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Late:
    """A library by its name; its parts are read as from the library itself."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, part: str) -> Any:
        """The part, of the library loaded now or before.

        Raises:
            AttributeError: the library has no such part.
        """
        return getattr(import_module(self._name), part)
