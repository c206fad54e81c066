"""What follows from a save: who is reloaded, and who is left alone."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

import pytest

from hotplug import Plugin, PluginHost, PluginState
from hotplug.host.following.files import Files

Save = Callable[..., Path]
Enable = Callable[..., Plugin]
Host = PluginHost[Any]
Look = Callable[[], list[set[str]]]


def price(number: int) -> str:
    return f"@hookimpl\ndef price(item): return {number}\n"


def test_a_saved_plugin_answers_anew(host: Host, enable: Enable, save: Save, look: Look) -> None:
    enable("shop", price(1))
    look()
    save("shop/plugin.py", price(2))

    assert look() == [{"shop"}]
    assert host.hooks.hook.price(item="tea") == [2]


def test_where_nothing_was_saved_nothing_is_reloaded_and_nothing_waited_for(
    enable: Enable, look: Any
) -> None:
    enable("shop", price(1))
    look()
    pauses = look.pauses

    assert [look(), look()] == [[], []]
    assert look.pauses == pauses


def test_what_was_saved_before_the_watch_began_counts(
    host: Host, enable: Enable, save: Save, look: Look
) -> None:
    enable("shop", price(1))
    save("shop/plugin.py", price(2))

    assert look() == [{"shop"}]


def test_the_same_bytes_saved_again_are_no_change(enable: Enable, save: Save, look: Look) -> None:
    enable("shop", price(1))
    look()
    save("shop/plugin.py", price(1))

    assert look() == []


def test_only_plugins_whose_bytes_are_others_are_reloaded(
    host: Host, enable: Enable, save: Save, look: Look
) -> None:
    for name in ("shop", "bar", "inn"):
        enable(name, price(1))
    look()
    save("shop/plugin.py", price(1))
    save("inn/plugin.py", price(3))

    assert look() == [{"inn"}]
    assert [plugin.generation for plugin in host] == [1, 1, 2]


def test_one_save_of_many_files_and_plugins_is_one_reload(
    enable: Enable, save: Save, look: Any
) -> None:
    save("shop/part.py", "VALUE = 1")
    enable("shop", "from . import part\n" + price(1))
    enable("bar", price(1))
    look()
    save("shop/plugin.py", price(2))
    look.in_pauses = [
        lambda: save("shop/part.py", "VALUE = 2"),
        lambda: save("bar/plugin.py", price(2)),
    ]

    assert look() == [{"shop", "bar"}]
    assert look() == []


def test_a_save_in_the_middle_of_a_reload_is_reloaded_after_it(
    host: Host, enable: Enable, save: Save, look: Look, tmp_path: Path
) -> None:
    save("shop/part.py", "VALUE = 1")
    enable("shop", "from .part import VALUE\n" + price(1))
    look()
    part = str(tmp_path / "shop" / "part.py")
    save("shop/plugin.py", f"""
        import pathlib
        from .part import VALUE
        pathlib.Path({part!r}).write_text("VALUE = 30")
        @hookimpl
        def price(item): return VALUE
        """)  # fmt: skip

    assert look() == [{"shop"}]
    assert host.hooks.hook.price(item="tea") == [1]
    assert look() == [{"shop"}]
    assert host.hooks.hook.price(item="tea") == [30]
    assert look() == []


def test_a_broken_save_is_logged_with_file_and_line_once_and_the_old_one_serves_on(
    host: Host, enable: Enable, save: Save, look: Look, caplog: pytest.LogCaptureFixture
) -> None:
    shop = enable("shop", price(1))
    look()
    file = save("shop/plugin.py", "value = 1\n1 / 0")

    assert [look(), look(), look()] == [[], [], []]

    (record,) = caplog.records
    assert f"it failed at import ({file}:5)" in record.getMessage()
    assert "ZeroDivisionError" in record.getMessage()
    assert "generation 1 serves on" in record.getMessage()
    assert host.hooks.hook.price(item="tea") == [1]
    assert shop.state is PluginState.ENABLED


def test_an_implementation_that_does_not_fit_is_told_without_frames_of_ours(
    host: Host, enable: Enable, save: Save, look: Look, caplog: pytest.LogCaptureFixture
) -> None:
    enable("shop", price(1))
    look()
    save("shop/plugin.py", "@hookimpl\ndef price(itme): ...")

    assert look() == []

    (record,) = caplog.records
    assert "unknown argument 'itme'" in record.getMessage()
    assert record.exc_info is None


def test_mending_the_file_reloads(host: Host, enable: Enable, save: Save, look: Look) -> None:
    enable("shop", price(1))
    look()
    save("shop/plugin.py", "def price(item:")
    look()
    save("shop/plugin.py", price(2))

    assert look() == [{"shop"}]
    assert host.hooks.hook.price(item="tea") == [2]


def test_a_broken_save_that_is_taken_back_needs_no_reload(
    enable: Enable, save: Save, look: Look, caplog: pytest.LogCaptureFixture
) -> None:
    shop = enable("shop", price(1))
    look()
    save("shop/plugin.py", "def price(item:")
    look()
    save("shop/plugin.py", price(1))
    with caplog.at_level(logging.INFO):
        assert look() == []

    assert "are again those that it runs" in caplog.messages[-1]
    assert shop.generation == 1


def test_a_save_elsewhere_that_mends_a_broken_one_brings_both_in(
    host: Host, enable: Enable, save: Save, look: Look
) -> None:
    enable("shop", "VALUE = 1")
    save("shop/__init__.py", "")
    host.reload("shop")
    source = "from hotplug.plugins.shop.plugin import {}\n"
    enable("till", source.format("VALUE") + price(1), requires=["shop"])
    look()
    save("till/plugin.py", source.format("OTHER") + price(2))
    assert look() == []
    save("shop/plugin.py", "VALUE = OTHER = 2")

    assert look() == [{"shop", "till"}]
    assert host.hooks.hook.price(item="tea") == [2]


def test_one_that_stays_broken_keeps_no_other_from_being_reloaded(
    host: Host, enable: Enable, save: Save, look: Look
) -> None:
    enable("shop", price(1))
    enable("bar", price(1))
    look()
    save("shop/plugin.py", "1 / 0")
    look()
    save("bar/plugin.py", price(2))

    assert look() == [{"bar"}]
    assert sorted(host.hooks.hook.price(item="tea")) == [1, 2]


def test_of_several_saved_at_once_none_is_reloaded_if_one_is_broken(
    host: Host, enable: Enable, save: Save, look: Look
) -> None:
    enable("shop", price(1))
    enable("bar", price(1))
    look()
    save("bar/plugin.py", price(2))
    save("shop/plugin.py", "1 / 0")

    assert look() == []
    assert host.hooks.hook.price(item="tea") == [1, 1]
    save("shop/plugin.py", price(2))
    assert look() == [{"shop", "bar"}]


def test_a_plugin_removed_on_disk_serves_on_and_is_told_of_once(
    host: Host, enable: Enable, save: Save, look: Look, caplog: pytest.LogCaptureFixture
) -> None:
    shop = enable("shop", price(1))
    look()
    away = shutil.move(shop.location, shop.location.with_name("away"))

    assert [look(), look()] == [[], []]
    (record,) = caplog.records
    assert f"the files of plugin 'shop' are gone: {shop.location}" in record.getMessage()
    assert host.hooks.hook.price(item="tea") == [1]

    shutil.move(away, shop.location)
    assert look() == []
    save("shop/plugin.py", price(2))
    assert look() == [{"shop"}]


def test_a_module_that_is_removed_or_added_is_a_change(
    enable: Enable, save: Save, look: Look
) -> None:
    enable("shop", price(1))
    look()
    part = save("shop/inner/part.py", "")
    assert look() == [{"shop"}]
    part.unlink()
    assert look() == [{"shop"}]


def test_a_change_of_the_manifest_counts(enable: Enable, save: Save, look: Look) -> None:
    shop = enable("shop", price(1))
    look()
    save("shop/plugin.json", '{"name": "shop", "version": "2.0"}')

    assert look() == [{"shop"}]
    assert shop.version == "2.0"


@pytest.mark.parametrize("name", ["shop.py", "my.shop.py"])
def test_a_plugin_of_one_file_is_followed(host: Host, save: Save, look: Look, name: str) -> None:
    head = '# /// script\n# [tool.hotplug]\n# name = "shop"\n# ///\n'
    shop = host.load_plugin(save(name, head + "value = 1"))
    assert look() == []
    save(name, head + "value = 2")

    assert look() == [{"shop"}]
    assert shop.module.value == 2


@pytest.mark.parametrize(
    "name",
    [
        ".plugin.py.swp",
        "4913",
        "plugin.py~",
        ".#plugin.py",
        "#plugin.py#",
        "plugin.py.___jb_tmp___",
        "sedXyZ",
        "notes.txt",
        "__pycache__/plugin.cpython-311.pyc",
        ".git/hook.py",
    ],
)
def test_what_editors_and_python_put_beside_a_file_is_no_change(
    enable: Enable, save: Save, look: Look, name: str
) -> None:
    enable("shop", price(1))
    look()
    save(f"shop/{name}", "x")

    assert look() == []


def test_the_way_of_editors_to_put_a_new_file_in_the_place_of_the_old_is_one_reload(
    host: Host, enable: Enable, save: Save, look: Look
) -> None:
    shop = enable("shop", price(1))
    look()
    file = shop.location / "plugin.py"
    new = save("shop/.plugin.py.tmp", file.read_text("utf-8").replace("return 1", "return 2"))
    file.rename(shop.location / "plugin.py~")
    new.rename(file)

    assert look() == [{"shop"}]
    assert host.hooks.hook.price(item="tea") == [2]


def test_a_hidden_file_never_counts() -> None:
    assert Files(["*.html"]).count("page.html")
    assert not Files(["*.html"]).count(".page.html")


def test_other_files_count_where_one_asks_for_them(
    enable: Enable, save: Save, look_for: Any
) -> None:
    enable("shop", price(1))
    look = look_for("*.html")
    save("shop/page.html", "<p>1")
    assert look() == [{"shop"}]
    save("shop/page.html", "<p>2")
    assert look() == [{"shop"}]


def test_a_file_that_is_written_all_the_time_keeps_nothing_back(
    enable: Enable, save: Save, look_for: Any
) -> None:
    enable("shop", price(1))
    look = look_for("*.log")
    look.in_pauses = [lambda at=at: save("shop/a.log", "x" * at) for at in range(100)]
    save("shop/plugin.py", price(2))

    assert look() == [{"shop"}]


def test_plugins_that_are_loaded_later_are_followed_and_unloaded_ones_no_more(
    host: Host, enable: Enable, save: Save, look: Look
) -> None:
    look()
    shop = enable("shop", price(1))
    look()
    save("shop/plugin.py", price(2))
    assert look() == [{"shop"}]
    shop.unload()
    save("shop/plugin.py", price(3))
    assert look() == []


def test_a_new_folder_is_not_loaded(host: Host, enable: Enable, save: Save, look: Look) -> None:
    enable("shop", price(1))
    look()
    save("bar/plugin.py", price(2))
    save("bar/plugin.json", '{"name": "bar"}')

    assert look() == []
    assert [*host.plugins] == ["shop"]


def test_a_disabled_plugin_is_left_alone(enable: Enable, save: Save, look: Look) -> None:
    shop = enable("shop", price(1))
    look()
    shop.disable()
    save("shop/plugin.py", price(2))

    assert look() == []
    assert shop.state is PluginState.DISABLED


def test_one_that_could_not_be_loaded_is_enabled_when_it_is_mended(
    host: Host, save: Save, look: Any, caplog: pytest.LogCaptureFixture
) -> None:
    folder = save("shop/plugin.py", "1 / 0").parent
    save("shop/plugin.json", '{"name": "shop"}')
    with pytest.raises(ZeroDivisionError):
        host.load_plugin(folder)
    look()
    assert caplog.records == []  # it has failed already
    save("shop/plugin.py", "1 / 0 # still")
    look()
    assert look.enabled == []
    save("shop/plugin.py", price(2))
    look()

    assert look.enabled == ["shop"]
    assert host.hooks.hook.price(item="tea") == [2]


def test_changed_machine_code_is_told_to_need_a_restart(
    enable: Enable, save: Save, look: Look, caplog: pytest.LogCaptureFixture
) -> None:
    shop = enable("shop", price(1))
    look()
    save(f"shop/fast{EXTENSION_SUFFIXES[0]}", "no code")

    assert [look(), look()] == [[], []]
    (record,) = caplog.records
    assert "restart the program" in record.getMessage()
    assert shop.generation == 1


def test_a_folder_that_cannot_be_read_is_told_of_once(
    enable: Enable, look: Look, caplog: pytest.LogCaptureFixture
) -> None:
    shop = enable("shop", price(1))
    look()
    away = shop.location.rename(shop.location.with_name("away"))
    shop.location.symlink_to(shop.location)  # it leads to itself

    assert [look(), look()] == [[], []]
    (record,) = caplog.records
    assert f"{shop.location} cannot be looked at" in record.getMessage()

    shop.location.unlink()
    away.rename(shop.location)
    assert look() == []


def test_a_link_to_a_folder_above_ends_the_search(enable: Enable, save: Save, look: Look) -> None:
    shop = enable("shop", price(1))
    (shop.location / "again").symlink_to(shop.location, target_is_directory=True)
    save("shop/plugin.py", price(2))

    assert look() == [{"shop"}]
    save("shop/plugin.py", price(2))
    assert look() == []
    save("shop/plugin.py", price(3))
    assert look() == [{"shop"}]
