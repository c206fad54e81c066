"""Values that hold others: lists, tables, dataclasses, and one shape or another."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from hotplug.errors.meaning import closest
from hotplug.hooks.looking import place
from hotplug.host.quitting import ERRORS
from hotplug.host.settings.bounds import Bounds
from hotplug.host.settings.secret import redacted
from hotplug.host.settings.shapes import (
    Complaints,
    Definitions,
    Look,
    Shape,
    holds_secret,
    listed,
)
from hotplug.manifest.documents import Place, is_list, is_table
from hotplug.manifest.fields import called, spelled
from hotplug.manifest.problems import shown

__all__ = ["Bounded", "Either", "ListOf", "Member", "Nothing", "Record", "TableOf", "TupleOf"]

LISTS: Final[tuple[type[Any], ...]] = (list, tuple, set, frozenset)


class ListOf(Shape):
    """A list, or what else is made of the items of one."""

    def __init__(self, item: Shape, make: Callable[[list[Any]], Any]) -> None:
        self.item = item
        self.make = make
        self.words = f"a list with {item.words} each"

    def check(self, value: Any, place: Place, look: Look) -> Any:
        if not isinstance(value, LISTS):
            self.refuse(value, place, look, "put it in brackets" if isinstance(value, str) else "")
            return value
        check, before = self.item.check, look.wrong
        items = [check(item, (*place, number), look) for number, item in enumerate(value)]
        return self.make(items) if look.wrong == before else value

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"type": "array", "items": self.item.schema(definitions)}

    def plain(self, value: Any) -> Any:
        return [self.item.plain(item) for item in value]

    def inner(self) -> Iterable[Shape]:
        return (self.item,)


class TupleOf(Shape):
    """A list of so many values, each of a shape of its own."""

    def __init__(self, items: Sequence[Shape]) -> None:
        self.items = items
        self.words = f"a list of {len(items)}: {', '.join(item.words for item in items)}"

    def check(self, value: Any, place: Place, look: Look) -> Any:
        if not is_list(value) or len(value) != len(self.items):
            self.refuse(value, place, look, f"there are {len(value)}" if is_list(value) else "")
            return value
        return tuple(
            shape.check(item, (*place, number), look)
            for number, (shape, item) in enumerate(zip(self.items, value, strict=True))
        )

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        items = [item.schema(definitions) for item in self.items]
        length = {"minItems": len(items), "maxItems": len(items)}
        return {"type": "array", **({"prefixItems": items} if items else {}), **length}

    def plain(self, value: Any) -> Any:
        return [shape.plain(item) for shape, item in zip(self.items, value, strict=True)]

    def inner(self) -> Iterable[Shape]:
        return self.items


class TableOf(Shape):
    """A table whose keys are the operator's to choose."""

    def __init__(self, key: Shape, item: Shape) -> None:
        self.key = key
        self.item = item
        self.words = f"a table with {item.words} each"

    def check(self, value: Any, place: Place, look: Look) -> Any:
        if not is_table(value):
            self.refuse(value, place, look)
            return value
        return {
            self.key.check(key, (*place, str(key)), look): self.item.check(
                item, (*place, str(key)), look
            )
            for key, item in value.items()
        }

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        keys = {"propertyNames": self.key.schema(definitions)}
        return {
            "type": "object",
            **(keys if keys["propertyNames"] != {"type": "string"} else {}),
            "additionalProperties": self.item.schema(definitions),
        }

    def plain(self, value: Any) -> Any:
        return {self.key.plain(key): self.item.plain(item) for key, item in value.items()}

    def inner(self) -> Iterable[Shape]:
        return (self.item,)


class Nothing(Shape):
    words = "nothing"

    def check(self, value: Any, place: Place, look: Look) -> Any:
        if value is not None:
            self.refuse(value, place, look)
        return value

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"type": "null"}


