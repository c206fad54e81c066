"""The hold: calls of plugins wait while these are replaced, and those under way come to an end.

A plugin asks for it in its manifest. So nothing is written into a generation that has exported its
state already. A call that belongs to one under way goes on: that one could not end otherwise.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from threading import Lock, get_ident
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING, Any

from hotplug.errors.hosting import PluginStateError, PluginTimeout
from hotplug.hooks.caller import Caller
from hotplug.hooks.gate import Gate, frames_outside
from hotplug.hooks.modes import OWNER
from hotplug.host.handlers import Way
from hotplug.host.implementations import HookImplementation
from hotplug.host.life import Life
from hotplug.host.owner import MARK, Owner, owner_at
from hotplug.host.reloading.draining import PAUSES, Found, UnderWay
from hotplug.host.scheduler import running_loop
from hotplug.host.subscriptions import EventSubscription
from hotplug.host.timers import METERS, Timer

if TYPE_CHECKING:
    from hotplug.hooks.records import HookImpl

__all__ = ["Hold", "callers_of"]

WAYS = (Way.DIRECT, Way.IN_LOOP, Way.AWAITED, Way.TOLD)


class Hold(Gate):
    """Keeps the calls of some plugins waiting, each for so many seconds at most.

    If one has waited that long, they go on, and the reload is given up; unless the plugins have
    been stopped by then.
    """

    def __init__(self, lives: Iterable[Life], seconds: float) -> None:
        super().__init__()
        self.lives = {*lives}
        self.names = ", ".join(sorted(repr(life.name) for life in self.lives))
        self.plugins = {life.plugin for life in self.lives}
        self.seconds = seconds
        self.callers: set[Caller] = set()
        self.is_sealed = False
        """Whether even what belongs to the plugins themselves waits."""
        self.is_broken = False
        """Whether a call has waited too long."""
        self.are_stopped = False
        self._is_final = False
        self._deciding = Lock()
        self._thread = get_ident()
        self._task = None if running_loop() is None else asyncio.current_task()
        self._put_off: dict[int, tuple[Owner, Callable[[], object]]] = {}

    # while it is closed

    def close(self) -> None:
        """Let calls that begin from now on wait."""
        if self not in METERS:
            METERS.append(self)
        self.callers = callers_of(self.lives, all_ways=True)
        self.put_before(self.callers)

    def until_quiet(self, *, is_async: bool) -> Iterator[float]:
        """For how long to wait, again and again, until no call is under way any more."""
        self.close()
        under_way = UnderWay(self.lives, self.callers)
        until, pauses = monotonic() + self.seconds, iter(PAUSES)
        try:
            while True:
                found = under_way.look()
                if self.is_sealed and not found:
                    return
                self._refuse_to_wait_on(found, until, is_async=is_async)
                # A task cannot go on where its loop's thread waits here: then let that pass.
                self.is_sealed = not any(each.loop is not None for each in found)
                self.close()  # with what calls under way have made meanwhile
                if found:
                    yield next(pauses, PAUSES[-1])
        finally:
            under_way.let_go()

    def _refuse_to_wait_on(self, found: list[Found], until: float, *, is_async: bool) -> None:
        self.check()
        places = "".join(f"\n  still runs: {each.place}" for each in found)
        if not is_async and any(each.waits_for_us for each in found):
            raise PluginStateError(
                f"calls of {self.names} are under way in the event loop of this thread, which a "
                f"plain reload keeps from running: await reload_async(){places}"
            )
        if monotonic() >= until:
            raise PluginTimeout(
                f"calls of {self.names} did not come to an end within {self.seconds:g} s{places}"
            )

    def check(self) -> None:
        """Raise if calls have waited too long."""
        if self.is_broken:
            raise PluginTimeout(f"calls have waited for {self.names} for {self.seconds:g} s")

    def decide(self) -> None:
        """Let calls that have waited too long change nothing any more."""
        with self._deciding:
            self.check()
            self._is_final = True

    def stopped(self) -> None:
        """From now on there is nothing to go back to: what waits too long fails."""
        self.are_stopped = True

    def release(self, *, goes_on: bool) -> None:
        """Let all go on; with ``goes_on`` in the old generations, whose timers ring now."""
        if self in METERS:
            METERS.remove(self)
        self.open()
        put_off, self._put_off = self._put_off, {}
        for owner, callback in put_off.values() if goes_on else ():
            owner.scope.add(Timer(owner, callback, 0.0))

    # who waits

    def lets_pass(self, frame: FrameType | None, *, is_async: bool) -> bool:
        is_own_thread = get_ident() == self._thread
        if is_own_thread and (self._task is None or not is_async or self._is_own_task()):
            return True
        owner = owner_at(frame)
        if isinstance(owner, Life) and owner.plugin in self.plugins:
            if not self.is_sealed or owner is owner.plugin.staged:
                return True
        elif not is_async and not self.is_sealed and running_loop() is not None:
            return True
        # By identity: what a program calls by these names may be anything.
        held = {*map(id, self.lives), *map(id, self.callers)}
        return any(
            id(each.f_builtins.get(MARK)) in held or id(each.f_globals.get(OWNER)) in held
            for each in frames_outside(frame)
        )

    def _is_own_task(self) -> bool:
        return running_loop() is not None and asyncio.current_task() is self._task

    def reached(self, items: list[HookImpl]) -> list[HookImpl]:
        if not self.are_stopped:
            return items
        return [item for item in items if owner_of(item.plugin) not in self.lives]

    def patience(self) -> float:
        return self.seconds

    def lasted_too_long(self, hook: str) -> None:
        with self._deciding:
            self.is_broken = self.is_broken or not self._is_final
        if self.is_broken:
            self.open()
        elif self.are_stopped:
            raise PluginTimeout(
                f"a call of {hook!r} has waited {self.seconds:g} s for {self.names}, of which a "
                "new generation is started"
            )

    # timers

    def around_timer(self, owner: Owner, callback: Callable[[], object]) -> Callable[[], object]:
        """Put off what would be called; a new generation has timers of its own."""
        return partial(self._keep, owner, callback) if owner in self.lives else callback

    def _keep(self, owner: Owner, callback: Callable[[], object]) -> None:
        self._put_off[id(callback)] = (owner, callback)


def owner_of(plugin: Any) -> object:
    return plugin if isinstance(plugin, Owner) else getattr(plugin, "owner", None)


def callers_of(lives: Iterable[Life], *, all_ways: bool = False) -> set[Caller]:
    """The hooks and events whose calls may be on the way to what these lives hold."""
    found: set[Caller] = set()
    for life in lives:
        for item in life.scope:
            if isinstance(item, HookImplementation):
                found.update(item.callers)
            elif isinstance(item, EventSubscription):
                for way in WAYS if all_ways else ():
                    item.event.call(way)
                found.update(handlers for handlers, _ in item.parts)
    views = [view for caller in found for view in caller.hook.views or ()]
    return {*found, *views}
