"""What type checkers see of a declared hook: ``@hookspec def greeting(self, name: str) -> str``.

    in the class body    CollectingSpec[[self: Specs, name: str], str]
    Specs.greeting       CollectingHook[[self: Specs, name: str], [name: str], str]
    pm.hook.greeting     CollectingCaller[[name: str], str], for pm.hook is typed as Specs

At run time a marker returns the very function it was given; nothing here is ever instantiated.
"""

from __future__ import annotations

from typing import Any, Generic, ParamSpec, Protocol, TypeAlias, TypeVar, overload

from hotplug.hooks.markers import AsyncHooks
from hotplug.hooks.typed import (
    AsyncCollectingCaller,
    AsyncFirstResultCaller,
    AsyncHistoricCaller,
    AsyncPipelineCaller,
    CollectingCaller,
    Coro,
    FirstResultCaller,
    HistoricCaller,
    PipelineCaller,
)

P = ParamSpec("P")  # the hook's own arguments: never `self`
F = ParamSpec("F")  # all parameters of the declared function
Q = ParamSpec("Q")
D = TypeVar("D")  # what the declared function returns: a coroutine where it is `async def`
R = TypeVar("R")  # one result
R_co = TypeVar("R_co", covariant=True)
S = TypeVar("S")
Result = TypeVar("Result")  # what a whole call gives
Caller_co = TypeVar("Caller_co", covariant=True)

AsyncType: TypeAlias = type[AsyncHooks]

# Declared hooks. A checker can't see `@staticmethod` through a decorator, but it does see names:
# a function whose first parameter is called `self` is a method, any other is static. (Both
# compare the name of a parameter that stands before `*args: P.args`; the expectations hold them
# to it.) The choice is made by the type of `self` in `__get__`, and not by overloads of the
# marker, since mypy gives up on overloads where an argument's type contains Any.


class Method(Protocol[P, R_co]):
    """A function whose first parameter is `self`."""

    def __call__(_this, self: Any, *args: P.args, **kwargs: P.kwargs) -> R_co: ...


