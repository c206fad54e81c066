"""Wrappers that are generators: before and after a call, whatever happens in between."""

import contextlib
import functools
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from hotplug import HookimplMarker, HookspecMarker, PluginManager, WrapperError

pytestmark = pytest.mark.usefixtures("form")

hookspec = HookspecMarker("stage")
hookimpl = HookimplMarker("stage")

Function = Callable[..., object]
Wrapping = Generator[None, Any, Any]


class Specs:
    @hookspec
    def play(self, act: int) -> Any: ...

    @hookspec(firstresult=True)
    def lead(self, act: int) -> Any: ...

    @hookspec(pipeline=True)
    def line(self, text: str, act: int) -> Any: ...


Manager = PluginManager[Specs]


def manager() -> Manager:
    return PluginManager("stage", Specs)


def register(pm: Manager, name: str, wrapper: bool = False, **functions: Any) -> None:
    """Register a plugin that implements, or wraps, these hooks with these functions."""
    mark = hookimpl(wrapper=True) if wrapper else hookimpl
    plugin = SimpleNamespace(**{hook: mark(function) for hook, function in functions.items()})
    pm.register(plugin, name)


def noting(log: list[str], name: str) -> Callable[[], Wrapping]:
    """A wrapper that notes when it is entered, and how it is left."""

    def wrap() -> Wrapping:
        log.append(f"{name} in")
        try:
            yield
        except BaseException as error:
            log.append(f"{name} sees {type(error).__name__}")
            raise
        log.append(f"{name} out")

    return wrap


def raising(error: BaseException) -> Function:
    def raise_it() -> object:
        raise error

    return raise_it


# around a call


def test_a_wrapper_runs_before_and_after_the_implementations() -> None:
    log: list[str] = []
    pm = manager()
    register(pm, "curtain", wrapper=True, play=noting(log, "curtain"))
    register(pm, "actor", play=lambda: log.append("actor"))

    assert pm.hook.play(act=1) == []
    assert log == ["curtain in", "actor", "curtain out"]


def test_the_wrapper_that_was_registered_first_is_outermost() -> None:
    log: list[str] = []
    pm = manager()
    register(pm, "outer", wrapper=True, play=noting(log, "outer"))
    register(pm, "inner", wrapper=True, play=noting(log, "inner"))

    pm.hook.play(act=1)

    assert log == ["outer in", "inner in", "inner out", "outer out"]


def test_wrappers_are_ordered_among_wrappers() -> None:
    log: list[str] = []
    pm = manager()
    for name, options in {"last": {"trylast": True}, "b": {}, "first": {"tryfirst": True}}.items():
        mark: Any = hookimpl
        wrapper = mark(wrapper=True, **options)(noting(log, name))
        pm.register(SimpleNamespace(play=wrapper), name)
    early = hookimpl(tryfirst=True)(lambda: log.append("implementation"))
    pm.register(SimpleNamespace(play=early))

    pm.hook.play(act=1)

    assert log[:4] == ["first in", "b in", "last in", "implementation"]


def test_a_wrapper_is_sent_the_result() -> None:
    seen: list[object] = []

    def look() -> Wrapping:
        seen.append((yield))

    pm = manager()
    register(pm, "look", wrapper=True, play=look, lead=look, line=look)
    register(pm, "actor", play=lambda: "bow", lead=lambda: "Eva", line=lambda text: text + "!")

    pm.hook.play(act=1)
    pm.hook.lead(act=1)
    pm.hook.line(text="to be", act=1)

    assert seen == [["bow"], "Eva", "to be!"]


def test_a_wrapper_around_nothing_is_sent_the_empty_result() -> None:
    seen: list[object] = []

    def look() -> Wrapping:
        seen.append((yield))

    pm = manager()
    register(pm, "look", wrapper=True, play=look, lead=look, line=look)

    assert pm.hook.play(act=1) == []
    assert pm.hook.lead(act=1) is None
    assert pm.hook.line(text="to be", act=1) == "to be"
    assert seen == [[], None, "to be"]


def test_what_a_wrapper_returns_replaces_the_result() -> None:
    def louder() -> Wrapping:
        lines = yield
        return [line.upper() for line in lines]

    pm = manager()
    register(pm, "louder", wrapper=True, play=louder)
    register(pm, "actor", play=lambda: "bow")

    assert pm.hook.play(act=1) == ["BOW"]


