"""Declaring hooks: where specs may stand, what they say, and what is refused."""

import collections
import inspect
import types
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, Protocol

import pytest

from hotplug import (
    AsyncHooks,
    AsyncPluginManager,
    HookimplMarker,
    HookSpecError,
    HookspecMarker,
    PluginManager,
    PluginValidationError,
)

hookspec = HookspecMarker("greeter")
hookimpl = HookimplMarker("greeter")
any_hookspec: Any = hookspec  # to say what the types forbid


class Casual:
    @hookimpl
    def greeting(self, name: str) -> str:
        return f"hey {name}!"


def answers(namespace: object) -> list[str]:
    """What `Casual` answers where the hook `greeting` is declared by this namespace."""
    pm = PluginManager("greeter")
    pm.add_hookspecs(namespace)
    pm.register(Casual())
    answer: list[str] = pm.hook.greeting(name="Ada")
    return answer


def place(function: Any) -> str:
    return f"{__file__}:{function.__code__.co_firstlineno}"


# where specs may stand


def test_a_spec_may_be_a_method() -> None:
    class Specs:
        @hookspec
        def greeting(self, name: str) -> Any: ...

    assert answers(Specs) == ["hey Ada!"]


def test_a_spec_may_be_a_static_method_marked_inside() -> None:
    class Specs:
        @staticmethod
        @hookspec
        def greeting(name: str) -> Any: ...

    assert answers(Specs) == ["hey Ada!"]


def test_a_spec_may_be_a_class_method() -> None:
    class Specs:
        @classmethod
        @hookspec
        def greeting(cls, name: str) -> Any: ...

    assert answers(Specs) == ["hey Ada!"]


@pytest.mark.parametrize("style", ["method", "static method", "class method"])
def test_the_namespace_may_be_an_instance(style: str) -> None:
    class Methods:
        @hookspec
        def greeting(self, name: str) -> Any: ...

    class Statics:
        @staticmethod
        @hookspec
        def greeting(name: str) -> Any: ...

    class Classes:
        @classmethod
        @hookspec
        def greeting(cls, name: str) -> Any: ...

    namespace = {"method": Methods, "static method": Statics, "class method": Classes}[style]()

    assert answers(namespace) == ["hey Ada!"]


@pytest.mark.parametrize("make", [types.ModuleType, lambda _: SimpleNamespace()])
def test_the_namespace_may_be_a_module_or_a_simple_namespace(make: Callable[[str], Any]) -> None:
    def greeting(name: str) -> Any: ...

    namespace = make("specs")
    namespace.greeting = hookspec(greeting)

    assert answers(namespace) == ["hey Ada!"]


def test_the_namespace_may_be_a_protocol() -> None:
    class Specs(Protocol):
        @hookspec
        def greeting(self, name: str) -> Any: ...

    assert answers(Specs) == ["hey Ada!"]


def test_specs_are_inherited_from_a_base_of_the_namespace() -> None:
    class Base:
        @hookspec
        def greeting(self, name: str) -> Any: ...

    class Specs(Base):
        @hookspec
        def farewell(self, name: str) -> Any: ...

    assert answers(Specs) == ["hey Ada!"]


def test_a_spec_in_a_subclass_takes_the_place_of_the_inherited_one() -> None:
    class Base:
        @hookspec
        def greeting(self, name: str, loud: bool) -> Any: ...

    class Specs(Base):
        @hookspec
        def greeting(self, name: str) -> Any: ...  # type: ignore[override]

    assert answers(Specs) == ["hey Ada!"]


def test_a_manager_takes_several_namespaces() -> None:
    class Specs:
        @hookspec
        def greeting(self, name: str) -> Any: ...

    class More:
        @hookspec
        def farewell(self, name: str) -> Any: ...

    pm: PluginManager[Any] = PluginManager("greeter", Specs)
    pm.add_hookspecs(More)

    assert (pm.hook.greeting(name="Ada"), pm.hook.farewell(name="Ada")) == ([], [])


def test_a_function_without_a_mark_declares_nothing() -> None:
    class Specs:
        @hookspec
        def greeting(self, name: str) -> Any: ...

        def helper(self, name: str) -> Any: ...

    pm: PluginManager[Any] = PluginManager("greeter", Specs)

    assert not hasattr(pm.hook, "helper")


