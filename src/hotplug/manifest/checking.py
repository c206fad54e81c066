"""The one check that every manifest goes through, whatever it was written in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hotplug.manifest.constraints import check_together
from hotplug.manifest.documents import DEEPEST, Document, Place, is_list, is_table
from hotplug.manifest.fields import Kind, spelled
from hotplug.manifest.problems import Problem, Severity, shown

__all__ = [
    "MOST_PROBLEMS",
    "OWN",
    "OWN_PREFIX",
    "SCHEMA",
    "Field",
    "Keys",
    "Report",
    "check",
    "check_keys",
]

OWN_PREFIX: Final = "x-"
OWN: Final = "tool"
"""What authors keep for themselves and their tools: this table, and keys with the prefix."""

OLDER: Final = {"optional": "wants"}
"""Keys that have another name now."""

SCHEMA: Final = "$schema"
"""Says to editors by which schema they can check a manifest; nothing else reads it."""

MOST_PROBLEMS: Final = 100


@dataclass(frozen=True, slots=True)
class Field:
    """A row of the table: one key of a manifest."""

    kind: Kind
    meaning: str
    example: object
    default: object
    """None where the key is required."""

    @property
    def is_required(self) -> bool:
        return self.default is None


class Keys(dict[str, Field]):
    """The keys that a document may have."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        super().__init__(fields)
        self.defaults: Final = {name: field.default for name, field in fields.items()}
        self.required: Final = {name: field for name, field in fields.items() if field.is_required}


class Report:
    """Gathers what is wrong with one document; what comes after a hundred problems is left out."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []

    @property
    def is_full(self) -> bool:
        return len(self.problems) >= MOST_PROBLEMS

    @property
    def has_errors(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)

    def complain(
        self, place: Place, message: str, hint: str = "", severity: Severity = "error"
    ) -> None:
        if self.is_full:
            return
        mark = self.document.mark(place)
        line, column = mark or (None, None)
        file, key = self.document.file, spelled(place)
        self.problems.append(Problem(message, hint, file, line, column, key, severity))


def check(fields: Keys, report: Report) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a manifest says in the terms of the table, and what is the author's own."""
    own: dict[str, Any] = {}
    older: dict[str, object] = {}

    def other(key: str, value: object) -> None:
        if key in OLDER:
            older[key] = value
            was = f"'{key}' is an older spelling of '{OLDER[key]}'"
            report.complain((key,), was, f"write '{OLDER[key]}'", "warning")
        elif key == OWN or key.startswith(OWN_PREFIX):
            check_own(key, value, report)
            own[key] = value
        elif key != SCHEMA:
            hint = f"a key of your own begins with '{OWN_PREFIX}' or stands in the table '{OWN}'"
            warn_of_unknown(key, fields, report, hint)
        elif not isinstance(value, str):
            report.complain((key,), f"'{SCHEMA}' takes a text, not {shown(value)}")

    values = check_keys(fields, report, "a manifest", other)
    for key, value in older.items():
        if values[OLDER[key]]:
            report.complain((key,), f"'{key}' and '{OLDER[key]}' are both here", "keep the second")
        else:
            values[OLDER[key]] = fields[OLDER[key]].kind.check(value, (key,), report.complain)
    check_together(values, report.complain)
    return values, own


def check_keys(
    fields: Keys,
    report: Report,
    what: str,
    other: Callable[[str, object], None] | None = None,
) -> dict[str, Any]:
    """What a document says in the terms of a table; keys that are not in it go to ``other``."""
    data = report.document.data
    values = fields.defaults.copy()
    if not is_table(data):
        hint = "begin with a name" if data is None else ""
        report.complain((), f"{what} is a table of keys and values, not {shown(data)}", hint)
        return values
    for key, value in data.items():
        if not isinstance(key, str):
            report.complain((), f"a key is a text, not {shown(key)}", "put it in quotes")
        elif field := fields.get(key):
            values[key] = field.kind.check(value, (key,), report.complain)
        elif other is not None:
            other(key, value)
        else:
            warn_of_unknown(key, fields, report, f"the keys are {', '.join(fields)}")
    for name, field in fields.required.items():
        if name not in data:
            report.complain((), f"'{name}' is missing", f"add {field.kind.words}")
    return values


def check_own(key: str, value: object, report: Report) -> None:
    if key == OWN and not is_table(value):
        report.complain((key,), f"'{OWN}' takes a table, not {shown(value)}")
    elif is_deeper(value, DEEPEST - 1):
        report.complain((key,), f"{key!r} is nested more than {DEEPEST} levels deep")


def is_deeper(value: object, levels: int) -> bool:
    inner = value.values() if is_table(value) else value if is_list(value) else None
    return inner is not None and (levels == 0 or any(is_deeper(item, levels - 1) for item in inner))


def warn_of_unknown(key: str, fields: Mapping[str, Field], report: Report, hint: str) -> None:
    if report.is_full:
        return
    from hotplug.errors.meaning import did_you_mean  # only for a problem

    hint = did_you_mean(key.lower(), fields) or hint
    report.complain((key,), f"the unknown key {shown(key)} has no effect", hint, "warning")
