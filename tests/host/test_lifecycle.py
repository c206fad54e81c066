"""The life of a plugin: states, transitions, handlers, and what is given back when it ends."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from asyncio import CancelledError
from asyncio.base_events import BaseEventLoop
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import Any

import pytest

from hotplug.errors import (
    NotAllowed,
    PluginErrors,
    PluginExit,
    PluginGone,
    PluginStateError,
    RegistrationError,
    UnknownPluginError,
)
from hotplug.host import carry
from hotplug.host.generations import process
from hotplug.host.host import PluginHost
from hotplug.host.lifecycle import TRANSITIONS, Operation, PluginState, table
from hotplug.host.plugin import Plugin
from hotplug.host.resources import Resource
from hotplug.manifest import ManifestError

WritePlugin = Callable[..., Path]
Notes = list[str]

DOCS = Path(__file__).resolve().parents[2] / "docs"

FAILS_ONCE = """
    notes.append("run")
    if notes.count("run") == 1:
        raise OSError("no network")
"""


def brought_to(state: PluginState, host: PluginHost[Any], write_plugin: WritePlugin) -> Plugin:
    """A plugin in a state, reached as users reach it."""
    source = FAILS_ONCE if state is PluginState.ERROR else "notes.append('run')"
    place = write_plugin("shop", source)
    if state is PluginState.ERROR:
        with pytest.raises(OSError, match="no network"):
            host.load_plugin(place)
        return host.get_plugin("shop")
    plugin = host.load_plugin(place)
    if state in (PluginState.ENABLED, PluginState.DISABLED):
        plugin.enable()
    if state is PluginState.DISABLED:
        plugin.disable()
    if state is PluginState.UNLOADED:
        plugin.unload()
    return plugin


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("state", PluginState)
def test_every_operation_in_every_state_does_what_the_table_says(
    state: PluginState,
    operation: Operation,
    host: PluginHost[Any],
    write_plugin: WritePlugin,
    notes: Notes,
) -> None:
    plugin = brought_to(state, host, write_plugin)
    assert plugin.state is state

    getattr(plugin, operation.value)()

    assert plugin.state is TRANSITIONS[state, operation].to


def test_the_docs_show_the_table() -> None:
    assert table() in (DOCS / "host" / "lifecycle.md").read_text("utf-8")


def test_dk09_loading_runs_the_module_and_enabling_makes_it_live(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    plugin = host.load_plugin(write_plugin("shop", "notes.append('body')\nanswer = 42"))
    assert (plugin.state, notes) == (PluginState.LOADED, ["body"])

    plugin.enable()

    assert plugin.state is PluginState.ENABLED
    assert plugin.module.answer == 42
    assert notes == ["body"]


def test_dk08_a_plugin_is_disabled_before_the_hosts_disable_hooks_hear_of_it(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    host.add_disable_hook(lambda plugin: notes.append(plugin.state.value))
    plugin = host.load_plugin(write_plugin("shop", HOLDS_TWO))
    plugin.enable()

    plugin.disable()

    assert notes == ["on_disable", "-second", "-first", "disabled"]


HOLDS_TWO = """
    from hotplug.host.contexts import get_current_plugin
    from hotplug.host.resources import Resource

    class Noted(Resource):
        def __init__(self, plugin, name, error=None):
            super().__init__(plugin)
            self.name, self.error = name, error

        def _cleanup(self):
            notes.append(f"-{self.name}")
            if self.error is not None:
                raise self.error

    me = get_current_plugin()
    me.host.resource_manager.register(Noted(me, "first"))
    me.host.resource_manager.register(Noted(me, "second"))
    me.on_disable += lambda: notes.append("on_disable")
    me.on_unload += lambda: notes.append("on_unload")
