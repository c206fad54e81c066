"""Remembers what the instances of a class implement, so that the next one is not examined again.

A class can change at any time, and nobody is told. So a blueprint keeps the identities of all that
the class and its bases held, watches those values that could carry a mark, and is thrown away when
one of them dies: no other object can then take its identity unnoticed. Classes are held weakly.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import FunctionType
from typing import NamedTuple
from weakref import ref

from hotplug.hooks.hook import Hook
from hotplug.hooks.records import Contribution, HookImpl
from hotplug.hooks.scan import UNMARKED

__all__ = ["Blueprint", "Blueprints"]


class Blueprint(NamedTuple):
    """What the instances of one class implement."""

    cls: ref[type]
    values: list[int]
    """The identities of everything in the class and its bases, in order."""
    types: list[type]
    entries: list[tuple[int, str, Contribution, Hook]]
    """The place of a function among the values, its hook's name, what it does, and the hook."""
    watched: list[ref[FunctionType]]


def values_of(cls: type) -> list[object]:
    if len(cls.__mro__) == 2:
        return [*cls.__dict__.values()]
    return [value for base in cls.__mro__[:-1] for value in base.__dict__.values()]


class Blueprints:
    """The blueprints of one manager."""

    def __init__(self) -> None:
        self.known: dict[int, Blueprint] = {}

    def find(self, cls: type) -> tuple[Blueprint, list[object]] | None:
        """The blueprint of a class that has not changed since, and what the class holds."""
        found = self.known.get(id(cls))
        if found is None or found.cls() is not cls:
            return None
        values = values_of(cls)
        if [*map(id, values)] != found.values or [*map(type, values)] != found.types:
            return None
        return found, values

    def remember(self, cls: type, hooks: Iterable[Hook], items: Iterable[HookImpl]) -> None:
        """Keep what an instance was found to implement, if a change of the class can be seen."""
        values = values_of(cls)
        types = [*map(type, values)]
        if any(kind is not FunctionType and kind not in UNMARKED for kind in types):
            return
        places = {id(value): at for at, value in enumerate(values)}
        entries: list[tuple[int, str, Contribution, Hook]] = []
        for hook, item in zip(hooks, items, strict=True):
            place = places.get(id(getattr(item.function, "__func__", None)))
            if place is None:  # set on the instance itself
                return
            entries.append((place, hook.name, item.contribution, hook))
        key = id(cls)

        def forget(_: object) -> None:
            self.known.pop(key, None)

        watched = [ref(value, forget) for value in values if isinstance(value, FunctionType)]
        self.known[key] = Blueprint(
            ref(cls, forget), [*map(id, values)], types, entries, watched
        )
