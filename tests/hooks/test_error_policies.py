"""Error policies: what a call does when implementations raise, and what everyone is told."""

import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass
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
)

pytestmark = pytest.mark.usefixtures("form")

hookspec = HookspecMarker("lab")
hookimpl = HookimplMarker("lab")

Function = Callable[..., object]
MANY = 60
"""More implementations than are called one by one."""


class Specs:
    @hookspec
    def measure(self, sample: str) -> Any: ...

    @hookspec(firstresult=True)
    def name(self, sample: str) -> Any: ...

    @hookspec(pipeline=True)
    def purify(self, sample: str) -> Any: ...

    @hookspec(historic=True)
    def opened(self, sample: str) -> Any: ...

    @hookspec(policy="collect")
    def weigh(self, sample: str) -> Any: ...

    @hookspec(policy="raise")
    def burn(self, sample: str) -> Any: ...


Manager = PluginManager[Specs]


def plugin(**functions: Function) -> SimpleNamespace:
    return SimpleNamespace(**{hook: hookimpl(function) for hook, function in functions.items()})


def manager(policy: Any = "raise", **plugins: SimpleNamespace) -> Manager:
    pm = PluginManager("lab", Specs, policy=policy)
    for name, each in plugins.items():
        pm.register(each, name)
    return pm


def gives(result: object) -> Function:
    return lambda: result


def raising(error: BaseException) -> Function:
    def raise_it() -> object:
        raise error

    return raise_it


def broken() -> object:
    raise ValueError("broken")


def notes(error: BaseException) -> list[str]:
    return getattr(error, "__notes__", [])


# raise


def test_by_default_the_first_error_ends_the_call() -> None:
    asked: list[str] = []
    pm = manager(a=plugin(measure=broken), b=plugin(measure=lambda: asked.append("b")))

    with pytest.raises(ValueError, match="broken"):
        pm.hook.measure(sample="salt")

    assert asked == []


def test_an_error_keeps_its_type_and_says_hook_and_plugin_in_a_note() -> None:
    error = KeyError("salt")
    pm = manager(a=plugin(measure=raising(error)))

    with pytest.raises(KeyError) as caught:
        pm.hook.measure(sample="salt")

    assert caught.value is error
    assert notes(error) == ["hook 'measure': raised by plugin 'a'"]


@pytest.mark.parametrize("at", [0, 1, 30, MANY - 1])
@pytest.mark.parametrize("hook", ["measure", "name", "purify"])
def test_the_note_names_the_right_one_of_many(hook: str, at: int) -> None:
    pm = manager()
    for number in range(MANY):
        function = broken if number == at else gives(None)
        taking = (lambda sample: broken()) if number == at else (lambda sample: None)
        pm.register(plugin(measure=function, name=function, purify=taking), f"p{number}")

    with pytest.raises(ValueError, match="broken") as caught:
        pm.caller(hook)(sample="salt")

    assert notes(caught.value) == [f"hook '{hook}': raised by plugin 'p{at}'"]


@pytest.mark.parametrize("at", [0, 1, 30, MANY - 1])
def test_the_note_names_the_right_one_of_many_that_differ(at: int) -> None:
    pm = manager()
    for number in range(MANY):
        function = broken if number == at else gives(None)
        if number % 2:
            pm.register(plugin(measure=function), f"p{number}")
        else:
            pm.register(plugin(measure=taking_all(function)), f"p{number}")

    with pytest.raises(ValueError, match="broken") as caught:
        pm.hook.measure(sample="salt")

    assert notes(caught.value) == [f"hook 'measure': raised by plugin 'p{at}'"]


def taking_all(function: Function) -> Function:
    def take(**everything: object) -> object:
        return function()

    return take


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_is_no_exception_says_whose_it_is_too(kind: type[BaseException]) -> None:
    pm = manager(a=plugin(measure=raising(kind())))

    with pytest.raises(kind) as caught:
        pm.hook.measure(sample="salt")

    assert notes(caught.value) == ["hook 'measure': raised by plugin 'a'"]


def test_collect_with_plugins_names_the_plugin_as_well() -> None:
    pm = manager(a=plugin(measure=gives(1)), b=plugin(measure=broken))

    with pytest.raises(ValueError, match="broken") as caught:
        pm.caller("measure").collect_with_plugins(sample="salt")

    assert notes(caught.value) == ["hook 'measure': raised by plugin 'b'"]


