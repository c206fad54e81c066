"""The store of a plugin: a mapping of JSON values that stays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import DataError, Plugin, PluginHost, Store
from hotplug.host.data.store import StoreFile

Open = Callable[[], Store]


def test_what_is_put_there_is_there_again_when_the_host_is_another(
    keeping: PluginHost[Any], shop: Plugin, tmp_path: Path
) -> None:
    shop.store["sold"] = {"bread": 3}
    keeping.close()

    with PluginHost("till", project={"data": str(tmp_path / "data")}) as host:
        assert host.load_plugin(shop.location).store["sold"] == {"bread": 3}


def test_a_plugin_without_writes_leaves_no_trace(shop: Plugin, tmp_path: Path) -> None:
    assert dict(shop.store) == {}
    assert not (tmp_path / "data").exists()


def test_it_does_what_a_dictionary_does(open_store: Open) -> None:
    store = open_store()
    store.update({"a": 1, "b": [2]}, c=None)
    store["d"] = True
    del store["a"]

    assert [*store] == ["b", "c", "d"]
    assert dict(store.items()) == {"b": [2], "c": None, "d": True} == {**store}
    assert [*store.values()] == [[2], None, True]
    assert (len(store), "b" in store, "a" in store) == (3, True, False)
    assert store.get("a", 7) == 7
    assert store.setdefault("e", 8) == 8
    assert store.pop("e") == 8
    assert store.pop("e", None) is None
    assert store.popitem() in [("b", [2]), ("d", True)]
    store.clear()
    assert store == {}


@pytest.mark.parametrize("do", ["store['x']", "store.pop('x')", "store.__delitem__('x')"])
def test_what_is_not_there_is_a_key_error(open_store: Open, do: str) -> None:
    with pytest.raises(KeyError, match="x"):
        eval(do, {"store": open_store()})


def test_a_change_to_a_value_is_not_kept_before_it_is_assigned(open_store: Open) -> None:
    store = open_store()
    store["tills"] = tills = [1]

    tills.append(2)
    store["tills"].append(3)

    assert store["tills"] == [1]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({1, 2}, "'it' is given a set"),
        (object(), "'it' is given a object"),
        (b"", "'it' is given a bytes"),
        ([{"a": {5: 1}}], "in 'it', the key 5 is no text"),
        (Path("a"), "keep files in the plugin's data_folder"),
    ],
)
def test_what_json_cannot_say_is_refused(open_store: Open, value: Any, said: str) -> None:
    store = open_store()

    with pytest.raises(TypeError) as caught:
        store["it"] = value
    assert said in str(caught.value)
    assert "it" not in store


def deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("value", ["float('nan')", "[float('inf')]", "deep(200)", "10**5000"])
def test_so_is_what_json_would_not_give_back(open_store: Open, value: str) -> None:
    with pytest.raises(ValueError, match="'it'"):
        open_store()["it"] = eval(value)


def test_a_list_that_holds_itself_is_refused(open_store: Open) -> None:
    value: list[Any] = []
    value.append(value)

    with pytest.raises(ValueError, match="100 levels"):
        open_store()["it"] = value


@pytest.mark.parametrize("key", [5, None, b"x"])
def test_a_key_is_a_text(open_store: Open, key: Any) -> None:
    with pytest.raises(TypeError, match="a key of a store is a text"):
        open_store()[key] = 1


def test_the_file_is_json_a_line_for_each_key(open_store: Open) -> None:
    store = open_store()
    store.update({"a": 1, "b": "\ud800é"})

    assert store.file.read_text() == '{\n"a": 1,\n"b": "\\ud800\\u00e9"\n}\n'
    assert store.size == store.file.stat().st_size


def test_only_the_user_may_read_it(shop: Plugin) -> None:
    shop.store["a"] = 1

    assert shop.store.file.stat().st_mode & 0o077 == 0
    assert shop.store.file.parent.stat().st_mode & 0o077 == 0


def test_what_is_there_already_is_not_written_again(open_store: Open) -> None:
    store = open_store()
    store["a"] = [1]
    before = store.file.stat()

    store["a"] = [1]
    store.update(a=[1])

    assert store.file.stat().st_ino == before.st_ino
    assert store.file.stat().st_mtime_ns == before.st_mtime_ns


# transactions


def test_the_changes_of_a_transaction_are_one_write(open_store: Open) -> None:
    store = open_store()

    with store.transaction() as draft:
        draft["a"] = 1
        draft["b"] = draft.get("a", 0) + 1
        assert dict(store) == {}

    assert dict(store) == {"a": 1, "b": 2}


def test_a_transaction_that_fails_keeps_nothing(open_store: Open) -> None:
    store = open_store()
    store["a"] = 1

    def change() -> None:
        with store.transaction() as draft:
            draft["a"] = 2
            del draft["a"]
            raise OSError("out of order")

    with pytest.raises(OSError, match="out of order"):
        change()

    assert dict(store) == {"a": 1}


def test_its_draft_is_of_no_use_after_it(open_store: Open) -> None:
    with open_store().transaction() as draft:
        draft["a"] = 1

    with pytest.raises(DataError, match="is over"):
        draft["a"] = 2


def test_a_write_beside_its_own_transaction_is_refused(open_store: Open) -> None:
    store = open_store()

    with store.transaction() as draft:
        draft["a"] = 1
        with pytest.raises(DataError, match="write to what the transaction has given"):
            store["b"] = 2

    assert dict(store) == {"a": 1}


def test_transactions_of_many_threads_lose_nothing(open_store: Open) -> None:
    store, other = open_store(), open_store()

    def count() -> None:
        for number in range(20):
            with (store if number % 2 else other).transaction() as draft:
                draft["n"] = draft.get("n", 0) + 1

    threads = [threading.Thread(target=count) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store["n"] == other["n"] == 100


def test_readers_see_all_of_a_write_or_nothing_of_it(open_store: Open) -> None:
    store, other = open_store(), open_store()
    store.update(a=0, b=0)
    done = threading.Event()
    torn: list[dict[str, Any]] = []

    def read() -> None:
        while not done.is_set():
            for each in (store, other):
                seen = dict(each.items())
                if seen["a"] != seen["b"]:
                    torn.append(seen)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(100):
        store.update(a=number, b=number)
    done.set()
    for thread in threads:
        thread.join()

    assert torn == []


# others


def test_two_hosts_see_each_others_writes(open_store: Open) -> None:
    one, other = open_store(), open_store()

    for number in range(20):
        one["n"] = number
        assert other["n"] == number
        other["n"] = -number
        assert one["n"] == -number


SCRIPT = """
import sys
from pathlib import Path
from hotplug.host.data.store import Store, StoreFile
file = StoreFile(Path(sys.argv[1]), "plugin 'shop'", lambda size: None, lambda: None)
store = Store(file, lambda wish: None)
for number in range(50):
    with store.transaction() as draft:
        draft["n"] = draft.get("n", 0) + 1
        draft["by"] = sys.argv[2]
