"""Where hooks are found on plugins that are out of the ordinary, and how they are bound there."""

from collections.abc import Callable, Iterable
from importlib.machinery import ModuleSpec
from importlib.util import LazyLoader, module_from_spec, spec_from_loader
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar, NoReturn

import pytest
from pluggy import HookimplMarker, HookspecMarker

Fixture = Callable[..., Any]


class Loader:
    """Fills a module with the given attributes."""

    def __init__(self, **attributes: Any) -> None:
        self.attributes = attributes

    def create_module(self, spec: ModuleSpec) -> None:
        """As usual."""

    def exec_module(self, module: ModuleType) -> None:
        vars(module).update(self.attributes)


def lazy_module(**attributes: Any) -> ModuleType:
    """A module that is loaded when it is first asked for something."""
    spec = spec_from_loader("lazy", LazyLoader(Loader(**attributes)))  # type: ignore[arg-type]
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def names_of_hooks(pm: Any) -> list[str]:
    return sorted(vars(pm.hook))


@pytest.fixture(params=["as marked", "as the manager says"])
def manager(request: pytest.FixtureRequest, library: ModuleType) -> Any:
    """A manager that goes by the marks, and one that has its own idea, which is the same."""
    if request.param == "as marked":
        return library.PluginManager("cafe")

    class Manager(library.PluginManager):  # type: ignore[misc, name-defined]
        def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
            return super().parse_hookimpl_opts(plugin, name)

    return Manager("cafe")


def test_a_module_that_is_loaded_when_it_is_needed_is_loaded(
    manager: Any, hookimpl: HookimplMarker
) -> None:
    manager.register(lazy_module(serve=hookimpl(lambda: "tea")), "waiter")

    assert manager.hook.serve() == ["tea"]


def test_a_module_of_specifications_is_loaded_too(pm: Any, hookspec: HookspecMarker) -> None:
    pm.add_hookspecs(lazy_module(serve=hookspec(lambda guest: None)))

    assert pm.hook.serve.spec.argnames == ("guest",)


def test_a_module_of_another_class_may_say_which_names_it_has(
    manager: Any, hookimpl: HookimplMarker
) -> None:
    class Module(ModuleType):
        """What some modules make of themselves."""

    module = Module("waiter")
    vars(module).update(
        serve=hookimpl(lambda: "tea"), gossip=hookimpl(lambda: None), __dir__=lambda: ["serve"]
    )
    manager.register(module)

    assert names_of_hooks(manager) == ["serve"]


def test_a_dictionary_that_is_its_own_attributes_is_a_plugin(
    manager: Any, hookimpl: HookimplMarker
) -> None:
    class Attributes(dict[str, Any]):
        def __init__(self, **items: Any) -> None:
            super().__init__(**items)
            self.__dict__ = self

    manager.register(Attributes(serve=hookimpl(lambda: "tea")), "waiter")

    assert manager.hook.serve() == ["tea"]


def test_functions_are_bound_without_running_code_of_the_plugin(
    manager: Any, hookimpl: HookimplMarker
) -> None:
    class Waiter:
        @hookimpl
        def serve(self) -> str:
            return "tea"

        @hookimpl
        @staticmethod
        def bring() -> str:
            return "milk"

        @classmethod
        @hookimpl
        def offer(cls) -> str:
            return cls.__name__

        def __getattribute__(self, name: str) -> Any:
            assert name not in {"serve", "bring", "offer"}
            return super().__getattribute__(name)

    manager.register(Waiter(), "waiter")

    hook = manager.hook
    assert (hook.serve(), hook.bring(), hook.offer()) == (["tea"], ["milk"], ["Waiter"])


def test_functions_of_a_class_are_taken_without_running_code_of_its_metaclass(
    manager: Any, hookimpl: HookimplMarker
) -> None:
    class Meta(type):
        def __getattribute__(cls, name: str) -> Any:
            assert name not in {"serve", "bring"}
            return super().__getattribute__(name)

    class Waiter(metaclass=Meta):
        @hookimpl
        @staticmethod
        def serve() -> str:
            return "tea"

        @hookimpl
        @classmethod
        def bring(cls) -> str:
            return cls.__name__

    manager.register(Waiter)

    assert (manager.hook.serve(), manager.hook.bring()) == (["tea"], ["Waiter"])


