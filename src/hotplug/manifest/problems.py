"""What can be wrong with a manifest, and how it is told."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hotplug.errors import HotplugError

__all__ = ["Absent", "ManifestError", "ManifestWarning", "Problem", "Severity", "Unreadable"]
__all__ += ["shown", "warn"]

Severity = Literal["error", "warning"]

LONGEST_SHOWN = 60
WORDS_FOR: dict[type, str] = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    dict: "a table",
    list: "a list",
    type(None): "nothing",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a manifest, where it stands, and how to mend it.

    >>> print(Problem("'requires' stands twice", file=Path("shop/plugin.json"), line=4, column=3))
    shop/plugin.json:4:3: 'requires' stands twice
    """

    message: str
    hint: str = ""
    file: Path | None = None
    """The manifest as the location named it; None where there is no file."""
    line: int | None = None
    column: int | None = None
    key: str = ""
    """Whose value it is: ``requires[0]``; empty for the manifest as a whole."""
    severity: Severity = "error"

    @property
    def where(self) -> str:
        """``shop/plugin.toml:3:1``, as far as it is known."""
        known = (self.file, self.line, self.column)
        return ":".join(str(part) for part in known if part is not None)

    def __str__(self) -> str:
        label = "warning: " if self.severity == "warning" else ""
        place = f"{self.where}: " if self.where else ""
        hint = f"\n  {self.hint}" if self.hint else ""
        return f"{place}{label}{self.message}{hint}"


class ManifestError(HotplugError, ValueError):
    """A manifest is missing, unreadable or wrong; ``problems`` holds all that is wrong with it.

    None of the plugin's code was run.

    >>> print(ManifestError([Problem("'name' is missing", "add a name")]))
    'name' is missing
      add a name
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __reduce__(self) -> tuple[type[ManifestError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return str(self.problems[0])
        files = {problem.file for problem in self.problems if problem.file}
        what = ", ".join(sorted(map(str, files))) or "a plugin's metadata"
        lines = "\n".join(map(str, self.problems)).replace("\n", "\n  ")
        return f"{what} has {len(self.problems)} problems\n  {lines}"


class ManifestWarning(UserWarning):
    """Something in a manifest has no effect, such as a key that nothing reads."""


def warn(problems: Iterable[Problem]) -> None:
    """Warn in the lines of the manifest; where there is no file, of who calls our caller."""
    for problem in problems:
        said = f"{problem.message}; {problem.hint}"
        if problem.file is None:
            warnings.warn(said, ManifestWarning, stacklevel=3)
        else:
            warnings.warn_explicit(said, ManifestWarning, str(problem.file), problem.line or 1)


class Unreadable(Exception):
    """A manifest that can't be read any further; it becomes the one problem that is told."""

    def __init__(
        self, message: str, line: int | None = None, column: int | None = None, hint: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.hint = hint


class Absent(Unreadable):
    """There is no manifest, and nothing that is meant to be one."""


def shown(value: object) -> str:
    """A value as a message shows it: a text as it is written, shortened; else what it is.

    >>> shown("shop"), shown(5), shown({})
    ("'shop'", 'a number', 'a table')
    """
    if isinstance(value, str):
        short = value if len(value) <= LONGEST_SHOWN else f"{value[: LONGEST_SHOWN - 3]}..."
        return repr(short)
    return WORDS_FOR.get(type(value), f"a {type(value).__name__}")
