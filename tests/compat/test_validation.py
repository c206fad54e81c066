"""What is refused, and what is warned of: hooks that do not fit, and hooks one should not use."""

import inspect
import warnings
from collections.abc import Callable, Generator
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from pluggy import HookimplMarker, HookspecMarker

Fixture = Callable[..., Any]


@pytest.fixture
def refusal(library: ModuleType, pm: Any, hookimpl: HookimplMarker) -> Fixture:
    """Register a plugin whose hook is refused; what is said, and that it is said of the plugin."""

    def register(hook: str, function: Callable[..., Any], **options: Any) -> str:
        plugin = SimpleNamespace(**{hook: hookimpl(**options)(function)})
        with pytest.raises(library.PluginValidationError) as caught:
            pm.register(plugin, "waiter")
        assert caught.value.plugin is plugin
        return str(caught.value)

    return register


def generator() -> Generator[None, Any, Any]:
    return (yield)


# arguments that do not fit


def test_an_argument_that_the_hook_does_not_have_is_refused(
    specify: Fixture, refusal: Fixture
) -> None:
    def serve(guest: str, tabel: int) -> None: ...

    specify("serve", lambda guest, table: None)

    said = refusal("serve", serve)

    for part in ("'waiter'", "'serve'", "serve(guest: str, tabel: int) -> None", "{'tabel'}"):
        assert part in said


@pytest.mark.parametrize("style", ["wrapper", "hookwrapper"])
def test_arguments_of_wrappers_are_looked_at_too(
    specify: Fixture, refusal: Fixture, style: str
) -> None:
    def wrap(tabel: int) -> Generator[None, Any, Any]:
        return (yield)

    specify("serve", lambda table: None)

    assert "{'tabel'}" in refusal("serve", wrap, **{style: True})


