"""Forms as they are read: bytes that are not UTF-8 cost their answer, never the whole form."""

from __future__ import annotations

from typing import IO, Any
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

MOST_ANSWERS = 2000  # the largest form of ours has some hundred


class FormReader(FormDataParser):
    """Reads what is not UTF-8 as U+FFFD, which rules ask people to type again."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], Any, Any]:
        """The answers of a form and its files."""
        if mimetype != "application/x-www-form-urlencoded":
            return super().parse(stream, mimetype, content_length, options)
        text = stream.read().decode(errors="replace")
        try:
            answers = parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_ANSWERS)
        except ValueError as error:
            raise RequestEntityTooLarge from error
        return stream, self.cls(answers), self.cls()


class SentRequest(Request):
    """A request whose form is read as above."""

    form_data_parser_class = FormReader
