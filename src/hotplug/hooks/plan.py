"""One set of implementations of one hook, in order, and how to run it step by step.

That needs no compiling and suits hooks that are called a few times. `binding` gives a plan compiled
code, which does the same faster; a property test holds the two to the same results, order and
errors.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from functools import partial
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Final, cast

from hotplug.hooks.hook import Hook, Incomplete
from hotplug.hooks.looking import GENERATOR
from hotplug.hooks.modes import Mode
from hotplug.hooks.records import HookImpl, Kind
from hotplug.hooks.unwind import (
    AS_IT_IS,
    CALL,
    NOBODY,
    Complain,
    Wrapper,
    no_complaint,
    no_yield,
    note,
    trim,
    unwind,
)

if TYPE_CHECKING:
    from hotplug.hooks.environment import Errors, Rules
    from hotplug.hooks.policy import Tolerate
    from hotplug.hooks.records import Fit

__all__ = ["CALL_NEXT", "NEVER", "ExtraPiece", "Plan", "Segment", "arguments", "generator_function"]
__all__ += ["picking", "run_simply", "run_wrapped"]

NEVER: Final = 1 << 62

GATHERING: Final = (Mode.COLLECTING, Mode.FIRSTRESULT)

CALL_NEXT: Final = "call_next"

ExtraPiece = tuple[Callable[..., Any], Callable[[Any], tuple[object, ...]]]
"""A function, and how it picks its arguments from all the hook's arguments."""


Piece = tuple[str, Callable[..., Any], Callable[[Any], tuple[object, ...]]]
"""The same, with the plugin's name."""


class Segment:
    """The generator wrappers around one body: an around wrapper, or the implementations."""

    __slots__ = ("around", "wrappers")

    def __init__(self, wrappers: list[HookImpl], around: HookImpl | None) -> None:
        self.wrappers = wrappers
        self.around = around


NO_WRAPPERS: Final = [Segment([], None)]


def split(wrappers: Sequence[HookImpl]) -> list[Segment]:
    """The wrappers by the bodies that they stand around; the last body is the implementations."""
    segments: list[Segment] = []
    generators: list[HookImpl] = []
    for wrapper in wrappers:
        if wrapper.contribution.kind is Kind.AROUND:
            segments.append(Segment(generators, wrapper))
            generators = []
        else:
            generators.append(wrapper)
    return [*segments, Segment(generators, None)]