# what is an argument


@pytest.mark.parametrize("first", ["self", "cls"])
def test_the_first_parameter_of_a_method_is_no_argument_of_the_hook(first: str) -> None:
    namespace: dict[str, Any] = {}
    exec(f"def greeting({first}, name): ...", namespace)
    specs = type("Specs", (), {"greeting": hookspec(namespace["greeting"])})

    assert answers(specs) == ["hey Ada!"]


def test_an_instances_method_loses_its_first_parameter_whatever_its_name() -> None:
    class Specs:
        @hookspec
        def greeting(this, name: str) -> Any: ...  # noqa: N805

    assert answers(Specs()) == ["hey Ada!"]


def test_arguments_are_given_by_name_or_in_the_order_of_the_spec() -> None:
    class Specs:
        @hookspec
        def price(self, item: str, currency: str) -> Any: ...

    class Shop:
        @hookimpl
        def price(self, currency: str, item: str) -> str:
            return f"{item} in {currency}"

    pm: PluginManager[Any] = PluginManager("greeter", Specs)
    pm.register(Shop())

    assert pm.hook.price("tea", "EUR") == pm.hook.price(currency="EUR", item="tea")


def test_a_keyword_only_argument_of_a_spec_is_given_by_name() -> None:
    class Specs:
        @hookspec
        def greeting(self, *, name: str) -> Any: ...

    pm: PluginManager[Any] = PluginManager("greeter", Specs)
    pm.register(Casual())

    assert pm.hook.greeting(name="Ada") == ["hey Ada!"]
    with pytest.raises(TypeError, match="greeting"):
        pm.hook.greeting("Ada")


def test_an_argument_with_a_default_may_be_left_out() -> None:
    class Specs:
        @hookspec
        def greeting(self, name: str = "stranger") -> Any: ...

    pm: PluginManager[Any] = PluginManager("greeter", Specs)
    pm.register(Casual())

    assert pm.hook.greeting() == ["hey stranger!"]


def test_a_keyword_only_argument_with_a_default_may_be_left_out() -> None:
    class Specs:
        @hookspec
        def greeting(self, *, name: str = "stranger") -> Any: ...

    pm: PluginManager[Any] = PluginManager("greeter", Specs)
    pm.register(Casual())

    assert pm.hook.greeting() == ["hey stranger!"]


@pytest.mark.parametrize("plugins", [0, 1, 3])
def test_a_missing_argument_is_a_type_error_that_names_hook_and_argument(plugins: int) -> None:
    class Specs:
        @hookspec
        def greeting(self, name: str) -> Any: ...

    pm: PluginManager[Any] = PluginManager("greeter", Specs)
    for _ in range(plugins):
        pm.register(Casual())

    with pytest.raises(TypeError, match=r"greeting\(\).*'name'"):
        pm.hook.greeting()


@pytest.mark.parametrize("plugins", [0, 1, 3])
def test_an_unknown_argument_is_a_type_error_that_names_hook_and_argument(plugins: int) -> None:
    class Specs:
        @hookspec
        def greeting(self, name: str) -> Any: ...

    pm: PluginManager[Any] = PluginManager("greeter", Specs)
    for _ in range(plugins):
        pm.register(Casual())

    with pytest.raises(TypeError, match=r"greeting\(\).*'nme'"):
        pm.hook.greeting(name="Ada", nme="Ada")


@pytest.mark.parametrize("calls", [1, 200])
def test_a_wrong_argument_is_told_however_often_the_hook_was_called(calls: int) -> None:
    class Specs:
        @hookspec
        def greeting(self, name: str) -> Any: ...

    pm: PluginManager[Any] = PluginManager("greeter", Specs)
    pm.register(Casual())
    for _ in range(calls):
        pm.hook.greeting(name="Ada")

    with pytest.raises(TypeError, match=r"greeting\(\).*'nme'"):
        pm.hook.greeting(name="Ada", nme="Ada")


