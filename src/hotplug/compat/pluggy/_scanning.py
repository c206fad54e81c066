"""Looks for marks on plugins and specs; no property and no descriptor of theirs runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from types import (
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
    NoneType,
)
from typing import Any, Final, TypeAlias, cast

from hotplug.hooks.looking import NOTHING, class_dict, is_a, module_dict, mro

__all__ = ["Marked", "is_function", "lists_all_names", "looked_up", "marked", "options_of"]

LISTS_ALL: Final = (object.__dir__, type.__dir__, ModuleType.__dir__)
FUNCTIONS: Final = (FunctionType, MethodType)
HOLDERS: Final = (staticmethod, classmethod)
UNMARKED: Final[frozenset[object]] = frozenset({str, int, tuple, NoneType, GetSetDescriptorType})
"""What every class holds besides: none of it can carry a mark."""
NATIVE: Final = "hotplug.hooks.markers"
FIRST: Final = itemgetter(0)

Marked: TypeAlias = tuple[str, Callable[..., Any], Any]
"""A name, the function, and the options it is marked with."""


def lists_all_names(thing: object) -> bool:
    """Whether ``dir`` gives all names; a plugin may have its own idea."""
    if type(thing) is ModuleType:
        return "__dir__" not in module_dict(thing)
    return type(thing).__dir__ in LISTS_ALL


def marked(thing: object, attribute: str) -> list[Marked]:
    """What is marked, in the order of the names; functions are as ``getattr`` would give them."""
    found: list[Marked] = []
    earlier: list[Mapping[str, object]] = []
    spaces, are_bound = spaces_of(thing)
    for space in spaces:
        for name, value in space.items():
            opts: Any = None
            if type(value) is FunctionType:
                opts = getattr(value, attribute, None)
                if opts is None:
                    continue
            elif type(value) in UNMARKED or not (
                type(value) is MemberDescriptorType or record_on(value, attribute)
            ):
                continue
            if earlier and any(name in before for before in earlier):
                continue
            if opts.__class__ is dict:
                function: Any = value
                if are_bound and space is not spaces[0]:  # the first one is its own
                    function = MethodType(function, thing)
                found.append((name, function, opts))
            elif (record := options_of(thing, name, attribute)) is not None:
                found.append((name, getattr(thing, name), record))
        if space:
            earlier.append(space)
    found.sort(key=FIRST)
    return found


def spaces_of(thing: object) -> tuple[list[Mapping[str, object]], bool]:
    """The dictionaries in which a name is looked up, in order; whether a class's are bound."""
    kinds = mro(type(thing))
    if ModuleType in kinds:
        return [module_dict(thing)], False
    if type in kinds:
        return [*map(class_dict, mro(cast("type[Any]", thing))[:-1])], False
    return [own_dict(thing), *map(class_dict, kinds[:-1])], True


def own_dict(thing: object) -> Mapping[str, Any]:
    try:
        own: Any = object.__getattribute__(thing, "__dict__")
    except AttributeError:
        return NOTHING
    return cast("dict[str, Any]", own) if type(own) is dict else NOTHING


def options_of(thing: object, name: str, attribute: str) -> Any:
    """The options that a function is marked with, as pluggy has them; None if it is not."""
    record = record_on(looked_up(thing, name), attribute)
    if record is None or is_options(record):
        return record
    from hotplug.compat.pluggy._native import as_pluggy  # only where the worlds are mixed

    return as_pluggy(record, thing, name)


def looked_up(thing: object, name: str) -> Any:
    """What has a name, as it was written."""
    classes = mro(type(thing))
    if ModuleType in classes:
        return module_dict(thing).get(name)
    if type in classes:
        classes = mro(cast("type[Any]", thing))
    else:
        own = own_dict(thing)
        if name in own:
            return own[name]
    for cls in classes:
        space = class_dict(cls)
        if name in space:
            value = space[name]
            return value if type(value) is not MemberDescriptorType else in_slot(value, thing)
    return None


def in_slot(slot: MemberDescriptorType, thing: object) -> object:
    """What a slot holds: to read it runs no code."""
    try:
        return slot.__get__(thing)
    except (AttributeError, TypeError):  # it is empty, or that of a class's instances
        return None


def record_on(value: Any, attribute: str) -> Any:
    """The options that a marker left, pluggy's or hotplug's."""
    if not is_function(value):
        return None
    record: Any = getattr(value, attribute, None)
    if record is None and type(value) not in FUNCTIONS:
        record = getattr(value.__func__, attribute, None)
    if record is None:
        return None
    return record if is_options(record) or type(record).__module__ == NATIVE else None


def is_function(value: object) -> bool:
    """Whether this is a function, bound or not, or holds one."""
    return type(value) in FUNCTIONS or issubclass(type(value), HOLDERS)


def is_options(record: object) -> bool:
    """Whether these are the options of pluggy's markers."""
    return type(record) is dict or is_a(record, dict)
