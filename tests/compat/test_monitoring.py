"""Watching calls: monitors, the function that runs all calls, and the trace."""

import enum
from collections.abc import Callable, Generator
from pathlib import PurePosixPath
from types import ModuleType, SimpleNamespace
from typing import Any, NoReturn

import pytest

Fixture = Callable[..., Any]


@pytest.fixture
def log() -> list[Any]:
    return []


@pytest.fixture
def watch(pm: Any, log: list[Any]) -> Fixture:
    """Add a monitor that notes under its name when it is run; returns what undoes that."""

    def add(name: str) -> Any:
        return pm.add_hookcall_monitoring(
            lambda *seen: log.append(f"{name} before"), lambda *seen: log.append(f"{name} after")
        )

    return add


@pytest.fixture
def seen(pm: Any) -> list[Any]:
    """What a monitor was told before and after each call."""
    told: list[Any] = []
    pm.add_hookcall_monitoring(lambda *before: told.append(before), lambda *_: None)
    return told


@pytest.fixture
def outcomes(pm: Any) -> list[Any]:
    """What each call came to, as a monitor is told."""
    told: list[Any] = []
    pm.add_hookcall_monitoring(lambda *_: None, lambda *after: told.append(after))
    return told


def fail(error: BaseException) -> NoReturn:
    raise error


# monitors


def test_a_monitor_runs_before_and_after_a_call(
    pm: Any, implement: Fixture, watch: Fixture, log: list[Any]
) -> None:
    watch("monitor")
    implement("serve", lambda: log.append("call"))

    pm.hook.serve()

    assert log == ["monitor before", "call", "monitor after"]


def test_a_monitor_is_told_the_hook_the_implementations_and_the_arguments(
    pm: Any, implement: Fixture, seen: list[Any], outcomes: list[Any]
) -> None:
    implement("serve", lambda guest: f"tea for {guest}")
    implement("serve", lambda: "cake")

    pm.hook.serve(guest="Ada")

    told = ("serve", pm.hook.serve.get_hookimpls(), {"guest": "Ada"})
    assert seen == [told]
    ((outcome, *after),) = outcomes
    assert tuple(after) == told
    assert outcome.get_result() == ["cake", "tea for Ada"]


def test_a_monitor_is_told_of_defaults_and_of_what_nobody_knows(
    pm: Any, specify: Fixture, seen: list[Any]
) -> None:
    specify("serve", lambda guest, cup="small": None)

    pm.hook.serve(guest="Ada", unknown=1)

    assert seen == [("serve", [], {"guest": "Ada", "cup": "small", "unknown": 1})]


def test_a_monitor_is_told_of_arguments_that_are_left_out_by_their_absence(
    pm: Any, specify: Fixture, seen: list[Any]
) -> None:
    specify("serve", lambda guest, cup: None)

    with pytest.warns(UserWarning, match="'guest'"):
        pm.hook.serve(cup="large")

    assert seen == [("serve", [], {"cup": "large"})]


def test_a_monitor_is_told_of_wrappers_as_of_implementations(
    pm: Any, implement: Fixture, seen: list[Any]
) -> None:
    def wrap() -> Generator[None, Any, Any]:
        return (yield)

    implement("serve", wrap, "wrapper", wrapper=True)
    implement("serve", lambda: "tea", "waiter")

    pm.hook.serve()

    ((_, items, _),) = seen
    assert [item.plugin_name for item in items] == ["waiter", "wrapper"]


def test_a_monitor_is_told_the_exception(
    library: ModuleType, pm: Any, implement: Fixture, outcomes: list[Any]
) -> None:
    error = ValueError("no tea")
    implement("serve", lambda: fail(error))

    with pytest.raises(ValueError, match="no tea"):
        pm.hook.serve()

    ((outcome, *_),) = outcomes
    assert type(outcome) is library.Result
    assert outcome.exception is error


def test_what_a_monitor_forces_is_what_the_caller_gets(pm: Any, implement: Fixture) -> None:
    implement("serve", lambda: "tea")
    pm.add_hookcall_monitoring(lambda *_: None, lambda outcome, *_: outcome.force_result("cake"))

    assert pm.hook.serve() == "cake"


