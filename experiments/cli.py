"""The command keystay: it and its studies alone print. Libraries are loaded by the command that needs them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from experiments import console
from experiments.endings import Asked, Commands
from experiments.options import RESULTS, TWO, Json, Overrides, Replications, Results, Scenario, Seed, Workers
from experiments.study import study
from experiments.sweeps.commands import add_to, compare_swept, validate_sweep
from experiments.sweeps.understanding_commands import add_to as add_understanding
from experiments.terminal import composed as _composed
from experiments.terminal import document as _document
from experiments.terminal import note as _notes
from experiments.terminal import show as _tables
from experiments.terminal import told as _told

app = typer.Typer(cls=Commands, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(study, name="study")


def main() -> None:
    """Run the command line and exit with its code."""
    app()


@app.callback(invoke_without_command=True)
def about(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
    traceback: Annotated[bool, typer.Option("--traceback", help="Show where an unexpected error came from.")] = False,
) -> None:
    """Simulate business customers shared among carriers, and plan what keeps their revenue."""
    if version:
        from importlib.metadata import PackageNotFoundError
        from importlib.metadata import version as installed

        try:
            print(f"keystay {installed('keystay')}")
        except PackageNotFoundError:
            print("keystay, not installed")
    ctx.obj = Asked(traceback)
    if ctx.invoked_subcommand is None and not version:
        print(ctx.get_help())


@app.command()
def demo(workers: Workers = TWO, results: Results = RESULTS, as_json: Json = False) -> None:
    """Plan for the shipped city, try the plan out on fresh futures, and answer."""
    run("shenzhen", None, None, None, workers, results, as_json)


@app.command()
def run(
    scenario: Scenario,
    overrides: Overrides = None,
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = TWO,
    results: Results = RESULTS,
    as_json: Json = False,
) -> None:
    """Plan, try the plan out on fresh futures beside rules of thumb, answer, and store the result."""
    composed = _composed(scenario, overrides, replications, seed)
    from experiments.run import run as run_it
    from experiments.shown import result_json, result_tables
    from experiments.store import check_root

    check_root(results)
    command = ["keystay", *sys.argv[1:]]
    done = _told(lambda tell: run_it(composed, workers=workers, root=results, progress=tell, command=command))
    if as_json:
        _document(result_json(done))
        return
    _notes(done.start.notes)
    _tables(result_tables(done))
    print(f"Results: {done.folder}")
    print(done.answer)


@app.command()
def simulate(
    scenario: Scenario,
    overrides: Overrides = None,
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = TWO,
    results: Annotated[
        Path | None, typer.Option("--results", help="Folder below which tables are written; without it none are.")
    ] = None,
    ledger: Annotated[
        bool, typer.Option("--ledger", help="Write every customer's month too; below results if no folder is given.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Live through the market under today's practice; nothing is planned, nor written unless asked."""
    composed = _composed(scenario, overrides, replications, seed)
    from experiments.market_record import store_market
    from experiments.run import simulate_market
    from experiments.shown import market_json, market_tables
    from experiments.store import check_root

    root = results or (RESULTS if ledger else None)
    if root:
        check_root(root)
        command = ["keystay", *sys.argv[1:]]
        done, folder = _told(
            lambda tell: store_market(
                composed, ledger=ledger, workers=workers, root=root, progress=tell, command=command
            )
        )
    else:
        done, folder = _told(lambda tell: simulate_market(composed, workers=workers, progress=tell)), None
    if as_json:
        _document({**market_json(done), "folder": folder.as_posix() if folder else None})
        return
    _notes(done.start.notes)
    _tables(market_tables(done))
    if folder:
        print(f"Results: {folder}")


@app.command()
def optimize(
    scenario: Scenario,
    overrides: Overrides = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for plan.csv and plan.xlsx.")] = None,
    as_json: Json = False,
) -> None:
    """Make a plan without trying it out; its figures are the optimiser's own expectation."""
    composed = _composed(scenario, overrides)
    from experiments.record import write_plan
    from experiments.run import optimise_and_double
    from experiments.shown import optimised_json, optimised_tables
    from experiments.store import check_root

    if out:
        check_root(out)
    done = _told(lambda tell: optimise_and_double(composed, progress=tell))
    if out:
        write_plan(done.plan, done.start.book, out)
    if as_json:
        _document({**optimised_json(done), "folder": out.as_posix() if out else None})
        return
    _notes(done.start.notes)
    _tables(optimised_tables(done))
    if out:
        print(f"Plan: {out}")
    print("Expected by the optimiser and not tried out; keystay run tells what the plan is worth.")


