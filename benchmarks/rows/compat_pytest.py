"""pytest as it is and on our layer, each time in a new process: importing, starting, a long run.

The same pytest runs on both sides, its bytecode warm, without other plugins that are installed:
``pytest`` on one, ``python -m hotplug.compat.pluggy pytest`` on the other, interpreter and all.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks.crowd import keeping_bytecode
from benchmarks.peers import COMPAT, LAYER, Framework
from benchmarks.rows.compat_calling import with_pluggys
from benchmarks.rows.importing import importing, new_place
from benchmarks.table import Row, Ways, at_most
from benchmarks.timing import Sample

__all__ = ["rows"]

FILES: Final = 50
TESTS_IN_EACH: Final = 100
OPTIONS: Final = ("-p", "no:cacheprovider", "-q")
FINE: Final = (0, 5)
"""The exit status when all has passed, and when there was nothing to run."""


def rows() -> list[Row]:
    goals = {"pluggy": at_most(1)}
    return [
        Row("compat-import", "compat: import and a manager", imported, goals, COMPAT, rounds=10),
        Row(
            "pytest-version",
            "pytest --version",
            partial(running, arguments=["--version"]),
            goals,
            COMPAT,
            rounds=15,
        ),
        Row(
            "pytest-collect",
            "pytest --collect-only, an empty folder",
            partial(running, arguments=["--collect-only", *OPTIONS]),
            goals,
            COMPAT,
            rounds=15,
        ),
        Row(
            "pytest-run",
            f"pytest, {FILES * TESTS_IN_EACH:,} trivial tests",
            partial(running, arguments=OPTIONS, files=FILES),
            goals,
            COMPAT,
            rounds=10,
            by_name_only=True,
        ),
    ]


def imported(frameworks: Sequence[Framework]) -> Ways:
    return importing(with_pluggys(frameworks))


def running(_: Sequence[Framework], arguments: Sequence[str], files: int = 0) -> Ways:
    place = new_place()
    (place / "pytest.ini").write_text("[pytest]\n")
    tests = "\n".join(f"def test_{at}(): pass" for at in range(TESTS_IN_EACH))
    for at in range(files):
        (place / f"test_{at}.py").write_text(tests)
    return {
        COMPAT: process([sys.executable, "-m", LAYER, "pytest", *arguments], place),
        f"pluggy {version('pluggy')}": process([installed_command("pytest"), *arguments], place),
    }


def installed_command(name: str) -> str:
    """Its path beside the Python that runs this."""
    found = shutil.which(name, path=sysconfig.get_path("scripts"))
    assert found, f"{name} is not installed beside {sys.executable}"
    return found


def process(command: Sequence[str], place: Path) -> Sample:
    environment = keeping_bytecode() | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}

    def sample() -> float:
        with (place / "output").open("w+") as output:
            started = perf_counter()
            done = subprocess.run(
                command, cwd=place, env=environment, stdout=output, stderr=output, check=False
            )
            seconds = perf_counter() - started
            if done.returncode not in FINE:
                output.seek(0)
                raise RuntimeError(f"{' '.join(command)}\n{output.read()}")
        return seconds

    sample()
    return sample
