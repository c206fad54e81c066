"""Each known way to keep old code alive: it goes with the reload, or is told as a chain."""

from __future__ import annotations

import asyncio
import atexit
import codecs
import contextvars
import functools
import gc
import logging
import queue
import signal
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hotplug import Plugin, PluginHost

Enable = Callable[..., Plugin]
Write = Callable[..., Path]
Host = PluginHost[Any]

NEW = "VERSION = 2"


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A module that is no plugin's, and lives on."""
    module = ModuleType("a_library")
    monkeypatch.setitem(sys.modules, "a_library", module)
    names: Any = module
    names.registry = []
    names.price = print
    names.cached = functools.lru_cache(lambda thing: 0)
    names.wrap = wrapper
    names.variable = contextvars.ContextVar("a_variable")
    names.context = contextvars.Context()
    names.over = threading.Event()
    names.jobs = queue.Queue()
    server = threading.Thread(target=serve, args=(names.jobs, names.over), name="a server")
    server.start()
    at_exit: list[Callable[[], Any]] = []
    names.at_exit = lambda function: at_exit.append(weak(atexit.register(function)))
    searches: list[Callable[[], Any]] = []

    def register(function: Callable[[str], Any]) -> None:
        codecs.register(function)
        searches.append(weak(function))

    names.register = register
    before = signal.getsignal(signal.SIGUSR1), sys.excepthook
    yield module
    signal.signal(signal.SIGUSR1, before[0])
    sys.excepthook = before[1]
    names.over.set()
    names.jobs.put(None)
    server.join(5)
    for each in searches:
        codecs.unregister(each())
    for logger in logging.root.manager.loggerDict.values():
        handlers = getattr(logger, "handlers", [])
        handlers[:] = [each for each in handlers if type(each).__name__ != "H"]
    for each in at_exit:
        atexit.unregister(each())
    names.variable.set(None)
    vars(module).clear()
    gc.collect()


def weak(function: Callable[..., object]) -> weakref.ref[Any]:
    return weakref.ref(function)


def wrapper(inner: Callable[[], object]) -> Callable[[], object]:
    def call() -> object:
        return inner()

    return call


def serve(jobs: queue.Queue[object], over: threading.Event) -> None:
    """Keep what comes in a variable, for a while."""
    function = jobs.get()
    jobs.task_done()
    over.wait(10)
    del function


def left_after_a_reload(host: Host, shop: Plugin, write: Write) -> list[str]:
    """The chains to the old generation, without the places that they end with."""
    write("shop", NEW)
    shop.reload()
    return [left.chain.partition(" (")[0] for left in host.old_generations()]


BY_A_LIBRARY = {
    "a list of a module": (
        "import a_library\ndef price(): return 1\na_library.registry.append(price)",
        "a_library.registry[0]",
    ),
    "a monkey-patch": (
        "import a_library\ndef price(): return 1\na_library.price = price",
        "a_library.price",
    ),
    "a method of an object": (
        "import a_library\nclass Shop:\n    def price(self): ...\na_library.shop = Shop().price",
        "a_library.shop.__func__",
    ),
    "a class": (
        "import a_library\nclass Shop:\n    def price(self): ...\na_library.Shop = Shop",
        "a_library.Shop.price",
    ),
    "a cache of functools": (
        """
        import a_library, functools
        @functools.cache
        def found(thing): return thing
        def price(): return 1
        found(price)
        a_library.found = found
        """,
        "a_library.found.__wrapped__",
    ),
    "a cache of the library": (
        "import a_library\ndef price(): return 1\na_library.cached(price)",
        "a_library.cached -> a call in its cache[0]",
    ),
    "an error": (
        """
        import a_library
        def price():
            raise ValueError
        try:
            price()
        except ValueError as error:
            a_library.last_error = error
        """,
        "a_library.last_error.__traceback__ -> tb_frame",
    ),
    "a frame": (
        "import a_library, sys\ndef price(): a_library.frame = sys._getframe()\nprice()",
        "a_library.frame",
    ),
    "a closure": (
        """
        import a_library
        def price():
            count = 0
            def more():
                nonlocal count
                count += 1
            return more
        a_library.callback = price()
        """,
        "a_library.callback",
    ),
    "a closure of the library over a function": (
        "import a_library\ndef price(): return 1\na_library.wrapped = a_library.wrap(price)",
        "a_library.wrapped -> inner of call()",
    ),
    "a generator": (
        "import a_library\ndef prices(): yield 1\na_library.all = prices()\nnext(a_library.all)",
        "a_library.all",
    ),
    "a partial": (
        "import a_library, functools\ndef price(): ...\na_library.part = functools.partial(price)",
        "a_library.part -> func",
    ),
    "a copied context": (
        "import a_library, contextvars\na_library.registry.append(contextvars.copy_context())",
        "a_library.registry[0] -> hotplug_owner -> generation",
    ),
}
BY_PYTHON = {
    "a handler of the log": (
        """
        import logging
        class H(logging.Handler):
            def emit(self, record): ...
        logging.getLogger("a_till").addHandler(H())
        """,
        "logging.getLogger('a_till') -> handlers[0] -> H.emit",
    ),
    "a handler of its own logger": (
        """
        import logging
        class H(logging.Handler):
            def emit(self, record): ...
        logging.getLogger(__name__).addHandler(H())
        """,
        "logging.getLogger('hotplug.plugins.shop.plugin') -> handlers[0] -> H.emit",
    ),
    "a variable of a thread": (
        "import a_library\ndef price(): ...\na_library.jobs.put(price)\na_library.jobs.join()",
        "thread 'a server': function of serve()",
    ),
    "a handler of a signal": (
        "import signal\ndef price(*args): ...\nsignal.signal(signal.SIGUSR1, price)",
        "the handler of SIGUSR1",
    ),
    "a variable of the context": (
        "import a_library\ndef price(): ...\na_library.variable.set(price)",
        "context variable 'a_variable'",
    ),
    "a variable of another context": (
        "import a_library\ndef price(): ...\na_library.context.run(a_library.variable.set, price)",
        "context variable 'a_variable'",
    ),
    "the end of the program": (
        "import atexit, a_library\ndef price(): ...\na_library.at_exit(price)",
        "atexit: price()",
    ),
    "a method at the end of the program": (
        "import a_library\nclass Till:\n def close(self): ...\na_library.at_exit(Till().close)",
        "atexit: Till.close().__func__",
    ),
    "a registry of the standard library": (
        "import a_library\ndef search(name): ...\na_library.register(search)",
        "something that Python does not show: C code, or a function that runs, by way of search()",
    ),
    "a hook of the interpreter": (
        "import sys\ndef price(*args): ...\nsys.excepthook = price",
        "sys.excepthook",
    ),
}


