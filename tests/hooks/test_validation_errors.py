"""What a refused plugin is told: who, where, what was expected, and how to mend it."""

import functools
import pickle
from collections.abc import Callable, Generator
from typing import Any, NamedTuple

import pytest

from hotplug import (
    HookimplMarker,
    HookspecMarker,
    HotplugError,
    PluginManager,
    PluginValidationError,
)

hookspec = HookspecMarker("shop")
hookimpl = HookimplMarker("shop")


class Specs:
    @hookspec
    def price(self, item: str, currency: str) -> object: ...

    @hookspec(pipeline=True)
    def polish(self, text: str, width: int) -> str: ...  # type: ignore[empty-body]

    @hookspec(historic=True)
    def started(self, at: int) -> None: ...


class UnknownHook:
    @hookimpl
    def prise(self, item: str) -> None: ...


class UnknownTarget:
    @hookimpl(target="prise")
    def cost(self, item: str) -> None: ...


class UnknownArgument:
    @hookimpl
    def price(self, item: str, curency: str) -> None: ...


class UnknownArgumentWithDefault:
    @hookimpl
    def price(self, item: str, tax: int = 5) -> None: ...


class UnknownArgumentOfTarget:
    @hookimpl(target="price")
    def cost(self, item: str, curency: str) -> None: ...


class ForgottenSelf:
    @hookimpl
    def price(item: str, currency: str) -> None: ...  # type: ignore[misc]  # noqa: N805


class NoSelf:
    @hookimpl
    def price() -> None: ...  # type: ignore[misc]


class StarredArguments:
    @hookimpl
    def price(self, *things: str) -> None: ...


class Coroutine:
    @hookimpl
    async def price(self, item: str) -> None: ...


class WrapperWithoutYield:
    @hookimpl(wrapper=True)
    def price(self, item: str) -> None: ...


class GeneratorWithoutWrapper:
    @hookimpl
    def price(self, item: str) -> Generator[str, None, None]:
        yield item


class AroundWithoutCallNext:
    @hookimpl(around=True)
    def price(self, item: str) -> None: ...


class AroundThatYields:
    @hookimpl(around=True)
    def price(self, call_next: Callable[..., Any], item: str) -> Any:
        yield


class BothPriorities:
    @hookimpl(tryfirst=True, trylast=True)
    def price(self, item: str) -> None: ...


class PipelineWithoutItsValue:
    @hookimpl
    def polish(self, width: int) -> str:
        return "-" * width


class HistoricWrapper:
    @hookimpl(wrapper=True)
    def started(self) -> Generator[None, Any, Any]:
        return (yield)


class BeforeItself:
    @hookimpl(before="reports")
    def price(self, item: str) -> None: ...


class Base:
    @hookimpl
    def price(self, item: str) -> None: ...


class UnmarkedOverride(Base):
    def price(self, item: str) -> None: ...


class Cached:
    @hookimpl
    @functools.cache  # noqa: B019
    def price(self, item: str) -> None: ...


class OtherProject:
    @HookimplMarker("shopp")
    def price(self, item: str) -> None: ...


class NoMark:
    def price(self, item: str) -> None: ...


class Scene(NamedTuple):
    """A plugin that is refused, its function to blame, and what has to be told."""

    cls: type
    function: str
    what: str
    mend: str
    place: str = ""
    """What is told where there is no one line to blame."""


SCENES = [
    Scene(UnknownHook, "prise", "hook 'prise'", "did you mean 'price'?"),
    Scene(UnknownHook, "prise", "hook 'prise'", "mark it optional=True if the hook may be missing"),
    Scene(UnknownTarget, "cost", "hook 'prise'", "did you mean 'price'?"),
    Scene(UnknownArgument, "price", "'curency'", "did you mean 'currency'?"),
    Scene(UnknownArgument, "price", "'curency'", "the hook takes: item, currency"),
    Scene(UnknownArgumentWithDefault, "price", "'tax'", "the hook takes: item, currency"),
    Scene(UnknownArgumentOfTarget, "cost", "hook 'price'", "did you mean 'currency'?"),
    Scene(ForgottenSelf, "price", "hook 'price'", "self"),
    Scene(NoSelf, "price", "hook 'price'", "self"),
    Scene(StarredArguments, "price", "*things", "name the arguments it wants"),
    Scene(Coroutine, "price", "coroutine function", "use AsyncPluginManager"),
    Scene(WrapperWithoutYield, "price", "no generator function", "it must yield exactly once"),
    Scene(GeneratorWithoutWrapper, "price", "without wrapper=True", "return the values in a list"),
    Scene(AroundWithoutCallNext, "price", "around=True", "call_next"),
    Scene(AroundThatYields, "price", "is a generator", "call call_next(...) instead of yielding"),
    Scene(BothPriorities, "price", "both tryfirst and trylast", "it can only be one of them"),
    Scene(PipelineWithoutItsValue, "polish", "hook 'polish'", "'text'"),
    Scene(HistoricWrapper, "started", "as a wrapper", "historic hooks take none"),
    Scene(
        BeforeItself, "price", "reports before reports", "take away one of the before= or after="
    ),
    Scene(UnmarkedOverride, "price", "Base.price", "mark it too, or set price = None"),
    Scene(Cached, "price", "'price'", "put the mark on a plain method", "Cached"),
    Scene(OtherProject, "price", "project 'shop'", "marks of project 'shopp'", "OtherProject in"),
    Scene(NoMark, "price", "no hook of project 'shop'", "mark its functions", "NoMark in"),
]


