"""Layers of settings laid over each other: files over those they extend, and all over the model's defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sim.shape import Shape, tree_of, with_name


class _Removed:
    """Stands where a layer's null took away what a lower layer gave."""

    def __repr__(self) -> str:
        return "REMOVED"


REMOVED: Final = _Removed()


def merge(base: Any, over: Any, shape: Shape = Shape()) -> Any:  # noqa: B008  a shape is frozen
    """Return a tree laid over another: mappings are merged, all else is replaced, null removes what the base has.

    A mapping that names another part than the base does replaces it: settings of one part mean nothing to another.

    >>> merge({"plans": {"A": {"pay": 1.1, "cap": 1.5}}}, {"plans": {"A": {"cap": 2}}})
    {'plans': {'A': {'pay': 1.1, 'cap': 2}}}
    """
    base, over = with_name(shape.alternatives, base), with_name(shape.alternatives, over)
    if not isinstance(base, Mapping) or not isinstance(over, Mapping) or _other_part(base, over, shape):
        return over
    merged = dict(base)
    for key, value in over.items():
        gone = value is None and key in base
        below = merge(base[key], value, shape.child(key, {**base, **over})) if key in base else value
        merged[key] = REMOVED if gone else below
    return merged


def _other_part(base: Mapping[Any, Any], over: Mapping[Any, Any], shape: Shape) -> bool:
    key = shape.alternatives.key if shape.alternatives else None
    return key in over and over[key] != base.get(key)


def filled(tree: Any, shape: Shape) -> Any:
    """Return a tree over the defaults of its model wherever these are mappings, and without what was removed.

    A settings model alone would drop the default plan C of a file that gives only a new cap to plan A.
    """
    default = None if shape.default is ... else tree_of(shape.default, shape, only_set=True)
    tree = with_name(shape.alternatives, tree)
    if isinstance(default, Mapping) and isinstance(tree, Mapping):
        tree = merge(default, tree, shape)
    if isinstance(tree, Mapping):
        children = {key: shape.child(key, tree) for key in tree}
        kept = {key: None if item is REMOVED else item for key, item in tree.items()}
        gone = {key for key, item in tree.items() if item is REMOVED and not children[key].nullable}
        return {key: filled(item, children[key]) for key, item in kept.items() if key not in gone}
    if isinstance(tree, list | tuple):
        return [filled(item, shape.child(index, tree)) for index, item in enumerate(tree)]
    return tree


def with_removals(tree: Any, shape: Shape) -> Any:
    """Return a complete tree with a null for every default entry that it lacks, lest filling bring it back."""
    if not isinstance(tree, Mapping):
        return tree
    marked = {key: with_removals(item, shape.child(key, tree)) for key, item in tree.items()}
    free = shape.narrowed(tree).is_mapping and isinstance(shape.default, Mapping)
    return {**marked, **{key: None for key in tree_of(shape.default, shape) if key not in tree}} if free else marked
