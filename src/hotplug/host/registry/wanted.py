"""Which plugins are meant: a name, the versions that will do, and the distribution if it matters.

>>> wanted = Wanted.of("acme-till:shop>=2,<3")
>>> wanted.distribution, wanted.name, wanted.constraint
('acme-till', 'shop', '>=2,<3')
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from hotplug.host.registry.records import canonical
from hotplug.manifest import ManifestError, Problem
from hotplug.manifest.constraints import parted

if TYPE_CHECKING:
    from hotplug.host.registry.records import Origin

__all__ = ["Subject", "Wanted", "versions_for"]


class Subject(Protocol):
    """What can be meant: a plugin, one that was found, or one that is broken."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def origin(self) -> Origin: ...


class Wanted(NamedTuple):
    """As a project or a program writes it."""

    name: str
    constraint: str = ""
    distribution: str = ""

    @classmethod
    def of(cls, text: str) -> Wanted:
        """Read one that is well written."""
        distribution, _, rest = text.rpartition(":")
        name, constraint = parted(rest)
        if constraint:
            versions_for(text)
        return cls(name, constraint, canonical(distribution))

    def means(self, subject: Subject) -> bool:
        """Whether it is one of those that are meant."""
        if subject.name != self.name:
            return False
        if self.distribution and self.distribution != subject.origin.distribution:
            return False
        if not self.constraint:
            return True
        return bool(versions_for(self).is_right(subject.version, self.constraint))

    def __str__(self) -> str:
        prefix = f"{self.distribution}:" if self.distribution else ""
        return f"{prefix}{self.name}{self.constraint}"


def versions_for(what: object) -> Any:
    """The module that compares versions; `ManifestError` where what it needs is not installed."""
    try:
        from hotplug.manifest import versions  # it needs an extra
    except ImportError:
        message = f"{str(what)!r} takes comparing versions, and that takes the package 'packaging'"
        raise ManifestError([Problem(message, 'pip install "hotplug[host]"')]) from None
    return versions
