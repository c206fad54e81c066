"""FileWatch: a thread that reloads plugins as their files change."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from threading import Event, Thread, current_thread
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from hotplug.host.following.files import Files
from hotplug.host.following.follower import Follower
from hotplug.host.following.waiting import waiting
from hotplug.host.owner import run_as
from hotplug.host.reloading.terms import ReloadOptions, Terms
from hotplug.host.scheduler import running_loop
from hotplug.host.watching import log_error

if TYPE_CHECKING:
    from hotplug.host.host import PluginHost
    from hotplug.host.plugin import Plugin

__all__ = ["FileWatch"]

GRACE: Final = 1.0
"""For how many seconds a reload that is under way is waited for as the watch stops."""
STEP: Final = 0.02


class Stopped(BaseException):
    """The watch has been stopped while its loop was asked for something."""


class FileWatch:
    """Reloads plugins as their files change, until it is stopped.

    >>> with host.watch():  # doctest: +SKIP
    ...     serve()
    """

    def __init__(
        self,
        host: PluginHost[Any],
        also: Iterable[str],
        debounce: float,
        poll: float | None,
        options: ReloadOptions,
    ) -> None:
        for name, value in {"debounce": debounce, "poll": poll}.items():
            if value is not None and not value > 0:
                raise ValueError(f"{name}= is a number of seconds above 0, not {value!r}")
        Terms(**options)  # told now, and not at the first save
        self._options = options
        self._loop = running_loop()
        self._stopping = Event()
        self._has_looked = Event()
        files = Files(also)
        self._wait = waiting(poll, files, self._stopping)
        self._follower = Follower(
            host,
            files,
            pause=lambda: self._stopping.wait(debounce),
            reload=self._reload,
            enable=self._enable,
        )
        self._thread = Thread(target=self._run, name=f"watch of {host.name}", daemon=True)
        run_as(None, self._thread.start)

    @property
    def is_running(self) -> bool:
        """Whether files are looked at."""
        return self._thread.is_alive() and not self._stopping.is_set()

    @property
    def has_looked(self) -> bool:
        """Whether all files have been looked at once: what is saved from now on is a change."""
        return self._has_looked.is_set()

    def stop(self) -> None:
        """Look no more. A reload that is under way is waited for a moment, and then ends alone."""
        self._stopping.set()
        if self._thread is not current_thread():
            self._thread.join(GRACE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.stop)  # the loop may be what is waited for

    def _run(self) -> None:
        told = ""
        while not self._stopping.is_set():
            try:
                self._follower.look()
                self._has_looked.set()
            except Stopped:
                return
            except BaseException as error:  # whatever it is, the next save may mend it
                if told != (told := repr(error)):
                    log_error("the files of plugins could not be looked at", error)
            self._wait(self._follower.places(), self._follower.took)

    def _reload(self, host: PluginHost[Any], names: list[str]) -> object:
        if self._loop is None:
            return host.reload(names, **self._options)
        return self._on_loop(host.reload_async(names, **self._options))

    def _enable(self, plugin: Plugin) -> None:
        async def enable() -> None:
            plugin.enable()

        if self._loop is None:
            plugin.enable()
        else:
            self._on_loop(enable())

    def _on_loop(self, coroutine: Coroutine[Any, Any, object]) -> object:
        """Let the loop do it, where the tasks of plugins are, and wait for that."""
        assert self._loop is not None, "there is none"
        try:
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except RuntimeError:  # the loop is closed
            coroutine.close()
            self._stopping.set()
            raise Stopped from None
        while not future.done():
            if self._stopping.wait(STEP) and not future.done():
                raise Stopped
        return future.result()
