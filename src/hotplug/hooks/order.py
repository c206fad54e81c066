"""The order of implementations where some name plugins that they come before or after.

Such a relation (``before="shop"``) outranks the buckets of `hook`; the one that declares it is the
one that moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hotplug.hooks.hook import in_buckets

__all__ = ["Cycle", "in_order"]

if TYPE_CHECKING:
    from hotplug.hooks.records import HookImpl


class Cycle(Exception):
    """Relations contradict each other; ``path`` names the plugins around the circle."""

    def __init__(self, path: list[str]) -> None:
        super().__init__(path)
        self.path = path


def in_order(items: Sequence[HookImpl], *, newest_first: bool = False) -> list[HookImpl]:
    """The items, given as they were registered, in the order in which they are called.

    Plugins that a relation names and that are not there are satisfied.
    """
    ranked = in_buckets(items, newest_first=newest_first)
    if not any(item.contribution.is_related for item in ranked):
        return ranked
    from heapq import heapify, heappop, heappush  # few programs use relations

    followers, waiting_for = edges(ranked)
    ranks = inherited_ranks(followers, ranked)
    ready = [(ranks[at], at) for at in range(len(ranked)) if not waiting_for[at]]
    heapify(ready)
    order: list[int] = []
    while ready:
        _, at = heappop(ready)
        order.append(at)
        for follower in followers[at]:
            waiting_for[follower].discard(at)
            if not waiting_for[follower]:
                heappush(ready, (ranks[follower], follower))
    if len(order) < len(ranked):
        raise Cycle(circle(ranked, waiting_for))
    return [ranked[at] for at in order]


def edges(items: Sequence[HookImpl]) -> tuple[list[list[int]], list[set[int]]]:
    """For each item, which come after it, and which it must wait for."""
    places: dict[str, list[int]] = {}
    for at, item in enumerate(items):
        places.setdefault(item.plugin_name, []).append(at)
    followers: list[list[int]] = [[] for _ in items]
    waiting_for: list[set[int]] = [set() for _ in items]

    def put(first: int, second: int) -> None:
        if first not in waiting_for[second]:
            waiting_for[second].add(first)
            followers[first].append(second)

    for at, item in enumerate(items):
        for name in item.before:
            for target in places.get(name, ()):
                put(at, target)
        for name in item.after:
            for target in places.get(name, ()):
                put(target, at)
    return followers, waiting_for


def inherited_ranks(followers: list[list[int]], items: Sequence[HookImpl]) -> list[int]:
    """Each item's place in line: its own, or the best of those it declared to come before.

    So ``before`` pulls its declarer up to its target, and leaves the target where it was.
    """
    ranks = list(range(len(items)))
    changed = True
    while changed:
        changed = False
        for at, item in enumerate(items):
            for follower in followers[at]:
                declared = items[follower].plugin_name in item.before
                if declared and ranks[follower] < ranks[at]:
                    ranks[at] = ranks[follower]
                    changed = True
    return ranks


def circle(items: Sequence[HookImpl], waiting_for: list[set[int]]) -> list[str]:
    """One cycle among the items that still wait, as plugin names, first name repeated last."""
    at = next(at for at, rest in enumerate(waiting_for) if rest)
    path: list[int] = []
    while at not in path:
        path.append(at)
        at = min(waiting_for[at])
    path = [*path[path.index(at) :], at]
    return [items[at].plugin_name for at in reversed(path)]
