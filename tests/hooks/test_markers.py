"""Markers: what they leave on a function, what they leave alone, and what they refuse."""

import dataclasses
import functools
from types import SimpleNamespace
from typing import Any

import pytest

from hotplug import (
    Extension,
    ExtensionOpts,
    ExtensionPoint,
    ExtensionPointOpts,
    HookimplMarker,
    HookimplOpts,
    HookspecMarker,
    HookspecOpts,
    PluginManager,
)

extension_point = ExtensionPoint("kitchen")
extension = Extension("kitchen")
any_extension: Any = extension  # to say what the types forbid


def test_both_vocabularies_are_the_same_objects() -> None:
    assert ExtensionPoint is HookspecMarker
    assert Extension is HookimplMarker
    assert ExtensionPointOpts is HookspecOpts
    assert ExtensionOpts is HookimplOpts


def test_add_extension_points_is_add_hookspecs() -> None:
    class Kitchen:
        @extension_point
        def add_ingredients(self, base: list[str]) -> Any: ...

    pm = PluginManager("kitchen")
    pm.add_extension_points(Kitchen)

    assert pm.hook.add_ingredients(base=[]) == []


def test_a_spec_carries_its_record_under_the_projects_name() -> None:
    @extension_point(firstresult=True)
    def choose_cup(size: str) -> Any: ...

    assert vars(choose_cup) == {"kitchen_spec": ExtensionPointOpts(firstresult=True)}


def test_an_implementation_carries_its_record_under_the_projects_name() -> None:
    @extension(tryfirst=True)
    def choose_cup(size: str) -> str:
        return "jar"

    assert vars(choose_cup) == {"kitchen_impl": ExtensionOpts(tryfirst=True)}


@pytest.mark.parametrize("record", [HookspecOpts(), HookimplOpts()])
def test_a_record_is_frozen(record: HookspecOpts | HookimplOpts) -> None:
    field = dataclasses.fields(record)[0].name

    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(record, field, True)


@pytest.mark.parametrize("record", [HookspecOpts(), HookimplOpts()])
def test_a_record_has_slots(record: HookspecOpts | HookimplOpts) -> None:
    assert not hasattr(record, "__dict__")


@pytest.mark.parametrize("marker", [extension_point, extension])
def test_a_bare_marker_returns_the_very_function(marker: Any) -> None:
    def function() -> None: ...

    assert marker(function) is function


@pytest.mark.parametrize("marker", [extension_point, extension])
def test_a_called_marker_returns_the_very_function(marker: Any) -> None:
    def function() -> None: ...

    assert marker()(function) is function


@pytest.mark.parametrize("marker", [extension_point, extension])
def test_a_marker_returns_the_very_static_method(marker: Any) -> None:
    method = staticmethod(lambda: None)

    assert marker(method) is method


def test_a_marked_method_is_called_directly_as_before() -> None:
    class Plugin:
        @extension
        def add_ingredients(self, base: list[str]) -> list[str]:
            return [*base, "mint"]

    assert Plugin().add_ingredients(["ice"]) == ["ice", "mint"]


def test_a_marked_function_keeps_its_name_its_documentation_and_its_signature() -> None:
    def before(base: list[str]) -> list[str]:
        """Says what to add."""
        return base

    kept = before.__name__, before.__doc__, before.__annotations__, before.__code__
    extension(before)

    assert (before.__name__, before.__doc__, before.__annotations__, before.__code__) == kept


@pytest.mark.parametrize("form", ["bare", "empty call", "option"])
def test_every_form_of_a_marker_declares_and_implements(form: str) -> None:
    decorate: dict[str, Any] = {
        "bare": extension,
        "empty call": extension(),
        "option": extension(tryfirst=True),
    }

    class Kitchen:
        @extension_point
        def greet(self, name: str) -> Any: ...

    def greet(name: str) -> str:
        return f"hey {name}"

    pm: PluginManager[Any] = PluginManager("kitchen", Kitchen)
    pm.register(SimpleNamespace(greet=decorate[form](greet)))

    assert pm.hook.greet(name="Ada") == ["hey Ada"]


@pytest.mark.parametrize("marker", [extension_point, extension])
def test_an_unknown_option_is_a_type_error_that_names_it(marker: Any) -> None:
    with pytest.raises(TypeError, match="tryfrist"):
        marker(tryfrist=True)


