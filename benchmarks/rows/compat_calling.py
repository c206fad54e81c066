"""Calls through the layer for pluggy, held as pluggy's users hold them: as `HookCaller` objects."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from benchmarks.peers import COMPAT, Framework, framework, marks, names_for
from benchmarks.plugins import plugin
from benchmarks.rows.compat_by_hand import UNDER_THE_RULES, under_the_rules
from benchmarks.rows.greeting import CALL, HEAD, RETURNING, by_hand, hooks
from benchmarks.rows.watching import after, before
from benchmarks.table import Row, Ways, faster
from benchmarks.timing import Sample, sampler

__all__ = ["WRAPPER", "implementers", "returning", "row", "rows", "with_pluggys"]

MATRIX: Final = (
    (1, 1, 0),
    (1, 1, 1),
    (1, 1, 5),
    (1, 5, 1),
    (1, 5, 5),
    (5, 1, 1),
    (5, 1, 5),
    (5, 5, 1),
    (5, 5, 5),
    (20, 20, 0),
    (100, 100, 0),
)
"""Plugins, wrappers, and how deep the plugins call the hook again: what pluggy measures itself."""

WRAPPER: Final = "@wrapper\ndef greet(self, name, loud): return (yield)"
OLD_WRAPPER: Final = "@old_wrapper\ndef greet(self, name, loud): outcome = yield"
SILENT: Final = "@implementation\ndef greet(self, name, loud): return None"
RAISING: Final = "@implementation\ndef greet(self, name, loud): raise ValueError"
WITH_DEFAULT: Final = "@implementation\ndef greet(self, name, loud=False): return {}"
OF_NAME: Final = "@implementation\ndef greet(self, name): return {}"


def rows() -> list[Row]:
    return [
        *(
            row(
                f"calls-{count}",
                implemented(count),
                partial(held_to_hand, implementations=count),
                goal,
            )
            for count, goal in ((0, 1), (1, 5), (3, 5), (10, 8), (100, 8))
        ),
        row("relay", "the same, looked up in pm.hook, 1", looked_up, 5),
        *(
            row(
                f"{name}-{count}",
                f"{what} and implementations, {count} + {count}",
                partial(held_to_hand, implementations=count, wrappers=[source] * count),
                4,
            )
            for name, what, source in (
                ("wrappers", "wrappers", WRAPPER),
                ("old-wrappers", "old-style wrappers", OLD_WRAPPER),
            )
            for count in (1, 5)
        ),
        *(matrix_row(*size) for size in MATRIX),
        row("first", "first result, the 3rd of 5 answers", first),
        row("raising", "a call that raises, 1 wrapper around it", raising),
        row(
            "optional",
            "5 with an optional argument",
            partial(calling, sources=returning(5, WITH_DEFAULT)),
        ),
        row("missing", "an argument left out of the call, 3", missing),
        row("no-spec-1", "a hook without a spec, 1", partial(specless, count=1)),
        row("no-spec-5", "a hook without a spec, 5", partial(specless, count=5)),
        row("extra", "call_extra, 3 implementations and 1 extra", extra),
        row("subset", "a subset caller, 4 of 5", partial(subset, made_anew=False)),
        row("subset-new", "the same, made anew for each call", partial(subset, made_anew=True)),
        row("historic-1", "historic call, 1 implementation", partial(historic, count=1)),
        row("historic-5", "historic call, 5 implementations", partial(historic, count=5)),
        row("monitored", "a monitored call, 3 implementations", monitored),
    ]


def row(
    name: str,
    what: str,
    ways: Callable[[Sequence[Framework]], Ways],
    goal: float = 1,
    rounds: int = 30,
) -> Row:
    """Ours against each pluggy; where nothing better is wanted, it is never to be slower."""
    goals = {"pluggy": faster(goal)}
    return Row(f"compat-{name}", f"compat: {what}", ways, goals, ours=COMPAT, rounds=rounds)


def with_pluggys(frameworks: Sequence[Framework]) -> list[Framework]:
    """What stands in for pluggy, and each pluggy there is."""
    return [framework(COMPAT), *(each for each in frameworks if each.is_pluggy)]


def implementers(frameworks: Sequence[Framework], sources: Sequence[str]) -> list[Any]:
    """For each source a plugin of its own class, marked for all frameworks."""
    names = {
        **names_for(frameworks),
        "old_wrapper": marks(frameworks, hookwrapper=True),
        "first": marks(frameworks, tryfirst=True),
    }
    return [plugin([source], names) for source in sources]


def implemented(count: int) -> str:
    return f"a call, {count} implementation{'' if count == 1 else 's'}"


def returning(count: int, source: str = RETURNING) -> list[str]:
    return [source.format(at) for at in range(count)]


def timed(calls: Mapping[str, Any], statement: str = CALL) -> Ways:
    return {name: sampler(statement, {"call": call}) for name, call in calls.items()}


def calling(
    frameworks: Sequence[Framework],
    sources: Sequence[str],
    statement: str = CALL,
    firstresult: bool = False,
) -> Ways:
    both = with_pluggys(frameworks)
    return timed(hooks(both, implementers(both, sources), firstresult=firstresult), statement)


def held_to_hand(
    frameworks: Sequence[Framework], implementations: int, wrappers: Sequence[str] = ()
) -> Ways:
    """The same, and what anyone could write by hand."""
    both = with_pluggys(frameworks)
    plugins = implementers(both, [*wrappers, *returning(implementations)])
    around, inner = plugins[: len(wrappers)], plugins[len(wrappers) :]
    written = under_the_rules(around, inner, boxed=OLD_WRAPPER in wrappers)
    return timed({**hooks(both, plugins), UNDER_THE_RULES: written})


def looked_up(frameworks: Sequence[Framework]) -> Ways:
    both = with_pluggys(frameworks)
    plugins = implementers(both, returning(1))
    return {
        each.name: sampler(
            "pm.hook.greet(name='Ada', loud=True)", {"pm": each.manager(each.specs(HEAD), plugins)}
        )
        for each in both
    }


CALLS_AGAIN: Final = """
@implementation
def fun(self, hooks, nesting):
    if nesting:
        hooks.fun(hooks=hooks, nesting=nesting - 1)