def test_an_exception_of_a_monitor_ends_the_call(
    pm: Any, implement: Fixture, log: list[Any]
) -> None:
    implement("serve", lambda: log.append("call"))
    pm.add_hookcall_monitoring(
        lambda *_: fail(ValueError("no entry")), lambda *_: log.append("after")
    )

    with pytest.raises(ValueError, match="no entry"):
        pm.hook.serve()

    assert log == []


def test_the_newest_monitor_is_the_outermost(
    pm: Any, specify: Fixture, watch: Fixture, log: list[Any]
) -> None:
    specify("serve", lambda: None)
    watch("old")
    watch("new")

    pm.hook.serve()

    assert log == ["new before", "old before", "old after", "new after"]


def test_monitors_are_undone_newest_first(
    pm: Any, specify: Fixture, watch: Fixture, log: list[Any]
) -> None:
    specify("serve", lambda: None)
    undo_old, undo_new = watch("old"), watch("new")

    undo_new()
    pm.hook.serve()
    assert log == ["old before", "old after"]
    undo_old()
    pm.hook.serve()

    assert log == ["old before", "old after"]


def test_hooks_that_are_in_use_are_watched_and_left_in_peace_again(
    pm: Any, implement: Fixture, watch: Fixture, log: list[Any]
) -> None:
    a = implement("serve", lambda: "a")
    implement("serve", lambda: "b")
    serve, subset = pm.hook.serve, pm.subset_hook_caller("serve", [a])
    assert (serve(), subset()) == (["b", "a"], ["b"])

    undo = watch("monitor")
    assert (serve(), subset()) == (["b", "a"], ["b"])
    undo()
    assert (serve(), subset()) == (["b", "a"], ["b"])

    assert log == ["monitor before", "monitor after"] * 2


def test_a_monitor_is_told_of_extra_functions(pm: Any, implement: Fixture, seen: list[Any]) -> None:
    def extra() -> str:
        return "cake"

    implement("serve", lambda: "tea", "waiter")

    pm.hook.serve.call_extra([extra], {"guest": "Ada"})

    ((_, items, kwargs),) = seen
    assert [item.plugin_name for item in items] == ["waiter", "<temp>"]
    assert (items[-1].plugin, items[-1].function, kwargs) == (None, extra, {"guest": "Ada"})


def test_a_monitor_is_told_who_is_left_in_a_subset(
    pm: Any, implement: Fixture, seen: list[Any]
) -> None:
    a = implement("serve", lambda: "tea", "a")
    implement("serve", lambda: "tea", "b")

    pm.subset_hook_caller("serve", [a])()

    ((_, items, _),) = seen
    assert [item.plugin_name for item in items] == ["b"]


def test_a_monitor_sees_a_historic_call_and_each_replay(
    pm: Any, specify: Fixture, implement: Fixture, seen: list[Any]
) -> None:
    specify("opened", lambda at: None, historic=True)
    implement("opened", lambda: None, "a")

    pm.hook.opened.call_historic(kwargs={"at": 8})
    implement("opened", lambda: None, "b")

    names = [(hook, [item.plugin_name for item in items], kwargs) for hook, items, kwargs in seen]
    assert names == [("opened", ["a"], {"at": 8}), ("opened", ["b"], {"at": 8})]


# the function that runs all calls


def test_the_function_that_runs_calls_can_be_replaced(pm: Any, specify: Fixture) -> None:
    specify("serve", lambda guest, cup="small": None)
    specify("choose", lambda: None, firstresult=True)
    pm._inner_hookexec = lambda *given: given

    assert pm.hook.serve(guest="Ada") == ("serve", [], {"guest": "Ada", "cup": "small"}, False)
    assert pm.hook.choose() == ("choose", [], {}, True)


def test_the_function_that_ran_calls_before_does_the_work(
    pm: Any, implement: Fixture, log: list[Any]
) -> None:
    run = pm._inner_hookexec

    def note_and_run(name: str, items: Any, kwargs: Any, firstresult: bool) -> object:
        log.append(name)
        return run(name, items, kwargs, firstresult)

    implement("serve", lambda guest: guest)
    assert pm.hook.serve(guest="Ada") == ["Ada"]

    pm._inner_hookexec = note_and_run
    assert pm.hook.serve(guest="Ada") == ["Ada"]
    pm._inner_hookexec = run
    assert pm.hook.serve(guest="Ada") == ["Ada"]

    assert log == ["serve"]


