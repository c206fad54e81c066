"""Each kind of thing that a plugin can leave behind is found, named and placed."""

from __future__ import annotations

import asyncio
import atexit
import gc
import logging
import signal
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hotplug import HookspecMarker
from hotplug.errors import PluginErrors, ReloadError
from hotplug.testing import FakeClock, Leak, LeaksFound, checked_host, write_plugin

pytestmark = pytest.mark.usefixtures("little_to_collect")

hookspec = HookspecMarker("hotplug")

Leaks = Callable[..., list[Leak]]


class Specs:
    @hookspec
    def price(self, item: str) -> int | None: ...


@pytest.fixture
def app() -> Iterator[Any]:
    """A module of the application, which plugins import, and what ends their endless threads."""
    module: Any = ModuleType("app")
    module.callbacks = []
    module.over = threading.Event()
    sys.modules["app"] = module
    yield module
    module.over.set()
    del sys.modules["app"]


@pytest.fixture
def leaks_of(tmp_path: Path, app: Any) -> Leaks:
    """What a plugin with this source leaves behind, having been enabled for a moment."""

    def leaks_of(source: str, *, run: str = "", **options: Any) -> list[Leak]:
        place = write_plugin(tmp_path, "shop", source)
        try:
            with checked_host(**options) as host:
                app.host = host
                shop = host.load_plugin(place)
                shop.enable()
                if shop.life is not None:
                    shop.life.grace = 0.1
                if run:
                    shop.owner.call(getattr(shop.module, run))
        except LeaksFound as found:
            return found.leaks
        return []

    return leaks_of


def line(source: str, text: str) -> int:
    """The line of a plugin's source that a text is in."""
    return next(at for at, each in enumerate(source.splitlines(), 1) if text in each)


def only(leaks: list[Leak]) -> Leak:
    assert len(leaks) == 1, LeaksFound(leaks)
    return leaks[0]


@pytest.mark.parametrize("text", ["", "import threading, logging, asyncio, hotplug"])
def test_a_plugin_that_does_little_leaves_nothing(leaks_of: Leaks, text: str) -> None:
    assert leaks_of(text) == []


ENDLESS = """\
import threading
import app

def work():
    app.over.wait()

threading.Thread(target=work, name="worker", daemon=True).start()
"""


def test_a_thread_that_ignores_its_stop_is_named_as_abandoned(leaks_of: Leaks) -> None:
    leak = only(leaks_of(ENDLESS))

    assert (leak.plugin, leak.kind) == ("shop", "abandoned thread")
    assert leak.where.endswith(f"plugin.py:{line(ENDLESS, 'start()')}")
    assert leak.what.startswith("'worker' has not ended; it is at ")
    assert leak.what.endswith(f"plugin.py:{line(ENDLESS, 'wait()')}")


def test_a_module_that_never_finishes_loading_is_named_as_an_abandoned_thread(
    tmp_path: Path, app: Any
) -> None:
    source = "import app\nwhile not app.over.wait(600): ...\n"
    place = write_plugin(tmp_path, "shop", source)

    with (
        pytest.raises(LeaksFound) as caught,
        checked_host(load_timeout=0.1) as host,
        pytest.raises(TimeoutError),
    ):
        host.load_plugin(place)

    assert only(caught.value.leaks).kind == "abandoned thread"
    assert "still loads the plugin" in only(caught.value.leaks).what


def test_a_job_of_a_pool_of_the_application_that_still_runs_is_named(
    leaks_of: Leaks, app: Any
) -> None:
    source = (
        "import app\ndef work():\n    app.over.wait()\ndef begin():\n    app.pool.submit(work)\n"
    )
    with ThreadPoolExecutor(thread_name_prefix="pool") as app.pool:
        leak = only(leaks_of(source, run="begin"))
        app.over.set()

    assert (leak.kind, leak.what) == ("thread", "'pool_0' runs code of it")
    assert leak.where.endswith("plugin.py:3")


STUBBORN = """\
import asyncio
import app

async def poll():
    while not app.over.is_set():
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass

def begin():
    app.loop.run_until_complete(start())

async def start():
    asyncio.create_task(poll(), name="poll")
    await asyncio.sleep(0)
"""


def test_a_task_that_ignores_that_it_is_cancelled_is_named(leaks_of: Leaks, app: Any) -> None:
    app.loop = asyncio.new_event_loop()
    try:
        leak = only(leaks_of(STUBBORN, run="begin"))
    finally:
        end_tasks(app)

    assert (leak.kind, leak.what) == ("task", "'poll' has not ended")
    assert leak.where.endswith(f"plugin.py:{line(STUBBORN, 'create_task')}")


