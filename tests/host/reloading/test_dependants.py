"""Plugins that have imported the reloaded one get fresh generations in the same commit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import Plugin, PluginHost, host_call
from hotplug.errors import ReloadError

Write = Callable[..., Path]
Enable = Callable[..., Plugin]
Host = PluginHost[Any]

PACKAGE = {"__init__.py": ""}
USES = """
from hotplug.plugins.shop.plugin import VALUE
@hookimpl
def price(item): return VALUE
"""


def shop(number: int) -> dict[str, Any]:
    return {"source": f"VALUE = {number}", "files": PACKAGE}


def test_who_has_imported_it_sees_the_new_one_at_once(
    host: Host, enable: Enable, write: Write
) -> None:
    enable("shop", **shop(1))
    enable("till", USES, requires=["shop"])
    write("shop", **shop(2))

    report = host.plugins["shop"].reload()

    assert host.hooks.hook.price(item="tea") == [2]
    assert [(each.plugin, each.why) for each in report.replaced] == [
        ("shop", ""),
        ("till", "because it imports shop"),
    ]


def test_who_only_requires_it_keeps_its_generation_and_imports_the_new_one_later(
    host: Host, enable: Enable, write: Write
) -> None:
    enable("shop", **shop(1))
    later = "@hookimpl\ndef price(item):\n  from hotplug.plugins.shop.plugin import VALUE"
    till = enable("till", later + "\n  return VALUE", requires=["shop"])
    write("shop", **shop(2))

    host.plugins["shop"].reload()

    assert till.generation == 1
    assert host.hooks.hook.price(item="tea") == [2]


def test_those_that_import_them_go_along_too_each_after_what_it_imports(
    host: Host, enable: Enable, write: Write, notes: list[str]
) -> None:
    head = "from builtins import notes\nnotes.append(__name__)\n"
    enable("shop", head + "VALUE = 1", files=PACKAGE)
    middle = head + "from hotplug.plugins.shop.plugin import VALUE"
    enable("middle", middle, files=PACKAGE, requires=["shop"])
    top = head + "from hotplug.plugins.middle.plugin import VALUE"
    enable("top", top + "\n@hookimpl\ndef price(item): return VALUE", requires=["middle"])
    write("shop", head + "VALUE = 2", files=PACKAGE)
    notes.clear()

    host.plugins["shop"].reload()

    assert host.hooks.hook.price(item="tea") == [2]
    assert [each.split(".")[2] for each in notes] == ["shop", "middle", "top"]


def test_who_goes_along_has_the_files_that_it_had(host: Host, enable: Enable, write: Write) -> None:
    enable("shop", **shop(1))
    enable("till", USES, requires=["shop"])
    write("shop", **shop(2))
    write("till", "this is half of an edit (", requires=["shop"])

    host.plugins["shop"].reload()

    assert host.hooks.hook.price(item="tea") == [2]


def test_a_dependency_and_its_dependant_are_reloaded_together(
    host: Host, enable: Enable, write: Write
) -> None:
    enable("shop", **shop(1))
    enable("till", USES, requires=["shop"])
    write("shop", "OTHER = 2", files=PACKAGE)
    write("till", USES.replace("VALUE", "OTHER"), requires=["shop"])

    host.reload(["till", "shop"])

    assert host.hooks.hook.price(item="tea") == [2]


def test_a_dependant_that_cannot_do_with_the_new_one_keeps_both_as_they_were(
    host: Host, enable: Enable, write: Write
) -> None:
    enable("shop", **shop(1))
    till = enable("till", USES, requires=["shop"])
    write("shop", "OTHER = 2", files=PACKAGE)

    with pytest.raises(ReloadError) as caught:
        host.plugins["shop"].reload()

    assert caught.value.plugin_name == "till"
    assert host.hooks.hook.price(item="tea") == [1]
    assert (till.generation, host.plugins["shop"].generation) == (1, 1)


def test_a_version_that_a_dependant_does_not_take_is_refused(
    host: Host, enable: Enable, write: Write
) -> None:
    pytest.importorskip("packaging")
    enable("shop", version="1.5", **shop(1))
    enable("till", USES, requires=["shop >=1,<2"])
    write("shop", version="2.0", **shop(2))

    with pytest.raises(ReloadError) as caught:
        host.plugins["shop"].reload()

    assert caught.value.stage == "check"
    assert "till" in str(caught.value)
    assert "<2" in str(caught.value)
    assert host.plugins["shop"].version == "1.5"


def test_a_requirement_that_is_new_has_to_be_there(
    host: Host, enable: Enable, write: Write
) -> None:
    till = enable("till", "@hookimpl\ndef price(item): return 1")
    write("till", USES, requires=["shop"])

    with pytest.raises(ReloadError, match="it requires 'shop', which is not loaded"):
        till.reload()
    enable("shop", **shop(2))
    till.reload()

    assert host.hooks.hook.price(item="tea") == [2]
    assert till.is_running
    host.plugins["shop"].disable()
    assert not till.is_running


def test_a_call_in_the_old_pair_never_meets_the_new_dependency(
    host: Host, enable: Enable, write: Write
) -> None:
    enable("shop", **shop(1))
    lazy = """
    from hotplug.plugins.shop.plugin import VALUE
    @hookimpl
    def price(item):
        if item == "reload":
            item = reload()
            import hotplug.plugins.shop.plugin as later
            return VALUE, later.VALUE
        return VALUE
    """
    till = enable("till", lazy, requires=["shop"])
    write("shop", **shop(2))
    vars(till.module)["reload"] = lambda: host_call(host.reload, "shop")

    assert host.hooks.hook.price(item="reload") == [(1, 1)]
    assert host.hooks.hook.price(item="tea") == [2]
