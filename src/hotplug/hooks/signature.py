"""What a function accepts, and whether that fits a hook.

Everything is read from the function's own record; no code of its author runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from hotplug.hooks.looking import VARARGS, VARKEYWORDS, class_dict, is_a, mro, place, shown
from hotplug.hooks.records import Fit, taker

if TYPE_CHECKING:
    from inspect import Signature

__all__ = ["Accepts", "Misfit", "accepts", "fit", "is_kind", "location", "plain_function"]


class Accepts(NamedTuple):
    """The arguments that a function takes."""

    positional: tuple[str, ...]
    keyword_only: tuple[str, ...] = ()
    positional_only: int = 0
    any_positional: str | None = None
    any_keyword: str | None = None
    defaults: Mapping[str, object] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return self.positional + self.keyword_only

    def without_first(self) -> Accepts:
        """The same without ``self`` or ``cls``."""
        if not self.positional:
            return self
        return self._replace(
            positional=self.positional[1:], positional_only=max(0, self.positional_only - 1)
        )


class Misfit(Exception):
    """A function does not fit a hook; the reason is the argument."""


def plain_function(function: object) -> FunctionType | None:
    """The Python function inside bound methods, partials and static or class methods."""
    while True:
        if type(function) is FunctionType:
            return function
        if (
            type(function) is MethodType
            or is_a(function, staticmethod)
            or is_a(function, classmethod)
        ):
            function = cast(Any, function).__func__
        elif is_a(function, partial):
            function = cast(Any, partial).func.__get__(function)
        else:
            return None


def unwrapped(function: FunctionType) -> object:
    """What ``functools.wraps`` says the function stands for; read, never run."""
    inner: object = function
    seen = {id(function)}
    while type(inner) is FunctionType and "__wrapped__" in inner.__dict__:
        inner = inner.__dict__["__wrapped__"]
        if id(inner) in seen:
            break
        seen.add(id(inner))
    return inner


def is_kind(function: object, flag: int) -> bool:
    """Whether the function's code carries a flag such as `GENERATOR`.

    A callable object is looked at through its class's ``__call__``.
    """
    plain = plain_function(function) or plain_function(call_method(function))
    if plain is None:
        return False
    if plain.__code__.co_flags & flag:
        return True
    inner = plain_function(unwrapped(plain))
    return inner is not None and bool(inner.__code__.co_flags & flag)


def call_method(thing: object) -> object:
    """The ``__call__`` that an object's class defines, found without running a descriptor."""
    for cls in mro(type(thing))[:-1]:
        if "__call__" in class_dict(cls):
            return cast(object, class_dict(cls)["__call__"])
    return None


def own_signature(function: FunctionType) -> Accepts:
    """What a Python function takes, by its own code."""
    code = function.__code__
    count, keyword_only = code.co_argcount, code.co_kwonlyargcount
    names = code.co_varnames
    defaults = dict(function.__kwdefaults__) if function.__kwdefaults__ else {}
    if function.__defaults__:
        defaults.update(
            zip(
                names[count - len(function.__defaults__) : count],
                function.__defaults__,
                strict=True,
            )
        )
    rest = list(names[count + keyword_only :])
    any_positional = rest.pop(0) if code.co_flags & VARARGS else None
    any_keyword = rest.pop(0) if code.co_flags & VARKEYWORDS else None
    return Accepts(
        names[:count],
        names[count : count + keyword_only],
        code.co_posonlyargcount,
        any_positional,
        any_keyword,
        defaults,
    )


def from_inspect(signature: Signature) -> Accepts:
    kinds: dict[str, list[str]] = {}
    defaults: dict[str, object] = {}
    for parameter in signature.parameters.values():
        kinds.setdefault(parameter.kind.name, []).append(parameter.name)
        if parameter.default is not parameter.empty:
            defaults[parameter.name] = parameter.default
    positional_only = kinds.get("POSITIONAL_ONLY", [])
    return Accepts(
        (*positional_only, *kinds.get("POSITIONAL_OR_KEYWORD", [])),
        tuple(kinds.get("KEYWORD_ONLY", [])),
        len(positional_only),
        next(iter(kinds.get("VAR_POSITIONAL", [])), None),
        next(iter(kinds.get("VAR_KEYWORD", [])), None),
        defaults,
    )


