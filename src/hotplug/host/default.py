"""The default host, and the functions that plugin authors and small programs use without one."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any, Final

from hotplug.host.host import PluginHost
from hotplug.host.life import Life
from hotplug.host.owner import current_owner
from hotplug.host.plugin import Plugin

__all__ = ["get_default_host", "load_plugin", "set_default_host"]


class Default:
    """Which host is the default one."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.host: PluginHost[Any] | None = None


default: Final = Default()


def get_default_host() -> PluginHost[Any]:
    """The host of `load_plugin` and of ``hotplug.plugins``; made when it is first asked for."""
    with default.lock:
        if default.host is None or default.host.is_closed:
            default.host = PluginHost()
            default.host.become_default()
        return default.host


def set_default_host(host: PluginHost[Any] | None) -> None:
    """Make a host the default one. Plugins of other hosts keep their own."""
    with default.lock:
        if host is not None:
            host.become_default()
        default.host = host


def load_plugin(
    location: str | Path | None = None,
    *,
    path: str | Path | None = None,
    detached: bool = False,
) -> Plugin:
    """Load a plugin into the host of the plugin that asks, or else into the default host.

    >>> plugin = load_plugin(path="./shop")  # doctest: +SKIP
    >>> plugin.enable()  # doctest: +SKIP
    """
    owner = current_owner()
    host = owner.plugin.host if isinstance(owner, Life) else get_default_host()
    return host.load_plugin(location, path=path, detached=detached)
