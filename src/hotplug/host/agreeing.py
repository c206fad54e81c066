"""Which versions suit all who require a plugin, and who has to give way where none does.

To be imported where a constraint is met: whether a version will do is said by `packaging`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hotplug.manifest.versions import is_right, release_of, translated

__all__ = ["Agreement", "agreement", "suitable"]


class Agreement(NamedTuple):
    """The versions that will do for as many as possible."""

    constraint: str
    outvoted: tuple[str, ...]
    """The constraints that do not go with the others."""


def agreement(constraints: Iterable[str], version: str = "") -> Agreement:
    """Bring constraints together; those that the present version suits have precedence.

    >>> agreement([">=1", "<3", ">=4"])
    Agreement(constraint='>=1,<3', outvoted=('>=4',))
    """
    asked = [each for each in dict.fromkeys(constraints) if each]
    if version:
        asked.sort(key=lambda each: not is_right(version, each))
    agreed: list[str] = []
    outvoted: list[str] = []
    for each in asked:
        takes_part = suitable(",".join([*agreed, each])) is not None
        (agreed if takes_part else outvoted).append(each)
    return Agreement(",".join(agreed), tuple(outvoted))


def suitable(constraint: str) -> str | None:
    """A version that a constraint takes; None if there is none near any that it names.

    >>> suitable(">1.2,<1.3"), suitable("<1,>=1")
    ('1.2.1', None)
    """
    return next((each for each in near(constraint) if is_right(each, constraint)), None)


def near(constraint: str) -> Iterator[str]:
    """The versions that a constraint names, and those just above and below them."""
    for clause in translated(constraint):
        epoch, mark, release = release_of(clause.version.removesuffix(".*")).rpartition("!")
        parts = [int(part) for part in release.split(".")]
        yield clause.version.removesuffix(".*")
        yield f"{epoch}{mark}{release}.1"
        last = next((at for at in reversed(range(len(parts))) if parts[at]), None)
        if last is not None:
            below = [*parts[:last], parts[last] - 1, 99999]
            yield f"{epoch}{mark}{'.'.join(map(str, below))}"