"""


def test_dk06_unloading_runs_on_unload_once(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    plugin = host.load_plugin(write_plugin("shop", HOLDS_TWO))
    plugin.enable()

    plugin.unload()
    plugin.unload()

    assert notes == ["on_disable", "-second", "-first", "on_unload"]
    assert "shop" not in host


def test_dk25_a_disabled_plugin_is_enabled_again_in_a_fresh_generation(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    plugin = host.load_plugin(write_plugin("shop", HOLDS_TWO))
    for _ in range(3):
        plugin.enable()
        plugin.disable()

    assert plugin.generation == 3
    assert notes.count("on_unload") == 2


def test_c34_what_runs_as_the_code_goes_may_still_use_the_host(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    source = """
        from hotplug import get_current_plugin, log
        me = get_current_plugin()
        me.on_unload += lambda: (log.info("goes"), notes.extend(p.name for p in me.host))
    """
    plugin = host.load_plugin(write_plugin("shop", source))
    plugin.enable()
    plugin.disable()
    assert notes == []

    plugin.enable()

    assert notes == ["shop"]


def test_dk26_a_plugin_that_failed_can_be_tried_again(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    plugin = brought_to(PluginState.ERROR, host, write_plugin)
    assert isinstance(plugin.error, OSError)
    assert plugin.reason == "it could not be loaded: OSError: no network"

    plugin.enable()

    assert plugin.state is PluginState.ENABLED
    assert plugin.error is None
    assert plugin.reason == ""


def test_dk22_a_failed_load_gives_everything_back(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    modules = set(sys.modules)
    with pytest.raises(ZeroDivisionError) as caught:
        host.load_plugin(write_plugin("shop", HOLDS_TWO + "    1 / 0\n"))

    assert notes == ["on_disable", "-second", "-first", "on_unload"]
    assert caught.value.__notes__ == ["plugin 'shop' could not be loaded"]
    assert {name for name in set(sys.modules) - modules if "shop" in name} == set()


def test_dk23_a_failed_enable_gives_everything_back(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    plugin = host.load_plugin(write_plugin("shop", HOLDS_TWO + "    me.on_enable += lambda: 1 / 0"))

    with pytest.raises(ZeroDivisionError):
        plugin.enable()

    assert notes == ["on_disable", "-second", "-first", "on_unload"]
    assert plugin.state is PluginState.ERROR
    assert plugin.resources == []


def test_dk31_enable_hooks_do_not_hear_of_a_failed_enable(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    host.add_enable_hook(lambda plugin: notes.append("enabled"))
    host.add_failure_hook(lambda plugin, error: notes.append(f"failed: {error}"))
    source = """
        from hotplug.host.contexts import get_current_plugin
        def fail():
            raise OSError("no network")
        get_current_plugin().on_enable += fail
    """
    plugin = host.load_plugin(write_plugin("shop", source))

    with pytest.raises(OSError, match="no network"):
        plugin.enable()

    assert notes == ["failed: no network"]


def test_dk20_dk21_a_stop_reports_all_that_failed_together(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    host.add_disable_hook(lambda plugin: 1 / 0)
    source = HOLDS_TWO + (
        "    me.host.resource_manager.register(Noted(me, 'third', OSError('stuck')))\n"
        "    me.on_disable += lambda: [][0]\n"
    )
    plugin = host.load_plugin(write_plugin("shop", source))
    plugin.enable()

    with pytest.raises(PluginErrors, match="plugin 'shop' could not give everything back") as it:
        plugin.disable()

    assert [type(error) for error in it.value.exceptions] == [
        IndexError,
        OSError,
        ZeroDivisionError,
    ]
    assert notes == ["on_disable", "-third", "-second", "-first"]
    assert plugin.state is PluginState.DISABLED


def test_dk24_disabling_a_loaded_plugin_gives_back_what_is_staged(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    plugin = host.load_plugin(write_plugin("shop", HOLDS_TWO))

    plugin.disable()

    assert plugin.state is PluginState.DISABLED
    assert notes == ["on_disable", "-second", "-first"]


def test_dk29_two_threads_that_disable_do_it_once(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    plugin = host.load_plugin(write_plugin("shop", HOLDS_TWO))
    plugin.enable()

    in_threads(8, plugin.disable)

    assert notes == ["on_disable", "-second", "-first"]


def test_dk69_the_entrypoint_runs_once_however_many_threads_ask(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    place = write_plugin("shop", "import time\ntime.sleep(0.01)\nnotes.append('body')")

    in_threads(8, lambda: host.load_plugin(place).enable())

    assert notes == ["body"]


def in_threads(count: int, function: Any) -> None:
    start = threading.Barrier(count)

    def run() -> None:
        start.wait()
        function()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_dk30_a_disabled_plugin_can_hold_nothing_more(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    plugin = host.load_plugin(write_plugin("shop"))
    plugin.enable()
    resource = Resource(plugin)
    plugin.disable()

    with pytest.raises(PluginGone, match=r"plugin 'shop' \(generation 1\) has ended"):
        host.resource_manager.register(resource)


def test_dk32_sys_exit_ends_the_plugin_and_not_the_program(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    with pytest.raises(PluginExit, match=r"plugin 'shop' called sys.exit\(3\)"):
        host.load_plugin(write_plugin("shop", "import sys\nsys.exit(3)"))

    assert host.get_plugin("shop").state is PluginState.ERROR


INTERRUPTED = """
    from hotplug.host.contexts import get_current_plugin
    from hotplug.host.resources import Resource
    import asyncio

    class Noted(Resource):
        def __init__(self, plugin, name):
            super().__init__(plugin)
            self.name = name

        def _activate(self):
            maybe("activate")

        def _cleanup(self):
            notes.append(f"-{self.name}")
            maybe("cleanup") if self.name == "second" else None

    def maybe(step):
        if step == "STEP":
            raise ERROR

    me = get_current_plugin()
    me.host.resource_manager.register(Noted(me, "first"))
    me.host.resource_manager.register(Noted(me, "second"))
    me.on_enable += lambda: maybe("on_enable")
    me.on_disable += lambda: maybe("on_disable")
    me.on_disable += lambda: notes.append("on_disable")
    me.on_unload += lambda: maybe("on_unload")
    me.on_unload += lambda: notes.append("on_unload")
    maybe("load")
