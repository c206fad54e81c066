"""What follows from the files on the disk: which plugins are to be reloaded, and when.

How that is done, in a thread or on a loop, is `watch`'s business.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from weakref import ref

from hotplug.errors.hosting import ReloadError
from hotplug.host.following.files import Files, Marks
from hotplug.host.lifecycle import RUNNING, PluginState
from hotplug.host.tracebacks import to_show
from hotplug.host.watching import LOGGER, log_error

if TYPE_CHECKING:
    from hotplug.host.host import PluginHost
    from hotplug.host.plugin import Plugin

__all__ = ["Follower"]

LOOKS: Final = 20
"""How often one looks whether a save is complete; a file that is always written is taken so."""

State = dict[str, Marks]


class Follower:
    """Looks at the files of a host's plugins, and reloads what has changed."""

    def __init__(
        self,
        host: PluginHost[Any],
        files: Files,
        *,
        pause: Callable[[], object],
        reload: Callable[[PluginHost[Any], list[str]], object],
        enable: Callable[[Plugin], object],
    ) -> None:
        self._host = ref(host)  # a thread that looks does not keep a host
        self._files = files
        self._pause = pause
        self._reload = reload
        self._enable = enable
        self._seen: State = {}
        """By root, as they were when they were last compared with what runs."""
        self._broken: set[str] = set()
        """The names of those whose last save could not be reloaded."""
        self._unreadable: dict[str, str] = {}
        self.took = 0.0
        """How many seconds it takes to look."""

    def places(self) -> list[str]:
        """The folders and files that are looked at."""
        return [*self._followed()]

    def look(self) -> None:
        """Look once; what has changed is reloaded, all in one step."""
        now = self._marks()
        if now == self._seen:
            return
        for _ in range(LOOKS):
            before, _ = now, self._pause()
            now = self._marks()
            if now == before:
                break
        before, self._seen = self._seen, now
        touched = [
            plugin
            for root, plugin in self._followed().items()
            if root in now and now[root] != before.get(root)
        ]
        changed = [each.name for each in touched if self._has_changed(each, before)]
        if changed:
            self._bring_in(changed)
        for plugin in touched:
            if plugin.state is PluginState.ERROR and root_of(plugin) in before:
                self._try_again(plugin)

    def _followed(self) -> dict[str, Plugin]:
        host = self._host()
        plugins: list[Plugin] = [] if host is None else [*host]
        return {
            root_of(plugin): plugin
            for plugin in plugins
            if plugin.state in RUNNING or plugin.state is PluginState.ERROR
        }

    def _marks(self) -> State:
        began = monotonic()
        found: State = {}
        for root in self._followed():
            try:
                found[root] = self._files.marks(root)
                self._unreadable.pop(root, None)
            except OSError as error:
                if self._unreadable.get(root) != str(error):
                    LOGGER.warning("%s cannot be looked at: %s", root, error)
                self._unreadable[root] = str(error)
                if root in self._seen:
                    found[root] = self._seen[root]
        self.took = monotonic() - began
        return found

    def _has_changed(self, plugin: Plugin, before: State) -> bool:
        """Whether a plugin's files are others than those that it runs."""
        life = plugin.life
        generation = None if life is None else life.generation
        if life is None or generation is None or plugin.state not in RUNNING:
            return False
        root = root_of(plugin)
        if not os.path.exists(root):  # noqa: PTH110 (as all here: text, not Path)
            LOGGER.warning(
                "the files of plugin %r are gone: %s\n"
                "  generation %d serves on; unload the plugin, or put them back",
                *(plugin.name, root, life.number),
            )
            return False
        differ = self._files.differ(generation.snapshot, self._seen[root], before.get(root))
        if not differ and plugin.name in self._broken:
            self._broken.discard(plugin.name)
            LOGGER.info("the files of plugin %r are again those that it runs", plugin.name)
        return differ

    def _bring_in(self, changed: list[str]) -> None:
        """Reload these, together with those that could not be so far: this may have mended them."""
        host = self._host()
        if host is None:
            return
        waiting = [name for name in self._broken if name in host.plugins and name not in changed]
        failed = self._failed(host, [*changed, *waiting])
        if failed is not None and waiting:
            failed = self._failed(host, changed)
        if failed is None:
            return
        self._broken.update(changed)
        if isinstance(failed, ReloadError):
            cause = failed.__cause__
            LOGGER.error("%s", failed, exc_info=None if cause is None else to_show(cause))
        else:
            log_error(f"what was saved of {', '.join(changed)} could not be reloaded", failed)

    def _failed(self, host: PluginHost[Any], names: list[str]) -> BaseException | None:
        """Reload, and return what went wrong."""
        try:
            report = self._reload(host, names)
        except Exception as error:
            return error
        self._broken.difference_update(names)
        LOGGER.info("%s", report)
        return None

    def _try_again(self, plugin: Plugin) -> None:
        """Enable a plugin that could not be loaded or enabled: its files are others now."""
        try:
            self._enable(plugin)
        except Exception as error:
            log_error(f"plugin {plugin.name!r} has changed, and cannot be enabled yet", error)
        else:
            LOGGER.info("plugin %r has changed, and runs now", plugin.name)


def root_of(plugin: Plugin) -> str:
    return os.path.abspath(plugin.location)  # noqa: PTH100 (as the snapshot has it)
