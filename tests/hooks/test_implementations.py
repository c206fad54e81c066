"""What can implement a hook: methods, functions, callable objects, modules, classes."""

import functools
from collections.abc import Callable, Generator
from enum import Enum
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from hotplug import (
    AsyncPluginManager,
    HookimplMarker,
    HookspecMarker,
    PluginManager,
    PluginValidationError,
)

hookspec = HookspecMarker("greeter")
hookimpl = HookimplMarker("greeter")
any_hookimpl: Any = hookimpl


class Specs:
    @hookspec
    def greeting(self, name: str, size: int = 1) -> object: ...


def answers(plugin: object) -> list[object]:
    """What a plugin answers; each hook is called often enough for the call to be compiled."""
    pm: PluginManager[Any] = PluginManager("greeter", Specs)
    pm.register(plugin, name="plugin")
    answer: list[object] = pm.hook.greeting(name="Ada", size=3)
    for _ in range(120):
        assert pm.hook.greeting(name="Ada", size=3) == answer
    return answer


# where it may stand


def test_a_method_of_an_instance() -> None:
    class Plugin:
        def __init__(self, word: str) -> None:
            self.word = word

        @hookimpl
        def greeting(self, name: str) -> str:
            return f"{self.word} {name}"

    assert answers(Plugin("hey")) == ["hey Ada"]


def test_an_inherited_method() -> None:
    class Base:
        @hookimpl
        def greeting(self, name: str) -> str:
            return f"{type(self).__name__} {name}"

    class Plugin(Base):
        pass

    assert answers(Plugin()) == ["Plugin Ada"]


def test_a_marked_override_takes_the_place_of_the_inherited_method() -> None:
    class Base:
        @hookimpl
        def greeting(self, name: str) -> str:
            return f"base {name}"

    class Plugin(Base):
        @hookimpl
        def greeting(self, name: str) -> str:
            return f"own {name}, not {super().greeting(name)}"

    assert answers(Plugin()) == ["own Ada, not base Ada"]


def test_a_method_of_a_mixin() -> None:
    class Mixin:
        @hookimpl
        def greeting(self, name: str) -> str:
            return f"mixed {name}"

    class Other:
        def helper(self) -> None: ...

    class Plugin(Other, Mixin):
        pass

    assert answers(Plugin()) == ["mixed Ada"]


def test_with_a_diamond_of_bases_a_method_runs_once() -> None:
    class Base:
        @hookimpl
        def greeting(self, name: str) -> str:
            return f"base {name}"

    class Left(Base):
        pass

    class Right(Base):
        @hookimpl
        def greeting(self, name: str) -> str:
            return f"right {name}"

    class Plugin(Left, Right):
        pass

    assert answers(Plugin()) == ["right Ada"]


@pytest.mark.parametrize("order", ["static over mark", "mark over static"])
@pytest.mark.parametrize("as_instance", [True, False])
def test_a_static_method(order: str, as_instance: bool) -> None:
    def greeting(name: str) -> str:
        return f"static {name}"

    method: Any = (
        staticmethod(hookimpl(greeting))
        if order == "static over mark"
        else hookimpl(staticmethod(greeting))
    )
    plugin = type("Plugin", (), {"greeting": method})

    assert answers(plugin() if as_instance else plugin) == ["static Ada"]


@pytest.mark.parametrize("order", ["class over mark", "mark over class"])
@pytest.mark.parametrize("as_instance", [True, False])
def test_a_class_method(order: str, as_instance: bool) -> None:
    def greeting(cls: type, name: str) -> str:
        return f"{cls.__name__} {name}"

    method: Any = (
        classmethod(hookimpl(greeting))
        if order == "class over mark"
        else any_hookimpl(classmethod(greeting))
    )
    plugin = type("Plugin", (type("Base", (), {"greeting": method}),), {})

    assert answers(plugin() if as_instance else plugin) == ["Plugin Ada"]


def test_a_function_of_a_module() -> None:
    plugin = ModuleType("plugin")

    @hookimpl
    def greeting(name: str) -> str:
        return f"module {name}"

    plugin.__dict__["greeting"] = greeting

    assert answers(plugin) == ["module Ada"]


@pytest.mark.parametrize("make", [SimpleNamespace, type("Empty", (), {})])
def test_a_function_that_is_set_on_an_instance(make: Callable[[], Any]) -> None:
    plugin = make()
    plugin.greeting = hookimpl(lambda name: f"own {name}")

    assert answers(plugin) == ["own Ada"]