def test_the_arguments_of_a_hook_may_have_any_name() -> None:
    names = ["args", "kwargs", "plan", "hook", "result", "greeting", "_v", "_plan", "_again"]
    given = {name: f"the {name}" for name in names}
    scope: dict[str, Any] = {}
    exec(f"def greeting({', '.join(names)}): return [{', '.join(names)}]", scope)
    pm = PluginManager("greeter")
    pm.add_hookspecs(type("Specs", (), {"greeting": staticmethod(hookspec(scope["greeting"]))}))
    pm.register(type("Plugin", (), {"greeting": staticmethod(hookimpl(scope["greeting"]))})())

    for _ in range(120):  # long enough for the call to be compiled
        assert pm.hook.greeting(**given) == [[*given.values()]]


def test_a_hook_shows_the_signature_and_the_documentation_of_its_spec() -> None:
    class Specs:
        @hookspec
        def greeting(self, name: str, loud: bool = False) -> str:
            """Greets a guest."""
            return ""

    hook: Any = PluginManager("greeter", Specs).hook.greeting

    assert list(inspect.signature(hook).parameters) == ["name", "loud"]
    assert (hook.__name__, hook.__doc__) == ("greeting", "Greets a guest.")


def test_the_body_of_a_spec_is_never_run() -> None:
    ran: list[str] = []

    class Specs:
        @hookspec
        def greeting(self, name: str) -> None:
            ran.append(name)

        @hookspec(firstresult=True)
        def farewell(self, name: str) -> None:
            ran.append(name)

        @hookspec(pipeline=True)
        def polish(self, text: str) -> None:
            ran.append(text)

        @hookspec(historic=True)
        def started(self, name: str) -> None:
            ran.append(name)

    pm: PluginManager[Any] = PluginManager("greeter", Specs)
    pm.register(Casual())
    pm.hook.greeting(name="Ada")
    pm.hook.farewell(name="Ada")
    pm.hook.polish(text="Ada")
    pm.hook.started.call_historic({"name": "Ada"})

    assert ran == []


# the four modes


class Named(Protocol):
    name: str


def returned(value: Any) -> Any:
    return value


def test_a_hook_without_implementations_gives_what_its_mode_calls_empty() -> None:
    class Specs:
        @hookspec
        def collects(self, x: int) -> Any: ...

        @hookspec(firstresult=True)
        def finds(self, x: int) -> Any: ...

        @hookspec(pipeline=True)
        def threads(self, x: int) -> Any: ...

    hook: Any = PluginManager("greeter", Specs).hook

    assert (hook.collects(x=1), hook.finds(x=1), hook.threads(x=1)) == ([], None, 1)


def test_a_collecting_hook_drops_none_and_keeps_what_is_merely_false() -> None:
    class Specs:
        @hookspec
        def count(self) -> int | None: ...

    pm: PluginManager[Any] = PluginManager("greeter", Specs)
    values: list[Any] = [1, None, 0, "", []]
    for value in values:
        pm.register(SimpleNamespace(count=hookimpl(partial(returned, value))))

    assert pm.hook.count() == [1, 0, "", []]


@pytest.mark.parametrize("answer", [0, "", [], False])
def test_a_first_result_may_be_false_and_ends_the_call(answer: object) -> None:
    later: list[str] = []

    class Specs:
        @hookspec(firstresult=True)
        def find(self, key: str) -> object: ...

    class Nothing:
        @hookimpl
        def find(self, key: str) -> None: ...

    class Answer:
        @hookimpl
        def find(self, key: str) -> object:
            return answer

    class Later:
        @hookimpl
        def find(self, key: str) -> None:
            later.append(key)

    pm: PluginManager[Any] = PluginManager("greeter", Specs)
    for plugin in (Nothing(), Answer(), Later()):
        pm.register(plugin)

    assert (pm.hook.find(key="x"), later) == (answer, [])


def test_a_pipeline_threads_its_first_argument_and_none_passes_it_on() -> None:
    class Specs:
        @hookspec(pipeline=True)
        def clean(self, text: str, shout: bool = False) -> Any: ...

    class Strip:
        @hookimpl
        def clean(self, text: str) -> str:
            return text.strip()

    class Collapse:
        @hookimpl
        def clean(self, text: str) -> str:
            return " ".join(text.split())

    class Watch:
        @hookimpl
        def clean(self, text: str, shout: bool) -> None: ...

    class Title:
        @hookimpl
        def clean(self, text: str) -> str:
            return text.title()

    pm: PluginManager[Any] = PluginManager("greeter", Specs)
    for plugin in (Strip(), Collapse(), Watch(), Title()):
        pm.register(plugin)

    assert pm.hook.clean(text="  hello   wonderful world!  ") == "Hello Wonderful World!"


