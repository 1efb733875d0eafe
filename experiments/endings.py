"""How a command ends: one line for each problem, an exit code that scripts can read, and no traceback."""

from __future__ import annotations

import sys
import traceback
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup

from experiments.console import never_fail
from sim.errors import InputError, KeystayError

BAD_INPUT = 2
INTERRUPTED = 130
USAGE = "format_message"
"""A method that only those errors have which typer raises for a command line it can't read."""


class Asked(NamedTuple):
    """What was asked of all commands."""

    traceback: bool


class Commands(TyperGroup):
    """The group of commands: whatever they raise becomes lines on the standard error and an exit code."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command line and exit with its code."""
        never_fail()
        try:
            code = super().main(*args, **{"prog_name": "keystay", **extra, "standalone_mode": False})
        except (KeyboardInterrupt, typer.Abort):
            code = INTERRUPTED
        except Exception as error:
            if not hasattr(error, USAGE):
                raise
            _say(f"{getattr(error, USAGE)().rstrip('.')}; see keystay --help")
            code = BAD_INPUT
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: Any) -> Any:
        """Run the command and tell what stops it."""
        try:
            done = super().invoke(ctx)
            sys.stdout.flush()
        except KeystayError as error:
            for problem in error.problems if isinstance(error, InputError) else [str(error)]:
                _say(problem)
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            _say("interrupted; nothing was kept of this run")
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            passed_on = isinstance(error, typer.Exit | typer.Abort | BrokenPipeError) or hasattr(error, USAGE)
            if passed_on or (ctx.obj and ctx.obj.traceback):
                raise
            _unexpected(error)
            raise typer.Exit(1) from None
        return done


def _unexpected(error: Exception) -> None:
    from experiments.store import write_log

    place = write_log("".join(traceback.format_exception(error)))
    what = " ".join(f"{type(error).__name__}: {error}".split())
    _say(f"unexpected {what}; this is an error in Keystay, please report it with {place} (or see it by --traceback)")


def _say(problem: str) -> None:
    line = " ".join(problem.split())
    sys.stderr.write(f"error: {line}\n")