def refusal(plugin: object) -> PluginValidationError:
    pm: PluginManager[Any] = PluginManager("shop", Specs)
    with pytest.raises(PluginValidationError) as caught:
        pm.register(plugin, name="reports")
    return caught.value


def ids(scene: Scene) -> str:
    return f"{scene.cls.__name__}: {scene.mend}"


@pytest.mark.parametrize("scene", SCENES, ids=ids)
def test_a_refusal_names_the_plugin_first(scene: Scene) -> None:
    error = refusal(scene.cls())

    assert str(error).startswith("plugin 'reports' ")
    assert error.plugin_name == "reports"


@pytest.mark.parametrize("scene", SCENES, ids=ids)
def test_a_refusal_tells_the_file_and_line_of_the_function_or_else_the_class(
    scene: Scene,
) -> None:
    function: Any = scene.cls.__dict__[scene.function]

    expected = scene.place or f"{__file__}:{function.__code__.co_firstlineno}"

    assert expected in str(refusal(scene.cls()))


@pytest.mark.parametrize("scene", SCENES, ids=ids)
def test_a_refusal_tells_what_is_wrong(scene: Scene) -> None:
    assert scene.what in str(refusal(scene.cls()))


@pytest.mark.parametrize("scene", SCENES, ids=ids)
def test_a_refusal_tells_how_to_mend_it(scene: Scene) -> None:
    assert scene.mend in str(refusal(scene.cls()))


@pytest.mark.parametrize("scene", SCENES, ids=ids)
def test_a_refusal_is_short(scene: Scene) -> None:
    assert len(str(refusal(scene.cls())).splitlines()) <= 5


@pytest.mark.parametrize("scene", SCENES, ids=ids)
def test_a_refusal_has_no_cause_to_scroll_past(scene: Scene) -> None:
    error = refusal(scene.cls())

    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__


def test_several_unknown_arguments_are_all_named() -> None:
    class Plugin:
        @hookimpl
        def price(self, item: str, tax: int, discount: int) -> None: ...

    message = str(refusal(Plugin()))

    assert "'tax'" in message
    assert "'discount'" in message


def test_an_unknown_argument_of_a_hook_without_arguments_says_that_there_are_none() -> None:
    class Empty:
        @hookspec
        def tick(self) -> None: ...

    class Plugin:
        @hookimpl
        def tick(self, now: int) -> None: ...

    pm: PluginManager[Any] = PluginManager("shop", Empty)

    with pytest.raises(PluginValidationError, match="the hook takes: no arguments"):
        pm.register(Plugin())


def test_an_unknown_hook_of_no_likeness_lists_those_that_are_there() -> None:
    class Plugin:
        @hookimpl
        def zzz(self) -> None: ...

    assert "there are: price, polish, started" in str(refusal(Plugin()))


def test_the_place_of_a_decorated_method_is_that_of_the_function_inside() -> None:
    def quietly(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> None:
            function(*args, **kwargs)

        return call

    def price(self: object, curency: str) -> None: ...

    plugin = type("Plugin", (), {"price": hookimpl(quietly(price))})()

    assert f"{__file__}:{price.__code__.co_firstlineno}" in str(refusal(plugin))


def test_the_first_wrong_implementation_is_told_before_any_other() -> None:
    class Plugin:
        @hookimpl
        def price(self, first: str) -> None: ...

        @hookimpl
        def polish(self, second: str) -> None: ...

    assert "'first'" in str(refusal(Plugin()))


def test_a_refusal_can_be_caught_as_what_it_is_and_as_the_builtin_it_is() -> None:
    assert issubclass(PluginValidationError, HotplugError)
    assert issubclass(PluginValidationError, ValueError)


def test_a_refusal_is_made_of_a_plugin_name_and_a_message() -> None:
    error = PluginValidationError("reports", "implements no hook")

    assert (error.plugin_name, error.message) == ("reports", "implements no hook")
    assert str(error) == "plugin 'reports' implements no hook"


def test_a_refusal_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(PluginValidationError("reports", "implements no hook")))

    assert (error.plugin_name, error.message) == ("reports", "implements no hook")
