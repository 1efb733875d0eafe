"""The commands of sweeps: they alone print what sweeps come to. Libraries are loaded by the command that needs them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from experiments import console
from experiments.options import RESULTS, TWO, Json, Overrides, Results, Workers
from experiments.terminal import document, note, show, told

Folder = Annotated[Path, typer.Argument(help="A sweep's folder.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Give a command line the commands of sweeps."""
    for command in (sweep, best, status, ls, rerun, verify, merge, query):
        app.command()(command)
    app.command("show")(show_result)


def sweep(
    source: Annotated[str, typer.Argument(help="A sweep's .yaml file, or a scenario's name or file.")],
    overrides: Overrides = None,
    workers: Workers = TWO,
    results: Results = RESULTS,
    out: Annotated[
        Path | None, typer.Option("--out", help="The sweep's own folder; below results, by its content, if not given.")
    ] = None,
    max_failures: Annotated[
        int | None, typer.Option("--max-failures", min=0, help="Stop once more runs than this have failed.")
    ] = None,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first run that fails.")] = False,
    shard: Annotated[
        str, typer.Option("--shard", help="Live one part only, such as 2/4; keystay merge brings parts together.")
    ] = "1/1",
    retry: Annotated[bool, typer.Option("--retry", help="Live runs again that failed before.")] = False,
    executor: Annotated[str, typer.Option("--executor", help="Where to live: loky, serial or dask.")] = "loky",
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="Address of a Dask scheduler; without it one is begun here.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Live every policy in every cell of a sweep, keep the runs, and continue what was begun."""
    from experiments.executor import chosen
    from experiments.sweeps.asking import sweep_question
    from experiments.sweeps.progress import sweep_progress
    from experiments.sweeps.shown import sweep_json, sweep_tables

    part, most = part_of(shard), 0 if fail_fast else max_failures
    with chosen(executor, workers, scheduler) as pool, sweep_progress() as tell:
        done = sweep_question(
            source,
            overrides or (),
            out=out,
            results=results,
            workers=1 if executor == "serial" else workers,
            executor=pool,
            progress=tell,
            max_failures=most,
            part=part,
            retry=retry,
            command=["keystay", *sys.argv[1:]],
            noted=lambda text: print(f"note: {text}", file=sys.stderr),
        )
    if as_json:
        document(sweep_json(done.swept))
        return
    show(sweep_tables(done.swept))
    print(f"Sweep: {done.swept.folder}")


def best(
    source: Annotated[str, typer.Argument(help="A sweep's .yaml file, or a scenario's name or file.")],
    ahead_by: Annotated[float, typer.Option("--ahead-by", help="The smallest lead worth telling apart, such as yuan.")],
    overrides: Overrides = None,
    measure: Annotated[str | None, typer.Option("--measure", help="What is to be largest.")] = None,
    confidence: Annotated[float, typer.Option("--confidence", help="Probability of being right.")] = 0.95,
    most: Annotated[int, typer.Option("--most", min=2, help="Futures of each cell at most.")] = 1000,
    workers: Workers = TWO,
    results: Results = RESULTS,
    out: Annotated[Path | None, typer.Option("--out", help="The sweep's own folder.")] = None,
    as_json: Json = False,
) -> None:
    """Choose the best policy with a promised probability, living no more futures than that takes."""
    from experiments.shown import records
    from experiments.sweeps.asking import sweep_of, usual_folder
    from experiments.sweeps.choosing import FIRST, choose
    from experiments.sweeps.comparing_shown import selected_tables
    from experiments.sweeps.progress import sweep_progress
    from experiments.sweeps.question import read_question

    asked = sweep_of(read_question(source, overrides or ()))._replace(replications=FIRST, precision=None)
    folder = out or usual_folder(asked, results)
    with sweep_progress() as tell:
        done = choose(
            asked,
            folder,
            ahead_by=ahead_by,
            measure=measure,
            confidence=confidence,
            most=max(most, FIRST),
            workers=workers,
            progress=tell,
            command=["keystay", *sys.argv[1:]],
        )
    chosen = done.selected
    if as_json:
        facts = {"best": chosen.best, "decided": chosen.decided, "guarantee": chosen.guarantee}
        document({**facts, "alternatives": records(chosen.table), "folder": folder.as_posix()})
        return
    show(selected_tables(chosen))
    print(f"Best: {chosen.best}. {chosen.guarantee}")


def compare_swept(first: Path, second: Path | None, measure: str | None, against: str | None, as_json: bool) -> None:
    """Compare a sweep's policies in its scenarios, or two sweeps with each other."""
    from experiments.sweeps import comparing_shown as shown
    from experiments.sweeps.comparing_one import compare_sweep
    from experiments.sweeps.comparing_two import compare_sweeps
    from experiments.sweeps.folder import read_sweep

    if second is None:
        one = compare_sweep(read_sweep(first), measure, against)
        if as_json:
            document(shown.compared_scenarios_json(one))
            return
        show(shown.compared_scenarios_tables(one))
        return
    two = compare_sweeps(read_sweep(first), read_sweep(second), measure)
    if as_json:
        document(shown.compared_sweeps_json(two))
        return
    show(shown.compared_sweeps_tables(two))


def validate_sweep(source: str, overrides: list[str] | None, as_json: bool) -> None:
    """Check a sweep and all its cells, and show what was asked in full and what would be lived."""
    from experiments.record import plain
    from experiments.sweeps.preview import as_dict, sweep_preview
    from experiments.sweeps.question import read_question
    from experiments.sweeps.shown import preview_tables
    from sim.composing.compose import dump_yaml

    asked = read_question(source, overrides or ())
    shown = sweep_preview(asked)
    if as_json:
        scenarios = {name: plain(composed.settings) for name, composed in asked.scenarios.items()}
        document({"sweep": plain(asked.settings), "scenarios": scenarios, "would_run": as_dict(shown)})
        return
    print(dump_yaml(asked.settings))
    for name, composed in asked.scenarios.items():
        print(f"# ---- scenario {name}, all its settings")
        print(dump_yaml(composed.settings))
    show(preview_tables(shown))


def part_of(text: str) -> tuple[int, int]:
    """Return which part of a sweep is meant by a text such as 2/4.

    >>> part_of("2/4")
    (2, 4)
    """
    from sim.errors import InputError

    number, slash, of = text.partition("/")
    if not slash or not number.strip().isdigit() or not of.strip().isdigit() or not 1 <= int(number) <= int(of):
        raise InputError(f"--shard {text}: give it as i/n with i from 1 to n, such as 2/4")
    return int(number), int(of)


def status(folder: Folder, as_json: Json = False) -> None:
    """Tell how far a sweep is, and what has failed, while it is lived or after."""
    from experiments.sweeps.listing import status_of
    from experiments.sweeps.shown import status_json, status_tables

    found = status_of(folder)
    if as_json:
        document(status_json(found))
    else:
        show(status_tables(found))


def ls(
    root: Annotated[Path, typer.Argument(help="Folder below which results are.")] = RESULTS, as_json: Json = False
) -> None:
    """List the results below a folder."""
    from experiments.shown import records
    from experiments.sweeps.listing import results_table

    found = results_table(root)
    if as_json:
        document({"results": records(found)})
    else:
        show([console.table(f"Results below {root}", found, texts=6)])


def show_result(
    folder: Folder,
    run: Annotated[str | None, typer.Argument(help="A run's id, or the beginning of it.")] = None,
    as_json: Json = False,
) -> None:
    """Show what a sweep found, or all that is known of one run of it."""
    from experiments.sweeps.folder import read_sweep
    from experiments.sweeps.listing import run_facts
    from experiments.sweeps.shown import plain_facts, sweep_json, sweep_tables

    swept = read_sweep(folder)
    if run is None:
        document(sweep_json(swept)) if as_json else show(sweep_tables(swept))
        return
    facts = plain_facts(run_facts(swept, run))
    document(facts) if as_json else show([console.facts(f"Run {facts['run']}", facts)])


def rerun(
    folder: Folder,
    run: Annotated[str, typer.Argument(help="A run's id, or the beginning of it.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Live one run of a sweep again, and tell whether it comes out as it is written; nothing is written."""
    from experiments.sweeps.shown import rerun_json, rerun_tables
    from experiments.sweeps.verifying import rerun as live_again

    found = live_again(folder, run)
    if as_json:
        document(rerun_json(found))
    else:
        show(rerun_tables(found))
        print("as it is written" if found.alike else "NOT as it is written")
    if not found.alike:
        raise typer.Exit(1)


def verify(
    folder: Folder,
    runs: Annotated[int, typer.Option("--runs", min=1, help="How many runs to live again.")] = 5,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the choice of runs.")] = 1,
    as_json: Json = False,
) -> None:
    """Live some runs of a sweep again, drawn at random, and hold them against what is written."""
    from experiments.shown import records
    from experiments.sweeps.verifying import verify as hold_against

    found = told(lambda tell: hold_against(folder, runs, seed=seed, progress=tell))
    if as_json:
        document({"alike": found.alike, "runs": records(found.table)})
    else:
        show([console.table("Runs lived again", found.table, texts=2)])
        print(f"{int(found.table['alike'].sum())} of {len(found.table)} runs came out as they are written")
    if not found.alike:
        raise typer.Exit(1)


def merge(
    folders: Annotated[list[Path], typer.Argument(help="Folders of a sweep's parts.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", help="Folder for the whole; it may be one of them.")],
    as_json: Json = False,
) -> None:
    """Bring the parts of a sweep together that --shard lived on several machines."""
    from experiments.sweeps.merging import merge as bring_together
    from experiments.sweeps.shown import sweep_json, sweep_tables

    found = bring_together(folders, out)
    if as_json:
        document(sweep_json(found))
        return
    show(sweep_tables(found))
    print(f"Sweep: {found.folder}")


def query(
    sql: Annotated[str, typer.Argument(help="One SELECT, such as 'SELECT * FROM runs'.", show_default=False)],
    root: Annotated[Path, typer.Option("--in", help="Folder below which results are.")] = RESULTS,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV instead of a table.")] = False,
    as_json: Json = False,
) -> None:
    """Ask the tables of results a question in SQL (DuckDB); nothing is changed."""
    from experiments.sheets import csv_bytes
    from experiments.shown import records
    from experiments.sweeps.query import query as ask

    found = ask(root, sql)
    if as_json:
        document({"rows": records(found)})
    elif as_csv:
        sys.stdout.write(csv_bytes(found).decode("utf-8-sig"))
    else:
        show([console.table(f"{len(found)} rows", found.head(1000), texts=1)])
        note([f"{len(found) - 1000} more rows; see them all with --csv"] if len(found) > 1000 else [])