@pytest.mark.usefixtures("little_to_collect")
@pytest.mark.parametrize("cause", BY_A_LIBRARY)
def test_what_keeps_an_old_generation_is_told_as_a_chain(
    host: Host, enable: Enable, write: Write, library: ModuleType, cause: str
) -> None:
    source, chain = BY_A_LIBRARY[cause]
    shop = enable("shop", source)

    (told,) = left_after_a_reload(host, shop, write)

    assert told == chain


@pytest.mark.parametrize("cause", BY_PYTHON)
def test_what_python_itself_keeps_is_told_as_a_chain(
    host: Host, enable: Enable, write: Write, library: ModuleType, cause: str
) -> None:
    source, chain = BY_PYTHON[cause]
    shop = enable("shop", source)

    (told,) = left_after_a_reload(host, shop, write)

    assert told == chain


FREED = {
    "its own registry": "registry = []\ndef price(): ...\nregistry.append(price)",
    "a circle": "def price(): ...\nprice.me = [price]",
    "a cache of its own": (
        "import functools\n@functools.cache\ndef price(item): return item\nprice(price)"
    ),
    "an error of its own": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    error = e",
    "a logger": "import logging\nlogging.getLogger(__name__).info('a')",
    "a task": """
        import asyncio
        @get_current_plugin().on_enable.on
        def start():
            global task
            task = asyncio.get_running_loop().create_task(asyncio.sleep(60))
        """,
    "a thread that stops": """
        import threading
        def work(stopping=get_current_plugin().stopping): stopping.wait(10)
        threading.Thread(target=work).start()
        """,
    "timers": "@get_current_plugin().on_enable.on\ndef start():\n    set_interval(start, 3600)",
    "annotations that were resolved": """
        import typing
        class Item:
            other: "typing.Optional[typing.Sequence[Item]]" = None
            def price(self): ...
        typing.get_type_hints(Item)
        """,
    "overloads": "from typing import overload\n@overload\ndef price(item: int): ...",
    "a weak reference": """
        import a_library, weakref
        def price(): ...
        a_library.registry.append(weakref.ref(price))
        """,
    "a generator of its own": "def prices(): yield 1\nall = prices()\nnext(all)",
    "a thread-local value": "import threading\nlocal = threading.local()\nlocal.me = lambda: local",
    "a context variable of its own": (
        "import contextvars\nvariable = contextvars.ContextVar('mine')\ndef price(): ..."
    ),
}


@pytest.mark.usefixtures("little_to_collect")
@pytest.mark.parametrize("cause", FREED)
def test_what_only_the_plugin_itself_holds_goes_with_it(
    host: Host, enable: Enable, write: Write, library: ModuleType, cause: str
) -> None:
    async def main() -> list[str]:
        shop = enable("shop", FREED[cause])
        await asyncio.sleep(0)
        write("shop", NEW)
        await shop.reload_async()
        return [left.chain for left in host.old_generations()]

    assert asyncio.run(main()) == []


@pytest.mark.usefixtures("little_to_collect")
def test_a_generation_that_stays_is_listed_with_size_and_age_and_goes_when_it_is_let_go(
    host: Host, enable: Enable, write: Write, library: Any
) -> None:
    shop = enable("shop", BY_A_LIBRARY["a list of a module"][0])
    size = len((shop.location / "plugin.py").read_bytes())
    left_after_a_reload(host, shop, write)

    (left,) = host.old_generations()
    assert (left.plugin, left.generation, left.modules, left.size) == ("shop", 1, 1, size)
    assert left.age >= 0
    assert str(shop.location / "plugin.py") in left.chain

    library.registry.clear()
    assert host.old_generations() == []
