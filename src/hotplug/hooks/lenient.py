"""How functions take part in a lenient hook: each takes what it can get of what a call gives."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from hotplug.errors import HookCallError
from hotplug.hooks.modes import How, step
from hotplug.hooks.records import Contribution, Fit, HookImpl, Kind, taker

if TYPE_CHECKING:
    from hotplug.hooks.hook import Hook

__all__ = ["lenient_contribution", "without_absent"]

UNBOUNDED = -1
"""The arguments of a lenient hook may grow: no picker may stand for "all of them"."""


def lenient_contribution(
    hook: Hook,
    required: tuple[str, ...],
    optional: tuple[str, ...],
    bucket: int = 0,
    kind: str = Kind.IMPLEMENTATION,
    how: str = How.PLAIN,
) -> Contribution:
    """How a function takes part that needs some arguments, and has defaults for others.

    The hook comes to know all of them; whether it should is for the manager to say.
    """
    form = (required, optional, bucket, kind, how)
    known = hook.forms.get(form)
    if known is None:
        with hook.caller.environment.lock:
            hook.widen((*required, *optional))
            places = {name: at for at, name in enumerate(hook.arguments)}
        positions = tuple([places[name] for name in (*required, *optional)])
        fit = Fit(positions, (), taker(positions, UNBOUNDED), len(optional))
        one_step = step(positions, (), how)
        known = hook.forms[form] = Contribution(None, kind, fit, one_step, bucket)
    return known


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
