"""What one value of the settings may be: how it is checked, and how JSON Schema says it.

What holds others is `containers`' business, and how an annotation becomes a shape `annotations`'.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Final

from hotplug.errors.meaning import closest
from hotplug.host.settings import secret
from hotplug.host.settings.secret import Secret
from hotplug.manifest.checking import MOST_PROBLEMS
from hotplug.manifest.documents import Place, is_list, is_table
from hotplug.manifest.fields import Complain, called
from hotplug.manifest.problems import shown

__all__ = ["Anything", "Definitions", "Duration", "Flag", "Folder", "Hidden", "Look", "Moment"]
__all__ += [
    "Complaints",
    "OneOf",
    "Real",
    "Shape",
    "Text",
    "Whole",
    "holds_secret",
    "listed",
]


class Definitions:
    """The ``$defs`` of a JSON Schema while it is made; the whole of it describes ``top``."""

    def __init__(self, top: type[Any]) -> None:
        self.schemas: dict[str, dict[str, Any]] = {}
        self._names: dict[type[Any], str] = {top: ""}

    def name_of(self, made: type[Any]) -> tuple[str, bool]:
        """What a class is called there, and whether nobody has asked for it before."""
        if made in self._names:
            return self._names[made], False
        name, number = made.__name__, 2
        while name in self._names.values():
            name, number = f"{made.__name__}{number}", number + 1
        self._names[made] = name
        return name, True


class Look:
    """One look at a configuration: what was wrong so far, and what no message may show."""

    def __init__(
        self, complain: Complain, folder: Path, secrets: dict[Place, Secret] | None = None
    ) -> None:
        self._complain = complain
        self.folder = folder
        """Where relative paths start."""
        self.wrong = 0
        self.secrets: dict[Place, Secret] = {} if secrets is None else secrets

    @property
    def is_full(self) -> bool:
        """Whether nobody reads any more of it."""
        return self.wrong >= MOST_PROBLEMS

    def complain(self, place: Place, message: str, hint: str = "") -> None:
        self.wrong += 1
        self._complain(place, message, hint)

    def aside(self) -> tuple[Look, Complaints]:
        """A look whose complaints are kept, to be made or not."""
        kept = Complaints()
        return Look(kept.add, self.folder, self.secrets), kept


class Complaints:
    """What was wrong, while it is not said yet whether that counts."""

    def __init__(self) -> None:
        self.made: list[tuple[Place, str, str]] = []

    def add(self, place: Place, message: str, hint: str = "") -> None:
        self.made.append((place, message, hint))

    def pass_on(self, look: Look) -> None:
        for place, message, hint in self.made:
            look.complain(place, message, hint)


class Shape:
    """What a value may be."""

    words = "anything"
    """How messages call it: "a whole number"."""
    is_secret = False

    def check(self, value: Any, place: Place, look: Look) -> Any:
        """The value as the plugin gets it; what is wrong with it is complained of."""
        return value

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        """How JSON Schema says it."""
        return {}

    def plain(self, value: Any) -> Any:
        """A value as JSON says it."""
        return value

    def inner(self) -> Iterable[Shape]:
        """The shapes that it is made of."""
        return ()

    def refuse(self, value: object, place: Place, look: Look, hint: str = "") -> None:
        said = kind(value) if holds_secret(self) else shown_exactly(value)
        look.complain(place, f"{called(place)} takes {self.words}, not {said}", hint)


class Anything(Shape):
    """A value that nobody checks."""

    def check(self, value: Any, place: Place, look: Look) -> Any:
        """A copy: what the plugin does to it does not reach the host's."""
        if is_table(value):
            return {key: self.check(item, place, look) for key, item in value.items()}
        if is_list(value):
            return [self.check(item, place, look) for item in value]
        return value


class Flag(Shape):
    words = "true or false"

    def check(self, value: Any, place: Place, look: Look) -> Any:
        if type(value) is not bool:
            self.refuse(value, place, look)
        return value

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"type": "boolean"}


class Whole(Shape):
    words = "a whole number"

    def check(self, value: Any, place: Place, look: Look) -> Any:
        if type(value) is int:
            return value
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(value, place, look)
            return value
        return int(value)

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"type": "integer"}


class Real(Shape):
    words = "a number"

    def check(self, value: Any, place: Place, look: Look) -> Any:
        if type(value) is float and value == value:
            return value
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(value, place, look)
            return value
        if value != value:
            look.complain(place, f"{called(place)} takes {self.words}, and nan is none")
            return value
        try:
            return float(value)
        except OverflowError:
            look.complain(place, f"{called(place)} takes a number that is not as large as this")

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"type": "number"}


class Text(Shape):
    words = "a text"

    def check(self, value: Any, place: Place, look: Look) -> Any:
        if type(value) is str:
            return value
        if not isinstance(value, str):
            is_bare = isinstance(value, bool | int | float)
            self.refuse(value, place, look, "put it in quotes" if is_bare else "")
            return value
        return str(value)

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"type": "string"}


