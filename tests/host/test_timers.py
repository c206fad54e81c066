"""Timers of an owner, on a clock that stands still until the test lets time pass."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref
from collections.abc import Callable
from contextvars import ContextVar
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from hotplug.errors import PluginGone, PluginStateError
from hotplug.host.owner import APPLICATION, Owner, current_owner
from hotplug.host.scheduler import Scheduler
from hotplug.host.timers import Timer, set_interval, set_timeout
from hotplug.testing.clock import FakeClock


class Timed(Owner):
    """As a plugin in a host: its host says who calls its timers."""

    __slots__ = ("_scheduler",)

    def __init__(self, name: str, scheduler: Scheduler) -> None:
        super().__init__(name)
        self._scheduler = scheduler

    @property
    def scheduler(self) -> Scheduler:
        return self._scheduler


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def shop(clock: FakeClock) -> Owner:
    """A plugin that is enabled."""
    owner = Timed("shop", clock)
    owner.scope.open()
    return owner


@pytest.fixture
def calls(clock: FakeClock) -> Calls:
    return Calls(clock)


class Calls(list[float]):
    """A function that notes at what time it is called."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock

    def __call__(self) -> None:
        self.append(self.clock.monotonic())


def test_a_timeout_is_called_once_when_its_time_has_come(
    shop: Owner, clock: FakeClock, calls: Calls
) -> None:
    shop.call(set_timeout, calls, 5)

    clock.advance(4.9)
    assert calls == []
    clock.advance(20)
    assert calls == [5]


def test_an_interval_is_called_again_and_again(shop: Owner, clock: FakeClock, calls: Calls) -> None:
    timer = shop.call(set_interval, calls, 10)

    clock.advance(35)

    assert calls == [10, 20, 30]
    assert timer.calls == 3


def test_a_cancelled_timer_is_not_called(shop: Owner, clock: FakeClock, calls: Calls) -> None:
    timeout, interval = shop.call(set_timeout, calls, 5), shop.call(set_interval, calls, 10)

    timeout.cancel()
    clock.advance(10)
    interval.cancel()
    clock.advance(50)

    assert calls == [10]
    assert not interval.enabled


def test_timers_are_called_in_the_order_in_which_they_are_due(
    shop: Owner, clock: FakeClock
) -> None:
    order: list[str] = []
    for name, seconds in (("c", 3), ("a", 1), ("b", 2), ("also c", 3)):
        shop.call(set_timeout, partial(order.append, name), seconds)

    clock.advance(3)

    assert order == ["a", "b", "c", "also c"]


def test_a_timer_set_by_a_timer_is_called_in_its_turn(
    shop: Owner, clock: FakeClock, calls: Calls
) -> None:
    shop.call(set_timeout, lambda: set_timeout(calls, 2), 1)

    clock.advance(10)

    assert calls == [3]


def test_the_callback_runs_as_its_owner(shop: Owner, clock: FakeClock) -> None:
    ran_as: list[Owner | None] = []
    shop.call(set_timeout, lambda: ran_as.append(current_owner()), 1)

    Owner("billing").call(clock.advance, 1)

    assert ran_as == [shop]


def test_a_callback_does_not_see_what_another_left_in_its_context(
    shop: Owner, clock: FakeClock
) -> None:
    user: ContextVar[str] = ContextVar("user", default="nobody")
    seen: list[str] = []

    def log_in() -> None:
        seen.append(user.get())
        user.set("Ada")

    shop.call(set_interval, log_in, 1)
    clock.advance(2)

    assert seen == ["nobody", "nobody"]


# staged, live, over


def test_dk24_a_timer_set_before_enabling_counts_from_then(clock: FakeClock, calls: Calls) -> None:
    shop = Timed("shop", clock)
    shop.call(set_interval, calls, 10)
    clock.advance(100)
    assert calls == []

    shop.scope.open()
    clock.advance(10)

    assert calls == [110]


