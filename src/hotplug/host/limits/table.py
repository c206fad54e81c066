"""The one table of limits: the check of a project, the code and the docs follow it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["LIMITS", "Limit", "limit_called", "names_of", "table"]

How = Literal["enforced", "observed"]
"""What is enforced does not happen; what is observed happens, and is told while it does."""
Unit = Literal["count", "bytes", "seconds"]


@dataclass(frozen=True, slots=True)
class Limit:
    """A row of the table."""

    name: str
    meaning: str
    how: How = "enforced"
    unit: Unit = "count"
    kind: str = ""
    """Of the resources that it counts, where it counts those of one kind."""
    per_plugin: bool = True
    """Whether it can be another one for each plugin."""


LIMITS: Final = {
    limit.name: limit
    for limit in (
        Limit("resources", "all that it holds, of any kind"),
        Limit("hooks", "implementations of hooks", kind="hook"),
        Limit("events", "events that it declares", kind="event"),
        Limit("subscriptions", "subscriptions to events", kind="subscription"),
        Limit("waits", "waits for events", kind="wait"),
        Limit("timers", "timers that are set", kind="timer"),
        Limit("threads", "threads that run", kind="thread"),
        Limit("tasks", "asyncio tasks that are not done", kind="task"),
        Limit("children", "plugins that it has loaded", kind="child"),
        Limit("hosts", "hosts of its own", kind="host"),
        Limit("loggers", "loggers that have a name", kind="logger"),
        Limit("listeners", "functions that its host tells of what happens", kind="listener"),
        Limit("files", "files that it owns", kind="file"),
        Limit("folders", "temporary folders", kind="folder"),
        Limit("stored_bytes", "the size of its store", unit="bytes"),
        Limit("emits_per_second", "how often it emits events, within any second"),
        Limit("emit_depth", "how many events are emitted within each other when it emits one"),
        Limit("await_seconds", "the time of a call that is awaited, to its end", unit="seconds"),
        Limit(
            "call_seconds",
            "the time of a call, and of each step between the awaits of one that is awaited",
            how="observed",
            unit="seconds",
        ),
        Limit("manifest_bytes", "the size of a manifest", unit="bytes", per_plugin=False),
    )
}

PLURALS: Final = {limit.kind: limit.name for limit in LIMITS.values() if limit.kind}


def limit_called(name: str) -> Limit:
    """A limit by its name; any other name is a kind of resources that the table does not know.

    >>> limit_called("connections").how
    'enforced'
    """
    return LIMITS.get(name) or Limit(name, "resources of your own, by their `kind`", kind=name)


def names_of(kind: str) -> tuple[str, ...]:
    """The names under which resources of a kind can be limited.

    >>> names_of("child"), names_of("connection")
    (('resources', 'children'), ('resources', 'connection', 'connections'))
    """
    known = PLURALS.get(kind)
    return ("resources", known) if known else ("resources", kind, f"{kind}s")


def table() -> str:
    """The table as Markdown, as the docs show it."""
    lines = ["| limit | what it limits | |", "| --- | --- | --- |"]
    lines += [f"| `{each.name}` | {each.meaning} | {each.how} |" for each in LIMITS.values()]
    own = limit_called("any other name")
    lines.append(f"| {own.name} | {own.meaning} | {own.how} |")
    return "\n".join(lines)
