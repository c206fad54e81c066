"""From the annotations of a dataclass to the shapes that its values are checked by."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Iterable, Mapping, MutableMapping, MutableSequence, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, cast

from hotplug.host.settings.bounds import Bounds
from hotplug.host.settings.containers import (
    Bounded,
    Either,
    ListOf,
    Member,
    Nothing,
    Record,
    TableOf,
    TupleOf,
)
from hotplug.host.settings.secret import Secret
from hotplug.host.settings.shapes import (
    Anything,
    Duration,
    Flag,
    Folder,
    Hidden,
    Moment,
    OneOf,
    Real,
    Shape,
    Text,
    Whole,
)

__all__ = ["Unfit", "record_of"]

SCALARS: Final[Mapping[Any, Callable[[], Shape]]] = {
    Any: Anything,
    object: Anything,
    None: Nothing,
    NoneType: Nothing,
    bool: Flag,
    int: Whole,
    float: Real,
    str: Text,
    Path: Folder,
    Secret: Hidden,
    timedelta: Duration,
    datetime: lambda: Moment(datetime),
    date: lambda: Moment(date),
    time: lambda: Moment(time),
}
LISTS: Final[Mapping[Any, Callable[[list[Any]], Any]]] = {
    list: list,
    Sequence: list,
    MutableSequence: list,
    Iterable: list,
    set: set,
    AbstractSet: frozenset,
    frozenset: frozenset,
}
TABLES: Final = (dict, Mapping, MutableMapping)
SETS: Final = (set, AbstractSet, frozenset)
WITH_SIZE: Final = (Whole, Real, Duration, Moment)
WITH_LENGTH: Final = (Text, Hidden, ListOf, TableOf)


class Unfit(Exception):
    """A class whose values can't be checked."""


def record_of(cls: type[Any], known: dict[type[Any], Record] | None = None) -> Record:
    """The shape of a dataclass; raises `Unfit`."""
    known = {} if known is None else known
    if cls in known:
        return known[cls]
    record = known[cls] = Record(cls)
    try:
        hints = typing.get_type_hints(cls, include_extras=True)
    except Exception as error:
        raise Unfit(f"{cls.__name__}: {error}; classes stand at the top of a module") from None
    for field in dataclasses.fields(cls):
        if field.init:
            record.members[field.name] = member_of(cls, field, hints[field.name], known)
    return record


def member_of(
    cls: type[Any], field: dataclasses.Field[Any], hint: Any, known: dict[type[Any], Record]
) -> Member:
    try:
        shape = shape_of(hint, known)
    except Unfit as unfit:
        inside = "" if ": " in str(unfit) else f"{cls.__name__}.{field.name}: "
        raise Unfit(f"{inside}{unfit}") from None
    return Member(field.name, shape, default_of(field), meaning_of(field, hint))


def default_of(field: dataclasses.Field[Any]) -> Callable[[], object] | None:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory
    default = field.default
    return None if default is dataclasses.MISSING else lambda: default


def meaning_of(field: dataclasses.Field[Any], hint: Any) -> str:
    """What a field is for: ``field(metadata={"doc": ...})``, or a text in ``Annotated``."""
    for said in (field.metadata.get("doc"), *getattr(hint, "__metadata__", ())):
        text = getattr(said, "documentation", said)
        if isinstance(text, str):
            return text
    return ""


def shape_of(hint: Any, known: dict[type[Any], Record]) -> Shape:
    """The shape of an annotation."""
    alias = getattr(hint, "__supertype__", None) or getattr(hint, "__value__", None)
    if alias is not None:
        return shape_of(alias, known)
    if is_hashable(hint) and hint in SCALARS:
        return SCALARS[hint]()
    cls: Any = hint if isinstance(hint, type) and not typing.get_args(hint) else object
    if issubclass(cls, Enum):
        return OneOf.members(cls)
    if dataclasses.is_dataclass(cls):
        return record_of(cast("type[Any]", cls), known)
    return composed(hint, known)


def composed(hint: Any, known: dict[type[Any], Record]) -> Shape:
    """The shape of an annotation that has others in it."""
    origin, args = typing.get_origin(hint) or hint, typing.get_args(hint)
    if origin is typing.Annotated:
        return bounded(shape_of(args[0], known), hint.__metadata__)
    if origin in (Union, UnionType):
        return Either([shape_of(arg, known) for arg in args])
    if origin is Literal:
        return OneOf((arg.value if isinstance(arg, Enum) else arg, arg) for arg in args)
    if origin is tuple and args and args[-1] is not Ellipsis:
        return TupleOf([shape_of(arg, known) for arg in args])
    if origin is tuple:
        return ListOf(shape_of(args[0] if args else Any, known), tuple)
    if origin in LISTS:
        item = shape_of(args[0] if args else Any, known)
        if origin in SETS and (can_not_be_in_a_set(item)):
            raise Unfit(f"a set can't hold {item.words}; make it a tuple")
        return ListOf(item, LISTS[origin])
    if origin in TABLES:
        key, item = args or (str, Any)
        return TableOf(key_of(key, known), shape_of(item, known))
    raise Unfit(f"{shown(hint)} is nothing that a configuration can say")


def key_of(hint: Any, known: dict[type[Any], Record]) -> Shape:
    key = shape_of(hint, known)
    inside = key.shape if isinstance(key, Bounded) else key
    of_texts = isinstance(inside, OneOf) and all(kind is str for kind, _ in inside.choices)
    if not (of_texts or isinstance(inside, Text)):
        raise Unfit(f"the keys of a table are texts, not {key.words}")
    return key


def can_not_be_in_a_set(item: Shape) -> bool:
    hashable = (Flag, Whole, Real, Text, Folder, Hidden, Moment, Duration, OneOf)
    return not isinstance(item.shape if isinstance(item, Bounded) else item, hashable)


def bounded(shape: Shape, metadata: Iterable[object]) -> Shape:
    bounds = Bounds.of(metadata)
    if bounds is None:
        return shape
    if isinstance(shape, Either):  # Annotated[int | None, ...]
        shapes = [
            each if isinstance(each, Nothing) else bounded(each, metadata) for each in shape.shapes
        ]
        return Either(shapes)
    if bounds.of_size and not isinstance(shape, WITH_SIZE):
        raise Unfit(f"{shape.words} is not more or less than another")
    if bounds.of_length and not isinstance(shape, WITH_LENGTH):
        raise Unfit(f"{shape.words} has no length")
    in_characters = isinstance(shape, Text | Hidden)
    length = "Length" if in_characters else "Properties" if isinstance(shape, TableOf) else "Items"
    return Bounded(shape, bounds, "characters" if in_characters else "items", length)


def is_hashable(thing: object) -> bool:
    try:
        hash(thing)
    except TypeError:
        return False
    return True


def shown(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint)
