"""Where ours does otherwise than pluggy, on purpose: each test says what either does."""

import inspect
import traceback
from collections.abc import Callable, Generator
from contextlib import suppress
from copy import copy, deepcopy
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any

import pluggy
import pytest
from pluggy import HookimplMarker, HookspecMarker

import hotplug
from hotplug import HotplugError, WrapperError

Fixture = Callable[..., Any]


@pytest.fixture
def is_ours(library: ModuleType) -> bool:
    return library is not pluggy


def test_outer_wrappers_see_the_error_of_a_wrapper_that_yields_twice(
    pm: Any, implement: Fixture, is_ours: bool
) -> None:
    """pluggy drops them in the middle of what they do."""
    seen: list[str] = []

    def wrap_wrongly() -> Generator[None, Any, Any]:
        yield
        yield

    def wrap() -> Generator[None, Any, Any]:
        try:
            return (yield)
        except RuntimeError as error:
            seen.append(str(error))
            raise

    implement("serve", wrap_wrongly, wrapper=True)
    implement("serve", wrap, wrapper=True)

    with pytest.raises(RuntimeError, match="has second yield") as caught:
        pm.hook.serve()

    assert seen == ([str(caught.value)] if is_ours else [])


def test_a_wrapper_that_yields_twice_and_raises_when_it_is_closed_has_yielded_twice(
    pm: Any, implement: Fixture, is_ours: bool
) -> None:
    def wrap_wrongly() -> Generator[None, Any, Any]:
        yield
        try:
            yield
        finally:
            raise LookupError("closed")

    implement("serve", wrap_wrongly, wrapper=True)

    with pytest.raises(RuntimeError if is_ours else LookupError) as caught:
        pm.hook.serve()

    assert not is_ours or isinstance(caught.value.__context__, LookupError)


def test_a_function_without_a_name_that_does_not_fit_is_refused_as_any_other(
    library: ModuleType, pm: Any, specify: Fixture, hookimpl: HookimplMarker, is_ours: bool
) -> None:
    specify("serve", lambda: None)
    nameless = staticmethod(hookimpl(wrapper=True)(partial(lambda: None)))

    with pytest.raises(library.PluginValidationError if is_ours else AttributeError):
        pm.register(type("Waiter", (), {"serve": nameless})())


def test_a_stop_iteration_that_an_old_wrapper_forces_comes_as_it_is(
    pm: Any, implement: Fixture, is_ours: bool
) -> None:
    def force() -> Generator[None, Any, Any]:
        outcome = yield
        outcome.force_exception(StopIteration("done"))

    implement("serve", force, hookwrapper=True)

    with pytest.raises(StopIteration if is_ours else RuntimeError) as caught:
        pm.hook.serve()

    assert is_ours or isinstance(caught.value.__cause__, StopIteration)


def test_a_plugin_that_leaves_takes_no_other_along_that_has_come_to_equal_it(
    pm: Any, implement: Fixture, hookimpl: HookimplMarker, is_ours: bool
) -> None:
    first, second = ({"serve": hookimpl(lambda name=name: name)} for name in ("first", "second"))
    plugins = [SimpleNamespace(**first), SimpleNamespace(**second)]
    for plugin in plugins:
        pm.register(plugin)
    plugins[1].serve = plugins[0].serve

    pm.unregister(plugins[0])

    assert pm.hook.serve() == (["second"] if is_ours else [])


@pytest.mark.parametrize("kind", [type, ModuleType])
def test_a_plugin_is_what_it_is_whatever_it_says_that_it_is(
    pm: Any, hookimpl: HookimplMarker, is_ours: bool, kind: type
) -> None:
    body = {"__class__": property(lambda _: kind), "serve": hookimpl(lambda _: "tea")}
    pm.register(type("Waiter", (), body)(), "waiter")

    assert hasattr(pm.hook, "serve") == is_ours


def test_what_a_metaclass_marks_is_no_hook_of_its_classes(
    pm: Any, hookimpl: HookimplMarker, is_ours: bool
) -> None:
    """With pluggy it is one if it is listed, and a call of it fails: nobody gives the class."""

    class Meta(type):
        def __dir__(cls) -> list[str]:
            return ["serve"]

        @hookimpl
        def serve(cls) -> str:
            return "tea"

    class Waiter(metaclass=Meta):
        """Has nothing of its own."""

    pm.register(Waiter)

    assert hasattr(pm.hook, "serve") != is_ours