def test_dk24_a_staged_timer_of_a_plugin_that_is_never_enabled_is_given_back(
    clock: FakeClock, calls: Calls
) -> None:
    shop = Timed("shop", clock)
    timer = shop.call(set_interval, calls, 10)

    shop.scope.close()
    clock.advance(100)

    assert calls == []
    assert not timer.enabled


def test_nothing_is_called_after_the_scope_is_closed(
    shop: Owner, clock: FakeClock, calls: Calls
) -> None:
    shop.call(set_timeout, calls, 5)
    shop.call(set_interval, calls, 10)

    shop.scope.close()
    clock.advance(100)

    assert calls == []
    assert clock.waiting == 0


def test_dk40_a_life_that_is_over_cannot_set_timers(shop: Owner, calls: Calls) -> None:
    shop.scope.close()

    with pytest.raises(PluginGone, match=r"plugin 'shop' .* cannot set a timer"):
        shop.call(set_timeout, calls, 1)


def test_dk40_a_callback_that_disables_its_plugin_can_arm_nothing_new(
    shop: Owner, clock: FakeClock, calls: Calls
) -> None:
    def end() -> None:
        shop.scope.close()
        set_timeout(calls, 1)

    timer = shop.call(set_timeout, end, 1)
    clock.advance(10)

    assert calls == []
    assert isinstance(timer.last_error, PluginGone)


def test_a_timer_can_give_itself_back(shop: Owner, clock: FakeClock, calls: Calls) -> None:
    def once() -> None:
        calls()
        timer.cancel()

    timer = shop.call(set_interval, once, 1)
    clock.advance(5)

    assert calls == [1]
    assert clock.waiting == 0


def test_a_timer_that_gives_back_one_due_at_the_same_time_keeps_it_from_being_called(
    shop: Owner, clock: FakeClock, calls: Calls
) -> None:
    def cancel_other() -> None:
        other.cancel()

    shop.call(set_timeout, cancel_other, 1)
    other: Timer = shop.call(set_timeout, calls, 1)

    clock.advance(1)

    assert calls == []


def test_dk38_finished_and_cancelled_timers_leave_the_scope(
    shop: Owner, clock: FakeClock, calls: Calls
) -> None:
    for _ in range(200):
        shop.call(set_timeout, calls, 1)
        shop.call(set_timeout, calls, 1000).cancel()

    clock.advance(1)

    assert len(calls) == 200
    assert list(shop.scope) == []


def test_ten_thousand_timers_that_were_cancelled_leave_nothing(
    shop: Owner, clock: FakeClock, calls: Calls
) -> None:
    kept = shop.call(set_interval, calls, 5)
    functions = [Calls(clock) for _ in range(10_000)]
    timers = [shop.call(set_timeout, each, 1000 + at) for at, each in enumerate(functions)]
    alive = [weakref.ref(each) for each in functions]

    del functions
    for timer in timers:
        timer.cancel()

    assert [each for each in alive if each() is not None] == []
    assert len(clock._order) <= 2
    assert list(shop.scope) == [kept]


def test_the_owner_of_a_cancelled_timer_can_be_collected(clock: FakeClock) -> None:
    shop = Timed("shop", clock)
    shop.scope.open()
    held = [shop]
    timer = shop.call(set_interval, held.clear, 5)
    gone = weakref.ref(shop)

    timer.cancel()
    del shop, held, timer
    gc.collect()

    assert gone() is None


# drift and missed times


def test_dk41_an_interval_does_not_drift(shop: Owner, clock: FakeClock, calls: Calls) -> None:
    def slow() -> None:
        calls()
        clock.advance(3)

    shop.call(set_interval, slow, 10)
    clock.advance(45)

    assert calls == [10, 20, 30, 40]


def test_times_missed_while_the_callback_ran_are_skipped_and_counted(
    shop: Owner, clock: FakeClock, calls: Calls
) -> None:
    def slow_at_first() -> None:
        calls()
        if len(calls) == 1:
            clock.advance(25)  # misses 20 and 30

    timer = shop.call(set_interval, slow_at_first, 10)
    clock.advance(10)
    clock.advance(25)

    assert calls == [10, 40, 50, 60]
    assert timer.missed == 2


