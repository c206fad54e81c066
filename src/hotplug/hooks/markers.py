"""The two markers: one declares a hook, the other implements it.

A marker stamps a small frozen record on the function, under a name that carries the project, and
returns the very same function. Nothing else happens until a manager looks for the records.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Final,
    Literal,
    ParamSpec,
    TypeVar,
    Unpack,
    overload,
)

from hotplug.hooks.frozen import frozen

if TYPE_CHECKING:  # the types of the markers are many, and of no use at run time
    from hotplug.hooks.policy import ErrorPolicy
    from hotplug.hooks.typed import Coro
    from hotplug.hooks.typed_marks import (
        AsyncImplements,
        Implements,
        ImplOptions,
        Keeps,
        MarksCollecting,
        MarksFirstResult,
        MarksHistoric,
        MarksPipeline,
        Wraps,
        WrapsAround,
    )
    from hotplug.hooks.typed_specs import (
        AsyncHookTarget,
        CollectingHook,
        CollectingSpec,
        FirstResultHook,
        PipelineHook,
        Takes,
        TakesAsync,
    )

__all__ = [
    "NEW_STYLE",
    "AsyncHooks",
    "Extension",
    "ExtensionOpts",
    "ExtensionPoint",
    "ExtensionPointOpts",
    "HookimplMarker",
    "HookimplOpts",
    "HookspecMarker",
    "HookspecOpts",
]


P = ParamSpec("P")
R = TypeVar("R")
Result = TypeVar("Result")
Function = TypeVar("Function", bound=Callable[..., object])

NEW_STYLE: Final = "write it in the new style, with wrapper=True, which is sent the result itself"
"""What to do about a wrapper in pluggy's old style."""


class AsyncHooks:
    """The empty base of spec classes for `AsyncPluginManager`: their hooks are awaited."""

    __slots__ = ()

    if TYPE_CHECKING:
        # Makes the class fail SyncHooks, hence PluginManager("x", AsyncSpecs) an error.
        __hash__: ClassVar[None]  # type: ignore[assignment]


@frozen
class HookspecOpts:
    """How a hook is declared. Also known as `ExtensionPointOpts`."""

    firstresult: bool = False
    """Stop at the first result that is not None, and return it."""
    historic: bool = False
    """Remember calls and replay them to plugins registered later."""
    pipeline: bool = False
    """Thread the first argument through the implementations."""
    history: int | None = None
    """How many calls a historic hook remembers; all of them if None."""
    policy: ErrorPolicy | None = None
    """What happens when an implementation raises; the manager's policy if None."""
    concurrent: bool = False
    """Async only: run the implementations at the same time."""
    limit: int | None = None
    """How many of a concurrent hook's implementations run at once."""
    timeout: float | None = None
    """Async only: the seconds that each implementation may take."""


@frozen
class HookimplOpts:
    """How a function implements a hook. Also known as `ExtensionOpts`."""

    tryfirst: bool = False
    trylast: bool = False
    wrapper: bool = False
    """A generator that wraps the other implementations; it yields exactly once."""
    around: bool = False
    """A function that takes ``call_next`` and stands around the other implementations."""
    optional: bool = False
    """No error if nobody declares the hook."""
    target: str | None = None
    """The name of the hook, where it is not the function's own."""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    thread: bool = False
    """Async only: run this sync function in a thread."""

    @property
    def optionalhook(self) -> bool:
        return self.optional

    @property
    def specname(self) -> str | None:
        return self.target


ExtensionPointOpts = HookspecOpts
ExtensionOpts = HookimplOpts


stamps: Final = {"made": 0}
"""How many marks there have been; whoever remembers marks sees by it that there may be new ones."""


def marking(function: object, attribute: str, record: object, marker: str) -> Any:
    """Mark a function now, or give the decorator that will."""

    def mark(function: Any) -> Any:
        stamp(function, attribute, record, marker)
        return function

    return mark if function is None else mark(function)


