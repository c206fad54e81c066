"""Declares events: the decorator `event`."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final, ParamSpec, Protocol, overload
from weakref import WeakKeyDictionary, WeakValueDictionary

from hotplug.hooks.looking import ASYNC_GENERATOR, COROUTINE, GENERATOR
from hotplug.hooks.signature import is_kind
from hotplug.host.events import AroundEvent, AsyncEvent, Event, SyncEvent
from hotplug.host.handlers import EventPolicy
from hotplug.host.owner import APPLICATION, Owner, current_owner

__all__ = ["event", "new_event"]

P = ParamSpec("P")

Events = WeakValueDictionary[tuple[str, str], Event[...]]
"""By module, and the name in it."""

declared: Final[WeakKeyDictionary[Owner, Events]] = WeakKeyDictionary()
"""The events of each owner. Neither keeps the other: a life that is over can be forgotten."""


class Declares(Protocol):
    """The decorator that ``@event(...)`` gives."""

    # What is awaited comes first: every function returns an object.
    @overload
    def __call__(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
        self, function: Callable[P, AsyncIterator[Any] | Coroutine[Any, Any, Any]], /
    ) -> AsyncEvent[P]: ...
    @overload
    def __call__(self, function: Callable[P, object], /) -> SyncEvent[P]: ...


@overload
def event(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
    function: Callable[P, AsyncIterator[Any] | Coroutine[Any, Any, Any]], /
) -> AsyncEvent[P]: ...
@overload
def event(function: Callable[P, object], /) -> SyncEvent[P]: ...
@overload
def event(*, protected: bool = False, policy: EventPolicy = "collect") -> Declares: ...
def event(
    function: Callable[..., object] | None = None,
    /,
    *,
    protected: bool = False,
    policy: EventPolicy = "collect",
) -> Any:
    """Declare an event of whoever runs: of a plugin in its code, else of the application.

    A plain function runs before the handlers; a generator stands around them, and sees what they
    raise; coroutine functions and async generators make an event that is awaited.

    >>> @event
    ... def arrived(name: str) -> None: ...
    >>> @arrived.on
    ... def greet(name: str) -> None:
    ...     print(f"hello {name}")
    >>> arrived("Ada")
    hello Ada
    """
    if function is not None:
        return new_event(function, current_owner())

    def decorate(function: Callable[..., object]) -> Event[...]:
        return new_event(function, current_owner(), protected=protected, policy=policy)

    return decorate


def new_event(
    function: Callable[..., object],
    owner: Owner | None,
    *,
    protected: bool = False,
    policy: EventPolicy = "collect",
) -> Event[...]:
    """An event of this owner, of the kind that its function asks for."""
    made_of: type[Event[...]] = SyncEvent
    if is_kind(function, COROUTINE | ASYNC_GENERATOR):
        made_of = AsyncEvent
    elif is_kind(function, GENERATOR):
        made_of = AroundEvent
    made = made_of(function, owner, protected=protected, policy=policy)
    remember(made)
    return made


def remember(made: Event[...]) -> None:
    """Warn where an event takes the name of another, whose subscriptions would be lost unseen."""
    function = made.function
    if "<locals>" in function.__qualname__:  # every call of the function around it makes its own
        return
    its_own = declared.setdefault(made.owner or APPLICATION, WeakValueDictionary())
    key = function.__module__, function.__qualname__
    before = its_own.get(key)
    its_own[key] = made
    if before is not None:
        count = len(before.subscriptions)
        warnings.warn(
            f"{made} is declared again\n  {made.where}\n  before: {before.where}"
            + (f", which keeps its {count} subscription{'s' * (count > 1)}" if count else "")
            + "; rename one of the two",
            RuntimeWarning,
            stacklevel=4,
        )
