"""What programs reach for beyond the documented names, and the documented names themselves."""

import importlib
import inspect
import pickle
import sys
import warnings
from collections.abc import Callable, Generator
from functools import wraps
from types import MethodType, ModuleType, SimpleNamespace
from typing import Any

import pluggy
import pytest
from pluggy import HookimplMarker, HookspecMarker

import hotplug.compat.pluggy

Fixture = Callable[..., Any]

PRIVATE = ["_callers", "_execution", "_hooks", "_manager", "_result"]
PLAIN = {
    "wrapper": False,
    "hookwrapper": False,
    "optionalhook": False,
    "tryfirst": False,
    "trylast": False,
    "specname": None,
}


@pytest.fixture
def private(library: ModuleType) -> Callable[[str], Any]:
    """A private module of the library, as programs import it."""
    before = modules_of_pluggy()
    if library is hotplug.compat.pluggy:
        hotplug.compat.pluggy.install()
    modules = {name: importlib.import_module(f"pluggy.{name}") for name in PRIVATE}
    for name in modules_of_pluggy():
        del sys.modules[name]
    sys.modules.update(before)
    return modules.__getitem__


def modules_of_pluggy() -> dict[str, ModuleType]:
    return {
        name: module for name, module in sys.modules.items() if name.partition(".")[0] == "pluggy"
    }


# names and signatures


def test_the_public_names_are_those_of_pluggy() -> None:
    assert sorted(hotplug.compat.pluggy.__all__) == sorted(pluggy.__all__)
    for name in pluggy.__all__:
        assert hasattr(hotplug.compat.pluggy, name)


def test_the_version_is_that_of_pluggy() -> None:
    assert hotplug.compat.pluggy.__version__ == pluggy.__version__


def test_a_name_that_is_not_there_is_an_attribute_error(library: ModuleType) -> None:
    with pytest.raises(AttributeError, match="'nope'"):
        library.nope  # noqa: B018 - looking at it is what is tested


CLASSES = ["HookCaller", "HookImpl", "HookRelay", "PluginManager", "Result"]


def methods(cls: type) -> dict[str, list[tuple[str, Any, Any]]]:
    """The public methods of a class, each with its parameters."""
    return {
        name: [(each.name, each.kind, each.default) for each in parameters]
        for name in dir(cls)
        if not name.startswith("_") and callable(getattr(cls, name))
        for parameters in [inspect.signature(getattr(cls, name)).parameters.values()]
    }


@pytest.mark.parametrize("name", CLASSES)
def test_methods_have_the_signatures_of_those_of_pluggy(name: str) -> None:
    theirs = methods(getattr(pluggy, name))
    ours = methods(getattr(hotplug.compat.pluggy, name))

    assert {name: ours.get(name) for name in theirs} == theirs


@pytest.mark.parametrize("name", ["HookimplMarker", "HookspecMarker"])
def test_markers_have_the_signatures_of_those_of_pluggy(name: str) -> None:
    def parameters(library: ModuleType) -> list[tuple[str, Any]]:
        marker = getattr(library, name)("cafe")
        return [(each.name, each.default) for each in inspect.signature(marker).parameters.values()]

    assert parameters(hotplug.compat.pluggy) == parameters(pluggy)


@pytest.mark.parametrize("name", ["HookimplOpts", "HookspecOpts"])
def test_options_are_those_of_pluggy(name: str) -> None:
    ours, theirs = getattr(hotplug.compat.pluggy, name), getattr(pluggy, name)

    assert sorted(ours.__annotations__) == sorted(theirs.__annotations__)


def test_old_names_are_there_still(library: ModuleType, private: Any) -> None:
    assert private("_hooks")._HookCaller is library.HookCaller
    assert private("_hooks")._HookRelay is library.HookRelay
    assert private("_result")._Result is library.Result


def test_results_and_errors_are_there_too_where_calls_are_executed(
    library: ModuleType, private: Any
) -> None:
    """pluggy 1.6 does that in ``_callers``."""
    assert private("_execution").Result is library.Result
    assert private("_execution").HookCallError is library.HookCallError


