"""What type checkers see of the markers: the decorators that their called forms give.

Nothing here is ever instantiated.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import (
    TYPE_CHECKING,
    Concatenate,
    Never,
    ParamSpec,
    Protocol,
    TypedDict,
    TypeVar,
    overload,
)

from hotplug.hooks.typed import Coro
from hotplug.hooks.typed_specs import CollectingSpec, FirstResultSpec, HistoricSpec, PipelineSpec

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)
Result = TypeVar("Result")
Function = TypeVar("Function", bound=Callable[..., object])

if TYPE_CHECKING:
    # Known to both checkers without the package. NoneIf is None where an implementation returns
    # `R | None`, else nothing at all: one signature instead of two overloads, which mypy mixes up
    # where a signature contains Any.
    from typing_extensions import TypeVar as TypeVarWithDefault

    NoneIf = TypeVarWithDefault("NoneIf", bound=None, default=Never)
else:
    NoneIf = TypeVar("NoneIf")


# What the called forms of the spec marker give.


class MarksCollecting(Protocol):
    def __call__(self, function: Callable[P, R], /) -> CollectingSpec[P, R]: ...


class MarksFirstResult(Protocol):
    def __call__(self, function: Callable[P, R], /) -> FirstResultSpec[P, R]: ...


class MarksPipeline(Protocol):
    def __call__(self, function: Callable[P, R], /) -> PipelineSpec[P, R]: ...


class MarksHistoric(Protocol):
    def __call__(self, function: Callable[P, R], /) -> HistoricSpec[P, R]: ...


class ImplOptions(TypedDict, total=False):
    """Options that every form of `@hookimpl(...)` takes."""

    tryfirst: bool
    trylast: bool
    optional: bool
    optionalhook: bool
    before: str | Sequence[str]
    after: str | Sequence[str]
    thread: bool


class Keeps(Protocol):
    """A decorator that leaves a function's type as it is."""

    def __call__(self, function: Function, /) -> Function: ...


# Typed implementations: the decorators that `@hookimpl(target=spec)` gives. An implementation
# takes the hook's arguments, all of them, by name and type, and returns R, or None for "no
# answer".


class OnInstance(Protocol[T_contra, P, R_co]):
    """A method that takes P."""

    def __call__(_this, self: T_contra, *args: P.args, **kwargs: P.kwargs) -> R_co: ...


class OnClass(Protocol[T_contra, P, R_co]):
    """A class method that takes P."""

    def __call__(_this, cls: T_contra, *args: P.args, **kwargs: P.kwargs) -> R_co: ...


class Unbound(Protocol[P, R_co]):
    """A function or static method that takes P."""

    def __call__(_this, *args: P.args, **kwargs: P.kwargs) -> R_co: ...


class Implements(Protocol[P, R]):
    """Takes functions, static, class and other methods; pyright quotes the last form."""

    @overload
    def __call__(self, function: Unbound[P, R | NoneIf], /) -> Callable[P, R | NoneIf]: ...
    @overload
    def __call__(
        self, function: OnClass[T, P, R | NoneIf], /
    ) -> Callable[Concatenate[T, P], R | NoneIf]: ...
    @overload
    def __call__(
        self, function: OnInstance[T, P, R | NoneIf], /
    ) -> Callable[Concatenate[T, P], R | NoneIf]: ...


class AsyncImplements(Protocol[P, R]):
    """The same, and coroutine functions."""

    @overload
    def __call__(
        self, function: Unbound[P, Coro[R | NoneIf]], /
    ) -> Callable[P, Coro[R | NoneIf]]: ...
    @overload
    def __call__(self, function: Unbound[P, R | NoneIf], /) -> Callable[P, R | NoneIf]: ...
    @overload
    def __call__(
        self, function: OnClass[T, P, Coro[R | NoneIf]], /
    ) -> Callable[Concatenate[T, P], Coro[R | NoneIf]]: ...
    @overload
    def __call__(
        self, function: OnClass[T, P, R | NoneIf], /
    ) -> Callable[Concatenate[T, P], R | NoneIf]: ...
    @overload
    def __call__(
        self, function: OnInstance[T, P, Coro[R | NoneIf]], /
    ) -> Callable[Concatenate[T, P], Coro[R | NoneIf]]: ...
    @overload
    def __call__(
        self, function: OnInstance[T, P, R | NoneIf], /
    ) -> Callable[Concatenate[T, P], R | NoneIf]: ...


class Wraps(Protocol[Result]):
    """Takes generator functions that are sent the result and may return another."""

    def __call__(
        self, function: Callable[Q, Generator[None, Result, Result | NoneIf]], /
    ) -> Callable[Q, Generator[None, Result, Result | NoneIf]]: ...


class WrapsAround(Protocol[P, Result]):
    """Takes functions whose first argument is `call_next`; those after it are not checked."""

    @overload  # overlaps with methods, says mypy, but for the name of their first parameter
    def __call__(  # type: ignore[overload-overlap]
        self, function: Unbound[Concatenate[Callable[P, Result], Q], Result], /
    ) -> Callable[Concatenate[Callable[P, Result], Q], Result]: ...
    @overload
    def __call__(
        self, function: OnClass[T, Concatenate[Callable[P, Result], Q], Result], /
    ) -> Callable[Concatenate[T, Callable[P, Result], Q], Result]: ...
    @overload
    def __call__(
        self, function: OnInstance[T, Concatenate[Callable[P, Result], Q], Result], /
    ) -> Callable[Concatenate[T, Callable[P, Result], Q], Result]: ...
