"""`call_extra`: functions that take part in one call, as if they were registered."""

from collections.abc import Callable, Generator
from types import SimpleNamespace
from typing import Any

import pytest

from hotplug import (
    HookCallError,
    HookErrors,
    HookimplMarker,
    HookspecMarker,
    PluginManager,
    PluginValidationError,
)

pytestmark = pytest.mark.usefixtures("form")

hookspec = HookspecMarker("form")
hookimpl = HookimplMarker("form")

Function = Callable[..., object]


class Specs:
    @hookspec
    def check(self, value: str, strict: bool = False) -> Any: ...

    @hookspec(firstresult=True)
    def parse(self, value: str) -> Any: ...

    @hookspec(pipeline=True)
    def clean(self, value: str) -> Any: ...

    @hookspec(historic=True)
    def opened(self, value: str) -> Any: ...


Manager = PluginManager[Specs]


def manager(**plugins: SimpleNamespace) -> Manager:
    pm = PluginManager("form", Specs)
    for name, plugin in plugins.items():
        pm.register(plugin, name)
    return pm


def plugin(**functions: Function) -> SimpleNamespace:
    return SimpleNamespace(**{hook: hookimpl(function) for hook, function in functions.items()})


def check(pm: Manager, *extras: Function, **kwargs: object) -> Any:
    """Call the hook `check` with these extra functions."""
    return pm.caller("check").call_extra([*extras], {"value": "x", **kwargs})


def gives(result: object) -> Function:
    return lambda: result


# in each mode


def test_an_extra_runs_after_the_registered_implementations() -> None:
    pm = manager(a=plugin(check=gives("a")), b=plugin(check=gives("b")))

    assert check(pm, gives("extra")) == ["a", "b", "extra"]


def test_extras_run_in_the_order_in_which_they_are_given() -> None:
    assert check(manager(), gives(1), gives(None), gives(2)) == [1, 2]


def test_an_extra_comes_before_those_who_want_to_be_last() -> None:
    last = hookimpl(trylast=True)
    pm = manager(last=SimpleNamespace(check=last(gives("last"))), a=plugin(check=gives("a")))

    assert check(pm, gives("extra")) == ["a", "extra", "last"]


def test_call_extra_without_extras_is_a_plain_call() -> None:
    pm = manager(a=plugin(check=gives("a")))

    assert check(pm) == pm.hook.check(value="x") == ["a"]


def test_an_extra_may_give_the_first_result() -> None:
    pm = manager(a=plugin(parse=gives(None)), z=plugin(parse=gives(None)))

    assert pm.caller("parse").call_extra([gives(5), gives(6)], {"value": "x"}) == 5


def test_an_extra_is_not_asked_when_a_plugin_has_answered() -> None:
    asked: list[str] = []
    pm = manager(a=plugin(parse=gives(0)))

    assert pm.caller("parse").call_extra([lambda: asked.append("extra")], {"value": "x"}) == 0
    assert asked == []


def test_an_extra_takes_part_in_a_pipeline() -> None:
    pm = manager(
        a=plugin(clean=lambda value: value.strip()),
        last=SimpleNamespace(clean=hookimpl(trylast=True)(lambda value: value + ".")),
    )

    cleaned = pm.caller("clean").call_extra([lambda value: value.title()], {"value": " hi there "})

    assert cleaned == "Hi There."


@pytest.mark.parametrize("count", [0, 1, 39, 40, 41, 60])
def test_extras_find_their_place_among_any_number(count: int) -> None:
    pm = manager()
    for at in range(count):
        pm.register(plugin(check=gives(at)))
    pm.register(SimpleNamespace(check=hookimpl(trylast=True)(gives("last"))))

    assert check(pm, gives("extra")) == [*range(count), "extra", "last"]


# just this once


