"""Where data that others published is: the folder that the environment variable KEYSTAY_DATA names, if any."""

from __future__ import annotations

import os
from pathlib import Path


def outside_file(name: Path) -> Path | None:
    """Return the place of a file of outside data, None where it is absent."""
    folder = os.environ.get("KEYSTAY_DATA")
    place = Path(folder) / name if folder else None
    return place if place and place.is_file() else None
