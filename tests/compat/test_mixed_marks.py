"""Plugins need not know which library their host has: marks are read across libraries."""

from collections.abc import Callable, Generator
from types import ModuleType, SimpleNamespace
from typing import Any

import pluggy
import pytest

import hotplug
import hotplug.compat.pluggy

MARKERS: dict[str, Any] = {
    "pluggy": pluggy.HookimplMarker("cafe"),
    "compat": hotplug.compat.pluggy.HookimplMarker("cafe"),
    "native": hotplug.HookimplMarker("cafe"),
}
OUR_WORDS = {"specname": "target", "optionalhook": "optional"}


class Specs:
    @hotplug.HookspecMarker("cafe")
    def serve(self, guest: str) -> str:
        raise NotImplementedError


def native_manager() -> Any:
    return hotplug.PluginManager("cafe", Specs)


MANAGERS: dict[str, Callable[[], Any]] = {
    "pluggy": lambda: pluggy.PluginManager("cafe"),
    "compat": lambda: hotplug.compat.pluggy.PluginManager("cafe"),
    "native": native_manager,
}


@pytest.fixture(
    params=[
        ("pluggy", "compat"),
        ("native", "compat"),
        ("compat", "pluggy"),
        ("pluggy", "native"),
        ("compat", "native"),
    ],
    ids=lambda pair: f"{pair[0]} marks on a {pair[1]} manager",
)
def pair(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Whose marks a plugin has, and whose manager it is registered with."""
    marks, manager = request.param
    return marks, manager


@pytest.fixture
def pm(pair: tuple[str, str]) -> Any:
    return MANAGERS[pair[1]]()


@pytest.fixture
def hookimpl(pair: tuple[str, str]) -> Callable[..., Any]:
    """The marker, with pluggy's words for its options."""
    words = OUR_WORDS if pair[0] == "native" else {}

    def mark(**options: Any) -> Any:
        return MARKERS[pair[0]](**{words.get(key, key): value for key, value in options.items()})

    return mark


def test_an_implementation_is_found(pm: Any, hookimpl: Any) -> None:
    class Waiter:
        @hookimpl()  # type: ignore[untyped-decorator]
        def serve(self, guest: str) -> str:
            return f"tea for {guest}"

    pm.register(Waiter())

    assert pm.hook.serve(guest="Ada") == ["tea for Ada"]


def test_class_and_static_methods_are_found(pm: Any, hookimpl: Any) -> None:
    class Waiter:
        @classmethod
        @hookimpl()  # type: ignore[untyped-decorator]
        def serve(cls, guest: str) -> str:
            return cls.__name__

        @staticmethod
        @hookimpl(specname="serve")  # type: ignore[untyped-decorator]
        def static(guest: str) -> str:
            return guest

    pm.register(Waiter())

    assert sorted(pm.hook.serve(guest="Ada")) == ["Ada", "Waiter"]


def test_functions_of_modules_are_found(pm: Any, hookimpl: Any) -> None:
    module = ModuleType("waiter")
    vars(module)["serve"] = hookimpl()(lambda guest: guest)

    pm.register(module)

    assert pm.hook.serve(guest="Ada") == ["Ada"]


def test_the_order_asked_for_is_kept(pm: Any, hookimpl: Any) -> None:
    for name in ("trylast", "", "tryfirst"):
        mark = hookimpl(**({name: True} if name else {}))
        plugin = SimpleNamespace(serve=mark(eval(f"lambda guest: {name!r}")))
        pm.register(plugin, name=name or "middle")

    assert pm.hook.serve(guest="Ada") == ["tryfirst", "", "trylast"]


def test_a_wrapper_wraps(pm: Any, hookimpl: Any) -> None:
    def wrap(guest: str) -> Generator[None, Any, Any]:
        return [f"welcome {guest}", *(yield)]

    pm.register(SimpleNamespace(serve=hookimpl(wrapper=True)(wrap)), name="greeter")
    pm.register(SimpleNamespace(serve=hookimpl()(lambda guest: "tea")), name="waiter")

    assert pm.hook.serve(guest="Ada") == ["welcome Ada", "tea"]


def test_a_function_implements_the_hook_that_it_is_marked_for(pm: Any, hookimpl: Any) -> None:
    pm.register(SimpleNamespace(bring=hookimpl(specname="serve")(lambda guest: guest)), name="a")

    assert pm.hook.serve(guest="Ada") == ["Ada"]


def test_an_optional_hook_needs_no_specification(pm: Any, hookimpl: Any) -> None:
    plugin = SimpleNamespace(unheard_of=hookimpl(optionalhook=True)(lambda: None))
    pm.register(plugin, name="waiter")

    pm.check_pending()


# pluggy's manager, or ours in its place, and marks of both


@pytest.fixture
def compat_pm() -> Any:
    return hotplug.compat.pluggy.PluginManager("cafe")


@pytest.mark.parametrize("old", ["pluggy", "compat"])
@pytest.mark.parametrize("manager", ["pluggy", "compat"])
def test_old_wrappers_wrap_under_either_library(old: str, manager: str) -> None:
    def wrap() -> Generator[None, Any, Any]:
        outcome = yield
        outcome.force_result([*outcome.get_result(), "old"])

    pm = MANAGERS[manager]()
    pm.register(SimpleNamespace(serve=MARKERS[old](hookwrapper=True)(wrap)), "greeter")
    pm.register(SimpleNamespace(serve=MARKERS[old](lambda: "tea")), "waiter")

    assert pm.hook.serve() == ["tea", "old"]


@pytest.mark.parametrize("manager", ["pluggy", "compat"])
@pytest.mark.parametrize("marks", [pluggy, hotplug.compat.pluggy], ids=["pluggy", "compat"])
def test_specifications_are_read_under_either_library(manager: str, marks: Any) -> None:
    hookspec = marks.HookspecMarker("cafe")
    specs = ModuleType("specs")
    vars(specs).update(
        serve=hookspec(firstresult=True)(lambda guest: None),
        opened=hookspec(historic=True)(lambda at: None),
    )

    pm = MANAGERS[manager]()
    pm.add_hookspecs(specs)

    assert pm.hook.serve(guest="Ada") is None
    assert pm.hook.opened.is_historic()


def test_native_specifications_are_read_by_the_compat_manager(compat_pm: Any) -> None:
    hookspec: Any = hotplug.HookspecMarker("cafe")

    class NativeSpecs:
        @hookspec(firstresult=True)  # type: ignore[untyped-decorator]
        def serve(self, guest: str) -> str | None: ...

        @hookspec(historic=True)  # type: ignore[untyped-decorator]
        def opened(self, at: int) -> None: ...

    compat_pm.add_hookspecs(NativeSpecs)

    assert compat_pm.hook.serve(guest="Ada") is None
    assert compat_pm.hook.opened.is_historic()


@pytest.mark.parametrize(
    "options", [{"around": True}, {"before": "cook"}, {"after": "cook"}, {"thread": True}], ids=str
)
def test_native_options_that_pluggy_has_not_are_refused_by_the_compat_manager(
    compat_pm: Any, options: dict[str, Any]
) -> None:
    (option,) = options
    plugin = SimpleNamespace(serve=MARKERS["native"](**options)(lambda call_next: None))

    with pytest.raises(ValueError, match=rf"serve .*{option}=.*hotplug\.PluginManager"):
        compat_pm.register(plugin, "waiter")

    assert not compat_pm.has_plugin("waiter")


def test_native_specifications_that_pluggy_has_not_are_refused_by_the_compat_manager(
    compat_pm: Any,
) -> None:
    hookspec: Any = hotplug.HookspecMarker("cafe")
    specs = ModuleType("specs")
    vars(specs)["serve"] = hookspec(pipeline=True)(lambda guest: guest)

    with pytest.raises(ValueError, match=r"serve.*pipeline=True.*hotplug\.PluginManager"):
        compat_pm.add_hookspecs(specs)


# the native manager


@pytest.mark.parametrize("marks", ["pluggy", "compat"])
def test_an_old_wrapper_is_refused_by_the_native_manager_with_a_hint(marks: str) -> None:
    def wrap(guest: str) -> Generator[None, Any, Any]:
        yield

    pm = native_manager()

    with pytest.raises(hotplug.PluginValidationError, match=r"hookwrapper(.|\n)*wrapper=True"):
        pm.register(SimpleNamespace(serve=MARKERS[marks](hookwrapper=True)(wrap)), name="greeter")


def test_the_native_manager_calls_first_come_first_served_whatever_the_marks() -> None:
    pm = native_manager()
    for name in ("pluggy", "compat", "native"):
        pm.register(SimpleNamespace(serve=MARKERS[name](eval(f"lambda: {name!r}"))), name=name)

    assert pm.hook.serve(guest="Ada") == ["pluggy", "compat", "native"]
