"""Registering and unregistering: names, all or nothing, and what a class is at that moment."""

import gc
import weakref
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotplug import (
    HookimplMarker,
    HookspecMarker,
    PluginManager,
    PluginValidationError,
    RegistrationError,
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


@pytest.fixture
def pm() -> PluginManager[Any]:
    return PluginManager("greeter", Specs)


def greets(name: str) -> str:
    return f"hey {name}"


def module(name: str) -> ModuleType:
    plugin = ModuleType(name)
    plugin.__dict__["greeting"] = hookimpl(greets)
    return plugin


# names


def test_register_returns_the_name_that_was_given(pm: PluginManager[Any]) -> None:
    assert pm.register(Casual(), name="casual") == "casual"


def test_an_instance_without_a_name_gets_that_of_its_class(pm: PluginManager[Any]) -> None:
    assert pm.register(Casual()) == "Casual"


def test_a_module_without_a_name_gets_its_own(pm: PluginManager[Any]) -> None:
    assert pm.register(module("shop.plugin")) == "shop.plugin"


def test_a_class_without_a_name_gets_its_own(pm: PluginManager[Any]) -> None:
    class Static:
        @staticmethod
        @hookimpl
        def greeting(name: str) -> str:
            return name

    assert pm.register(Static) == "Static"


def test_instances_of_one_class_are_numbered(pm: PluginManager[Any]) -> None:
    assert [pm.register(Casual()) for _ in range(3)] == ["Casual", "Casual-2", "Casual-3"]


def test_a_number_is_free_again_after_its_plugin_is_gone(pm: PluginManager[Any]) -> None:
    for _ in range(3):
        pm.register(Casual())
    pm.unregister("Casual-2")

    assert pm.register(Casual()) == "Casual-2"


def test_a_name_that_is_taken_is_refused(pm: PluginManager[Any]) -> None:
    pm.register(Casual(), name="casual")

    with pytest.raises(ValueError, match="a plugin named 'casual' is registered already"):
        pm.register(Casual(), name="casual")


@pytest.mark.parametrize("name", [None, "casual", "another"])
def test_the_same_object_twice_is_refused(pm: PluginManager[Any], name: str | None) -> None:
    plugin = Casual()
    pm.register(plugin, name="casual")

    with pytest.raises(ValueError, match="registered already, as plugin 'casual'"):
        pm.register(plugin, name=name)


@pytest.mark.parametrize("name", ["", 5, b"casual", ("casual",)])
def test_a_name_that_is_no_string_with_something_in_it_is_refused(
    pm: PluginManager[Any], name: Any
) -> None:
    with pytest.raises(ValueError, match="a plugin's name is a string with something in it"):
        pm.register(Casual(), name=name)


def test_none_is_no_plugin(pm: PluginManager[Any]) -> None:
    with pytest.raises(RegistrationError, match="None is not a plugin"):
        pm.register(None)


# what is no plugin


@pytest.mark.parametrize("thing", [object(), 5, ModuleType("empty"), SimpleNamespace()])
def test_what_implements_nothing_is_refused(pm: PluginManager[Any], thing: object) -> None:
    with pytest.raises(PluginValidationError, match="implements no hook of project 'greeter'"):
        pm.register(thing)

    assert pm.plugin_names() == []


def test_a_name_is_no_plugin(pm: PluginManager[Any]) -> None:
    with pytest.raises(RegistrationError, match="'casual' is not a plugin"):
        pm.register("casual")


@pytest.mark.parametrize("kind", ["instance", "class", "module", "namespace"])
def test_marks_of_another_project_are_named_in_the_refusal(
    pm: PluginManager[Any], kind: str
) -> None:
    class Plugin:
        @staticmethod
        @HookimplMarker("greter")
        def greeting(name: str) -> str:
            return name

    plain = ModuleType("plain")
    plain.__dict__["greeting"] = Plugin.greeting
    plugin = {
        "instance": Plugin(),
        "class": Plugin,
        "module": plain,
        "namespace": SimpleNamespace(greeting=Plugin.greeting),
    }[kind]

    with pytest.raises(PluginValidationError, match="it has marks of project 'greter'"):
        pm.register(plugin)


# all or nothing


class TenHooks:
    """Declares hook_0 to hook_9."""


for number in range(10):
    setattr(TenHooks, f"hook_{number}", staticmethod(hookspec(lambda name: None)))


def plugin_of_ten(last: Callable[..., object]) -> SimpleNamespace:
    plugin = SimpleNamespace()
    for number in range(9):
        setattr(plugin, f"hook_{number}", hookimpl(lambda name: name))
    plugin.hook_9 = hookimpl(last)
    return plugin


@pytest.fixture
def ten() -> PluginManager[Any]:
    return PluginManager("greeter", TenHooks)


def test_of_ten_implementations_none_is_registered_if_the_last_one_is_refused(
    ten: PluginManager[Any],
) -> None:
    with pytest.raises(PluginValidationError):
        ten.register(plugin_of_ten(lambda nme: nme), name="plugin")

    assert [getattr(ten.hook, f"hook_{number}")(name="x") for number in range(10)] == [[]] * 10


def test_a_refused_plugin_leaves_no_trace_in_any_lookup(ten: PluginManager[Any]) -> None:
    plugin = plugin_of_ten(lambda nme: nme)
    with pytest.raises(PluginValidationError):
        ten.register(plugin, name="plugin")

    assert ten.plugin_names() == []
    assert not ten.is_registered(plugin)
    assert not ten.has_plugin("plugin")
    assert ten.get_name(plugin) is None
    assert ten.get_hookcallers(plugin) is None
    assert ten.check_pending() == []


def test_a_refused_plugin_disturbs_no_other(ten: PluginManager[Any]) -> None:
    ten.register(plugin_of_ten(lambda name: name), name="first")
    for _ in range(120):  # long enough for the call to be compiled
        ten.hook.hook_0(name="x")

    with pytest.raises(PluginValidationError):
        ten.register(plugin_of_ten(lambda nme: nme), name="second")

    assert ten.hook.hook_0(name="x") == ["x"]
    assert ten.hook.hook_9(name="x") == ["x"]


def test_a_refused_plugin_can_be_registered_once_it_is_mended(ten: PluginManager[Any]) -> None:
    plugin = plugin_of_ten(lambda nme: nme)
    with pytest.raises(PluginValidationError):
        ten.register(plugin, name="plugin")
    plugin.hook_9 = hookimpl(lambda name: name)

    ten.register(plugin, name="plugin")

    assert ten.hook.hook_9(name="x") == ["x"]


def test_a_refused_plugin_can_be_freed(ten: PluginManager[Any]) -> None:
    class Plugin:
        @hookimpl
        def hook_9(self, nme: str) -> None: ...

    plugin = Plugin()
    seen = weakref.ref(plugin)
    with pytest.raises(PluginValidationError):
        ten.register(plugin)

    del plugin
    gc.collect()

    assert seen() is None


# optional implementations


class Waits:
    @hookimpl
    def greeting(self, name: str) -> str:
        return f"hey {name}"

    @hookimpl(optional=True)
    def later(self, name: str) -> str:
        return f"later, {name}"


class LaterSpecs:
    @hookspec
    def later(self, name: str) -> object: ...


def test_an_optional_implementation_needs_no_hook(pm: PluginManager[Any]) -> None:
    pm.register(Waits())

    assert pm.hook.greeting(name="Ada") == ["hey Ada"]


def test_an_optional_implementation_takes_part_once_its_hook_is_declared(
    pm: PluginManager[Any],
) -> None:
    pm.register(Waits())
    pm.add_hookspecs(LaterSpecs)

    assert pm.hook.later(name="Ada") == ["later, Ada"]


def test_an_optional_implementation_finds_a_hook_that_is_declared_before(
    pm: PluginManager[Any],
) -> None:
    pm.add_hookspecs(LaterSpecs)
    pm.register(Waits())

    assert pm.hook.later(name="Ada") == ["later, Ada"]


def test_implementations_that_waited_run_in_the_order_of_registration(
    pm: PluginManager[Any],
) -> None:
    pm.register(SimpleNamespace(later=hookimpl(optional=True)(lambda: 1)))
    pm.register(SimpleNamespace(later=hookimpl(optional=True)(lambda: 2)))
    pm.add_hookspecs(LaterSpecs)
    pm.register(SimpleNamespace(later=hookimpl(lambda: 3)))

    assert pm.hook.later(name="Ada") == [1, 2, 3]


def test_an_implementation_that_waited_leaves_with_its_plugin(pm: PluginManager[Any]) -> None:
    pm.register(Waits(), name="waits")
    pm.add_hookspecs(LaterSpecs)
    pm.unregister("waits")

    assert pm.hook.later(name="Ada") == []


def test_a_plugin_that_is_gone_waits_no_longer(pm: PluginManager[Any]) -> None:
    pm.register(Waits(), name="waits")
    pm.unregister("waits")
    pm.add_hookspecs(LaterSpecs)

    assert (pm.hook.later(name="Ada"), pm.check_pending()) == ([], [])


def test_an_optional_implementation_may_wait_for_a_target(pm: PluginManager[Any]) -> None:
    pm.register(SimpleNamespace(mine=hookimpl(optional=True, target="later")(lambda: 1)))
    pm.add_hookspecs(LaterSpecs)

    assert pm.hook.later(name="Ada") == [1]


def test_a_plugin_may_wait_with_all_it_has(pm: PluginManager[Any]) -> None:
    name = pm.register(SimpleNamespace(later=hookimpl(optional=True)(lambda: 1)))

    assert pm.check_pending() == [(name, "later")]


# unregistering


@pytest.mark.parametrize("by", ["name", "object"])
def test_a_plugin_is_unregistered_by_its_name_or_itself(pm: PluginManager[Any], by: str) -> None:
    plugin = Casual()
    pm.register(plugin, name="casual")

    assert pm.unregister({"name": "casual", "object": plugin}[by]) is plugin
    assert pm.hook.greeting(name="Ada") == []


@pytest.mark.parametrize("unknown", ["nobody", object(), None, 5])
def test_unregistering_what_is_not_there_gives_none(
    pm: PluginManager[Any], unknown: object
) -> None:
    pm.register(Casual(), name="casual")

    assert pm.unregister(unknown) is None
    assert pm.plugin_names() == ["casual"]


def test_unregistering_takes_a_plugin_out_of_all_its_hooks(ten: PluginManager[Any]) -> None:
    ten.register(plugin_of_ten(lambda name: name), name="plugin")
    ten.unregister("plugin")

    assert [getattr(ten.hook, f"hook_{number}")(name="x") for number in range(10)] == [[]] * 10


def test_a_plugin_that_comes_back_is_last_in_line(pm: PluginManager[Any]) -> None:
    first = SimpleNamespace(greeting=hookimpl(lambda: "first"))
    pm.register(first, name="first")
    pm.register(SimpleNamespace(greeting=hookimpl(lambda: "second")), name="second")
    pm.unregister("first")
    pm.register(first, name="first")

    assert pm.hook.greeting(name="Ada") == ["second", "first"]


def test_a_name_is_free_once_its_plugin_is_unregistered(pm: PluginManager[Any]) -> None:
    pm.register(Casual(), name="casual")
    pm.unregister("casual")

    assert pm.register(Casual(), name="casual") == "casual"


@pytest.mark.parametrize("calls", [0, 1, 120])
def test_a_kept_hook_follows_later_registrations(pm: PluginManager[Any], calls: int) -> None:
    greet = pm.hook.greeting
    for _ in range(calls):
        greet(name="Ada")

    pm.register(Casual(), name="casual")
    assert greet(name="Ada") == ["hey Ada"]
    pm.unregister("casual")
    assert greet(name="Ada") == []


def test_a_plugin_that_can_be_neither_hashed_nor_compared_is_a_plugin(
    pm: PluginManager[Any],
) -> None:
    class Odd(Casual):
        def __hash__(self) -> int:
            raise RuntimeError("no hash")

        def __eq__(self, other: object) -> bool:
            raise RuntimeError("no comparison")

    first, second = Odd(), Odd()
    pm.register(first)
    pm.register(second)

    assert pm.unregister(first) is first
    assert pm.get_name(second) == "Odd-2"


def test_plugins_that_are_equal_are_still_two(pm: PluginManager[Any]) -> None:
    class Same(Casual):
        def __hash__(self) -> int:
            return 1

        def __eq__(self, other: object) -> bool:
            return True

    first, second = Same(), Same()
    pm.register(first)
    pm.register(second)
    pm.unregister(second)

    assert pm.is_registered(first)
    assert not pm.is_registered(second)


def test_an_unregistered_plugin_is_freed(pm: PluginManager[Any]) -> None:
    plugin = Casual()
    seen = weakref.ref(plugin)
    pm.register(plugin)
    pm.hook.greeting(name="Ada")
    pm.unregister(plugin)

    del plugin
    gc.collect()

    assert seen() is None


# A class is examined once and remembered; whatever becomes of it afterwards is seen.


def says(text: str) -> Callable[..., str]:
    """A new method that implements `greeting`."""

    def greeting(self: object, name: str) -> str:
        return text

    return hookimpl(greeting)


def unmarked(text: str) -> Callable[..., str]:
    def greeting(self: object, name: str) -> str:
        return text

    return greeting


def nameless(text: str) -> Any:
    def greeting(self: object) -> str:
        return text

    return greeting


def answers(plugin: object, pm: PluginManager[Any]) -> object:
    """What a plugin answers on both hooks, or why it is refused."""
    try:
        pm.register(plugin, name="plugin")
    except PluginValidationError as error:
        return str(error)
    answer = pm.hook.greeting(name="Ada"), pm.hook.farewell(name="Ada")
    pm.unregister("plugin")
    return answer


def new_class() -> type:
    """A class of its own for each test, of which the manager has seen an instance."""
    return type("Plugin", (), {"greeting": says("hey")})


@pytest.fixture
def seen(pm: PluginManager[Any]) -> type:
    cls = new_class()
    assert answers(cls(), pm) == answers(cls(), pm) == (["hey"], [])
    return cls


def test_a_method_that_is_replaced_is_seen(pm: PluginManager[Any], seen: Any) -> None:
    seen.greeting = says("hello")

    assert answers(seen(), pm) == (["hello"], [])


def test_a_method_that_is_added_is_seen(pm: PluginManager[Any], seen: Any) -> None:
    seen.farewell = says("bye")

    assert answers(seen(), pm) == (["hey"], ["bye"])


def test_a_method_that_is_removed_is_missed(pm: PluginManager[Any], seen: Any) -> None:
    seen.farewell = says("bye")
    answers(seen(), pm)
    del seen.farewell

    assert answers(seen(), pm) == (["hey"], [])


def test_a_class_whose_last_method_is_removed_implements_nothing(
    pm: PluginManager[Any], seen: Any
) -> None:
    del seen.greeting

    with pytest.raises(PluginValidationError, match="implements no hook"):
        pm.register(seen())


def test_methods_that_are_removed_and_added_again_are_seen_though_they_take_the_same_memory(
    pm: PluginManager[Any], seen: Any
) -> None:
    for number in range(50):
        del seen.greeting
        seen.greeting = says(str(number))

        assert answers(seen(), pm) == ([str(number)], [])


def test_a_method_that_loses_its_mark_is_missed(pm: PluginManager[Any], seen: Any) -> None:
    seen.farewell = says("bye")
    answers(seen(), pm)
    del seen.greeting.greeter_impl

    assert answers(seen(), pm) == ([], ["bye"])


def test_a_method_that_is_marked_anew_is_seen(pm: PluginManager[Any], seen: Any) -> None:
    hookimpl(target="farewell")(seen.greeting)

    assert answers(seen(), pm) == ([], ["hey"])


def test_a_method_that_gets_its_mark_only_now_is_seen(pm: PluginManager[Any], seen: Any) -> None:
    seen.farewell = unmarked("bye")
    answers(seen(), pm)
    hookimpl(seen.farewell)

    assert answers(seen(), pm) == (["hey"], ["bye"])


def test_a_method_that_is_renamed_is_seen(pm: PluginManager[Any], seen: Any) -> None:
    method = seen.greeting
    del seen.greeting
    seen.greeting = method  # the last in the class's dictionary now
    answers(seen(), pm)

    del seen.greeting
    seen.farewell = method

    assert answers(seen(), pm) == ([], ["hey"])


def test_two_methods_that_change_places_are_seen(pm: PluginManager[Any], seen: Any) -> None:
    seen.farewell = says("bye")
    answers(seen(), pm)
    seen.greeting, seen.farewell = seen.farewell, seen.greeting

    assert answers(seen(), pm) == (["bye"], ["hey"])


@pytest.mark.parametrize("bases", [1, 2])
def test_a_base_that_changes_is_seen(pm: PluginManager[Any], bases: int) -> None:
    base: Any = new_class()
    cls: Any = base
    for _ in range(bases):
        cls = type("Plugin", (cls,), {})
    assert answers(cls(), pm) == answers(cls(), pm) == (["hey"], [])

    base.greeting = says("hello")

    assert answers(cls(), pm) == (["hello"], [])


def test_a_class_that_gets_other_bases_is_seen(pm: PluginManager[Any]) -> None:
    first, second = new_class(), type("Second", (), {"farewell": says("bye")})
    cls: Any = type("Plugin", (first,), {})
    answers(cls(), pm)

    cls.__bases__ = (second,)

    assert answers(cls(), pm) == ([], ["bye"])


def test_a_function_that_only_one_instance_has_is_its_own(
    pm: PluginManager[Any], seen: Any
) -> None:
    plugin = seen()
    plugin.farewell = hookimpl(lambda: "bye")

    assert answers(plugin, pm) == (["hey"], ["bye"])
    assert answers(seen(), pm) == (["hey"], [])


def test_an_instance_may_leave_a_hook_that_others_of_its_class_implement(
    pm: PluginManager[Any], seen: Any
) -> None:
    seen.farewell = says("bye")
    answers(seen(), pm)
    plugin = seen()
    plugin.greeting = None

    assert answers(plugin, pm) == ([], ["bye"])


def test_an_instance_that_hides_a_method_with_something_unmarked_is_refused(
    pm: PluginManager[Any], seen: Any
) -> None:
    plugin = seen()
    plugin.greeting = unmarked("hidden")

    with pytest.raises(PluginValidationError, match="overrides"):
        pm.register(plugin)


def test_a_change_that_makes_a_class_wrong_is_seen(pm: PluginManager[Any], seen: Any) -> None:
    seen.greeting = hookimpl(lambda self, nme: "hey")

    with pytest.raises(PluginValidationError, match="unknown argument 'nme'"):
        pm.register(seen())


def test_a_method_whose_code_is_replaced_in_place_is_seen(
    pm: PluginManager[Any], seen: Any
) -> None:
    seen.greeting.__code__ = nameless("code").__code__

    assert answers(seen(), pm) == (["hey"], [])  # its closure is the old one


def test_a_hook_that_is_declared_later_is_seen(pm: PluginManager[Any], seen: Any) -> None:
    seen.later = any_hookimpl(optional=True)(lambda self: "later")
    pm.register(seen())
    pm.add_hookspecs(LaterSpecs)
    pm.register(seen())

    assert pm.hook.later(name="Ada") == ["later", "later"]


def test_a_class_is_freed_though_instances_were_registered(pm: PluginManager[Any]) -> None:
    cls = new_class()
    watched = weakref.ref(cls)
    for _ in range(3):
        answers(cls(), pm)

    del cls
    gc.collect()

    assert watched() is None


@pytest.mark.usefixtures("little_to_collect")
def test_a_class_that_takes_the_memory_of_a_freed_one_is_examined_anew(
    pm: PluginManager[Any],
) -> None:
    for number in range(50):
        cls = type("Plugin", (), {"greeting": says(str(number))})
        assert answers(cls(), pm) == ([str(number)], [])
        del cls
        gc.collect()


def put(name: str, make: Callable[[], object], *, base: bool = False) -> Callable[[Any], None]:
    def put_it(cls: Any) -> None:
        setattr(cls.__base__ if base else cls, name, make())

    return put_it


def delete(name: str, *, base: bool = False) -> Callable[[Any], None]:
    def delete_it(cls: Any) -> None:
        owner = cls.__base__ if base else cls
        if name in vars(owner):
            delattr(owner, name)

    return delete_it


def rename(cls: Any) -> None:
    if "greeting" in vars(cls):
        cls.farewell = vars(cls)["greeting"]
        del cls.greeting


def mark_anew(cls: Any) -> None:
    method = getattr(cls, "greeting", None)
    if method is not None:
        hookimpl(target="farewell")(method)


def take_a_mark_away(cls: Any) -> None:
    vars(getattr(cls, "greeting", None) or says("")).pop("greeter_impl", None)


def replace_the_code(cls: Any) -> None:
    method = getattr(cls, "greeting", None)
    if method is not None:
        method.__code__ = nameless("code").__code__


CHANGES = {
    "replace the code of a method": replace_the_code,
    "set a method": put("greeting", lambda: says("new")),
    "set another method": put("farewell", lambda: says("bye")),
    "set an unmarked method": put("greeting", lambda: unmarked("plain")),
    "set a static method": put("farewell", lambda: staticmethod(hookimpl(lambda name: "static"))),
    "leave a hook": put("greeting", lambda: None),
    "delete a method": delete("greeting"),
    "delete another method": delete("farewell"),
    "take a mark away": take_a_mark_away,
    "mark a method anew": mark_anew,
    "rename a method": rename,
    "set an attribute": put("limit", lambda: [1]),
    "delete the attribute": delete("limit"),
    "set a method of the base": put("greeting", lambda: says("base"), base=True),
    "set another method of the base": put("farewell", lambda: says("base bye"), base=True),
    "delete a method of the base": delete("greeting", base=True),
    "delete another method of the base": delete("farewell", base=True),
}


@given(st.lists(st.sampled_from(sorted(CHANGES)), max_size=12))
def test_a_manager_that_knows_a_class_sees_what_a_new_manager_sees(changes: list[str]) -> None:
    veteran: PluginManager[Any] = PluginManager("greeter", Specs)
    base = type("Base", (), {"greeting": says("base")})
    cls = type("Plugin", (base,), {"greeting": says("hey")})

    for change in changes:
        answers(cls(), veteran)
        CHANGES[change](cls)

        assert answers(cls(), veteran) == answers(cls(), PluginManager("greeter", Specs))
