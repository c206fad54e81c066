"""Asking a manager who is there, and keeping plugins out."""

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from hotplug import (
    HookimplMarker,
    HookspecMarker,
    PluginManager,
    RegistrationError,
    UnknownHookError,
)

hookspec = HookspecMarker("greeter")
hookimpl = HookimplMarker("greeter")
any_hookimpl: Any = hookimpl


class Specs:
    @hookspec
    def greeting(self, name: str) -> object: ...

    @hookspec
    def farewell(self, name: str) -> object: ...


class Casual:
    @hookimpl
    def greeting(self, name: str) -> str:
        return f"hey {name}"


class Formal:
    @hookimpl
    def greeting(self, name: str) -> str:
        return f"good evening, {name}"

    @hookimpl
    def farewell(self, name: str) -> str:
        return f"goodbye, {name}"


casual, formal = Casual(), Formal()


@pytest.fixture
def pm() -> PluginManager[Any]:
    """A manager with a casual and a formal plugin."""
    pm: PluginManager[Any] = PluginManager("greeter", Specs)
    pm.register(casual, name="casual")
    pm.register(formal, name="formal")
    return pm


# looking up


def test_a_plugin_is_found_by_its_name(pm: PluginManager[Any]) -> None:
    assert pm.get_plugin("formal") is formal
    assert pm.get_plugin("nobody") is None


def test_a_name_is_found_by_its_plugin(pm: PluginManager[Any]) -> None:
    assert pm.get_name(formal) == "formal"
    assert pm.get_name(Formal()) is None


def test_an_object_is_registered_or_not(pm: PluginManager[Any]) -> None:
    assert pm.is_registered(formal)
    assert not pm.is_registered(Formal())


def test_a_name_is_there_or_not(pm: PluginManager[Any]) -> None:
    assert pm.has_plugin("formal")
    assert not pm.has_plugin("nobody")


def test_all_names_and_all_plugins_come_in_the_order_of_registration(
    pm: PluginManager[Any],
) -> None:
    assert pm.plugin_names() == ["casual", "formal"]
    assert pm.get_plugins() == [casual, formal]
    assert pm.list_name_plugin() == [("casual", casual), ("formal", formal)]


def test_what_a_lookup_returned_can_be_changed_without_harm(pm: PluginManager[Any]) -> None:
    pm.plugin_names().clear()
    pm.get_plugins().clear()
    pm.list_name_plugin().clear()

    assert pm.plugin_names() == ["casual", "formal"]


@pytest.mark.parametrize("by", ["name", "object"])
def test_the_hooks_of_a_plugin_are_those_it_implements(pm: PluginManager[Any], by: str) -> None:
    asked = {"name": "formal", "object": formal}[by]

    assert pm.get_hookcallers(asked) == [pm.hook.greeting, pm.hook.farewell]


def test_the_hooks_of_a_stranger_are_none(pm: PluginManager[Any]) -> None:
    assert pm.get_hookcallers(Formal()) is None
    assert pm.get_hookcallers("nobody") is None


def test_a_hook_that_a_plugin_implements_twice_is_listed_once(pm: PluginManager[Any]) -> None:
    plugin = SimpleNamespace(
        greeting=hookimpl(lambda: 1), hello=hookimpl(target="greeting")(lambda: 2)
    )
    pm.register(plugin)

    assert pm.get_hookcallers(plugin) == [pm.hook.greeting]


@pytest.mark.parametrize(
    ("plugin", "name"),
    [(Casual(), "Casual"), (Casual, "Casual"), (ModuleType("shop.plugin"), "shop.plugin")],
)
def test_the_canonical_name_is_that_of_the_module_or_class(
    pm: PluginManager[Any], plugin: object, name: str
) -> None:
    assert pm.get_canonical_name(plugin) == name


def test_the_implementations_of_a_hook_are_told_in_the_order_of_a_call(
    pm: PluginManager[Any],
) -> None:
    pm.register(SimpleNamespace(greeting=hookimpl(tryfirst=True)(lambda: 1)), name="eager")

    assert [item.plugin_name for item in pm.hook.greeting.get_hookimpls()] == [
        "eager",
        "casual",
        "formal",
    ]


def test_an_implementation_tells_its_plugin_its_options_and_its_place(
    pm: PluginManager[Any],
) -> None:
    item = pm.hook.farewell.get_hookimpls()[0]

    assert (item.plugin, item.hook_name, item.function) == (formal, "farewell", formal.farewell)
    assert item.opts == any_hookimpl(lambda: None).greeter_impl
    assert item.location == f"{__file__}:{Formal.farewell.__code__.co_firstlineno}"


def test_what_waits_for_its_hook_is_pending(pm: PluginManager[Any]) -> None:
    pm.register(SimpleNamespace(later=hookimpl(optional=True)(lambda: 1)), name="waits")

    assert pm.check_pending() == [("waits", "later")]


def test_a_plugin_without_a_distribution_has_none(pm: PluginManager[Any]) -> None:
    assert pm.list_plugin_distinfo() == []


# hooks by their declaration


def test_a_caller_is_the_hook_that_a_declaration_stands_for(pm: PluginManager[Any]) -> None:
    assert pm.caller(Specs.greeting) is pm.hook.greeting


