"""Versions, and whether they will do: PEP 440 through `packaging`, and SemVer translated to it.

To be imported where a constraint is met, and not before: `packaging` belongs to the extra ``host``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import inf
from typing import Final, NamedTuple

from packaging.specifiers import SpecifierSet
from packaging.version import Version

__all__ = ["Agreement", "Order", "agreement", "is_right", "order", "suitable", "translated"]

SEMVER: Final = re.compile(r"([0-9]+\.[0-9]+\.[0-9]+)-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)")
NUMBERED: Final = re.compile(r"(a|alpha|b|beta|rc)\.?([0-9]+)")
"""What PEP 440 knows too; `rc2` and `rc.2` are one."""
OPERATOR: Final = re.compile(r"[<>=!~^]*")
RELEASE: Final = re.compile(r"[vV]?((?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*)")
SOME: Final = re.compile(r"((?:[0-9]+!)?(?:[0-9]+\.)*)[xX*](?:\.[xX*])*")
"""`1.x` and its like: any version that begins so."""
WORDS: Final = {"a": "alpha", "b": "beta", "rc": "rc"}

DEVELOPMENT, BEFORE, FINAL = range(3)

Identifiers = tuple[tuple[int, int | str], ...]


class Order(NamedTuple):
    """Where a version stands among others: what compares as the version does."""

    epoch: int
    release: tuple[int, ...]
    stage: int
    identifiers: Identifiers = ()
    post: float = -1
    dev: float = inf


class Clause(NamedTuple):
    """A part of a constraint, in the terms of PEP 440."""

    operator: str
    version: str


def is_right(version: str, constraint: str) -> bool:
    """Whether a version will do.

    >>> is_right("1.10.0", "^1.9"), is_right("2.0.0-rc.1", ">=1,<2")
    (True, False)
    """
    version = version.partition("+")[0]
    clauses = translated(constraint)
    versions = [version, *(each.version for each in clauses if not each.version.endswith(".*"))]
    stands_for = stand_ins(versions) if any(map(is_semver_alone, versions)) else {}
    terms = ",".join(f"{op}{stands_for.get(text, text)}" for op, text in clauses)
    return specifiers(terms).contains(Version(stands_for.get(version, version)), prereleases=True)


@lru_cache(4096)
def specifiers(terms: str) -> SpecifierSet:
    return SpecifierSet(terms)


@lru_cache(4096)
def translated(constraint: str) -> tuple[Clause, ...]:
    """A constraint in the terms of PEP 440; what builds of a version are called never counts.

    >>> ",".join(map("".join, translated("^0.2.3")))
    '>=0.2.3,<0.3'
    """
    return tuple(
        clause for text in constraint.split(",") for clause in clauses_of(text.replace(" ", ""))
    )


def clauses_of(text: str) -> Iterable[Clause]:
    """What one clause of a constraint says."""
    found = OPERATOR.match(text)
    operator = found[0] if found else ""
    bound = text[len(operator) :].partition("+")[0]
    some = SOME.fullmatch(bound)
    given = some[1].rstrip(".") if some else bound
    if operator in ("^", "~"):
        if not given:
            return
        epoch, _, release = release_of(given).rpartition("!")
        parts = [int(part) for part in release.split(".")]
        at = last_fixed(parts) if operator == "^" else min(1, len(parts) - 1)
        above = ".".join(map(str, [*parts[:at], parts[at] + 1]))
        yield Clause(">=", given)
        yield Clause("<", f"{epoch}!{above}" if epoch else above)
    elif operator:
        yield Clause(operator, bound)
    elif given:
        yield Clause("==", f"{given}.*")


def last_fixed(parts: list[int]) -> int:
    """Which part of a version `^` lets not change: the first that is not zero."""
    return next((at for at, part in enumerate(parts) if part), len(parts) - 1)


def release_of(version: str) -> str:
    """The epoch and the numbers of a version, as far as they are given."""
    found = RELEASE.match(version)
    if found is None:
        raise ValueError(f"{version!r} is no version")
    return found[1]


def is_semver_alone(version: str) -> bool:
    """Whether it is a prerelease that PEP 440 does not know, or takes for something else."""
    found = SEMVER.fullmatch(version)
    return found is not None and not NUMBERED.fullmatch(found[2])


def stand_ins(versions: Iterable[str]) -> dict[str, str]:
    """For each prerelease one that PEP 440 knows, such that they stand in the same order."""
    places = {version: order(version) for version in versions}
    before = sorted({place for place in places.values() if place.stage != FINAL})
    return {
        version: f"{release_of(version)}a{before.index(place)}"
        for version, place in places.items()
        if place.stage != FINAL
    }


@lru_cache(4096)
def order(version: str) -> Order:
    """Where a version stands: ``sorted(versions, key=order)``.

    >>> order("1.0.0-alpha.beta") < order("1.0.0-rc.1") < order("1.0") == order("1.0.0+build.5")
    True
    """
    text = version.partition("+")[0]
    found = SEMVER.fullmatch(text)
    if found is None:
        return order_of(Version(text))
    numbered = NUMBERED.fullmatch(found[2])
    parts = [WORDS.get(numbered[1], numbered[1]), numbered[2]] if numbered else found[2].split(".")
    identifiers = tuple((0, int(part)) if part.isdecimal() else (1, part) for part in parts)
    return Order(0, trimmed(map(int, found[1].split("."))), BEFORE, identifiers)


def order_of(version: Version) -> Order:
    post = -1 if version.post is None else version.post
    dev = inf if version.dev is None else version.dev
    identifiers: Identifiers = ()
    stage = FINAL
    if version.pre is not None:
        word, number = version.pre
        stage, identifiers = BEFORE, ((1, WORDS[word]), (0, number))
    elif version.dev is not None and version.post is None:
        stage = DEVELOPMENT
    return Order(version.epoch, trimmed(version.release), stage, identifiers, post, dev)


def trimmed(release: Iterable[int]) -> tuple[int, ...]:
    """Without the zeros at its end, which make no difference."""
    parts = [*release]
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts)


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
