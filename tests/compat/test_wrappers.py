"""Wrappers stand around the implementations, in the new style and in the old one."""

import warnings
from collections.abc import Callable, Generator
from types import ModuleType
from typing import Any

import pytest

Fixture = Callable[..., Any]
Wrapper = Generator[None, Any, Any]

BOTH_STYLES = pytest.mark.parametrize("style", ["wrapper", "hookwrapper"])


@pytest.fixture
def log() -> list[Any]:
    return []


@pytest.fixture
def noted(implement: Fixture, log: list[Any]) -> Fixture:
    """Register a wrapper that notes what it sees, and passes it on."""

    def register(name: str, style: str = "wrapper") -> object:
        def new() -> Wrapper:
            log.append(name)
            try:
                result = yield
            except BaseException as error:
                log.append((name, error))
                raise
            log.append((name, result))
            return result

        def old() -> Wrapper:
            log.append(name)
            outcome = yield
            seen = outcome.exception
            log.append((name, seen if seen is not None else outcome.get_result()))

        function = new if style == "wrapper" else old
        return implement("brew", function, name, **{style: True})

    return register


@pytest.fixture
def fail(implement: Fixture) -> Fixture:
    """Register an implementation that raises."""

    def register(error: BaseException) -> None:
        def brew() -> None:
            raise error

        implement("brew", brew)

    return register


# both styles


@BOTH_STYLES
def test_a_wrapper_runs_before_and_after_the_implementations(
    pm: Any, implement: Fixture, noted: Fixture, log: list[Any], style: str
) -> None:
    noted("w", style)
    implement("brew", lambda: log.append("implementation"))

    pm.hook.brew()

    assert log == ["w", "implementation", ("w", [])]


@BOTH_STYLES
def test_a_wrapper_sees_the_results(
    pm: Any, implement: Fixture, noted: Fixture, log: list[Any], style: str
) -> None:
    noted("w", style)
    implement("brew", lambda: "espresso")
    implement("brew", lambda: "tea")

    assert pm.hook.brew() == ["tea", "espresso"]
    assert log == ["w", ("w", ["tea", "espresso"])]


@BOTH_STYLES
def test_a_wrapper_of_a_firstresult_hook_sees_one_result(
    pm: Any, specify: Fixture, implement: Fixture, noted: Fixture, log: list[Any], style: str
) -> None:
    specify("brew", lambda: None, firstresult=True)
    noted("w", style)
    implement("brew", lambda: "espresso")

    assert pm.hook.brew() == "espresso"
    assert log == ["w", ("w", "espresso")]


@BOTH_STYLES
@pytest.mark.parametrize(("firstresult", "nothing"), [(False, []), (True, None)])
def test_a_wrapper_runs_around_nobody(
    pm: Any,
    specify: Fixture,
    noted: Fixture,
    log: list[Any],
    style: str,
    firstresult: bool,
    nothing: object,
) -> None:
    specify("brew", lambda: None, firstresult=firstresult)
    noted("w", style)

    assert pm.hook.brew() == nothing
    assert log == ["w", ("w", nothing)]


def test_wrappers_of_both_styles_stand_around_each_other(
    pm: Any, implement: Fixture, noted: Fixture, log: list[Any]
) -> None:
    for name, style in [("a", "wrapper"), ("b", "hookwrapper"), ("c", "wrapper")]:
        noted(name, style)
    implement("brew", lambda: "espresso")

    pm.hook.brew()

    result = ["espresso"]
    assert log == ["c", "b", "a", ("a", result), ("b", result), ("c", result)]


@BOTH_STYLES
def test_a_wrapper_gets_the_arguments_that_it_names(
    pm: Any, specify: Fixture, implement: Fixture, log: list[Any], style: str
) -> None:
    def wrap(cup: str, bean: str, milk: str = "own") -> Wrapper:
        log.append((bean, cup, milk))
        return (yield)

    specify("brew", lambda bean, cup="small", milk="spec": None)
    implement("brew", wrap, **{style: True})

    pm.hook.brew(bean="arabica", milk="call")

    assert log == [("arabica", "small", "call")]


