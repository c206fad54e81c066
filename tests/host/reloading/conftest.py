"""A host with a till, whose plugins the tests write, enable, edit and reload."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hotplug import AsyncHooks, HookspecMarker, PluginHost
from hotplug.host.plugin import Plugin

hookspec = HookspecMarker("till")

HEAD = """
from hotplug import HookimplMarker, event, get_current_plugin, set_interval, set_timeout
hookimpl = HookimplMarker("till")
"""


class Specs:
    @hookspec
    def price(self, item: str) -> Any: ...

    @hookspec
    def name(self) -> Any: ...

    @hookspec(historic=True)
    def configured(self, key: str) -> Any: ...


class Later(AsyncHooks):
    @hookspec
    async def fetched(self, url: str) -> Any: ...


@pytest.fixture
def host() -> Iterator[PluginHost[Any]]:
    with PluginHost("till", specs=[Specs, Later]) as host:
        yield host


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a plugin anew: the source of plugin.py, other modules, and what the manifest says."""

    def write(
        name: str, source: str = "", files: dict[str, str] | None = None, **manifest: Any
    ) -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "plugin.json").write_text(json.dumps({"name": name, **manifest}), "utf-8")
        (folder / "plugin.py").write_text(HEAD + textwrap.dedent(source), "utf-8")
        for path, text in (files or {}).items():
            (folder / path).write_text(textwrap.dedent(text), "utf-8")
        return folder

    return write


@pytest.fixture
def enable(host: PluginHost[Any], write: Callable[..., Path]) -> Callable[..., Plugin]:
    """Write a plugin, load it and enable it."""

    def enable(name: str, source: str = "", **manifest: Any) -> Plugin:
        plugin = host.load_plugin(write(name, source, **manifest))
        plugin.enable()
        return plugin

    return enable
