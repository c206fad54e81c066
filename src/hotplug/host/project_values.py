"""What the values of a project's table may be: how each is checked, and how JSON Schema says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hotplug.manifest.constraints import REQUIREMENT
from hotplug.manifest.documents import Place, is_list, is_table
from hotplug.manifest.fields import NAME, TEXT, Complain, ListOf, Text, called
from hotplug.manifest.problems import shown

__all__ = ["EVERY", "FILE", "FOLDER", "FOLDERS", "GROUP", "WANTED", "WANTED_ONES"]
__all__ += ["Autoload", "Blocked", "OnFailure", "SomeWanted", "Table", "TableOfTables"]

EVERY: Final = "*"
"""Stands for every plugin that is not named itself."""


def hint_for_wanted(value: str) -> str:
    return REQUIREMENT.hint(value.rpartition(":")[2])


WANTED: Final = Text(
    "the name of a plugin, with versions if they matter",
    f"(?:{NAME.pattern}:)?{REQUIREMENT.pattern}",
    400,
    hint_for_wanted,
)
"""``shop``, ``shop>=2,<3``, or ``acme-till:shop`` for the one of that distribution."""
WANTED_ONES: Final = ListOf(WANTED, "a list of plugins, with versions where they matter")
FILE: Final = Text("a path", TEXT.pattern, 500)
FOLDER: Final = Text("the path of a folder", "[^\\u0000]+", 4000)
FOLDERS: Final = ListOf(FILE, "a list of folders with plugins in them")
GROUP: Final = Text(
    "the name of a group of entry points", "[a-zA-Z0-9_-]+(?:\\.[a-zA-Z0-9_-]+)*", 200
)


class Autoload:
    """Whether the host starts what it finds, or which of it."""

    words = "true, false or a list of plugins"

    @property
    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "boolean"}, WANTED_ONES.schema]}

    def check(self, value: object, place: Place, complain: Complain) -> object:
        if isinstance(value, bool):
            return value
        if is_list(value):
            return WANTED_ONES.check(value, place, complain)
        complain(place, f"{called(place)} takes {self.words}, not {shown(value)}")
        return False


class SomeWanted:
    """A list of plugins that is not empty."""

    words = "a list of plugins, with versions where they matter"

    @property
    def schema(self) -> dict[str, Any]:
        return {**WANTED_ONES.schema, "minItems": 1}

    def check(self, value: object, place: Place, complain: Complain) -> object:
        if is_list(value) and not value:
            hint = "leave it out to let all in, or say which ones"
            complain(place, f"{called(place)} is empty, and would let no plugin in", hint)
        return WANTED_ONES.check(value, place, complain)


class Blocked:
    """A list of plugins, or a table that says why for each."""

    words = "a list of plugins, or a table that says why for each"

    @property
    def schema(self) -> dict[str, Any]:
        table = {
            "type": "object",
            "propertyNames": WANTED.schema,
            "additionalProperties": TEXT.schema,
        }
        return {"anyOf": [WANTED_ONES.schema, table]}

    def check(self, value: object, place: Place, complain: Complain) -> object:
        if is_list(value):
            WANTED_ONES.check(value, place, complain)
            return {item: "" for item in value if isinstance(item, str)}
        if not is_table(value):
            complain(place, f"{called(place)} takes {self.words}, not {shown(value)}")
            return {}
        for key, reason in value.items():
            WANTED.check(key, (*place, str(key)), complain)
            TEXT.check(reason, (*place, str(key)), complain)
        return dict(value)


class OnFailure:
    """What a plugin that cannot start means for the program."""

    words = "'skip' or 'fail', or a table of these by plugin"
    choices = ("skip", "fail")

    @property
    def schema(self) -> dict[str, Any]:
        choice = {"enum": [*self.choices]}
        keys = {"anyOf": [{"const": EVERY}, NAME.schema]}
        table = {"type": "object", "propertyNames": keys, "additionalProperties": choice}
        return {"anyOf": [choice, table]}

    def check(self, value: object, place: Place, complain: Complain) -> object:
        if not is_table(value):
            return {EVERY: self._choice(value, place, complain)}
        for key, choice in value.items():
            if key != EVERY:
                NAME.check(key, (*place, str(key)), complain)
            self._choice(choice, (*place, str(key)), complain)
        return dict(value)

    def _choice(self, value: object, place: Place, complain: Complain) -> object:
        if value not in self.choices:
            words = self.words if len(place) == 1 else "'skip' or 'fail'"
            complain(place, f"{called(place)} takes {words}, not {shown(value)}")
        return value


class Table:
    """A table whose inside is somebody else's business."""

    words = "a table"

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "object"}

    def check(self, value: object, place: Place, complain: Complain) -> object:
        if is_table(value):
            return value
        complain(place, f"{called(place)} takes {self.words}, not {shown(value)}")
        return {}


class TableOfTables(Table):
    """A table for each plugin, by its name."""

    words = "a table for each plugin"

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {"type": "object"}}

    def check(self, value: object, place: Place, complain: Complain) -> object:
        if not is_table(value):
            return super().check(value, place, complain)
        inner = Table()
        checked: Mapping[str, object] = {
            str(key): inner.check(item, (*place, str(key)), complain) for key, item in value.items()
        }
        return checked