def test_an_exception_that_is_raised_again_and_again_has_one_note() -> None:
    error = ValueError("broken")
    pm = manager(a=plugin(measure=raising(error)))

    for _ in range(5):
        with pytest.raises(ValueError, match="broken"):
            pm.hook.measure(sample="salt")

    assert notes(error) == ["hook 'measure': raised by plugin 'a'"]


def test_notes_that_an_error_had_before_stay() -> None:
    error = ValueError("broken")
    error.add_note("on a Monday")
    pm = manager(a=plugin(measure=raising(error)))

    with pytest.raises(ValueError, match="broken"):
        pm.hook.measure(sample="salt")

    assert notes(error) == ["on a Monday", "hook 'measure': raised by plugin 'a'"]


def test_nested_hook_calls_each_add_a_note_innermost_first() -> None:
    pm = manager()
    pm.register(plugin(measure=lambda sample: pm.hook.name(sample=sample)), "outer")
    pm.register(plugin(name=broken), "inner")

    with pytest.raises(ValueError, match="broken") as caught:
        pm.hook.measure(sample="salt")

    assert notes(caught.value) == [
        "hook 'name': raised by plugin 'inner'",
        "hook 'measure': raised by plugin 'outer'",
    ]


def test_a_wrapper_that_lets_an_error_through_adds_no_note() -> None:
    def wrap() -> Generator[None, None, None]:
        yield

    def rewrap() -> Generator[None, None, None]:
        try:
            yield
        except ValueError:
            raise

    def stand_around(call_next: Function, sample: str) -> object:
        return call_next(sample)

    pm = manager(a=plugin(measure=broken))
    pm.register(SimpleNamespace(measure=hookimpl(wrapper=True)(wrap)), "w1")
    pm.register(SimpleNamespace(measure=hookimpl(around=True)(stand_around)), "w2")
    pm.register(SimpleNamespace(measure=hookimpl(wrapper=True)(rewrap)), "w3")

    with pytest.raises(ValueError, match="broken") as caught:
        pm.hook.measure(sample="salt")

    assert notes(caught.value) == ["hook 'measure': raised by plugin 'a'"]


@pytest.mark.parametrize("moment", ["setup", "teardown", "cleanup"])
def test_an_error_of_a_wrapper_names_the_wrapper(moment: str) -> None:
    def wrap() -> Generator[None, None, None]:
        if moment == "setup":
            raise LookupError
        try:
            yield
        finally:
            raise LookupError

    pm = manager(a=plugin(measure=broken if moment == "cleanup" else gives(1)))
    pm.register(SimpleNamespace(measure=hookimpl(wrapper=True)(wrap)), "wrapper")

    with pytest.raises(LookupError) as caught:
        pm.hook.measure(sample="salt")

    assert notes(caught.value) == ["hook 'measure': raised by plugin 'wrapper'"]


@dataclass(frozen=True)
class Frozen(Exception):
    """Takes no attributes, so it takes no notes."""

    code: int = 1


class OddNotes(Exception):
    __notes__: Any = None


class RaisingNotes(Exception):
    def add_note(self, note: str, /) -> None:
        raise RuntimeError("no notes")


@pytest.mark.parametrize("kind", [Frozen, OddNotes, RaisingNotes])
@pytest.mark.parametrize("wrapped", ["not", "wrapper", "around"])
def test_an_exception_that_takes_no_notes_is_raised_as_it_is(
    kind: type[Exception], wrapped: str
) -> None:
    def wrap() -> Generator[None, None, None]:
        yield

    def stand_around(call_next: Function, sample: str) -> object:
        return call_next(sample)

    error = kind()
    pm = manager(a=plugin(measure=raising(error)))
    if wrapped == "wrapper":
        pm.register(SimpleNamespace(measure=hookimpl(wrapper=True)(wrap)))
    elif wrapped == "around":
        pm.register(SimpleNamespace(measure=hookimpl(around=True)(stand_around)))
    measure = pm.caller("measure")
    ways: list[Callable[[], object]] = [
        lambda: measure(sample="x"),
        lambda: measure.collect_with_plugins(sample="x"),
        lambda: measure.call_extra([gives(1)], {"sample": "x"}),
    ]

    for call in ways:
        with pytest.raises(kind) as caught:
            call()
        assert caught.value is error
    with pytest.raises(HookErrors) as collected:
        measure.with_policy("collect")(sample="x")
    assert collected.value.exceptions == (error,)


