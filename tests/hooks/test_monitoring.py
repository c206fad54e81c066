"""Watching hook calls: before and after, as a trace, and by the clock."""

import contextlib
import gc
import weakref
from collections.abc import Callable, Generator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from hotplug import (
    HookErrors,
    HookImpl,
    HookimplMarker,
    HookspecMarker,
    Outcome,
    PluginManager,
)

pytestmark = pytest.mark.usefixtures("form")

hookspec = HookspecMarker("port")
hookimpl = HookimplMarker("port")

Function = Callable[..., object]


class Specs:
    @hookspec
    def dock(self, ship: str, berth: int = 1) -> Any: ...

    @hookspec(firstresult=True)
    def pilot(self, ship: str) -> Any: ...

    @hookspec(pipeline=True)
    def load(self, cargo: str) -> Any: ...

    @hookspec(historic=True)
    def opened(self, ship: str) -> Any: ...


Manager = PluginManager[Specs]


def plugin(**functions: Function) -> SimpleNamespace:
    return SimpleNamespace(**{hook: hookimpl(function) for hook, function in functions.items()})


def manager(**plugins: SimpleNamespace) -> Manager:
    pm = PluginManager("port", Specs)
    for name, each in plugins.items():
        pm.register(each, name)
    return pm


def fails() -> object:
    raise ValueError("aground")