def test_what_runs_the_calls_decides_who_takes_part(pm: Any, implement: Fixture) -> None:
    run = pm._inner_hookexec
    implement("serve", lambda guest: f"a: {guest}", "a")
    implement("serve", lambda guest: f"b: {guest}", "b")

    pm._inner_hookexec = lambda name, items, kwargs, firstresult: run(
        name, [item for item in items if item.plugin_name == "a"], {"guest": "Bob"}, True
    )

    assert pm.hook.serve(guest="Ada") == "a: Bob"


def test_what_runs_the_calls_may_want_the_first_result_only_or_all(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    specify("serve", lambda: None)
    specify("bring", lambda: None, firstresult=True)
    for hook in ("serve", "bring"):
        implement(hook, lambda: "a")
        implement(hook, lambda: "b")
    run = pm._inner_hookexec
    pm._inner_hookexec = lambda name, items, kwargs, firstresult: run(
        name, items, kwargs, not firstresult
    )

    assert (pm.hook.serve(), pm.hook.bring()) == ("b", ["b", "a"])


class Toast:
    """Stands in for an implementation, around it, and tells whose it is."""

    def __init__(self, item: Any) -> None:
        self.item = item

    def __getattr__(self, name: str) -> Any:
        return getattr(self.item, name)

    def function(self, *args: object) -> object:
        result = self.item.function(*args)
        return result if self.item.wrapper else f"{result}, says {self.item.plugin_name}"


def only_what_is_looked_at(item: Any) -> SimpleNamespace:
    """All that pluggy reads in a call, and nothing else."""
    names = ("argnames", "kwargnames", "hookwrapper", "wrapper")
    function = Toast(item).function
    return SimpleNamespace(function=function, **{name: getattr(item, name) for name in names})


@pytest.mark.parametrize("stand_in", [Toast, only_what_is_looked_at])
def test_what_runs_the_calls_may_have_others_stand_in_for_implementations(
    pm: Any, implement: Fixture, specify: Fixture, stand_in: Any
) -> None:
    def wrap(guest: str) -> Generator[None, Any, Any]:
        return [f"for {guest}", *(yield)]

    run = pm._inner_hookexec
    specify("opened", lambda at: None, historic=True)
    implement("serve", lambda guest: f"tea for {guest}", "waiter")
    implement("serve", lambda: "cake", "cook")
    implement("serve", wrap, wrapper=True)
    told: list[object] = []

    pm._inner_hookexec = lambda name, items, *rest: run(
        name, [stand_in(item) for item in items], *rest
    )
    pm.hook.opened.call_historic(told.append, {"at": 8})
    implement("opened", lambda at: at, "door")

    assert pm.hook.serve(guest="Ada") == ["for Ada", "cake, says cook", "tea for Ada, says waiter"]
    assert told == ["8, says door"]


@pytest.fixture
def logging_pm(library: ModuleType, log: list[Any]) -> Any:
    """A manager of a class that notes each call."""

    class Manager(library.PluginManager):  # type: ignore[name-defined,misc]
        def _hookexec(self, name: str, items: Any, kwargs: Any, firstresult: bool) -> object:
            log.append((name, [item.plugin_name for item in items], dict(kwargs), firstresult))
            return super()._hookexec(name, items, kwargs, firstresult)

    return Manager("cafe")


def test_a_class_of_managers_may_run_calls_in_its_own_way(
    logging_pm: Any, hookimpl: Any, hookspec: Any, log: list[Any]
) -> None:
    specs, plugin = ModuleType("specs"), ModuleType("waiter")
    vars(specs)["serve"] = hookspec(firstresult=True)(lambda guest: None)
    vars(plugin)["serve"] = hookimpl(lambda guest: f"tea for {guest}")
    logging_pm.add_hookspecs(specs)
    logging_pm.register(plugin)

    assert logging_pm.hook.serve(guest="Ada") == "tea for Ada"
    assert logging_pm.hook.serve.call_extra([lambda: "cake"], {"guest": "Ada"}) == "cake"
    assert log == [
        ("serve", ["waiter"], {"guest": "Ada"}, True),
        ("serve", ["waiter", "<temp>"], {"guest": "Ada"}, True),
    ]


def test_a_class_of_managers_that_runs_calls_in_its_own_way_has_monitors_too(
    logging_pm: Any, hookimpl: Any, log: list[Any]
) -> None:
    plugin = ModuleType("waiter")
    vars(plugin)["serve"] = hookimpl(lambda: "tea")
    logging_pm.register(plugin)
    logging_pm.add_hookcall_monitoring(
        lambda name, *_: log.append("before"), lambda *_: log.append("after")
    )

    assert logging_pm.hook.serve() == ["tea"]
    assert log == [("serve", ["waiter"], {}, False), "before", "after"]


def test_a_replaced_method_of_the_class_runs_calls(
    library: ModuleType, hookimpl: Any, log: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = library.PluginManager._hookexec

    def note_and_run(self: Any, name: str, *rest: Any) -> object:
        log.append(name)
        return run(self, name, *rest)

    monkeypatch.setattr(library.PluginManager, "_hookexec", note_and_run)
    pm, plugin = library.PluginManager("cafe"), ModuleType("waiter")
    vars(plugin)["serve"] = hookimpl(lambda: "tea")
    pm.register(plugin)

    assert pm.hook.serve() == ["tea"]
    assert log == ["serve"]


# tracing calls


@pytest.fixture
def lines(pm: Any) -> list[str]:
    """What the trace of the manager writes."""
    written: list[str] = []
    pm.trace.root.setwriter(written.append)
    return written


def test_a_traced_call_writes_its_arguments_and_its_result(
    pm: Any, implement: Fixture, lines: list[str]
) -> None:
    implement("serve", lambda guest: f"tea for {guest}")
    pm.enable_tracing()

    pm.hook.serve(guest="Ada", cups=3)

    assert lines == [
        "  serve [hook]\n      guest: Ada\n      cups: 3\n",
        "  finish serve --> ['tea for Ada'] [hook]\n",
    ]


def test_a_call_within_a_traced_call_is_written_further_in(
    pm: Any, implement: Fixture, lines: list[str]
) -> None:
    implement("greet", lambda: "hello")
    implement("serve", lambda: pm.hook.greet() or None)
    pm.enable_tracing()

    pm.hook.serve()

    assert lines == [
        "  serve [hook]\n",
        "    greet [hook]\n",
        "    finish greet --> ['hello'] [hook]\n",
        "  finish serve --> [['hello']] [hook]\n",
    ]


def test_a_traced_call_that_fails_writes_no_end_and_comes_back_out(
    pm: Any, implement: Fixture, lines: list[str]
) -> None:
    implement("serve", lambda: fail(ValueError("no tea")))
    pm.enable_tracing()

    with pytest.raises(ValueError, match="no tea"):
        pm.hook.serve()

    assert lines == ["  serve [hook]\n"]
    assert pm.trace.root.indent == 0


def test_tracing_can_be_undone(pm: Any, specify: Fixture, lines: list[str]) -> None:
    specify("serve", lambda: None)
    undo = pm.enable_tracing()

    undo()
    pm.hook.serve()

    assert lines == []


# the tree of traces


def test_a_trace_writes_what_it_is_told_with_its_tags(pm: Any, lines: list[str]) -> None:
    pm.trace("told", 1, "thing")
    pm.trace.get("more")("told")
    pm.trace.root.get("other")("told")

    assert lines == [
        "told 1 thing [pluginmanage]\n",
        "told [pluginmanage:more]\n",
        "told [other]\n",
    ]
    assert pm.trace.get("more").tags == ("pluginmanage", "more")


def test_a_trace_that_is_told_nothing_writes_nothing(pm: Any, lines: list[str]) -> None:
    pm.trace()

    assert lines == []


def test_a_trace_without_a_writer_keeps_quiet(pm: Any, lines: list[str]) -> None:
    pm.trace.root.setwriter(None)

    pm.trace("told")

    assert lines == []


def test_a_trace_is_indented_by_its_root(pm: Any, lines: list[str]) -> None:
    trace = pm.trace.get("more")

    trace.root.indent += 2
    trace("told", {"guest": "Ada"})

    assert lines == ["    told [pluginmanage:more]\n        guest: Ada\n"]


@pytest.mark.parametrize("tags", ["pluginmanage:more", ("pluginmanage", "more")])
def test_a_processor_gets_what_is_told_under_its_tags(
    pm: Any, log: list[Any], tags: str | tuple[str, ...]
) -> None:
    pm.trace.root.setprocessor(tags, lambda *told: log.append(told))

    pm.trace("not this")
    pm.trace.get("more")("this", 1)

    assert log == [(("pluginmanage", "more"), ("this", 1))]


def test_the_tags_of_a_processor_are_text_or_a_tuple(pm: Any) -> None:
    with pytest.raises(AssertionError):
        pm.trace.root.setprocessor(["pluginmanage"], print)


class Size(enum.IntEnum):
    SMALL = 1


class Lines:
    def __str__(self) -> str:
        return "one\rtwo\n"


class Cup(enum.StrEnum):
    LARGE = "large"


class Broken:
    def __str__(self) -> str:
        return fail(RuntimeError("no text"))


class BrokenPath(PurePosixPath):
    def __repr__(self) -> str:
        return fail(RuntimeError("no text"))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("word", " word"),
        ("two words", " 'two words'"),
        ("", " ''"),
        ("line\n", r" 'line\n'"),
        ("wörd", " wörd"),
        ("\ud800", r" '\ud800'"),
        (["\ud800"], r" ['\ud800']"),
        (3, " 3"),
        (Size.SMALL, " <Size.SMALL: 1>"),
        (Cup.LARGE, " <Cup.LARGE: 'large'>"),
        (PurePosixPath("/cafe"), " PurePosixPath('/cafe')"),
        ("one\ntwo", "\n      one\n      two"),
        ("one\r\ntwo", "\n      one\n      two"),
        pytest.param(Lines(), "\n      one\n      two", id="an object of lines"),
    ],
    ids=repr,
)
def test_a_trace_shows_a_value_so_that_it_can_be_told_from_others(
    pm: Any, lines: list[str], value: object, shown: str
) -> None:
    pm.trace("told", {"value": value})

    assert lines == [f"told [pluginmanage]\n    value:{shown}\n"]


