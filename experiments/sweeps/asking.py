"""From a question to a sweep: its cells, its model, its name and the folder where it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, NamedTuple

from experiments.experiment import folder_of, slug
from experiments.record import plain
from experiments.sweeps.agenda import Sweep
from experiments.sweeps.cells import cells_of, cells_over, known_uncertainties
from experiments.sweeps.design import Design, designs
from experiments.sweeps.folder import Swept, read_manifest
from experiments.sweeps.living import Tell
from experiments.sweeps.market import inputs_of, market_of, policies_of, texts_of
from experiments.sweeps.model import Model
from experiments.sweeps.question import Asked, Precision, Question, read_question
from experiments.sweeps.sweep import manifest_of, sweep, sweep_id
from experiments.sweeps.uncertainty import Uncertainty, uncertainties
from experiments.sweeps.unlike import told_differences
from sim.composing.compose import dump_yaml
from sim.errors import InputError, did_you_mean
from sim.shape import Shape, tree_of

RESULTS = Path("results")


class SweepDone(NamedTuple):
    """A sweep that was asked for by its question."""

    asked: Sweep
    swept: Swept
    notes: tuple[str, ...]

    def _repr_html_(self) -> str:
        """Return the sweep for a notebook."""
        from html import escape

        return "".join(f"<p>{escape(note)}</p>" for note in self.notes) + self.swept._repr_html_()


def sweep_of(asked: Asked) -> Sweep:
    """Return the sweep that a question asks for.

    >>> sweep_of(read_question("shenzhen", ["replications=3"])).least
    30
    """
    known, texts, model = known_uncertainties(asked), texts_of(asked), market_of(asked)
    settings, policies = asked.settings, policies_of(asked)
    cells = cells_of(asked, known, texts, model.version)
    _check_precision(asked, settings.precision, policies, model.measures)
    facts = {
        "title": settings.title,
        "notes": settings.notes,
        "decided": settings.decided,
        "scenarios": {name: plain(composed.settings) for name, composed in asked.scenarios.items()},
        "inputs": {name: inputs_of(c.settings, folder_of(c)) for name, c in asked.scenarios.items()},
        "over": {path: _part(unknown) for path, unknown in known.items()},
        "design": plain(settings)["design"],
    }
    return Sweep(
        name=_name(asked),
        model=model,
        cells=tuple(cells),
        policies=policies,
        replications=settings.replications,
        precision=settings.precision,
        question=dump_yaml(settings),
        facts=facts,
    )


def own_sweep(
    model: Model,
    over: Mapping[str, Uncertainty],
    design: Design,
    *,
    policies: tuple[str, ...] = ("function",),
    replications: int = 1,
    precision: Precision | None = None,
    name: str = "own",
) -> Sweep:
    """Return a sweep of a model of one's own over its inputs.

    >>> from experiments.sweeps.design import Grid
    >>> from experiments.sweeps.known import INPUTS, Ishigami
    >>> own_sweep(Ishigami(), INPUTS, Grid(levels=4)).least
    64
    """
    written = Shape.of(Any, (designs,))
    return Sweep(
        name=name,
        model=model,
        cells=tuple(cells_over(over, design, model.version)),
        policies=policies,
        replications=replications,
        precision=precision,
        facts={
            "title": name,
            "over": {path: _part(unknown) for path, unknown in over.items()},
            "design": tree_of(design, written),
        },
    )


def _check_precision(
    asked: Asked, precision: Precision | None, policies: Sequence[str], measures: Sequence[str]
) -> None:
    if precision is None:
        return
    for key, given, allowed in (("measure", precision.measure, measures), ("policy", precision.policy, policies)):
        if given not in allowed:
            hint = did_you_mean(given, allowed)
            raise InputError(f"{asked.place('precision', key)}: '{given}' is none of this sweep's; {hint}")
    if len(policies) < 2:
        raise InputError(f"{asked.place('precision')}: a difference needs two policies; this sweep has {len(policies)}")


def _part(unknown: Uncertainty) -> Any:
    """Return an uncertainty as a file has it."""
    shape = Shape.of(Any, (uncertainties,))
    return tree_of(unknown, shape)


def _name(asked: Asked) -> str:
    files = asked.question.files
    given = files[-1].stem if files else asked.settings.title or "_".join(asked.scenarios)
    return slug(given) or "sweep"


def usual_folder(asked: Sweep, root: Path = RESULTS) -> Path:
    """Return where a sweep is kept unless a folder is named: by its name, and by what it asks."""
    return root / asked.name / sweep_id(asked)


def notes_on(asked: Sweep, folder: Path) -> tuple[str, ...]:
    """Return how a sweep that begins in its usual folder differs from the last one of its name, if there is one."""
    if read_manifest(folder) is not None:
        return ()
    earlier = [place for place in folder.parent.glob("*/manifest.json") if _is_readable(place.parent)]
    if not earlier:
        return ()
    last = max(earlier, key=lambda place: place.stat().st_mtime).parent
    lines = told_differences(read_manifest(last) or {}, manifest_of(asked))
    return (f"a new sweep: it differs from {last} (there, here) in", *lines)


def _is_readable(folder: Path) -> bool:
    """Return whether a folder holds a sweep that this version reads."""
    try:
        return read_manifest(folder) is not None
    except InputError:
        return False


def sweep_question(
    source: str | Path | Mapping[Any, Any],
    overrides: Sequence[str] = (),
    *,
    out: Path | None = None,
    results: Path = RESULTS,
    workers: int = 1,
    executor: Executor | None = None,
    progress: Tell | None = None,
    max_failures: int | None = None,
    part: tuple[int, int] = (1, 1),
    retry: bool = False,
    command: Sequence[str] = (),
    noted: Callable[[str], None] | None = None,
) -> SweepDone:
    """Sweep what a file, a shipped scenario's name or a mapping asks for, and return it; `noted` hears notes at once.

    See `experiments.sweeps.sweep.sweep` for the rest.
    """
    asked = sweep_of(read_question(source, overrides))
    folder = out or usual_folder(asked, results)
    notes = () if out else notes_on(asked, folder)
    for note in notes:
        (noted or (lambda _: None))(note)
    swept = sweep(
        asked,
        folder,
        workers=workers,
        executor=executor,
        progress=progress,
        max_failures=max_failures,
        part=part,
        retry=retry,
        command=command,
    )
    return SweepDone(asked, swept, notes)


def asked_again(swept: Swept) -> Sweep:
    """Return the sweep that a folder was made for, read from what is kept there; refuse it where code has changed."""
    from experiments.sweeps.folder import QUESTION

    asked = sweep_of(read_question(swept.folder / QUESTION))
    if sweep_id(asked) != swept.manifest["id"]:
        lines = told_differences(swept.manifest, manifest_of(asked))
        raise InputError([f"{swept.folder}: can't be asked again as it was; what differs (there, here):", *lines])
    return asked


__all__ = ["Question", "SweepDone", "asked_again", "own_sweep", "sweep_of", "sweep_question", "usual_folder"]
