"""A host for one test, which fails when a plugin leaves something behind."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType, TracebackType
from typing import Any, Final

from hotplug.host.host import PluginHost
from hotplug.testing.checking import LeakCheck
from hotplug.testing.clock import FakeClock
from hotplug.testing.leaks import Leak, LeaksFound, checked_kinds

__all__ = ["CheckedHost", "checked_host"]

caller: Final = sys._getframe  # pyright: ignore[reportPrivateUsage] - there is no public name


def checked_host(
    *args: Any, leak_check: bool = True, allowed_leaks: Collection[str] = (), **options: Any
) -> CheckedHost:
    """A host that is closed at the end of the block, and then must have nothing left behind.

    It takes what `PluginHost` takes. Unless a ``scheduler`` is given that is a `FakeClock`.
    ``allowed_leaks`` names kinds that plugins may leave; with ``leak_check=False`` it only closes.

    >>> with checked_host() as host:
    ...     host.plugins
    <Plugins none>
    """
    return CheckedHost(args, options, allowed_leaks, leak_check=leak_check)


class CheckedHost:
    """What `checked_host` returns. There is a host from ``with`` or ``async with`` on."""

    def __init__(
        self,
        args: tuple[Any, ...],
        options: dict[str, Any],
        allowed_leaks: Collection[str],
        *,
        leak_check: bool,
    ) -> None:
        self._args = args
        self._options = {"scheduler": FakeClock(), **options}
        self._allowed = checked_kinds(allowed_leaks)
        self._is_wanted = leak_check
        self._check: LeakCheck | None = None
        self._folder: TemporaryDirectory[str] | None = None
        self.excused_types: tuple[type, ...] = ()
        """Types of what may hold a plugin's code: the tools that one tests with."""
        self.excused: Callable[[], Iterable[object]] = tuple
        """The same for objects, asked for at the end."""
        self.has_failed: Callable[[], bool] = bool
        """Whether the test has failed in another way than by an error in the block."""

    def __enter__(self) -> PluginHost[Any]:
        self._host: PluginHost[Any] = PluginHost(*self._args, **self._options)
        self._host.where_data_is = self._temporary_folders
        if self._is_wanted:
            self._check = LeakCheck(self._host, self.excused_types)
        return self._host

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        failure: Exception | None = None
        try:
            self._host.close()
        except Exception as raised:
            failure = raised
        self._finish(caller(1), error, failure, has_waited=False)

    async def __aenter__(self) -> PluginHost[Any]:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        failure: Exception | None = None
        try:
            await self._host.aclose()
        except Exception as raised:
            failure = raised
        self._finish(caller(1), error, failure, has_waited=True)

    def _temporary_folders(self) -> tuple[Path, Path]:
        """No test writes to where the user's own data is."""
        self._folder = TemporaryDirectory(prefix="hotplug-", ignore_cleanup_errors=True)
        return Path(self._folder.name, "data"), Path(self._folder.name, "cache")

    def _finish(
        self,
        block: FrameType,
        error: BaseException | None,
        failure: Exception | None,
        *,
        has_waited: bool,
    ) -> None:
        """Raise what went wrong; a block that has failed itself is not looked at."""
        check, self._check = self._check, None
        if self._folder is not None:
            self._folder.cleanup()
        leaks: list[Leak] = []
        if check is not None:
            check.stop()
            if error is None and not self.has_failed():
                excused = [failure, *self.excused()]
                leaks = check.find(block, excused, has_waited=has_waited)
        leaks = [leak for leak in leaks if leak.kind not in self._allowed]
        if leaks:
            raise LeaksFound(leaks) from failure
        if failure is not None:
            raise failure