def test_what_a_class_of_managers_verifies_is_what_may_not_fit(
    library: ModuleType, hookspec: HookspecMarker, hookimpl: HookimplMarker, is_ours: bool
) -> None:
    asked: list[str] = []

    class Manager(library.PluginManager):  # type: ignore[misc, name-defined]
        def _verify_hook(self, hook: Any, hookimpl: Any) -> None:
            asked.append(hookimpl.plugin_name)

    pm = Manager("cafe")
    pm.add_hookspecs(SimpleNamespace(serve=hookspec(lambda guest: None)))
    pm.register(SimpleNamespace(serve=hookimpl(lambda guest: "tea")), "plain")
    pm.register(SimpleNamespace(serve=hookimpl(lambda: "milk")), "fewer")
    pm.register(SimpleNamespace(serve=hookimpl(tryfirst=True)(lambda guest: "cake")), "first")

    assert asked == (["fewer", "first"] if is_ours else ["plain", "fewer", "first"])


def test_the_options_of_an_implementation_are_not_to_be_set(
    pm: Any, implement: Fixture, is_ours: bool
) -> None:
    implement("serve", lambda: "tea")
    (item,) = pm.hook.serve.get_hookimpls()

    if is_ours:
        with pytest.raises(AttributeError):
            item.tryfirst = True
    else:
        item.tryfirst = True
        assert item.tryfirst


def test_who_tries_to_be_both_first_and_last_is_last_whoever_comes_when(
    pm: Any, implement: Fixture, is_ours: bool
) -> None:
    """With pluggy it depends on who was there before."""
    implement("serve", lambda: "both", tryfirst=True, trylast=True)
    implement("serve", lambda: "other")

    assert pm.hook.serve() == (["other", "both"] if is_ours else ["both", "other"])


def test_an_argument_may_be_named_self(pm: Any, implement: Fixture, is_ours: bool) -> None:
    implement("serve", lambda self: self)

    if is_ours:
        assert pm.hook.serve(self="Ada") == ["Ada"]
    else:
        with pytest.raises(TypeError, match="'self'"):
            pm.hook.serve(self="Ada")


def test_a_positional_only_parameter_may_have_a_default(
    pm: Any, implement: Fixture, is_ours: bool
) -> None:
    implement("serve", lambda cup="own", /: cup)

    assert pm.hook.serve() == ["own"]
    if is_ours:
        assert pm.hook.serve(cup="large") == ["large"]
    else:
        with pytest.raises(TypeError, match="positional-only"):
            pm.hook.serve(cup="large")


def test_the_table_of_hooks_by_plugin_is_there_as_older_versions_of_pluggy_have_it(
    pm: Any, implement: Fixture, is_ours: bool
) -> None:
    plugin = implement("serve", lambda: "tea")

    table = getattr(pm, "_plugin2hookcallers", None)

    assert table == ({plugin: [pm.hook.serve]} if is_ours else None)


def test_a_hook_takes_attributes(pm: Any, implement: Fixture, is_ours: bool) -> None:
    implement("serve", lambda: "tea")

    if is_ours:
        pm.hook.serve.notes = "hot"
        assert pm.hook.serve.notes == "hot"
    else:
        with pytest.raises(AttributeError, match="notes"):
            pm.hook.serve.notes = "hot"


# errors and tracebacks


def test_errors_have_more_ancestors(library: ModuleType, is_ours: bool) -> None:
    assert issubclass(library.HookCallError, TypeError) is is_ours
    assert issubclass(library.HookCallError, HotplugError) is is_ours
    assert issubclass(library.PluginValidationError, HotplugError) is is_ours
    assert not issubclass(library.PluginValidationError, hotplug.PluginValidationError)


def wrong_yields(count: int) -> Callable[[], Generator[None, Any, Any]]:
    def wrap() -> Generator[None, Any, Any]:
        for _ in range(count):
            yield

    return wrap


@pytest.mark.parametrize("count", [0, 2])
@pytest.mark.parametrize("style", ["wrapper", "hookwrapper"])
def test_a_wrong_number_of_yields_is_an_error_of_its_own_type(
    pm: Any, implement: Fixture, is_ours: bool, style: str, count: int
) -> None:
    implement("serve", wrong_yields(count), **{style: True})

    with pytest.raises(RuntimeError) as caught:
        pm.hook.serve()

    assert isinstance(caught.value, WrapperError) is is_ours


def test_a_positional_argument_is_refused_in_the_name_of_the_hook(
    pm: Any, implement: Fixture, is_ours: bool
) -> None:
    implement("serve", lambda guest: guest)

    with pytest.raises(TypeError, match=r"^serve\(\)" if is_ours else r"__call__\(\)"):
        pm.hook.serve("Ada")


