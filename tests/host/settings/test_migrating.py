"""A configuration for an older version of the settings is brought up, step by step."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from hotplug import SettingsError

SOURCE = """
seen = []

def migrate(data, version):
    seen.append((version, dict(data)))
    if version == 1:
        data["address"] = f"{data.pop('host', 'here')}:{data.pop('port', 80)}"
        return data
    return {"addresses": [data["address"]]}

@dataclass(frozen=True)
class Shop:
    addresses: list[str]

config = settings(Shop, version=3, migrate=migrate)
"""


def test_what_says_no_version_is_brought_up_from_the_first(shop: Any) -> None:
    module = shop.run(SOURCE, "host = 'there'\nport = 8").module

    assert module.config.addresses == ["there:8"]
    assert module.seen == [(1, {"host": "there", "port": 8}), (2, {"address": "there:8"})]


def test_what_says_its_version_skips_the_steps_before(shop: Any) -> None:
    module = shop.run(SOURCE, "version = 2\naddress = 'there:8'").module

    assert module.config.addresses == ["there:8"]
    assert [version for version, _ in module.seen] == [2]


def test_what_is_of_this_version_is_not_touched(shop: Any) -> None:
    assert shop.run(SOURCE, "version = 3\naddresses = ['a']").module.seen == []


def test_the_project_is_not_touched(shop: Any) -> None:
    shop.run(SOURCE, "host = 'there'")

    assert shop.host.project.settings["shop"] == {"host": "there"}


def test_what_is_told_as_configuration_is_of_the_newest_version(shop: Any) -> None:
    shop.run(SOURCE, "host = 'there'")

    configuration = shop.host.configuration("shop")

    assert configuration == {"version": 3, "addresses": ["there:80"]}
    shop.host.configure("shop", {**configuration, "addresses": ["new"]})
    assert shop.plugin.settings.addresses == ["new"]


def test_that_it_is_old_is_logged(shop: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "hotplug.host")

    shop.run(SOURCE, "host = 'there'")

    assert "settings of plugin 'shop' are for version 1, and were read as version 3" in caplog.text


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("4", "this is written for version 4 of the settings\n    the plugin knows them up to 3"),
        ("0", "'version' takes the version of the settings, not a number"),
        ("'3'", "'version' takes the version of the settings, not '3'"),
        ("true", "'version' takes the version of the settings, not true or false"),
    ],
)
def test_a_version_that_the_plugin_does_not_know_is_told(
    shop: Any, version: str, said: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        shop.run(SOURCE, f"version = {version}")

    assert said in str(caught.value)
    assert caught.value.problems[0].line == 2


def test_without_a_way_up_an_old_one_is_refused(shop: Any) -> None:
    source = "@dataclass\nclass Shop:\n    port: int = 1\nsettings(Shop, version=2)"

    with pytest.raises(SettingsError, match=r"written for version 1 .*\n.*bring it up to 2"):
        shop.run(source, "port = 1")


def test_nothing_at_all_needs_no_way_up(shop: Any) -> None:
    source = "@dataclass\nclass Shop:\n    port: int = 1\nconfig = settings(Shop, version=2)"

    assert shop.run(source).module.config.port == 1


def test_a_step_that_fails_is_told_with_its_line_and_without_values(shop: Any) -> None:
    source = SOURCE.replace(
        "    if version == 1:", '    raise KeyError(f"what {data}")\n    if version == 1:'
    )

    with pytest.raises(SettingsError) as caught:
        shop.run(source, "key = 'hunter2'")

    assert "they can't be brought from version 1 to 2: KeyError" in str(caught.value)
    assert f"raised at {shop.plugin.path / 'plugin.py'}:" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("returned", ["None", "5", "[1]"])
def test_a_step_that_returns_no_table_is_told(shop: Any, returned: str) -> None:
    source = SOURCE.replace("seen.append", f"return {returned}\n    seen.append")

    with pytest.raises(SettingsError, match="can't be brought from version 1 to 2"):
        shop.run(source, "host = 'a'")


@pytest.mark.parametrize("version", ["0", "True", "'2'"])
def test_a_version_that_is_none_is_refused_where_it_is_declared(shop: Any, version: str) -> None:
    source = f"@dataclass\nclass Shop:\n    port: int = 1\nsettings(Shop, version={version})"

    with pytest.raises(SettingsError, match=r"a version of settings is a whole number from 1 on"):
        shop.run(source)