# marks


def test_a_mark_is_a_plain_dictionary_on_the_function(
    hookimpl: HookimplMarker, hookspec: HookspecMarker
) -> None:
    def serve() -> None: ...

    warning = DeprecationWarning("old")
    hookimpl(tryfirst=True, specname="bring")(serve)
    hookspec(firstresult=True, warn_on_impl=warning)(serve)

    assert vars(serve) == {
        "cafe_impl": {**PLAIN, "tryfirst": True, "specname": "bring"},
        "cafe_spec": {
            "firstresult": True,
            "historic": False,
            "warn_on_impl": warning,
            "warn_on_impl_args": None,
        },
    }


def test_a_marker_takes_its_options_by_position_too(hookimpl: Any, hookspec: Any) -> None:
    def serve() -> None: ...

    hookimpl(serve, False, True, False, True)
    hookspec(serve, True)

    marks: dict[str, Any] = vars(serve)
    assert (marks["cafe_impl"]["optionalhook"], marks["cafe_impl"]["trylast"]) == (True, True)
    assert marks["cafe_spec"]["firstresult"] is True


@pytest.mark.parametrize("name", ["HookimplMarker", "HookspecMarker"])
def test_a_marker_knows_its_project_and_can_be_pickled(library: ModuleType, name: str) -> None:
    marker = getattr(library, name)(project_name="cafe")

    copy = pickle.loads(pickle.dumps(marker))

    assert (type(copy), copy.project_name) == (type(marker), "cafe")


def test_options_that_are_not_given_are_filled_in(private: Any) -> None:
    options = {"tryfirst": True}

    private("_hooks").normalize_hookimpl_opts(options)

    assert options == {**PLAIN, "tryfirst": True}


# implementations


def test_an_implementation_tells_all_about_itself(
    library: ModuleType, pm: Any, implement: Fixture
) -> None:
    def serve(guest: str, cup: str = "small") -> Generator[None, Any, Any]:
        return (yield)

    plugin = implement("serve", serve, "waiter", wrapper=True, trylast=True)

    (item,) = pm.hook.serve.get_hookimpls()
    assert type(item) is library.HookImpl
    assert (item.plugin, item.plugin_name, item.function) == (plugin, "waiter", serve)
    assert (item.argnames, item.kwargnames) == (("guest",), ("cup",))
    assert (item.wrapper, item.hookwrapper, item.optionalhook) == (True, False, False)
    assert (item.tryfirst, item.trylast) == (False, True)
    assert item.opts == {**PLAIN, "wrapper": True, "trylast": True}


def test_an_implementation_shows_its_plugin(pm: Any, implement: Fixture) -> None:
    plugin = implement("serve", lambda: None, "waiter")

    (item,) = pm.hook.serve.get_hookimpls()

    assert repr(item) == f"<HookImpl plugin_name='waiter', plugin={plugin!r}>"


def test_the_function_of_an_implementation_may_be_replaced_before_it_is_called(
    pm: Any, implement: Fixture
) -> None:
    implement("serve", lambda guest: f"tea for {guest}")
    implement("serve", lambda: "cake")

    for item in pm.hook.serve.get_hookimpls():
        item.function = lambda *args, function=item.function: f"{function(*args)}, traced"

    assert pm.hook.serve(guest="Ada") == ["cake, traced", "tea for Ada, traced"]
    assert pm.hook.serve(guest="Bob") == ["cake, traced", "tea for Bob, traced"]


def test_an_implementation_has_a_method_bound_to_its_plugin(
    pm: Any, hookimpl: HookimplMarker
) -> None:
    class Waiter:
        @hookimpl
        def serve(self, guest: str) -> str:
            return guest

    plugin = Waiter()
    pm.register(plugin)

    (item,) = pm.hook.serve.get_hookimpls()

    assert item.function == plugin.serve
    assert item.function("Ada") == "Ada"


# hooks


