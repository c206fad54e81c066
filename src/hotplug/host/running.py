"""Threads and tasks that plugins have started: asked to end with their plugin, and waited for.

A plugin's threads look at its ``stopping``; its tasks are cancelled. Nobody is waited for longer
than the grace of the owner, and nobody waits for itself.
"""

from __future__ import annotations

import sys
from asyncio import AbstractEventLoop, Task, current_task, get_running_loop, wait
from collections.abc import Iterable
from contextlib import suppress
from threading import Thread, current_thread
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from hotplug.errors.hosting import LimitExceeded, PluginGone
from hotplug.host.owner import MARK, Owner
from hotplug.host.resources import Place, Resource
from hotplug.host.watching import LOGGER

if TYPE_CHECKING:
    from hotplug.host.limits.quota import Reserved

__all__ = ["OwnedTask", "OwnedThread", "free_place", "hold_task", "hold_thread", "is_task"]
__all__ += ["reserve_task", "until_ended"]


MACHINERY: Final = ("hotplug.host.", "asyncio.", "threading", "concurrent.futures.")
"""Modules that stand between the code that starts something and what is started."""


class OwnedThread(Resource):
    """A thread that a plugin has started; it leaves the scope as it ends."""

    kind = "thread"

    def __init__(self, owner: Owner, thread: Thread) -> None:
        super().__init__(owner)
        self.thread = thread

    def _find_place(self) -> Place | None:
        return place_in(self.owner)

    def _cleanup(self) -> None:
        thread = self.thread
        if thread is current_thread() or not thread.is_alive():
            return
        thread.join(self._time_left())
        if thread.is_alive():
            self.owner.abandoned.append(self)
            LOGGER.warning(
                "%s has ended, and its %s, started at %s, has not: it can do nothing through the "
                "host any more\n  let it end once get_current_plugin().stopping is set",
                self.owner,
                self.describe(),
                self.where,
            )

    def ended(self) -> None:
        """Called as its work ends, by whomever."""
        self.disable()
        with suppress(ValueError):
            self.owner.abandoned.remove(self)

    def _time_left(self) -> float:
        """What is left of the grace, which all threads of an owner share."""
        now = monotonic()
        since = self.owner.scope.closing_since
        return max(0.0, (now if since is None else since) + self.owner.grace - now)

    def describe(self) -> str:
        return f"thread {self.thread.name!r}"


class OwnedTask(Resource):
    """A task that a plugin has started; it leaves the scope when it is done."""

    kind = "task"

    def __init__(self, owner: Owner, task: Task[Any]) -> None:
        super().__init__(owner)
        self.task = task

    def _find_place(self) -> Place | None:
        return place_in(self.owner)

    def done(self, _: object) -> None:
        """Called by the loop."""
        self.disable()

    def _cleanup(self) -> None:
        task, loop = self.task, self.task.get_loop()
        if task.done():
            return
        reason = f"{self.owner} has ended"
        if is_running_here(loop):
            if task is not current_task(loop):  # the one that gives back goes on
                task.cancel(reason)
            return
        try:
            loop.call_soon_threadsafe(task.cancel, reason)
        except RuntimeError:  # the loop is closed
            return

    def describe(self) -> str:
        return f"task {self.task.get_name()!r}"


def hold_thread(owner: Owner, thread: Thread) -> OwnedThread:
    owner.check("start a thread")
    held = OwnedThread(owner, thread)
    try:
        owner.scope.add(held)
    except BaseException:
        held.disable()
        raise
    return held


def reserve_task(owner: Owner | None, coroutine: Any) -> Reserved:
    """Take the place of a task among what its owner may hold, before anything of it runs."""
    quota = None if owner is None else owner.scope.quota
    if quota is None:
        return ()
    try:
        return quota.reserve(OwnedTask.kind)
    except LimitExceeded:
        coroutine.close()  # or it would warn that nobody awaits it
        raise


def free_place(owner: Owner | None, reserved: Reserved) -> None:
    """Give back the place of a task that there is none for."""
    if owner is not None and owner.scope.quota is not None:
        owner.scope.quota.free(reserved)


def hold_task(owner: Owner, task: Task[Any], reserved: Reserved = ()) -> None:
    """Let a task end with its owner. One that is started while its owner cleans up goes on."""
    quota = owner.scope.quota
    if task.done():
        free_place(owner, reserved)
        return
    held = OwnedTask(owner, task)
    if quota is not None:
        quota.fill(reserved, held)
    try:
        owner.scope.add(held)
    except PluginGone:
        if quota is not None:
            quota.give_back(held)
        return
    except BaseException:  # a watcher refuses it
        held.disable()
        raise
    task.add_done_callback(held.done)


def is_running_here(loop: AbstractEventLoop) -> bool:
    try:
        return get_running_loop() is loop
    except RuntimeError:
        return False


def is_task(resource: Resource) -> TypeGuard[OwnedTask]:
    return isinstance(resource, OwnedTask)


async def until_ended(tasks: Iterable[OwnedTask]) -> None:
    """Let those of this loop end that were cancelled, for no longer than their owners' grace."""
    me = current_task()  # which does not wait for itself
    others = [held for held in tasks if held.task is not me]
    mine = {held.task: held for held in others if is_running_here(held.task.get_loop())}
    if not mine:
        return
    _, late = await wait(mine, timeout=max(held.owner.grace for held in mine.values()))
    for task in late:
        held = mine[task]
        LOGGER.warning(
            "%s has ended, and its %s, started at %s, has not: it was cancelled, and goes on",
            held.owner,
            held.describe(),
            held.where,
        )


def place_in(owner: Owner) -> Place | None:
    """Where the owner's own code stands, or else that which is not the way to a thread or task."""
    frame: FrameType | None = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    nearest: Place | None = None
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if not name.startswith(MACHINERY):
            place = Place(frame.f_code, frame.f_lasti)
            if frame.f_builtins.get(MARK) is owner:
                return place
            nearest = nearest or place
        frame = frame.f_back
    return nearest
