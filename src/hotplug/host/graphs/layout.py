"""Where things stand in a picture: in columns, so that nearly all arrows point one way.

The way of Sugiyama at its simplest: columns by the longest way, an order in each in which few
arrows cross, then heights at which they run nearly straight.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise
from statistics import fmean
from typing import Final, NamedTuple

from hotplug.host.graphs.circles import finished

__all__ = ["Bend", "Layout", "Spot", "layout"]

SWEEPS: Final = 8


class Bend(NamedTuple):
    """Where the arrow from one to another passes a column in between."""

    source: str
    target: str
    column: int


Spot = str | Bend
Beside = dict[Spot, list[Spot]]


class Layout(NamedTuple):
    """Who stands in which column, from left to right, how high, and where the arrows pass."""

    columns: list[list[Spot]]
    heights: Mapping[Spot, float]
    ways: Mapping[tuple[str, str], Sequence[Spot]]


def layout(steps: Mapping[str, Collection[str]], room: Callable[[Spot], float]) -> Layout:
    """Place names, where ``room`` says how high each spot is.

    >>> layout({"a": ["b", "c"], "b": ["c"], "c": []}, lambda spot: 1).columns
    [['a'], ['b', Bend(source='a', target='c', column=1)], ['c']]
    """
    column = columns_of(steps)
    columns: list[list[Spot]] = [[] for _ in range(1 + max(column.values(), default=-1))]
    for name in steps:
        columns[column[name]].append(name)
    ways: dict[tuple[str, str], list[Spot]] = {}
    left: Beside = {}
    right: Beside = {}
    for source, target in ((name, other) for name in steps for other in steps[name]):
        first, last = sorted((source, target), key=column.__getitem__)
        bends: list[Spot] = [
            Bend(source, target, at) for at in range(column[first] + 1, column[last])
        ]
        for at, bend in enumerate(bends, column[first] + 1):
            columns[at].append(bend)
        way: list[Spot] = [first, *bends, last]
        for one, other in pairwise(way):
            right.setdefault(one, []).append(other)
            left.setdefault(other, []).append(one)
        ways[source, target] = way if first == source else way[::-1]
    uncross(columns, left, right)
    return Layout(columns, straightened(columns, left, right, room), ways)


def columns_of(steps: Mapping[str, Collection[str]]) -> dict[str, int]:
    """Left of all that a name leads to, and what leads nowhere near to who leads to it."""
    from_right: dict[str, int] = {}
    for name in finished(steps):  # one in a circle may come before what it leads to
        beyond = (from_right[other] for other in steps[name] if other in from_right)
        from_right[name] = 1 + max(beyond, default=-1)
    width = max(from_right.values(), default=0)
    column = {name: width - at for name, at in from_right.items()}
    ends = dict.fromkeys((name for name in steps if not steps[name]), 0)
    for name in steps:
        for end in ends.keys() & {*steps[name]}:
            ends[end] = max(ends[end], column[name] + 1)
    return {**column, **ends}


def uncross(columns: list[list[Spot]], left: Beside, right: Beside) -> None:
    """Put side by side what leads to the same, sweeping to and fro."""
    place = {spot: float(at) for column in columns for at, spot in enumerate(column)}
    for sweep in range(SWEEPS):
        beside = right if sweep % 2 else left
        for column in reversed(columns) if sweep % 2 else columns:
            wish = {spot: middle(beside.get(spot), place, place[spot]) for spot in column}
            column.sort(key=wish.__getitem__)
            place.update((spot, float(at)) for at, spot in enumerate(column))


def middle(spots: list[Spot] | None, at: Mapping[Spot, float], otherwise: float) -> float:
    return fmean(at[spot] for spot in spots) if spots else otherwise


def straightened(
    columns: list[list[Spot]], left: Beside, right: Beside, room: Callable[[Spot], float]
) -> dict[Spot, float]:
    """Heights that follow the neighbours', in the order that is there."""
    heights: dict[Spot, float] = {}
    for column in columns:
        heights.update(zip(column, apart([0.0] * len(column), [*map(room, column)]), strict=True))
    for sweep in range(SWEEPS):
        beside = right if sweep % 2 else left
        for column in reversed(columns) if sweep % 2 else columns:
            wishes = [middle(beside.get(spot), heights, heights[spot]) for spot in column]
            heights.update(zip(column, apart(wishes, [*map(room, column)]), strict=True))
    return heights


def apart(wishes: Sequence[float], rooms: Sequence[float]) -> list[float]:
    """The heights nearest to what is wished at which nothing overlaps; the order stays.

    >>> apart([5, 5, 20], [2, 2, 2])
    [4.0, 6.0, 20.0]
    """
    offsets: list[float] = []
    for at, room in enumerate(rooms):
        offsets.append(offsets[-1] + (rooms[at - 1] + room) / 2 if offsets else 0.0)
    blocks: list[tuple[float, int]] = []  # those that touch each other move as one
    for wish, offset in zip(wishes, offsets, strict=True):
        mean, size = wish - offset, 1
        while blocks and blocks[-1][0] >= mean:
            before, many = blocks.pop()
            mean, size = (before * many + mean * size) / (many + size), many + size
        blocks.append((mean, size))
    starts = (mean for mean, size in blocks for _ in range(size))
    return [start + offset for start, offset in zip(starts, offsets, strict=True)]
