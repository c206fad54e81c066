"""A plugin declares its settings as a dataclass, and gets them checked, with defaults."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hotplug import Owner, PluginGone, PluginHost, PluginState, SettingsError, settings


def test_a_plugin_gets_what_the_project_says(shop: Any) -> None:
    assert shop.given("currency: str", "currency = 'EUR'").currency == "EUR"


def test_what_is_not_said_has_its_default(shop: Any) -> None:
    config = shop.given("port: int = 80\ntills: list[str] = field(default_factory=list)")

    assert (config.port, config.tills) == (80, [])


def test_a_project_that_says_nothing_leaves_the_defaults(
    host: PluginHost[Any], write_plugin: Callable[..., Path]
) -> None:
    source = """
        from dataclasses import dataclass
        from hotplug import settings

        @dataclass
        class Shop:
            port: int = 80

        config = settings(Shop)
    """

    assert host.load_plugin(write_plugin("shop", source)).module.config.port == 80


def test_all_that_is_wrong_is_told_at_once_line_by_line(shop: Any) -> None:
    fields = "currency: Literal['EUR', 'USD']\nowner: str\nport: int = 80"
    table = """\
    port = "80"
    currency = "EU"
    curency = "EUR"
    """

    with pytest.raises(SettingsError) as caught:
        shop.load(fields, table)

    file = shop.project
    assert str(caught.value) == (
        "the settings of plugin 'shop' are wrong\n"
        f"  {file}:1:11: 'owner' is missing\n"
        "    add a text\n"
        f"  {file}:2:1: 'port' takes a whole number, not '80'\n"
        f"  {file}:3:1: 'currency' takes 'EUR' or 'USD', not 'EU'\n"
        "    did you mean 'EUR'?\n"
        f"  {file}:4:1: 'curency' is no setting\n"
        "    did you mean 'currency'?"
    )


def test_the_places_are_data_too(shop: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        shop.load("tills: list[int]", "tills = [\n  1,\n  'two',\n]")

    (problem,) = caught.value.problems
    assert caught.value.plugin_name == "shop"
    assert (problem.file, problem.line, problem.key) == (shop.project, 4, "tills[1]")


def test_where_the_project_is_a_mapping_the_key_says_the_place(
    write_plugin: Callable[..., Path], shop: Any
) -> None:
    shop.load("port: int = 80")
    host: PluginHost[Any] = PluginHost(project={"settings": {"shop": {"port": "x"}}})

    with host, pytest.raises(SettingsError, match=r"\n  'port' takes a whole number, not 'x'"):
        host.load_plugin(shop.plugin.path)


def test_a_plugin_with_wrong_settings_does_not_start(shop: Any) -> None:
    with pytest.raises(SettingsError):
        shop.load("port: int", "port = 'x'")

    assert shop.plugin.state is PluginState.ERROR
    assert f"{shop.project}:2:1: 'port' takes a whole number" in shop.plugin.reason


def test_what_the_class_itself_says_against_the_values_is_told_with_both_places(shop: Any) -> None:
    fields = """
    least: int
    most: int
    def __post_init__(self):
        if self.least > self.most:
            raise ValueError("least is more than most")
    """

    with pytest.raises(SettingsError) as caught:
        shop.load(fields, "least = 2\nmost = 1")

    (problem,) = caught.value.problems
    assert problem.message == "least is more than most"
    assert problem.line == 1
    assert f"{shop.host.get_plugin('shop').path / 'plugin.py'}:14" in problem.hint


@pytest.mark.parametrize("raised", ["KeyError('x')", "SystemExit(3)", "Unsayable()"])
def test_whatever_the_class_raises_is_a_problem_of_its_settings(shop: Any, raised: str) -> None:
    before = "class Unsayable(Exception):\n    def __str__(self): raise OSError\n"

    with pytest.raises(SettingsError, match=raised.partition("(")[0]):
        shop.load(f"def __post_init__(self): raise {raised}", before=before)


def test_what_is_wrong_is_an_obstacle_each(shop: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        shop.load("port: int\nowner: str", "port = 'x'")

    missing, port = caught.value.obstacles
    assert (port.kind, port.plugin, port.about) == ("settings", "shop", "port")
    assert port.where == f"{shop.project}:2:1"
    assert str(port.proposals[0]) == f"mend setting 'port' of 'shop' ({shop.project}:2:1)"
    assert missing.sentence == "'owner' is missing"


def test_why_repeats_what_is_wrong_with_its_lines(shop: Any) -> None:
    with pytest.raises(SettingsError):
        shop.load("port: int\nowner: str", "port = 'x'\nowner = 5")

    said = str(shop.host.why("shop"))

    assert "'port' takes a whole number, not 'x'" in said
    assert f"{shop.project}:2:1" in said
    assert f"mend setting 'owner' of 'shop' ({shop.project}:3:1)" in said


def test_the_error_can_be_pickled(shop: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        shop.load("port: int", "port = 'x'")

    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.problems) == (str(caught.value), caught.value.problems)


# the object


def test_the_plugin_cannot_change_what_the_host_holds(shop: Any) -> None:
    shop.load("tills: list[int]\nmore: Any = None", "tills = [1]\nmore = {a = [1]}")

    shop.plugin.module.config.tills.append(2)
    shop.plugin.module.config.more["a"].append(2)

    assert shop.plugin.settings.tills == [1]
    assert shop.plugin.settings.more == {"a": [1]}
    assert shop.host.project.settings["shop"] == {"tills": [1], "more": {"a": [1]}}


def test_the_application_reads_them_from_the_plugin(shop: Any) -> None:
    shop.load("port: int = 80")

    assert shop.plugin.settings.port == 80
    with pytest.raises(FrozenInstanceError):
        shop.plugin.settings.port = 81


def test_a_plugin_that_declares_none_has_none(
    host: PluginHost[Any], write_plugin: Callable[..., Path]
) -> None:
    plugin = host.load_plugin(write_plugin("plain"))

    assert plugin.settings is None
    assert plugin.settings_schema is None


def test_settings_that_their_plugin_never_asks_for_keep_it_from_starting(shop: Any) -> None:
    plugin = shop.run("", "port = 80")

    with pytest.raises(SettingsError, match=r"plugins.toml:2:1: 'port' is no setting: the plugin"):
        plugin.enable()
    assert plugin.state is PluginState.ERROR


def test_they_may_be_asked_for_as_late_as_it_starts(shop: Any) -> None:
    source = """
    @dataclass
    class Shop:
        port: int = 1

    @get_current_plugin().on_enable.on
    def start():
        settings(Shop)
    """
    shop.run(source, "port = 80").enable()

    assert shop.plugin.settings.port == 80


def test_every_module_of_the_plugin_may_ask_for_them(shop: Any) -> None:
    shop.load("port: int = 80", after="again = settings(Shop)")

    assert shop.plugin.module.again == shop.plugin.module.config


def test_a_second_class_is_refused_with_the_place_of_the_first(shop: Any) -> None:
    after = "@dataclass\nclass More:\n    a: int = 1\nsettings(More)"

    with pytest.raises(
        SettingsError, match=r"declares More, and has declared Shop\n.*plugin.py:\d+"
    ):
        shop.load("port: int = 80", after=after)


def test_a_fresh_generation_declares_anew(shop: Any) -> None:
    shop.load("port: int = 80").enable()
    shop.plugin.disable()
    file = shop.plugin.path / "plugin.py"
    file.write_text(file.read_text().replace("port: int = 80", "host: str = 'here'"))

    shop.plugin.enable()

    assert shop.plugin.settings.host == "here"


def test_late_code_of_a_plugin_gets_no_settings(shop: Any) -> None:
    shop.load("port: int = 80", after="def late(): return settings(Shop)").enable()
    owner, late = shop.plugin.owner, shop.plugin.module.late
    shop.plugin.disable()

    with pytest.raises(PluginGone, match="read its settings"):
        owner.call(late)


# without a plugin


@dataclass(frozen=True)
class Plain:
    port: int = 80
    tills: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Demanding:
    port: int


def test_outside_of_a_plugin_the_defaults_are_what_one_gets() -> None:
    assert settings(Plain) == Plain()
    assert Owner("shop").call(settings, Plain) == Plain()


def test_outside_of_a_plugin_what_has_no_default_is_missing() -> None:
    with pytest.raises(SettingsError, match="'port' is missing"):
        settings(Demanding)


# classes that cannot be read


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("port: bytes = b''", "Shop.port: bytes is nothing that a configuration can say"),
        ("port: 'Unknown' = 1", "Shop: name 'Unknown' is not defined"),
        ("tills: set[list[int]] = None", "Shop.tills: a set can't hold a list"),
        ("tills: dict[int, str] = None", "Shop.tills: the keys of a table are texts"),
        ("tills: Annotated[Path, Bounds(ge=1)] = None", "Shop.tills: a path is not more or less"),
        (
            "port: Annotated[int, Bounds(min_length=1)] = 1",
            "Shop.port: a whole number has no length",
        ),
        ("version: int = 1", "Shop.version: the key 'version'"),
        ("inner: Inner = None", "Inner.x: complex is nothing"),
    ],
)
def test_a_class_that_cannot_be_read_is_told_with_field_and_place(
    shop: Any, fields: str, said: str
) -> None:
    before = "@dataclass\nclass Inner:\n    x: complex = 1j\n"

    with pytest.raises(SettingsError) as caught:
        shop.load(fields, before=before)

    assert said in str(caught.value)
    assert "plugin.py:" in str(caught.value)


@pytest.mark.parametrize("thing", ["dict", "5", "object"])
def test_what_is_no_dataclass_is_refused(shop: Any, thing: str) -> None:
    with pytest.raises(SettingsError, match="is no dataclass; write @dataclass"):
        shop.run(f"settings({thing})")


def test_deep_tables_are_refused_before_anything_walks_them(
    write_plugin: Callable[..., Path], shop: Any
) -> None:
    shop.load("more: Any = None")
    deep: Any = {}
    deep["inside"] = deep
    host: PluginHost[Any] = PluginHost(project={"settings": {"shop": {"more": deep}}})

    with host, pytest.raises(SettingsError, match="no more than 32 levels"):
        host.load_plugin(shop.plugin.path)


def test_unused_settings_cost_a_host_nothing() -> None:
    script = """
import json, sys
from hotplug import PluginHost
with PluginHost() as host: pass
print(json.dumps([name for name in sys.modules if ".settings" in name or ".data" in name]))
"""
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, check=True)

    assert json.loads(done.stdout) == []
