"""Where benchmarks find each other, as `benchmarks/conftest.py` has it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))