@app.command()
def frontier(
    scenario: Scenario,
    overrides: Overrides = None,
    tried: Annotated[bool, typer.Option("--try", help="Live each of these plans on fresh futures as well.")] = False,
    replications: Replications = None,
    workers: Workers = TWO,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the tables and the picture.")] = None,
    as_json: Json = False,
) -> None:
    """Tell what more or less of all hours and budgets would bring, and one more of each."""
    composed = _composed(scenario, overrides, replications)
    from experiments.frontier import frontier_of, write_frontier
    from experiments.shown import frontier_tables, records
    from experiments.store import check_root

    if out:
        check_root(out)
    done = _told(lambda tell: frontier_of(composed, tried=tried, workers=workers, progress=tell))
    if out:
        write_frontier(done, out)
    if as_json:
        given = {name: getattr(done, name) for name in ("frontier", "marginals", "hours", "tried")}
        tables = {name: records(frame) for name, frame in given.items() if frame is not None}
        _document({**tables, "words": list(done.words), "folder": out.as_posix() if out else None})
        return
    _tables(frontier_tables(done))
    if out:
        print(f"Frontier: {out}")


@app.command()
def value(
    scenario: Scenario,
    overrides: Overrides = None,
    lose: Annotated[
        str | None, typer.Option("--lose", help="An account: live the futures with and without it too.")
    ] = None,
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = TWO,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the tables and the picture.")] = None,
    as_json: Json = False,
) -> None:
    """Tell what each account is worth: what it brings, could bring, and makes others bring."""
    composed = _composed(scenario, overrides, replications, seed)
    from experiments.customer_value import value_of, value_tables, write_value
    from experiments.shown import records
    from experiments.store import check_root

    if out:
        check_root(out)
    done = _told(lambda tell: value_of(composed, lose=lose, workers=workers, progress=tell))
    if out:
        write_value(done, out)
    if as_json:
        tables = {"accounts": done.table, "classes": done.classes, "loss": done.loss}
        told = {name: records(frame) for name, frame in tables.items()}
        more = {"words": list(done.words), "notes": list(done.notes), "folder": out.as_posix() if out else None}
        _document({**told, **more})
        return
    _notes(done.notes)
    _tables(value_tables(done))
    print("\n".join(done.words))
    if out:
        print(f"Values: {out}")


@app.command()
def reasons(
    scenario: Scenario,
    overrides: Overrides = None,
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = TWO,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the tables and the picture.")] = None,
    as_json: Json = False,
) -> None:
    """Tell why accounts are expected to leave, aim a programme at it, and try that out on fresh futures."""
    composed = _composed(scenario, overrides, replications, seed)
    from experiments.leaving import reasons_of_leaving, reasons_tables, write_reasons
    from experiments.shown import records
    from experiments.store import check_root

    if out:
        check_root(out)
    done = _told(lambda tell: reasons_of_leaving(composed, workers=workers, progress=tell))
    if out:
        write_reasons(done, out)
    if as_json:
        told = {name: records(getattr(done, name)) for name in ("accounts", "segments", "causes", "worth")}
        more = {"words": list(done.words), "notes": list(done.notes), "folder": out.as_posix() if out else None}
        _document({**told, **more})
        return
    _notes(done.notes)
    _tables(reasons_tables(done))
    print("\n".join(done.words))
    if out:
        print(f"Reasons: {out}")


