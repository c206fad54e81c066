"""Around wrappers: plain functions that stand around a call and take `call_next`."""

import contextlib
import functools
from collections.abc import Callable, Generator
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import pytest

from hotplug import (
    HookimplMarker,
    HookSpecError,
    HookspecMarker,
    PluginManager,
    PluginValidationError,
)

pytestmark = pytest.mark.usefixtures("form")

hookspec = HookspecMarker("shop")
hookimpl = HookimplMarker("shop")

Function = Callable[..., object]
CallNext = Callable[..., Any]


class Specs:
    @hookspec
    def offers(self, item: str, amount: int = 1) -> Any: ...

    @hookspec(firstresult=True)
    def price(self, item: str) -> Any: ...

    @hookspec(pipeline=True)
    def label(self, text: str, lang: str) -> Any: ...

    @hookspec
    def audit(self, *, who: str, what: str = "all") -> Any: ...

    @hookspec(historic=True)
    def opened(self, hour: int) -> None: ...


Manager = PluginManager[Specs]


def manager() -> Manager:
    return PluginManager("shop", Specs)


def register(pm: Manager, name: str, **functions: Function) -> None:
    """Register a plugin that implements these hooks with these functions."""
    pm.register(
        SimpleNamespace(**{hook: hookimpl(function) for hook, function in functions.items()}), name
    )


def around(pm: Manager, name: str, **functions: Function) -> None:
    """Register a plugin that puts these functions around these hooks."""
    mark = hookimpl(around=True)
    pm.register(
        SimpleNamespace(**{hook: mark(function) for hook, function in functions.items()}), name
    )


def wrapping(pm: Manager, name: str, **functions: Function) -> None:
    """Register a plugin that wraps these hooks with these generator functions."""
    mark = hookimpl(wrapper=True)
    pm.register(
        SimpleNamespace(**{hook: mark(function) for hook, function in functions.items()}), name
    )


def raising(error: BaseException) -> Function:
    def raise_it() -> object:
        raise error

    return raise_it


# the result


def test_what_an_around_wrapper_returns_is_the_result() -> None:
    pm = manager()
    around(pm, "double", price=lambda call_next, item: call_next(item) * 2)
    register(pm, "till", price=lambda: 3)

    assert pm.hook.price(item="tea") == 6


@pytest.mark.parametrize("count", [0, 1, 50])
def test_none_from_an_around_wrapper_is_the_result_in_every_mode(count: int) -> None:
    def forget(call_next: CallNext, **everything: Any) -> None:
        call_next(**everything)

    pm = manager()
    around(pm, "forget", offers=forget, price=forget, label=forget)
    for at in range(count):
        register(pm, f"p{at}", offers=lambda: 1, price=lambda: 2, label=lambda text: text + "!")

    assert pm.hook.offers(item="tea") is None
    assert pm.hook.price(item="tea") is None
    assert pm.hook.label(text="tea", lang="en") is None


def test_call_next_gives_what_the_mode_gives() -> None:
    seen: list[object] = []

    def look(call_next: CallNext, **everything: Any) -> object:
        seen.append(call_next(**everything))
        return seen[-1]

    pm = manager()
    around(pm, "look", offers=look, price=look, label=look)
    register(pm, "a", offers=lambda: None, price=lambda: None, label=lambda text: text + "!")
    register(pm, "b", offers=lambda: "b", price=lambda: 5, label=lambda text: None)

    pm.hook.offers(item="tea")
    pm.hook.price(item="tea")
    pm.hook.label(text="tea", lang="en")

    assert seen == [["b"], 5, "tea!"]


def test_call_next_around_nothing_gives_the_empty_result() -> None:
    seen: list[object] = []

    def look(call_next: CallNext, **everything: Any) -> object:
        seen.append(call_next(**everything))
        return seen[-1]

    pm = manager()
    around(pm, "look", offers=look, price=look, label=look)

    pm.hook.offers(item="tea")
    pm.hook.price(item="tea")
    pm.hook.label(text="tea", lang="en")

    assert seen == [[], None, "tea"]


# how often call_next is called


def test_call_next_may_never_be_called() -> None:
    asked: list[str] = []
    pm = manager()
    around(pm, "closed", offers=lambda call_next: ["nothing today"])
    register(pm, "shelf", offers=lambda: asked.append("shelf"))

    assert pm.hook.offers(item="tea") == ["nothing today"]
    assert asked == []


