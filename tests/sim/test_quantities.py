"""Declared numbers: their bounds, what counts as a number, and the walk over them."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.quantities import Quantity, Settings, located, quantities, quantity
from sim.registry import Registry

unhurried = effort(deadline=None)

greetings: Registry[Any] = Registry("greeting")


@greetings.register("polite")
class Polite(Settings):
    words: int = quantity(3, "words", 1, 9)


class Mood(Enum):
    CALM = "calm"
    CROSS = "cross"


class Fee(Settings):
    monthly: float = quantity(99.0, "yuan/month", 0, 1000, source="survey", help="list price")


class Offer(Settings):
    months: int = quantity(12, "months", 1, 60)
    shares: tuple[float, float] = quantity((0.4, 0.6), "share", 0, 1)
    hours: tuple[float, ...] = quantity((1.0,), "hours", 0, 8)
    index: dict[str, float] = quantity({}, "ratio", 0.05, 5)
    curves: dict[str, tuple[float, ...]] = quantity({}, "ratio", 0, 1)
    limit: float | None = quantity(None, "yuan", 0)
    mood: Mood = Mood.CALM
    moods: tuple[Mood, ...] = ()
    fees: dict[str, Fee] = {}
    main: Fee = Fee(monthly=50)
    greeting: Annotated[Any, greetings] = Polite()


class Required(Settings):
    months: int = quantity(..., "months", 1, 60)


class Leaf(Settings):
    metadata: Mood = Mood.CALM
    default: tuple[int, ...] = ()


def locations(**given: Any) -> list[tuple[Any, ...]]:
    with pytest.raises(ValidationError) as caught:
        Offer(**given)
    return [error["loc"] for error in caught.value.errors()]


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"months": 0}, ("months",)),
        ({"months": 61}, ("months",)),
        ({"shares": (0.5, 1.5)}, ("shares", 1)),
        ({"hours": [1, 2, 9]}, ("hours", 2)),
        ({"index": {"data": 1.0, "voice": 0.01}}, ("index", "voice")),
        ({"curves": {"data": [0.5, 2.0]}}, ("curves", "data", 1)),
        ({"limit": -1.0}, ("limit",)),
    ],
)
def test_a_number_out_of_its_bounds_is_located_at_the_very_element(given: dict[str, Any], place: tuple[Any, ...]):
    assert locations(**given) == [place]


@unhurried
@given(st.floats(0, 1), st.floats(0, 1))
def test_every_number_within_the_bounds_is_taken(first: float, second: float):
    assert Offer(shares=(first, second)).shares == (first, second)


def test_the_bounds_themselves_are_allowed():
    assert Offer(months=1, shares=(0, 1)).shares == (0.0, 1.0)


@pytest.mark.parametrize("given", ["12", True, 12.0, None, [12]])
def test_only_a_whole_number_is_a_whole_number(given: Any):
    assert locations(months=given) == [("months",)]


@pytest.mark.parametrize("given", ["0.5", False, float("nan"), float("inf"), -float("inf")])
def test_text_a_truth_value_and_what_is_not_finite_are_no_numbers(given: Any):
    assert locations(limit=given) == [("limit",)]


def test_a_whole_number_does_for_a_number_with_a_fraction():
    assert Fee(monthly=5).monthly == 5.0


def test_a_list_does_for_a_tuple_and_a_text_for_an_enumerated_value():
    offer = Offer(hours=[1, 2], moods=["calm", Mood.CROSS])  # type: ignore[arg-type, list-item]
    assert (offer.hours, offer.moods) == ((1.0, 2.0), (Mood.CALM, Mood.CROSS))


def test_fields_may_have_the_names_of_pydantics_own_schema_keys():
    assert Leaf.model_validate({"metadata": "cross", "default": [1]}) == Leaf(metadata=Mood.CROSS, default=(1,))


def test_a_required_quantity_has_no_default():
    with pytest.raises(ValidationError, match=r"Field required"):
        Required()  # type: ignore[call-arg]


def test_settings_do_not_change():
    with pytest.raises(ValidationError, match=r"frozen"):
        Fee().monthly = 3.0  # type: ignore[misc]


def test_an_unknown_key_is_refused():
    with pytest.raises(ValidationError, match=r"montly"):
        Fee(montly=3)  # type: ignore[call-arg]


def test_a_changed_copy_is_checked():
    with pytest.raises(ValidationError, match=r"less than or equal to 60"):
        Offer().model_copy(update={"months": 99})


def test_a_changed_copy_keeps_the_rest():
    assert Offer(months=3, limit=5).model_copy(update={"limit": 6}) == Offer(months=3, limit=6)


def test_a_copy_without_changes_is_equal():
    assert Offer(months=3).model_copy() == Offer(months=3)


def test_bounds_the_wrong_way_round_are_refused_where_they_are_declared():
    with pytest.raises(ValueError, match=r"low 2 is above high 1"):
        quantity(1, "share", 2, 1)


def test_infinite_bounds_are_refused_where_they_are_declared():
    with pytest.raises(ValueError, match=r"must be finite"):
        quantity(1, "share", 0, float("inf"))


def test_the_schema_shows_unit_bounds_source_and_description():
    shown = Fee.model_json_schema()["properties"]["monthly"]
    assert shown == {
        "default": 99.0,
        "description": "list price",
        "maximum": 1000,
        "minimum": 0,
        "source": "survey",
        "title": "Monthly",
        "type": "number",
        "unit": "yuan/month",
    }


def test_the_schema_shows_the_bounds_of_elements():
    assert Offer.model_json_schema()["properties"]["hours"]["items"] == {"maximum": 8, "minimum": 0, "type": "number"}


def test_quantities_of_nested_settings_have_dotted_paths():
    assert [number.path for number in quantities(Offer)] == [
        "months",
        "shares",
        "hours",
        "index",
        "curves",
        "limit",
        "fees.<name>.monthly",
        "main.monthly",
        "greeting[polite].words",
    ]


def test_a_quantity_tells_all_that_was_declared():
    assert next(quantities(Fee)) == Quantity("monthly", 99.0, "yuan/month", 0, 1000, "survey", "list price")


def test_the_default_of_a_nested_quantity_is_that_of_the_outer_default():
    assert {number.path: number.default for number in quantities(Offer)}["main.monthly"] == 50.0


def test_the_default_of_a_required_quantity_is_an_ellipsis():
    assert [number.default for number in quantities(Required)] == [...]


def test_a_validator_may_locate_its_own_problems():
    error = located([(("fees", "basic"), "too cheap")])
    assert [(found["loc"], found["msg"]) for found in error.errors()] == [(("fees", "basic"), "too cheap")]
