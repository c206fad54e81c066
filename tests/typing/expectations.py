"""What mypy and pyright must say, line by line; `test_types.py` compares.

    reveal_type(x)  # list[str]                              both say so
    reveal_type(x)  # mypy: def (x: int) || pyright: (x: int) -> None      they spell it differently
    f(1)            # error: mypy[arg-type] pyright[reportArgumentType]    both must object here, and only with these

A decorator that can't be typed after an error (untyped-decorator, reportUntypedFunctionDecorator) and a member that is
unknown after one (reportUnknownMemberType) are consequences, and left out.

Nothing here is ever run.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar, reveal_type, runtime_checkable

import module_specs
from hotplug import (
    AsyncCollectingCaller,
    AsyncHooks,
    AsyncPluginManager,
    CollectingCaller,
    Extension,
    ExtensionPoint,
    FirstResultCaller,
    HookFailure,
    HookimplMarker,
    HookspecMarker,
    PluginHost,
    PluginManager,
)
from hotplug.host.declaring import event
from hotplug.host.settings.declaring import settings
from hotplug.host.syscalls import syscall

hookspec = HookspecMarker("greeter")
hookimpl = HookimplMarker("greeter")


@dataclass(frozen=True)
class User:
    name: str


@dataclass(frozen=True)
class Settings:
    debug: bool


# Method-style specs, every mode.


class Specs:
    @hookspec
    def process(self, request: dict[str, str]) -> str:
        raise NotImplementedError

    @hookspec(firstresult=True)
    def auth(self, token: str) -> User | None:
        raise NotImplementedError

    @hookspec(firstresult=True)
    def cup(self, size: int) -> str:
        raise NotImplementedError

    @hookspec(pipeline=True)
    def clean(self, text: str, *, strict: bool = False) -> str:
        raise NotImplementedError

    @hookspec(historic=True)
    def configured(self, settings: Settings) -> None:
        raise NotImplementedError

    @hookspec(historic=True)
    def joined(self, name: str) -> int:
        raise NotImplementedError

    @hookspec
    def startup(self) -> None:
        raise NotImplementedError

    @hookspec
    def maybe(self, n: int) -> str | None:
        raise NotImplementedError

    @hookspec
    def either(self, n: int) -> str | int | None:
        raise NotImplementedError

    @hookspec()
    def anything(self, data: dict[str, Any]) -> Any:
        raise NotImplementedError

    @hookspec
    def table(self, data: dict[str, Any], other: Any) -> dict[str, Any]:
        raise NotImplementedError

    @hookspec
    def many(self, *names: str, **options: int) -> bool:
        raise NotImplementedError

    @hookspec
    def takes_self_type(self, other: Specs) -> str:
        raise NotImplementedError

    @hookspec
    def callback(self, render: Callable[[int], str]) -> Literal["a", "b"]:
        raise NotImplementedError

    # Static ones: no `self`, whatever the type of the first parameter.

    @staticmethod
    @hookspec
    def greeting(name: str) -> str:
        raise NotImplementedError

    @staticmethod
    @hookspec
    def static_none() -> str:
        raise NotImplementedError

    @staticmethod
    @hookspec
    def static_object(value: object, more: int) -> str:
        raise NotImplementedError

    @staticmethod
    @hookspec
    def static_any(value: Any, more: int) -> str:
        raise NotImplementedError

    @staticmethod
    @hookspec
    def static_dict(value: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    @staticmethod
    @hookspec
    def static_specs(specs: Specs, more: int) -> str:
        raise NotImplementedError

    @staticmethod
    @hookspec(firstresult=True)
    def static_first(value: Any) -> User | None:
        raise NotImplementedError

    @staticmethod
    @hookspec(pipeline=True)
    def static_pipeline(value: object, *, deep: bool = True) -> object:
        raise NotImplementedError

    @staticmethod
    @hookspec(historic=True)
    def static_historic(value: Any) -> None:
        raise NotImplementedError

    @staticmethod
    @hookspec
    def static_keyword(*, value: Any) -> str:
        raise NotImplementedError

    @staticmethod
    @hookspec
    def static_default(value: object = None) -> str:
        raise NotImplementedError

    @staticmethod
    @hookspec
    def static_star(*values: object) -> str:
        raise NotImplementedError

    @hookspec
    @staticmethod
    def marker_over_static(value: object) -> str:
        raise NotImplementedError

    # Any first parameter but a `self`.

    @hookspec
    def annotated_self(self: Specs, value: int = 1) -> str:
        raise NotImplementedError

    @hookspec
    def any_self(self: Any, value: int) -> str:
        raise NotImplementedError


pm = PluginManager("greeter", Specs)
reveal_type(pm)  # PluginManager[Specs]
reveal_type(pm.hook)  # Specs

reveal_type(pm.hook.process)  # mypy: CollectingCaller[[request: dict[str, str]], str] || pyright: CollectingCaller[(request: dict[str, str]), str]
reveal_type(pm.hook.process(request={}))  # list[str]
reveal_type(pm.hook.auth(token="x"))  # User | None
reveal_type(pm.hook.cup(size=1))  # str | None
reveal_type(pm.hook.clean(text="x"))  # str
reveal_type(pm.hook.clean(text="x", strict=True))  # str
reveal_type(pm.hook.configured)  # mypy: HistoricCaller[[settings: Settings], None] || pyright: HistoricCaller[(settings: Settings), None]
reveal_type(pm.hook.startup())  # list[None]
reveal_type(pm.hook.maybe(n=1))  # list[str | None]
reveal_type(pm.hook.either(n=1))  # list[str | int | None]
reveal_type(pm.hook.anything(data={}))  # list[Any]
reveal_type(pm.hook.table(data={}, other=1))  # list[dict[str, Any]]
reveal_type(pm.hook.many("a", "b", x=1))  # list[bool]
reveal_type(pm.hook.takes_self_type(other=pm.hook))  # list[str]
reveal_type(pm.hook.callback(render=str))  # mypy: list[Literal['a'] | Literal['b']] || pyright: list[Literal['a', 'b']]

reveal_type(pm.hook.greeting)  # mypy: CollectingCaller[[name: str], str] || pyright: CollectingCaller[(name: str), str]
reveal_type(pm.hook.greeting(name="Ada"))  # list[str]
reveal_type(pm.hook.static_none)  # mypy: CollectingCaller[[], str] || pyright: CollectingCaller[(), str]
reveal_type(pm.hook.static_object)  # mypy: CollectingCaller[[value: object, more: int], str] || pyright: CollectingCaller[(value: object, more: int), str]
reveal_type(pm.hook.static_any)  # mypy: CollectingCaller[[value: Any, more: int], str] || pyright: CollectingCaller[(value: Any, more: int), str]
reveal_type(pm.hook.static_dict(value={}))  # list[dict[str, Any]]
reveal_type(pm.hook.static_specs)  # mypy: CollectingCaller[[specs: Specs, more: int], str] || pyright: CollectingCaller[(specs: Specs, more: int), str]
reveal_type(pm.hook.static_first)  # mypy: FirstResultCaller[[value: Any], User | None] || pyright: FirstResultCaller[(value: Any), User | None]
reveal_type(pm.hook.static_pipeline)  # mypy: PipelineCaller[[value: object, *, deep: bool =], object] || pyright: PipelineCaller[(value: object, *, deep: bool = True), object]
reveal_type(pm.hook.static_historic)  # mypy: HistoricCaller[[value: Any], None] || pyright: HistoricCaller[(value: Any), None]
reveal_type(pm.hook.static_keyword)  # mypy: CollectingCaller[[*, value: Any], str] || pyright: CollectingCaller[(*, value: Any), str]
reveal_type(pm.hook.static_default)  # mypy: CollectingCaller[[value: object =], str] || pyright: CollectingCaller[(value: object = None), str]
reveal_type(pm.hook.static_star)  # mypy: CollectingCaller[[*values: object], str] || pyright: CollectingCaller[(*values: object), str]
reveal_type(pm.hook.marker_over_static)  # mypy: CollectingCaller[[value: object], str] || pyright: CollectingCaller[(value: object), str]
reveal_type(pm.hook.annotated_self)  # mypy: CollectingCaller[[value: int =], str] || pyright: CollectingCaller[(value: int = 1), str]
reveal_type(pm.hook.any_self)  # mypy: CollectingCaller[[value: int], str] || pyright: CollectingCaller[(value: int), str]

# Wrong calls.
pm.hook.process()  # error: mypy[call-arg] pyright[reportCallIssue]
pm.hook.process(req={})  # error: mypy[call-arg] pyright[reportCallIssue]
pm.hook.process(request=1)  # error: mypy[arg-type] pyright[reportArgumentType]
pm.hook.process(request={}, extra=1)  # error: mypy[call-arg] pyright[reportCallIssue]
pm.hook.greeting(name=1)  # error: mypy[arg-type] pyright[reportArgumentType]
pm.hook.greeting(nme="x")  # error: mypy[call-arg] pyright[reportCallIssue]
pm.hook.static_any(more=1)  # error: mypy[call-arg] pyright[reportCallIssue]
pm.hook.clean(text="x", strict="no")  # error: mypy[arg-type] pyright[reportArgumentType]
pm.hook.configured(settings=Settings(True))  # error: mypy[operator] pyright[reportCallIssue]
pm.hook.missing(x=1)  # error: mypy[attr-defined] pyright[reportAttributeAccessIssue]
wrong: list[int] = pm.hook.process(request={})  # error: mypy[assignment] pyright[reportAssignmentType]


# What every caller has.
reveal_type(pm.hook.process.name)  # str
reveal_type(pm.hook.process.get_hookimpls()[0].plugin_name)  # str
reveal_type(pm.hook.process.explain())  # Explanation
reveal_type(pm.hook.process.with_policy("skip")(request={}))  # list[str]
reveal_type(pm.hook.process.with_policy(print).without("a", pm)(request={}))  # list[str]
reveal_type(pm.hook.auth.without("a"))  # mypy: FirstResultCaller[[token: str], User | None] || pyright: FirstResultCaller[(token: str), User | None]
reveal_type(pm.hook.process.call_extra([print], {"request": {}}))  # list[str]
reveal_type(pm.hook.auth.call_extra([print], kwargs={"token": "x"}))  # User | None
reveal_type(pm.hook.clean.call_extra([print], {"text": ""}))  # str
reveal_type(pm.hook.process.collect_with_plugins(request={}))  # mypy: list[tuple[str, str, fallback=PluginResult[str]]] || pyright: list[PluginResult[str]]
reveal_type(pm.hook.process.collect_with_plugins(request={})[0].value)  # str
reveal_type(pm.hook.configured.call_historic(kwargs={"settings": Settings(True)}))  # None
reveal_type(pm.hook.configured.clear_history())  # None
pm.hook.configured.call_historic()
pm.hook.process.with_policy("explode")  # error: mypy[arg-type] pyright[reportArgumentType]
pm.hook.process.call_historic()  # error: mypy[attr-defined] pyright[reportAttributeAccessIssue]
pm.hook.configured.call_extra([], {})  # error: mypy[attr-defined] pyright[reportAttributeAccessIssue]
pm.hook.auth.collect_with_plugins(token="x")  # error: mypy[attr-defined] pyright[reportAttributeAccessIssue]
pm.hook.process.collect_with_plugins(request=1)  # error: mypy[arg-type] pyright[reportArgumentType]


def count(result: int) -> None: ...
def shout(result: str) -> None: ...


pm.hook.joined.call_historic({"name": "x"}, result_callback=count)
pm.hook.joined.call_historic({"name": "x"}, result_callback=shout)  # error: mypy[arg-type] pyright[reportArgumentType]


# Callers as annotations, and fakes of them.
def greet(caller: CollectingCaller[[str], str], first: FirstResultCaller[..., object]) -> None:
    reveal_type(caller("x"))  # list[str]
    reveal_type(first(1, b=2))  # mypy: object || pyright: object | None


greet(pm.hook.greeting, pm.hook.auth)
greet(pm.hook.process, pm.hook.auth)  # error: mypy[arg-type] pyright[reportArgumentType]


# The declared function itself, and what its class shows.
reveal_type(Specs.process(pm.hook, request={}))  # str
reveal_type(Specs.greeting("x"))  # str
reveal_type(Specs.static_any)  # mypy: CollectingHook[[value: Any, more: int], [value: Any, more: int], str] || pyright: CollectingHook[(value: Any, more: int), (value: Any, more: int), str]
reveal_type(Specs.process)  # mypy: CollectingHook[[self: Specs, request: dict[str, str]], [request: dict[str, str]], str] || pyright: CollectingHook[(self: Specs, request: dict[str, str]), (request: dict[str, str]), str]
reveal_type(module_specs.choose_cup("x"))  # str | None
Specs.process(request={})  # error: mypy[call-arg] pyright[reportCallIssue]

# pm.caller: every form.
reveal_type(pm.caller(Specs.process))  # mypy: CollectingCaller[[request: dict[str, str]], str] || pyright: CollectingCaller[(request: dict[str, str]), str]
reveal_type(pm.caller(Specs.auth)(token="x"))  # User | None
reveal_type(pm.caller(Specs.clean)(text="x"))  # str
reveal_type(pm.caller(Specs.configured))  # mypy: HistoricCaller[[settings: Settings], None] || pyright: HistoricCaller[(settings: Settings), None]
reveal_type(pm.caller(Specs.table))  # mypy: CollectingCaller[[data: dict[str, Any], other: Any], dict[str, Any]] || pyright: CollectingCaller[(data: dict[str, Any], other: Any), dict[str, Any]]
reveal_type(pm.caller(Specs.greeting)(name="x"))  # list[str]
reveal_type(pm.caller(Specs.static_object))  # mypy: CollectingCaller[[value: object, more: int], str] || pyright: CollectingCaller[(value: object, more: int), str]
reveal_type(pm.caller(Specs.static_any))  # mypy: CollectingCaller[[value: Any, more: int], str] || pyright: CollectingCaller[(value: Any, more: int), str]
reveal_type(pm.caller(Specs.static_first)(value=1))  # User | None
reveal_type(pm.caller(module_specs.add_ingredients)(base=[]))  # list[list[str]]
reveal_type(pm.caller(module_specs.choose_cup)(size="s"))  # str | None
reveal_type(pm.caller(module_specs.season)({}, salt=False))  # dict[str, Any]
reveal_type(pm.caller(module_specs.opened))  # mypy: HistoricCaller[[name: str], None] || pyright: HistoricCaller[(name: str), None]
reveal_type(pm.caller(module_specs.store))  # mypy: CollectingCaller[[item: object, place: Any], int] || pyright: CollectingCaller[(item: object, place: Any), int]
reveal_type(pm.caller(module_specs.ping)())  # list[bool]
pm.caller(Specs.process)(request=1)  # error: mypy[arg-type] pyright[reportArgumentType]
pm.caller(Specs.configured)(settings=Settings(True))  # error: mypy[operator] pyright[reportCallIssue]
pm.caller(print)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]


class More:
    @hookspec
    def later(self, n: int) -> bytes:
        raise NotImplementedError


pm.add_hookspecs(More)
reveal_type(pm.caller(More.later)(n=1))  # list[bytes]


class Both(Specs, More):
    pass


reveal_type(PluginManager("greeter", Both).hook.later(n=1))  # list[bytes]
reveal_type(PluginManager("greeter", Both).hook.process(request={}))  # list[str]

untyped = PluginManager("greeter")
reveal_type(untyped)  # PluginManager[Any]
reveal_type(untyped.hook.whatever(x=1))  # Any
reveal_type(untyped.caller(Specs.process)(request={}))  # list[str]
reveal_type(PluginManager("kitchen", module_specs))  # PluginManager[Any]


def held(manager: PluginManager[Specs]) -> None:
    reveal_type(manager.hook.greeting(name="x"))  # list[str]


held(pm)


# The async manager.


class AsyncSpecs(AsyncHooks):
    @hookspec
    def process(self, request: dict[str, Any]) -> str:
        raise NotImplementedError

    @hookspec(concurrent=True, limit=4, timeout=1.0)
    async def fetch(self, url: str, options: dict[str, Any]) -> bytes:
        raise NotImplementedError

    @hookspec(firstresult=True)
    async def auth(self, token: str) -> User | None:
        raise NotImplementedError

    @hookspec(pipeline=True)
    async def clean(self, text: str) -> str:
        raise NotImplementedError

    @hookspec(historic=True)
    async def configured(self, settings: Settings) -> None:
        raise NotImplementedError

    @hookspec
    async def anything(self, data: Any) -> Any:
        raise NotImplementedError

    @staticmethod
    @hookspec
    async def greeting(name: str) -> str:
        raise NotImplementedError

    @staticmethod
    @hookspec
    async def static_any(value: Any, more: int) -> str:
        raise NotImplementedError

    @staticmethod
    @hookspec(firstresult=True)
    def static_object(value: object) -> str:
        raise NotImplementedError


apm = AsyncPluginManager("greeter", AsyncSpecs)
reveal_type(apm)  # AsyncPluginManager[AsyncSpecs]
reveal_type(apm.hook.process)  # mypy: AsyncCollectingCaller[[request: dict[str, Any]], str] || pyright: AsyncCollectingCaller[(request: dict[str, Any]), str]
reveal_type(apm.hook.fetch)  # mypy: AsyncCollectingCaller[[url: str, options: dict[str, Any]], bytes] || pyright: AsyncCollectingCaller[(url: str, options: dict[str, Any]), bytes]
pending = apm.hook.process(request={})
pendings = [pending]
reveal_type(pendings)  # list[Coroutine[Any, Any, list[str]]]
reveal_type(apm.hook.static_any)  # mypy: AsyncCollectingCaller[[value: Any, more: int], str] || pyright: AsyncCollectingCaller[(value: Any, more: int), str]
reveal_type(apm.hook.static_object)  # mypy: AsyncFirstResultCaller[[value: object], str] || pyright: AsyncFirstResultCaller[(value: object), str]
reveal_type(apm.hook.configured)  # mypy: AsyncHistoricCaller[[settings: Settings], None] || pyright: AsyncHistoricCaller[(settings: Settings), None]
reveal_type(AsyncSpecs.fetch)  # mypy: AsyncCollectingHook[[self: AsyncSpecs, url: str, options: dict[str, Any]], Coroutine[Any, Any, bytes], [url: str, options: dict[str, Any]], bytes] || pyright: AsyncCollectingHook[(self: AsyncSpecs, url: str, options: dict[str, Any]), CoroutineType[Any, Any, bytes], (url: str, options: dict[str, Any]), bytes]


async def awaited() -> None:
    reveal_type(await apm.hook.process(request={}))  # list[str]
    reveal_type(await apm.hook.fetch(url="x", options={}))  # list[bytes]
    reveal_type(await apm.hook.auth(token="x"))  # User | None
    reveal_type(await apm.hook.clean(text="x"))  # str
    reveal_type(await apm.hook.anything(data=1))  # list[Any]
    reveal_type(await apm.hook.greeting(name="x"))  # list[str]
    reveal_type(await apm.hook.fetch.call_extra([print], {}))  # list[bytes]
    reveal_type(await apm.hook.auth.call_extra([print], {}))  # User | None
    reveal_type(await apm.hook.fetch.collect_with_plugins(url="x", options={}))  # mypy: list[tuple[str, bytes, fallback=PluginResult[bytes]]] || pyright: list[PluginResult[bytes]]
    reveal_type(await apm.hook.fetch.with_policy("skip").without("a")(url="x", options={}))  # list[bytes]
    await apm.hook.configured.call_historic({"settings": Settings(True)})
    apm.hook.configured.clear_history()
    reveal_type(await AsyncSpecs.fetch(apm.hook, "x", {}))  # bytes
    reveal_type(AsyncSpecs.process(apm.hook, {}))  # str
    apm.hook.fetch(url=1, options={})  # error: mypy[arg-type,unused-coroutine] pyright[reportArgumentType,reportUnusedCoroutine]
    await apm.hook.configured(settings=Settings(True))  # error: mypy[operator] pyright[reportCallIssue]
    apm.hook.clean(text="x").upper()  # error: mypy[attr-defined] pyright[reportAttributeAccessIssue]

    reveal_type(await apm.caller(AsyncSpecs.process)(request={}))  # list[str]
    reveal_type(apm.caller(AsyncSpecs.fetch))  # mypy: AsyncCollectingCaller[[url: str, options: dict[str, Any]], bytes] || pyright: AsyncCollectingCaller[(url: str, options: dict[str, Any]), bytes]
    reveal_type(await apm.caller(AsyncSpecs.auth)(token="x"))  # User | None
    reveal_type(await apm.caller(AsyncSpecs.clean)(text="x"))  # str
    reveal_type(apm.caller(AsyncSpecs.configured))  # mypy: AsyncHistoricCaller[[settings: Settings], None] || pyright: AsyncHistoricCaller[(settings: Settings), None]
    reveal_type(apm.caller(AsyncSpecs.static_any))  # mypy: AsyncCollectingCaller[[value: Any, more: int], str] || pyright: AsyncCollectingCaller[(value: Any, more: int), str]
    reveal_type(apm.caller(module_specs.deliver))  # mypy: AsyncCollectingCaller[[order: dict[str, Any]], str] || pyright: AsyncCollectingCaller[(order: dict[str, Any]), str]
    reveal_type(apm.caller(module_specs.season))  # mypy: AsyncPipelineCaller[[dish: dict[str, Any], *, salt: bool =], dict[str, Any]] || pyright: AsyncPipelineCaller[(dish: dict[str, Any], *, salt: bool = True), dict[str, Any]]
    reveal_type(await apm.caller(module_specs.choose_cup)(size="s"))  # str | None
    reveal_type(await apm.caller(Specs.process)(request={}))  # list[str]
    reveal_type(apm.caller(Specs.anything))  # mypy: AsyncCollectingCaller[[data: dict[str, Any]], Any] || pyright: AsyncCollectingCaller[(data: dict[str, Any]), Any]


def fake(caller: AsyncCollectingCaller[..., bytes]) -> None: ...


fake(apm.hook.fetch)

# Each manager takes its own kind of specs (C-17).
PluginManager("greeter", AsyncSpecs)  # error: mypy[type-var] pyright[reportArgumentType,reportCallIssue]
AsyncPluginManager("greeter", Specs)  # error: mypy[type-var] pyright[reportArgumentType,reportCallIssue]
pm.caller(AsyncSpecs.process)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
reveal_type(AsyncPluginManager("greeter"))  # AsyncPluginManager[Any]


# Markers: options.


def on_failure(failure: HookFailure) -> None: ...


class Options:
    @hookspec(policy="collect")
    def a(self) -> int:
        raise NotImplementedError

    @hookspec(firstresult=True, policy=on_failure, timeout=2)
    def b(self) -> int:
        raise NotImplementedError

    @hookspec(colour="red")  # error: mypy[call-overload] pyright[reportCallIssue]
    def c(self) -> int:
        raise NotImplementedError

    @hookspec(firstresult=True, pipeline=True)  # error: mypy[call-overload] pyright[reportArgumentType]
    def d(self) -> int:
        raise NotImplementedError

    @hookspec(policy="explode")  # error: mypy[call-overload] pyright[reportArgumentType]
    def e(self) -> int:
        raise NotImplementedError

    @hookspec(pipeline=True, concurrent=True)  # error: mypy[call-overload] pyright[reportArgumentType]
    def f(self, x: int) -> int:
        raise NotImplementedError


reveal_type(ExtensionPoint("x"))  # HookspecMarker
reveal_type(Extension("x"))  # HookimplMarker


# The impl marker keeps a function's type.


class Plain:
    @hookimpl
    def bare(self, a: int, *, b: str = "") -> bytes:
        raise NotImplementedError

    @hookimpl()
    def called(self, a: int, *, b: str = "") -> bytes:
        raise NotImplementedError

    @hookimpl(tryfirst=True, optional=True, before="x", after=["y", "z"], thread=True)
    async def options(self, a: int) -> bytes:
        raise NotImplementedError

    @hookimpl(wrapper=True, specname="greeting")
    def wrapping(self) -> Generator[None, Any, Any]:
        raise NotImplementedError

    @hookimpl(around=True, target="greeting", trylast=True, optionalhook=True)
    def around(self, call_next: Callable[[], int]) -> int:
        raise NotImplementedError

    @staticmethod
    @hookimpl
    def static(a: int) -> bytes:
        raise NotImplementedError

    @classmethod
    @hookimpl(tryfirst=True)
    def of_class(cls, a: int) -> bytes:
        raise NotImplementedError

    @hookimpl(colour="red")  # error: mypy[call-overload] pyright[reportCallIssue]
    def unknown(self) -> None: ...

    @hookimpl(tryfirst="yes")  # error: mypy[call-overload] pyright[reportArgumentType]
    def mistyped(self) -> None: ...


plain = Plain()
reveal_type(plain.bare)  # mypy: def (a: int, *, b: str =) -> bytes || pyright: (a: int, *, b: str = "") -> bytes
reveal_type(plain.called)  # mypy: def (a: int, *, b: str =) -> bytes || pyright: (a: int, *, b: str = "") -> bytes
reveal_type(plain.options)  # mypy: def (a: int) -> Coroutine[Any, Any, bytes] || pyright: (a: int) -> CoroutineType[Any, Any, bytes]
reveal_type(plain.wrapping)  # mypy: def () -> Generator[None, Any, Any] || pyright: () -> Generator[None, Any, Any]
reveal_type(plain.static)  # mypy: def (a: int) -> bytes || pyright: (a: int) -> bytes
reveal_type(plain.of_class)  # mypy: def (a: int) -> bytes || pyright: (a: int) -> bytes


@hookimpl
def plain_function(a: int) -> bytes:
    raise NotImplementedError


reveal_type(plain_function)  # mypy: def (a: int) -> bytes || pyright: (a: int) -> bytes


# Typed implementations: drift is an error.


class Typed:
    @hookimpl(target=Specs.greeting)
    def exact(self, name: str) -> str:
        raise NotImplementedError

    @hookimpl(target=Specs.greeting, tryfirst=True, before="other")
    def no_answer(self, name: str) -> str | None:
        raise NotImplementedError

    @hookimpl(target=Specs.process)
    def wider(self, request: Any) -> Any:
        raise NotImplementedError

    @hookimpl(target=Specs.table)
    def full_of_any(self, data: dict[str, Any], other: Any) -> dict[str, Any]:
        raise NotImplementedError

    @hookimpl(target=Specs.auth)
    def auth(self, token: str) -> User | None:
        raise NotImplementedError

    @hookimpl(target=Specs.clean)
    def clean(self, text: str, *, strict: bool = False) -> str:
        raise NotImplementedError

    @hookimpl(target=Specs.configured)
    def configured(self, settings: Settings) -> None: ...

    @hookimpl(target=Specs.startup)
    def startup(self) -> None: ...

    @staticmethod
    @hookimpl(target=Specs.greeting)
    def static(name: str) -> str:
        raise NotImplementedError

    @classmethod
    @hookimpl(target=Specs.greeting)
    def of_class(cls, name: str) -> str:
        raise NotImplementedError

    @hookimpl(target=module_specs.choose_cup)
    def choose_cup(self, size: str) -> str | None:
        raise NotImplementedError


typed = Typed()
reveal_type(typed.exact)  # mypy: def (name: str) -> str || pyright: (name: str) -> str
reveal_type(typed.no_answer)  # mypy: def (name: str) -> str | None || pyright: (name: str) -> (str | None)
reveal_type(typed.full_of_any)  # mypy: def (data: dict[str, Any], other: Any) -> dict[str, Any] || pyright: (data: dict[str, Any], other: Any) -> dict[str, Any]
reveal_type(typed.auth(token="x"))  # User | None
reveal_type(typed.clean("x"))  # str
reveal_type(typed.static)  # mypy: def (name: str) -> str || pyright: (name: str) -> str
reveal_type(typed.of_class)  # mypy: def (name: str) -> str || pyright: (name: str) -> str
reveal_type(Typed.exact)  # mypy: def (Typed, name: str) -> str || pyright: (Typed, name: str) -> str


@hookimpl(target=Specs.process)
def typed_function(request: dict[str, str]) -> str:
    raise NotImplementedError


reveal_type(typed_function)  # mypy: def (request: dict[str, str]) -> str || pyright: (request: dict[str, str]) -> str


class Drifted:
    @hookimpl(target=Specs.greeting)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
    def wrong_name(self, nam: str) -> str:
        raise NotImplementedError

    @hookimpl(target=Specs.greeting)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
    def wrong_type(self, name: int) -> str:
        raise NotImplementedError

    @hookimpl(target=Specs.greeting)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
    def wrong_return(self, name: str) -> int:
        raise NotImplementedError

    @hookimpl(target=Specs.greeting)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
    def extra(self, name: str, more: int) -> str:
        raise NotImplementedError

    @hookimpl(target=Specs.greeting)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
    def fewer(self) -> str:
        raise NotImplementedError

    @hookimpl(target=Specs.greeting)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
    async def coroutine(self, name: str) -> str:
        raise NotImplementedError

    @hookimpl(target=Specs.auth)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
    def wrong_user(self, token: str) -> str:
        raise NotImplementedError

    @hookimpl(target=Specs.clean)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
    def wrong_pipeline(self, text: str, *, strict: bool = False) -> bytes:
        raise NotImplementedError

    @hookimpl(target=Specs.configured)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
    def wrong_historic(self, setting: Settings) -> None: ...

    @hookimpl(target=Specs.table)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
    def wrong_among_any(self, data: dict[str, Any], otter: Any) -> dict[str, Any]:
        raise NotImplementedError

    @staticmethod  # error: mypy[call-overload]
    @hookimpl(target=Specs.greeting)  # error: pyright[reportArgumentType,reportCallIssue]
    def wrong_static(nam: str) -> str:
        raise NotImplementedError

    @classmethod  # error: mypy[call-overload]
    @hookimpl(target=Specs.greeting)  # error: pyright[reportArgumentType,reportCallIssue]
    def wrong_class(cls, name: int) -> str:
        raise NotImplementedError

    @hookimpl(target=module_specs.choose_cup)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
    def wrong_cup(self, size: str) -> int:
        raise NotImplementedError


@hookimpl(target=Specs.greeting)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
def wrong_function(nam: str) -> str:
    raise NotImplementedError


@hookimpl(target=Specs.greeting)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
def extra_first(extra: int, name: str) -> str:
    raise NotImplementedError


# Implementations for the async manager: plain or coroutine functions.


class TypedAsync:
    @hookimpl(target=AsyncSpecs.fetch)
    async def fetch(self, url: str, options: dict[str, Any]) -> bytes:
        raise NotImplementedError

    @hookimpl(target=AsyncSpecs.fetch)
    async def no_answer(self, url: str, options: dict[str, Any]) -> bytes | None:
        raise NotImplementedError

    @hookimpl(target=AsyncSpecs.fetch, thread=True)
    def sync(self, url: str, options: dict[str, Any]) -> bytes:
        raise NotImplementedError

    @hookimpl(target=AsyncSpecs.process)
    async def process(self, request: dict[str, Any]) -> str:
        raise NotImplementedError

    @staticmethod
    @hookimpl(target=AsyncSpecs.greeting)
    async def static(name: str) -> str:
        raise NotImplementedError

    @hookimpl(target=AsyncSpecs.fetch)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
    async def wrong_return(self, url: str, options: dict[str, Any]) -> str:
        raise NotImplementedError

    @hookimpl(target=AsyncSpecs.fetch)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
    def wrong_name(self, uri: str, options: dict[str, Any]) -> bytes:
        raise NotImplementedError


typed_async = TypedAsync()
reveal_type(typed_async.fetch)  # mypy: def (url: str, options: dict[str, Any]) -> Coroutine[Any, Any, bytes] || pyright: (url: str, options: dict[str, Any]) -> Coroutine[Any, Any, bytes]
reveal_type(typed_async.no_answer)  # mypy: def (url: str, options: dict[str, Any]) -> Coroutine[Any, Any, bytes | None] || pyright: (url: str, options: dict[str, Any]) -> Coroutine[Any, Any, bytes | None]
reveal_type(typed_async.sync)  # mypy: def (url: str, options: dict[str, Any]) -> bytes || pyright: (url: str, options: dict[str, Any]) -> bytes
reveal_type(typed_async.static)  # mypy: def (name: str) -> Coroutine[Any, Any, str] || pyright: (name: str) -> Coroutine[Any, Any, str]


# Typed wrappers: what they are sent and may return; for around, call_next and what they return.


class Wrappers:
    @hookimpl(target=Specs.process, wrapper=True)
    def process(self, request: dict[str, str]) -> Generator[None, list[str], list[str]]:
        raise NotImplementedError

    @hookimpl(target=Specs.process, wrapper=True)
    def fewer(self) -> Generator[None, list[str], list[str] | None]:
        raise NotImplementedError

    @hookimpl(target=Specs.process, wrapper=True)
    def silent(self) -> Generator[None, list[str], None]:
        raise NotImplementedError

    @hookimpl(target=Specs.auth, wrapper=True)
    def auth(self, token: str) -> Generator[None, User | None, User | None]:
        raise NotImplementedError

    @hookimpl(target=Specs.clean, wrapper=True)
    def clean(self) -> Generator[None, str, str]:
        raise NotImplementedError

    @hookimpl(target=Specs.process, wrapper=True)  # error: mypy[arg-type] pyright[reportArgumentType]
    def wrong_sent(self) -> Generator[None, str, list[str]]:
        raise NotImplementedError

    @hookimpl(target=Specs.process, wrapper=True)  # error: mypy[arg-type] pyright[reportArgumentType]
    def wrong_return(self) -> Generator[None, list[str], str]:
        raise NotImplementedError

    @hookimpl(target=Specs.process, wrapper=True)  # error: mypy[arg-type] pyright[reportArgumentType]
    def no_generator(self, request: dict[str, str]) -> str:
        raise NotImplementedError

    @hookimpl(target=Specs.configured, wrapper=True)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
    def on_historic(self) -> Generator[None, None, None]:
        raise NotImplementedError

    @hookimpl(target=AsyncSpecs.fetch, wrapper=True)
    def fetch(self) -> Generator[None, list[bytes], list[bytes]]:
        raise NotImplementedError

    @hookimpl(target=Specs.process, around=True)
    def around(self, call_next: Callable[[dict[str, str]], list[str]], request: dict[str, str]) -> list[str]:
        raise NotImplementedError

    @hookimpl(target=Specs.process, around=True)
    def around_fewer(self, call_next: Callable[..., list[str]]) -> list[str]:
        raise NotImplementedError

    @staticmethod
    @hookimpl(target=Specs.clean, around=True)
    def around_static(call_next: Callable[[str], str], text: str) -> str:
        raise NotImplementedError

    @hookimpl(target=Specs.process, around=True)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
    def around_wrong_return(self, call_next: Callable[..., list[str]]) -> str:
        raise NotImplementedError

    @hookimpl(target=Specs.process, around=True)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
    def around_wrong_next(self, call_next: Callable[[int], list[str]]) -> list[str]:
        raise NotImplementedError

    @hookimpl(target=AsyncSpecs.fetch, around=True)
    async def around_async(self, call_next: Callable[..., Coroutine[Any, Any, list[bytes]]], url: str) -> list[bytes]:
        raise NotImplementedError

    @hookimpl(target=AsyncSpecs.fetch, around=True)  # error: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
    def around_not_async(self, call_next: Callable[..., Coroutine[Any, Any, list[bytes]]]) -> list[bytes]:
        raise NotImplementedError


wrappers = Wrappers()
reveal_type(wrappers.process)  # mypy: def (request: dict[str, str]) -> Generator[None, list[str], list[str]] || pyright: (request: dict[str, str]) -> Generator[None, list[str], list[str]]


# Async generators may observe (C-22): the untyped form takes them.
class Observer:
    @hookimpl(wrapper=True, target="fetch")
    async def fetch(self) -> AsyncGenerator[None, Any]:
        yield


# The structural contract (SI-07).


@runtime_checkable
class IngredientProvider(Protocol):
    def add_ingredients(self, base: list[str]) -> list[str]: ...


class Good:
    @hookimpl
    def add_ingredients(self, base: list[str]) -> list[str]:
        raise NotImplementedError


class GoodTyped:
    @hookimpl(target=module_specs.add_ingredients)
    def add_ingredients(self, base: list[str]) -> list[str]:
        raise NotImplementedError


class Bad:
    @hookimpl
    def add_ingredients(self, base: str) -> list[str]:
        raise NotImplementedError


good: IngredientProvider = Good()
good_typed: IngredientProvider = GoodTyped()
bad: IngredientProvider = Bad()  # error: mypy[assignment] pyright[reportAssignmentType]
providers: Sequence[IngredientProvider] = [Good(), GoodTyped()]


# The limits: what is inexact, and how. A line here that changes is good news, or bad.

Anything = TypeVar("Anything")


class Inexact:
    # The name decides, and these have the wrong one.
    @staticmethod
    @hookspec
    def static_called_self(self: object, more: int) -> str:  # pyright: ignore[reportSelfClsParameterName]
        raise NotImplementedError

    @hookspec
    def method_without_self(this, more: int) -> str:  # pyright: ignore[reportSelfClsParameterName]
        raise NotImplementedError

    # A positional-only `self` has no name.
    @hookspec
    def positional_self(self, /, more: int) -> str:
        raise NotImplementedError

    @classmethod
    @hookspec
    def of_class(cls, more: int) -> str:
        raise NotImplementedError

    # mypy loses the type variables of a spec that is generic by itself.
    @hookspec
    def generic(self, value: Anything) -> Anything:
        raise NotImplementedError

    # Twins: alike but for a default.
    @hookspec
    def twin(self, value: float) -> str:
        raise NotImplementedError

    @hookspec
    def twin_with_default(self, value: float = 1) -> str:
        raise NotImplementedError


inexact = PluginManager("greeter", Inexact)
reveal_type(inexact.hook.static_called_self)  # mypy: CollectingCaller[[more: int], str] || pyright: CollectingCaller[(more: int), str]
reveal_type(inexact.hook.method_without_self)  # mypy: CollectingCaller[[this: Inexact, more: int], str] || pyright: CollectingCaller[(this: Inexact, more: int), str]
reveal_type(inexact.hook.positional_self)  # mypy: CollectingCaller[[Inexact, more: int], str] || pyright: CollectingCaller[(self: Inexact, /, more: int), str]
reveal_type(inexact.hook.of_class)  # mypy: CollectingCaller[[cls: type[Inexact], more: int], str] || pyright: CollectingCaller[(cls: type[Inexact], more: int), str]
reveal_type(inexact.hook.generic)  # mypy: CollectingCaller[Never, Never] || pyright: CollectingCaller[(value: Anything@generic), Anything@generic]
reveal_type(inexact.caller(Inexact.static_called_self))  # mypy: CollectingCaller[[more: int], str] || pyright: CollectingCaller[(more: int), str]
reveal_type(inexact.hook.twin)  # mypy: CollectingCaller[[value: float], str] || pyright: CollectingCaller[(value: float), str]
reveal_type(inexact.hook.twin_with_default)  # mypy: CollectingCaller[[value: float =], str] || pyright: CollectingCaller[(value: float = 1), str]
reveal_type(inexact.caller(Inexact.twin_with_default))  # mypy: CollectingCaller[[value: float =], str] || pyright: CollectingCaller[(value: float = 1), str]


class Twins:
    @hookimpl(target=Inexact.twin)
    def twin(self, value: float) -> str:
        raise NotImplementedError

    # pyright caches the match of `twin` and finds nothing missing here.
    @hookimpl(target=Inexact.twin_with_default)  # error: mypy[call-overload]
    def twin_with_default(self, value: float) -> str:
        raise NotImplementedError


# Events: what they are called with, and which handlers fit them.


@event
def logged_in(user: str, times: int = 1) -> None: ...


@event(protected=True)
def saving(what: str) -> Generator[None]:
    yield


@event
async def fetched(url: str) -> None: ...


@event(policy="raise")
async def closing() -> AsyncGenerator[None]:
    yield


reveal_type(logged_in)  # mypy: SyncEvent[[user: str, times: int =]] || pyright: SyncEvent[(user: str, times: int = 1)]
reveal_type(saving)  # mypy: SyncEvent[[what: str]] || pyright: SyncEvent[(what: str)]
reveal_type(fetched)  # mypy: AsyncEvent[[url: str]] || pyright: AsyncEvent[(url: str)]
reveal_type(closing)  # mypy: AsyncEvent[[]] || pyright: AsyncEvent[()]

logged_in("ada")
logged_in("ada", times=2)
logged_in(3)  # error: mypy[arg-type] pyright[reportArgumentType]
logged_in("ada", 2, 3)  # error: mypy[call-arg] pyright[reportCallIssue]
saving()  # error: mypy[call-arg] pyright[reportCallIssue]


@logged_in.on
def greets(who: str, how_often: int) -> str:  # the names need not be the event's
    return who * how_often


@logged_in.on
def takes_more(who: object, how_often: int = 2, loud: bool = False) -> None: ...


@logged_in.on
async def awaits(who: str, how_often: int) -> None: ...


@logged_in.on
def takes_anything(*everything: object) -> None: ...


@logged_in.on  # error: mypy[arg-type] pyright[reportArgumentType]
def takes_less(who: str) -> None: ...


@logged_in.on  # error: mypy[arg-type] pyright[reportArgumentType]
def takes_another(who: int, how_often: int) -> None: ...


@closing.on  # error: mypy[arg-type] pyright[reportArgumentType]
def takes_something(who: int) -> None: ...


def fits(user: str, times: int) -> None: ...
def fits_not(user: bytes, times: int) -> None: ...


reveal_type(greets)  # mypy: def (str, int) -> str || pyright: (str, int) -> str
reveal_type(logged_in.subscribe(fits))  # EventSubscription
logged_in.subscribe(fits_not)  # error: mypy[arg-type] pyright[reportArgumentType]
logged_in += fits
logged_in -= fits
reveal_type(logged_in)  # mypy: SyncEvent[[user: str, times: int =]] || pyright: SyncEvent[(user: str, times: int = 1)]
logged_in.unsubscribe(fits)

event()(fits)(1, 2)  # error: mypy[arg-type] pyright[reportArgumentType]
event(3)  # error: mypy[call-overload] pyright[reportCallIssue,reportArgumentType]
event(policy="ignore")  # error: mypy[call-overload] pyright[reportArgumentType]


async def emitting() -> None:
    await fetched("here")
    await fetched(3)  # error: mypy[arg-type] pyright[reportArgumentType]
    fetched("here")  # error: mypy[unused-coroutine] pyright[reportUnusedCoroutine]
    await logged_in.emit_async("ada")
    await logged_in.emit_async(3)  # error: mypy[arg-type] pyright[reportArgumentType]
    reveal_type(await logged_in.wait_for_async(timeout=3))  # tuple[str, int]
    reveal_type(logged_in.wait_for(where=lambda user, times: times > 3))  # tuple[str, int]
    logged_in.wait_for(where=fits_not)  # error: mypy[arg-type] pyright[reportArgumentType]


fetched += print
saving += fits_not  # error: mypy[arg-type] pyright[reportOperatorIssue,reportUnknownVariableType]
# Syscalls stay what they are.


@syscall
def priced(item: str, *, count: int = 1) -> float:
    raise NotImplementedError


@syscall
async def read(item: str) -> bytes:
    raise NotImplementedError


@syscall
def listed(first: int) -> Generator[str, int, bool]:
    raise NotImplementedError


@syscall
@contextmanager
def session(user: User) -> Generator[Settings, None, None]:
    raise NotImplementedError


@syscall
class Order:
    def __init__(self, item: str) -> None:
        raise NotImplementedError

    @syscall
    def price(self, currency: str) -> float:
        raise NotImplementedError

    @syscall
    @classmethod
    def empty(cls) -> Order:
        raise NotImplementedError

    @property
    @syscall
    def item(self) -> str:
        raise NotImplementedError


@syscall()
def dearest(items: list[str]) -> str:
    raise NotImplementedError


@syscall()
class Basket:
    @syscall()
    def count(self) -> int:
        raise NotImplementedError


async def use_syscalls(user: User) -> None:
    reveal_type(priced)  # mypy: def (item: str, *, count: int =) -> float || pyright: (item: str, *, count: int = 1) -> float
    reveal_type(dearest)  # mypy: def (items: list[str]) -> str || pyright: (items: list[str]) -> str
    reveal_type(Basket().count())  # int
    reveal_type(await read("tea"))  # bytes
    reveal_type(listed(1))  # Generator[str, int, bool]
    with session(user) as settings:
        reveal_type(settings)  # Settings
    reveal_type(Order("tea"))  # Order
    reveal_type(Order("tea").price("EUR"))  # float
    reveal_type(Order.empty())  # Order
    reveal_type(Order("tea").item)  # str
    priced(1)  # error: mypy[arg-type] pyright[reportArgumentType]
    await read()  # error: mypy[call-arg] pyright[reportCallIssue]
    Order(1)  # error: mypy[arg-type] pyright[reportArgumentType]


syscall(1)  # error: mypy[call-overload] pyright[reportArgumentType]


# settings


@dataclass(frozen=True)
class ShopSettings:
    currency: str
    port: int = 80


reveal_type(settings(ShopSettings))  # ShopSettings
reveal_type(settings(ShopSettings, version=2, migrate=lambda data, version: data).port)  # int
settings(ShopSettings("EUR"))  # error: mypy[arg-type] pyright[reportArgumentType]
settings(ShopSettings, migrate=1)  # error: mypy[arg-type] pyright[reportArgumentType]


# hosts


async def use_hosts(url: str) -> None:
    host = PluginHost("shop", specs=AsyncSpecs)
    reveal_type(await host.async_hooks.hook.fetch(url=url, options={}))  # list[bytes]
    await host.async_hooks.hook.fetch(url=1, options={})  # error: mypy[arg-type] pyright[reportArgumentType]
    sync = PluginHost("shop", specs=Specs)
    reveal_type(sync.hooks.hook.process(request={}))  # list[str]
