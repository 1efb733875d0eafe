"""What a screen shows: tables and progress that any console can write, whatever its encoding."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.table import Table

    from experiments.run import Progress

EVERY = 5.0
"""Seconds between two lines of a stage that counts, where there is no terminal."""


def never_fail() -> None:
    """Let the streams replace a character that their encoding lacks instead of failing at it."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def screen(errors: bool = False) -> Console:
    """Return a console on the standard output, or on that of errors; boxes are of ASCII where others can't be shown."""
    from rich.console import Console

    return Console(stderr=errors, highlight=False, markup=False, emoji=False, soft_wrap=False)


def table(title: str, rows: pd.DataFrame, texts: int = 1) -> Table:
    """Return a table for the screen of texts already formatted; columns after the first `texts` are numbers."""
    from rich import box
    from rich.table import Table

    shown = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for position, name in enumerate(rows):
        shown.add_column(str(name), justify="left" if position < texts else "right", overflow="fold")
    for row in rows.itertuples(index=False):
        shown.add_row(*(str(value) for value in row))
    return shown


def facts(title: str, pairs: Mapping[str, Any]) -> Table:
    """Return names and values as a table for the screen."""
    import pandas as pd

    shown = table(title, pd.DataFrame({"name": list(pairs), "value": list(pairs.values())}), texts=2)
    shown.show_header = False
    return shown


@contextmanager
def progress() -> Iterator[Progress]:
    """Yield what a run tells its stages to: a bar on a terminal, else plain lines with the seconds gone by."""
    if not sys.stderr.isatty():
        yield Log(sys.stderr)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=screen(errors=True), transient=True) as bars:
        yield Bar(bars)


class Log:
    """Stages as plain lines; one that counts is told every few seconds and at its end."""

    def __init__(self, stream: TextIO) -> None:
        self.stream, self.begun, self.told = stream, time.monotonic(), float("-inf")

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Write a line, unless the last one is fresh."""
        now = time.monotonic()
        if 0 < done < total and now - self.told < EVERY:
            return
        self.told = now
        count = f": {done} of {total}" if total else ""
        self.stream.write(f"{now - self.begun:6.1f} s  {stage}{count}\n")
        self.stream.flush()


class Bar:
    """Stages as bars of a terminal, one below the other."""

    def __init__(self, bars: Any) -> None:
        self.bars, self.stage, self.task = bars, "", None

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Begin a stage, or move the bar of the present one."""
        if stage != self.stage:
            if self.task is not None:
                self.bars.update(self.task, total=1, completed=1)
            self.stage, self.task = stage, self.bars.add_task(stage, total=total or None)
        self.bars.update(self.task, completed=done)
