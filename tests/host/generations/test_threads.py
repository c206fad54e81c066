"""Threads, executors and child processes that a plugin starts go on as that plugin."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hotplug.host.generations import Generation, Namespace, running_generation

Write = Callable[..., Path]
Load = Callable[..., tuple[Generation, Any]]

STARTS = """
import asyncio, contextlib, pickle, threading
from concurrent.futures import ThreadPoolExecutor

class Item:
    pass

def same(data):
    assert type(pickle.loads(data)) is Item
    return data

def with_a_thread():
    found = []
    thread = threading.Thread(target=lambda it: found.append(pickle.dumps(it)), args=(Item(),))
    thread.start()
    thread.join()
    return same(found[0])

def with_a_target_of_the_library(queue):
    thread = threading.Thread(target=queue, args=(pickle.dumps, Item()))
    thread.start()
    thread.join()

def with_an_executor(pool):
    return same(pool.submit(pickle.dumps, Item()).result())

async def in_a_loop(pool):
    loop = asyncio.get_running_loop()
    same(await loop.run_in_executor(pool, pickle.dumps, Item()))
    return same(await asyncio.to_thread(pickle.dumps, Item()))
"""

PATCHED = ((threading.Thread, "start"), (ThreadPoolExecutor, "submit"))


def patched() -> list[object]:
    return [getattr(cls, name) for cls, name in PATCHED]


@pytest.fixture
def generations(write: Write, load: Load) -> Callable[[], list[Any]]:
    """Load a plugin four times: closed, draining, serving, staged."""

    def generations() -> list[Any]:
        path = write("shop", plugin=STARTS)
        loaded = [load(path), load(path), load(path), load(path, commit=False)]
        loaded[0][0].close()
        return [module for _, module in loaded]

    return generations


def test_a_thread_with_a_plugins_function_is_its_generations(generations: Any) -> None:
    for module in generations():
        module.with_a_thread()


def test_a_thread_with_any_function_is_its_starters(generations: Any) -> None:
    for module in generations():
        found: list[bytes] = []
        module.with_a_target_of_the_library(lambda dump, item, to=found: to.append(dump(item)))
        module.same(found[0])


def test_an_executor_is_everybodys_and_each_submission_its_own(generations: Any) -> None:
    modules = generations()
    with ThreadPoolExecutor(1) as pool:
        for module in [*modules, *reversed(modules)]:
            module.with_an_executor(pool)
            assert pool.submit(running_generation).result() is None


def test_executors_of_a_loop_carry_the_plugin(generations: Any) -> None:
    with ThreadPoolExecutor(1) as pool:
        for module in generations():
            asyncio.run(module.in_a_loop(pool))


def test_what_a_module_schedules_while_it_is_imported_is_its_generations(
    write: Write, load: Load
) -> None:
    text = """
import asyncio, io, pickle
class Item: pass
file = io.BytesIO()
loop = asyncio.get_running_loop()
loop.call_soon(pickle.Pickler(file).dump, Item())
task = loop.create_task(asyncio.to_thread(pickle.dumps, Item()))
"""

    async def loaded_twice() -> list[bool]:
        modules = [load(write("shop", plugin=text))[1] for _ in range(2)]
        return [await module.task == module.file.getvalue() for module in modules]

    assert asyncio.run(loaded_twice()) == [True, True]


def test_a_thread_that_the_host_starts_is_nobodys(generations: Any) -> None:
    generations()
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(running_generation()))

    thread.start()
    thread.join()

    assert found == [None]


def test_a_thread_of_the_host_that_a_plugin_makes_start_is_nobodys(
    write: Write, load: Load
) -> None:
    _, module = load(write("shop", plugin="def arm(timer): return timer()"))
    found: list[object] = []
    host: dict[str, Any] = {"__name__": "hotplug.host.timers", "found": found}
    text = """
import threading
from hotplug.host.generations import running_generation
def timer():
    thread = threading.Thread(target=lambda: found.append(running_generation()))
    thread.start()
    thread.join()
