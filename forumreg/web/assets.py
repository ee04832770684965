"""Own style sheets and modules: read once, compressed once, named by content so that browsers keep them."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from forumreg.base.errors import NotFound
from forumreg.base.resources import resource_folder
from forumreg.web.acting import public

YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    plain: bytes
    packed: bytes
    mimetype: str
    version: str


@cache
def _asset(name: str) -> Asset:
    folder = resource_folder("static").resolve()
    try:
        path = (folder / name).resolve()
        is_ours = path.is_relative_to(folder) and path.is_file()
    except OSError as error:  # longer than a name may be
        raise NotFound("asset") from error
    if not is_ours:
        raise NotFound("asset")
    plain = path.read_bytes()
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(plain, gzip.compress(plain, 9, mtime=0), mimetype, hashlib.sha256(plain).hexdigest()[:10])


def asset(name: str) -> str:
    """The address of a file below ``static/`` that changes whenever its content does."""
    return url_for("static", filename=name, v=_asset(name).version)


@public
def static(filename: str) -> ResponseReturnValue:
    """Send a file below ``static/``."""
    found = _asset(filename)
    packed = request.accept_encodings.quality("gzip") > 0
    response = Response(found.packed if packed else found.plain, mimetype=found.mimetype)
    if packed:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.cache_control.public = True
    response.cache_control.max_age = YEAR_S
    response.cache_control.immutable = True
    response.set_etag(found.version)
    return response.make_conditional(request)
