"""Binds a plan to compiled code. Loaded with the first hook that is called often enough."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from types import CodeType, CoroutineType, FunctionType
from typing import Any, Final, NamedTuple, cast

from hotplug.hooks import awaiting, policy, unwind
from hotplug.hooks.boxed import Result
from hotplug.hooks.compile import bound_code
from hotplug.hooks.environment import MISSING
from hotplug.hooks.hook import Hook
from hotplug.hooks.modes import VALUES, How, Mode, Step
from hotplug.hooks.plan import CALL_NEXT, ExtraPiece, Plan, Segment, generator_function, picking
from hotplug.hooks.records import HookImpl
from hotplug.hooks.results import PluginResult
from hotplug.hooks.shape import Loop, Shape, Words
from hotplug.hooks.shaping import around_shape, core_shape
from hotplug.hooks.slot import Slot

__all__ = ["RUNTIME", "Bound", "all_bound", "function_of"]

RUNTIME: Final[dict[str, object]] = {
    "__builtins__": builtins,
    "__name__": unwind.CALL,
    "_Coroutine": CoroutineType,
    "_Box": Result,
    "_new": object.__new__,
    "_Result": PluginResult,
    "_as_it_is": unwind.AS_IT_IS,
    "_begin": awaiting.begin,
    "_blamed": policy.blamed,
    "_collected": policy.collected,
    "_end": awaiting.end,
    "_errors": Exception,
    "_failed": unwind.failed,
    "_give_back": unwind.give_back,
    "_missing": MISSING,
    "_new_drivers": unwind.new_drivers,
    "_no_yield": unwind.no_yield,
    "_settle": unwind.settle,
    "_settle_async": awaiting.settle_async,
    "_together": awaiting.together,
    "_two_yields": unwind.two_yields,
}
"""The globals that every generated call sees."""


class Bound(NamedTuple):
    """What compiled code needs: its shape, the names in it, and the values it works on."""

    shape: Shape
    words: Words
    values: tuple[object, ...]


def all_bound(plan: Plan, title: str) -> list[Bound]:
    """All functions of the call, outermost first; those that are mere partials are left out."""
    *outer, core = plan.segments
    bound = [bound_core(plan, core)]
    chain: list[str] = []
    for segment in reversed(outer):
        call_next = bound_next(plan.hook, bound[0], title)
        if isinstance(call_next, partial):
            del bound[0]
        else:
            chain = []
            bound[0] = bound[0]._replace(words=bound[0].words._replace(function=CALL_NEXT))
        around, chain = bound_around(plan, segment, cast(Any, call_next), chain)
        bound.insert(0, around)
    return bound


def bound_next(hook: Hook, inner: Bound, title: str) -> Callable[..., Any]:
    """The rest of the call as a function with the hook's own signature.

    Where the next around wrapper takes all arguments as they come, no frame is needed, unless the
    frames of the call have to be told from others.
    """
    around = inner.shape.around
    everything = tuple(range(len(hook.arguments) + 1))
    plain = not (inner.shape.wrappers or inner.shape.keyword_only or hook.defaults)
    direct = around is not None and around.positions == everything and around.how is not How.EITHER
    if plain and direct and hook.caller.environment.builtins is None:
        function, call_next = inner.values
        assert callable(function)
        return partial(function, call_next)
    words = inner.words._replace(function=CALL_NEXT)
    strict = inner.shape._replace(rules=inner.shape.rules.strict)
    return function_of(bound_code(strict, words, title), inner.values, hook)


def function_of(code: CodeType, values: tuple[object, ...], hook: Hook) -> FunctionType:
    """A function of its own around bound code: never swapped, and free of the manager."""
    own = hook.caller.names
    names = {name: own.get(name, known) for name, known in RUNTIME.items()}
    names |= {"_errors": hook.caller.environment.errors, VALUES: values}
    function = FunctionType(code, names, code.co_name, hook.defaults)
    function.__kwdefaults__ = {**hook.keyword_defaults}
    return function


def bound_around(
    plan: Plan, segment: Segment, call_next: Callable[..., Any], chain: Sequence[str]
) -> tuple[Bound, list[str]]:
    around, generators = segment.around, segment.wrappers
    assert around is not None
    names = [around.plugin_name, *chain]
    words = words_of(plan, [*(wrapper.plugin_name for wrapper in generators), *names])
    values = (*wrapper_values(generators), around.function, call_next)
    return Bound(around_shape(plan, segment), words, values), names


def bound_core(plan: Plan, core: Segment) -> Bound:
    hook, items = plan.hook, plan.implementations
    shape = core_shape(plan, core)
    values: list[object] = wrapper_values(core.wrappers)
    if shape.together:
        pieces = tuple(piece(hook, item) for item in items)
        values.append(awaiting.Pieces(pieces, hook.opts.limit))
    rest = iter(items)
    for part in shape.parts:
        if isinstance(part, Step):
            values.append(adapted(hook, next(rest)))
        elif isinstance(part, Loop):
            prepare = adapted if part.step is not None else piece
            values.append(tuple(prepare(hook, item) for item in islice(rest, part.length)))
    if plan.mode is Mode.NAMED:
        values.append(tuple(item.plugin_name for item in items))
    if plan.tolerate is not None:
        values.append(plan.tolerate)
    words = words_of(plan, [item.plugin_name for item in (*core.wrappers, *items)])
    return Bound(shape, words, tuple(values))


def wrapper_values(wrappers: Sequence[HookImpl]) -> list[object]:
    """What a call needs of its wrappers: functions, those with a box, and drivers to run them."""
    values: list[object] = list(map(generator_function, wrappers))
    hows = [wrapper.contribution.step.how for wrapper in wrappers]
    values += [item for item, how in zip(wrappers, hows, strict=True) if how is How.BOXED]
    driven = sum(how is not How.AWAIT for how in hows)
    return [*values, unwind.pools[driven]] if driven else values


def words_of(plan: Plan, plugins: Sequence[str]) -> Words:
    if not plan.rules.blames:
        plugins = [unwind.NOBODY] * len(plugins)
    return Words(plan.hook.name, plan.hook.name, plan.hook.arguments, plugins)


def adapted(hook: Hook, item: HookImpl) -> Callable[..., Any]:
    """The function to call: in a thread, or within the hook's time, where that is asked for."""
    function = item.function
    if hook.is_async and item.opts.thread:
        function = awaiting.in_thread(function)
    if hook.opts.timeout is not None:
        function = awaiting.within(function, hook.opts.timeout)
    if item.contribution.step.is_slot and not isinstance(function, Slot):
        return Slot(function)
    return function


def piece(hook: Hook, item: HookImpl) -> ExtraPiece:
    return picking(adapted(hook, item), item.contribution.fit, hook.arguments)
