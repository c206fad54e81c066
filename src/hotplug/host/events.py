"""Events: a plugin says that something happens, and who subscribed hears of it.

How one is emitted is the business of `emission`; whom it reaches that of `subscriptions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial, update_wrapper
from itertools import chain
from keyword import iskeyword
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Generic,
    ParamSpec,
    Protocol,
    Self,
    TypeVar,
    TypeVarTuple,
    cast,
)

from hotplug.errors.hosting import EventError, NotAllowed
from hotplug.hooks.looking import ASYNC_GENERATOR, GENERATOR, shown
from hotplug.hooks.signature import (
    Accepts,
    accepts,
    is_kind,
    location,
    plain_function,
)
from hotplug.host.emission import tell, tell_around, tell_async
from hotplug.host.entering import is_own_code
from hotplug.host.handlers import SURROUNDINGS, EventPolicy, Handlers, Way
from hotplug.host.owner import APPLICATION, Owner, current_owner, run_as
from hotplug.host.resources import Resource
from hotplug.host.subscriptions import EventSubscription, check_fit, shown_call
from hotplug.host.waiting import wait, wait_async

__all__ = ["AroundEvent", "AsyncEvent", "DeclaredEvent", "Event", "SyncEvent"]

P = ParamSpec("P")
R = TypeVar("R")
Ts = TypeVarTuple("Ts")

POLICIES: Final = ("collect", "raise", "skip")


class Takes(Protocol[*Ts]):
    """What takes these arguments by position: so a handler's types are held against an event's."""

    def __call__(self, *args: *Ts) -> Any: ...


class Event(Generic[P]):
    """Something that happens in a plugin, or in the application; made by `event`.

    Its owner and the application emit it: they call it.
    """

    __name__: str

    def __init__(
        self,
        function: Callable[P, object],
        owner: Owner | None,
        *,
        protected: bool = False,
        policy: EventPolicy = "collect",
    ) -> None:
        self.function: Callable[..., Any] = function
        self.owner = owner
        """Whose event it is; None is the application."""
        self.protected = protected
        """Whether only its owner may subscribe; to the application's events: may emit."""
        if plain_function(function) is None:
            raise EventError(f"an event is declared with a function, not with {shown(function)}")
        self.name: str = function.__name__
        self.where = location(function)
        self.takes = arguments_of(self, function)
        self.is_around = is_kind(function, GENERATOR | ASYNC_GENERATOR)
        self.is_own = is_own_code(owner, function)
        self.body: Callable[..., Any] = (
            self.function if self.is_own else partial(run_as, owner, function)
        )
        """What runs before the handlers, where it is no generator."""
        self.policy: EventPolicy = checked(self, policy)
        self.live: dict[EventSubscription, None] = {}
        self.awaited: dict[EventSubscription, None] = {}
        """Those of coroutine functions."""
        self.calls: dict[str, Handlers] = {}
        self.direct = self.call(Way.DIRECT)
        update_wrapper(self, function)
        if owner is not None:
            owner.scope.add(DeclaredEvent(owner, self))

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Emit it: run its own code, and every handler in the order of their subscriptions."""
        raise NotImplementedError

    async def emit_async(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Emit it to all handlers, and await those that are coroutine functions."""
        await tell_async(self, *args, **kwargs)

    # subscribing

    def on(self: Takes[*Ts], handler: Callable[[*Ts], R], /) -> Callable[[*Ts], R]:
        """Subscribe the function that is decorated."""
        subscribe(cast("Event[...]", self), handler)
        return handler

    def subscribe(self: Takes[*Ts], handler: Callable[[*Ts], object], /) -> EventSubscription:
        """Call a function whenever it is emitted, as whoever subscribes now."""
        return subscribe(cast("Event[...]", self), handler)

    def __iadd__(self: Takes[*Ts], handler: Callable[[*Ts], object], /) -> Event[P]:
        subscribe(cast("Event[...]", self), handler)
        return cast("Event[P]", self)

    def unsubscribe(self, handler: Callable[..., object], /) -> bool:
        """End the newest subscription of this function by whoever runs; whether there was one."""
        subscriber = current_owner()
        # Looking through all that a plugin holds takes long: only for what is not live yet.
        for subscription in chain(reversed(self.subscriptions), self.held_by(subscriber)):
            if subscription.subscriber is subscriber and subscription.handler == handler:
                subscription.disable()
                return True
        return False

    def __isub__(self, handler: Callable[..., object], /) -> Self:
        self.unsubscribe(handler)
        return self

    @property
    def subscriptions(self) -> tuple[EventSubscription, ...]:
        """Those that are live, oldest first."""
        with SURROUNDINGS.lock:
            return tuple(self.live)

    def held_by(self, subscriber: Owner | None) -> Iterator[EventSubscription]:
        """Those of one subscriber, newest first, also where they are staged and not live yet."""
        for each in reversed([] if subscriber is None else [*subscriber.scope]):
            if isinstance(each, EventSubscription) and each.event is self:
                yield each

    # waiting

    def wait_for(
        self: Takes[*Ts],
        timeout: float | None = None,
        where: Callable[[*Ts], object] | None = None,
    ) -> tuple[*Ts]:
        """Block until it is emitted, and return what with; ``where`` says which one is wanted."""
        return cast("tuple[*Ts]", wait(cast("Event[...]", self), where, current_owner(), timeout))

    async def wait_for_async(
        self: Takes[*Ts],
        timeout: float | None = None,  # noqa: ASYNC109
        where: Callable[[*Ts], object] | None = None,
    ) -> tuple[*Ts]:
        """The same for a task."""
        found = await wait_async(cast("Event[...]", self), where, current_owner(), timeout)
        return cast("tuple[*Ts]", found)

    # for the rest of this floor

    def call(self, way: str) -> Callable[..., Any]:
        """The function that calls all handlers in one way."""
        found = self.calls.get(way)
        return found.function if found is not None else self.new_call(way)

    def new_call(self, way: str) -> Callable[..., Any]:
        with SURROUNDINGS.lock:
            if way not in self.calls:
                name = self.name if is_name(self.name) else "event"  # that of a lambda is none
                handlers = Handlers(name, self.takes, way, self.policy)
                for subscription in self.live:
                    subscription.take_part(handlers)
                self.calls[way] = handlers
            return self.calls[way].function

    def join(self, subscription: EventSubscription) -> None:
        """Let a subscription go live, unless it has been given back meanwhile."""
        with SURROUNDINGS.lock:
            if subscription.enabled:
                self.live[subscription] = None
                if subscription.is_async:
                    self.awaited[subscription] = None
                for handlers in self.calls.values():
                    subscription.take_part(handlers)

    def leave(self, subscription: EventSubscription) -> None:
        """Let a subscription go, even out of an emission that is under way."""
        with SURROUNDINGS.lock:
            self.live.pop(subscription, None)
            self.awaited.pop(subscription, None)
            for handlers, item in subscription.parts:
                handlers.remove(item)
            subscription.parts.clear()

    def end(self) -> None:
        """Let go of all who subscribed: its owner has ended."""
        for subscription in self.subscriptions:
            if subscription.event is self:
                subscription.disable()
            else:  # it has moved on to the next generation's
                subscription.let_go_of(self.calls.values())
        self.live.clear()

    # when one generation takes over from another; the lock is held

    def retire(self, subscription: EventSubscription) -> None:
        """Reach it with no new emission; those that are under way still do."""
        self.live.pop(subscription, None)
        self.awaited.pop(subscription, None)
        for handlers, item in subscription.parts:
            handlers.retire(item)

    def move(self, subscription: EventSubscription, to: Event[...]) -> None:
        """Let a subscription hear the same event of the next generation, and this one as well."""
        subscription.event = to
        to.join(subscription)

    def put_in_order(self, subscriptions: Iterable[EventSubscription]) -> None:
        """Call the handlers of live subscriptions in this order."""
        self.live = {each: None for each in subscriptions if each in self.live}
        for handlers in self.calls.values():
            parts = [part for each in self.live for part in each.parts]
            handlers.put_in_order([item for of, item in parts if of is handlers])

    def check_owner(self, wish: str) -> None:
        """Refuse what needs its owner to be there."""
        if self.owner is not None:
            self.owner.check(wish)

    def __str__(self) -> str:
        return f"event {self.name!r} of {self.owner or APPLICATION}"

    def __repr__(self) -> str:
        return f"<{self} from {self.where}>"


