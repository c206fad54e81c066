"""Waiting for an event, in a thread or in a task."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hotplug.errors.hosting import EventError, PluginStateError
from hotplug.host.emission import running_loop
from hotplug.host.owner import Owner
from hotplug.host.quitting import ERRORS
from hotplug.host.subscriptions import EventSubscription

if TYPE_CHECKING:
    from hotplug.host.events import Event

__all__ = ["Wait", "wait", "wait_async"]

Where = Callable[..., object]


class Wait(EventSubscription):
    """A subscription that ends with the first emission that is waited for."""

    kind = "wait"

    def __init__(
        self,
        event: Event[...],
        where: Where | None,
        subscriber: Owner | None,
        wake: Callable[[], object],
    ) -> None:
        super().__init__(event, self.look, subscriber)
        self.is_wanted = where
        self.wake = wake
        self.given: tuple[Any, ...] | None = None
        self.error: BaseException | None = None

    def start(self) -> None:
        if not self.owner.scope.is_open:
            self.owner.check(f"wait for {self.event}")
            raise PluginStateError(
                f"{self.owner} waits for {self.event} before it is enabled, and would not hear it; "
                "wait in on_enable or later"
            )
        super().start()

    def look(self, *given: object) -> None:
        """See whether this is what is waited for; an error in that goes to who waits."""
        try:
            if self.is_wanted is not None and not self.is_wanted(*given):
                return
            self.given = given
        except ERRORS as error:
            self.error = error
        self.disable()

    def _cleanup(self) -> None:
        super()._cleanup()
        self.wake()

    def outcome(self, timeout: float | None) -> tuple[Any, ...]:
        """What the event was emitted with, or why it was not."""
        self.disable()
        if self.error is not None:
            raise self.error
        if self.given is not None:
            return self.given
        self.owner.check(f"wait for {self.event}")
        self.event.check_owner("emit it any more")
        raise TimeoutError(f"{self.event} was not emitted within {timeout} s")


def wait(event: Event[...], where: Where | None, who: Owner | None, timeout: float | None) -> Any:
    """Block this thread until the event is emitted."""
    from threading import Event as Flag  # few wait

    if running_loop() is not None:
        raise EventError(
            f"waiting for {event} would block the loop: await {event.name}.wait_for_async(...)"
        )
    flag = Flag()
    waiting = Wait(event, where, who, flag.set)
    waiting.start()
    try:
        flag.wait(timeout)
    finally:
        waiting.disable()
    return waiting.outcome(timeout)


async def wait_async(
    event: Event[...],
    where: Where | None,
    who: Owner | None,
    timeout: float | None,  # noqa: ASYNC109
) -> Any:
    """Let this task wait until the event is emitted, in whatever thread."""
    import asyncio  # only for programs that have loaded it

    loop, flag = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(flag.set)

    waiting = Wait(event, where, who, wake)
    waiting.start()
    scope = asyncio.timeout(timeout)
    try:
        async with scope:
            await flag.wait()
    except TimeoutError:
        if not scope.expired():
            raise
    finally:
        waiting.disable()
    return waiting.outcome(timeout)