@BOTH_STYLES
def test_what_a_wrapper_yields_is_of_no_matter(pm: Any, implement: Fixture, style: str) -> None:
    def wrap() -> Any:
        return (yield "ignored")

    implement("brew", wrap, **{style: True})
    implement("brew", lambda: "espresso")

    assert pm.hook.brew() == ["espresso"]


@BOTH_STYLES
@pytest.mark.parametrize("kind", [ValueError, RuntimeError, KeyboardInterrupt, SystemExit])
def test_a_wrapper_sees_the_exception_and_the_caller_gets_it(
    pm: Any, noted: Fixture, fail: Fixture, log: list[Any], style: str, kind: type[BaseException]
) -> None:
    error = kind("no water")
    noted("w", style)
    fail(error)

    with pytest.raises(kind) as caught:
        pm.hook.brew()

    assert caught.value is error
    assert log == ["w", ("w", error)]


@pytest.mark.parametrize("inner", ["wrapper", "hookwrapper"])
@pytest.mark.parametrize("outer", ["wrapper", "hookwrapper"])
def test_a_stop_iteration_goes_through_wrappers(
    pm: Any, noted: Fixture, fail: Fixture, log: list[Any], inner: str, outer: str
) -> None:
    error = StopIteration("no water")
    noted("inner", inner)
    noted("outer", outer)
    fail(error)

    with pytest.raises(StopIteration) as caught:
        pm.hook.brew()

    assert caught.value is error
    assert log == ["outer", "inner", ("inner", error), ("outer", error)]


@BOTH_STYLES
def test_an_exception_before_the_yield_keeps_all_further_in_from_running(
    pm: Any, implement: Fixture, noted: Fixture, log: list[Any], style: str
) -> None:
    error = ValueError("no water")

    def wrap() -> Wrapper:
        raise error
        yield  # it has to be a generator

    implement("brew", lambda: log.append("implementation"))
    noted("inner")
    implement("brew", wrap, **{style: True})
    noted("outer")

    with pytest.raises(ValueError, match="no water"):
        pm.hook.brew()

    assert log == ["outer", ("outer", error)]


@BOTH_STYLES
def test_a_missing_argument_of_an_implementation_is_an_error_that_wrappers_see(
    library: ModuleType, pm: Any, implement: Fixture, noted: Fixture, log: list[Any], style: str
) -> None:
    implement("brew", lambda bean: bean)
    noted("w", style)

    with pytest.raises(library.HookCallError) as caught:
        pm.hook.brew()

    assert log == ["w", ("w", caught.value)]


@BOTH_STYLES
def test_a_missing_argument_of_a_wrapper_is_an_error_that_outer_wrappers_see(
    library: ModuleType, pm: Any, implement: Fixture, noted: Fixture, log: list[Any], style: str
) -> None:
    def wrap(bean: str) -> Wrapper:
        return (yield)

    implement("brew", wrap, **{style: True})
    noted("outer")

    with pytest.raises(library.HookCallError, match="'bean'") as caught:
        pm.hook.brew()

    assert log == ["outer", ("outer", caught.value)]


@BOTH_STYLES
def test_a_wrapper_that_never_yields_is_an_error_that_names_it(
    pm: Any, implement: Fixture, style: str
) -> None:
    def wrap_wrongly() -> Wrapper:
        return
        yield  # it has to be a generator

    implement("brew", wrap_wrongly, **{style: True})

    with pytest.raises(RuntimeError, match=r"'wrap_wrongly'.* did not yield") as caught:
        pm.hook.brew()

    assert f"{__file__}:{wrap_wrongly.__code__.co_firstlineno} " in str(caught.value)


