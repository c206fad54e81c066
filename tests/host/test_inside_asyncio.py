"""A host inside a running loop: nothing of it waits for what only the loop can do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug.host.host import PluginHost
from hotplug.host.lifecycle import PluginState

WritePlugin = Callable[..., Path]
Notes = list[str]

CLEANS_UP = """
    import asyncio
    from hotplug.host.contexts import get_current_plugin

    me = get_current_plugin()

    async def work():
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0.01)
            notes.append(f"cleaned up as {get_current_plugin()}")

    async def refuse_once():
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await asyncio.sleep(3600)

    async def disable_itself():
        me.disable()
        notes.append(me.state.value)

    @me.on_enable.on
    def start():
        global task
        task = asyncio.get_running_loop().create_task(work())
"""


def test_leaving_the_host_waits_until_cancelled_tasks_have_cleaned_up(
    write_plugin: WritePlugin, notes: Notes
) -> None:
    async def main() -> None:
        async with PluginHost[Any]() as host:
            host.load_plugin(write_plugin("shop", CLEANS_UP)).enable()
            await asyncio.sleep(0)

        assert notes == ["cleaned up as shop"]
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_a_task_that_will_not_end_is_named_and_left(
    write_plugin: WritePlugin, notes: Notes, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        host = PluginHost[Any]()
        source = CLEANS_UP.replace(
            "create_task(work())", "create_task(refuse_once(), name='stuck')"
        )
        plugin = host.load_plugin(write_plugin("shop", source))
        plugin.owner.grace = 0.01
        plugin.enable()
        await asyncio.sleep(0)

        with caplog.at_level(logging.WARNING, "hotplug.host"):
            await host.aclose()

    asyncio.run(main())

    assert "plugin 'shop' has ended, and its task 'stuck', started at" in caplog.text
    assert "plugin.py:" in caplog.text


def test_a_task_that_disables_its_own_plugin_does_not_wait_for_itself(
    write_plugin: WritePlugin, notes: Notes
) -> None:
    async def main() -> None:
        async with PluginHost[Any]() as host:
            source = CLEANS_UP.replace("work())", "disable_itself())")
            plugin = host.load_plugin(write_plugin("shop", source))
            plugin.enable()
            await plugin.module.task

            assert plugin.state is PluginState.DISABLED

    asyncio.run(main())

    assert notes == ["disabled"]


def test_another_thread_can_stop_a_plugin_while_the_loop_runs(
    write_plugin: WritePlugin, notes: Notes
) -> None:
    async def main() -> None:
        async with PluginHost[Any]() as host:
            plugin = host.load_plugin(write_plugin("shop", CLEANS_UP))
            plugin.enable()
            task = plugin.module.task
            await asyncio.sleep(0)

            await asyncio.to_thread(plugin.disable)
            await asyncio.wait([task])

            assert task.cancelled()

    asyncio.run(main())