def test_an_outer_wrapper_sees_what_an_inner_one_returned() -> None:
    def adds(letter: str) -> Callable[[], Wrapping]:
        def wrap() -> Wrapping:
            text = yield
            return text + letter

        return wrap

    pm = manager()
    register(pm, "outer", wrapper=True, lead=adds("o"))
    register(pm, "inner", wrapper=True, lead=adds("i"))
    register(pm, "actor", lead=lambda: "Eva ")

    assert pm.hook.lead(act=1) == "Eva io"


@pytest.mark.parametrize("falsy", [0, "", False, []])
def test_a_falsy_value_replaces_the_result(falsy: object) -> None:
    def wrap() -> Wrapping:
        yield
        return falsy

    pm = manager()
    register(pm, "wrap", wrapper=True, lead=wrap)
    register(pm, "actor", lead=lambda: "Eva")

    assert pm.hook.lead(act=1) is falsy


def test_a_wrapper_that_returns_nothing_keeps_the_result() -> None:
    def wrap() -> Wrapping:
        yield

    pm = manager()
    register(pm, "wrap", wrapper=True, play=wrap, lead=wrap, line=wrap)
    register(pm, "actor", play=lambda: "bow", lead=lambda: "Eva", line=lambda text: text + "!")

    assert pm.hook.play(act=1) == ["bow"]
    assert pm.hook.lead(act=1) == "Eva"
    assert pm.hook.line(text="to be", act=1) == "to be!"


def test_a_wrapper_takes_the_arguments_that_it_wants() -> None:
    seen: list[object] = []

    def wants_act(act: int) -> Wrapping:
        seen.append(act)
        yield

    def by_keyword(*, text: str) -> Wrapping:
        seen.append(text)
        yield

    def wants_all(**everything: object) -> Wrapping:
        seen.append(everything)
        yield

    pm = manager()
    for at, wrapper in enumerate((wants_act, by_keyword, wants_all)):
        register(pm, f"w{at}", wrapper=True, line=wrapper)

    pm.hook.line("to be", 3)

    assert seen == [3, "to be", {"text": "to be", "act": 3}]


def test_a_wrapper_sees_the_arguments_as_they_were_called() -> None:
    def compare(text: str) -> Wrapping:
        said = yield
        return f"{text} -> {said}"

    pm = manager()
    register(pm, "compare", wrapper=True, line=compare)
    register(pm, "actor", line=lambda text: text + "!")

    assert pm.hook.line(text="to be", act=1) == "to be -> to be!"


def test_a_wrapper_is_a_method_of_a_plugin_as_well() -> None:
    class Counting:
        count = 0

        @hookimpl(wrapper=True)
        def play(self, act: int) -> Iterator[None]:
            self.count += act
            yield

    pm = manager()
    counting = Counting()
    pm.register(counting)

    pm.hook.play(act=2)
    pm.hook.play(act=3)

    assert counting.count == 5


@pytest.mark.parametrize("count", [1, 2, 12, 60])
def test_any_number_of_wrappers_nest(count: int) -> None:
    log: list[str] = []
    pm = manager()
    names = [f"w{at}" for at in range(count)]
    for name in names:
        register(pm, name, wrapper=True, play=noting(log, name))
    register(pm, "actor", play=lambda: "bow")

    assert pm.hook.play(act=1) == ["bow"]
    inward, outward = [f"{name} in" for name in names], [f"{name} out" for name in names]
    assert log == [*inward, *reversed(outward)]


# when an implementation raises


def test_every_wrapper_sees_the_error_innermost_first() -> None:
    log: list[str] = []
    pm = manager()
    for name in ("a", "b", "c"):
        register(pm, name, wrapper=True, play=noting(log, name))
    error = ValueError("forgot the text")
    register(pm, "actor", play=raising(error))

    with pytest.raises(ValueError, match="forgot the text") as caught:
        pm.hook.play(act=1)

    assert caught.value is error
    assert log[3:] == ["c sees ValueError", "b sees ValueError", "a sees ValueError"]