@BOTH_STYLES
def test_a_wrapper_that_yields_twice_is_closed_and_an_error_that_names_it(
    pm: Any, implement: Fixture, log: list[Any], style: str
) -> None:
    def wrap_wrongly() -> Wrapper:
        try:
            yield
            yield
        finally:
            log.append("closed")

    implement("brew", wrap_wrongly, **{style: True})

    with pytest.raises(RuntimeError, match=r"'wrap_wrongly'.* has second yield") as caught:
        pm.hook.brew()

    assert log == ["closed"]
    assert f"{__file__}:{wrap_wrongly.__code__.co_firstlineno} " in str(caught.value)


def test_a_wrapper_that_answers_an_exception_with_a_second_yield_is_an_error(
    pm: Any, implement: Fixture, fail: Fixture
) -> None:
    def wrap_wrongly() -> Wrapper:
        try:
            yield
        except ValueError:
            yield

    implement("brew", wrap_wrongly, wrapper=True)
    fail(ValueError("no water"))

    with pytest.raises(RuntimeError, match=r"'wrap_wrongly'.* has second yield"):
        pm.hook.brew()


@BOTH_STYLES
def test_without_a_specification_a_wrapper_may_be_made_by_a_plain_function(
    pm: Any, implement: Fixture, log: list[Any], style: str
) -> None:
    def wrap() -> Wrapper:
        log.append("before")
        result = yield
        log.append("after")
        return result

    implement("brew", lambda: wrap(), **{style: True})  # noqa: PLW0108 - no generator function
    implement("brew", lambda: "espresso")

    assert pm.hook.brew() == ["espresso"]
    assert log == ["before", "after"]


@BOTH_STYLES
@pytest.mark.parametrize("given", [None, "espresso", ["espresso"]], ids=repr)
def test_a_wrapper_that_makes_no_generator_is_a_type_error(
    pm: Any, implement: Fixture, style: str, given: object
) -> None:
    called: list[str] = []
    implement("brew", lambda: given, **{style: True})
    implement("brew", lambda: called.append("the implementation"))

    with pytest.raises(TypeError, match="itera"):
        pm.hook.brew()

    assert called == []


@BOTH_STYLES
def test_a_hook_may_have_very_many_wrappers(
    pm: Any, implement: Fixture, noted: Fixture, log: list[Any], style: str
) -> None:
    for number in range(150):
        noted(str(number), style)
    implement("brew", lambda: "espresso")

    assert pm.hook.brew() == ["espresso"]
    assert [entry for entry in log if isinstance(entry, str)] == [*map(str, reversed(range(150)))]
    assert len(log) == 300


def test_a_specification_that_comes_in_the_midst_of_a_call_changes_the_next_one(
    pm: Any, implement: Fixture, specify: Fixture
) -> None:
    def wrap() -> Wrapper:
        if not pm.hook.brew.has_spec():
            specify("brew", lambda: None, firstresult=True)
        return (yield)

    implement("brew", lambda: "espresso")
    implement("brew", wrap, wrapper=True)

    assert [pm.hook.brew(), pm.hook.brew()] == [["espresso"], "espresso"]


# the new style


@pytest.mark.parametrize("result", ["changed", [], None])
def test_what_a_wrapper_returns_is_the_result(pm: Any, implement: Fixture, result: object) -> None:
    def wrap() -> Wrapper:
        yield
        return result

    implement("brew", wrap, wrapper=True)
    implement("brew", lambda: "espresso")

    assert pm.hook.brew() == result


def test_an_outer_wrapper_sees_what_the_inner_one_returns(
    pm: Any, implement: Fixture, noted: Fixture, log: list[Any]
) -> None:
    def wrap() -> Wrapper:
        return [*(yield), "water"]

    implement("brew", lambda: "espresso")
    implement("brew", wrap, wrapper=True)
    noted("outer")

    assert pm.hook.brew() == ["espresso", "water"]
    assert log == ["outer", ("outer", ["espresso", "water"])]


@pytest.mark.parametrize("result", ["tea", None])
def test_a_wrapper_that_swallows_an_exception_gives_the_result(
    pm: Any, implement: Fixture, noted: Fixture, fail: Fixture, log: list[Any], result: object
) -> None:
    def wrap() -> Wrapper:
        try:
            return (yield)
        except ValueError:
            return result

    fail(ValueError("no water"))
    implement("brew", wrap, wrapper=True)
    noted("outer")

    assert pm.hook.brew() == result
    assert log == ["outer", ("outer", result)]


