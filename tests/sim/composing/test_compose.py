"""Composing settings from files and overrides: merging, places, complaints, and writing back."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from pydantic import Field, field_validator, model_validator

from sim.composing.compose import ABSENT, Composed, Difference, compose, difference, dump_yaml, json_schema, laid_over
from sim.composing.yaml_source import parse
from sim.errors import InputError
from sim.quantities import Settings, located, quantity
from sim.registry import Registry

unhurried = effort(deadline=None)

policies: Registry[Any] = Registry("rival policy")


@policies.register("calm")
class Calm(Settings):
    pass


@policies.register("price_war")
class PriceWar(Settings):
    month: int = quantity(6, "month", 0, 600)
    drop: float = quantity(0.2, "share", 0, 0.9)


class Mood(Enum):
    GOOD = "good"
    BAD = "bad"


class Plan(Settings):
    pay: float = quantity(..., "multiple of X", 0, 10)
    cap: float = quantity(..., "multiple of X", 0, 10)


class Rival(Settings):
    price_index: float = quantity(1.0, "ratio to own price", 0.05, 5)
    quality: float = quantity(0.5, "share of the best", 0, 1)
    policy: Annotated[Any, policies] = Calm()


class Box(Settings):
    kind: Literal["box"] = "box"
    width: float = quantity(1.0, "m", 0, 2)


class Ball(Settings):
    kind: Literal["ball"] = "ball"
    radius: float = quantity(1.0, "m", 0, 2)


class City(Settings):
    title: str = ""
    months: int = quantity(24, "months", 1, 600)
    start: datetime.date = datetime.date(2026, 1, 1)
    plans: dict[str, Plan] = {"A": Plan(pay=1.1, cap=1.5), "B": Plan(pay=1.0, cap=1.25)}
    rivals: dict[str, Rival] = {"netcom": Rival(price_index=0.9)}
    own: Rival = Rival(quality=0.8)
    guest: Rival | None = None
    shares: tuple[float, ...] = quantity((0.4, 0.6), "share", 0, 1)
    pair: tuple[int, int] = (1, 2)
    by_month: dict[int, float] = quantity({}, "ratio", 0, 2)
    tiers: dict[Literal["X", "Y"], float] = {}
    mood: Mood = Mood.GOOD
    level: Literal["low", "high"] = "low"
    open: bool = True
    thing: Annotated[Box | Ball, Field(discriminator="kind")] = Box()
    limit: float | Literal["none"] = quantity("none", "yuan", 0, 100)
    mix: float | Rival = 1.0
    words: tuple[str, ...] = ()
    odd: int = 1
    short: str = Field(default="ab", max_length=3, pattern="^[a-z]*$")
    step: float = Field(default=2, gt=0, multiple_of=2)
    few: tuple[int, ...] = Field(default=(), max_length=2)

    @field_validator("odd")
    @classmethod
    def _is_odd(cls, odd: int) -> int:
        if odd % 2 == 0:
            raise ValueError(f"{odd} is even; give an odd number")
        return odd

    @model_validator(mode="after")
    def _has_rivals(self) -> City:
        if not self.rivals:
            raise ValueError("no rival is left; keep one")
        if "dear" in self.plans:
            raise located([(("plans", "dear"), "nobody buys it")])
        return self


class Needy(Settings):
    months: int = quantity(..., "months", 1, 600)
    plan: Plan


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def composed(*overrides: str, **files: str) -> Composed[City]:
    """Return what the file x.yaml composes to, beside other files."""
    for name, text in files.items():
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")
    return compose(City, "x.yaml", overrides)


def complaints(*overrides: str, **files: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        composed(*overrides, **files)
    return caught.value.problems


def complaint(text: str, *overrides: str, **files: str) -> str:
    (line,) = complaints(*overrides, x=text, **files)
    return line


# Merging


def test_a_file_says_only_what_differs_from_the_defaults():
    assert composed(x="months: 12").settings == City(months=12)


def test_a_mapping_of_default_entries_is_merged_with_them():
    plans = composed(x="plans: {A: {cap: 2}}").settings.plans
    assert plans == {"A": Plan(pay=1.1, cap=2), "B": Plan(pay=1.0, cap=1.25)}


def test_a_nested_setting_keeps_the_other_values_of_the_outer_default():
    assert composed(x="own: {price_index: 2}").settings.own == Rival(price_index=2, quality=0.8)


def test_a_list_replaces_the_inherited_one():
    assert composed(x="extends: base.yaml\nshares: [1]", base="shares: [0.1, 0.9]").settings.shares == (1.0,)


def test_a_null_removes_an_inherited_entry():
    settings = composed(x="extends: base.yaml\nplans: {C: null}", base="plans: {C: {pay: 1, cap: 1}}").settings
    assert set(settings.plans) == {"A", "B"}


def test_a_null_removes_a_default_entry():
    assert set(composed(x="plans: {B: null}").settings.plans) == {"A"}


def test_a_null_takes_an_inherited_setting_back_to_its_default():
    assert composed(x="extends: base.yaml\nmonths: null", base="months: 3").settings.months == 24


def test_a_null_is_a_value_where_it_means_something():
    assert composed(x="extends: base.yaml\nguest: null", base="guest: {quality: 1}").settings.guest is None


def test_a_part_with_another_name_replaces_the_inherited_part():
    base = "rivals: {netcom: {policy: {name: price_war, month: 9}}}"
    settings = composed(x="extends: base.yaml\nrivals: {netcom: {policy: calm}}", base=base).settings
    assert settings.rivals["netcom"] == Rival(price_index=0.9, policy=Calm())


def test_settings_of_an_inherited_part_need_not_repeat_its_name():
    base = "rivals: {netcom: {policy: price_war}}"
    settings = composed(x="extends: base.yaml\nrivals: {netcom: {policy: {month: 9}}}", base=base).settings
    assert settings.rivals["netcom"].policy == PriceWar(month=9)


def test_a_member_of_a_union_with_another_kind_replaces_the_default():
    assert composed(x="thing: {kind: ball, radius: 2}").settings.thing == Ball(radius=2)


@pytest.mark.parametrize(
    "change",
    [
        "months: 3",
        "plans: {B: null, C: {pay: 1, cap: 1}}",
        "rivals: {netcom: {policy: {name: price_war, month: 9}}}",
        "guest: {quality: 1}",
        "months: null",
    ],
)
def test_a_change_laid_over_settings_is_what_a_file_over_theirs_would_be(change):
    base = "months: 12\nplans: {A: null}\nrivals: {netcom: {policy: price_war}}"
    asked = composed(x=f"extends: base.yaml\n{change}", base=base).settings
    given = compose(City, "base.yaml").settings
    assert laid_over(given, parse(change, str)[0], {}) == asked


def test_a_change_that_cannot_be_laid_over_is_told_with_its_place():
    with pytest.raises(InputError, match=r"^x:3: plans\.A\.cap: 11 is above the most allowed 10"):
        laid_over(City(), {"plans": {"A": {"cap": 11}}}, {("plans", "A", "cap"): "x:3"})


def test_later_bases_are_laid_over_earlier_ones():
    settings = composed(x="extends: [a.yaml, b.yaml]", a="months: 1\nodd: 3", b="months: 2").settings
    assert (settings.months, settings.odd) == (2, 3)


def test_a_base_is_looked_for_beside_the_file_that_names_it(folder: Path):
    (folder / "deep").mkdir()
    (folder / "deep" / "mid.yaml").write_text("extends: low.yaml")
    (folder / "deep" / "low.yaml").write_text("months: 7")
    assert composed(x="extends: deep/mid.yaml").settings.months == 7


def test_a_name_is_looked_up_on_the_shelves(folder: Path):
    shelf = folder / "shelf"
    shelf.mkdir()
    (shelf / "shenzhen.yaml").write_text("months: 7")
    Path("x.yaml").write_text("extends: shenzhen\nodd: 3")
    assert compose(City, "x.yaml", shelves=[shelf]).settings == City(months=7, odd=3)


def test_a_source_may_be_a_shipped_name(folder: Path):
    (folder / "shenzhen.yaml").write_text("months: 7")
    assert compose(City, "shenzhen", shelves=[folder]).settings.months == 7


def test_the_first_shelf_wins(folder: Path):
    for months, name in enumerate(("one", "two"), start=1):
        (folder / name).mkdir()
        (folder / name / "city.yaml").write_text(f"months: {months}")
    assert compose(City, "city", shelves=[folder / "one", folder / "two"]).settings.months == 1


def test_a_source_may_be_a_mapping():
    assert compose(City, {"months": 3}).settings.months == 3


def test_the_files_read_are_listed_base_first():
    files = composed(x="extends: [a.yaml, b.yaml]", a="extends: b.yaml", b="months: 2").files
    assert [file.name for file in files] == ["b.yaml", "a.yaml", "x.yaml"]


def test_the_origin_is_the_line_that_set_a_value():
    found = composed("own.quality=1", x="# why\nextends: base.yaml\nodd: 3", base="\nmonths: 3\nplans:\n  A: {cap: 2}")
    assert found.origin == {
        "months": "base.yaml:2",
        "plans": "base.yaml:3",
        "plans.A": "base.yaml:4",
        "plans.A.cap": "base.yaml:4",
        "odd": "x.yaml:3",
        "own": "override -s own.quality=1",
        "own.quality": "override -s own.quality=1",
    }


def test_the_tree_is_what_was_given_merged():
    found = composed(x="extends: base.yaml\nown: {quality: 1}", base="own: {price_index: 2}\nmonths: 3")
    assert found.tree == {"own": {"price_index": 2, "quality": 1}, "months": 3}


# Overrides


def test_an_override_changes_one_value_of_the_defaults():
    assert composed("rivals.netcom.quality=1", x="months: 3").settings == City(
        months=3, rivals={"netcom": Rival(price_index=0.9, quality=1)}
    )


def test_an_override_is_read_as_yaml():
    settings = composed("shares=[0.5, 0.5]", "open=false", "plans.C={pay: 1, cap: 2}", x="odd: 3").settings
    assert (settings.shares, settings.open, settings.plans["C"]) == ((0.5, 0.5), False, Plan(pay=1, cap=2))


def test_an_override_may_choose_another_part_and_then_its_settings():
    settings = composed("own.policy=price_war", "own.policy.month=9", x="odd: 3").settings
    assert settings.own.policy == PriceWar(month=9)


def test_an_override_with_null_removes_an_entry():
    assert set(composed("plans.B=null", x="odd: 3").settings.plans) == {"A"}


def test_an_override_reaches_into_a_mapping_by_month():
    assert composed("by_month.12=0.5", x="by_month: {12: 1, 24: 1}").settings.by_month == {12: 0.5, 24: 1.0}


def test_an_override_reaches_into_settings_that_may_be_missing():
    assert composed("guest.quality=1", x="odd: 3").settings.guest == Rival(quality=1)


def test_the_last_override_wins():
    assert composed("months=3", "months=4", x="odd: 3").settings.months == 4


@pytest.mark.parametrize(
    ("override", "why"),
    [
        ("months", "no value; write it as path=value"),
        ("months=", "no value; write it as path=value"),
        ("=3", "a key is missing; write the path as keys with one dot between them"),
        ("own..quality=3", "a key is missing; write the path as keys with one dot between them"),
        ("monhts=3", "monhts: unknown key; did you mean 'months'?"),
        ("own.qualty=3", "own.qualty: unknown key; did you mean 'quality'?"),
        ("rivals.netcm.quality=1", "rivals.netcm: unknown name; did you mean 'netcom'?"),
        ("months.x=1", "months.x: there are no keys below a single value; remove this one"),
        ("shares.0=1", "shares.0: part of a list; give the whole list, such as [1, 2]"),
        ("months=0", "months: 0 is below the least allowed 1 (months); give a whole number from 1 to 600"),
        ("plans.Q={pay: 1}", "plans.Q.cap: missing; give a number from 0 to 10 (multiple of X)"),
        ("extends=base", "extends: unknown key; allowed: "),
    ],
)
def test_an_override_that_cannot_be_used_is_told_with_itself_as_its_place(override: str, why: str):
    assert complaint("odd: 3", override).startswith(f"-s {override}: {why}")


def test_an_override_that_is_no_yaml_is_told_in_one_line():
    assert complaint("odd: 3", "shares=[1").startswith("-s shares=[1: not YAML: ")


def test_problems_of_overrides_and_of_files_are_told_together():
    assert complaints("monhts=3", x="odd: 2") == [
        "-s monhts=3: monhts: unknown key; did you mean 'months'?",
        "x.yaml:1: odd: 2 is even; give an odd number",
    ]


# Complaints


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("months: twelve", "x.yaml:1: months: 'twelve' is text; give a whole number from 1 to 600 (months)"),
        (
            "\nmonths: '12'",
            "x.yaml:2: months: '12' is text; give a whole number from 1 to 600 (months), without quotes",
        ),
        ("months: 3.5", "x.yaml:1: months: 3.5 is not a whole number; give a whole number from 1 to 600 (months)"),
        ("months: yes", "x.yaml:1: months: 'yes' is text; give a whole number from 1 to 600 (months)"),
        ("months: true", "x.yaml:1: months: true is a yes/no value; give a whole number from 1 to 600 (months)"),
        ("months:", "x.yaml:1: months: nothing is given; give a whole number from 1 to 600 (months)"),
        ("months: 0", "x.yaml:1: months: 0 is below the least allowed 1 (months); give a whole number from 1 to 600"),
        ("shares: 3", "x.yaml:1: shares: 3 is a number; give a list, each entry a number from 0 to 1 (share)"),
        ("shares:\n- 0.5\n- 2", "x.yaml:3: shares.1: 2 is above the most allowed 1 (share); give a number from 0 to 1"),
        ("shares: [.nan]", "x.yaml:1: shares.0: nan is not finite; give a number from 0 to 1 (share)"),
        ("pair: [1]", "x.yaml:1: pair.1: missing; give a whole number"),
        ("pair: [1, 2, 3]", "x.yaml:1: pair: too many entries; give at most 2"),
        ("few: [1, 2, 3]", "x.yaml:1: few: too many entries; give at most 2"),
        ("monhts: 3", "x.yaml:1: monhts: unknown key; did you mean 'months'?"),
        ("extend: base", "x.yaml:1: extend: unknown key; did you mean 'extends'?"),
        ("plans:\n  A:\n    pays: 3", "x.yaml:3: plans.A.pays: unknown key; did you mean 'pay'?"),
        ("plans:\n  D:\n    pay: 3", "x.yaml:2: plans.D.cap: missing; give a number from 0 to 10 (multiple of X)"),
        ("own: 3", "x.yaml:1: own: 3 is a number; give a mapping with the keys price_index, quality, policy"),
        ("rivals: [1]", "x.yaml:1: rivals: a list is given; give a mapping, each value a mapping with the keys "),
        ("open: maybe", "x.yaml:1: open: 'maybe' is text; give true or false"),
        ("title: 3", "x.yaml:1: title: 3 is a number; give text"),
        ("title: {a: 1}", "x.yaml:1: title: a mapping is given; give text"),
        ("title: 2026-01-01", "x.yaml:1: title: 2026-01-01 is a date; give text"),
        ("start: soon", "x.yaml:1: start: 'soon' is text; give a date such as 2026-01-31"),
        ("words: [3]", "x.yaml:1: words.0: 3 is a number; give text"),
        ("mood: god", "x.yaml:1: mood: 'god' is not allowed; did you mean 'good'?"),
        ("level: hgh", "x.yaml:1: level: 'hgh' is not allowed; did you mean 'high'?"),
        ("level:", "x.yaml:1: level: nothing is given; give one of low, high"),
        ("tiers: {Z: 1}", "x.yaml:1: tiers.Z: unknown name; allowed: X, Y"),
        ("by_month: {a: 1}", "x.yaml:1: by_month.a: the name 'a' is text; give a whole number"),
        ("plans: {7: {pay: 1, cap: 1}}", "x.yaml:1: plans.7: the name 7 is a number; put it in quotes: '7'"),
        ("7: 3", "x.yaml:1: 7: the name 7 is a number; put it in quotes: '7'"),
        ("thing: {kind: bal}", "x.yaml:1: thing.kind: 'bal' is unknown; did you mean 'ball'?"),
        ("thing:\n  kind: ball\n  width: 1", "x.yaml:3: thing.width: unknown key; allowed: kind, radius"),
        ("limit: foo", "x.yaml:1: limit: 'foo' is text; give a number from 0 to 100 (yuan) or none"),
        ("limit: 300", "x.yaml:1: limit: 300 is a number; give a number from 0 to 100 (yuan) or none"),
        ("mix:\n  qualty: 1", "x.yaml:2: mix.qualty: unknown key; did you mean 'quality'?"),
        ("own: {policy: {name: price_wa}}", "x.yaml:1: own.policy.name: unknown rival policy 'price_wa'; did you mean"),
        ("own:\n  policy:\n    name: price_war\n    drop: 2", "x.yaml:4: own.policy.drop: 2 is above the most allowed"),
        ("odd: 2", "x.yaml:1: odd: 2 is even; give an odd number"),
        ("rivals: {netcom: null}", "x.yaml:1: no rival is left; keep one"),
        ("\nplans:\n  dear: {pay: 9, cap: 1}", "x.yaml:3: plans.dear: nobody buys it"),
        ("short: abcd", "x.yaml:1: short: 'abcd' has more than 3 characters; change it"),
        ("short: '1'", "x.yaml:1: short: '1' does not have the form ^[a-z]*$; change it"),
        ("step: 0", "x.yaml:1: step: 0 is not above 0; change it"),
        ("step: 3", "x.yaml:1: step: 3 is not a multiple of 2; change it"),
    ],
)
def test_a_complaint_says_where_what_and_what_to_do(text: str, line: str):
    assert complaint(text).startswith(line)


def test_a_complaint_names_the_line_of_the_base_that_set_the_value():
    base = "odd: 3\nrivals:\n  netcom:\n    price_index: -0.2"
    assert complaint("extends: price_war.yaml", price_war=base) == (
        "price_war.yaml:4: rivals.netcom.price_index: -0.2 is below the least allowed 0.05 (ratio to own price); "
        "give a number from 0.05 to 5"
    )


def test_all_problems_are_told_at_once_each_in_one_line():
    problems = complaints(x="months: x\nodd: 2\nplans:\n  A: {pays: 1}\nshares: [2, 3]")
    assert [problem.split(": ")[0] for problem in problems] == ["x.yaml:1", "x.yaml:4"] + ["x.yaml:5"] * 2 + [
        "x.yaml:2"
    ]


def test_missing_required_settings_name_the_place_of_their_parent():
    Path("x.yaml").write_text("\nplan:\n  pay: 1\n")
    with pytest.raises(InputError) as caught:
        compose(Needy, "x.yaml")
    assert caught.value.problems == [
        "x.yaml:1: months: missing; give a whole number from 1 to 600 (months)",
        "x.yaml:2: plan.cap: missing; give a number from 0 to 10 (multiple of X)",
    ]


def test_complaints_about_a_mapping_have_no_place():
    with pytest.raises(InputError, match=r"^months: 0 is below"):
        compose(City, {"months": 0})


@unhurried
@given(
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda index: not 0.05 <= index <= 5), st.integers(0, 20)
)
def test_any_number_out_of_bounds_is_told_with_its_line(index: float, above: int):
    text = "# a line\n" * above + f"rivals:\n  netcom:\n    price_index: {index!r}\n"
    assert complaint(text).startswith(f"x.yaml:{above + 3}: rivals.netcom.price_index: ")


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=3),
    max_leaves=6,
)


def told(tree: dict[str, Any]) -> list[str]:
    """Return what is said about settings, nothing where they can be used."""
    try:
        compose(City, tree)
    except InputError as error:
        return error.problems
    return []


@unhurried
@given(st.dictionaries(st.sampled_from([*City.model_fields, "extends", "x"]), junk, max_size=4))
def test_whatever_is_given_composes_or_is_told_without_jargon(tree: dict[str, Any]):
    jargon = ("Input should", "pydantic", "http", "[type=", "Value error", "\n")
    assert not [line for line in told(tree) if any(word in line for word in jargon)]


# Writing and comparing

numbers = st.floats(0.05, 5)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
parts = st.just(Calm()) | st.builds(PriceWar, month=st.integers(0, 600), drop=st.floats(0, 0.9))
rivals = st.builds(Rival, price_index=numbers, quality=st.floats(0, 1), policy=parts)
cities = st.builds(
    City,
    title=names,
    months=st.integers(1, 600),
    start=st.dates(),
    plans=st.dictionaries(names.filter(lambda name: name != "dear"), st.builds(Plan, pay=numbers, cap=numbers)),
    rivals=st.dictionaries(names, rivals, min_size=1, max_size=3),
    own=rivals,
    guest=st.none() | rivals,
    shares=st.lists(st.floats(0, 1), max_size=3).map(tuple),
    by_month=st.dictionaries(st.integers(), st.floats(0, 2), max_size=3),
    mood=st.sampled_from(Mood),
    level=st.sampled_from(["low", "high"]),
    open=st.booleans(),
    thing=st.builds(Box, width=st.floats(0, 2)) | st.builds(Ball, radius=st.floats(0, 2)),
    limit=st.just("none") | st.floats(0, 100),
    mix=st.floats(allow_nan=False, allow_infinity=False) | rivals,
    words=st.lists(names, max_size=3).map(tuple),
)


@unhurried
@given(cities)
def test_what_is_written_composes_to_the_same_settings(city: City):
    Path("x.yaml").write_text(dump_yaml(city), encoding="utf-8", newline="")
    assert compose(City, "x.yaml").settings == city


def test_a_written_file_says_every_value():
    assert dump_yaml(Rival(policy=PriceWar(month=9))) == (
        "price_index: 1.0\nquality: 0.5\npolicy:\n  name: price_war\n  month: 9\n  drop: 0.2\n"
    )


def test_a_written_file_removes_the_default_entries_that_are_gone():
    assert "B: null" in dump_yaml(City(plans={"A": Plan(pay=1, cap=1)})).replace("  ", "")


@unhurried
@given(cities)
def test_nothing_differs_from_itself(city: City):
    assert difference(city, city) == []


def test_a_difference_has_the_path_and_both_values():
    other = City(months=3, plans={"A": Plan(pay=1.1, cap=1.5)}, own=Rival(quality=0.8, policy=PriceWar()))
    assert difference(City(), other) == [
        Difference("months", 24, 3),
        Difference("plans.B", {"pay": 1.0, "cap": 1.25}, ABSENT),
        Difference("own.policy.name", "calm", "price_war"),
        Difference("own.policy.month", ABSENT, 6),
        Difference("own.policy.drop", ABSENT, 0.2),
    ]


def test_the_schema_knows_extends_and_every_setting():
    assert list(json_schema(City)["properties"]) == ["extends", *City.model_fields]


def test_the_schema_shows_a_default_part_with_its_name():
    assert json_schema(City)["$defs"]["Rival"]["properties"]["policy"]["default"] == {"name": "calm"}


def test_composing_needs_none_of_the_heavy_libraries():
    heavy = ("numba", "pandas", "pulp", "matplotlib", "numpy")
    code = f"import sim.composing.compose, sys; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=with_path())
    assert found.stdout.strip() == "[]"


def with_path() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
