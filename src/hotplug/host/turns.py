"""Turns: one operation at a time on each plugin, and never two that wait for each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from threading import Condition
from types import TracebackType
from typing import Final

from hotplug.errors.hosting import PluginStateError

__all__ = ["Turns"]


class Errand:
    """One operation with all those that it leads to, on whatever thread they run."""

    __slots__ = ("is_over",)

    def __init__(self) -> None:
        self.is_over = False


ERRAND: Final[ContextVar[Errand | None]] = ContextVar("hotplug_errand", default=None)


class Turns:
    """Who works on what. All that an operation needs is taken at once, so none waits in a ring.

    An errand that has a turn may take it again: a plugin's own code may load its children.
    """

    def __init__(self) -> None:
        self._free = Condition()
        self._holders: dict[object, list[Errand]] = {}
        self._waiting: dict[Errand, frozenset[object]] = {}

    def take(self, wanted: Callable[[], Iterable[object]]) -> Turn:
        """Wait until no other errand works on what is wanted, which is asked for anew each time.

        What was taken is handed over: by then, more may be wanted.
        """
        return Turn(self, wanted)

    def begin(self, wanted: Callable[[], Iterable[object]], me: Errand) -> frozenset[object]:
        with self._free:
            while True:
                things = frozenset(wanted())
                if not any(self._is_taken(thing, me) for thing in things):
                    break
                self._refuse_a_ring(things, me)
                self._waiting[me] = things
                try:
                    self._free.wait()
                finally:
                    del self._waiting[me]
            for thing in things:
                self._holders.setdefault(thing, []).append(me)
        return things

    def end(self, things: frozenset[object]) -> None:
        with self._free:
            for thing in things:
                self._holders[thing].pop()
                if not self._holders[thing]:
                    del self._holders[thing]
            if self._waiting:
                self._free.notify_all()

    def _is_taken(self, thing: object, me: Errand) -> bool:
        return self._holders.get(thing, [me])[0] != me

    def _refuse_a_ring(self, things: frozenset[object], me: Errand) -> None:
        """Refuse to wait for one that, itself or through others, waits for this one."""
        seen: set[Errand] = set()
        ahead = [self._holders[thing][0] for thing in things if self._is_taken(thing, me)]
        while ahead:
            other = ahead.pop()
            if other in seen:
                continue
            seen.add(other)
            for thing in self._waiting.get(other, ()):
                holder = self._holders.get(thing, [other])[0]
                if holder == me:
                    names = ", ".join(sorted(map(str, things)))
                    raise PluginStateError(
                        f"cannot work on {names} now: another thread does, and waits for what "
                        "this one works on; let one of the two finish first"
                    )
                ahead.append(holder)


class Turn:
    """The block in which an errand works on what it wanted."""

    __slots__ = ("_before", "_errand", "_is_first", "_things", "_turns", "_wanted")

    def __init__(self, turns: Turns, wanted: Callable[[], Iterable[object]]) -> None:
        self._turns = turns
        self._wanted = wanted

    def __enter__(self) -> frozenset[object]:
        errand = ERRAND.get()
        self._is_first = errand is None or errand.is_over
        self._errand = Errand() if errand is None or errand.is_over else errand
        self._things = self._turns.begin(self._wanted, self._errand)
        self._before = ERRAND.set(self._errand)
        return self._things

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        ERRAND.reset(self._before)
        self._errand.is_over = self._is_first
        self._turns.end(self._things)
