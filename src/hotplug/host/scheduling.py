"""Who calls the timers of a host's plugins."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotplug.host.scheduler import Scheduler

__all__ = ["Scheduling"]


class Scheduling:
    """The part of a host that has a scheduler: the one that it was given, or one of its own."""

    def __init__(self, given: Scheduler | None) -> None:
        self._given_scheduler = given
        self._own_scheduler: Scheduler | None = None
        self._making_scheduler = Lock()

    @property
    def scheduler(self) -> Scheduler:
        """Who calls the timers of plugins: as given, or else one of its own, with threads."""
        return self._given_scheduler or self.thread_scheduler

    @property
    def thread_scheduler(self) -> Scheduler:
        """The one of its own, made when it is first asked for."""
        with self._making_scheduler:
            if self._own_scheduler is None:
                # Loaded with the first timer: it brings threads and asyncio.
                from hotplug.host.scheduler_threads import ThreadScheduler

                self._own_scheduler = ThreadScheduler()
            return self._own_scheduler

    def close_own_scheduler(self) -> None:
        """Call nothing more with it; one that was given goes on."""
        if self._own_scheduler is not None:
            self._own_scheduler.close()
