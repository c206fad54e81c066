"""How functions take part in a lenient hook: each takes what it can get of what a call gives.

At first by name, straight from the arguments of a call: that needs no more than the function's own
form, which many share. By place once there is a plan, for what is compiled takes no names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache, partial
from operator import itemgetter
from types import GeneratorType
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

from hotplug.errors import HookCallError
from hotplug.hooks.modes import How, Mode, step
from hotplug.hooks.plan import delegate, run_simply
from hotplug.hooks.records import Contribution, Fit, HookImpl, Kind, taker
from hotplug.hooks.unwind import AS_IT_IS, no_yield, resume_boxed, trim, two_yields, unwind

if TYPE_CHECKING:
    from hotplug.hooks.hook import Hook
    from hotplug.hooks.unwind import Complain

__all__ = ["by_name", "by_place", "can_run_by_name", "run_by_name", "without_absent"]

FIRSTRESULT: Final = Mode.FIRSTRESULT
KEPT_FORMS: Final = 1024

UNBOUNDED = -1
"""The arguments of a lenient hook may grow: no picker may stand for "all of them"."""


@lru_cache(KEPT_FORMS)
def by_name(
    names: tuple[str, ...],
    bucket: int = 0,
    kind: str = Kind.IMPLEMENTATION,
    how: str = How.PLAIN,
) -> Contribution:
    """How a function takes part that picks its arguments from the mapping of a call's."""
    return Contribution(None, kind, Fit((), (), named_taker(names)), step((), (), how), bucket)


def named_taker(names: tuple[str, ...]) -> Callable[[Any], tuple[object, ...]]:
    if len(names) > 1:
        return cast("Callable[[Any], tuple[object, ...]]", itemgetter(*names))
    if not names:
        return taker((), UNBOUNDED)
    only = names[0]
    return lambda given: (given[only],)


def can_run_by_name(items: Iterable[HookImpl], given: Mapping[str, Any]) -> bool:
    """Whether all can pick what they take, also what they could do without."""
    try:
        for item in items:
            item.contribution.fit.take(given)
    except KeyError:
        return False
    return True


def run_by_name(
    hook: Hook,
    wrappers: Sequence[HookImpl],
    others: Iterable[HookImpl],
    given: Mapping[str, Any],
    complain: Complain,
) -> Any:
    """One call of functions that pick their arguments by name: nothing has to be built for it.

    Nobody is blamed. All is in one function, as many hooks are called but once.
    """
    if not wrappers:
        return run_simply(hook, hook.mode, others, given)
    started: list[Any] = []
    left: BaseException | None = None
    result: Any = None
    is_first = hook.mode is FIRSTRESULT
    try:
        for wrapper in wrappers:
            generator: Any = wrapper.function(*wrapper.contribution.fit.take(given))
            if generator.__class__ is not GeneratorType:
                generator = delegate(generator)
            started.append(generator)
            for _ in generator:
                break
            else:
                raise no_yield(generator)
        results: list[Any] = []
        for item in others:
            result = item.function(*item.contribution.fit.take(given))
            if result is not None:
                if is_first:
                    break
                results.append(result)
        if not is_first:
            result = results
        for wrapper in reversed(wrappers):
            if wrapper.contribution.is_boxed:
                left, result = resume_boxed(started[-1], None, result, wrapper, complain)
                del started[-1]
                if left is not None:
                    break
                continue
            try:
                started[-1].send(result)
            except StopIteration as stop:
                result = stop.value
                del started[-1]
            else:
                raise two_yields(started[-1])
    except BaseException as error:
        trim(error)
        left = error
    if left is None:
        return result
    boxed = {at: each for at, each in enumerate(wrappers) if each.contribution.is_boxed}
    left, result = unwind(left, result, hook.name, (), started, AS_IT_IS, boxed, complain)
    if left is None:
        return result
    try:
        raise left
    finally:
        del left


def by_place(
    hook: Hook,
    required: tuple[str, ...],
    optional: tuple[str, ...] = (),
    kind: str = Kind.IMPLEMENTATION,
    bucket: int = 0,
    how: str = How.PLAIN,
) -> Contribution:
    """How a function takes part that needs some arguments, and has defaults for others.

    The hook comes to know all of them; whether it should is for the manager to say.
    """
    names = (*required, *optional)
    if not hook.argument_names.issuperset(names):
        with hook.caller.environment.lock:
            hook.widen(names)
    place = hook.arguments.index
    return placed(tuple([place(name) for name in names]), len(optional), kind, bucket, how)


@lru_cache(KEPT_FORMS)
def placed(
    positions: tuple[int, ...], optional: int, kind: str, bucket: int, how: str
) -> Contribution:
    fit = Fit(positions, (), taker(positions, UNBOUNDED), optional)
    return Contribution(None, kind, fit, step(positions, (), how), bucket)


def without_absent(hook: Hook, item: HookImpl, absent: AbstractSet[str]) -> HookImpl:
    """An implementation as it is called when these arguments are left out.

    Its defaults stand in for them; where it has none, its turn raises `HookCallError`.
    """
    fit, names = item.contribution.fit, hook.arguments
    if not any(names[at] in absent for at in fit.positions):
        return item
    first_optional = len(fit.positions) - fit.optional
    for at in fit.positions[:first_optional]:
        if names[at] in absent:
            nothing = Fit((), (), taker((), UNBOUNDED))
            return refit(item, partial(refuse, names[at]), nothing)
    positions = fit.positions[:first_optional]
    given = [at for at in fit.positions[first_optional:] if names[at] not in absent]
    return refit(item, item.function, Fit(positions, tuple(given), taker(positions, UNBOUNDED)))


def refit(item: HookImpl, function: Callable[..., Any], fit: Fit) -> HookImpl:
    before = item.contribution
    one_step = step(fit.positions, fit.keywords, before.step.how)
    changed = Contribution(before.opts, before.kind, fit, one_step, before.bucket)
    return HookImpl(item.hook_name, item.plugin_name, item.plugin, function, changed)


def refuse(name: str) -> NoReturn:
    raise HookCallError(f"hook call must provide argument {name!r}") from KeyError(name)
