"""Forms as they are read: bytes that are not UTF-8 cost their answer, never the whole form."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any, TypeVar, cast
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.sansio.http import parse_cookie  # that of werkzeug.http fails at bytes that are not UTF-8
from werkzeug.utils import cached_property

MOST_ANSWERS = 2000  # the largest form of ours has some hundred
_MARK = "forumreg_largest_bytes"
_View = TypeVar("_View", bound=Callable[..., Any])


def takes(most_bytes: int) -> Callable[[_View], _View]:
    """Marks a view of signed-in staff that takes a file: its request may be so large."""

    def mark(view: _View) -> _View:
        setattr(view, _MARK, most_bytes)
        return view

    return mark


def largest_of(view: object) -> int | None:
    """How large a request the view takes; ``None``: as large as any."""
    found: int | None = getattr(view, _MARK, None)
    return found


class FormReader(FormDataParser):
    """Reads what is not UTF-8 as U+FFFD, which rules ask people to type again; refuses what is no form at all."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **{**named, "silent": False})

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], Any, Any]:
        """The answers of a form and its files."""
        if mimetype != "application/x-www-form-urlencoded":
            try:
                return super().parse(stream, mimetype, content_length, options)
            except ValueError as error:  # no boundary, or not the one of its parts
                raise BadRequest from error
        text = stream.read().decode(errors="replace")
        try:
            answers = parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_ANSWERS)
        except ValueError as error:
            raise RequestEntityTooLarge from error
        return stream, self.cls(answers), self.cls()


class SentRequest(Request):
    """A request whose form is read as above."""

    form_data_parser_class = FormReader

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """The cookies, without looking for them in every header."""
        return cast(
            "ImmutableMultiDict[str, str]", parse_cookie(self.environ.get("HTTP_COOKIE"), cls=ImmutableMultiDict)
        )