def test_a_callback_that_takes_just_as_long_as_the_interval_misses_nothing(
    shop: Owner, clock: FakeClock, calls: Calls
) -> None:
    def slow() -> None:
        calls()
        if len(calls) < 3:
            clock.advance(10)

    timer = shop.call(set_interval, slow, 10)
    clock.advance(30)

    assert calls == [10, 20, 30]
    assert timer.missed == 0


# errors


@pytest.mark.parametrize("error", [ValueError("no beans"), GeneratorExit()])
def test_dk39_an_interval_lives_on_when_its_callback_raises(
    shop: Owner, clock: FakeClock, caplog: pytest.LogCaptureFixture, error: BaseException
) -> None:
    def fail() -> None:
        raise error

    timer = shop.call(set_interval, fail, 1)
    clock.advance(3)

    assert timer.errors == 3
    assert timer.last_error is error
    assert timer.enabled
    (record, *_) = caplog.records
    assert record.getMessage() == (
        f"plugin 'shop': the timer every 1 s from {timer.where} raised "
        f"{type(error).__name__} (1 so far)"
    )
    assert record.exc_info is not None
    assert record.exc_info[1] is error


def test_the_user_can_interrupt_what_a_timer_does_in_the_main_thread(
    shop: Owner, clock: FakeClock, calls: Calls
) -> None:
    def interrupted() -> None:
        calls()
        raise KeyboardInterrupt

    timer = shop.call(set_interval, interrupted, 1)
    with pytest.raises(KeyboardInterrupt):
        clock.advance(1)

    with pytest.raises(KeyboardInterrupt):
        clock.advance(1)
    assert timer.errors == 2


def test_a_timeout_that_raises_is_over(shop: Owner, clock: FakeClock) -> None:
    timer = shop.call(set_timeout, lambda: 1 / 0, 1)

    clock.advance(1)

    assert isinstance(timer.last_error, ZeroDivisionError)
    assert list(shop.scope) == []


def test_an_error_of_one_timer_keeps_no_other(shop: Owner, clock: FakeClock, calls: Calls) -> None:
    shop.call(set_timeout, lambda: 1 / 0, 1)
    shop.call(set_timeout, calls, 1)

    clock.advance(1)

    assert calls == [1]


# coroutines


def test_dk43_a_coroutine_function_is_awaited(shop: Owner, clock: FakeClock) -> None:
    ran_as: list[Owner | None] = []

    async def poll() -> None:
        await asyncio.sleep(0)
        ran_as.append(current_owner())

    shop.call(set_interval, poll, 1)
    clock.advance(2)

    assert ran_as == [shop, shop]


def test_dk43_so_is_what_any_other_function_returns(
    shop: Owner, clock: FakeClock, calls: Calls
) -> None:
    async def poll() -> None:
        calls()

    shop.call(set_timeout, partial(poll), 1)
    clock.advance(1)

    assert calls == [1]


