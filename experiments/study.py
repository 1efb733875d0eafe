"""The commands keystay study …: what the product's claims rest on, measured anew."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.options import TWO, Json, Overrides, Seed, Workers
from experiments.terminal import composed, document, show, told

study = typer.Typer()

Studied = Annotated[str, typer.Argument(help="A shipped name, or a .yaml file.")]
Quick = Annotated[bool, typer.Option("--quick", help="Few futures: to see that it works.")]


@study.callback(invoke_without_command=True)
def about(ctx: typer.Context) -> None:
    """Measure anew what the product's claims rest on; takes some minutes."""
    if ctx.invoked_subcommand is None:
        print(ctx.get_help())


@study.command()
def accuracy(
    scenario: Studied = "shenzhen_full",
    overrides: Overrides = None,
    seed: Seed = None,
    quick: Quick = False,
    workers: Workers = TWO,
    as_json: Json = False,
) -> None:
    """Hold what plans were expected to bring against what the market does on fresh futures."""
    question = composed(scenario, overrides, seed=seed)
    from experiments.shown import records
    from experiments.study_accuracy import accuracy_of, accuracy_tables

    done = told(lambda tell: accuracy_of(question, quick=quick, workers=workers, progress=tell))
    if as_json:
        document({"city": records(done.city), "words": list(done.words)})
        return
    show(accuracy_tables(done))
    print("\n".join(done.words))
