"""Parts by name: reading, writing, and plug-ins that come late."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Annotated, Any, Protocol

import pytest
from pydantic import ValidationError

from sim.composing.compose import compose
from sim.errors import InputError
from sim.quantities import Settings, quantity
from sim.registry import Registry, load_extensions


class Greeting(Protocol):
    def greet(self) -> str: ...


greetings: Registry[Greeting] = Registry("greeting")


@greetings.register("polite")
class Polite(Settings):
    words: int = quantity(3, "words", 1, 9)

    def greet(self) -> str:
        return "good day " * self.words


@greetings.register("curt")
class Curt(Settings):
    def greet(self) -> str:
        return "yes?"


class Letter(Settings):
    greeting: Annotated[Greeting, greetings] = Polite()
    others: dict[str, greetings.field] = {}  # type: ignore[valid-type]


def read(greeting: Any) -> Any:
    return Letter.model_validate({"greeting": greeting}).greeting


def problems(tree: dict[str, Any]) -> list[str]:
    with pytest.raises(InputError) as caught:
        compose(Letter, tree)
    return caught.value.problems


def test_a_name_alone_gives_the_part_with_its_defaults():
    assert read("curt") == Curt()


def test_a_mapping_gives_the_part_with_its_settings():
    assert read({"name": "polite", "words": 5}) == Polite(words=5)


def test_a_part_made_in_python_is_taken_as_it_is():
    part = Polite(words=2)
    assert read(part) is part


def test_settings_of_another_class_are_no_part():
    with pytest.raises(ValidationError, match=r"is no greeting"):
        read(Letter())


def test_parts_may_stand_in_a_mapping():
    assert Letter.model_validate({"others": {"evening": "curt"}}).others == {"evening": Curt()}


def test_an_unknown_name_is_met_with_the_closest_one():
    with pytest.raises(InputError, match=r"unknown greeting 'polit'; did you mean 'polite'?"):
        greetings["polit"]


def test_an_unknown_name_is_met_with_all_where_none_is_close():
    with pytest.raises(InputError, match=r"allowed: curt, polite"):
        greetings["x"]


def test_a_known_name_gives_the_class():
    assert greetings["curt"] is Curt


def test_a_registry_lists_its_names():
    assert (list(greetings), len(greetings), "curt" in greetings) == (["polite", "curt"], 2, True)


def test_a_wrong_setting_is_located_below_the_part():
    with pytest.raises(ValidationError) as caught:
        read({"name": "polite", "words": 99, "wrods": 1})
    assert {error["loc"] for error in caught.value.errors()} == {("greeting", "words"), ("greeting", "wrods")}


def test_a_wrong_setting_is_told_as_any_other():
    assert problems({"greeting": {"name": "polite", "wrods": 1}}) == [
        "greeting.wrods: unknown key; did you mean 'words'?"
    ]


def test_an_unknown_name_in_settings_is_located_at_the_name():
    assert problems({"greeting": "curd"}) == ["greeting.name: unknown greeting 'curd'; did you mean 'curt'?"]


def test_a_mapping_without_a_name_is_told_what_there_is():
    assert problems({"others": {"a": {}}}) == ["others.a.name: missing; name a greeting; allowed: curt, polite"]


def test_a_number_is_no_part():
    assert problems({"greeting": 3}) == ["greeting: 3 is no greeting; give a name, or a mapping with a name"]


def test_a_part_is_written_with_its_name():
    letter = Letter(greeting=Polite(words=5))
    assert letter.model_dump()["greeting"] == {"name": "polite", "words": 5}


def test_what_is_written_as_json_reads_back_equal():
    letter = Letter(greeting=Curt(), others={"a": Polite(words=4)})
    assert Letter.model_validate_json(letter.model_dump_json()) == letter


def test_the_schema_lists_names_and_settings():
    shown = Letter.model_json_schema()["properties"]["greeting"]["anyOf"]
    assert (shown[0], shown[1]["properties"]["name"]) == ({"enum": ["polite", "curt"]}, {"const": "polite"})


def test_a_part_registered_after_the_field_was_defined_is_found():
    late: Registry[Any] = Registry("late part")

    class Holder(Settings):
        part: Annotated[Any, late]

    @late.register("comes_late")
    class ComesLate(Settings):
        pass

    assert Holder.model_validate({"part": "comes_late"}).part == ComesLate()


def test_a_name_is_given_only_once():
    registry: Registry[Any] = Registry("greeting")
    registry.register("x")(Polite)
    with pytest.raises(InputError, match=r"greeting 'x' is already .*Polite; choose another name"):
        registry.register("x")(Curt)


def test_a_class_defined_anew_replaces_itself():
    registry: Registry[Any] = Registry("greeting")

    def define() -> type[Settings]:
        @registry.register("x")
        class Again(Settings):
            pass

        return Again

    define()
    assert define() is registry["x"]


def test_a_part_has_no_setting_that_hides_its_name():
    class Named(Settings):
        name: str = ""

    with pytest.raises(InputError, match=r"its setting 'name' would hide its name"):
        Registry[Any]("greeting").register("x")(Named)


def test_the_name_of_a_class_that_is_not_registered_is_refused():
    with pytest.raises(InputError, match=r"Letter is no registered greeting"):
        greetings.name_of(Letter())


@pytest.fixture
def module_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(tmp_path)
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        del sys.modules[name]


def test_an_extension_is_imported(module_folder: Path):
    (module_folder / "own_part.py").write_text("value = 3\n")
    load_extensions(["own_part"])
    assert sys.modules["own_part"].value == 3


def test_all_extensions_that_cannot_be_imported_are_named():
    with pytest.raises(InputError) as caught:
        load_extensions(["no_such_part", "3 parts"])
    assert [problem.split("(")[0].strip() for problem in caught.value.problems] == [
        "extensions: cannot import 'no_such_part'",
        "extensions: '3 parts' is no module name; give one such as experiments.extensions.poach_renewals",
    ]


def test_an_extension_that_fails_says_how(module_folder: Path):
    (module_folder / "broken_part.py").write_text("1 / 0\n")
    with pytest.raises(InputError, match=r"'broken_part' fails while it is imported: ZeroDivisionError"):
        load_extensions(["broken_part"])


MARKET = """
from typing import Annotated, Any
from sim.quantities import Settings
from sim.registry import Registry
moods: Registry[Any] = Registry("mood")
class Market(Settings):
    extensions: tuple[str, ...] = ()
    mood: Annotated[Any, moods] = None