def test_a_coroutine_that_raises_is_counted(
    shop: Owner, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    async def poll() -> None:
        raise ValueError("no beans")

    timer = shop.call(set_interval, poll, 1)
    clock.advance(2)

    assert timer.errors == 2
    assert "raised ValueError" in caplog.text


def test_a_coroutine_runs_as_a_task_where_a_loop_runs(clock: FakeClock, shop: Owner) -> None:
    async def main() -> list[object]:
        ran_in: list[object] = []

        async def poll() -> None:
            ran_in.append(asyncio.get_running_loop())

        shop.call(set_timeout, poll, 1)
        clock.advance(1)
        await asyncio.sleep(0)
        return [loop is asyncio.get_running_loop() for loop in ran_in]

    assert asyncio.run(main()) == [True]


# what can be refused is refused at once


@pytest.mark.parametrize(
    ("seconds", "error"),
    [
        ("x", TypeError),
        ("5", TypeError),
        (None, TypeError),
        (True, TypeError),
        (Decimal(1), TypeError),
        (float("nan"), ValueError),
        (float("inf"), ValueError),
        (10**400, ValueError),
        (-1, ValueError),
        (-0.001, ValueError),
    ],
)
@pytest.mark.parametrize("setter", [set_timeout, set_interval])
def test_dk42_seconds_that_are_none_are_refused_at_once(
    shop: Owner, setter: Callable[..., Timer], seconds: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match=r"plugin 'shop' sets .*test_timers\.py:\d+\): .*takes seconds"):
        shop.call(setter, print, seconds)

    assert list(shop.scope) == []


def test_dk42_an_interval_without_rest_is_refused(shop: Owner) -> None:
    with pytest.raises(ValueError, match=r"an interval takes seconds, at least 0\.001"):
        shop.call(set_interval, print, 0)


def test_a_timeout_of_no_time_is_called_soon(shop: Owner, clock: FakeClock, calls: Calls) -> None:
    shop.call(set_timeout, calls, 0)

    assert calls == []
    clock.advance(0)
    assert calls == [0]


@pytest.mark.parametrize(
    ("callback", "message"),
    [(5, "first the function, then the seconds"), (None, "it takes a function to call")],
)
def test_dk42_what_cannot_be_called_is_refused_at_once(
    shop: Owner, callback: Any, message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        shop.call(set_timeout, callback, 5)


def test_dk42_a_coroutine_in_place_of_its_function_is_refused(shop: Owner) -> None:
    async def poll() -> None: ...

    coroutine: Any = poll()
    with pytest.raises(TypeError, match="it takes poll itself, not the coroutine of a call of it"):
        shop.call(set_timeout, coroutine, 5)
    coroutine.close()


# what one sees of a timer


def test_a_timer_says_what_it_is_and_where_it_was_set(shop: Owner) -> None:
    timeout, interval = shop.call(set_timeout, print, 5), shop.call(set_interval, print, 0.5)

    line = test_a_timer_says_what_it_is_and_where_it_was_set.__code__.co_firstlineno + 1
    assert repr(timeout) == f"<timer after 5 s of plugin 'shop' from {__file__}:{line}>"
    assert repr(interval) == f"<timer every 0.5 s of plugin 'shop' from {__file__}:{line}>"
    assert timeout.kind == "timer"


def test_a_timer_can_be_added_by_hand(shop: Owner, clock: FakeClock, calls: Calls) -> None:
    shop.scope.add(Timer(shop, calls, 1, repeats=True))

    clock.advance(2)

    assert calls == [1, 2]


def test_outside_a_plugin_a_timer_is_the_applications_own() -> None:
    timer = set_timeout(print, 1000)

    assert timer.owner is APPLICATION
    assert "of the application" in repr(timer)
    timer.cancel()
    assert timer not in APPLICATION.scope


def test_a_closed_scheduler_gives_back_its_timers_and_takes_no_more(
    shop: Owner, clock: FakeClock, calls: Calls
) -> None:
    timer = shop.call(set_interval, calls, 1)

    clock.close()

    assert not timer.enabled
    clock.advance(5)
    assert calls == []
    with pytest.raises(
        PluginStateError, match="plugin 'shop' sets a timer, and its scheduler is closed"
    ):
        shop.call(set_timeout, calls, 1)
    assert list(shop.scope) == []


def test_a_timer_that_sets_itself_for_now_ends_a_test(shop: Owner, clock: FakeClock) -> None:
    def again() -> None:
        set_timeout(again, 0)

    shop.call(set_timeout, again, 0)

    with pytest.raises(RuntimeError, match="is it a loop"):
        clock.advance(1)


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_time_does_not_pass_backwards(clock: FakeClock, seconds: float) -> None:
    with pytest.raises(ValueError, match="time cannot pass by"):
        clock.advance(seconds)


def test_a_message_is_logged_once_per_error(
    shop: Owner, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    shop.call(set_timeout, lambda: 1 / 0, 1)

    clock.advance(1)

    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.name == "hotplug.host"
