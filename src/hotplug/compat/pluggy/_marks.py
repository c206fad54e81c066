"""Marks and what is read from them: options, specs and implementations."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from types import FunctionType, MethodType, ModuleType
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    NoReturn,
    TypeAlias,
    TypedDict,
    TypeVar,
    final,
    overload,
)

from hotplug.hooks.looking import class_dict, is_class, mro

if TYPE_CHECKING:
    from hotplug.hooks.hook import Hook

__all__ = [
    "HookImpl",
    "HookSpec",
    "HookimplMarker",
    "HookimplOpts",
    "HookspecMarker",
    "HookspecOpts",
    "normalize_hookimpl_opts",
    "varnames",
]

F = TypeVar("F", bound=Callable[..., object])
_Namespace: TypeAlias = ModuleType | type
_Plugin: TypeAlias = object
_HookImplFunction: TypeAlias = Callable[..., Any]

FAMILY: Final = ("self", "cls")
EXCUSED: Final = frozenset(
    f"TimeoutHooks.pytest_timeout_{name}" for name in ("set_timer", "cancel_timer")
)
"""Specs of a plugin in wide use that lack ``self``: its users could not mend it."""


# Called, and not written as classes, whose annotations would be strings to compile at the import.
HookspecOpts = TypedDict(  # noqa: UP013
    "HookspecOpts",
    {
        "firstresult": bool,
        "historic": bool,
        "warn_on_impl": Warning | None,
        "warn_on_impl_args": Mapping[str, Warning] | None,
    },
)
"""The options of a hook specification."""

HookimplOpts = TypedDict(  # noqa: UP013
    "HookimplOpts",
    {
        "wrapper": bool,
        "hookwrapper": bool,
        "optionalhook": bool,
        "tryfirst": bool,
        "trylast": bool,
        "specname": str | None,
    },
)
"""The options of an implementation."""


NO_OPTIONS: Final[HookimplOpts] = {
    "wrapper": False,
    "hookwrapper": False,
    "optionalhook": False,
    "tryfirst": False,
    "trylast": False,
    "specname": None,
}


class Marker:
    __slots__ = ("project_name",)

    def __init__(self, project_name: str) -> None:
        self.project_name: Final = project_name

    def _mark(self, function: Any, suffix: str, opts: Any) -> Any:
        def mark(function: Any) -> Any:
            setattr(function, f"{self.project_name}_{suffix}", {**opts})
            return function

        return mark if function is None else mark(function)


@final
class HookspecMarker(Marker):
    """Marks the hook specifications of a project."""

    __slots__ = ()

    @overload
    def __call__(
        self,
        function: F,
        firstresult: bool = False,
        historic: bool = False,
        warn_on_impl: Warning | None = None,
        warn_on_impl_args: Mapping[str, Warning] | None = None,
    ) -> F: ...
    @overload
    def __call__(
        self,
        function: None = ...,
        firstresult: bool = ...,
        historic: bool = ...,
        warn_on_impl: Warning | None = ...,
        warn_on_impl_args: Mapping[str, Warning] | None = ...,
    ) -> Callable[[F], F]: ...
    def __call__(
        self,
        function: Callable[..., object] | None = None,
        firstresult: bool = False,
        historic: bool = False,
        warn_on_impl: Warning | None = None,
        warn_on_impl_args: Mapping[str, Warning] | None = None,
    ) -> Any:
        """Mark a function, or give the decorator that does."""
        opts: HookspecOpts = {
            "firstresult": firstresult,
            "historic": historic,
            "warn_on_impl": warn_on_impl,
            "warn_on_impl_args": warn_on_impl_args,
        }
        if not (historic and firstresult):
            return self._mark(function, "spec", opts)

        def refuse(function: object) -> NoReturn:
            raise ValueError("cannot have a historic firstresult hook")

        return refuse if function is None else refuse(function)


@final
class HookimplMarker(Marker):
    """Marks the implementations of a project's hooks."""

    __slots__ = ()

    @overload
    def __call__(
        self,
        function: F,
        hookwrapper: bool = ...,
        optionalhook: bool = ...,
        tryfirst: bool = ...,
        trylast: bool = ...,
        specname: str | None = ...,
        wrapper: bool = ...,
    ) -> F: ...
    @overload
    def __call__(
        self,
        function: None = ...,
        hookwrapper: bool = ...,
        optionalhook: bool = ...,
        tryfirst: bool = ...,
        trylast: bool = ...,
        specname: str | None = ...,
        wrapper: bool = ...,
    ) -> Callable[[F], F]: ...
    def __call__(
        self,
        function: Callable[..., object] | None = None,
        hookwrapper: bool = False,
        optionalhook: bool = False,
        tryfirst: bool = False,
        trylast: bool = False,
        specname: str | None = None,
        wrapper: bool = False,
    ) -> Any:
        """Mark a function, or give the decorator that does."""
        opts: HookimplOpts = {
            "wrapper": wrapper,
            "hookwrapper": hookwrapper,
            "optionalhook": optionalhook,
            "tryfirst": tryfirst,
            "trylast": trylast,
            "specname": specname,
        }
        return self._mark(function, "impl", opts)


def normalize_hookimpl_opts(opts: HookimplOpts) -> None:
    """Fill in the options that are not there."""
    opts.update({**NO_OPTIONS, **opts})


