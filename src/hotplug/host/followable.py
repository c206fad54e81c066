"""How a host follows the files of its plugins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, Unpack, cast

from hotplug.errors.hosting import PluginStateError
from hotplug.host.operations import ask_application

if TYPE_CHECKING:
    from hotplug.host.following.watch import FileWatch
    from hotplug.host.host import PluginHost
    from hotplug.host.reloading.terms import ReloadOptions

__all__ = ["Followable"]

DEBOUNCE: Final = 0.1


class Followable:
    """The part of a host that follows files."""

    name: str
    is_closed: bool
    _file_watch: FileWatch | None = None

    def watch(
        self,
        *,
        also: Iterable[str] = (),
        debounce: float = DEBOUNCE,
        poll: float | None = None,
        **options: Unpack[ReloadOptions],
    ) -> FileWatch:
        """Reload plugins as their files are saved, until the watch is stopped or the host closed.

        All that is saved within ``debounce`` seconds is one reload. What counts is code and the
        manifest, and ``also`` what these patterns name. Files are looked at every ``poll`` seconds;
        without that, watchfiles tells of changes, if it is installed. In a running loop, reloads
        are carried out there. The options are those of `reload`, as ``confirm=30``.

        >>> with host.watch():  # doctest: +SKIP
        ...     serve()
        """
        from hotplug.host.following.watch import FileWatch  # few programs follow files

        host = cast("PluginHost[Any]", self)
        ask_application(host, "watch the files of plugins")
        if self.is_closed:
            raise PluginStateError(f"host {self.name!r} is closed; make a new one")
        if self._file_watch is not None and self._file_watch.is_running:
            raise PluginStateError(f"the files of host {self.name!r} are watched already")
        self._file_watch = FileWatch(host, also, debounce, poll, options)
        return self._file_watch

    def stop_watching(self) -> None:
        """Follow files no more."""
        watch, self._file_watch = self._file_watch, None
        if watch is not None:
            watch.stop()
