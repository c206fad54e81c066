"""What runs in steps: coroutines, generators and their like, each step of which has an owner.

A step sets the context variable and takes it back before whoever takes the steps goes on. So it
does not matter in which task, thread or context the next one happens, and what a step starts
inherits the owner even where `carry` cannot see it.
"""

from __future__ import annotations

import sys
import types
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import _AsyncGeneratorContextManager as AsyncManager  # pyright: ignore[reportPrivateUsage]
from contextlib import _GeneratorContextManager as Manager  # pyright: ignore[reportPrivateUsage]
from functools import wraps
from inspect import CO_ITERABLE_COROUTINE
from typing import Any, Final, Protocol, cast
from weakref import finalize

from hotplug.host.entering import SWITCHES, tell_of_switch
from hotplug.host.owner import CURRENT, SAID, Owner, in_frame, owner_at

__all__ = ["STEPPED", "driven", "stepped", "steps", "streaming"]


class Steps(Protocol):
    """What a coroutine, a generator, and one item of an async generator have in common."""

    def send(self, value: Any, /) -> Any: ...
    def throw(self, error: BaseException, /) -> Any: ...
    def close(self) -> object: ...


@in_frame(SAID)
def take_steps(owner: Owner | None, running: Steps) -> Generator[Any, Any, Any]:
    step: Callable[[Any], Any] = running.send
    value: Any = None
    while True:
        who = owner_at(sys._getframe(1)) if SWITCHES else owner  # pyright: ignore[reportPrivateUsage]
        before = CURRENT.set(owner)
        try:
            if who is not owner:
                tell_of_switch(who, owner)
            wanted = step(value)
        except StopIteration as end:
            return end.value
        finally:
            CURRENT.reset(before)
            if who is not owner:
                tell_of_switch(owner, who)
            value = None  # an error that was thrown in would hold this frame, and this frame it
        try:
            value = yield wanted
            step = running.send
        except GeneratorExit:
            before = CURRENT.set(owner)
            try:
                running.close()
            finally:
                CURRENT.reset(before)
            raise
        except BaseException as error:
            step, value = running.throw, error


steps: Final[Callable[[Owner | None, Any], Any]] = types.coroutine(take_steps)
"""Take all steps of what is running, each as the owner: for ``await`` and for ``yield from``."""


async def driven(owner: Owner | None, running: Steps) -> Any:
    """A coroutine that runs another one as the owner."""
    return await steps(owner, running)


def generated(owner: Owner | None, running: Steps) -> Generator[Any, Any, Any]:
    """A generator that runs another one as the owner."""
    return cast(Any, (yield from steps(owner, running)))


def streaming(
    owner: Owner | None, make: Callable[..., AsyncGenerator[Any, Any]], check: Callable[[], object]
) -> Callable[..., AsyncGenerator[Any, Any]]:
    """An async generator function that runs the async generators of another one as the owner."""

    async def stream(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        check()
        running = make(*args, **kwargs)
        step: Any = running.asend(None)
        while True:
            try:
                item = await steps(owner, step)
            except StopAsyncIteration:
                return
            try:
                step = running.asend((yield item))
            except GeneratorExit:
                await steps(owner, cast(Any, running.aclose()))
                raise
            except BaseException as error:
                step = running.athrow(error)

    return stream


def stepped(owner: Owner | None, result: Any) -> Any:
    """Give to an owner what a plain function has returned, if it is something that runs yet."""
    give = STEPPED.get(cast(object, result).__class__)
    return result if give is None else give(owner, result)


def coroutine_of(owner: Owner | None, running: types.CoroutineType[Any, Any, Any]) -> Any:
    coroutine = driven(owner, running)
    # One that is closed before its first step has to close the other: no warning is due then.
    finalize(coroutine, running.close).atexit = False
    return named_like(running, coroutine)


def generator_of(owner: Owner | None, running: types.GeneratorType[Any, Any, Any]) -> Any:
    is_awaited = running.gi_code.co_flags & CO_ITERABLE_COROUTINE
    return named_like(running, (steps if is_awaited else generated)(owner, running))


def stream_of(owner: Owner | None, running: AsyncGenerator[Any, Any]) -> Any:
    return named_like(running, streaming(owner, lambda: running, bool)())


def named_like(running: Any, made: Any) -> Any:
    made.__name__, made.__qualname__ = running.__name__, running.__qualname__
    return made


def manager_of(owner: Owner | None, manager: Any) -> Any:
    """A context manager that `contextlib` made of a generator: its parts run as the owner."""
    make = manager.func

    @wraps(make)
    def made_again(*args: Any, **kwargs: Any) -> Any:  # at each call of what it decorates
        if owner is not None:
            owner.check(f"run {make.__name__}()")
        return stepped(owner, make(*args, **kwargs))

    manager.gen = stepped(owner, manager.gen)
    manager.func = made_again
    return manager


STEPPED: Final[dict[type, Callable[[Owner | None, Any], Any]]] = {
    types.CoroutineType: coroutine_of,
    types.GeneratorType: generator_of,
    types.AsyncGeneratorType: stream_of,
    Manager: manager_of,
    AsyncManager: manager_of,
}
"""How to give to an owner what a plain function returns, by the type of that."""
