"""What the tests of the host share: a host, and a way to write plugins."""

from __future__ import annotations

import builtins
import json
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hotplug.host.host import PluginHost


@pytest.fixture
def write_plugin(tmp_path: Path) -> Callable[..., Path]:
    """Write a plugin's folder: its name, the source of plugin.py, what the manifest says."""

    def write(name: str, source: str = "", **manifest: Any) -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        files = manifest.pop("files", {})
        (folder / "plugin.json").write_text(json.dumps({"name": name, **manifest}), "utf-8")
        (folder / "plugin.py").write_text(textwrap.dedent(source), "utf-8")
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(textwrap.dedent(text), "utf-8")
        return folder

    return write


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """Write a plugin at a place below the test's folder; its name is that of its folder."""

    def put(place: str, source: str = "", **manifest: Any) -> Path:
        folder = tmp_path / place
        folder.mkdir(parents=True, exist_ok=True)
        manifest = {"name": folder.name, **manifest}
        (folder / "plugin.json").write_text(json.dumps(manifest), "utf-8")
        (folder / "plugin.py").write_text(textwrap.dedent(source), "utf-8")
        return folder

    return put


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list that every plugin sees as the builtin `notes`, to write down what happens."""
    seen: list[str] = []
    monkeypatch.setattr(builtins, "notes", seen, raising=False)
    return seen


@pytest.fixture
def host() -> Iterator[PluginHost[Any]]:
    with PluginHost() as host:
        yield host
