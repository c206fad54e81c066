"""Remembers what the instances of a class implement, so that the next one is not examined again.

A class can change at any time, and nobody is told. So a blueprint keeps the identities of all that
the class and its bases held, watches those values that could carry a mark, and is thrown away when
one of them dies: no other object can then take its identity unnoticed. Classes are held weakly.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import CodeType, FunctionType, MethodType
from typing import Any
from weakref import ref

from hotplug.hooks.hook import Hook
from hotplug.hooks.looking import class_dict, mro
from hotplug.hooks.markers import HookimplOpts, stamps
from hotplug.hooks.records import Contribution, HookImpl
from hotplug.hooks.scan import UNMARKED, record_on

__all__ = ["Blueprint", "Blueprints"]


Entry = tuple[int, str, Contribution, HookimplOpts, CodeType]
"""One function: its place among the values of its class, the hook's name, what it does there, its
mark and its code, which can both be changed in place."""


class Blueprint:
    """What the instances of one class implement."""

    __slots__ = (
        "cls",
        "entries",
        "hooks",
        "is_related",
        "names",
        "stamped",
        "types",
        "values",
        "watched",
    )

    cls: ref[type]
    names: list[str]
    """Of everything in the class and its bases, in order."""
    values: list[int]
    """Its identities."""
    types: list[type]
    entries: list[Entry]
    hooks: list[Hook]
    """The hook of each entry."""
    is_related: bool
    """Whether an entry names plugins that it comes before or after."""
    watched: list[ref[FunctionType]]
    stamped: int
    """How many marks there were in all when it was seen last."""


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
        if names != found.names or [*map(id, values)] != found.values:
            return None
        if [*map(type, values)] != found.types:
            return None
        attribute = self.attribute
        for place, _, _, opts, code in found.entries:
            function = values[place]
            if function.__code__ is not code or getattr(function, attribute, None) is not opts:
                return None
        if found.stamped != stamps["made"]:  # marks were made somewhere: of these functions?
            marks = sum(record_on(value, attribute) is not None for value in values)
            if marks != len(found.entries):
                return None
            found.stamped = stamps["made"]
        return found, values

    def remember(self, cls: type, hooks: Sequence[Hook], items: Sequence[HookImpl]) -> None:
        """Keep what an instance was found to implement, if a change of the class can be seen."""
        names, values = contents(cls)
        types = [*map(type, values)]
        if any(kind is not FunctionType and kind not in UNMARKED for kind in types):
            return
        places = {id(value): at for at, value in enumerate(values)}
        entries: list[Entry] = []
        for hook, item in zip(hooks, items, strict=True):
            function: Any = item.function
            place = places.get(id(function.__func__)) if type(function) is MethodType else None
            if place is None:  # set on the instance itself
                return
            record = getattr(function.__func__, self.attribute)
            code = function.__func__.__code__
            entries.append((place, hook.name, item.contribution, record, code))
        key = id(cls)

        def forget(_: object) -> None:
            self.known.pop(key, None)

        blueprint = Blueprint()
        blueprint.cls = ref(cls, forget)
        blueprint.names = names
        blueprint.values = [*map(id, values)]
        blueprint.types = types
        blueprint.entries = entries
        blueprint.hooks = [*hooks]
        blueprint.is_related = any(contribution.is_related for _, _, contribution, *_ in entries)
        blueprint.watched = [ref(value, forget) for value in values if type(value) is FunctionType]
        blueprint.stamped = stamps["made"]
        self.known[key] = blueprint