def test_a_wrapper_may_put_another_exception_in_the_place_of_one(
    pm: Any, implement: Fixture, noted: Fixture, fail: Fixture, log: list[Any]
) -> None:
    def wrap() -> Wrapper:
        try:
            return (yield)
        except ValueError:
            raise OSError("no coffee")  # noqa: B904 - its context is looked at

    inner = ValueError("no water")
    fail(inner)
    implement("brew", wrap, wrapper=True)
    noted("outer")

    with pytest.raises(OSError, match="no coffee") as caught:
        pm.hook.brew()

    assert caught.value.__context__ is inner
    assert log == ["outer", ("outer", caught.value)]


def test_an_exception_after_the_yield_takes_the_place_of_the_result(
    pm: Any, implement: Fixture, noted: Fixture, log: list[Any]
) -> None:
    error = ValueError("spilled")

    def wrap() -> Wrapper:
        yield
        raise error

    implement("brew", lambda: "espresso")
    implement("brew", wrap, wrapper=True)
    noted("outer")

    with pytest.raises(ValueError, match="spilled") as caught:
        pm.hook.brew()

    assert caught.value is error
    assert log == ["outer", ("outer", error)]


def test_an_outer_wrapper_may_swallow_the_exception_of_an_inner_one(
    pm: Any, implement: Fixture
) -> None:
    def spill() -> Wrapper:
        yield
        raise ValueError("spilled")

    def wipe() -> Wrapper:
        try:
            return (yield)
        except ValueError as error:
            return str(error)

    implement("brew", spill, wrapper=True)
    implement("brew", wipe, wrapper=True)

    assert pm.hook.brew() == "spilled"


def test_a_stop_iteration_of_a_wrapper_becomes_a_runtime_error(
    pm: Any, implement: Fixture, noted: Fixture, log: list[Any]
) -> None:
    def wrap() -> Wrapper:
        yield
        raise StopIteration

    implement("brew", wrap, wrapper=True)
    noted("outer")

    with pytest.raises(RuntimeError, match="StopIteration") as caught:
        pm.hook.brew()

    assert log == ["outer", ("outer", caught.value)]


# the old style


def test_an_old_wrapper_is_sent_the_outcome(
    library: ModuleType, pm: Any, implement: Fixture, log: list[Any]
) -> None:
    def wrap() -> Wrapper:
        log.append((yield))

    implement("brew", wrap, hookwrapper=True)
    implement("brew", lambda: "espresso")

    pm.hook.brew()

    (outcome,) = log
    assert type(outcome) is library.Result
    assert outcome.get_result() == ["espresso"]
    assert (outcome.exception, outcome.excinfo) == (None, None)


def test_an_old_wrapper_is_sent_the_outcome_of_a_failure_too(
    pm: Any, implement: Fixture, fail: Fixture, log: list[Any]
) -> None:
    error = ValueError("no water")

    def wrap() -> Wrapper:
        log.append((yield))

    implement("brew", wrap, hookwrapper=True)
    fail(error)

    with pytest.raises(ValueError, match="no water"):
        pm.hook.brew()

    (outcome,) = log
    kind, value, traceback = outcome.excinfo
    assert (kind, value) == (ValueError, error)
    assert traceback is not None
    assert outcome.exception is error
    with pytest.raises(ValueError, match="no water"):
        outcome.get_result()


def test_what_an_old_wrapper_returns_is_of_no_matter(pm: Any, implement: Fixture) -> None:
    def wrap() -> Wrapper:
        yield
        return "ignored"

    implement("brew", wrap, hookwrapper=True)

    assert pm.hook.brew() == []


