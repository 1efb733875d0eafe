"""Settings files: what is read, where each key stands, and what is said about a file that cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from sim.composing.yaml_source import layers, parse
from sim.errors import InputError

unhurried = effort(deadline=None)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems_of(source: str) -> list[str]:
    """Return what is said about a source, nothing where it can be read."""
    try:
        layers(source)
    except InputError as error:
        return error.problems
    return []


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", "x.yaml:1: the file is empty; write at least one setting"),
        (b"# only a comment\n", "x.yaml:1: the file is empty; write at least one setting"),
        (b"- 1\n", "x.yaml:1: a list instead of settings; write 'key: value' lines"),
        (b"a word\n", "x.yaml:1: 'a word' is text instead of settings"),
        (b"a: [1\nb: 2\n", "x.yaml:2:2: not YAML: "),
        (b"\tmonths: 3\n", "x.yaml:1:1: not YAML: "),
        (b"a: 1\n---\nb: 2\n", "x.yaml:2:1: not YAML: "),
        (b"a: *b\n", "x.yaml:1:4: not YAML: "),
        (b"own:\n  quality: 1\n  quality: 0\n", "x.yaml:3: own.quality: given twice, first at x.yaml:2; keep one"),
        (b"a: 1\nb: \xb5\n", "x.yaml:2: not UTF-8 text; save the file again with the encoding UTF-8"),
        ("months: 3\n".encode("utf-16"), "x.yaml:1: not UTF-8 text"),
        (b"a: 1\nb: \x01\n", "x.yaml:2: a character that YAML doesn't allow"),
        (b"a: !!python/object/apply:os.getcwd []\n", "x.yaml:1: the tag !!python/object/apply:os.getcwd is not read"),
        (b"a: 1\nb: !own 3\n", "x.yaml:2: the tag !own is not read; write the plain value"),
        (b"a: 2026-02-31\n", "x.yaml:1: '2026-02-31' cannot be read as a date; correct it or put it in quotes"),
        (b"a: " + b"9" * 5000, "x.yaml:1: '99999"),
        (b"<<: {a: 1}\n", "x.yaml:1: '<<' is not read; use 'extends: ...' or repeat the entries"),
        (b"[1]: 3\n", "x.yaml:1: a list as a key; write a name before the colon"),
        (b"a: &a [*a]\n", "x.yaml:1: nested too deeply"),
        (b"a: " + b"[" * 2000, "x.yaml:1: nested too deeply"),
        (b"extends: 3\n", "x.yaml:1: extends: 3 is a number; give a name, a path or a list of them"),
        (b'extends: "a\\0.yaml"\n', "x.yaml:1: extends: no such file"),
        (b"extends: ~nobody/x.yaml\n", "x.yaml:1: extends: no such file"),
        (b"extends: other.yaml\n", "x.yaml:1: extends: no such file 'other.yaml'; "),
        (b"extends:\n- shenzen\n", "x.yaml:2: extends: unknown name 'shenzen'; did you mean 'shenzhen'?"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_line(folder: Path, data: bytes, line: str):
    (folder / "x.yaml").write_bytes(data)
    (folder / "shelf").mkdir()
    (folder / "shelf" / "shenzhen.yaml").write_text("months: 3")
    with pytest.raises(InputError) as caught:
        layers("x.yaml", [folder / "shelf"])
    (problem,) = caught.value.problems
    assert problem.startswith(line)


def test_a_byte_order_mark_does_not_matter(folder: Path):
    (folder / "x.yaml").write_bytes(b"\xef\xbb\xbfmonths: 3\n")
    assert layers("x.yaml")[0].tree == {"months": 3}


def test_windows_line_ends_do_not_matter(folder: Path):
    (folder / "x.yaml").write_bytes(b"odd: 3\r\nown:\r\n  quality: 1\r\n")
    assert layers("x.yaml")[0].places[("own", "quality")] == "x.yaml:3"


def test_aliases_that_multiply_are_refused():
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(InputError, match=r"entries; use fewer aliases"):
        parse("\n".join(lines), str)


def test_a_plain_alias_is_read():
    assert parse("a: &a [1]\nb: *a", str)[0] == {"a": [1], "b": [1]}


def test_every_key_and_element_has_the_line_where_it_is_written():
    assert parse("a:\n  b: 1\n  c:\n  - 1\n  - {d: 2}\n", str)[1] == {
        ("a",): "1",
        ("a", "b"): "2",
        ("a", "c"): "3",
        ("a", "c", 0): "4",
        ("a", "c", 1): "5",
        ("a", "c", 1, "d"): "5",
    }


@unhurried
@given(st.text(max_size=60))
def test_any_text_is_read_or_told_in_one_line(text: str):
    Path("x.yaml").write_text(text, encoding="utf-8", errors="replace", newline="")
    told = problems_of("x.yaml")
    assert all(problem.startswith("x.yaml:") and len(problem.splitlines()) == 1 for problem in told)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("nope.yaml", "nope.yaml: no such file; did you mean 'note.yaml'?"),
        (Path("folder.yaml"), "folder.yaml: a folder; give a file in it"),
        ("no", "unknown name 'no'; did you mean 'note'?"),
    ],
)
def test_a_source_that_is_not_there_is_told_with_what_is(folder: Path, source: str | Path, line: str):
    (folder / "note.yaml").write_text("months: 3")
    (folder / "folder.yaml").mkdir()
    with pytest.raises(InputError) as caught:
        layers(source, [folder])
    assert caught.value.problems == [line]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_told(folder: Path):
    (folder / "x.yaml").write_text("months: 3")
    (folder / "x.yaml").chmod(0)
    with pytest.raises(InputError, match=r"x.yaml: may not be read; change its permissions"):
        layers("x.yaml")


def test_files_that_extend_each_other_are_told_with_the_way_round(folder: Path):
    (folder / "x.yaml").write_text("odd: 3\nextends: a.yaml")
    (folder / "a.yaml").write_text("extends: x.yaml")
    with pytest.raises(InputError) as caught:
        layers("x.yaml")
    assert caught.value.problems == [
        "a.yaml:1: extends: 'x.yaml' leads back to itself (x.yaml → a.yaml → x.yaml); remove one 'extends'"
    ]


def test_two_files_may_share_a_base(folder: Path):
    (folder / "x.yaml").write_text("extends: [a.yaml, b.yaml]")
    (folder / "a.yaml").write_text("extends: base.yaml")
    (folder / "b.yaml").write_text("extends: base.yaml")
    (folder / "base.yaml").write_text("months: 3")
    files = [layer.file.name for layer in layers("x.yaml") if layer.file]
    assert files == ["base.yaml", "a.yaml", "base.yaml", "b.yaml", "x.yaml"]


def test_yaml_is_of_version_1_2():
    assert parse("[yes, 012, 0o14, 1_000, ~, 1e3]", str)[0] == ["yes", 12, 12, 1000, None, 1000.0]
