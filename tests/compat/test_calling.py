"""A call of a hook: which arguments reach whom, and what comes back."""

import inspect
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

import pytest
from pluggy import HookimplMarker

Fixture = Callable[..., Any]


# arguments


@pytest.mark.parametrize("watched", [False, True])
def test_a_hook_is_called_by_name_only(pm: Any, specify: Fixture, watched: bool) -> None:
    specify("brew", lambda bean: None)
    if watched:
        pm.add_hookcall_monitoring(lambda *_: None, lambda *_: None)

    with pytest.raises(TypeError, match="positional argument"):
        pm.hook.brew("arabica")


def test_each_gets_the_arguments_that_it_names(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    specify("brew", lambda bean, cup, sugar: None)
    implement("brew", lambda cup: cup)
    implement("brew", lambda sugar, bean: (sugar, bean))
    implement("brew", lambda: "nothing")

    assert pm.hook.brew(bean=1, cup=2, sugar=3) == ["nothing", (3, 1), 2]


def test_arguments_that_the_specification_does_not_know_are_passed_over(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    specify("brew", lambda bean: None)
    implement("brew", lambda bean: bean)

    assert pm.hook.brew(bean="arabica", cup="large") == ["arabica"]


def test_without_a_specification_arguments_that_nobody_takes_are_passed_over(
    pm: Any, implement: Fixture
) -> None:
    implement("brew", lambda bean: bean)

    assert pm.hook.brew(bean="arabica", cup="large") == ["arabica"]


def test_arguments_that_are_no_identifiers_are_passed_over_too(pm: Any, implement: Fixture) -> None:
    implement("brew", lambda bean: bean)

    assert pm.hook.brew(bean="arabica", **{"two words": 1, "class": 2}) == ["arabica"]


# Names that a library may use itself, on the way of a call.
NAMES = ["name", "args", "kwargs", "caller", "hook_name", "firstresult", "results", "cls", "print"]
NAMES += ["_", "__", "_values", "größe"]


@pytest.mark.parametrize("name", NAMES)
def test_an_argument_may_have_any_name(
    pm: Any, specify: Fixture, implement: Fixture, name: str
) -> None:
    function = eval(f"lambda {name}: {name}")
    specify("brew", function)
    implement("brew", function)

    assert pm.hook.brew(**{name: "arabica"}) == ["arabica"]


@pytest.mark.parametrize("name", ["two words", "class", "print", "größe", "1st", ""])
def test_a_hook_may_have_any_name(pm: Any, implement: Fixture, name: str) -> None:
    implement("brew", lambda bean: bean, specname=name)

    assert getattr(pm.hook, name or "brew")(bean="arabica") == ["arabica"]


def test_positional_only_parameters_get_their_arguments(pm: Any, implement: Fixture) -> None:
    implement("brew", lambda bean, /, cup: (bean, cup))

    assert pm.hook.brew(cup="large", bean="arabica") == [("arabica", "large")]


def test_keyword_only_parameters_are_never_given_anything(pm: Any, implement: Fixture) -> None:
    implement("brew", lambda bean, *, cup="own": (bean, cup))

    assert pm.hook.brew(bean="arabica", cup="large") == [("arabica", "own")]


def test_parameters_for_any_number_of_arguments_stay_empty(pm: Any, implement: Fixture) -> None:
    implement("brew", lambda bean, *more, **options: (bean, more, options))

    assert pm.hook.brew(bean="arabica", more="milk", options="hot") == [("arabica", (), {})]


def test_a_decorated_function_takes_what_the_function_inside_takes(
    pm: Any, implement: Fixture
) -> None:
    def brew(bean: str) -> str:
        return bean

    @wraps(brew)
    def loudly(*args: str) -> str:
        return brew(*args).upper()

    implement("brew", loudly)

    assert pm.hook.brew(bean="arabica", cup="large") == ["ARABICA"]


def test_a_decorated_specification_has_the_arguments_and_defaults_of_the_function_inside(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    def brew(bean: str, cup: str = "small") -> None: ...

    @wraps(brew)
    def decorated(*args: str) -> None: ...

    specify("brew", decorated)
    implement("brew", lambda bean, cup: (bean, cup))

    assert pm.hook.brew(bean="arabica") == [("arabica", "small")]


@pytest.mark.parametrize("owner", ["self", "cls"])
def test_a_method_whose_owner_nobody_gives_fails_whatever_defaults_it_has(
    pm: Any, hookimpl: HookimplMarker, owner: str
) -> None:
    function = eval(f"lambda {owner}, bean, cup='small': (bean, cup)")
    function.__qualname__ = "Barista.brew"
    pm.register(type("Barista", (), {"brew": hookimpl(function)}))

    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        pm.hook.brew(bean="arabica", cup="large")


def test_a_static_function_may_have_a_default_for_what_is_named_like_its_owner(
    pm: Any, hookimpl: HookimplMarker
) -> None:
    function = hookimpl(lambda self="own", cup="small": (self, cup))
    function.__qualname__ = "Barista.brew"
    pm.register(type("Barista", (), {"brew": staticmethod(function)})())

    assert pm.hook.brew(cup="large") == [("own", "large")]


# arguments that are left out


def test_an_argument_named_self_may_be_left_out(
    library: ModuleType, pm: Any, implement: Fixture
) -> None:
    plugin = implement("brew", lambda self, bean: bean)

    with pytest.raises(library.HookCallError, match="must provide argument 'self'"):
        pm.hook.brew(bean="arabica")
    pm.unregister(plugin)
    assert pm.hook.brew(bean="arabica") == []


def test_leaving_arguments_out_warns_of_all_of_them_in_order(pm: Any, specify: Fixture) -> None:
    specify("brew", lambda bean, cup, sugar: None)

    with pytest.warns(UserWarning, match=r"'bean', 'sugar'.* cannot be found") as caught:
        pm.hook.brew(cup="large")

    assert [warning.category for warning in caught] == [UserWarning]


CALLS: dict[str, Callable[[Any], object]] = {
    "plain": lambda hook: hook.brew(),
    "extra": lambda hook: hook.brew.call_extra([], {}),
    "historic": lambda hook: hook.opened.call_historic(),
}


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("call", CALLS)
def test_the_warning_comes_once_and_points_to_the_line_of_the_call(
    pm: Any, specify: Fixture, call: str, watched: bool
) -> None:
    specify("brew", lambda bean: None)
    specify("opened", lambda at: None, historic=True)
    if watched:
        pm.add_hookcall_monitoring(lambda *_: None, lambda *_: None)

    with pytest.warns(UserWarning, match=r"'(bean|at)'.* cannot be found") as caught:
        CALLS[call](pm.hook)

    line = inspect.getsourcelines(CALLS[call])[1]
    assert [(warning.filename, warning.lineno) for warning in caught] == [(__file__, line)]


def test_those_who_need_nothing_of_what_is_left_out_run(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    specify("brew", lambda bean, cup: None)
    implement("brew", lambda cup: cup)

    with pytest.warns(UserWarning, match="'bean'"):
        assert pm.hook.brew(cup="large") == ["large"]


def test_a_call_fails_when_it_comes_to_one_who_needs_what_is_left_out(
    library: ModuleType, pm: Any, specify: Fixture, implement: Fixture
) -> None:
    ran: list[str] = []
    specify("brew", lambda bean: None)
    implement("brew", lambda: ran.append("after"))
    implement("brew", lambda bean: ran.append("who needs it"))
    implement("brew", lambda: ran.append("before"))

    with (
        pytest.warns(UserWarning, match="'bean'"),
        pytest.raises(library.HookCallError, match="must provide argument 'bean'"),
    ):
        pm.hook.brew()

    assert ran == ["before"]


def test_without_a_specification_nobody_warns_of_what_is_left_out(
    library: ModuleType, pm: Any, implement: Fixture
) -> None:
    implement("brew", lambda bean, cup: None)

    with pytest.raises(library.HookCallError, match="must provide argument 'cup'"):
        pm.hook.brew(bean="arabica")


def test_a_result_that_comes_first_spares_the_ones_who_need_what_is_left_out(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    specify("brew", lambda bean: None, firstresult=True)
    implement("brew", lambda bean: bean)
    implement("brew", lambda: "tea")

    with pytest.warns(UserWarning, match="'bean'"):
        assert pm.hook.brew() == "tea"


# defaults


def test_a_default_of_the_specification_stands_in_for_what_is_left_out(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    specify("brew", lambda bean, cup="small": None)
    implement("brew", lambda cup, bean: (bean, cup))
    implement("brew", lambda bean: bean)

    assert pm.hook.brew(bean="arabica") == ["arabica", ("arabica", "small")]


@pytest.mark.parametrize("value", [None, False, 0, "", ()])
def test_any_value_may_be_a_default(
    pm: Any, specify: Fixture, implement: Fixture, value: object
) -> None:
    specify("brew", eval("lambda cup=value: None", {"value": value}))
    implement("brew", lambda cup: [cup])

    assert pm.hook.brew() == [[value]]


def test_a_specification_that_comes_late_brings_its_defaults(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    implement("brew", lambda cup: cup)
    specify("brew", lambda cup="small": None)

    assert pm.hook.brew() == ["small"]


def test_a_default_of_an_implementation_stands_in_where_the_specification_does_not_know_it(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    specify("brew", lambda bean: None)
    implement("brew", lambda bean, cup="own": (bean, cup))

    assert pm.hook.brew(bean="arabica") == [("arabica", "own")]


def test_a_default_of_an_implementation_stands_in_for_what_is_left_out(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    specify("brew", lambda cup: None)
    implement("brew", lambda cup="own": cup)

    with pytest.warns(UserWarning, match="'cup'"):
        assert pm.hook.brew() == ["own"]


def test_the_call_comes_before_the_specification_and_that_before_the_implementation(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    specify("brew", lambda cup="spec": None)
    implement("brew", lambda cup="own": cup)

    assert pm.hook.brew() == ["spec"]
    assert pm.hook.brew(cup="call") == ["call"]


def test_an_argument_that_only_an_implementation_knows_reaches_it(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    specify("brew", lambda bean: None)
    implement("brew", lambda bean, cup="own": cup)

    assert pm.hook.brew(bean="arabica", cup="call") == ["call"]


# results


def test_results_come_as_a_list_without_the_nones(pm: Any, implement: Fixture) -> None:
    implement("brew", lambda: "espresso")
    implement("brew", lambda: None)
    implement("brew", lambda: 0)
    implement("brew", lambda: "")

    assert pm.hook.brew() == ["", 0, "espresso"]


def test_a_hook_that_nobody_implements_gives_an_empty_list(pm: Any, specify: Fixture) -> None:
    specify("brew", lambda bean: None)

    assert pm.hook.brew(bean="arabica") == []


def test_each_call_gives_a_list_of_its_own(pm: Any, specify: Fixture) -> None:
    specify("brew", lambda: None)

    pm.hook.brew().append("tea")

    assert pm.hook.brew() == []


@pytest.mark.parametrize("result", ["espresso", 0, "", False])
def test_of_a_firstresult_hook_the_first_that_is_not_none_ends_the_call(
    pm: Any, specify: Fixture, implement: Fixture, result: object
) -> None:
    ran: list[str] = []
    specify("brew", lambda: None, firstresult=True)
    implement("brew", lambda: ran.append("after"))
    implement("brew", lambda: result)
    implement("brew", lambda: ran.append("before"))

    assert pm.hook.brew() is result
    assert ran == ["before"]


def test_a_firstresult_hook_to_which_all_answer_none_gives_none(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    specify("brew", lambda: None, firstresult=True)
    implement("brew", lambda: None)

    assert pm.hook.brew() is None


def test_a_firstresult_hook_that_nobody_implements_gives_none(pm: Any, specify: Fixture) -> None:
    specify("brew", lambda: None, firstresult=True)

    assert pm.hook.brew() is None


def test_an_implementation_that_yields_gives_its_generator(pm: Any, implement: Fixture) -> None:
    def brew() -> Any:
        yield "espresso"
        yield "ristretto"

    implement("brew", brew)

    (cups,) = pm.hook.brew()

    assert list(cups) == ["espresso", "ristretto"]


def test_an_implementation_that_is_a_coroutine_function_gives_its_coroutine(
    pm: Any, implement: Fixture
) -> None:
    async def brew() -> str:
        return "espresso"

    implement("brew", brew)

    (coroutine,) = pm.hook.brew()

    with pytest.raises(StopIteration, match="espresso"):
        coroutine.send(None)


# exceptions


@pytest.mark.parametrize("kind", [ValueError, StopIteration, KeyboardInterrupt, SystemExit])
def test_an_exception_ends_the_call_and_leaves_it_as_it_is(
    pm: Any, implement: Fixture, kind: type[BaseException]
) -> None:
    ran: list[str] = []
    error = kind("no water")

    def fail() -> None:
        raise error

    implement("brew", lambda: ran.append("after"))
    implement("brew", fail)

    with pytest.raises(kind) as caught:
        pm.hook.brew()

    assert caught.value is error
    assert (error.__cause__, error.__context__, vars(error)) == (None, None, {})
    assert ran == []


# callers


def test_a_hook_that_was_kept_follows_later_registrations(pm: Any, implement: Fixture) -> None:
    implement("brew", lambda: "espresso")
    brew = pm.hook.brew

    assert brew() == ["espresso"]
    tea = implement("brew", lambda: "tea")
    assert brew() == ["tea", "espresso"]
    pm.unregister(tea)
    assert brew() == ["espresso"]


def test_a_hook_may_call_itself(pm: Any, implement: Fixture) -> None:
    implement("brew", lambda cups: [*pm.hook.brew(cups=cups - 1), cups] if cups else None)

    assert pm.hook.brew(cups=3) == [[[[1], 2], 3]]


def test_a_hook_may_have_very_many_implementations(pm: Any, implement: Fixture) -> None:
    for number in range(200):
        implement("brew", eval(f"lambda: {number}"))

    assert pm.hook.brew() == list(reversed(range(200)))


def test_a_hook_that_nobody_knows_is_no_attribute(pm: Any) -> None:
    with pytest.raises(AttributeError, match="brew"):
        pm.hook.brew  # noqa: B018 - looking at it is what is tested
