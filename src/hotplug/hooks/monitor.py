"""Watching hook calls: before and after, as a trace, and by the clock.

Nothing of this exists in a call until someone asks for it: then calls are built anew with one
around wrapper more, or with implementations that look at the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from operator import itemgetter
from time import perf_counter
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias, cast

from hotplug.hooks.hook import Hook
from hotplug.hooks.looking import shown
from hotplug.hooks.markers import HookimplOpts
from hotplug.hooks.modes import How, Mode, step
from hotplug.hooks.records import Contribution, Fit, HookImpl, Kind
from hotplug.hooks.unwind import NOBODY

if TYPE_CHECKING:
    from hotplug.hooks.environment import Environment

__all__ = ["After", "Before", "HookTimings", "Observer", "Outcome", "Timing", "Trace", "Watch"]
__all__ += ["observed"]


@dataclass(slots=True)  # not frozen: that makes one three times as dear, and each call makes one
class Outcome:
    """What a hook call came to: a result, or the error that it raised."""

    result: Any = None
    error: BaseException | None = None

    def get_result(self) -> Any:
        """The result; the error is raised."""
        if self.error is not None:
            raise self.error
        return self.result


Before: TypeAlias = Callable[[str, Sequence[HookImpl], Mapping[str, Any]], object]
"""Told the hook's name, its implementations in order, and the arguments."""
After: TypeAlias = Callable[[Outcome, str, Sequence[HookImpl], Mapping[str, Any]], object]
"""Told the outcome as well."""


class Observer:
    """What is put around every hook while someone watches."""

    def __init__(self, before: Before, after: After, *, is_async: bool) -> None:
        self.before = before
        self.after = after
        self.is_async = is_async

    def around(self, hook: Hook, items: Sequence[HookImpl]) -> HookImpl:
        function = self.waiting(hook, items) if self.is_async else self.direct(hook, items)
        names = tuple(range(1, len(hook.arguments) + 1))
        how = How.AWAIT if self.is_async else How.PLAIN
        fit = Fit((0,), names, itemgetter(slice(0, 1)))
        one_step = step((0,), names, how)
        contribution = Contribution(HookimplOpts(around=True), Kind.AROUND, fit, one_step, -1)
        return HookImpl(hook.name, NOBODY, None, function, contribution)

    def direct(self, hook: Hook, items: Sequence[HookImpl]) -> Callable[..., Any]:
        name, before, after = hook.name, self.before, self.after

        def watched(call_next: Callable[..., Any], **kwargs: Any) -> Any:
            before(name, items, kwargs)
            try:
                result = call_next(**kwargs)
            except BaseException as error:
                after(Outcome(None, error), name, items, kwargs)
                raise
            after(Outcome(result), name, items, kwargs)
            return result

        return watched

    def waiting(self, hook: Hook, items: Sequence[HookImpl]) -> Callable[..., Any]:
        name, before, after = hook.name, self.before, self.after

        async def watched(call_next: Callable[..., Any], **kwargs: Any) -> Any:
            before(name, items, kwargs)
            try:
                result = await call_next(**kwargs)
            except BaseException as error:
                after(Outcome(None, error), name, items, kwargs)
                raise
            after(Outcome(result), name, items, kwargs)
            return result

        return watched


def observed(
    environment: Environment, hook: Hook, wrappers: list[HookImpl], others: list[HookImpl]
) -> tuple[list[HookImpl], list[HookImpl]]:
    """The wrappers and implementations of a call, with everyone who watches it."""
    items = (*wrappers, *others)
    for watch in environment.watches:
        others = [watch.measured(item) for item in others]
    if hook.mode is Mode.HISTORIC:
        return wrappers, others
    return [*(watch.around(hook, items) for watch in environment.observers), *wrappers], others


class Watch(Protocol):
    """Stands around implementations: each call takes what it makes of one in its place."""

    def measured(self, item: HookImpl) -> HookImpl: ...


class Trace:
    """Writes one line when a hook call begins and one when it ends, indented by nesting."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self.write = write
        self.depth: ContextVar[int] = ContextVar("hotplug trace depth", default=0)

    def before(self, hook: str, items: Sequence[HookImpl], kwargs: Mapping[str, Any]) -> None:
        depth = self.depth.get()
        given = ", ".join(f"{name}={readable(value)}" for name, value in kwargs.items())
        self.write(f"{'  ' * depth}{hook}({given})")
        self.depth.set(depth + 1)

    def after(
        self, outcome: Outcome, hook: str, items: Sequence[HookImpl], kwargs: Mapping[str, Any]
    ) -> None:
        depth = max(self.depth.get() - 1, 0)
        self.depth.set(depth)
        error = outcome.error
        came_to = (
            readable(outcome.result)
            if error is None
            else f"raised {type(error).__name__}: {readable(error, str)}"
        )
        self.write(f"{'  ' * depth}{hook} -> {came_to}")


def readable(value: object, show: Callable[[object], str] = repr) -> str:
    """The value as it shows itself; what cannot does not break the call that is traced."""
    try:
        return show(value)
    except Exception:
        return f"<{shown(value)} that cannot be shown>"


@dataclass(slots=True)
class Timing:
    """What one plugin has used on one hook."""

    plugin_name: str
    hook: str
    calls: int = 0
    errors: int = 0
    seconds: float = 0.0
    longest: float = 0.0


class HookTimings:
    """Calls, errors and time of every plugin on every hook, while it runs; print it for a table.

    A wait counts as time; wrappers are not measured. It is a context manager that stops itself.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self.stopping: Callable[[], None] | None = stop
        self.table: dict[tuple[str, str], Timing] = {}

    def stop(self) -> None:
        """Measure no more; the figures stay."""
        stopping, self.stopping = self.stopping, None
        if stopping is not None:
            stopping()

    @property
    def rows(self) -> list[Timing]:
        """All figures, the largest share of time first."""
        return sorted(self.table.values(), key=lambda row: -row.seconds)

    def measured(self, item: HookImpl) -> HookImpl:
        key = (item.plugin_name, item.hook_name)
        row = self.table.setdefault(key, Timing(*key))
        function = clocked(item.function, row)
        return HookImpl(item.hook_name, item.plugin_name, item.plugin, function, item.contribution)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __str__(self) -> str:
        head = (
            f"{'plugin':<24} {'hook':<24} {'calls':>8} {'errors':>6} {'total ms':>10} {'max ms':>8}"
        )
        return "\n".join(
            [
                head,
                *(
                    f"{row.plugin_name:<24} {row.hook:<24} {row.calls:>8} {row.errors:>6} "
                    f"{row.seconds * 1e3:>10.3f} {row.longest * 1e3:>8.3f}"
                    for row in self.rows
                ),
            ]
        )


def clocked(function: Callable[..., Any], row: Timing) -> Callable[..., Any]:
    """The function, with its time and its errors written into a row."""

    def call(*args: Any, **kwargs: Any) -> Any:
        started = perf_counter()
        try:
            result = function(*args, **kwargs)
            if type(result) is CoroutineType:
                return awaited(cast(Any, result), row)
        except BaseException:
            row.errors += 1
            raise
        finally:
            spent = perf_counter() - started
            row.calls += 1
            row.seconds += spent
            if spent > row.longest:
                row.longest = spent
        return result

    return call


async def awaited(coroutine: Coroutine[Any, Any, Any], row: Timing) -> Any:
    """The rest of a call that was counted when it began."""
    started = perf_counter()
    try:
        return await coroutine
    except BaseException:
        row.errors += 1
        raise
    finally:
        spent = perf_counter() - started
        row.seconds += spent
        row.longest = max(row.longest, spent)
