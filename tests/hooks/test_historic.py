"""Historic hooks: a call that plugins registered later still receive."""

import gc
import threading
import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from hotplug import (
    HookErrors,
    HookFailure,
    HookimplMarker,
    HookSpecError,
    HookspecMarker,
    PluginManager,
    PluginValidationError,
)

pytestmark = pytest.mark.usefixtures("form")

hookspec = HookspecMarker("park")
hookimpl = HookimplMarker("park")

Function = Callable[..., object]


class Specs:
    @hookspec(historic=True)
    def opened(self, hour: int) -> Any: ...

    @hookspec(historic=True)
    def closed(self, hour: int, *, reason: str = "night") -> Any: ...

    @hookspec(historic=True, history=2)
    def weather(self, report: str) -> Any: ...

    @hookspec
    def visitors(self) -> Any: ...


Manager = PluginManager[Specs]


def manager() -> Manager:
    return PluginManager("park", Specs)


class Plugin:
    """Implements these hooks with these functions."""

    def __init__(self, **functions: Function) -> None:
        vars(self).update({hook: hookimpl(function) for hook, function in functions.items()})


def noting(seen: list[int]) -> Function:
    """An implementation of `opened` that notes the hours."""

    def opened(hour: int) -> None:
        seen.append(hour)

    return opened


# now and later


def test_a_historic_call_reaches_who_is_there() -> None:
    seen: list[int] = []
    pm = manager()
    pm.register(Plugin(opened=noting(seen)))

    pm.hook.opened.call_historic({"hour": 9})

    assert seen == [9]


def test_a_plugin_registered_later_receives_the_calls_that_it_has_missed_in_their_order() -> None:
    seen: list[int] = []
    pm = manager()
    for hour in (9, 10, 11):
        pm.hook.opened.call_historic({"hour": hour})

    pm.register(Plugin(opened=noting(seen)))

    assert seen == [9, 10, 11]


def test_calls_of_several_hooks_are_replayed_in_the_order_in_which_they_were_made() -> None:
    seen: list[object] = []
    pm = manager()
    pm.hook.opened.call_historic({"hour": 9})
    pm.hook.closed.call_historic({"hour": 18})
    pm.hook.opened.call_historic({"hour": 10})

    pm.register(
        Plugin(
            closed=lambda hour: seen.append(("closed", hour)),
            opened=lambda hour: seen.append(("opened", hour)),
        )
    )

    assert seen == [("opened", 9), ("closed", 18), ("opened", 10)]


def test_each_plugin_receives_each_call_exactly_once() -> None:
    seen: list[str] = []

    def named(name: str) -> Plugin:
        return Plugin(opened=lambda hour: seen.append(f"{name} {hour}"))

    pm = manager()
    pm.register(named("a"))
    pm.hook.opened.call_historic({"hour": 9})
    pm.register(named("b"))
    pm.hook.opened.call_historic({"hour": 10})
    pm.register(named("c"))

    assert sorted(seen) == ["a 10", "a 9", "b 10", "b 9", "c 10", "c 9"]


def test_a_plugin_that_comes_back_receives_only_what_it_has_missed() -> None:
    seen: list[int] = []
    pm = manager()
    watcher = Plugin(opened=noting(seen))
    pm.register(watcher)
    pm.hook.opened.call_historic({"hour": 9})
    pm.unregister(watcher)
    pm.hook.opened.call_historic({"hour": 10})

    pm.register(watcher)

    assert seen == [9, 10]


def test_a_plugin_that_comes_back_after_a_replay_is_not_told_again() -> None:
    seen: list[int] = []
    pm = manager()
    pm.hook.opened.call_historic({"hour": 9})
    watcher = Plugin(opened=noting(seen))

    for name in ("one", "two", "three"):
        pm.register(watcher, name)
        pm.unregister(watcher)

    assert seen == [9]


def test_another_object_of_the_same_class_is_told_everything() -> None:
    seen: list[object] = []

    class Watcher:
        @hookimpl
        def opened(self, hour: int) -> None:
            seen.append((self, hour))

    pm = manager()
    pm.hook.opened.call_historic({"hour": 9})
    first, second = Watcher(), Watcher()
    pm.register(first)
    pm.unregister(first)
    pm.register(second)

    assert seen == [(first, 9), (second, 9)]


