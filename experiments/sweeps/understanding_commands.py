"""The commands that tell what in a sweep matters: tornado, sensitivity, discover, search. They alone print that."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.options import RESULTS, TWO, Json, Overrides, Results, Workers
from experiments.terminal import document, show, told

if TYPE_CHECKING:
    from experiments.sweeps.folder import Swept

Source = Annotated[
    str, typer.Argument(help="A sweep's folder, or the file of one that is lived first.", show_default=False)
]
Measure = Annotated[str | None, typer.Option("--measure", help="What is looked at; the sweep's first if not given.")]
Policy = Annotated[str | None, typer.Option("--policy", help="Whose outcome it is; the sweep's first if not given.")]
Against = Annotated[str | None, typer.Option("--against", help="Look at the lead over this policy instead.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for the table and the picture.")]


def add_to(app: typer.Typer) -> None:
    """Give a command line these commands."""
    for command in (tornado, sensitivity, discover, search):
        app.command()(command)


def tornado(
    source: Source,
    overrides: Overrides = None,
    measure: Measure = None,
    policy: Policy = None,
    against: Against = None,
    workers: Workers = TWO,
    results: Results = RESULTS,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Tell what each uncertain setting does alone, from its lowest to its highest value."""
    from experiments.figures import png_bytes
    from experiments.sheets import csv_bytes
    from experiments.store import check_root, write_new
    from experiments.sweeps.tornado_figure import tornado_figure
    from experiments.sweeps.understanding import tornado_of
    from experiments.sweeps.understanding_shown import tornado_json, tornado_tables

    if out:
        check_root(out)
    rows = tornado_of(_swept(source, overrides, "one_at_a_time", workers, results), measure, policy, against)
    if out:
        figure, table = tornado_figure(rows)
        files = {"tornado.csv": csv_bytes(table), "tornado.png": png_bytes(figure)}
        write_new(out, files, "name another folder with --out, or move it away")
    if as_json:
        document(tornado_json(rows))
        return
    show(tornado_tables(rows))
    if out:
        print(f"Tornado: {out}")


def sensitivity(
    source: Source,
    overrides: Overrides = None,
    method: Annotated[str, typer.Option("--method", help="morris to screen, saltelli for Sobol' indices.")] = "morris",
    measure: Measure = None,
    policy: Policy = None,
    against: Against = None,
    workers: Workers = TWO,
    results: Results = RESULTS,
    as_json: Json = False,
) -> None:
    """Tell how much each uncertain setting matters, alone and together with others, and how sure that is."""
    from experiments.sweeps.understanding import sensitivity_of
    from experiments.sweeps.understanding_shown import sensitivity_json, sensitivity_tables

    swept = _swept(source, overrides, method, workers, results)
    done = sensitivity_of(swept, measure, policy, against)
    if as_json:
        document(sensitivity_json(done))
    else:
        show(sensitivity_tables(done))


def discover(
    source: Source,
    overrides: Overrides = None,
    measure: Measure = None,
    policy: Policy = None,
    against: Annotated[
        list[str] | None, typer.Option("--against", help="Rules to lead, as often as needed; all if none is given.")
    ] = None,
    below: Annotated[float | None, typer.Option("--below", help="It fails where the outcome is below this.")] = None,
    worst: Annotated[float | None, typer.Option("--worst", help="It fails in this share of cells, the worst.")] = None,
    workers: Workers = TWO,
    results: Results = RESULTS,
    as_json: Json = False,
) -> None:
    """Tell in words under what conditions the plan fails: where it leads no longer, or is worst."""
    from experiments.sweeps.understanding import discovery_of
    from experiments.sweeps.understanding_shown import discovery_json, discovery_tables

    swept = _swept(source, overrides, None, workers, results)
    done = told(
        lambda tell: discovery_of(
            swept,
            measure,
            policy,
            against,
            below=below,
            worst=worst,
            progress=lambda at, most: tell("could it be chance", at, most),
        )
    )
    if as_json:
        document(discovery_json(done))
        return
    show(discovery_tables(done))


def search(
    source: Annotated[str, typer.Argument(help="A sweep's file with one scenario.", show_default=False)],
    overrides: Overrides = None,
    trials: Annotated[int, typer.Option("--trials", min=1, help="Candidates to try.")] = 30,
    measure: Annotated[str, typer.Option("--measure", help="What is to be largest.")] = "retained_revenue",
    policy: Policy = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the search.")] = 1,
    workers: Workers = TWO,
    as_json: Json = False,
) -> None:
    """Search for better parameters of a policy, and judge the best on futures that the search didn't see."""
    from experiments.sweeps.question import read_question
    from experiments.sweeps.searching import search_policy
    from experiments.sweeps.understanding_shown import search_json, search_tables

    asked = read_question(source, overrides or ())
    done = told(
        lambda tell: search_policy(
            asked,
            trials=trials,
            policy=policy,
            measure=measure,
            seed=seed,
            workers=workers,
            progress=lambda at, most: tell("trying candidates", at, most),
        )
    )
    if as_json:
        document(search_json(done))
        return
    show(search_tables(done))


def _swept(source: str, overrides: list[str] | None, design: str | None, workers: int, results: Path) -> Swept:
    """Return the sweep of a folder as it is, or that of a file, of which what is missing is lived first."""
    from experiments.sweeps.asking import sweep_question
    from experiments.sweeps.folder import is_sweep, read_sweep
    from experiments.sweeps.progress import sweep_progress
    from sim.errors import InputError

    if Path(source).is_dir():
        if overrides:
            raise InputError("-s: a folder holds what was lived; give the sweep's file to change what is asked")
        if not is_sweep(Path(source)):
            raise InputError(f"{source}: no sweep; give a folder that keystay sweep has written, or a sweep's file")
        return read_sweep(Path(source))
    asked: list[Any] = [*_designed(source, overrides or [], design), *(overrides or [])]
    with sweep_progress() as tell:
        done = sweep_question(
            source, asked, results=results, workers=workers, progress=tell, command=["keystay", *sys.argv[1:]]
        )
    return done.swept


def _designed(source: str, overrides: list[str], design: str | None) -> list[str]:
    """Return the override that asks for a design, unless the file or another override has that kind already."""
    from experiments.sweeps.design import designs
    from experiments.sweeps.question import read_question
    from sim.errors import InputError, did_you_mean

    if design is None:
        return []
    asked = read_question(source, overrides).settings
    if design not in designs:
        raise InputError(f"--method {design}: unknown; {did_you_mean(design, ('morris', 'saltelli'))}")
    if not asked.over:
        raise InputError(f"{source}: nothing is uncertain; give settings and their laws under 'over'")
    return [] if designs.name_of(asked.design) == design else [f"design={design}"]
