"""Both checkers over `expectations.py`: each revealed type, each expected error, nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILE = HERE / "expectations.py"
REVEAL = re.compile(r"^\s*reveal_type\(.*\)  # (?P<says>.+)$")
ERROR = re.compile(r"# error: (?P<codes>.+)$")
MODULE = re.compile(
    r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z_])"
)  # typing.Any -> Any, expectations.User -> User
MYPY_OPTIONS = (
    "--strict",
    "--python-version=3.11",
    "--no-pretty",
    "--show-error-codes",
    "--hide-error-context",
    "--no-error-summary",
    "--enable-error-code=unused-awaitable",
)
PROJECT = ("--project", str(HERE / "pyrightconfig.json"))
CONSEQUENCES = {"untyped-decorator", "reportUntypedFunctionDecorator", "reportUnknownMemberType"}


@dataclass
class Said:
    """What a checker says of the file, or is expected to, by line."""

    types: dict[int, str] = field(default_factory=dict[int, str])
    errors: dict[int, set[str]] = field(default_factory=dict[int, set[str]])
    messages: dict[int, list[str]] = field(default_factory=dict[int, list[str]])


def expected(checker: str) -> Said:
    said = Said()
    past_docstring = False  # it shows the notation
    for number, line in enumerate(FILE.read_text().splitlines(), start=1):
        if not past_docstring:
            past_docstring = line.startswith("from __future__")
            continue
        if reveal := REVEAL.match(line):
            both = reveal["says"]
            spelled = (
                dict(part.split(": ", 1) for part in both.split(" || "))
                if both.startswith("mypy: ")
                else None
            )
            said.types[number] = spelled[checker] if spelled else both
        elif "reveal_type(" in line and not line.startswith("from"):
            raise AssertionError(f"line {number} reveals a type and says not which: {line}")
        if error := ERROR.search(line):
            assert re.fullmatch(r"(mypy\[[^]]+\])?( ?pyright\[[^]]+\])?", error["codes"]), (
                f"line {number}: {line}"
            )
            codes = dict(re.findall(r"(mypy|pyright)\[([^]]*)\]", error["codes"]))
            if checker in codes:
                said.errors[number] = set(codes[checker].split(","))
    return said


def mypy() -> Said:
    run = subprocess.run(
        [sys.executable, "-m", "mypy", *MYPY_OPTIONS, FILE.name],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not run.stderr, run.stderr
    said = Said()
    for line in run.stdout.splitlines():
        found = re.match(
            r"(?P<file>[^:]+):(?P<line>\d+): (?P<kind>error|note): (?P<text>.*)$", line
        )
        assert found, f"mypy said: {line}"
        assert found["file"] == FILE.name, f"mypy complains elsewhere: {line}"
        number = int(found["line"])
        if reveal := re.match(r'Revealed type is "(.*)"$', found["text"]):
            said.types[number] = MODULE.sub("", reveal[1])
        elif found["kind"] == "error":
            code = re.search(r"\[([\w-]+)\]$", found["text"])
            said.errors.setdefault(number, set()).add(code[1] if code else "?")
            said.messages.setdefault(number, []).append(found["text"])
    return said


def pyright() -> Said:
    run = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, *PROJECT],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    said = Said()
    for item in json.loads(run.stdout)["generalDiagnostics"]:
        assert Path(item["file"]).name == FILE.name, f"pyright complains elsewhere: {item}"
        number = item["range"]["start"]["line"] + 1
        if reveal := re.match(r'Type of ".*" is "(.*)"$', item["message"], re.DOTALL):
            said.types[number] = MODULE.sub("", reveal[1])
        else:
            said.errors.setdefault(number, set()).add(item.get("rule", "?"))
            said.messages.setdefault(number, []).append(item["message"])
    return said


def differences(wanted: Said, got: Said) -> Iterator[str]:
    source = FILE.read_text().splitlines()
    for number in sorted(wanted.types.keys() | got.types.keys()):
        want, have = wanted.types.get(number), got.types.get(number)
        if want != have:
            line = source[number - 1].split("  # ")[0].strip()
            yield f"{FILE.name}:{number}  {line}\n    want {want}\n    got  {have}"
    for number in sorted(wanted.errors.keys() | got.errors.keys()):
        want_codes, have_codes = wanted.errors.get(number, set()), got.errors.get(number, set())
        if have_codes - CONSEQUENCES:
            have_codes -= CONSEQUENCES
        if want_codes != have_codes:
            said = "".join(f"\n      {message}" for message in got.messages.get(number, []))
            yield (
                f"{FILE.name}:{number}  {source[number - 1].split('  # ')[0].strip()}\n"
                f"    want {sorted(want_codes) or 'no error'}\n"
                f"    got  {sorted(have_codes) or 'no error'}{said}"
            )


@pytest.mark.parametrize("checker", [mypy, pyright], ids=["mypy", "pyright"])
def test_a_checker_says_what_we_promise(checker: Callable[[], Said]) -> None:
    wanted = expected(checker.__name__)
    assert len(wanted.types) > 100
    assert len(wanted.errors) > 50
    found = list(differences(wanted, checker()))
    assert not found, f"\n{checker.__name__} differs on {len(found)} lines\n" + "\n".join(found)


def test_dp30_no_caller_of_an_exact_form_shows_self() -> None:
    exact = FILE.read_text().partition("class Inexact")[0]
    callers = [line for line in exact.splitlines() if re.search(r"# .*Caller\[", line)]

    assert callers
    assert not [line for line in callers if "self" in line.partition("#")[2]]
