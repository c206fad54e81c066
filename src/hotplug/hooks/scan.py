"""Finds marked functions on plugins and on namespaces of specs, by looking only.

Attributes are read from the dictionaries of the object and its classes. No property, no
``__getattr__`` and no descriptor of anyone runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from types import (
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
    NoneType,
)
from typing import Any, Final, NamedTuple, cast

from hotplug.hooks.looking import (
    NOTHING,
    class_dict,
    class_name,
    is_a,
    is_class,
    module_dict,
    mro,
    place_of,
    static_dict,
)
from hotplug.hooks.signature import plain_function

__all__ = ["UNMARKED", "Found", "Misplaced", "candidates", "foreign_projects", "marked"]
__all__ += ["hint_of_foreign_marks", "record_on"]

UNMARKED: Final[frozenset[type[Any]]] = frozenset(
    {
        str,
        int,
        NoneType,
        bool,
        tuple,
        list,
        dict,
        property,
        GetSetDescriptorType,
        MemberDescriptorType,
        ModuleType,
        type,
        cast("type[Any]", type(__spec__)),
    }
)
"""Types of which nothing can carry a mark."""


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


def is_static_or_class(value: object) -> bool:
    return is_a(value, staticmethod) or is_a(value, classmethod)


def inside(value: Any) -> Any:
    """The function in a static, class or bound method; anything else as it is."""
    if type(value) is MethodType or is_static_or_class(value):
        return value.__func__
    return value


def record_on(value: Any, attribute: str) -> Any:
    """The record that a marker left on a function or callable, or None."""
    if type(value) is FunctionType:
        return getattr(value, attribute, None)
    if type(value) in UNMARKED or is_class(value):
        return None
    function = inside(value)
    return (
        static_dict(value).get(attribute) if function is value else record_on(function, attribute)
    )


def candidates(own: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What may carry a mark, of all that is in an object's or a module's own dictionary."""
    return [
        (name, value)
        for name, value in own.items()
        if type(value) not in UNMARKED and name != "__loader__"
    ]


def marked(
    thing: object,
    attribute: str,
    record_type: type,
    among: Sequence[tuple[str, Any]] | None = None,
) -> list[Found]:
    """All functions of an object, a class or a module that carry such a record, in order.

    Who looks for several marks hands in the `candidates` of its own dictionary.

    >>> class Plugin: ...
    >>> marked(Plugin(), "greeter_impl", object)
    []
    """
    found: list[Found] = []
    own, classes = places(thing)
    for name, value in candidates(own) if among is None else among:
        plain = type(value) is FunctionType
        record = getattr(value, attribute, None) if plain else record_on(value, attribute)
        if record is not None and type(record) is not record_type:
            record = options_on(name, value, attribute, record_type)
        if record is not None:
            is_method = type(value) is MethodType
            function = value if is_method else inside(value)
            found.append(Found(name, function, record, is_method, inside(value)))
    if not classes:
        return found
    above: dict[str, Any] = dict(own) if own else {}
    is_instance = not (is_class(thing) or is_a(thing, ModuleType))
    for cls in classes:
        for name, value in class_dict(cls).items():
            # Most of what a class holds is plain functions: they are looked at right here.
            plain = type(value) is FunctionType
            record = getattr(value, attribute, None) if plain else record_on(value, attribute)
            if record is not None and type(record) is not record_type:
                record = options_on(name, value, attribute, record_type)
            if record is not None:
                if name in above:
                    refuse_lost_mark(name, above[name], value, attribute, thing, cls)
                elif plain and is_instance:
                    found.append(Found(name, MethodType(value, thing), record, True, value))
                else:
                    found.append(bound(name, value, record, thing))
            elif not plain and (getter := getter_of(value)) is not None:
                refuse_property(name, getter, attribute)
        if len(classes) > 1:
            above = {**class_dict(cls), **above}
    return found


def options_on(name: str, value: Any, attribute: str, record_type: type) -> Any:
    """The record that a marker of hotplug left, or of pluggy, which leaves a dictionary."""
    record = record_on(value, attribute)
    if type(record) is record_type or record is None:
        return record
    if type(record) is not dict:
        return None
    from hotplug.hooks.foreign import Untranslatable, translated  # only where worlds are mixed

    try:
        return translated(cast("dict[str, Any]", record), record_type)
    except Untranslatable as reason:
        raise Misplaced(f"marks {name!r} {reason}\n  {place_of(inside(value))}") from None


def places(thing: object) -> tuple[Mapping[str, Any], tuple[type, ...]]:
    """The object's own dictionary, and the classes to look at, without ``object``."""
    if is_a(thing, ModuleType):
        return module_dict(thing), ()
    if is_class(thing):
        return NOTHING, mro(thing)[:-1]
    return static_dict(thing), mro(type(thing))[:-1]


def getter_of(value: Any) -> Any:
    """The function behind a property, of either kind."""
    if type(value) is property:
        return value.fget
    return static_dict(value).get("func") if is_a(value, cached_property) else None


def refuse_property(name: str, getter: Any, attribute: str) -> None:
    if record_on(getter, attribute) is not None:
        raise Misplaced(
            f"marks the property {name!r}, which is never run\n"
            f"  {place_of(getter)}\n  mark a plain method"
        )


def refuse_lost_mark(
    name: str, winner: Any, marked_value: Any, attribute: str, thing: object, owner: type
) -> None:
    """An override without the mark would silently take the method out of the hook."""
    if winner is None or winner is marked_value or record_on(winner, attribute) is not None:
        return
    cls = thing if is_class(thing) else type(thing)
    function = plain_function(winner)
    raise Misplaced(
        f"overrides {class_name(owner)}.{name}, which is marked, with one that is not\n"
        f"  {place_of(cls if function is None else function)}\n"
        f"  mark it too, or set {name} = None in {class_name(cls)} to leave the hook"
    )


def bound(name: str, value: Any, record: Any, thing: object) -> Found:
    """A function from a class, bound as Python would bind it."""
    if is_a(value, classmethod):
        cls = thing if is_class(thing) else type(thing)
        return Found(name, MethodType(inside(value), cls), record, True, inside(value))
    raw = inside(value)
    if raw is value and type(value) is not FunctionType and is_descriptor(value):
        kind = class_name(cast(Any, type(value)))
        raise Misplaced(
            f"marks {name!r}, which is a {kind}: registering runs no descriptors, so it cannot be "
            f"bound\n  {place_of(thing)}\n  put the mark on a plain method that calls it"
        )
    if type(value) is MethodType:
        return Found(name, value, record, True, raw)
    return Found(name, raw, record, False, raw)


def is_descriptor(value: object) -> bool:
    return any("__get__" in class_dict(cls) for cls in mro(type(value)))


def foreign_projects(thing: object, suffix: str, record_type: type) -> list[str]:
    """The projects of the marks that an object does carry, for an error that helps."""
    return sorted(
        {
            key.removesuffix(suffix)
            for function in every_function(thing)
            for key, record in static_dict(function).items()
            if type(key) is str and key.endswith(suffix) and type(record) is record_type
        }
    )


def hint_of_foreign_marks(thing: object, kind: str, record_type: type, project: str) -> str:
    """What to do about marks that were made for other projects, if there are any."""
    others = foreign_projects(thing, f"_{kind}", record_type)
    if not others:
        return ""
    return (
        f"it has marks of project {', '.join(map(repr, others))}; "
        f"make that marker for {project!r}, or use the other project's manager"
    )


def every_function(thing: object) -> Iterator[object]:
    own, classes = places(thing)
    for space in (own, *map(class_dict, classes)):
        yield from map(inside, space.values())
