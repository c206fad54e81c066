"""A host with a till, its plugins, and what follows their files."""

from __future__ import annotations

import json
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hotplug import AsyncHooks, HookspecMarker, PluginHost
from hotplug.host.following.files import Files
from hotplug.host.following.follower import Follower
from hotplug.host.plugin import Plugin

hookspec = HookspecMarker("till")

HEAD = """
from hotplug import HookimplMarker, get_current_plugin
hookimpl = HookimplMarker("till")
"""
TICK = 0.01
"""Longer than what a file system takes for one moment."""


class Specs:
    @hookspec
    def price(self, item: str) -> Any: ...


class Later(AsyncHooks):
    @hookspec
    async def fetched(self, url: str) -> Any: ...


@pytest.fixture
def host() -> Iterator[PluginHost[Any]]:
    with PluginHost("till", specs=[Specs, Later]) as host:
        yield host


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Save a file of a plugin, below the folder of all plugins."""

    def save(path: str, source: str = "") -> Path:
        file = tmp_path / path
        file.parent.mkdir(exist_ok=True, parents=True)
        is_main = file.name == "plugin.py"
        file.write_text((HEAD if is_main else "") + textwrap.dedent(source), "utf-8")
        return file

    return save


@pytest.fixture
def enable(host: PluginHost[Any], save: Callable[..., Path]) -> Callable[..., Plugin]:
    """Write a plugin, load it and enable it."""

    def enable(name: str, source: str = "", **manifest: Any) -> Plugin:
        folder = save(f"{name}/plugin.py", source).parent
        save(f"{name}/plugin.json", json.dumps({"name": name, **manifest}))
        plugin = host.load_plugin(folder)
        plugin.enable()
        return plugin

    return enable


class Looking:
    """Looks when the test says so, and knows what was reloaded and enabled."""

    def __init__(self, host: PluginHost[Any], *also: str) -> None:
        self.reloads: list[set[str]] = []
        self.enabled: list[str] = []
        self.pauses = 0
        self.in_pauses: list[Callable[[], object]] = []
        self.follower = Follower(
            host, Files(also), pause=self.pause, reload=self.reload, enable=self.enable
        )

    def __call__(self) -> list[set[str]]:
        """Look once; returns which plugins were reloaded together."""
        before = len(self.reloads)
        self.follower.look()
        return self.reloads[before:]

    def pause(self) -> None:
        time.sleep(TICK)
        self.pauses += 1
        if self.in_pauses:
            self.in_pauses.pop(0)()

    def reload(self, host: PluginHost[Any], names: list[str]) -> object:
        report = host.reload(names)
        self.reloads.append({*names})
        return report

    def enable(self, plugin: Plugin) -> None:
        plugin.enable()
        self.enabled.append(plugin.name)


@pytest.fixture
def look(host: PluginHost[Any]) -> Looking:
    return Looking(host)


@pytest.fixture
def look_for(host: PluginHost[Any]) -> Callable[..., Looking]:
    """Look for more than code."""
    return lambda *also: Looking(host, *also)
