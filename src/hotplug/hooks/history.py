"""Historic calls, shown to plugins that come later: each call once to each plugin, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar
from weakref import ref

from hotplug.errors import HookErrors
from hotplug.hooks.hook import Hook
from hotplug.hooks.lookup import Lookup
from hotplug.hooks.plan import arguments
from hotplug.hooks.policy import HookFailure, log_error
from hotplug.hooks.records import HookImpl
from hotplug.hooks.unwind import note, trim

__all__ = ["HistoricCall", "History", "Replay"]

S = TypeVar("S")


class HistoricCall:
    """A call that plugins registered later will see too."""

    __slots__ = ("kwargs", "result_callback", "serial")

    def __init__(
        self,
        serial: int,
        kwargs: Mapping[str, object],
        result_callback: Callable[[Any], object] | None,
    ) -> None:
        self.serial = serial
        self.kwargs = kwargs
        self.result_callback = result_callback


class Replay(NamedTuple):
    """A historic call that a new plugin has yet to see."""

    hook: Hook
    implementation: HookImpl
    call: HistoricCall

    def run(self, function: Callable[..., Any]) -> Any:
        """Call the function with what the implementation takes of the call."""
        given = self.hook.bind((), self.call.kwargs)
        args, kwargs = arguments(self.implementation, given, self.hook.arguments)
        return function(*args, **kwargs)

    def tell(self, result: object) -> None:
        """Hand a result to the one who made the call."""
        if result is not None and self.call.result_callback is not None:
            self.call.result_callback(result)


class History(Lookup[S]):
    """How a manager replays historic calls. No lock is held meanwhile."""

    def historic(
        self,
        call: Callable[..., Any],
        result_callback: Callable[[Any], object] | None,
        kwargs: Mapping[str, object],
    ) -> Any:
        """Make a historic call; the async manager has something to do before."""
        return call(result_callback, **kwargs)

    def _replay(self, replays: list[Replay]) -> None:
        """Show a new plugin the historic calls it has missed, oldest first, outside the lock."""
        failures: list[Exception] = []
        for replay in replays:
            self._replay_one(replay, failures)
        self._report_replay(replays, failures)

    def _replay_one(self, replay: Replay, failures: list[Exception]) -> None:
        try:
            result = replay.run(replay.implementation.function)
        except Exception as error:
            result = self._replay_failed(replay, error, failures)
        replay.tell(result)

    def _replay_failed(self, replay: Replay, error: Exception, failures: list[Exception]) -> object:
        hook, item, _ = replay
        note(error, hook.name, item.plugin_name)
        trim(error)
        policy = hook.caller.effective_policy
        if policy == "skip":
            log_error(
                f"hook {hook.name!r}: plugin {item.plugin_name!r} raised in a replay: {error}",
                error,
            )
        elif callable(policy):
            return policy(HookFailure(hook.name, item.plugin_name, error))
        else:
            failures.append(error)
        return None

    def _report_replay(self, replays: list[Replay], failures: list[Exception]) -> None:
        if failures:
            name = replays[0].implementation.plugin_name
            raise HookErrors(
                f"plugin {name!r} is registered, but raised in {len(failures)} of "
                f"{len(replays)} replayed calls",
                failures,
            )

    def _seen(self, hook: Hook, plugin: object) -> int:
        """The last historic call that this object has seen in an earlier registration."""
        known = hook.replayed.get(id(plugin))
        return known[1] if known is not None and known[0]() is plugin else 0

    def _remember_seen(self, hook: Hook, plugin: object) -> None:
        key = id(plugin)
        try:
            watched = ref(plugin, lambda _: hook.replayed.pop(key, None))
        except TypeError:  # it cannot be watched, so it sees everything again
            return
        hook.replayed[key] = (watched, self._last_seen(hook, plugin))

    def _last_seen(self, hook: Hook, plugin: object) -> int:
        """The last historic call that a registered plugin has seen."""
        return hook.history[-1].serial
