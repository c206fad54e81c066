"""The errors of the host, of its plugins' lives and of what they share."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any, Self

from hotplug.errors import HotplugError
from hotplug.errors.holding import Holding

__all__ = [
    "DataError",
    "DependencyError",
    "EventError",
    "LimitExceeded",
    "NotAllowed",
    "NotReady",
    "PluginErrors",
    "PluginExit",
    "PluginGone",
    "PluginImportError",
    "PluginStateError",
    "PluginTimeout",
    "ReloadError",
    "RestartRequired",
    "StartError",
    "UnknownPluginError",
]


class DataError(HotplugError, OSError):
    """What a plugin keeps can't be read, written, exported or brought back."""


class EventError(HotplugError, TypeError):
    """An event is declared, subscribed to or emitted in a way that cannot work."""


class PluginGone(HotplugError, RuntimeError):
    """Code of a plugin that has been disabled or replaced still tries to do something.

    >>> raise PluginGone("shop", 2, "set a timer")
    Traceback (most recent call last):
    hotplug.errors.hosting.PluginGone: plugin 'shop' (generation 2) has ended: it cannot set a timer
    """

    def __init__(self, plugin_name: str, generation: int, wish: str) -> None:
        super().__init__(plugin_name, generation, wish)
        self.plugin_name = plugin_name
        self.generation = generation
        self.wish = wish

    def __str__(self) -> str:
        return (
            f"plugin {self.plugin_name!r} (generation {self.generation}) has ended: "
            f"it cannot {self.wish}"
        )


class PluginStateError(HotplugError, RuntimeError):
    """A plugin is not in a state in which this can be done."""


class NotAllowed(HotplugError, RuntimeError, PermissionError):
    """Someone does what only another may: the owner of an event, a plugin's parent, the host."""


class DependencyError(HotplugError, RuntimeError):
    """A plugin cannot run: another one does not, or something else keeps it from that."""

    obstacles: Sequence[Any] = ()
    """All that keeps it, where that is known: each an `Obstacle`, which the host has."""


class NotReady(HotplugError, RuntimeError):
    """A plugin says that it cannot run yet, for it waits for something; the host tries it again.

    After ``retry`` seconds, and then after twice the time, up to ``at_most``.

    >>> raise NotReady("database", retry=2)
    Traceback (most recent call last):
    hotplug.errors.hosting.NotReady: not ready: database
    """

    def __init__(self, what: str, *, retry: float = 5.0, at_most: float = 300.0) -> None:
        for name, seconds in (("retry", retry), ("at_most", at_most)):
            if not 0 < seconds < inf:
                raise ValueError(f"NotReady({name}=...) is some seconds, not {seconds!r}")
        super().__init__(what)
        self.what = what
        self.retry = retry
        self.at_most = at_most

    def __str__(self) -> str:
        return f"not ready: {self.what}"


class UnknownPluginError(HotplugError, LookupError):
    """A name that stands for no plugin, or could mean several."""


class PluginExit(HotplugError, RuntimeError):
    """A plugin called ``sys.exit``, which is an error of the plugin and ends no program."""


class PluginTimeout(HotplugError, TimeoutError):
    """A plugin did not come back in the time that it was given."""


class LimitExceeded(HotplugError, RuntimeError):
    """A plugin asks for more than a limit allows, and does not get it, or a call takes too long.

    >>> raise LimitExceeded("shop", "timers", 1, "can set no more timers", "plugins.toml:7")
    Traceback (most recent call last):
    hotplug.errors.hosting.LimitExceeded: plugin 'shop' can set no more timers
      limited by timers = 1   plugins.toml:7
    """

    def __init__(
        self,
        plugin_name: str,
        limit: str,
        value: float,
        what: str,
        where: str,
        holders: tuple[Holding, ...] = (),
        key: str = "",
    ) -> None:
        super().__init__(plugin_name, limit, value, what, where, holders, key)
        self.plugin_name = plugin_name
        self.limit = limit
        """Its name, as in the table of limits."""
        self.value = value
        self.what = what
        """What the plugin may not do, or does."""
        self.where = where
        """Where the limit is set, as ``file:line``."""
        self.holders = holders
        """Who holds most of what is limited, the largest first."""
        self.key = key or limit

    def __str__(self) -> str:
        held = "".join(f"\n  it holds {each}" for each in self.holders)
        return (
            f"plugin {self.plugin_name!r} {self.what}\n"
            f"  limited by {self.key} = {self.value}   {self.where}{held}"
        )


class ReloadError(HotplugError, RuntimeError):
    """A plugin could not be reloaded: what served before serves on, unchanged.

    Its cause is what went wrong, as the plugin's own code raised it.
    """

    plugin_name = ""
    stage = ""
    """At which stage it was: "import", "check", "start" and so on."""
    file = ""
    line = 0
    report: Any = None
    """How far it came, as a `ReloadReport`."""


class RestartRequired(ReloadError):
    """A plugin's code cannot be loaded a second time in this process; nothing was touched."""


class PluginErrors(HotplugError, ExceptionGroup[Exception]):
    """What several steps or plugins raised; none of them kept the others from their turn."""

    def derive(self, excs: Sequence[Any], /) -> Any:  # the stubs want overloads
        return PluginErrors(self.message, excs)


class StartError(PluginErrors):
    """Plugins did not start that have to, as the project says; ``report`` tells of all of them."""

    report: Any  # a StartReport, which the host has

    def __new__(cls, message: str, errors: Sequence[Exception], report: object = None) -> Self:
        made = super().__new__(cls, message, errors)
        made.report = report
        return made

    def __init__(self, message: str, errors: Sequence[Exception], report: object = None) -> None:
        super().__init__(message, errors)


class PluginImportError(HotplugError, ImportError):
    """A plugin is imported that is not there, or that the importing plugin does not require.

    ``name`` is the module that was asked for, as with every ImportError.
    """