def test_twelve_wrappers_all_see_the_error() -> None:
    log: list[str] = []
    pm = manager()
    for at in range(12):
        register(pm, f"w{at}", wrapper=True, play=noting(log, f"w{at}"))
    register(pm, "actor", play=raising(ValueError("forgot")))

    with pytest.raises(ValueError, match="forgot"):
        pm.hook.play(act=1)

    assert log[12:] == [f"w{at} sees ValueError" for at in reversed(range(12))]


def test_the_error_is_raised_only_after_all_wrappers_have_had_their_turn() -> None:
    log: list[str] = []

    def wrap() -> Wrapping:
        try:
            yield
        finally:
            log.append("cleaned")

    pm = manager()
    register(pm, "a", wrapper=True, play=wrap)
    register(pm, "b", wrapper=True, play=wrap)
    register(pm, "actor", play=raising(ValueError()))

    try:
        pm.hook.play(act=1)
    except ValueError:
        log.append("raised")

    assert log == ["cleaned", "cleaned", "raised"]


def swallowing(answer: object = None) -> Callable[[], Wrapping]:
    def wrap() -> Wrapping:
        try:
            yield
        except ValueError:
            return answer
        return None

    return wrap


def test_a_wrapper_swallows_an_error_by_returning() -> None:
    pm = manager()
    register(pm, "safe", wrapper=True, play=swallowing(["a pause"]))
    register(pm, "actor", play=raising(ValueError()))

    assert pm.hook.play(act=1) == ["a pause"]


def test_an_outer_wrapper_sees_the_result_that_stands_for_a_swallowed_error() -> None:
    seen: list[object] = []

    def look() -> Wrapping:
        seen.append((yield))

    pm = manager()
    register(pm, "look", wrapper=True, play=look)
    register(pm, "safe", wrapper=True, play=swallowing(["a pause"]))
    register(pm, "actor", play=raising(ValueError()))

    assert pm.hook.play(act=1) == ["a pause"]
    assert seen == [["a pause"]]


def test_who_swallows_and_returns_nothing_leaves_the_empty_result_of_the_mode() -> None:
    pm = manager()
    safe = swallowing()
    register(pm, "safe", wrapper=True, play=safe, lead=safe, line=safe)
    error = ValueError()
    register(pm, "actor", play=raising(error), lead=raising(error), line=failing_line)

    assert pm.hook.play(act=1) == []
    assert pm.hook.lead(act=1) is None
    assert pm.hook.line(text="to be", act=1) == "to be"
    assert pm.caller("play").collect_with_plugins(act=1) == []


def failing_line(text: str) -> str:
    raise ValueError(text)


def test_a_swallowed_pipeline_is_its_input_and_not_what_it_had_become() -> None:
    pm = manager()
    register(pm, "safe", wrapper=True, line=swallowing())
    register(pm, "actor", line=lambda text: text + "!")
    register(pm, "prompter", line=failing_line)

    assert pm.hook.line(text="to be", act=1) == "to be"


@pytest.mark.parametrize("falsy", [0, "", False])
def test_a_falsy_value_stands_for_a_swallowed_error(falsy: object) -> None:
    pm = manager()
    register(pm, "safe", wrapper=True, lead=swallowing(falsy))
    register(pm, "actor", lead=raising(ValueError()))

    assert pm.hook.lead(act=1) is falsy


def test_a_wrapper_replaces_the_error_and_its_cause_is_kept() -> None:
    def translate() -> Wrapping:
        try:
            yield
        except ValueError as error:
            raise LookupError("no such text") from error

    pm = manager()
    register(pm, "translate", wrapper=True, play=translate)
    original = ValueError("forgot")
    register(pm, "actor", play=raising(original))

    with pytest.raises(LookupError, match="no such text") as caught:
        pm.hook.play(act=1)

    assert caught.value.__cause__ is original


def test_a_wrapper_that_raises_without_from_keeps_the_context() -> None:
    def translate() -> Wrapping:
        try:
            yield
        except ValueError:
            raise LookupError  # noqa: B904

    pm = manager()
    register(pm, "translate", wrapper=True, play=translate)
    original = ValueError("forgot")
    register(pm, "actor", play=raising(original))

    with pytest.raises(LookupError) as caught:
        pm.hook.play(act=1)

    assert caught.value.__context__ is original
    assert caught.value.__cause__ is None