def test_call_next_may_be_called_again_to_retry() -> None:
    attempts: list[str] = []

    def flaky(item: str) -> int:
        attempts.append(item)
        if len(attempts) < 3:
            raise ConnectionError
        return 5

    def retry(call_next: CallNext, item: str) -> object:
        while True:
            with contextlib.suppress(ConnectionError):
                return call_next(item)

    pm = manager()
    around(pm, "retry", price=retry)
    register(pm, "till", price=flaky)

    assert pm.hook.price(item="tea") == 5
    assert attempts == ["tea"] * 3


def test_call_next_may_be_called_with_other_arguments() -> None:
    pm = manager()
    around(
        pm, "both", offers=lambda call_next, item: [*call_next(item), *call_next(item + "pot", 2)]
    )
    register(pm, "shelf", offers=lambda item, amount: (item, amount))

    assert pm.hook.offers(item="tea") == [("tea", 1), ("teapot", 2)]


def test_in_a_pipeline_call_next_runs_the_whole_fold_each_time() -> None:
    pm = manager()
    around(pm, "twice", label=lambda call_next, text, lang: call_next(call_next(text, lang), lang))
    register(pm, "a", label=lambda text: text + "a")
    register(pm, "b", label=lambda text: text + "b")

    assert pm.hook.label(text="", lang="en") == "abab"


def test_each_call_of_call_next_runs_the_inner_wrappers_anew() -> None:
    log: list[str] = []

    def inner() -> Generator[None, Any, None]:
        log.append("in")
        yield
        log.append("out")

    pm = manager()
    around(pm, "twice", price=lambda call_next, item: (call_next(item), call_next(item)))
    wrapping(pm, "inner", price=inner)

    pm.hook.price(item="tea")

    assert log == ["in", "out", "in", "out"]


# call_next has the hook's own signature


def test_call_next_takes_names_positions_and_defaults() -> None:
    seen: list[object] = []

    def vary(call_next: CallNext, item: str, amount: int) -> object:
        return [*call_next(item), *call_next(item=item), *call_next(amount=3, item=item)]

    pm = manager()
    around(pm, "vary", offers=vary)
    register(pm, "shelf", offers=lambda item, amount: seen.append((item, amount)))

    pm.hook.offers("tea", 9)

    assert seen == [("tea", 1), ("tea", 1), ("tea", 3)]


def test_call_next_takes_keyword_only_arguments_by_keyword() -> None:
    seen: list[object] = []

    def vary(call_next: CallNext, *, who: str, what: str) -> object:
        call_next(who=who)
        call_next(who=who, what=what)
        with pytest.raises(TypeError, match="positional argument"):
            call_next(who)
        return []

    pm = manager()
    around(pm, "vary", audit=vary)
    register(pm, "book", audit=lambda who, what: seen.append((who, what)))

    pm.hook.audit(who="Ada", what="tea")

    assert seen == [("Ada", "all"), ("Ada", "tea")]


@pytest.mark.parametrize("nested", [False, True])
def test_wrong_arguments_for_call_next_are_a_type_error(nested: bool) -> None:
    def wrong(call_next: CallNext) -> object:
        return call_next(itm="tea")

    pm = manager()
    around(pm, "wrong", price=wrong)
    if nested:
        around(pm, "inner", price=lambda call_next, item: call_next(item))
    register(pm, "till", price=lambda: 5)

    with pytest.raises(TypeError, match="'itm'") as caught:
        pm.hook.price(item="tea")

    assert caught.value.__notes__ == ["hook 'price': raised by plugin 'wrong'"]


def test_a_missing_argument_for_call_next_is_a_type_error_naming_it() -> None:
    pm = manager()
    around(pm, "wrong", label=lambda call_next, text: call_next(text))
    around(pm, "inner", label=lambda call_next, text, lang: call_next(text, lang))

    with pytest.raises(TypeError, match="'lang'"):
        pm.hook.label(text="tea", lang="en")


# which arguments a wrapper takes


