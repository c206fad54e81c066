"""Turns: one operation at a time on each plugin, and never two that wait for each other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextvars import ContextVar
from threading import Condition, RLock, get_ident
from types import TracebackType
from typing import Final, Generic, TypeVar

from hotplug.errors.hosting import PluginStateError

__all__ = ["Turns"]

T = TypeVar("T")


class Errand:
    """One operation with all those that it leads to, on whatever thread they run."""

    __slots__ = ("is_over", "suspended_in")

    def __init__(self) -> None:
        self.is_over = False
        self.suspended_in = 0
        """The thread whose loop it waits for: nothing else may keep that from running."""


ERRAND: Final[ContextVar[Errand | None]] = ContextVar("hotplug_errand", default=None)


class Turns(Generic[T]):
    """Who works on what. All that an operation needs is taken at once, so none waits in a ring.

    An errand that has a turn may take it again: a plugin's own code may load its children.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._free = Condition(self._lock)
        self._holders: dict[T, list[Errand]] = {}
        self._waiting: dict[Errand, Collection[T]] = {}

    def take(self, wanted: Callable[[], Iterable[T]]) -> Turn[T]:
        """Wait until no other errand works on what is wanted, which is asked for anew each time.

        What was taken is handed over: by then, more may be wanted.
        """
        return Turn(self, wanted)

    def are_awaited_here(self, things: Iterable[T]) -> bool:
        """Whether an errand works on one of these that a task of this thread's loop goes on with.

        Who waits for that has to await it, too.
        """
        mine, here = ERRAND.get(), get_ident()
        with self._lock:
            held = [holder for thing in things for holder in self._holders.get(thing, ())[:1]]
        return any(each.suspended_in == here for each in held if each is not mine)

    def begin(self, wanted: Callable[[], Iterable[T]], me: Errand) -> dict[T, None]:
        with self._lock:
            while True:
                things = dict.fromkeys(wanted())
                others = self._others_with(things, me)
                if not others:
                    break
                if any(other.suspended_in == get_ident() for other in others):
                    names = ", ".join(sorted(map(str, things)))
                    raise PluginStateError(
                        f"cannot work on {names} now: a task of this event loop does, and awaits "
                        "calls that are under way; await its end first"
                    )
                self._refuse_a_ring(things, me)
                self._waiting[me] = things
                try:
                    self._free.wait()
                finally:
                    del self._waiting[me]
            for thing in things:
                self._holders.setdefault(thing, []).append(me)
        return things

    def end(self, things: Iterable[T]) -> None:
        with self._lock:
            for thing in things:
                holders = self._holders[thing]
                holders.pop()
                if not holders:
                    del self._holders[thing]
            if self._waiting:
                self._free.notify_all()

    def _others_with(self, things: Iterable[T], me: Errand) -> list[Errand]:
        held = [self._holders[thing][0] for thing in things if thing in self._holders]
        return [holder for holder in held if holder is not me]

    def _refuse_a_ring(self, things: Iterable[T], me: Errand) -> None:
        """Refuse to wait for one that, itself or through others, waits for this one."""
        seen: set[Errand] = set()
        ahead = self._others_with(things, me)
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


class Turn(Generic[T]):
    """The block in which an errand works on what it wanted."""

    __slots__ = ("_before", "_errand", "_is_first", "_things", "_turns", "_wanted")

    def __init__(self, turns: Turns[T], wanted: Callable[[], Iterable[T]]) -> None:
        self._turns = turns
        self._wanted = wanted

    def suspend(self, *, is_over: bool = False) -> None:
        """Say that a task of this thread's loop goes on with it, or that it has gone on."""
        self._errand.suspended_in = 0 if is_over else get_ident()

    def __enter__(self) -> dict[T, None]:
        errand = ERRAND.get()
        self._is_first = errand is None or errand.is_over
        if errand is None or errand.is_over:
            errand = Errand()
        self._errand = errand
        self._things = things = self._turns.begin(self._wanted, errand)
        self._before = ERRAND.set(errand)
        return things

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        ERRAND.reset(self._before)
        self._errand.is_over = self._is_first
        self._turns.end(self._things)
