"""How far a sweep is, shown while it lasts: a bar on a terminal, heartbeat lines elsewhere, a widget in a notebook."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from experiments.console import screen
from experiments.sweeps.living import Count, Tell

EVERY = 10.0
"""Seconds between two heartbeat lines, where nothing can be drawn."""


def in_words(count: Count) -> str:
    """Return how far a sweep is, in a line.

    >>> in_words(Count(done=118, failed=2, left=80, seconds=60.0, here=120, best="plan 24,310,000"))
    '120 of 200 runs, 2 failed, 80 left, about 40 s more; best so far: plan 24,310,000'
    """
    more = f", about {duration(count.remaining)} more" if count.left and not math.isnan(count.remaining) else ""
    best = f"; best so far: {count.best}" if count.best else ""
    return f"{count.done + count.failed} of {count.total} runs, {count.failed} failed, {count.left} left{more}{best}"


def duration(seconds: float) -> str:
    """Return a time as people say it.

    >>> duration(48.4), duration(600), duration(9000)
    ('48 s', '10 min', '2.5 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


@contextmanager
def sweep_progress() -> Iterator[Tell]:
    """Yield what a sweep tells its progress to, as fits where it runs."""
    if _in_a_notebook():
        yield Widget()
    elif sys.stderr.isatty():
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bars

        columns = (BarColumn(bar_width=24), TextColumn("{task.description}"))
        with Bars(*columns, console=screen(errors=True), transient=True) as bars:
            yield Bar(bars)
    else:
        yield Heartbeat(sys.stderr)


class Heartbeat:
    """Lines with the seconds gone by, every few seconds and at the end."""

    def __init__(self, stream: TextIO, every: float = EVERY) -> None:
        self.stream, self.every, self.told = stream, every, float("-inf")

    def __call__(self, count: Count) -> None:
        """Write a line, unless the last one is fresh."""
        now = time.monotonic()
        if count.left and now - self.told < self.every:
            return
        self.told = now
        self.stream.write(f"{count.seconds:6.1f} s  {in_words(count)}\n")
        self.stream.flush()


class Bar:
    """A bar of a terminal."""

    def __init__(self, bars: Any) -> None:
        self.bars, self.task = bars, bars.add_task("", total=None)

    def __call__(self, count: Count) -> None:
        """Move the bar."""
        there = count.done + count.failed
        self.bars.update(self.task, total=max(count.total, 1), completed=there, description=in_words(count))


class Widget:
    """A bar in a notebook's output, or a line there if ipywidgets isn't installed."""

    def __init__(self) -> None:
        from IPython.display import display

        self.bar: Any = None
        self.shown: Any = None
        with suppress(ImportError):
            from ipywidgets import HTML, IntProgress, VBox

            self.bar, self.line = IntProgress(min=0, max=1), HTML()
            display(VBox([self.bar, self.line]))
        if self.bar is None:
            self.shown = display(in_words(Count(0, 0, 0, 0.0, 0, "")), display_id=True)

    def __call__(self, count: Count) -> None:
        """Move the bar and tell how far it is."""
        from html import escape

        if self.bar is None:
            self.shown.update(in_words(count))
            return
        self.bar.max, self.bar.value = max(count.total, 1), count.done + count.failed
        self.bar.bar_style = "" if count.left else ("warning" if count.failed else "success")
        self.line.value = escape(in_words(count))


def _in_a_notebook() -> bool:
    """Return whether this process is a notebook's kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and type(shell).__name__ == "ZMQInteractiveShell"
