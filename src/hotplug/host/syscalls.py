"""Syscalls: functions and classes that run as the plugin that defines them, whoever calls them.

A plain function costs a frame that says "the owner of the code inside is who runs", and nothing
more. Only what is not the plugin's own code (a C function, one of a library) needs a context.
What runs in steps is `stepping`'s business.
"""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, Final, TypeVar, cast, overload

from hotplug.host.entering import SWITCHES, is_own_code, run_told, tell_of_switch
from hotplug.host.forwarding import forwarding
from hotplug.host.owner import (
    APPLICATION,
    CURRENT,
    ENTRY,
    MARK,
    SAID,
    Owner,
    calling_owner,
    entry_builtins,
    in_frame,
    owner_at,
)
from hotplug.host.scope import ended
from hotplug.host.stepping import STEPPED, stepped, steps, streaming

__all__ = ["runs_as", "syscall"]

Defined = TypeVar(
    "Defined",
    bound="Callable[..., Any] | classmethod[Any, ..., Any] | staticmethod[..., Any] | property",
)

CONSTRUCTING: Final = ("__new__", "__init__")
ENTERING: Final = ("__enter__", "__aenter__")
LEAVING: Final = ("__exit__", "__aexit__")


@overload
def syscall(defined: Defined, /) -> Defined: ...
@overload
def syscall() -> Callable[[Defined], Defined]: ...
def syscall(defined: Any = None, /) -> Any:
    """Let a function or a class run as the plugin that defines it, not as its caller.

    It stays what it is: a method, a coroutine function, a generator function, a class. A class
    runs as its plugin while an object is made, and while a ``with`` enters and leaves it.

    >>> from hotplug import get_current_plugin
    >>> shop, billing = Owner("shop"), Owner("billing")
    >>> who = shop.call(syscall, get_current_plugin)
    >>> billing.call(who) is shop
    True
    """
    if defined is None:  # with parentheses, as other decorators
        return syscall
    return runs_as(definer(sys._getframe(1)), defined)  # pyright: ignore[reportPrivateUsage]


def definer(frame: types.FrameType) -> Owner | None:
    """The plugin whose code says ``@syscall``; for code of no plugin, who runs."""
    mark = frame.f_builtins.get(MARK)
    return mark if isinstance(mark, Owner) else owner_at(frame)


def runs_as(owner: Owner | None, defined: Any, *, fenced: bool = True) -> Any:
    """Let something run as an owner; once the owner has ended it is refused, if it is fenced."""
    if isinstance(defined, (classmethod, staticmethod)):
        plain = cast("classmethod[Any, ..., Any]", defined)
        return type(plain)(runs_as(owner, plain.__func__, fenced=fenced))
    if isinstance(defined, property):
        parts = (defined.fget, defined.fset, defined.fdel)
        fget, fset, fdel = (part and runs_as(owner, part) for part in parts)
        return type(defined)(fget, fset, fdel, defined.__doc__)
    if isinstance(defined, type):
        return constructed_by(owner, defined)
    if not callable(defined):
        raise TypeError(
            f"a syscall is a function, a method or a class, not {defined!r}\n"
            "  a descriptor goes outside: write @syscall below it, next to the function"
        )
    return wrapped(owner, defined, fenced)


def wrapped(owner: Owner | None, function: Callable[..., Any], fenced: bool) -> Any:
    """A function of the same kind that runs as the owner."""
    made = entering(owner, function, fenced)
    quota = None if owner is None else owner.scope.quota
    if quota is None or not fenced:
        return made
    return quota.timed(made, f"syscall {getattr(function, '__name__', repr(function))}()")


def entering(owner: Owner | None, function: Callable[..., Any], fenced: bool) -> Any:
    check = partial(refuse_the_ended, owner, function) if fenced else bool
    kind = code_flags(function)
    if kind & inspect.CO_COROUTINE:
        return wraps(function)(coroutine(owner, function, check))
    if kind & inspect.CO_ASYNC_GENERATOR:
        return wraps(function)(streaming(owner, function, check))
    if kind & inspect.CO_GENERATOR:
        made = wraps(function)(generator(owner, function, check))
        return types.coroutine(made) if kind & inspect.CO_ITERABLE_COROUTINE else made
    if isinstance(function, types.FunctionType) and is_own_code(owner, function):
        return wraps(function)(own(owner, function, fenced))
    return wraps(function)(foreign(owner, function, fenced))


