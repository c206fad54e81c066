"""The layer for pluggy as plugins come and go: registering, declaring, and each first call.

Few programs see the same plugin twice, so what is registered or declared here is made anew each
time, but for the row that says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import perf_counter
from types import ModuleType
from typing import Any, Final, TypeVar

from benchmarks.peers import Framework
from benchmarks.plugins import indented, namespace
from benchmarks.rows.compat_calling import WRAPPER, implementers, returning, row, with_pluggys
from benchmarks.rows.greeting import HEAD, greeters
from benchmarks.rows.starting import first_call, start
from benchmarks.table import Row, Ways
from benchmarks.timing import Sample, sampler

__all__ = ["rows"]

Thing = TypeVar("Thing")
Maker = Callable[[Mapping[str, Any]], Any]
"""Makes a plugin, given what it is marked with."""

HOOKS: Final = 10
MANY: Final = 1_000
DECLARED: Final = 50
REPEATED: Final = 10
FIRST: Final = "@first\ndef greet(self, name, loud): return 0"

METHODS: Final = "\n".join(
    f"@implementation\ndef cafe_hook{at}(self, name, loud): return {at}" for at in range(HOOKS)
)
HELPERS: Final = "\n".join(f"def helper{at}(name): return name" for at in range(2 * HOOKS))
SPECS: Final = "\n".join(f"@spec\ndef hook{at}(name, loud): ..." for at in range(DECLARED))

A_CLASS: Final = compile(f"class Plugin:\n{indented(METHODS)}", "<plugin>", "exec")
A_MODULE: Final = compile(METHODS.replace("self, ", "") + "\n" + HELPERS, "<plugin>", "exec")
A_SPEC_MODULE: Final = compile(SPECS, "<specs>", "exec")


def rows() -> list[Row]:
    return [
        *(
            row(
                f"first-call-{name}",
                f"the first call of a new manager, {what}",
                partial(newborn, sources=sources),
            )
            for name, what, sources in (
                *(
                    (str(count), f"{count} implemented", returning(count))
                    for count in (0, 1, 3, 10)
                ),
                ("wrapped", "1 + 2", [WRAPPER, *returning(2)]),
                ("tryfirst", "1 tryfirst + 2", [FIRST, *returning(2)]),
            )
        ),
        *(
            row(
                f"changed-call-{count}",
                f"the first call after a change, {count} implemented",
                partial(after_a_change, count=count),
            )
            for count in (0, 1, 3, 10)
        ),
        *(
            row(
                f"{name}-{before + 1}",
                f"{what}, the {before + 1:,}{'th' if before else 'st'}",
                partial(ways, before=before),
                goal,
                rounds=10,
            )
            for before in (0, MANY - 1)
            for name, what, ways, goal in (
                ("register", "register 10 hooks", registering, 10),
                ("register-choosy", "the same, chosen by prefix", by_prefix, 10),
                ("register-module", "register a module, by prefix", modules, 10),
                ("unregister", "unregister 10 hooks", leaving, 1),
            )
        ),
        row("register-again", "register a class seen before, 10 hooks", again, 10),
        row("declare", f"add_hookspecs, {DECLARED} hooks", declaring),
        row("manager", "a new PluginManager", of_no_plugins),
        row("lookup", "has_plugin, get_plugin and get_name among 30", looking_up),
        *(
            row(
                f"start-{calls}",
                f"start: 60 hooks x 30 plugins, {calls} call{'s' * (calls > 1)} of each",
                partial(starting, calls=calls),
                rounds=6,
            )
            for calls in (1, 5)
        ),
    ]


def timed(
    prepare: Callable[[], Thing],
    act: Callable[[Thing], object],
    undo: Callable[[Thing], object] = lambda _: None,
) -> Sample:
    """Times what is done with a thing that is prepared anew each time, and nothing else."""

    def sample() -> float:
        seconds = 0.0
        for _ in range(REPEATED):
            thing = prepare()
            started = perf_counter()
            act(thing)
            seconds += perf_counter() - started
            undo(thing)
        return seconds / REPEATED

    sample()
    return sample


# calls that come first


def newborn(frameworks: Sequence[Framework], sources: Sequence[str]) -> Ways:
    both = with_pluggys(frameworks)
    plugins = implementers(both, sources)

    def one(each: Framework) -> Sample:
        specs = each.specs(HEAD)
        return timed(
            lambda: each.manager(specs, plugins).hook.greet,
            lambda greet: greet(name="Ada", loud=True),
        )

    return {each.name: one(each) for each in both}


def after_a_change(frameworks: Sequence[Framework], count: int) -> Ways:
    return first_call(with_pluggys(frameworks), count, with_change=False)


def starting(frameworks: Sequence[Framework], calls: int) -> Ways:
    return start(with_pluggys(frameworks), hooks=60, plugins=30, calls=calls)


# plugins that come and go


def new_object(names: Mapping[str, Any]) -> Any:
    """A plugin of a class of its own."""
    scope = dict(names)
    exec(A_CLASS, scope)
    return scope["Plugin"]()


def new_module(names: Mapping[str, Any]) -> Any:
    """A plugin as most of pytest's are: a module with other functions too."""
    module = ModuleType("plugin")
    vars(module).update(names)
    exec(A_MODULE, vars(module))
    return module


