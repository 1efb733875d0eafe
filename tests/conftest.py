"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def outside_data() -> Path:
    """Return the folder of data that others published: KEYSTAY_DATA, else shared/data beside the repository."""
    beside = Path(__file__).resolve().parents[1].parent / "shared" / "data"
    folder = Path(os.environ.get("KEYSTAY_DATA") or beside)
    if not folder.is_dir():
        pytest.skip("no outside data: set the environment variable KEYSTAY_DATA to its folder")
    return folder
