"""Leases: who is busy with a plugin says so, and a reload that waits for that comes later."""

from __future__ import annotations

from threading import Lock, get_ident
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from hotplug.host.owner import APPLICATION, current_owner
from hotplug.host.resources import place_in_code

if TYPE_CHECKING:
    from hotplug.host.plugin import Plugin

__all__ = ["Lease"]

CHANGING: Final = Lock()


class Lease:
    """What `Plugin.busy` returns. It counts while its block runs.

    >>> with plugin.busy("the import of orders"):  # doctest: +SKIP
    ...     ...
    """

    def __init__(self, plugin: Plugin, what: str = "") -> None:
        self.plugin = plugin
        self.what = what
        self.who = str(current_owner() or APPLICATION)
        self.place = place_in_code(self)
        self.since = 0.0
        """When the block was entered, by the monotonic clock."""
        self.thread = 0

    @property
    def age(self) -> float:
        """For how many seconds it has been held."""
        return monotonic() - self.since

    def __enter__(self) -> Self:
        self.since, self.thread = monotonic(), get_ident()
        with CHANGING:
            self.plugin.leases = (*self.plugin.leases, self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with CHANGING:
            self.plugin.leases = tuple(each for each in self.plugin.leases if each is not self)

    def __str__(self) -> str:
        what = f" with {self.what}" if self.what else ""
        since = f" for {self.age:.0f} s" if self.since else ""
        return f"{self.who} is busy{what}{since}   {self.place or 'unknown'}"