def test_outer_wrappers_see_the_replaced_error() -> None:
    log: list[str] = []

    def translate() -> Wrapping:
        try:
            yield
        except ValueError as error:
            raise LookupError from error

    pm = manager()
    register(pm, "outer", wrapper=True, play=noting(log, "outer"))
    register(pm, "translate", wrapper=True, play=translate)
    register(pm, "actor", play=raising(ValueError()))

    with pytest.raises(LookupError):
        pm.hook.play(act=1)

    assert log == ["outer in", "outer sees LookupError"]


# when a wrapper raises


def failing_setup() -> Wrapping:
    raise LookupError("no curtain")
    yield


def failing_teardown() -> Wrapping:
    yield
    raise LookupError("the curtain is stuck")


def test_a_failing_setup_unwinds_the_wrappers_before_it() -> None:
    log: list[str] = []
    pm = manager()
    register(pm, "a", wrapper=True, play=noting(log, "a"))
    register(pm, "b", wrapper=True, play=failing_setup)
    register(pm, "c", wrapper=True, play=noting(log, "c"))
    register(pm, "actor", play=lambda: log.append("actor"))

    with pytest.raises(LookupError, match="no curtain"):
        pm.hook.play(act=1)

    assert log == ["a in", "a sees LookupError"]


def test_a_failing_first_setup_is_raised_as_it_is() -> None:
    pm = manager()
    register(pm, "b", wrapper=True, play=failing_setup)

    with pytest.raises(LookupError, match="no curtain"):
        pm.hook.play(act=1)


def test_an_outer_wrapper_may_swallow_a_failing_setup() -> None:
    def safe() -> Wrapping:
        try:
            yield
        except LookupError:
            return ["no play today"]
        return None

    pm = manager()
    register(pm, "safe", wrapper=True, play=safe)
    register(pm, "b", wrapper=True, play=failing_setup)

    assert pm.hook.play(act=1) == ["no play today"]


def test_a_raising_teardown_does_not_keep_the_others_from_theirs() -> None:
    log: list[str] = []
    pm = manager()
    register(pm, "outer", wrapper=True, play=noting(log, "outer"))
    register(pm, "stuck", wrapper=True, play=failing_teardown)
    register(pm, "inner", wrapper=True, play=noting(log, "inner"))
    register(pm, "actor", play=lambda: "bow")

    with pytest.raises(LookupError, match="stuck"):
        pm.hook.play(act=1)

    assert log == ["outer in", "inner in", "inner out", "outer sees LookupError"]


def test_two_raising_teardowns_leave_the_outer_error_with_the_inner_as_context() -> None:
    def outer() -> Wrapping:
        try:
            yield
        finally:
            raise KeyError("outer")

    pm = manager()
    register(pm, "outer", wrapper=True, play=outer)
    register(pm, "inner", wrapper=True, play=failing_teardown)

    with pytest.raises(KeyError, match="outer") as caught:
        pm.hook.play(act=1)

    assert isinstance(caught.value.__context__, LookupError)


def test_a_raising_cleanup_becomes_the_pending_error() -> None:
    log: list[str] = []

    def clumsy() -> Wrapping:
        try:
            yield
        finally:
            raise LookupError("dropped it")

    pm = manager()
    register(pm, "outer", wrapper=True, play=noting(log, "outer"))
    register(pm, "clumsy", wrapper=True, play=clumsy)
    original = ValueError("forgot")
    register(pm, "actor", play=raising(original))

    with pytest.raises(LookupError, match="dropped it") as caught:
        pm.hook.play(act=1)

    assert caught.value.__context__ is original
    assert log[-1] == "outer sees LookupError"


# yielding another number of times than once


def no_yield() -> Wrapping:
    if False:
        yield
    return "no yield"


def two_yields() -> Wrapping:
    yield
    yield


def test_a_wrapper_that_does_not_yield_is_an_error_that_names_it() -> None:
    pm = manager()
    register(pm, "lazy", wrapper=True, play=no_yield)

    with pytest.raises(WrapperError, match=r"'no_yield'.*must yield exactly once") as caught:
        pm.hook.play(act=1)

    assert isinstance(caught.value, RuntimeError)
    assert caught.value.__notes__ == ["hook 'play': raised by plugin 'lazy'"]
    assert __file__ in str(caught.value)