@pytest.mark.parametrize(
    "options",
    [
        {"firstresult": True, "historic": True},
        {"firstresult": True, "pipeline": True},
        {"historic": True, "pipeline": True},
        {"firstresult": True, "historic": True, "pipeline": True},
    ],
)
def test_two_modes_at_once_are_refused_when_the_spec_is_added(options: dict[str, bool]) -> None:
    def greeting(name: str) -> Any: ...

    specs = SimpleNamespace(greeting=any_hookspec(**options)(greeting))

    with pytest.raises(ValueError, match=f"cannot be {' and '.join(sorted_modes(options))}"):
        PluginManager("greeter").add_hookspecs(specs)


def sorted_modes(options: dict[str, bool]) -> list[str]:
    return [mode for mode in ("firstresult", "pipeline", "historic") if mode in options]


def test_a_pipeline_without_a_parameter_is_refused() -> None:
    class Specs:
        @hookspec(pipeline=True)
        def clean(self) -> Any: ...

    with pytest.raises(ValueError, match="pipeline and must take the value that it threads"):
        PluginManager("greeter", Specs)


def test_a_pipeline_whose_only_parameter_is_keyword_only_is_refused() -> None:
    class Specs:
        @hookspec(pipeline=True)
        def clean(self, *, text: str) -> Any: ...

    with pytest.raises(ValueError, match="first argument"):
        PluginManager("greeter", Specs)


def test_a_pipeline_that_returns_another_type_than_it_takes_is_refused() -> None:
    class Specs:
        @hookspec(pipeline=True)
        def clean(self, text: str) -> int: ...  # type: ignore[empty-body]

    with pytest.raises(ValueError, match=r"str.*int"):
        PluginManager("greeter", Specs)


@pytest.mark.parametrize(
    ("threaded", "returned"),
    [(str, Any), (Any, str), (object, str), (float, int), (list, list[str]), (Named, str)],
)
def test_a_pipeline_may_return_whatever_its_next_implementation_takes(
    threaded: object, returned: object
) -> None:
    def clean(value: Any) -> Any: ...

    clean.__annotations__ = {"value": threaded, "return": returned}
    pm = PluginManager("greeter")
    pm.add_hookspecs(SimpleNamespace(clean=hookspec(pipeline=True)(clean)))

    assert pm.hook.clean(value=1) == 1


def test_a_pipeline_with_a_default_for_what_it_threads_is_refused() -> None:
    class Specs:
        @hookspec(pipeline=True)
        def clean(self, text: str = "") -> Any: ...

    with pytest.raises(ValueError, match="'text', takes no default"):
        PluginManager("greeter", Specs)


# what is refused


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ("*names", r"takes \*names; name every argument"),
        ("**names", r"takes \*\*names; name every argument"),
        ("name, /", "'name' positional-only"),
        ("name, call_next", "'call_next'"),
        ("name=[]", r"mutable default name=\[\]"),
        ("name={}", r"mutable default name=\{\}"),
        ("*, name=[]", r"mutable default name=\[\]"),
    ],
)
def test_parameters_that_no_plugin_could_rely_on_are_refused(parameters: str, reason: str) -> None:
    scope: dict[str, Any] = {}
    exec(f"def greeting({parameters}): ...", scope)

    with pytest.raises(HookSpecError, match=f"hook 'greeting' .*{reason}"):
        PluginManager("greeter").add_hookspecs(
            SimpleNamespace(greeting=hookspec(scope["greeting"]))
        )


@pytest.mark.parametrize(
    "default", [[], {}, set(), bytearray(), collections.deque(), collections.defaultdict(list)]
)
def test_every_kind_of_mutable_default_is_refused(default: object) -> None:
    def greeting(name: object = default) -> Any: ...

    with pytest.raises(HookSpecError, match="mutable default"):
        PluginManager("greeter").add_hookspecs(SimpleNamespace(greeting=hookspec(greeting)))


@pytest.mark.parametrize("default", [None, 0, "text", (), frozenset(), 1.5, b"bytes", print])
def test_a_default_that_cannot_change_is_accepted(default: object) -> None:
    def greeting(name: object = default) -> Any: ...

    pm = PluginManager("greeter")
    pm.add_hookspecs(SimpleNamespace(greeting=hookspec(greeting)))

    assert pm.hook.greeting() == []


