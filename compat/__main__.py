"""Prints the two columns: ``python -m compat``, or ``make compat``."""

from __future__ import annotations

import argparse
import json
import platform
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from compat.comparison import Comparison, Difference, compare
from compat.outcomes import KINDS, SIDES, Run
from compat.room import Trouble, make_room
from compat.suites import SUITES, Suite


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    options = arguments()
    suites = chosen(options.suite)
    if options.list:
        print("\n".join(f"{suite.name:<20} {suite.source}" for suite in suites))
        return 0
    found: list[Comparison] = []
    troubles: dict[str, str] = {}
    for suite in suites:
        try:
            found.append(one(suite))
        except Trouble as trouble:
            troubles[suite.name] = str(trouble)
            if not options.keep_going:
                break
    for line in (*table(found), *(line for each in found for line in account(each))):
        print(line)
    for name, reason in troubles.items():
        print(f"\n{name} could not be run\n  {reason}")
    if options.json:
        everything = {
            "python": platform.python_version(),
            "suites": [comparison.as_json() for comparison in found],
            "could not be run": troubles,
        }
        options.json.write_text(json.dumps(everything, indent=1) + "\n")
    return int(bool(troubles) or not all(comparison.is_as_listed for comparison in found))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m compat", description=__doc__)
    parser.add_argument(
        "--suite", metavar="NAME", action="append", help="only this suite; may be repeated"
    )
    parser.add_argument("--list", action="store_true", help="say which suites there are")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write what was found there too")
    parser.add_argument(
        "--keep-going", action="store_true", help="go on when a suite could not be run"
    )
    return parser.parse_args()


def chosen(names: Sequence[str] | None) -> list[Suite]:
    by_name = {suite.name: suite for suite in SUITES}
    if unknown := set(names or ()) - set(by_name):
        sys.exit(f"no suite is called {' or '.join(sorted(unknown))}; --list shows them")
    return [by_name[name] for name in names or by_name]


def one(suite: Suite) -> Comparison:
    """Compare one suite, and say on the screen how far it has come."""
    say = Screen(suite.name)
    try:
        say("getting what it needs")
        return compare(suite, make_room(suite), say)
    finally:
        say.end()


class Screen:
    """One line for the step that is under way; only a terminal sees it change."""

    def __init__(self, suite: str) -> None:
        self._suite = suite
        self._step = ""

    def __call__(self, step: str, progress: str = "") -> None:
        if sys.stderr.isatty():
            line = f"{self._suite}: {step} {progress}"
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        elif step != self._step:
            print(f"{self._suite}: {step}", file=sys.stderr, flush=True)
        self._step = step

    def end(self) -> None:
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def table(found: Sequence[Comparison]) -> Iterator[str]:
    if not found:
        return
    headings = "".join(f"{heading:>9}" for heading in (*KINDS, "seconds"))
    yield f"Python {platform.python_version()}"
    yield (f"{'':<18}" + "".join(f"{side:>{len(headings)}}" for side in SIDES)).rstrip()
    yield f"{'suite':<18}" + headings * len(SIDES) + f"{'differ':>9}"
    for comparison in found:
        yield (
            f"{comparison.suite:<18}"
            + "".join(cells(run) for run in comparison.runs.values())
            + f"{len(comparison.differences):>9}"
        )


def cells(run: Run) -> str:
    counts = run.counts()
    return "".join(f"{counts[kind]:>9}" for kind in KINDS) + f"{run.seconds:>9.0f}"


def account(comparison: Comparison) -> Iterator[str]:
    """All that there is to say about what differs."""
    by_reason: dict[str, list[Difference]] = {}
    for found in comparison.differences:
        by_reason.setdefault(found.why or "", []).append(found)
    for why, differences in sorted(by_reason.items()):
        yield f"\n{comparison.suite}: {why or 'NOT LISTED'}"
        for found in differences:
            yield f"  {found.stock.kind} -> {found.hotplug.kind}  {found.test}"
            if not why:
                yield f"    {found.hotplug.message or found.stock.message}".splitlines()[0][:200]
    if comparison.outdated:
        yield f"\n{comparison.suite}: LISTED, AND DIFFERS NO MORE"
        yield from (f"  {name}" for name in comparison.outdated)
    if comparison.unsteady:
        yield f"\n{comparison.suite}: differed, and agreed when run again"
        yield from (f"  {name}" for name in comparison.unsteady)
    if not comparison.is_as_listed:
        yield from (f"  {side}: {run.log}" for side, run in comparison.runs.items())


if __name__ == "__main__":
    sys.exit(main())
