"""What the values of a manifest may be: how each is checked, and how JSON Schema says it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Protocol

from hotplug.manifest.documents import Place, is_list
from hotplug.manifest.problems import shown

__all__ = [
    "ENTRYPOINT",
    "FLAG",
    "IDENTIFIERS",
    "NAME",
    "PROSE",
    "RELOAD",
    "TEXT",
    "TEXTS",
    "URL",
    "VERSION",
    "Complain",
    "Kind",
    "called",
    "spelled",
    "version_pattern",
]


class Complain(Protocol):
    """How a check tells what is wrong, and with what."""

    def __call__(self, place: Place, message: str, hint: str = "") -> None: ...


class Kind(Protocol):
    """What the value of a key may be."""

    @property
    def words(self) -> str:
        """How messages and the docs call it: "a list of names"."""
        ...

    @property
    def schema(self) -> dict[str, Any]: ...

    def check(self, value: object, place: Place, complain: Complain) -> object:
        """The value as the metadata has it; what is wrong with it is complained of."""
        ...


def no_hint(value: str) -> str:
    return ""


@dataclass(frozen=True)
class Text:
    """A text of a form; ``pattern`` is written in what Python and JSON Schema both understand."""

    words: str
    pattern: str
    longest: int
    hint: Callable[[str], str] = no_hint

    @cached_property
    def is_right(self) -> Callable[[str], object]:
        # Compiled for the first text: those of constraints take an eighth of importing a host.
        return re.compile(self.pattern).fullmatch

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^(?:{self.pattern})$", "maxLength": self.longest}

    def check(self, value: object, place: Place, complain: Complain) -> object:
        if type(value) is str and len(value) <= self.longest and self.is_right(value):
            return value
        message = f"{called(place)} takes {self.words}, not {shown(value)}"
        if not isinstance(value, str):
            is_bare = isinstance(value, bool | int | float)
            complain(place, message, "put it in quotes" if is_bare else "")
        elif len(value) > self.longest:
            message = f"{called(place)} takes no more than {self.longest} characters"
            complain(place, f"{message}, and this has {len(value)}")
        else:
            complain(place, message, self.hint(value))
        return ""


@dataclass(frozen=True)
class ListOf:
    """A list in which nothing stands twice."""

    item: Text
    words: str

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.item.schema, "uniqueItems": True}

    def check(self, value: object, place: Place, complain: Complain) -> object:
        if not is_list(value):
            hint = f"write it as a list: [{shown(value)}]" if isinstance(value, str) else ""
            complain(place, f"{called(place)} takes {self.words}, not {shown(value)}", hint)
            return ()
        seen: dict[object, int] = {}
        for number, item in enumerate(value):
            checked = self.item.check(item, (*place, number), complain)
            if checked in seen and checked:
                complain((*place, number), f"{called(place)} has {shown(checked)} twice")
            seen.setdefault(checked, number)
        return tuple(seen)


@dataclass(frozen=True)
class Flag:
    """True or false."""

    words: str = "true or false"

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def check(self, value: object, place: Place, complain: Complain) -> object:
        if not isinstance(value, bool):
            complain(place, f"{called(place)} takes {self.words}, not {shown(value)}")
            return False
        return value


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    choices: tuple[str, ...]

    @property
    def words(self) -> str:
        return f"one of {', '.join(map(repr, self.choices))}"

    @property
    def schema(self) -> dict[str, Any]:
        return {"enum": [*self.choices]}

    def check(self, value: object, place: Place, complain: Complain) -> object:
        if type(value) is not str or value not in self.choices:
            complain(place, f"{called(place)} takes {self.words}, not {shown(value)}")
            return self.choices[0]
        return value


def called(place: Place) -> str:
    """How messages call a value: ``'requires[0]'``."""
    return repr(spelled(place))


def spelled(place: Place) -> str:
    """A way as one writes it: ``requires[0]``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).removeprefix(".")


