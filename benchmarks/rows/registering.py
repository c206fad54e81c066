"""Registering and unregistering one plugin of ten hooks, as the first and as the 10,000th."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from time import perf_counter
from typing import Any, Final

from benchmarks.peers import HOTPLUG, Framework, marks
from benchmarks.plugins import indented
from benchmarks.table import Row, Ways, at_most, faster
from benchmarks.timing import Sample, sampler

__all__ = ["rows"]

HOOKS: Final = 10
MANY: Final = 10_000
MANY_FOR_PEERS: Final = 1_000
"""What a peer is given instead: more would take minutes to set up."""
NEW_CLASSES: Final = 20

STATEMENT: Final = "register(plugin, name='new'); unregister(plugin)"


def rows() -> list[Row]:
    return [
        Row(
            "register-1",
            "register and unregister, 10 hooks, the 1st",
            partial(again, before=0, before_peers=0),
            {"pluggy": faster(30)},
        ),
        Row(
            "register-10000",
            "the same, the 10,000th (a peer: the 1,000th)",
            partial(again, before=MANY - 1, before_peers=MANY_FOR_PEERS - 1),
            {"pluggy": faster(30)},
            rounds=15,
        ),
        Row(
            "register-growth",
            "the same, the 10,000th",
            growth,
            {"hotplug, the 1st": at_most(1.3)},
        ),
        Row(
            "register-new-1",
            "the same, of a class never seen before, the 1st",
            partial(never_seen, before=0, before_peers=0),
            rounds=20,
        ),
    ]


def methods() -> str:
    return "\n".join(
        f"@implementation\ndef hook{at}(self, name, loud): return {at}" for at in range(HOOKS)
    )


CODE: Final = compile("class Plugin:\n" + indented(methods()), "<plugin>", "exec")


def new_class(frameworks: Sequence[Framework]) -> Any:
    scope: dict[str, Any] = {"implementation": marks(frameworks)}
    exec(CODE, scope)
    return scope["Plugin"]


def filled(each: Framework, cls: Any, before: int) -> Any:
    """A manager with so many plugins: half of one class, the others of 50 more."""
    specs = each.specs(*(f"hook{at}(name, loud)" for at in range(HOOKS)))
    classes = [new_class([each]) for _ in range(50)]
    plugins = [cls() if at % 2 else classes[at // 2 % 50]() for at in range(before)]
    return each.manager(specs, plugins)


def again(frameworks: Sequence[Framework], before: int, before_peers: int) -> Ways:
    cls = new_class(frameworks)
    return {
        each.name: registering(filled(each, cls, before if each is HOTPLUG else before_peers), cls)
        for each in frameworks
    }


def growth(_: Sequence[Framework]) -> Ways:
    cls = new_class([HOTPLUG])
    return {
        HOTPLUG.name: registering(filled(HOTPLUG, cls, MANY - 1), cls),
        "hotplug, the 1st": registering(filled(HOTPLUG, cls, 0), cls),
    }


def registering(manager: Any, cls: Any) -> Sample:
    names = {
        "register": manager.register,
        "unregister": manager.unregister,
        "plugin": cls(),
    }
    return sampler(STATEMENT, names, warm=50)


def never_seen(frameworks: Sequence[Framework], before: int, before_peers: int) -> Ways:
    cls = new_class(frameworks)

    def timed(each: Framework) -> Sample:
        manager = filled(each, cls, before if each is HOTPLUG else before_peers)
        register, unregister = manager.register, manager.unregister

        def sample() -> float:
            plugins = [new_class([each])() for _ in range(NEW_CLASSES)]
            started = perf_counter()
            for plugin in plugins:
                register(plugin, name="new")
                unregister(plugin)
            return (perf_counter() - started) / NEW_CLASSES

        return sample

    return {each.name: timed(each) for each in frameworks}
