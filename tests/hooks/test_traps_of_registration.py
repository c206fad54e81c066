"""Traps of other frameworks: declaring, registering and looking up never fall into them.

Each test carries the id of the trap that it guards against.
"""

import ast
import inspect
import types
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from importlib.metadata import metadata
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import hotplug
from hotplug import (
    AsyncHooks,
    AsyncPluginManager,
    Extension,
    ExtensionPoint,
    HookimplMarker,
    HookSpecError,
    HookspecMarker,
    PluginManager,
    PluginValidationError,
    RegistrationError,
    UnknownHookError,
)

hookspec = HookspecMarker("greeter")
hookimpl = HookimplMarker("greeter")
any_hookspec: Any = hookspec
any_hookimpl: Any = hookimpl


class Specs:
    @hookspec
    def greeting(self, name: str) -> object: ...

    @hookspec
    def farewell(self, name: str) -> object: ...


@pytest.fixture
def pm() -> PluginManager[Any]:
    return PluginManager("greeter", Specs)


class Casual:
    @hookimpl
    def greeting(self, name: str) -> str:
        return f"hey {name}"


# D-P01: specs with self


@pytest.mark.parametrize("namespace", [Specs, Specs()], ids=["class", "instance"])
def test_dp01_self_never_becomes_an_argument_of_a_hook(namespace: object) -> None:
    pm: PluginManager[Any] = PluginManager("greeter")
    pm.add_hookspecs(namespace)

    assert list(inspect.signature(pm.hook.greeting).parameters) == ["name"]


def test_dp01_a_hook_that_is_declared_with_self_is_called_without_it(
    pm: PluginManager[Any],
) -> None:
    pm.register(Casual())

    assert pm.hook.greeting(name="Ada") == ["hey Ada"]


# D-P02: nothing of a plugin or of specs is run by looking at it


class Touched(Exception):
    """Raised by whatever must not run; nothing catches it on the way."""


def touch(*_args: object, **_keywords: object) -> Any:
    raise Touched


class TouchyDescriptor:
    __get__ = touch
    __set__ = touch


class TouchyMeta(type):
    __getattr__ = touch
    value = property(touch)


class DressedMeta(type):
    vars().update(dict.fromkeys(["__dict__", "__mro__"], property(touch)))


class GuardedMeta(type):
    def __getattribute__(cls, name: str) -> Any:
        if name == "__name__":  # pytest shows it when a test fails
            return super().__getattribute__(name)
        raise Touched(name)


def base(metaclass: type = type, **members: object) -> type:
    made: type = type.__call__(metaclass, "Base", (), members)
    return made


TOUCHY = {
    "a raising property": base(value=property(touch)),
    "__getattr__": base(__getattr__=touch),
    "__getattribute__": base(__getattribute__=touch),
    "__dict__": base(__dict__=property(touch)),
    "__class__": base(__class__=property(touch)),
    "__repr__": base(__repr__=touch, __str__=touch, __format__=touch),
    "__eq__": base(__eq__=touch, __hash__=touch, __bool__=touch, __len__=touch),
    "__call__": base(__call__=touch),
    "a descriptor": base(value=TouchyDescriptor()),
    "a member with __class__": base(value=base(__class__=property(touch))()),
    "a member with __getattr__": base(value=base(__getattr__=touch)()),
    "a member with __getattribute__": base(value=base(__getattribute__=touch)()),
    "a metaclass with __getattr__": base(TouchyMeta),
    "a metaclass with __dict__": base(DressedMeta),
    "a metaclass with __getattribute__": base(GuardedMeta),
}


def touchy(kind: str, mark: Any) -> Any:
    """An object that must not be touched, of a class with a marked method."""
    base = TOUCHY[kind]

    def greeting(self: object, name: str) -> str:
        return f"hey {name}"

    metaclass = type(base)
    cls = type.__call__(metaclass, "Touchy", (base,), {"greeting": mark(greeting)})
    return object.__new__(cls)


@pytest.fixture(params=TOUCHY)
def touchy_plugin(request: pytest.FixtureRequest) -> Any:
    return touchy(request.param, hookimpl)


