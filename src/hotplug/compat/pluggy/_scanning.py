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

__all__ = ["Marked", "function_of", "lists_all_names", "marked", "options_of"]

ORDINARY: Final = (object.__dir__, type.__dir__, object.__getattribute__, type.__getattribute__)
FUNCTIONS: Final = (FunctionType, MethodType)
HOLDERS: Final = (staticmethod, classmethod)
UNMARKED: Final[frozenset[object]] = frozenset({str, int, tuple, NoneType, GetSetDescriptorType})
"""What every class holds besides: none of it can carry a mark."""
NATIVE: Final = "hotplug.hooks.markers"
FIRST: Final = itemgetter(0)

Marked: TypeAlias = tuple[str, Callable[..., Any], Any]
"""A name, the function, and the options it is marked with."""


def lists_all_names(thing: object) -> bool:
    """Whether ``dir`` gives all names, and does no more than that; a plugin may have its own idea.

    Some, as modules that are loaded when they are needed, only then have what they list.
    """
    kind = type(thing)
    if kind is ModuleType:
        return "__dir__" not in module_dict(thing)
    return kind.__dir__ in ORDINARY and kind.__getattribute__ in ORDINARY


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
                type(value) is MemberDescriptorType or record_on(value, attribute) is not None
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
                found.append((name, function_of(thing, name), record))
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
    return cast("dict[str, Any]", own) if is_dict(own) else NOTHING


def options_of(thing: object, name: str, attribute: str) -> Any:
    """The options that a function is marked with, as pluggy has them; None if it is not."""
    value, owner = looked_up(thing, name)
    record = record_on(value, attribute) if owner or type(value) in FUNCTIONS else None
    if record is None or is_dict(record):
        return record
    from hotplug.compat.pluggy._native import as_pluggy  # only where the worlds are mixed

    return as_pluggy(record, thing, name)


def function_of(thing: object, name: str) -> Any:
    """The function of a name, bound as ``getattr`` would without running code; None if it is none.

    What a thing holds for itself is a function as it is, or no function.
    """
    value, owner = looked_up(thing, name)
    if type(value) in FUNCTIONS:
        is_method = type(value) is FunctionType and owner is type(thing) is not ModuleType
        return MethodType(value, thing) if is_method else value
    if owner and is_a(value, staticmethod):
        return value.__func__
    if owner and is_a(value, classmethod):
        return value.__get__(owner, owner)
    return None


def looked_up(thing: object, name: str) -> tuple[Any, type[Any] | None]:
    """What has a name, as it was written, and the class to bind it to; None if it is its own."""
    kind = type(thing)
    classes = mro(kind)
    if ModuleType in classes:
        return module_dict(thing).get(name), ModuleType
    if type in classes:
        kind = cast("type[Any]", thing)
        classes = mro(kind)
    else:
        own = own_dict(thing)
        if name in own:
            return own[name], None
    for cls in classes:
        space = class_dict(cls)
        if name in space:
            value = space[name]
            if type(value) is MemberDescriptorType:
                return in_slot(value, thing), None
            return value, kind
    return None, None


def in_slot(slot: MemberDescriptorType, thing: object) -> object:
    """What a slot holds: to read it runs no code."""
    try:
        return slot.__get__(thing)
    except (AttributeError, TypeError):  # it is empty, or that of a class's instances
        return None


def record_on(value: Any, attribute: str) -> Any:
    """The options that a marker left, pluggy's or hotplug's."""
    is_plain = type(value) in FUNCTIONS
    if not (is_plain or issubclass(type(value), HOLDERS)):
        return None
    record: Any = getattr(value, attribute, None)
    if record is None and not is_plain:
        record = getattr(value.__func__, attribute, None)
    if record is None:
        return None
    return record if is_dict(record) or type(record).__module__ == NATIVE else None


def is_dict(thing: object) -> bool:
    """Whether this is a dictionary, as the options of pluggy's markers are."""
    return type(thing) is dict or is_a(thing, dict)
