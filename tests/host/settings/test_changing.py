"""Settings that change: checked first, then the plugin is told, or starts anew with them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import (
    NotAllowed,
    PluginGone,
    PluginHost,
    PluginState,
    PluginStateError,
    SettingsError,
    UnknownPluginError,
)

LISTENS = """
told = []

@get_current_plugin().on_settings_changed.on
def changed(old, new):
    told.append((old, new, get_current_plugin()))
"""
PORT = "port: Annotated[int, Bounds(ge=1)] = 80"


@pytest.fixture
def listening(shop: Any) -> Any:
    shop.load(PORT, after=LISTENS).enable()
    return shop


def test_a_plugin_that_listens_is_told_of_the_old_and_the_new(listening: Any) -> None:
    module = listening.plugin.module

    listening.host.configure("shop", {"port": 81})

    ((old, new, who),) = module.told
    assert (old.port, new.port, who) == (80, 81, listening.plugin)
    assert listening.plugin.settings.port == 81
    assert listening.plugin.generation == 1


def test_one_that_does_not_is_started_anew(shop: Any) -> None:
    shop.load(PORT).enable()

    shop.host.configure("shop", {"port": 81})

    assert shop.plugin.module.config.port == 81
    assert (shop.plugin.generation, shop.plugin.state) == (2, PluginState.ENABLED)


def test_one_that_is_only_loaded_is_loaded_anew(shop: Any) -> None:
    shop.load(PORT)

    shop.host.configure("shop", {"port": 81})

    assert shop.plugin.module.config.port == 81
    assert shop.plugin.state is PluginState.LOADED


def test_those_that_require_it_come_back_with_it(shop: Any) -> None:
    shop.load(PORT).enable()
    guest = shop.host.load_plugin(shop.write("guest", requires=["shop"]))
    guest.enable()

    shop.host.configure("shop", {"port": 81})

    assert guest.state is PluginState.ENABLED


def test_wrong_settings_are_refused_whole(listening: Any) -> None:
    module = listening.plugin.module

    with pytest.raises(SettingsError, match="'port' takes"):
        listening.host.configure("shop", {"port": 0})

    assert module.told == []
    assert listening.plugin.settings.port == 80
    assert listening.host.configuration("shop") == {}


def test_they_take_the_place_of_all_that_was_said(shop: Any) -> None:
    shop.load("port: int = 80\nowner: str = 'Ada'", "owner = 'Bob'", after=LISTENS)

    shop.host.configure("shop", {"port": 81})

    assert (shop.plugin.settings.port, shop.plugin.settings.owner) == (81, "Ada")


def test_one_thing_is_changed_by_saying_the_rest_again(shop: Any) -> None:
    shop.load("port: int = 80\nowner: str = 'Ada'", "owner = 'Bob'", after=LISTENS)

    shop.host.configure("shop", {**shop.host.configuration("shop"), "port": 81})

    assert (shop.plugin.settings.port, shop.plugin.settings.owner) == (81, "Bob")


def test_the_same_again_changes_nothing(listening: Any) -> None:
    module = listening.plugin.module

    listening.host.configure("shop", {"port": 80})

    assert module.told == []
    assert listening.plugin.generation == 1


def test_what_the_application_does_to_its_mapping_later_does_not_matter(listening: Any) -> None:
    values: dict[str, Any] = {"port": 81}
    listening.host.configure("shop", values)

    values["port"] = 0

    listening.plugin.disable()
    listening.plugin.enable()
    assert listening.plugin.settings.port == 81


def test_no_file_is_written(listening: Any) -> None:
    before = listening.project.read_text()

    listening.host.configure("shop", {"port": 81})

    assert listening.project.read_text() == before


def test_each_handler_gets_objects_of_its_own(shop: Any) -> None:
    spoils = (
        "\n@get_current_plugin().on_settings_changed.on\ndef spoil(old, new): new.tills.append(9)\n"
    )
    shop.load("tills: list[int]", "tills = [1]", after=spoils + LISTENS)
    module = shop.plugin.module

    shop.host.configure("shop", {"tills": [2]})

    assert module.told[0][1].tills == [2]
    assert shop.plugin.settings.tills == [2]


def test_a_handler_that_raises_makes_it_start_anew(
    shop: Any, caplog: pytest.LogCaptureFixture
) -> None:
    fails = (
        "@get_current_plugin().on_settings_changed.on\ndef fail(old, new): raise OSError('busy')"
    )
    shop.load(PORT, after=fails).enable()

    shop.host.configure("shop", {"port": 81})

    assert (shop.plugin.generation, shop.plugin.settings.port) == (2, 81)
    assert "can't change its settings while it runs, and restarts: OSError: busy" in caplog.text


def test_one_that_cannot_start_with_them_goes_on_with_the_old(shop: Any) -> None:
    starts = """
    @get_current_plugin().on_enable.on
    def start():
        if config.port == 81:
            raise OSError("81 is taken")
    """
    shop.load(PORT, after=starts).enable()

    with pytest.raises(OSError, match="81 is taken"):
        shop.host.configure("shop", {"port": 81})

    assert shop.plugin.state is PluginState.ENABLED
    assert shop.plugin.settings.port == 80
    assert shop.host.configuration("shop") == {}


def test_one_that_waits_for_right_settings_starts_with_them(shop: Any) -> None:
    with pytest.raises(SettingsError):
        shop.load(PORT, "port = 0")

    shop.host.configure("shop", {"port": 81})

    assert shop.plugin.state is PluginState.LOADED
    assert shop.plugin.settings.port == 81


def test_one_that_waits_and_gets_wrong_ones_again_waits_on(shop: Any) -> None:
    with pytest.raises(SettingsError):
        shop.load(PORT, "port = 0")

    with pytest.raises(SettingsError, match="not -1"):
        shop.host.configure("shop", {"port": -1})

    assert shop.plugin.state is PluginState.ERROR
    assert shop.host.configuration("shop") == {"port": 0}


def test_one_that_is_disabled_gets_them_when_it_starts(shop: Any) -> None:
    shop.load(PORT).enable()
    shop.plugin.disable()

    shop.host.configure("shop", {"port": 81})

    assert shop.plugin.state is PluginState.DISABLED
    shop.plugin.enable()
    assert shop.plugin.module.config.port == 81


def test_one_that_is_disabled_refuses_wrong_ones_at_once(shop: Any) -> None:
    shop.load(PORT).enable()
    shop.plugin.disable()

    with pytest.raises(SettingsError):
        shop.host.configure("shop", {"port": 0})


def test_one_whose_requirements_are_missing_gets_them_when_it_loads(shop: Any) -> None:
    shop.run("@dataclass\nclass Shop:\n    port: int = 80\nconfig = settings(Shop)")
    late = shop.write("late", (shop.plugin.path / "plugin.py").read_text(), requires=["bank"])
    plugin = shop.host.load_plugin(late)

    shop.host.configure("late", {"port": 81})
    plugin.enable() if plugin.requires == () else shop.host.load_plugin(shop.write("bank"))

    assert plugin.settings.port == 81


def test_settings_for_a_plugin_that_declares_none_are_refused(
    host: PluginHost[Any], write_plugin: Callable[..., Path]
) -> None:
    host.load_plugin(write_plugin("plain"))

    with pytest.raises(SettingsError, match="it declares none"):
        host.configure("plain", {"port": 1})
    host.configure("plain", {})


def test_settings_for_a_plugin_that_is_not_there_are_refused(host: PluginHost[Any]) -> None:
    with pytest.raises(UnknownPluginError, match="'shop'"):
        host.configure("shop", {})


@pytest.mark.parametrize("values", [None, 5, "port=1", [("port", 1)]])
def test_what_is_no_mapping_is_refused(listening: Any, values: Any) -> None:
    with pytest.raises(TypeError, match="settings are a mapping"):
        listening.host.configure("shop", values)


def test_only_the_application_configures(shop: Any) -> None:
    shop.load(PORT, after="def self_made(): get_current_plugin().host.configure('shop', {})")

    with pytest.raises(NotAllowed, match="plugin 'shop' cannot configure plugins"):
        shop.plugin.owner.call(shop.plugin.module.self_made)


def test_a_plugin_is_not_configured_in_the_middle_of_a_step(shop: Any) -> None:
    asked: list[Any] = []
    shop.load(
        PORT, after="asks = []\n@get_current_plugin().on_enable.on\ndef start():\n    asks[0]()"
    )

    def ask() -> None:
        from hotplug import host_call

        with pytest.raises(PluginStateError, match="can't get other settings now"):
            host_call(shop.host.configure, "shop", {"port": 81})
        asked.append(True)

    shop.plugin.module.asks.append(ask)
    shop.plugin.enable()

    assert asked == [True]
    assert shop.plugin.settings.port == 80


def test_changes_from_several_threads_come_one_after_another(shop: Any) -> None:
    slow = LISTENS.replace("    told", "    import time; time.sleep(new.port % 3 / 500)\n    told")
    shop.load(PORT, after=slow).enable()
    module = shop.plugin.module

    threads = [
        threading.Thread(target=shop.host.configure, args=("shop", {"port": number}))
        for number in range(100, 120)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    chain = [(old.port, new.port) for old, new, _ in module.told]
    assert sorted(new for _, new in chain) == [*range(100, 120)]
    assert [old for old, _ in chain] == [80, *(new for _, new in chain[:-1])]
    assert shop.plugin.settings.port == chain[-1][1]


# handlers


def test_only_the_plugin_itself_may_listen(listening: Any) -> None:
    with pytest.raises(NotAllowed, match="only plugin 'shop' itself"):
        listening.plugin.on_settings_changed.on(print)


def test_late_code_of_a_plugin_may_not(listening: Any) -> None:
    owner, event = listening.plugin.owner, listening.plugin.on_settings_changed
    listening.plugin.disable()

    with pytest.raises(PluginGone, match="hear of its settings"):
        owner.call(event.on, print)


def test_a_coroutine_function_is_refused(shop: Any) -> None:
    after = "@get_current_plugin().on_settings_changed.on\nasync def changed(old, new): ..."

    with pytest.raises(TypeError, match="which awaits nothing"):
        shop.load(PORT, after=after)


def test_what_cannot_be_called_is_refused(shop: Any) -> None:
    with pytest.raises(TypeError, match="is a function, not 5"):
        shop.load(PORT, after="get_current_plugin().on_settings_changed.on(5)")


def test_it_may_be_subscribed_to_like_the_other_events_of_its_life(shop: Any) -> None:
    after = "def changed(old, new): told.append(new.port)\ntold = []\n"
    after += "this = get_current_plugin()\nthis.on_settings_changed += changed\n"
    shop.load(PORT, after=after)
    module = shop.plugin.module

    shop.host.configure("shop", {"port": 81})

    assert module.told == [81]
    with pytest.raises(AttributeError, match="cannot be replaced"):
        shop.plugin.on_settings_changed = None


def test_a_handler_may_stop_its_plugin(shop: Any) -> None:
    stops = """
    this = get_current_plugin()
    this.on_settings_changed += lambda old, new: this.disable()
    """
    shop.load(PORT, after=stops).enable()

    shop.host.configure("shop", {"port": 81})

    assert shop.plugin.state is PluginState.DISABLED


def test_old_generations_are_not_kept(shop: Any) -> None:
    import gc
    import weakref

    shop.load(PORT).enable()
    first = weakref.ref(shop.plugin.module.Shop)

    shop.host.configure("shop", {"port": 81})

    gc.collect()
    assert first() is None


def test_what_is_logged_holds_no_values(shop: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shop.load("key: Secret", "key = 'hunter2'", after=LISTENS).enable()

    shop.host.configure("shop", {"key": "hunter3"})

    assert "hunter" not in caplog.text
