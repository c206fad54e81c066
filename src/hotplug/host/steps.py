"""Takes one plugin from state to state, by the steps of the table.

Every way out of a life is the same: its scopes are closed, whatever fails, and the errors come out
together. Which other plugins are concerned is `operations`'s business.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from hotplug.errors.hosting import PluginErrors, PluginStateError, PluginTimeout
from hotplug.host import quitting
from hotplug.host.keeping import tell_what_it_goes_without
from hotplug.host.life import Life
from hotplug.host.lifecycle import RUNNING, TRANSITIONS, Operation, PluginState, Step
from hotplug.host.patience import Errand, Late, where
from hotplug.host.retrying import not_ready_in, put_off
from hotplug.host.scope import raise_together
from hotplug.host.tracebacks import leave_out_ours

if TYPE_CHECKING:
    from hotplug.host.host import PluginHost
    from hotplug.host.plugin import Plugin

__all__ = ["Steps", "as_error"]

STATE_AFTER: Final = {
    Step.RUN: PluginState.LOADED,
    Step.START: PluginState.ENABLED,
    Step.STOP: PluginState.DISABLED,
    Step.END: PluginState.UNLOADED,
}


class Steps(ABC):
    """What a host does to one plugin at a time."""

    def __init__(self, host: PluginHost[Any]) -> None:
        self.host = host
        self.plugins = host.plugins

    @abstractmethod
    def wake(self, waiting: list[tuple[object, Plugin]]) -> None:
        """Start those of these plugins that nothing keeps any more; with each, what it waited for.

        The last goes first, and then those that waited for it.
        """

    def stop_others(self, others: Iterable[Plugin], reason: str) -> list[BaseException]:
        """Stop plugins until what they require runs again; returns all that went wrong."""
        errors: list[BaseException] = []
        for other in others:
            wish = other.wish
            errors += self.stopped(other, Operation.DISABLE)
            other.wish, other.reason = wish, reason
        return errors

    def stopped(self, plugin: Plugin, operation: Operation) -> list[BaseException]:
        """Stop one plugin; returns all that went wrong."""
        try:
            self.apply(plugin, operation)
        except PluginErrors as group:
            return [*group.exceptions]
        except BaseException as error:
            return [error]
        return []

    def apply(self, plugin: Plugin, operation: Operation) -> None:
        """Take the steps of the table."""
        transition = TRANSITIONS[plugin.state, operation]
        errors: list[BaseException] = []
        if plugin.retry is not None:
            plugin.retry.disable()
        for step in transition.steps:
            before, plugin.step = plugin.state, step
            try:
                if step in (Step.RUN, Step.START):
                    self.attempt(plugin, step)
                else:
                    errors += self.stop(plugin) if step is Step.STOP else self.end(plugin)
            finally:
                plugin.step = None
            if step is Step.START and plugin.state is not PluginState.ENABLED:
                return  # it has stopped itself as it started
            plugin.state = STATE_AFTER[step]
            errors += self.host.tell(plugin, before)
        plugin.state, plugin.error, plugin.tries = transition.to, None, 0
        if plugin.state in RUNNING:
            plugin.reason = ""
        if errors:
            raise_together(f"plugin {plugin.name!r}", errors)

    def attempt(self, plugin: Plugin, step: Step) -> None:
        """Run or start a plugin; if that fails all is given back, and its state is ERROR."""
        try:
            with self.host.bookkeeping.measure(plugin, step):
                if step is Step.RUN:
                    self.run(plugin)
                else:
                    self.start(plugin)
        except BaseException as error:
            failure = self.failed(plugin, step, error)
            if failure is error:
                raise
            raise failure from error

    def failed(self, plugin: Plugin, step: Step, error: BaseException) -> BaseException:
        before = plugin.state if step is Step.RUN else PluginState.LOADED
        verb = "loaded" if step is Step.RUN else "enabled"
        error.add_note(f"plugin {plugin.name!r} could not be {verb}")
        not_ready = not_ready_in(error)
        said = f"could not be {verb}" if not_ready is None else f"is {not_ready}"
        others = self.plugins.dependants(plugin)
        errors = self.stop_others(others, f"it requires {plugin.name!r}, which {said}")
        errors += [*self.stop(plugin), *self.end(plugin)]
        error = as_error(plugin, error)
        if not_ready is not None and not errors:
            plugin.state, plugin.error = PluginState.UNLOADED, None
            put_off(plugin, not_ready, self.host.scheduler, self.wake)
            self.host.tell(plugin, before)
            return not_ready
        plugin.tries = 0
        plugin.error = error
        plugin.state = PluginState.ERROR
        plugin.reason = f"it could not be {verb}: {type(error).__name__}: {error}"
        errors += self.host.tell(plugin, before)
        for another in errors:
            if not isinstance(another, Exception) and isinstance(error, Exception):
                return another
        if errors and isinstance(error, Exception):
            several = [error, *(each for each in errors if isinstance(each, Exception))]
            return PluginErrors(
                f"plugin {plugin.name!r} could not be {verb}, nor give everything back", several
            )
        return error

    def run(self, plugin: Plugin) -> None:
        """Run a plugin's module in a life of its own."""
        plugin.lives += 1
        plugin.life = life = Life(plugin, plugin.lives, self.host.watchers)
        tell_what_it_goes_without(self.plugins, plugin)
        life.module = self.loaded(life)
        self.host.stage_implementations(life)

    def loaded(self, life: Life, load: Callable[[], ModuleType] | None = None) -> ModuleType:
        """What the loader returns, within the time that it has."""
        plugin, seconds = life.plugin, self.host.load_timeout
        load = load or partial(self.host.loader.load, plugin)
        if seconds is None:
            return life.call(load)
        errand = Errand(f"load {plugin.name}", partial(life.call, load))
        try:
            return errand.run(seconds)
        except Late:
            raise PluginTimeout(
                f"plugin {plugin.name!r} was not loaded within {seconds:g} s: {plugin.location}\n"
                f"  its module still runs: {where(errand.thread)}"
            ) from None
        finally:
            if not errand.done.is_set():
                life.scope.close()  # from here on the module can get nothing more
                if not errand.stop():
                    plugin.abandon(errand.thread)

    def start(self, plugin: Plugin) -> None:
        """Let go live what the module made, then let the plugin start what it wants."""
        life = plugin.life
        if life is None:
            raise PluginStateError(f"plugin {plugin.name!r} has not been loaded")
        plugin.state = PluginState.ENABLED  # children that go live with it may require it
        life.scope.open()
        errors = life.on_enable.run()
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise_together(f"plugin {plugin.name!r}", errors, "failed in its on_enable handlers")
        if self.host.project.settings:
            self.host.refuse_unread_settings(plugin)

    def stop(self, plugin: Plugin) -> list[BaseException]:
        life = plugin.life
        return [] if life is None else [as_error(plugin, error) for error in life.stop()]

    def end(self, plugin: Plugin) -> list[BaseException]:
        life, plugin.life = plugin.life, None
        if life is None:
            return []
        errors = life.end()
        life.module = None
        return [as_error(plugin, error) for error in errors]


def as_error(plugin: Plugin, error: BaseException) -> BaseException:
    """What a plugin raised, with nothing of ours before the plugin's own lines."""
    leave_out_ours(error)
    return quitting.as_error(error, f"plugin {plugin.name!r}")