"""


def live_a_whole_life(host: PluginHost[Any], place: Path) -> None:
    plugin = host.load_plugin(place)
    plugin.enable()
    plugin.unload()


STEPS = ["load", "activate", "on_enable", "on_disable", "cleanup", "on_unload"]


@pytest.mark.parametrize("error", ["SystemExit(3)", "KeyboardInterrupt", "asyncio.CancelledError"])
@pytest.mark.parametrize("step", STEPS)
def test_dk32_nothing_that_is_raised_at_any_step_keeps_a_resource_or_ends_the_program(
    step: str, error: str, host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    place = write_plugin("shop", INTERRUPTED.replace("STEP", step).replace("ERROR", error))

    with pytest.raises((PluginErrors, PluginExit, KeyboardInterrupt, CancelledError)) as caught:
        live_a_whole_life(host, place)

    if error == "SystemExit(3)":
        errors = getattr(caught.value, "exceptions", [caught.value])
        said = "plugin 'shop' called sys.exit(3), which is an error of it and ends no program"
        assert [str(each).partition(f"\n  {place / 'plugin.py'}:")[0] for each in errors] == [said]
    else:
        assert type(caught.value).__name__ == error.rpartition(".")[2]
    assert notes == ["on_disable", "-second", "-first", "on_unload"]


def test_dk32_an_interrupt_closes_the_plugin_and_is_raised_on(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    with pytest.raises(KeyboardInterrupt):
        host.load_plugin(write_plugin("shop", HOLDS_TWO + "    raise KeyboardInterrupt"))

    assert notes == ["on_disable", "-second", "-first", "on_unload"]
    assert host.get_plugin("shop").state is PluginState.ERROR


def test_dk35_what_was_added_to_the_host_can_be_removed(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    def note(plugin: Plugin) -> None:
        notes.append(plugin.name)

    remove = host.add_enable_hook(note)
    host.add_disable_hook(note)
    remove()
    host.remove_disable_hook(note)

    plugin = host.load_plugin(write_plugin("shop"))
    plugin.enable()
    plugin.disable()

    assert notes == []


def test_a_handler_can_be_taken_back(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    source = """
        from hotplug.host.contexts import get_current_plugin
        me = get_current_plugin()
        def bye():
            notes.append("bye")
        me.on_disable += bye
        me.on_disable -= bye
    """
    plugin = host.load_plugin(write_plugin("shop", source))

    plugin.disable()

    assert notes == []


def test_only_the_plugin_itself_subscribes_to_the_end_of_its_life(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    plugin = host.load_plugin(write_plugin("shop"))

    with pytest.raises(NotAllowed, match="only plugin 'shop' itself may subscribe"):
        plugin.on_disable += print


def test_a_coroutine_function_is_no_handler_of_a_life(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    source = """
        from hotplug.host.contexts import get_current_plugin

        @get_current_plugin().on_disable.on
        async def stop(): ...
    """

    with pytest.raises(TypeError, match="a coroutine function handle its on_disable") as caught:
        host.load_plugin(write_plugin("shop", source))

    assert "shop/plugin.py:4" in str(caught.value)


def test_there_is_no_module_while_it_is_being_loaded(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    source = """
        from hotplug.host.contexts import get_current_plugin
        get_current_plugin().module
    """

    with pytest.raises(PluginStateError, match="plugin 'shop' is being loaded: it has no module"):
        host.load_plugin(write_plugin("shop", source))


def test_dk67_a_second_plugin_of_the_same_name_is_refused_with_both_places(
    host: PluginHost[Any], write_plugin: WritePlugin, tmp_path: Path
) -> None:
    host.load_plugin(write_plugin("shop"))
    other = tmp_path / "other" / "shop"
    other.mkdir(parents=True)
    (other / "plugin.json").write_text('{"name": "shop"}', "utf-8")
    (other / "plugin.py").write_text("", "utf-8")

    with pytest.raises(RegistrationError) as caught:
        host.load_plugin(other)

    assert f"from: {tmp_path / 'shop'}" in str(caught.value)
    assert f"not from: {other}" in str(caught.value)


def test_dk68_two_plugins_cannot_have_one_name_in_imports(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    first = host.load_plugin(write_plugin("tea-shop", "answer = 1"))

    with pytest.raises(RegistrationError, match="have one name in imports: tea_shop") as caught:
        host.load_plugin(write_plugin("tea_shop", "answer = 2"))

    assert "plugin 'tea_shop' and plugin 'tea-shop', which is loaded already" in str(caught.value)
    assert list(host) == [first]


def test_nor_can_one_come_back_whose_name_was_given_to_another(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    first = host.load_plugin(write_plugin("tea-shop"))
    first.unload()
    host.load_plugin(write_plugin("tea_shop"))

    with pytest.raises(RegistrationError, match="have one name in imports: tea_shop"):
        first.enable()


def test_a_place_is_known_by_whatever_path_leads_there(
    host: PluginHost[Any], write_plugin: WritePlugin, tmp_path: Path
) -> None:
    place = write_plugin("shop")
    (tmp_path / "link").symlink_to(place, target_is_directory=True)

    plugin = host.load_plugin(place)

    assert host.load_plugin(tmp_path / "link") is plugin
    assert host.load_plugin(place / ".." / "shop") is plugin


def test_dk01_a_place_is_given_in_any_of_the_documented_forms(
    host: PluginHost[Any], write_plugin: WritePlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = write_plugin("shop")
    monkeypatch.chdir(place.parent)

    plugin = host.load_plugin(path=place)

    assert host.load_plugin("./shop") is host.load_plugin(place) is host.load_plugin("shop")
    assert host.load_plugin(str(place)) is plugin


def test_dk01_a_place_is_given_once(host: PluginHost[Any], write_plugin: WritePlugin) -> None:
    place = write_plugin("shop")

    with pytest.raises(TypeError, match="load_plugin takes one place"):
        host.load_plugin()
    with pytest.raises(TypeError, match="load_plugin takes one place"):
        host.load_plugin(place, path=place)


def test_loading_the_same_place_again_is_the_same_plugin(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    place = write_plugin("shop", "notes.append('body')")

    assert host.load_plugin(place) is host.load_plugin(path=str(place))
    assert notes == ["body"]


def test_dk71_a_place_that_is_not_there_leaves_nothing_behind(
    host: PluginHost[Any], tmp_path: Path
) -> None:
    with pytest.raises(Exception, match="ghost"):
        host.load_plugin(tmp_path / "ghost")

    assert list(host) == []
    with pytest.raises(UnknownPluginError, match="no plugin 'ghost' is loaded"):
        host.get_plugin("ghost")


def test_dk74_changing_the_list_of_resources_changes_nothing_else(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    plugin = host.load_plugin(write_plugin("shop", HOLDS_TWO))

    host.resource_manager.get_resources(plugin).clear()

    assert len(host.resource_manager.get_resources(plugin)) == 2


def test_an_unloaded_plugin_leaves_no_module_and_no_object(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    modules = set(sys.modules)
    plugin = host.load_plugin(write_plugin("shop", HOLDS_TWO))
    plugin.enable()
    left: list[weakref.ref[Any]] = [
        weakref.ref(thing) for thing in (plugin, plugin.module, plugin.owner)
    ]

    plugin.unload()
    del plugin
    gc.collect()

    assert [ref() for ref in left] == [None, None, None]
    assert set(sys.modules) <= modules


def test_dk19_dk28_closing_the_host_stops_every_plugin_before_what_it_requires(
    write_plugin: WritePlugin, notes: Notes
) -> None:
    bye = """
        from hotplug.host.contexts import get_current_plugin
        me = get_current_plugin()
        me.on_disable += lambda: notes.append(me.name)
    """
    with PluginHost() as host:
        host.load_plugin(write_plugin("base", bye))
        host.load_plugin(write_plugin("shop", bye, requires=["base"]))
        host.enable_all()

    assert notes == ["shop", "base"]


def test_a_closed_host_takes_no_plugin(write_plugin: WritePlugin) -> None:
    host: PluginHost[Any] = PluginHost()
    host.close()
    host.close()

    with pytest.raises(PluginStateError, match="host 'hotplug' is closed"):
        host.load_plugin(write_plugin("shop"))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("lock", [process.changing.lock, carry.changing], ids=["modules", "carry"])
def test_a_host_that_the_collector_finds_while_a_lock_is_held_waits_for_it(lock: Lock) -> None:
    namespace = PluginHost().namespace

    with lock:
        gc.collect()

    until = monotonic() + 10
    while namespace in process.namespaces.get(namespace.name, []) and monotonic() < until:
        sleep(0.01)
    assert namespace not in process.namespaces.get(namespace.name, [])


def test_what_hosts_change_in_the_process_is_put_back_with_the_last() -> None:
    before = threading.Thread.start, ThreadPoolExecutor.submit, BaseEventLoop.create_task
    for _ in range(3):
        with PluginHost(), PluginHost():
            assert threading.Thread.start is not before[0]

    assert before == (threading.Thread.start, ThreadPoolExecutor.submit, BaseEventLoop.create_task)


def test_enable_all_enables_the_others_and_raises_what_failed_together(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    fails = """
        from hotplug.host.contexts import get_current_plugin
        get_current_plugin().on_enable += lambda: 1 / 0
    """
    host.load_plugin(write_plugin("bad", fails))
    good = host.load_plugin(write_plugin("good"))

    with pytest.raises(PluginErrors, match="could not enable all plugins"):
        host.enable_all()

    assert good.state is PluginState.ENABLED


def test_a_handler_that_comes_too_late_for_enabling_is_told_so(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    source = """
        from hotplug import get_current_plugin

        me = get_current_plugin()

        def start():
            me.on_enable.on(print)

        me.on_enable.on(start)
    """

    with pytest.raises(
        PluginStateError, match="'shop' subscribes to its on_enable, whose handlers"
    ):
        host.load_plugin(write_plugin("shop", source)).enable()


def acting(handler: str, action: str) -> str:
    return f"""
        from hotplug.host.contexts import get_current_plugin
        me = get_current_plugin()
        me.on_enable += lambda: notes.append("+")
        me.on_disable += lambda: notes.append("-")
        me.{handler} += lambda: me.{action}()
    """


def test_a_plugin_can_disable_itself_as_it_starts(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    plugin = host.load_plugin(write_plugin("shop", acting("on_enable", "disable")))

    plugin.enable()

    assert plugin.state is PluginState.DISABLED
    assert notes == ["+", "-"]


def test_a_plugin_that_disables_itself_as_it_stops_is_disabled_once(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    host.add_disable_hook(lambda plugin: notes.append("told"))
    plugin = host.load_plugin(write_plugin("shop", acting("on_disable", "disable")))
    plugin.enable()

    plugin.disable()

    assert notes == ["+", "-", "told"]


def test_a_plugin_that_enables_itself_as_it_stops_is_refused_and_stopped(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    plugin = host.load_plugin(write_plugin("shop", acting("on_disable", "enable")))
    plugin.enable()

    with pytest.raises(PluginErrors) as caught:
        plugin.disable()

    assert "plugin 'shop' cannot enable itself while it stops" in str(caught.value.exceptions[0])
    assert plugin.state is PluginState.DISABLED


def test_a_module_cannot_enable_its_own_plugin(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    source = """
        from hotplug.host.contexts import get_current_plugin
        get_current_plugin().enable()
    """
    with pytest.raises(PluginStateError, match="cannot enable itself while its module runs"):
        host.load_plugin(write_plugin("shop", source))


def test_a_fresh_generation_reads_the_manifest_again(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    plugin = host.load_plugin(write_plugin("shop", version="1.0"))
    plugin.enable()
    plugin.disable()
    write_plugin("shop", version="1.1")

    plugin.enable()

    assert plugin.version == "1.1"


def test_a_manifest_that_has_become_wrong_leaves_the_plugin_as_it_was(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    plugin = host.load_plugin(write_plugin("shop"))
    plugin.enable()
    plugin.disable()
    write_plugin("shop", version=5)

    with pytest.raises(ManifestError, match="version"):
        plugin.enable()

    assert plugin.state is PluginState.DISABLED


def test_a_plugin_that_was_renamed_has_to_be_loaded_anew(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    place = write_plugin("shop")
    plugin = host.load_plugin(place)
    plugin.disable()
    (place / "plugin.json").write_text('{"name": "bakery"}', "utf-8")

    with pytest.raises(PluginStateError, match="plugin 'shop' is called 'bakery' now"):
        plugin.enable()
