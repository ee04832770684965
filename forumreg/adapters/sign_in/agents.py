"""The name of a browser, short enough that its owner knows it again in a list."""

from __future__ import annotations

_BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"), ("curl", "curl"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"),
    ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def agent_of(header: str) -> str:
    """Browser and system that a ``User-Agent`` names (``Firefox, Linux``); empty where neither is known."""
    found = (next((name for sign, name in table if sign in header), "") for table in (_BROWSERS, _SYSTEMS))
    return ", ".join(name for name in found if name)
