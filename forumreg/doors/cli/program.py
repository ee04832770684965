"""The frame of the program: commands loaded when they are asked for, and refusals told in one line."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any, NamedTuple, cast

import click

from forumreg.base.errors import Changed, Damaged, Forbidden, Gone, Invalid, NotFound, Refused, Unavailable
from forumreg.base.settings import SettingsError
from forumreg.doors.cli.words import sentence, sentence_of_missing

NAME = "forumreg"


class Refusal(click.ClickException):
    """Ends the command with exit code 1 and these lines on standard error."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the lines, each after the program's name."""
        for line in self.lines:
            click.echo(f"{NAME}: {line}", file=file or sys.stderr)


class Later(NamedTuple):
    """Where a command is found once it is asked for, and what the list of commands says of it."""

    module: str
    attribute: str
    summary: str


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is asked for.

    This is the one place where the program loads modules by name: a server brings the whole web stack with
    it, and the command that makes an account should not wait for it. Each module imports at its top, as ever.
    """

    def __init__(self, *args: Any, later: Mapping[str, Later] | None = None, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.later = dict(later or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of their table, then those that are loaded already."""
        return [*self.later, *(name for name in super().list_commands(ctx) if name not in self.later)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, loaded now if it was not before."""
        if cmd_name not in self.later:
            return super().get_command(ctx, cmd_name)
        place = self.later[cmd_name]
        return cast("click.Command", getattr(importlib.import_module(place.module), place.attribute))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading any."""
        if not self.later:
            super().format_commands(ctx, formatter)
            return
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.summary) for name, place in self.later.items()])


class Program(LazyGroup):
    """The outermost group: what a rule refuses becomes one line and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with told():
            return super().invoke(ctx)


@contextmanager
def told() -> Iterator[None]:
    """Turns the ways in which the program says no into lines for the reader.

    Raises:
        Refusal: the act was refused or failed; the lines say why and what to do.
    """
    try:
        yield
    except Invalid as error:
        raise Refusal(*lines_of(error)) from error
    except (Refused, Gone) as error:
        raise Refusal(sentence(error.reason, error.facts)) from error
    except NotFound as error:
        raise Refusal(sentence_of_missing(str(error))) from error
    except (Forbidden, Changed) as error:
        raise Refusal(sentence(type(error).__name__.lower(), {})) from error
    except Damaged as error:
        raise Refusal(sentence("damaged", {})) from error
    except Unavailable as error:
        raise Refusal(sentence("unavailable", {})) from error
    except SettingsError as error:
        raise Refusal(str(error)) from error
    except BrokenPipeError:
        raise  # whoever read has read enough, as with `| head`; click ends quietly
    except OSError as error:
        raise Refusal(f"{error.filename}: {error.strerror}" if error.filename else str(error)) from error


def lines_of(error: Invalid) -> Sequence[str]:
    """Every place that is wrong, a line each."""
    return [f"{problem.place}: {problem.message}" for problem in error.problems]
