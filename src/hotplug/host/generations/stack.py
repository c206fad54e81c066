"""Whose code is running: each generation's code has builtins of its own, with a token in them.

So nothing is set or reset when plugin code is called. Who wants to know looks at the stack, then at
what threads and imports carry.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from contextvars import ContextVar
from types import FrameType, FunctionType
from typing import TYPE_CHECKING, Any, Final, ParamSpec, Protocol, TypeVar, cast
from weakref import ref

from hotplug.host.generations import process

if TYPE_CHECKING:
    from hotplug.host.generations.generation import Generation
    from hotplug.host.generations.namespace import Namespace

__all__ = [
    "CURRENT",
    "TOKEN",
    "call_with",
    "caller",
    "current",
    "generation_of",
    "host_call",
    "pick",
]
__all__ += ["running_generation"]

P = ParamSpec("P")
R = TypeVar("R")

TOKEN: Final = "__hotplug_generation__"
caller: Final = sys._getframe  # pyright: ignore[reportPrivateUsage] - there is no public name
"""``caller(1)`` is the frame that has called this one."""

ABSENT: Final = object()
"""Told from None, which is the token of host code that is called beneath a plugin."""

CURRENT: Final[ContextVar[ref[Generation] | None]] = ContextVar("hotplug_generation", default=None)
"""Weak: a context may be kept by anybody, for as long as they like."""


def generation_of(frame: FrameType) -> Generation | None:
    """Whose code this one frame runs."""
    found: Generation | None = frame.f_builtins.get(TOKEN)
    return found


def running_generation(frame: FrameType | None = None) -> Generation | None:
    """Find the nearest plugin on the stack, or else who started this thread."""
    frame = frame or caller(1)
    while frame is not None:
        token = frame.f_builtins.get(TOKEN, ABSENT)
        if token is not ABSENT:
            found: Generation | None = token
            return found
        frame = frame.f_back
    return current()


def current() -> Generation | None:
    weak = CURRENT.get()
    return None if weak is None else weak()


def pick(namespace: str, package: str, frame: FrameType | None) -> Generation | None:
    """Choose which generation of a plugin the code in this frame means by the plugin's name."""
    space: Namespace | None = None
    is_host = False
    while frame is not None:
        token = frame.f_builtins.get(TOKEN, ABSENT)
        if token is None:
            is_host = True
        elif token is not ABSENT and token.namespace.name == namespace:
            space = space or token.namespace
            if is_host:
                break
            meant: Generation | None = token.meaning(package)
            if meant is not None:
                return meant
        frame = frame.f_back
    carried = current()
    if carried is not None and carried.namespace.name == namespace:
        space = space or carried.namespace
        meant = None if is_host else carried.meaning(package)
        if meant is not None:
            return meant
    if space is None:
        answering = process.namespaces.get(namespace)
        space = answering[0] if answering else None
    return None if space is None else space.committed(package)


def start(namespace: str, package: str) -> Generation | None:
    """Have a plugin started that does not serve and is wanted now."""
    for space in [*process.namespaces.get(namespace, ())]:
        if space.wanted is not None:
            space.wanted(package)
            started: Generation | None = space.committed(package)
            if started is not None:
                return started
    return None


class Call(Protocol):
    """Calls a function, with these arguments."""

    def __call__(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R: ...


def call_with(names: dict[str, Any]) -> Call:
    """Make a function that calls others, and whose frame is that of code with these builtins."""

    def call(fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)

    scope = {"__builtins__": names, "__name__": __name__}
    made: Any = FunctionType(call.__code__, scope, "call")
    return cast(Call, made)


_call_as_host: Final = call_with({**vars(builtins), TOKEN: None})


def host_call(fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Run host code that a plugin has called: by a plugin's name it means the one that serves.

    >>> import pickle
    >>> data = host_call(pickle.dumps, ["what a draining plugin hands over to be stored"])
    """
    return _call_as_host(fn, *args, **kwargs)