def accepts(function: object) -> Accepts:
    """What a callable takes; for a bound method without its first parameter.

    Raises `Misfit` where nothing can be read.
    """
    if type(function) is FunctionType:
        declared = function.__dict__.get("__signature__")
        if declared is not None:
            from inspect import Signature  # loaded already by who made one

            if type(declared) is Signature:
                return from_inspect(declared)
        inner = unwrapped(function)
        return own_signature(function) if inner is function else accepts(inner)
    if type(function) is MethodType:
        return accepts(cast(object, function.__func__)).without_first()
    if is_a(function, staticmethod) or is_a(function, classmethod):
        return accepts(cast(Any, function).__func__)
    if is_a(function, partial):
        return what_a_partial_leaves(cast("partial[Any]", function))
    if type(function) is BuiltinFunctionType:
        from inspect import signature  # few plugins are written in C

        try:
            return from_inspect(signature(function))
        except (TypeError, ValueError):
            raise Misfit(
                "with a function that hides what arguments it takes; wrap it in a def"
            ) from None
    call = call_method(function)
    if is_a(call, staticmethod):
        return accepts(call)
    if type(call) is FunctionType or is_a(call, classmethod):
        return accepts(call).without_first()
    raise Misfit("with a function that hides what arguments it takes; wrap it in a def")


def what_a_partial_leaves(function: partial[Any]) -> Accepts:
    """What a partial still takes; an argument given by name is not taken any more."""
    slots: Any = partial
    inner = accepts(slots.func.__get__(function))
    given, named = slots.args.__get__(function), slots.keywords.__get__(function)
    left = inner.positional[len(given) :]
    cut = min([left.index(name) for name in named if name in left], default=len(left))
    return inner._replace(
        positional=left[:cut],
        keyword_only=tuple(
            name for name in (*left[cut:], *inner.keyword_only) if name not in named
        ),
        positional_only=max(0, inner.positional_only - len(given)),
    )


def fit(function: object, arguments: tuple[str, ...]) -> Fit:
    """How the function is called with these arguments, or `Misfit` naming what it wants too much.

    >>> fit(lambda size, name: ..., ("name", "size")).positions
    (1, 0)
    """
    wanted = accepts(function)
    if wanted.any_positional is not None:
        raise Misfit(f"with *{wanted.any_positional}; name the arguments it wants instead")
    unknown = [name for name in wanted.names if name not in arguments]
    if unknown:
        has_default = unknown[0] in wanted.defaults
        raise Misfit(unknown_arguments(unknown, arguments, has_default=has_default))
    if takes_names_only(function):
        positional: tuple[str, ...] = ()
        by_name = wanted.names
    else:
        positional, by_name = wanted.positional, wanted.keyword_only
    if wanted.any_keyword is not None:
        by_name += tuple(name for name in arguments if name not in wanted.names)
    positions = tuple(arguments.index(name) for name in positional)
    keywords = tuple(arguments.index(name) for name in by_name)
    return Fit(positions, keywords, taker(positions, len(arguments)))


def takes_names_only(function: object) -> bool:
    """Whether a ``functools.wraps`` wrapper can only pass its arguments on by name."""
    plain = plain_function(function)
    if plain is None or "__wrapped__" not in plain.__dict__:
        return False
    outer = own_signature(plain)
    return outer.any_keyword is not None and outer.any_positional is None


def unknown_arguments(unknown: list[str], known: tuple[str, ...], *, has_default: bool) -> str:
    from hotplug.errors.meaning import did_you_mean  # only for an error

    plural = "unknown arguments" if len(unknown) > 1 else "an unknown argument"
    text = f"with {plural} {' and '.join(map(repr, unknown))}"
    hint = f"\n  the hook takes: {', '.join(known) or 'no arguments'}"
    if unknown[0] in ("self", "cls"):
        return f"{text}{hint}\n  register an instance instead of the class, or make it static"
    if has_default:
        hint += "\n  a default does not help: a call hands over what the hook takes, and no more"
    close = did_you_mean(unknown[0], known)
    return text + hint + (f"\n  {close}" if close else "")


def location(function: object) -> str:
    """``file:line`` of a function's definition, as far as it is known."""
    plain = plain_function(function) or plain_function(call_method(function))
    if plain is None:
        return shown(function)
    inner = plain_function(unwrapped(plain)) or plain
    return place(inner.__code__)
