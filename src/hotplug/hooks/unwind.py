"""What happens when something raises in a hook call: who it was, and every wrapper's turn.

Nothing here runs while all goes well, but for the drivers of generator wrappers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import AsyncGeneratorType, GeneratorType, TracebackType
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from hotplug.errors import WrapperError
from hotplug.hooks.boxed import Result, opened
from hotplug.hooks.modes import EXTRA_LABEL, OWNER

if TYPE_CHECKING:
    from hotplug.hooks.shape import Labels

__all__ = [
    "AS_IT_IS",
    "CALL",
    "NOBODY",
    "AsyncWrapper",
    "Wrapper",
    "describe",
    "failed",
    "give_back",
    "is_same",
    "new_drivers",
    "no_yield",
    "note",
    "pools",
    "raised",
    "resume_boxed",
    "settle",
    "trim",
    "two_yields",
    "unwind",
    "whose",
]

Wrapper: TypeAlias = "GeneratorType[Any, Any, Any]"
AsyncWrapper: TypeAlias = "AsyncGeneratorType[Any, Any]"

OURS: Final = "hotplug.hooks"
CALL: Final = "hotplug.hooks.call"
"""The ``__name__`` in the globals of every generated call."""

AS_IT_IS: Final = object()
"""In place of an empty result: what a wrapper returns is the result, None too."""

NOBODY: Final = "<nobody>"
"""Stands for a plugin's name where the application itself takes part: it is not blamed."""


Complain: TypeAlias = Callable[[Any, BaseException], None]
raised: Final[dict[str, int]] = {}
"""How many errors came out of whose code, by the names that notes have: one that goes through
several hooks counts in each."""

NONE_BOXED: Final[Mapping[int, Any]] = {}


def no_complaint(item: Any, error: BaseException) -> None:
    """Nobody minds if a wrapper raises after its ``yield``."""


def drive() -> Generator[Any, Any, Any]:
    """Runs one wrapper after the other: ``send`` it a generator, then the result for it.

    Delegating hands over a wrapper's return value without building a StopIteration for it.
    """
    wrapper = yield
    while True:
        wrapper = yield (yield from wrapper)


Drivers = tuple[Callable[[Any], Any], ...]

pools: defaultdict[int, list[Drivers]] = defaultdict(list)
"""Drivers at rest, by how many a call takes: one tuple a call."""


def new_drivers(count: int) -> Drivers:
    """The ``send`` of this many drivers, each waiting for its first wrapper."""
    drivers = [drive() for _ in range(count)]
    for driver in drivers:
        next(driver)
    return tuple(driver.send for driver in drivers)


def give_back(drivers: Drivers | None, pool: list[Drivers]) -> None:
    """Put drivers to rest that an error went past, unless one of them has died of it."""
    for send in drivers or ():
        driver: Any = cast(Any, send).__self__
        if not driver.gi_suspended:
            return
        wrapper = driver.gi_yieldfrom
        if wrapper is not None:
            if getattr(wrapper, "gi_frame", wrapper) is not None:  # it ran on where it had to end
                return
            send(None)
    if drivers:
        pool.append(drivers)


def no_yield(wrapper: Wrapper | AsyncWrapper) -> WrapperError:
    return WrapperError(f"{describe(wrapper)} did not yield; it must yield exactly once")


def two_yields(wrapper: Wrapper) -> WrapperError:
    error = WrapperError(f"{describe(wrapper)} has second yield; it must yield exactly once")
    try:
        wrapper.close()
    except Exception as closing:
        error.__context__ = closing
    return error


def describe(wrapper: Wrapper | AsyncWrapper) -> str:
    code = wrapper.gi_code if isinstance(wrapper, GeneratorType) else wrapper.ag_code
    # The words of pluggy: they are what people search for.
    return f"wrap_controller at {code.co_name!r} {code.co_filename}:{code.co_firstlineno}"


def failed(error: BaseException, labels: Labels, clue: object = None) -> None:
    """Say in a note whose code raised, once for each hook call; then tidy the traceback."""
    if not through_call_next(error):
        plugin = whose(error, labels, clue)
        if plugin is not None:
            note(error, labels[0], plugin)
    trim(error)


def note(error: BaseException, hook: str, plugin: str) -> None:
    """Add ``hook 'x': raised by plugin 'y'``, but never twice to an exception that is reused."""
    if plugin == NOBODY:
        return
    raised[plugin] = raised.get(plugin, 0) + 1
    who = f"plugin {plugin!r}" if plugin else "a function given to call_extra"
    text = f"hook {hook!r}: raised by {who}"
    with suppress(Exception):  # an exception that takes no notes passes without
        if text not in getattr(error, "__notes__", ()):
            error.add_note(text)


def whose(error: BaseException, labels: Labels, clue: object) -> str | None:
    """The plugin whose code ran on the line that raised; "" for a function of ``call_extra``."""
    assert error.__traceback__ is not None
    number = error.__traceback__.tb_lineno
    _, lines, plugins = labels
    for line, label, many in lines:
        if line != number:
            continue
        if label == EXTRA_LABEL:
            return ""
        if many:
            return plugins[label + position(clue)]
        return plugins[label + depth(error, clue)]
    return None


def position(iterator: object) -> int:
    """How far a loop's iterator over a tuple has come."""
    state = cast("tuple[object, ...]", cast(Any, iterator).__reduce__())
    return cast(int, state[2]) - 1 if len(state) > 2 else 0