def test_a_plugin_that_cannot_be_referenced_weakly_is_told_everything_again() -> None:
    """Nothing could tell later that it is the same object, without keeping it alive."""
    seen: list[int] = []
    pm = manager()
    pm.hook.opened.call_historic({"hour": 9})
    watcher = SimpleNamespace(opened=hookimpl(noting(seen)))

    pm.register(watcher)
    pm.unregister(watcher)
    pm.register(watcher)

    assert seen == [9, 9]


def test_a_call_without_plugins_is_remembered_too() -> None:
    pm = manager()

    assert pm.hook.opened.call_historic({"hour": 9}) is None  # type: ignore[func-returns-value]

    seen: list[int] = []
    pm.register(Plugin(opened=noting(seen)))
    assert seen == [9]


def test_an_optional_plugin_receives_calls_made_after_its_hook_was_declared() -> None:
    seen: list[int] = []
    pm: PluginManager[Any] = PluginManager("park")
    optional = hookimpl(optional=True)
    pm.register(SimpleNamespace(opened=optional(noting(seen))))
    pm.add_hookspecs(Specs)

    pm.hook.opened.call_historic({"hour": 9})

    assert seen == [9]


# the arguments


def test_defaults_are_filled_in_for_replays_too() -> None:
    seen: list[object] = []
    pm = manager()
    pm.hook.closed.call_historic({"hour": 18})

    pm.register(Plugin(closed=lambda hour, reason: seen.append((hour, reason))))

    assert seen == [(18, "night")]


def test_a_replay_gives_each_implementation_the_arguments_that_it_wants() -> None:
    seen: list[object] = []

    def by_name(*, reason: str) -> None:
        seen.append(reason)

    def all_of_them(**everything: object) -> None:
        seen.append(everything)

    pm = manager()
    pm.hook.closed.call_historic({"hour": 18, "reason": "storm"})
    pm.register(Plugin(closed=by_name))
    pm.register(Plugin(closed=all_of_them))

    assert seen == ["storm", {"hour": 18, "reason": "storm"}]


def test_a_replay_has_the_arguments_as_they_were_at_the_call() -> None:
    seen: list[int] = []
    pm = manager()
    kwargs = {"hour": 9}
    pm.hook.opened.call_historic(kwargs)
    kwargs["hour"] = 10

    pm.register(Plugin(opened=noting(seen)))

    assert seen == [9]


def test_one_implementation_does_not_change_the_arguments_of_the_next() -> None:
    seen: list[int] = []

    def spoils(**everything: object) -> None:
        everything.clear()

    pm = manager()
    pm.register(Plugin(closed=spoils))
    pm.hook.closed.call_historic({"hour": 18})
    pm.register(Plugin(closed=spoils))
    pm.register(Plugin(closed=noting(seen)))

    assert seen == [18]


@pytest.mark.parametrize("kwargs", [{}, {"hor": 9}, {"hour": 9, "minute": 1}])
def test_wrong_arguments_are_refused_and_not_remembered(kwargs: dict[str, int]) -> None:
    seen: list[int] = []
    pm = manager()

    with pytest.raises(TypeError, match=r"opened\(\)"):
        pm.hook.opened.call_historic(kwargs)

    pm.register(Plugin(opened=noting(seen)))
    assert seen == []


def test_a_hook_without_arguments_is_called_without() -> None:
    class Bare:
        @hookspec(historic=True)
        def started(self) -> None: ...

    seen: list[str] = []
    pm: PluginManager[Any] = PluginManager("park", Bare)
    pm.hook.started.call_historic()

    pm.register(Plugin(started=lambda: seen.append("started")))

    assert seen == ["started"]


@pytest.mark.parametrize("name", ["callback", "result_callback", "kwargs", "args", "call"])
def test_an_argument_may_have_any_name(name: str) -> None:
    scope: dict[str, Any] = {}
    seen: list[object] = []
    exec(f"def told({name}): seen.append({name})", {"seen": seen}, scope)
    mark: Any = hookspec
    pm: PluginManager[Any] = PluginManager("park")
    pm.add_hookspecs(SimpleNamespace(told=mark(historic=True)(scope["told"])))
    pm.register(Plugin(told=scope["told"]))

    pm.hook.told.call_historic({name: 1})

    assert seen == [1]