class Greeter:
    def __init__(self, word: str) -> None:
        self.word = word

    def __call__(self, name: str) -> str:
        return f"{self.word} {name}"


def test_a_callable_object_of_an_instance() -> None:
    assert answers(SimpleNamespace(greeting=hookimpl(Greeter("hey")))) == ["hey Ada"]


def test_a_callable_object_of_a_class_is_called_without_the_plugin() -> None:
    class Plugin:
        greeting = hookimpl(Greeter("hey"))

    assert answers(Plugin()) == ["hey Ada"]


def test_a_callable_object_whose_call_is_a_static_method() -> None:
    class Static:
        @staticmethod
        def __call__(name: str) -> str:
            return f"static {name}"

    assert answers(SimpleNamespace(greeting=hookimpl(Static()))) == ["static Ada"]


def test_a_partial() -> None:
    def greeting(word: str, name: str) -> str:
        return f"{word} {name}"

    assert answers(SimpleNamespace(greeting=hookimpl(partial(greeting, "hey")))) == ["hey Ada"]


def test_a_partial_of_a_callable_object() -> None:
    class Calls:
        def __call__(self, word: str, name: str) -> str:
            return f"{word} {name}"

    plugin = SimpleNamespace(greeting=hookimpl(partial(Calls(), "hey")))

    assert answers(plugin) == ["hey Ada"]


def test_a_lambda() -> None:
    class Plugin:
        greeting = hookimpl(lambda self, name: f"hey {name}")

    assert answers(Plugin()) == ["hey Ada"]


@pytest.mark.parametrize("kind", ["module", "instance"])
def test_a_bound_method_of_another_object(kind: str) -> None:
    class Counter:
        def __init__(self) -> None:
            self.word = "bound"

        @hookimpl
        def greeting(self, name: str) -> str:
            return f"{self.word} {name}"

    plugin: Any = {"module": ModuleType("plugin"), "instance": SimpleNamespace()}[kind]
    plugin.greeting = Counter().greeting

    assert answers(plugin) == ["bound Ada"]


def test_a_class_of_which_only_static_and_class_methods_are_marked() -> None:
    class Plugin:
        @staticmethod
        @hookimpl
        def greeting(name: str) -> str:
            return f"static {name}"

        def helper(self) -> None: ...

    assert answers(Plugin) == ["static Ada"]


def test_a_member_of_an_enum() -> None:
    class Greeting(Enum):
        HEY = "hey"

        @hookimpl
        def greeting(self, name: str) -> str:
            return f"{self.value} {name}"

    assert answers(Greeting.HEY) == ["hey Ada"]


def test_an_instance_with_slots() -> None:
    class Plugin:
        __slots__ = ("word",)

        def __init__(self) -> None:
            self.word = "hey"

        @hookimpl
        def greeting(self, name: str) -> str:
            return f"{self.word} {name}"

    assert answers(Plugin()) == ["hey Ada"]


def test_a_decorated_method_takes_what_the_function_inside_takes() -> None:
    def loud(function: Callable[..., str]) -> Callable[..., str]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> str:
            return function(*args, **kwargs).upper()

        return call

    class Plugin:
        @hookimpl
        @loud
        def greeting(self, name: str) -> str:
            return f"hey {name}"

    assert answers(Plugin()) == ["HEY ADA"]


def test_a_method_under_a_private_name() -> None:
    class Plugin:
        @hookimpl(target="greeting")
        def __secret(self, name: str) -> str:
            return f"psst {name}"

    assert answers(Plugin()) == ["psst Ada"]


# which arguments it takes


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("", ()),
        ("name", ("Ada",)),
        ("size", (3,)),
        ("name, size", ("Ada", 3)),
        ("size, name", (3, "Ada")),
        ("*, size", (3,)),
        ("name, *, size", ("Ada", 3)),
        ("size, *, name", (3, "Ada")),
        ("name, /", ("Ada",)),
        ("size, /, name", (3, "Ada")),
        ("name='nobody'", ("Ada",)),
        ("name, size=99", ("Ada", 3)),
    ],
)
def test_it_takes_any_of_the_hooks_arguments_in_any_order_and_form(
    parameters: str, expected: tuple[object, ...]
) -> None:
    taken = [part.split("=")[0].strip() for part in parameters.split(",")]
    names = [name for name in taken if name not in ("", "*", "/")]
    scope: dict[str, Any] = {}
    exec(f"def greeting({parameters}): return ({''.join(n + ',' for n in names)})", scope)

    assert answers(SimpleNamespace(greeting=hookimpl(scope["greeting"]))) == [expected]


