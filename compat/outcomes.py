"""Runs a suite once, and reads from its JUnit report what became of each test."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

from compat.room import Room, Trouble
from compat.suites import Suite

__all__ = ["KINDS", "MISSING", "SIDES", "Outcome", "Progress", "Run", "run_suite"]

SIDES: Final[Mapping[str, Sequence[str]]] = {
    "stock": (),
    "hotplug": ("-m", "hotplug.compat.pluggy"),
}
"""What stands between Python and the program that it runs."""

KINDS: Final = ("passed", "skipped", "xfailed", "failed", "error")
"""From best to worst: a test that passes and cannot be torn down is an error."""

Progress = Callable[[str, str], None]
"""Told the step that is under way, and how far it has come."""


class Outcome(NamedTuple):
    """What became of a test, and what was said about it."""

    kind: str
    message: str = ""


MISSING: Final = Outcome("missing")
"""Of a test that only the other side has, mostly since its module cannot be imported."""


@dataclass(frozen=True)
class Run:
    """A suite, run on one side."""

    outcomes: Mapping[str, Outcome]
    """By the ids of the tests, as pytest writes them."""
    seconds: float
    log: Path

    def counts(self) -> Counter[str]:
        return Counter(outcome.kind for outcome in self.outcomes.values())


def run_suite(
    suite: Suite, room: Room, side: str, progress: Progress, only: Sequence[str] = ()
) -> Run:
    """Run a suite from a fresh copy of its source distribution, or only some tests of it."""
    step = f"{side}-again" if only else side
    unpacked = room.unpack(step)
    make_sure_whose(room, side, unpacked)
    log, report = unpacked.parent / "log.txt", unpacked.parent / "report.xml"
    command = [
        *(str(room.python), *SIDES[side], "-m", "pytest", f"--junitxml={report}"),
        *("--continue-on-collection-errors", "--color=no", *suite.options),
        *(["--numprocesses=auto"] if suite.parallel and not only else []),
        *(only or suite.tests),
    ]
    started = monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=unpacked,
            env=surroundings(room),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while process.poll() is None:
                seconds = monotonic() - started
                if seconds > suite.minutes * 60:
                    raise Trouble(f"no end after {suite.minutes} minutes: {log}")
                progress(step, f"{seconds:.0f} s {how_far(log)}")
                wait_a_second(process)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    if process.returncode not in {0, 1} or not report.exists():
        raise Trouble(f"pytest ended with {process.returncode}: {log}\n{end_of(log)}")
    return Run(outcomes(report, unpacked), monotonic() - started, log)


def wait_a_second(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        return


def surroundings(room: Room) -> dict[str, str]:
    """The environment variables of a run: nothing that speaks to Python or pytest comes in."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "PYTEST", "COVERAGE", "VIRTUAL_ENV"))
    }
    return inherited | {"PATH": f"{room.python.parent}{os.pathsep}{inherited.get('PATH', '')}"}


def make_sure_whose(room: Room, side: str, cwd: Path) -> None:
    """A run that is taken for one on hotplug and is none would find no difference at all."""
    program = Path(__file__).with_name("which.py")
    done = subprocess.run(
        [str(room.python), *SIDES[side], str(program)],
        cwd=cwd,
        env=surroundings(room),
        capture_output=True,
        text=True,
        check=False,
    )
    expected = "pluggy" if side == "stock" else "hotplug.compat.pluggy"
    if done.returncode or done.stdout.split() != [expected, expected]:
        raise Trouble(
            f"a program on the {side} side and its child should get {expected}, and get:"
            f"\n{done.stdout}{done.stderr}".rstrip()
        )


def how_far(log: Path) -> str:
    """The last share of the tests that pytest said it has done."""
    shares: list[str] = re.findall(r"\[ *(\d+%)\]", end_of(log))
    return shares[-1] if shares else ""


def end_of(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])


def outcomes(report: Path, root: Path) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    for case in ET.parse(report).iter("testcase"):
        test = test_id(case.get("classname", ""), case.get("name", ""), root)
        outcome = max(
            (outcome_of(case), found.get(test, Outcome("passed"))),
            key=lambda each: KINDS.index(each.kind),
        )
        found[test] = outcome
    return found


def outcome_of(case: ET.Element) -> Outcome:
    for kind in ("error", "failure", "skipped"):
        if (said := case.find(kind)) is not None:
            message = said.get("message", "").strip()
            if said.get("type") == "pytest.xfail":
                return Outcome("xfailed", message)
            return Outcome("failed" if kind == "failure" else kind, message)
    return Outcome("passed")


def test_id(classname: str, name: str, root: Path) -> str:
    """A test's id, from a report that has put dots for all that parts its names."""
    # A module that cannot be collected has its path for a name, and no class.
    parts = (classname or name).split(".")
    for end in range(len(parts), 0, -1):
        path = "/".join(parts[:end]) + ".py"
        if (root / path).is_file():
            return "::".join([path, *parts[end:], *([name] if classname else [])])
    return f"{classname}::{name}"
