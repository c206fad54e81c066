"""Plugins that an application loads in its own way: all but their imports is as with ours."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hotplug.errors import PluginGone, PluginImportError
from hotplug.hooks.markers import HookspecMarker
from hotplug.host.host import PluginHost
from hotplug.host.loaders import GenerationLoader
from hotplug.host.plugin import Plugin

WritePlugin = Callable[..., Path]
Notes = list[str]


class Specs:
    @HookspecMarker("shop")
    def price(self) -> None: ...


class PlainLoader:
    """Imports the entrypoint as Python would, without a generation."""

    def load(self, plugin: Plugin) -> ModuleType:
        file = plugin.path / f"{plugin.metadata.entrypoint}.py"
        spec = spec_from_file_location(plugin.name, file)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


SOURCE = """
    import threading
    from hotplug import HookimplMarker, event, get_current_plugin, set_timeout, syscall

    me = get_current_plugin()
    rung = threading.Event()

    def note(what):
        notes.append(f"{what} as {get_current_plugin()}")

    note("loaded")

    @HookimplMarker("shop")
    def price():
        note("hook")

    @event
    def sold():
        note("event")

    @sold.on
    def heard():
        note("handler")

    @event
    def paid():
        note("before")
        yield
        note("after")

    @syscall
    def api():
        note("syscall")

    @syscall
    def steps():
        yield note("step")

    @syscall
    class Order:
        def __init__(self):
            note("class")

    @me.on_enable.on
    def start():
        note("on_enable")
        thread = threading.Thread(target=note, args=["thread"])
        thread.start()
        thread.join()

    me.on_disable += lambda: note("on_disable")
    me.on_unload += lambda: note("on_unload")
    set_timeout(lambda: (note("timer"), rung.set()), 0)
"""


@pytest.fixture
def plugin(write_plugin: WritePlugin, notes: Notes) -> Any:
    with PluginHost("shop", specs=Specs, plugin_loader=PlainLoader()) as host:
        plugin = host.load_plugin(write_plugin("books", SOURCE))
        plugin.enable()
        yield plugin


def test_all_that_is_called_runs_as_the_plugin(plugin: Plugin, notes: Notes) -> None:
    module = plugin.module
    module.rung.wait(10)

    plugin.host.hooks.hook.price()
    module.sold()
    module.paid()
    module.api()
    list(module.steps())
    module.Order()
    plugin.unload()

    whats = {note.removesuffix(" as books") for note in notes}
    assert whats == {
        *("loaded", "on_enable", "thread", "timer", "hook", "event", "handler", "before"),
        *("after", "syscall", "step", "class", "on_disable", "on_unload"),
    }


def test_it_is_fenced_when_it_has_ended(plugin: Plugin) -> None:
    module = plugin.module
    plugin.disable()

    for late in (module.sold, module.api, lambda: list(module.steps())):
        with pytest.raises(PluginGone, match="plugin 'books'"):
            late()


def test_its_module_runs_anew_with_each_life(plugin: Plugin, notes: Notes) -> None:
    first = plugin.module
    plugin.disable()

    plugin.enable()

    assert plugin.module is not first
    assert notes.count("loaded as books") == 2


def test_threads_have_ended_with_it(plugin: Plugin) -> None:
    plugin.unload()

    assert [thread for thread in threading.enumerate() if "note" in thread.name] == []


class Mixed(PlainLoader):
    """Has a generation made for all plugins but one."""

    def load(self, plugin: Plugin) -> ModuleType:
        if plugin.name == "the-base":
            return super().load(plugin)
        return GenerationLoader(plugin.host.namespace).load(plugin)


IMPORTS = ["from hotplug.plugins import the_base", "import hotplug.plugins.the_base"]


@pytest.mark.parametrize("line", IMPORTS)
@pytest.mark.parametrize("loader", [PlainLoader, Mixed])
@pytest.mark.parametrize("manifest", [{"requires": ["the-base"]}, {}])
def test_a_plugin_that_imports_it_is_told_that_it_is_there_and_how_to_reach_it(
    write_plugin: WritePlugin, line: str, loader: type[PlainLoader], manifest: dict[str, Any]
) -> None:
    with PluginHost(plugin_loader=loader()) as host:
        host.load_plugin(write_plugin("the-base", "price = 3")).enable()

        with pytest.raises(PluginImportError) as caught:
            host.load_plugin(write_plugin("till", line, **manifest))

        said = str(caught.value)
        assert f"{loader.__name__}, a plugin_loader= of the application, has loaded it" in said
        assert "not loaded" not in said
        assert "require" not in said
        reached = said.rpartition("its module is ")[2]
        assert eval(reached, {"host": host}).price == 3


@pytest.mark.parametrize("line", IMPORTS)
def test_so_is_the_application(write_plugin: WritePlugin, line: str) -> None:
    with PluginHost(), PluginHost(plugin_loader=PlainLoader()) as host:
        plugin = host.load_plugin(write_plugin("the-base", "price = 3"))
        with pytest.raises(PluginImportError, match=r"PlainLoader, .*, has loaded it"):
            exec(line)

        plugin.unload()

        with pytest.raises(PluginImportError, match="it is not loaded"):
            exec(line)


@pytest.mark.parametrize("argument", ["plugin_loader", "metadata_loader"])
def test_pkl33_what_cannot_load_is_no_loader(argument: str) -> None:
    options: dict[str, Any] = {argument: object()}

    with pytest.raises(TypeError, match=rf"{argument}= takes an object with a load\(\) method"):
        PluginHost(**options)


def test_pkl33_a_metadata_loader_returns_metadata(write_plugin: WritePlugin) -> None:
    class Mapping:
        def load(self, location: Path) -> Any:
            return {"name": location.name}

    with (
        PluginHost(metadata_loader=Mapping()) as host,
        pytest.raises(TypeError, match=r"Mapping.load\(\) returns a PluginMetadata"),
    ):
        host.load_plugin(write_plugin("shop"))
