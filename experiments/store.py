"""Results on disk: written whole or not at all, by the content of the question, and read back."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import InputError, KeystayError

if TYPE_CHECKING:
    from experiments.experiment import Experiment

MANIFEST = "manifest.json"
SCENARIO = "scenario.yaml"


class Saved(NamedTuple):
    """A result read back from its folder."""

    folder: Path
    manifest: dict[str, Any]
    settings: Experiment
    trials: pd.DataFrame


def identity(*parts: str) -> str:
    """Return twelve hexadecimal digits that stand for some texts.

    >>> identity("months: 24", "0.1.0")
    'edfd61830f58'
    """
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def write_result(
    folder: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any], large: Mapping[str, Path] | None = None
) -> None:
    """Write a result's files and its manifest, which lists them; an earlier result in the folder is replaced whole.

    `large` are files on the same disk, by their name in the result, that are moved there.
    """
    moved = large or {}
    with told_unwritable(folder):
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        digests |= {name: _digest(place) for name, place in moved.items()}
        listed = {**manifest, "files": dict(sorted(digests.items()))}
        text = json.dumps(listed, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        _replace(folder, {**files, MANIFEST: text.encode()}, moved)


def write_new(folder: Path, files: Mapping[str, bytes], remedy: str) -> None:
    """Write files into a folder that has none of them yet; all of them or none."""
    taken = [name for name in files if os.path.lexists(folder / name)]
    if taken:
        raise InputError(f"{folder / taken[0]}: is there already; {remedy}")
    with told_unwritable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
        try:
            _fill(staged, files)
            for name in files:
                (staged / name).rename(folder / name)
        finally:
            shutil.rmtree(staged, ignore_errors=True)


def check_root(root: Path) -> None:
    """Raise an error if results can't be written below a folder, before anything is computed; makes nothing."""
    there = next(place for place in (root, *root.absolute().parents) if os.path.lexists(place))
    if not there.is_dir():
        raise InputError(f"{root}: '{there.name}' is a file; name a folder for results")
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError(f"{root}: may not be written; change its permissions or name another folder for results")


def write_log(text: str) -> Path:
    """Write a traceback where the system keeps temporary files, and return the place."""
    number, name = tempfile.mkstemp(prefix="keystay-", suffix=".log", text=True)
    with os.fdopen(number, "w", encoding="utf-8", errors="replace") as log:
        log.write(text)
    return Path(name)


def read_result(folder: Path) -> Saved:
    """Return a result from its folder, checked for completeness."""
    from experiments.experiment import Experiment  # it loads all that decides, and files are written without it
    from sim.composing.compose import compose

    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        settings = compose(Experiment, folder / SCENARIO).settings
        trials = pd.read_parquet(folder / "trials.parquet")
    except FileNotFoundError as error:
        missing = Path(error.filename or MANIFEST).name
        remedy = "give a folder such as results/shenzhen/0123456789ab"
        raise InputError(f"{folder}: no result ({missing} is missing); {remedy}") from None
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{folder}: can't be read as a result ({reason}); run it again") from None
    return Saved(folder, manifest, settings, trials)


def parquet_bytes(table: pd.DataFrame) -> bytes:
    """Return a table as Parquet; equal tables give equal bytes, whatever pandas wrote them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None), sink)
    return bytes(sink.getvalue().to_pybytes())


class LedgerFile:
    """A ledger that streams to a Parquet file, a row group a month; the file has its name once it is whole.

    Used in a `with` statement; an error inside leaves nothing. Customers without a row that month are left out.
    """

    def __init__(self, place: Path, ids: NDArray[np.str_]):
        self.place, self.ids = place, ids
        self.staged: Path | None = None
        self.writer: Any = None

    def __enter__(self) -> Self:
        with told_unwritable(self.place.parent):
            self.place.parent.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(prefix=f".{self.place.name}-", dir=self.place.parent)
            os.close(number)
        self.staged = Path(name)
        return self

    def post(self, month: int, columns: Mapping[str, NDArray[Any]]) -> None:
        """Write the rows of a month in which anything isn't nought."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        rows = np.flatnonzero(np.any([column != 0 for column in columns.values()], axis=0))
        dated = {"month": np.full(rows.size, month, dtype=np.int16), "customer": self.ids[rows]}
        table = pa.table({**dated, **{name: column[rows] for name, column in columns.items()}})
        with told_unwritable(self.place.parent):
            if self.writer is None:
                self.writer = pq.ParquetWriter(self.staged, table.schema, compression="zstd")
            self.writer.write_table(table, row_group_size=max(rows.size, 1))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.staged is not None
        try:
            with told_unwritable(self.place.parent):
                if self.writer is not None:
                    self.writer.close()
                if kind is None and self.writer is not None:
                    self.staged.chmod(0o666 & ~_umask())
                    self.staged.replace(self.place)
        finally:
            self.staged.unlink(missing_ok=True)


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """Lend a folder on the disk of results, which goes with what is left in it, as do folders made for it."""
    with told_unwritable(parent):
        parent.mkdir(parents=True, exist_ok=True)
        lent = Path(tempfile.mkdtemp(prefix=".large-", dir=parent))
    try:
        yield lent
    finally:
        shutil.rmtree(lent, ignore_errors=True)
        with suppress(OSError):
            parent.rmdir()  # only if nothing else is in it


def _digest(place: Path) -> str:
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _replace(folder: Path, files: Mapping[str, bytes], moved: Mapping[str, Path]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _fill(staged, files)
        for name, place in moved.items():
            place.replace(staged / name)
        staged.chmod(0o777 & ~_umask())
        if folder.exists():
            away = staged.with_name(staged.name + "-old")
            folder.rename(away)
            try:
                staged.rename(folder)
            except OSError:
                away.rename(folder)
                raise
            shutil.rmtree(away, ignore_errors=True)
        else:
            staged.rename(folder)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        with suppress(OSError):
            folder.parent.rmdir()  # only if nothing else is in it
        raise


def _fill(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def told_unwritable(folder: Path) -> Iterator[None]:
    """Tell in one line that a folder can't be written."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise KeystayError(
            f"{folder}: can't be written ({reason}); free some space, or name another folder with --results or --out"
        ) from None
