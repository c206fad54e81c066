"""Who runs now, found on the calling stack when someone asks: entering a plugin costs nothing.

Code that belongs to an owner has builtins that name it. Every way into such code (a hook call, an
event, a timer, a syscall) leaves a frame on the stack whose builtins are marked as an `ENTRY`: the
owner of the first frame inside it is who runs. So a plain function of one plugin that another one
calls runs as its caller. Where there is no such frame, and in threads and tasks, a context
variable says who it is.
"""

from __future__ import annotations

import builtins
import sys
from asyncio.events import Handle
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from threading import Event
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar, cast

from hotplug.errors.hosting import PluginGone
from hotplug.host.scope import NOBODY, Scope, Watchers

if TYPE_CHECKING:
    from hotplug.host.resources import Resource
    from hotplug.host.scheduler import Scheduler

__all__ = ["APPLICATION", "CURRENT", "ENTRY", "MARK", "SAID", "Owner", "calling_owner"]
__all__ += ["GRACE", "current_owner", "entry_builtins", "in_frame", "is_ours", "owner_at"]
__all__ += ["owner_outside", "run_as"]

P = ParamSpec("P")
R = TypeVar("R")

MARK: Final = "__hotplug_owner__"
"""The name in a frame's builtins: of an `Owner` whose code it runs, or one of the next two."""
ENTRY: Final = object()
"""Who runs from here on is the owner of the code that is called."""
SAID: Final = object()
"""Who runs from here on is what the context variable says."""

CURRENT: Final[ContextVar[Owner | None]] = ContextVar("hotplug_owner", default=None)

EVENT_LOOP: Final[CodeType] = cast(Any, Handle)._run.__code__
"""What a loop calls starts here: the stack further out belongs to who runs the loop."""
OURS: Final = "hotplug."
ORDINARY: Final[Any] = vars(builtins)
GRACE: Final = 2.0


class Owner:
    """One that code runs for, and that owns what this code gets, until its scope is closed.

    >>> owner = Owner("reports")
    >>> owner.call(current_owner) is owner
    True
    >>> owner.scope.close()
    >>> owner.is_gone
    True
    """

    __slots__ = ("__weakref__", "abandoned", "grace", "name", "number", "scope")

    def __init__(self, name: str, number: int = 1, watchers: Watchers = NOBODY) -> None:
        self.name = name
        self.number = number
        """Which of the lives of this name it is."""
        self.scope = Scope(self, watchers)
        self.grace = GRACE
        """For how many seconds its threads are waited for when it ends."""
        self.abandoned: list[Resource] = []
        """What did not end when it was asked to, and can do nothing through the host any more."""

    @property
    def owner(self) -> Owner:
        """Itself: resources can be made for an owner as they are for a plugin."""
        return self

    @property
    def builtins(self) -> dict[str, Any]:
        """Builtins for a frame that runs as it, where a name or two more do no harm."""
        return {MARK: self}

    @property
    def stopping(self) -> Event:
        """Set as soon as it begins to give back what it holds: its threads should end then."""
        return self.scope.stopping

    @property
    def is_gone(self) -> bool:
        """Whether it has given everything back, and can get nothing more."""
        return self.scope.is_closed

    @property
    def scheduler(self) -> Scheduler:
        """Who calls its timers: here that of the process, in a host that of the host."""
        # Loaded with the first timer: it brings threads and asyncio, and stands on this module.
        from hotplug.host.scheduler_threads import DEFAULT

        return DEFAULT

    def check(self, wish: str) -> None:
        """Refuse what code of a closed life still tries to do."""
        if self.is_gone:
            raise PluginGone(self.name, self.number, wish)

    def call(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function as this owner."""
        return run_as(self, function, *args, **kwargs)

    def __str__(self) -> str:
        return f"plugin {self.name!r}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r} {self.number}>"


class Application(Owner):
    """Stands for the application's own code where an owner is asked for: it never ends."""

    __slots__ = ()

    def __str__(self) -> str:
        return "the application"


APPLICATION: Final = Application("application")
APPLICATION.scope.open()


def entry_builtins(mark: object) -> dict[str, Any]:
    """Builtins for a function whose frame tells who runs."""
    return {**vars(builtins), MARK: mark}


def in_frame(mark: object) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Give a function builtins of its own, so that its frame is found on the stack."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        plain = cast(FunctionType, function)
        scope = {**plain.__globals__, "__builtins__": entry_builtins(mark)}
        marked = FunctionType(plain.__code__, scope, plain.__name__, plain.__defaults__)
        marked.__doc__ = plain.__doc__
        return cast("Callable[P, R]", marked)

    return decorate


def current_owner() -> Owner | None:
    """Who runs: the owner that was entered last, or None in the application's own code."""
    return owner_at(sys._getframe(1))  # pyright: ignore[reportPrivateUsage]


def calling_owner() -> Owner | None:
    """The same for a function that is an entry itself: who runs where it was called."""
    return owner_at(sys._getframe(1).f_back)  # pyright: ignore[reportPrivateUsage]


def owner_outside() -> Owner | None:
    """Who runs where the nearest entry was called, for functions that an entry calls."""
    frame: FrameType | None = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None and frame.f_builtins.get(MARK) is not ENTRY:
        frame = frame.f_back
    return None if frame is None else owner_at(frame.f_back)


def owner_at(frame: FrameType | None) -> Owner | None:
    """Who runs in a frame."""
    innermost = frame
    while frame is not None:
        names = frame.f_builtins
        if names is ORDINARY:  # of most frames: asking it for the mark costs more than to compare
            if frame.f_code is EVENT_LOOP:
                break
        else:
            mark = names.get(MARK)
            if mark is ENTRY:
                return entered(innermost, frame)
            if mark is SAID:
                break
        frame = frame.f_back
    return CURRENT.get()


def entered(innermost: FrameType | None, entry: FrameType) -> Owner | None:
    """Whose code an entry has called: that of the first frame inside which is not hotplug's."""
    inside: list[FrameType] = []
    frame = innermost
    while frame is not None and frame is not entry:
        inside.append(frame)
        frame = frame.f_back
    for frame in reversed(inside):
        mark = frame.f_builtins.get(MARK)
        if mark is not None:
            return cast(Owner, mark)
        if not is_ours(frame.f_globals):
            return None
    return None


def is_ours(names: Mapping[str, Any]) -> bool:
    """Whether these are the globals of a module of hotplug itself, and of no plugin."""
    where: str = names.get("__name__", "")
    if not where.startswith(OURS):
        return False
    known: dict[str, Any] | ModuleType | None = names.get("__builtins__")
    mark: Any = known.get(MARK) if type(known) is dict else None
    return mark is None or not isinstance(mark, Owner)  # asked of every frame, and mostly None


@in_frame(SAID)
def run_as(
    owner: Owner | None, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs
) -> R:
    """Call a function as an owner, or as the application itself."""
    before = CURRENT.set(owner)
    try:
        return function(*args, **kwargs)
    finally:
        CURRENT.reset(before)
