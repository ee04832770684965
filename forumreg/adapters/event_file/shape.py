"""The JSON Schema of event files, as shipped with the package, and its refusals in sentences."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from importlib.resources import files
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from forumreg.adapters.event_file.places import FILE, inside
from forumreg.base.errors import Problem

FORMAT = "forumreg-event/1"
SCHEMA: Mapping[str, Any] = json.loads(files(__package__).joinpath("schema.json").read_text(encoding="utf-8"))


def keys_of(name: str) -> tuple[str, ...]:
    """The keys of one object of the file in their order; ``event`` is the file itself."""
    shape = SCHEMA if name == "event" else SCHEMA["$defs"][name]
    return tuple(shape["properties"])


def _whole_pattern(_: object, pattern: str, value: object, __: object) -> Iterator[ValidationError]:
    """``pattern`` as ECMA 262 means it, which schemas follow: ``$`` is the end, no line break after it."""
    if isinstance(value, str) and not re.search(pattern.replace("$", r"\Z"), value):
        yield ValidationError("pattern")


_FORMATS = FormatChecker(formats=())
_FORMATS.checks("date", raises=ValueError)(lambda text: bool(date.fromisoformat(str(text))))
_FORMATS.checks("date-time", raises=ValueError)(lambda text: bool(datetime.fromisoformat(str(text))))
_Checker = extend(Draft202012Validator, {"pattern": _whole_pattern})  # type: ignore[no-untyped-call]  # of its stubs
_VALIDATOR = _Checker(SCHEMA, format_checker=_FORMATS)

_TYPES = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "boolean": "true or false",
}
_SENTENCES = {
    "type": "must be {types}",
    "const": "must be {limit}",
    "enum": "must be one of {words}",
    "pattern": "must be {title}",
    "format": "must be {title}",
    "minLength": "empty",
    "minItems": "empty",
    "minProperties": "empty",
    "maxLength": "longer than {limit} signs",
    "maxItems": "more than {limit} items",
    "minimum": "below {limit}",
    "maximum": "above {limit}",
}


class _Fault(NamedTuple):
    """One error of the validator: where, which keyword of the schema, what it allows and what is there."""

    place: str
    keyword: str
    limit: Any
    found: Any
    shape: Any
    is_name: bool  # whether ``found`` is a key of an object, not a value


def misshapen(parsed: object) -> Iterator[Problem]:
    """What the schema does not allow, in sentences; in no order."""
    for error in _VALIDATOR.iter_errors(parsed):
        yield from _said(_fault(error))


def _fault(error: ValidationError) -> _Fault:
    place = ""
    for step in error.absolute_path:
        place = inside(place, step)
    is_name = "propertyNames" in error.absolute_schema_path
    return _Fault(place, str(error.validator), error.validator_value, error.instance, error.schema, is_name)


def _said(fault: _Fault) -> Iterator[Problem]:
    if fault.is_name:
        yield Problem(inside(fault.place, fault.found), _sentence(fault))
    elif fault.keyword == "required":
        missing = [name for name in fault.limit if name not in fault.found]
        yield from (Problem(inside(fault.place, name), "required") for name in missing)
    elif fault.keyword == "additionalProperties":
        unknown = [name for name in fault.found if name not in fault.shape["properties"]]
        yield from (Problem(inside(fault.place, name), "unknown key") for name in unknown)
    else:
        yield Problem(fault.place or FILE, _sentence(fault))


def _sentence(fault: _Fault) -> str:
    limits = fault.limit if isinstance(fault.limit, list) else [fault.limit]
    return _SENTENCES[fault.keyword].format(
        limit=fault.limit,
        words=", ".join(str(limit) for limit in limits),
        types=" or ".join(_TYPES.get(str(limit), "") for limit in limits),
        title=fault.shape.get("title", ""),
    )
