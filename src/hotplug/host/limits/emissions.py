"""How often a plugin emits events, and how many within each other."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Mapping
from math import inf
from threading import RLock
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Final

from hotplug.host.emission import tell, tell_around, tell_async
from hotplug.host.owner import APPLICATION, EVENT_LOOP

if TYPE_CHECKING:
    from hotplug.host.events import Event
    from hotplug.host.life import Life
    from hotplug.host.limits.limits import Limits
    from hotplug.host.limits.setting import Setting

__all__ = ["Emissions"]

EMITTING: Final[frozenset[CodeType]] = frozenset(
    function.__code__ for function in (tell, tell_around, tell_async)
)
SECOND: Final = 1.0
SHOWN: Final = 10
"""How many events of a chain an error names, the last ones."""


class Emissions:
    """Refuses those of one life that are too many, before anything of them is run."""

    def __init__(
        self, limits: Limits, life: Life, often: Setting | None, deep: Setting | None
    ) -> None:
        self.limits = limits
        self.life = life
        self.often = often
        self.deep = deep
        self._times: deque[float] = deque()
        """When events were emitted within the last second."""
        self._told_at = -inf
        self._lock = RLock()  # a collected object may emit at any moment

    @classmethod
    def of(cls, limits: Limits, life: Life, settings: Mapping[str, Setting]) -> Emissions | None:
        """Those of a life; None where they are not limited."""
        often, deep = settings.get("emits_per_second"), settings.get("emit_depth")
        return None if often is deep is None else cls(limits, life, often, deep)

    def check(self, event: Event[...]) -> None:
        """Count one that begins; raises `LimitExceeded`."""
        if self.deep is not None:
            depth = sum(1 for _ in under_way())
            if depth > self.deep.value:
                self._refuse(event, self.deep, "within so many others")
        if self.often is not None and self._is_too_often(self.often):
            self._refuse(event, self.often, "that often")

    @property
    def within_a_second(self) -> int:
        """How many there were until now."""
        with self._lock:
            self._forget_before(self.limits.monotonic() - SECOND)
            return len(self._times)

    def _is_too_often(self, often: Setting) -> bool:
        with self._lock:
            now = self.limits.monotonic()
            self._forget_before(now - SECOND)
            if len(self._times) >= often.value:
                return True
            self._times.append(now)
        return False

    def _forget_before(self, time: float) -> None:
        while self._times and self._times[0] <= time:
            self._times.popleft()

    def _refuse(self, event: Event[...], setting: Setting, how: str) -> None:
        chain = [f"{(each.owner or APPLICATION).name}.{each.name}" for each in under_way()]
        what = f"cannot emit {event} {how}"
        if len(chain) > 1:
            what += "\n  " + " -> ".join(
                ["..."] * (len(chain) > SHOWN) + [*reversed(chain[:SHOWN])]
            )
        raise self.limits.exceeded(self.life.name, setting, what, quietly=self._was_just_told())

    def _was_just_told(self) -> bool:
        """Whether the host has told of a refusal within a second: a storm is no storm of that."""
        now = self.limits.monotonic()
        with self._lock:
            if now - self._told_at < SECOND:
                return True
            self._told_at = now
        return False


def under_way() -> Iterator[Event[...]]:
    """The events that are emitted here, within each other, the last one first."""
    frame: FrameType | None = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None and frame.f_code is not EVENT_LOOP:
        if frame.f_code in EMITTING:
            yield frame.f_locals["event"]
        frame = frame.f_back
