"""Carries out what is asked of plugins: with all that they require, and one at a time on each.

How one of them gets from state to state is `steps`'s business.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hotplug.errors.hosting import (
    DependencyError,
    NotAllowed,
    NotReady,
    PluginStateError,
)
from hotplug.host.keeping import SETTLED, Circle, refusal
from hotplug.host.life import Child, Life
from hotplug.host.lifecycle import TRANSITIONS, Operation, PluginState, Step
from hotplug.host.owner import current_owner
from hotplug.host.scope import raise_together
from hotplug.host.steps import Steps
from hotplug.host.tracebacks import leave_out_ours
from hotplug.host.turns import Turns
from hotplug.host.watching import log_error

if TYPE_CHECKING:
    from hotplug.host.host import PluginHost
    from hotplug.host.plugin import Plugin

__all__ = ["Operations", "ask_application", "ask_permission"]

States: TypeAlias = "dict[Plugin, PluginState]"

DEPENDANTS: Final = ("disable", "refuse")
UP: Final = {Operation.LOAD: PluginState.LOADED, Operation.ENABLE: PluginState.ENABLED}
DONE: Final = {Operation.DISABLE: "disabled", Operation.UNLOAD: "unloaded"}


def ask_permission(plugin: Plugin, operation: Operation, wish: str = "") -> None:
    """Let only the application, the plugin itself and those that loaded it do this.

    ``wish`` is what it is called, where that is not the operation.
    """
    owner = current_owner()
    if not isinstance(owner, Life):
        return
    verb = wish or operation.value
    if operation in (Operation.LOAD, Operation.ENABLE):
        owner.check(f"{verb} plugin {plugin.name!r}")
    if owner.plugin is plugin:
        if operation in DONE:
            owner.check_may_stop(verb)
        return
    above: Plugin | None = plugin
    while above is not None and above.loaded_by is not None:
        above = owner.plugin.known_as(above.loaded_by)
        if owner.plugin is above:
            return
    raise NotAllowed(
        f"plugin {owner.name!r} cannot {verb} plugin {plugin.name!r}: only the "
        "application, the plugin itself and the one that loaded it can\n"
        f"  a plugin that needs it running lists it: requires = [{plugin.name!r}]"
    )


def ask_application(host: PluginHost[Any], wish: str) -> None:
    """Let the plugins of a host not do what concerns all of them."""
    owner = current_owner()
    if isinstance(owner, Life) and owner.plugin.is_of(host.plugins):
        raise NotAllowed(
            f"plugin {owner.name!r} cannot {wish}: only the application can\n"
            "  a plugin disables itself with get_current_plugin().disable()"
        )


def with_their_own(children: Iterable[Plugin]) -> Iterator[Plugin]:
    """Children, each after those that it has loaded itself."""
    for child in children:
        yield from with_their_own(child.children)
        yield child


def stay_with_parent(plugin: Plugin) -> None:
    """Let a child stop with its parent also where that, in this life of it, has not loaded it."""
    lives = [] if plugin.parent is None else plugin.parent.open_lives
    held = [item for life in lives for item in life.scope if isinstance(item, Child)]
    if lives and not any(item.child is plugin for item in held):
        lives[0].scope.add(Child(lives[0], plugin))


class Operations(Steps):
    """What a host does to its plugins, one operation at a time on each of them."""

    def __init__(self, host: PluginHost[Any]) -> None:
        super().__init__(host)
        self.turns: Turns[Plugin] = Turns()

    def carry_out(self, plugin: Plugin, operation: Operation, dependants: str = "disable") -> None:
        """Do what is asked for, with all that it takes, and start those that waited for it."""
        if dependants not in DEPENDANTS:
            raise ValueError(f"dependants is 'disable' or 'refuse', not {dependants!r}")
        up = operation in UP
        plugin.tries = 0  # who asks now does not wait as long as the host would by itself
        if operation is Operation.ENABLE:
            plugin.started_for = None
        states: States = {}
        try:
            while not self.is_carried_out(plugin, operation, states, dependants):
                pass  # one that it requires was loaded meanwhile: that has to be taken as well
        except BaseException as error:
            leave_out_ours(error)
            if up and isinstance(error, Exception):
                self.wake_after(states)  # what it requires may have started nevertheless
            raise
        if up:
            self.wake_after(states)

    def is_carried_out(
        self,
        plugin: Plugin,
        operation: Operation,
        states: States,
        dependants: str = "disable",
        wish: PluginState | None = None,
    ) -> bool:
        """Take all that is involved, and work on nothing else; False if that was not all.

        ``states`` gets what was before. With a wish, only as long as it is the plugin's.
        """
        up = operation in UP
        with self.turns.take(lambda: self.involved(plugin, operation)) as taken:
            for each in taken:
                states.setdefault(each, each.state)
            if plugin.step is not None and self.is_done_by(plugin, operation, up=up):
                return True
            if wish is not None and plugin.wish is not wish:
                return True  # another thread has stopped it meanwhile
            if up:
                self.prepare(plugin, operation, is_asked=wish is None)
            if not taken.keys() >= set(self.involved(plugin, operation)):
                return False
            if up:
                self.bring_up(plugin, operation, taken)
            else:
                self.bring_down(plugin, operation, dependants)
        return True

    def is_done_by(self, plugin: Plugin, operation: Operation, *, up: bool) -> bool:
        """Whether the step that a plugin's own code is called by does what this code asks for."""
        step = plugin.step
        if step is Step.START:
            return up  # it may change its mind, and stop
        if step is not Step.RUN and not up:
            return True
        doing = "its module runs" if step is Step.RUN else "it stops"
        raise PluginStateError(
            f"plugin {plugin.name!r} cannot {operation.value} itself while {doing}\n"
            "  a module that is not to be loaded raises an error; all else can wait for on_enable"
        )

    def involved(self, plugin: Plugin, operation: Operation) -> Iterable[Plugin]:
        """The plugins that an operation may change."""
        if self.plugins.is_alone(plugin) and not plugin.children:
            return (plugin,)
        to = UP.get(operation)
        needed = () if to is None else self.plugins.needs(plugin, settled=SETTLED[to])
        found = dict.fromkeys((plugin, *needed))
        ahead = {} if operation is Operation.LOAD else found
        if operation is Operation.ENABLE:
            # One that is loaded may fail to start: what was loaded upon it has to go then.
            ahead = {each: None for each in found if each.state is PluginState.LOADED}
            opponents = self.plugins.opponents_of_any(found)
            found.update(dict.fromkeys(opponents))  # else both could start at the same time
        while ahead:
            stopping = dict.fromkeys((*ahead, *self.plugins.running_upon(ahead)))
            found = {**found, **stopping}
            children = (child for other in stopping for child in other.children)
            ahead = {child: None for child in children if child not in found}
        return found

    # up

    def prepare(self, plugin: Plugin, operation: Operation, *, is_asked: bool) -> None:
        """From now on, one that is loaded and that this one requires wakes it."""
        self.host.readmit(plugin)
        transition = TRANSITIONS[plugin.state, operation]
        # Who enables one that waits may have mended its manifest, as the reason says.
        is_known = plugin.lives or (is_asked and plugin.reason)
        if Step.RUN in transition.steps and is_known:
            self.host.read_again(plugin)
        stay_with_parent(plugin)
        plugin.wish = transition.to

    def bring_up(self, plugin: Plugin, operation: Operation, taken: Collection[Plugin]) -> None:
        if plugin.metadata.lazy and self.host.laziness.defers(plugin, operation):
            return
        if operation is Operation.ENABLE and plugin.waits_for_parent:
            operation = Operation.LOAD
        elif operation is Operation.ENABLE and plugin.metadata.dependencies:
            with suppress(Circle):  # which is its obstacle
                self.start_requirements(plugin, taken)
        to = TRANSITIONS[plugin.state, operation].to
        plugin.reason = self.plugins.obstacle(plugin, to=to, among=taken)
        if plugin.state is not to and plugin.reason:
            if operation is Operation.ENABLE:
                raise refusal(self.plugins, plugin)
            return
        try:
            self.apply(plugin, operation)
        except NotReady:
            if operation is Operation.ENABLE:
                raise  # one that is only loaded waits, as for a plugin that is missing

    def start_requirements(self, plugin: Plugin, taken: Collection[Plugin]) -> None:
        """Enable all that a plugin requires or wants, as far as it was known."""
        settled = SETTLED[PluginState.ENABLED]
        avoided = self.plugins.avoided_by(plugin)
        for required in self.plugins.start_order([plugin], settled=settled)[:-1]:
            if (
                required in taken
                and required not in avoided
                and required.step is None
                and required.state is not PluginState.ENABLED
            ):
                reason = self.plugins.obstacle(required, to=PluginState.ENABLED, among=taken)
                if reason:
                    required.reason = reason  # that of the one that was asked for tells of it
                    continue
                required.wish, required.started_for = PluginState.ENABLED, plugin.name
                try:
                    self.apply(required, Operation.ENABLE)
                except NotReady:
                    continue  # it has said so
                except Exception as error:
                    log_error(
                        f"plugin {required.name!r}, which {plugin.name!r} needs, cannot start",
                        error,
                    )

    def wake_after(self, states: States) -> None:
        """Start those that waited for a plugin whose state is another now, and so on."""
        self.wake(self.waiting_for(states))

    def wake(self, waiting: list[tuple[object, Plugin]]) -> None:
        while waiting:
            first, other = waiting.pop()
            wish = other.wish
            if wish is None or other.state in (wish, PluginState.ENABLED):
                continue
            if self.plugins.obstacle(other, to=wish):
                continue
            operation = Operation.LOAD if wish is PluginState.LOADED else Operation.ENABLE
            states: States = {}
            try:
                while not self.is_carried_out(other, operation, states, wish=wish):
                    pass
            except Exception as error:
                leave_out_ours(error)
                if other.state is PluginState.ERROR:  # or another thread has stopped this one again
                    log_error(
                        f"plugin {other.name!r}, which waited for {str(first)!r}, failed", error
                    )
            waiting += self.waiting_for(states)

    def waiting_for(self, states: States) -> list[tuple[object, Plugin]]:
        """Those of the plugins that have another state now, with each that requires them."""
        return [
            (plugin, other)
            for plugin, state in reversed(states.items())
            if plugin.state is not state
            for other in reversed(self.plugins.requirers_of(plugin))
        ]

    # down

    def bring_down(self, plugin: Plugin, operation: Operation, dependants: str) -> None:
        others = self.plugins.dependants(plugin)
        if others and dependants == "refuse":
            names = ", ".join(repr(other.name) for other in others)
            raise DependencyError(
                f"plugin {plugin.name!r} cannot {operation.value}: {names} "
                f"{'requires' if len(others) == 1 else 'require'} it"
            )
        errors = self.stop_others(
            others, f"it requires {plugin.name!r}, which was {DONE[operation]}"
        )
        children = plugin.children
        plugin.wish = None
        errors += self.stopped(plugin, operation)
        if plugin.state is not PluginState.UNLOADED or operation is Operation.UNLOAD:
            plugin.reason = f"it was {DONE[operation]}"
        if operation is Operation.UNLOAD:
            for child in with_their_own(children):
                errors += self.stopped(child, operation)
                self.host.forget(child)
            self.host.forget(plugin)
        if errors:
            raise_together(f"plugin {plugin.name!r}", errors)
