"""Why a plugin runs or does not: as data, and in words for who is woken by it.

`diagnosing` finds it out.
"""

from __future__ import annotations

import linecache
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hotplug.host.lifecycle import PluginState
from hotplug.host.obstacles import Obstacle, Proposal

__all__ = ["Cause", "Diagnosis"]

LONGEST_PATH: Final = 6
SOURCES: Final = (".py",)


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that keeps a plugin from running, itself or through what it requires."""

    obstacle: Obstacle
    path: tuple[str, ...]
    """From the plugin that was asked about to the one that is kept: ``("reports", "shop")``."""

    @property
    def lines(self) -> Iterator[str]:
        """In words: what it is, where, and what mends it."""
        obstacle = self.obstacle
        is_other = len(self.path) > 1
        who = f"plugin {obstacle.plugin!r}: " if is_other and obstacle.kind != "circle" else ""
        first, *more = f"{who}{obstacle.sentence}".splitlines()
        yield first
        if obstacle.where:
            yield f"{obstacle.where}{source_line(obstacle.where)}"
        if is_other:
            yield f"required by way of {' -> '.join(shortened(self.path))}"
        if not obstacle.proposals:
            yield from (line.strip() for line in more)
        for at, proposal in enumerate(obstacle.proposals):
            yield f"{'or' if at else '->'} {proposal}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Why a plugin runs, or all that keeps it from that. ``print`` shows it for people."""

    plugin: str
    version: str = ""
    state: PluginState | None = None
    """None where no such plugin is loaded."""
    causes: tuple[Cause, ...] = ()
    """All that keeps it from running; what is furthest away comes first, and is mended first."""
    start: Proposal | None = None
    """What starts it, as soon as nothing keeps it from running."""
    started_for: str = ""
    """The plugin that required it when it was started; empty if it was asked for itself."""
    required_by: tuple[str, ...] = ()
    """The running plugins that require it."""
    parent: str = ""
    """The plugin that it stops with."""

    @property
    def is_running(self) -> bool:
        """Whether it is enabled."""
        return self.state is PluginState.ENABLED

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """What lets it run, if it is done in this order: the first proposal of each cause."""
        first = {
            each: None
            for cause in self.causes
            for each in cause.obstacle.proposals[:1]
            if each.action != ("enable", cause.obstacle.plugin)  # it starts along
        }
        return tuple(first if self.start is None else {**first, self.start: None})

    def __str__(self) -> str:
        return "\n".join(self._running() if self.is_running else self._kept())

    def _running(self) -> Iterator[str]:
        yield f"plugin {self.plugin!r} {self.version} runs"
        if self.started_for:
            yield f"  it was started for {self.started_for!r}, which requires it"
        else:
            yield "  it was enabled for its own sake"
        if self.required_by:
            names = ", ".join(map(repr, self.required_by))
            yield f"  {names} {'requires' if len(self.required_by) == 1 else 'require'} it"
        if self.parent:
            yield f"  it stops with {self.parent!r}, which has loaded it"

    def _kept(self) -> Iterator[str]:
        known = f" {self.version} does not run ({self.state.value})" if self.state else ""
        many = len(self.causes) > 1
        yield f"plugin {self.plugin!r}{known or ' is not there'}{', for several reasons' * many}"
        for number, cause in enumerate(self.causes, 1):
            mark = f"{number}. " if many else ""
            head, *rest = cause.lines
            yield f"  {mark}{head}"
            yield from (f"  {' ' * len(mark)}  {line}" for line in rest)
        if any(cause.obstacle.proposals[:1] != (self.start,) for cause in self.causes):
            yield from () if self.start is None else (f"  then {self.start}",)


def source_line(where: str) -> str:
    """The line of code itself, if it is one."""
    file, _, number = where.rpartition(":")
    if not (file.endswith(SOURCES) and number.isdecimal()):
        return ""
    line = linecache.getline(file, int(number)).strip()
    return f"   {line}" if line else ""


def shortened(path: Sequence[str]) -> Sequence[str]:
    if len(path) <= LONGEST_PATH:
        return path
    half = LONGEST_PATH // 2
    return [*path[:half], f"... {len(path) - 2 * half} more ...", *path[-half:]]