class HookTarget(Generic[P, R_co]):
    """A declared hook, as implementations see it."""

    def takes(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        raise NotImplementedError


class AsyncHookTarget(Generic[P, R, Result, Caller_co]):
    """A declared hook of an AsyncHooks class, as implementations and ``caller`` see it."""

    def takes_async(self, *args: P.args, **kwargs: P.kwargs) -> R:
        raise NotImplementedError


class Takes(Protocol[P, R_co]):
    """HookTarget for `@hookimpl(target=...)`.

    Nominally, P would carry over to the implementation that the spec is a static method, and
    pyright would not bind ``self``.
    """

    def takes(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...


class TakesAsync(Protocol[P, R_co]):
    """AsyncHookTarget, likewise."""

    def takes_async(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...


class CollectingHook(HookTarget[P, R_co], Generic[F, P, R_co]):
    """`Specs.NAME`: every answer is kept."""

    def __call__(self, *args: F.args, **kwargs: F.kwargs) -> R_co:
        raise NotImplementedError


class AsyncCollectingHook(
    AsyncHookTarget[P, R, list[R], AsyncCollectingCaller[P, R]], Generic[F, D, P, R]
):
    """`AsyncSpecs.NAME`: every answer is kept."""

    def __call__(self, *args: F.args, **kwargs: F.kwargs) -> D:
        raise NotImplementedError


class CollectingSpec(CollectingHook[P, P, R_co], Generic[P, R_co]):
    """What `@hookspec` makes of a function: every answer is kept."""

    @overload
    def __get__(
        self: Method[Q, Coro[S]], obj: None, of: AsyncType
    ) -> AsyncCollectingHook[P, R_co, Q, S]: ...
    @overload
    def __get__(
        self: CollectingSpec[Q, Coro[S]], obj: None, of: AsyncType
    ) -> AsyncCollectingHook[P, R_co, Q, S]: ...
    @overload
    def __get__(
        self: Method[Q, S], obj: None, of: AsyncType
    ) -> AsyncCollectingHook[P, R_co, Q, S]: ...
    @overload
    def __get__(
        self: CollectingSpec[Q, S], obj: None, of: AsyncType
    ) -> AsyncCollectingHook[P, R_co, Q, S]: ...
    @overload
    def __get__(self: Method[Q, S], obj: None, of: type) -> CollectingHook[P, Q, S]: ...
    @overload
    def __get__(self: CollectingSpec[Q, S], obj: None, of: type) -> CollectingHook[P, Q, S]: ...
    @overload
    def __get__(
        self: Method[Q, Coro[S]], obj: AsyncHooks, of: type
    ) -> AsyncCollectingCaller[Q, S]: ...
    @overload
    def __get__(
        self: CollectingSpec[Q, Coro[S]], obj: AsyncHooks, of: type
    ) -> AsyncCollectingCaller[Q, S]: ...
    @overload
    def __get__(self: Method[Q, S], obj: AsyncHooks, of: type) -> AsyncCollectingCaller[Q, S]: ...
    @overload
    def __get__(
        self: CollectingSpec[Q, S], obj: AsyncHooks, of: type
    ) -> AsyncCollectingCaller[Q, S]: ...
    @overload
    def __get__(self: Method[Q, S], obj: object, of: type) -> CollectingCaller[Q, S]: ...
    @overload
    def __get__(self: CollectingSpec[Q, S], obj: object, of: type) -> CollectingCaller[Q, S]: ...
    def __get__(self, obj: object, of: type) -> object:
        raise NotImplementedError


class FirstResultHook(HookTarget[P, R_co], Generic[F, P, R_co]):
    """`Specs.NAME`: the first answer that is not None wins."""

    def __call__(self, *args: F.args, **kwargs: F.kwargs) -> R_co:
        raise NotImplementedError


class AsyncFirstResultHook(
    AsyncHookTarget[P, R, R | None, AsyncFirstResultCaller[P, R]], Generic[F, D, P, R]
):
    """`AsyncSpecs.NAME`: the first answer that is not None wins."""

    def __call__(self, *args: F.args, **kwargs: F.kwargs) -> D:
        raise NotImplementedError


class FirstResultSpec(FirstResultHook[P, P, R_co], Generic[P, R_co]):
    """What `@hookspec` makes of a function: the first answer that is not None wins."""

    @overload
    def __get__(
        self: Method[Q, Coro[S]], obj: None, of: AsyncType
    ) -> AsyncFirstResultHook[P, R_co, Q, S]: ...
    @overload
    def __get__(
        self: FirstResultSpec[Q, Coro[S]], obj: None, of: AsyncType
    ) -> AsyncFirstResultHook[P, R_co, Q, S]: ...
    @overload
    def __get__(
        self: Method[Q, S], obj: None, of: AsyncType
    ) -> AsyncFirstResultHook[P, R_co, Q, S]: ...
    @overload
    def __get__(
        self: FirstResultSpec[Q, S], obj: None, of: AsyncType
    ) -> AsyncFirstResultHook[P, R_co, Q, S]: ...
    @overload
    def __get__(self: Method[Q, S], obj: None, of: type) -> FirstResultHook[P, Q, S]: ...
    @overload
    def __get__(self: FirstResultSpec[Q, S], obj: None, of: type) -> FirstResultHook[P, Q, S]: ...
    @overload
    def __get__(
        self: Method[Q, Coro[S]], obj: AsyncHooks, of: type
    ) -> AsyncFirstResultCaller[Q, S]: ...
    @overload
    def __get__(
        self: FirstResultSpec[Q, Coro[S]], obj: AsyncHooks, of: type
    ) -> AsyncFirstResultCaller[Q, S]: ...
    @overload
    def __get__(self: Method[Q, S], obj: AsyncHooks, of: type) -> AsyncFirstResultCaller[Q, S]: ...
    @overload
    def __get__(
        self: FirstResultSpec[Q, S], obj: AsyncHooks, of: type
    ) -> AsyncFirstResultCaller[Q, S]: ...
    @overload
    def __get__(self: Method[Q, S], obj: object, of: type) -> FirstResultCaller[Q, S]: ...
    @overload
    def __get__(self: FirstResultSpec[Q, S], obj: object, of: type) -> FirstResultCaller[Q, S]: ...
    def __get__(self, obj: object, of: type) -> object:
        raise NotImplementedError


class PipelineHook(HookTarget[P, R_co], Generic[F, P, R_co]):
    """`Specs.NAME`: the first argument is handed from one implementation to the next."""

    def __call__(self, *args: F.args, **kwargs: F.kwargs) -> R_co:
        raise NotImplementedError


class AsyncPipelineHook(AsyncHookTarget[P, R, R, AsyncPipelineCaller[P, R]], Generic[F, D, P, R]):
    """`AsyncSpecs.NAME`: the first argument is handed from one implementation to the next."""

    def __call__(self, *args: F.args, **kwargs: F.kwargs) -> D:
        raise NotImplementedError


class PipelineSpec(PipelineHook[P, P, R_co], Generic[P, R_co]):
    """What `@hookspec` makes of a function: its first argument is handed on and on."""

    @overload
    def __get__(
        self: Method[Q, Coro[S]], obj: None, of: AsyncType
    ) -> AsyncPipelineHook[P, R_co, Q, S]: ...
    @overload
    def __get__(
        self: PipelineSpec[Q, Coro[S]], obj: None, of: AsyncType
    ) -> AsyncPipelineHook[P, R_co, Q, S]: ...
    @overload
    def __get__(
        self: Method[Q, S], obj: None, of: AsyncType
    ) -> AsyncPipelineHook[P, R_co, Q, S]: ...
    @overload
    def __get__(
        self: PipelineSpec[Q, S], obj: None, of: AsyncType
    ) -> AsyncPipelineHook[P, R_co, Q, S]: ...
    @overload
    def __get__(self: Method[Q, S], obj: None, of: type) -> PipelineHook[P, Q, S]: ...
    @overload
    def __get__(self: PipelineSpec[Q, S], obj: None, of: type) -> PipelineHook[P, Q, S]: ...
    @overload
    def __get__(
        self: Method[Q, Coro[S]], obj: AsyncHooks, of: type
    ) -> AsyncPipelineCaller[Q, S]: ...
    @overload
    def __get__(
        self: PipelineSpec[Q, Coro[S]], obj: AsyncHooks, of: type
    ) -> AsyncPipelineCaller[Q, S]: ...
    @overload
    def __get__(self: Method[Q, S], obj: AsyncHooks, of: type) -> AsyncPipelineCaller[Q, S]: ...
    @overload
    def __get__(
        self: PipelineSpec[Q, S], obj: AsyncHooks, of: type
    ) -> AsyncPipelineCaller[Q, S]: ...
    @overload
    def __get__(self: Method[Q, S], obj: object, of: type) -> PipelineCaller[Q, S]: ...
    @overload
    def __get__(self: PipelineSpec[Q, S], obj: object, of: type) -> PipelineCaller[Q, S]: ...
    def __get__(self, obj: object, of: type) -> object:
        raise NotImplementedError


class HistoricHook(HookTarget[P, R_co], Generic[F, P, R_co]):
    """`Specs.NAME`: calls are remembered for plugins that come later."""

    def __call__(self, *args: F.args, **kwargs: F.kwargs) -> R_co:
        raise NotImplementedError


class AsyncHistoricHook(
    AsyncHookTarget[P, R, None, AsyncHistoricCaller[P, R]], Generic[F, D, P, R]
):
    """`AsyncSpecs.NAME`: calls are remembered for plugins that come later."""

    def __call__(self, *args: F.args, **kwargs: F.kwargs) -> D:
        raise NotImplementedError


class HistoricSpec(HistoricHook[P, P, R_co], Generic[P, R_co]):
    """What `@hookspec` makes of a function: calls are remembered for plugins that come later."""

    @overload
    def __get__(
        self: Method[Q, Coro[S]], obj: None, of: AsyncType
    ) -> AsyncHistoricHook[P, R_co, Q, S]: ...
    @overload
    def __get__(
        self: HistoricSpec[Q, Coro[S]], obj: None, of: AsyncType
    ) -> AsyncHistoricHook[P, R_co, Q, S]: ...
    @overload
    def __get__(
        self: Method[Q, S], obj: None, of: AsyncType
    ) -> AsyncHistoricHook[P, R_co, Q, S]: ...
    @overload
    def __get__(
        self: HistoricSpec[Q, S], obj: None, of: AsyncType
    ) -> AsyncHistoricHook[P, R_co, Q, S]: ...
    @overload
    def __get__(self: Method[Q, S], obj: None, of: type) -> HistoricHook[P, Q, S]: ...
    @overload
    def __get__(self: HistoricSpec[Q, S], obj: None, of: type) -> HistoricHook[P, Q, S]: ...
    @overload
    def __get__(
        self: Method[Q, Coro[S]], obj: AsyncHooks, of: type
    ) -> AsyncHistoricCaller[Q, S]: ...
    @overload
    def __get__(
        self: HistoricSpec[Q, Coro[S]], obj: AsyncHooks, of: type
    ) -> AsyncHistoricCaller[Q, S]: ...
    @overload
    def __get__(self: Method[Q, S], obj: AsyncHooks, of: type) -> AsyncHistoricCaller[Q, S]: ...
    @overload
    def __get__(
        self: HistoricSpec[Q, S], obj: AsyncHooks, of: type
    ) -> AsyncHistoricCaller[Q, S]: ...
    @overload
    def __get__(self: Method[Q, S], obj: object, of: type) -> HistoricCaller[Q, S]: ...
    @overload
    def __get__(self: HistoricSpec[Q, S], obj: object, of: type) -> HistoricCaller[Q, S]: ...
    def __get__(self, obj: object, of: type) -> object:
        raise NotImplementedError
