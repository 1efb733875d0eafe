"""What commands may be given: arguments and options that several of them share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.executor import usual_workers

Scenario = Annotated[str, typer.Argument(help="A shipped name such as shenzhen, or a .yaml file.", show_default=False)]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", "-s", help="Change a setting: key=value, as often as needed.")
]
Replications = Annotated[
    int | None, typer.Option("--replications", help="Fresh futures; short for -s comparison.replications=N.")
]
Seed = Annotated[int | None, typer.Option("--seed", help="Of the futures; short for -s comparison.seed=N.")]
Workers = Annotated[int, typer.Option("--workers", "-w", min=1, help="Processes to use; results don't depend on it.")]
Results = Annotated[Path, typer.Option("--results", help="Folder below which results are written.")]
Json = Annotated[bool, typer.Option("--json", help="Write one JSON document to the standard output, nothing else.")]
TWO = usual_workers()
RESULTS = Path("results")