def test_a_wrapper_that_does_not_yield_unwinds_the_wrappers_before_it() -> None:
    log: list[str] = []
    pm = manager()
    register(pm, "outer", wrapper=True, play=noting(log, "outer"))
    register(pm, "lazy", wrapper=True, play=no_yield)
    register(pm, "actor", play=lambda: log.append("actor"))

    with pytest.raises(WrapperError):
        pm.hook.play(act=1)

    assert log == ["outer in", "outer sees WrapperError"]


def test_a_wrapper_that_yields_twice_is_an_error_that_names_it() -> None:
    pm = manager()
    register(pm, "eager", wrapper=True, play=two_yields)
    register(pm, "actor", play=lambda: "bow")

    with pytest.raises(WrapperError, match=r"'two_yields'.*second yield") as caught:
        pm.hook.play(act=1)

    assert caught.value.__notes__ == ["hook 'play': raised by plugin 'eager'"]


def test_a_wrapper_that_yields_twice_is_closed_and_the_others_unwind() -> None:
    log: list[str] = []

    def eager() -> Wrapping:
        try:
            yield
            yield
        finally:
            log.append("eager closed")

    pm = manager()
    register(pm, "outer", wrapper=True, play=noting(log, "outer"))
    register(pm, "eager", wrapper=True, play=eager)
    register(pm, "inner", wrapper=True, play=noting(log, "inner"))

    with pytest.raises(WrapperError):
        pm.hook.play(act=1)

    assert log == ["outer in", "inner in", "inner out", "eager closed", "outer sees WrapperError"]


def test_a_wrapper_that_yields_again_after_an_error_is_an_error_with_that_one_as_context() -> None:
    def stubborn() -> Wrapping:
        try:
            yield
        except ValueError:
            yield

    pm = manager()
    register(pm, "stubborn", wrapper=True, play=stubborn)
    original = ValueError("forgot")
    register(pm, "actor", play=raising(original))

    with pytest.raises(WrapperError, match="second yield") as caught:
        pm.hook.play(act=1)

    assert caught.value.__context__ is original


def test_a_wrapper_that_cannot_even_be_closed_is_still_reported() -> None:
    def clinging() -> Wrapping:
        yield
        try:
            yield
        finally:
            raise KeyError("never")

    pm = manager()
    register(pm, "clinging", wrapper=True, play=clinging)

    with pytest.raises(WrapperError, match="second yield") as caught:
        pm.hook.play(act=1)

    assert isinstance(caught.value.__context__, KeyError)


def test_a_wrapper_that_goes_on_yielding_when_closed_is_still_reported() -> None:
    log: list[str] = []

    def clinging() -> Wrapping:
        while True:
            try:
                yield
            except GeneratorExit:
                yield
                raise

    pm = manager()
    register(pm, "outer", wrapper=True, play=noting(log, "outer"))
    register(pm, "clinging", wrapper=True, play=clinging)

    with pytest.raises(WrapperError, match="second yield"):
        pm.hook.play(act=1)

    assert log == ["outer in", "outer sees WrapperError"]


# the errors that are no Exception, or that mean something to generators

SPECIAL = [StopIteration, StopAsyncIteration, GeneratorExit, KeyboardInterrupt, SystemExit]


@pytest.mark.parametrize("kind", SPECIAL)
def test_a_special_error_of_an_implementation_passes_wrappers_as_itself(
    kind: type[BaseException],
) -> None:
    log: list[str] = []
    pm = manager()
    register(pm, "a", wrapper=True, play=noting(log, "a"))
    register(pm, "b", wrapper=True, play=noting(log, "b"))
    error = kind("stop")
    register(pm, "actor", play=raising(error))

    with pytest.raises(kind) as caught:
        pm.hook.play(act=1)

    assert caught.value is error
    assert log[2:] == [f"b sees {kind.__name__}", f"a sees {kind.__name__}"]


@pytest.mark.parametrize("kind", SPECIAL)
def test_a_special_error_passes_a_wrapper_that_does_not_look(kind: type[BaseException]) -> None:
    def wrap() -> Wrapping:
        yield

    pm = manager()
    register(pm, "a", wrapper=True, play=wrap)
    error = kind("stop")
    register(pm, "actor", play=raising(error))

    with pytest.raises(kind) as caught:
        pm.hook.play(act=1)

    assert caught.value is error


