"""A row of the table: what is measured, against what, and which ratio is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final, NamedTuple

from benchmarks.peers import HOTPLUG, Framework
from benchmarks.timing import Sample, Spread, difference, interleaved, ratio

__all__ = ["BY_HAND", "Goal", "Result", "Row", "Ways", "at_most", "faster", "measure", "more"]

BY_HAND: Final = "by hand"

PEERS: Final = ("pluggy", "pluginkit")

Ways = Mapping[str, Sample]
"""The ways to do one thing by name; one of them is ours."""


class Goal(NamedTuple):
    """A bound for a ratio: ours to theirs, theirs to ours, or the seconds that ours takes more."""

    kind: str
    bound: float

    def is_met(self, measured: Spread) -> bool:
        if self.kind == "faster":
            return measured.median >= self.bound
        return measured.median <= self.bound

    def __str__(self) -> str:
        if self.kind == "faster":
            return f">= {self.bound:g}x faster"
        return f"<= {shown(self.kind, self.bound)}"


def at_most(bound: float) -> Goal:
    return Goal("ratio", bound)


def faster(bound: float) -> Goal:
    return Goal("faster", bound)


def more(microseconds: float) -> Goal:
    return Goal("more", microseconds * 1e-6)


@dataclass(frozen=True)
class Row:
    """One thing that is measured. Nothing is set up before ``ways`` is called."""

    name: str
    what: str
    ways: Callable[[Sequence[Framework]], Ways]
    goals: Mapping[str, Goal] = field(default_factory=dict[str, Goal])
    """By what it is compared with: ``by hand``, or a framework without its version."""
    ours: str = HOTPLUG.name
    rounds: int = 30
    by_name_only: bool = False
    """Too long for the whole table."""


class Result(NamedTuple):
    """One row against one other way."""

    row: str
    what: str
    against: str
    ours: float
    """Median seconds."""
    theirs: float
    kind: str
    measured: Spread
    goal: Goal | None

    @property
    def is_met(self) -> bool | None:
        return None if self.goal is None else self.goal.is_met(self.measured)

    def as_json(self) -> dict[str, Any]:
        return {
            "row": self.row,
            "what": self.what,
            "against": self.against,
            "ours_seconds": self.ours,
            "theirs_seconds": self.theirs,
            "kind": self.kind,
            **self.measured._asdict(),
            "goal": None if self.goal is None else self.goal.bound,
            "met": self.is_met,
        }


def measure(row: Row, frameworks: Sequence[Framework], *, quick: bool = False) -> list[Result]:
    """Everything that a row says, measured in one go."""
    rounds = max(1, row.rounds // 5) if quick else row.rounds
    taken = interleaved(row.ways(frameworks), rounds)
    ours = taken.pop(row.ours)
    results: list[Result] = []
    for against, theirs in taken.items():
        goal = row.goals.get(against) or row.goals.get(against.partition(" ")[0])  # sans version
        kind = kind_of(row, against) if goal is None else goal.kind
        if kind == "faster":
            measured = ratio(theirs, ours)
        else:
            measured = (difference if kind == "more" else ratio)(ours, theirs)
        results.append(
            Result(row.name, row.what, against, median(ours), median(theirs), kind, measured, goal)
        )
    return results


def kind_of(row: Row, against: str) -> str:
    """How to show what has no goal: as the goals of its like are shown."""
    if against.startswith(BY_HAND):
        return "ratio"
    alike = [goal.kind for name, goal in row.goals.items() if name in PEERS]
    return alike[0] if alike else "faster"


def shown(kind: str, figure: float) -> str:
    """A figure as the table shows it."""
    if kind == "more":
        return f"{figure * 1e6:+.2f} us"
    return f"{figure:.1f}x" if figure >= 9.95 else f"{figure:.2f}x"
