"""What a plugin's author sees of an error: the way from who asked to the line that raised."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug.errors import DependencyError, NotAllowed, PluginErrors, PluginExit
from hotplug.host.host import PluginHost

WritePlugin = Callable[..., Path]


def way_of(error: BaseException) -> list[str]:
    """The functions on the way, after the test's own."""
    return [f"{Path(each.filename).name}:{each.name}" for each in frames_of(error)[1:]]


def frames_of(error: BaseException) -> list[traceback.FrameSummary]:
    return traceback.extract_tb(error.__traceback__)


def test_loading_leads_straight_to_the_line_of_the_module(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    place = write_plugin(
        "shop", "from . import stock", files={"stock.py": "def count():\n    1 / 0\ncount()"}
    )

    with pytest.raises(ZeroDivisionError) as caught:
        host.load_plugin(place)

    assert way_of(caught.value) == [
        "host.py:load_plugin",
        "plugin.py:<module>",
        "stock.py:<module>",
        "stock.py:count",
    ]
    assert caught.value.__notes__ == ["plugin 'shop' could not be loaded"]


def test_enabling_leads_straight_to_the_handler(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    plugin = host.load_plugin(write_plugin("shop", STARTS))

    with pytest.raises(OSError, match="no network") as caught:
        plugin.enable()

    assert way_of(caught.value) == ["plugin.py:enable", "host.py:operate", "plugin.py:start"]


STARTS = """
    from hotplug.host.contexts import get_current_plugin

    @get_current_plugin().on_enable.on
    def start():
        raise OSError("no network")
"""


def test_each_error_of_a_stop_begins_in_the_plugin(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    plugin = host.load_plugin(write_plugin("shop", STARTS.replace("on_enable", "on_disable")))

    with pytest.raises(PluginErrors) as caught:
        plugin.disable()

    (error,) = caught.value.exceptions
    assert [each.name for each in frames_of(error)] == ["start"]
    assert way_of(caught.value) == ["plugin.py:disable", "host.py:operate"]


@pytest.mark.parametrize(
    ("source", "kind"), [("def count(:", SyntaxError), ("import sys; sys.exit(3)", PluginExit)]
)
def test_an_error_that_says_it_all_has_no_line_of_ours(
    source: str, kind: type[BaseException], host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    with pytest.raises(kind) as caught:
        host.load_plugin(write_plugin("shop", source))

    assert way_of(caught.value) == ["host.py:load_plugin"]


def test_what_is_refused_ends_at_the_line_that_asked(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    other = host.load_plugin(write_plugin("other"))
    asks = STARTS.replace(
        'raise OSError("no network")', "get_current_plugin().host.get_plugin('other').enable()"
    )

    with pytest.raises(NotAllowed) as caught:
        host.load_plugin(write_plugin("shop", asks)).enable()

    assert way_of(caught.value)[-1] == "plugin.py:start"
    with pytest.raises(DependencyError) as refused:
        host.load_plugin(write_plugin("late", requires=["nothing"])).enable()
    assert way_of(refused.value) == ["plugin.py:enable", "host.py:operate"]
    assert other.error is None


def test_a_fault_of_ours_keeps_its_lines(
    write_plugin: WritePlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    with PluginHost[Any]() as host:
        monkeypatch.setattr(host.loader, "namespace", None)

        with pytest.raises(AttributeError) as caught:
            host.load_plugin(write_plugin("shop"))

    assert way_of(caught.value)[-1] == "loaders.py:run"