@app.command()
def learn(
    source: Annotated[
        str,
        typer.Argument(help="A trial's .csv, .parquet or .xlsx, or a scenario that has a trial.", show_default=False),
    ],
    overrides: Overrides = None,
    treatment: Annotated[str | None, typer.Option("--treatment", help="Heading of who got what.")] = None,
    control: Annotated[str | None, typer.Option("--control", help="The word in it for who got nothing.")] = None,
    outcome: Annotated[str | None, typer.Option("--outcome", help="Heading of what came of it.")] = None,
    by: Annotated[
        list[str] | None, typer.Option("--by", help="Heading of a covariate; numbers with edges, as in age:30,50.")
    ] = None,
    most: Annotated[float, typer.Option("--most", help="Share of the people who may be treated.")] = 1.0,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the tables.")] = None,
    as_json: Json = False,
) -> None:
    """Learn from a randomised trial: uplifts by cell, whom to treat, and what that is worth without the luck in it."""
    from experiments.learn import is_table, learn_for_scenario, learn_from_table, table_settings, write_lesson
    from experiments.shown import lesson_json, lesson_tables
    from experiments.store import check_root

    if out:
        check_root(out)
    if is_table(source):
        given = table_settings(source, treatment, control, outcome, by or (), most)
        done = _told(lambda tell: learn_from_table(given, progress=tell))
    else:
        composed = _composed(source, overrides)
        done = _told(lambda tell: learn_for_scenario(composed, progress=tell))
    if out:
        write_lesson(done, out)
    if as_json:
        _document({**lesson_json(done), "folder": out.as_posix() if out else None})
        return
    _tables(lesson_tables(done))
    print("\n".join([*done.words, *([f"Lesson: {out}"] if out else [])]))


@app.command()
def rivals(
    scenario: Scenario,
    overrides: Overrides = None,
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = TWO,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the tables.")] = None,
    as_json: Json = False,
) -> None:
    """Let rivals answer the plan, each within its budget, and tell what the plan is worth after that."""
    composed = _composed(scenario, overrides, replications, seed)
    from experiments.rivalry import let_rivals_answer, rivalry_json, write_rivalry
    from experiments.shown import rivalry_tables
    from experiments.store import check_root

    if out:
        check_root(out)
    done = _told(lambda tell: let_rivals_answer(composed, workers=workers, progress=tell))
    if out:
        write_rivalry(done, out)
    if as_json:
        _document({**rivalry_json(done), "folder": out.as_posix() if out else None})
        return
    _notes(done.notes)
    _tables(rivalry_tables(done))
    if out:
        print(f"Rivals: {out}")


@app.command()
def pilot(
    scenario: Scenario,
    overrides: Overrides = None,
    months: Annotated[int, typer.Option("--months", help="How long the trial takes.")] = 3,
    accounts: Annotated[
        int | None,
        typer.Option("--accounts", help="Accounts in the trial; several numbers are tried if none is given."),
    ] = None,
    treatment: Annotated[
        str | None, typer.Option("--treatment", help="As the plan calls it; one of each family if none is given.")
    ] = None,
    workers: Workers = TWO,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for pilots.csv.")] = None,
    as_json: Json = False,
) -> None:
    """Tell what a trial before roll-out would cost, and be worth in decisions changed; nothing is tried out."""
    composed = _composed(scenario, overrides)
    from experiments.pilot import pilot_of, pilot_tables, write_pilot
    from experiments.shown import records
    from experiments.store import check_root

    if out:
        check_root(out)
    done = _told(
        lambda tell: pilot_of(
            composed, months=months, accounts=accounts, treatment=treatment, workers=workers, progress=tell
        )
    )
    if out:
        write_pilot(done, out)
    if as_json:
        told = {"pilots": records(done.table), "words": list(done.words)}
        _document({**told, "folder": out.as_posix() if out else None})
        return
    _tables(pilot_tables(done))
    print("\n".join([*done.words, *([f"Pilots: {out}"] if out else [])]))


@app.command()
def robust(
    scenario: Scenario,
    overrides: Overrides = None,
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = TWO,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the tables and the robust plan.")] = None,
    as_json: Json = False,
) -> None:
    """Plan for several outlooks at once, and try that plan and the nominal one out under each of them."""
    composed = _composed(scenario, overrides, replications, seed)
    from experiments.robust import robust_of, write_robust
    from experiments.robust_shown import robust_json, robust_tables
    from experiments.store import check_root

    if out:
        check_root(out)
    done = _told(lambda tell: robust_of(composed, workers=workers, progress=tell))
    if out:
        write_robust(done, out)
    if as_json:
        _document({**robust_json(done), "folder": out.as_posix() if out else None})
        return
    _notes(done.start.notes)
    _tables(robust_tables(done))
    if out:
        print(f"Robust plan: {out}")
    print("\n".join(done.words))


