"""Remembers what the instances of a class implement, so that the next one is not examined again.

A class can change at any time, and nobody is told. So a blueprint keeps the identities of all that
the class and its bases held, watches those values that could carry a mark, and is thrown away when
one of them dies: no other object can then take its identity unnoticed. Classes are held weakly.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import CodeType, FunctionType, MethodType
from typing import Any, NamedTuple
from weakref import ref

from hotplug.hooks.hook import Hook
from hotplug.hooks.looking import class_dict, mro
from hotplug.hooks.records import Contribution, HookImpl
from hotplug.hooks.scan import UNMARKED

__all__ = ["Blueprint", "Blueprints"]


class Blueprint(NamedTuple):
    """What the instances of one class implement."""

    cls: ref[type]
    names: list[str]
    """Of everything in the class and its bases, in order."""
    values: list[int]
    """Its identities."""
    types: list[type]
    marks: list[tuple[object, CodeType]]
    """What each function is marked with, and its code, which can be changed in place as well."""
    entries: list[tuple[int, str, Contribution, Hook]]
    """The place of a function among the values, its hook's name, what it does, and the hook."""
    watched: list[ref[FunctionType]]


def contents(cls: type) -> tuple[list[str], list[Any]]:
    classes = mro(cls)
    if len(classes) == 2:
        names = class_dict(cls)
        return [*names], [*names.values()]
    spaces = [class_dict(base) for base in classes[:-1]]
    return (
        [name for space in spaces for name in space],
        [value for space in spaces for value in space.values()],
    )


class Blueprints:
    """The blueprints of one manager."""

    def __init__(self, attribute: str) -> None:
        self.attribute = attribute
        self.known: dict[int, Blueprint] = {}

    def find(self, cls: type) -> tuple[Blueprint, list[Any]] | None:
        """The blueprint of a class that has not changed since, and what the class holds."""
        found = self.known.get(id(cls))
        if found is None or found.cls() is not cls:
            return None
        names, values = contents(cls)
        same = (
            names == found.names
            and [*map(id, values)] == found.values
            and [*map(type, values)] == found.types
            and self.marks(values) == found.marks
        )
        return (found, values) if same else None

    def marks(self, values: list[Any]) -> list[tuple[object, CodeType]]:
        attribute = self.attribute
        return [
            (getattr(value, attribute, None), value.__code__)
            for value in values
            if type(value) is FunctionType
        ]

    def remember(self, cls: type, hooks: Iterable[Hook], items: Iterable[HookImpl]) -> None:
        """Keep what an instance was found to implement, if a change of the class can be seen."""
        names, values = contents(cls)
        types = [*map(type, values)]
        if any(kind is not FunctionType and kind not in UNMARKED for kind in types):
            return
        places = {id(value): at for at, value in enumerate(values)}
        entries: list[tuple[int, str, Contribution, Hook]] = []
        for hook, item in zip(hooks, items, strict=True):
            function: Any = item.function
            place = places.get(id(function.__func__)) if type(function) is MethodType else None
            if place is None:  # set on the instance itself
                return
            entries.append((place, hook.name, item.contribution, hook))
        key = id(cls)

        def forget(_: object) -> None:
            self.known.pop(key, None)

        watched = [ref(value, forget) for value in values if type(value) is FunctionType]
        self.known[key] = Blueprint(
            ref(cls, forget),
            names,
            [*map(id, values)],
            types,
            self.marks(values),
            entries,
            watched,
        )