class DeclaredEvent(Resource):
    """An event of a plugin, as one of the things that it holds."""

    kind = "event"

    def __init__(self, owner: Owner, event: Event[...]) -> None:
        super().__init__(owner)
        self.event = event

    def _cleanup(self) -> None:
        self.event.end()


class SyncEvent(Event[P]):
    """An event whose handlers run while the call that emits it waits."""

    if TYPE_CHECKING:

        def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None: ...
        def __iadd__(self: Takes[*Ts], handler: Callable[[*Ts], object], /) -> SyncEvent[P]: ...
    else:
        __call__ = tell


class AroundEvent(SyncEvent[P]):
    """One whose function has something to do after its handlers, too."""

    if not TYPE_CHECKING:
        __call__ = tell_around


class AsyncEvent(Event[P]):
    """An event that is awaited, with its own code and its handlers."""

    if TYPE_CHECKING:

        async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None: ...
        def __iadd__(self: Takes[*Ts], handler: Callable[[*Ts], object], /) -> AsyncEvent[P]: ...
    else:
        __call__ = tell_async


def is_name(text: str) -> bool:
    return text.isidentifier() and not iskeyword(text)


def arguments_of(made: Event[...], function: Callable[..., object]) -> Accepts:
    """What handlers are given: only named arguments can be handed over by position."""
    takes = accepts(function)
    odd = [*takes.keyword_only, *filter(None, (takes.any_positional, takes.any_keyword))]
    if odd:
        raise EventError(
            f"{made} is declared with {' and '.join(map(repr, odd))}, and handlers are called by "
            f"position\n  {made.where}   {shown_call(made.name, function)}\n"
            "  name each argument, and put no * before it"
        )
    return takes


def checked(made: Event[...], policy: EventPolicy) -> EventPolicy:
    if policy not in POLICIES:
        known = ", ".join(map(repr, POLICIES))
        raise EventError(f"{made} has the unknown policy {policy!r}; it can be {known}")
    return policy


def subscribe(to: Event[...], handler: Callable[..., object]) -> EventSubscription:
    subscriber = current_owner()
    if subscriber is not None:
        subscriber.check(f"subscribe to event {to.name!r}")
    to.check_owner(f"take a subscription to event {to.name!r}")
    if to.protected and to.owner is not None and subscriber is not to.owner:
        raise NotAllowed(
            f"{subscriber or APPLICATION} may not subscribe to {to}, which is protected\n"
            f"  {to.where}\n  only {to.owner} may"
        )
    check_fit(to, handler, subscriber)
    subscription = EventSubscription(to, handler, subscriber)
    subscription.start()
    return subscription