def test_hooks_are_attributes_of_the_relay(library: ModuleType, pm: Any, specify: Fixture) -> None:
    specify("serve", lambda: None)
    specify("greet", lambda: None)

    assert type(pm.hook) is library.HookRelay
    assert vars(pm.hook) == {"serve": pm.hook.serve, "greet": pm.hook.greet}


def test_a_hook_is_of_the_class_that_programs_ask_for(
    library: ModuleType, pm: Any, implement: Fixture
) -> None:
    plugin = implement("serve", lambda: None)
    subset = pm.subset_hook_caller("serve", [plugin])

    assert type(pm.hook.serve) is library.HookCaller
    assert isinstance(subset, library.HookCaller)
    assert (repr(pm.hook.serve), repr(subset)) == (
        "<HookCaller 'serve'>",
        "<_SubsetHookCaller 'serve'>",
    )


def test_a_hook_in_the_body_of_a_class_is_no_method(pm: Any, specify: Fixture) -> None:
    specify("serve", lambda guest: None)

    class Waiter:
        serve = pm.hook.serve

    assert Waiter().serve is pm.hook.serve
    assert Waiter().serve(guest="Ada") == []


def test_a_hook_equals_itself_alone(library: ModuleType, pm: Any, specify: Fixture) -> None:
    specify("serve", lambda: None)
    specify("greet", lambda: None)

    assert len({pm.hook.serve, pm.hook.greet, pm.hook.serve}) == 2
    assert pm.hook.serve != library.HookCaller("serve", pm._hookexec)


def test_a_hook_tells_of_its_specification(pm: Any, hookspec: HookspecMarker) -> None:
    old = {"guest": DeprecationWarning("old")}

    class Specs:
        @hookspec(firstresult=True, warn_on_impl_args=old)
        def serve(self, guest: str, cup: str = "small", *, milk: bool = False) -> None: ...

    pm.add_hookspecs(Specs)

    spec = pm.hook.serve.spec
    assert (spec.name, spec.namespace, spec.function) == ("serve", Specs, Specs.serve)
    assert (spec.argnames, spec.kwargnames) == (("guest",), ("cup",))
    assert spec.kwargdefaults == {"cup": "small"}
    assert (spec.opts["firstresult"], spec.opts["historic"]) == (True, False)
    assert (spec.warn_on_impl, spec.warn_on_impl_args) == (None, old)
    assert pm.hook.serve.has_spec()


def test_a_hook_without_a_specification_tells_so(pm: Any, implement: Fixture) -> None:
    implement("serve", lambda: None)

    assert (pm.hook.serve.spec, pm.hook.serve.has_spec()) == (None, False)


def test_the_list_of_implementations_is_a_copy(pm: Any, implement: Fixture) -> None:
    implement("serve", lambda: "tea")

    pm.hook.serve.get_hookimpls().clear()

    assert pm.hook.serve() == ["tea"]
    assert pm.hook.serve._hookimpls == pm.hook.serve.get_hookimpls()


def test_implementations_may_be_added_to_a_hook_directly(
    library: ModuleType, pm: Any, specify: Fixture, implement: Fixture
) -> None:
    specify("serve", lambda guest: None)
    implement("serve", lambda: "tea")
    assert pm.hook.serve(guest="Ada") == ["tea"]
    first = library.HookImpl(None, "<temp>", lambda guest: guest, {**PLAIN, "tryfirst": True})
    middle = library.HookImpl(None, "<temp>", lambda: "cake", PLAIN)

    pm.hook.serve._add_hookimpl(first)
    pm.hook.serve._add_hookimpl(middle)

    assert pm.hook.serve(guest="Ada") == ["Ada", "cake", "tea"]
    assert pm.hook.serve.get_hookimpls()[1:] == [middle, first]


MARKS: list[dict[str, bool]] = [
    {"trylast": True},
    {"trylast": True},
    {},
    {},
    {"tryfirst": True},
    {"tryfirst": True},
]


