"""Distributions: what they offer in a group, and what they were before ``importlib.metadata``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import Distribution, EntryPoint

__all__ = ["DistFacade", "entry_points"]


class DistFacade:
    """A distribution, with its name as ``project_name`` too."""

    def __init__(self, dist: Distribution) -> None:
        self._dist = dist

    @property
    def project_name(self) -> str:
        name: str = self.metadata["name"]
        return name

    def __getattr__(self, attr: str) -> Any:
        return getattr(self._dist, attr)

    def __dir__(self) -> list[str]:
        return sorted([*dir(self._dist), "_dist", "project_name"])


def entry_points(group: str) -> Iterator[tuple[EntryPoint, Distribution]]:
    """What installed distributions offer in a group, with these."""
    import importlib.metadata  # many programs load their plugins by other ways

    for distribution in list(importlib.metadata.distributions()):
        if not is_without(group, distribution):
            for entry_point in distribution.entry_points:
                if entry_point.group == group:
                    yield entry_point, distribution


def is_without(group: str, distribution: Distribution) -> bool:
    """Whether a distribution offers nothing in a group: most don't, and parsing takes long."""
    from importlib.metadata import PathDistribution  # loaded by whoever found distributions

    if type(distribution) is not PathDistribution:
        return False
    return f"[{group}]" not in (distribution.read_text("entry_points.txt") or "")