def test_an_extra_is_forgotten_after_the_call() -> None:
    pm = manager(a=plugin(check=gives("a")))
    check(pm, gives("extra"))

    assert pm.hook.check(value="x") == ["a"]
    assert check(pm) == ["a"]
    assert [item.plugin_name for item in pm.caller("check").get_hookimpls()] == ["a"]


def test_each_call_has_its_own_extras() -> None:
    pm = manager()

    assert [check(pm, gives(at)) for at in range(70)] == [[at] for at in range(70)]


def test_an_extra_may_be_a_plugin_that_is_registered_too() -> None:
    function = hookimpl(gives("twice"))
    pm = manager(a=SimpleNamespace(check=function))

    assert check(pm, function) == ["twice", "twice"]


def test_extras_may_be_any_iterable() -> None:
    pm = manager(a=plugin(check=gives("a")))
    first = hookimpl(tryfirst=True)(gives("first"))
    call = pm.caller("check").call_extra

    assert call((gives("x"), first), {"value": "x"}) == ["first", "a", "x"]
    extras: Any = iter([gives("x"), first])
    assert call(extras, {"value": "x"}) == ["first", "a", "x"]


def test_call_extra_may_be_called_within_itself() -> None:
    pm = manager(a=plugin(check=gives("a")))

    assert check(pm, lambda: check(pm, gives("inner"))) == ["a", ["a", "inner"]]


# arguments


def test_extras_take_the_arguments_that_they_want() -> None:
    def by_name(*, strict: bool) -> object:
        return strict

    def everything(**arguments: object) -> object:
        return arguments

    extras: list[Function] = [
        lambda: "nothing",
        lambda value: value,
        lambda strict, value: (strict, value),
        by_name,
        everything,
    ]

    results = check(manager(), *extras, strict=True)

    assert results == ["nothing", "x", (True, "x"), True, {"value": "x", "strict": True}]


def test_a_default_of_the_declaration_is_filled_in_for_extras() -> None:
    assert check(manager(), lambda strict: strict) == [False]


def test_an_extra_may_be_a_method_or_a_callable_object() -> None:
    class Rule:
        def method(self, value: str) -> str:
            return f"method {value}"

        def __call__(self, value: str) -> str:
            return f"object {value}"

    assert check(manager(), Rule().method, Rule()) == ["method x", "object x"]


def test_an_extra_with_an_unknown_argument_is_refused_before_anything_runs() -> None:
    asked: list[str] = []
    pm = manager(a=plugin(check=lambda: asked.append("a")))

    with pytest.raises(PluginValidationError, match="did you mean 'value'") as caught:
        check(pm, gives(1), lambda vlue: vlue)

    assert "'check'" in str(caught.value)
    assert __file__ in str(caught.value)
    assert asked == []


def test_an_extra_that_is_a_generator_is_refused_unless_it_is_a_wrapper() -> None:
    def rows() -> Generator[int, None, None]:
        yield 1

    with pytest.raises(PluginValidationError, match="wrapper=True"):
        check(manager(), rows)


@pytest.mark.parametrize("kwargs", [{}, {"vlue": 1}, {"value": 1, "more": 2}])
def test_wrong_arguments_are_a_type_error(kwargs: dict[str, int]) -> None:
    with pytest.raises(TypeError, match=r"check\(\)"):
        manager().caller("check").call_extra([gives(1)], kwargs)


@pytest.mark.parametrize("kwargs", [{}, {"vlue": 1}])
def test_wrong_arguments_are_a_type_error_with_marked_extras_too(kwargs: dict[str, int]) -> None:
    first = hookimpl(tryfirst=True)(gives(1))

    with pytest.raises(TypeError, match=r"check\(\)"):
        manager().caller("check").call_extra([first], kwargs)


# marker options count


