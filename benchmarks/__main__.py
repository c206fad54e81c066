"""Prints the table: ``python -m benchmarks``, or ``make bench`` for each Python there is."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from time import monotonic

from benchmarks.peers import every_framework
from benchmarks.rows import ROWS
from benchmarks.table import Result, Row, measure, shown


def main() -> None:
    options = arguments()
    if options.list:
        print("\n".join(map(listed, chosen(options.row or ["*"]))))
        return
    rows = chosen(options.row)
    started = monotonic()
    frameworks = every_framework(print)
    print(f"Python {platform.python_version()}: {', '.join(each.name for each in frameworks)}")
    print("ratios: the median of the rounds (quartiles); time: one hotplug call or action\n")
    print(f"{'':<54}{'time':>10}  {'against':<20}{'ratio':>14}  {'quartiles':<20}{'goal':<17}")
    results: list[Result] = []
    for row in rows:
        for at, result in enumerate(measure(row, frameworks, quick=options.quick)):
            results.append(result)
            print(line(result, first=not at), flush=True)
    with_goals = [result for result in results if result.goal is not None]
    met = sum(result.is_met is True for result in with_goals)
    print(f"\n{met} of {len(with_goals)} goals met, in {monotonic() - started:.0f} s")
    if options.json:
        found = {
            "python": platform.python_version(),
            "frameworks": [each.name for each in frameworks],
            "results": [result.as_json() for result in results],
        }
        options.json.write_text(json.dumps(found, indent=1) + "\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--row", metavar="NAME", action="append", help="only this row; may be repeated, takes *"
    )
    parser.add_argument("--list", action="store_true", help="say which rows there are")
    parser.add_argument("--quick", action="store_true", help="a fifth of the rounds")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write all figures there too")
    return parser.parse_args()


def chosen(names: Sequence[str] | None) -> list[Row]:
    if not names:
        return [row for row in ROWS if not row.by_name_only]
    rows = [row for row in ROWS if any(fnmatch(row.name, name) for name in names)]
    if not rows:
        sys.exit(f"no row is called {' or '.join(names)}; --list shows them")
    return rows


def listed(row: Row) -> str:
    only = " (measured only when it is named)" if row.by_name_only else ""
    return f"{row.name:<26} {row.what}{only}"


def line(result: Result, *, first: bool) -> str:
    """One line of the table; what several lines share is printed once."""
    low, middle, high = (shown(result.kind, figure) for figure in result.measured)
    ratio = middle
    if result.kind == "faster":
        slower = shown(result.kind, 1 / result.measured.median)
        ratio = f"{middle} faster" if result.measured.median >= 1 else f"{slower} slower"
        if result.measured.median < 1:
            low, high = (shown(result.kind, 1 / bound) for bound in result.measured[::-2])
    goal = "" if result.goal is None else str(result.goal)
    mark = {True: "met", False: "MISSED", None: ""}[result.is_met]
    return (
        f"{result.what if first else '':<54}{duration(result.ours) if first else '':>10}  "
        f"{result.against:<20}{ratio:>14}  {f'{low} - {high}':<20}{goal:<17}{mark}"
    ).rstrip()


def duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"


if __name__ == "__main__":
    main()
