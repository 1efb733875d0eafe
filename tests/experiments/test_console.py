"""The screen."""

from __future__ import annotations

import io

from experiments.console import Log


def test_a_log_tells_each_stage_once_and_a_count_at_its_end() -> None:
    stream = io.StringIO()
    log = Log(stream)
    log("planning", 0, 0)
    for done in range(51):
        log("trying out", done, 50)
    lines = [line.partition(" s  ")[2] for line in stream.getvalue().splitlines()]
    assert lines == ["planning", "trying out: 0 of 50", "trying out: 50 of 50"]
