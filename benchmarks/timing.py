"""Measures several ways to do one thing in turn, so that their ratios can be trusted.

On a busy machine a time says little, and the ratio of two times that were taken one after the
other says much more. So each round takes every way once, in a new order, and a ratio is formed
within the round; what is reported is the median of the rounds and its quartiles.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from random import Random
from statistics import median, quantiles
from timeit import Timer
from typing import Final, NamedTuple

__all__ = ["BEST_OF", "SECONDS", "Rounds", "Sample", "Spread", "difference", "interleaved"]
__all__ += ["ratio", "sampler", "spread"]

Sample = Callable[[], float]
"""Does the thing and says how many seconds it took, once."""
Rounds = list[float]
"""The seconds of one way, round by round."""

BEST_OF: Final = 3
SECONDS: Final = 0.0006
"""One sample of a statement: short, so that all ways of a round meet the same machine."""


class Spread(NamedTuple):
    """The middle of some figures, and the quartiles around it."""

    low: float
    median: float
    high: float


def spread(figures: Sequence[float]) -> Spread:
    if len(figures) < 2:
        return Spread(figures[0], figures[0], figures[0])
    low, _, high = quantiles(figures, n=4, method="inclusive")
    return Spread(low, median(figures), high)


def ratio(these: Rounds, those: Rounds) -> Spread:
    """How many times as long as those these took, round by round."""
    return spread([this / that for this, that in zip(these, those, strict=True)])


def difference(these: Rounds, those: Rounds) -> Spread:
    """How much longer than those these took, round by round, in seconds."""
    return spread([this - that for this, that in zip(these, those, strict=True)])


def sampler(
    statement: str, names: Mapping[str, object], setup: str = "pass", *, warm: int = 1000
) -> Sample:
    """Times a statement. It gets a function of its own, as if it stood in the caller's program.

    ``warm`` runs come first: Python specializes code, and hotplug compiles it, as it is used.
    """
    timer = Timer(statement, setup, globals=dict(names))
    timer.timeit(warm)
    number = max(1, round(SECONDS * warm / max(timer.timeit(warm), 1e-9)))

    def sample() -> float:
        return min(timer.repeat(BEST_OF, number)) / number

    return sample


def interleaved(ways: Mapping[str, Sample], rounds: int, seed: int = 1) -> dict[str, Rounds]:
    """The seconds of each way, round by round, each round in an order of its own."""
    order, random = list(ways), Random(seed)
    taken: dict[str, Rounds] = {name: [] for name in order}
    with quiet():
        for _ in range(rounds):
            random.shuffle(order)
            for name in order:
                taken[name].append(ways[name]())
            gc.collect()
    return taken


@contextmanager
def quiet() -> Iterator[None]:
    """No garbage collection in the middle of a measurement; what is there now is set aside."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