@app.command()
def monthly(
    scenario: Scenario,
    overrides: Overrides = None,
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = TWO,
    market: Annotated[
        bool, typer.Option("--market/--no-market", help="Try the policy out in the market too, beside a yearly plan.")
    ] = True,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the tables.")] = None,
    as_json: Json = False,
) -> None:
    """Plan month by month: a bound that no policy passes, and a policy that follows its prices."""
    composed = _composed(scenario, overrides, replications, seed)
    from experiments.monthly import monthly_json, monthly_of, monthly_tables, write_monthly
    from experiments.store import check_root

    if out:
        check_root(out)
    done = _told(lambda tell: monthly_of(composed, workers=workers, market=market, progress=tell))
    if out:
        write_monthly(done, out)
    if as_json:
        _document({**monthly_json(done), "folder": out.as_posix() if out else None})
        return
    _notes(done.notes)
    _tables(monthly_tables(done))
    if out:
        print(f"Monthly: {out}")


@app.command()
def refine(
    scenario: Scenario,
    overrides: Overrides = None,
    workers: Workers = TWO,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for rounds.csv, plan.csv and plan.xlsx.")] = None,
    as_json: Json = False,
) -> None:
    """Plan, live the plan in cities imagined from the book, and plan again around it until that brings no more."""
    composed = _composed(scenario, overrides)
    from experiments.record import write_plan
    from experiments.refining import refine_plan
    from experiments.sheets import csv_bytes
    from experiments.shown import records, refining_tables
    from experiments.store import check_root

    if out:
        check_root(out)
    done = _told(lambda tell: refine_plan(composed, workers=workers, progress=tell))
    if out:
        write_plan(done.refined.plan, done.start.book, out, {"rounds.csv": csv_bytes(done.table)})
    if as_json:
        _document({"rounds": records(done.table), "words": done.words, "folder": out.as_posix() if out else None})
        return
    _notes(done.start.notes)
    _tables(refining_tables(done))
    print(done.words)


