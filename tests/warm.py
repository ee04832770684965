"""What a test process compiles once and keeps for the applications and engines of all its tests.

In production there is one application and one engine, which compile each address, template and statement once. Here
each test has its own, new ones, and two thirds of a test's time went into compiling the same again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Dialect, Engine, event
from werkzeug.routing import Rule

from forumreg.store import engine as store_engine


class Templates(BytecodeCache):
    """Compiled templates."""

    known: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is known."""
        if bucket.key in self.known:
            bucket.bytecode_from_string(self.known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Know it from now on."""
        self.known[bucket.key] = bucket.bytecode_to_string()


def keep_templates() -> None:
    """Keep compiled templates, for whatever application asks for them."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Templates()}


def keep_addresses() -> None:
    """Keep the functions that build addresses, which Werkzeug makes anew for each rule of each application."""
    make, known = Rule._compile_builder, dict[tuple[object, ...], Callable[..., tuple[str, str]]]()

    def builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if rule.defaults:  # they stand in the function as the converters of this application write them
            return make(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in known:
            known[key] = make(rule, append_unknown)
        return known[key]

    Rule._compile_builder = builder


def keep_statements() -> None:
    """Keep compiled SQL: engines of a kind share the dialect, by which SQLAlchemy knows statements again."""
    make, dialects, compiled = store_engine.create_engine, dict[str, Dialect](), dict[str, dict[Any, Any]]()

    def create_engine(url: str, **options: Any) -> Engine:
        engine = make(url, **options)
        name = engine.dialect.name
        if "isolation_level" in options:  # a dialect of its own
            return engine
        if name in dialects:
            engine.dialect = dialects[name]
        else:  # once it has asked its database what it can
            event.listen(engine, "connect", lambda *_: dialects.setdefault(name, engine.dialect), once=True)
        engine.update_execution_options(compiled_cache=compiled.setdefault(name, {}))
        return engine

    store_engine.create_engine = create_engine
