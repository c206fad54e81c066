"""A dry run tells what a reload would do, and leaves all as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import Plugin, PluginHost
from hotplug.errors import ReloadError

Write = Callable[..., Path]
Enable = Callable[..., Plugin]
Host = PluginHost[Any]

SOURCE = """
from builtins import notes
notes.append("runs {0}")
get_current_plugin().on_enable.on(lambda: notes.append("starts {0}"))

@hookimpl
def price(item): return {0}
"""


def test_the_new_module_runs_and_is_checked_and_nothing_changes(
    host: Host, enable: Enable, write: Write, notes: list[str]
) -> None:
    shop = enable("shop", SOURCE.format(1), version="1.0")
    life = shop.life
    write("shop", SOURCE.format(2), version="2.0")

    report = host.reload("shop", dry_run=True)

    assert notes == ["runs 1", "starts 1", "runs 2"]
    assert (shop.life, shop.version, shop.staged) == (life, "1.0", None)
    assert host.hooks.hook.price(item="tea") == [1]
    assert [(each.old_version, each.new_version) for each in report.replaced] == [("1.0", "2.0")]
    assert (report.committed, report.dry_run) == (False, True)
    assert "a dry run, nothing has changed" in str(report)


def test_it_names_the_plugins_that_would_go_along(host: Host, enable: Enable, write: Write) -> None:
    enable("shop", "VALUE = 1", files={"__init__.py": ""})
    enable("till", "from hotplug.plugins.shop.plugin import VALUE", requires=["shop"])

    report = host.reload("shop", dry_run=True)

    assert [each.plugin for each in report.replaced] == ["shop", "till"]


def test_what_would_fail_raises(host: Host, enable: Enable, write: Write) -> None:
    enable("shop")
    write("shop", "@hookimpl\ndef prize(item): ...")

    with pytest.raises(ReloadError) as caught:
        host.reload("shop", dry_run=True)

    assert caught.value.stage == "check"


def test_a_reload_after_it_works_also_in_a_loop(
    host: Host, enable: Enable, write: Write, notes: list[str]
) -> None:
    async def main() -> None:
        enable("shop", SOURCE.format(1))
        write("shop", SOURCE.format(2))
        await host.reload_async("shop", dry_run=True)
        assert host.hooks.hook.price(item="tea") == [1]
        await host.reload_async("shop")

    asyncio.run(main())

    assert host.hooks.hook.price(item="tea") == [2]
