"""Settings files: found, read and turned into plain values, with the line of every key."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode
from ruamel.yaml.reader import ReaderError

from sim.errors import InputError, did_you_mean
from sim.shape import KeyPath, dotted, paths, shortened

EXTENDS = "extends"
ENDINGS = (".yaml", ".yml")
MOST_ENTRIES = 200_000
"""Far above any settings file, and below what a file of repeated aliases can blow up to."""
TAG = "tag:yaml.org,2002:"
PLAIN_TAGS = {TAG + kind for kind in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq")}


@dataclass(frozen=True)
class Layer:
    """What one file, or one override, says: plain values and the place where each key path was written."""

    tree: dict[Any, Any]
    places: dict[KeyPath, str] = field(default_factory=dict)
    file: Path | None = None


def layers(source: str | Path | Mapping[Any, Any], shelves: Sequence[Path] = ()) -> list[Layer]:
    """Return the layers of a source, those it extends first; a mapping is a source without a file."""
    if isinstance(source, Mapping):
        tree = dict(source)
        return _with_bases(Layer(tree, dict.fromkeys(paths(tree), "")), Path(), "", shelves, ())
    if isinstance(source, str) and _is_name(source):
        return _layers(_on_a_shelf(source, shelves, ""), shelves, ())
    return _layers(Path(source), shelves, ())


def bases_of(layer: Layer, shown: str) -> list[tuple[str, str]]:
    """Return what a layer extends, each with the place where that was written; `shown` is what messages call it."""
    given = layer.tree.get(EXTENDS, [])
    names = given if isinstance(given, list) else [given]
    found = []
    for index, name in enumerate(names):
        at = layer.places.get((EXTENDS, index), layer.places.get((EXTENDS,), shown))
        place = f"{at}: {EXTENDS}".removeprefix(": ")
        if not isinstance(name, str):
            raise InputError(f"{place}: {kind_of(name)}; give a name, a path or a list of them")
        found.append((name, place))
    return found


def parse(text: str, place: Callable[[int], str]) -> tuple[Any, dict[KeyPath, str]]:
    """Return the plain value of a YAML text and the place of each key path in it; `place` turns a line into a place."""
    yaml = YAML(typ="safe", pure=True)
    try:
        reader = _Reader(yaml, place)
        node = yaml.compose(text)
        return (None if node is None else reader.value(node, ())), reader.places
    except MarkedYAMLError as error:
        raise InputError(_syntax(error, place)) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise InputError(f"{place(line)}: a character that YAML doesn't allow; remove it") from None
    except RecursionError:
        raise InputError(f"{place(1)}: nested too deeply; write fewer levels") from None
    except YAMLError as error:
        raise InputError(f"{place(1)}: not YAML: {' '.join(str(error).split())}") from None


def read(file: Path, shown: str) -> Layer:
    """Read one settings file; `shown` is what messages call it."""

    def place(line: int) -> str:
        return f"{shown}:{line}"

    tree, places = parse(_text(file, shown), place)
    if tree is None:
        raise InputError(f"{place(1)}: the file is empty; write at least one setting, such as 'extends: ...'")
    if not isinstance(tree, dict):
        raise InputError(f"{place(1)}: {kind_of(tree)} instead of settings; write 'key: value' lines")
    return Layer(tree, {**places, (): place(1)}, file)


def kind_of(value: Any) -> str:
    """Return in words what kind of value was given.

    >>> kind_of("twelve"), kind_of(True), kind_of([1])
    ("'twelve' is text", 'true is a yes/no value', 'a list')
    """
    if value is None:
        return "nothing is given"
    if isinstance(value, bool):
        return f"{str(value).lower()} is a yes/no value"
    if isinstance(value, str):
        return f"{shortened(value)} is text"
    if isinstance(value, int | float):
        return f"{value!r} is a number"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, Mapping):
        return "a mapping"
    return f"{value} is a date" if isinstance(value, datetime.date) else f"a {type(value).__name__}"


@dataclass
class _Reader:
    yaml: YAML
    place: Callable[[int], str]
    places: dict[KeyPath, str] = field(default_factory=dict)

    def value(self, node: Node, path: KeyPath) -> Any:
        """Return the plain value of a node."""
        if len(self.places) > MOST_ENTRIES:
            raise InputError(f"{self._at(node)}: more than {MOST_ENTRIES} entries; use fewer aliases")
        if node.tag not in PLAIN_TAGS:
            raise InputError(f"{self._at(node)}: the tag {shown_tag(node.tag)} is not read; write the plain value")
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self._entry(item, (*path, index), item) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[Any, Any]:
        mapping: dict[Any, Any] = {}
        lines: dict[Any, str] = {}
        for key_node, item in node.value:
            key = self._key(key_node)
            if key in mapping:
                where = f"{self._at(key_node)}: {dotted((*path, key))}"
                raise InputError(f"{where}: given twice, first at {lines[key]}; keep one")
            lines[key] = self._at(key_node)
            mapping[key] = self._entry(item, (*path, key), key_node)
        return mapping

    def _entry(self, node: Node, path: KeyPath, placed: Node) -> Any:
        self.places[path] = self._at(placed)
        return self.value(node, path)

    def _key(self, node: Node) -> Hashable:
        if node.tag == TAG + "merge":
            raise InputError(f"{self._at(node)}: '<<' is not read; use 'extends: ...' or repeat the entries")
        key = self.value(node, ())
        if isinstance(key, list | dict) or key is None:
            raise InputError(f"{self._at(node)}: {kind_of(key)} as a key; write a name before the colon")
        return str(key) if isinstance(key, datetime.date) else key

    def _scalar(self, node: Node) -> Any:
        try:
            return self.yaml.constructor.construct_object(node, deep=True)
        except (ValueError, OverflowError):
            kind = "date" if node.tag == TAG + "timestamp" else "number"
            what = f"{shortened(node.value)} cannot be read as a {kind}"
            raise InputError(f"{self._at(node)}: {what}; correct it or put it in quotes") from None

    def _at(self, node: Node) -> str:
        return self.place(node.start_mark.line + 1)


def shown_tag(tag: str | None) -> str:
    """Return a YAML tag as it is written in a file."""
    return str(tag).replace(TAG, "!!")


def _syntax(error: MarkedYAMLError, place: Callable[[int], str]) -> str:
    mark = error.problem_mark or error.context_mark
    where = f"{place(mark.line + 1)}:{mark.column + 1}" if mark else place(1)
    if place(1) == place(2):
        where = place(1)
    what = " ".join(str(error.problem or error.context or "cannot be read").split())
    return f"{where}: not YAML: {what}; check the indentation, colons, quotes and brackets up to here"


def _text(file: Path, shown: str) -> str:
    data = _bytes(file, shown)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{shown}:{line}: not UTF-8 text; save the file again with the encoding UTF-8") from None


def _bytes(file: Path, shown: str) -> bytes:
    try:
        return file.read_bytes()
    except IsADirectoryError:
        raise InputError(f"{shown}: a folder; give a file in it") from None
    except FileNotFoundError:
        raise InputError(f"{shown}: no such file; {_neighbours(file)}") from None
    except PermissionError:
        reason = "a folder; give a file in it" if file.is_dir() else "may not be read; change its permissions"
        raise InputError(f"{shown}: {reason}") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{shown}: cannot be read ({getattr(error, 'strerror', None) or error})") from None


def _neighbours(file: Path) -> str:
    names = [other.name for other in _yaml_files(file.parent)]
    return did_you_mean(file.name, names) if names else "check its folder and spelling"


def _yaml_files(folder: Path) -> list[Path]:
    try:
        return sorted(file for file in folder.iterdir() if file.suffix in ENDINGS)
    except OSError:
        return []


def _is_name(source: str) -> bool:
    return not source.endswith(ENDINGS) and "/" not in source and os.sep not in source


def _on_a_shelf(name: str, shelves: Sequence[Path], place: str) -> Path:
    shipped = {file.stem: file for shelf in reversed(shelves) for file in _yaml_files(shelf)}
    if name not in shipped:
        hint = did_you_mean(name, shipped) if shipped else "give the path of a .yaml file"
        raise InputError(f"{place}: unknown name '{name}'; {hint}".removeprefix(": "))
    return shipped[name]


def _layers(file: Path, shelves: Sequence[Path], above: tuple[Path, ...]) -> list[Layer]:
    on_shelf = any(file.parent == shelf for shelf in shelves)
    shown = file.name if on_shelf else str(file)
    return _with_bases(read(file, shown), file.parent, shown, shelves, (*above, file))


def _with_bases(
    layer: Layer, folder: Path, shown: str, shelves: Sequence[Path], above: tuple[Path, ...]
) -> list[Layer]:
    found: list[Layer] = []
    for name, place in bases_of(layer, shown):
        base = _on_a_shelf(name, shelves, place) if _is_name(name) else folder / name
        if any(_same(base, file) for file in above):
            way = " → ".join(file.name for file in (*above, base))
            raise InputError(f"{place}: '{name}' leads back to itself ({way}); remove one 'extends'")
        if not _is_there(base):
            raise InputError(f"{place}: no such file '{name}'; {_neighbours(base)}")
        found += _layers(base, shelves, above)
    tree = {key: value for key, value in layer.tree.items() if key != EXTENDS}
    return [*found, Layer(tree, layer.places, layer.file)]


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:
        return True  # reading it will tell what is wrong


def _same(one: Path, other: Path) -> bool:
    try:
        return one.resolve() == other.resolve()
    except (OSError, RuntimeError, ValueError):
        return False  # a name that no file can have
