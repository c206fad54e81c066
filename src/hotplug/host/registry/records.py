"""What is found of plugins before any of their code runs, and where it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from hotplug.manifest import PluginMetadata, Problem

__all__ = ["Broken", "Found", "Origin", "canonical"]

Kind = Literal["path", "distribution", "index"]


def canonical(distribution: str) -> str:
    """The name of a distribution in the one spelling that all its spellings stand for.

    >>> canonical("Acme_Till")
    'acme-till'
    """
    return re.sub(r"[-_.]+", "-", distribution).lower()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a plugin came from.

    >>> print(Origin("path", Path("plugins/shop")))
    plugins/shop
    """

    kind: Kind
    location: Path
    """Its folder, or its file where it is a single one."""
    distribution: str = ""
    """The distribution that brought it: with the plugin's name, that is who it is."""
    release: str = ""
    """The version of that distribution."""
    where: str = ""
    """What names it: a line of the index, or an entry point."""
    package: str = ""
    """How installed code imports it; its own code does so too."""
    attribute: str = ""
    """The object in its module that implements hooks as well, where an entry point names one."""
    sha256: str = ""
    """What the index says of its files."""

    def __str__(self) -> str:
        if self.kind == "distribution":
            return f"{self.distribution} {self.release} ({self.location})"
        return f"{self.location} ({self.where})" if self.where else str(self.location)

    def as_data(self) -> dict[str, str]:
        """What is known of it, for JSON."""
        fields = ("kind", "location", "distribution", "release", "where", "package", "attribute")
        told = {name: str(getattr(self, name)) for name in (*fields, "sha256")}
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A plugin that could be loaded."""

    metadata: PluginMetadata
    origin: Origin
    rank: int = 0
    """How early its source is asked: the lowest comes first."""
    problems: tuple[Problem, ...] = ()
    """What has no effect in its manifest."""

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def version(self) -> str:
        return self.metadata.version

    @property
    def location(self) -> Path:
        return self.origin.location

    def __str__(self) -> str:
        return f"{self.name} {self.version} from {self.origin}"

    def as_data(self) -> dict[str, Any]:
        """What is known of it, for JSON."""
        return {"name": self.name, "version": self.version, "origin": self.origin.as_data()}


@dataclass(frozen=True, slots=True, eq=False)
class Broken:
    """Something that is meant to be a plugin, and can't be loaded."""

    name: str
    """What it would be called, as far as that shows."""
    origin: Origin
    problems: tuple[Problem, ...]
    rank: int = 0
    version: str = ""
    """Its version, as far as that shows."""

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))

    def as_data(self) -> dict[str, Any]:
        """What is known of it, for JSON."""
        told = {"name": self.name, "origin": self.origin.as_data()}
        return {**told, "problems": [str(problem) for problem in self.problems]}