def test_the_same_namespace_twice_is_refused() -> None:
    class Specs:
        @hookspec
        def greeting(self, name: str) -> Any: ...

    pm: PluginManager[Any] = PluginManager("greeter", Specs)

    with pytest.raises(ValueError, match=r"class .*Specs is added a second time"):
        pm.add_hookspecs(Specs)


def test_a_hook_that_two_namespaces_declare_is_refused_and_both_places_are_shown() -> None:
    class Specs:
        @hookspec
        def greeting(self, name: str) -> Any: ...

    class More:
        @hookspec
        def greeting(self, name: str) -> Any: ...

    pm: PluginManager[Any] = PluginManager("greeter", Specs)

    with pytest.raises(ValueError, match="'greeting' is declared already") as caught:
        pm.add_hookspecs(More)

    assert place(Specs.greeting) in str(caught.value)
    assert place(More.greeting) in str(caught.value)


def test_a_namespace_that_declares_nothing_is_refused() -> None:
    class Empty:
        def greeting(self, name: str) -> Any: ...

    with pytest.raises(HookSpecError, match=r"Empty.* declares no hook of project 'greeter'"):
        PluginManager("greeter").add_hookspecs(Empty)


def test_a_namespace_with_marks_of_another_project_is_refused_and_that_one_is_named() -> None:
    class Specs:
        @HookspecMarker("greter")
        def greeting(self, name: str) -> Any: ...

    with pytest.raises(HookSpecError, match="it has marks of project 'greter'"):
        PluginManager("greeter").add_hookspecs(Specs)


def test_an_unmarked_override_of_a_spec_is_refused() -> None:
    class Base:
        @hookspec
        def greeting(self, name: str) -> Any: ...

    class Specs(Base):
        def greeting(self, name: str) -> str:  # type: ignore[override]
            return ""

    with pytest.raises(HookSpecError, match=r"overrides .*Base\.greeting"):
        PluginManager("greeter").add_hookspecs(Specs)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"historic": True, "history": 0}, "history=0"),
        ({"history": 3}, "history=3"),
        ({"policy": "rais"}, "'rais'"),
        ({"concurrent": True}, "concurrent"),
        ({"timeout": 1.0}, "timeout"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, object], reason: str) -> None:
    def greeting(name: str) -> Any: ...

    with pytest.raises(HookSpecError, match=f"hook 'greeting' .*{reason}"):
        PluginManager("greeter").add_hookspecs(
            SimpleNamespace(greeting=any_hookspec(**options)(greeting))
        )


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"concurrent": True, "firstresult": True}, "only collecting hooks can be concurrent"),
        ({"limit": 3}, "limit=3"),
        ({"limit": 0, "concurrent": True}, "limit=0"),
        ({"timeout": 0}, "timeout=0"),
        ({"timeout": -1}, "timeout=-1"),
    ],
)
def test_async_options_that_make_no_sense_are_refused(
    options: dict[str, object], reason: str
) -> None:
    def greeting(name: str) -> Any: ...

    with pytest.raises(HookSpecError, match=f"hook 'greeting' .*{reason}"):
        AsyncPluginManager("greeter").add_hookspecs(
            SimpleNamespace(greeting=any_hookspec(**options)(greeting))
        )


def test_specs_for_the_async_manager_are_refused_by_the_sync_one() -> None:
    class Specs(AsyncHooks):
        @hookspec
        def greeting(self, name: str) -> Any: ...

    with pytest.raises(HookSpecError, match="AsyncPluginManager"):
        PluginManager("greeter").add_hookspecs(Specs)


@pytest.mark.parametrize("project", ["", "my app", "my-app", "1app"])
def test_a_project_name_that_is_no_identifier_is_refused(project: str) -> None:
    with pytest.raises(HookSpecError, match="must be an identifier"):
        PluginManager(project)


@pytest.mark.parametrize(
    ("project", "like"),
    [("my-app", "my_app"), ("Käse & Co.", "Käse___Co"), ("1app", "_1app"), ("-", "my_shop")],
)
def test_a_refused_project_name_is_told_as_it_could_be_written(project: str, like: str) -> None:
    with pytest.raises(HookSpecError, match=f"like '{like}': .* such as {like}_impl"):
        PluginManager(project)


