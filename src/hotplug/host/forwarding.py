"""Functions that take the very arguments of another one and hand them on: a call costs the least.

Packing arguments into a tuple and a dict, to unpack them again, costs three times as much. The
code is compiled once for each shape of a signature; each function gets it with its own names.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable
from functools import cache
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import CodeType, FunctionType
from typing import Any, Final, NamedTuple, cast

__all__ = ["forwarding"]

CALL: Final = "HAND_ON"
"""In the source of the body: stands for the call of the function with its arguments."""


class Shape(NamedTuple):
    """All of a signature but its names and defaults."""

    positional_only: int
    positional: int
    keyword_only: int
    rest: bool
    more: bool

    @classmethod
    def of(cls, code: CodeType) -> Shape:
        return cls(
            code.co_posonlyargcount,
            code.co_argcount,
            code.co_kwonlyargcount,
            bool(code.co_flags & CO_VARARGS),
            bool(code.co_flags & CO_VARKEYWORDS),
        )

    @property
    def names(self) -> int:
        """How many parameters there are."""
        return self.positional + self.keyword_only + self.rest + self.more


def forwarding(
    function: FunctionType, body: str, names: dict[str, Any], **values: object
) -> Callable[..., Any]:
    """Make a function with another's parameters. ``HAND_ON`` in its body is the call of that one.

    ``names`` are its globals; ``values`` are what else the body uses.

    >>> def price(item, *, count=1):
    ...     return count
    >>> twice = forwarding(price, "return HAND_ON * 2", {})
    >>> twice("tea", count=3)
    6
    """
    code = function.__code__
    shape = Shape.of(code)
    make = maker(shape, body, tuple(values))
    made = FunctionType(make, names)(function, **values)
    stand_ins = made.__code__.co_varnames
    known = dict(zip(stand_ins[: shape.names], code.co_varnames, strict=False))

    def renamed(constant: Any) -> Any:
        if type(constant) is tuple:  # the names of keyword arguments; beside ``*rest`` each alone
            return tuple(map(renamed, constant))  # pyright: ignore[reportUnknownArgumentType]
        return known.get(constant, constant) if type(constant) is str else constant

    made.__code__ = made.__code__.replace(
        co_name=code.co_name,
        co_qualname=code.co_qualname,
        co_varnames=tuple(map(renamed, stand_ins)),
        co_consts=tuple(map(renamed, made.__code__.co_consts)),
    )
    made.__defaults__ = function.__defaults__
    made.__kwdefaults__ = function.__kwdefaults__
    return cast("Callable[..., Any]", made)


@cache
def maker(shape: Shape, body: str, values: tuple[str, ...]) -> CodeType:
    """The code of a function that makes functions of a shape. Nothing of a plugin is in it."""
    parameters: list[str] = []
    arguments: list[str] = []
    for at in range(shape.positional):
        parameters.append(f"p{at}")
        arguments.append(f"p{at}")
        if at + 1 == shape.positional_only:
            parameters.append("/")
    if shape.rest or shape.keyword_only:
        parameters.append("*rest" if shape.rest else "*")
    if shape.rest:
        arguments.append("*rest")
    for at in range(shape.keyword_only):
        parameters.append(f"k{at}")
        arguments.append(f"k{at}=k{at}")
    if shape.more:
        parameters.append("**more")
        arguments.append("**more")
    call = f"function({', '.join(arguments)})"
    lines = [
        f"def make({', '.join(('function', *values))}):",
        f"    def call({', '.join(parameters)}):",
        *(f"        {line}" for line in body.replace(CALL, call).splitlines()),
        "    return call",
    ]
    source = "".join(f"{line}\n" for line in lines)
    title = f"<call({', '.join(parameters)})>"
    linecache.cache[title] = (len(source), None, source.splitlines(keepends=True), title)
    scope: dict[str, Any] = {}
    exec(compile(source, title, "exec"), scope)
    return cast(CodeType, scope["make"].__code__)
