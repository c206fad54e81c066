"""What a host finds where it looks for plugins: a report, as data and as text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from hotplug.host.registry.policy import Verdict
from hotplug.host.registry.records import Broken, Found

__all__ = ["Ambiguity", "Blocked", "Discovery", "Shadowed", "indented"]


class Shadowed(NamedTuple):
    """One that is not meant by its name, since another comes before it."""

    found: Found
    by: Found | Broken

    def __str__(self) -> str:
        what = self.by.version if isinstance(self.by, Found) else "what is broken"
        return f"{self.found}\n  by {what} from {self.by.origin}"

    def as_data(self) -> dict[str, Any]:
        return {**self.found.as_data(), "by": self.by.as_data()}


class Ambiguity(NamedTuple):
    """A name that could mean several."""

    name: str
    rivals: tuple[Found, ...]

    def __str__(self) -> str:
        lines = (f"{each.version} from {each.origin}" for each in self.rivals)
        return "\n  ".join([self.name, *lines])

    def as_data(self) -> dict[str, Any]:
        return {"name": self.name, "rivals": [each.as_data() for each in self.rivals]}


class Blocked(NamedTuple):
    """One that the project does not let run."""

    found: Found
    verdict: Verdict

    def __str__(self) -> str:
        return f"{self.found}\n  {self.verdict}"

    def as_data(self) -> dict[str, Any]:
        reason = {"reason": self.verdict.sentence, "where": self.verdict.where}
        return {**self.found.as_data(), **reason}


@dataclass(frozen=True, slots=True)
class Discovery:
    """What `PluginHost.discover` tells."""

    found: tuple[Found, ...]
    """What each name stands for."""
    shadowed: tuple[Shadowed, ...] = ()
    ambiguous: tuple[Ambiguity, ...] = ()
    broken: tuple[Broken, ...] = ()
    blocked: tuple[Blocked, ...] = ()

    @property
    def names(self) -> set[str]:
        """The names of all that is there, blocked and broken ones too."""
        several: tuple[Found | Ambiguity | Broken, ...] = (
            *self.found,
            *self.ambiguous,
            *self.broken,
            *(each.found for each in self.blocked),
        )
        return {each.name for each in several} - {""}

    def as_data(self) -> dict[str, Any]:
        """The same, for JSON."""
        return {title: [each.as_data() for each in several] for title, several in self._parts()}

    def __str__(self) -> str:
        """One paragraph for each of its parts that is not empty."""
        parts = [indented(title, several) for title, several in self._parts() if several]
        return "\n".join(parts) or "no plugins"

    def _parts(self) -> Iterable[tuple[str, tuple[Any, ...]]]:
        for title in ("found", "shadowed", "ambiguous", "broken", "blocked"):
            yield title, getattr(self, title)


def indented(title: str, several: Iterable[object]) -> str:
    """A title and what stands below it."""
    lines = [title, *(str(each).replace("\n", "\n  ") for each in several)]
    return "\n  ".join(lines)
