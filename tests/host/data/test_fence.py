"""C-38: code that has outlived its plugin's life reads and writes nothing that the plugin keeps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import NotAllowed, Plugin, PluginGone, PluginHost

LATE = """
from hotplug import get_current_plugin

this = get_current_plugin()
store = this.store
store["n"] = 1

def use(do):
    return do(this, store)
"""

WAYS: dict[str, Callable[[Any, Any], object]] = {
    "set": lambda this, store: store.__setitem__("n", 2),
    "delete": lambda this, store: store.__delitem__("n"),
    "update": lambda this, store: store.update(n=2),
    "pop": lambda this, store: store.pop("n"),
    "popitem": lambda this, store: store.popitem(),
    "setdefault": lambda this, store: store.setdefault("m", 2),
    "clear": lambda this, store: store.clear(),
    "transaction": lambda this, store: store.transaction().__enter__(),
    "get": lambda this, store: store["n"],
    "contains": lambda this, store: "n" in store,
    "iterate": lambda this, store: [*store],
    "length": lambda this, store: len(store),
    "size": lambda this, store: store.size,
    "items": lambda this, store: [*store.items()],
    "values": lambda this, store: [*store.values()],
    "another store": lambda this, store: this.store,
    "data folder": lambda this, store: this.data_folder,
    "cache folder": lambda this, store: this.cache_folder,
}


@pytest.fixture
def late(keeping: PluginHost[Any], write_plugin: Callable[..., Path]) -> Plugin:
    plugin = keeping.load_plugin(write_plugin("late", LATE))
    plugin.enable()
    return plugin


@pytest.mark.parametrize("way", WAYS)
def test_c38_late_code_is_refused_the_store_and_the_folders(late: Plugin, way: str) -> None:
    owner, use = late.owner, late.module.use
    late.disable()
    late.enable()

    with pytest.raises(PluginGone, match=r"plugin 'late' \(generation 1\) has ended"):
        owner.call(use, WAYS[way])
    assert late.store["n"] == 1


@pytest.mark.parametrize("way", [way for way in WAYS if way != "another store"])
def test_c38_also_where_the_application_calls_a_function_of_the_old_code(
    keeping: PluginHost[Any], write_plugin: Callable[..., Path], way: str
) -> None:
    source = LATE + f"\ndef late(): {SPELLED[way]}\n"
    plugin = keeping.load_plugin(write_plugin("late", source))
    plugin.enable()
    late = plugin.module.late
    plugin.disable()
    plugin.enable()

    with pytest.raises(PluginGone):
        late()
    assert plugin.store["n"] == 1


SPELLED = {
    "set": "this.store['n'] = 2",
    "delete": "del this.store['n']",
    "update": "this.store.update(n=2)",
    "pop": "store.pop('n')",
    "popitem": "store.popitem()",
    "setdefault": "store.setdefault('m', 2)",
    "clear": "store.clear()",
    "transaction": "store.transaction().__enter__()",
    "get": "store['n']",
    "contains": "'n' in store",
    "iterate": "[*store]",
    "length": "len(store)",
    "size": "store.size",
    "items": "[*store.items()]",
    "values": "[*store.values()]",
    "data folder": "this.data_folder",
    "cache folder": "this.cache_folder",
}


def test_c38_an_iterator_that_was_begun_in_time_ends(late: Plugin) -> None:
    late.store.update(a=1, b=2)
    begun = late.owner.call(late.module.use, lambda this, store: iter(store))
    views = late.owner.call(late.module.use, lambda this, store: iter(store.items()))
    next(begun)
    next(views)

    late.disable()

    with pytest.raises(PluginGone):
        next(begun)
    with pytest.raises(PluginGone):
        next(views)


def test_c38_a_transaction_that_was_begun_in_time_is_not_written(late: Plugin) -> None:
    transaction = late.owner.call(late.module.use, lambda this, store: store.transaction())
    draft = transaction.__enter__()
    draft["n"] = 2
    late.disable()

    with pytest.raises(PluginGone):
        transaction.__exit__(None, None, None)

    assert late.store["n"] == 1


def test_c38_nor_is_a_write_that_waited_for_its_turn(late: Plugin) -> None:
    owner, use = late.owner, late.module.use
    caught: list[BaseException] = []

    def write() -> None:
        try:
            owner.call(use, WAYS["set"])
        except PluginGone as error:
            caught.append(error)

    thread = threading.Thread(target=write)
    with late.store.transaction():
        thread.start()
        while not thread.is_alive():
            pass
        late.disable()
    thread.join()

    assert len(caught) == 1
    assert late.store["n"] == 1


def test_the_new_code_goes_on_where_the_old_one_was(late: Plugin) -> None:
    late.store["m"] = 5
    late.disable()
    late.enable()

    assert late.owner.call(late.module.use, lambda this, store: store["m"]) == 5


def test_what_runs_as_the_plugin_is_unloaded_may_write(
    keeping: PluginHost[Any], write_plugin: Callable[..., Path]
) -> None:
    source = LATE + "\n@this.on_unload.on\ndef end(): store['n'] = 'unloaded'\n"
    plugin = keeping.load_plugin(write_plugin("late", source))

    plugin.unload()

    assert plugin.store["n"] == "unloaded"


def test_the_application_reads_and_writes_whether_the_plugin_runs_or_not(late: Plugin) -> None:
    late.unload()

    late.store["n"] = 7

    assert late.store["n"] == 7
    assert late.data_folder.is_dir()


def test_other_plugins_are_refused(
    late: Plugin, keeping: PluginHost[Any], write_plugin: Callable[..., Path]
) -> None:
    source = """
        from hotplug import get_current_plugin
        this = get_current_plugin()
        def peek(): return this.host.get_plugin("late").store
    """
    nosy = keeping.load_plugin(write_plugin("nosy", source))

    with pytest.raises(
        NotAllowed, match=r"'nosy' cannot use the store of plugin 'late'\n.*@syscall"
    ):
        nosy.module.peek()


def test_a_function_that_another_plugin_calls_uses_the_store_of_its_own(
    late: Plugin, keeping: PluginHost[Any], write_plugin: Callable[..., Path]
) -> None:
    late.unload()
    keeping.load_plugin(
        write_plugin("late", files={"__init__.py": LATE + "def n(): return this.store['n']"})
    ).enable()
    guest = keeping.load_plugin(
        write_plugin("guest", "from hotplug.plugins import late\nn = late.n()", requires=["late"])
    )

    assert guest.module.n == 1