# collect


def test_under_collect_the_others_finish_and_all_errors_are_raised_together() -> None:
    pm = manager(
        "collect",
        a=plugin(measure=gives(1)),
        b=plugin(measure=raising(ValueError("b"))),
        c=plugin(measure=gives(3)),
        d=plugin(measure=raising(KeyError("d"))),
    )

    with pytest.raises(HookErrors, match="hook 'measure': 2 implementations raised") as caught:
        pm.hook.measure(sample="salt")

    first, second = caught.value.exceptions
    assert (type(first), type(second)) == (ValueError, KeyError)
    assert notes(first) == ["hook 'measure': raised by plugin 'b'"]
    assert notes(second) == ["hook 'measure': raised by plugin 'd'"]
    assert caught.value.results == [1, 3]


def test_the_collected_errors_are_an_exception_group() -> None:
    pm = manager("collect", a=plugin(measure=broken))
    seen: list[object] = []

    try:
        pm.hook.measure(sample="salt")
    except* ValueError as group:
        seen += group.exceptions

    assert [str(error) for error in seen] == ["broken"]


def test_without_an_error_collect_changes_nothing() -> None:
    pm = manager("collect", a=plugin(measure=gives(1), name=gives(None), purify=lambda sample: "x"))

    assert pm.hook.measure(sample="salt") == [1]
    assert pm.hook.name(sample="salt") is None
    assert pm.hook.purify(sample="salt") == "x"


def test_under_collect_a_firstresult_hook_still_stops_at_an_answer() -> None:
    asked: list[str] = []
    pm = manager(
        "collect",
        a=plugin(name=broken),
        b=plugin(name=gives("salt")),
        c=plugin(name=lambda: asked.append("c")),
    )

    with pytest.raises(HookErrors) as caught:
        pm.hook.name(sample="NaCl")

    assert caught.value.results == "salt"
    assert asked == []


def test_under_collect_a_pipeline_goes_on_with_the_value_it_had() -> None:
    pm = manager(
        "collect",
        a=plugin(purify=lambda sample: sample + "a"),
        b=plugin(purify=lambda sample: broken()),
        c=plugin(purify=lambda sample: sample + "c"),
    )

    with pytest.raises(HookErrors) as caught:
        pm.hook.purify(sample="x")

    assert caught.value.results == "xac"


def test_under_collect_a_historic_call_reaches_everyone() -> None:
    told: list[object] = []
    pm = manager("collect", a=plugin(opened=broken), b=plugin(opened=gives("b")))

    with pytest.raises(HookErrors):
        pm.hook.opened.call_historic({"sample": "x"}, result_callback=told.append)

    assert told == ["b"]


def test_under_collect_results_come_with_plugins_where_asked() -> None:
    pm = manager("collect", a=plugin(measure=gives(1)), b=plugin(measure=broken))

    with pytest.raises(HookErrors) as caught:
        pm.caller("measure").collect_with_plugins(sample="salt")

    assert caught.value.results == [("a", 1)]


def test_under_collect_every_one_of_many_is_named() -> None:
    pm = manager("collect")
    for at in range(MANY):
        pm.register(plugin(measure=raising(ValueError(at))), f"p{at}")

    with pytest.raises(HookErrors) as caught:
        pm.hook.measure(sample="salt")

    assert [notes(error) for error in caught.value.exceptions] == [
        [f"hook 'measure': raised by plugin 'p{at}'"] for at in range(MANY)
    ]


def test_a_part_of_the_collected_errors_keeps_the_results() -> None:
    pm = manager("collect", a=plugin(measure=gives(1)), b=plugin(measure=broken))

    with pytest.raises(HookErrors) as caught:
        pm.hook.measure(sample="salt")

    part = caught.value.subgroup(ValueError)
    assert isinstance(part, HookErrors)
    assert part.results == [1]


# skip


