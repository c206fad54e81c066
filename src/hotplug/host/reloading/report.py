"""What a reload did: which generations it replaced, what took how long, and what it found."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import Any, Final

__all__ = ["STAGES", "Leftover", "ReloadReport", "Replaced", "Restored", "StageTime"]

STAGES: Final = {
    "idle": "with when_idle: until nobody is busy with it",
    "snapshot": "the files and the manifest are read",
    "hold": "with hold and stop-first: calls wait, and those under way come to an end",
    "stop": "with stop-first: the old generation exports its state and stops",
    "import": "its module runs, beside the generation that serves",
    "check": "what it declares is compared with its code, its hooks and the other plugins",
    "start": "its on_enable handlers run; hooks, subscriptions and timers wait",
    "health": "its check_health() is asked",
    "state": "export_state() of the one gives what import_state() of the other takes",
    "commit": "hooks, subscriptions and timers of all plugins change in one step",
    "drain": "calls under way finish in the old generation",
    "teardown": "the old generation gives back what it holds, newest first",
    "collection": "whether the old generation is gone",
}
"""The stages in their order, and what is done in each."""
COMMIT: Final = "commit"


@dataclass(frozen=True, slots=True)
class StageTime:
    """One stage that was gone through."""

    stage: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Replaced:
    """One plugin, with the generation it had and the one it has now."""

    plugin: str
    why: str
    """Empty where it was asked for; else which other plugin it imports."""
    old_generation: int
    new_generation: int
    old_version: str
    new_version: str
    state_handed_over: bool = False

    def __str__(self) -> str:
        version = self.new_version
        if self.old_version != self.new_version:
            version = f"{self.old_version} -> {self.new_version}"
        more = f", {self.why}" if self.why else ""
        state = ", with its state" if self.state_handed_over else ""
        generations = f"generation {self.old_generation} -> {self.new_generation}"
        return f"{self.plugin} {version}: {generations}{state}{more}"


@dataclass(frozen=True, slots=True)
class Restored:
    """A plugin that was stopped first, and whose new generation failed."""

    plugin: str
    generation: int
    """The one that has the old code and serves now; 0 if there is none."""
    error: str = ""
    """Why there is none."""

    def __str__(self) -> str:
        if self.error:
            return (
                f"plugin {self.plugin!r} was stopped first, and could not be started again: it "
                f"does not run\n    {self.error}"
            )
        return (
            f"plugin {self.plugin!r} was stopped first, and is started again as it was: "
            f"generation {self.generation} serves"
        )


@dataclass(frozen=True, slots=True)
class Leftover:
    """A generation that was replaced and is still there."""

    plugin: str
    generation: int
    age: float
    """For how many seconds it has been replaced."""
    modules: int
    size: int
    """How many bytes of source text it has."""
    chain: str
    """What holds it, as a chain of names."""

    def __str__(self) -> str:
        return (
            f"plugin {self.plugin!r}: generation {self.generation} ({self.modules} modules, "
            f"{self.size:,} bytes of code) is still there {self.age:.1f} s after it was replaced\n"
            f"    held by {self.chain}"
        )


@dataclass(slots=True)
class ReloadReport:
    """What one reload did. Print it to read it; ``as_dict()`` is for programs.

    >>> print(ReloadReport(wanted=("shop",)))
    reload of shop: not committed
    """

    wanted: tuple[str, ...]
    committed: bool = False
    dry_run: bool = False
    """Whether it was only to be seen what would happen."""
    replaced: list[Replaced] = field(default_factory=list[Replaced])
    stages: list[StageTime] = field(default_factory=list[StageTime])
    reason: str = ""
    """Why it was made, where nobody has asked for it."""
    failed_stage: str = ""
    restored: list[Restored] = field(default_factory=list[Restored])
    """What was stopped first, and what became of that as the new code failed."""
    drained: int = 0
    """How many calls were under way in the old generations when the new ones took over."""
    undrained: list[str] = field(default_factory=list[str])
    """Where calls still ran as the time for that was over."""
    notes: list[str] = field(default_factory=list[str])
    """What is worth knowing, and kept nothing from going on."""
    confirmation: str = ""
    """What became of the time in which the new generation had to prove itself: "pending" until
    then, "confirmed", or "taken back: " and why. Empty where there is no such time."""
    leftovers: list[Leftover] = field(default_factory=list[Leftover])
    """Replaced generations of these plugins that were found alive, if they were looked for."""

    @property
    def seconds(self) -> float:
        """How long it took, with draining and teardown."""
        return sum(each.seconds for each in self.stages)

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        """Time one stage."""
        began = perf_counter()
        try:
            yield
        except BaseException:
            if not self.committed:
                self.failed_stage = name
            raise
        finally:
            self.stages.append(StageTime(name, perf_counter() - began))

    def time_of(self, stage: str) -> float:
        """The seconds that one stage took; 0 where there was nothing to do."""
        return sum(each.seconds for each in self.stages if each.stage == stage)

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {**asdict(self), "seconds": self.seconds}

    def __str__(self) -> str:
        outcome = f"{self.seconds * 1e3:.1f} ms" if self.committed else "not committed"
        outcome = "a dry run, nothing has changed" if self.dry_run else outcome
        if self.failed_stage:
            unchanged = "" if self.restored else ", nothing has changed"
            outcome = f"failed at {self.failed_stage}{unchanged}"
        lines = [f"reload of {', '.join(self.wanted)}: {outcome}"]
        if self.reason:
            lines.append(f"  {self.reason}")
        lines += [f"  {each}" for each in (*self.replaced, *self.restored)]
        if self.stages:
            times = ", ".join(f"{each.stage} {each.seconds * 1e3:.1f}" for each in self.stages)
            lines.append(f"  in ms: {times}")
        if self.drained:
            lines.append(f"  {counted(self.drained, 'call')} finished in the old generation")
        lines += [f"  still runs in the old generation: {where}" for where in self.undrained]
        if self.confirmation:
            lines.append(f"  confirmation: {self.confirmation}")
        lines += [f"  note: {note}" for note in self.notes]
        lines += [f"  {each}" for each in self.leftovers]
        return "\n".join(lines)


def counted(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"