PREFIX_FIRST: Final = """
class Choosy(PluginManager):
    def parse_hookimpl_opts(self, plugin, name):
        if not name.startswith("cafe_"):
            return None
        return super().parse_hookimpl_opts(plugin, name)
"""


def scene(
    each: Framework, before: int, make: Maker = new_object, *, choosy: bool = False
) -> tuple[Any, Callable[[], Any]]:
    """A manager with so many plugins, and a maker of more. A choosy one is like pytest's own."""
    manager_class = each.module.PluginManager
    if choosy:
        manager_class = namespace(PREFIX_FIRST, {"PluginManager": manager_class})["Choosy"]
    manager = manager_class(each.project)
    manager.add_hookspecs(each.specs(*(f"cafe_hook{at}(name, loud)" for at in range(HOOKS))))
    more = partial(make, {"implementation": each.implementation()})
    for at in range(before):
        manager.register(more(), name=f"plugin{at}")
    return manager, more


def registering(
    frameworks: Sequence[Framework],
    before: int,
    make: Maker = new_object,
    *,
    choosy: bool = False,
) -> Ways:
    def one(each: Framework) -> Sample:
        manager, more = scene(each, before, make, choosy=choosy)
        return timed(more, lambda plugin: manager.register(plugin, "new"), manager.unregister)

    return {each.name: one(each) for each in with_pluggys(frameworks)}


def by_prefix(frameworks: Sequence[Framework], before: int) -> Ways:
    return registering(frameworks, before, choosy=True)


def modules(frameworks: Sequence[Framework], before: int) -> Ways:
    return registering(frameworks, before, new_module, choosy=True)


def leaving(frameworks: Sequence[Framework], before: int) -> Ways:
    def one(each: Framework) -> Sample:
        manager, more = scene(each, before)

        def registered() -> Any:
            plugin = more()
            manager.register(plugin, "new")
            return plugin

        return timed(registered, manager.unregister)

    return {each.name: one(each) for each in with_pluggys(frameworks)}


def again(frameworks: Sequence[Framework]) -> Ways:
    def one(each: Framework) -> Sample:
        manager, more = scene(each, 0)
        plugin = more()
        return timed(lambda: plugin, lambda it: manager.register(it, "new"), manager.unregister)

    return {each.name: one(each) for each in with_pluggys(frameworks)}


# the manager


def declaring(frameworks: Sequence[Framework]) -> Ways:
    def one(each: Framework) -> Sample:
        spec = each.spec()

        def prepare() -> tuple[Any, ModuleType]:
            module = ModuleType("specs")
            vars(module)["spec"] = spec
            exec(A_SPEC_MODULE, vars(module))
            return each.manager(), module

        return timed(prepare, lambda pair: pair[0].add_hookspecs(pair[1]))

    return {each.name: one(each) for each in with_pluggys(frameworks)}


def of_no_plugins(frameworks: Sequence[Framework]) -> Ways:
    return {
        each.name: sampler(
            "PluginManager('cafe')", {"PluginManager": each.module.PluginManager}, warm=50
        )
        for each in with_pluggys(frameworks)
    }


def looking_up(frameworks: Sequence[Framework]) -> Ways:
    both = with_pluggys(frameworks)
    plugins = greeters(both, 30)
    statement = "pm.has_plugin('plugin15'); pm.get_plugin('plugin15'); pm.get_name(plugin)"
    return {
        each.name: sampler(
            statement, {"pm": each.manager(each.specs(HEAD), plugins), "plugin": plugins[15]}
        )
        for each in both
    }