"""


def matrix_row(plugins: int, wrappers: int, nesting: int) -> Row:
    calls = sum(plugins**depth for depth in range(nesting + 1))
    return row(
        f"matrix-{plugins}-{wrappers}-{nesting}",
        f"plugins {plugins}, wrappers {wrappers}, nesting {nesting}",
        partial(matrix, size=(plugins, wrappers, nesting), warm=max(2, 1000 // calls)),
        goal=4,
        rounds=30 if calls < 100 else 6,
    )


def matrix(frameworks: Sequence[Framework], size: tuple[int, int, int], warm: int) -> Ways:
    plugins, wrappers, nesting = size
    both = with_pluggys(frameworks)
    sources = [CALLS_AGAIN] * plugins + ["@wrapper\ndef fun(self): return (yield)"] * wrappers
    made = implementers(both, sources)
    ways: dict[str, Sample] = {}
    for each in both:
        hook = each.manager(each.specs("fun(hooks, nesting)"), made).hook
        names = {"call": hook.fun, "hooks": hook}
        ways[each.name] = sampler(f"call(hooks=hooks, nesting={nesting})", names, warm=warm)
    return ways


def first(frameworks: Sequence[Framework]) -> Ways:
    return calling(frameworks, [SILENT, SILENT, *returning(3)], firstresult=True)


CAUGHT: Final = """
def call(name, loud):
    try:
        greet(name=name, loud=loud)
    except ValueError:
        pass
"""


def raising(frameworks: Sequence[Framework]) -> Ways:
    both = with_pluggys(frameworks)
    called = hooks(both, implementers(both, [WRAPPER, RAISING]))
    return timed({name: by_hand(CAUGHT, greet=hook) for name, hook in called.items()})


def missing(frameworks: Sequence[Framework]) -> Ways:
    """Each call warns, which is turned off: asking whether it is costs most of the time."""

    def unheard(sample: Sample) -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return sample()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ways = calling(frameworks, returning(3, OF_NAME), "call(name='Ada')")
    return {name: partial(unheard, sample) for name, sample in ways.items()}


def specless(frameworks: Sequence[Framework], count: int) -> Ways:
    both = with_pluggys(frameworks)
    plugins = implementers(both, returning(count))
    return timed({each.name: each.manager(plugins=plugins).hook.greet for each in both})


def extra(frameworks: Sequence[Framework]) -> Ways:
    def one_more(name: str, loud: bool) -> str:
        return name

    both = with_pluggys(frameworks)
    called = hooks(both, implementers(both, returning(3)))
    statement = "call([extra], {'name': 'Ada', 'loud': True})"
    return {
        name: sampler(statement, {"call": hook.call_extra, "extra": one_more})
        for name, hook in called.items()
    }


def subset(frameworks: Sequence[Framework], made_anew: bool) -> Ways:
    both = with_pluggys(frameworks)
    plugins = implementers(both, returning(5))
    ways: dict[str, Sample] = {}
    for each in both:
        pm = each.manager(each.specs(HEAD), plugins)
        make = partial(pm.subset_hook_caller, "greet", [plugins[2]])
        statement = "make()(name='Ada', loud=True)" if made_anew else CALL
        ways[each.name] = sampler(statement, {"make": make, "call": make()})
    return ways


def historic(frameworks: Sequence[Framework], count: int) -> Ways:
    def callback(result: object) -> None:
        pass

    both = with_pluggys(frameworks)
    called = hooks(both, implementers(both, returning(count)), historic=True)
    statement = "call(kwargs={'name': 'Ada', 'loud': True}, result_callback=callback)"
    return {
        each.name: sampler(
            statement,
            {
                "call": called[each.name].call_historic,
                "callback": callback,
                "clear": partial(each.forget, called[each.name]),
            },
            "clear()",
        )
        for each in both
    }


def monitored(frameworks: Sequence[Framework]) -> Ways:
    both = with_pluggys(frameworks)
    plugins = implementers(both, returning(3))
    ways: dict[str, Sample] = {}
    for each in both:
        pm = each.manager(each.specs(HEAD), plugins)
        pm.add_hookcall_monitoring(before, after)
        ways[each.name] = sampler(CALL, {"call": pm.hook.greet})
    return ways