def code_flags(function: Any) -> int:
    """What kind of function it is, as its code says; 0 for what has no code."""
    while isinstance(function, partial):
        function = cast(Any, function).func
    return getattr(getattr(function, "__code__", None), "co_flags", 0)


def refuse_the_ended(owner: Owner | None, function: Callable[..., Any]) -> None:
    """Refuse a call into a plugin that has ended, and one that late code of such a plugin makes."""
    name = getattr(function, "__name__", repr(function))
    if owner is not None:
        owner.check(f"run its syscall {name}()")
    call = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    caller = owner_at(call.f_back)
    if caller is not None:
        caller.check(f"call {name}()")


OWN: Final = """\
if (ended or scope.is_closed) and fenced:
    refuse_the_ended(owner, function)
if SWITCHES:
    before = calling_owner()
    tell_of_switch(before, owner)
    try:
        result = HAND_ON
    finally:
        tell_of_switch(owner, before)
else:
    result = HAND_ON
if type(result) in STEPPED:
    return stepped(owner, result)
return result"""
OWN_NAMES: Final = {
    "__name__": __name__,
    "__builtins__": entry_builtins(ENTRY),
    "STEPPED": STEPPED,
    "SWITCHES": SWITCHES,
    "calling_owner": calling_owner,
    "ended": ended,
    "refuse_the_ended": refuse_the_ended,
    "stepped": stepped,
    "tell_of_switch": tell_of_switch,
}


def own(owner: Owner | None, function: types.FunctionType, fenced: bool) -> Callable[..., Any]:
    scope = (owner or APPLICATION).scope
    return forwarding(function, OWN, OWN_NAMES, owner=owner, scope=scope, fenced=fenced)


@in_frame(SAID)
def foreign(owner: Owner | None, function: Callable[..., Any], fenced: bool) -> Callable[..., Any]:
    scope = (owner or APPLICATION).scope

    def call(*args: Any, **kwargs: Any) -> Any:
        if (ended or scope.is_closed) and fenced:
            refuse_the_ended(owner, function)
        if SWITCHES:
            return stepped(owner, run_told(calling_owner(), owner, function, *args, **kwargs))
        before = CURRENT.set(owner)
        try:
            result = function(*args, **kwargs)
        finally:
            CURRENT.reset(before)
        return stepped(owner, result)

    return call


def coroutine(
    owner: Owner | None, function: Callable[..., Any], check: Callable[[], object]
) -> Any:
    async def call(*args: Any, **kwargs: Any) -> Any:
        check()
        return await steps(owner, function(*args, **kwargs))

    return call


def generator(
    owner: Owner | None, function: Callable[..., Any], check: Callable[[], object]
) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        check()
        return cast(Any, (yield from steps(owner, function(*args, **kwargs))))

    return call


def constructed_by(owner: Owner | None, made: type) -> type:
    """The class itself, whose objects are made and entered as the owner."""
    for name in (*CONSTRUCTING, *ENTERING, *LEAVING):
        fenced = name not in LEAVING  # what was entered can always be left
        if name in vars(made):
            setattr(made, name, runs_as(owner, vars(made)[name], fenced=fenced))
            continue
        inherited = getattr(made, name, None)
        if isinstance(inherited, types.FunctionType):  # a C function runs nothing of a plugin
            run = runs_as(owner, through_super(made, name, inherited), fenced=fenced)
            setattr(made, name, staticmethod(run) if name == "__new__" else run)
    return made


def through_super(made: type, name: str, inherited: Callable[..., Any]) -> Callable[..., Any]:
    """What a class inherits under a name; asked for at each call, as a subclass may add a base."""

    def call(subject: Any, *args: Any, **kwargs: Any) -> Any:
        if name == "__new__":
            return cast(Any, super(made, subject)).__new__(subject, *args, **kwargs)
        return getattr(cast(Any, super(made, subject)), name)(*args, **kwargs)

    return wraps(inherited)(call)