def test_who_asks_for_the_old_style_of_pluggy_is_told_of_the_new_one() -> None:
    with pytest.raises(TypeError, match=r"hookwrapper=True is pluggy's alone; .* wrapper=True"):
        any_extension(hookwrapper=True)

    assert any_extension(hookwrapper=False)(lambda: None).kitchen_impl == HookimplOpts()


@pytest.mark.parametrize("marker", [extension_point, extension])
def test_options_are_given_by_name_only(marker: Any) -> None:
    with pytest.raises(TypeError):
        marker(lambda: None, True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"optionalhook": True}, {"optional": True}),
        ({"specname": "greet"}, {"target": "greet"}),
    ],
)
def test_the_old_name_of_an_option_says_the_same_as_the_new_one(
    old: dict[str, object], new: dict[str, object]
) -> None:
    def function() -> None: ...

    first = any_extension(**old)(function).kitchen_impl

    assert first == any_extension(**new)(function).kitchen_impl


def test_a_record_answers_to_the_old_names_too() -> None:
    record = HookimplOpts(optional=True, target="greet")

    assert (record.optionalhook, record.specname) == (True, "greet")


def test_target_and_specname_together_are_refused() -> None:
    with pytest.raises(TypeError, match="target and specname"):
        extension(target="greet", specname="greet")


def test_a_target_may_be_a_declared_spec() -> None:
    class Kitchen:
        @extension_point
        def greet(self, name: str) -> Any: ...

    class Plugin:
        @extension(target=Kitchen.greet)
        def hello(self, name: str) -> str:
            return f"hello {name}"

    pm: PluginManager[Any] = PluginManager("kitchen", Kitchen)
    pm.register(Plugin())

    assert pm.hook.greet(name="Ada") == ["hello Ada"]


def test_a_target_that_is_neither_a_name_nor_a_spec_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="target= takes the name of a hook or a declared spec"):
        any_extension(target=5)


@pytest.mark.parametrize("option", ["before", "after"])
def test_a_relation_takes_one_name_or_several(option: str) -> None:
    one = any_extension(**{option: "shop"})(lambda: None)
    several = any_extension(**{option: ["shop", "bank"]})(lambda: None)

    assert getattr(one.kitchen_impl, option) == ("shop",)
    assert getattr(several.kitchen_impl, option) == ("shop", "bank")


@pytest.mark.parametrize("wrong", [5, [5], None])
@pytest.mark.parametrize("option", ["before", "after"])
def test_a_relation_to_anything_but_names_is_a_type_error_that_says_so(
    option: str, wrong: object
) -> None:
    with pytest.raises(TypeError, match=f"{option}= takes the names? of"):
        any_extension(**{option: wrong})


def test_one_function_can_implement_hooks_of_two_projects() -> None:
    @Extension("bar")
    @extension
    def greet(name: str) -> str:
        return f"hey {name}"

    assert set(vars(greet)) == {"kitchen_impl", "bar_impl"}


def test_the_mark_of_another_project_is_not_ours() -> None:
    class Kitchen:
        @extension_point
        def greet(self, name: str) -> Any: ...

    class Plugin:
        @extension
        def greet(self, name: str) -> str:
            return "ours"

        @Extension("bar")
        def serve(self, drink: str) -> str:
            return "theirs"

    pm: PluginManager[Any] = PluginManager("kitchen", Kitchen)
    pm.register(Plugin(), name="both")

    assert pm.hook.greet(name="Ada") == ["ours"]


def test_a_mark_survives_functools_wraps() -> None:
    def loud(function: Any) -> Any:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs).upper()

        return call

    class Kitchen:
        @extension_point
        def greet(self, name: str) -> Any: ...

    class Plugin:
        @loud
        @extension
        def greet(self, name: str) -> str:
            return f"hey {name}"

    pm: PluginManager[Any] = PluginManager("kitchen", Kitchen)
    pm.register(Plugin())

    assert pm.hook.greet(name="Ada") == ["HEY ADA"]


@pytest.mark.parametrize("marker", [extension_point, extension])
@pytest.mark.parametrize("thing", [5, "greet", property(lambda self: None), type("Nested", (), {})])
def test_what_is_no_function_cannot_be_marked(marker: Any, thing: object) -> None:
    with pytest.raises(TypeError, match=r"@hook(spec|impl) (cannot mark|marks functions)"):
        marker(thing)


@pytest.mark.parametrize("thing", [len, [].append, "".join])
def test_a_function_that_takes_no_attributes_cannot_be_marked_and_the_error_says_what_to_do(
    thing: object,
) -> None:
    with pytest.raises(TypeError, match="wrap it in a def"):
        any_extension(thing)
