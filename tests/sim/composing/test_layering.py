"""The laws of laying one tree of settings over another."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from sim.composing.layering import REMOVED, filled, merge, with_removals
from sim.quantities import Settings
from sim.shape import Shape

unhurried = effort(deadline=None)


class Fee(Settings):
    monthly: float = 99.0
    fixed: float | None = None


class Offer(Settings):
    fees: dict[str, Fee] = {"basic": Fee(monthly=50), "full": Fee()}
    months: int = 12


trees = st.recursive(
    st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
)
mappings = st.dictionaries(st.sampled_from("abc"), trees, max_size=3)


@unhurried
@given(mappings)
def test_merging_with_nothing_or_with_itself_changes_nothing(tree: dict[str, Any]):
    assert merge({}, tree) == merge(tree, {}) == merge(tree, tree) == tree


@unhurried
@given(mappings, mappings)
def test_a_merge_does_not_touch_what_it_merges(base: dict[str, Any], over: dict[str, Any]):
    before = repr((base, over))
    merge(base, over)
    assert repr((base, over)) == before


@st.composite
def same_shapes(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return three trees in which a key is either always a mapping or always a single value."""
    leaf = st.dictionaries(st.sampled_from("abc"), st.integers())
    whole = st.fixed_dictionaries({}, optional={"m": leaf, "n": leaf, "v": st.integers()})
    return draw(st.lists(whole, min_size=3, max_size=3))


@unhurried
@given(same_shapes())
def test_layers_of_one_shape_may_be_merged_from_either_end(layers: list[dict[str, Any]]):
    low, middle, high = layers
    assert merge(merge(low, middle), high) == merge(low, merge(middle, high))


def test_a_null_over_something_removes_it_and_over_nothing_stays_a_null():
    assert merge({"a": 1}, {"a": None, "b": None}) == {"a": REMOVED, "b": None}


def test_filling_puts_default_entries_under_what_is_given():
    assert filled({"fees": {"basic": {"fixed": 1}}}, Shape(Offer)) == {
        "fees": {"basic": {"monthly": 50, "fixed": 1}, "full": {}}
    }


def test_filling_leaves_what_is_not_given_to_the_model():
    assert filled({}, Shape(Offer)) == {}


def test_filling_drops_what_was_removed_but_keeps_a_null_that_means_something():
    tree = merge(
        {"fees": {"full": {"fixed": 1}, "basic": {}}, "months": 3}, {"fees": {"full": {"fixed": None}}, "months": None}
    )
    assert filled(merge(tree, {"fees": {"basic": None}}), Shape(Offer)) == {"fees": {"full": {"fixed": None}}}


def test_a_complete_tree_gets_a_null_for_each_default_entry_that_it_lacks():
    assert with_removals({"fees": {"basic": {"monthly": 1}}, "months": 3}, Shape(Offer)) == {
        "fees": {"basic": {"monthly": 1}, "full": None},
        "months": 3,
    }
