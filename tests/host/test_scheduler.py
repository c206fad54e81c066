"""Schedulers: the one with threads, the one on a loop. Events stand in for time."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest

from hotplug.errors import PluginExit
from hotplug.host.owner import Owner, current_owner
from hotplug.host.resources import Resource
from hotplug.host.scheduler import LoopScheduler, Scheduler
from hotplug.host.scheduler_threads import DEFAULT, ThreadScheduler
from hotplug.host.scope import Watchers
from hotplug.host.timers import Timer, set_interval, set_timeout

SOON = 0.001
LATER = 1000
LONG = 20
"""Seconds that no test waits for unless it fails."""


class Timed(Owner):
    """As a plugin in a host: its host says who calls its timers."""

    __slots__ = ("_scheduler",)

    def __init__(self, name: str, scheduler: Scheduler) -> None:
        super().__init__(name)
        self._scheduler = scheduler
        self.scope.open()

    @property
    def scheduler(self) -> Scheduler:
        return self._scheduler


@pytest.fixture
def scheduler() -> Iterator[ThreadScheduler]:
    scheduler = ThreadScheduler()
    yield scheduler
    scheduler.close()


@pytest.fixture
def shop(scheduler: ThreadScheduler) -> Owner:
    return Timed("shop", scheduler)


BEFORE: set[Thread] = set()


@pytest.fixture(autouse=True)
def _threads_of_others() -> None:
    """Those of the default scheduler rest for a while before they end."""
    BEFORE.clear()
    BEFORE.update(threading.enumerate())


def threads_of_timers() -> list[Thread]:
    """Those that have been started in this test."""
    return [
        thread
        for thread in threading.enumerate()
        if thread.name.startswith("hotplug-timer") and thread not in BEFORE
    ]


def eventually(condition: Callable[[], object]) -> bool:
    """Whether it becomes true, when the threads have come to rest."""
    return any(condition() or Event().wait(0.005) for _ in range(1000))


class Slow:
    """A callback that says when it has begun, and goes on until it is let go."""

    def __init__(self) -> None:
        self.began, self.let_go, self.ended = Event(), Event(), Event()

    def __call__(self) -> None:
        self.began.set()
        self.let_go.wait(LONG)
        self.ended.set()


# threads


def test_timers_are_called_by_the_clock_of_the_system(shop: Owner) -> None:
    twice = Event()
    calls: list[Owner | None] = []

    def tick() -> None:
        calls.append(current_owner())
        if len(calls) == 2:
            twice.set()

    timer = shop.call(set_interval, tick, SOON)

    assert twice.wait(LONG)
    timer.cancel()
    assert set(calls) == {shop}


def test_dk37_one_thread_waits_for_all_timers(shop: Owner) -> None:
    for _ in range(1000):
        shop.call(set_interval, print, LATER)

    assert len(threads_of_timers()) == 1
    shop.scope.close()


def test_dk37_a_thousand_quick_callbacks_share_a_thread(
    shop: Owner, scheduler: ThreadScheduler
) -> None:
    done = Event()
    left = [*range(1000)]

    def tick() -> None:
        left.pop()
        if not left:
            done.set()

    for _ in range(1000):
        shop.call(set_timeout, tick, 0.05)

    assert done.wait(LONG)
    assert scheduler._workers.count <= 3  # one more for each time that this machine was busy


def test_dk36_all_threads_are_daemons(shop: Owner) -> None:
    ran = Event()

    async def tick() -> None:
        ran.set()

    shop.call(set_interval, tick, SOON)

    assert ran.wait(LONG)
    threads = threads_of_timers()
    assert len(threads) == 3
    assert all(thread.daemon for thread in threads)


def test_a_timer_that_is_due_before_all_others_is_not_waited_past(
    shop: Owner, scheduler: ThreadScheduler
) -> None:
    called = Event()
    shop.call(set_timeout, print, LATER)
    assert eventually(lambda: scheduler._changed._waiters)  # type: ignore[attr-defined]

    shop.call(set_timeout, called.set, SOON)

    assert called.wait(LONG)


def test_an_endless_callback_stops_no_other_timer(shop: Owner) -> None:
    slow, called = Slow(), Event()
    shop.call(set_timeout, slow, 0)
    assert slow.began.wait(LONG)

    shop.call(set_timeout, called.set, SOON)

    assert called.wait(LONG)
    slow.let_go.set()


def test_a_plugin_keeps_no_more_threads_busy_than_its_share(
    scheduler: ThreadScheduler, shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    share, called = scheduler._workers.share, Event()
    slow = [Slow() for _ in range(share + 3)]
    for each in slow:
        shop.call(set_timeout, each, 0)
    for each in slow[:share]:
        assert each.began.wait(LONG)

    Timed("billing", scheduler).call(set_timeout, called.set, 0)

    assert called.wait(LONG)
    assert not any(each.began.is_set() for each in slow[share:])
    assert eventually(lambda: caplog.messages)
    assert caplog.messages == [
        f"plugin 'shop' keeps {share} threads busy with callbacks of timers; its other timers wait"
    ]
    for each in slow:
        each.let_go.set()
    for each in slow[share:]:
        assert each.ended.wait(LONG)


def test_what_waits_for_a_thread_when_the_scheduler_is_closed_is_not_called(
    scheduler: ThreadScheduler, shop: Owner
) -> None:
    share = scheduler._workers.share
    slow = [Slow() for _ in range(share + 1)]
    timers = [shop.call(set_timeout, each, 0) for each in slow]
    for each in slow[:share]:
        assert each.began.wait(LONG)

    scheduler.grace = 0.01
    scheduler.close()
    for each in slow:
        each.let_go.set()

    assert eventually(lambda: not any(timer.enabled for timer in timers))
    assert not slow[-1].began.is_set()


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, ValueError])
def test_what_a_callback_raises_ends_no_thread(
    shop: Owner, error: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    twice = Event()

    def fail() -> None:
        if timer.errors:
            twice.set()
        raise error

    timer = shop.call(set_interval, fail, 0.01)

    assert twice.wait(LONG)
    timer.cancel()
    told = "PluginExit" if error is SystemExit else error.__name__
    assert f"raised {told} (1 so far)" in caplog.text


def test_an_error_of_the_host_itself_ends_no_thread(
    shop: Owner, scheduler: ThreadScheduler, caplog: pytest.LogCaptureFixture
) -> None:
    class Refusing(Watchers):
        def dropped(self, resource: Resource) -> None:
            raise SystemExit

    shop.scope.watchers = Refusing()

    shop.call(set_timeout, print, 0)

    assert eventually(lambda: "plugin 'shop': a timer failed" in caplog.text)
    assert eventually(lambda: scheduler._workers._idle == 1)
    shop.scope.watchers = Watchers()


def test_closing_ends_all_threads(shop: Owner, scheduler: ThreadScheduler) -> None:
    ran = Event()

    async def tick() -> None:
        ran.set()

    timer = shop.call(set_interval, tick, SOON)
    assert ran.wait(LONG)

    scheduler.close()

    assert threads_of_timers() == []
    assert not timer.enabled


def test_a_callback_can_close_its_scheduler(shop: Owner, scheduler: ThreadScheduler) -> None:
    closed = Event()

    def close() -> None:
        scheduler.close()
        closed.set()

    shop.call(set_interval, close, SOON)

    assert closed.wait(LONG)


def test_threads_without_work_end_and_come_again_when_there_is_some() -> None:
    scheduler = ThreadScheduler(idle=0.01)
    shop, called = Timed("shop", scheduler), Event()
    shop.call(set_timeout, called.set, 0)
    assert called.wait(LONG)

    for thread in threads_of_timers():
        thread.join(LONG)
    assert threads_of_timers() == []

    called.clear()
    shop.call(set_timeout, called.set, 0)
    assert called.wait(LONG)
    scheduler.close()


def test_an_idle_worker_keeps_nothing_of_what_it_called(scheduler: ThreadScheduler) -> None:
    shop, called = Timed("shop", scheduler), Event()
    shop.call(set_timeout, called.set, 0)
    assert called.wait(LONG)
    gone = weakref.ref(shop)

    shop.scope.close()
    del shop

    assert eventually(lambda: (gc.collect(), gone() is None)[1])


def test_the_threads_are_nobodys_whoever_sets_the_first_timer(
    shop: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    started_by: list[Owner | None] = []
    start = Thread.start

    def noted(thread: Thread) -> None:
        started_by.append(current_owner())
        start(thread)

    monkeypatch.setattr(Thread, "start", noted)
    ran = Event()

    async def tick() -> None:
        ran.set()

    shop.call(set_timeout, tick, 0)

    assert ran.wait(LONG)
    assert started_by == [None, None, None]


def test_owners_without_a_host_share_the_scheduler_of_the_process() -> None:
    assert Owner("shop").scheduler is DEFAULT


# giving back what runs


def in_thread(function: Callable[[], object]) -> Thread:
    thread = Thread(target=function)
    thread.start()
    return thread


def test_dk40_giving_back_waits_for_the_callback_that_runs(shop: Owner) -> None:
    slow = Slow()
    shop.call(set_interval, slow, SOON)
    assert slow.began.wait(LONG)

    closing = in_thread(shop.scope.close)
    closing.join(0.05)
    assert closing.is_alive()
    slow.let_go.set()
    closing.join(LONG)

    assert not closing.is_alive()
    assert slow.ended.is_set()


def test_who_comes_second_waits_as_well(shop: Owner) -> None:
    slow = Slow()
    timer = shop.call(set_interval, slow, SOON)
    assert slow.began.wait(LONG)

    both = [in_thread(timer.cancel), in_thread(shop.scope.close)]
    for thread in both:
        thread.join(0.05)
    assert all(thread.is_alive() for thread in both)
    slow.let_go.set()
    for thread in both:
        thread.join(LONG)

    assert slow.ended.is_set()


def test_no_callback_is_waited_for_longer_than_the_grace(
    shop: Owner, scheduler: ThreadScheduler, caplog: pytest.LogCaptureFixture
) -> None:
    slow = Slow()
    scheduler.grace = 0.01
    timer = shop.call(set_interval, slow, SOON)
    assert slow.began.wait(LONG)

    shop.scope.close()

    assert timer.left_behind
    assert timer.is_running
    assert "still runs after 0.01 s and is left behind" in caplog.text
    slow.let_go.set()


def test_a_callback_does_not_wait_for_itself(shop: Owner) -> None:
    ended = Event()

    def end() -> None:
        shop.scope.close()
        ended.set()

    timer = shop.call(set_interval, end, SOON)

    assert ended.wait(LONG)
    assert timer.calls == 1
    assert not timer.left_behind


def test_two_callbacks_that_give_back_each_other_do_not_wait_for_each_other(shop: Owner) -> None:
    both_run = threading.Barrier(2)
    ended = [Event(), Event()]

    def end(other: int) -> None:
        both_run.wait(LONG)
        timers[other].cancel()
        ended[other].set()

    timers = [shop.call(set_timeout, lambda: end(1), 0), shop.call(set_timeout, lambda: end(0), 0)]

    assert all(each.wait(LONG) for each in ended)
    assert not any(timer.left_behind for timer in timers)


def test_nothing_is_called_once_giving_back_has_returned(scheduler: ThreadScheduler) -> None:
    for _ in range(200):
        state = SimpleNamespace(open=True, late=0)

        def tick(state: SimpleNamespace = state) -> None:
            state.late += not state.open

        shop = Timed("shop", scheduler)
        for _ in range(5):
            shop.call(set_interval, tick, SOON)
        Event().wait(SOON)
        shop.scope.close()
        state.open = False
        assert state.late == 0


# coroutines beside threads


def test_a_coroutine_is_cancelled_when_its_timer_is_given_back(shop: Owner) -> None:
    began, ended = Event(), Event()

    async def poll() -> None:
        began.set()
        try:
            await asyncio.sleep(LATER)
        finally:
            ended.set()

    timer = shop.call(set_interval, poll, SOON)
    assert began.wait(LONG)

    shop.scope.close()

    assert ended.is_set()
    assert timer.errors == 0


def test_a_coroutine_is_cancelled_once_however_many_give_back_its_timer(shop: Owner) -> None:
    began, is_ending, go_on, ended = Event(), Event(), Event(), Event()

    async def poll() -> None:
        began.set()
        try:
            await asyncio.sleep(LATER)
        finally:
            is_ending.set()
            await asyncio.to_thread(go_on.wait, LONG)
            ended.set()

    timer = shop.call(set_interval, poll, SOON)
    assert began.wait(LONG)
    first = in_thread(timer.cancel)
    assert is_ending.wait(LONG)
    second = in_thread(timer.cancel)
    second.join(0.05)

    assert second.is_alive()
    go_on.set()
    first.join(LONG)
    second.join(LONG)
    assert ended.is_set()


def test_a_loop_does_not_wait_for_a_coroutine_that_it_has_not_begun() -> None:
    ran: list[int] = []

    async def poll() -> None:
        ran.append(1)

    async def main() -> Timer:
        scheduler = ThreadScheduler(asyncio.get_running_loop())
        timer = Timed("shop", scheduler).call(set_timeout, poll, 0)
        # The loop stands still meanwhile.
        assert eventually(lambda: timer._call is not None and timer._call._thread == 0)

        timer.cancel()
        await asyncio.to_thread(scheduler.close)
        return timer

    timer = asyncio.run(main())
    assert ran == []
    assert not timer.left_behind


def test_a_coroutine_can_give_back_its_own_timer_and_goes_on(shop: Owner) -> None:
    ended = Event()

    async def poll() -> None:
        shop.scope.close()
        await asyncio.sleep(0)
        ended.set()

    timer = shop.call(set_interval, poll, SOON)

    assert ended.wait(LONG)
    assert timer.calls == 1


def test_coroutines_run_on_the_loop_of_the_host(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> object:
        here = asyncio.get_running_loop()
        ran_in = here.create_future()
        scheduler = ThreadScheduler(here)

        async def poll() -> None:
            ran_in.set_result(asyncio.get_running_loop())

        timer = Timed("shop", scheduler).call(set_timeout, poll, 0)
        loop = await asyncio.wait_for(ran_in, LONG)
        await asyncio.sleep(0)
        timer.cancel()
        await asyncio.to_thread(scheduler.close)
        return loop is here

    assert asyncio.run(main()) is True


def test_a_loop_of_the_host_that_is_closed_is_an_error_of_each_call(
    caplog: pytest.LogCaptureFixture,
) -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    scheduler, failed = ThreadScheduler(loop), Event()

    async def poll() -> None: ...

    def watch() -> None:
        if timer.errors:
            failed.set()

    shop = Timed("shop", scheduler)
    timer = shop.call(set_interval, poll, SOON)
    shop.call(set_interval, watch, SOON)

    assert failed.wait(LONG)
    scheduler.close()
    assert "raised RuntimeError" in caplog.text


def test_a_task_that_ends_the_loop_of_the_timers_ends_no_timer(
    shop: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    again = Event()
    calls: list[int] = []

    async def poll() -> None:
        calls.append(1)
        if len(calls) == 1:
            leave = asyncio.get_running_loop()
            leave.call_soon(exit_now)
        if len(calls) > 2:
            again.set()

    def exit_now() -> None:
        raise SystemExit

    shop.call(set_interval, poll, 0.01)

    assert again.wait(LONG)
    shop.scope.close()
    assert "the loop for coroutines of timers was ended" in caplog.text


# on a loop


def run_on_loop(main: Callable[[LoopScheduler, Owner], Any]) -> Any:
    async def run() -> Any:
        scheduler = LoopScheduler()
        result = await asyncio.wait_for(main(scheduler, Timed("shop", scheduler)), LONG)
        scheduler.close()
        return result

    return asyncio.run(run(), debug=True)


def test_a_host_in_asyncio_needs_no_thread() -> None:
    async def main(_: LoopScheduler, shop: Owner) -> object:
        here: list[tuple[Thread, Owner | None]] = []
        twice = asyncio.Event()

        def tick() -> None:
            here.append((threading.current_thread(), current_owner()))
            if len(here) == 2:
                twice.set()

        timer = shop.call(set_interval, tick, SOON)
        await twice.wait()
        timer.cancel()
        return {who for _, who in here} == {shop} and {t for t, _ in here}

    assert run_on_loop(main) == {threading.main_thread()}
    assert threads_of_timers() == []


def test_on_a_loop_a_coroutine_is_a_task_of_it_and_cancelled_at_the_end() -> None:
    async def main(_: LoopScheduler, shop: Owner) -> object:
        began, ended = asyncio.Event(), asyncio.Event()

        async def poll() -> None:
            began.set()
            try:
                await asyncio.sleep(LATER)
            finally:
                await asyncio.sleep(0)
                ended.set()

        timer = shop.call(set_interval, poll, SOON)
        await began.wait()
        shop.scope.close()
        await ended.wait()
        return timer.errors

    assert run_on_loop(main) == 0


def test_a_loop_takes_timers_from_other_threads() -> None:
    async def main(_: LoopScheduler, shop: Owner) -> object:
        called = asyncio.Event()
        shop.call(set_timeout, print, LATER)
        await asyncio.to_thread(shop.call, set_timeout, called.set, SOON)
        await called.wait()
        shop.scope.close()
        return True

    assert run_on_loop(main)


def test_other_threads_wait_for_what_a_loop_calls() -> None:
    slow = Slow()

    async def main(_: LoopScheduler, shop: Owner) -> object:
        timer = shop.call(set_timeout, slow, SOON)

        def cancel() -> bool:
            assert slow.began.wait(LONG)
            threading.Timer(0.02, slow.let_go.set).start()
            timer.cancel()
            return slow.ended.is_set()

        return await asyncio.to_thread(cancel)

    assert run_on_loop(main) is True


def test_on_a_loop_errors_are_counted_and_the_interval_lives_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main(_: LoopScheduler, shop: Owner) -> object:
        twice = asyncio.Event()

        def fail() -> None:
            if timer.errors:
                twice.set()
            raise SystemExit

        timer = shop.call(set_interval, fail, SOON)
        await twice.wait()
        timer.cancel()
        return timer.last_error

    assert isinstance(run_on_loop(main), PluginExit)


def test_a_loop_scheduler_leaves_no_handle_behind() -> None:
    async def main(scheduler: LoopScheduler, shop: Owner) -> object:
        shop.call(set_timeout, print, LATER)
        scheduler.close()
        return scheduler._handle

    assert run_on_loop(main) is None


def test_without_a_running_loop_there_is_no_loop_scheduler() -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        LoopScheduler()


# the end of the process, and the beginning of another


def run_script(body: str, before: str = "") -> subprocess.CompletedProcess[str]:
    imports = "import os, time\nfrom hotplug.host.timers import set_timeout, set_interval\n"
    script = before + imports + body
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
    )


@pytest.mark.parametrize(
    "body",
    [
        "set_interval(print, 1000)",
        "set_timeout(lambda: time.sleep(1000), 0); time.sleep(0.2)",
        "def endless():\n  while True: pass\nset_timeout(endless, 0); time.sleep(0.2)",
        "import asyncio; set_timeout(lambda: asyncio.sleep(1000), 0); time.sleep(0.3)",
        "set_interval(lambda: print(end='.'), 0.001); time.sleep(0.1)",
        "import atexit\natexit.register(lambda: set_timeout(print, 5))",
    ],
)
def test_dk36_no_timer_keeps_the_process_from_ending(body: str) -> None:
    done = run_script(body + "\nprint('end')")

    assert done.returncode == 0
    assert done.stdout.endswith("end\n") or "." in done.stdout
    assert done.stderr == ""


def test_no_callback_begins_while_the_interpreter_goes_down() -> None:
    done = run_script(
        "set_interval(lambda: print('tick\\n', end='', flush=True), 0.01)\ntime.sleep(0.1)\n",
        before="import atexit, time\n"
        "atexit.register(lambda: (print('the end\\n', end='', flush=True), time.sleep(0.2)))\n",
    )
    before, end, after = done.stdout.partition("the end\n")

    assert before.startswith("tick\n")
    assert end
    assert after.count("tick") <= 1  # one that had begun


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_has_timers_of_its_own_only() -> None:
    done = run_script(
        "old = [set_interval(lambda: print('of the parent'), 0.2) for _ in range(3)]\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    new = set_interval(lambda: print('of the child', flush=True), 0.3)\n"
        "    old[0].cancel()\n"
        "    time.sleep(0.75)\n"
        "    os._exit(0)\n"
        "for timer in old: timer.cancel()\n"
        "os.waitpid(child, 0)\n"
    )

    assert done.stdout == "of the child\nof the child\n"


def test_a_timer_counts_as_left_behind_only_where_it_was_waited_for(shop: Owner) -> None:
    timer: Timer = shop.call(set_timeout, print, LATER)

    timer.cancel()

    assert not timer.left_behind
    assert not timer.is_running


def test_a_thread_that_the_system_refuses_is_asked_for_again(
    shop: Owner, scheduler: ThreadScheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = Event()
    shop.call(set_timeout, print, LATER)
    start, refusals = Thread.start, [1, 2]

    def refused(thread: Thread) -> None:
        if refusals:
            refusals.pop()
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(Thread, "start", refused)
    logging.getLogger("hotplug.host").disabled = True
    try:
        shop.call(set_timeout, called.set, 0)
        assert called.wait(LONG)
    finally:
        logging.getLogger("hotplug.host").disabled = False
