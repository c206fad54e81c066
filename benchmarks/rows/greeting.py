"""The hook that most rows call: ``greet(name, loud)``, its plugins, and the loop by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from benchmarks.peers import Framework, names_for
from benchmarks.plugins import namespace, plugin
from benchmarks.table import BY_HAND
from benchmarks.timing import Sample, sampler

__all__ = ["CALL", "HEAD", "LOOP", "bound", "by_hand", "greeters", "hooks", "timed"]

HEAD: Final = "greet(name, loud)"
CALL: Final = "call(name='Ada', loud=True)"
RETURNING: Final = "@implementation\ndef greet(self, name, loud): return {}"

LOOP: Final = """
def call(name, loud):
    results = []
    for greet in greeters:
        result = greet(name, loud)
        if result is not None:
            results.append(result)
    return results
"""
"""What one would write by hand. It passes arguments by position, which is the fastest way."""


def greeters(frameworks: Sequence[Framework], count: int, source: str = RETURNING) -> list[Any]:
    """So many plugins, each of its own class, with a method that is marked for all frameworks."""
    names = names_for(frameworks)
    return [plugin([source.format(at)], names) for at in range(count)]


def bound(plugins: Sequence[Any]) -> tuple[Callable[..., Any], ...]:
    """Their methods, as the hand-written forms hold them."""
    return tuple(each.greet for each in plugins)


def by_hand(source: str, **names: Any) -> Callable[..., Any]:
    """The hand-written form, compiled for itself as if it stood in a program."""
    written: Callable[..., Any] = namespace(source, names)["call"]
    return written


def hooks(
    frameworks: Sequence[Framework], plugins: Sequence[Any], *, head: str = HEAD, **options: bool
) -> dict[str, Any]:
    """The hook of each framework, implemented by these very plugins."""
    return {
        each.name: each.manager(each.specs(head, **options), plugins).hook.greet
        for each in frameworks
    }


def timed(
    written: Callable[..., Any], called: dict[str, Any], statement: str = CALL
) -> dict[str, Sample]:
    """The same statement for the hand-written form and for every hook."""
    calls = {BY_HAND: written, **called}
    return {name: sampler(statement, {"call": call}) for name, call in calls.items()}
