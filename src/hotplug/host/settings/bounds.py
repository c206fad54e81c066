"""How large or long a value may be, as an annotation says it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from hotplug.host.settings.secret import Secret

__all__ = ["Bounds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How large or long a value may be. Those of ``annotated_types`` mean the same.

    >>> from typing import Annotated
    >>> Port = Annotated[int, Bounds(ge=1, le=65535)]
    >>> Name = Annotated[str, Bounds(min_length=1)]
    """

    ge: Any = None
    """At least this."""
    gt: Any = None
    """More than this."""
    le: Any = None
    """At most this."""
    lt: Any = None
    """Less than this."""
    min_length: int | None = None
    """At least so many characters or items."""
    max_length: int | None = None
    """At most so many."""

    @classmethod
    def of(cls, things: Iterable[object]) -> Bounds | None:
        """All that is said about bounds in an annotation, or None."""
        names = [field.name for field in fields(cls)]
        found = {
            name: value
            for thing in things
            for name in names
            if (value := getattr(thing, name, None)) is not None and not callable(value)
        }
        return cls(**found) if found else None

    @property
    def of_length(self) -> bool:
        return self.min_length is not None or self.max_length is not None

    @property
    def of_size(self) -> bool:
        return any(bound is not None for bound in (self.ge, self.gt, self.le, self.lt))

    def admit(self, value: Any) -> bool:
        """Whether a value is within them."""
        length = (
            len(value.reveal() if isinstance(value, Secret) else value) if self.of_length else 0
        )
        return (
            (self.ge is None or value >= self.ge)
            and (self.gt is None or value > self.gt)
            and (self.le is None or value <= self.le)
            and (self.lt is None or value < self.lt)
            and (self.min_length is None or length >= self.min_length)
            and (self.max_length is None or length <= self.max_length)
        )

    def words(self, unit: str) -> str:
        """How messages say it: ``of 1 to 65535``."""
        said = {
            "at least": self.ge,
            "more than": self.gt,
            "at most": self.le,
            "less than": self.lt,
        }
        parts = [f"{words} {bound}" for words, bound in said.items() if bound is not None]
        if self.ge is not None and self.le is not None:
            parts = [f"{self.ge} to {self.le}"]
        lengths = {"at least": self.min_length, "at most": self.max_length}
        long = [f"{words} {n} {unit}" for words, n in lengths.items() if n is not None]
        if self.min_length is not None and self.max_length is not None:
            long = [f"{self.min_length} to {self.max_length} {unit}"]
        return f"of {' and '.join([*parts, *long])}"

    def schema(self, length: str) -> dict[str, Any]:
        """How JSON Schema says it; ``length`` is what it calls lengths there: Length, Items."""
        names = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum"}
        names |= {"lt": "exclusiveMaximum", "min_length": f"min{length}"}
        names |= {"max_length": f"max{length}"}
        bounds = {said: getattr(self, name) for name, said in names.items()}
        made = {name: seconds(bound) for name, bound in bounds.items() if bound is not None}
        return {name: bound for name, bound in made.items() if isinstance(bound, int | float)}


def seconds(bound: object) -> object:
    return bound.total_seconds() if isinstance(bound, timedelta) else bound
