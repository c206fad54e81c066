"""How plugins are reloaded: a fresh generation takes over from the one that serves."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterable
from threading import Lock, RLock
from time import sleep
from typing import TYPE_CHECKING, Any, Unpack, cast

from hotplug.errors.hosting import ReloadError
from hotplug.host.followable import Followable
from hotplug.host.operations import Operations, ask_application
from hotplug.host.running import until_ended

if TYPE_CHECKING:
    from hotplug.host.happenings import Happenings
    from hotplug.host.host import PluginHost
    from hotplug.host.implementations import Hooks
    from hotplug.host.plugin import Plugin
    from hotplug.host.reloading.collection import Retired
    from hotplug.host.reloading.report import Leftover, ReloadReport
    from hotplug.host.reloading.stages import Reload
    from hotplug.host.reloading.terms import ReloadOptions

__all__ = ["Reloadable"]


class Reloadable(Followable):
    """The part of a host that reloads."""

    _operations: Operations
    _hooks: Hooks[Any]
    _happenings: Happenings
    _lock: RLock
    _replaced: Retired | None = None
    _holding: Lock | None = None
    confirm_reloads: float = 0.0
    """For how many seconds a new generation has to prove itself; see ``confirm`` of a reload."""

    def reload(self, names: str | Iterable[str], **options: Unpack[ReloadOptions]) -> ReloadReport:
        """Replace plugins by what is in their files now, all in one step.

        Plugins that have imported one of them get fresh generations as well. Calls under way
        finish in the old ones. If anything fails, `ReloadError` says what, and nothing has changed.
        With ``dry_run`` the new modules run and are checked, and then all is left as it was.

        >>> print(host.reload(["shop", "till"]))  # doctest: +SKIP
        """
        return carry_out(self._reload(names, options))

    async def reload_async(
        self, names: str | Iterable[str], **options: Unpack[ReloadOptions]
    ) -> ReloadReport:
        """The same inside a running loop, whose tasks go on while calls are waited for."""
        return await carry_out_async(self._reload(names, options))

    def _reload(self, names: str | Iterable[str], options: ReloadOptions) -> Reload:
        host = cast("PluginHost[Any]", self)
        ask_application(host, "reload plugins by their names")
        several = [names] if isinstance(names, str) else [*names]
        if not several:
            raise ValueError("reload takes the name of a plugin, or of several")
        return reload_of([host.get_plugin(name) for name in several], options)

    def old_generations(self) -> list[Leftover]:
        """The generations that were replaced and are still there, each with what holds it.

        Garbage is collected first. An empty list is what one wants.
        """
        return self.replaced.look()

    @property
    def operations(self) -> Operations:
        """Who does to plugins what is asked for, one thing at a time."""
        return self._operations

    @property
    def replaced(self) -> Retired:
        """The generations that were replaced."""
        if self._replaced is None:
            from hotplug.host.reloading.collection import Retired  # with the first reload

            self._replaced = Retired()
        return self._replaced

    def tell_of_reload(self, happening: str, **what: Any) -> None:
        """Tell those who want to know how a reload has ended."""
        self._happenings.tell(happening, **what)

    @property
    def holding(self) -> Lock:
        """Held by the one reload that keeps calls waiting."""
        with self._lock:
            if self._holding is None:
                self._holding = Lock()
            return self._holding

    @property
    def lock(self) -> Any:
        """Held while plugins come, go, or change."""
        return self._lock

    @property
    def all_hook_managers(self) -> list[Any]:
        """All managers that plugins implement hooks of, always in the same order."""
        return [*self._hooks.managers, *self._happenings.hooks.managers]

    def hooks_changed(self) -> None:
        """See anew which happenings somebody wants to hear of."""
        self._happenings.hooks.changed()


def reload_of(
    plugins: list[Plugin], options: ReloadOptions, *, back: bool = False, reason: str = ""
) -> Reload:
    from hotplug.host.reloading.stages import Reload  # all that it takes is loaded with the first
    from hotplug.host.reloading.terms import Terms

    return Reload(plugins[0].host.operations, plugins, Terms(**options), back=back, reason=reason)


def carry_out(reload: Reload) -> ReloadReport:
    """Go through all stages, on this thread."""
    try:
        wait_out(reload.bring_in())
    except ReloadError as error:
        reload.tell_of_failure(error)
        raise
    if reload.terms.dry_run:
        return reload.report
    try:
        wait_out(reload.pauses())
    finally:
        report = reload.finish()
    reload.tell()
    return report


def wait_out(pauses: Generator[float]) -> None:
    for seconds in pauses:
        try:
            sleep(seconds)
        except BaseException as error:  # an interrupt
            pauses.throw(error)
            raise


async def carry_out_async(reload: Reload) -> ReloadReport:
    """Go through all stages, and let the loop run while calls are waited for."""
    reload.is_async = True
    try:
        await wait_out_async(reload.bring_in())
    except BaseException as error:
        await until_ended(reload.tasks)
        if isinstance(error, ReloadError):
            reload.tell_of_failure(error)
        raise
    if reload.terms.dry_run:
        await until_ended(reload.tasks)
        return reload.report
    try:
        await wait_out_async(reload.pauses())
    finally:
        report = reload.finish()
        await until_ended(reload.tasks)
    reload.tell()
    return report


async def wait_out_async(pauses: Generator[float]) -> None:
    for seconds in pauses:
        try:
            await asyncio.sleep(seconds)
        except BaseException as error:  # it is cancelled
            pauses.throw(error)
            raise