@app.command()
def field(
    scenario: Scenario,
    out: Annotated[Path, typer.Option("--out", help="Folder for sheets and calendars.", show_default=False)],
    overrides: Overrides = None,
    start: Annotated[
        str | None, typer.Option("--start", help="Monday on which the first week begins; 2027-01-04 if none is given.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Plan, and lay out account managers' visits by week and trip: a workbook, a table, and their calendars."""
    composed = _composed(scenario, overrides)
    from experiments.field_dates import START, monday
    from experiments.field_plan import check_folder, field_json, plan_field, write_field

    check_folder(out)
    first = START if start is None else monday(start)
    done = _told(lambda tell: plan_field(composed, start=first, progress=tell))
    files = _told(lambda tell: write_field(done, out, progress=tell))
    if as_json:
        _document({**field_json(done), "folder": out.as_posix(), "files": files})
        return
    _notes(done.notes)
    print("\n".join([*done.words, f"Plan for the field: {out}"]))


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(help="A result's folder.", show_default=False)],
    second: Annotated[
        Path | None, typer.Argument(help="The folder of the result to compare with it.", show_default=False)
    ] = None,
    measure: Annotated[str | None, typer.Option("--measure", help="Of sweeps: what is compared.")] = None,
    against: Annotated[str | None, typer.Option("--against", help="Of a sweep: whom all policies are held to.")] = None,
    as_json: Json = False,
) -> None:
    """Compare two results, or the policies of one sweep: what was asked differently, and what came out differently."""
    from experiments.compare import compare_results
    from experiments.shown import compared_json, compared_tables
    from experiments.sweeps.folder import is_sweep
    from sim.errors import InputError

    if is_sweep(first):
        compare_swept(first, second, measure, against, as_json)
        return
    if second is None:
        raise InputError(f"{first}: the result of one run; give a second one to compare it with, or a sweep's folder")

    done = compare_results(first, second)
    if as_json:
        _document(compared_json(done))
    else:
        _tables(compared_tables(done))


@app.command()
def validate(scenario: Scenario, overrides: Overrides = None, as_json: Json = False) -> None:
    """Check a scenario and its customers, or a sweep, and show all settings and what would run."""
    from experiments.sweeps.question import is_question

    if is_question(scenario):
        validate_sweep(scenario, overrides, as_json)
        return
    composed = _composed(scenario, overrides)
    from experiments.preview import as_dict, preview
    from experiments.record import plain
    from experiments.shown import preview_table
    from sim.composing.compose import dump_yaml

    shown = preview(composed)
    if as_json:
        _document({"scenario": plain(composed.settings), "would_run": as_dict(shown)})
        return
    print(dump_yaml(composed.settings))
    _notes(shown.notes)
    _tables([preview_table(shown)])


@app.command()
def schema(as_json: Json = False) -> None:
    """Print the JSON schema of scenario files, for editors; with --json on one line."""
    from experiments.experiment import Experiment
    from sim.composing.compose import json_schema

    _document(json_schema(Experiment), indent=None if as_json else 2)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="A folder to put the starter into.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Write a scenario, a file of customers to fill in, and how the two go together; overwrites nothing."""
    from experiments.starter import write_starter

    names = write_starter(folder)
    if as_json:
        _document({"folder": folder.as_posix(), "files": names})
        return
    print(f"{folder}: {', '.join(names)}")
    print(f"Next: keystay validate {folder / 'customers.yaml'}")


@app.command()
def segments(
    scenario: Scenario,
    overrides: Overrides = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for segments.csv and segments.png.")] = None,
    as_json: Json = False,
) -> None:
    """Rank the segments of the book: how attractive they are, and how able the carrier is to serve them."""
    composed = _composed(scenario, overrides)
    from experiments.segment_figure import segment_rows, segments, write_segments
    from experiments.shown import records
    from experiments.store import check_root

    if out:
        check_root(out)
    done = segments(composed)
    if out:
        write_segments(done, out)
    if as_json:
        _document({"segments": records(done.table), "notes": list(done.notes), "folder": out and out.as_posix()})
        return
    _notes(done.notes)
    _tables([console.table("Segments by priority, spend in thousand yuan a month", segment_rows(done.table), texts=3)])
    if out:
        print(f"Segments: {out}")


@app.command()
def rolling(
    scenario: Scenario,
    overrides: Overrides = None,
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = TWO,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the tables and the answer.")] = None,
    as_json: Json = False,
) -> None:
    """Plan again every quarter from the book as it has become, and compare with the one plan on fresh futures."""
    composed = _composed(scenario, overrides, replications, seed)
    from experiments.rolling import roll, write_rolled
    from experiments.shown import rolled_json, rolled_tables
    from experiments.store import check_root

    if out:
        check_root(out)
    done = _told(lambda tell: roll(composed, workers=workers, progress=tell))
    if out:
        write_rolled(done, out)
    if as_json:
        _document({**rolled_json(done), "folder": out.as_posix() if out else None})
        return
    _notes(done.start.notes)
    _tables(rolled_tables(done))
    if out:
        print(f"Rolling plan: {out}")
    print(done.answer)


@app.command("validate-model")
def validate_model(
    overrides: Overrides = None,
    quick: Annotated[bool, typer.Option("--quick", help="Few and small cities: to see that it works.")] = False,
    workers: Workers = TWO,
    out: Annotated[Path | None, typer.Option("--out", help="Folder to write to; docs, unless --quick or -s.")] = None,
    as_json: Json = False,
) -> None:
    """Hold the shipped market against regularities that others published; takes some minutes."""
    from experiments.shown import records
    from experiments.store import check_root
    from experiments.validation import validate_model
    from experiments.validation_page import screen_table, write_validation

    folder = out or (None if quick or overrides else Path("docs"))
    if folder:
        check_root(folder)
    done = _told(lambda tell: validate_model(overrides or (), quick=quick, workers=workers, progress=tell))
    written = write_validation(done, folder) if folder else []
    if as_json:
        _document({"validation": records(done.table), "files": [place.as_posix() for place in written]})
        return
    _tables([console.table("The market beside what others published", screen_table(done.table))])
    for place in written:
        print(f"Written: {place}")


add_to(app)
add_understanding(app)

if __name__ == "__main__":
    main()
