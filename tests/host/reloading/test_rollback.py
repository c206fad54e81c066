"""Going back: the files and the state that a plugin had before its last reload."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import Plugin, PluginHost
from hotplug.errors import PluginStateError, ReloadError

Write = Callable[..., Path]
Enable = Callable[..., Plugin]
Host = PluginHost[Any]

SOURCE = """
count = 0

@hookimpl
def price(item):
    global count
    count += 1
    return {0}, count

def export_state():
    return count

def import_state(data, from_version):
    global count
    count = data
"""


def test_files_version_and_state_are_those_from_before(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", SOURCE.format(1), version="1.0")
    host.hooks.hook.price(item="tea")
    write("shop", SOURCE.format(2), version="2.0")
    shop.reload()
    assert host.hooks.hook.price(item="tea") == [(2, 2)]

    report = shop.rollback()

    assert host.hooks.hook.price(item="tea") == [(1, 2)]
    assert (shop.version, shop.generation) == ("1.0", 3)
    assert report.replaced[0].state_handed_over
    assert (report.replaced[0].old_version, report.replaced[0].new_version) == ("2.0", "1.0")


def test_going_back_twice_is_going_forward(host: Host, enable: Enable, write: Write) -> None:
    shop = enable("shop", "@hookimpl\ndef price(item): return 1")
    write("shop", "@hookimpl\ndef price(item): return 2")
    shop.reload()

    shop.rollback()
    shop.rollback()

    assert host.hooks.hook.price(item="tea") == [2]


def test_a_reload_that_failed_is_nothing_to_go_back_from(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", "@hookimpl\ndef price(item): return 1")
    write("shop", "1 / 0")
    with pytest.raises(ReloadError):
        shop.reload()

    with pytest.raises(PluginStateError, match="nothing to go back to"):
        shop.rollback()

    assert host.hooks.hook.price(item="tea") == [1]


def test_who_has_imported_it_goes_back_along_with_it(
    host: Host, enable: Enable, write: Write
) -> None:
    enable("shop", "VALUE = 1", files={"__init__.py": ""})
    uses = "from hotplug.plugins.shop.plugin import VALUE\n@hookimpl\ndef price(item): return VALUE"
    enable("till", uses, requires=["shop"])
    write("shop", "VALUE = 2", files={"__init__.py": ""})
    host.reload("shop")

    host.plugins["shop"].rollback()

    assert host.hooks.hook.price(item="tea") == [1]


def test_what_is_kept_keeps_no_generation(host: Host, enable: Enable, write: Write) -> None:
    shop = enable("shop", SOURCE.format(1))
    for _ in range(3):
        shop.reload()
        shop.rollback()

    assert host.old_generations() == []
