"""Threads, jobs and tasks run as the plugin whose code starts them, and end with it."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import subprocess
import sys
import threading
import weakref
from asyncio.base_events import BaseEventLoop
from asyncio.events import Handle
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from hotplug.errors import PluginGone
from hotplug.host import carry
from hotplug.host.generations import threads
from hotplug.host.owner import Owner, current_owner, run_as
from hotplug.host.resources import Held, Resource
from hotplug.host.scope import Watchers
from hotplug.host.syscalls import syscall

Code = Callable[[Owner], Callable[[Callable[..., Any]], Callable[..., Any]]]
Who = Owner | None

PATCHED: list[tuple[type, str]] = [
    (threading.Thread, "start"),
    (ThreadPoolExecutor, "submit"),
    (BaseEventLoop, "create_task"),
    (Handle, "__init__"),
    (Handle, "cancel"),
]


@pytest.fixture
def api(shop: Owner, code_of: Code) -> Callable[..., Any]:
    """A syscall of the shop that calls what it is given: no context variable is set in it."""

    @code_of(shop)
    def plugin() -> Callable[..., Any]:
        return syscall(lambda function, /, *args, **options: function(*args, **options))

    api: Callable[..., Any] = plugin()
    return api


@pytest.fixture
def carrying() -> Iterator[None]:
    """Owners are carried into what is started, as while there is a host."""
    carry.start()
    yield
    carry.stop()


def held(owner: Owner, kind: str) -> list[str]:
    return [resource.describe() for resource in owner.scope if resource.kind == kind]


def in_thread(function: Callable[[], Any]) -> Any:
    """Start a thread and wait for what it returns."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


# Threads.


@pytest.mark.usefixtures("carrying")
def test_dk46_a_thread_runs_as_the_plugin_that_starts_it(api: Any, shop: Owner) -> None:
    assert api(in_thread, current_owner) is shop
    assert in_thread(current_owner) is None
    assert api(in_thread, lambda: in_thread(current_owner)) is shop
    assert api(in_thread, lambda: contextvars.Context().run(current_owner)) is shop


@pytest.mark.usefixtures("carrying")
def test_a_thread_with_a_run_of_its_own_is_carried_and_left_as_it_was(
    api: Any, shop: Owner
) -> None:
    seen: list[Who] = []

    class Own(threading.Thread):
        def run(self) -> None:
            seen.append(current_owner())

    derived, replaced = Own(), threading.Thread()
    replaced.run = own_run = lambda: seen.append(current_owner())  # type: ignore[method-assign]
    for thread in (derived, replaced):
        api(thread.start)
        thread.join()

    assert seen == [shop, shop]
    assert "run" not in vars(derived)
    assert replaced.run is own_run


@pytest.mark.usefixtures("carrying")
def test_a_thread_that_has_ended_leaves_the_scope_and_nothing_holds_it(
    api: Any, shop: Owner
) -> None:
    gate = threading.Event()
    thread = threading.Thread(target=gate.wait, name="poller")
    api(thread.start)
    assert held(shop, "thread") == ["thread 'poller'"]

    gate.set()
    thread.join()
    gone = weakref.ref(thread)
    del thread

    assert held(shop, "thread") == []
    assert gone() is None


@pytest.mark.usefixtures("carrying")
def test_a_thread_is_asked_to_stop_and_waited_for(api: Any, shop: Owner) -> None:
    log: list[str] = []

    def poll() -> None:
        shop.stopping.wait()
        log.append("stopped")

    api(threading.Thread(target=poll).start)
    shop.scope.close()

    assert log == ["stopped"]
    assert shop.abandoned == []


def test_stopping_is_set_as_soon_as_the_scope_begins_to_close(shop: Owner) -> None:
    seen: list[bool] = []
    shop.scope.add(Held(shop, lambda: seen.append(shop.stopping.is_set()), "file"))
    assert not shop.stopping.is_set()

    shop.scope.close()

    assert seen == [True]