def stamp(thing: Any, attribute: str, record: object, marker: str) -> None:
    """Put a record on a function, or on the function inside a static or class method."""
    thing = (
        getattr(thing, "__func__", thing) if type(thing) in (staticmethod, classmethod) else thing
    )
    if isinstance(thing, type):
        raise TypeError(f"@{marker} marks functions, not classes; mark the methods of {thing!r}")
    if isinstance(thing, property):
        raise TypeError(f"@{marker} cannot mark a property; mark the function and call it")
    if not callable(thing):
        raise TypeError(f"@{marker} marks functions, not {type(thing).__name__} {thing!r}")
    stamps["made"] += 1
    try:
        setattr(thing, attribute, record)
    except AttributeError:
        raise TypeError(
            f"@{marker} cannot mark {thing!r}: it takes no attributes. "
            "Mark the function in its class, or wrap it in a def"
        ) from None


class HookspecMarker:
    """Declares the hooks of a project. Also known as `ExtensionPoint`.

    >>> hookspec = HookspecMarker("greeter")
    >>> class Specs:
    ...     @hookspec(firstresult=True)
    ...     def greeting(self, name: str) -> str: ...
    """

    def __init__(self, project: str) -> None:
        self.project: Final = project
        self.attribute: Final = f"{project}_spec"

    @overload
    def __call__(self, function: Callable[P, R], /) -> CollectingSpec[P, R]: ...
    @overload
    def __call__(
        self,
        *,
        firstresult: Literal[False] = False,
        pipeline: Literal[False] = False,
        historic: Literal[False] = False,
        concurrent: bool = False,
        limit: int | None = None,
        timeout: float | None = None,
        policy: ErrorPolicy | None = None,
    ) -> MarksCollecting: ...
    @overload
    def __call__(
        self,
        *,
        firstresult: Literal[True],
        timeout: float | None = None,
        policy: ErrorPolicy | None = None,
    ) -> MarksFirstResult: ...
    @overload
    def __call__(
        self,
        *,
        pipeline: Literal[True],
        timeout: float | None = None,
        policy: ErrorPolicy | None = None,
    ) -> MarksPipeline: ...
    @overload
    def __call__(
        self,
        *,
        historic: Literal[True],
        history: int | None = None,
        timeout: float | None = None,
        policy: ErrorPolicy | None = None,
    ) -> MarksHistoric: ...
    def __call__(
        self,
        function: Callable[..., object] | None = None,
        *,
        firstresult: bool = False,
        pipeline: bool = False,
        historic: bool = False,
        history: int | None = None,
        concurrent: bool = False,
        limit: int | None = None,
        timeout: float | None = None,
        policy: ErrorPolicy | None = None,
    ) -> Any:  # every overload says more; the function itself is returned
        record = HookspecOpts(
            firstresult=firstresult,
            historic=historic,
            pipeline=pipeline,
            history=history,
            policy=policy,
            concurrent=concurrent,
            limit=limit,
            timeout=timeout,
        )
        return marking(function, self.attribute, record, "hookspec")


