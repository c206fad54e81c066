"""The hooks of a host, and how what plugins implement comes to them and goes."""

from __future__ import annotations

from collections.abc import Sequence
from types import FunctionType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from hotplug.errors import PluginValidationError
from hotplug.hooks.looking import module_dict, place_of
from hotplug.hooks.markers import HookimplOpts
from hotplug.hooks.scan import candidates, hint_of_foreign_marks
from hotplug.host import offers
from hotplug.host.implementations import HookImplementation
from hotplug.host.watching import LOGGER

if TYPE_CHECKING:
    from hotplug.hooks.aio import AsyncPluginManager
    from hotplug.hooks.manager import PluginManager
    from hotplug.hooks.markers import AsyncHooks
    from hotplug.host.happenings import Happenings
    from hotplug.host.implementations import Hooks
    from hotplug.host.life import Life

__all__ = ["Hookable"]

S = TypeVar("S")
A = TypeVar("A", bound="AsyncHooks")


class Hookable(Generic[S]):
    """The part of a host that has hooks."""

    name: str
    _hooks: Hooks[S]
    _happenings: Happenings

    @property
    def hooks(self) -> PluginManager[S]:
        """The hooks that plugins implement: ``host.hooks.hook.greeting(name="Ada")``."""
        return cast("PluginManager[S]", self._hooks.sync)

    @property
    def async_hooks(self: Hookable[A]) -> AsyncPluginManager[A]:
        """The hooks of specs that derive from `AsyncHooks`."""
        return self._hooks.asynchronous

    def stage_implementations(self, life: Life) -> None:
        """Find what a plugin's module implements."""
        module = life.module
        among = None if module is None else candidates(module_dict(module))
        if among:
            several = (self._hooks, self._happenings.hooks)
            if not any([hooks.stage(life, module, life.name, among) for hooks in several]):  # noqa: C419 (both)
                self._tell_of_other_projects(life, among)
        offers.compare(life)

    def _tell_of_other_projects(self, life: Life, among: Sequence[tuple[str, Any]]) -> None:
        """Log that a plugin has marks, and none for this host: most often a name is misspelled."""
        if not any(manager.hook.__dict__ for manager in self._hooks.managers):
            return
        if not any(type(value) is FunctionType and value.__dict__ for _, value in among):
            return  # nothing is marked: what follows takes longer
        hint = hint_of_foreign_marks(life.module, "impl", HookimplOpts, self.name)
        if hint and not any(isinstance(each, HookImplementation) for each in life.scope):
            LOGGER.warning(
                "plugin %r implements no hook of project %r\n  %s\n  %s",
                *(life.name, self.name, place_of(life.module), hint),
            )

    def implement(self, life: Life, thing: object, name: str | None = None) -> str:
        """Let an object of a plugin implement hooks, as long as the plugin is enabled."""
        name = f"{life.name}:{name or self.hooks.get_canonical_name(thing)}"
        several = (self._hooks, self._happenings.hooks)
        if not any([hooks.stage(life, thing, name) for hooks in several]):  # noqa: C419 (both)
            hint = hint_of_foreign_marks(thing, "impl", HookimplOpts, self.name)
            raise PluginValidationError(
                life.name,
                f"registers {thing!r}, which implements no hook of {self.name!r}"
                + (f"\n  {place_of(thing)}\n  {hint}" if hint else ""),
            )
        return name

    def withdraw(self, life: Life, name_or_thing: object) -> object | None:
        """Take what `implement` let in out again; it is returned, or None if it is not there."""
        for resource in life.scope:
            if isinstance(resource, HookImplementation) and resource.group.is_of(name_or_thing):
                thing = resource.group.thing
                resource.group.dissolve()
                return thing
        return None
