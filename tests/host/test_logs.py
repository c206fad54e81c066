"""Loggers of plugins: standard logging, with the plugin's name, silent after its end."""

from __future__ import annotations

import asyncio
import gc
import logging
import logging.handlers
import pickle
import queue
import subprocess
import sys
import textwrap
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import FunctionType
from typing import Any

import pytest

from hotplug.host.logs import PluginFormatter, dropped_records, get_logger, log, set_level
from hotplug.host.owner import ENTRY, Owner, entry_builtins


@pytest.fixture
def shop() -> Owner:
    return Owner("shop")


@pytest.fixture(autouse=True)
def _all_levels(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.INFO)
    caplog.handler.setLevel(logging.NOTSET)
    yield
    get_logger().setLevel(0)


def test_a_message_begins_with_the_name_of_the_plugin(
    shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    shop.call(log.info, "outside")  # looked up out here, so nobody's
    shop.call(lambda: log.info("starting %s", "up"))

    assert caplog.messages == ["outside", "[shop] starting up"]


def test_dk11_a_named_logger_says_its_name_too(
    shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    shop.call(get_logger, "database").error("connection failed")

    (record,) = caplog.records
    assert record.getMessage() == "[shop.database] connection failed"
    assert record.name == "hotplug.plugin.shop.database"


def test_dk11_loggers_of_one_name_in_two_plugins_do_not_collide(
    shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    ours = shop.call(get_logger, "database")
    theirs = Owner("billing").call(get_logger, "database")

    ours.setLevel("ERROR")
    ours.info("nothing")
    theirs.info("connected")

    assert caplog.messages == ["[billing.database] connected"]
    assert ours.name != theirs.name


def test_dk11_plugins_of_one_name_in_two_hosts_have_levels_of_their_own(
    caplog: pytest.LogCaptureFixture,
) -> None:
    here, there = Owner("shop"), Owner("shop")

    set_level(here, logging.ERROR)
    here.call(lambda: log.info("here"))
    there.call(lambda: log.info("there"))

    assert caplog.messages == ["[shop] there"]


def test_a_record_says_where_it_was_logged(shop: Owner, caplog: pytest.LogCaptureFixture) -> None:
    def speak() -> None:
        log.info("a")
        log.log(logging.INFO, "b")
        get_logger("database").warning("c")
        log.info("d", stacklevel=2)

    def outer() -> None:
        speak()

    shop.call(outer)

    first = speak.__code__.co_firstlineno + 1
    outside = outer.__code__.co_firstlineno + 1
    assert [record.lineno for record in caplog.records] == [first, first + 1, first + 2, outside]
    assert {record.pathname for record in caplog.records} == {__file__}
    assert caplog.records[0].funcName == "speak"


def test_a_record_carries_plugin_logger_and_generation(caplog: pytest.LogCaptureFixture) -> None:
    Owner("shop", 3).call(get_logger, "database").info("hello", extra={"user": "Ada"})

    (record,) = caplog.records
    fields = vars(record)
    assert fields["plugin"] == "shop"
    assert fields["plugin_logger"] == "shop.database"
    assert fields["generation"] == 3
    assert fields["plugin_prefix"] == "[shop.database] "
    assert fields["user"] == "Ada"


def test_no_extra_field_can_name_another_plugin(
    shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    shop.call(lambda: log.info("hello", extra={"plugin": "billing"}))

    assert vars(caplog.records[0])["plugin"] == "shop"


@pytest.mark.parametrize(
    ("message", "args", "shown"),
    [
        ("100 %", (), "[shop] 100 %"),
        ("%d %%", (100,), "[shop] 100 %"),
        ("%(a)s", ({"a": 1},), "[shop] 1"),
        (ValueError("no beans"), (), "[shop] no beans"),
        (None, (), "[shop] None"),
    ],
)
def test_any_message_gets_its_prefix(
    shop: Owner,
    caplog: pytest.LogCaptureFixture,
    message: object,
    args: tuple[object, ...],
    shown: str,
) -> None:
    shop.call(lambda: log.info(message, *args))

    assert caplog.messages == [shown]


def test_a_percent_sign_in_a_name_is_no_format(
    shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    shop.call(get_logger, "50%s").info("%d", 1)

    assert caplog.messages == ["[shop.50%s] 1"]


def test_a_structured_message_stays_what_it_is(
    shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    shop.call(lambda: log.info({"event": "sold"}))

    assert caplog.records[0].msg == {"event": "sold"}


def test_exceptions_are_logged_with_their_traceback(
    shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    error = ValueError("no beans")

    def speak() -> None:
        try:
            raise error
        except ValueError:
            log.exception("a")
            log.error("b", exc_info=True)
        log.error("c", exc_info=error)
        log.error("d", exc_info=(ValueError, error, None))
        log.error("e", exc_info=False)
        log.error("f", stack_info=True)

    shop.call(speak)

    told = [record.exc_info and record.exc_info[1] for record in caplog.records]
    assert told == [error, error, error, error, None, None]
    assert "in speak" in str(caplog.records[-1].stack_info)


# who speaks


def plugin_code(owner: Owner, function: Any) -> Any:
    """The function as one of the owner's own modules would have it."""
    scope = {**function.__globals__, "__builtins__": entry_builtins(owner)}
    return FunctionType(function.__code__, scope)


def speak() -> bool:
    log.info("hello")
    return True


def test_code_of_a_plugin_called_through_an_entry_speaks_as_this_plugin(
    shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    def enter(function: Any) -> None:
        function()

    plugin_code(ENTRY, enter)(plugin_code(shop, speak))  # type: ignore[arg-type]

    assert caplog.messages == ["[shop] hello"]


def test_threads_and_tasks_of_a_plugin_speak_as_it(
    shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        await shop.call(asyncio.ensure_future, talk())

    async def talk() -> None:
        await asyncio.sleep(0)
        speak()

    bound = shop.call(get_logger, "database")
    thread = threading.Thread(target=lambda: bound.info("from a thread"))
    thread.start()
    thread.join()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(shop.call, speak).result()
    asyncio.run(main())

    assert caplog.messages == [
        "[shop.database] from a thread",
        "[shop] hello",
        "[shop] hello",
    ]


def test_outside_of_plugins_it_is_the_application_that_logs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log.info("hello")
    get_logger("database").info("connected")

    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("hotplug.application", "hello"),
        ("hotplug.application.database", "connected"),
    ]
    assert "plugin" not in vars(caplog.records[0])


# levels


def test_the_application_decides_about_levels_by_name(
    shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "hotplug.plugin.shop")
    shop.call(lambda: log.debug("seen"))
    caplog.set_level(logging.ERROR, "hotplug.plugin.shop")
    shop.call(lambda: log.warning("unseen"))

    assert caplog.messages == ["[shop] seen"]


def test_a_level_of_one_plugin_is_stronger_than_that_of_the_application(
    shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    set_level(shop, "DEBUG")
    shop.call(lambda: log.debug("seen"))
    shop.call(get_logger, "database").debug("seen too")
    set_level(shop, 0)
    shop.call(lambda: log.debug("unseen"))

    assert caplog.messages == ["[shop] seen", "[shop.database] seen too"]


def test_a_logger_takes_its_level_from_the_nearest_above_that_has_one(shop: Owner) -> None:
    pool = shop.call(get_logger, "database.pool")
    assert pool.getEffectiveLevel() == logging.INFO

    shop.call(lambda: log.setLevel(logging.ERROR))
    assert pool.getEffectiveLevel() == logging.ERROR
    shop.call(get_logger, "database").setLevel(logging.DEBUG)
    assert pool.getEffectiveLevel() == logging.DEBUG
    pool.setLevel(logging.CRITICAL)
    assert pool.getEffectiveLevel() == logging.CRITICAL
    assert not pool.isEnabledFor(logging.ERROR)


def test_what_the_application_switches_off_for_all_is_off(
    shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    set_level(shop, logging.DEBUG)

    logging.disable(logging.INFO)
    try:
        shop.call(speak)
    finally:
        logging.disable(logging.NOTSET)

    assert caplog.messages == []


def test_a_level_that_is_none_is_refused(shop: Owner) -> None:
    with pytest.raises(ValueError, match="there is no level 'LOUD'; there are CRITICAL"):
        set_level(shop, "LOUD")


def test_a_name_that_is_none_is_refused() -> None:
    name: Any = 5
    with pytest.raises(TypeError, match="a logger has a name, not 5"):
        get_logger(name)


# the end


def test_after_the_end_of_a_plugin_its_messages_are_dropped_and_counted(
    shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    bound = shop.call(get_logger, "database")
    shop.scope.close()

    shop.call(speak)
    bound.error("late")
    bound.debug("not wanted anyway")
    shop.call(get_logger, "another").info("late too")

    assert caplog.messages == []
    assert dropped_records(shop) == 3
    assert not bound.isEnabledFor(logging.ERROR)


def test_the_next_life_of_the_plugin_speaks_again(
    shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    shop.scope.close()

    Owner("shop", 2).call(speak)

    assert caplog.messages == ["[shop] hello"]


def test_what_is_given_back_at_the_end_can_still_speak(
    shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    from hotplug.host.resources import Held

    shop.scope.add(Held(shop, lambda: get_logger("database").info("closed"), "connection"))

    shop.call(shop.scope.close)

    assert caplog.messages == ["[shop.database] closed"]


def test_a_named_logger_is_one_and_is_in_the_list_of_what_the_plugin_holds(shop: Owner) -> None:
    first, again = shop.call(get_logger, "database"), shop.call(get_logger, "database")

    assert first is again
    (resource,) = shop.scope
    assert resource.kind == "logger"
    assert repr(resource).startswith("<logger shop.database of plugin 'shop' from ")
    assert __file__ in resource.where


def test_dk34_loggers_keep_no_plugin_alive() -> None:
    owners = [Owner(f"plugin_{number % 3}", number) for number in range(200)]
    assert all(each.call(speak) for each in owners)
    kept = [each.call(get_logger, "database") for each in owners]
    alive = weakref.WeakSet(owners)

    del owners
    gc.collect()

    assert len(alive) == 0
    assert not kept[0].isEnabledFor(logging.CRITICAL)


def test_logging_keeps_one_logger_for_all_lives_of_a_plugin() -> None:
    def lives(count: int) -> int:
        for number in range(count):
            Owner("reloaded", number).call(get_logger, "database").info("hello")
        return len(logging.root.manager.loggerDict)

    assert lives(1) == lives(200)


# formats


def formatted(formatter: logging.Formatter, caplog: pytest.LogCaptureFixture) -> list[str]:
    return [formatter.format(record) for record in caplog.records]


def test_the_application_can_decide_about_the_prefix(
    shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    shop.call(get_logger, "database").info("connected")
    logging.getLogger("other").info("hello")

    names = PluginFormatter("{plugin}|{plugin_logger}|{generation}|{message}", style="{")
    assert formatted(names, caplog) == ["shop|shop.database|1|connected", "-|-|0|hello"]
    assert formatted(PluginFormatter(), caplog) == [
        "INFO [shop.database] connected",
        "INFO hello",
    ]
    assert formatted(logging.Formatter("%(message)s"), caplog) == [
        "[shop.database] connected",
        "hello",
    ]


def test_a_record_that_went_through_a_queue_has_one_prefix(
    shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    records: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    shop.call(lambda: log.info("starting %s", "up"))

    logging.handlers.QueueHandler(records).emit(caplog.records[0])
    received = pickle.loads(pickle.dumps(records.get()))

    assert logging.Formatter().format(received) == "[shop] starting up"
    assert PluginFormatter("%(plugin)s %(message)s").format(received) == "shop starting up"


def test_the_prefix_is_there_without_any_setup_of_the_application() -> None:
    script = """
        import logging
        from hotplug.host.logs import log, get_logger
        from hotplug.host.owner import Owner

        logging.basicConfig(level=logging.INFO)
        shop = Owner("shop")
        shop.call(lambda: log.info("Starting up"))
        shop.call(get_logger, "database").error("Connection failed")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True
    )

    assert done.stderr == (
        "INFO:hotplug.plugin.shop:[shop] Starting up\n"
        "ERROR:hotplug.plugin.shop.database:[shop.database] Connection failed\n"
    )


def test_loggers_say_what_they_are(shop: Owner) -> None:
    assert repr(shop.call(get_logger, "db")) == "<PluginLogger hotplug.plugin.shop.db (INFO)>"
    assert shop.call(lambda: repr(log)) == "<log: <PluginLogger hotplug.plugin.shop (INFO)>>"