def test_dp02_registering_runs_nothing_of_a_plugin(
    pm: PluginManager[Any], touchy_plugin: Any
) -> None:
    pm.register(touchy_plugin, name="touchy")

    assert pm.hook.greeting(name="Ada") == ["hey Ada"]


def test_dp02_registering_another_of_its_class_runs_nothing_either(
    pm: PluginManager[Any], touchy_plugin: Any
) -> None:
    another = object.__new__(type(touchy_plugin))
    pm.register(touchy_plugin, name="first")
    pm.register(another, name="second")

    assert pm.hook.greeting(name="Ada") == ["hey Ada", "hey Ada"]


def test_dp02_looking_a_plugin_up_runs_nothing_of_it(
    pm: PluginManager[Any], touchy_plugin: Any
) -> None:
    pm.register(touchy_plugin, name="touchy")

    assert pm.is_registered(touchy_plugin)
    assert pm.get_name(touchy_plugin) == "touchy"
    assert pm.get_canonical_name(touchy_plugin) == "Touchy"
    assert pm.get_hookcallers(touchy_plugin) == [pm.hook.greeting]
    assert pm.get_plugin("touchy") is touchy_plugin
    assert pm.hook.greeting.without(touchy_plugin)(name="Ada") == []
    assert pm.explain("greeting").implementations[0].plugin_name == "touchy"


def test_dp02_unregistering_runs_nothing_of_a_plugin(
    pm: PluginManager[Any], touchy_plugin: Any
) -> None:
    pm.register(touchy_plugin)

    assert pm.unregister(touchy_plugin) is touchy_plugin
    assert pm.unregister(touchy_plugin) is None


def test_dp02_errors_about_a_plugin_run_nothing_of_it(
    pm: PluginManager[Any], touchy_plugin: Any
) -> None:
    pm.register(touchy_plugin, name="touchy")
    with pytest.raises(RegistrationError, match="registered already"):
        pm.register(touchy_plugin, name="again")
    with pytest.raises(RegistrationError, match="'touchy' is registered already"):
        pm.register(Casual(), name="touchy")
    pm.unregister("touchy")

    with pytest.raises(RegistrationError, match="not registered"):
        pm.hook.greeting.without(touchy_plugin)
    with pytest.raises(RegistrationError):
        pm.register(touchy_plugin, name="")


@pytest.mark.parametrize("kind", TOUCHY)
def test_dp02_refusing_a_plugin_runs_nothing_of_it(pm: PluginManager[Any], kind: str) -> None:
    with pytest.raises(PluginValidationError, match="marks of project 'greter'"):
        pm.register(touchy(kind, HookimplMarker("greter")))


@pytest.mark.parametrize("kind", TOUCHY)
@pytest.mark.parametrize("as_class", [True, False], ids=["class", "instance"])
def test_dp02_adding_specs_runs_nothing_of_their_namespace(kind: str, as_class: bool) -> None:
    namespace = touchy(kind, hookspec)
    pm = PluginManager("greeter")
    pm.add_hookspecs(type(namespace) if as_class else namespace)

    assert list(inspect.signature(pm.hook.greeting).parameters) == ["name"]


@pytest.mark.parametrize("kind", TOUCHY)
@pytest.mark.parametrize("as_class", [True, False], ids=["class", "instance"])
def test_dp02_refusing_specs_runs_nothing_of_their_namespace(kind: str, as_class: bool) -> None:
    namespace = touchy(kind, HookspecMarker("greter"))

    with pytest.raises(HookSpecError, match="marks of project 'greter'"):
        PluginManager("greeter").add_hookspecs(type(namespace) if as_class else namespace)


@pytest.mark.parametrize("kind", TOUCHY)
def test_dp02_a_module_that_holds_something_touchy_is_registered(
    pm: PluginManager[Any], kind: str
) -> None:
    plugin = ModuleType("plugin")
    plugin.__dict__.update(
        request=object.__new__(TOUCHY[kind]), greeting=hookimpl(lambda name: f"hey {name}")
    )
    pm.register(plugin)

    assert pm.hook.greeting(name="Ada") == ["hey Ada"]