@pytest.fixture
def crowd(pm: Any, implement: Fixture) -> Any:
    """A hook with two implementations, and two wrappers, of every kind."""

    def wrap() -> Generator[None, Any, Any]:
        return (yield)

    for at, marks in enumerate(MARKS):
        implement("serve", lambda at=at: at, f"function {at}", **marks)
        implement("serve", wrap, f"wrapper {at}", wrapper=True, **marks)
    return pm.hook.serve


def in_place(items: list[Any]) -> None:
    items[:] = [*items]


def without_wrappers(items: list[Any]) -> None:
    items[:] = [item for item in items if not item.wrapper]


def by_name(items: list[Any]) -> None:
    items.sort(key=lambda item: (item.wrapper, item.tryfirst, not item.trylast, item.plugin_name))


def the_last_again(items: list[Any]) -> None:
    items += [items.pop()]


def nobody(items: list[Any]) -> None:
    items.clear()


def without_the_third(items: list[Any]) -> None:
    items.remove(items[2])


def the_third_earlier(items: list[Any]) -> None:
    items.insert(3, items.pop(2))


def every_other(items: list[Any]) -> None:
    del items[::2]


@pytest.mark.parametrize(
    "change",
    [
        in_place,
        without_wrappers,
        by_name,
        the_last_again,
        nobody,
        without_the_third,
        the_third_earlier,
        every_other,
    ],
)
def test_to_change_the_private_list_of_implementations_changes_the_hook(
    crowd: Any, change: Callable[[list[Any]], None]
) -> None:
    expected = crowd.get_hookimpls()
    change(expected)

    change(crowd._hookimpls)

    assert crowd.get_hookimpls() == expected
    assert crowd() == [int(item.plugin_name[-1]) for item in reversed(expected) if not item.wrapper]


def test_the_private_list_of_implementations_may_be_replaced(
    pm: Any, crowd: Any, implement: Fixture
) -> None:
    all_of_them = crowd.get_hookimpls()

    crowd._hookimpls = all_of_them[:2]
    assert len(crowd()) == 2
    crowd._hookimpls = all_of_them
    assert crowd.get_hookimpls() == all_of_them

    implement("serve", lambda: "cake", tryfirst=True)
    pm.unregister(name="function 2")
    assert crowd() == ["cake", 5, 4, 3, 0, 1]


def test_the_private_list_without_some_plugins_is_no_way_to_change_a_hook(
    pm: Any, crowd: Any
) -> None:
    subset = pm.subset_hook_caller("serve", [pm.get_plugin("function 0")])

    subset._hookimpls.clear()

    assert subset() == [5, 4, 3, 2, 1]
    with pytest.raises(AttributeError):
        subset._hookimpls = []


def test_a_plugin_may_be_removed_from_a_hook_directly(pm: Any, hookimpl: HookimplMarker) -> None:
    functions = {
        "greet": hookimpl(lambda: "hello"),
        "serve": hookimpl(lambda: "tea"),
        "serve_more": hookimpl(specname="serve")(lambda: "cake"),
    }
    plugin = SimpleNamespace(**functions)
    pm.register(plugin, "waiter")

    pm.hook.serve._remove_plugin(plugin)

    assert (pm.hook.serve(), pm.hook.greet()) == ([], ["hello"])
    with pytest.raises(ValueError, match="not found"):
        pm.hook.serve._remove_plugin(plugin)


def test_a_hook_may_be_made_by_hand_with_what_runs_its_calls(
    library: ModuleType, hookspec: HookspecMarker
) -> None:
    class Specs:
        @hookspec
        def serve(self, guest: str, cup: str = "small") -> None: ...

    hook = library.HookCaller("serve", lambda *given: given, Specs, {"firstresult": True})
    item = library.HookImpl(None, "<temp>", lambda guest: guest, PLAIN)
    hook._add_hookimpl(item)

    assert hook(guest="Ada") == ("serve", [item], {"guest": "Ada", "cup": "small"}, True)


