"""What the bounds of the compiler rest on: ``python -m benchmarks.compiling [--quick]``.

``UNROLLED`` (hooks/shaping.py): above how many implementations a call is a loop.
``WORTH_COMPILING`` (hooks/caller.py): after how many calls a set of implementations is compiled.
``WORTH_BINDING`` (there too): the same where the code has been compiled for another hook before.

It looks into the library's inside, which the other benchmarks never do.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from time import perf_counter
from typing import Any, Final, NamedTuple
from unittest.mock import patch

import hotplug.hooks.binding
import hotplug.hooks.caller
import hotplug.hooks.compile
import hotplug.hooks.plan
import hotplug.hooks.shaping
from benchmarks.crowd import Crowd, measured
from benchmarks.peers import HOTPLUG, names_for
from benchmarks.plugins import plugin
from benchmarks.timing import Sample, Spread, interleaved, ratio, sampler, spread

NEVER: Final = 1 << 62
PATIENCE: Final = 3000
"""The calls within which unrolling has to pay back: a shape may change with the next plugin."""
CALL: Final = "call(name='Ada', loud=True)"

# Loosely typed on purpose: this is the inside of the library.
compiler: Any = hotplug.hooks.compile
binding: Any = hotplug.hooks.binding
Plan: Any = hotplug.hooks.plan.Plan


class Costs(NamedTuple):
    """What it costs to run one set of implementations, in seconds."""

    template: float
    """Writing and compiling the source of a new shape."""
    binding: float
    """Giving known code to a hook: what is left when the shape has been compiled before."""
    interpreted: float
    """One call without compiled code."""
    compiled: float
    """One call with it."""

    @property
    def calls_to_pay_back(self) -> float:
        return (self.template + self.binding) / (self.interpreted - self.compiled)

    @property
    def calls_to_pay_binding_back(self) -> float:
        return self.binding / (self.interpreted - self.compiled)


@contextmanager
def bounds(unrolled: int, worth_compiling: int) -> Iterator[None]:
    """Other bounds for a while. ``NEVER`` compiles nothing, not even shapes that are known."""
    is_compiled = (lambda _: False) if worth_compiling == NEVER else Plan.is_compiled
    with (
        patch.object(hotplug.hooks.shaping, "UNROLLED", unrolled),
        patch.object(hotplug.hooks.caller, "WORTH_COMPILING", worth_compiling),
        patch.object(Plan, "is_compiled", is_compiled),
    ):
        yield


def greeters(count: int) -> Any:
    """A manager with so many plugins, all of different classes."""
    marks = names_for([HOTPLUG])
    source = "@implementation\ndef greet(self, name, loud): return {}"
    plugins = [plugin([source.format(at)], marks) for at in range(count)]
    return HOTPLUG.manager(HOTPLUG.specs("greet(name, loud)"), plugins)


def timed_call(count: int, *, unrolled: int = NEVER, worth_compiling: int = 1) -> Sample:
    """Times calls of a hook that is built within these bounds, and then left as it is."""
    manager = greeters(count)
    with bounds(unrolled, worth_compiling):
        return sampler(CALL, {"call": manager.hook.greet})


def times(action: Any, count: int) -> float:
    """The median seconds that an action takes."""
    seconds: list[float] = []
    for _ in range(count):
        started = perf_counter()
        action()
        seconds.append(perf_counter() - started)
    return median(seconds)


def compile_time(count: int, rounds: int, *, unrolled: int) -> float:
    """The seconds that a shape takes which has not been seen before."""
    with bounds(unrolled, 1):
        *_, shape = greeters(count).hook_of("greet").caller.plan().shapes()
        return times(lambda: compiler.new_template(shape), rounds)


def costs(count: int, rounds: int) -> Costs:
    caller = greeters(count).hook_of("greet").caller
    with bounds(NEVER, 1):
        plan = caller.plan()

        def bind() -> None:
            shape, words, _ = binding.all_bound(plan, "hook")[0]
            compiler.bound_code(shape, words, "hook")

        bind()
        bound = times(bind, 10 * rounds)
    compiled = compile_time(count, rounds, unrolled=NEVER)
    taken = interleaved(
        {
            "interpreted": timed_call(count, worth_compiling=NEVER),
            "compiled": timed_call(count),
        },
        rounds,
    )
    return Costs(compiled, bound, median(taken["interpreted"]), median(taken["compiled"]))


def show_costs(counts: Sequence[int], rounds: int) -> dict[int, Costs]:
    print("\nWhat compiling costs, and what it saves (us; unrolled)\n")
    print(f"{'':>16} {'a new shape':>12} {'binding':>9} {'a call interpreted':>19}", end="")
    print(f" {'compiled':>9} {'pays back after':>16} {'shape known':>12}")
    found: dict[int, Costs] = {}
    for count in counts:
        found[count] = here = costs(count, rounds)
        print(
            f"{count:>4} implemented {here.template * 1e6:>12.0f} {here.binding * 1e6:>9.1f} "
            f"{here.interpreted * 1e6:>19.2f} {here.compiled * 1e6:>9.2f} "
            f"{here.calls_to_pay_back:>10.0f} calls {here.calls_to_pay_binding_back:>6.0f} calls"
        )
    return found


class Forms(NamedTuple):
    """One line for each implementation, against a loop over them."""

    ratio: Spread
    unrolled: float
    """Seconds to compile a new shape."""
    loop: float
    saving: float
    """Seconds that a call is faster."""

    @property
    def calls_to_pay_back(self) -> float:
        return (self.unrolled - self.loop) / self.saving if self.saving > 0 else float("inf")


def forms(count: int, rounds: int) -> Forms:
    taken = interleaved(
        {"unrolled": timed_call(count), "loop": timed_call(count, unrolled=0)}, rounds
    )
    return Forms(
        ratio(taken["unrolled"], taken["loop"]),
        compile_time(count, 5, unrolled=NEVER),
        compile_time(count, 5, unrolled=0),
        median(taken["loop"]) - median(taken["unrolled"]),
    )


def show_forms(counts: Sequence[int], rounds: int) -> dict[int, Forms]:
    print("\nA call with one line for each implementation, against a loop over them\n")
    print(f"{'':>16} {'unrolled / loop':>16} {'quartiles':>12}", end="")
    print(f" {'ms to compile':>16} {'a loop':>8} {'pays back after':>16}")
    found: dict[int, Forms] = {}
    for count in counts:
        found[count] = here = forms(count, rounds)
        print(
            f"{count:>4} implemented {here.ratio.median:>15.2f}x "
            f"{here.ratio.low:>7.2f}-{here.ratio.high:.2f} {here.unrolled * 1e3:>16.2f} "
            f"{here.loop * 1e3:>8.2f} {here.calls_to_pay_back:>10.0f} calls"
        )
    return found


def show_starts(
    unrolled: Sequence[int], worth: Sequence[int], repeats: int, hooks: int, plugins: int
) -> None:
    print(
        f"\nThe start of {hooks} hooks x {plugins} plugins: seconds from nothing registered until"
    )
    print("each hook has been called n times, in a new process; median of", repeats)
    calls = (1, 5, 20, 100, 250)
    for alike in (True, False):
        print(
            "\n  every plugin implements every hook alike"
            if alike
            else "\n  each hook has arguments of its own, each plugin some hooks and some arguments"
        )
        print(
            f"  UNROLLED, WORTH_COMPILING {'registered':>12}"
            + "".join(f"{f'n={n}':>9}" for n in calls)
        )
        rows = [(u, w) for u in unrolled for w in worth]
        taken: dict[tuple[int, int], list[dict[str, float]]] = {row: [] for row in rows}
        for _ in range(repeats):
            for row in rows:
                named = {"UNROLLED": row[0], "WORTH_COMPILING": row[1]}
                crowd = Crowd("hotplug", hooks, plugins, calls, alike, named)
                taken[row].append(measured(crowd))
        for row in rows:
            seconds = {
                phase: spread([each[phase] for each in taken[row]]).median
                for phase in taken[row][0]
            }
            print(
                f"  {row[0]:>8} {row[1]:>16} {seconds['registered']:>12.2f}"
                + "".join(f"{seconds[str(n)] - seconds['registered']:>9.2f}" for n in calls)
            )


def recommend(paid: dict[int, Costs], found: dict[int, Forms]) -> None:
    usual = [cost for count, cost in paid.items() if 1 <= count <= 10]
    binding = median(cost.calls_to_pay_binding_back for cost in usual)
    compiling = median(cost.calls_to_pay_back for cost in usual)
    clear = [
        count
        for count, form in found.items()
        if form.ratio.high < 0.95 and form.calls_to_pay_back <= PATIENCE
    ]
    print(
        "\nBy these figures (once the calls have lost what compiling costs, it is time to compile:"
    )
    print("whatever comes next, that costs at most twice the best choice)\n")
    print(f"  WORTH_BINDING    {binding:.0f}")
    print(f"  WORTH_COMPILING  {compiling:.0f}")
    print(
        f"  UNROLLED         {max(clear, default=0)}: the most at which it is clearly faster, and"
    )
    print(f"                   pays back within {PATIENCE} calls")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compiling", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer sizes and rounds")
    parser.add_argument("--no-start", action="store_true", help="leave out the start of a crowd")
    options = parser.parse_args()
    rounds = 5 if options.quick else 15
    paid = show_costs((1, 3, 10, 40) if options.quick else (0, 1, 2, 3, 5, 10, 20, 40, 80), rounds)
    sizes = (10, 40, 100, 200) if options.quick else (10, 20, 40, 60, 80, 100, 120, 150, 200)
    found = show_forms(sizes, rounds)
    if not options.no_start:
        if options.quick:
            show_starts((40, 100), (50, 400), 1, 200, 30)
        else:
            show_starts((40, 120), (50, 200), 1, 1000, 100)
    recommend(paid, found)


if __name__ == "__main__":
    main()