def test_double_starred_keywords_take_all_arguments_that_are_not_named() -> None:
    class Plugin:
        @hookimpl
        def greeting(self, name: str, **rest: object) -> object:
            return name, rest

    assert answers(Plugin()) == [("Ada", {"size": 3})]


def test_the_default_of_the_hook_counts_and_not_that_of_the_implementation() -> None:
    class Plugin:
        @hookimpl
        def greeting(self, name: str, size: int = 99) -> int:
            return size

    pm: PluginManager[Any] = PluginManager("greeter", Specs)
    pm.register(Plugin())

    assert pm.hook.greeting(name="Ada") == [1]


# which hook it is for


def test_a_target_binds_a_method_of_another_name() -> None:
    class Plugin:
        @hookimpl(target="greeting")
        def hello(self, name: str) -> str:
            return f"hello {name}"

    assert answers(Plugin()) == ["hello Ada"]


def test_the_old_name_of_target_does_the_same() -> None:
    class Plugin:
        @hookimpl(specname="greeting")
        def hello(self, name: str) -> str:
            return f"hello {name}"

    assert answers(Plugin()) == ["hello Ada"]


def test_a_method_with_a_target_is_not_for_the_hook_of_its_own_name() -> None:
    class More(Specs):
        @hookspec
        def hello(self, name: str) -> object: ...

    class Plugin:
        @hookimpl(target="greeting")
        def hello(self, name: str) -> str:
            return f"hello {name}"

    pm: PluginManager[Any] = PluginManager("greeter", More)
    pm.register(Plugin())

    assert (pm.hook.greeting(name="Ada"), pm.hook.hello(name="Ada")) == (["hello Ada"], [])


def test_two_methods_of_one_plugin_implement_one_hook_in_the_order_of_their_definition() -> None:
    class Plugin:
        @hookimpl(target="greeting")
        def second_by_name(self, name: str) -> str:
            return f"first {name}"

        @hookimpl
        def greeting(self, name: str) -> str:
            return f"second {name}"

    assert answers(Plugin()) == ["first Ada", "second Ada"]


def test_two_methods_of_one_plugin_leave_one_hook_together() -> None:
    class Plugin:
        @hookimpl(target="greeting")
        def hello(self, name: str) -> str:
            return f"hello {name}"

        @hookimpl
        def greeting(self, name: str) -> str:
            return f"hey {name}"

    pm: PluginManager[Any] = PluginManager("greeter", Specs)
    plugin = Plugin()
    pm.register(plugin)
    pm.unregister(plugin)

    assert pm.hook.greeting(name="Ada") == []


def test_one_function_in_two_plugins_implements_for_both() -> None:
    @hookimpl
    def greeting(name: str) -> str:
        return f"hey {name}"

    pm: PluginManager[Any] = PluginManager("greeter", Specs)
    pm.register(SimpleNamespace(greeting=greeting))
    pm.register(SimpleNamespace(greeting=greeting))

    assert pm.hook.greeting(name="Ada") == ["hey Ada", "hey Ada"]


def test_the_same_function_under_two_names_of_one_plugin_runs_for_each() -> None:
    class Specs2(Specs):
        @hookspec
        def hello(self, name: str) -> object: ...

    @hookimpl
    def both(name: str) -> str:
        return f"hey {name}"

    pm: PluginManager[Any] = PluginManager("greeter", Specs2)
    pm.register(SimpleNamespace(greeting=both, hello=both))

    assert pm.hook.greeting(name="Ada") == pm.hook.hello(name="Ada") == ["hey Ada"]


def test_an_override_with_none_leaves_the_hook() -> None:
    class Base:
        @hookimpl
        def greeting(self, name: str) -> str:
            return f"base {name}"

        @hookimpl(optional=True)
        def other(self) -> None: ...

    class Plugin(Base):
        greeting: Any = None

    assert answers(Plugin()) == []


# what cannot implement


def refused(plugin: object) -> str:
    pm: PluginManager[Any] = PluginManager("greeter", Specs)
    with pytest.raises(PluginValidationError) as caught:
        pm.register(plugin, name="plugin")
    return str(caught.value)


