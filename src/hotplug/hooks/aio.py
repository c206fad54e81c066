"""The manager for async programs: the same hooks, awaited."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from types import CoroutineType
from typing import Any, ClassVar, TypeVar

from hotplug.hooks.registry import Registry, Replay
from hotplug.hooks.source import How

__all__ = ["AsyncPluginManager"]

S = TypeVar("S")


class AsyncPluginManager(Registry[S]):
    """Calls hooks whose implementations may be coroutine functions; sync ones mix in freely.

    >>> import asyncio
    >>> from hotplug import AsyncHooks, HookimplMarker, HookspecMarker
    >>> class Specs(AsyncHooks):
    ...     @HookspecMarker("news")
    ...     async def fetch(self, topic: str) -> str: ...
    >>> class Wire:
    ...     @HookimplMarker("news")
    ...     async def fetch(self, topic: str) -> str:
    ...         return f"{topic} from the wire"
    >>> pm = AsyncPluginManager("news", Specs)
    >>> pm.register(Wire())
    'Wire'
    >>> asyncio.run(pm.hook.fetch(topic="sun"))
    ['sun from the wire']
    """

    is_async: ClassVar[bool] = True

    def __init__(self, project: str, specs: type[S] | S | None = None, **options: Any) -> None:
        self.waiting_replays: deque[Replay] = deque()
        super().__init__(project, specs, **options)

    async def register_async(self, plugin: object, name: str | None = None) -> str:
        """Register a plugin, and await what it does with the historic calls it has missed."""
        name = self.register(plugin, name)
        await self.replay()
        return name

    async def replay(self) -> None:
        """Await the replays that `register` had to leave: those of coroutine functions.

        The next ``call_historic`` does it too.
        """
        done: list[Replay] = []
        failures: list[Exception] = []
        while self.waiting_replays:
            replay = self.waiting_replays.popleft()
            if not self.has_plugin(replay.implementation.plugin_name):
                continue
            done.append(replay)
            function, call = self._prepared(replay)
            try:
                result = function()
                if type(result) is CoroutineType:
                    result = await result
            except Exception as error:
                result = self._replay_failed(replay, error, failures)
            if result is not None and call.result_callback is not None:
                call.result_callback(result)
        self._report_replay(done, failures)

    def _replay_one(self, replay: Replay, failures: list[Exception]) -> None:
        # Once something waits, all that follows waits too: the calls keep their order.
        if self.waiting_replays or replay.implementation.contribution.step.how is not How.PLAIN:
            self.waiting_replays.append(replay)
        else:
            super()._replay_one(replay, failures)

    async def historic(
        self,
        call: Callable[..., Any],
        result_callback: Callable[[Any], object] | None,
        kwargs: Mapping[str, object],
    ) -> None:
        """A historic call, after the replays that are still waiting."""
        await self.replay()
        await call(result_callback, **kwargs)