@pytest.mark.parametrize("result", ["forced", None])
@pytest.mark.parametrize("failing", [False, True])
def test_an_old_wrapper_may_force_a_result(
    pm: Any,
    implement: Fixture,
    noted: Fixture,
    fail: Fixture,
    log: list[Any],
    failing: bool,
    result: object,
) -> None:
    def wrap() -> Wrapper:
        outcome = yield
        outcome.force_result(result)

    if failing:
        fail(ValueError("no water"))
    implement("brew", wrap, hookwrapper=True)
    noted("outer")

    assert pm.hook.brew() == result
    assert log == ["outer", ("outer", result)]


@pytest.mark.parametrize("failing", [False, True])
def test_an_old_wrapper_may_force_an_exception(
    pm: Any, implement: Fixture, noted: Fixture, fail: Fixture, log: list[Any], failing: bool
) -> None:
    error = OSError("no coffee")

    def wrap() -> Wrapper:
        outcome = yield
        outcome.force_exception(error)

    if failing:
        fail(ValueError("no water"))
    implement("brew", wrap, hookwrapper=True)
    noted("outer")

    with pytest.raises(OSError, match="no coffee") as caught:
        pm.hook.brew()

    assert caught.value is error
    assert log == ["outer", ("outer", error)]


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt])
def test_an_old_wrapper_that_raises_after_its_yield_is_warned_of_and_wins(
    library: ModuleType,
    pm: Any,
    implement: Fixture,
    noted: Fixture,
    log: list[Any],
    kind: type[BaseException],
) -> None:
    def wrap() -> Wrapper:
        yield
        raise kind("spilled")

    def call() -> None:
        pm.hook.brew()

    implement("brew", lambda: "espresso")
    implement("brew", wrap, "clumsy", hookwrapper=True)
    noted("outer", "hookwrapper")

    with (
        pytest.warns(library.PluggyTeardownRaisedWarning) as warned,
        pytest.raises(kind, match="spilled") as caught,
    ):
        call()

    assert log == ["outer", ("outer", caught.value)]
    (warning,) = warned
    assert (warning.filename, warning.lineno) == (__file__, call.__code__.co_firstlineno + 1)
    for part in ("clumsy", "brew", f"{kind.__name__}: spilled"):
        assert part in str(warning.message)


def test_an_old_wrapper_that_lets_the_exception_out_of_its_outcome_is_warned_of(
    library: ModuleType, pm: Any, implement: Fixture, fail: Fixture
) -> None:
    def wrap() -> Wrapper:
        outcome = yield
        outcome.get_result()

    implement("brew", wrap, hookwrapper=True)
    fail(ValueError("no water"))

    with (
        pytest.warns(library.PluggyTeardownRaisedWarning, match="no water"),
        pytest.raises(ValueError, match="no water"),
    ):
        pm.hook.brew()


@pytest.mark.parametrize("failing", [False, True])
@pytest.mark.filterwarnings("error")
def test_the_warning_where_it_is_an_error_goes_through_the_outer_wrappers(
    library: ModuleType,
    pm: Any,
    implement: Fixture,
    noted: Fixture,
    fail: Fixture,
    log: list[Any],
    failing: bool,
) -> None:
    def wrap() -> Wrapper:
        yield
        raise LookupError("spilled")

    if failing:
        fail(ValueError("no water"))
    implement("brew", wrap, hookwrapper=True)
    noted("old", "hookwrapper")
    noted("new")

    with pytest.raises(library.PluggyTeardownRaisedWarning) as caught:
        pm.hook.brew()

    assert isinstance(caught.value.__context__, LookupError)
    assert log == ["new", "old", ("old", caught.value), ("new", caught.value)]


def test_nobody_is_warned_of_an_exception_before_the_yield(pm: Any, implement: Fixture) -> None:
    def wrap() -> Wrapper:
        raise ValueError("no water")
        yield  # it has to be a generator

    implement("brew", wrap, hookwrapper=True)

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with pytest.raises(ValueError, match="no water"):
            pm.hook.brew()

    assert warned == []


# between the styles


def test_an_old_wrapper_sees_what_a_new_one_returns(
    pm: Any, implement: Fixture, noted: Fixture, log: list[Any]
) -> None:
    def wrap() -> Wrapper:
        yield
        return "changed"

    implement("brew", wrap, wrapper=True)
    noted("outer", "hookwrapper")

    assert pm.hook.brew() == "changed"
    assert log == ["outer", ("outer", "changed")]