def test_dp02_a_module_with_a_getattr_of_its_own_is_not_asked(pm: PluginManager[Any]) -> None:
    plugin = ModuleType("plugin")
    plugin.__dict__.update(__getattr__=touch, greeting=hookimpl(lambda name: f"hey {name}"))

    assert pm.register(plugin) == "plugin"


def test_dp02_a_module_class_with_a_dict_of_its_own_is_not_asked(pm: PluginManager[Any]) -> None:
    plugin: Any = type("Dressed", (ModuleType,), {"__dict__": property(touch)})("plugin")
    plugin.greeting = hookimpl(lambda name: f"hey {name}")

    assert pm.register(plugin) == "plugin"


@pytest.mark.parametrize("make", [lambda call: call, partial], ids=["object", "partial"])
def test_dp02_a_callable_object_is_not_asked_for_its_signature(
    pm: PluginManager[Any], make: Callable[[Any], Any]
) -> None:
    class Calls:
        def __getattr__(self, name: str) -> Any:
            raise Touched(name)

        def __call__(self, name: str) -> str:
            return f"hey {name}"

    class Plugin:
        @hookimpl
        def farewell(self, name: str) -> None: ...

    plugin: Any = Plugin()
    plugin.greeting = hookimpl(make(Calls()))
    pm.register(plugin)

    assert pm.hook.greeting(name="Ada") == ["hey Ada"]


def test_dp02_an_instance_dictionary_may_hold_keys_that_are_no_names(
    pm: PluginManager[Any],
) -> None:
    plugin = Casual()
    vars(plugin)[5] = SimpleNamespace()  # type: ignore[index]
    vars(vars(plugin)[5])[6] = "seven"  # type: ignore[index]
    pm.register(plugin)

    with pytest.raises(PluginValidationError, match="implements no hook"):
        pm.register(vars(plugin)[5])  # type: ignore[index]


# D-P03, D-P04: names


def test_dp03_an_object_with_dynamic_attributes_gets_the_name_of_its_class(
    pm: PluginManager[Any],
) -> None:
    class Dynamic(Casual):
        def __getattr__(self, name: str) -> Any:
            return lambda: name

    assert pm.register(Dynamic()) == "Dynamic"


def test_dp03_an_object_that_gives_itself_a_name_keeps_that_to_itself(
    pm: PluginManager[Any],
) -> None:
    class Named(Casual):
        __name__ = "my name"

    assert pm.register(Named()) == "Named"


def test_dp04_two_instances_of_one_class_are_two_plugins(pm: PluginManager[Any]) -> None:
    assert [pm.register(Casual()), pm.register(Casual())] == ["Casual", "Casual-2"]


def test_dp04_none_is_refused(pm: PluginManager[Any]) -> None:
    with pytest.raises(RegistrationError):
        pm.register(None)


@pytest.mark.parametrize(
    "name", [5, b"casual", object(), ("a",)], ids=["int", "bytes", "object", "tuple"]
)
def test_dp04_a_name_that_is_no_string_is_refused(pm: PluginManager[Any], name: Any) -> None:
    with pytest.raises(RegistrationError):
        pm.register(Casual(), name=name)


def test_dp04_an_object_without_implementations_is_refused(pm: PluginManager[Any]) -> None:
    with pytest.raises(PluginValidationError, match="implements no hook"):
        pm.register(object())


# D-P05: marks are never lost without a word


@pytest.mark.parametrize("kind", [staticmethod, classmethod])
def test_dp05_a_mark_above_a_static_or_class_method_counts(
    pm: PluginManager[Any], kind: Any
) -> None:
    def greeting(*args: Any, name: str) -> str:
        return f"hey {name}"

    greeting.__wrapped__ = lambda *, name: None  # type: ignore[attr-defined]
    pm.register(type("Plugin", (), {"greeting": any_hookimpl(kind(greeting))})())

    assert pm.hook.greeting(name="Ada") == ["hey Ada"]