def test_a_project_name_that_is_no_string_is_refused_in_the_same_way() -> None:
    with pytest.raises((HookSpecError, TypeError), match="must be an identifier"):
        PluginManager(5)  # type: ignore[call-overload]


def test_a_refused_spec_is_told_with_its_file_and_line() -> None:
    class Specs:
        @hookspec
        def greeting(self, *names: str) -> Any: ...

    with pytest.raises(HookSpecError) as caught:
        PluginManager("greeter").add_hookspecs(Specs)

    assert place(Specs.greeting) in str(caught.value)


# all or nothing


def ten_specs_of_which_the_last_is(last: Callable[..., object], **options: bool) -> SimpleNamespace:
    specs = SimpleNamespace()
    for number in range(9):
        setattr(specs, f"hook_{number}", hookspec(lambda name: None))
    specs.hook_9 = any_hookspec(**options)(last)
    return specs


def test_of_ten_specs_none_is_declared_if_the_last_one_is_refused() -> None:
    pm = PluginManager("greeter")

    with pytest.raises(HookSpecError):
        pm.add_hookspecs(ten_specs_of_which_the_last_is(lambda *names: None))

    assert vars(pm.hook) == {}


def test_of_ten_specs_none_is_declared_if_the_last_one_is_there_already() -> None:
    pm = PluginManager("greeter")
    pm.add_hookspecs(SimpleNamespace(hook_9=hookspec(lambda name: None)))

    with pytest.raises(HookSpecError):
        pm.add_hookspecs(ten_specs_of_which_the_last_is(lambda name: None))

    assert list(vars(pm.hook)) == ["hook_9"]


def test_a_namespace_can_be_added_after_what_was_wrong_with_it_is_mended() -> None:
    pm = PluginManager("greeter")
    specs = ten_specs_of_which_the_last_is(lambda *names: None)
    with pytest.raises(HookSpecError):
        pm.add_hookspecs(specs)

    specs.hook_9 = hookspec(lambda name: None)
    pm.add_hookspecs(specs)

    assert len(vars(pm.hook)) == 10


def test_historic_with_firstresult_leaves_no_half_configured_manager() -> None:
    pm = PluginManager("greeter")

    with pytest.raises(ValueError, match="firstresult and historic"):
        pm.add_hookspecs(
            ten_specs_of_which_the_last_is(lambda name: None, historic=True, firstresult=True)
        )

    assert vars(pm.hook) == {}


def test_no_spec_is_declared_if_an_optional_implementation_that_waits_does_not_fit() -> None:
    class Waits:
        @hookimpl(optional=True)
        def hook_0(self, name: str) -> None: ...

        @hookimpl(optional=True)
        def hook_9(self, nme: str) -> None: ...

    pm = PluginManager("greeter")
    pm.register(Waits(), name="waits")

    with pytest.raises(PluginValidationError, match="plugin 'waits' implements hook 'hook_9'"):
        pm.add_hookspecs(ten_specs_of_which_the_last_is(lambda name: None))

    assert vars(pm.hook) == {}
    assert pm.check_pending() == [("waits", "hook_0"), ("waits", "hook_9")]


def test_no_spec_is_declared_if_the_implementations_that_wait_form_a_circle() -> None:
    class First:
        @hookimpl(optional=True, before="second")
        def greeting(self, name: str) -> None: ...

    class Second:
        @hookimpl(optional=True, before="first")
        def greeting(self, name: str) -> None: ...

    pm = PluginManager("greeter")
    pm.register(First(), name="first")
    pm.register(Second(), name="second")

    with pytest.raises(ValueError, match=r"(first|second) before (second|first) before"):
        pm.add_hookspecs(SimpleNamespace(greeting=hookspec(lambda name: None)))

    assert vars(pm.hook) == {}


# the plugin lab, whose specs are methods with self

