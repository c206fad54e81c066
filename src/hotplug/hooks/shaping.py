"""The shapes of a plan: under which its compiled code is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hotplug.hooks.modes import How, Step, compiled, step
from hotplug.hooks.plan import Plan, Segment
from hotplug.hooks.records import HookImpl
from hotplug.hooks.shape import Extras, Loop, Shape

__all__ = ["around_shape", "core_shape", "is_compiled", "shapes"]

UNROLLED: Final = 120
"""Above this many implementations a call is a loop. See benchmarks/compiling.py."""


def is_compiled(plan: Plan) -> bool:
    """Whether all code it needs has been compiled, for this hook or another."""
    return all(shape in compiled for shape in shapes(plan))


def shapes(plan: Plan) -> list[Shape]:
    """The shapes of all functions of the call, innermost last."""
    *outer, core = plan.segments
    return [*(around_shape(plan, segment) for segment in outer), core_shape(plan, core)]


def shape(plan: Plan, segment: Segment) -> Shape:
    hook = plan.hook
    return Shape(
        plan.mode,
        hook.positional,
        len(hook.arguments) - hook.positional,
        wrappers=tuple([wrapper.contribution.step for wrapper in segment.wrappers]),
        is_async=hook.is_async,
        rules=plan.rules,
    )


def around_shape(plan: Plan, segment: Segment) -> Shape:
    assert segment.around is not None
    return shape(plan, segment)._replace(around=segment.around.contribution.step)


def core_shape(plan: Plan, core: Segment) -> Shape:
    items = plan.implementations
    parts: list[Step | Loop | Extras]
    if plan.hook.opts.concurrent:
        parts = []
    elif len(items) <= UNROLLED:
        parts = [item.contribution.step for item in items]
        if plan.extras:
            parts.insert(plan.extras_at(), Extras(extras_how(plan)))
    elif plan.extras:
        at = plan.extras_at()
        parts = [loop(items[:at]), Extras(extras_how(plan)), loop(items[at:])]
    else:
        parts = [loop(items)]
    return shape(plan, core)._replace(
        parts=tuple(parts),
        tolerant=plan.tolerate is not None,
        together=plan.hook.opts.concurrent,
    )


def extras_how(plan: Plan) -> str:
    return How.EITHER if plan.hook.is_async else How.PLAIN


def loop(items: Sequence[HookImpl]) -> Loop:
    steps = {item.contribution.step for item in items}
    hows = {each.how for each in steps}
    how = hows.pop() if len(hows) == 1 else How.EITHER if hows else How.PLAIN
    forms = {(each.positions, each.keywords, each.is_slot) for each in steps}
    if len(forms) > 1:
        return Loop(None, how, len(items))
    positions, keywords, is_slot = forms.pop() if forms else ((), (), False)
    return Loop(step(positions, keywords, how, is_slot) if forms else None, how, len(items))
