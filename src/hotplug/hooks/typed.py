"""What type checkers see of a hook that is called: ``pm.hook.NAME`` and ``pm.caller(spec)``.

At run time a hook is a plain function, so nothing here is ever instantiated. The names are for
annotations: ``def shout(greet: CollectingCaller[[str], str]) -> None``.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, ParamSpec, Protocol, Self, TypeAlias, TypeVar

from hotplug.hooks.explain import Explanation
from hotplug.hooks.policy import ErrorPolicy
from hotplug.hooks.records import HookImpl
from hotplug.hooks.results import PluginResult

__all__ = [
    "AsyncCollectingCaller",
    "AsyncFirstResultCaller",
    "AsyncHistoricCaller",
    "AsyncPipelineCaller",
    "CollectingCaller",
    "Coro",
    "FirstResultCaller",
    "HistoricCaller",
    "HookCaller",
    "PipelineCaller",
    "SyncHooks",
]

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

Coro: TypeAlias = Coroutine[Any, Any, R]


class SyncHooks(Protocol):
    """Any spec class that does not derive from AsyncHooks; those go to AsyncPluginManager."""

    def __hash__(self) -> int: ...


class HookCaller(Protocol):
    """What every hook has, whatever its mode."""

    @property
    def name(self) -> str: ...
    def get_hookimpls(self) -> list[HookImpl]: ...
    def explain(self) -> Explanation: ...
    def with_policy(self, policy: ErrorPolicy, /) -> Self: ...
    def without(self, *plugins: object) -> Self: ...


Functions: TypeAlias = Sequence[Callable[..., object]]
Arguments: TypeAlias = Mapping[str, object]


class CollectingCaller(HookCaller, Protocol[P, R]):
    """Every result, in call order, None left out."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[R]: ...
    def call_extra(self, functions: Functions, kwargs: Arguments) -> list[R]: ...
    def collect_with_plugins(self, *args: P.args, **kwargs: P.kwargs) -> list[PluginResult[R]]: ...


class FirstResultCaller(HookCaller, Protocol[P, R_co]):
    """The first result that is not None, else None."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co | None: ...
    def call_extra(self, functions: Functions, kwargs: Arguments) -> R_co | None: ...


class PipelineCaller(HookCaller, Protocol[P, R_co]):
    """The first argument, as the last implementation left it."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...
    def call_extra(self, functions: Functions, kwargs: Arguments) -> R_co: ...


class HistoricCaller(HookCaller, Protocol[P, R_co]):
    """A call that plugins registered later still receive."""

    def call_historic(
        self, kwargs: Arguments = ..., result_callback: Callable[[R_co], object] | None = None
    ) -> None: ...
    def clear_history(self) -> None: ...


class AsyncCollectingCaller(HookCaller, Protocol[P, R]):
    """CollectingCaller of an AsyncPluginManager."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Coro[list[R]]: ...
    def call_extra(self, functions: Functions, kwargs: Arguments) -> Coro[list[R]]: ...
    def collect_with_plugins(
        self, *args: P.args, **kwargs: P.kwargs
    ) -> Coro[list[PluginResult[R]]]: ...


class AsyncFirstResultCaller(HookCaller, Protocol[P, R_co]):
    """FirstResultCaller of an AsyncPluginManager."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Coro[R_co | None]: ...
    def call_extra(self, functions: Functions, kwargs: Arguments) -> Coro[R_co | None]: ...


class AsyncPipelineCaller(HookCaller, Protocol[P, R_co]):
    """PipelineCaller of an AsyncPluginManager."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Coro[R_co]: ...
    def call_extra(self, functions: Functions, kwargs: Arguments) -> Coro[R_co]: ...


class AsyncHistoricCaller(HookCaller, Protocol[P, R_co]):
    """HistoricCaller of an AsyncPluginManager."""

    def call_historic(
        self, kwargs: Arguments = ..., result_callback: Callable[[R_co], object] | None = None
    ) -> Coro[None]: ...
    def clear_history(self) -> None: ...
