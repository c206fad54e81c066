"""State that one generation hands over to the next: plain data, checked to the ground and copied.

An object of a class of the plugin's would carry the old code along; so it is refused, with the
place where it stands.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, cast
from uuid import UUID

from hotplug.hooks.signature import location

__all__ = ["NotPlain", "plain_copy"]

VALUES: Final = frozenset(
    {
        *(type(None), bool, int, float, complex, str, bytes, range, Decimal, Fraction, UUID),
        *(dt.datetime, dt.date, dt.time, dt.timedelta, dt.timezone),
    }
)
ZONED: Final = (dt.datetime, dt.time)
ZONES: Final = ("datetime", "zoneinfo")
"""The modules whose time zones are plain; others' may be a plugin's own class."""
DEEPEST: Final = 200


class NotPlain(TypeError):
    """Something in a state is no plain data."""


def plain_copy(data: object, what: str = "the state") -> Any:
    """A copy that shares nothing that could be changed with the original.

    What stands twice in it stands twice in the copy too, as one object.

    >>> plain_copy({"open": [1, 2], "names": {"Ada"}})
    {'open': [1, 2], 'names': {'Ada'}}
    """
    return Copy(what).of(data, what, 0)


class Copy:
    """One copy under way; what has been met is copied once."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.made: dict[int, tuple[object, Any]] = {}
        """By identity: the original, which thereby stays, and its copy."""

    def of(self, data: Any, place: str, depth: int) -> Any:
        kind = cast("type[object]", type(data))
        zone = getattr(data, "tzinfo", None) if kind in ZONED else None
        if kind in VALUES and (zone is None or type(zone).__module__ in ZONES):
            return data
        known = self.made.get(id(data))
        if known is not None:
            return known[1]
        if depth > DEEPEST:
            raise NotPlain(f"{self.what} is nested more than {DEEPEST} levels deep at {place}")
        make = CONTAINERS.get(kind)
        if make is None:
            raise NotPlain(f"{place} is {described(data)}, which is no plain data")
        return make(self, data, place, depth + 1)

    def keep(self, data: object, copy: Any) -> Any:
        self.made[id(data)] = (data, copy)
        return copy

    def items(self, data: Any, place: str, depth: int) -> Iterator[Any]:
        for at, item in enumerate(data):
            yield self.of(item, f"{place}[{at}]", depth)

    def of_list(self, data: list[Any], place: str, depth: int) -> list[Any]:
        copy: list[Any] = self.keep(data, [])
        copy.extend(self.items(data, place, depth))
        return copy

    def of_dict(self, data: dict[Any, Any], place: str, depth: int) -> dict[Any, Any]:
        copy: dict[Any, Any] = self.keep(data, {})
        for key, value in data.copy().items():
            plain = self.of(key, f"a key of {place}", depth)
            copy[plain] = self.of(value, f"{place}[{shown(key)}]", depth)
        return copy

    def of_set(self, data: set[Any], place: str, depth: int) -> set[Any]:
        copy: set[Any] = self.keep(data, set())
        copy.update([self.of(item, f"an item of {place}", depth) for item in data.copy()])
        return copy

    def of_frozenset(self, data: frozenset[Any], place: str, depth: int) -> frozenset[Any]:
        items = [self.of(item, f"an item of {place}", depth) for item in data]
        copy: frozenset[Any] = self.keep(data, frozenset(items))
        return copy

    def of_tuple(self, data: tuple[Any, ...], place: str, depth: int) -> tuple[Any, ...]:
        copy: tuple[Any, ...] = self.keep(data, tuple(self.items(data, place, depth)))
        return copy

    def of_bytearray(self, data: bytearray, place: str, depth: int) -> bytearray:
        copy: bytearray = self.keep(data, bytearray(data))
        return copy


CONTAINERS: Final[dict[type[Any], Callable[[Copy, Any, str, int], Any]]] = {
    list: Copy.of_list,
    dict: Copy.of_dict,
    set: Copy.of_set,
    frozenset: Copy.of_frozenset,
    tuple: Copy.of_tuple,
    bytearray: Copy.of_bytearray,
}


def described(data: object) -> str:
    kind = type(data)
    if callable(data):
        return f"a {kind.__name__} from {location(data)}"
    return f"an object of {kind.__module__}.{kind.__qualname__}"


def shown(key: object) -> str:
    text = repr(key)
    return text if len(text) <= 40 else f"{text[:37]}..."
