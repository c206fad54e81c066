"""What loading does not do: the same work twice, or more of it the longer a chain is."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug.host.dependencies import Plugins
from hotplug.host.generations.bytecode import cache_of
from hotplug.host.host import PluginHost
from hotplug.host.lifecycle import PluginState
from hotplug.host.plugin import Plugin
from hotplug.manifest import PluginMetadata, read

WritePlugin = Callable[..., Path]
STEPS = ("required_by", "requirers_of")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the host has gone from one plugin to those next to it."""
    counted: Counter[str] = Counter()

    def counting(name: str) -> Callable[..., Any]:
        original = getattr(Plugins, name)

        def step(plugins: Plugins, plugin: Plugin) -> Any:
            counted[name] += 1
            return original(plugins, plugin)

        return step

    for name in STEPS:
        monkeypatch.setattr(Plugins, name, counting(name))
    return counted


def chain(write_plugin: WritePlugin, length: int) -> list[Path]:
    """Plugins of which each requires the one before."""
    return [write_plugin(f"p{at}", requires=[f"p{at - 1}"] if at else []) for at in range(length)]


def test_the_last_of_a_long_chain_takes_as_few_steps_as_the_third(
    host: PluginHost[Any], write_plugin: WritePlugin, steps: Counter[str]
) -> None:
    taken: list[int] = []
    for folder in chain(write_plugin, 40):
        before = steps.total()
        host.load_plugin(folder).enable()
        taken.append(steps.total() - before)

    assert taken[-1] == taken[2]


@pytest.mark.parametrize("latest_first", [False, True], ids=["in order", "latest first"])
def test_loading_a_chain_takes_as_many_steps_for_each_plugin_however_long_it_is(
    write_plugin: WritePlugin, steps: Counter[str], latest_first: bool
) -> None:
    def steps_for(length: int) -> int:
        before = steps.total()
        with PluginHost() as host:
            folders = chain(write_plugin, length)
            for folder in reversed(folders) if latest_first else folders:
                host.load_plugin(folder)
            assert {plugin.state for plugin in host} == {PluginState.LOADED}
        return steps.total() - before

    assert steps_for(80) < 2.5 * steps_for(40)


def test_one_that_runs_has_all_that_it_requires_and_is_not_left_out_of_a_stop(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    first, *others = [host.load_plugin(folder) for folder in chain(write_plugin, 5)]
    others[-1].enable()

    first.disable()

    assert {plugin.state for plugin in others} == {PluginState.DISABLED}


def test_a_plugin_sees_its_manifest_as_the_host_has_read_it(write_plugin: WritePlugin) -> None:
    class Slow:
        def load(self, location: Path) -> PluginMetadata:
            metadata = read(location)
            (location / "plugin.json").write_text("{}", "utf-8")
            return metadata

    folder = write_plugin("shop", "from importlib.resources import files", version="1.4.0")
    with PluginHost(metadata_loader=Slow()) as host:
        plugin = host.load_plugin(folder)
        seen = plugin.module.files(plugin.module.__package__) / "plugin.json"

        assert '"1.4.0"' in seen.read_text("utf-8")


def test_the_source_of_a_single_file_is_what_it_is_when_it_runs(tmp_path: Path) -> None:
    file = tmp_path / "shop.py"
    head = '# /// script\n# [tool.hotplug]\n# name = "shop"\n# ///\n'

    class Slow:
        def load(self, location: Path) -> PluginMetadata:
            metadata = read(location)
            file.write_text(f"{head}PRICE = 2\n", "utf-8")
            return metadata

    file.write_text(f"{head}PRICE = 1\n", "utf-8")
    with PluginHost(metadata_loader=Slow()) as host:
        assert host.load_plugin(file).module.PRICE == 2


def test_the_imports_of_a_plugin_say_where_its_code_is(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    plugin = host.load_plugin(folder := write_plugin("shop"))

    (imports,) = plugin.owner.generation_scope

    assert (imports.kind, imports.where) == ("imports", str(folder))


@pytest.mark.parametrize("prefix", [None, "somewhere"])
@pytest.mark.parametrize("name", ["shop.py", "two.dots.py", "__init__.py", ".hidden.py"])
def test_bytecode_is_where_python_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, prefix: str | None
) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", prefix and str(tmp_path / prefix))

    path = str(tmp_path / name)

    assert cache_of(path) == importlib.util.cache_from_source(path)
