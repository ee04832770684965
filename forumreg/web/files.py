"""Files that a reader takes home: named safely, sent from where they were written, kept by nobody between."""

from __future__ import annotations

import os
import re
import unicodedata
from typing import IO

from flask import Response, send_file

LONGEST_PART = 40  # of a file's name


def attachment(file: IO[bytes], name: str, mimetype: str) -> Response:
    """The written file as a download under this name (RFC 6266); it is closed once it is sent."""
    size_bytes = file.seek(0, os.SEEK_END)
    file.seek(0)
    response = send_file(file, mimetype, as_attachment=True, download_name=name, etag=False, max_age=None)
    response.content_length = size_bytes
    response.headers["Cache-Control"] = "private, no-store"
    return response


def file_name(*parts: str, ending: str) -> str:
    """A name that every system takes: plain letters and digits of the parts, joined by hyphens."""
    plain = (unicodedata.normalize("NFKD", part).encode("ascii", "ignore").decode() for part in parts)
    kept = (re.sub(r"[^A-Za-z0-9]+", "-", part).strip("-")[:LONGEST_PART].strip("-") for part in plain)
    return "-".join(part for part in kept if part) + f".{ending}"