class Folder(Shape):
    """A path; a relative one starts at the folder of the project."""

    words = "a path"

    def check(self, value: Any, place: Place, look: Look) -> Any:
        if not isinstance(value, str | Path) or "\0" in str(value):
            self.refuse(value, place, look)
            return value
        path = Path(value)
        try:
            path = path.expanduser()
        except RuntimeError:
            look.complain(place, f"{called(place)} begins with {path.parts[0]!r}, which is no home")
        return look.folder / path

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"type": "string"}

    def plain(self, value: Any) -> Any:
        return Path(value).as_posix()


class Moment(Shape):
    """A date, a time, or both: as TOML has them, or a text as ISO 8601 says."""

    EXAMPLES: Final = {
        datetime: ("a date and time", "2030-05-17T08:30:00", "date-time"),
        date: ("a date", "2030-05-17", "date"),
        time: ("a time of day", "08:30:00", "time"),
    }

    def __init__(self, type_: type[Any]) -> None:
        self.type = type_
        self.words, self.example, self.format = self.EXAMPLES[type_]

    def check(self, value: Any, place: Place, look: Look) -> Any:
        if type(value) is self.type:
            return value
        if isinstance(value, str):
            try:
                return self.type.fromisoformat(value)
            except (ValueError, OverflowError):
                pass
        self.refuse(value, place, look, f"write it like this: {self.example}")
        return value

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"type": "string", "format": self.format}

    def plain(self, value: Any) -> Any:
        return value.isoformat()


class Duration(Shape):
    """A time span: a number of seconds, or a text such as ``1h30m``."""

    words = "a time span"
    UNITS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
    PATTERN: Final = r"(?:[0-9]{1,18}(?:\.[0-9]{1,18})?(?:ms|s|m|h|d|w) ?)+"
    PART: Final = re.compile(r"([0-9.]+)([a-z]+)")

    def check(self, value: Any, place: Place, look: Look) -> Any:
        if isinstance(value, timedelta):
            return value
        seconds = self.seconds(value)
        if seconds is not None:
            try:
                return timedelta(seconds=seconds)
            except (OverflowError, ValueError):
                look.complain(place, f"{called(place)} takes a time span that is not as long")
                return value
        self.refuse(value, place, look, "write seconds, or a text like '90s', '15m', '1h30m', '2d'")
        return value

    def seconds(self, value: object) -> float | None:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and re.fullmatch(self.PATTERN, value):
            return sum(float(n) * self.UNITS[unit] for n, unit in self.PART.findall(value))
        return None

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": f"^{self.PATTERN}$"}]}

    def plain(self, value: Any) -> Any:
        seconds = value.total_seconds()
        return int(seconds) if seconds.is_integer() else seconds


class OneOf(Shape):
    """One of some values, each by what the configuration says for it."""

    def __init__(self, choices: Iterable[tuple[object, object]]) -> None:
        self.choices = {(type(said), said): meant for said, meant in choices}
        self.words = listed([repr(said) for _, said in self.choices])

    @classmethod
    def members(cls, enum: type[Enum]) -> OneOf:
        """Those of an enumeration: by value, or by name where a value is no text and no number."""
        by_value = all(type(member.value) in (str, int, bool, float) for member in enum)
        return cls((member.value if by_value else member.name, member) for member in enum)

    def check(self, value: Any, place: Place, look: Look) -> Any:
        try:
            return self.choices[type(value), value]
        except (KeyError, TypeError):  # the latter for what has no hash
            self.refuse(value, place, look, "" if look.is_full else self.hint(value))
        return value

    def hint(self, value: object) -> str:
        texts = [said for _, said in self.choices if isinstance(said, str)]
        close = closest(value, texts) if isinstance(value, str) else None
        return f"did you mean {close!r}?" if close else ""

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"enum": [said for _, said in self.choices]}

    def plain(self, value: Any) -> Any:
        for (_, said), meant in self.choices.items():
            if meant is value or (meant == value and type(meant) is type(value)):
                return said
        raise ValueError(value)


class Hidden(Shape):
    """A secret."""

    words = "a secret"
    is_secret = True

    def check(self, value: Any, place: Place, look: Look) -> Any:
        try:
            found = secret.resolved(value, look.folder)
        except secret.Refused as refused:
            look.complain(place, f"{called(place)} {refused}")
            return value
        look.secrets[place] = found
        return found

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        return secret.schema()


def holds_secret(shape: Shape) -> bool:
    """Whether a secret may be somewhere in what has this shape."""
    seen: set[int] = set()
    ahead = [shape]
    while ahead:
        each = ahead.pop()
        if each.is_secret:
            return True
        if id(each) not in seen:
            seen.add(id(each))
            ahead += each.inner()
    return False


def kind(value: object) -> str:
    return "a text" if isinstance(value, str) else shown(value)


def shown_exactly(value: object) -> str:
    """A value as a message shows it, small numbers as they are."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**15:
        return str(value)
    return shown(value)


def listed(words: list[str]) -> str:
    """Words as a sentence lists them."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1] if words else "")))
