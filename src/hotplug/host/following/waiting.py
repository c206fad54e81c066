"""When to look at the files again: when the system tells of a change, or after some time.

What the system tells is a hint, no more: what has changed is found by looking. So a notice that is
lost, as with a folder that another one was put in the place of, costs a moment and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import Any, Final, TypeAlias

from hotplug.host.following.files import Files

__all__ = ["Notices", "Polling", "Wait", "waiting"]

POLL: Final = 0.25
"""Seconds between two looks where nothing tells of changes."""
RARELY: Final = 2.0
"""Seconds after which one looks although nothing was told."""
SHARE: Final = 20
"""Looking takes at most one in so many parts of the time."""
MILLISECONDS: Final = 1000
TOGETHER: Final = 0.05
"""For how many seconds the system's notices are gathered."""

Identities: TypeAlias = "dict[str, int]"
Wait: TypeAlias = Callable[[Collection[str], float], None]
"""Waits until the files at these places may be others; the second says how long a look took."""


def waiting(poll: float | None, files: Files, stopping: Event) -> Wait:
    """The best way that there is: watchfiles, if that is installed and no ``poll`` is given."""
    if poll is None and is_installed("watchfiles"):
        return Notices(files, stopping)
    return Polling(POLL if poll is None else poll, stopping)


def is_installed(name: str) -> bool:
    with suppress(ValueError):  # it is told to be missing
        return find_spec(name) is not None
    return False


class Polling:
    """Waits for some time; the longer, the more there is to look at."""

    def __init__(self, interval: float, stopping: Event) -> None:
        self.interval = interval
        self.stopping = stopping

    def __call__(self, places: Collection[str], took: float) -> None:
        self.stopping.wait(max(self.interval, SHARE * took))


class Notices:
    """Waits until the system tells of a change, by means of watchfiles."""

    def __init__(self, files: Files, stopping: Event) -> None:
        self.files = files
        self.stopping = stopping
        self.rarely = Polling(RARELY, stopping)
        self.watched: Identities = {}
        self.changes: Any = None

    def __call__(self, places: Collection[str], took: float) -> None:
        watched = identities(places)
        if not watched:
            self.rarely(places, took)
        elif self.changes is None or self.watched != watched:
            self._begin(watched)  # and look again: something may have changed until now
        else:
            try:
                next(self.changes, None)
            except (OSError, RuntimeError):  # the system watches no more files
                self.changes = None
                self.rarely(places, took)

    def _begin(self, watched: Identities) -> None:
        self.watched = watched
        watchfiles = import_module("watchfiles")  # the extra `watch`
        self.changes = watchfiles.watch(
            *watched,
            watch_filter=self._matters,
            debounce=int(TOGETHER * 2 * MILLISECONDS),
            step=int(TOGETHER * MILLISECONDS),
            stop_event=self.stopping,
            rust_timeout=int(RARELY * MILLISECONDS),
            yield_on_timeout=True,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )

    def _matters(self, change: object, path: str) -> bool:
        name = Path(path).name
        is_folder = "." not in name and name != "__pycache__"  # as far as one can tell
        return is_folder or path in self.watched or self.files.count(name)


def identities(places: Collection[str]) -> Identities:
    """Tell a folder from another one that was put into its place."""
    found: Identities = {}
    for place in places:
        with suppress(OSError):
            found[place] = Path(place).stat().st_ino
    return found
