"""What the house and its integrations share: a hook, an event, and what an answer looks like."""

from typing import NamedTuple

from hotplug import AsyncHooks, HookimplMarker, HookspecMarker, event

__all__ = ["House", "Reading", "homeimpl", "motion"]

homespec = HookspecMarker("home")
homeimpl = HookimplMarker("home")


class Reading(NamedTuple):
    name: str
    value: object
    builds: tuple[int, ...] = ()
    """Of which build of its code each part of the answer is; all should be of one."""


class House(AsyncHooks):
    @homespec
    async def reading(self) -> Reading:
        """Say how you are."""
        raise NotImplementedError


@event
def motion(room: int) -> None:
    """Somebody moves in a room."""