def test_under_skip_who_raises_is_left_out_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    pm = manager("skip", a=plugin(measure=broken), b=plugin(measure=gives(2)))

    assert pm.hook.measure(sample="salt") == [2]

    (record,) = caplog.records
    assert (record.name, record.levelno) == ("hotplug.hooks", logging.ERROR)
    assert record.getMessage() == (
        "hook 'measure': plugin 'a' raised ValueError: broken; it is left out"
    )
    assert record.exc_info is not None
    assert record.exc_info[0] is ValueError


def test_under_skip_every_mode_does_without_the_one_that_raises() -> None:
    pm = manager(
        "skip",
        a=plugin(name=broken, purify=lambda sample: broken(), opened=broken),
        b=plugin(name=gives("b"), purify=lambda sample: sample + "b", opened=gives("b")),
    )
    told: list[object] = []

    assert pm.hook.name(sample="x") == "b"
    assert pm.hook.purify(sample="x") == "xb"
    pm.hook.opened.call_historic({"sample": "x"}, result_callback=told.append)
    assert told == ["b"]


def test_under_skip_a_call_where_all_raise_is_empty() -> None:
    pm = manager("skip", a=plugin(measure=broken, name=broken, purify=lambda sample: broken()))

    assert pm.hook.measure(sample="x") == []
    assert pm.hook.name(sample="x") is None
    assert pm.hook.purify(sample="x") == "x"


# a function


def test_a_policy_function_is_told_who_failed_where_and_how() -> None:
    failures: list[HookFailure] = []
    error = ValueError("broken")
    pm = manager(failures.append, a=plugin(measure=raising(error)))

    assert pm.hook.measure(sample="salt") == []
    assert failures == [HookFailure("measure", "a", error)]


def test_the_answer_of_a_policy_function_stands_for_the_result() -> None:
    pm = manager(
        lambda failure: f"no {failure.plugin_name}",
        a=plugin(measure=gives(1), name=broken, purify=lambda sample: broken()),
        b=plugin(measure=broken, purify=lambda sample: sample + "!"),
        c=plugin(measure=gives(3)),
    )

    assert pm.hook.measure(sample="x") == [1, "no b", 3]
    assert pm.hook.name(sample="x") == "no a"
    assert pm.hook.purify(sample="x") == "no a!"


def test_what_a_policy_function_raises_ends_the_call() -> None:
    def strict(failure: HookFailure) -> object:
        raise LookupError("enough") from failure.error

    asked: list[str] = []
    pm = manager(strict, a=plugin(measure=broken), b=plugin(measure=lambda: asked.append("b")))

    with pytest.raises(LookupError, match="enough") as caught:
        pm.hook.measure(sample="x")

    assert isinstance(caught.value.__cause__, ValueError)
    assert asked == []


def test_a_policy_function_may_raise_the_error_itself() -> None:
    def strict(failure: HookFailure) -> object:
        raise failure.error

    error = ValueError("broken")
    pm = manager(strict, a=plugin(measure=raising(error)))

    with pytest.raises(ValueError, match="broken") as caught:
        pm.hook.measure(sample="x")

    assert caught.value is error
    assert notes(error) == ["hook 'measure': raised by plugin 'a'"]


# what a policy does not cover


@pytest.mark.parametrize("policy", ["collect", "skip", lambda failure: 1])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_no_policy_covers_an_interrupt(policy: Any, kind: type[BaseException]) -> None:
    pm = manager(policy, a=plugin(measure=broken), b=plugin(measure=raising(kind())))

    with pytest.raises(kind) as caught:
        pm.hook.measure(sample="x")

    assert notes(caught.value) == ["hook 'measure': raised by plugin 'b'"]


@pytest.mark.parametrize("policy", ["collect", "skip", lambda failure: 1])
@pytest.mark.parametrize("moment", ["setup", "teardown"])
def test_no_policy_covers_the_errors_of_wrappers(policy: Any, moment: str) -> None:
    def wrap() -> Generator[None, None, None]:
        if moment == "setup":
            raise LookupError("wrapper")
        yield
        raise LookupError("wrapper")

    pm = manager(policy, a=plugin(measure=gives(1)))
    pm.register(SimpleNamespace(measure=hookimpl(wrapper=True)(wrap)), "wrapper")

    with pytest.raises(LookupError, match="wrapper"):
        pm.hook.measure(sample="x")