def test_an_around_wrapper_takes_the_arguments_that_it_wants() -> None:
    pm = manager()
    around(pm, "none", label=lambda call_next: call_next("tea", "en") + "1")
    around(pm, "one", label=lambda lang, call_next: call_next("tea", lang) + "2")
    around(pm, "all", label=lambda call_next, text, lang: call_next(text, lang) + "3")

    assert pm.hook.label(text="coffee", lang="fr") == "tea321"


def test_an_around_wrapper_may_take_arguments_by_keyword_only() -> None:
    def wrap(*, text: str, call_next: CallNext, lang: str) -> object:
        return call_next(text, lang) + lang

    pm = manager()
    around(pm, "wrap", label=wrap)
    around(pm, "wrap2", label=wrap)

    assert pm.hook.label(text="tea ", lang="en") == "tea enen"


def test_an_around_wrapper_may_take_any_keyword() -> None:
    seen: list[object] = []

    def wrap(call_next: CallNext, **everything: Any) -> object:
        seen.append(everything)
        return call_next(**everything)

    pm = manager()
    around(pm, "wrap", offers=wrap, audit=wrap)

    pm.hook.offers("tea")
    pm.hook.audit(who="Ada")

    assert seen == [{"item": "tea", "amount": 1}, {"who": "Ada", "what": "all"}]


def test_an_around_wrapper_may_be_a_method() -> None:
    class Discount:
        def __init__(self, rate: float) -> None:
            self.rate = rate

        @hookimpl(around=True)
        def price(self, call_next: CallNext, item: str) -> object:
            return call_next(item) * self.rate

    pm = manager()
    pm.register(Discount(0.5))
    pm.register(Discount(0.5))
    register(pm, "till", price=lambda: 8)

    assert pm.hook.price(item="tea") == 2


def test_an_around_wrapper_may_be_decorated_with_wraps() -> None:
    def same(function: Function) -> Function:
        @functools.wraps(function)
        def inner(*args: Any, **kwargs: Any) -> object:
            return function(*args, **kwargs)

        return inner

    pm = manager()
    around(pm, "wrap", price=same(lambda call_next, item: call_next(item) + 1))
    register(pm, "till", price=lambda: 5)

    assert pm.hook.price(item="tea") == 6


def test_an_around_wrapper_must_take_call_next() -> None:
    pm = manager()

    with pytest.raises(PluginValidationError, match="'call_next'"):
        around(pm, "deaf", price=lambda item: item)


def test_an_around_wrapper_is_no_generator() -> None:
    def price(call_next: CallNext) -> Generator[None, None, None]:
        yield

    with pytest.raises(PluginValidationError, match=r"call call_next\(\.\.\.\) instead"):
        around(manager(), "mixed", price=price)


def test_a_historic_hook_takes_no_around_wrapper() -> None:
    with pytest.raises(PluginValidationError, match="historic hooks take none"):
        around(manager(), "late", opened=lambda call_next, hour: call_next(hour))


def test_a_hook_argument_cannot_be_named_call_next() -> None:
    class Clashing:
        @hookspec
        def clash(self, call_next: int) -> Any: ...

    with pytest.raises(HookSpecError, match="'call_next'"):
        PluginManager("shop", Clashing)


# errors


def test_an_error_comes_out_of_call_next_and_may_be_swallowed() -> None:
    def safe(call_next: CallNext, item: str) -> object:
        try:
            return call_next(item)
        except LookupError:
            return 0

    pm = manager()
    around(pm, "safe", price=safe)
    register(pm, "till", price=raising(KeyError("tea")))

    assert pm.hook.price(item="tea") == 0


def test_an_error_that_is_not_caught_is_raised_as_it_is() -> None:
    pm = manager()
    error = KeyError("tea")
    around(pm, "a", price=lambda call_next, item: call_next(item))
    around(pm, "b", price=lambda call_next, item: call_next(item))
    register(pm, "till", price=raising(error))

    with pytest.raises(KeyError) as caught:
        pm.hook.price(item="tea")

    assert caught.value is error
    assert caught.value.__notes__ == ["hook 'price': raised by plugin 'till'"]


