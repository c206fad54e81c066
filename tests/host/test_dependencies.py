"""What plugins require of each other: the order of starting, waiting, stopping together."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug.errors import DependencyError, NotAllowed, PluginGone, PluginImportError
from hotplug.host.host import PluginHost
from hotplug.host.lifecycle import PluginState

WritePlugin = Callable[..., Path]
Notes = list[str]

SAYS_SO = """
    from hotplug.host.contexts import get_current_plugin
    me = get_current_plugin()
    me.on_enable += lambda: notes.append(f"+{me.name}")
    me.on_disable += lambda: notes.append(f"-{me.name}")
"""


def test_dk16_enabling_starts_what_a_plugin_requires_first(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    host.load_plugin(write_plugin("base", SAYS_SO))
    host.load_plugin(write_plugin("middle", SAYS_SO, requires=["base"]))
    top = host.load_plugin(write_plugin("top", SAYS_SO, requires=["middle", "base"]))

    top.enable()

    assert notes == ["+base", "+middle", "+top"]


def test_a_plugin_whose_requirement_is_absent_does_not_run_and_says_why(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    top = host.load_plugin(write_plugin("top", "notes.append('body')", requires=["base"]))

    assert top.state is PluginState.UNLOADED
    assert top.reason == "it requires 'base', which is not loaded"
    assert notes == []


def test_it_is_loaded_when_what_it_requires_is(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    top = host.load_plugin(write_plugin("top", SAYS_SO, requires=["base"]))

    host.load_plugin(write_plugin("base", SAYS_SO))

    assert (top.state, top.reason) == (PluginState.LOADED, "")


def test_enabling_it_raises_the_reason_and_is_remembered(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    top = host.load_plugin(write_plugin("top", SAYS_SO, requires=["base"]))
    with pytest.raises(DependencyError) as caught:
        top.enable()
    assert str(caught.value).splitlines() == [
        "plugin 'top' cannot start: it requires 'base', which is not loaded",
        f"  {top.location / 'plugin.json'}:1: load plugin 'base'",
    ]

    host.load_plugin(write_plugin("base", SAYS_SO)).enable()

    assert notes == ["+base", "+top"]
    assert top.state is PluginState.ENABLED


def test_a_chain_of_waiting_plugins_starts_when_the_first_does(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    for name, required in (("c", "b"), ("b", "a")):
        with pytest.raises(DependencyError):
            host.load_plugin(write_plugin(name, SAYS_SO, requires=[required])).enable()

    host.load_plugin(write_plugin("a", SAYS_SO)).enable()

    assert notes == ["+a", "+b", "+c"]


def test_dk16_a_failed_requirement_holds_back_its_dependants_with_the_reason(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    with pytest.raises(OSError, match="no network"):
        host.load_plugin(write_plugin("base", "raise OSError('no network')"))
    top = host.load_plugin(write_plugin("top", SAYS_SO, requires=["base"]))

    with pytest.raises(DependencyError) as caught:
        top.enable()

    reason = "it requires 'base', which failed: OSError: no network"
    assert str(caught.value).startswith(f"plugin 'top' cannot start: {reason}\n")
    assert top.reason == reason


def test_the_reason_says_what_is_missing_now_at_the_end_of_the_chain(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    base = host.load_plugin(write_plugin("base"))
    middle = host.load_plugin(write_plugin("middle", requires=["base"]))
    top = host.load_plugin(write_plugin("top", requires=["middle"]))
    top.enable()
    middle.disable()
    base.unload()

    with pytest.raises(DependencyError) as caught:
        top.enable()

    assert str(caught.value).startswith(
        "plugin 'top' cannot start: it requires 'middle', which is disabled: "
        "it requires 'base', which is not loaded\n"
    )


FAILS_ONCE = """
    from hotplug.host.contexts import get_current_plugin
    me = get_current_plugin()

    @me.on_enable.on
    def start():
        if me.generation < 2:
            raise OSError("no network")
