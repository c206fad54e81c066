"""What plugins keep for as long as they are installed, as the application deals with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from hotplug.errors.hosting import PluginStateError, UnknownPluginError
from hotplug.host.lifecycle import Operation
from hotplug.host.operations import Operations, ask_application

if TYPE_CHECKING:
    from hotplug.host.data.kept import InstalledData, Kept
    from hotplug.host.data.leaving import WhatToDo
    from hotplug.host.dependencies import Plugins
    from hotplug.host.host import PluginHost

__all__ = ["Storing"]


class Storing:
    """The part of a host that keeps the data of plugins. Unloading one never touches it."""

    plugins: Plugins
    _operations: Operations
    _kept: Kept | None = None
    _making = Lock()
    where_data_is: Callable[[], tuple[Path, Path]] | None = None
    """Says the folders for data and caches, where the project does not; None: the system does."""

    @property
    def kept(self) -> Kept:
        """Where the data of plugins is, and how much."""
        if self._kept is None:
            # Loaded by those who use it: it brings json, hashes and locks.
            from hotplug.host.data.kept import Kept

            with Storing._making:
                if self._kept is None:
                    self._kept = Kept(cast("PluginHost[Any]", self))
        return self._kept

    def forget_kept(self, name: str | None = None) -> None:
        """Let go of what is open for a plugin, or for all."""
        if self._kept is not None:
            if name is None:
                self._kept.close()
            else:
                self._kept.forget(name)

    def installed_data(self) -> list[InstalledData]:
        """Whose data is there: of plugins that are loaded, and of those that are not any more."""
        return self.kept.installed()

    def uninstall(
        self,
        name: str,
        *,
        data: WhatToDo = "keep",
        to: str | Path | None = None,
        dependants: str = "disable",
    ) -> Path | None:
        """Unload a plugin, and say what becomes of its data; its code is left where it is.

        ``keep`` leaves the data for when the plugin comes back, ``purge`` deletes it with the
        cache, ``export`` writes it into the archive ``to`` first, which `restore` reads back.
        Returns the archive.
        """
        from hotplug.host.data import leaving  # it brings tarfile

        ask_application(cast("PluginHost[Any]", self), "uninstall plugins")
        if data not in leaving.DATA:
            raise ValueError(f"data is one of {', '.join(leaving.DATA)}, not {data!r}")
        if (to is not None) != (data == "export"):
            raise TypeError("data='export' and to=... go together: to says where the archive is")
        plugin = self.plugins.get(name)
        has_data = self.kept.place(name).exists()
        if plugin is None and not has_data:
            raise UnknownPluginError(f"no plugin {name!r} is loaded, and none of it has data here")
        archive = leaving.free_place(name, to) if to is not None and has_data else None
        if plugin is not None:
            self._operations.carry_out(plugin, Operation.UNLOAD, dependants)
        if name in self.plugins:
            raise PluginStateError(f"plugin {name!r} was loaded anew as it was uninstalled")
        if archive is not None:
            leaving.export(self.kept, name, archive)
        if data != "keep":
            leaving.purge(self.kept, name)
        return archive

    def restore(self, archive: str | Path) -> str:
        """Bring back the data of a plugin that was exported; returns the plugin's name.

        What is there already is not written over: then it is a `DataError`.
        """
        from hotplug.host.data import leaving  # it brings tarfile

        ask_application(cast("PluginHost[Any]", self), "restore data")
        return leaving.restore(self.kept, Path(archive).absolute())