def test_a_task_that_ends_when_it_is_cancelled_is_none(leaks_of: Leaks, app: Any) -> None:
    app.loop = asyncio.new_event_loop()
    try:
        assert leaks_of(STUBBORN.replace("pass", "raise"), run="begin") == []
    finally:
        end_tasks(app)


def end_tasks(app: Any) -> None:
    app.over.set()
    for task in asyncio.all_tasks(app.loop):
        task.cancel()
        app.loop.run_until_complete(asyncio.wait([task]))
    app.loop.close()


KEEPS = """\
from hotplug import Resource, get_current_plugin
import app

class Connection(Resource):
    def disable(self):
        print("no")

me = get_current_plugin()
app.connection = Connection(me)
me.host.resource_manager.register(app.connection)
"""


def test_a_resource_that_does_not_let_itself_be_given_back_is_named(leaks_of: Leaks) -> None:
    leak = only(leaks_of(KEEPS))

    assert (leak.kind, leak.what) == ("resource", "was not given back: resource")
    assert leak.where.endswith(f"plugin.py:{line(KEEPS, '= Connection')}")


def test_an_implementation_that_the_application_registered_for_a_plugin_is_named(
    leaks_of: Leaks,
) -> None:
    source = """\
import app
from hotplug import HookimplMarker

class Prices:
    @HookimplMarker("hotplug")
    def price(self, item):
        return 1

def begin():
    app.host.hooks.register(Prices())
"""
    leak = only(leaks_of(source, run="begin", specs=Specs))

    assert (leak.kind, leak.what) == ("hook implementation", "of 'price' is still registered")
    assert leak.where.endswith(f"plugin.py:{line(source, '@HookimplMarker')}")


HANDLER = """\
import logging

class H(logging.Handler):
    def emit(self, record): ...

logging.getLogger({name!r}).addHandler({handler})
"""


@pytest.mark.parametrize("handler", ["H()", "logging.StreamHandler()"])
@pytest.mark.parametrize(("name", "told"), [("", "the root logger"), ("sales", "logger 'sales'")])
def test_a_handler_of_the_log_is_named(leaks_of: Leaks, name: str, told: str, handler: str) -> None:
    logger = logging.getLogger(name)
    before = [*logger.handlers]
    try:
        leak = only(leaks_of(HANDLER.format(name=name, handler=handler)))
    finally:
        logger.handlers[:] = before

    assert leak.kind == "logging handler"
    assert leak.what.endswith(f" of {told}")
    assert leak.where.endswith("plugin.py:6")


def test_a_handler_that_the_plugin_takes_back_is_none(leaks_of: Leaks) -> None:
    source = """\
import logging
from hotplug import get_current_plugin

class H(logging.Handler):
    def emit(self, record): ...

handler = H()
logging.root.addHandler(handler)

@get_current_plugin().on_disable.on
def stop():
    logging.root.removeHandler(handler)
"""
    assert leaks_of(source) == []


def test_a_filter_of_the_log_is_named(leaks_of: Leaks) -> None:
    source = "import logging\ndef all(record): return True\nlogging.root.addFilter(all)\n"
    try:
        leak = only(leaks_of(source))
    finally:
        logging.root.filters.clear()

    assert (leak.kind, leak.what) == ("logging filter", "all() of the root logger")


def test_a_function_for_the_end_of_the_program_is_named(leaks_of: Leaks, app: Any) -> None:
    source = "import atexit, app\n@atexit.register\ndef save(): ...\napp.save = save\n"
    leak = only([each for each in leaks_of(source) if each.kind != "generation"])
    atexit.unregister(app.save)

    assert (leak.kind, leak.what) == ("atexit function", "save()")
    assert leak.where.endswith("plugin.py:2")


def test_a_function_for_the_end_that_is_taken_back_is_none(leaks_of: Leaks) -> None:
    source = """\
import atexit
from hotplug import get_current_plugin

@atexit.register
def save(): ...

get_current_plugin().on_disable.subscribe(lambda: atexit.unregister(save))
"""
    assert leaks_of(source) == []