"""


def test_dk16_one_that_is_loaded_does_not_start_when_its_requirement_fails(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    host.load_plugin(write_plugin("base", FAILS_ONCE.replace("< 2", "< 9")))
    top = host.load_plugin(write_plugin("top", requires=["base"]))

    with pytest.raises(ExceptionGroup) as caught:
        host.enable_all()

    assert [type(error) for error in caught.value.exceptions] == [OSError, DependencyError]
    assert top.state is PluginState.DISABLED
    assert top.reason == "it requires 'base', which failed: OSError: no network"


def test_one_that_was_loaded_upon_a_failed_generation_gets_the_fresh_one(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    base = host.load_plugin(write_plugin("base", FAILS_ONCE, files={"__init__.py": "names = []"}))
    source = "from hotplug.plugins import base"
    top = host.load_plugin(write_plugin("top", source, requires=["base"]))
    with pytest.raises(OSError, match="no network"):
        base.enable()
    assert (top.state, top.reason) == (
        PluginState.DISABLED,
        "it requires 'base', which could not be enabled",
    )

    base.enable()

    assert top.state is PluginState.LOADED
    base_itself = base.owner.generation.modules["hotplug.plugins.base"]  # type: ignore[union-attr]
    assert top.module.base is base_itself


def test_dk73_a_circle_is_shown_as_a_path(host: PluginHost[Any], write_plugin: WritePlugin) -> None:
    host.load_plugin(write_plugin("a", requires=["c"]))
    host.load_plugin(write_plugin("b", requires=["a"]))
    c = host.load_plugin(write_plugin("c", requires=["b"]))

    with pytest.raises(DependencyError, match="in a circle: c -> b -> a -> c"):
        c.enable()

    assert "c -> b -> a -> c" in c.reason


def test_dk27_disabling_takes_those_along_that_require_it(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    base = host.load_plugin(write_plugin("base", SAYS_SO))
    middle = host.load_plugin(write_plugin("middle", SAYS_SO, requires=["base"]))
    top = host.load_plugin(write_plugin("top", SAYS_SO, requires=["middle"]))
    top.enable()
    notes.clear()

    base.disable()

    assert notes == ["-top", "-middle", "-base"]
    assert middle.reason == top.reason == "it requires 'base', which was disabled"


def test_they_start_again_when_it_does(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    base = host.load_plugin(write_plugin("base", SAYS_SO))
    top = host.load_plugin(write_plugin("top", SAYS_SO, requires=["base"]))
    top.enable()
    base.disable()
    notes.clear()

    base.enable()

    assert notes == ["+base", "+top"]
    assert (top.state, top.reason) == (PluginState.ENABLED, "")


def test_they_start_again_too_when_it_is_started_for_another(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    base = host.load_plugin(write_plugin("base", SAYS_SO))
    one = host.load_plugin(write_plugin("one", SAYS_SO, requires=["base"]))
    other = host.load_plugin(write_plugin("other", SAYS_SO, requires=["base"]))
    host.enable_all()
    base.disable()
    notes.clear()

    one.enable()

    assert notes == ["+base", "+one", "+other"]
    assert (other.state, other.reason) == (PluginState.ENABLED, "")


def test_one_that_failed_is_not_tried_again_where_nothing_has_changed(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    base = host.load_plugin(write_plugin("base"))
    with pytest.raises(ZeroDivisionError):
        host.load_plugin(write_plugin("top", "notes.append('run'); 1 / 0", requires=["base"]))

    host.load_plugin(base.location)

    assert notes == ["run"]


def test_one_that_was_disabled_itself_stays_so(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    base = host.load_plugin(write_plugin("base", SAYS_SO))
    top = host.load_plugin(write_plugin("top", SAYS_SO, requires=["base"]))
    top.enable()
    top.disable()
    base.disable()

    base.enable()

    assert top.state is PluginState.DISABLED


def test_disabling_can_be_refused_for_the_sake_of_dependants(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    base = host.load_plugin(write_plugin("base", SAYS_SO))
    host.load_plugin(write_plugin("top", SAYS_SO, requires=["base"])).enable()

    with pytest.raises(DependencyError, match="plugin 'base' cannot disable: 'top' requires it"):
        base.disable(dependants="refuse")

    assert base.state is PluginState.ENABLED


def test_one_failing_dependant_does_not_keep_the_others_from_stopping(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    base = host.load_plugin(write_plugin("base", SAYS_SO))
    fails = SAYS_SO + "    me.on_disable += lambda: 1 / 0"
    host.load_plugin(write_plugin("top", fails, requires=["base"])).enable()

    with pytest.raises(ExceptionGroup, match="plugin 'base' could not give everything back"):
        base.disable()

    assert base.state is PluginState.DISABLED


def test_one_that_waited_and_then_fails_is_logged_and_does_not_fail_the_other(
    host: PluginHost[Any], write_plugin: WritePlugin, caplog: pytest.LogCaptureFixture
) -> None:
    top = host.load_plugin(write_plugin("top", "1 / 0", requires=["base"]))

    with caplog.at_level(logging.ERROR, "hotplug.host"):
        base = host.load_plugin(write_plugin("base"))

    assert base.state is PluginState.LOADED
    assert top.state is PluginState.ERROR
    assert "plugin 'top', which waited for 'base', failed" in caplog.text


def test_a_plugin_imports_what_it_requires(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    host.load_plugin(write_plugin("base", files={"__init__.py": "answer = 42"}))

    top = host.load_plugin(
        write_plugin("top", "from hotplug.plugins import base", requires=["base"])
    )

    assert top.module.base.answer == 42


def test_a_module_that_another_plugin_is_the_first_to_import_runs_as_its_own(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    who = "from hotplug.host.contexts import get_current_plugin\nwho = get_current_plugin().name"
    host.load_plugin(write_plugin("base", files={"__init__.py": "", "extra.py": who}))
    source = "from hotplug.plugins.base import extra"

    top = host.load_plugin(write_plugin("top", source, requires=["base"]))

    assert top.module.extra.who == "base"


def test_dk72_importing_what_was_not_declared_is_refused_with_the_line_to_add(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    host.load_plugin(write_plugin("base", files={"__init__.py": ""}))

    with pytest.raises(PluginImportError, match=r'requires = \["base"\]'):
        host.load_plugin(write_plugin("top", "from hotplug.plugins import base"))


def test_dependants_get_the_fresh_generation_of_what_they_require(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    place = write_plugin("base", files={"__init__.py": "answer = 1"})
    base = host.load_plugin(place)
    source = "from hotplug.plugins import base\nnotes.append(str(base.answer))"
    top = host.load_plugin(write_plugin("top", source, requires=["base"]))
    top.enable()
    base.disable()
    (place / "__init__.py").write_text("answer = 22", "utf-8")

    base.enable()

    assert notes == ["1", "22"]


def test_dk52_dk15_a_plugin_cannot_enable_or_disable_another(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    host.load_plugin(write_plugin("victim")).enable()
    source = """
        from hotplug.host.contexts import get_current_plugin
        def attack(what):
            getattr(get_current_plugin().host.get_plugin("victim"), what)()
        me = get_current_plugin()
        me.on_enable += lambda: attack("disable")
    """
    top = host.load_plugin(write_plugin("attacker", source))

    with pytest.raises(NotAllowed, match="plugin 'attacker' cannot disable plugin 'victim'"):
        top.enable()

    assert host.get_plugin("victim").state is PluginState.ENABLED


@pytest.mark.parametrize(
    ("asks", "refused"),
    [
        ("host.enable_all()", "cannot enable all plugins: only the application can"),
        ("host.disable_all()", "cannot disable all plugins: only the application can"),
        ("host.close()", "cannot close its host: only the application can"),
        ("cleanup_plugin(host.get_plugin('victim'))", "cannot disable plugin 'victim'"),
    ],
)
def test_dk52_nor_can_it_do_so_with_all_of_them(
    asks: str, refused: str, host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    host.load_plugin(write_plugin("victim")).enable()
    source = f"""
        from hotplug.host.contexts import get_current_plugin
        host = get_current_plugin().host
        cleanup_plugin = host.resource_manager.cleanup_plugin
        get_current_plugin().on_enable += lambda: {asks}
    """
    attacker = host.load_plugin(write_plugin("attacker", source))

    with pytest.raises(NotAllowed, match=f"plugin 'attacker' {refused}"):
        attacker.enable()

    assert host.get_plugin("victim").state is PluginState.ENABLED


def test_late_code_of_a_plugin_that_has_ended_enables_nothing(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    plugin = host.load_plugin(write_plugin("shop"))
    plugin.enable()
    life = plugin.owner
    plugin.disable()

    with pytest.raises(PluginGone, match="it cannot enable plugin 'shop'"):
        life.call(plugin.enable)

    assert plugin.state is PluginState.DISABLED


def test_a_plugin_has_hosts_of_its_own_in_its_hand(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    inner = write_plugin("inner", SAYS_SO)
    source = f"""
        from hotplug.host.host import PluginHost
        from hotplug.host.contexts import get_current_plugin

        @get_current_plugin().on_enable.on
        def start():
            with PluginHost("inner") as host:
                host.load_plugin({str(inner)!r})
                host.enable_all()
                host.disable_all()
    """

    host.load_plugin(write_plugin("outer", source)).enable()

    assert notes == ["+inner", "-inner"]


def test_a_long_row_of_plugins_starts_when_the_first_is_there(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    places = [write_plugin(f"p{at}", requires=[f"p{at - 1}"] if at else []) for at in range(500)]
    plugins = [host.load_plugin(place) for place in reversed(places)]

    assert {plugin.state for plugin in plugins} == {PluginState.LOADED}