def test_an_unmarked_override_of_a_marked_method_is_refused() -> None:
    class Base:
        @hookimpl
        def greeting(self, name: str) -> str:
            return name

    class Plugin(Base):
        def greeting(self, name: str) -> str:
            return name

    assert "overrides" in refused(Plugin())


def test_a_marked_function_under_a_property_is_refused() -> None:
    class Plugin:
        @hookimpl
        def greeting(self, name: str) -> str:
            return name

        @property
        @hookimpl(target="greeting")
        def lost(self) -> str:
            raise AssertionError("run")

    assert "'lost'" in refused(Plugin())


def test_a_marked_descriptor_is_refused_and_not_run() -> None:
    class Descriptor:
        def __get__(self, instance: object, owner: type) -> object:
            raise AssertionError("run")

        def __call__(self, name: str) -> str:
            return name

    class Plugin:
        greeting = hookimpl(Descriptor())

    assert "registering runs no descriptors" in refused(Plugin())


def test_a_cached_method_is_refused_with_the_way_out() -> None:
    class Plugin:
        @hookimpl
        @functools.cache  # noqa: B019
        def greeting(self, name: str) -> str:
            return name

    assert "put the mark on a plain method that calls it" in refused(Plugin())


@pytest.mark.parametrize("parameters", ["*names", "name, *rest"])
def test_starred_positions_are_refused(parameters: str) -> None:
    scope: dict[str, Any] = {}
    exec(f"def greeting({parameters}): ...", scope)

    assert "name the arguments it wants" in refused(
        SimpleNamespace(greeting=hookimpl(scope["greeting"]))
    )


def test_a_class_with_methods_is_refused_with_the_way_out() -> None:
    class Plugin:
        @hookimpl
        def greeting(self, name: str) -> str:
            return name

    assert "register an instance instead of the class" in refused(Plugin)


def test_a_generator_that_is_no_wrapper_is_refused() -> None:
    class Plugin:
        @hookimpl
        def greeting(self, name: str) -> Generator[str, None, None]:
            yield name

    assert "as a generator, but without wrapper=True" in refused(Plugin())


def test_a_marked_function_that_is_registered_by_itself_tells_where_it_belongs() -> None:
    @hookimpl
    def greeting(name: str) -> str:
        return name

    message = refused(greeting)

    assert "mark its functions" not in message
    assert "hand in what holds it: a module, class or object" in message


@pytest.mark.parametrize("kind", ["coroutine function", "async generator", "async callable"])
def test_a_sync_manager_refuses_what_it_would_have_to_await(kind: str) -> None:
    async def coroutine(name: str) -> str:
        return name

    class Calls:
        async def __call__(self, name: str) -> str:
            return name

    async def generator(name: str) -> Any:
        yield

    implementation: Any = {
        "coroutine function": hookimpl(coroutine),
        "async generator": hookimpl(wrapper=True)(generator),
        "async callable": hookimpl(Calls()),
    }[kind]

    assert "use AsyncPluginManager" in refused(SimpleNamespace(greeting=implementation))


def test_a_sync_manager_refuses_a_partial_of_a_coroutine_function() -> None:
    async def greeting(word: str, name: str) -> str:
        return word + name

    plugin = SimpleNamespace(greeting=hookimpl(partial(greeting, "hey")))

    assert "use AsyncPluginManager" in refused(plugin)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"tryfirst": True, "trylast": True}, "both tryfirst and trylast"),
        ({"wrapper": True, "around": True}, "both wrapper and around"),
        ({"wrapper": True}, "no generator function"),
        ({"around": True}, "does not take 'call_next'"),
        ({"thread": True}, "only an AsyncPluginManager"),
    ],
)
def test_options_that_contradict_each_other_or_the_function_are_refused(
    options: dict[str, bool], reason: str
) -> None:
    plugin = SimpleNamespace(greeting=any_hookimpl(**options)(lambda name: name))

    assert reason in refused(plugin)


def test_a_thread_is_for_sync_implementations() -> None:
    class Plugin:
        @hookimpl(thread=True)
        async def greeting(self, name: str) -> str:
            return name

    pm: AsyncPluginManager[Any] = AsyncPluginManager("greeter", Specs)

    with pytest.raises(PluginValidationError, match="thread=True, which is for sync"):
        pm.register(Plugin())
