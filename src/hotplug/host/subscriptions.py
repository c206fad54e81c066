"""Subscriptions: what a plugin holds of an event that it listens to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from hotplug.errors.hosting import EventError
from hotplug.hooks.looking import COROUTINE
from hotplug.hooks.signature import (
    Misfit,
    accepts,
    is_kind,
    location,
    takes_names_only,
)
from hotplug.host.handlers import Way
from hotplug.host.owner import APPLICATION, Owner
from hotplug.host.resources import Resource

if TYPE_CHECKING:
    from hotplug.hooks.records import HookImpl
    from hotplug.host.events import Event
    from hotplug.host.handlers import Handlers

__all__ = ["EventSubscription", "check_fit", "shown_call"]


class EventSubscription(Resource):
    """One handler of one event: live while its subscriber is enabled, and then given back.

    ``disable()`` ends it sooner.
    """

    kind = "subscription"
    waits_for_commit = True

    def __init__(
        self, event: Event[...], handler: Callable[..., object], subscriber: Owner | None
    ) -> None:
        super().__init__(subscriber or APPLICATION)
        self.event = event
        self.handler = handler
        self.subscriber = subscriber
        """Who subscribed: None is the application's own code."""
        self.is_async = is_kind(handler, COROUTINE)
        self.parts: list[tuple[Handlers, HookImpl]] = []
        """The calls that it takes part in."""

    def start(self) -> None:
        """Put it among what its subscriber holds; the application's are kept by the event."""
        if self.subscriber is None:
            self._activate()
        else:
            self.subscriber.scope.add(self)

    def take_part(self, handlers: Handlers) -> None:
        """Be called in one way; coroutine functions are called in no way but one."""
        if not self.is_async or handlers.way is Way.AWAITED:
            item = handlers.add(self.subscriber, str(self.owner), self.handler)
            self.parts.append((handlers, item))

    def let_go_of(self, calls: Iterable[Handlers]) -> None:
        """Take no part in these calls any more."""
        gone = {*calls}
        self.parts = [part for part in self.parts if part[0] not in gone]

    def _activate(self) -> None:
        self.event.join(self)

    def _cleanup(self) -> None:
        self.event.leave(self)

    def describe(self) -> str:
        return f"{self.kind} to {self.event}"


def check_fit(event: Event[...], handler: Callable[..., object], subscriber: Owner | None) -> None:
    """Refuse a handler that cannot take what the event hands over."""
    if not callable(handler):
        raise EventError(f"a handler of {event} is a function, not {handler!r}")
    try:
        wanted = accepts(handler)
    except Misfit:  # written in C, and says nothing of itself
        return
    count = len(event.takes.positional)
    required = [each for each in wanted.positional if each not in wanted.defaults]
    by_name = [each for each in wanted.keyword_only if each not in wanted.defaults]
    fits = len(required) <= count and not by_name and not takes_names_only(handler)
    if fits and (wanted.any_positional is not None or count <= len(wanted.positional)):
        return
    name = getattr(handler, "__name__", type(handler).__name__)
    raise EventError(
        f"{subscriber or APPLICATION} subscribes a handler that does not fit {event}\n"
        f"  {location(handler)}   {shown_call(name, handler)}\n"
        f"  it is called by position, as the event is declared: "
        f"{shown_call(event.name, event.function)}   {event.where}"
    )


def shown_call(name: str, function: Callable[..., object]) -> str:
    """A signature as one would write it: ``login(user: str, times: int = 1)``."""
    from inspect import signature  # only for an error: it would slow every start

    return f"{name}{signature(function)}"
