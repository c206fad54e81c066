"""Syscalls run as the plugin that defines them, stay what they are, and end with their plugin."""

# A lambda is code of the plugin that has it; what it calls may be anybody's.
# ruff: noqa: PLW0108

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import gc
import inspect
import pickle
import sys
import traceback
import types
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, get_type_hints

import pytest

from hotplug.errors import PluginGone
from hotplug.host.owner import Owner, current_owner
from hotplug.host.resources import Held
from hotplug.host.syscalls import syscall

Code = Callable[[Owner], Callable[[Callable[..., Any]], Callable[..., Any]]]
Who = Owner | None


def test_a_syscall_runs_as_the_plugin_that_defines_it(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    @code_of(shop)
    def plugin() -> tuple[Callable[[], Who], Callable[[], Who]]:
        @syscall
        def api() -> Who:
            return current_owner()

        return api, lambda: current_owner()

    api, plain = plugin()

    assert billing.call(api) is shop
    assert billing.call(plain) is billing
    assert (api(), plain()) == (shop, None)


def test_a_syscall_may_be_marked_with_parentheses(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    @code_of(shop)
    def plugin() -> tuple[Callable[[], Who], type]:
        @syscall()
        def api() -> Who:
            return current_owner()

        @syscall()
        class Order:
            def __init__(self) -> None:
                self.made_by = current_owner()

            @syscall()
            @classmethod
            def empty(cls) -> Who:
                return current_owner()

        return api, Order

    api, order = plugin()

    assert billing.call(api) is shop
    assert billing.call(order).made_by is shop
    assert billing.call(order.empty) is shop


def test_the_caller_runs_again_when_a_syscall_has_returned_or_raised(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    @code_of(shop)
    def plugin() -> Callable[[], None]:
        @syscall
        def fails() -> None:
            raise KeyError("price")

        return fails

    fails = plugin()

    def caller() -> list[Who]:
        with pytest.raises(KeyError):
            fails()
        return [current_owner()]

    assert billing.call(caller) == [billing]


def test_what_a_syscall_calls_back_runs_as_the_plugin_of_the_syscall(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    @code_of(shop)
    def plugin() -> Callable[..., Any]:
        return syscall(lambda callback: callback())

    @code_of(billing)
    def caller() -> tuple[Who, Who]:
        return plugin_call(lambda: current_owner()), plugin_call(syscall(lambda: current_owner()))

    plugin_call = plugin()

    assert caller() == (shop, billing)


def test_syscalls_of_two_plugins_may_call_each_other(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    @code_of(shop)
    def make_a() -> Any:
        @syscall
        def a(depth: int) -> list[Who]:
            return [current_owner(), *(b(depth - 1) if depth else []), current_owner()]

        return a

    @code_of(billing)
    def make_b() -> Any:
        @syscall
        def b(depth: int) -> list[Who]:
            return [current_owner(), *(a(depth - 1) if depth else []), current_owner()]

        return b

    a, b = make_a(), make_b()

    assert a(3) == [shop, billing, shop, billing, billing, shop, billing, shop]


def test_a_function_of_a_library_runs_as_the_plugin_that_makes_it_a_syscall(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    @code_of(shop)
    def plugin() -> list[Callable[[], Who]]:
        return [syscall(current_owner), syscall(functools.partial(current_owner))]

    assert [billing.call(api) for api in plugin()] == [shop, shop]


def test_a_syscall_that_no_plugin_defines_runs_as_the_application(billing: Owner) -> None:
    @syscall
    def api() -> Who:
        return current_owner()

    @syscall
    async def waits() -> Who:
        return current_owner()

    assert billing.call(api) is None
    assert billing.call(asyncio.run, waits()) is None


def test_the_plugin_whose_code_says_syscall_defines_it_even_when_another_one_calls_that_code(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    @code_of(shop)
    def make() -> Callable[[], Who]:
        return syscall(lambda: current_owner())

    assert billing.call(make)() is shop


# Methods and classes.


def test_methods_of_each_sort_run_as_their_plugin_in_either_order_of_decorators(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    @code_of(shop)
    def plugin() -> Any:
        class Api:
            @syscall
            def method(self) -> tuple[str, Who]:
                return type(self).__name__, current_owner()

            @classmethod
            @syscall
            def outer_class(cls) -> tuple[str, Who]:
                return cls.__name__, current_owner()

            @syscall
            @classmethod
            def inner_class(cls) -> tuple[str, Who]:
                return cls.__name__, current_owner()

            @staticmethod
            @syscall
            def outer_static() -> tuple[str, Who]:
                return "Api", current_owner()

            @syscall
            @staticmethod
            def inner_static() -> tuple[str, Who]:
                return "Api", current_owner()

        return Api

    api = plugin()()
    names = ["method", "outer_class", "inner_class", "outer_static", "inner_static"]

    assert [billing.call(getattr(api, name)) for name in names] == [("Api", shop)] * 5


def test_a_property_runs_as_its_plugin(shop: Owner, billing: Owner, code_of: Code) -> None:
    log: list[Who] = []

    @code_of(shop)
    def plugin() -> Any:
        class Api:
            @property
            @syscall
            def price(self) -> Who:
                """What it costs."""
                return current_owner()

            @price.setter
            @syscall
            def price(self, value: int) -> None:
                log.append(current_owner())

            outer = syscall(property(lambda _: current_owner(), doc="The same."))

        return Api

    api = plugin()()

    assert billing.call(lambda: api.price) is shop
    billing.call(setattr, api, "price", 2)
    assert log == [shop]
    assert billing.call(lambda: api.outer) is shop
    assert (type(api).price.__doc__, type(api).outer.__doc__) == ("What it costs.", "The same.")


def test_dk47_a_class_stays_a_class_and_is_constructed_as_its_plugin(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    @code_of(shop)
    def plugin() -> Any:
        @syscall
        class Order:
            def __init__(self, item: str) -> None:
                self.item, self.who = item, current_owner()

            def later(self) -> Who:
                return current_owner()

        return Order

    cls: Any = plugin()
    order: Any = billing.call(cls, "tea")

    assert [type(cls), type(order)] == [type, cls]
    assert (order.item, order.who) == ("tea", shop)
    assert billing.call(order.later) is billing
    assert list(inspect.signature(cls).parameters) == ["item"]


def test_a_class_that_inherits_how_it_is_constructed_runs_as_its_plugin_too(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    class Base:
        def __init__(self) -> None:
            self.who = current_owner()

    @code_of(shop)
    def plugin() -> Any:
        return syscall(type("Order", (Base,), {}))

    class Other(Base):
        def __init__(self) -> None:
            super().__init__()
            self.other = True

    derived = plugin()
    both = type("Both", (derived, Other), {})

    assert billing.call(derived).who is shop
    assert billing.call(both).other
    assert billing.call(Base).who is billing


def test_a_subclass_of_another_plugin_runs_as_that_one_around_its_base(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    log: list[Who] = []

    @code_of(shop)
    def plugin() -> Any:
        @syscall
        class Base:
            def __new__(cls, *_: object) -> Any:
                log.append(current_owner())
                return super().__new__(cls)

            def __init__(self) -> None:
                log.append(current_owner())

        return Base

    base: Any = plugin()

    @code_of(billing)
    def other() -> Any:
        class Mine(base):  # type: ignore[misc]
            def __init__(self) -> None:
                log.append(current_owner())
                super().__init__()
                log.append(current_owner())

        return Mine

    billing.call(other())

    assert log == [shop, billing, shop, billing]


def test_a_dataclass_can_be_a_syscall(shop: Owner, billing: Owner, code_of: Code) -> None:
    @code_of(shop)
    def plugin() -> Any:
        @syscall
        @dataclass(frozen=True)
        class Order:
            item: str

            def __post_init__(self) -> None:
                seen.append(current_owner())

        return Order

    seen: list[Who] = []
    order = plugin()

    assert billing.call(order, "tea") == order("tea")
    assert seen == [shop, shop]


# What runs in steps.


def test_dk44_each_step_of_a_generator_runs_as_its_plugin(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    log: list[Any] = []

    @code_of(shop)
    def plugin() -> Any:
        @syscall
        def api(first: int) -> Generator[Any, Any, str]:
            log.append(current_owner())
            try:
                log.append((yield first, current_owner()))
                yield "sent"
            except KeyError:
                log.append(current_owner())
                yield "thrown"
            finally:
                log.append(current_owner())
            return "end"

        return api

    api = plugin()

    def caller() -> None:
        running = api(1)
        log.append(current_owner())
        assert next(running) == (1, shop)
        assert running.send("value") == "sent"
        assert running.throw(KeyError("k")) == "thrown"
        with pytest.raises(StopIteration) as end:
            next(running)
        assert end.value.value == "end"
        log.append(current_owner())

    billing.call(caller)
    assert log == [billing, shop, "value", shop, shop, billing]


def test_a_generator_that_is_closed_or_dropped_cleans_up_as_its_plugin(
    shop: Owner, code_of: Code
) -> None:
    log: list[Who] = []

    @code_of(shop)
    def plugin() -> Any:
        @syscall
        def api() -> Iterator[int]:
            try:
                yield 1
            finally:
                log.append(current_owner())

        return api

    api = plugin()
    closed, dropped = api(), api()
    for running in (closed, dropped):
        next(running)

    closed.close()
    del dropped, running
    gc.collect()

    assert log == [shop, shop]


def test_a_generator_may_be_stepped_in_turn_with_another_and_in_any_context(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    def make() -> Any:
        @syscall
        def api() -> Iterator[Who]:
            while True:
                yield current_owner()

        return api

    a, b = code_of(shop)(make)()(), code_of(billing)(make)()()

    seen: list[Who] = []
    for _ in range(3):
        seen += [next(a), current_owner(), next(b)]
    seen.append(contextvars.Context().run(next, a))

    assert seen == [shop, None, billing] * 3 + [shop]


def test_a_coroutine_runs_as_its_plugin_also_after_it_has_waited(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    @code_of(shop)
    def plugin() -> Any:
        @syscall
        async def api() -> list[Who]:
            before = current_owner()
            await asyncio.sleep(0)
            return [before, current_owner()]

        return api

    api = plugin()

    async def caller() -> list[Who]:
        return [current_owner(), *await api(), current_owner()]

    assert billing.call(asyncio.run, caller()) == [billing, shop, shop, billing]


def test_a_plain_coroutine_function_of_a_plugin_runs_as_the_one_whose_task_awaits_it(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    @code_of(shop)
    def plugin() -> Any:
        async def plain() -> Who:
            await asyncio.sleep(0)
            return current_owner()

        return plain

    plain = plugin()

    async def main() -> Who:
        return await billing.call(asyncio.ensure_future, plain())

    assert asyncio.run(main()) is billing


def test_what_a_coroutine_starts_inherits_its_plugin_without_any_patch(
    shop: Owner, code_of: Code
) -> None:
    async def who() -> Who:
        return current_owner()

    @code_of(shop)
    def plugin() -> Any:
        @syscall
        async def api() -> Who:
            return await asyncio.ensure_future(who())

        return api

    assert asyncio.run(plugin()()) is shop


def test_cancelling_reaches_the_coroutine_which_cleans_up_as_its_plugin(
    shop: Owner, code_of: Code
) -> None:
    log: list[Who] = []

    @code_of(shop)
    def plugin() -> Any:
        @syscall
        async def api() -> None:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                await asyncio.sleep(0)
                log.append(current_owner())
                raise

        return api

    api = plugin()

    async def main() -> None:
        task = asyncio.ensure_future(api())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert log == [shop]


def test_dk44_an_async_generator_runs_as_its_plugin_in_each_step(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    log: list[Any] = []

    @code_of(shop)
    def plugin() -> Any:
        @syscall
        async def api() -> AsyncGenerator[Any, Any]:
            try:
                await asyncio.sleep(0)
                log.append((yield current_owner()))
                yield current_owner()
            except KeyError:
                yield "thrown"
            finally:
                await asyncio.sleep(0)
                log.append(current_owner())

        return api

    api = plugin()

    async def caller() -> None:
        running = api()
        assert await anext(running) is shop
        log.append(current_owner())
        assert await running.asend("value") is shop
        assert await running.athrow(KeyError("k")) == "thrown"
        with pytest.raises(StopAsyncIteration):
            await anext(running)
        early = api()
        assert await anext(early) is shop
        await early.aclose()
        log.append(current_owner())

    billing.call(asyncio.run, caller())
    assert log == [billing, "value", shop, shop, billing]


def test_dk44_context_managers_made_of_generators_run_as_their_plugin(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    @code_of(shop)
    def plugin() -> Any:
        @syscall
        @contextlib.contextmanager
        def outer(log: list[Who]) -> Iterator[Who]:
            try:
                yield current_owner()
            finally:
                log.append(current_owner())

        @contextlib.contextmanager
        @syscall
        def inner(log: list[Who]) -> Iterator[Who]:
            try:
                yield current_owner()
            finally:
                log.append(current_owner())

        return outer, inner

    def caller(manager: Any) -> list[Who]:
        log: list[Who] = []
        with manager(log) as entered:
            log += [entered, current_owner()]
        with pytest.raises(KeyError), manager(log):
            raise KeyError
        decorated = manager(log)(lambda: log.append(current_owner()))
        decorated()
        decorated()
        return log

    for manager in plugin():
        expected = [shop, billing, shop, shop, billing, shop, billing, shop]
        assert billing.call(caller, manager) == expected, manager


def test_dk44_async_context_managers_run_as_their_plugin(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    log: list[Who] = []

    @code_of(shop)
    def plugin() -> Any:
        @syscall
        @contextlib.asynccontextmanager
        async def api() -> AsyncIterator[Who]:
            await asyncio.sleep(0)
            try:
                yield current_owner()
            finally:
                await asyncio.sleep(0)
                log.append(current_owner())

        return api

    api = plugin()

    async def caller() -> None:
        async with api() as entered:
            log.extend([entered, current_owner()])
        with pytest.raises(KeyError):
            async with api():
                raise KeyError

    billing.call(asyncio.run, caller())
    assert log == [shop, billing, shop, shop]


def test_a_context_manager_class_is_entered_and_left_as_its_plugin(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    log: list[Who] = []

    @code_of(shop)
    def plugin() -> Any:
        @syscall
        class Session:
            def __enter__(self) -> Who:
                return current_owner()

            def __exit__(self, *_: object) -> bool:
                log.append(current_owner())
                return True

            async def __aenter__(self) -> Who:
                await asyncio.sleep(0)
                return current_owner()

            async def __aexit__(self, *_: object) -> None:
                await asyncio.sleep(0)
                log.append(current_owner())

        return Session

    session = plugin()

    async def caller() -> None:
        with session() as entered:
            log.extend([entered, current_owner()])
            raise KeyError("swallowed")
        async with session() as entered:
            log.extend([entered, current_owner()])

    billing.call(asyncio.run, caller())
    assert log == [shop, billing, shop] * 2


def test_dk44_what_a_plain_function_returns_and_runs_yet_runs_as_its_plugin(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    @code_of(shop)
    def plugin() -> Any:
        async def waits() -> Who:
            return current_owner()

        def steps() -> Iterator[Who]:
            yield current_owner()

        async def streams() -> AsyncIterator[Who]:
            yield current_owner()

        @types.coroutine
        def old() -> Generator[Any, Any, Who]:
            yield from asyncio.sleep(0).__await__()
            return current_owner()

        return [syscall(lambda each=each: each()) for each in (waits, steps, streams, old)]

    waiting, stepping, streaming, old_style = plugin()

    async def caller() -> list[Who]:
        streamed = [who async for who in streaming()]
        return [await waiting(), *stepping(), *streamed, await old_style()]

    coroutine = waiting()
    assert inspect.iscoroutine(coroutine)
    coroutine.close()
    gc.collect()
    assert billing.call(asyncio.run, caller()) == [shop] * 4


def test_a_hundred_interleaved_coroutines_never_mix(code_of: Code) -> None:
    def make() -> Any:
        @syscall
        async def api(other: Any, depth: int) -> list[Who]:
            seen = [current_owner()]
            for _ in range(5):
                await asyncio.sleep(0)
                seen.append(current_owner())
            if depth:
                await other(api, depth - 1)
                seen.append(current_owner())
            return seen

        return api

    owners = [Owner(f"p{at}") for at in range(100)]
    apis = [code_of(owner)(make)() for owner in owners]

    async def main() -> list[list[Who]]:
        running = [api(apis[at - 7], 3) for at, api in enumerate(apis)]
        return list(await asyncio.gather(*running))

    for owner, seen in zip(owners, asyncio.run(main()), strict=True):
        assert seen == [owner] * 7


# Kinds and metadata.


def kinds_of(function: Any) -> list[bool]:
    return [
        inspect.isfunction(function),
        inspect.iscoroutinefunction(function),
        inspect.isgeneratorfunction(function),
        inspect.isasyncgenfunction(function),
        inspect.isclass(function),
    ]


def plain(item: str, *, count: int = 1) -> Item:
    """What it does."""
    return Item()


async def waits(item: str, *, count: int = 1) -> Item:
    return Item()


def generates(item: str, *, count: int = 1) -> Iterator[Item]:
    yield Item()


async def streams(item: str, *, count: int = 1) -> AsyncIterator[Item]:
    yield Item()


@types.coroutine
def old_style(item: str, *, count: int = 1) -> Generator[Any, Any, Item]:
    yield
    return Item()


class Item:
    pass


@pytest.mark.parametrize("function", [plain, waits, generates, streams, old_style, Item])
def test_dk45_kind_signature_and_metadata_survive(function: Any) -> None:
    decorated = syscall(function)

    assert kinds_of(decorated) == kinds_of(function)
    assert inspect.signature(decorated) == inspect.signature(function)
    assert get_type_hints(decorated) == get_type_hints(function)
    for name in ("__name__", "__qualname__", "__module__", "__doc__"):
        assert getattr(decorated, name) == getattr(function, name)


def test_a_generator_function_for_await_can_still_be_awaited() -> None:
    decorated: Any = syscall(old_style)

    async def main() -> object:
        return await decorated("tea")

    assert isinstance(asyncio.run(main()), Item)


exported = syscall(plain)
exported.__qualname__ = "exported"


def test_a_syscall_can_be_pickled_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, __name__, types.SimpleNamespace(exported=exported))

    assert pickle.loads(pickle.dumps(exported)) is exported


def test_wrong_arguments_are_refused_as_the_function_itself_would(
    shop: Owner, code_of: Code
) -> None:
    @code_of(shop)
    def plugin() -> Any:
        @syscall
        def price(item: str) -> None: ...

        return price

    with pytest.raises(TypeError, match=r"price\(\) missing 1 required positional argument"):
        plugin()()


SHAPES = [
    "", "a", "a, b", "a, /, b", "a, b, /", "*, k", "a, *, k", "a, /, b, *, k, m", "*rest", "**more",
    "a, *rest, k, **more", "a=1, b=2", "a, b=2, /, c=3, *rest, k=4, m, **more",
    "function, owner, *scope, fenced, **result",
]  # fmt: skip
CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((), {}),
    ((1,), {}),
    ((1, 2, 3), {}),
    ((), {"a": 1, "b": 2}),
    ((1,), {"b": 2, "k": 3, "m": 4}),
    ((1, 2), {"k": 5}),
    ((1, 2), {"fenced": 5, "other": 6}),
    ((1,), {"a": 1}),
]


@pytest.mark.parametrize("parameters", SHAPES)
def test_arguments_arrive_and_are_refused_just_as_without_syscall(
    shop: Owner, code_of: Code, parameters: str
) -> None:
    names: dict[str, Any] = {}
    exec(f"def api({parameters}):\n return locals(), lambda: locals()", names)
    plain = code_of(shop)(names["api"])
    decorated = code_of(shop)(lambda: syscall(plain))()

    def outcome(function: Any, *args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)[0]
        except TypeError as error:
            return str(error)

    for args, options in CALLS:
        assert outcome(decorated, *args, **options) == outcome(plain, *args, **options)
    assert inspect.signature(decorated) == inspect.signature(plain)
    assert decorated.__defaults__ == plain.__defaults__


def test_the_frame_of_a_syscall_is_shown_with_its_source(shop: Owner, code_of: Code) -> None:
    def fails(item: str) -> None:
        raise KeyError(item)

    own = code_of(shop)(fails)
    decorated = code_of(shop)(lambda: syscall(own))()
    with pytest.raises(KeyError) as caught:
        decorated("tea")

    shown = "".join(traceback.format_tb(caught.tb))
    assert "in fails\n    result = function(p0)" in shown


@pytest.mark.parametrize("thing", [1, "price", functools.cached_property(plain)])
def test_what_cannot_be_called_is_refused_with_what_to_write(thing: Any) -> None:
    with pytest.raises(TypeError, match="write @syscall below it"):
        syscall(thing)


# The end of a plugin.


def kinds(code_of: Code, owner: Owner) -> dict[str, Callable[[], Any]]:
    """Ways to call a syscall of each kind of this plugin."""

    @code_of(owner)
    def plugin() -> Any:
        @syscall
        def function() -> None: ...

        @syscall
        async def coroutine() -> None: ...

        @syscall
        def generator() -> Iterator[None]:
            yield

        @syscall
        async def stream() -> AsyncIterator[None]:
            yield

        @syscall
        @contextlib.contextmanager
        def manager() -> Iterator[None]:
            yield

        @syscall
        class Class:
            def __init__(self) -> None: ...

        return function, coroutine, generator, stream, manager, Class, syscall(current_owner)

    function, coroutine, generator, stream, manager, cls, foreign = plugin()

    def enter() -> None:
        with manager():
            pass

    return {
        "function": function,
        "coroutine": lambda: asyncio.run(coroutine()),
        "generator": lambda: list(generator()),
        "stream": lambda: asyncio.run(anext(stream())),
        "manager": enter,
        "class": cls,
        "foreign": foreign,
    }


KINDS = ["function", "coroutine", "generator", "stream", "manager", "class", "foreign"]


@pytest.mark.parametrize("kind", KINDS)
def test_dk48_a_syscall_into_a_plugin_that_has_ended_is_refused(
    shop: Owner, code_of: Code, kind: str
) -> None:
    call = kinds(code_of, shop)[kind]
    call()

    shop.scope.close()

    with pytest.raises(
        PluginGone, match=r"plugin 'shop' \(generation 1\) has ended: it cannot run"
    ):
        call()


@pytest.mark.parametrize("kind", KINDS)
def test_late_code_of_a_plugin_that_has_ended_can_call_no_syscall_of_another(
    shop: Owner, billing: Owner, code_of: Code, kind: str
) -> None:
    call = kinds(code_of, shop)[kind]
    billing.call(call)

    billing.scope.close()

    call()
    with pytest.raises(PluginGone, match="plugin 'billing'"):
        billing.call(call)


def test_a_syscall_works_while_its_plugin_is_staged_and_while_it_ends(
    shop: Owner, code_of: Code
) -> None:
    @code_of(shop)
    def plugin() -> Any:
        return syscall(lambda: log.append(current_owner()))

    log: list[Who] = []
    api = plugin()
    shop.scope.add(Held(shop, api, "file"))

    api()
    shop.scope.close()

    assert log == [shop, shop]


def test_a_call_that_has_begun_may_finish_but_does_nothing_through_the_host(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    @code_of(shop)
    def plugin() -> Any:
        @syscall
        def function() -> Any:
            yield
            with pytest.raises(PluginGone):
                shop.scope.add(Held(shop, print, "file"))
            yield "finished"

        return function

    running = plugin()()
    next(running)

    shop.scope.close()

    assert next(running) == "finished"


def test_what_a_plugin_that_has_ended_handed_out_can_still_be_left(
    shop: Owner, code_of: Code
) -> None:
    @code_of(shop)
    def plugin() -> Any:
        @syscall
        class Session:
            def __enter__(self) -> None: ...

            def __exit__(self, *_: object) -> None:
                log.append(current_owner())

        return Session

    log: list[Who] = []
    with plugin()():
        shop.scope.close()

    assert log == [shop]


def test_what_a_context_manager_decorates_is_refused_when_the_plugin_has_ended(
    shop: Owner, code_of: Code
) -> None:
    @code_of(shop)
    def plugin() -> Any:
        @syscall
        @contextlib.contextmanager
        def session() -> Iterator[None]:
            yield

        return session

    decorated = plugin()()(lambda: "called")
    assert decorated() == "called"

    shop.scope.close()

    with pytest.raises(PluginGone, match=r"cannot run session\(\)"):
        decorated()


def test_a_plugin_whose_syscalls_are_forgotten_is_collected(code_of: Code) -> None:
    owner = Owner("shop")
    calls = kinds(code_of, owner)
    assert len([call() for call in calls.values()]) == len(KINDS)
    gone = weakref.ref(owner)

    del owner, calls
    gc.collect()

    assert gone() is None
