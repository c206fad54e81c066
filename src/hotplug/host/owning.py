"""Things of the standard library and of others, held by a plugin as they are."""

from __future__ import annotations

from collections.abc import Callable
from io import IOBase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

from hotplug.errors.hosting import LimitExceeded
from hotplug.host.resources import Held, Holder

__all__ = ["own", "temporary_folder"]

T = TypeVar("T")

RELEASING: Final = ("close", "cleanup", "shutdown", "stop", "terminate", "cancel", "disconnect")
"""Methods that give a thing back, by how likely the name means it."""


def own(plugin: Holder, thing: T, release: Callable[[], object] | None = None) -> T:
    """Let a plugin hold a thing, which is given back with `release` or a method of its own.

    >>> from hotplug.host.owner import Owner
    >>> reports = Owner("reports")
    >>> file = own(reports, open(__file__))
    >>> reports.scope.close()
    >>> file.closed
    True
    """
    if release is None:
        release = way_to_release(thing)
    held = Held(plugin, release, kind_of(thing))
    try:
        plugin.owner.scope.add(held)
    except LimitExceeded:
        held.disable()
        raise
    return thing


def temporary_folder(plugin: Holder) -> Path:
    """A folder that is there as long as the plugin is enabled."""
    name = f"hotplug-{plugin.owner.name}-"
    return Path(own(plugin, TemporaryDirectory(prefix=name, ignore_cleanup_errors=True)).name)


def way_to_release(thing: object) -> Callable[[], object]:
    for name in RELEASING:
        method: Callable[[], object] | None = getattr(thing, name, None)
        if callable(method):
            return method
    leave: Any = getattr(type(thing), "__exit__", None)
    if leave is not None:
        return lambda: leave(thing, None, None, None)
    raise TypeError(
        f"{thing!r} has no method that gives it back ({', '.join(RELEASING)}); "
        "say how: own(thing, release)"
    )


def kind_of(thing: object) -> str:
    if isinstance(thing, IOBase) or hasattr(thing, "file"):  # the latter is tempfile's
        return "file"
    if isinstance(thing, TemporaryDirectory):
        return "folder"
    return type(thing).__name__.lower()
