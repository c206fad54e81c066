"""What docs/understand/comparison.md says of other libraries and no block of it shows."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from importlib.metadata import metadata
from pathlib import Path
from typing import Final

import pytest

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "understand" / "comparison.md"
PACKAGES: Final = {
    "pluggy": "pluggy",
    "pluginkit": "pluginkit",
    "stevedore": "stevedore",
    "plugins-kernel": "pkl",
}
NAMED: Final = {
    "each result handed to the next plugin": "pipeline",
    "wrappers, calls that are replayed to later plugins": "wrapper",
    "async hooks": "async",
    "a plugin that does not fit is refused when it is registered": "validation",
    "plugins from entry points": "entry",
    "what a plugin holds is given back": "release",
    "manifests, versions, dependencies that start and stop": "depend",
    "hot reload": "reload",
}
"""A word that stands in the names of every library that has what the row says."""


def table() -> dict[str, dict[str, str]]:
    """What the page says in each row of each library."""
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    (_, *libraries), *rows = ([cell.strip() for cell in line[1:-1].split("|")] for line in lines)
    return {row[0]: dict(zip(libraries, row[1:], strict=True)) for row in rows}


def names_in(package: str) -> set[str]:
    """All names of a package, its modules and its classes."""
    top = importlib.import_module(package)
    found = [module.name for module in pkgutil.walk_packages(top.__path__, f"{package}.")]
    shown = {"tests", "example", "example2", "sphinxext"}
    own = [name for name in found if not shown & set(name.split("."))]
    modules = [top, *map(importlib.import_module, own)]
    things = [thing for module in modules for thing in vars(module).values()]
    spaces = [*modules, *(thing for thing in things if inspect.isclass(thing))]
    return {name.lower() for space in spaces for name in vars(space)}


@pytest.mark.parametrize("library", PACKAGES)
def test_the_page_names_the_oldest_python_of_each_library(library: str) -> None:
    pytest.importorskip(PACKAGES[library])

    assert metadata(library)["Requires-Python"] == f">={table()['Python, at least'][library]}"


@pytest.mark.parametrize("library", PACKAGES)
@pytest.mark.parametrize("row", NAMED)
def test_a_library_has_what_the_page_says_and_no_more(row: str, library: str) -> None:
    pytest.importorskip(PACKAGES[library])

    has = any(NAMED[row] in name for name in names_in(PACKAGES[library]))

    assert has == bool(table()[row][library])