def test_an_old_wrapper_may_clear_the_exception_of_a_new_one(pm: Any, implement: Fixture) -> None:
    def spill() -> Wrapper:
        yield
        raise ValueError("spilled")

    def wipe() -> Wrapper:
        outcome = yield
        outcome.force_result(str(outcome.exception))

    implement("brew", spill, wrapper=True)
    implement("brew", wipe, hookwrapper=True)

    assert pm.hook.brew() == "spilled"


# the outcome by itself


def test_an_outcome_is_made_of_a_call(library: ModuleType) -> None:
    outcome = library.Result.from_call(lambda: "espresso")

    assert (outcome.get_result(), outcome.exception) == ("espresso", None)


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt])
def test_an_outcome_is_made_of_a_failing_call_too(
    library: ModuleType, kind: type[BaseException]
) -> None:
    error = kind("no water")

    def fail() -> None:
        raise error

    outcome = library.Result.from_call(fail)

    assert outcome.exception is error
    assert outcome.excinfo == (kind, error, error.__traceback__)


def test_an_outcome_is_made_of_a_result_and_an_exception(library: ModuleType) -> None:
    error = ValueError("no water")

    assert library.Result("espresso", None).get_result() == "espresso"
    assert library.Result(None, error).exception is error


def test_asking_an_outcome_again_lengthens_no_traceback(library: ModuleType) -> None:
    def fail() -> None:
        raise ValueError("no water")

    def length_of_the_traceback() -> int:
        with pytest.raises(ValueError, match="no water") as caught:
            outcome.get_result()
        return len(caught.traceback)

    outcome = library.Result.from_call(fail)

    assert length_of_the_traceback() == length_of_the_traceback()


def test_a_forced_exception_keeps_the_traceback_that_it_has(library: ModuleType) -> None:
    failed = library.Result.from_call(lambda: 1 / 0)
    outcome = library.Result("espresso", None)

    outcome.force_exception(failed.exception)

    assert outcome.excinfo == failed.excinfo


def test_an_old_wrapper_that_asks_for_a_result_lets_a_stop_iteration_through(
    pm: Any, implement: Fixture
) -> None:
    error = StopIteration("no water")

    def serve() -> None:
        raise error

    def wrap() -> Generator[None, Any, None]:
        outcome = yield
        outcome.get_result()

    implement("serve", serve)
    implement("serve", wrap, hookwrapper=True)

    with pytest.warns(match="teardown"), pytest.raises(StopIteration) as caught:
        pm.hook.serve()
    assert caught.value is error


def test_a_wrapper_that_goes_on_after_its_end_is_left_alone_by_later_calls(
    pm: Any, implement: Fixture
) -> None:
    ran = []

    def goes_on() -> Any:
        for _ in range(3):
            try:
                yield
            except BaseException as error:
                ran.append(type(error).__name__)

    def fails() -> None:
        raise ValueError

    implement("serve", fails)
    implement("serve", goes_on, wrapper=True)

    for _ in range(3):
        with pytest.raises(RuntimeError):
            pm.hook.serve()

    assert [name for name in ran if name != "GeneratorExit"] == ["ValueError"] * 3


def test_a_wrapper_sees_each_result_after_many_calls_that_raised(
    pm: Any, implement: Fixture
) -> None:
    answers = iter([ValueError, *range(3), ValueError, *range(3, 6)] * 60)

    def serve() -> Any:
        answer = next(answers)
        if answer is ValueError:
            raise ValueError
        return answer

    def doubled() -> Any:
        (result,) = yield
        return result * 2

    implement("serve", serve)
    implement("serve", doubled, wrapper=True)

    def outcome() -> Any:
        try:
            return pm.hook.serve()
        except ValueError:
            return "raised"

    assert [outcome() for _ in range(480)] == ["raised", 0, 2, 4, "raised", 6, 8, 10] * 60