class Plan:
    """What one call does, in order. Immutable, but for the count of its calls."""

    # What most plans share stands on the class: a plan is made for the first call after a change.
    calls = 0
    look_at = NEVER
    """After how many calls its caller wants to see whether it is worth compiling."""
    tolerate: Tolerate | None = None
    extras = False
    complain: Complain = staticmethod(no_complaint)
    """Told of wrappers that are sent a box, and raise after that."""
    errors: Errors = Exception
    """What the policy is for."""
    incomplete: Callable[..., Any] | None = None
    """Runs a lenient call that leaves arguments out."""
    prepared: list[Piece] | None = None

    def __init__(
        self,
        hook: Hook,
        mode: str,
        wrappers: Sequence[HookImpl],
        implementations: Sequence[HookImpl],
        rules: Rules,
    ) -> None:
        self.hook = hook
        self.mode = mode
        self.segments = split(wrappers) if wrappers else NO_WRAPPERS
        self.implementations = implementations
        self.rules = rules

    @property
    def can_compile(self) -> bool:
        """Extras can't be handed through ``call_next``, which has the hook's own signature."""
        return not (self.extras and len(self.segments) > 1)

    def extras_at(self) -> int:
        """The place of the newest that asks for no other."""
        last = -1 if self.rules.newest_first else 0
        return sum(1 for item in self.implementations if item.bucket <= last)

    # step by step

    def __call__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run one call without compiled code; sync hooks only."""
        self.calls += 1
        leading: Any = None
        if self.extras or self.mode is Mode.HISTORIC:
            leading, *rest = args
            args = tuple(rest)
        names: dict[str, Any] | None = None
        given: tuple[Any, ...] = ()
        try:
            given = self.hook.bind(args, kwargs)
        except Incomplete as call:
            names = call.given
        if names is not None:
            assert self.incomplete is not None
            return self.incomplete(*([leading] if self.extras else []), **names)
        if self.segments is not NO_WRAPPERS:
            return self.run(0, given, leading)
        return self.implementations_run(given, leading)

    def run(self, level: int, given: tuple[Any, ...], leading: Any) -> Any:
        segment = self.segments[level]
        if segment.wrappers:
            return self.wrapped(level, given, leading)
        return self.body(level, given, leading)

    def wrapped(self, level: int, given: tuple[Any, ...], leading: Any) -> Any:
        wrappers, body = self.segments[level].wrappers, partial(self.body, level, given, leading)
        return run_wrapped(self.hook, wrappers, body, given, self.empty(given), self.complain)

    def note(self, error: BaseException, plugin: str) -> None:
        if self.rules.blames:
            note(error, self.hook.name, plugin)

    def empty(self, given: tuple[Any, ...]) -> Any:
        """The result that a wrapper leaves which swallows an error and returns nothing."""
        if self.rules.none_counts:
            return AS_IT_IS
        return given[0] if self.mode is Mode.PIPELINE else [] if self.is_list else None

    @property
    def is_list(self) -> bool:
        return self.mode in (Mode.COLLECTING, Mode.NAMED)

    def body(self, level: int, given: tuple[Any, ...], leading: Any) -> Any:
        around = self.segments[level].around
        if around is None:
            return self.implementations_run(given, leading)
        noted: list[BaseException] = []

        def call_next(*args: Any, **kwargs: Any) -> Any:
            given = self.hook.bind(args, kwargs)
            try:
                return self.run(level + 1, given, leading)
            except BaseException as error:
                noted.append(error)
                raise

        call_next.__name__ = CALL_NEXT
        inner: Callable[..., Any] = call_next
        builtins = self.hook.caller.environment.builtins
        if builtins is not None:
            names_of_call = {"__name__": CALL, "__builtins__": builtins}
            plain = cast(FunctionType, call_next)
            inner = FunctionType(
                plain.__code__, names_of_call, CALL_NEXT, closure=plain.__closure__
            )
        names = (CALL_NEXT, *self.hook.arguments)
        args, kwargs = arguments(around, (inner, *given), names)
        try:
            return around.function(*args, **kwargs)
        except BaseException as error:
            if around.plugin_name != NOBODY and not any(error is seen for seen in noted):
                self.note(error, around.plugin_name)
            raise
        finally:
            noted.clear()

    def implementations_run(self, given: tuple[Any, ...], leading: Any) -> Any:
        if self.tolerate is None and not self.extras and self.mode in GATHERING:
            return run_simply(self.hook, self.mode, self.implementations, given)
        failures: list[Exception] = []
        mode = self.mode
        kept: list[Any] = []
        result: Any = None
        pieces = self.pieces(leading) if self.extras else self.prepared or self.prepare()
        for plugin, function, take in pieces:
            try:
                result = function(*take(given))
            except self.errors as error:
                self.note(error, plugin)
                trim(error)
                if self.tolerate is None:
                    raise
                result = self.tolerate(failures, cast(Exception, error), self.hook.name, plugin)
            except BaseException as error:
                self.note(error, plugin)
                raise
            if result is None:
                continue
            if mode is Mode.COLLECTING:
                kept.append(result)
            elif mode is Mode.FIRSTRESULT:
                break
            elif mode is Mode.PIPELINE:
                given = (result, *given[1:])
            elif mode is Mode.NAMED:
                kept.append(named_result(plugin, result))
            elif leading is not None:
                leading(result)
        else:
            result = None
        outcome = kept if self.is_list else given[0] if mode is Mode.PIPELINE else result
        outcome = None if mode is Mode.HISTORIC else outcome
        if failures:
            from hotplug.hooks.policy import collected  # only where errors are collected

            raise collected(failures, (self.hook.name, (), ()), outcome)
        return outcome

    def prepare(self) -> list[Piece]:
        self.prepared = [
            (item.plugin_name, item.function, fit.take)
            if not (fit := item.contribution.fit).keywords
            else (item.plugin_name, *picking(item.function, fit, self.hook.arguments))
            for item in self.implementations
        ]
        return self.prepared

    def pieces(self, leading: Any) -> list[Piece]:
        pieces, at = self.prepared or self.prepare(), self.extras_at()
        extras: list[Piece] = [("", *extra) for extra in leading]
        return [*pieces[:at], *extras, *pieces[at:]]


def named_result(plugin: str, result: object) -> object:
    from hotplug.hooks.results import PluginResult  # only for calls that ask who it was

    return PluginResult(plugin, result)


def run_simply(hook: Hook, mode: str, items: Iterable[HookImpl], given: Any) -> Any:
    """Gather the results, or return the first: what most hooks do, where no policy applies."""
    results: list[Any] = []
    is_first = mode is Mode.FIRSTRESULT
    plugin = NOBODY
    try:
        for item in items:
            plugin, fit = item.plugin_name, item.contribution.fit
            if fit.keywords:
                args, kwargs = arguments(item, given, hook.arguments)
                result = item.function(*args, **kwargs)
            else:
                result = item.function(*fit.take(given))
            if result is not None:
                if is_first:
                    return result
                results.append(result)
    except BaseException as error:
        if hook.rules.blames:
            note(error, hook.name, plugin)
        raise
    return None if is_first else results


def run_wrapped(
    hook: Hook,
    wrappers: Sequence[HookImpl],
    body: Callable[[], Any],
    given: Any,
    empty: object,
    complain: Complain,
) -> Any:
    """Start generator wrappers, run the body, and give each of them its turn with the outcome."""
    started: list[Wrapper] = []
    boxed: dict[int, HookImpl] = {}
    left: BaseException | None = None
    result: Any = None
    blames = hook.rules.blames
    starting = NOBODY
    try:
        for wrapper in wrappers:
            starting = wrapper.plugin_name
            contribution = wrapper.contribution
            if contribution.is_boxed:
                boxed[len(started)] = wrapper
            function, fit = generator_function(wrapper), contribution.fit
            if fit.keywords:
                args, kwargs = arguments(wrapper, given, hook.arguments)
                generator = function(*args, **kwargs)
            else:
                generator = function(*fit.take(given))
            started.append(generator)
            for _ in generator:
                break
            else:
                raise no_yield(generator)
        starting = NOBODY
        result = body()
    except BaseException as error:
        if blames:
            note(error, hook.name, starting)
        trim(error)
        left = error
    names = [wrapper.plugin_name for wrapper in wrappers] if blames else ()
    left, result = unwind(left, result, hook.name, names, started, empty, boxed, complain)
    if left is None:
        return result
    try:
        raise left
    finally:
        del left


def picking(function: Callable[..., Any], fit: Fit, arguments: tuple[str, ...]) -> ExtraPiece:
    """A function as it is called from a loop, where all get their arguments in the same way."""
    take, names = fit.take, [(arguments[at], at) for at in fit.keywords]
    if not names:
        return function, take

    def by_name(*given: Any) -> Any:
        return function(*take(given), **{name: given[at] for name, at in names})

    return by_name, tuple


def arguments(
    item: HookImpl, given: tuple[Any, ...], names: Sequence[str]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    fit = item.contribution.fit
    return fit.take(given), {names[at]: given[at] for at in fit.keywords}


def generator_function(wrapper: HookImpl) -> Callable[..., Any]:
    """The wrapper's function; one that only passes a generator on is made a real one."""
    function = wrapper.function
    inner: Any = function
    if type(inner) is MethodType:
        inner = inner.__func__
    if type(inner) is FunctionType and inner.__code__.co_flags & GENERATOR:
        return function
    from hotplug.hooks.signature import plain_function  # few wrappers are anything else

    plain = plain_function(function)
    if wrapper.contribution.kind is Kind.ASYNC_WRAPPER or (
        plain is not None and plain.__code__.co_flags & GENERATOR
    ):
        return function

    def passing(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        return (yield from delegate(function(*args, **kwargs)))

    return passing


def delegate(generator: Any) -> Generator[Any, Any, Any]:
    """What a wrapper returned that only passes something like a generator on, as a real one."""
    if not hasattr(generator, "__next__"):  # `yield from` would take a list, and start with it
        kind = type(generator).__name__
        raise TypeError(f"a wrapper has to give a generator: {kind!r} object is not an iterator")
    return cast(Any, (yield from generator))