def test_no_policy_covers_the_errors_of_around_wrappers() -> None:
    def stand_around(call_next: Function, sample: str) -> object:
        call_next(sample)
        raise LookupError("around")

    pm = manager("skip", a=plugin(measure=gives(1)))
    pm.register(SimpleNamespace(measure=hookimpl(around=True)(stand_around)))

    with pytest.raises(LookupError, match="around"):
        pm.hook.measure(sample="x")


@pytest.mark.parametrize("policy", ["collect", "skip", lambda failure: 1])
def test_no_policy_covers_wrong_arguments(policy: Any) -> None:
    pm = manager(policy, a=plugin(measure=gives(1)))

    with pytest.raises(TypeError, match=r"measure\(\)"):
        pm.caller("measure")(smple="x")


def test_no_policy_covers_the_callback_of_a_historic_call() -> None:
    pm = manager("skip", a=plugin(opened=gives(1)))

    with pytest.raises(ValueError, match="callback"):
        pm.hook.opened.call_historic({"sample": "x"}, raising_with("callback"))


def raising_with(text: str) -> Callable[[object], object]:
    def callback(result: object) -> object:
        raise ValueError(text)

    return callback


# wrappers see what the policy leaves


def test_a_wrapper_sees_the_group_under_collect_and_may_swallow_it() -> None:
    seen: list[object] = []

    def wrap() -> Generator[None, Any, Any]:
        try:
            yield
        except HookErrors as error:
            seen.append(error.results)
            return error.results

    pm = manager("collect", a=plugin(measure=gives(1)), b=plugin(measure=broken))
    pm.register(SimpleNamespace(measure=hookimpl(wrapper=True)(wrap)))

    assert pm.hook.measure(sample="x") == [1]
    assert seen == [[1]]


def test_an_around_wrapper_sees_the_group_under_collect() -> None:
    def stand_around(call_next: Function, sample: str) -> object:
        try:
            return call_next(sample)
        except HookErrors as error:
            return error.results

    pm = manager("collect", a=plugin(measure=gives(1)), b=plugin(measure=broken))
    pm.register(SimpleNamespace(measure=hookimpl(around=True)(stand_around)))

    assert pm.hook.measure(sample="x") == [1]


def test_a_wrapper_sees_no_error_under_skip() -> None:
    seen: list[object] = []

    def wrap() -> Generator[None, Any, None]:
        seen.append((yield))

    pm = manager("skip", a=plugin(measure=gives(1)), b=plugin(measure=broken))
    pm.register(SimpleNamespace(measure=hookimpl(wrapper=True)(wrap)))

    assert pm.hook.measure(sample="x") == [1]
    assert seen == [[1]]


def test_the_group_has_no_note_of_the_hook_that_collected_it() -> None:
    """It names the hook itself, and its errors name the plugins."""
    pm = manager("collect", a=plugin(measure=broken))

    with pytest.raises(HookErrors) as caught:
        pm.hook.measure(sample="x")

    assert notes(caught.value) == []


# where a policy is set


def test_the_declaration_outranks_the_manager() -> None:
    pm = manager("skip", a=plugin(weigh=broken, burn=broken, measure=broken))

    with pytest.raises(HookErrors):
        pm.hook.weigh(sample="x")
    with pytest.raises(ValueError, match="broken"):
        pm.hook.burn(sample="x")
    assert pm.hook.measure(sample="x") == []


def test_a_view_outranks_the_declaration() -> None:
    pm = manager("raise", a=plugin(weigh=broken))

    assert pm.caller("weigh").with_policy("skip")(sample="x") == []


def test_a_policy_is_no_argument_of_a_call() -> None:
    with pytest.raises(TypeError, match="'policy'"):
        manager().caller("measure")(sample="x", policy="skip")


@pytest.mark.parametrize("policy", ["ignore", 5, True, ""])
def test_an_unknown_policy_is_refused_where_it_is_set(policy: Any) -> None:
    mark: Any = hookspec
    bad = SimpleNamespace(measure=mark(policy=policy)(lambda sample: None))

    with pytest.raises(HookSpecError, match="unknown error policy"):
        PluginManager("lab", policy=policy)
    with pytest.raises(HookSpecError, match="unknown error policy"):
        PluginManager("lab").add_hookspecs(bad)