"""


def test_several_processes_take_turns(open_store: Open) -> None:
    store = open_store()
    command = [sys.executable, "-c", SCRIPT, str(store.file)]

    running = [subprocess.Popen([*command, str(number)]) for number in range(3)]

    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert store["n"] == 150


def test_one_that_is_held_for_too_long_is_an_error_that_says_so(
    open_store: Open,
) -> None:
    one, other = open_store(), open_store()

    wait = other._file.held(patience=0.01)

    with one.transaction(), pytest.raises(DataError, match=r"held .*store.lock locked for more"):
        wait.__enter__()


def test_a_thread_that_waits_too_long_for_another_is_told(open_store: Open) -> None:
    store = open_store()
    caught: list[BaseException] = []

    def write() -> None:
        try:
            with store._file.held(patience=0.01):
                pass
        except DataError as error:
            caught.append(error)

    with store.transaction():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()

    assert "another thread has been in a transaction" in str(caught[0])


# what goes wrong


@pytest.mark.parametrize(
    "raw",
    ["", "{", "[]", "5", '{"a": NaN}', '{"a": "\xff"}', pytest.param("[" * 100_000, id="deep")],
)
def test_a_file_that_is_broken_is_told_and_left_alone(open_store: Open, raw: str) -> None:
    store = open_store()
    store.file.write_bytes(raw.encode("latin-1"))

    with pytest.raises(DataError, match=r"store of plugin 'shop' can't be read: .*\n.*store.json"):
        store.get("a")
    with pytest.raises(DataError):
        store["a"] = 1

    assert store.file.read_bytes() == raw.encode("latin-1")


def test_one_that_was_mended_is_read_again(open_store: Open) -> None:
    store = open_store()
    store.file.write_text("{")
    with pytest.raises(DataError):
        store.get("a")

    store.file.write_text('{"a": 5}')

    assert store["a"] == 5


def test_a_write_that_fails_leaves_the_old_values(
    open_store: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store()
    store["a"] = 1

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        store["a"] = 2
    monkeypatch.undo()
    assert "as the store of plugin 'shop' was written" in caught.value.__notes__[0]

    assert store["a"] == 1
    assert [*store.file.parent.glob("*.new")] == []
    store["a"] = 3
    assert open_store()["a"] == 3


def test_a_left_over_of_a_dead_writer_is_in_nobodys_way(open_store: Open) -> None:
    store = open_store()
    store.file.with_suffix(".new").write_text("{ half")

    store["a"] = 1

    assert open_store()["a"] == 1


def test_a_store_that_was_deleted_by_hand_is_empty(open_store: Open) -> None:
    store = open_store()
    store["a"] = 1

    store.file.unlink()

    assert dict(store) == {}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="it counts what is open there")
def test_no_files_are_left_open(tmp_path: Path) -> None:
    before = len([*Path("/proc/self/fd").iterdir()])
    file = StoreFile(tmp_path / "store.json", "plugin 'shop'", lambda size: None, lambda: None)
    store = Store(file, lambda wish: None)

    for number in range(50):
        store["n"] = number
        file.file.write_text(json.dumps({"n": number}))
        assert store["n"] == number
    file.close()
    store["n"] = 0

    assert len([*Path("/proc/self/fd").iterdir()]) == before


# the limit


def test_each_write_can_be_refused_by_its_size(keeping: PluginHost[Any], shop: Plugin) -> None:
    asked: list[tuple[str, int]] = []

    def admit(name: str, size: int) -> None:
        asked.append((name, size))
        if size > 100:
            raise DataError("too much")

    keeping.kept.admit = admit
    shop.store["a"] = "x"
    with pytest.raises(DataError, match="too much"):
        shop.store["b"] = "x" * 100

    assert dict(shop.store) == {"a": "x"}
    assert asked[0] == ("shop", shop.store.size)
    assert keeping.kept.stored_bytes("shop") >= shop.store.size