def test_a_function_of_an_instance_goes_before_a_property_of_its_class(
    manager: Any, hookimpl: HookimplMarker
) -> None:
    class Waiter:
        @property
        def serve(self) -> NoReturn:
            raise AssertionError("it was run")

    waiter = Waiter()
    vars(waiter)["serve"] = hookimpl(lambda: "tea")
    manager.register(waiter)

    assert manager.hook.serve() == ["tea"]


def test_a_static_method_is_the_function_that_it_holds(
    manager: Any, hookimpl: HookimplMarker
) -> None:
    class Static(staticmethod):  # type: ignore[type-arg]
        def __get__(self, instance: object, owner: type | None = None) -> NoReturn:
            raise AssertionError("it was run")

    class Waiter:
        serve = Static(hookimpl(lambda: "tea"))

    manager.register(Waiter())

    assert manager.hook.serve() == ["tea"]


def test_an_instance_that_holds_a_static_method_has_no_function_there(
    manager: Any, hookimpl: HookimplMarker
) -> None:
    waiter: Any = SimpleNamespace()
    waiter.serve = staticmethod(hookimpl(lambda: "tea"))
    manager.register(waiter)

    assert names_of_hooks(manager) == []


def test_a_mark_on_a_callable_in_a_static_method_may_say_nothing(manager: Any) -> None:
    class Serving:
        cafe_impl: ClassVar[dict[str, Any]] = {}

        def __call__(self) -> str:
            return "tea"

    class Waiter:
        serve = staticmethod(Serving())

    manager.register(Waiter())

    assert manager.hook.serve() == ["tea"]


def test_a_function_that_is_wrapped_around_itself_is_refused(
    pm: Any, hookimpl: HookimplMarker, hookspec: HookspecMarker
) -> None:
    def serve() -> None:
        """Go round and round."""

    serve.__wrapped__ = serve  # type: ignore[attr-defined]
    module = ModuleType("round")
    vars(module)["serve"] = hookspec(hookimpl(serve))

    with pytest.raises(ValueError, match="loop"):
        pm.register(module)
    with pytest.raises(ValueError, match="loop"):
        pm.add_hookspecs(module)


# options of a manager's own


def registered_with(
    library: ModuleType, options: Callable[[object, str], Any], plugins: Iterable[object]
) -> Any:
    class Manager(library.PluginManager):  # type: ignore[misc, name-defined]
        def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
            return options(plugin, name) if name.startswith("serve") else None

    pm = Manager("cafe")
    for plugin in plugins:
        pm.register(plugin)
    return pm


class Waiter:
    def __init__(self, is_late: bool) -> None:
        self.is_late = is_late

    def serve(self) -> bool:
        return self.is_late


def test_one_set_of_options_may_say_something_else_for_each_plugin(library: ModuleType) -> None:
    kept: dict[str, Any] = {}

    def options(plugin: Any, name: str) -> Any:
        kept.update(trylast=plugin.is_late, optionalhook=plugin.is_late)
        return kept

    pm = registered_with(library, options, [Waiter(is_late=False), Waiter(is_late=True)])

    assert [item.trylast for item in pm.hook.serve.get_hookimpls()] == [True, False]
    with pytest.raises(library.PluginValidationError):  # one of them is not optional
        pm.check_pending()


def test_one_set_of_options_may_say_something_else_for_each_function(library: ModuleType) -> None:
    kept: dict[str, Any] = {}

    def options(plugin: Any, name: str) -> Any:
        kept.update(specname="serve", tryfirst=name == "serve_first")
        return kept

    class Both:
        def serve_first(self) -> str:
            return "first"

        def serve_then(self) -> str:
            return "then"

    pm = registered_with(library, options, [Both()])

    assert pm.hook.serve() == ["first", "then"]