def test_an_around_wrapper_replaces_an_error_and_its_cause_is_kept() -> None:
    original = KeyError("tea")

    def translate(call_next: CallNext, item: str) -> object:
        try:
            return call_next(item)
        except KeyError as error:
            raise ValueError("not on sale") from error

    pm = manager()
    around(pm, "translate", price=translate)
    register(pm, "till", price=raising(original))

    with pytest.raises(ValueError, match="not on sale") as caught:
        pm.hook.price(item="tea")

    assert caught.value.__cause__ is original
    assert caught.value.__notes__ == ["hook 'price': raised by plugin 'translate'"]
    assert original.__notes__ == ["hook 'price': raised by plugin 'till'"]


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_an_error_of_an_around_wrapper_names_its_own_plugin(depth: int) -> None:
    def passes(call_next: CallNext, item: str) -> object:
        return call_next(item)

    def fails(call_next: CallNext, item: str) -> object:
        raise ValueError("refused")

    pm = manager()
    for at in range(4):
        around(pm, f"w{at}", price=fails if at == depth else passes)
    register(pm, "till", price=lambda: 5)

    with pytest.raises(ValueError, match="refused") as caught:
        pm.hook.price(item="tea")

    assert caught.value.__notes__ == [f"hook 'price': raised by plugin 'w{depth}'"]


def test_one_function_of_two_plugins_is_blamed_on_the_one_that_raised() -> None:
    def picky(call_next: CallNext, item: str) -> object:
        if item == "tea":
            raise ValueError("no tea")
        return call_next(item[1:])

    pm = manager()
    around(pm, "outer", price=picky)
    around(pm, "inner", price=picky)

    with pytest.raises(ValueError, match="no tea") as caught:
        pm.hook.price(item="xtea")

    assert caught.value.__notes__ == ["hook 'price': raised by plugin 'inner'"]


@pytest.mark.parametrize(
    "kind", [StopIteration, StopAsyncIteration, GeneratorExit, KeyboardInterrupt, SystemExit]
)
@pytest.mark.parametrize("who", ["implementation", "wrapper"])
def test_a_special_error_passes_as_itself(kind: type[BaseException], who: str) -> None:
    seen: list[BaseException] = []

    def look(call_next: CallNext, item: str) -> object:
        try:
            return call_next(item)
        except BaseException as error:
            seen.append(error)
            raise

    error = kind("stop")
    pm = manager()
    around(pm, "look", price=look)
    around(pm, "through", price=lambda call_next, item: call_next(item))
    if who == "wrapper":
        around(pm, "raises", price=lambda call_next: raising(error)())
    else:
        register(pm, "till", price=raising(error))

    with pytest.raises(kind) as caught:
        pm.hook.price(item="tea")

    assert caught.value is error
    assert seen == [error]


# together with generator wrappers

LETTERS = "gaGA"


def logged(log: list[str], name: str) -> dict[str, Function]:
    """A generator wrapper and an around wrapper that log under this name."""

    def wrap() -> Generator[None, Any, Any]:
        log.append(f"{name} in")
        try:
            result = yield
        except LookupError as error:
            log.append(f"{name} sees {error}")
            raise
        log.append(f"{name} out")
        return result + name

    def stand_around(call_next: CallNext, item: str) -> object:
        log.append(f"{name} in")
        try:
            result = call_next(item)
        except LookupError as error:
            log.append(f"{name} sees {error}")
            raise
        log.append(f"{name} out")
        return result + name

    return {"wrapper": wrap, "around": stand_around}


def mixed(order: tuple[str, ...], log: list[str], implementation: Function) -> Manager:
    """Wrappers in this order; small letters are generators, others stand around."""
    pm = manager()
    for letter in order:
        functions = logged(log, letter)
        if letter in "ga":
            wrapping(pm, letter, price=functions["wrapper"])
        else:
            around(pm, letter, price=functions["around"])
    register(pm, "till", price=implementation)
    return pm


@pytest.mark.parametrize("order", [*permutations(LETTERS)], ids="".join)
def test_both_kinds_nest_in_every_order(order: tuple[str, ...]) -> None:
    log: list[str] = []
    pm = mixed(order, log, lambda item: item)

    assert pm.hook.price(item="tea:") == "tea:" + "".join(reversed(order))
    assert log == [f"{x} in" for x in order] + [f"{x} out" for x in reversed(order)]


