"""Finds marked functions on plugins and on namespaces of specs, by looking only.

Attributes are read from the dictionaries of the object and its classes. No property, no
``__getattr__`` and no descriptor of anyone runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import (
    FunctionType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
    NoneType,
)
from typing import Any, Final, NamedTuple, cast

__all__ = ["Found", "Misplaced", "foreign_projects", "marked", "record_on"]
__all__ += ["static_dict"]

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
UNMARKED: Final = frozenset(
    {str, int, NoneType, bool, tuple, list, dict, property, GetSetDescriptorType, MemberDescriptorType}
)
STATIC_OR_CLASS: Final = (staticmethod, classmethod)


class Found(NamedTuple):
    """A marked function: its name, what to call, and the record it carries."""

    name: str
    function: Callable[..., Any]
    record: Any
    is_method: bool
    """Whether the first parameter is taken by the plugin itself."""
    raw: Callable[..., Any]
    """The function as it was written."""


class Misplaced(Exception):
    """A mark that would be lost without a word; the argument says which and why."""


def static_dict(thing: object) -> Mapping[str, Any]:
    """The instance dictionary of an object, without asking the object."""
    for cls in type(thing).__mro__:
        slot = cls.__dict__.get("__dict__")
        if slot is not None:
            if type(slot) is GetSetDescriptorType:
                return cast("Mapping[str, Any]", slot.__get__(thing))
            return NOTHING  # a class that dresses up its own __dict__ is not asked
    return NOTHING


def record_on(value: Any, attribute: str) -> Any:
    """The record that a marker left on a function or callable, or None."""
    kind = type(value)
    if kind is FunctionType:
        return getattr(value, attribute, None)
    if kind in UNMARKED:
        return None
    if isinstance(value, STATIC_OR_CLASS):
        return record_on(value.__func__, attribute)
    if isinstance(value, type):
        return None
    return static_dict(value).get(attribute)


def marked(thing: object, attribute: str, record_type: type) -> list[Found]:
    """All functions of an object, a class or a module that carry such a record, in order.

    >>> class Plugin: ...
    >>> marked(Plugin(), "greeter_impl", object)
    []
    """
    found: list[Found] = []
    if isinstance(thing, (type, ModuleType)):
        own = thing.__dict__ if isinstance(thing, ModuleType) else NOTHING
        classes = thing.__mro__ if isinstance(thing, type) else ()
    else:
        own = static_dict(thing)
        classes = type(thing).__mro__
    for name, value in own.items():
        record = record_on(value, attribute)
        if type(record) is record_type:
            found.append(free(name, value, record))
    above: dict[str, Any] = dict(own) if own else {}
    deep = len(classes) > 2
    is_instance = thing is not classes[0] if classes else False
    for cls in classes[:-1]:  # all but object
        for name, value in cls.__dict__.items():
            # Most of what a class holds is plain functions: they are looked at right here.
            plain = type(value) is FunctionType
            record = getattr(value, attribute, None) if plain else record_on(value, attribute)
            if record is not None and type(record) is record_type:
                if above and name in above:
                    refuse_lost_mark(name, above[name], value, attribute, classes[0], cls)
                elif plain and is_instance:
                    found.append(Found(name, MethodType(value, thing), record, True, value))
                else:
                    found.append(bound(name, value, record, thing))
            if deep:
                above.setdefault(name, value)
    return found


def refuse_lost_mark(
    name: str, winner: Any, marked_value: Any, attribute: str, cls: type, owner: type
) -> None:
    """An override without the mark would silently take the method out of the hook."""
    if winner is None or winner is marked_value or record_on(winner, attribute) is not None:
        return
    raise Misplaced(
        f"overrides {owner.__qualname__}.{name}, which is marked, with an unmarked "
        f"{cls.__qualname__}.{name}; mark it too, or set {name} = None to leave the hook"
    )


def free(name: str, value: Any, record: Any) -> Found:
    """A function that is called as it stands: of a module, or set on an instance."""
    if isinstance(value, STATIC_OR_CLASS):
        value = value.__func__
    return Found(name, value, record, False, value)


def bound(name: str, value: Any, record: Any, thing: object) -> Found:
    """A function from a class, bound as Python would bind it."""
    if type(value) is FunctionType:
        return Found(name, value, record, False, value)
    if isinstance(value, staticmethod):
        raw = cast("Callable[..., Any]", value.__func__)
        return Found(name, raw, record, False, raw)
    if isinstance(value, classmethod):
        raw = cast("Callable[..., Any]", value.__func__)
        cls = thing if isinstance(thing, type) else type(thing)
        return Found(name, MethodType(raw, cls), record, True, raw)
    if any("__get__" in cls.__dict__ for cls in type(value).__mro__):
        raise Misplaced(
            f"marks {name!r}, a descriptor of type {type(value).__name__}, which is never run; "
            "mark a plain function that calls it"
        )
    return Found(name, value, record, False, value)


def foreign_projects(thing: object, suffix: str, record_type: type) -> list[str]:
    """The projects of the marks that an object does carry, for an error that helps."""
    return sorted(
        {
            key.removesuffix(suffix)
            for function in every_function(thing)
            for key, record in static_dict(function).items()
            if key.endswith(suffix) and isinstance(record, record_type)
        }
    )


def every_function(thing: object) -> Iterator[object]:
    spaces = [static_dict(thing)] if not isinstance(thing, type) else []
    if not isinstance(thing, ModuleType):
        spaces += [
            cls.__dict__ for cls in (thing if isinstance(thing, type) else type(thing)).__mro__
        ]
    for space in spaces:
        for value in space.values():
            yield value.__func__ if isinstance(value, STATIC_OR_CLASS) else value