def test_dp05_a_spec_mark_above_a_static_method_counts() -> None:
    class Above:
        @hookspec
        @staticmethod
        def greeting(name: str) -> object: ...

    assert PluginManager("greeter", Above).hook.greeting(name="Ada") == []


def test_dp05_an_unmarked_override_of_a_marked_method_is_refused(
    pm: PluginManager[Any],
) -> None:
    class Plugin(Casual):
        def greeting(self, name: str) -> str:
            return name

    with pytest.raises(PluginValidationError, match="overrides"):
        pm.register(Plugin())


def test_dp05_a_wrong_project_name_is_refused_and_named(pm: PluginManager[Any]) -> None:
    class Plugin:
        @HookimplMarker("greter")
        def greeting(self, name: str) -> str:
            return name

    with pytest.raises(PluginValidationError, match="'greter'"):
        pm.register(Plugin())


def test_dp05_a_mark_on_a_class_is_refused() -> None:
    with pytest.raises(TypeError, match="marks functions"):

        @hookimpl
        class greeting:  # noqa: N801
            pass


@pytest.mark.parametrize("kind", [property, cached_property])
def test_dp05_a_mark_under_a_property_is_refused(pm: PluginManager[Any], kind: Any) -> None:
    hidden = kind(hookimpl(target="farewell")(lambda self: touch()))
    plugin = type("Plugin", (Casual,), {"hidden": hidden})()

    with pytest.raises(PluginValidationError, match="hidden"):
        pm.register(plugin)


# D-P12, D-P13: what does not fit is refused at registration


def test_dp12_a_wrapper_that_is_no_generator_is_refused_at_registration(
    pm: PluginManager[Any],
) -> None:
    class Plugin:
        @hookimpl(wrapper=True)
        def greeting(self, name: str) -> str:
            return name

    with pytest.raises(PluginValidationError, match="no generator function"):
        pm.register(Plugin())


def test_dp13_an_extra_argument_is_refused_even_with_a_default(pm: PluginManager[Any]) -> None:
    class Plugin:
        @hookimpl
        def greeting(self, name: str, extra: int = 5) -> str:
            return name

    with pytest.raises(PluginValidationError, match="unknown argument 'extra'"):
        pm.register(Plugin())


def test_dp13_an_extra_keyword_only_argument_is_refused_even_with_a_default(
    pm: PluginManager[Any],
) -> None:
    class Plugin:
        @hookimpl
        def greeting(self, name: str, *, extra: int = 5) -> str:
            return name

    with pytest.raises(PluginValidationError, match="unknown argument 'extra'"):
        pm.register(Plugin())


# D-P14: defaults of specs


@pytest.mark.parametrize("default", [[], {}, set(), bytearray()], ids=repr)
def test_dp14_a_mutable_default_of_a_spec_is_refused(default: object) -> None:
    def gather(into: object = default) -> None: ...

    with pytest.raises(HookSpecError, match="mutable default"):
        PluginManager("greeter").add_hookspecs(SimpleNamespace(gather=hookspec(gather)))


# D-P16: optional implementations


def test_dp16_an_optional_implementation_is_wired_when_its_spec_comes_later() -> None:
    pm = PluginManager("greeter")
    pm.register(SimpleNamespace(greeting=hookimpl(optional=True)(lambda name: f"hey {name}")))
    pm.add_hookspecs(Specs)

    assert pm.hook.greeting(name="Ada") == ["hey Ada"]


# D-P19: what other managers can do


@pytest.mark.parametrize(
    "name",
    [
        "unblock",
        "check_pending",
        "enable_tracing",
        "add_hookcall_monitoring",
        "subset_hook_caller",
        "list_name_plugin",
        "get_plugins",
        "list_plugin_distinfo",
    ],
)
def test_dp19_a_manager_has_what_others_have(pm: PluginManager[Any], name: str) -> None:
    assert callable(getattr(pm, name))


# D-P20: pipelines


class Pipeline:
    @hookspec(pipeline=True)
    def clean(self, text: Any, width: int) -> Any: ...


