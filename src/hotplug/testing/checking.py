"""Looks, when a host has been closed, for what its plugins have left behind."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
import typing
from collections.abc import Iterable, Iterator
from functools import partial
from threading import Thread
from time import monotonic, sleep
from types import FrameType, FunctionType
from typing import TYPE_CHECKING, Any, Final, cast
from weakref import WeakSet, ref

from hotplug.hooks.looking import place
from hotplug.host.life import Life
from hotplug.host.links import attributes_of, place_of
from hotplug.host.owner import MARK
from hotplug.host.references import chain_to
from hotplug.host.resources import Resource
from hotplug.host.running import OwnedTask, OwnedThread
from hotplug.host.scheduler import running_loop
from hotplug.testing.belonging import life_in_frame, life_of
from hotplug.testing.leaks import Leak
from hotplug.testing.registrations import Registrations

if TYPE_CHECKING:
    from hotplug.host.host import PluginHost
    from hotplug.host.plugin import Plugin

__all__ = ["LeakCheck"]

PATIENCE: Final = 1.0
"""For how many seconds one waits for what is just ending."""
STEP: Final = 0.01


class LeakCheck:
    """Watches a host from its beginning on; `find` says what is left when it has been closed."""

    def __init__(self, host: PluginHost[Any], excused_types: tuple[type, ...] = ()) -> None:
        self.host = host
        # A record of the log keeps tracebacks, for whoever captures the log.
        self.excused_types = (logging.LogRecord, *excused_types)
        self.excused: list[object] = []
        """What may hold a generation: whatever is named as a leak itself, for one."""
        self.threads: set[int] = set()
        """Those that are named as leaks."""
        self.modules = {*sys.modules}
        # A test may look whether these are collected, so nothing here keeps them.
        self.plugins: WeakSet[Plugin] = WeakSet()
        self.lives: WeakSet[Life] = WeakSet()
        self.resources: dict[int, ref[Resource]] = {}
        self.registrations = Registrations()
        self.registrations.start()
        self._forget = host.resource_manager.add_register_hook(self._added)

    def _added(self, resource: Resource) -> None:
        life = resource.owner
        if isinstance(life, Life):
            self.plugins.add(life.plugin)
            self.lives.add(life)
            number = id(resource)
            self.resources[number] = ref(resource, lambda _: self.resources.pop(number, None))

    def stop(self) -> None:
        """Watch no longer."""
        self._forget()
        self.registrations.stop()

    def find(
        self, beneath: FrameType, excused: Iterable[object] = (), *, has_waited: bool = False
    ) -> list[Leak]:
        """What is left. Variables of the function ``beneath`` which this is done are no leaks.

        Tasks of a loop that runs here can only end if one ``has_waited`` for them.
        """
        self.excused += excused
        found = [*self._threads(), *self._tasks(has_waited), *self._hooks()]
        found += [*self._registrations(), *self._modules()]
        self._collect()
        return [*found, *self._resources(), *self._generations(beneath)]

    def _living(self) -> Iterator[Resource]:
        for weak in [*self.resources.values()]:
            if (resource := weak()) is not None:
                yield resource

    # what still runs

    def _threads(self) -> Iterator[Leak]:
        until = monotonic() + PATIENCE
        for resource in self._living():
            if isinstance(resource, OwnedThread):
                yield from self._owned_thread(resource, until)
        for plugin in [*self.plugins]:
            for thread in plugin.abandoned:
                if thread.is_alive():
                    what = f"{thread.name!r} still loads the plugin; {self._excuse_thread(thread)}"
                    yield Leak(plugin.name, "abandoned thread", what, str(plugin.location))
        while strangers := self._threads_in_plugins():
            if monotonic() > until:
                break
            sleep(STEP)
        for thread, (life, code_and_line) in strangers.items():
            self._excuse_thread(thread)
            yield Leak(life.name, "thread", f"{thread.name!r} runs code of it", code_and_line)

    def _owned_thread(self, resource: OwnedThread, until: float) -> Iterator[Leak]:
        thread = resource.thread
        is_abandoned = resource in resource.owner.abandoned
        if not is_abandoned and thread is not threading.current_thread():
            thread.join(max(0.0, until - monotonic()))
        if thread.is_alive():
            kind = "abandoned thread" if is_abandoned else "thread"
            what = f"{thread.name!r} has not ended; {self._excuse_thread(thread)}"
            yield Leak(resource.owner.name, kind, what, resource.where)

    def _excuse_thread(self, thread: Thread) -> str:
        """It is named as a leak; what it holds is no further one. Where it is now."""
        self.excused.append(thread)
        self.threads.add(thread.ident or 0)
        where = ""
        for frame in frames_of(thread):
            if life_in_frame(frame) is not None:
                where = where or place(frame.f_code, frame.f_lineno)
                self.excused += [frame.f_builtins, frame.f_globals]
        return f"it is at {where}" if where else "no code of the plugin runs in it"

    def _threads_in_plugins(self) -> dict[Thread, tuple[Life, str]]:
        """Threads of others that run code of a plugin: workers of a pool, or of a timer."""
        found: dict[Thread, tuple[Life, str]] = {}
        for thread in threading.enumerate():
            if thread is threading.current_thread() or thread.ident in self.threads:
                continue
            for frame in frames_of(thread):
                life = life_in_frame(frame)
                if life is not None and life in self.lives:
                    found[thread] = life, place(frame.f_code, frame.f_lineno)
                    break
        return found

    def _pending(self) -> list[OwnedTask]:
        tasks = [each for each in self._living() if isinstance(each, OwnedTask)]
        return [each for each in tasks if not each.task.done()]

    def _tasks(self, has_waited: bool) -> Iterator[Leak]:
        until = monotonic() + PATIENCE
        while can_end := [each for each in self._pending() if can_go_on(each)]:
            if monotonic() > until:
                break
            for loop in {each.task.get_loop() for each in can_end}:
                if not loop.is_running():
                    loop.run_until_complete(asyncio.sleep(0))
            sleep(STEP)
        for resource in self._pending():
            loop = resource.task.get_loop()
            self.excused += [resource.task, loop]
            if not loop.is_closed() and (has_waited or loop is not running_loop()):
                what = f"{resource.task.get_name()!r} has not ended"
                yield Leak(resource.owner.name, "task", what, resource.where)

    # what is registered somewhere

    def _hooks(self) -> Iterator[Leak]:
        managers: list[Any] = [self.host.hooks, self.host.async_hooks]
        for manager in managers:
            for hook in manager.hook.__dict__.values():
                for implementation in hook.get_hookimpls():
                    function = implementation.function
                    if (life := life_of(function)) is not None:
                        self.excused += [implementation, function, implementation.plugin, hook]
                        what = f"of {hook.name!r} is still registered"
                        yield Leak(life.name, "hook implementation", what, place_of(function))

    def _registrations(self) -> Iterator[Leak]:
        for each in self.registrations.take():
            self.excused.append(each.thing)
            yield Leak(each.life.name, each.kind, each.what, each.where)

    def _modules(self) -> Iterator[Leak]:
        for name, module in sys.modules.copy().items():  # what is collected now may leave it
            life = None if name in self.modules else life_of(module)
            # What is being imported stands there under a name of its generation's own.
            if life is not None and "~" not in name:
                names = attributes_of(module) or {}
                self.excused += [module, names]
                where = names.get("__file__") or str(life.plugin.location)
                yield Leak(life.name, "module", f"{name!r} is in sys.modules", where)

    # what is still in memory

    def _collect(self) -> None:
        for generation in (1, 2):  # most that a test has made is young, and the old are many
            gc.collect(generation)
            if not self.lives:
                return
        for forget in getattr(typing, "_cleanups", ()):  # it remembers what it was asked for
            forget()
        gc.collect()

    def _resources(self) -> Iterator[Leak]:
        for resource in self._living():
            if resource.enabled and not isinstance(resource, (OwnedThread, OwnedTask)):
                self.excused.append(resource)
                what = f"was not given back: {resource.describe()}"
                yield Leak(resource.owner.name, "resource", what, resource.where)

    def _generations(self, beneath: FrameType) -> Iterator[Leak]:
        for life in sorted(self.lives, key=lambda life: life.number):
            chain = chain_to(
                life,
                is_end=partial(is_function_of, id(life)),  # by number: it must not hold it too
                is_excused=lambda each: issubclass(type(each), self.excused_types),
                excused=self.excused,
                threads=self.threads,
                beneath=beneath,
            )
            if chain is not None:
                where = chain.where or str(life.plugin.location)
                what = f"{life.number} is still in memory, held by\n      {chain.text}"
                yield Leak(life.name, "generation", what, where)


def frames_of(thread: Thread) -> Iterator[FrameType]:
    frame = sys._current_frames().get(thread.ident or 0)  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        yield frame
        frame = frame.f_back


def can_go_on(resource: OwnedTask) -> bool:
    """Whether its loop is there, and not the one that waits for us."""
    loop, here = resource.task.get_loop(), running_loop()
    return not loop.is_closed() and loop is not here and (here is None or loop.is_running())


def is_function_of(life: int, link: object) -> bool:
    return type(link) is FunctionType and id(cast(Any, link).__builtins__.get(MARK)) == life
