"""Threads, jobs of executors, tasks and callbacks run as the plugin whose code starts them.

That takes patches of the standard library. They are there while somebody has asked for them with
`start`, never on import, and they step aside for patches of others: one that came after ours stays
in place, and ours beneath it hands everything through. What plugins start is held by `running`.
"""

from __future__ import annotations

from asyncio import CancelledError
from asyncio.base_events import BaseEventLoop
from asyncio.events import Handle
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.thread import ThreadPoolExecutor
from contextvars import Context
from functools import partial, wraps
from threading import Lock, Thread
from types import FunctionType
from typing import Any, Final

from hotplug.host.owner import CURRENT, ENTRY, Owner, current_owner, in_frame, run_as
from hotplug.host.running import free_place, hold_task, hold_thread, reserve_task
from hotplug.host.stepping import driven

__all__ = ["carried_call", "start", "stop"]

Function = Callable[..., Any]


def step(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return function(*args, **kwargs)


@in_frame(ENTRY)
def carried_call(owner: Owner, function: Function, /, *args: Any, **kwargs: Any) -> Any:
    """Call a function as an owner, in whatever context the function runs what it calls.

    A frame says who runs, as for a plugin's own code: ``Context.run`` beneath it changes nothing.
    """
    framed = FunctionType(step.__code__, {"__name__": __name__, "__builtins__": owner.builtins})
    before = CURRENT.set(owner)
    try:
        return framed(function, args, kwargs)
    finally:
        CURRENT.reset(before)


class Patch:
    """One method that is replaced; it hands everything through while nobody wants it."""

    def __init__(self, target: type, name: str, carrying: Callable[[Patch], Function]) -> None:
        self.target = target
        self.name = name
        self.original: Function = target.__dict__[name]
        self.is_wanted = True
        self.patched = wraps(self.original)(carrying(self))
        setattr(target, name, self.patched)

    @property
    def is_on_top(self) -> bool:
        """Whether nobody has patched after us."""
        return self.target.__dict__[self.name] is self.patched

    def undo(self) -> bool:
        """Take it back; whether it is gone, and not beneath a patch of others."""
        self.is_wanted = False
        if self.is_on_top:
            setattr(self.target, self.name, self.original)
            return True
        return False


def carrying_threads(patch: Patch) -> Function:
    original = patch.original

    def start(thread: Thread) -> None:
        owner = current_owner() if patch.is_wanted else None
        if owner is None or thread.ident is not None or is_machinery(thread):
            original(thread)
            return
        held = hold_thread(owner, thread)
        own = vars(thread)
        before = {"run": thread.run} if "run" in own else {}
        run = thread.run

        def run_carried() -> None:
            del own["run"]  # no ring of references is left
            own.update(before)
            try:
                if held.enabled:  # or its plugin ended before it could begin
                    carried_call(owner, run)
            except CancelledError:
                if not owner.stopping.is_set():  # or else it is how a loop of its own ends
                    raise
            except Exception as error:
                error.add_note(f"{owner}: in {held.describe()}, started at {held.where}")
                raise
            finally:
                held.ended()

        own["run"] = run_carried
        try:
            original(thread)
        except BaseException:
            del own["run"]
            own.update(before)
            held.ended()
            raise

    return start


def is_machinery(thread: Thread) -> bool:
    """Whether it belongs to an executor or a loop, which many may share."""
    target = getattr(thread, "_target", None)
    modules = (type(thread).__module__, getattr(target, "__module__", None) or "")
    return any(module.startswith(("asyncio.", "concurrent.futures.")) for module in modules)


def carrying_jobs(patch: Patch) -> Function:
    original = patch.original

    def submit(
        executor: ThreadPoolExecutor, function: Function, /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        job: Future[Any]
        owner = current_owner() if patch.is_wanted else None
        if owner is None:
            job = original(executor, function, *args, **kwargs)
            return job
        # What a plugin submits while it cleans up runs; what waits when it ends does not begin.
        check = bool if owner.is_gone else partial(owner.check, "run a job that waited")
        run = partial(carried_call, owner, run_checked, check, function, *args, **kwargs)
        job = original(executor, run)
        return job

    return submit


def run_checked(
    check: Callable[[], object], function: Function, /, *args: Any, **kwargs: Any
) -> Any:
    check()
    return function(*args, **kwargs)


def carrying_tasks(patch: Patch) -> Function:
    original = patch.original

    def create_task(loop: BaseEventLoop, coroutine: Any, *args: Any, **options: Any) -> Any:
        if not patch.is_wanted:
            return original(loop, coroutine, *args, **options)
        owner = current_owner()
        reserved = reserve_task(owner, coroutine)
        context: Context | None = options.get("context")
        try:
            if context is not None and context.get(CURRENT) is not owner:
                coroutine = driven(owner, coroutine)
            if context is not None or CURRENT.get() is owner:
                task = original(loop, coroutine, *args, **options)
            else:
                task = run_as(owner, original, loop, coroutine, *args, **options)
        except BaseException:
            free_place(owner, reserved)
            raise
        if owner is not None:
            hold_task(owner, task, reserved)
        return task

    return create_task


def carrying_callbacks(patch: Patch) -> Function:
    original = patch.original

    def init(
        handle: Handle, callback: Function, args: Any, loop: Any, context: Context | None = None
    ) -> None:
        if context is None and patch.is_wanted:
            owner = current_owner()
            if owner is not CURRENT.get():
                run_as(owner, original, handle, callback, args, loop)
                return
        original(handle, callback, args, loop, context)

    return init


def carrying_cancels(patch: Patch) -> Function:
    """A loop keeps what is cancelled until it would have been due: without its owner, then."""
    original = patch.original

    def cancel(handle: Any) -> None:
        original(handle)
        context = getattr(handle, "_context", None)  # handles of other loops may have none
        if context is not None and patch.is_wanted and context.get(CURRENT) is not None:
            handle._context = Context()

    return cancel


POINTS: Final[tuple[tuple[type, str, Callable[[Patch], Function]], ...]] = (
    (Thread, "start", carrying_threads),
    (ThreadPoolExecutor, "submit", carrying_jobs),
    (BaseEventLoop, "create_task", carrying_tasks),
    # All of call_soon, call_later, call_at, call_soon_threadsafe, add_reader and their like.
    (Handle, "__init__", carrying_callbacks),
    (Handle, "cancel", carrying_cancels),
)

changing: Final = Lock()
patches: Final[list[Patch]] = []
buried: Final[dict[tuple[type, str], Patch]] = {}
"""Those that were left beneath patches of others, and are used again if these have gone."""
wanted: Final[list[None]] = []
"""As long as the number of those who want it."""


def start() -> None:
    """Carry owners into what is started from now on, until as many have called `stop`."""
    with changing:
        if not wanted:
            patches.extend(put(*point) for point in POINTS)
        wanted.append(None)


def put(target: type, name: str, carrying: Callable[[Patch], Function]) -> Patch:
    left = buried.pop((target, name), None)
    if left is None or not left.is_on_top:
        return Patch(target, name, carrying)
    left.is_wanted = True
    return left


def stop() -> None:
    """Take back one call of `start`; with the last of them the standard library is as it was."""
    with changing:
        if not wanted:
            raise RuntimeError("carry.stop() was called more often than carry.start()")
        wanted.pop()
        while patches and not wanted:
            patch = patches.pop()
            if not patch.undo():
                buried[patch.target, patch.name] = patch