def test_a_value_that_cannot_be_shown_is_described(pm: Any, lines: list[str]) -> None:
    pm.trace(Broken(), {"value": Broken(), "path": BrokenPath("/")})

    (text,) = lines
    assert text.count("<[RuntimeError('no text') raised in str()] Broken object at 0x") == 2
    assert "path: <[RuntimeError('no text') raised in repr()] BrokenPath object at 0x" in text


def test_a_traced_call_survives_values_that_cannot_be_shown(
    pm: Any, implement: Fixture, lines: list[str]
) -> None:
    guest = Broken()
    implement("serve", lambda guest: guest)
    pm.enable_tracing()

    assert pm.hook.serve(guest=guest) == [guest]
    assert len(lines) == 2


def test_an_interrupt_while_a_value_is_shown_is_not_swallowed(pm: Any, lines: list[str]) -> None:
    class InterruptsInTurn(Exception):
        def __repr__(self) -> str:
            return fail(KeyboardInterrupt())

    class Interrupts:
        def __init__(self, error: BaseException) -> None:
            self.error = error

        def __str__(self) -> str:
            return fail(self.error)

    for error in (KeyboardInterrupt(), InterruptsInTurn()):
        with pytest.raises(KeyboardInterrupt):
            pm.trace("told", {"value": Interrupts(error)})


def test_an_error_that_cannot_be_shown_is_named_by_its_kind(pm: Any, lines: list[str]) -> None:
    class Unspeakable(Exception):
        def __repr__(self) -> str:
            return fail(ValueError("no text"))

    class Speechless:
        def __str__(self) -> str:
            return fail(Unspeakable())

    pm.trace(Speechless())

    assert lines[0].startswith("<[unpresentable Unspeakable raised in str()] Speechless object")