# the callback


def test_the_callback_is_told_each_result_that_is_not_none() -> None:
    told: list[object] = []
    pm = manager()
    for result in (1, None, 0, ""):
        pm.register(Plugin(opened=answering(result)))

    pm.hook.opened.call_historic({"hour": 9}, result_callback=told.append)

    assert told == [1, 0, ""]


def answering(result: object) -> Function:
    return lambda: result


def test_the_callback_is_told_the_results_of_replays() -> None:
    told: list[object] = []
    pm = manager()
    pm.hook.opened.call_historic({"hour": 9}, result_callback=told.append)

    pm.register(Plugin(opened=lambda hour: f"late for {hour}"))
    pm.register(Plugin(opened=lambda: None))

    assert told == ["late for 9"]


def test_each_call_has_its_own_callback() -> None:
    first: list[object] = []
    second: list[object] = []
    pm = manager()
    pm.hook.opened.call_historic({"hour": 9}, result_callback=first.append)
    pm.hook.opened.call_historic({"hour": 10}, result_callback=second.append)
    pm.hook.opened.call_historic({"hour": 11})

    pm.register(Plugin(opened=lambda hour: hour))

    assert (first, second) == ([9], [10])


def test_the_callback_hears_from_many_plugins() -> None:
    told: list[object] = []
    pm = manager()
    for at in range(60):
        pm.register(Plugin(opened=answering(at)))

    pm.hook.opened.call_historic({"hour": 9}, result_callback=told.append)

    assert told == [*range(60)]


def test_an_error_of_the_callback_is_raised_and_is_no_plugins_fault() -> None:
    def fails(result: object) -> None:
        raise LookupError("callback")

    pm = manager()
    pm.register(Plugin(opened=lambda hour: hour))

    with pytest.raises(LookupError, match="callback") as caught:
        pm.hook.opened.call_historic({"hour": 9}, result_callback=fails)

    assert not hasattr(caught.value, "__notes__")


# bounded and clearable


def test_a_bounded_history_keeps_the_latest_calls() -> None:
    seen: list[str] = []

    def weather(report: str) -> None:
        seen.append(report)

    pm = manager()
    for report in ("rain", "fog", "sun"):
        pm.hook.weather.call_historic({"report": report})

    pm.register(Plugin(weather=weather))

    assert seen == ["fog", "sun"]


def test_a_cleared_history_is_not_replayed() -> None:
    seen: list[int] = []
    pm = manager()
    pm.hook.opened.call_historic({"hour": 9})
    pm.hook.opened.clear_history()
    pm.hook.opened.call_historic({"hour": 10})

    pm.register(Plugin(opened=noting(seen)))

    assert seen == [10]


def test_a_plugin_that_comes_back_after_a_clearing_is_told_what_it_has_missed_since() -> None:
    seen: list[int] = []
    pm = manager()
    watcher = Plugin(opened=noting(seen))
    pm.register(watcher)
    pm.hook.opened.call_historic({"hour": 9})
    pm.hook.opened.clear_history()
    pm.unregister(watcher)
    pm.hook.opened.call_historic({"hour": 10})

    pm.register(watcher)

    assert seen == [9, 10]


def test_a_cleared_history_lets_go_of_arguments_and_callbacks() -> None:
    class Report: ...

    pm = manager()
    report: Any = Report()
    watched = weakref.ref(report)
    pm.hook.weather.call_historic({"report": report})
    del report

    pm.hook.weather.clear_history()
    gc.collect()

    assert watched() is None


@pytest.mark.parametrize("length", [0, -1])
def test_the_length_of_a_history_is_positive(length: int) -> None:
    class Bad:
        @hookspec(historic=True, history=length)
        def opened(self) -> None: ...

    with pytest.raises(HookSpecError, match="history"):
        PluginManager("park", Bad)


def test_only_historic_hooks_have_a_history() -> None:
    mark: Any = hookspec
    bad = SimpleNamespace(opened=mark(history=3)(lambda hour: None))

    with pytest.raises(HookSpecError, match="historic=True"):
        PluginManager("park").add_hookspecs(bad)


