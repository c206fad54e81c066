"""Quotas: what one life of a plugin holds, counted, and refused where it would be too much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from hotplug.errors.holding import Holding
from hotplug.errors.hosting import LimitExceeded
from hotplug.host.limits.deadline import Deadline
from hotplug.host.limits.emissions import Emissions
from hotplug.host.limits.table import names_of
from hotplug.host.scope import TooMany

if TYPE_CHECKING:
    from hotplug.host.events import Event
    from hotplug.host.life import Life
    from hotplug.host.limits.limits import Limits
    from hotplug.host.limits.setting import Setting
    from hotplug.host.resources import Resource

__all__ = ["Quota", "Refused", "Reserved", "holders"]

SHOWN: Final = 3
"""How many of the largest holders an error names."""


class Count:
    """How many there are of what one limit counts."""

    __slots__ = ("setting", "used")

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.used = 0


Reserved = tuple[Count, ...]
"""Where one more has been counted."""


class Refused(TooMany):
    """One more would be more than a limit allows."""

    def __init__(self, quota: Quota, kind: str, setting: Setting) -> None:
        super().__init__(kind)
        self.quota = quota
        self.kind = kind
        self.setting = setting

    def told(self) -> LimitExceeded:
        """The error, after the host has told of it."""
        limits, life, setting = self.quota.limits, self.quota.life, self.setting
        counted = (held for held in life.scope if setting.name in names_of(held.kind))
        what = f"can hold no new {self.kind}"
        return limits.exceeded(life.name, setting, what, holders(counted))


class Quota:
    """Counts what a life holds. What is counted is never more than what is allowed."""

    def __init__(self, limits: Limits, life: Life, settings: Mapping[str, Setting]) -> None:
        self.limits = limits
        self.life = life
        self.emissions = Emissions.of(limits, life, settings)
        self.deadline = Deadline.of(limits, life, settings)
        self._counts = {name: Count(setting) for name, setting in settings.items()}
        self._of_kind: dict[str, Reserved] = {}
        self._taken: dict[Resource, Reserved] = {}
        self._lock = RLock()  # a collected object may give back what it held at any moment

    def timed(self, function: Callable[..., Any], what: str) -> Callable[..., Any]:
        """The function, watched by the clock where calls of the plugin are limited."""
        return function if self.deadline is None else self.deadline.around(function, what)

    def admit(self, event: Event[...]) -> None:
        """Count an event that the plugin is about to emit; raises `LimitExceeded`."""
        if self.emissions is not None:
            self.emissions.check(event)

    def count(self, resource: Resource) -> None:
        """Count a resource that a scope takes in; raises `TooMany`."""
        with self._lock:
            if resource not in self._taken:  # or its place was reserved
                self._taken[resource] = self._take(resource.kind)

    def give_back(self, resource: Resource) -> None:
        """Count one less."""
        with self._lock:
            add(self._taken.pop(resource, ()), -1)

    def reserve(self, kind: str) -> Reserved:
        """Count one that is not there yet; raises `LimitExceeded`."""
        try:
            with self._lock:
                return self._take(kind)
        except TooMany as refusal:
            error = refusal.told()
            raise error from None

    def fill(self, reserved: Reserved, resource: Resource) -> None:
        """Let a resource have the place that was reserved for it."""
        with self._lock:
            self._taken[resource] = reserved

    def free(self, reserved: Reserved) -> None:
        """Give back a place that nothing came to."""
        with self._lock:
            add(reserved, -1)

    def _take(self, kind: str) -> Reserved:
        counts = self._of_kind.get(kind)
        if counts is None:
            names = names_of(kind)
            counts = tuple(self._counts[name] for name in names if name in self._counts)
            self._of_kind[kind] = counts
        for count in counts:
            if count.used >= count.setting.value:
                raise Refused(self, kind, count.setting)
        add(counts, 1)
        return counts


def add(counts: Reserved, number: int) -> None:
    for count in counts:
        count.used += number


def holders(resources: Iterable[Resource]) -> tuple[Holding, ...]:
    """The largest groups of one kind from one place."""
    groups = Counter((held.kind, held.where) for held in resources)
    return tuple(Holding(kind, count, where) for (kind, where), count in groups.most_common(SHOWN))