"""
    exec(text, host)

    module.arm(host["timer"])

    assert found == [None]


def test_a_thread_can_be_started_only_once(namespace: Namespace, write: Write, load: Load) -> None:
    _, module = load(write("shop", plugin="def start(thread): thread.start()"))
    thread = threading.Thread(target=int)

    module.start(thread)
    thread.join()

    assert "run" not in vars(thread)
    with pytest.raises(RuntimeError, match="only be started once"):
        module.start(thread)


def test_the_process_is_patched_only_while_there_is_a_host() -> None:
    before = patched()
    first, second = Namespace(), Namespace("other.plugins")

    first.close()
    assert patched() != before
    second.close()

    assert patched() == before


def test_a_patch_of_somebody_else_is_left_alone() -> None:
    before = patched()
    space = Namespace()
    ours = ThreadPoolExecutor.submit
    submitted: list[object] = []

    def theirs(self: Any, fn: Any, /, *args: Any) -> Any:
        submitted.append(fn)
        return ours(self, fn, *args)

    ThreadPoolExecutor.submit = theirs  # type: ignore[method-assign, assignment]
    space.close()
    try:
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(int, "7").result() == 7
        assert submitted == [int]
    finally:
        ThreadPoolExecutor.submit = before[1]  # type: ignore[method-assign, assignment]
    assert patched() == before


def test_a_carrier_of_the_host_is_asked_for_what_other_threads_run(
    generations: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried: list[str] = []

    def carry(fn: Callable[..., Any], frame: Any) -> Callable[..., Any]:
        carried.append(frame.f_code.co_name)
        return fn

    monkeypatch.setattr("hotplug.host.generations.threads.carriers", [carry])

    module = generations()[2]
    with ThreadPoolExecutor(1) as pool:
        module.with_an_executor(pool)
    module.with_a_thread()

    assert carried == ["with_an_executor", "with_a_thread"]


def test_a_module_may_start_a_thread_that_imports_its_sibling(write: Write, load: Load) -> None:
    joins = """
        import threading
        def work():
            from . import sibling
            found.append(sibling.NAME)
        found = []
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(30)
        assert not thread.is_alive()
    """
    texts = {"plugin.py": "\n".join(line[8:] for line in joins.splitlines())}

    _, module = load(write("shop", texts, sibling="NAME = __name__"))

    assert module.found == ["hotplug.plugins.shop.sibling"]


def test_ten_threads_that_import_one_lazy_module_run_it_once(write: Write, load: Load) -> None:
    importing = """
import threading
runs = []
def import_late(barrier, found):
    barrier.wait(30)
    from . import late
    found.append(late.DONE)
"""
    late = "import time\nfrom .plugin import runs\nruns.append(1)\ntime.sleep(0.05)\nDONE = True\n"
    _, module = load(write("shop", plugin=importing, late=late))
    barrier, found = threading.Barrier(10), []  # type: ignore[var-annotated]
    threads = [
        threading.Thread(target=module.import_late, args=(barrier, found)) for _ in range(10)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert (module.runs, found) == ([1], [True] * 10)


def test_a_thread_waits_for_a_module_that_a_circular_import_has_seen_half_made(
    write: Write, load: Load
) -> None:
    plugin = """
import threading
seen, found = threading.Event(), []
def wait_and_import():
    seen.wait(30)
    from .a import DONE
    found.append(DONE)
def start():
    thread = threading.Thread(target=wait_and_import)
    thread.start()
    from . import a
    thread.join(30)
"""
    a = "import time\nfrom . import b, plugin\nplugin.seen.set()\ntime.sleep(0.05)\nDONE = 1"
    _, module = load(write("shop", plugin=plugin, a=a, b="import shop.a"))

    module.start()

    assert module.found == [1]


FORKS = """
import multiprocessing, pickle
VERSION = {version}

class Item:
    pass

def version_of(data):
    return VERSION, type(pickle.loads(data)) is Item

def pooled():
    with multiprocessing.get_context("fork").Pool(1) as pool:
        data = pool.apply(pickle.dumps, (Item(),))
        (item,) = pool.map(pickle.loads, [data])
        assert type(item) is Item
        return pool.apply(version_of, (data,))
"""

FORKING = """
import sys
from pathlib import Path
from hotplug.host.generations import Namespace
namespace, generations = Namespace(), []
for version, folder in enumerate(sys.argv[1:]):
    generation = namespace.open("shop", Path(folder))
    generations.append((generation, generation.run("plugin")))
    if version < 2:
        generation.commit()
for generation, module in generations:
    print(*module.pooled())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_pool_is_the_generations_that_made_it(write: Write, tmp_path: Path) -> None:
    folders = [write(f"{n}/shop", plugin=FORKS.format(version=n)) for n in range(3)]

    # forking with threads about is what the pool does, and what Python warns of
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKING]
    done = subprocess.run(
        [*command, *map(str, folders)], capture_output=True, text=True, check=False, timeout=60
    )

    assert done.stdout == "0 True\n1 True\n2 True\n", done.stderr
