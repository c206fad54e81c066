"""The plugins that are measured: each a class of its own with functions of its own.

Copies of one function would share what Python's specializer knows of them, which no real set of
plugins does. So each class is compiled from its own source.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

__all__ = ["indented", "namespace", "plugin"]

serials = count(1)


def namespace(source: str, names: Mapping[str, object] | None = None) -> dict[str, Any]:
    """What a piece of source defines."""
    scope: dict[str, Any] = dict(names or {})
    exec(compile(source, f"<benchmark {next(serials)}>", "exec"), scope)
    return scope


def plugin(methods: Sequence[str], names: Mapping[str, object]) -> Any:
    """An object of a new class with these methods, each given as source."""
    name = f"Plugin{next(serials)}"
    body = "\n".join(indented(method) for method in methods)
    return namespace(f"class {name}:\n{body}\n", names)[name]()


def indented(source: str) -> str:
    return "\n".join(f"    {line}" for line in source.strip().splitlines())