@pytest.mark.parametrize("order", [*permutations(LETTERS)], ids="".join)
def test_both_kinds_see_an_error_in_every_order(order: tuple[str, ...]) -> None:
    log: list[str] = []
    error = LookupError("gone")
    pm = mixed(order, log, raising(error))

    with pytest.raises(LookupError) as caught:
        pm.hook.price(item="tea")

    assert caught.value is error
    assert log[4:] == [f"{x} sees gone" for x in reversed(order)]
    assert caught.value.__notes__ == ["hook 'price': raised by plugin 'till'"]


def test_an_around_wrapper_inside_a_generator_wrapper_may_swallow() -> None:
    seen: list[object] = []

    def look() -> Generator[None, Any, None]:
        seen.append((yield))

    def safe(call_next: CallNext, item: str) -> object:
        with contextlib.suppress(LookupError):
            return call_next(item)
        return "free"

    pm = manager()
    wrapping(pm, "look", price=look)
    around(pm, "safe", price=safe)
    register(pm, "till", price=raising(LookupError()))

    assert pm.hook.price(item="tea") == "free"
    assert seen == ["free"]


def test_a_generator_wrapper_outside_sees_none_from_an_around_wrapper() -> None:
    seen: list[object] = []

    def look() -> Generator[None, Any, None]:
        seen.append((yield))

    pm = manager()
    wrapping(pm, "look", offers=look)
    around(pm, "forget", offers=lambda call_next: None)

    assert pm.hook.offers(item="tea") is None
    assert seen == [None]


def test_a_generator_wrapper_inside_keeps_its_own_rules() -> None:
    """Who swallows and returns nothing leaves the mode's empty result, for `call_next` too."""
    seen: list[object] = []

    def look(call_next: CallNext, text: str, lang: str) -> object:
        seen.append(call_next(text + "!", lang))
        return seen[-1]

    def swallow() -> Generator[None, Any, None]:
        with contextlib.suppress(LookupError):
            yield

    pm = manager()
    around(pm, "look", label=look)
    wrapping(pm, "swallow", label=swallow)
    register(pm, "broken", label=lambda text: raising(LookupError())())

    assert pm.hook.label(text="tea", lang="en") == "tea!"
    assert seen == ["tea!"]


@pytest.mark.parametrize("kinds", ["A" * 12, "gA" * 6, "Ag" * 6, "ggA" * 4])
def test_twelve_wrappers_nest(kinds: str) -> None:
    log: list[str] = []
    pm = manager()
    for at, kind in enumerate(kinds):
        functions = logged(log, f".{at}")
        if kind == "g":
            wrapping(pm, f"w{at}", price=functions["wrapper"])
        else:
            around(pm, f"w{at}", price=functions["around"])
    register(pm, "till", price=lambda item: item)

    assert pm.hook.price(item="tea") == "tea" + "".join(f".{at}" for at in reversed(range(12)))
    assert len(log) == 24


def test_around_wrappers_are_ordered_among_all_wrappers() -> None:
    log: list[str] = []
    pm = manager()
    mark: Any = hookimpl
    orders: list[tuple[str, str, dict[str, object]]] = [
        ("late", "around", {"trylast": True}),
        ("middle", "wrapper", {}),
        ("first", "around", {"before": "middle"}),
    ]
    for name, kind, options in orders:
        marked = mark(**{kind: True}, **options)(logged(log, name)[kind])
        pm.register(SimpleNamespace(price=marked), name)
    register(pm, "till", price=lambda item: item)

    pm.hook.price(item="")

    assert log[:3] == ["first in", "middle in", "late in"]


# calls within calls


def test_an_around_wrapper_may_call_its_own_hook() -> None:
    pm = manager()

    def wrap(call_next: CallNext, item: str) -> object:
        return call_next(item) + (pm.hook.price(item=item[1:]) if item else 0)

    around(pm, "wrap", price=wrap)
    register(pm, "till", price=lambda item: 10 * len(item))

    assert pm.hook.price(item="tea") == 30 + 20 + 10


def test_call_next_belongs_to_the_call_that_it_was_given_in() -> None:
    pm = manager()

    def wrap(call_next: CallNext, item: str) -> object:
        if item == "tea":
            pm.unregister("till")
            register(pm, "other", price=lambda: "other")
        return call_next(item)

    around(pm, "wrap", price=wrap)
    register(pm, "till", price=lambda: "till")

    assert pm.hook.price(item="tea") == "till"
    assert pm.hook.price(item="cup") == "other"
