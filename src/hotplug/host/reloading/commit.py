"""The commit: hooks, subscriptions and timers of all plugins of a reload change in one step.

It is made while the locks of all tables are held. Calls that begin meanwhile wait that long, and
find the new generations; those that had begun go on in the old ones. Nothing of a plugin runs here
but ``take_over``, before any lock is taken.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, cast

from hotplug.hooks.exchange import Exchange, Swap
from hotplug.host.events import DeclaredEvent, Event
from hotplug.host.handlers import SURROUNDINGS
from hotplug.host.life import Child, Life
from hotplug.host.quitting import ERRORS, as_error
from hotplug.host.subscriptions import EventSubscription, check_fit
from hotplug.host.timers import Timer

if TYPE_CHECKING:
    from hotplug.host.host import PluginHost
    from hotplug.host.reloading.candidate import Candidate
    from hotplug.host.resources import Resource

__all__ = ["Commit"]


class Commit:
    """What changes hands between the old and the new lives of some plugins."""

    def __init__(self, host: PluginHost[Any], candidates: Iterable[Candidate]) -> None:
        self.host = host
        self.candidates = [*candidates]
        self.starting = [each for each in self.candidates if each.starts]
        self.notes: list[str] = []

    @property
    def old_lives(self) -> set[Life]:
        return {each.old for each in self.candidates}

    @property
    def managers(self) -> list[Any]:
        """All managers that plugins implement hooks of, always in the same order."""
        return self.host.all_hook_managers

    @contextmanager
    def _locks(self) -> Generator[None]:
        with ExitStack() as locks:
            for lock in (self.host.lock, *(each.lock for each in self.managers), SURROUNDINGS.lock):
                locks.enter_context(lock)
            yield

    def check(self) -> None:
        """Refuse what could not be committed as things are now; nothing is changed."""
        with self._locks():
            self._exchanges()
        for event, counterpart in self._events():
            for subscription in self._foreign(event):
                if counterpart is not None:
                    check_fit(counterpart, subscription.handler, subscription.subscriber)

    def carry_out(self) -> None:
        """Make the change; if it is refused, nothing has changed."""
        if any(isinstance(item, Timer) for each in self.starting for item in each.life.scope):
            _ = self.host.scheduler  # made now: under the locks nothing is imported
        with self._handed_over(), self._locks():
            exchanges = self._exchanges()
            for exchange in exchanges:
                exchange.touch()
            replays = [(each, each.carry_out()) for each in exchanges]
            self._change_lives()
            self._change_events()
            self._change_timers()
            self._open()
        for candidate in self.candidates:
            if candidate.life.generation is not None:
                candidate.life.generation.commit()  # tracebacks show the new text from here on
        self.replays = replays

    def follow_up(self) -> list[Exception]:
        """What runs plugins' code, and had to wait for the locks; returns what that raised."""
        errors: list[Exception] = []
        self.host.hooks_changed()
        for exchange, replays in self.replays:
            try:
                if replays:
                    exchange.registry._replay(replays)
            except ERRORS as error:
                errors.append(cast(Exception, as_error(error, "a plugin that has started")))
        for item in [item for each in self.starting for item in each.life.scope]:
            try:
                if isinstance(item, Child):
                    item.go_live()
            except Exception as error:
                errors.append(error)
        return errors

    # what is exclusive

    @contextmanager
    def _handed_over(self) -> Generator[None]:
        """Hand over what is exclusive; it goes back if anything fails."""
        done: list[tuple[Candidate, Resource, Resource]] = []
        try:
            for candidate in self.starting:
                for resource in candidate.life.scope:
                    before = candidate.predecessor_of(resource)
                    if before is not None:
                        candidate.life.call(resource.take_over, before)
                        done.append((candidate, resource, before))
            yield
        except BaseException:
            for candidate, resource, before in reversed(done):
                candidate.old.call(before.take_over, resource)
                resource.let_go()
            raise
        for _, _, before in done:
            before.let_go()

    # the tables

    def _exchanges(self) -> list[Exchange]:
        exchanges: list[Exchange] = []
        for manager in self.managers:
            swaps: list[Swap] = []
            for each in self.starting:
                old = [part for _, part in parts_of(each, each.old, manager)]
                new = [(part, name) for name, part in parts_of(each, each.life, manager)]
                if old or new:
                    swaps.append(Swap(old, new))
            if swaps:
                exchange = Exchange(manager, swaps)
                exchange.check()
                exchanges.append(exchange)
        return exchanges

    def _change_lives(self) -> None:
        for each in self.starting:
            for group in each.groups(each.old):
                group.is_live = False
            for group in each.groups(each.life):
                group.is_live = True
        lives, ending = [each.life for each in self.candidates], self.old_lives
        replaced = {each.metadata.identifier: each.life.generation for each in self.candidates}
        for plugin in self.host.plugins.values():
            life = None if plugin.life in ending else plugin.life
            generation = None if life is None else life.generation
            for package, fresh in replaced.items():
                if generation is not None and fresh is not None and package in generation.wires:
                    generation.wires[package] = fresh  # it has imported nothing of it yet
        for each in self.candidates:
            each.plugin.life, each.plugin.staged = each.life, None
            each.plugin.lives = each.life.number
            if each.metadata is not each.plugin.metadata:
                self.host.plugins.update(each.plugin, each.metadata)
        generations = [life.generation for life in lives if life.generation is not None]
        self.host.namespace.put(*generations)

    def _change_timers(self) -> None:
        for each in self.starting:
            for item in each.old.scope:
                if isinstance(item, Timer):
                    item.fall_silent()

    def _open(self) -> None:
        for each in self.starting:
            each.life.scope.open()
        self._put_subscriptions_in_order()

    # events

    def _events(self) -> list[tuple[Event[...], Event[...] | None]]:
        """The events that the old lives declare, each with the same one of the new life."""
        pairs: list[tuple[Event[...], Event[...] | None]] = []
        for each in self.starting:
            new = {name_of(event): event for event in declared_by(each.life)}
            pairs += [(event, new.get(name_of(event))) for event in declared_by(each.old)]
        return pairs

    def _foreign(self, event: Event[...]) -> list[EventSubscription]:
        """Those who subscribed and stay: the application, and plugins that are not reloaded."""
        ending = self.old_lives
        return [each for each in event.live if each.subscriber not in ending]

    def _change_events(self) -> None:
        self.orders: dict[Event[...], list[EventSubscription]] = {}
        for event, counterpart in self._events():
            foreign = self._foreign(event)
            if counterpart is not None:
                self.orders[counterpart] = [*event.live]
                for subscription in foreign:
                    event.move(subscription, counterpart)
            elif foreign:
                count = len(foreign)
                self.notes.append(f"{event} is declared no more; subscriptions that end: {count}")
        ending = self.old_lives
        for each in self.starting:
            for item in each.old.scope:
                # What its own old events still emit, it still hears.
                if isinstance(item, EventSubscription) and item.event.owner not in ending:
                    self.orders.setdefault(item.event, [*item.event.live])
                    item.event.retire(item)

    def _put_subscriptions_in_order(self) -> None:
        """Let each handler have the place that its plugin had among those of the event."""
        successors = {each.old: each.life for each in self.starting}
        for event, before in self.orders.items():
            order: dict[EventSubscription, None] = {}
            for subscription in before:
                heir = successors.get(subscription.subscriber)  # type: ignore[call-overload]
                if heir is None:
                    order[subscription] = None
                else:
                    order.update({each: None for each in event.live if each.subscriber is heir})
            event.put_in_order({**order, **event.live})


def parts_of(candidate: Candidate, life: Life, manager: Any) -> list[tuple[str, object]]:
    """What one manager knows, or is to know, of a life."""
    return [
        (group.name, part)
        for group in candidate.groups(life)
        for of, part in group.parts
        if of is manager
    ]


def declared_by(life: Life) -> list[Event[...]]:
    return [item.event for item in life.scope if isinstance(item, DeclaredEvent)]


def name_of(event: Event[...]) -> tuple[str, str]:
    return event.function.__module__, event.function.__qualname__
