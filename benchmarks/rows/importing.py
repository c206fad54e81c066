"""Importing and making a manager, bytecode warm on all sides, each time in a new process.

Without the manager it would flatter those that load their parts when they are asked for.

The clock runs around the import alone, within that process: the interpreter's own start is not in
it. Every package is alone in its directory, so that no crowded directory is searched.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.peers import Framework
from benchmarks.table import Row, Ways, at_most
from benchmarks.timing import Sample

__all__ = ["imports", "new_place", "rows"]

# -I leaves out PYTHONDONTWRITEBYTECODE too, wherever that is set.
PROGRAM: Final = """
import sys
from time import perf_counter
sys.path.insert(0, sys.argv[1])
started = perf_counter()
import {0}
{0}.PluginManager("demo")
print(perf_counter() - started)
"""
BEST_OF: Final = 3

kept: list[tempfile.TemporaryDirectory[str]] = []


def rows() -> list[Row]:
    return [Row("import", "import and a manager", importing, {"pluggy": at_most(1)}, rounds=15)]


def new_place() -> Path:
    """A directory that is there until the program ends."""
    place = tempfile.TemporaryDirectory(prefix="hotplug-benchmarks-")
    kept.append(place)
    return Path(place.name)


def importing(frameworks: Sequence[Framework]) -> Ways:
    place = new_place()
    return {each.name: imports(each, place / each.project) for each in frameworks}


def imports(each: Framework, place: Path) -> Sample:
    package = each.imported_as.partition(".")[0]
    found = Path(each.module.__file__).parents[each.imported_as.count(".")]
    shutil.copytree(found, place / package, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-I", "-X", f"pycache_prefix={place / 'bytecode'}"]
    command += ["-c", PROGRAM.format(each.imported_as), str(place)]

    def once() -> float:
        return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    once()
    return lambda: min(once() for _ in range(BEST_OF))