# what a historic hook is not


@pytest.mark.parametrize("other", ["firstresult", "pipeline"])
def test_a_hook_is_not_historic_and_something_else(other: str) -> None:
    mark: Any = hookspec

    bad = SimpleNamespace(
        fine=hookspec(lambda: None),
        opened=mark(historic=True, **{other: True})(lambda hour: None),
    )
    pm: PluginManager[Any] = PluginManager("park")
    with pytest.raises(ValueError, match="cannot be") as caught:
        pm.add_hookspecs(bad)

    assert isinstance(caught.value, HookSpecError)
    assert not hasattr(pm.hook, "fine")


def test_a_historic_hook_takes_no_wrapper() -> None:
    def opened() -> Any:
        yield

    pm = manager()
    with pytest.raises(PluginValidationError, match="historic hooks take none"):
        pm.register(SimpleNamespace(opened=hookimpl(wrapper=True)(opened)))

    assert pm.plugin_names() == []


# calls within calls


def test_a_nested_historic_call_comes_after_the_one_it_was_made_in() -> None:
    seen: list[int] = []
    pm = manager()

    def opened(hour: int) -> None:
        if hour == 9:
            pm.hook.opened.call_historic({"hour": 10})

    pm.register(Plugin(opened=opened))
    pm.hook.opened.call_historic({"hour": 9})

    pm.register(Plugin(opened=noting(seen)))

    assert seen == [9, 10]


def test_a_call_made_during_a_replay_reaches_everyone_once() -> None:
    seen: list[str] = []
    pm = manager()

    def early(hour: int) -> None:
        seen.append(f"early {hour}")

    def late(hour: int) -> None:
        seen.append(f"late {hour}")
        if hour == 9:
            pm.hook.opened.call_historic({"hour": 10})

    pm.register(Plugin(opened=early))
    pm.hook.opened.call_historic({"hour": 9})
    pm.register(Plugin(opened=late))

    assert sorted(seen) == ["early 10", "early 9", "late 10", "late 9"]


def test_a_plugin_registered_during_a_historic_call_receives_that_call_once() -> None:
    seen: list[str] = []
    pm = manager()

    def opened(hour: int) -> None:
        seen.append(f"first {hour}")
        pm.register(Plugin(opened=lambda hour: seen.append(f"second {hour}")), "second")

    pm.register(Plugin(opened=opened))
    pm.hook.opened.call_historic({"hour": 9})

    assert seen == ["first 9", "second 9"]


def test_a_plugin_registered_in_a_callback_receives_the_call_once() -> None:
    seen: list[int] = []
    pm = manager()
    pm.register(Plugin(opened=lambda hour: hour))

    pm.hook.opened.call_historic(
        {"hour": 9},
        result_callback=lambda _: pm.register(Plugin(opened=noting(seen))),
    )

    assert seen == [9]


def test_a_plugin_unregistered_by_its_own_replay_receives_no_more() -> None:
    seen: list[int] = []
    pm = manager()
    for hour in (9, 10):
        pm.hook.opened.call_historic({"hour": hour})

    def opened(hour: int) -> None:
        seen.append(hour)
        pm.unregister("shy")

    pm.register(Plugin(opened=opened), "shy")

    assert seen[0] == 9
    assert not pm.has_plugin("shy")


# errors


def failing(hour: int) -> None:
    raise ValueError(f"not at {hour}")


def test_an_error_in_a_historic_call_names_its_plugin_and_the_call_is_remembered() -> None:
    seen: list[int] = []
    pm = manager()
    pm.register(Plugin(opened=failing), "broken")

    with pytest.raises(ValueError, match="not at 9") as caught:
        pm.hook.opened.call_historic({"hour": 9})

    assert caught.value.__notes__ == ["hook 'opened': raised by plugin 'broken'"]
    pm.register(Plugin(opened=noting(seen)))
    assert seen == [9]