"""
PART = """
from own_market import moods
from sim.quantities import Settings
@moods.register("shy")
class Shy(Settings):
    pass
"""


def test_a_file_loads_its_extensions_before_its_parts_are_looked_up(module_folder: Path):
    (module_folder / "own_market.py").write_text(MARKET)
    (module_folder / "shy_part.py").write_text(PART)
    market = importlib.import_module("own_market").Market
    settings = compose(market, {"extensions": ["shy_part"], "mood": "shy"}).settings
    assert type(settings.mood).__name__ == "Shy"


def test_an_extension_that_is_missing_is_told_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Market(Settings):
        extensions: tuple[str, ...] = ()

    monkeypatch.chdir(tmp_path)
    Path("x.yaml").write_text("extensions:\n- json\n- no_such_part\n")
    with pytest.raises(InputError, match=r"^x.yaml:3: extensions: cannot import 'no_such_part'"):
        compose(Market, "x.yaml")


def test_an_override_may_ask_for_an_extension(module_folder: Path):
    (module_folder / "own_market.py").write_text(MARKET)
    (module_folder / "shy_part.py").write_text(PART)
    market = importlib.import_module("own_market").Market
    settings = compose(market, {}, ["extensions=[shy_part]", "mood=shy"]).settings
    assert type(settings.mood).__name__ == "Shy"