@pytest.mark.parametrize("kind", SPECIAL)
def test_a_special_error_may_be_swallowed(kind: type[BaseException]) -> None:
    def safe() -> Wrapping:
        try:
            yield
        except BaseException:
            return ["kept on"]

    pm = manager()
    register(pm, "safe", wrapper=True, play=safe)
    register(pm, "actor", play=raising(kind()))

    assert pm.hook.play(act=1) == ["kept on"]


@pytest.mark.parametrize("kind", [GeneratorExit, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("moment", ["setup", "teardown"])
def test_a_special_error_of_a_wrapper_is_raised_as_itself(
    kind: type[BaseException], moment: str
) -> None:
    log: list[str] = []
    error = kind("stop")

    def wrap() -> Wrapping:
        if moment == "setup":
            raise error
        yield
        raise error

    pm = manager()
    register(pm, "outer", wrapper=True, play=noting(log, "outer"))
    register(pm, "wrap", wrapper=True, play=wrap)

    with pytest.raises(kind) as caught:
        pm.hook.play(act=1)

    assert caught.value is error
    assert log == ["outer in", f"outer sees {kind.__name__}"]


@pytest.mark.parametrize("moment", ["setup", "teardown"])
def test_a_stop_iteration_that_a_wrapper_raises_is_what_python_makes_of_it(moment: str) -> None:
    def wrap() -> Wrapping:
        if moment == "setup":
            raise StopIteration
        yield
        raise StopIteration

    pm = manager()
    register(pm, "wrap", wrapper=True, play=wrap)

    with pytest.raises(RuntimeError, match="generator raised StopIteration"):
        pm.hook.play(act=1)


def test_a_wrapper_may_raise_stop_iteration_instead_of_an_error() -> None:
    def wrap() -> Wrapping:
        try:
            yield
        except ValueError:
            raise StopIteration from None

    pm = manager()
    register(pm, "wrap", wrapper=True, play=wrap)
    register(pm, "actor", play=raising(ValueError()))

    with pytest.raises(RuntimeError, match="generator raised StopIteration"):
        pm.hook.play(act=1)


# calls within calls


def test_a_wrapper_may_call_its_own_hook() -> None:
    pm = manager()

    def wrap(act: int) -> Wrapping:
        before = pm.hook.play(act=act - 1) if act else []
        now = yield
        return [*before, *now]

    register(pm, "wrap", wrapper=True, play=wrap)
    register(pm, "actor", play=lambda act: act)

    assert pm.hook.play(act=4) == [0, 1, 2, 3, 4]


def test_a_wrapper_may_call_its_own_hook_after_its_yield() -> None:
    pm = manager()

    def wrap(act: int) -> Wrapping:
        now = yield
        return [*now, *(pm.hook.play(act=act - 1) if act else [])]

    register(pm, "wrap", wrapper=True, play=wrap)
    register(pm, "actor", play=lambda act: act)

    assert pm.hook.play(act=4) == [4, 3, 2, 1, 0]


def test_an_implementation_may_call_its_own_hook_through_wrappers() -> None:
    log: list[str] = []
    pm = manager()

    def wrap(act: int) -> Wrapping:
        log.append(f"in {act}")
        yield
        log.append(f"out {act}")

    register(pm, "wrap", wrapper=True, play=wrap)
    register(pm, "actor", play=lambda act: pm.hook.play(act=act - 1) if act else "end")

    assert pm.hook.play(act=2) == [[["end"]]]
    assert log == ["in 2", "in 1", "in 0", "out 0", "out 1", "out 2"]


def test_an_error_deep_in_a_recursion_is_seen_at_every_level() -> None:
    log: list[str] = []
    pm = manager()

    def wrap(act: int) -> Wrapping:
        try:
            yield
        except ValueError:
            log.append(f"level {act}")
            raise

    def play(act: int) -> object:
        if not act:
            raise ValueError("at the bottom")
        return pm.hook.play(act=act - 1)

    register(pm, "wrap", wrapper=True, play=wrap)
    register(pm, "actor", play=play)

    with pytest.raises(ValueError, match="at the bottom"):
        pm.hook.play(act=3)

    assert log == ["level 0", "level 1", "level 2", "level 3"]


def test_a_wrapper_may_be_unregistered_while_it_is_in_a_call() -> None:
    log: list[str] = []
    pm = manager()
    register(pm, "a", wrapper=True, play=noting(log, "a"))
    register(pm, "actor", play=lambda: pm.unregister("a") and None)

    pm.hook.play(act=1)
    pm.hook.play(act=1)

    assert log == ["a in", "a out"]


def test_threads_may_be_in_one_wrapper_at_the_same_time() -> None:
    pm = manager()
    barrier = threading.Barrier(4, timeout=30)

    def wrap(act: int) -> Wrapping:
        barrier.wait()
        lines = yield
        barrier.wait()
        return [act, *lines]

    register(pm, "wrap", wrapper=True, play=wrap)
    register(pm, "actor", play=lambda act: act)

    with ThreadPoolExecutor(4) as threads:
        results = [*threads.map(lambda act: pm.hook.play(act=act), range(8))]

    assert results == [[act, act] for act in range(8)]


# generator functions in disguise


def test_a_wrapper_may_be_decorated_with_wraps() -> None:
    log: list[str] = []

    def logged(function: Callable[..., Wrapping]) -> Callable[..., Wrapping]:
        @functools.wraps(function)
        def inner(*args: Any, **kwargs: Any) -> Wrapping:
            log.append("made")
            return function(*args, **kwargs)

        return inner

    @logged
    def wrap(act: int) -> Wrapping:
        lines = yield
        return [*lines, act]

    pm = manager()
    register(pm, "wrap", wrapper=True, play=wrap)
    register(pm, "actor", play=lambda: "bow")

    assert pm.hook.play(act=7) == ["bow", 7]
    assert log == ["made"]


def test_a_decorated_wrapper_sees_errors_and_may_swallow_them() -> None:
    def same(function: Callable[..., Wrapping]) -> Callable[..., Wrapping]:
        @functools.wraps(function)
        def inner(*args: Any, **kwargs: Any) -> Wrapping:
            return function(*args, **kwargs)

        return inner

    pm = manager()
    register(pm, "safe", wrapper=True, play=same(swallowing(["a pause"])))
    register(pm, "actor", play=raising(ValueError()))

    assert pm.hook.play(act=1) == ["a pause"]


def test_a_partial_of_a_generator_function_is_a_wrapper() -> None:
    def wrap(word: str, act: int) -> Wrapping:
        lines = yield
        return [*lines, f"{word} {act}"]

    pm = manager()
    register(pm, "wrap", wrapper=True, play=functools.partial(wrap, "act"))

    assert pm.hook.play(act=2) == ["act 2"]


def test_a_callable_object_is_a_wrapper() -> None:
    class Wrap:
        def __call__(self, act: int) -> Wrapping:
            lines = yield
            return [*lines, act]

    pm = manager()
    register(pm, "wrap", wrapper=True, play=Wrap())

    assert pm.hook.play(act=2) == [2]


# the drivers of wrappers are lent, one call at a time


def test_an_ended_wrapper_leaves_nothing_to_the_next_one() -> None:
    pm = manager()
    kinds: list[Callable[[], Wrapping]] = [
        lambda: iter_once("fine"),
        no_yield,
        two_yields,
        failing_setup,
        failing_teardown,
        swallowing(),
    ]
    for kind in kinds * 3:
        register(pm, "odd", wrapper=True, play=delegating(kind))
        with contextlib.suppress(WrapperError, LookupError):
            pm.hook.play(act=1)
        pm.unregister("odd")

    log: list[str] = []
    register(pm, "a", wrapper=True, play=noting(log, "a"))
    register(pm, "actor", play=lambda: "bow")
    assert pm.hook.play(act=1) == ["bow"]
    assert log == ["a in", "a out"]


def iter_once(answer: object) -> Wrapping:
    yield
    return answer


def delegating(function: Callable[[], Wrapping]) -> Callable[[], Wrapping]:
    def wrap() -> Wrapping:
        return (yield from function())

    return wrap


def test_a_generator_exit_reaches_the_wrapper_itself() -> None:
    seen: list[BaseException] = []

    def wrap() -> Wrapping:
        try:
            yield
        except GeneratorExit as error:
            seen.append(error)
            raise

    pm = manager()
    register(pm, "wrap", wrapper=True, play=wrap)
    error = GeneratorExit()
    register(pm, "actor", play=raising(error))

    with pytest.raises(GeneratorExit):
        pm.hook.play(act=1)

    assert seen == [error]