class HookimplMarker:
    """Marks what implements the hooks of a project. Also known as `Extension`.

    >>> hookimpl = HookimplMarker("greeter")
    >>> class Casual:
    ...     @hookimpl(tryfirst=True)
    ...     def greeting(self, name: str) -> str:
    ...         return f"hey {name}!"
    """

    def __init__(self, project: str) -> None:
        self.project: Final = project
        self.attribute: Final = f"{project}_impl"

    @overload
    def __call__(self, function: Function, /) -> Function: ...
    @overload
    def __call__(
        self,
        *,
        target: str | None = None,
        specname: str | None = None,
        wrapper: bool = False,
        around: bool = False,
        **options: Unpack[ImplOptions],
    ) -> Keeps: ...

    # Typed: the target is a declared hook.
    @overload
    def __call__(
        self, *, target: Takes[P, R], **options: Unpack[ImplOptions]
    ) -> Implements[P, R]: ...
    @overload
    def __call__(
        self, *, target: TakesAsync[P, R], **options: Unpack[ImplOptions]
    ) -> AsyncImplements[P, R]: ...

    # Generator wrappers see what the call gives.
    @overload
    def __call__(
        self,
        *,
        target: CollectingHook[..., P, R],
        wrapper: Literal[True],
        **options: Unpack[ImplOptions],
    ) -> Wraps[list[R]]: ...
    @overload
    def __call__(
        self,
        *,
        target: FirstResultHook[..., P, R],
        wrapper: Literal[True],
        **options: Unpack[ImplOptions],
    ) -> Wraps[R | None]: ...
    @overload
    def __call__(
        self,
        *,
        target: PipelineHook[..., P, R],
        wrapper: Literal[True],
        **options: Unpack[ImplOptions],
    ) -> Wraps[R]: ...
    @overload
    def __call__(
        self,
        *,
        target: AsyncHookTarget[P, Any, Result, Any],
        wrapper: Literal[True],
        **options: Unpack[ImplOptions],
    ) -> Wraps[Result]: ...

    # Around wrappers are the call.
    @overload
    def __call__(
        self,
        *,
        target: CollectingHook[..., P, R],
        around: Literal[True],
        **options: Unpack[ImplOptions],
    ) -> WrapsAround[P, list[R]]: ...
    @overload
    def __call__(
        self,
        *,
        target: FirstResultHook[..., P, R],
        around: Literal[True],
        **options: Unpack[ImplOptions],
    ) -> WrapsAround[P, R | None]: ...
    @overload
    def __call__(
        self,
        *,
        target: PipelineHook[..., P, R],
        around: Literal[True],
        **options: Unpack[ImplOptions],
    ) -> WrapsAround[P, R]: ...
    @overload
    def __call__(
        self,
        *,
        target: AsyncHookTarget[P, Any, Result, Any],
        around: Literal[True],
        **options: Unpack[ImplOptions],
    ) -> WrapsAround[P, Coro[Result]]: ...
    def __call__(
        self,
        function: Callable[..., object] | None = None,
        *,
        tryfirst: bool = False,
        trylast: bool = False,
        wrapper: bool = False,
        around: bool = False,
        optional: bool = False,
        optionalhook: bool = False,
        target: object = None,
        specname: str | None = None,
        before: str | Sequence[str] = (),
        after: str | Sequence[str] = (),
        thread: bool = False,
        hookwrapper: bool = False,
    ) -> Any:  # every overload says more; the function itself is returned
        if hookwrapper:
            raise TypeError(f"hookwrapper=True is pluggy's alone; {NEW_STYLE}")
        if target is not None and specname is not None:
            raise TypeError("target and specname are two names for one option; give one of them")
        record = HookimplOpts(
            tryfirst=tryfirst,
            trylast=trylast,
            wrapper=wrapper,
            around=around,
            optional=optional or optionalhook,
            target=hook_name(specname if target is None else target),
            before=plugin_names("before", before),
            after=plugin_names("after", after),
            thread=thread,
        )
        return marking(function, self.attribute, record, "hookimpl")


def hook_name(target: object) -> str | None:
    """The name of the hook that ``target=`` means: the name itself, or a declared spec's."""
    if target is None or isinstance(target, str):
        return target
    name = getattr(target, "__name__", None)
    if not isinstance(name, str):
        raise TypeError(f"target= takes the name of a hook or a declared spec, not {target!r}")
    return name


def plugin_names(option: str, names: str | Sequence[str]) -> tuple[str, ...]:
    several: Any = (names,) if isinstance(names, str) else names
    kinds = {*map(type, several)} if hasattr(several, "__iter__") else {type(None)}
    if not kinds <= {str}:
        raise TypeError(
            f"{option}= takes the name of a plugin, or a sequence of names, not {names!r}"
        )
    return (names,) if isinstance(names, str) else tuple(names)


ExtensionPoint = HookspecMarker
Extension = HookimplMarker
