"""Circles in a graph of names: who ends up at itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

__all__ = ["circle_in", "circles_to_break", "finished", "knots"]

Steps = Mapping[str, Iterable[str]]
"""Where one gets from each name in one step."""


def knots(steps: Steps) -> list[set[str]]:
    """The names that lead to each other: sets that each have a circle, or several.

    >>> [sorted(knot) for knot in knots({"a": ["b"], "b": ["a"], "c": ["a"], "d": ["d"]})]
    [['d'], ['a', 'b']]
    """
    back: dict[str, list[str]] = {name: [] for name in steps}
    for name, others in steps.items():
        for other in others:
            back[other].append(name)
    found: list[set[str]] = []
    done: set[str] = set()
    for name in reversed(finished(steps)):  # Kosaraju's way
        if name not in done:
            knot = {name}
            ahead = [name]
            while ahead:
                behind = back[ahead.pop()]
                new = {other for other in behind if other not in done and other not in knot}
                knot.update(new)
                ahead += new
            done |= knot
            if len(knot) > 1 or name in steps[name]:
                found.append(knot)
    return found


def finished(steps: Steps) -> list[str]:
    """The names, each after those that it leads to, as far as there is no circle."""
    order: dict[str, None] = {}
    for first in steps:
        path = {} if first in order else {first: iter(steps[first])}
        while path:  # a row of plugins may be too long for a function that calls itself
            name, rest = next(reversed(path.items()))
            for other in rest:
                if other not in order and other not in path:
                    path[other] = iter(steps[other])
                    break
            else:
                del path[name]
                order[name] = None
    return [*order]


def circle_in(knot: Collection[str], steps: Steps) -> list[str]:
    """A shortest circle through the first name of a knot, as a path that ends where it began.

    >>> circle_in(["b", "a"], {"a": ["b"], "b": ["b", "a"]})
    ['b', 'b']
    """
    start = next(iter(knot))
    came_from: dict[str, str] = {}
    ahead = [start]
    for name in ahead:
        for other in steps[name]:
            if other in knot and other not in came_from:
                came_from[other] = name
                ahead.append(other)
        if start in came_from:
            break
    path = [start]
    while len(path) == 1 or path[-1] != start:
        path.append(came_from[path[-1]])
    return path[::-1]


def circles_to_break(steps: Steps) -> list[list[str]]:
    """Circles that are all gone, with all others, if the last step of each is taken out.

    >>> circles_to_break({"a": ["b"], "b": ["c", "a"], "c": ["a"]})
    [['a', 'b', 'c', 'a'], ['a', 'b', 'a']]
    """
    found: list[list[str]] = []
    done: set[str] = set()
    for first in steps:
        path = {} if first in done else {first: iter(steps[first])}
        while path:
            name, rest = next(reversed(path.items()))
            for other in rest:
                if other in path:
                    names = [*path]
                    found.append([*names[names.index(other) :], other])
                elif other not in done:
                    path[other] = iter(steps[other])
                    break
            else:
                del path[name]
                done.add(name)
    return found