def test_an_extra_may_be_marked_tryfirst_or_trylast() -> None:
    pm = manager(
        first=SimpleNamespace(check=hookimpl(tryfirst=True)(gives("first"))),
        a=plugin(check=gives("a")),
        last=SimpleNamespace(check=hookimpl(trylast=True)(gives("last"))),
    )

    results = check(
        pm,
        hookimpl(trylast=True)(gives("extra last")),
        hookimpl(tryfirst=True)(gives("extra first")),
        gives("extra"),
    )

    assert results == ["first", "extra first", "a", "extra", "last", "extra last"]


def test_an_extra_may_be_marked_before_a_plugin() -> None:
    pm = manager(a=plugin(check=gives("a")), b=plugin(check=gives("b")))

    assert check(pm, hookimpl(before="b")(gives("extra"))) == ["a", "extra", "b"]


def test_an_extra_may_be_a_generator_wrapper() -> None:
    def wrap(value: str) -> Generator[None, Any, Any]:
        results = yield
        return [*results, f"wrapped {value}"]

    pm = manager(a=plugin(check=gives("a")))

    assert check(pm, hookimpl(wrapper=True)(wrap), gives("extra")) == ["a", "extra", "wrapped x"]


def test_an_extra_may_stand_around() -> None:
    def stand_around(call_next: Function, value: str) -> object:
        return call_next(value + "!")

    pm = manager(a=plugin(check=lambda value: value))

    assert check(pm, hookimpl(around=True)(stand_around), lambda value: value) == ["x!", "x!"]


def test_an_extra_may_be_marked_with_nothing_special() -> None:
    assert check(manager(a=plugin(check=gives("a"))), hookimpl(gives("extra"))) == ["a", "extra"]


def test_an_extra_that_is_marked_between_two_calls_is_seen_as_it_is_then() -> None:
    function = gives("extra")
    pm = manager(a=plugin(check=gives("a")))
    assert check(pm, function) == ["a", "extra"]

    hookimpl(tryfirst=True)(function)

    assert check(pm, function) == ["extra", "a"]


def test_registered_wrappers_stand_around_extras() -> None:
    def wrap() -> Generator[None, Any, Any]:
        results = yield
        return [*results, "wrapped"]

    def stand_around(call_next: Function, **arguments: object) -> object:
        return [call_next(**arguments)]

    pm = manager(
        around=SimpleNamespace(check=hookimpl(around=True)(stand_around)),
        wrapper=SimpleNamespace(check=hookimpl(wrapper=True)(wrap)),
        a=plugin(check=gives("a")),
    )

    assert check(pm, gives("extra")) == [["a", "extra", "wrapped"]]


# errors


def test_an_error_of_an_extra_says_that_it_comes_from_one() -> None:
    def fails() -> object:
        raise ValueError("bad value")

    pm = manager(a=plugin(check=gives("a")))

    for extra in (fails, hookimpl(tryfirst=True)(fails)):
        with pytest.raises(ValueError, match="bad value") as caught:
            check(pm, extra)
        assert "hook 'check': raised by a function given to call_extra" in caught.value.__notes__


def test_an_error_of_a_plugin_in_call_extra_names_the_plugin() -> None:
    def fails() -> object:
        raise ValueError("bad value")

    pm = manager(a=plugin(check=fails))

    with pytest.raises(ValueError, match="bad value") as caught:
        check(pm, gives("extra"))

    assert caught.value.__notes__ == ["hook 'check': raised by plugin 'a'"]


def test_an_error_policy_covers_extras() -> None:
    def fails() -> object:
        raise ValueError("bad value")

    pm = PluginManager("form", Specs, policy="collect")
    pm.register(plugin(check=gives("a")), "a")

    with pytest.raises(HookErrors) as caught:
        check(pm, fails, gives("extra"))

    assert caught.value.results == ["a", "extra"]


def test_a_historic_hook_takes_no_extras() -> None:
    opened: Any = manager().caller("opened")

    with pytest.raises(HookCallError, match="historic") as caught:
        opened.call_extra([gives(1)], {"value": "x"})

    assert isinstance(caught.value, TypeError)
