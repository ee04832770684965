"""Build hook: compile the catalogues and bring templates, static files and catalogues into the wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Only these kinds of file are ours; a stray file in a checkout stays out of the wheel.
SHIPPED = {
    "templates": (".html", ".txt", ".typ", ".xml"),
    "static": (".css", ".js", ".svg", ".png", ".ico", ".woff2", ".webmanifest"),
    "translations": (".po", ".mo"),
}
INSIDE = "forumreg/_resources"  # forumreg.base.resources looks here first


class ResourcesHook(BuildHookInterface):  # type: ignore[type-arg]  # our hook reads no builder configuration
    """Ship with the package what lies beside it in a checkout."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile catalogues in place; unless the install is editable, map the resources into the wheel."""
        root = Path(self.root)
        compile_catalogues(root / "translations")
        if self.target_name == "wheel" and version != "editable":
            build_data["force_include"].update(resources(root))


def compile_catalogues(folder: Path) -> None:
    """Write a `.mo` beside every `.po` that is newer than its `.mo`."""
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as readable:
            catalogue = read_po(readable, locale=source.parent.parent.name)
        with target.open("wb") as writable:
            write_mo(writable, catalogue)


def resources(root: Path) -> dict[str, str]:
    """Map every shipped file to its place in the wheel."""
    return {
        str(path): f"{INSIDE}/{path.relative_to(root).as_posix()}"
        for name, kinds in SHIPPED.items()
        for path in sorted((root / name).rglob("*"))
        if path.is_file() and path.suffix in kinds and not path.name.startswith(".")
    }
