"""The profile of a host: calls, errors and time of each plugin on each hook, event and timer.

Who keeps an event loop from running is `blocking`'s business.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from threading import get_ident
from time import perf_counter
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Final, Self, cast

from hotplug.hooks.records import HookImpl
from hotplug.hooks.slot import Slot
from hotplug.host.handlers import SURROUNDINGS
from hotplug.host.implementations import Implementations
from hotplug.host.life import Life
from hotplug.host.owner import APPLICATION, Owner
from hotplug.host.scheduler import running_loop
from hotplug.host.timers import METERS
from hotplug.observe.blocking import Block, LoopWatch, place_of_error

if TYPE_CHECKING:
    from hotplug.host.plugin import Plugin

__all__ = ["Profile", "Row"]

NO_PLUGIN: Final = "(application)"


@dataclass(slots=True)
class Row:
    """What one plugin did on one hook, event or timer."""

    plugin: str
    kind: str
    """``hook``, ``event`` or ``timer``."""
    name: str
    calls: int = 0
    errors: int = 0
    seconds: float = 0.0
    """In all, waits included: an awaitable counts until it ends."""
    longest: float = 0.0
    """Of the longest call."""
    last_error: str = ""
    """What the latest failure was, and where."""
    switches: int = 0
    """How often another plugin or the application ran before."""

    @property
    def mean(self) -> float:
        """Seconds of an average call."""
        return self.seconds / self.calls if self.calls else 0.0

    def count(self, seconds: float) -> None:
        self.calls += 1
        self.seconds += seconds
        if seconds > self.longest:
            self.longest = seconds

    def fail(self, error: BaseException) -> None:
        if isinstance(error, CancelledError | GeneratorExit):
            return
        # In words: the error itself would keep the frames it passed, and the plugin's code.
        self.errors += 1
        self.last_error = f"{type(error).__name__}: {error}{place_of_error(error)}"


class Profile:
    """What the plugins of a host do from now on, until it is stopped. Print it for a table.

    >>> with host.profile() as profile:  # doctest: +SKIP
    ...     serve()
    >>> print(profile)  # doctest: +SKIP
    """

    def __init__(
        self, plugins: Mapping[str, Plugin], managers: Iterable[Any], slow: float = 0.1
    ) -> None:
        self._plugins = plugins
        self._managers = [*managers]
        self._rows: dict[tuple[str, str, str], Row] = {}
        self._running: dict[int, str] = {}
        self._began = perf_counter()
        self._ended: float | None = None
        self._loops = LoopWatch(slow)
        self._loops.look_after(running_loop())
        self._handlers = EventMeter(self)
        for manager in self._managers:
            manager.watch_implementations(self)
        SURROUNDINGS.watch(self._handlers)
        METERS.append(self)

    def stop(self) -> None:
        """Measure no more; the figures stay."""
        if self._ended is not None:
            return
        self._ended = perf_counter()
        METERS.remove(self)
        SURROUNDINGS.unwatch(self._handlers)
        for manager in self._managers:
            manager.unwatch_implementations(self)
        self._loops.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # what came out

    @property
    def rows(self) -> list[Row]:
        """All figures, the largest share of time first."""
        return sorted(self._rows.values(), key=lambda row: -row.seconds)

    @property
    def switches(self) -> dict[str, int]:
        """How often each plugin began to run where another one ran, or the application."""
        counts: dict[str, int] = {}
        for row in self._rows.values():
            counts[row.plugin] = counts.get(row.plugin, 0) + row.switches
        return counts

    @property
    def blocked(self) -> list[Block]:
        """Who kept an event loop from running, the longest first."""
        return self._loops.blocks

    @property
    def seconds(self) -> float:
        """For how long it has measured."""
        return (self._ended or perf_counter()) - self._began

    def as_data(self) -> dict[str, Any]:
        """The same as plain data, as JSON can hold it."""
        return {
            "seconds": self.seconds,
            "rows": [asdict(row) for row in self.rows],
            "switches": self.switches,
            "blocked": [asdict(block) for block in self.blocked],
        }

    def __str__(self) -> str:
        from hotplug.observe.tables import profile_as_text  # only for who looks at it

        return profile_as_text(self)

    # measuring

    def row(self, plugin: str, kind: str, name: str) -> Row:
        key = (plugin, kind, name)
        return self._rows.get(key) or self._rows.setdefault(key, Row(*key))

    def measured(self, item: HookImpl) -> HookImpl:
        """An implementation of a hook whose calls are counted."""
        plugin = item.plugin
        who = plugin.owner.name if isinstance(plugin, Implementations) else item.plugin_name
        call = self.clocked(self.row(who, "hook", item.hook_name), item.function)
        return HookImpl(item.hook_name, item.plugin_name, plugin, call, item.contribution)

    def around_timer(self, owner: Owner, callback: Callable[[], object]) -> Callable[[], object]:
        """The function of a timer, for one call."""
        who = self.name_of(owner)
        if who is None:
            return callback
        return self.clocked(self.row(who, "timer", name_of_function(callback)), callback)

    def name_of(self, owner: Owner | None) -> str | None:
        """What an owner is called in the table; None if it is a plugin of another host."""
        if owner is None or owner is APPLICATION:
            return NO_PLUGIN
        is_ours = isinstance(owner, Life) and owner.plugin.is_of(self._plugins)
        return owner.name if is_ours else None

    def clocked(self, row: Row, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its time and its errors written into a row."""
        running, plugin = self._running, row.plugin

        def call(*args: Any, **kwargs: Any) -> Any:
            thread = get_ident()
            before = running.get(thread, NO_PLUGIN)
            if before is not plugin:
                running[thread] = plugin
                row.switches += 1
            started = perf_counter()
            try:
                result = function(*args, **kwargs)
            except BaseException as error:
                row.fail(error)
                row.count(perf_counter() - started)
                raise
            finally:
                if before is not plugin:
                    running[thread] = before
            if type(result) is CoroutineType:
                return self.awaited(row, cast(Any, result), started)
            spent = perf_counter() - started
            row.calls += 1  # what `count` does, at half the price
            row.seconds += spent
            if spent > row.longest:
                row.longest = spent
                self._loops.look_after(running_loop())
            return result

        return call

    async def awaited(self, row: Row, running: CoroutineType[Any, Any, Any], started: float) -> Any:
        """The rest of a call: it counts as one that lasts until it ends."""
        self._loops.look_after(running_loop())
        try:
            return await running
        except BaseException as error:
            row.fail(error)
            raise
        finally:
            row.count(perf_counter() - started)


class EventMeter:
    """Stands around the handlers of events, for a profile."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    def measured(self, item: HookImpl) -> HookImpl:
        owner: Any = item.plugin
        who = self.profile.name_of(owner)
        if who is None:
            return item
        slot: Any = item.function
        row = self.profile.row(who, "event", item.hook_name)
        call = Slot(self.profile.clocked(row, slot))
        return HookImpl(item.hook_name, item.plugin_name, item.plugin, call, item.contribution)


def name_of_function(function: Any) -> str:
    return str(getattr(function, "__qualname__", None) or type(function).__name__)