LAB_STEP_1 = """
import hotplug as pluggy

hookspec = pluggy.HookspecMarker('myapp')
hookimpl = pluggy.HookimplMarker('myapp')

class MySpec:
    @hookspec
    def process_request(self, request: dict) -> dict:
        \"\"\"Process a request. Called for every registered plugin.\"\"\"
    
    @hookspec(firstresult=True)
    def authenticate(self, token: str) -> dict | None:
        \"\"\"Authenticate a token. Returns first non-None result.\"\"\"
    
    @hookspec
    def on_startup(self) -> None:
        \"\"\"Called when the application starts.\"\"\"

print("Hook spec defined with 3 hooks.")
print("  process_request: all plugins called, results collected")
print("  authenticate: firstresult — stops at first non-None")
print("  on_startup: all plugins called")
"""  # noqa: W293

lab_hookimpl = HookimplMarker("myapp")


class Logging:
    def __init__(self) -> None:
        self.started = 0

    @lab_hookimpl(tryfirst=True)
    def process_request(self, request: dict[str, str]) -> dict[str, str]:
        return {**request, "logged": "yes"}

    @lab_hookimpl
    def on_startup(self) -> None:
        self.started += 1


class Tokens:
    @lab_hookimpl
    def process_request(self, request: dict[str, str]) -> dict[str, str]:
        return {**request, "checked": "yes"}

    @lab_hookimpl
    def authenticate(self, token: str) -> dict[str, str] | None:
        return {"user": "ada"} if token == "secret" else None


class Guests:
    @lab_hookimpl(trylast=True)
    def authenticate(self, token: str) -> dict[str, str] | None:
        return {"user": "guest"}


@pytest.fixture
def lab(capsys: pytest.CaptureFixture[str]) -> PluginManager[Any]:
    """A manager with the lab's specs and three plugins."""
    scope: dict[str, Any] = {"__name__": "lab"}
    exec(LAB_STEP_1, scope)
    pm: PluginManager[Any] = PluginManager("myapp")
    pm.add_hookspecs(scope["MySpec"])
    for plugin in (Guests(), Tokens(), Logging()):
        pm.register(plugin)
    return pm


def test_lab01_step_1_runs_as_it_stands(
    lab: PluginManager[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert sorted(vars(lab.hook)) == ["authenticate", "on_startup", "process_request"]
    assert capsys.readouterr().out.startswith("Hook spec defined with 3 hooks.")


def test_lab02_self_is_no_argument_of_the_labs_hooks(lab: PluginManager[Any]) -> None:
    assert list(inspect.signature(lab.hook.process_request).parameters) == ["request"]


def test_lab03_the_first_plugin_that_knows_the_token_authenticates(
    lab: PluginManager[Any],
) -> None:
    assert lab.hook.authenticate(token="secret") == {"user": "ada"}
    assert lab.hook.authenticate(token="other") == {"user": "guest"}


def test_lab03_a_hook_without_arguments_is_called_without_arguments(
    lab: PluginManager[Any],
) -> None:
    assert lab.hook.on_startup() == []
    logging = lab.get_plugin("Logging")
    assert isinstance(logging, Logging)
    assert logging.started == 1


def test_lab04_a_request_goes_to_every_plugin_in_order(lab: PluginManager[Any]) -> None:
    assert lab.hook.process_request(request={"path": "/"}) == [
        {"path": "/", "logged": "yes"},
        {"path": "/", "checked": "yes"},
    ]


class Checks:
    @lab_hookimpl(trylast=True)
    def process_request(self, request: dict[str, str]) -> dict[str, str]:
        return {**request, "checked": "yes"} if "logged" in request else request


class Logs:
    @lab_hookimpl
    def process_request(self, request: dict[str, str]) -> dict[str, str]:
        return {**request, "logged": "yes"}


def test_lab04_a_pipeline_threads_the_request_through_the_chain() -> None:
    class Specs:
        @HookspecMarker("myapp")(pipeline=True)
        def process_request(self, request: dict[str, str]) -> Any: ...

    pm: PluginManager[Any] = PluginManager("myapp", Specs)
    pm.register(Checks())
    pm.register(Logs())

    assert pm.hook.process_request(request={}) == {"checked": "yes", "logged": "yes"}


@pytest.mark.parametrize("name", ["two words", "class", "a; import os", ""])
def test_a_hook_whose_name_is_no_identifier_is_refused(name: str) -> None:
    def spec(self: object) -> None: ...

    specs = type("Specs", (), {name: hookspec(spec)})

    with pytest.raises(HookSpecError, match="no Python identifier"):
        PluginManager[Any]("greeter").add_hookspecs(specs)
