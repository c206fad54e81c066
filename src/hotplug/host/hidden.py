"""What holds objects out of sight of Python's garbage collector: signals, contexts, C code.

`references` finds all others. Here is what can be known of these.
"""

from __future__ import annotations

import atexit
import gc
import logging
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from contextvars import ContextVar, copy_context
from functools import partial
from itertools import pairwise
from types import FunctionType, MethodType
from typing import Final, cast

__all__ = ["CALLED", "context_variable", "hidden_references", "name_of", "registered"]
__all__ += ["variable_of"]

CALLED: Final = (FunctionType, MethodType, partial)
"""What C code is given to call."""


def registered() -> Iterator[tuple[str, object]]:
    """What can be asked for: loggers, handlers of signals, the end, and this thread's context."""
    for name, logger in logging.root.manager.loggerDict.copy().items():
        yield f"logging.getLogger({name!r})", logger
    for number in signal.valid_signals():
        handler = signal.getsignal(number)
        if callable(handler):
            yield f"the handler of {signal_name(number)}", handler
    for function in called_at_exit():
        yield f"atexit: {name_of(function)}", function
    for variable, value in copy_context().items():
        yield f"context variable {variable.name!r}", value


class Asking:
    """Equal to nothing, and keeps what it was compared with."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self) -> None:
        self.met: list[object] = []

    def __eq__(self, other: object) -> bool:
        self.met.append(other)
        return False


def called_at_exit() -> list[object]:
    """What `atexit` will call: it compares each function with the one that it is to forget."""
    asking = Asking()
    with suppress(Exception):  # a function may be an object that cannot be compared
        atexit.unregister(cast("Callable[..., object]", asking))
    return asking.met


def signal_name(number: int) -> str:
    with suppress(ValueError):  # real-time signals have no names
        return signal.Signals(number).name
    return f"signal {number}"


def context_variable(holder: object, held: object) -> str | None:
    """Name the variable of a context that has this value; None if the holder is no context's part.

    A context belongs to a thread, a task or a callback, none of which says so.
    """
    if not type(holder).__name__.startswith("hamt"):
        return None
    name = variable_of(holder, held)
    return None if not name or is_ours(name) else f"context variable {name!r}"


def variable_of(holder: object, held: object) -> str:
    """The name of the variable that has a value, among those that a part of a context holds."""
    parts: list[object] = gc.get_referents(holder)
    for value, variable in pairwise(parts):  # each before its name
        if value is held and issubclass(type(variable), ContextVar):
            return str(getattr(variable, "name", ""))
    return ""


def is_ours(name: str) -> bool:
    """Those that the host carries along say no more than the thread or task that has them."""
    return name.startswith("hotplug")


def hidden_references(things: Sequence[object], number: int) -> int:
    """How many references to one of these things nobody knows of, but for a few of this function.

    >>> hidden_references([[]], 0) == hidden_references([{}], 0)
    True
    """
    thing = things[number]
    known = 0
    for holder in gc.get_referrers(thing):
        known += sum(each is thing for each in gc.get_referents(holder))
    return sys.getrefcount(thing) - known


def name_of(thing: object) -> str:
    if type(thing) is MethodType:
        return f"{type(thing.__self__).__name__}.{thing.__name__}()"
    return f"{thing.__qualname__}()" if type(thing) is FunctionType else type(thing).__name__
