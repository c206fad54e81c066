"""The manager for async programs: the same hooks, awaited."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from types import CoroutineType, ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar, cast, overload

from hotplug.hooks.markers import AsyncHooks
from hotplug.hooks.policy import ErrorPolicy
from hotplug.hooks.registry import Registry, Replay
from hotplug.hooks.shape import How

if TYPE_CHECKING:
    from hotplug.hooks.typed import (
        AsyncCollectingCaller,
        AsyncFirstResultCaller,
        AsyncHistoricCaller,
        AsyncPipelineCaller,
        Coro,
    )
    from hotplug.hooks.typed_specs import (
        AsyncHookTarget,
        CollectingHook,
        FirstResultHook,
        HistoricHook,
        PipelineHook,
    )

__all__ = ["AsyncPluginManager"]

P = ParamSpec("P")
R = TypeVar("R")
Caller = TypeVar("Caller")
Hooks = TypeVar("Hooks", bound=AsyncHooks)


class AsyncPluginManager(Registry[Hooks]):
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

    @overload
    def __init__(
        self: AsyncPluginManager[Any],
        project: str,
        specs: ModuleType | None = None,
        *,
        policy: ErrorPolicy = "raise",
    ) -> None: ...
    @overload
    def __init__(
        self, project: str, specs: type[Hooks], *, policy: ErrorPolicy = "raise"
    ) -> None: ...
    def __init__(
        self, project: str, specs: object = None, *, policy: ErrorPolicy = "raise"
    ) -> None:
        self.waiting_replays: deque[Replay] = deque()
        super().__init__(project, specs, policy=policy)

    @overload
    def caller(self, spec: AsyncHookTarget[Any, Any, Any, Caller]) -> Caller: ...
    # Specs of a module, or of a class that is not an AsyncHooks: `async def` first. Both of a pair
    # give the very same type expression; else mypy would call them ambiguous where a signature
    # contains Any.
    @overload
    def caller(self, spec: CollectingHook[..., P, Coro[R]]) -> AsyncCollectingCaller[P, R]: ...
    @overload
    def caller(self, spec: CollectingHook[..., P, R]) -> AsyncCollectingCaller[P, R]: ...
    @overload
    def caller(self, spec: FirstResultHook[..., P, Coro[R]]) -> AsyncFirstResultCaller[P, R]: ...
    @overload
    def caller(self, spec: FirstResultHook[..., P, R]) -> AsyncFirstResultCaller[P, R]: ...
    @overload
    def caller(self, spec: PipelineHook[..., P, Coro[R]]) -> AsyncPipelineCaller[P, R]: ...
    @overload
    def caller(self, spec: PipelineHook[..., P, R]) -> AsyncPipelineCaller[P, R]: ...
    @overload
    def caller(self, spec: HistoricHook[..., P, Coro[R]]) -> AsyncHistoricCaller[P, R]: ...
    @overload
    def caller(self, spec: HistoricHook[..., P, R]) -> AsyncHistoricCaller[P, R]: ...
    @overload
    def caller(self, spec: str) -> Any: ...
    def caller(self, spec: object) -> Any:
        """The hook that a declaration stands for, exactly typed; by name it is untyped."""
        return self.hook_of(spec).caller.function

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
                    result = await cast(Any, result)
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