def hint_for_name(value: str) -> str:
    found = re.match(rf"({NAME_PATTERN})\s*[<>=!~^]", value)
    if found:
        return f"write '{found[1]}' alone: versions have no place here"
    return "letters from a to z, digits, '-', '_' and '.', a letter first, no sign last"


def hint_for_entrypoint(value: str) -> str:
    inside = value.removeprefix("./").removesuffix(".py").replace("/", ".")
    if re.fullmatch(ENTRYPOINT_PATTERN, inside) and not value.startswith("/"):
        return f"write it as a module: '{inside}'"
    return "name a module in the plugin's folder, such as 'plugin' or 'inside.start'"


def hint_for_url(value: str) -> str:
    return "write it in full: https://example.org/shop"


def hint_for_version(value: str) -> str:
    return "write it as PEP 440 or SemVer say: 1.4.0, 2.0rc1, 1.0.0-beta.2"


def any_case(*words: str) -> str:
    """A pattern for words in any case; JSON Schema has no switch for that."""
    return "|".join("".join(f"[{letter}{letter.upper()}]" for letter in word) for word in words)


def version_pattern(*, parts: str = "*") -> str:
    """What is a version; with ``+`` for the parts it has two numbers at least."""
    number = "[0-9]+"
    dotted = f"{number}(?:\\.{number}){parts}"
    before = any_case("a", "b", "c", "rc", "alpha", "beta", "pre", "preview")
    after = any_case("post", "rev", "r")
    suffix = "[-_.]?(?:{words})[-_.]?[0-9]*"
    pep440 = (
        f"[vV]?(?:{number}!)?{dotted}"
        f"(?:{suffix.format(words=before)})?"
        f"(?:-{number}|{suffix.format(words=after)})?"
        f"(?:{suffix.format(words=any_case('dev'))})?"
        "(?:\\+[a-zA-Z0-9]+(?:[-_.][a-zA-Z0-9]+)*)?"
    )
    no_zero_first = "(?:0|[1-9][0-9]*)"
    identifier = f"(?:{no_zero_first}|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
    semver = (
        f"{no_zero_first}(?:\\.{no_zero_first}){{2}}"
        f"(?:-{identifier}(?:\\.{identifier})*)?"
        "(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?"
    )
    return f"{pep440}|{semver}"


# ASCII, as in the names of distributions: a plugin's name becomes a module, a folder, a logger and
# a part of addresses, where letters that look alike or have two forms lead astray.
NAME_PATTERN: Final = "[a-zA-Z](?:[a-zA-Z0-9._-]*[a-zA-Z0-9])?"
ENTRYPOINT_PATTERN: Final = "[a-zA-Z_][a-zA-Z0-9_]*(?:\\.[a-zA-Z_][a-zA-Z0-9_]*)*"
# No control characters: these texts are printed on terminals.
LINE_PATTERN: Final = "[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\ud800-\\udfff]+"
PROSE_PATTERN: Final = "[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\ud800-\\udfff]*"

URL_PATTERN: Final = "https?://[^\\u0000-\\u0020\\u007f-\\u00a0\\ud800-\\udfff]+"

NAME: Final = Text("the name of a plugin", NAME_PATTERN, 100, hint_for_name)
VERSION: Final = Text("a version", version_pattern(), 100, hint_for_version)
ENTRYPOINT: Final = Text(
    "a module in the plugin's folder", ENTRYPOINT_PATTERN, 200, hint_for_entrypoint
)
TEXT: Final = Text("a line of text", LINE_PATTERN, 500)
URL: Final = Text("an address on the web", URL_PATTERN, 500, hint_for_url)
PROSE: Final = Text("a text without control characters", PROSE_PATTERN, 5000)
TEXTS: Final = ListOf(TEXT, "a list of lines of text")
IDENTIFIERS: Final = ListOf(
    Text("a name in Python", "[a-zA-Z_][a-zA-Z0-9_]*", 200), "a list of names in Python"
)
FLAG: Final = Flag()
RELOAD: Final = Choice(("beside", "hold", "stop-first"))
