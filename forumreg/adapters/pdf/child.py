"""The process that prints: reads a template's path and its data, writes a PDF. Run by ``printing``."""

from __future__ import annotations

import json
import resource
import sys
from importlib.resources import files
from pathlib import Path

import typst

FONTS = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic", "fontpkg_noto_sans_devanagari")
MOST_MEMORY_BYTES = 2 * 1024**3  # of addresses; 4,000 names took 0.4 GB (measured, 2026-11)
MOST_SECONDS = 120


def main() -> None:
    """Print what stands on standard input to standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    asked = json.load(sys.stdin)
    template = Path(asked["template"])
    pdf = typst.compile(
        str(template),
        root=str(template.parent),
        font_paths=[*map(_folder, FONTS), *asked["font_folders"]],
        ignore_system_fonts=True,  # the same page on every machine
        sys_inputs={"data": json.dumps(asked["data"], ensure_ascii=False)},
    )
    sys.stdout.buffer.write(pdf)


def _folder(package: str) -> str:
    return str(files(package).joinpath("files"))


if __name__ == "__main__":
    main()