def test_a_failed_replay_is_reported_and_the_plugin_stays() -> None:
    pm = manager()
    pm.hook.opened.call_historic({"hour": 9})
    pm.hook.opened.call_historic({"hour": 10})

    with pytest.raises(HookErrors, match="plugin 'broken' is registered, but raised") as caught:
        pm.register(Plugin(opened=failing, visitors=lambda: 5), "broken")

    assert [str(error) for error in caught.value.exceptions] == ["not at 9", "not at 10"]
    for error in caught.value.exceptions:
        assert error.__notes__ == ["hook 'opened': raised by plugin 'broken'"]
    assert pm.has_plugin("broken")
    assert pm.hook.visitors() == [5]


def test_a_failed_replay_does_not_keep_the_later_ones() -> None:
    seen: list[int] = []

    def fails_once(hour: int) -> None:
        seen.append(hour)
        if hour == 9:
            raise ValueError

    pm = manager()
    for hour in (9, 10):
        pm.hook.opened.call_historic({"hour": hour})

    with pytest.raises(HookErrors, match="1 of 2"):
        pm.register(Plugin(opened=fails_once))

    assert seen == [9, 10]


def test_a_plugin_whose_replay_failed_is_not_told_again_when_it_comes_back() -> None:
    seen: list[int] = []

    def opened(hour: int) -> None:
        seen.append(hour)
        raise ValueError

    pm = manager()
    pm.hook.opened.call_historic({"hour": 9})
    broken = Plugin(opened=opened)
    with pytest.raises(HookErrors):
        pm.register(broken)
    pm.unregister(broken)

    pm.register(broken)

    assert seen == [9]


def test_a_failed_replay_under_skip_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    pm: PluginManager[Specs] = PluginManager("park", Specs, policy="skip")
    pm.hook.opened.call_historic({"hour": 9})

    assert pm.register(Plugin(opened=failing), "broken") == "broken"

    (record,) = caplog.records
    assert "'opened'" in record.getMessage()
    assert "'broken'" in record.getMessage()


def test_a_policy_function_answers_for_a_failed_replay() -> None:
    told: list[object] = []

    def policy(failure: HookFailure) -> object:
        return f"{failure.plugin_name} on {failure.hook}: {failure.error}"

    pm: PluginManager[Specs] = PluginManager("park", Specs, policy=policy)
    pm.hook.opened.call_historic({"hour": 9}, result_callback=told.append)

    pm.register(Plugin(opened=failing), "broken")

    assert told == ["broken on opened: not at 9"]


def test_an_interrupt_in_a_replay_is_raised_at_once_and_the_plugin_stays() -> None:
    def opened(hour: int) -> None:
        raise KeyboardInterrupt

    pm = manager()
    pm.hook.opened.call_historic({"hour": 9})

    with pytest.raises(KeyboardInterrupt):
        pm.register(Plugin(opened=opened), "broken")

    assert pm.has_plugin("broken")


# the lock


def test_a_replay_runs_outside_the_lock() -> None:
    pm = manager()
    pm.hook.opened.call_historic({"hour": 9})

    def opened(hour: int) -> None:
        other = threading.Thread(target=pm.register, args=(Plugin(visitors=lambda: 1), "other"))
        other.start()
        other.join(timeout=30)
        assert not other.is_alive()

    pm.register(Plugin(opened=opened))

    assert pm.has_plugin("other")


def test_a_callback_runs_outside_the_lock() -> None:
    pm = manager()

    def callback(result: object) -> None:
        other = threading.Thread(target=pm.register, args=(Plugin(visitors=lambda: 1),))
        other.start()
        other.join(timeout=30)
        assert not other.is_alive()

    pm.register(Plugin(opened=lambda hour: hour))
    pm.hook.opened.call_historic({"hour": 9}, result_callback=callback)
    pm.register(Plugin(opened=lambda hour: hour))

    assert len(pm.get_plugins()) == 4


def test_calls_and_registrations_in_threads_lose_nothing_and_repeat_nothing() -> None:
    pm = manager()
    seen: list[list[int]] = [[] for _ in range(20)]
    barrier = threading.Barrier(2)

    def calling() -> None:
        barrier.wait()
        for hour in range(100):
            pm.hook.opened.call_historic({"hour": hour})

    thread = threading.Thread(target=calling)
    thread.start()
    barrier.wait()
    for at in range(20):
        pm.register(Plugin(opened=noting(seen[at])))
    thread.join()

    assert [sorted(each) for each in seen] == [[*range(100)]] * 20