@pytest.mark.usefixtures("carrying")
def test_a_thread_that_does_not_stop_is_abandoned_with_a_warning(
    api: Any, shop: Owner, code_of: Code, caplog: pytest.LogCaptureFixture
) -> None:
    gate, refused = threading.Event(), threading.Event()
    price = code_of(Owner("billing"))(lambda: syscall(lambda: None))()

    def stubborn() -> None:
        gate.wait()
        for late in (
            lambda: shop.scope.add(Held(shop, print, "file")),
            threading.Thread(target=print).start,
            price,
        ):
            with pytest.raises(PluginGone, match="plugin 'shop'"):
                late()
        refused.set()

    @code_of(shop)
    def start() -> threading.Thread:
        thread = threading.Thread(target=stubborn, name="poller")
        thread.start()
        return thread

    shop.grace = 0.01
    thread = shop.call(start)
    with caplog.at_level(logging.WARNING, "hotplug.host"):
        shop.scope.close()

    line = start.__code__.co_firstlineno + 3
    assert [each.thread for each in shop.abandoned] == [thread]  # type: ignore[attr-defined]
    assert f"plugin 'shop' has ended, and its thread 'poller', started at {__file__}:{line}" in (
        caplog.text
    )
    gate.set()
    thread.join()
    assert refused.is_set()
    assert shop.abandoned == []


@pytest.mark.usefixtures("carrying")
def test_all_threads_of_a_plugin_share_one_grace(
    api: Any, shop: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float | None] = []

    class Stubborn(threading.Thread):
        def join(self, timeout: float | None = None) -> None:
            waited.append(timeout)

    gate = threading.Event()
    threads = [Stubborn(target=gate.wait) for _ in range(3)]
    for thread in threads:
        api(thread.start)
    clock = iter([100.5, 101.5, 105.0])
    monkeypatch.setattr("hotplug.host.scope.monotonic", lambda: 100.0)
    monkeypatch.setattr("hotplug.host.running.monotonic", lambda: next(clock))

    shop.scope.close()
    gate.set()
    for thread in threads:
        threading.Thread.join(thread)

    assert waited == [1.5, 0.5, 0]


@pytest.mark.usefixtures("carrying")
def test_a_thread_that_is_given_back_before_it_could_begin_runs_nothing(
    api: Any, shop: Owner
) -> None:
    class TooLate(Watchers):
        def added(self, resource: Resource) -> None:
            resource.disable()

    log: list[int] = []
    thread = threading.Thread(target=log.append, args=(1,))
    shop.scope.watchers = TooLate()
    api(thread.start)
    thread.join()

    assert log == []


@pytest.mark.usefixtures("carrying")
def test_dc44_a_thread_that_closes_its_own_plugin_does_not_wait_for_itself(
    api: Any, shop: Owner
) -> None:
    done: list[bool] = []

    def close() -> None:
        shop.scope.close()
        done.append(True)

    thread = threading.Thread(target=close)
    api(thread.start)
    thread.join()

    assert done == [True]
    assert shop.abandoned == []


@pytest.mark.usefixtures("carrying")
def test_a_thread_of_a_plugin_that_has_ended_cannot_start(api: Any, shop: Owner) -> None:
    thread = threading.Thread(target=print)
    shop.scope.close()

    with pytest.raises(PluginGone, match="cannot start a thread"):
        shop.call(thread.start)
    assert not thread.is_alive()


