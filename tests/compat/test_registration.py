"""Plugins are any objects: under which names they are kept, and which hooks are found on them."""

import gc
import weakref
from collections.abc import Callable
from functools import cache, cached_property, partial
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar, NoReturn

import pytest
from pluggy import HookimplMarker, HookspecMarker

Fixture = Callable[..., Any]


class Empty:
    """A plugin without hooks."""


class AllAlike:
    """A plugin that equals every other of its kind."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AllAlike)

    def __hash__(self) -> int:
        return 1


def specs_of(**functions: Any) -> ModuleType:
    namespace = ModuleType("specs")
    vars(namespace).update(functions)
    return namespace


# names


def test_a_plugin_is_registered_under_the_name_it_is_given(pm: Any) -> None:
    plugin = Empty()

    assert pm.register(plugin, "waiter") == "waiter"
    assert pm.get_plugin("waiter") is plugin
    assert pm.get_name(plugin) == "waiter"


@pytest.mark.parametrize(
    ("plugin", "name"), [(ModuleType("waiter"), "waiter"), (Empty, "Empty")], ids=str
)
def test_a_module_and_a_class_have_names_of_their_own(pm: Any, plugin: object, name: str) -> None:
    assert pm.get_canonical_name(plugin) == name
    assert pm.register(plugin) == name


@pytest.mark.parametrize("no_name", [None, ""])
def test_any_other_plugin_is_named_by_its_id(pm: Any, no_name: str | None) -> None:
    plugin = Empty()

    assert pm.register(plugin, no_name) == str(id(plugin)) == pm.get_canonical_name(plugin)


def test_plugins_are_listed_in_the_order_they_came(pm: Any) -> None:
    plugins = [(name, Empty()) for name in "cab"]
    for name, plugin in plugins:
        pm.register(plugin, name)

    assert pm.list_name_plugin() == plugins
    assert pm.get_plugins() == {plugin for _, plugin in plugins}


def test_a_plugin_that_is_not_there_is_none(pm: Any) -> None:
    stranger = Empty()

    assert (pm.get_plugin("waiter"), pm.get_name(stranger)) == (None, None)
    assert (pm.has_plugin("waiter"), pm.is_registered(stranger)) == (False, False)


def test_a_plugin_that_is_there_is_known_by_name_and_by_itself(pm: Any) -> None:
    plugin = Empty()
    pm.register(plugin, "waiter")

    assert (pm.has_plugin("waiter"), pm.is_registered(plugin)) == (True, True)


def test_a_name_is_taken_once(pm: Any) -> None:
    pm.register(Empty(), "waiter")

    with pytest.raises(ValueError, match="already registered: waiter"):
        pm.register(Empty(), "waiter")


def test_a_plugin_is_registered_once(pm: Any) -> None:
    plugin = Empty()
    pm.register(plugin, "waiter")

    with pytest.raises(ValueError, match="already registered under a different name"):
        pm.register(plugin, "cook")

    assert not pm.has_plugin("cook")


def test_plugins_that_are_equal_are_the_same_plugin(pm: Any) -> None:
    pm.register(AllAlike(), "waiter")

    with pytest.raises(ValueError, match="already registered under a different name"):
        pm.register(AllAlike(), "cook")

    assert pm.is_registered(AllAlike())
    assert pm.get_name(AllAlike()) == "waiter"


def test_none_is_no_plugin(pm: Any) -> None:
    assert pm.register(None, "waiter") is None
    assert not pm.has_plugin("waiter")
    assert not pm.is_registered(None)


def test_a_plugin_may_be_false(pm: Any, hookimpl: HookimplMarker) -> None:
    class Nobody:
        def __len__(self) -> int:
            return 0

        @hookimpl
        def serve(self) -> str:
            return "nothing"

    plugin = Nobody()
    pm.register(plugin, "waiter")

    assert pm.hook.serve() == ["nothing"]
    assert pm.unregister(plugin) is plugin
    assert pm.hook.serve() == []
    assert not pm.has_plugin("waiter")


def test_a_plugin_need_not_be_hashable(pm: Any, hookimpl: HookimplMarker) -> None:
    plugin = SimpleNamespace(serve=hookimpl(lambda: "tea"))
    with pytest.raises(TypeError, match="unhashable"):
        hash(plugin)

    pm.register(plugin, "waiter")

    assert pm.hook.serve() == ["tea"]
    assert pm.get_name(plugin) == "waiter"
    assert [hook.name for hook in pm.get_hookcallers(plugin)] == ["serve"]
    assert pm.unregister(plugin) is plugin
    assert pm.hook.serve() == []


@pytest.mark.parametrize(
    "plugin", [42, "text", ("a", "tuple"), object()], ids=lambda plugin: type(plugin).__name__
)
def test_any_object_is_a_plugin(pm: Any, plugin: object) -> None:
    pm.register(plugin, "odd")

    assert pm.get_plugin("odd") is plugin
    assert pm.get_hookcallers(plugin) == []


def test_managers_share_nothing(library: ModuleType, hookimpl: HookimplMarker) -> None:
    one, other = library.PluginManager("cafe"), library.PluginManager("cafe")
    plugin = SimpleNamespace(serve=hookimpl(lambda: "tea"))

    one.register(plugin, "one")
    other.register(plugin, "other")
    one.unregister(plugin)

    assert (one.hook.serve(), other.hook.serve()) == ([], ["tea"])


# unregistering


def test_unregistering_takes_a_plugin_out_of_all_its_hooks(
    pm: Any, hookimpl: HookimplMarker
) -> None:
    class Waiter:
        @hookimpl
        def serve(self) -> str:
            return "tea"

        @hookimpl(specname="serve")
        def serve_more(self) -> str:
            return "cake"

        @hookimpl
        def greet(self) -> str:
            return "hello"

    plugin = Waiter()
    pm.register(plugin)

    pm.unregister(plugin)

    assert (pm.hook.serve(), pm.hook.greet()) == ([], [])
    assert not pm.is_registered(plugin)
    assert pm.get_hookcallers(plugin) is None


def test_a_plugin_is_unregistered_by_name_as_well(pm: Any) -> None:
    plugin = Empty()
    pm.register(plugin, "waiter")

    assert pm.unregister(name="waiter") is plugin
    assert not pm.has_plugin("waiter")


def test_unregistering_a_name_that_is_not_there_does_nothing(pm: Any) -> None:
    assert pm.unregister(name="waiter") is None


def test_unregistering_a_plugin_that_is_not_there_is_refused(pm: Any) -> None:
    with pytest.raises(AssertionError, match="not registered"):
        pm.unregister(Empty())


def test_unregistering_needs_a_plugin_or_a_name(pm: Any) -> None:
    with pytest.raises(AssertionError, match="name"):
        pm.unregister()


def test_a_plugin_and_a_name_that_agree_are_unregistered(pm: Any) -> None:
    plugin = Empty()
    pm.register(plugin, "waiter")

    assert pm.unregister(plugin, "waiter") is plugin
    assert not pm.has_plugin("waiter")


@pytest.mark.parametrize(
    ("whom", "name"), [("waiter", "cook"), ("stranger", "cook"), ("waiter", "nobody")]
)
def test_a_plugin_and_a_name_that_do_not_agree_are_refused(pm: Any, whom: str, name: str) -> None:
    plugins = {name: Empty() for name in ("waiter", "cook", "stranger")}
    pm.register(plugins["waiter"], "waiter")
    pm.register(plugins["cook"], "cook")

    with pytest.raises(ValueError, match="do not agree"):
        pm.unregister(plugins[whom], name)

    assert pm.has_plugin("waiter")
    assert pm.has_plugin("cook")


@pytest.mark.parametrize("name", [None, "waiter"])
def test_a_plugin_that_only_equals_the_registered_one_is_not_unregistered(
    pm: Any, name: str | None
) -> None:
    plugin = AllAlike()
    pm.register(plugin, "waiter")

    with pytest.raises(ValueError, match="do not agree"):
        pm.unregister(AllAlike(), name)

    assert pm.get_plugin("waiter") is plugin


def test_a_name_is_free_again_after_unregistering(pm: Any) -> None:
    pm.register(Empty(), "waiter")
    pm.unregister(name="waiter")

    assert pm.register(Empty(), "waiter") == "waiter"


@pytest.mark.parametrize("calls", [0, 1, 300])
def test_nothing_keeps_a_plugin_that_was_unregistered(
    pm: Any, hookimpl: HookimplMarker, calls: int
) -> None:
    class Waiter:
        @hookimpl
        def serve(self) -> str:
            return "tea"

    plugin = Waiter()
    pm.register(plugin)
    for _ in range(calls):
        pm.hook.serve()
        pm.hook.serve.call_extra([lambda: "cake"], {})
        pm.subset_hook_caller("serve", [plugin])()
    kept = weakref.ref(plugin)

    pm.unregister(plugin)
    del plugin
    gc.collect()

    assert kept() is None


@pytest.mark.parametrize("calls", [0, 1, 300])
def test_nothing_keeps_a_manager(library: ModuleType, hookimpl: HookimplMarker, calls: int) -> None:
    pm = library.PluginManager("cafe")
    pm.register(SimpleNamespace(serve=hookimpl(lambda: "tea")), "waiter")
    for _ in range(calls):
        pm.hook.serve()
    kept = weakref.ref(pm)

    del pm
    gc.collect()

    assert kept() is None


# blocking


def test_a_blocked_name_lets_nobody_in(pm: Any, hookimpl: HookimplMarker) -> None:
    plugin = SimpleNamespace(serve=hookimpl(lambda: "tea"))
    pm.set_blocked("waiter")

    assert pm.register(plugin, "waiter") is None
    assert (pm.has_plugin("waiter"), pm.is_registered(plugin)) == (False, False)
    assert not hasattr(pm.hook, "serve")


def test_blocking_a_name_takes_its_plugin_out(pm: Any, implement: Fixture) -> None:
    implement("serve", lambda: "tea", "waiter")

    pm.set_blocked("waiter")

    assert pm.hook.serve() == []
    assert (pm.is_blocked("waiter"), pm.has_plugin("waiter")) == (True, False)


def test_a_blocked_name_is_listed_without_a_plugin(pm: Any) -> None:
    pm.set_blocked("waiter")

    assert pm.list_name_plugin() == [("waiter", None)]
    assert pm.get_plugins() == set()


def test_unblocking_tells_whether_the_name_was_blocked(pm: Any) -> None:
    pm.set_blocked("waiter")

    assert pm.unblock("waiter") is True
    assert pm.unblock("waiter") is False
    assert not pm.is_blocked("waiter")
    assert pm.register(Empty(), "waiter") == "waiter"


def test_unblocking_leaves_who_is_registered(pm: Any) -> None:
    pm.register(Empty(), "waiter")

    assert pm.unblock("waiter") is False
    assert pm.has_plugin("waiter")


def test_a_name_stays_blocked_when_it_is_unregistered(pm: Any) -> None:
    plugin = Empty()
    pm.set_blocked("waiter")

    assert pm.unregister(name="waiter") is None
    assert pm.unregister(plugin, "waiter") is plugin
    assert pm.is_blocked("waiter")


# hooks that are found


def test_hooks_are_found_on_modules(pm: Any, hookimpl: HookimplMarker) -> None:
    module = ModuleType("waiter")
    vars(module)["serve"] = hookimpl(lambda guest: f"tea for {guest}")

    pm.register(module)

    assert pm.hook.serve(guest="Ada") == ["tea for Ada"]


def test_hooks_are_found_in_base_classes(pm: Any, hookimpl: HookimplMarker) -> None:
    class Waiter:
        @hookimpl
        def serve(self) -> str:
            return type(self).__name__

    class HeadWaiter(Waiter):
        pass

    pm.register(HeadWaiter())

    assert pm.hook.serve() == ["HeadWaiter"]


def test_a_method_that_is_overridden_without_a_mark_is_no_hook(
    pm: Any, hookimpl: HookimplMarker
) -> None:
    class Waiter:
        @hookimpl
        def serve(self) -> str:
            return "tea"

    class Guest(Waiter):
        def serve(self) -> str:
            return "no"

    guest = Guest()
    pm.register(guest)

    assert pm.get_hookcallers(guest) == []


@pytest.mark.parametrize("as_instance", [False, True])
@pytest.mark.parametrize("mark_on_top", [False, True])
def test_class_and_static_methods_are_hooks(
    pm: Any, hookimpl: HookimplMarker, as_instance: bool, mark_on_top: bool
) -> None:
    def serve(cls: type, guest: str) -> str:
        return f"{cls.__name__} serves {guest}"

    def greet(guest: str) -> str:
        return f"hello {guest}"

    def marked(kind: Any, function: Callable[..., str]) -> Any:
        return hookimpl(kind(function)) if mark_on_top else kind(hookimpl(function))

    functions = {"serve": marked(classmethod, serve), "greet": marked(staticmethod, greet)}
    waiter_class = type("Waiter", (), functions)

    pm.register(waiter_class() if as_instance else waiter_class)

    assert pm.hook.serve(guest="Ada") == ["Waiter serves Ada"]
    assert pm.hook.greet(guest="Ada") == ["hello Ada"]


def test_a_function_on_an_instance_is_called_without_the_instance(
    pm: Any, hookimpl: HookimplMarker
) -> None:
    plugin = Empty()
    vars(plugin)["serve"] = hookimpl(lambda guest: guest)

    pm.register(plugin)

    assert pm.hook.serve(guest="Ada") == ["Ada"]


def test_a_function_in_a_slot_is_called_without_the_instance(
    pm: Any, hookimpl: HookimplMarker
) -> None:
    class Waiter:
        __slots__ = ("left_empty", "serve")

        def __init__(self) -> None:
            self.serve = hookimpl(lambda guest: guest)

    pm.register(Waiter())

    assert pm.hook.serve(guest="Ada") == ["Ada"]


def test_a_class_may_be_a_plugin_whose_instances_have_slots(
    pm: Any, hookimpl: HookimplMarker
) -> None:
    class Waiter:
        __slots__ = ("guests",)

        @staticmethod
        @hookimpl
        def serve(guest: str) -> str:
            return guest

    pm.register(Waiter)

    assert pm.hook.serve(guest="Ada") == ["Ada"]


@pytest.mark.parametrize(
    "holder",
    [Empty(), ModuleType("waiter"), type("Holder", (), {})],
    ids=["object", "module", "class"],
)
def test_a_method_stays_with_its_own_object_wherever_it_is_put(
    pm: Any, hookimpl: HookimplMarker, holder: Any
) -> None:
    class Waiter:
        @hookimpl
        def serve(self, guest: str) -> tuple[object, str]:
            return self, guest

    waiter = Waiter()
    holder.serve = waiter.serve

    pm.register(holder, "holder")

    assert pm.hook.serve(guest="Ada") == [(waiter, "Ada")]


def test_looking_for_hooks_runs_no_code_of_the_plugin(pm: Any, hookimpl: HookimplMarker) -> None:
    class Touchy:
        def __get__(self, instance: object, owner: type) -> NoReturn:
            raise AssertionError("it was touched")

    class Waiter:
        touchy = Touchy()

        @property
        def a_property(self) -> NoReturn:
            raise AssertionError("it was run")

        @cached_property
        def a_cached_property(self) -> NoReturn:
            raise AssertionError("it was run")

        def __getattr__(self, name: str) -> NoReturn:
            raise AssertionError(f"{name} was asked for")

        @hookimpl
        def serve(self) -> str:
            return "tea"

    pm.register(Waiter(), "waiter")

    assert pm.hook.serve() == ["tea"]


def test_what_a_plugin_holds_is_not_touched(pm: Any) -> None:
    class Touchy:
        def __getattr__(self, name: str) -> NoReturn:
            raise AssertionError(f"{name} was asked for")

    plugin = Empty()
    vars(plugin)["touchy"] = Touchy()
    pm.register(plugin)

    assert pm.get_hookcallers(plugin) == []


def test_attributes_that_are_made_up_on_demand_are_no_hooks(pm: Any) -> None:
    class Obliging:
        def __getattr__(self, name: str) -> int:
            return 42

    plugin = Obliging()
    pm.register(plugin, "obliging")

    assert pm.get_hookcallers(plugin) == []


@pytest.mark.parametrize("made_by", [partial, cache])
def test_a_callable_that_is_no_function_is_no_hook(
    pm: Any, hookimpl: HookimplMarker, made_by: Callable[..., Any]
) -> None:
    plugin = SimpleNamespace(serve=hookimpl(made_by(lambda: "tea")))
    pm.register(plugin)

    assert pm.get_hookcallers(plugin) == []


def test_only_what_dir_lists_is_looked_at(pm: Any, hookimpl: HookimplMarker) -> None:
    class Waiter:
        def __dir__(self) -> list[str]:
            return ["serve"]

        @hookimpl
        def serve(self) -> str:
            return "tea"

        @hookimpl
        def gossip(self) -> str:
            return "Ada was here"

    plugin = Waiter()
    pm.register(plugin)

    assert [hook.name for hook in pm.get_hookcallers(plugin)] == ["serve"]


def test_each_manager_reads_the_marks_of_its_own_project(
    library: ModuleType, pm: Any, hookimpl: HookimplMarker
) -> None:
    bar = library.HookimplMarker("bar")
    both = SimpleNamespace(serve=bar(tryfirst=True)(hookimpl(lambda: "both")))
    of_the_bar = SimpleNamespace(serve=bar(lambda: "bar"))

    pm.register(both, "both")
    pm.register(of_the_bar, "of the bar")

    assert pm.hook.serve() == ["both"]
    assert not pm.hook.serve.get_hookimpls()[0].tryfirst


def test_a_mark_that_is_no_set_of_options_is_ignored(pm: Any) -> None:
    def serve() -> None: ...

    serve.cafe_impl = True  # type: ignore[attr-defined]
    plugin = SimpleNamespace(serve=serve)
    pm.register(plugin, "waiter")

    assert pm.get_hookcallers(plugin) == []


def test_a_function_may_implement_a_hook_of_another_name(
    pm: Any, specify: Fixture, hookimpl: HookimplMarker
) -> None:
    specify("serve", lambda: None)
    pm.register(SimpleNamespace(bring=hookimpl(specname="serve")(lambda: "tea")), "waiter")

    assert pm.hook.serve() == ["tea"]
    assert not hasattr(pm.hook, "bring")


def test_the_hooks_of_a_plugin_are_listed_once_each(pm: Any, hookimpl: HookimplMarker) -> None:
    class Waiter:
        @hookimpl
        def serve(self) -> None: ...

        @hookimpl(specname="serve")
        def serve_more(self) -> None: ...

        @hookimpl
        def greet(self) -> None: ...

    plugin = Waiter()
    pm.register(plugin)

    assert pm.get_hookcallers(plugin) == [pm.hook.greet, pm.hook.serve]


def test_a_mark_leaves_the_function_itself(hookimpl: HookimplMarker) -> None:
    def serve() -> None: ...

    assert hookimpl(serve) is serve
    assert hookimpl(tryfirst=True)(serve) is serve


# a manager may look in its own way


def test_a_manager_may_find_hooks_without_marks(library: ModuleType) -> None:
    class Manager(library.PluginManager):  # type: ignore[name-defined,misc]
        def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
            options = super().parse_hookimpl_opts(plugin, name)
            return {} if options is None and name.startswith("serve_") else options

    pm = Manager("cafe")
    pm.register(SimpleNamespace(serve_tea=lambda: "tea", other=lambda: "no"), "waiter")

    (item,) = pm.hook.serve_tea.get_hookimpls()
    assert pm.hook.serve_tea() == ["tea"]
    assert not hasattr(pm.hook, "other")
    assert item.opts == {
        "wrapper": False,
        "hookwrapper": False,
        "optionalhook": False,
        "tryfirst": False,
        "trylast": False,
        "specname": None,
    }


def test_a_manager_may_pass_over_hooks(library: ModuleType, hookimpl: HookimplMarker) -> None:
    class Manager(library.PluginManager):  # type: ignore[name-defined,misc]
        def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
            return None if name == "gossip" else super().parse_hookimpl_opts(plugin, name)

    pm = Manager("cafe")
    functions = {name: hookimpl(lambda: "tea") for name in ("serve", "gossip")}
    pm.register(SimpleNamespace(**functions), "waiter")

    assert pm.hook.serve() == ["tea"]
    assert not hasattr(pm.hook, "gossip")


def test_a_manager_may_give_hooks_other_options(library: ModuleType, hookimpl: Any) -> None:
    class Manager(library.PluginManager):  # type: ignore[name-defined,misc]
        def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
            options = super().parse_hookimpl_opts(plugin, name)
            return options and {**options, "trylast": plugin is humble}

    pm = Manager("cafe")
    humble = SimpleNamespace(serve=hookimpl(lambda: "humble"))
    pm.register(SimpleNamespace(serve=hookimpl(lambda: "plain")), "plain")
    pm.register(humble, "humble")

    assert pm.hook.serve() == ["plain", "humble"]


def test_a_manager_that_takes_what_is_no_function_for_a_hook_is_refused(
    library: ModuleType,
) -> None:
    class Manager(library.PluginManager):  # type: ignore[name-defined,misc]
        def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
            return {} if name == "serve" else None

    pm = Manager("cafe")

    with pytest.raises(AssertionError, match="serve"):
        pm.register(SimpleNamespace(serve=42), "waiter")


def test_a_manager_may_find_specifications_without_marks(library: ModuleType) -> None:
    class Manager(library.PluginManager):  # type: ignore[name-defined,misc]
        def parse_hookspec_opts(self, module_or_class: object, name: str) -> Any:
            return {"firstresult": True} if name == "serve" else None

    pm = Manager("cafe")
    pm.add_hookspecs(specs_of(serve=lambda: None, other=lambda: None))

    assert pm.hook.serve() is None
    assert not hasattr(pm.hook, "other")


def test_what_a_mark_says_can_be_asked_for(pm: Any, hookimpl: Any, hookspec: Any) -> None:
    plugin = SimpleNamespace(serve=hookimpl(tryfirst=True)(lambda: None), other=lambda: None)
    specs = specs_of(serve=hookspec(firstresult=True)(lambda: None), other=lambda: None)

    assert pm.parse_hookimpl_opts(plugin, "serve")["tryfirst"] is True
    assert pm.parse_hookspec_opts(specs, "serve")["firstresult"] is True
    for parse, holder in ((pm.parse_hookimpl_opts, plugin), (pm.parse_hookspec_opts, specs)):
        assert parse(holder, "other") is None
        assert parse(holder, "absent") is None


# specifications


def test_specifications_are_found_on_modules_classes_and_instances(
    pm: Any, hookspec: HookspecMarker
) -> None:
    class OfTheClass:
        @hookspec(firstresult=True)
        def greet(self, guest: str) -> None: ...

    class OfTheInstance:
        @hookspec(firstresult=True)
        def part(self, guest: str) -> None: ...

    pm.add_hookspecs(specs_of(serve=hookspec(firstresult=True)(lambda guest: None)))
    pm.add_hookspecs(OfTheClass)
    pm.add_hookspecs(OfTheInstance())

    hooks = (pm.hook.serve, pm.hook.greet, pm.hook.part)
    assert [hook(guest="Ada") for hook in hooks] == [None, None, None]
    assert [hook.spec.argnames for hook in hooks] == [("guest",)] * 3


def test_class_and_static_methods_are_specifications(pm: Any, hookspec: HookspecMarker) -> None:
    class Specs:
        @classmethod
        @hookspec
        def serve(cls, guest: str) -> None: ...

        @staticmethod
        @hookspec
        def greet(guest: str) -> None: ...

    pm.add_hookspecs(Specs)

    assert [pm.hook.serve.spec.argnames, pm.hook.greet.spec.argnames] == [("guest",)] * 2


def test_looking_for_specifications_runs_no_code_of_theirs(
    pm: Any, hookspec: HookspecMarker
) -> None:
    class Specs:
        ran: ClassVar[list[str]] = []

        @property
        def a_property(self) -> None:
            self.ran.append("a_property")

        @hookspec
        def serve(self) -> None: ...

    pm.add_hookspecs(Specs())

    assert Specs.ran == []


def test_a_namespace_without_specifications_is_refused(pm: Any) -> None:
    with pytest.raises(ValueError, match=r"'cafe' hooks in .*Empty"):
        pm.add_hookspecs(Empty)


def test_a_hook_is_specified_once(pm: Any, specify: Fixture) -> None:
    specify("serve", lambda: None)

    with pytest.raises(ValueError, match=r"'serve' is already registered within .*specs"):
        specify("serve", lambda: None)


def test_a_specification_that_comes_late_holds_from_then_on(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    implement("serve", lambda: "tea")
    serve = pm.hook.serve
    assert serve() == ["tea"]

    specify("serve", lambda: None, firstresult=True)

    assert serve() == "tea"
    assert pm.hook.serve is serve


# all or nothing, and in the midst of a call


def test_a_plugin_of_which_one_hook_is_refused_is_not_registered_at_all(
    library: ModuleType, pm: Any, specify: Fixture, hookimpl: HookimplMarker
) -> None:
    class Waiter:
        @hookimpl
        def a_new_hook(self) -> None: ...

        @hookimpl
        def serve(self, guest: str) -> None: ...

        @hookimpl(specname="serve")
        def serve_wrongly(self, gest: str) -> None: ...

    plugin = Waiter()
    specify("serve", lambda guest: None)

    with pytest.raises(library.PluginValidationError):
        pm.register(plugin, "waiter")

    assert not pm.is_registered(plugin)
    assert not pm.has_plugin("waiter")
    assert pm.hook.serve.get_hookimpls() == []
    assert not hasattr(pm.hook, "a_new_hook")


def test_who_is_registered_during_a_call_takes_part_in_the_next(
    pm: Any, implement: Fixture
) -> None:
    def serve() -> str:
        if not pm.has_plugin("b"):
            implement("serve", lambda: "b", "b")
            implement("serve", lambda: "first", tryfirst=True)
            implement("serve", lambda: "last", trylast=True)
        return "a"

    implement("serve", lambda: "0")
    implement("serve", serve, "a")

    assert pm.hook.serve() == ["a", "0"]
    assert pm.hook.serve() == ["first", "b", "a", "0", "last"]


def test_who_is_unregistered_during_a_call_finishes_it(pm: Any, implement: Fixture) -> None:
    def serve() -> str:
        pm.unregister(name="a")
        return "b"

    implement("serve", lambda: "a", "a")
    implement("serve", serve)

    assert pm.hook.serve() == ["b", "a"]
    assert pm.hook.serve() == ["b"]


def test_a_plugin_that_equals_nothing_is_not_known_by_itself(pm: Any) -> None:
    class Unequal(Empty):
        __hash__ = object.__hash__

        def __eq__(self, other: object) -> bool:
            return False

    plugin = Unequal()
    pm.register(plugin, "waiter")

    assert (pm.is_registered(plugin), pm.get_name(plugin)) == (False, None)
    assert pm.get_plugin("waiter") is plugin
