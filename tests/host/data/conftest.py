"""What the tests of kept data share: a host whose project says where the data goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hotplug import Plugin, PluginHost
from hotplug.host.data.store import Store, StoreFile


@pytest.fixture
def keeping(tmp_path: Path) -> Iterator[PluginHost[Any]]:
    project = {"data": str(tmp_path / "data"), "cache": str(tmp_path / "cache")}
    with PluginHost("till", project=project) as host:
        yield host


@pytest.fixture
def shop(keeping: PluginHost[Any], write_plugin: Callable[..., Path]) -> Plugin:
    source = "from hotplug import get_current_plugin\nthis = get_current_plugin()\n"
    plugin = keeping.load_plugin(write_plugin("shop", source, version="1.4.0"))
    plugin.enable()
    return plugin


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Open the one store of a test, as often as one likes."""
    files: list[StoreFile] = []

    def opened() -> Store:
        file = StoreFile(tmp_path / "store.json", "plugin 'shop'", lambda size: None, lambda: None)
        files.append(file)
        return Store(file, lambda wish: None)

    yield opened
    for file in files:
        file.close()