class Either(Shape):
    """One shape or another: the first that fits."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        self.shapes = shapes
        self.some = [shape for shape in shapes if not isinstance(shape, Nothing)]
        self.words = listed([shape.words for shape in shapes])

    def check(self, value: Any, place: Place, look: Look) -> Any:
        complaints: dict[Shape, Complaints] = {}
        for shape in self.shapes:
            aside, complaints[shape] = look.aside()
            found = shape.check(value, place, aside)
            if not aside.wrong:
                return found
        meant = self.meant(value)
        if meant is None:
            self.refuse(value, place, look)
        else:
            complaints[meant].pass_on(look)
        return value

    def meant(self, value: object) -> Shape | None:
        """The one whose complaints say the most."""
        tables = [shape for shape in self.some if isinstance(shape, Record)]
        likely = tables if is_table(value) and tables else self.some
        return likely[0] if len(likely) == 1 else None

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"anyOf": [shape.schema(definitions) for shape in self.shapes]}

    def plain(self, value: Any) -> Any:
        if value is None:
            return None
        for shape in self.some:
            look = Look(Complaints().add, Path())
            try:
                plain = shape.plain(value)
                shape.check(plain, (), look)
            except Exception:
                continue
            if not look.wrong:
                return plain
        raise ValueError(value)

    def inner(self) -> Iterable[Shape]:
        return self.shapes


class Bounded(Shape):
    """A shape, and how large or long it may be."""

    def __init__(self, shape: Shape, bounds: Bounds, unit: str, length: str) -> None:
        self.shape = shape
        self.bounds = bounds
        self.length = length
        self.words = f"{shape.words} {bounds.words(unit)}"

    def check(self, value: Any, place: Place, look: Look) -> Any:
        before = look.wrong
        found = self.shape.check(value, place, look)
        if look.wrong > before:
            return value
        try:
            if self.bounds.admit(found):
                return found
        except TypeError:  # of the times, one may know its zone and the other not
            pass
        self.refuse(value, place, look)
        return value

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        return {**self.shape.schema(definitions), **self.bounds.schema(self.length)}

    def plain(self, value: Any) -> Any:
        return self.shape.plain(value)

    def inner(self) -> Iterable[Shape]:
        return (self.shape,)


class Member(NamedTuple):
    """A field of a dataclass."""

    name: str
    shape: Shape
    default: Callable[[], object] | None
    """What makes the default; None where the field is required."""
    meaning: str


class Record(Shape):
    """A dataclass. Its members are filled in afterwards: it may be a part of itself."""

    words = "a table"

    def __init__(self, made: type[Any]) -> None:
        self.made = made
        self.members: dict[str, Member] = {}

    def check(self, value: Any, place: Place, look: Look) -> Any:
        if not is_table(value):
            self.refuse(value, place, look)
            return value
        before, given = look.wrong, dict[str, Any]()
        for key, item in value.items():
            member = self.members.get(key)  # type: ignore[call-overload]
            if member is None:
                self.complain_of_unknown(key, place, look)
            else:
                given[member.name] = member.shape.check(item, (*place, member.name), look)
        for member in self.members.values():
            if member.default is None and member.name not in value:
                missing = (*place, member.name)
                look.complain(missing, f"{called(missing)} is missing", f"add {member.shape.words}")
        return value if look.wrong > before else self.make(given, place, look)

    def complain_of_unknown(self, key: object, place: Place, look: Look) -> None:
        if not isinstance(key, str):
            look.complain(place, f"a key is a text, not {shown(key)}", "put it in quotes")
            return
        close = None if look.is_full else closest(key, self.members)
        there = f"there are: {', '.join(self.members)}" if self.members else "there are none"
        hint = f"did you mean '{close}'?" if close else there
        look.complain((*place, key), f"{shown(spelled((*place, key)))} is no setting", hint)

    def make(self, given: Mapping[str, Any], place: Place, look: Look) -> Any:
        """The object; what its class says against the values is one complaint more."""
        try:
            return self.made(**given)
        except ERRORS as error:
            look.complain(place, redacted(what_it_says(error), look.secrets), raised_at(error))
        return None

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        name, is_new = definitions.name_of(self.made)
        if is_new:
            definitions.schemas[name] = self.table(definitions)
        return {"$ref": f"#/$defs/{name}" if name else "#"}

    def top(self, definitions: Definitions) -> dict[str, Any]:
        """The schema of all settings."""
        made = self.table(definitions)
        return {**made, **({"$defs": definitions.schemas} if definitions.schemas else {})}

    def table(self, definitions: Definitions) -> dict[str, Any]:
        """The schema, written out."""
        members = self.members.values()
        return {
            "type": "object",
            "properties": {each.name: member_schema(each, definitions) for each in members},
            "required": [each.name for each in members if each.default is None],
            "additionalProperties": False,
        }

    def plain(self, value: Any) -> Any:
        members = self.members.values()
        return {each.name: each.shape.plain(getattr(value, each.name)) for each in members}

    def inner(self) -> Iterable[Shape]:
        return [member.shape for member in self.members.values()]


def member_schema(member: Member, definitions: Definitions) -> dict[str, Any]:
    schema = member.shape.schema(definitions)
    if member.meaning:
        schema["description"] = member.meaning
    if member.default is not None and not holds_secret(member.shape):
        try:
            default = member.shape.plain(member.default())
            json.dumps(default, allow_nan=False)
        except Exception:
            return schema  # a default that JSON can't say is left out
        schema["default"] = default
    return schema


def what_it_says(error: BaseException) -> str:
    try:
        said = str(error)
    except Exception:
        said = ""
    name = type(error).__name__
    return said if said and type(error) is ValueError else f"{name}: {said}" if said else name


def raised_at(error: BaseException) -> str:
    """Where an error comes from, if that is not our own line."""
    entry = error.__traceback__ and error.__traceback__.tb_next
    if entry is None:
        return ""
    while entry.tb_next is not None:
        entry = entry.tb_next
    return f"raised at {place(entry.tb_frame.f_code, entry.tb_lineno)}"
