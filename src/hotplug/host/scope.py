"""Scopes: what an owner holds, given back in reverse when its time ends.

Who runs is `owner`'s business; what the states of a plugin mean is `lifecycle`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, RLock, get_ident
from time import monotonic
from typing import TYPE_CHECKING, Final
from weakref import ref

from hotplug.errors.hosting import PluginErrors, PluginGone

if TYPE_CHECKING:
    from hotplug.host.limits.limits import Limits
    from hotplug.host.limits.quota import Quota
    from hotplug.host.owner import Owner
    from hotplug.host.resources import Resource

__all__ = ["NOBODY", "Scope", "TooMany", "Watchers", "ended", "raise_together"]

LATE: Final = 1000
"""How many resources may be made while those before them are given back."""

ended: Final[set[ref[Owner]]] = set()
"""Owners whose time is over and that are still there: while there is one, late code may run."""


class TooMany(Exception):
    """Raised under a lock, for who told of it outside: it knows the error that is due."""

    def told(self) -> Exception:
        """The error, after all have been told who want to know."""
        raise NotImplementedError


class Watchers:
    """Whom to tell of resources. One for all scopes of a host; without a host there are none."""

    limits: Limits | None = None
    """What the plugins of the host may hold, where a project says so."""

    def added(self, resource: Resource) -> None:
        """Called after a scope has taken a resource."""

    def dropped(self, resource: Resource) -> None:
        """Called after a resource has been given back."""


NOBODY: Final = Watchers()


class Scope:
    """A lifetime. What is added before it opens is staged; what is added after that is live.

    >>> from hotplug.host.owner import Owner
    >>> from hotplug.host.resources import Resource
    >>> scope = Owner("reports").scope
    >>> scope.close()
    >>> scope.is_closed
    True
    """

    __slots__ = (
        "_before",
        "_closer",
        "_held",
        "_late",
        "_lock",
        "_stopping",
        "closing_since",
        "emits_freely",
        "is_closed",
        "is_open",
        "owner",
        "quota",
        "watchers",
    )

    def __init__(self, owner: Owner, watchers: Watchers = NOBODY) -> None:
        self.owner = owner
        self.watchers = watchers
        self.is_open = False
        """Whether what it holds is live."""
        self.is_closed = False
        self.emits_freely = False
        """Whether it is open, and emitting events has no limit: one look at this is enough."""
        self.quota: Quota | None = None
        """What it may hold; None is anything."""
        self.closing_since: float | None = None
        """When it began to close, by the monotonic clock."""
        self._stopping: Event | None = None
        self._before: Scope | None = None
        self._held: dict[Resource, None] = {}
        self._lock = RLock()
        self._closer = 0
        self._late = 0

    def __iter__(self) -> Iterator[Resource]:
        """What it holds now, oldest first."""
        with self._lock:
            return iter([*self._held])

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, resource: object) -> bool:
        return resource in self._held

    @property
    def stopping(self) -> Event:
        """Set as soon as it begins to close."""
        with self._lock:
            if self._stopping is None:
                self._stopping = Event()
                if self.closing_since is not None:
                    self._stopping.set()
            return self._stopping

    def add(self, resource: Resource) -> None:
        """Take a resource; it goes live at once where the scope is open."""
        try:
            with self._lock:
                self._admit(resource)
                if resource in self._held:
                    return
                if self.quota is not None:
                    self.quota.count(resource)
                self._held[resource] = None
                resource._scope = self  # pyright: ignore[reportPrivateUsage]
                live = self.is_open or self._can_be_beside(resource)
        except TooMany as refusal:
            error = refusal.told()
            raise error from None
        if live:
            try:
                resource._activate()  # pyright: ignore[reportPrivateUsage]
            except BaseException:
                resource.disable()
                raise
        self.watchers.added(resource)

    def _admit(self, resource: Resource) -> None:
        """Refuse what comes after the end, and what others add while it is ending."""
        if self._closer:
            self._late += self._closer == get_ident()
        if self.is_closed or (self._closer not in (0, get_ident())) or self._late > LATE:
            raise PluginGone(self.owner.name, self.owner.number, f"hold a new {resource.kind}")

    def drop(self, resource: Resource) -> bool:
        """Forget a resource that has been given back; whether it was held."""
        with self._lock:
            if resource not in self._held:
                return False
            del self._held[resource]
            if self.quota is not None:
                self.quota.give_back(resource)
        self.watchers.dropped(resource)
        return True

    def open(self) -> None:
        """Let what is staged go live, oldest first."""
        with self._lock:
            staged = self._staged()
            self.is_open = True
            self.emits_freely = self.quota is None or self.quota.emissions is None
        is_beside, self._before = self._before is not None, None
        for resource in staged:
            if is_beside and not resource.waits_for_commit:
                continue
            if resource in self._held:  # one that went live may have given back another
                resource._activate()  # pyright: ignore[reportPrivateUsage]

    def open_beside(self, before: Scope) -> None:
        """Let go live what can be there beside that of an earlier life; the rest waits for `open`.

        What is exclusive waits as well, where the earlier life holds the same.
        """
        with self._lock:
            staged = self._staged()
            self._before = before
        for resource in staged:
            if resource in self._held and self._can_be_beside(resource):
                resource._activate()  # pyright: ignore[reportPrivateUsage]

    def _staged(self) -> list[Resource]:
        if self.is_closed or self._closer:
            raise PluginGone(self.owner.name, self.owner.number, "start")
        return [*self._held]

    def _can_be_beside(self, resource: Resource) -> bool:
        before = self._before
        if before is None or resource.waits_for_commit:
            return False
        if not resource.exclusive:
            return True
        return all(each.exclusive != resource.exclusive for each in before)

    def close(self) -> None:
        """Give everything back, newest first; stop at nothing, then raise all errors together."""
        raise_together(str(self.owner), self.give_back())

    def give_back(self) -> list[BaseException]:
        """The same, but return the errors. What a release makes is released too."""
        with self._lock:
            if self.is_closed or self._closer:
                return []
            self._closer = get_ident()
            self.closing_since = monotonic()
            if self._stopping is not None:
                self._stopping.set()
        errors: list[BaseException] = []
        while not self.is_closed:
            try:
                newest = self._newest()
                if newest is not None:
                    newest.disable()
                    self.drop(newest)  # one that another thread gives back right now
            except BaseException as error:  # an interrupt waits until all is given back
                errors.append(error)
        return errors

    def _newest(self) -> Resource | None:
        with self._lock:
            if self._held:
                return next(reversed(self._held))
            self.is_closed = True
            self.is_open = self.emits_freely = False
            self._before = None
            ended.add(ref(self.owner, ended.discard))
        return None


def raise_together(
    who: str, errors: list[BaseException], what: str = "could not give everything back"
) -> None:
    """Raise what went wrong on the way out: an interrupt alone, anything else as one group."""
    failures = [error for error in errors if isinstance(error, Exception)]
    group = PluginErrors(f"{who} {what}", failures) if failures else None
    for error in errors:
        if not isinstance(error, Exception):
            raise error from group
    if group is not None:
        raise group
