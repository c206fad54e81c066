"""How an event is emitted: who may, the code before its handlers, they themselves, the code after.

The frames of the functions that emit are entries: `owner` finds who runs inside them.
"""

from __future__ import annotations

import warnings
from asyncio import events as loops
from collections.abc import AsyncGenerator, Callable, Generator
from functools import partial
from types import AsyncGeneratorType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hotplug.errors import WrapperError
from hotplug.errors.hosting import EventError, NotAllowed
from hotplug.hooks.unwind import is_same
from hotplug.host.entering import SWITCHES, await_as, await_told, run_told
from hotplug.host.handlers import Way
from hotplug.host.owner import ENTRY, Owner, calling_owner, in_frame, run_as

if TYPE_CHECKING:
    from hotplug.host.events import Event

__all__ = ["running_loop", "tell", "tell_around", "tell_async"]

running_loop: Final = loops._get_running_loop

Steps: TypeAlias = Generator[Any, Any, Any]
AsyncSteps: TypeAlias = AsyncGenerator[Any, Any]


# who may


def admit(event: Event[...], who: Owner | None) -> None:
    """Refuse one that may not emit the event; warn where nobody can hear it yet."""
    owner = event.owner
    if who is not None:
        who.check(f"emit event {event.name!r}")
        if who.scope.quota is not None:
            who.scope.quota.admit(event)
    if owner is None:
        if who is not None and event.protected:
            raise NotAllowed(
                f"{who} may not emit {event}, which is protected\n"
                f"  {event.where}\n"
                "  only the application may: let it offer a function that does, through host_call"
            )
        return
    if who is not None and who is not owner:
        raise NotAllowed(
            f"{who} may not emit {event}\n"
            f"  {event.where}\n"
            f"  only {owner} and the application may: call a function of {owner} that emits it, "
            "one that is marked @syscall"
        )
    event.check_owner(f"emit event {event.name!r}")
    if not owner.scope.is_open:
        warnings.warn(
            f"{event} is emitted before {owner} is enabled: what subscribed while it was loaded "
            "does not hear it; emit it from on_enable",
            RuntimeWarning,
            stacklevel=3,
        )


def unawaited(event: Event[...]) -> EventError:
    names = "".join(
        f"\n  {each.owner}: {getattr(each.handler, '__qualname__', each.handler)}   {each.where}"
        for each in (*event.awaited,)
    )
    return EventError(
        f"{event} has handlers that have to be awaited; none was run{names}\n"
        f"  emit it with: await {event.name}.emit_async(...)"
    )


# the code before and after: a generator that sees what the handlers raise


def begin(steps: Steps) -> bool:
    """Run the code before the handlers; whether they shall run."""
    try:
        next(steps)
    except StopIteration:
        return False
    return True


def finish(event: Event[...], steps: Steps, left: BaseException | None) -> BaseException | None:
    """Run the code after the handlers; the error that is left."""
    try:
        if left is None:
            next(steps)
        else:
            steps.throw(left)
    except StopIteration:
        return None
    except BaseException as error:
        return left if left is not None and is_same(error, left) else error
    return second_yield(event, steps)


def second_yield(event: Event[...], steps: Steps | None = None) -> WrapperError:
    error = WrapperError(f"{event} yields a second time; it must yield once\n  {event.where}")
    if steps is not None:
        try:
            steps.close()
        except Exception as closing:
            error.__context__ = closing
    return error


async def begin_async(steps: Steps | AsyncSteps) -> bool:
    if not isinstance(steps, AsyncGeneratorType):
        return begin(steps)  # type: ignore[arg-type]
    try:
        await anext(steps)
    except StopAsyncIteration:
        return False
    return True


async def finish_async(
    event: Event[...], steps: Steps | AsyncSteps, left: BaseException | None
) -> BaseException | None:
    if not isinstance(steps, AsyncGeneratorType):
        return finish(event, steps, left)  # type: ignore[arg-type]
    try:
        if left is None:
            await anext(steps)
        else:
            await steps.athrow(left)
    except StopAsyncIteration:
        return None
    except BaseException as error:
        return left if left is not None and is_same(error, left) else error
    second = second_yield(event)
    try:
        await steps.aclose()
    except Exception as closing:
        second.__context__ = closing
    return second


def at_once(function: Callable[..., Any], /, *args: Any) -> Any:
    """Call a function where the stack says as whom."""
    return function(*args)


# emitting; the names above are bound by now, which functions in frames of their own count on


@in_frame(ENTRY)
def tell(event: Event[...], /, *args: Any, **kwargs: Any) -> None:
    """Emit an event whose function just runs before the handlers."""
    owner, who = event.owner, calling_owner()
    if who is not owner or (owner is not None and not owner.scope.emits_freely):
        admit(event, who)
    if event.awaited:
        raise unawaited(event)
    if SWITCHES:
        run_told(who, owner, event.function, *args, **kwargs)
        run_as(who, event.call(Way.TOLD), *args, **kwargs)
    elif running_loop() is None:
        event.body(*args, **kwargs)
        event.direct(*args, **kwargs)
    else:
        run_as(owner, event.function, *args, **kwargs)
        event.call(Way.IN_LOOP)(*args, **kwargs)


@in_frame(ENTRY)
def tell_around(event: Event[...], /, *args: Any, **kwargs: Any) -> None:
    """Emit an event whose function is a generator around the handlers."""
    owner, who = event.owner, calling_owner()
    if who is not owner or (owner is not None and not owner.scope.emits_freely):
        admit(event, who)
    if event.awaited:
        raise unawaited(event)
    steps: Steps = event.function(*args, **kwargs)
    enter: Callable[..., Any] = at_once
    call = event.direct
    if SWITCHES:
        enter, call = partial(run_told, who, owner), partial(run_as, who, event.call(Way.TOLD))
    elif running_loop() is not None:
        enter, call = partial(run_as, owner), event.call(Way.IN_LOOP)
    elif not event.is_own:
        enter = partial(run_as, owner)
    if not enter(begin, steps):
        return
    left: BaseException | None = None
    try:
        call(*args, **kwargs)
    except BaseException as error:
        left = error
    left = enter(finish, event, steps, left)
    if left is not None:
        try:
            raise left
        finally:
            del left


@in_frame(ENTRY)
async def tell_async(event: Event[...], /, *args: Any, **kwargs: Any) -> None:
    """Emit an event of any kind to handlers of any kind."""
    owner, who = event.owner, calling_owner()
    if who is not owner or (owner is not None and not owner.scope.emits_freely):
        admit(event, who)
    enter: Callable[..., Any] = partial(await_as, owner)
    call = event.call(Way.AWAITED)
    if SWITCHES:
        enter, call = partial(await_told, who, owner), partial(await_as, who, call)
    if not event.is_around:
        await enter(event.function, *args, **kwargs)
        await call(*args, **kwargs)
        return
    steps: Any = event.function(*args, **kwargs)
    if not await enter(begin_async, steps):
        return
    left: BaseException | None = None
    try:
        await call(*args, **kwargs)
    except BaseException as error:
        left = error
    left = await enter(finish_async, event, steps, left)
    if left is not None:
        try:
            raise left
        finally:
            del left
