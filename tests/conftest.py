"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from optimize.decision import Decision
from sim.city import found
from sim.composing.compose import compose
from sim.founding import Start
from sim.scenario import Scenario
from sim.testing import tiny_scenario, tiny_tree

settings.register_profile("no test asserts on time", deadline=None)  # the first call of a kernel may compile it
settings.load_profile("no test asserts on time")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `pytest tests/golden --refresh-golden` write the golden figures anew."""
    parser.addoption("--refresh-golden", action="store_true", help="write the golden figures of tests/golden anew")


@pytest.fixture(scope="session")
def outside_data() -> Path:
    """Return the folder of data that others published: KEYSTAY_DATA, else shared/data beside the repository."""
    beside = Path(__file__).resolve().parents[1].parent / "shared" / "data"
    folder = Path(os.environ.get("KEYSTAY_DATA") or beside)
    if not folder.is_dir():
        pytest.skip("no outside data: set the environment variable KEYSTAY_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def shelf() -> Path:
    """Return the folder of shipped scenarios."""
    return Path(__file__).resolve().parents[1] / "experiments" / "scenarios"


@pytest.fixture(scope="session")
def tiny() -> Scenario:
    """Return the tiny market that many tests share."""
    return tiny_scenario()


@pytest.fixture(scope="session")
def tiny_start(tiny: Scenario) -> Start:
    """Return the tiny city and its book; nobody may change them."""
    return found(tiny)


@pytest.fixture(scope="session")
def tiny_decision() -> Decision:
    """Return the tiny market with something to decide: half a year's plan, a short menu."""
    return compose(
        Decision,
        tiny_tree(
            period=6,
            treatments={"visits": [0, 2, 12], "mail": [0, 4], "calls": [0, 4], "unit_discounts": [0.1]},
            response={"draws": 3},
        ),
    ).settings
