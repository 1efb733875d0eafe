"""What the README claims, run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from experiments import load, run

README = Path(__file__).parent.parent / "README.md"
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def quoted() -> str:
    lines = README.read_text(encoding="utf-8").splitlines()
    return " ".join(line.removeprefix("> ") for line in lines if line.startswith("> "))


@pytest.mark.slow
def test_the_readme_quotes_the_answer_of_the_demo(tmp_path: Path) -> None:
    """Figures may differ a little on another machine, where the solver may end on another plan of the same worth."""
    told = run(load("shenzhen"), workers=2, root=tmp_path).answer
    assert NUMBER.sub("#", quoted()) == NUMBER.sub("#", told)
    figures = zip(NUMBER.findall(quoted()), NUMBER.findall(told), strict=True)
    assert all(float(ours) == pytest.approx(float(theirs), rel=0.1, abs=0.05) for ours, theirs in figures)


def test_files_that_the_readme_names_are_there() -> None:
    named = re.findall(
        r"docs/[\w/.-]+|results/README\.md|CONTRIBUTING\.md|CHANGELOG\.md", README.read_text(encoding="utf-8")
    )
    assert named
    assert [name for name in named if not (README.parent / name.rstrip(".")).exists()] == []


def test_scenarios_that_the_readme_runs_are_shipped() -> None:
    for name in re.findall(r"^keystay run (\w+)(?:$| )", README.read_text(encoding="utf-8"), re.MULTILINE):
        assert load(name).settings.months > 0