def test_a_caller_is_found_by_name_too(pm: PluginManager[Any]) -> None:
    assert pm.caller("greeting") is pm.hook.greeting


def test_a_caller_is_found_for_static_and_class_methods_and_functions_of_a_module() -> None:
    class Mixed:
        @staticmethod
        @hookspec
        def static(name: str) -> object: ...

        @classmethod
        @hookspec
        def classy(cls, name: str) -> object: ...

    @hookspec
    def plain(name: str) -> object: ...

    pm: PluginManager[Any] = PluginManager("greeter", Mixed)
    pm.add_hookspecs(SimpleNamespace(plain=plain))
    hooks = [pm.caller(spec) for spec in (Mixed.static, Mixed.classy, plain)]

    assert hooks == [pm.hook.static, pm.hook.classy, pm.hook.plain]


def test_a_caller_is_found_for_a_spec_under_another_name() -> None:
    @hookspec
    def anything(name: str) -> object: ...

    pm: PluginManager[Any] = PluginManager("greeter")
    pm.add_hookspecs(SimpleNamespace(greeting=anything))

    assert pm.caller(anything) is pm.hook.greeting


def test_a_declaration_that_is_not_there_is_an_error_with_a_hint(pm: PluginManager[Any]) -> None:
    with pytest.raises(UnknownHookError, match="no hook 'greting'; did you mean 'greeting'"):
        pm.caller("greting")


def test_an_unknown_hook_is_an_attribute_error_with_a_hint(pm: PluginManager[Any]) -> None:
    with pytest.raises(AttributeError, match="did you mean 'greeting'"):
        pm.hook.greting  # noqa: B018


def test_an_unknown_hook_of_no_likeness_lists_those_that_are_there(
    pm: PluginManager[Any],
) -> None:
    with pytest.raises(UnknownHookError, match="there are: greeting, farewell"):
        pm.caller("price")


# a hook without some plugins


@pytest.mark.parametrize("by", ["name", "object"])
def test_a_hook_can_be_called_without_some_plugins(pm: PluginManager[Any], by: str) -> None:
    left_out = {"name": "casual", "object": casual}[by]

    assert pm.hook.greeting.without(left_out)(name="Ada") == ["good evening, Ada"]
    assert pm.subset_hook_caller("greeting", [left_out])(name="Ada") == ["good evening, Ada"]


def test_the_hook_itself_still_calls_all_plugins(pm: PluginManager[Any]) -> None:
    pm.hook.greeting.without("casual")(name="Ada")

    assert pm.hook.greeting(name="Ada") == ["hey Ada", "good evening, Ada"]


def test_a_hook_without_some_plugins_follows_registrations(pm: PluginManager[Any]) -> None:
    rest = pm.hook.greeting.without("casual")
    pm.register(SimpleNamespace(greeting=hookimpl(lambda name: f"yo {name}")), name="late")
    pm.unregister("formal")

    assert rest(name="Ada") == ["yo Ada"]


def test_leaving_out_an_object_that_is_not_registered_is_an_error(
    pm: PluginManager[Any],
) -> None:
    with pytest.raises(RegistrationError, match="is not registered"):
        pm.hook.greeting.without(Formal())


# blocking


def test_a_blocked_name_is_kept_out(pm: PluginManager[Any]) -> None:
    pm.set_blocked("late")

    with pytest.raises(ValueError, match=r"plugin 'late' is blocked; unblock\('late'\)"):
        pm.register(Casual(), name="late")


def test_blocking_a_plugin_that_is_there_takes_it_out(pm: PluginManager[Any]) -> None:
    pm.set_blocked("casual")

    assert pm.hook.greeting(name="Ada") == ["good evening, Ada"]
    assert pm.plugin_names() == ["formal"]


def test_blocking_covers_the_name_that_a_plugin_gets_by_itself(pm: PluginManager[Any]) -> None:
    pm.set_blocked("Casual")

    with pytest.raises(RegistrationError, match="plugin 'Casual' is blocked"):
        pm.register(Casual())


def test_a_name_is_blocked_or_not(pm: PluginManager[Any]) -> None:
    pm.set_blocked("late")

    assert pm.is_blocked("late")
    assert not pm.is_blocked("casual")


def test_blocking_twice_is_blocking_once(pm: PluginManager[Any]) -> None:
    pm.set_blocked("late")
    pm.set_blocked("late")

    assert pm.unblock("late")
    assert not pm.is_blocked("late")


def test_an_unblocked_name_is_let_in(pm: PluginManager[Any]) -> None:
    pm.set_blocked("late")
    pm.unblock("late")

    assert pm.register(Casual(), name="late") == "late"


def test_unblocking_says_whether_the_name_was_blocked(pm: PluginManager[Any]) -> None:
    pm.set_blocked("late")

    assert (pm.unblock("late"), pm.unblock("late")) == (True, False)


def test_unblocking_does_not_bring_back_the_plugin_that_was_taken_out(
    pm: PluginManager[Any],
) -> None:
    pm.set_blocked("casual")
    pm.unblock("casual")

    assert not pm.has_plugin("casual")


def test_blocking_leaves_the_other_plugins_where_they_were(pm: PluginManager[Any]) -> None:
    kept = pm.hook.greeting
    kept(name="Ada")
    pm.set_blocked("casual")

    assert kept(name="Ada") == ["good evening, Ada"]
