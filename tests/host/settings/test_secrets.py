"""Secrets are read from where they are kept, and shown nowhere."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import os
import pickle
import traceback
from pathlib import Path
from typing import Any

import pytest

from hotplug import Secret, SettingsError

TEXT = "hunter2-and-more"
FIELDS = "key: Secret\nport: int = 80"


# the type


@pytest.mark.parametrize(
    "show",
    ["{}", "{!r}", "{!s}", "{!a}", "{:>30}", "{:x}", "%s", "%r", "%10s"],
)
def test_a_secret_is_masked_however_it_is_shown(show: str) -> None:
    shown = show % Secret(TEXT) if "%" in show else show.format(Secret(TEXT))

    assert "***" in shown
    assert TEXT not in shown


def test_only_asking_reveals_it() -> None:
    assert Secret(TEXT).reveal() == TEXT


def test_equal_secrets_are_equal_and_no_text_is() -> None:
    assert Secret(TEXT) == Secret(TEXT)
    assert len({Secret(TEXT), Secret(TEXT)}) == 1
    assert Secret(TEXT) != Secret("x")
    assert Secret(TEXT) != TEXT


def test_whether_it_is_empty_can_be_asked() -> None:
    assert Secret("x")
    assert not Secret("")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="a secret is not pickled"):
        pickle.dumps(Secret(TEXT), protocol)


def test_a_copy_of_what_holds_it_holds_it() -> None:
    key = Secret(TEXT)

    assert copy.copy(key) is key
    assert copy.deepcopy([key])[0] is key


def test_json_does_not_take_it() -> None:
    with pytest.raises(TypeError) as caught:
        json.dumps({"key": Secret(TEXT)})

    assert TEXT not in str(caught.value)


def test_only_a_text_is_a_secret() -> None:
    with pytest.raises(TypeError, match="a secret is a text, not a int"):
        Secret(123456)  # type: ignore[arg-type]


# in settings


def test_a_secret_can_be_written_down(shop: Any) -> None:
    assert shop.given(FIELDS, f"key = '{TEXT}'").key.reveal() == TEXT


def test_it_can_come_from_the_environment(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_KEY", TEXT)

    assert shop.given(FIELDS, "key = {env = 'SHOP_KEY'}").key.reveal() == TEXT


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_it_can_come_from_a_file_beside_the_project(shop: Any, tmp_path: Path, end: str) -> None:
    (tmp_path / "shop.key").write_bytes((TEXT + end).encode())

    assert shop.given(FIELDS, "key = {file = 'shop.key'}").key.reveal() == TEXT


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{env = 'NOT_THERE'}", "from the environment, which has no 'NOT_THERE'"),
        ("{file = 'none.key'}", "none.key: No such file"),
        ("{file = '.'}", "which is no plain file"),
        ("{file = 'bytes.key'}", "which is not UTF-8"),
        ("{file = 'large.key'}", "has more than 65536 bytes"),
        ("{envi = 'A'}", "'key' takes a secret: a text, "),
        ("{env = 'A', file = 'b'}", "'key' takes a secret: a text, "),
        ("{env = 5}", "'key' takes a secret: a text, "),
        ("{env = ''}", "'key' takes a secret: a text, "),
        ("5", "'key' takes a secret: a text, "),
        ('{file = "a\\u0000b"}', "a file whose path is none"),
    ],
)
def test_a_secret_that_cannot_be_read_is_told_with_its_line(
    shop: Any, tmp_path: Path, written: str, said: str
) -> None:
    (tmp_path / "bytes.key").write_bytes(b"hunter2-\xff")
    (tmp_path / "large.key").write_bytes(b"x" * 70000)

    with pytest.raises(SettingsError) as caught:
        shop.load(FIELDS, f"key = {written}")

    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.problems[0].line == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_is_not_waited_for(shop: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # type: ignore[attr-defined, unused-ignore]

    with pytest.raises(SettingsError, match="no plain file"):
        shop.load(FIELDS, "key = {file = 'pipe'}")


def test_no_way_of_showing_the_settings_shows_it(
    shop: Any, caplog: pytest.LogCaptureFixture
) -> None:
    config = shop.given(FIELDS, f"key = '{TEXT}'")
    logging.getLogger("till").warning("given %s %r", config, config)

    shown = [repr(config), str(dataclasses.asdict(config)), caplog.text]
    shown += [repr(shop.host.configuration("shop")), repr(shop.plugin.settings), repr(shop.plugin)]
    shown += [json.dumps(shop.host.settings_schema("shop"))]
    shown += [str(shop.host.graph()), shop.host.graph().to_json()]
    shown += [str(shop.host.why("shop"))]
    assert [text for text in shown if TEXT in text] == []


def test_it_is_in_no_error_of_its_settings(shop: Any) -> None:
    fields = FIELDS + "\ndef __post_init__(self):\n    raise ValueError('bad ' + self.key.reveal())"

    with pytest.raises(SettingsError) as caught:
        shop.load(fields, f"key = '{TEXT}'")

    assert "bad ***" in str(caught.value)
    assert TEXT not in "".join(traceback.format_exception(caught.value))
    assert TEXT not in shop.plugin.reason


@pytest.mark.parametrize(
    "annotation",
    ["Keys", "list[Secret]", "dict[str, Secret]", "tuple[Secret, Secret]", "Keys | int", "Mixed"],
)
def test_what_stands_where_secrets_belong_is_not_shown(shop: Any, annotation: str) -> None:
    before = """
    @dataclass
    class Keys:
        key: Secret
    @dataclass
    class Mixed:
        keys: list[Keys]
    """

    with pytest.raises(SettingsError) as caught:
        shop.load(f"it: {annotation}", f"it = '{TEXT}'", before)

    assert TEXT not in str(caught.value)


def test_a_default_that_is_secret_is_in_no_schema(shop: Any) -> None:
    before = f"@dataclass(frozen=True)\nclass Keys:\n    key: Secret = Secret('{TEXT}')\n"
    shop.load(f"key: Secret = Secret('{TEXT}')\nkeys: Keys = Keys()", before=before)

    schema = json.dumps(shop.host.settings_schema("shop"))

    assert TEXT not in schema
    assert "***" not in schema


def test_one_from_the_environment_stays_as_it_was_read(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", TEXT)
    shop.load(FIELDS, "key = {env = 'SHOP_KEY'}")

    monkeypatch.delenv("SHOP_KEY")

    assert shop.plugin.settings.key.reveal() == TEXT


def test_a_configuration_keeps_where_a_secret_comes_from(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", TEXT)
    shop.load("key: Secret\nmore: list[Secret]", f"key = {{env = 'SHOP_KEY'}}\nmore = ['{TEXT}']")

    configuration = shop.host.configuration("shop")

    assert configuration == {"key": {"env": "SHOP_KEY"}, "more": [Secret(TEXT)]}
    shop.host.configure("shop", configuration)
    assert shop.plugin.settings.more == [Secret(TEXT)]
