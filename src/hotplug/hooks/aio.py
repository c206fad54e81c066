"""The manager for async programs: the same hooks, awaited."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CoroutineType, ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar, cast, overload

from hotplug.hooks.binding import adapted
from hotplug.hooks.history import Replay
from hotplug.hooks.hook import Hook
from hotplug.hooks.markers import AsyncHooks
from hotplug.hooks.modes import How
from hotplug.hooks.policy import ErrorPolicy
from hotplug.hooks.registry import Registry

if TYPE_CHECKING:
    from asyncio import Lock, Task

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


@dataclass
class Turn:
    """Replays go one after the other; the task that is at it may come by again."""

    lock: Lock
    task: Task[Any] | None


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
        self._replaying: Turn | None = None
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
        if not self.waiting_replays and self._replaying is None:
            return
        import asyncio  # only for programs that await

        task = asyncio.current_task()
        if self._replaying is None:
            self._replaying = Turn(asyncio.Lock(), None)
        if self._replaying.task is task:  # what is replayed calls a historic hook itself
            return
        async with self._replaying.lock:
            self._replaying.task = task
            try:
                await self._replay_waiting()
            finally:
                self._replaying.task = None

    async def _replay_waiting(self) -> None:
        done: list[Replay] = []
        failures: list[Exception] = []
        while self.waiting_replays:
            replay = self.waiting_replays.popleft()
            hook, item, _ = replay
            if self.get_plugin(item.plugin_name) is not item.plugin:
                continue
            done.append(replay)
            try:
                result = replay.run(adapted(hook, item))
                if type(result) is CoroutineType:
                    result = await cast(Any, result)
            except Exception as error:
                result = self._replay_failed(replay, error, failures)
            replay.tell(result)
        self._report_replay(done, failures)

    def _last_seen(self, hook: Hook, plugin: object) -> int:
        waiting = [
            replay
            for replay in self.waiting_replays
            if replay.hook is hook and replay.implementation.plugin is plugin
        ]
        for replay in waiting:
            self.waiting_replays.remove(replay)
        return waiting[0].call.serial - 1 if waiting else super()._last_seen(hook, plugin)

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
