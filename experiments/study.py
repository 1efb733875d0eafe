"""The commands keystay study …: what the product's claims rest on, measured anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.options import TWO, Json, Overrides, Seed, Workers
from experiments.terminal import composed, document, show, told

study = typer.Typer()

Studied = Annotated[str, typer.Argument(help="A shipped name, or a .yaml file.")]
Quick = Annotated[bool, typer.Option("--quick", help="Little of everything: to see that it works.")]


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
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the page, its tables and its picture, such as docs.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Hold what plans were expected to bring against what the market does on fresh futures."""
    question = composed(scenario, overrides, seed=seed)
    from experiments.accuracy_page import write_accuracy
    from experiments.shown import records
    from experiments.store import check_root
    from experiments.study_accuracy import accuracy_of, accuracy_tables

    if out:
        check_root(out)
    changed = (*(overrides or ()), *(() if seed is None else (f"comparison.seed={seed}",)))
    done = told(lambda tell: accuracy_of(question, quick=quick, workers=workers, progress=tell, overrides=changed))
    written = write_accuracy(done, out) if out else []
    if as_json:
        tables = {name: records(getattr(done, name)) for name in ("city", "accounts", "ranks", "calibration")}
        document({**tables, "words": list(done.words), "files": [place.as_posix() for place in written]})
        return
    show(accuracy_tables(done))
    print("\n".join([*done.words, *(f"Written: {place}" for place in written)]))


@study.command()
def worth(
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(help="Shipped names, or .yaml files; the city, the price war and real customers if none."),
    ] = None,
    overrides: Overrides = None,
    quick: Quick = False,
    futures: Annotated[
        int | None, typer.Option("--futures", min=2, help="Fresh futures of each scenario; 100 unless given.")
    ] = None,
    workers: Workers = TWO,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder to write to; docs, if the whole study is asked for as it is.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Try plans out beside every rule of thumb, and tell what they are worth and where that comes from."""
    from experiments.store import check_root
    from experiments.study_worth import SCENARIOS, worth_of
    from experiments.study_worth_page import write_worth
    from experiments.study_worth_shown import worth_json, worth_tables
    from experiments.study_worth_words import failures, headline

    usual = not (scenarios or overrides or quick or futures)
    folder = out or (Path("docs") if usual else None)
    if folder:
        check_root(folder)
    done = told(
        lambda tell: worth_of(
            scenarios or SCENARIOS, overrides or (), quick=quick, futures=futures, workers=workers, progress=tell
        )
    )
    written = write_worth(done, folder) if folder else []
    if as_json:
        document({**worth_json(done), "files": [place.as_posix() for place in written]})
        return
    show(worth_tables(done))
    print("\n".join([headline(done), *failures(done), *(f"Written: {place}" for place in written)]))
