"""Context-switch hooks: who is told that another plugin begins to run, or the application.

While nobody wants to know, nothing is done for it: with the first hook the calls of the host's
hooks are built anew, so that they tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from inspect import iscoroutinefunction
from threading import get_ident
from typing import TYPE_CHECKING, Any

from hotplug.hooks.records import HookImpl
from hotplug.host.entering import SWITCHES, run_told
from hotplug.host.implementations import Implementations
from hotplug.host.life import Life
from hotplug.host.owner import Owner, owner_outside, run_as
from hotplug.host.stepping import stepped
from hotplug.host.watching import Watch, log_error

if TYPE_CHECKING:
    from hotplug.host.plugin import Plugin

__all__ = ["Switching"]


class Switching:
    """The context-switch hooks of one host."""

    def __init__(self, plugins: Mapping[str, Plugin], managers: Iterable[Any]) -> None:
        self._plugins = plugins
        self._managers = managers
        self._watch = Watch("a context-switch hook", self.close)
        self._telling: set[int] = set()

    def add(self, function: Callable[[Plugin | None, Plugin | None], object]) -> Callable[[], None]:
        is_first = not self._watch.functions
        end = self._watch.add(function)
        if is_first:
            SWITCHES.append(self.tell)
            for manager in self._managers:
                manager.watch_implementations(self)
        return end

    def add_once(self, function: Callable[[Plugin | None, Plugin | None], object]) -> None:
        if function not in self._watch.functions:
            run_as(None, self.add, function)

    def remove(self, function: Callable[..., object]) -> None:
        self._watch.remove(function)

    def close(self) -> None:
        """Tell nobody any more."""
        self._watch.functions = ()
        if self.tell in SWITCHES:
            SWITCHES.remove(self.tell)
        for manager in self._managers:
            manager.unwatch_implementations(self)

    def tell(self, before: Owner | None, after: Owner | None) -> None:
        old, new = self._plugin_of(before), self._plugin_of(after)
        thread = get_ident()
        if old is new or thread in self._telling:  # it is switched again by one that is told
            return
        self._telling.add(thread)
        try:
            for error in self._watch.tell(old, new):
                log_error("telling of a switch failed", error)
        finally:
            self._telling.discard(thread)

    def _plugin_of(self, owner: Owner | None) -> Plugin | None:
        """Its plugin, if that is one of this host."""
        if isinstance(owner, Life) and owner.plugin.is_of(self._plugins):
            return owner.plugin
        return None

    def measured(self, item: HookImpl) -> HookImpl:
        """An implementation that tells of the switch to its plugin, and of the one back."""
        plugin, function = item.plugin, item.function
        owner = plugin.owner if isinstance(plugin, Implementations) else None
        in_steps = iscoroutinefunction(function)

        def call(*args: Any, **kwargs: Any) -> Any:
            if in_steps:  # calling it runs nothing yet
                return stepped(owner, function(*args, **kwargs))
            return stepped(owner, run_told(owner_outside(), owner, function, *args, **kwargs))

        return HookImpl(item.hook_name, item.plugin_name, plugin, call, item.contribution)
