"""What holds for the repository as a whole."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ["sim", "optimize", "experiments"]
FOLDERS = {*PACKAGES, "notebooks", "results", "tests", "docs", "benchmarks", ".ci"}
PAGES = {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "CITATION.cff", "LICENSE"}
FILES = {*PAGES, "Makefile", "pyproject.toml", "constraints.txt"}
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home)/")
INDEX_ADDRESS = re.compile(r"https?://\S*(?:/simple|pypi|pythonhosted|npm|debian)|(?:extra-)?index-url|find-links")
HEAVY = {"numba", "pulp", "pandas", "matplotlib"}


def files_of_the_project() -> list[Path]:
    """Return the files that git keeps or would keep, relative to the root."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is found on the path
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return [Path(name) for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def names_in_stub(package: str) -> set[str]:
    """Return the names that a package's stub imports, which are those that the package offers."""
    stub = ast.parse((ROOT / package / "__init__.pyi").read_text(encoding="utf-8"))
    imports = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name for node in imports for alias in node.names}


def lines_that_hold(pattern: re.Pattern[str]) -> list[str]:
    """Return file:line of each place in the project's text files that the pattern matches, but for this file."""
    found = []
    for path in files_of_the_project():
        if (ROOT / path) == Path(__file__).resolve():
            continue
        text = (ROOT / path).read_bytes().decode("utf-8", errors="replace")
        found += [f"{path}:{number}" for number, line in enumerate(text.splitlines(), 1) if pattern.search(line)]
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_the_public_names_of_a_package_are_those_of_its_stub(package: str) -> None:
    assert set(importlib.import_module(package).__all__) == names_in_stub(package)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_can_be_imported(package: str) -> None:
    module = importlib.import_module(package)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_tells_type_checkers_that_it_is_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()


def test_asking_the_command_for_help_loads_no_heavy_library() -> None:
    script = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print('loaded:', *sorted({HEAVY!r} & sys.modules.keys())))\n"
        "sys.argv = ['keystay', '--help']\n"
        "from experiments.cli import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True, encoding="utf-8")
    assert done.stdout.splitlines()[-1].split() == ["loaded:"]


def test_every_top_level_folder_has_a_place_in_the_house() -> None:
    assert {path.parts[0] for path in files_of_the_project() if len(path.parts) > 1} <= FOLDERS


def test_every_top_level_file_has_a_place_in_the_house() -> None:
    top = {path.name for path in files_of_the_project() if len(path.parts) == 1 and not path.name.startswith(".")}
    assert top <= FILES


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    assert lines_that_hold(MACHINE_PATH) == []


def test_no_file_names_a_package_index() -> None:
    assert lines_that_hold(INDEX_ADDRESS) == []


def test_results_keep_nothing_but_their_readme_in_git() -> None:
    assert [path.as_posix() for path in files_of_the_project() if path.parts[0] == "results"] == ["results/README.md"]


def test_constraints_pin_exact_versions_and_hold_no_address() -> None:
    pin = re.compile(r"[\w.-]+==[\w.!+]+( ; (sys_platform|python_version) (==|!=|<) \"[\w.]+\")?")
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#") and not pin.fullmatch(line)] == []


def test_constraints_pin_every_library_that_the_project_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [wanted for extra in project["optional-dependencies"].values() for wanted in extra]
    asked = {spelled(wanted) for wanted in [*project["dependencies"], *extras]} - {"keystay"}
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert asked - {spelled(line) for line in lines if not line.startswith("#")} == set()


def test_the_installed_version_is_the_one_the_project_states() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert version("keystay") == project["version"]


def spelled(requirement: str) -> str:
    """Return the name at the start of a requirement in its one normal spelling."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()
