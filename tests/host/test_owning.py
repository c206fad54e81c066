"""Files, folders and other things that a plugin holds as they are."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import PluginHost

WritePlugin = Callable[..., Path]
Notes = list[str]


def test_a_file_is_closed_with_its_plugin(host: PluginHost[Any], write_plugin: WritePlugin) -> None:
    source = """
        from hotplug import get_current_plugin
        file = get_current_plugin().own(open(__file__))
    """
    place = write_plugin("shop", source)
    plugin = host.load_plugin(place)
    file = plugin.module.file

    (resource,) = plugin.resources
    assert (resource.kind, resource.where) == ("file", f"{place / 'plugin.py'}:3")
    plugin.disable()
    assert file.closed


def test_a_temporary_folder_goes_with_its_plugin(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    source = """
        from hotplug import get_current_plugin
        folder = get_current_plugin().temporary_folder()
        (folder / "page").write_text("hello")
    """
    plugin = host.load_plugin(write_plugin("shop", source))
    folder = plugin.module.folder
    assert (folder / "page").read_text() == "hello"
    assert plugin.resources[0].kind == "folder"

    plugin.disable()

    assert not folder.exists()


def test_a_process_is_terminated_with_its_plugin(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    source = f"""
        import subprocess
        from hotplug import get_current_plugin
        process = get_current_plugin().own(
            subprocess.Popen([{sys.executable!r}, "-c", "import time; time.sleep(60)"])
        )
    """
    plugin = host.load_plugin(write_plugin("shop", source))
    process: subprocess.Popen[bytes] = plugin.module.process

    plugin.disable()

    assert process.wait(30) != 0


def test_a_thing_is_given_back_in_the_way_that_is_said(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    source = """
        from hotplug import get_current_plugin
        thing = get_current_plugin().own(object(), lambda: notes.append("given back"))
    """
    host.load_plugin(write_plugin("shop", source)).disable()

    assert notes == ["given back"]


def test_a_thing_without_a_way_to_give_it_back_is_refused(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    source = "from hotplug import get_current_plugin\nget_current_plugin().own(42)"

    with pytest.raises(TypeError, match=r"42 has no method that gives it back .*own\(thing, rel"):
        host.load_plugin(write_plugin("shop", source))


def test_a_host_inside_a_loop_waits_for_the_tasks_of_its_plugins(
    write_plugin: WritePlugin, notes: Notes
) -> None:
    source = """
        import asyncio
        from hotplug import get_current_plugin

        async def work():
            try:
                await asyncio.sleep(60)
            finally:
                await asyncio.sleep(0)
                notes.append("cleaned up")

        get_current_plugin().on_enable += lambda: asyncio.ensure_future(work())
    """

    async def main() -> None:
        async with PluginHost() as host:
            plugin = host.load_plugin(write_plugin("shop", source))
            plugin.enable()
            await asyncio.sleep(0)
            assert [resource.kind for resource in plugin.resources] == ["task"]
        assert notes == ["cleaned up"]

    asyncio.run(main())


def test_an_optional_plugin_can_be_imported_where_it_is_there(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    source = """
        try:
            from hotplug.plugins import mailer
        except ImportError as error:
            notes.append(str(error))
        else:
            notes.append(mailer.name)
    """
    shop = host.load_plugin(write_plugin("shop", source, wants=["mailer"]))
    host.load_plugin(write_plugin("mailer", files={"__init__.py": "name = 'mail'"}))
    shop.disable()
    shop.enable()

    assert "which its manifest names and which is not loaded" in notes[0]
    assert notes[1] == "mail"