@pytest.mark.usefixtures("carrying")
def test_a_thread_that_cannot_be_started_is_not_held(
    shop: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("can't start new thread")

    for name in ("_start_new_thread", "_start_joinable_thread"):
        monkeypatch.setattr(threading, name, refuse, raising=False)
    with pytest.raises(RuntimeError):
        shop.call(threading.Thread(target=print).start)

    assert len(shop.scope) == 0


@pytest.mark.usefixtures("carrying")
def test_starting_a_thread_twice_is_the_error_it_always_was(api: Any, shop: Owner) -> None:
    thread = threading.Thread(target=shop.stopping.wait)
    api(thread.start)

    with pytest.raises(RuntimeError, match="once"):
        api(thread.start)

    shop.scope.close()
    assert not thread.is_alive()


@pytest.mark.usefixtures("carrying")
def test_an_error_in_a_thread_says_whose_thread_it_was(
    api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[str] = []
    monkeypatch.setattr(
        threading, "excepthook", lambda args: notes.extend(args.exc_value.__notes__)
    )
    thread = threading.Thread(target=lambda: int("x"), name="poller")
    api(thread.start)
    thread.join()

    assert len(notes) == 1
    assert notes[0].startswith("plugin 'shop': in thread 'poller', started at ")


@pytest.mark.usefixtures("carrying")
def test_a_plugin_with_a_loop_in_a_thread_of_its_own_ends_without_a_sound(
    api: Any, shop: Owner, capfd: pytest.CaptureFixture[str]
) -> None:
    begun = threading.Event()
    log: list[str] = []

    async def serve() -> None:
        await asyncio.to_thread(log.append, "begun")
        try:
            begun.set()
            await asyncio.sleep(60)
        finally:
            await asyncio.to_thread(log.append, "cleaned up")

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    api(thread.start)
    begun.wait()
    shop.scope.close()
    thread.join()

    assert log == ["begun", "cleaned up"]
    assert shop.abandoned == []
    assert capfd.readouterr().err == ""


# Executors.


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.mark.usefixtures("carrying")
def test_dk46_jobs_run_as_whoever_submits_them_and_workers_are_nobodys(
    api: Any, shop: Owner, billing: Owner, pool: ThreadPoolExecutor
) -> None:
    seen = [
        api(pool.submit, current_owner).result(),
        pool.submit(current_owner).result(),
        billing.call(pool.submit, current_owner).result(),
        api(lambda: [*pool.map(lambda _: current_owner(), [1])])[0],
        api(pool.submit, contextvars.Context().run, current_owner).result(),
    ]

    assert seen == [shop, None, billing, shop, shop]
    assert held(shop, "thread") == []
    shop.scope.close()
    assert pool.submit(current_owner).result() is None


@pytest.mark.usefixtures("carrying")
def test_a_job_gets_its_arguments_and_gives_its_result_and_error(
    api: Any, pool: ThreadPoolExecutor
) -> None:
    def job(*args: object, **options: object) -> object:
        return args, options

    assert api(pool.submit, job, 1, check=2, function=3).result() == (
        (1,),
        {"check": 2, "function": 3},
    )
    assert isinstance(api(pool.submit, int, "x").exception(), ValueError)


@pytest.mark.usefixtures("carrying")
def test_a_job_that_waits_when_its_plugin_ends_does_not_begin(
    api: Any, shop: Owner, pool: ThreadPoolExecutor
) -> None:
    gate = threading.Event()
    ran: list[int] = []
    pool.submit(gate.wait)
    waiting = api(pool.submit, ran.append, 1)

    shop.scope.close()
    gate.set()

    assert isinstance(waiting.exception(), PluginGone)
    assert ran == []
    cleanup = shop.call(pool.submit, current_owner)
    assert cleanup.result() is shop


# Tasks and callbacks.


@pytest.mark.usefixtures("carrying")
def test_dk46_everything_that_asyncio_starts_runs_as_the_plugin_that_started_it(
    api: Any, shop: Owner
) -> None:
    seen: dict[str, Who] = {}

    def note(name: str) -> None:
        seen[name] = current_owner()

    async def noting(name: str) -> None:
        await asyncio.sleep(0)
        note(name)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        note("main")
        for name, start in {
            "call_soon": loop.call_soon,
            "call_soon_threadsafe": loop.call_soon_threadsafe,
        }.items():
            api(start, note, name)
        api(loop.call_later, 0, note, "call_later")
        api(loop.call_at, 0, note, "call_at")
        await api(asyncio.create_task, noting("create_task"))
        await api(asyncio.gather, noting("gather"))
        await api(loop.create_task, noting("context"), context=contextvars.Context())
        await api(loop.run_in_executor, None, note, "run_in_executor")
        await api(asyncio.create_task, asyncio.to_thread(note, "to_thread"))
        await asyncio.create_task(noting("application"))

    asyncio.run(main())
    api(asyncio.run, noting("run"))

    assert seen.pop("main") is None
    assert seen.pop("application") is None
    assert len(seen) == 10
    assert set(seen.values()) == {shop}


@pytest.mark.usefixtures("carrying")
def test_what_waits_for_a_socket_runs_as_the_plugin_that_asked(api: Any, shop: Owner) -> None:
    async def main() -> Who:
        seen: asyncio.Future[Who] = asyncio.get_running_loop().create_future()

        def connected(reader: object, writer: asyncio.StreamWriter) -> None:
            seen.set_result(current_owner())
            writer.close()

        server = await api(asyncio.create_task, asyncio.start_server(connected, "127.0.0.1", 0))
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        who = await seen
        writer.close()
        server.close()
        return who

    assert asyncio.run(main()) is shop


@pytest.mark.usefixtures("carrying")
def test_code_of_the_application_beneath_a_plugins_context_starts_its_own(shop: Owner) -> None:
    async def who() -> Who:
        return current_owner()

    @syscall
    def of_the_application() -> Any:
        return asyncio.ensure_future(who())

    async def main() -> Who:
        return await run_as(shop, of_the_application)

    assert asyncio.run(main()) is None


@pytest.mark.usefixtures("carrying")
def test_a_task_is_held_while_it_runs_and_cancelled_when_its_plugin_ends(
    api: Any, shop: Owner
) -> None:
    async def main() -> None:
        quick = api(asyncio.create_task, asyncio.sleep(0))
        slow = api(asyncio.create_task, asyncio.sleep(60), name="poller")
        assert len(held(shop, "task")) == 2
        await quick
        await asyncio.sleep(0)
        assert held(shop, "task") == ["task 'poller'"]

        shop.scope.close()
        with pytest.raises(asyncio.CancelledError, match="plugin 'shop' has ended"):
            await slow

    asyncio.run(main())


@pytest.mark.usefixtures("carrying")
def test_a_task_is_cancelled_from_another_thread(api: Any, shop: Owner) -> None:
    async def main() -> None:
        task = api(asyncio.create_task, asyncio.sleep(60))
        await asyncio.to_thread(shop.scope.close)
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())


@pytest.mark.usefixtures("carrying")
def test_dc44_a_task_that_closes_its_own_plugin_is_not_cancelled(api: Any, shop: Owner) -> None:
    async def close() -> str:
        shop.scope.close()
        await asyncio.sleep(0)
        return "went on"

    async def main() -> str:
        result: str = await api(asyncio.create_task, close())
        return result

    assert asyncio.run(main()) == "went on"


@pytest.mark.usefixtures("carrying")
def test_a_task_that_wakes_up_late_meets_the_fence_and_can_clean_up(
    api: Any, shop: Owner, code_of: Code
) -> None:
    log: list[str] = []
    inverter = code_of(Owner("power"))(lambda: syscall(lambda: log.append("written")))()

    async def close_connection() -> None:
        log.append("connection closed")

    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            with pytest.raises(PluginGone):
                inverter()
            await asyncio.gather(close_connection())
            await asyncio.to_thread(log.append, "file closed")

    async def main() -> None:
        task = api(asyncio.create_task, stubborn())
        await asyncio.sleep(0)
        shop.scope.close()
        await task

    asyncio.run(main())
    assert log == ["connection closed", "file closed"]


@pytest.mark.usefixtures("carrying")
def test_a_task_whose_loop_is_closed_does_not_keep_a_plugin_from_ending(
    api: Any, shop: Owner
) -> None:
    loop = asyncio.new_event_loop()
    task = api(loop.create_task, asyncio.sleep(60))
    task._log_destroy_pending = False
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()

    shop.scope.close()

    assert len(shop.scope) == 0


@pytest.mark.usefixtures("carrying")
def test_a_task_factory_that_knows_no_context_still_works(api: Any, shop: Owner) -> None:
    async def who() -> Who:
        return current_owner()

    async def main() -> Who:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(lambda loop, coroutine: asyncio.Task(coroutine, loop=loop))
        found: Who = await api(loop.create_task, who())
        return found

    assert asyncio.run(main()) is shop


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with 3.12")
@pytest.mark.usefixtures("carrying")
def test_a_task_that_starts_eagerly_runs_as_its_plugin_from_the_first_step(
    api: Any, shop: Owner
) -> None:
    async def who() -> list[Who]:
        before = current_owner()
        await asyncio.sleep(0)
        return [before, current_owner()]

    async def at_once() -> Who:
        return current_owner()

    async def main() -> list[Who]:
        factory = asyncio.eager_task_factory  # type: ignore[attr-defined, unused-ignore]
        asyncio.get_running_loop().set_task_factory(factory)
        return [*await api(asyncio.create_task, who()), await api(asyncio.create_task, at_once())]

    assert asyncio.run(main()) == [shop, shop, shop]
    assert len(shop.scope) == 0


@pytest.mark.usefixtures("carrying")
def test_a_thread_that_a_watcher_refuses_does_not_start_and_a_task_is_cancelled(
    api: Any, shop: Owner
) -> None:
    class Limit(Watchers):
        def added(self, resource: Resource) -> None:
            raise RuntimeError(f"one {resource.kind} too many")

    async def main() -> None:
        shop.scope.watchers = Limit()
        thread = threading.Thread(target=print)
        with pytest.raises(RuntimeError, match="one thread too many"):
            api(thread.start)
        assert thread.ident is None
        with pytest.raises(RuntimeError, match="one task too many"):
            api(asyncio.create_task, asyncio.sleep(60))
        (task,) = asyncio.all_tasks() - {asyncio.current_task()}
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert len(shop.scope) == 0


@pytest.mark.usefixtures("carrying")
def test_a_task_knows_the_line_of_the_plugin_that_started_it(shop: Owner, code_of: Code) -> None:
    @code_of(shop)
    def start() -> Any:
        return asyncio.gather(asyncio.sleep(60), asyncio.sleep(60))

    async def main() -> list[str]:
        syscall_of_the_shop = code_of(shop)(lambda: syscall(start))()
        running = syscall_of_the_shop()
        places = [resource.where for resource in shop.scope]
        running.cancel()
        return places

    line = start.__code__.co_firstlineno + 2
    assert asyncio.run(main()) == [f"{__file__}:{line}"] * 2


@pytest.mark.usefixtures("carrying")
def test_a_task_of_code_without_a_mark_knows_the_line_outside_of_libraries(shop: Owner) -> None:
    async def main() -> list[str]:
        shop.call(asyncio.create_task, asyncio.sleep(0))
        return [resource.where for resource in shop.scope]

    line = main.__code__.co_firstlineno + 1
    assert asyncio.run(main()) == [f"{__file__}:{line}"]


@pytest.mark.usefixtures("carrying")
def test_a_hundred_tasks_of_many_plugins_never_mix() -> None:
    owners = [Owner(f"p{at}") for at in range(10)]

    async def nested(depth: int) -> set[Who]:
        await asyncio.sleep(0)
        if not depth:
            return {current_owner(), await asyncio.to_thread(current_owner)}
        found = await asyncio.gather(nested(depth - 1), nested(0))
        return {current_owner()}.union(*found)

    async def main() -> list[set[Who]]:
        return await asyncio.gather(
            *(owners[at % 10].call(asyncio.ensure_future, nested(3)) for at in range(100))
        )

    for at, seen in enumerate(asyncio.run(main())):
        assert seen == {owners[at % 10]}
    assert not any(len(owner.scope) for owner in owners)


# The patches.


def patched() -> list[object]:
    return [target.__dict__[name] for target, name in PATCHED]


def test_dc45_the_standard_library_is_changed_only_while_somebody_wants_it() -> None:
    before = patched()

    carry.start()
    carry.start()
    carry.stop()
    between = patched()
    carry.stop()

    assert not any(now is was for now, was in zip(between, before, strict=True))
    assert patched() == before
    with pytest.raises(RuntimeError, match="more often"):
        carry.stop()


def test_dc45_importing_changes_nothing() -> None:
    program = """
import asyncio.base_events, asyncio.events, concurrent.futures.thread, threading
at = [(threading.Thread, "start"), (concurrent.futures.thread.ThreadPoolExecutor, "submit"),
      (asyncio.base_events.BaseEventLoop, "create_task"), (asyncio.events.Handle, "__init__"),
      (asyncio.events.Handle, "cancel")]
before = [getattr(*each) for each in at]
import hotplug.host.carry, hotplug.host.syscalls, hotplug.host.contexts
assert before == [getattr(*each) for each in at]
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_patch_of_others_that_came_later_is_left_alone(shop: Owner) -> None:
    before = threading.Thread.start
    seen: list[Who] = []
    carry.start()
    ours = threading.Thread.start

    def theirs(thread: threading.Thread) -> None:
        seen.append(current_owner())
        ours(thread)

    try:
        threading.Thread.start = theirs  # type: ignore[method-assign, assignment]
        assert shop.call(in_thread, current_owner) is shop
        carry.stop()
        assert threading.Thread.start is theirs
        assert shop.call(in_thread, current_owner) is None
        assert len(shop.scope) == 0

        carry.start()
        assert shop.call(in_thread, current_owner) is shop
        carry.stop()
        assert threading.Thread.start is theirs
    finally:
        threading.Thread.start = before  # type: ignore[method-assign]
    assert len(seen) == 3


def test_a_patch_that_was_left_beneath_one_of_others_is_used_again() -> None:
    before = threading.Thread.start
    carry.start()
    ours = threading.Thread.start
    threading.Thread.start = partial(ours)  # type: ignore[method-assign]
    carry.stop()
    threading.Thread.start = ours  # type: ignore[method-assign]

    carry.start()
    again = threading.Thread.start
    carry.stop()

    assert again is ours
    assert threading.Thread.start is before


@pytest.mark.parametrize("ours_comes_first", [True, False])
def test_the_patches_of_generations_and_ours_go_together(
    api: Any, shop: Owner, ours_comes_first: bool
) -> None:
    before = patched()
    install, remove = [carry.start, threads.patch], [carry.stop, threads.unpatch]
    for change in install if ours_comes_first else install[::-1]:
        change()
    try:
        thread = threading.Thread(target=shop.stopping.wait)
        api(thread.start)
        with ThreadPoolExecutor(1) as pool:
            assert api(pool.submit, current_owner).result() is shop
        assert api(in_thread, current_owner) is shop
        shop.scope.close()
        assert "run" not in vars(thread)
    finally:
        for change in remove[::-1] if ours_comes_first else remove:
            change()
    assert patched() == before
    assert shop.abandoned == []


def test_what_was_started_before_goes_on_after_the_patches_are_gone(shop: Owner) -> None:
    carry.start()
    gate = threading.Event()
    seen: list[Who] = []
    thread = threading.Thread(target=lambda: seen.append(current_owner() if gate.wait() else None))
    shop.call(thread.start)
    carry.stop()

    gate.set()
    thread.join()

    assert seen == [shop]
    assert len(shop.scope) == 0
