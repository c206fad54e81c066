"""A pydantic model in the place of a dataclass, where the plugin's author has pydantic."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from hotplug import SettingsError

pytest.importorskip("pydantic")

MODEL = """
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

class Till(BaseModel):
    number: int

class Shop(BaseModel):
    port: int = Field(80, ge=1, description="where it listens")
    tills: list[Till] = []
    key: Secret | None = None
    password: SecretStr = SecretStr("")

    @field_validator("port")
    @classmethod
    def free(cls, port):
        if port == 81:
            raise ValueError("81 is taken")
        return port

config = settings(Shop)
"""


def test_a_model_is_given_as_the_project_says(shop: Any) -> None:
    config = shop.run(MODEL, "tills = [{number = 2}]").module.config

    assert (config.port, config.tills[0].number) == (80, 2)


def test_all_that_is_wrong_is_told_with_its_line(shop: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        shop.run(MODEL, "port = 0\ntills = [\n  {number = 'x'},\n]\nprot = 1")

    port, number, unknown = caught.value.problems
    assert (port.line, port.key) == (2, "port")
    assert (number.line, number.key) == (4, "tills[0].number")
    assert (unknown.line, unknown.hint) == (6, "did you mean 'port'?")


def test_a_validator_that_refuses_is_one_problem(shop: Any) -> None:
    with pytest.raises(SettingsError, match="'port': Value error, 81 is taken"):
        shop.run(MODEL, "port = 81")


@pytest.mark.parametrize("raised", ["KeyError('x')", "SystemExit(1)"])
def test_one_that_fails_otherwise_too(shop: Any, raised: str) -> None:
    source = MODEL.replace('raise ValueError("81 is taken")', f"raise {raised}")

    with pytest.raises(SettingsError, match=raised.partition("(")[0]):
        shop.run(source, "port = 81")


def test_a_model_that_wants_other_keys_gets_them(shop: Any) -> None:
    source = MODEL.replace(
        "    port: int", "    model_config = ConfigDict(extra='allow')\n    port: int"
    )

    assert shop.run(source, "more = 5").module.config.more == 5


def test_its_secrets_are_read_and_masked_too(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_KEY", "hunter2")
    config = shop.run(MODEL, "key = {env = 'SHOP_KEY'}\npassword = 'hunter3'").module.config

    assert config.key.reveal() == "hunter2"
    assert "hunter" not in repr(config)


@pytest.mark.parametrize("wrong", ["key = {env = 'NONE'}", "password = 5", "port = 0"])
def test_no_error_shows_a_secret(shop: Any, wrong: str) -> None:
    rest = {"key": "key = 'hunter2'", "password": "password = 'hunter3'", "port": ""}
    rest.pop(wrong.partition(" ")[0])

    with pytest.raises(SettingsError) as caught:
        shop.run(MODEL, "\n".join([wrong, *rest.values()]))

    assert "hunter" not in str(caught.value)


def test_the_plugin_cannot_change_what_the_host_holds(shop: Any) -> None:
    shop.run(MODEL, "port = 82").module.config.port = 1

    assert shop.plugin.settings.port == 82


def test_the_schema_is_the_models_own(shop: Any) -> None:
    schema = shop.run(MODEL).settings_schema

    assert schema["properties"]["port"] == {
        "default": 80,
        "description": "where it listens",
        "minimum": 1,
        "title": "Port",
        "type": "integer",
    }


def test_it_is_configured_anew_like_others(shop: Any) -> None:
    listens = """
told = []
get_current_plugin().on_settings_changed.on(lambda old, new: told.append(new.port))
"""
    module = shop.run(MODEL + listens).module

    shop.host.configure("shop", {"port": 80})
    shop.host.configure("shop", {"port": 82})

    assert module.told == [82]


def test_a_field_by_another_name_is_known_by_that(shop: Any) -> None:
    source = MODEL.replace("Field(80, ge=1", "Field(80, alias='listen-at', ge=1")

    assert shop.run(source, "listen-at = 82").module.config.port == 82


def test_one_that_goes_by_several_is_not_asked_for_strange_keys(shop: Any) -> None:
    source = MODEL.replace("Field(80, ge=1", "Field(80, validation_alias=Names, ge=1").replace(
        "class Till",
        "from pydantic import AliasChoices\nNames = AliasChoices('a', 'b')\nclass Till",
    )

    assert shop.run(source, "b = 82").module.config.port == 82


def test_pydantic_is_not_imported_for_a_dataclass() -> None:
    script = """
import sys
from dataclasses import dataclass
from hotplug import settings
@dataclass
class Shop:
    port: int = 1
settings(Shop)
print("pydantic" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout == "False\n"
