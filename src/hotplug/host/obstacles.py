"""What keeps a plugin from running, as records, and what would mend it.

Who requires whom is `dependencies`' business. Whoever else may keep a plugin from running, such as
the project, says so through a function in ``host.plugins.obstacle_sources``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from hotplug.host.plugin import Plugin

__all__ = ["Kind", "Obstacle", "ObstacleSource", "Proposal", "told"]

Kind = Literal[
    "missing",
    "version",
    "circle",
    "conflict",
    "failed",
    "disabled",
    "not-ready",
    "parent",
    "host-version",
    "blocked",
    "settings",
    "limit",
    "manifest",
]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something to do that removes an obstacle: as data, and in a sentence.

    >>> print(Proposal.load("shop", ">=3,<4"))
    load plugin 'shop' >=3,<4
    """

    action: tuple[str, ...]
    """A verb and what it is done to: ``("load", "shop", ">=3,<4")``."""
    sentence: str

    @classmethod
    def load(cls, name: str, constraint: str = "") -> Proposal:
        return cls(("load", name, constraint), f"load plugin {name!r} {constraint}".rstrip())

    @classmethod
    def update(cls, name: str, constraint: str) -> Proposal:
        better = f"plugin {name!r} {constraint} in its place" if constraint else ""
        return cls(
            ("update", name, constraint), f"load {better or f'another version of plugin {name!r}'}"
        )

    @classmethod
    def enable(cls, name: str) -> Proposal:
        return cls(("enable", name), f"enable plugin {name!r}")

    @classmethod
    def enable_parent(cls, name: str) -> Proposal:
        return cls(
            ("enable", name), f"enable plugin {name!r}, or this one with enable(detach=True)"
        )

    @classmethod
    def disable(cls, name: str) -> Proposal:
        return cls(("disable", name), f"disable plugin {name!r}")

    @classmethod
    def take_out(cls, plugin: str, key: str, name: str, where: str = "") -> Proposal:
        """Edit a plugin's manifest: ``("edit", "shop", "requires", "base", "plugin.toml:4")``."""
        at = f" ({where})" if where else ""
        return cls(
            ("edit", plugin, key, name, where),
            f"take {name!r} out of {key!r} of plugin {plugin!r}{at}",
        )

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that keeps a plugin from running.

    >>> print(Obstacle("missing", "shop", "base", "it requires 'base', which is not loaded"))
    it requires 'base', which is not loaded
    """

    kind: Kind
    plugin: str
    """Whom it keeps from running."""
    about: str
    """Whose fault it is: a plugin, or another thing by its name."""
    sentence: str
    where: str = ""
    """``file:line``, as far as it is known."""
    proposals: tuple[Proposal, ...] = ()
    """What mends it: any one of them."""

    def __str__(self) -> str:
        return self.sentence


def told(obstacles: Iterable[Obstacle]) -> str:
    """Obstacles as an error tells them, each with its place and what mends it."""
    lines: list[str] = []
    for each in obstacles:
        is_new = len(each.proposals) == 1 and each.kind not in TRIED
        mend = str(each.proposals[0]) if is_new else ""
        place = ": ".join(part for part in (each.where, mend) if part)
        lines += [f"and {each}" if lines else str(each), *([place] if place else [])]
    return "\n  ".join(lines)


TRIED: Final = ("failed", "disabled", "not-ready")
"""Enabling a plugin has enabled what it requires, too, where that was possible."""

ObstacleSource = Callable[["Plugin"], Iterable[Obstacle]]
"""Says what keeps a plugin from running that has nothing to do with other plugins."""
