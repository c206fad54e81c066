"""Puts plugins into the places of others, in one manager: what a reload commits.

Whoever does it holds the manager's lock, and those of all others that change with it; so nobody
sees one of them changed and another one not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from hotplug.errors import RegistrationError
from hotplug.hooks.history import Replay

if TYPE_CHECKING:
    from hotplug.hooks.hook import Hook
    from hotplug.hooks.lookup import Registered
    from hotplug.hooks.records import HookImpl
    from hotplug.hooks.registry import Registry

__all__ = ["Exchange", "Swap"]


class Swap(NamedTuple):
    """Objects that go, and those that come into their place, each with its name."""

    old: Sequence[object]
    new: Sequence[tuple[object, str]]


class Exchange:
    """One change of one manager: all of it, or nothing.

    >>> with pm.lock:  # doctest: +SKIP
    ...     exchange = Exchange(pm, [Swap([old], [(new, "shop")])])
    ...     exchange.check()
    ...     exchange.carry_out()
    """

    def __init__(self, manager: Registry[Any], swaps: Iterable[Swap]) -> None:
        self.registry: Any = manager  # what it keeps for itself is what is worked on here
        self.swaps = [*swaps]
        names = map(manager.get_name, chain.from_iterable(swap.old for swap in self.swaps))
        self.leaving: dict[str, Registered] = {
            name: self.registry._plugins[name] for name in names if name is not None
        }
        self.coming: dict[str, Registered] = {}

    def check(self) -> None:
        """Refuse what cannot be registered in place of the others; nothing is changed."""
        registry = self.registry
        for swap in self.swaps:
            for plugin, name in swap.new:
                self._check_name(name)
                found = registry._found_on(plugin, name)
                self.coming[name] = registry._checked(plugin, name, found, is_alone=False)
        for hook in self.hooks:
            self._check_order(hook)

    def _check_name(self, name: str) -> None:
        if self.registry.is_blocked(name):
            raise RegistrationError(f"plugin {name!r} is blocked; unblock({name!r}) lets it in")
        if name in self.coming or (self.registry.has_plugin(name) and name not in self.leaving):
            raise RegistrationError(
                f"a plugin named {name!r} is registered already; give this one another name="
            )

    def _check_order(self, hook: Hook) -> None:
        new = [item for item in self._coming_items() if item.hook_name == hook.name]
        if not (hook.related or any(item.contribution.is_related for item in new)):
            return
        for is_wrapper in (False, True):
            there = hook.wrappers if is_wrapper else hook.all_implementations()
            stay = [item for item in there if item.plugin_name not in self.leaving]
            more = [item for item in new if item.is_wrapper == is_wrapper]
            self.registry._check_one_order(hook, [*stay, *more])

    def _coming_items(self) -> list[HookImpl]:
        return [item for registered in self.coming.values() for item in registered.implementations]

    @property
    def hooks(self) -> list[Hook]:
        """The hooks that change."""
        several = (*self.leaving.values(), *self.coming.values())
        return [*dict.fromkeys(chain.from_iterable(registered.hooks for registered in several))]

    def touch(self) -> None:
        """Let calls that begin from here on wait for the lock."""
        for hook in self.hooks:
            if hook.in_use:
                hook.touch()

    def carry_out(self) -> list[Replay]:
        """Make the change, which cannot fail any more; returns what is to be replayed."""
        registry = self.registry
        for name, registered in self.leaving.items():
            for hook, item in zip(registered.hooks, registered.implementations, strict=True):
                hook.remove(item)
            del registry._names[id(registered.plugin)]
            registry._distributions.pop(name, None)
        for name, registered in self.coming.items():
            registry._names[id(registered.plugin)] = name
            for hook, item in zip(registered.hooks, registered.implementations, strict=True):
                hook.add(item)
        registry._plugins = self._in_their_places()
        self._put_in_order()
        replays = [
            Replay(hook, item, call)
            for registered in self.coming.values()
            for hook, item in zip(registered.hooks, registered.implementations, strict=True)
            for call in hook.history
        ]
        return sorted(replays, key=lambda replay: replay.call.serial)

    def _in_their_places(self) -> dict[str, Registered]:
        """All that are registered: those that come stand where those stood that go."""
        places: dict[str, Swap] = {}
        for swap in self.swaps:
            old = {id(each) for each in swap.old}
            names = [name for name, known in self.leaving.items() if id(known.plugin) in old]
            if names:
                places[names[0]] = swap
        plugins: dict[str, Registered] = {}
        for name, registered in self.registry._plugins.items():
            if name in places:
                plugins.update({new: self.coming[new] for _, new in places[name].new})
            if name not in self.leaving:
                plugins[name] = registered
        return {**plugins, **self.coming}

    def _put_in_order(self) -> None:
        """Let the hooks know their implementations in the order of the plugins."""
        places = {name: at for at, name in enumerate(self.registry._plugins)}

        def place(item: HookImpl) -> int:
            return places[item.plugin_name]

        for hook in self.hooks:
            hook.rearrange(place)
            if hook.in_use:  # again, for what a finalizer or a signal handler may have called
                hook.touch()
