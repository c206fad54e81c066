"""Compares a suite's run on hotplug with the one on stock pluggy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from compat.known import KNOWN, covers
from compat.outcomes import KINDS, MISSING, SIDES, Outcome, Progress, Run, run_suite
from compat.room import Room
from compat.suites import Suite

__all__ = ["Comparison", "Difference", "compare"]


class Difference(NamedTuple):
    """A test that went another way on hotplug."""

    test: str
    stock: Outcome
    hotplug: Outcome
    why: str | None
    """None if it is not listed."""


@dataclass(frozen=True)
class Comparison:
    """One suite, on both sides."""

    suite: str
    runs: Mapping[str, Run]
    differences: Sequence[Difference]
    unsteady: Sequence[str]
    """The tests that differed, and agreed when they were run once more on their own."""
    outdated: Sequence[str]
    """What is listed as a difference and is none any more."""

    @property
    def is_as_listed(self) -> bool:
        return not self.outdated and all(found.why is not None for found in self.differences)

    def as_json(self) -> dict[str, Any]:
        return {
            "suite": self.suite,
            **{
                side: {kind: run.counts()[kind] for kind in KINDS} | {"seconds": run.seconds}
                for side, run in self.runs.items()
            },
            "differences": [
                {
                    "test": found.test,
                    "stock": found.stock.kind,
                    "hotplug": found.hotplug.kind,
                    "message": found.hotplug.message,
                    "why": found.why,
                }
                for found in self.differences
            ],
            "unsteady": list(self.unsteady),
            "outdated": list(self.outdated),
        }


def compare(suite: Suite, room: Room, progress: Progress) -> Comparison:
    """Run a suite on both sides, and what differs once more, on its own."""
    runs = {side: run_suite(suite, room, side, progress) for side in SIDES}
    differing = [
        test
        for test in {**runs["stock"].outcomes, **runs["hotplug"].outcomes}
        if kind(runs["stock"], test) != kind(runs["hotplug"], test)
    ]
    # Only what both have can be asked for by its name.
    again = [test for test in differing if all(test in run.outcomes for run in runs.values())]
    unsteady: set[str] = set()
    if again:
        reruns = [run_suite(suite, room, side, progress, again) for side in SIDES]
        unsteady = {test for test in again if len({kind(run, test) for run in reruns}) == 1}
    listed = KNOWN.get(suite.name, {})
    differences = [
        Difference(
            test,
            runs["stock"].outcomes.get(test, MISSING),
            runs["hotplug"].outcomes.get(test, MISSING),
            next((why for name, why in listed.items() if covers(name, test)), None),
        )
        for test in differing
        if test not in unsteady
    ]
    outdated = [name for name in listed if not any(covers(name, test) for test in differing)]
    return Comparison(suite.name, runs, differences, sorted(unsteady), outdated)


def kind(run: Run, test: str) -> str:
    return run.outcomes.get(test, MISSING).kind