def varnames(
    func: object, *, legacy_noself: bool = False
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parameters that a call fills in: those without a default, and those with one.

    Keyword-only ones are not among them, nor is what is bound already. With ``legacy_noself`` a
    method without ``self`` is pointed out.

    >>> varnames(lambda name, loud=False: ...)
    (('name',), ('loud',))
    """
    return parameters(func, legacy_noself)


def parameters(function: Any, warn: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The same by position: each implementation that is registered asks, and keywords take time."""
    is_bound = type(function) is MethodType
    if is_bound:
        function = function.__func__
    if type(function) is not FunctionType or "__wrapped__" in function.__dict__:
        function, is_bound = innermost(function, is_bound)
        if not hasattr(function, "__code__"):
            return (), ()
    code, defaults = function.__code__, function.__defaults__
    names, end = code.co_varnames, code.co_argcount
    required = end - len(defaults) if defaults else end
    first = 1 if is_bound else 0
    if required and not is_bound and "." in function.__qualname__:
        first = implicit(function, names[0], warn=warn)
    if not defaults:
        return names[first:end], ()
    return names[first:required], names[max(required, first) : end]


def innermost(function: Any, is_bound: bool) -> tuple[Any, bool]:
    """The function behind a callable and its decorators, and whether its owner is bound."""
    if not is_bound:
        if is_class(function):
            function, is_bound = getattr(function, "__init__"), True  # noqa: B009 (a class's own)
        elif type(function) is not FunctionType:
            function = callable_of(function)
    is_bound = is_bound or isinstance(function, MethodType)
    function = unwrapped(function)
    if isinstance(function, MethodType):
        return function.__func__, True
    return function, is_bound


def unwrapped(function: Any) -> Any:
    from inspect import unwrap  # few functions are decorated

    return unwrap(function)


def callable_of(thing: object) -> Any:
    """The function behind a callable object; anything that is a routine stays what it is."""
    routine = any("__get__" in class_dict(cls) for cls in mro(type(thing)))
    return thing if routine else getattr(thing, "__call__", thing)  # noqa: B004 (its signature)


def implicit(function: Any, first: str, *, warn: bool) -> int:
    """How many parameters of a function from a class body are its owner's."""
    place = function.__qualname__.rpartition("<locals>.")[2]
    if "." not in place:
        return 0
    if first in FAMILY:
        return 1
    if warn and place not in EXCUSED:
        warnings.warn(
            f"{function.__qualname__} is a method but its first parameter {first!r} is not 'self'; "
            "write self first, or make it a @staticmethod",
            DeprecationWarning,
            stacklevel=2,
        )
    return 0


def lacks_owner(function: Any, filled_in: tuple[str, ...]) -> bool:
    """Whether this is a method whose owner nobody gives, so that to call it is an error."""
    if type(function) is not FunctionType or "__wrapped__" in function.__dict__:
        return False
    return function.__code__.co_varnames[0] not in filled_in


def is_static(cls: type, name: str) -> bool:
    for base in mro(cls):
        if name in class_dict(base):
            return issubclass(type(class_dict(base)[name]), staticmethod)
    return False


@final
class HookSpec:
    """A hook as a namespace declares it."""

    __slots__ = (
        "argnames",
        "function",
        "kwargdefaults",
        "kwargnames",
        "name",
        "namespace",
        "opts",
        "warn_on_impl",
        "warn_on_impl_args",
        "warns",
    )

    def __init__(self, namespace: _Namespace, name: str, opts: HookspecOpts) -> None:
        self.namespace = namespace
        self.name = name
        self.function: Callable[..., object] = getattr(namespace, name)
        self.argnames, self.kwargnames = varnames(
            self.function,
            legacy_noself=type(namespace) is not ModuleType
            and is_class(namespace)
            and not is_static(namespace, name),
        )
        self.kwargdefaults: dict[str, object] = {}
        if self.kwargnames:
            defaults = unwrapped(self.function).__defaults__
            self.kwargdefaults.update(zip(self.kwargnames, defaults, strict=False))
        self.opts = opts
        self.warn_on_impl = opts.get("warn_on_impl")
        self.warn_on_impl_args = opts.get("warn_on_impl_args")
        self.warns = bool(self.warn_on_impl or self.warn_on_impl_args)


@final
class HookImpl:
    """One plugin's implementation of one hook."""

    __slots__ = (
        "_home",
        "argnames",
        "contribution",
        "function",
        "kwargnames",
        "opts",
        "plugin",
        "plugin_name",
    )

    def __init__(
        self,
        plugin: _Plugin,
        plugin_name: str,
        function: _HookImplFunction,
        hook_impl_opts: HookimplOpts,
    ) -> None:
        self.plugin: Final = plugin
        self.plugin_name: Final = plugin_name
        self.function: Final = function
        self.argnames, self.kwargnames = parameters(function, False)
        if self.kwargnames and lacks_owner(function, self.argnames + self.kwargnames):
            self.kwargnames = ()  # by place they would stand in for what its call lacks
        self.opts: Final = hook_impl_opts
        # What the kernel knows of it, as soon as it takes part in a hook, and where.
        self.contribution: Any = None
        self._home: Hook | None = None

    # What few ask for is looked up: most of the time to register a plugin goes into making these.

    @property
    def wrapper(self) -> bool:
        return self.opts["wrapper"]

    @property
    def hookwrapper(self) -> bool:
        return self.opts["hookwrapper"]

    @property
    def optionalhook(self) -> bool:
        return self.opts["optionalhook"]

    @property
    def tryfirst(self) -> bool:
        return self.opts["tryfirst"]

    @property
    def trylast(self) -> bool:
        return self.opts["trylast"]

    def __repr__(self) -> str:
        return f"<HookImpl plugin_name={self.plugin_name!r}, plugin={self.plugin!r}>"