def test_dp20_an_implementation_that_does_not_take_the_threaded_value_is_refused() -> None:
    class Plugin:
        @hookimpl
        def clean(self, width: int) -> int:
            return 99

    with pytest.raises(PluginValidationError, match="without taking 'text'"):
        PluginManager("greeter", Pipeline).register(Plugin())


def test_dp20_a_wrapper_of_a_pipeline_need_not_take_the_threaded_value() -> None:
    class Plugin:
        @hookimpl(wrapper=True)
        def clean(self) -> Iterator[Any]:
            result = yield
            return result

    pm: PluginManager[Any] = PluginManager("greeter", Pipeline)
    pm.register(Plugin())

    assert pm.hook.clean(text="x", width=1) == "x"


# D-P23: names of hooks


def hooks_named(name: str) -> PluginManager[Any]:
    namespace = ModuleType("specs")
    namespace.__dict__[name] = hookspec(lambda x: None)
    pm: PluginManager[Any] = PluginManager("greeter")
    pm.add_hookspecs(namespace)
    return pm


RELAY = [*dir(PluginManager("greeter").hook), "_add_caller", "_plan", "mro"]


@pytest.mark.parametrize("name", RELAY)
def test_dp23_a_hook_is_reached_or_refused_whatever_its_name(name: str) -> None:
    try:
        pm = hooks_named(name)
    except HookSpecError as refusal:
        assert name in str(refusal)  # noqa: PT017
    else:
        assert getattr(pm.hook, name)(x=1) == []


@pytest.mark.parametrize("name", ["_add_caller", "_plan", "mro", "call_extra", "hook", "register"])
def test_dp23_no_ordinary_name_is_refused(name: str) -> None:
    assert getattr(hooks_named(name).hook, name)(x=1) == []


def test_dp23_an_attribute_that_is_no_hook_is_not_there(pm: PluginManager[Any]) -> None:
    with pytest.raises(AttributeError):
        pm.hook._add_caller  # noqa: B018


# D-P24: coroutines


def test_dp24_a_sync_manager_refuses_a_coroutine_function(pm: PluginManager[Any]) -> None:
    class Plugin:
        @hookimpl
        async def greeting(self, name: str) -> str:
            return name

    with pytest.raises(PluginValidationError, match="use AsyncPluginManager"):
        pm.register(Plugin())


# D-P28: historic hooks of the async manager


def test_dp28_the_async_manager_declares_historic_hooks() -> None:
    class Events(AsyncHooks):
        @hookspec(historic=True)
        def started(self, at: int) -> None: ...

    pm: AsyncPluginManager[Any] = AsyncPluginManager("greeter", Events)

    assert callable(pm.hook.started.call_historic)


# D-P29 is in test_discovery.py


# D-P31: Python 3.11


def test_dp31_the_library_says_that_it_runs_on_python_311() -> None:
    assert metadata("hotplug")["Requires-Python"] == ">=3.11"


SOURCES = sorted(Path(inspect.getfile(hotplug)).parent.rglob("*.py"))


def test_dp31_no_module_uses_syntax_that_python_311_does_not_know() -> None:
    for path in SOURCES:
        ast.parse(path.read_text("utf-8"), path.name, feature_version=(3, 11))


# D-P32: what the documents say


def test_dp32_the_attributes_of_marked_functions_are_those_of_the_documents() -> None:
    assert hasattr(ExtensionPoint("kitchen")(lambda: None), "kitchen_spec")
    assert hasattr(Extension("kitchen")(lambda: None), "kitchen_impl")


@pytest.mark.parametrize("marker", [ExtensionPoint("kitchen"), Extension("kitchen")])
def test_dp32_a_marked_function_is_unchanged(marker: Any) -> None:
    def function(base: str) -> str:
        return base

    assert marker(function) is function
    assert type(function) is types.FunctionType


def test_dp32_a_caller_is_not_given_for_a_function_that_merely_has_the_name(
    pm: PluginManager[Any],
) -> None:
    @hookspec
    def greeting(name: str) -> object: ...

    with pytest.raises(UnknownHookError):
        pm.caller(greeting)