class Log:
    """Remembers what the watching functions are told."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str, list[str], dict[str, Any]]] = []
        self.outcomes: list[Outcome] = []

    def note(
        self, what: str, hook: str, items: Sequence[HookImpl], kwargs: Mapping[str, Any]
    ) -> None:
        self.entries.append((what, hook, [item.plugin_name for item in items], dict(kwargs)))

    def before(self, hook: str, items: Sequence[HookImpl], kwargs: Mapping[str, Any]) -> None:
        self.note("before", hook, items, kwargs)

    def after(
        self, outcome: Outcome, hook: str, items: Sequence[HookImpl], kwargs: Mapping[str, Any]
    ) -> None:
        self.note("after", hook, items, kwargs)
        self.outcomes.append(outcome)

    def results(self) -> list[Any]:
        return [outcome.get_result() for outcome in self.outcomes]


@pytest.fixture
def log() -> Log:
    return Log()


# before and after


def test_every_call_is_told_before_and_after(log: Log) -> None:
    pm = manager(a=plugin(dock=lambda ship: ship), b=plugin(dock=lambda: None))
    pm.add_hookcall_monitoring(log.before, log.after)

    assert pm.hook.dock(ship="Argo") == ["Argo"]

    arguments = {"ship": "Argo", "berth": 1}
    assert log.entries == [
        ("before", "dock", ["a", "b"], arguments),
        ("after", "dock", ["a", "b"], arguments),
    ]
    assert log.results() == [["Argo"]]
    assert log.outcomes[0].get_result() == ["Argo"]


def test_every_mode_is_watched(log: Log) -> None:
    pm = manager(a=plugin(pilot=lambda: 1, load=lambda cargo: cargo + "!"))
    pm.add_hookcall_monitoring(log.before, log.after)

    assert pm.hook.pilot(ship="Argo") == 1
    assert pm.hook.load(cargo="tea") == "tea!"

    assert log.results() == [1, "tea!"]


def test_watching_changes_no_result(log: Log) -> None:
    pm = manager(a=plugin(dock=lambda: None, pilot=lambda: None, load=lambda cargo: None))
    pm.add_hookcall_monitoring(log.before, log.after)

    assert pm.hook.dock(ship="Argo") == []
    assert pm.hook.pilot(ship="Argo") is None
    assert pm.hook.load(cargo="tea") == "tea"


def test_an_error_is_an_outcome_and_is_raised_as_it_is(log: Log) -> None:
    pm = manager(a=plugin(dock=fails))
    pm.add_hookcall_monitoring(log.before, log.after)

    with pytest.raises(ValueError, match="aground") as caught:
        pm.hook.dock(ship="Argo")

    (outcome,) = log.outcomes
    assert outcome.error is caught.value
    with pytest.raises(ValueError, match="aground"):
        outcome.get_result()
    assert caught.value.__notes__ == ["hook 'dock': raised by plugin 'a'"]


def test_the_outcome_is_what_wrappers_make_of_it(log: Log) -> None:
    def wrap() -> Generator[None, Any, Any]:
        try:
            yield
        except ValueError:
            return ["towed"]

    pm = manager(a=plugin(dock=fails))
    pm.register(SimpleNamespace(dock=hookimpl(wrapper=True)(wrap)), "tug")
    pm.add_hookcall_monitoring(log.before, log.after)

    assert pm.hook.dock(ship="Argo") == ["towed"]
    assert log.results() == [["towed"]]
    assert log.entries[0][2] == ["tug", "a"]


def test_a_policy_is_at_work_before_the_outcome(log: Log) -> None:
    pm: PluginManager[Specs] = PluginManager("port", Specs, policy="collect")
    pm.register(plugin(dock=fails))
    pm.add_hookcall_monitoring(log.before, log.after)

    with pytest.raises(HookErrors):
        pm.hook.dock(ship="Argo")

    assert isinstance(log.outcomes[0].error, HookErrors)


def test_call_extra_is_watched_too(log: Log) -> None:
    pm = manager(a=plugin(dock=lambda: "a"))
    pm.add_hookcall_monitoring(log.before, log.after)

    assert pm.caller("dock").call_extra([lambda: "x"], {"ship": "Argo"}) == ["a", "x"]
    assert log.results() == [["a", "x"]]


def test_nested_calls_are_watched_inside_out(log: Log) -> None:
    pm = manager()
    pm.register(plugin(dock=lambda ship: pm.hook.pilot(ship=ship), pilot=lambda: "Tiphys"))
    pm.add_hookcall_monitoring(log.before, log.after)

    pm.hook.dock(ship="Argo")

    assert [(what, hook) for what, hook, _, _ in log.entries] == [
        ("before", "dock"),
        ("before", "pilot"),
        ("after", "pilot"),
        ("after", "dock"),
    ]


def test_watching_ends_when_one_says_so(log: Log) -> None:
    pm = manager(a=plugin(dock=lambda: "a"))
    stop = pm.add_hookcall_monitoring(log.before, log.after)
    pm.hook.dock(ship="Argo")

    stop()
    pm.hook.dock(ship="Argo")

    assert len(log.outcomes) == 1


def test_several_may_watch_and_each_ends_its_own(log: Log) -> None:
    other = Log()
    pm = manager(a=plugin(dock=lambda: "a"))
    stop = pm.add_hookcall_monitoring(log.before, log.after)
    pm.add_hookcall_monitoring(other.before, other.after)
    pm.hook.dock(ship="Argo")
    stop()
    pm.hook.dock(ship="Argo")

    assert (len(log.outcomes), len(other.outcomes)) == (1, 2)


def test_ending_twice_does_no_harm(log: Log) -> None:
    pm = manager(a=plugin(dock=lambda: "a"))
    stop = pm.add_hookcall_monitoring(log.before, log.after)
    stop()

    stop()

    assert pm.hook.dock(ship="Argo") == ["a"]


def test_ending_one_twice_does_not_end_the_other(log: Log) -> None:
    pm = manager(a=plugin(dock=lambda: "a"))
    stop = pm.add_hookcall_monitoring(log.before, log.after)
    pm.add_hookcall_monitoring(log.before, log.after)
    stop()
    stop()

    pm.hook.dock(ship="Argo")

    assert len(log.outcomes) == 1


def test_a_held_hook_is_watched_from_the_next_one_on(log: Log) -> None:
    pm = manager(a=plugin(dock=lambda: "a"))
    dock = pm.hook.dock
    for _ in range(3):
        dock(ship="Argo")

    stop = pm.add_hookcall_monitoring(log.before, log.after)
    for _ in range(3):
        dock(ship="Argo")
    stop()
    dock(ship="Argo")

    assert len(log.outcomes) == 3


def test_plugins_registered_later_are_watched_too(log: Log) -> None:
    pm = manager()
    pm.add_hookcall_monitoring(log.before, log.after)
    pm.hook.dock(ship="Argo")

    pm.register(plugin(dock=lambda: "a"), "a")
    pm.hook.dock(ship="Argo")

    assert log.results() == [[], ["a"]]


def test_an_unwatched_call_runs_the_same_code_as_before(log: Log) -> None:
    pm = manager(a=plugin(dock=lambda: "a"))
    dock = pm.caller("dock")
    for _ in range(3):
        dock(ship="Argo")
    before = dock.__code__.co_code

    pm.add_hookcall_monitoring(log.before, log.after)()
    for _ in range(3):
        dock(ship="Argo")

    assert dock.__code__.co_code == before


def test_a_view_is_watched(log: Log) -> None:
    pm = manager(a=plugin(dock=lambda: "a"), b=plugin(dock=lambda: "b"))
    view = pm.caller("dock").without("a")
    view(ship="Argo")
    pm.add_hookcall_monitoring(log.before, log.after)

    assert view(ship="Argo") == ["b"]
    assert log.entries[0][2] == ["b"]


def test_an_error_of_a_watching_function_is_nobodys_of_the_call() -> None:
    def fails_to_watch(*told: object) -> None:
        raise LookupError("watching")

    pm = manager(a=plugin(dock=lambda: "a"))
    stop = pm.add_hookcall_monitoring(fails_to_watch, lambda *told: None)
    with pytest.raises(LookupError, match="watching") as before:
        pm.hook.dock(ship="Argo")
    stop()
    pm.add_hookcall_monitoring(lambda *told: None, fails_to_watch)
    with pytest.raises(LookupError, match="watching") as after:
        pm.hook.dock(ship="Argo")

    for error in (before.value, after.value):
        assert "call_extra" not in "".join(getattr(error, "__notes__", []))


# a trace


def test_a_trace_is_a_line_for_each_call_and_each_result() -> None:
    lines: list[str] = []
    pm = manager(a=plugin(dock=lambda: "a"))
    pm.enable_tracing(lines.append)

    pm.hook.dock(ship="Argo")

    assert lines == ["dock(ship='Argo', berth=1)", "dock -> ['a']"]


def test_a_trace_indents_nested_calls() -> None:
    lines: list[str] = []
    pm = manager()
    pm.register(plugin(dock=lambda ship: pm.hook.pilot(ship=ship), pilot=lambda: "Tiphys"))
    pm.enable_tracing(lines.append)

    pm.hook.dock(ship="Argo")

    assert lines == [
        "dock(ship='Argo', berth=1)",
        "  pilot(ship='Argo')",
        "  pilot -> 'Tiphys'",
        "dock -> ['Tiphys']",
    ]


def test_a_trace_tells_errors_and_finds_back_to_the_margin() -> None:
    lines: list[str] = []
    pm = manager()
    pm.register(plugin(dock=lambda ship: pm.hook.pilot(ship=ship), pilot=fails))
    stop = pm.enable_tracing(lines.append)
    for _ in range(2):
        with contextlib.suppress(ValueError):
            pm.hook.dock(ship="Argo")
    stop()

    assert lines[:4] == [
        "dock(ship='Argo', berth=1)",
        "  pilot(ship='Argo')",
        "  pilot -> raised ValueError: aground",
        "dock -> raised ValueError: aground",
    ]
    assert lines[4:] == lines[:4]


def test_a_trace_is_printed_where_nothing_else_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    pm = manager(a=plugin(dock=lambda: "a"))
    pm.enable_tracing()

    pm.hook.dock(ship="Argo")

    assert capsys.readouterr().out == "dock(ship='Argo', berth=1)\ndock -> ['a']\n"


def test_a_trace_of_what_cannot_be_shown_does_not_break_the_call() -> None:
    class Shy:
        def __repr__(self) -> str:
            raise LookupError("not for your eyes")

    lines: list[str] = []
    shy: Any = Shy()
    pm = manager(a=plugin(dock=lambda ship: ship))
    pm.enable_tracing(lines.append)

    assert pm.hook.dock(ship=shy) == [shy]
    assert len(lines) == 2


# the clock


def test_timing_counts_calls_and_errors_of_each_plugin() -> None:
    pm = manager(a=plugin(dock=lambda: "a", pilot=lambda: None), b=plugin(pilot=fails))
    with pm.enable_timing() as timing:
        for _ in range(3):
            pm.hook.dock(ship="Argo")
        with pytest.raises(ValueError, match="aground"):
            pm.hook.pilot(ship="Argo")

    counted = {(row.plugin_name, row.hook): (row.calls, row.errors) for row in timing.rows}
    assert counted == {("a", "dock"): (3, 0), ("a", "pilot"): (1, 0), ("b", "pilot"): (1, 1)}
    assert all(row.seconds >= row.longest > 0 for row in timing.rows)


def test_timing_measures_no_more_after_its_stop_and_keeps_its_figures() -> None:
    pm = manager(a=plugin(dock=lambda: "a"))
    timing = pm.enable_timing()
    pm.hook.dock(ship="Argo")

    timing.stop()
    timing.stop()
    pm.hook.dock(ship="Argo")

    assert [row.calls for row in timing.rows] == [1]


def test_timing_is_a_table_for_people() -> None:
    pm = manager(a=plugin(dock=lambda: "a"))
    with pm.enable_timing() as timing:
        pm.hook.dock(ship="Argo")

    head, row = str(timing).splitlines()
    assert head.split() == ["plugin", "hook", "calls", "errors", "total", "ms", "max", "ms"]
    assert row.split()[:4] == ["a", "dock", "1", "0"]


def test_timing_measures_historic_calls_too() -> None:
    pm = manager(a=plugin(opened=lambda: None))
    with pm.enable_timing() as timing:
        pm.hook.opened.call_historic({"ship": "Argo"})

    assert [(row.hook, row.calls) for row in timing.rows] == [("opened", 1)]


def test_a_timed_error_keeps_its_plugin_and_type() -> None:
    pm = manager(a=plugin(dock=fails))
    pm.enable_timing()

    with pytest.raises(ValueError, match="aground") as caught:
        pm.hook.dock(ship="Argo")

    assert caught.value.__notes__ == ["hook 'dock': raised by plugin 'a'"]


def test_who_watched_is_freed_when_it_has_ended() -> None:
    pm = manager(a=plugin(dock=lambda: "a"))
    watcher = Log()
    stop = pm.add_hookcall_monitoring(watcher.before, watcher.after)
    pm.hook.dock(ship="Argo")
    watched = weakref.ref(watcher)

    stop()
    del watcher, stop
    gc.collect()

    assert watched() is None