def test_a_hook_made_by_hand_may_be_specified_later_and_once(
    library: ModuleType, private: Any, hookspec: HookspecMarker
) -> None:
    class Specs:
        @hookspec
        def opened(self) -> None: ...

    hook = library.HookCaller("opened", private("_callers")._multicall)
    assert (hook(), hook.spec) == ([], None)

    hook.set_specification(Specs, {"historic": True})

    assert hook.is_historic()
    with pytest.raises(ValueError, match="'opened' is already registered"):
        hook.set_specification(Specs, {})


def test_a_specification_may_be_made_by_hand(private: Any) -> None:
    class Specs:
        def serve(self, guest: str, cup: str = "small") -> None: ...

    spec = private("_hooks").HookSpec(Specs, "serve", {"warn_on_impl_args": {}})

    assert (spec.argnames, spec.kwargdefaults) == (("guest",), {"cup": "small"})
    assert (spec.warn_on_impl, spec.warn_on_impl_args) == (None, {})


# the manager


def test_a_manager_tells_its_project_and_its_plugins_by_name(pm: Any, implement: Fixture) -> None:
    plugin = implement("serve", lambda: None, "waiter")
    pm.set_blocked("cook")

    assert pm.project_name == "cafe"
    assert pm._name2plugin == {"waiter": plugin, "cook": None}


def test_an_implementation_may_be_verified_by_hand(
    library: ModuleType, pm: Any, specify: Fixture
) -> None:
    specify("serve", lambda guest: None)
    fits = library.HookImpl(None, "fits", lambda guest: None, PLAIN)
    does_not = library.HookImpl("plugin", "does not", lambda gest: None, PLAIN)

    pm._verify_hook(pm.hook.serve, fits)

    with pytest.raises(library.PluginValidationError, match="'gest'") as caught:
        pm._verify_hook(pm.hook.serve, does_not)
    assert caught.value.plugin == "plugin"


def test_a_manager_runs_calls_with_the_function_that_is_known_for_it(pm: Any, private: Any) -> None:
    assert pm._inner_hookexec is private("_callers")._multicall


# a call without a hook


@pytest.fixture
def multicall(library: ModuleType, private: Any) -> Fixture:
    """Call functions, the last one first, under the options that go with them."""

    def call(*functions: Any, firstresult: bool = False, **kwargs: object) -> object:
        pairs = [each if isinstance(each, tuple) else (each, {}) for each in functions]
        items = [
            library.HookImpl(None, "<temp>", function, {**PLAIN, **options})
            for function, options in pairs
        ]
        return private("_callers")._multicall("serve", items, kwargs, firstresult)

    return call


def test_functions_are_called_the_last_one_first(multicall: Fixture) -> None:
    assert multicall(lambda x: x, lambda x, y: x + y, x=1, y=2, z=3) == [3, 1]


def test_functions_are_called_in_their_order_whatever_their_marks(multicall: Fixture) -> None:
    first = (lambda x, y="tea": f"first: {x}, {y}", {"tryfirst": True})
    last = (lambda x: f"last: {x}", {"trylast": True})

    assert multicall(first, last, x=1) == ["last: 1", "first: 1, tea"]


def test_functions_may_have_defaults(multicall: Fixture) -> None:
    assert multicall(lambda x, y=5: (x, y), x=1) == [(1, 5)]
    assert multicall(lambda x, y=5: (x, y), x=1, y=2) == [(1, 2)]


def test_a_function_that_lacks_an_argument_fails(library: ModuleType, multicall: Fixture) -> None:
    with pytest.raises(library.HookCallError, match="'x'"):
        multicall(lambda x: x, y=1)


def test_the_first_result_may_be_all_that_is_wanted(multicall: Fixture) -> None:
    assert multicall(lambda: 1, lambda: 2, lambda: None, firstresult=True) == 2
    assert multicall(lambda: None, firstresult=True) is None


def test_functions_keep_the_order_they_are_given_in_whatever_their_options(
    multicall: Fixture,
) -> None:
    first, last = (lambda: "first", {"tryfirst": True}), (lambda: "last", {"trylast": True})

    assert multicall(first, lambda: "middle", last) == ["last", "middle", "first"]


