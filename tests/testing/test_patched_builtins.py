"""Builtins with other values for a while, for plugins too."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug.testing import checked_host, patched_builtins, write_plugin

ASKS = "def ask():\n    return input('what?')\n"
Load = Callable[[], Any]


def tea(prompt: str) -> str:
    return "tea"


def test_plugins_that_are_there_see_the_new_value_and_then_the_old_one(tmp_path: Path) -> None:
    with checked_host() as host:
        shop = host.load_plugin(write_plugin(tmp_path, "shop", f"{ASKS}asked = input")).module

        with patched_builtins(input=tea):
            assert shop.ask() == "tea"

        assert shop.__builtins__["input"] is input


def test_plugins_that_are_loaded_meanwhile_too(tmp_path: Path) -> None:
    with checked_host() as host:
        with patched_builtins(input=tea, at_the_till=True):
            shop = host.load_plugin(write_plugin(tmp_path, "shop", ASKS)).module
            assert shop.ask() == "tea"
            assert shop.__builtins__["at_the_till"]

        assert shop.__builtins__["input"] is input
        assert "at_the_till" not in shop.__builtins__


def test_so_does_everybody_else() -> None:
    with patched_builtins(input=tea):
        assert input("what?") == "tea"

    assert vars(builtins)["input"] is not tea


def test_what_a_plugin_had_of_its_own_is_back_after_an_error(tmp_path: Path) -> None:
    with checked_host() as host:
        shop = host.load_plugin(write_plugin(tmp_path, "shop", ASKS)).module
        shop.__builtins__["input"] = own = lambda prompt: "milk"

        with pytest.raises(ZeroDivisionError), patched_builtins(input=tea):
            shop.__builtins__["shop"] = 1 / 0

        assert shop.__builtins__["input"] is own