def test_an_argument_that_has_a_default_need_not_be_one_of_the_hook(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    specify("serve", lambda guest: None)
    implement("serve", lambda guest, table=3: (guest, table))

    assert pm.hook.serve(guest="Ada") == [("Ada", 3)]


def test_an_argument_that_the_hook_has_a_default_for_is_one_of_the_hook(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    specify("serve", lambda table=3: None)
    implement("serve", lambda table: table)

    assert pm.hook.serve() == [3]


def test_a_keyword_only_parameter_of_the_specification_is_no_argument_of_the_hook(
    specify: Fixture, refusal: Fixture
) -> None:
    specify("serve", lambda guest, *, table: None)

    assert "{'table'}" in refusal("serve", lambda guest, table: None)


def test_under_another_name_a_function_has_to_fit_the_hook_of_that_name(
    specify: Fixture, refusal: Fixture
) -> None:
    specify("serve", lambda guest: None)

    said = refusal("bring", lambda gest: None, specname="serve")

    assert "'serve'" in said
    assert "{'gest'}" in said


def test_a_specification_that_comes_late_is_held_against_who_is_there(
    library: ModuleType, specify: Fixture, implement: Fixture
) -> None:
    plugin = implement("serve", lambda gest: None, "waiter")

    with pytest.raises(library.PluginValidationError, match=r"{'gest'}") as caught:
        specify("serve", lambda guest: None)

    assert caught.value.plugin is plugin


@pytest.mark.parametrize("is_known", [False, True])
def test_a_specification_that_a_replay_brings_is_held_against_the_rest_of_the_plugin(
    library: ModuleType,
    pm: Any,
    specify: Fixture,
    implement: Fixture,
    hookimpl: HookimplMarker,
    is_known: bool,
) -> None:
    class Waiter:
        @hookimpl
        def opened(self) -> None:
            specify("serve", lambda guest: None)

        @hookimpl
        def serve(self, gest: str) -> None: ...

    if is_known:
        implement("serve", lambda guest: guest)
    specify("opened", lambda: None, historic=True)
    pm.hook.opened.call_historic()

    with pytest.raises(library.PluginValidationError, match=r"{'gest'}"):
        pm.register(Waiter())


# wrappers that do not fit


@pytest.mark.parametrize("style", ["wrapper", "hookwrapper"])
def test_a_wrapper_has_to_be_a_generator_function(
    specify: Fixture, refusal: Fixture, style: str
) -> None:
    specify("serve", lambda: None)

    said = refusal("serve", lambda: generator(), **{style: True})  # noqa: PLW0108

    assert "generator function" in said


def test_a_wrapper_is_of_one_style(specify: Fixture, refusal: Fixture) -> None:
    specify("serve", lambda: None)

    assert "mutually exclusive" in refusal("serve", generator, wrapper=True, hookwrapper=True)


@pytest.mark.parametrize("style", ["wrapper", "hookwrapper"])
def test_nobody_wraps_a_historic_hook(specify: Fixture, refusal: Fixture, style: str) -> None:
    specify("opened", lambda: None, historic=True)

    assert "historic incompatible with yield" in refusal("opened", generator, **{style: True})


def test_a_wrapper_without_a_name_is_refused_of_a_historic_hook_as_well(
    library: ModuleType, pm: Any, specify: Fixture, hookimpl: HookimplMarker
) -> None:
    specify("opened", lambda: None, historic=True)
    nameless = staticmethod(hookimpl(wrapper=True)(partial(generator)))

    with pytest.raises(library.PluginValidationError, match="historic incompatible with yield"):
        pm.register(type("Waiter", (), {"opened": nameless})())


def test_a_historic_hook_cannot_be_a_firstresult_hook(hookspec: HookspecMarker) -> None:
    mark = hookspec(historic=True, firstresult=True)

    with pytest.raises(ValueError, match="historic firstresult"):
        mark(lambda: None)


# hooks that nobody specified


def test_a_hook_that_stays_without_a_specification_is_refused_when_asked(
    library: ModuleType, pm: Any, implement: Fixture
) -> None:
    plugin = implement("serve", lambda: None)

    with pytest.raises(library.PluginValidationError, match="unknown hook 'serve'") as caught:
        pm.check_pending()

    assert caught.value.plugin is plugin
    assert repr(plugin) in str(caught.value)


def test_a_hook_that_is_specified_later_passes(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    implement("serve", lambda: None)
    specify("serve", lambda: None)

    pm.check_pending()


def test_a_specification_that_nobody_implements_passes(pm: Any, specify: Fixture) -> None:
    specify("serve", lambda: None)

    pm.check_pending()


def test_an_optional_hook_passes(pm: Any, implement: Fixture) -> None:
    implement("serve", lambda: None, optionalhook=True)

    pm.check_pending()


def test_a_hook_whose_plugin_has_gone_passes(pm: Any, implement: Fixture) -> None:
    pm.unregister(implement("serve", lambda: None))

    pm.check_pending()


def test_a_hook_whose_name_begins_with_an_underscore_passes(pm: Any, implement: Fixture) -> None:
    implement("_serve", lambda: "tea")

    pm.check_pending()

    assert pm.hook._serve() == ["tea"]


def test_the_name_of_another_hook_is_the_one_that_is_asked_for(
    library: ModuleType, pm: Any, specify: Fixture, implement: Fixture
) -> None:
    specify("serve", lambda: None)
    implement("serve", lambda: None, specname="greet")

    with pytest.raises(library.PluginValidationError, match="unknown hook 'greet'"):
        pm.check_pending()


def test_an_optional_hook_that_is_specified_has_to_fit(specify: Fixture, refusal: Fixture) -> None:
    specify("serve", lambda guest: None)

    assert "{'gest'}" in refusal("serve", lambda gest: None, optionalhook=True)


# hooks and arguments that warn


def first_line(function: Callable[..., Any]) -> tuple[str, int]:
    return __file__, inspect.getsourcelines(function)[1]


def test_implementing_a_hook_may_warn_at_the_implementation(
    specify: Fixture, implement: Fixture
) -> None:
    def serve() -> None: ...

    warning = DeprecationWarning("serve is old")
    specify("serve", lambda: None, warn_on_impl=warning)

    with pytest.warns(DeprecationWarning, match="serve is old") as caught:
        implement("serve", serve)

    assert [each.message for each in caught] == [warning]
    assert (caught[0].filename, caught[0].lineno) == first_line(serve)


def test_naming_an_argument_may_warn_at_the_implementation_that_does(
    specify: Fixture, implement: Fixture
) -> None:
    def serve(table: int, guest: str, waiter: str = "own") -> None: ...

    old = {name: DeprecationWarning(f"{name} is old") for name in ("guest", "table", "waiter")}
    specify("serve", lambda guest, table, waiter, cup: None, warn_on_impl_args=old)

    with pytest.warns(DeprecationWarning, match="is old") as caught:
        implement("serve", serve)

    assert [each.message for each in caught] == [old["table"], old["guest"], old["waiter"]]
    assert {(each.filename, each.lineno) for each in caught} == {first_line(serve)}


def test_an_implementation_that_names_no_old_argument_is_not_warned_of(
    specify: Fixture, implement: Fixture
) -> None:
    old = {"table": DeprecationWarning("table is old")}
    specify("serve", lambda guest, table: None, warn_on_impl_args=old)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        implement("serve", lambda guest: None)


def test_a_specification_that_comes_late_warns_of_who_is_there(
    specify: Fixture, implement: Fixture
) -> None:
    implement("serve", lambda: None)

    with pytest.warns(DeprecationWarning, match="serve is old"):
        specify("serve", lambda: None, warn_on_impl=DeprecationWarning("serve is old"))


def test_a_warning_that_is_made_an_error_keeps_the_plugin_out(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    specify("serve", lambda: None, warn_on_impl=DeprecationWarning("serve is old"))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DeprecationWarning, match="serve is old"):
            implement("serve", lambda: None, "waiter")

    assert not pm.has_plugin("waiter")


def test_a_specification_that_forgot_self_is_warned_of_and_keeps_its_arguments(
    pm: Any, hookspec: Any
) -> None:
    class Specs:
        @hookspec  # type: ignore[untyped-decorator]
        def serve(guest: Any, table: int) -> None: ...  # noqa: N805 - that is what is tested

    with pytest.warns(DeprecationWarning, match=r"Specs\.serve.*'guest' is not 'self'"):
        pm.add_hookspecs(Specs)

    assert pm.hook.serve.spec.argnames == ("guest", "table")


@pytest.mark.parametrize("first", ["self", "cls"])
def test_a_specification_that_has_self_is_not_warned_of(
    pm: Any, hookspec: HookspecMarker, first: str
) -> None:
    specs = type("Specs", (), {"serve": hookspec(eval(f"lambda {first}, guest: None"))})
    specs.serve.__qualname__ = "Specs.serve"  # type: ignore[attr-defined]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pm.add_hookspecs(specs)

    assert pm.hook.serve.spec.argnames == ("guest",)


def test_a_specification_of_defaults_alone_is_not_warned_of(
    pm: Any, hookspec: HookspecMarker
) -> None:
    specs = type("Specs", (), {"serve": hookspec(lambda guest=None: None)})
    specs.serve.__qualname__ = "Specs.serve"  # type: ignore[attr-defined]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pm.add_hookspecs(specs)

    assert pm.hook.serve.spec.kwargdefaults == {"guest": None}


def test_a_static_specification_is_not_warned_of(pm: Any, hookspec: HookspecMarker) -> None:
    class Specs:
        @staticmethod
        @hookspec
        def serve(guest: str) -> None: ...

    class MoreSpecs(Specs):
        pass

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pm.add_hookspecs(MoreSpecs)

    assert pm.hook.serve.spec.argnames == ("guest",)


# the errors and warnings themselves


def test_the_errors_and_warnings_have_the_ancestors_that_programs_catch(
    library: ModuleType,
) -> None:
    assert issubclass(library.PluginValidationError, Exception)
    assert issubclass(library.HookCallError, Exception)
    assert issubclass(library.PluggyWarning, UserWarning)
    assert issubclass(library.PluggyTeardownRaisedWarning, library.PluggyWarning)


def test_a_refusal_can_be_made_by_a_program(library: ModuleType) -> None:
    error = library.PluginValidationError("the plugin", "no licence")

    assert (error.plugin, str(error)) == ("the plugin", "no licence")


def test_warnings_go_by_the_public_name_that_filters_use(library: ModuleType) -> None:
    for name in ("PluggyWarning", "PluggyTeardownRaisedWarning"):
        warning = getattr(library, name)
        assert warning.__module__ in ("pluggy", library.__name__)
