"""What a plugin takes along that leaves, however it came to its hooks."""

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from pluggy import HookimplMarker

Fixture = Callable[..., Any]


def test_a_plugin_that_leaves_takes_along_what_was_added_for_it_by_hand(
    library: ModuleType, pm: Any, hookimpl: HookimplMarker
) -> None:
    plugin = SimpleNamespace(serve=hookimpl(lambda: "tea"))
    pm.register(plugin, "waiter")
    opts: Any = plugin.serve.cafe_impl
    pm.hook.serve._add_hookimpl(library.HookImpl(plugin, "waiter", lambda: "cake", opts))

    pm.unregister(plugin)

    assert pm.hook.serve() == []


def test_it_does_so_where_a_class_of_managers_runs_calls_in_its_own_way(
    library: ModuleType, hookimpl: HookimplMarker
) -> None:
    class Manager(library.PluginManager):  # type: ignore[misc, name-defined]
        def _hookexec(self, *args: Any) -> Any:
            return super()._hookexec(*args)

    pm = Manager("cafe")
    plugin = SimpleNamespace(serve=hookimpl(lambda: "tea"))
    pm.register(plugin, "waiter")
    opts: Any = plugin.serve.cafe_impl
    pm.hook.serve._add_hookimpl(library.HookImpl(plugin, "waiter", lambda: "cake", opts))
    assert pm.hook.serve() == ["cake", "tea"]

    pm.unregister(plugin)

    assert pm.hook.serve() == []


def test_what_was_added_by_hand_stays_where_its_plugin_is_not_registered(
    library: ModuleType, pm: Any, specify: Fixture, hookimpl: HookimplMarker
) -> None:
    specify("serve", lambda: None)
    plugin = SimpleNamespace()
    opts: Any = vars(hookimpl(lambda: None))["cafe_impl"]
    pm.hook.serve._add_hookimpl(library.HookImpl(plugin, "waiter", lambda: "cake", opts))

    pm.unregister(plugin, "waiter")

    assert pm.hook.serve() == ["cake"]


def test_a_plugin_may_leave_a_hook_before_it_leaves_the_others(
    pm: Any, hookimpl: HookimplMarker
) -> None:
    plugin = SimpleNamespace(serve=hookimpl(lambda: "tea"), greet=hookimpl(lambda: "hello"))
    pm.register(plugin, "waiter")
    pm.hook.serve._remove_plugin(plugin)

    pm.unregister(plugin)

    assert (pm.hook.serve(), pm.hook.greet()) == ([], [])
    assert pm.register(plugin, "waiter") == "waiter"
    assert pm.hook.serve() == ["tea"]


def test_a_plugin_may_leave_whose_registration_was_cut_short(
    pm: Any, specify: Fixture, hookimpl: HookimplMarker
) -> None:
    specify("opened", lambda: None, historic=True)
    specify("serve", lambda: None)
    pm.hook.opened.call_historic()
    plugin = SimpleNamespace(
        greet=hookimpl(lambda: "hello"),
        opened=hookimpl(lambda: 1 / 0),
        serve=hookimpl(lambda: "tea"),
    )
    with pytest.raises(ZeroDivisionError):
        pm.register(plugin, "waiter")
    assert (pm.hook.greet(), pm.hook.serve()) == (["hello"], [])

    pm.unregister(plugin)

    assert (pm.hook.greet(), pm.hook.serve()) == ([], [])
    assert not pm.has_plugin("waiter")


@pytest.mark.parametrize("option", ["tryfirst", "trylast", "wrapper"])
def test_a_plugin_that_leaves_is_missing_from_its_place_in_the_order(
    pm: Any, hookimpl: HookimplMarker, option: str
) -> None:
    def around() -> Any:
        return [*(yield), "around"]

    function: Callable[..., Any] = around if option == "wrapper" else lambda: "special"
    mark: Any = hookimpl
    special = SimpleNamespace(serve=mark(**{option: True})(function))
    pm.register(special, "special")
    pm.register(SimpleNamespace(serve=hookimpl(lambda: "tea")), "waiter")
    assert len(pm.hook.serve()) == 2

    pm.unregister(special)

    assert pm.hook.serve() == ["tea"]


def test_a_name_on_an_instance_hides_what_its_class_marks(
    pm: Any, hookimpl: HookimplMarker
) -> None:
    class Waiter:
        @hookimpl
        def serve(self) -> str:
            return "tea"

        @hookimpl
        def greet(self) -> str:
            return "hello"

    plugin: Any = Waiter()
    plugin.serve = lambda: "unmarked"
    plugin.greet = hookimpl(lambda: "hi")
    pm.register(plugin)

    assert pm.hook.greet() == ["hi"]
    assert not hasattr(pm.hook, "serve")


def test_what_a_plugin_leaves_behind_that_leaves_in_its_own_replay_goes_with_it_later(
    pm: Any, specify: Fixture, hookimpl: HookimplMarker
) -> None:
    specify("opened", lambda: None, historic=True)
    pm.hook.opened.call_historic()
    leaving = [True]

    def opened() -> None:
        if leaving:
            leaving.clear()
            pm.unregister(plugin)

    plugin = SimpleNamespace(opened=hookimpl(opened), serve=hookimpl(lambda: "tea"))
    pm.register(plugin, "waiter")
    assert pm.hook.serve() == ["tea"]
    assert not pm.is_registered(plugin)

    pm.register(plugin, "waiter")
    pm.unregister(plugin)

    assert pm.hook.serve() == []
    assert pm.hook.opened.get_hookimpls() == []
