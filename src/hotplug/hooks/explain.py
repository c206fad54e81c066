"""Says in what order a hook calls its plugins, why so, and which code does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hotplug.hooks.binding import all_bound
from hotplug.hooks.compile import text
from hotplug.hooks.hookcaller import HookCaller
from hotplug.hooks.modes import Mode
from hotplug.hooks.records import HookImpl

__all__ = ["Explanation", "Place", "explanation"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where one implementation stands in a call, and why there."""

    plugin_name: str
    kind: str
    why: str
    location: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A hook's call, explained. ``str()`` of it is for people."""

    hook: str
    mode: str
    policy: str
    wrappers: tuple[Place, ...]
    """Outermost first."""
    implementations: tuple[Place, ...]
    """In the order of the call."""
    source: str
    """The code of a compiled call."""

    def __str__(self) -> str:
        lines = [f"{self.hook}: {self.mode}, errors: {self.policy}"]
        for title, places in (
            ("wrappers, outermost first", self.wrappers),
            ("implementations, in order", self.implementations),
        ):
            if places:
                lines.append(f"  {title}:")
                lines += listed(places)
        if not self.implementations:
            lines.append("  no plugin implements it")
        return "\n".join(
            [*lines, "  the call:", *("    " + line for line in self.source.splitlines())]
        )


def listed(places: Sequence[Place]) -> list[str]:
    widths = [max(len(getattr(place, name)) for place in places) for name in ("plugin_name", "why")]
    return [
        f"    {at}. {place.plugin_name:<{widths[0]}}  {place.why:<{widths[1]}}  {place.location}"
        for at, place in enumerate(places, 1)
    ]


def explanation(caller: HookCaller) -> Explanation:
    """How a call of this hook would run now."""
    with caller.registry.lock:
        plan = caller.plan()
        items = [item for item in caller.get_hookimpls() if not item.is_wrapper]
        wrappers = [item for item in caller.get_hookimpls() if item.is_wrapper]
        numbers = caller.registry.registration_numbers()
    policy = caller.effective_policy
    inner = "".join(
        "".join(text(bound.shape, bound.words)) for bound in reversed(all_bound(plan, caller.title))
    )
    return Explanation(
        caller.hook.describe(),
        mode_text(caller),
        policy if isinstance(policy, str) else getattr(policy, "__qualname__", repr(policy)),
        tuple(place(item, numbers[item.plugin_name]) for item in wrappers),
        tuple(place(item, numbers[item.plugin_name]) for item in items),
        inner,
    )


def mode_text(caller: HookCaller) -> str:
    hook = caller.hook
    words = [hook.mode]
    if hook.opts.concurrent:
        words.append("concurrent")
    if hook.mode is Mode.HISTORIC:
        words.append(f"{len(hook.history)} calls remembered")
    return ", ".join(words)


def place(item: HookImpl, number: int) -> Place:
    opts = item.opts
    reasons = [name for name in ("tryfirst", "trylast") if getattr(opts, name)]
    reasons += [f"before {', '.join(opts.before)}"] if opts.before else []
    reasons += [f"after {', '.join(opts.after)}"] if opts.after else []
    reasons.append(f"registered {ordinal(number)}")
    return Place(
        " ".join(item.plugin_name.splitlines()),
        item.contribution.kind,
        ", ".join(reasons),
        item.location,
    )


def ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
