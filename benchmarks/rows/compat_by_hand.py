"""A call under pluggy's rules, written by hand: what the rules themselves cost.

The function is made for its very plugins and cannot change. It takes arguments by name, passes over
what it does not know, looks for what is left out, and is held by an object with attributes, as a
`HookCaller` is: no class with a ``__call__`` in Python is as fast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from benchmarks.rows.greeting import bound, by_hand
from hotplug.hooks.boxed import Result

__all__ = ["UNDER_THE_RULES", "under_the_rules"]

UNDER_THE_RULES: Final = "by hand, same rules"

HEAD: Final = """
def call(*, name=missing, loud=missing, **others):
    if name is missing or loud is missing:
        raise TypeError
"""
STARTED: Final = """
    generator{0} = wrapper{0}(name, loud)
    for _ in generator{0}:
        break
"""
ENDED: Final = """
    try:
        generator{0}.send(result)
    except StopIteration as stop:
        result = stop.value
"""
ENDED_BOXED: Final = """
    box = Result(result, None)
    try:
        generator{0}.send(box)
    except StopIteration:
        pass
    result = box.get_result()
"""


class Held(partial[Any]):
    """Holds the function, and has room for more."""

    __slots__ = ("name",)


def under_the_rules(
    wrappers: Sequence[Any], implementations: Sequence[Any], *, boxed: bool = False
) -> Callable[..., Any]:
    names = {
        **{f"wrapper{at}": each for at, each in enumerate(bound(wrappers))},
        **{f"greet{at}": each for at, each in enumerate(bound(implementations))},
    }
    results = [f"result{at}" for at in range(len(implementations))]
    called = [f"    result{at} = greet{at}(name, loud)\n" for at in range(len(implementations))]
    there = " and ".join(f"{result} is not None" for result in results) or "True"
    gathered = (
        f"    result = [{', '.join(results)}] if {there} else [\n"
        f"        each for each in [{', '.join(results)}] if each is not None\n    ]\n"
    )
    ended = ENDED_BOXED if boxed else ENDED
    count = len(wrappers)
    source = [
        HEAD,
        *(STARTED.format(at) for at in range(count)),
        *called,
        gathered,
        *(ended.format(at) for at in reversed(range(count))),
        "    return result\n",
    ]
    return Held(by_hand("".join(source), missing=object(), Result=Result, **names))