def depth(error: BaseException, call_next: object) -> int:
    """How many around wrappers deep an error comes from, along a chain without frames of ours."""
    from hotplug.hooks.signature import plain_function  # only where around wrappers raise

    frames = iter([entry.tb_frame.f_code for entry in entries(error)[1:]])
    next(frames, None)  # the outermost wrapper's own
    deep = 0
    while isinstance(call_next, partial):
        function = plain_function(call_next.func)
        if function is None or function.__code__ not in frames:  # `in` moves on to where it is
            break
        deep += 1
        call_next = call_next.args[0]
    return deep


def entries(error: BaseException) -> list[TracebackType]:
    found: list[TracebackType] = []
    entry = error.__traceback__
    while entry is not None:
        found.append(entry)
        entry = entry.tb_next
    return found


def through_call_next(error: BaseException) -> bool:
    """Whether the error came out of ``call_next``, where it was noted already."""
    return any(
        entry.tb_frame.f_globals.get("__name__") == CALL and OWNER not in entry.tb_frame.f_globals
        for entry in entries(error)[1:]
    )


def trim(error: BaseException) -> None:
    """Take our frames out of a traceback, but for the first: one frame for each hook call."""
    kept = error.__traceback__
    while kept is not None and kept.tb_next is not None:
        names = kept.tb_next.tb_frame.f_globals
        if str(names.get("__name__")).startswith(OURS) and OWNER not in names:
            kept.tb_next = kept.tb_next.tb_next
        else:
            kept = kept.tb_next


def is_same(error: BaseException, thrown: BaseException) -> bool:
    """Whether a generator let the error through that was thrown into it.

    A StopIteration cannot leave a generator; Python turns it into a RuntimeError.
    """
    if error is thrown:
        return True
    converted = isinstance(error, RuntimeError) and isinstance(
        thrown, (StopIteration, StopAsyncIteration)
    )
    return converted and error.__cause__ is thrown


def settle(
    error: BaseException,
    labels: Labels,
    wrappers: Sequence[Wrapper | None],
    empty: object,
    clue: object = None,
    boxed: Mapping[int, Any] = NONE_BOXED,
    complain: Complain = no_complaint,
) -> tuple[BaseException | None, Any]:
    """Resume every started wrapper, innermost first, with the error or what became of it.

    Returns the error that is left, or None and the result.
    """
    if labels[2][0] == NOBODY:  # nobody is blamed, and there is always a wrapper
        trim(error)
    else:
        failed(error, labels, clue)
    return unwind(error, None, labels[0], labels[2], wrappers, empty, boxed, complain)


def unwind(
    left: BaseException | None,
    result: object,
    hook: str,
    plugins: Sequence[str],
    wrappers: Sequence[Wrapper | None],
    empty: object,
    boxed: Mapping[int, Any] = NONE_BOXED,
    complain: Complain = no_complaint,
) -> tuple[BaseException | None, Any]:
    """Give every started wrapper its turn with what is left of the error, or with the result.

    Without the names of their plugins, nobody is blamed.
    """
    for at in reversed(range(len(wrappers))):
        wrapper = wrappers[at]
        # Not suspended at its yield: it never started, or it has ended, or it raised.
        if wrapper is not None and wrapper.gi_suspended:
            if at in boxed:
                left, result = resume_boxed(wrapper, left, result, boxed[at], complain)
                continue
            plugin = plugins[at] if plugins else NOBODY
            left, result = resume(wrapper, left, result, empty, hook, plugin)
    return left, result


def resume(
    wrapper: Wrapper,
    left: BaseException | None,
    result: object,
    empty: object,
    hook: str,
    plugin: str,
) -> tuple[BaseException | None, object]:
    """One wrapper's turn: it sees the error or the result, and may change either."""
    before = left.__traceback__ if left is not None else None
    try:
        if left is None:
            wrapper.send(result)
        else:
            wrapper.throw(left)
    except StopIteration as stop:
        if empty is AS_IT_IS:
            return None, stop.value
        if left is None:
            return None, result if stop.value is None else stop.value
        return None, empty if stop.value is None else stop.value
    except BaseException as raised:
        if left is not None and is_same(raised, left):
            left.with_traceback(before)  # as if the wrapper had not been there
            return left, None
        return own_error(raised, hook, plugin), None
    return own_error(two_yields(wrapper), hook, plugin, left), None


def resume_boxed(
    wrapper: Wrapper,
    left: BaseException | None,
    result: object,
    item: Any,
    complain: Complain,
) -> tuple[BaseException | None, object]:
    """The turn of a wrapper that is sent the outcome in a box, and may put another one in."""
    box: Result[object] = Result(result, left)
    before = None if left is None else left.__traceback__
    try:
        wrapper.send(box)
    except StopIteration:
        pass
    except BaseException as raised:
        try:
            complain(item, raised)
        except BaseException as instead:  # warnings may be errors: that is then the wrapper's
            return own_error(instead, "", NOBODY), None
        if left is not None and is_same(raised, left):
            return left.with_traceback(before), None
        return own_error(raised, "", NOBODY), None
    else:
        return own_error(two_yields(wrapper), "", NOBODY, left), None
    return opened(box)  # not raised here: it would get our frame and a context


def own_error(
    error: BaseException, hook: str, plugin: str, context: BaseException | None = None
) -> BaseException:
    """An error that a wrapper raised itself while it was being resumed."""
    if error.__traceback__ is not None:
        error.with_traceback(error.__traceback__.tb_next)
    if context is not None and error.__context__ is None:
        error.__context__ = context
    note(error, hook, plugin)
    return error
