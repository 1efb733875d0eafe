"""What a settings class allows at a key path, and settings as plain trees."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import Field

from sim.quantities import Settings, quantity
from sim.shape import Shape, paths, tree_of


class Mood(Enum):
    CALM = "calm"


class Box(Settings):
    kind: Literal["box"] = "box"
    width: float = 1.0


class Ball(Settings):
    kind: Literal["ball"] = "ball"
    radius: float = 1.0


class Shelf(Settings):
    things: dict[str, Annotated[Box | Ball, Field(discriminator="kind")]] = {"a": Box(width=2)}
    sizes: tuple[int, str] = (1, "x")
    weights: tuple[float, ...] = quantity((1.0,), "kg", 0, 9)
    spare: Box | None = None
    mood: Mood = Mood.CALM
    later: Later | None = None


class Later(Settings):
    moods: frozenset[str] = frozenset({"b", "a"})


def test_the_name_in_a_value_chooses_the_class_below():
    things = Shape(Shelf).child("things", {})
    assert things.child("x", {}).keys({"kind": "ball"}) == ["kind", "radius"]


def test_a_missing_name_allows_any_key():
    assert Shape(Shelf).child("things", {}).child("x", {}).keys({}) is None


def test_the_default_of_an_entry_is_found_in_the_default_of_its_mapping():
    assert Shape(Shelf).child("things", {}).child("a", {}).default == Box(width=2)


def test_a_fixed_list_has_a_shape_for_each_place():
    sizes = Shape(Shelf).child("sizes", {})
    assert [sizes.child(place, [1, "x"]).annotation for place in (0, 1, 2)] == [int, str, str]


def test_elements_share_what_was_declared_for_their_list():
    assert Shape(Shelf).child("weights", {}).child(3, [1]).metadata[0].unit == "kg"


def test_null_is_a_value_only_where_the_annotation_says_so():
    shelf = Shape(Shelf)
    assert (shelf.child("spare", {}).nullable, shelf.child("mood", {}).nullable) == (True, False)


def test_a_class_may_name_one_that_is_defined_after_it():
    assert Shape(Shelf).child("later", {}).keys({}) == ["moods"]


def test_nothing_is_known_below_an_unknown_key():
    assert Shape(Shelf).child("x", {}).annotation is Any


def test_settings_become_plain_mappings_lists_and_values():
    assert tree_of(Shelf(later=Later()), Shape(Shelf)) == {
        "things": {"a": {"kind": "box", "width": 2.0}},
        "sizes": [1, "x"],
        "weights": [1.0],
        "spare": None,
        "mood": "calm",
        "later": {"moods": ["a", "b"]},
    }


def test_what_is_left_at_its_default_may_be_left_out():
    assert tree_of(Shelf(things={"b": Box()}), Shape(Shelf), only_set=True) == {"things": {"b": {"kind": "box"}}}


def test_paths_lead_to_every_key_and_element():
    assert list(paths({"a": [1, {"b": 2}]})) == [(), ("a",), ("a", 0), ("a", 1), ("a", 1, "b")]