def test_what_a_library_registers_when_a_plugin_imports_it_is_none(
    leaks_of: Leaks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "library_of_others.py").write_text(
        "import atexit, logging\n"
        "logging.getLogger('library').addHandler(logging.NullHandler())\n"
        "atexit.register(print, end='')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    assert leaks_of("import library_of_others\n") == []


def test_a_handler_of_a_signal_is_named(leaks_of: Leaks) -> None:
    source = "import signal\nsignal.signal(signal.SIGUSR1, lambda *_: None)\n"
    before = signal.getsignal(signal.SIGUSR1)
    try:
        leak = only(leaks_of(source))
    finally:
        signal.signal(signal.SIGUSR1, before)

    assert leak.kind == "signal handler"
    assert leak.what.endswith("for SIGUSR1")
    assert leak.where.endswith("plugin.py:2")


def test_an_entry_of_sys_modules_is_named(leaks_of: Leaks) -> None:
    source = "import sys\nclass Lazy: \n    def get(self): ...\nsys.modules['lazy_shop'] = Lazy()\n"
    try:
        leak = only(leaks_of(source))
    finally:
        del sys.modules["lazy_shop"]

    assert (leak.kind, leak.what) == ("module", "'lazy_shop' is in sys.modules")


def test_a_generation_that_is_not_collected_is_named_with_what_holds_it(
    leaks_of: Leaks,
) -> None:
    source = "import app\ndef on_sale(): ...\napp.callbacks.append(on_sale)\n"
    leak = only(leaks_of(source))

    assert leak.kind == "generation"
    assert leak.what == "1 is still in memory, held by\n      app.callbacks[0]"
    assert leak.where.endswith("plugin.py:2")


def leaks_of_reloads(folder: Path, *sources: str) -> list[Leak]:
    """What is left of a plugin that is reloaded with one source after the other."""
    try:
        with checked_host() as host:
            for source in sources:
                place = write_plugin(folder, "shop", source)
                if "shop" in host.plugins:
                    with suppress(ReloadError):
                        host.reload("shop")
                else:
                    host.load_plugin(place).enable()
    except LeaksFound as found:
        return found.leaks
    return []


def test_a_generation_that_a_reload_has_replaced_is_named_as_well(tmp_path: Path, app: Any) -> None:
    source = "import app\ndef on_sale(): ...\n"
    leak = only(leaks_of_reloads(tmp_path, source + "app.callbacks = [on_sale]", source, source))
    app.callbacks.clear()

    assert leak.what == "1 is still in memory, held by\n      app.callbacks[0]"
    assert leak.where.endswith("plugin.py:2")


def test_a_new_generation_that_was_refused_and_stays_is_named(tmp_path: Path, app: Any) -> None:
    source = "import app\ndef on_sale(): ...\napp.callbacks.append(on_sale)\n1 / 0"
    leak = only(leaks_of_reloads(tmp_path, "", source))
    app.callbacks.clear()

    assert leak.what.startswith("2 is still in memory")


def test_a_generation_that_only_c_code_holds_is_named(leaks_of: Leaks, app: Any) -> None:
    source = "import codecs\ncodecs.register_error('shop', lambda error: ('?', error.end))\n"
    leak = only(leaks_of(source))
    codecs = __import__("codecs")
    codecs.register_error("shop", codecs.strict_errors)

    assert "something that Python does not show" in leak.what


def test_what_is_named_is_not_named_again_as_a_generation(leaks_of: Leaks) -> None:
    source = HANDLER.format(name="", handler="H()")
    try:
        assert [leak.kind for leak in leaks_of(source)] == ["logging handler"]
    finally:
        logging.root.handlers[:] = [h for h in logging.root.handlers if type(h).__name__ != "H"]


def test_leaks_of_a_kind_that_is_allowed_are_passed_over(leaks_of: Leaks) -> None:
    assert leaks_of(ENDLESS, allowed_leaks=["abandoned thread"]) == []


def test_a_kind_that_there_is_not_is_refused(leaks_of: Leaks) -> None:
    with pytest.raises(ValueError, match="'treads' is no kind of leak; there are: thread, "):
        checked_host(allowed_leaks=["treads"])


def test_without_the_check_the_host_is_closed_and_that_is_all(leaks_of: Leaks, app: Any) -> None:
    assert leaks_of("import app\napp.callbacks.append(lambda: 0)\n", leak_check=False) == []
    assert app.host.is_closed


def test_the_message_says_all_in_words(leaks_of: Leaks) -> None:
    leak = Leak("shop", "task", "'poll' has not ended", "shop/plugin.py:12")

    assert str(LeaksFound([leak, leak])) == (
        "left behind by plugins: 'shop' (2)\n"
        "plugin 'shop': task 'poll' has not ended\n"
        "    shop/plugin.py:12\n"
        "    let it end when it is cancelled\n"
        "plugin 'shop': task 'poll' has not ended\n"
        "    shop/plugin.py:12\n"
        "    let it end when it is cancelled"
    )


def test_an_error_of_the_block_comes_out_and_nothing_else(tmp_path: Path, app: Any) -> None:
    place = write_plugin(tmp_path, "shop", "import app\napp.callbacks.append(lambda: 0)\n")

    with pytest.raises(ZeroDivisionError), checked_host() as host:
        raise ZeroDivisionError(host.load_plugin(place))


def test_an_error_of_a_cleanup_comes_out(tmp_path: Path) -> None:
    source = """
        from hotplug import get_current_plugin

        @get_current_plugin().on_disable.on
        def fail():
            raise OSError("no disk")
    """
    with pytest.raises(PluginErrors, match="could not close"), checked_host() as host:
        host.load_plugin(write_plugin(tmp_path, "shop", source)).enable()


def test_the_library_is_as_it_was_afterwards() -> None:
    before = logging.Logger.addHandler, signal.signal, atexit.register, atexit.unregister

    with checked_host():
        assert atexit.register is not before[2]

    assert before == (logging.Logger.addHandler, signal.signal, atexit.register, atexit.unregister)


BUSY = """\
import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from hotplug import (
    HookimplMarker, Resource, event, get_current_plugin, get_logger, log, set_interval, set_timeout,
)

me = get_current_plugin()

@event
def sold(item): ...

@sold.on
def count(item):
    log.info("sold %s", item)

@HookimplMarker("hotplug")
def price(item):
    return 3

class Connection(Resource): ...

def look():
    while not me.stopping.wait(0.001): ...

async def poll():
    await asyncio.sleep(0)

async def wait_for_ever():
    await asyncio.sleep(3600)

@me.on_enable.on
def start():
    me.host.resource_manager.register(Connection(me))
    threading.Thread(target=look).start()
    threading.Thread(target=print, args=("",), kwargs={"end": ""}).start()
    set_interval(poll, 1)
    set_interval(lambda: sold("tea"), 1)
    set_timeout(lambda: 1 / 0, 1)
    pool = ThreadPoolExecutor(2)
    pool.submit(sold, "milk").result()
    get_logger("sales").warning("open")
    try:
        1 / 0
    except ZeroDivisionError:
        logging.getLogger(__name__).exception("as always")

async def serve():
    asyncio.create_task(wait_for_ever())
    await asyncio.gather(poll(), poll())
"""


def test_a_busy_plugin_that_is_well_behaved_leaves_nothing(tmp_path: Path, caplog: Any) -> None:
    place = write_plugin(tmp_path, "shop", BUSY)
    for _ in range(5):
        clock = FakeClock()
        with checked_host(specs=Specs, scheduler=clock) as host:
            shop = host.load_plugin(place)
            shop.enable()
            clock.advance(3)
            assert host.hooks.hook.price(item="tea") == [3]
            shop.owner.call(asyncio.run, shop.module.serve())
            shop.disable()
            shop.enable()


def test_the_blocks_own_variables_may_hold_what_they_like(tmp_path: Path) -> None:
    with checked_host() as host:
        shop = host.load_plugin(write_plugin(tmp_path, "shop", BUSY))
        module, prices = shop.module, [shop.module.price]

    assert (prices, module.price("tea")) == ([module.price], 3)


def test_a_block_inside_a_loop_waits_for_the_tasks(tmp_path: Path) -> None:
    async def main() -> None:
        async with checked_host(specs=Specs) as host:
            shop = host.load_plugin(write_plugin(tmp_path, "shop", BUSY))
            shop.enable()
            await shop.owner.call(asyncio.create_task, shop.module.serve())

    asyncio.run(main())


def test_a_block_inside_a_loop_names_a_task_that_goes_on(tmp_path: Path, app: Any) -> None:
    source = STUBBORN.replace("3600", "0.01")

    async def main() -> None:
        async with checked_host() as host:
            shop = host.load_plugin(write_plugin(tmp_path, "shop", source))
            shop.enable()
            await shop.owner.call(asyncio.create_task, shop.module.start())

    try:
        with pytest.raises(LeaksFound) as caught:
            asyncio.run(main_then_over(main, app))
    finally:
        app.over.set()

    assert only(caught.value.leaks).kind == "task"


async def main_then_over(main: Callable[[], Any], app: Any) -> None:
    try:
        await main()
    finally:
        app.over.set()


def test_the_check_keeps_nothing_that_a_test_wants_to_see_collected(tmp_path: Path) -> None:
    with checked_host() as host:
        shop = host.load_plugin(write_plugin(tmp_path, "shop", BUSY.replace("price", "cost")))
        life, plugin = weakref.ref(shop.owner), weakref.ref(shop)
        shop.unload()
        del shop
        gc.collect()

        assert (life(), plugin()) == (None, None)
