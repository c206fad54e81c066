"""Which of the plugins of one name is meant.

The source that is asked first wins, and in it the highest version. Where two could both be meant,
neither is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hotplug.host.registry.records import Found
from hotplug.host.registry.wanted import versions_for

__all__ = ["Choice", "choose"]


class Choice(NamedTuple):
    """What a name stands for."""

    chosen: Found | None
    """None where there is none, or more than one."""
    others: tuple[Found, ...]
    """Those that it comes before, the nearest first."""
    rivals: tuple[Found, ...] = ()
    """Those between which there is nothing to choose by."""


def choose(candidates: Sequence[Found]) -> Choice:
    """Choose among the plugins of one name."""
    if len(candidates) < 2:  # nearly all: nothing is compared, and so nothing has to be installed
        return Choice(candidates[0] if candidates else None, ())
    first = min(each.rank for each in candidates)
    nearest = [each for each in candidates if each.rank == first]
    rivals = nearest
    if len(nearest) > 1 and len({each.origin.distribution for each in nearest}) == 1:
        rivals = latest(nearest)
    if len(rivals) > 1:
        return Choice(None, (), tuple(rivals))
    (chosen,) = rivals
    others = [each for each in candidates if each is not chosen]
    return Choice(chosen, tuple(sorted(others, key=lambda each: each.rank)))


def latest(candidates: Sequence[Found]) -> list[Found]:
    """Those of the highest version; one that is not final comes after all that are."""
    versions = versions_for(candidates[0].name)
    places = [versions.order(each.version) for each in candidates]
    ranks = [(place.stage == versions.FINAL, place) for place in places]
    highest = max(ranks)
    return [each for each, rank in zip(candidates, ranks, strict=True) if rank == highest]