def test_an_exception_leaves_one_frame_however_many_wrappers_it_has_passed(
    pm: Any, implement: Fixture, is_ours: bool
) -> None:
    def serve() -> None:
        raise LookupError("no tea")

    def wrap() -> Generator[None, Any, Any]:
        return (yield)

    implement("serve", serve)
    for _ in range(3):
        implement("serve", wrap, wrapper=True)

    with suppress(LookupError):
        pm.hook.serve()  # a call after which ours has the form that it keeps
    with pytest.raises(LookupError) as caught:
        pm.hook.serve()

    between = traceback.extract_tb(caught.value.__traceback__)[1:-1]
    assert (len(between) == 1) is is_ours
    assert all(frame.filename.startswith("<") for frame in between) is is_ours


# who executes calls


def test_wrappers_stand_around_all_others_in_whatever_order_a_call_is_handed_over(
    pm: Any, implement: Fixture, is_ours: bool
) -> None:
    began: list[str] = []

    def wrap() -> Generator[None, Any, Any]:
        began.append("wrapper")
        return (yield)

    implement("serve", wrap, wrapper=True)
    implement("serve", lambda: began.append("other"))
    execute = pm._inner_hookexec
    pm._inner_hookexec = lambda name, methods, *rest: execute(name, methods[::-1], *rest)
    pm.hook.serve()

    assert began == (["wrapper", "other"] if is_ours else ["other", "wrapper"])


def test_the_private_list_of_implementations_is_kept_in_the_order_of_the_marks(
    pm: Any, implement: Fixture, is_ours: bool
) -> None:
    implement("serve", lambda: "plain")
    implement("serve", lambda: "first", tryfirst=True)

    pm.hook.serve._hookimpls.reverse()

    assert pm.hook.serve() == (["first", "plain"] if is_ours else ["plain", "first"])


def test_a_private_list_that_was_taken_before_does_not_follow_the_hook(
    pm: Any, implement: Fixture, is_ours: bool
) -> None:
    implement("serve", lambda: "tea")
    items = pm.hook.serve._hookimpls

    implement("serve", lambda: "cake")

    assert len(items) == (1 if is_ours else 2)


def test_who_executes_calls_gets_a_list_of_another_type(
    pm: Any, implement: Fixture, is_ours: bool
) -> None:
    given: list[Any] = []
    implement("serve", lambda: "tea")
    pm._inner_hookexec = lambda name, methods, *rest: given.append(methods)
    pm.hook.serve()

    assert isinstance(given[0], list)
    assert (type(given[0]) is not list) is is_ours


# hooks


def test_a_hook_is_a_partial(
    pm: Any, implement: Fixture, library: ModuleType, is_ours: bool
) -> None:
    implement("serve", lambda guest: guest)

    assert isinstance(pm.hook.serve, library.HookCaller)
    assert isinstance(pm.hook.serve, partial) is is_ours
    assert list(inspect.signature(pm.hook.serve).parameters) == (["args"] if is_ours else []) + [
        "kwargs"
    ]


@pytest.mark.parametrize("make_copy", [copy, deepcopy])
def test_a_hook_cannot_be_copied(
    pm: Any, implement: Fixture, is_ours: bool, make_copy: Fixture
) -> None:
    implement("serve", lambda: "tea")

    if is_ours:
        with pytest.raises(TypeError, match="HookCaller"):
            make_copy(pm.hook.serve)
    else:
        assert make_copy(pm.hook.serve)() == ["tea"]


def change_the_function(hook: Any) -> None:
    hook.get_hookimpls()[0].function = lambda: "changed"


def change_who_executes(hook: Any) -> None:
    hook._hookexec = lambda *_: "changed"


def change_an_option(hook: Any) -> None:
    hook.spec.opts["firstresult"] = False


def take_the_specification_away(hook: Any) -> None:
    hook.spec = None


@pytest.mark.parametrize(
    ("change", "with_pluggy"),
    [
        (change_the_function, "changed"),
        (change_who_executes, "changed"),
        (change_an_option, ["tea"]),
        (take_the_specification_away, ["tea"]),
    ],
)
def test_what_a_hook_is_made_of_is_not_read_again_after_its_first_calls(
    pm: Any, specify: Fixture, implement: Fixture, is_ours: bool, change: Fixture, with_pluggy: Any
) -> None:
    specify("serve", lambda: None, firstresult=True)
    implement("serve", lambda: "tea")
    for _ in range(10):
        pm.hook.serve()

    change(pm.hook.serve)

    assert pm.hook.serve() == ("tea" if is_ours else with_pluggy)
