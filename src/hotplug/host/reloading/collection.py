"""Whether replaced generations are really gone, and if not, what holds them.

A generation goes with a garbage collection, which takes as long as a program is big. So one is
made only when someone asks, or when several replaced generations are still waiting for it.
"""

from __future__ import annotations

import gc
import typing
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from time import monotonic
from types import FunctionType
from typing import Any, Final, cast
from weakref import ref

from hotplug.host.generations import Generation
from hotplug.host.life import Life
from hotplug.host.links import frame_of
from hotplug.host.references import chain_to
from hotplug.host.reloading.report import Leftover

__all__ = ["Retired"]

KEPT: Final = 32
"""How many may wait for Python's own garbage collection."""
SHOWN: Final = 3
"""Of how many it is said what holds them, if nobody has asked: that takes a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A generation that was replaced."""

    plugin: str
    number: int
    since: float
    modules: int
    size: int
    generation: ref[Generation]


class Retired:
    """The generations of a host that were replaced, until they are gone."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._limit = KEPT

    def note(self, lives: Iterable[Life]) -> None:
        """Remember those that have just been replaced."""
        for life in lives:
            generation = life.generation
            if generation is not None:
                sizes = [len(source) for _, source in generation.snapshot.source_files()]
                entry = Entry(
                    life.name, life.number, monotonic(), len(sizes), sum(sizes), ref(generation)
                )
                self._entries.append(entry)

    def look(self, *, most: int | None = None) -> list[Leftover]:
        """Collect garbage, and say what holds the generations that are left, or some of them."""
        for forget in getattr(typing, "_cleanups", ()):  # it remembers what it was asked for
            forget()
        gc.collect()
        left = [leftover(entry) for entry in self._alive()[:most]]
        return [each for each in left if each is not None]

    def look_if_many(self) -> list[Leftover]:
        """The same for the oldest, if there are many; those that stay do not count again."""
        if len(self._alive()) <= self._limit:
            return []
        found = self.look(most=SHOWN)
        self._limit = max(KEPT, 2 * len(self._alive()))
        return found

    def _alive(self) -> list[Entry]:
        self._entries = [entry for entry in self._entries if entry.generation() is not None]
        return self._entries


def leftover(entry: Entry) -> Leftover | None:
    generation = entry.generation()
    if generation is None:
        return None
    is_end = partial(is_code_of, id(generation.builtins))  # by number: it must not hold it too
    # Each function of it holds these, which says nothing; but they may be all that there is.
    chain = chain_to(generation, is_end=is_end, excused=[generation.builtins])
    chain = chain or chain_to(generation, is_end=is_end)
    held_by = "code that still runs" if chain is None else str(chain)
    age = monotonic() - entry.since
    return Leftover(entry.plugin, entry.number, age, entry.modules, entry.size, held_by)


def is_code_of(builtins: int, link: object) -> bool:
    """Whether it is a function of these builtins, or one that has begun."""
    if type(link) is FunctionType:
        return id(cast(Any, link).__builtins__) == builtins
    frame = frame_of(link)
    return frame is not None and id(frame.f_builtins) == builtins
