"""The parts of an async hook call that the compiled code leaves to functions.

asyncio is imported where it is used, so that sync users never pay for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import AsyncGeneratorType, CoroutineType
from typing import Any, NamedTuple, cast

from hotplug.errors import WrapperError
from hotplug.hooks.policy import Tolerate
from hotplug.hooks.shape import Labels
from hotplug.hooks.unwind import (
    AsyncWrapper,
    Wrapper,
    describe,
    failed,
    is_same,
    no_yield,
    note,
    own_error,
    resume,
    trim,
)

__all__ = ["Pieces", "begin", "end", "in_thread", "settle_async", "together", "within"]

Take = Callable[[tuple[object, ...]], tuple[object, ...]]


class Pieces(NamedTuple):
    """What runs concurrently: each function, how it picks its arguments, and how many at once."""

    functions: tuple[tuple[Callable[..., Any], Take], ...]
    limit: int | None


async def begin(wrapper: AsyncWrapper) -> None:
    """Run an async generator up to its yield."""
    try:
        await wrapper.__anext__()
    except StopAsyncIteration:
        raise no_yield(wrapper) from None


async def end(wrapper: AsyncWrapper, result: object) -> None:
    """Resume an async generator with the result; it can look at it, but not replace it."""
    try:
        await wrapper.asend(result)
    except StopAsyncIteration:
        return
    raise await two_yields(wrapper)


async def two_yields(wrapper: AsyncWrapper) -> WrapperError:
    error = WrapperError(
        f"{describe(wrapper)} has second yield; it must yield exactly once. "
        "An async generator cannot replace the result: use around=True for that"
    )
    try:
        await wrapper.aclose()
    except Exception as closing:
        error.__context__ = closing
    return error


async def settle_async(
    error: BaseException,
    labels: Labels,
    wrappers: Sequence[Wrapper | AsyncWrapper | None],
    empty: object,
    clue: object = None,
) -> tuple[BaseException | None, Any]:
    """Resume every started wrapper of an async call, innermost first."""
    failed(error, labels, clue)
    left: BaseException | None = error
    result: object = None
    hook, _, plugins = labels
    for at in reversed(range(len(wrappers))):
        wrapper = wrappers[at]
        if isinstance(wrapper, AsyncGeneratorType):
            if wrapper.ag_frame is not None:
                left, result = await resume_async(wrapper, left, result, empty, hook, plugins[at])
        elif wrapper is not None and wrapper.gi_suspended:
            left, result = resume(wrapper, left, result, empty, hook, plugins[at])
    return left, result


async def resume_async(
    wrapper: AsyncWrapper,
    left: BaseException | None,
    result: object,
    empty: object,
    hook: str,
    plugin: str,
) -> tuple[BaseException | None, object]:
    """One async generator's turn: it sees the error or the result, and may swallow the error."""
    before = left.__traceback__ if left is not None else None
    try:
        if left is None:
            await wrapper.asend(result)
        else:
            await wrapper.athrow(left)
    except StopAsyncIteration as stop:
        if stop is not left:
            return None, result if left is None else empty
        return left, None
    except BaseException as raised:
        if left is not None and is_same(raised, left):
            left.with_traceback(before)
            return left, None
        return own_error(raised, hook, plugin), None
    return own_error(await two_yields(wrapper), hook, plugin, left), None


async def together(
    pieces: Pieces,
    given: tuple[object, ...],
    labels: Labels,
    tolerate: Tolerate | None,
    failures: list[Exception],
) -> list[object]:
    """Run the implementations concurrently; their results in order, None where there was none.

    Without an error policy the first error cancels the others and is raised as it is.
    """
    import asyncio  # only here: a sync program never loads it

    hook, _, plugins = labels
    # The last labels are the implementations'; wrappers come before them.
    plugins = plugins[len(plugins) - len(pieces.functions) :]
    results: list[object] = [None] * len(pieces.functions)
    tolerated: list[list[Exception]] = [[] for _ in results]
    raised: list[BaseException] = []
    gate = asyncio.Semaphore(pieces.limit or len(results) or 1)

    async def run(at: int) -> object:
        function, take = pieces.functions[at]
        try:
            result = function(*take(given))
            if type(result) is CoroutineType:
                result = await cast(Any, result)
            return cast(object, result)
        except Exception as error:
            note(error, hook, plugins[at])
            trim(error)
            if tolerate is None:
                raise
            return tolerate(tolerated[at], error, hook, plugins[at])

    async def one(at: int) -> None:
        task = asyncio.current_task()
        async with gate:
            try:
                results[at] = await run(at)
            except BaseException as error:
                if task is not None and task.cancelling():
                    raise  # the others are being given up, or all of them
                raised.append(error)
                # A group takes no notice of a task that ends cancelled; this it does notice.
                raise Ended from error

    try:
        async with asyncio.TaskGroup() as group:
            for at in range(len(results)):
                group.create_task(one(at))
    except BaseExceptionGroup:
        if not raised:
            raise
    if raised:  # outside the handler: the group is no context of the error
        first, *others = raised
        for other in others:
            first.add_note(f"raised at the same time: {type(other).__name__}: {other}")
        raise first
    failures += (error for each in tolerated for error in each)
    return results


class Ended(Exception):
    """Ends the group of a concurrent call; what it raises is noted elsewhere."""


def in_thread(function: Callable[..., Any]) -> Callable[..., Any]:
    """A sync implementation that asks for it, moved off the event loop."""

    async def call(*args: object, **kwargs: object) -> object:
        import asyncio  # only here: a sync program never loads it

        return await asyncio.to_thread(function, *args, **kwargs)

    return call


def within(function: Callable[..., Any], seconds: float) -> Callable[..., Any]:
    """An implementation that is given up after so many seconds."""

    async def call(*args: object, **kwargs: object) -> object:
        result: Any = function(*args, **kwargs)
        if type(result) is not CoroutineType:
            return result
        import asyncio  # only here: a sync program never loads it

        scope = asyncio.timeout(seconds)
        try:
            async with scope:
                return await cast(Any, result)
        except TimeoutError:
            if scope.expired():
                raise TimeoutError(f"took longer than {seconds:g} s") from None
            raise

    return call
