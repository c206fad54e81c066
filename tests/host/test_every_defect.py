"""Every defect that was found in the plugin kernel before us has a test of its name here."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).resolve().parents[1]
DEFECTS: Final = [f"dk{number:02}" for number in range(1, 76)]

NOT_TESTED: Final = {
    "dk75": "what an emission and a syscall cost is in benchmarks/rows: events.py, syscalls.py",
}


def names_of_tests() -> list[str]:
    """The names of all test functions, wherever they are."""
    return [
        node.name
        for path in TESTS.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def test_every_defect_has_a_test_of_its_name() -> None:
    named = {each for name in names_of_tests() for each in re.findall(r"dk\d+", name)}

    assert [each for each in DEFECTS if each not in named and each not in NOT_TESTED] == []


def test_no_test_names_a_defect_that_there_is_not() -> None:
    named = {each for name in names_of_tests() for each in re.findall(r"dk\d+", name)}

    assert named <= {*DEFECTS}
    assert not named & NOT_TESTED.keys()
