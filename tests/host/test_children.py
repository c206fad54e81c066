"""Plugins that plugins load: they stop with the one that loaded them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug.errors import DependencyError
from hotplug.host.host import PluginHost
from hotplug.host.lifecycle import PluginState

WritePlugin = Callable[..., Path]
Notes = list[str]

CHILD = """
    from hotplug.host.contexts import get_current_plugin
    me = get_current_plugin()
    me.on_enable += lambda: notes.append(f"+{me.name}")
    me.on_disable += lambda: notes.append(f"-{me.name}")
"""


def parent_of(enabling: str) -> str:
    return f"""
        from hotplug.host.contexts import get_current_plugin
        from hotplug.host.default import load_plugin
        this = get_current_plugin()
        this.on_enable += lambda: notes.append("+parent")
        this.on_disable += lambda: notes.append("-parent")
        child = load_plugin(path=this.path.parent / "child")
        {enabling}
    """


@pytest.fixture
def parent(host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes, request: Any) -> Any:
    write_plugin("child", CHILD)
    return host.load_plugin(write_plugin("parent", parent_of(request.param)))


@pytest.mark.parametrize("parent", ["child.enable()"], indirect=True)
def test_a_child_enabled_in_a_loaded_parent_goes_live_with_it(
    parent: Any, host: PluginHost[Any], notes: Notes
) -> None:
    assert host.get_plugin("child").state is PluginState.LOADED

    parent.enable()

    assert notes == ["+child", "+parent"]
    assert parent.children == [host.get_plugin("child")]


@pytest.mark.parametrize("parent", ["child.enable()"], indirect=True)
def test_dk28_a_child_stops_with_its_parent(
    parent: Any, host: PluginHost[Any], notes: Notes
) -> None:
    parent.enable()
    notes.clear()

    parent.disable()

    assert notes == ["-parent", "-child"]
    assert parent.state is host.get_plugin("child").state is PluginState.DISABLED


@pytest.mark.parametrize("parent", ["child.enable()"], indirect=True)
def test_a_child_comes_again_with_its_parent(
    parent: Any, host: PluginHost[Any], notes: Notes
) -> None:
    parent.enable()
    parent.disable()

    parent.enable()

    assert host.get_plugin("child").state is PluginState.ENABLED


@pytest.mark.parametrize("parent", ["child.enable()"], indirect=True)
def test_a_child_goes_with_its_parent(parent: Any, host: PluginHost[Any], notes: Notes) -> None:
    parent.enable()

    parent.unload()

    assert list(host) == []


def test_pkl30_a_child_of_a_child_goes_with_the_first_of_them(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    last = 'get_current_plugin().on_unload += lambda: notes.append("gone")'
    write_plugin("grandchild", f"from hotplug import get_current_plugin\n{last}")
    inner = parent_of("child.enable()").replace('"child")', '"grandchild")')
    write_plugin("child", inner)
    parent = host.load_plugin(write_plugin("parent", parent_of("child.enable()")))
    parent.enable()

    parent.unload()

    assert notes[-1] == "gone"
    assert list(host) == []


@pytest.mark.parametrize(
    "parent",
    [
        "child.enable(detach=True)",
        "load_plugin(path=this.path.parent / 'child', detached=True).enable(detach=True)",
    ],
    indirect=True,
)
def test_dk02_a_detached_child_outlives_its_parent(
    parent: Any, host: PluginHost[Any], notes: Notes
) -> None:
    parent.enable()

    parent.unload()

    assert host.get_plugin("child").state is PluginState.ENABLED


@pytest.mark.parametrize(
    "parent", ["this.on_enable += lambda: (child.enable(), child.disable())"], indirect=True
)
def test_dk15_a_parent_can_disable_its_child(
    parent: Any, host: PluginHost[Any], notes: Notes
) -> None:
    parent.enable()

    assert notes == ["+parent", "+child", "-child"]


def test_a_parent_that_fails_to_load_leaves_no_running_child(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    write_plugin("child", CHILD)
    source = parent_of("this.on_enable += lambda: 1 / 0; child.enable()")
    parent = host.load_plugin(write_plugin("parent", source))

    with pytest.raises(ZeroDivisionError):
        parent.enable()

    assert host.get_plugin("child").state is PluginState.DISABLED


def test_c11_a_plugin_that_is_loaded_detached_is_no_child(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    write_plugin("child", CHILD)
    source = parent_of("child.enable()").replace('"child")', '"child", detached=True)')
    parent = host.load_plugin(write_plugin("parent", source))
    parent.enable()

    parent.disable()

    assert parent.children == []
    assert host.get_plugin("child").state is PluginState.ENABLED


def test_a_host_that_a_plugin_makes_is_closed_with_it(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    inner = write_plugin("inner", CHILD)
    source = f"""
        from hotplug.host.host import PluginHost
        own = PluginHost("inner")
        own.load_plugin({str(inner)!r}).enable()
    """
    plugin = host.load_plugin(write_plugin("outer", source))
    plugin.enable()
    own = plugin.module.own
    assert notes == ["+inner"]

    plugin.disable()

    assert notes == ["+inner", "-inner"]
    assert own.is_closed


def test_a_child_that_requires_its_parent_goes_live_with_it(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    write_plugin("child", CHILD, requires=["parent"])
    parent = host.load_plugin(write_plugin("parent", parent_of("child.enable()")))

    parent.enable()
    parent.disable()
    parent.enable()

    assert notes == ["+child", "+parent", "-child", "-parent", "+child", "+parent"]


def test_one_that_requires_the_plugin_that_loads_it_waits_for_it(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    write_plugin("child", CHILD, requires=["parent"])
    source = parent_of("").replace('"child")', '"child", detached=True)') + "    child.enable()\n"

    with pytest.raises(DependencyError, match="it requires 'parent', which is being loaded"):
        host.load_plugin(write_plugin("parent", source))


@pytest.mark.parametrize("parent", ["child.enable()"], indirect=True)
def test_a_child_does_not_start_while_its_parent_is_stopped(
    parent: Any, host: PluginHost[Any], notes: Notes
) -> None:
    child = host.get_plugin("child")
    parent.enable()
    parent.disable()
    notes.clear()

    with pytest.raises(DependencyError) as caught:
        child.enable()

    assert str(caught.value) == (
        "plugin 'child' cannot start: 'parent', which has loaded it, is disabled: it was disabled\n"
        "  enable plugin 'parent', or this one with enable(detach=True)"
    )
    assert [each.kind for each in caught.value.obstacles] == ["parent"]
    assert (child.state, notes) == (PluginState.DISABLED, [])
    assert "'parent', which has loaded it, is disabled" in str(host.why("child"))
    assert host.would("enable", "child").refused == str(caught.value)


@pytest.mark.parametrize("parent", ["child.enable()"], indirect=True)
def test_nor_does_its_module_run_then(parent: Any, host: PluginHost[Any]) -> None:
    child = host.get_plugin("child")
    parent.disable()
    lives = child.lives

    host.load_plugin(child.location)

    assert child.lives == lives
    assert child.reason == "'parent', which has loaded it, is disabled: it was disabled"


@pytest.mark.parametrize("parent", ["child.enable()"], indirect=True)
def test_without_its_parent_it_starts_detached(
    parent: Any, host: PluginHost[Any], notes: Notes
) -> None:
    child = host.get_plugin("child")
    parent.disable()

    child.enable(detach=True)

    assert (child.state, child.parent, parent.children) == (PluginState.ENABLED, None, [])


def test_a_child_that_its_parent_has_not_loaded_again_stops_with_it_nevertheless(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    write_plugin("child", CHILD)
    parent = host.load_plugin(write_plugin("parent", parent_of("")))
    parent.disable()
    write_plugin("parent")
    parent.enable()
    host.get_plugin("child").enable()
    notes.clear()

    parent.disable()

    assert notes == ["-child"]


def test_all_are_enabled_again_where_one_requires_the_child_of_a_later_one(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    host.load_plugin(write_plugin("first", requires=["child"]))
    write_plugin("child", CHILD)
    host.load_plugin(write_plugin("parent", parent_of("child.enable()")))
    host.enable_all()
    host.disable_all()

    host.enable_all()

    assert {plugin.state for plugin in host} == {PluginState.ENABLED}