def test_wrappers_stand_around_the_functions(multicall: Fixture) -> None:
    def new() -> Generator[None, Any, Any]:
        return [*(yield), "new"]

    def old() -> Generator[None, Any, Any]:
        outcome = yield
        outcome.force_result([*outcome.get_result(), "old"])

    assert multicall(lambda: "tea", (new, {"wrapper": True}), (old, {"hookwrapper": True})) == [
        "tea",
        "new",
        "old",
    ]


# what a function takes


def takes(guest: str, cup: str = "small", *more: str, milk: bool = False, **rest: str) -> None: ...


class Waiter:
    def __init__(self, table: int) -> None: ...

    def __call__(self, guest: str) -> None: ...

    def method(self, guest: str, cup: str = "small") -> None: ...

    def without_self(guest, cup) -> None: ...  # type: ignore[no-untyped-def] # noqa: N805

    @classmethod
    def of_the_class(cls, guest: str) -> None: ...

    @staticmethod
    def of_nobody(guest: str) -> None: ...


def decorated(function: Callable[..., None]) -> Callable[..., None]:
    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        function(*args, **kwargs)

    return wrapper


TAKEN: dict[str, tuple[Any, tuple[str, ...], tuple[str, ...]]] = {
    "a function": (takes, ("guest",), ("cup",)),
    "a function of nothing": (lambda: None, (), ()),
    "a function with positional-only parameters": (
        lambda guest, /, cup: None,
        ("guest", "cup"),
        (),
    ),
    "a function with a parameter named self": (lambda self: None, ("self",), ()),
    "a decorated function": (decorated(takes), ("guest",), ("cup",)),
    "a class": (Waiter, ("table",), ()),
    "a class without a constructor": (type("Empty", (), {}), (), ()),
    "an object": (Waiter(3), ("guest",), ()),
    "a bound method": (Waiter(3).method, ("guest",), ("cup",)),
    "a method": (Waiter.method, ("guest",), ("cup",)),
    "a decorated method": (decorated(Waiter.method), ("guest",), ("cup",)),
    "a bound method without self": (Waiter(3).without_self, ("cup",), ()),
    "a method without self": (Waiter.without_self, ("guest", "cup"), ()),
    "a class method": (Waiter.of_the_class, ("guest",), ()),
    "a class method of an object": (Waiter(3).of_the_class, ("guest",), ()),
    "a static method": (Waiter.of_nobody, ("guest",), ()),
    "a static method of an object": (Waiter(3).of_nobody, ("guest",), ()),
    "a function as a method": (MethodType(takes, "Ada"), (), ("cup",)),
    "a builtin": (len, (), ()),
}


@pytest.mark.parametrize("callable_", TAKEN)
def test_the_arguments_that_a_callable_takes_are_read_from_its_code(
    private: Any, callable_: str
) -> None:
    function, *names = TAKEN[callable_]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert private("_hooks").varnames(function) == tuple(names)


def test_annotations_that_mean_nothing_are_not_looked_at(private: Any) -> None:
    def serve(guest: "NoSuchClass", cup: int) -> None: ...  # type: ignore[name-defined] # noqa: F821

    assert private("_hooks").varnames(serve) == (("guest", "cup"), ())


def test_a_method_without_self_is_pointed_out_where_that_is_asked_for(private: Any) -> None:
    varnames = private("_hooks").varnames

    with pytest.warns(DeprecationWarning, match="'guest' is not 'self'"):
        assert varnames(Waiter.without_self, legacy_noself=True) == (("guest", "cup"), ())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert varnames(Waiter.method, legacy_noself=True) == (("guest",), ("cup",))


@pytest.mark.parametrize(
    ("function", "shown"),
    [
        (
            takes,
            "takes(guest: str, cup: str = 'small', *more: str, milk: bool = False, **rest: str)",
        ),
        (Waiter(3).method, "method(guest: str, cup: str = 'small')"),
    ],
    ids=["function", "method"],
)
def test_a_function_is_shown_with_its_signature(private: Any, function: Any, shown: str) -> None:
    assert private("_manager")._formatdef(function) == f"{shown} -> None"
