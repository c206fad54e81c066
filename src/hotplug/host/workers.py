"""Workers: the threads in which timers call back, so that one endless callback stops no other."""

from __future__ import annotations

from collections import Counter, deque
from threading import Condition, Thread, current_thread
from time import monotonic
from typing import TYPE_CHECKING, Final

from hotplug.host.owner import Owner, run_as
from hotplug.host.watching import LOGGER

if TYPE_CHECKING:
    from hotplug.host.scheduler import Ringing

__all__ = ["IDLE", "Workers"]


IDLE: Final = 10.0
"""Seconds after which a thread without work ends."""
PATIENCE: Final = 0.05
"""Seconds that due work waits for a busy worker before another one is hired."""
SHARE: Final = 8
"""How many workers one plugin can keep busy; what it has due beyond that waits for these."""


class Workers:
    """Daemon threads: one as a rule, one more whenever what is due has waited too long."""

    def __init__(self, share: int = SHARE, patience: float = PATIENCE, idle: float = IDLE) -> None:
        self.share = share
        self.patience = patience
        self.idle = idle
        self._changed = Condition()
        self._ready: deque[tuple[float, Ringing]] = deque()
        self._held_back: dict[Owner, deque[Ringing]] = {}
        self._to_report: list[Owner] = []
        self._busy: Counter[Owner] = Counter()
        self._threads: set[Thread] = set()
        self._idle = 0
        self._closed = False

    @property
    def count(self) -> int:
        """How many threads there are."""
        return len(self._threads)

    def take(self, work: Ringing) -> None:
        """Call this as soon as a worker is free."""
        with self._changed:
            if self._closed:
                return
            self._ready.append((monotonic(), work))
            if self._threads:
                self._changed.notify()
            else:
                self._hire()

    def look(self) -> float | None:
        """Hire one more where work has waited too long; when to look again."""
        with self._changed:
            reports, self._to_report = self._to_report, []
            again = self._look()
        for owner in reports:
            LOGGER.warning(
                "%s keeps %d threads busy with callbacks of timers; its other timers wait",
                owner,
                self.share,
            )
        return again

    def _look(self) -> float | None:
        if not self._ready:
            return None
        now = monotonic()
        patient_until = self._ready[0][0] + self.patience
        if now < patient_until:
            return patient_until
        if not self._idle:
            self._hire()
        return now + self.patience

    def close(self) -> list[Thread]:
        """End when all that is ready has been called; the threads that do."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            return [*self._threads]

    def _hire(self) -> None:
        thread = Thread(target=self._work, name=f"hotplug-timer-{len(self._threads)}", daemon=True)
        self._threads.add(thread)
        try:
            run_as(None, thread.start)  # no plugin's thread, whoever sets the timer
        except RuntimeError:  # the system gives no more threads now; `look` tries again
            self._threads.discard(thread)
            LOGGER.warning("there is no thread for the callbacks of timers: they are late")

    def _work(self) -> None:
        while (work := self._next()) is not None:
            owner = work.owner
            try:
                work.ring()
            except BaseException:
                LOGGER.exception("%s: a timer failed", owner)
            self._done(owner)
            del work, owner  # an idle worker keeps no plugin

    def _next(self) -> Ringing | None:
        """Wait for work; None to end."""
        with self._changed:
            while True:
                while self._ready:
                    _, work = self._ready.popleft()
                    if self._busy[work.owner] < self.share:
                        self._busy[work.owner] += 1
                        return work
                    self._hold_back(work)
                if self._closed or not self._wait():
                    self._threads.discard(current_thread())
                    return None

    def _wait(self) -> bool:
        """Wait for a change; whether there is one. Called under the lock."""
        self._idle += 1
        try:
            return self._changed.wait(self.idle) or bool(self._ready)
        finally:
            self._idle -= 1

    def _hold_back(self, work: Ringing) -> None:
        if work.owner not in self._held_back:
            self._held_back[work.owner] = deque()
            self._to_report.append(work.owner)
        self._held_back[work.owner].append(work)

    def _done(self, owner: Owner) -> None:
        with self._changed:
            self._busy[owner] -= 1
            if not self._busy[owner]:
                del self._busy[owner]
            if held_back := self._held_back.get(owner):
                self._ready.append((monotonic(), held_back.popleft()))
                if not held_back:
                    del self._held_back[owner]
