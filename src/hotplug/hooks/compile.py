"""Turns a shape into code, once, and binds that code to the plugins of one hook.

Binding renames and fills in; it never compiles. What the plugins gave is bound as a global of the
call, where the garbage collector can see it, and never as a constant of the code, where it can't.
"""

from __future__ import annotations

import linecache
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from itertools import count
from threading import Lock
from types import CodeType, FunctionType
from typing import Any, Final, NamedTuple, cast
from weakref import ref

from hotplug.hooks.modes import EXTRA_LABEL, VALUES, compiled
from hotplug.hooks.shape import LABELS, LabelledLines, Labels, Shape, Words
from hotplug.hooks.source import write

__all__ = ["binder", "bound_code", "text"]

KEPT_TEMPLATES: Final = 2048
NO_LINE: Final = 15
NO_COLUMNS: Final = 13


class Template(NamedTuple):
    """The code of one shape, with stand-ins for every name."""

    code: CodeType
    names: dict[str, int]
    """Stand-in names of arguments, and which argument each stands for."""
    lines: LabelledLines


templates: OrderedDict[Shape, Template] = OrderedDict()
templates_lock = Lock()
serials = count(1)
sources: dict[str, ref[CodeType]] = {}
forgotten: deque[str] = deque()


def template(shape: Shape) -> Template:
    """The code for a shape, compiled on the first request."""
    found = templates.get(shape)
    if found is None:
        found = new_template(shape)
        with templates_lock:
            templates[shape] = found
            compiled.add(shape)
            while len(templates) > KEPT_TEMPLATES:
                oldest, _ = templates.popitem(last=False)
                compiled.discard(oldest)
    return found


def new_template(shape: Shape) -> Template:
    arguments = [f"a{at}" for at in range(shape.positional + shape.keyword_only)]
    lines = write(shape, Words("call", "call", arguments, ()))
    source = "\n".join(" " * line.depth + line.text for line in lines)
    scope: dict[str, object] = {}
    exec(
        compile(source, "<hotplug>", "exec"), scope
    )  # names are ours: nothing of a plugin is in it
    code = cast(FunctionType, scope["call"]).__code__
    labelled = tuple(
        (number, line.label, line.many)
        for number, line in enumerate(lines, 1)
        if line.label is not None
    )
    return Template(
        without_columns(code), {name: at for at, name in enumerate(arguments)}, labelled
    )


def text(shape: Shape, words: Words) -> list[str]:
    """The source of a call as people read it: with the real names, and whose line is whose."""
    lines: list[str] = []
    for line in write(shape, words):
        whose = ""
        if line.label == EXTRA_LABEL:
            whose = "  # call_extra"
        elif line.label is not None and line.label < len(words.plugins):
            whose = f"  # {' '.join(words.plugins[line.label].splitlines())}"
        shown = line.text.replace(repr(LABELS), "labels")
        lines.append(f"{'    ' * line.depth}{shown}{whose}\n")
    return lines


def bound_code(shape: Shape, words: Words, title: str, values_name: str = VALUES) -> CodeType:
    """The code for a shape with the names of one hook in it, and its source in `linecache`."""
    clear_forgotten()
    found = template(shape)
    filename = f"{title} ({next(serials)})"
    labels: Labels = (words.hook, found.lines, tuple(words.plugins))

    def renamed(names: tuple[Any, ...]) -> tuple[Any, ...]:
        known = found.names
        return tuple(words.arguments[known[name]] if name in known else name for name in names)

    def filled_in(constant: object) -> Any:
        if constant == LABELS:
            return labels
        if type(constant) is tuple:
            names: tuple[Any, ...] = cast(Any, constant)
            # One that begins with a stand-in holds the names of keyword arguments.
            return renamed(names) if names and names[0] in found.names else names
        return cast(Any, constant)

    code = found.code
    code = code.replace(
        co_name=words.function,
        co_qualname=words.function,
        co_filename=filename,
        co_varnames=renamed(code.co_varnames),
        co_cellvars=renamed(code.co_cellvars),
        co_consts=tuple(map(filled_in, code.co_consts)),
        co_names=tuple(values_name if name == VALUES else name for name in code.co_names),
    )
    # Written only when someone looks, and forgotten with the last traceback that could show it.
    linecache.cache[filename] = (partial(joined_text, shape, words),)
    sources[filename] = ref(code, partial(forget_source, filename))
    return code


def joined_text(shape: Shape, words: Words) -> str:
    return "".join(text(shape, words))


def forget_source(filename: str, _code: object) -> None:
    # Not taken out of `linecache` here: this may run at any moment, even while that looks at it.
    sources.pop(filename, None)
    forgotten.append(filename)


def clear_forgotten() -> None:
    with suppress(IndexError):  # another manager's thread may do the same
        while True:
            linecache.cache.pop(forgotten.pop(), None)


def binder(words: Words, positional: int, defaults: Mapping[str, object]) -> Any:
    """A function with a hook's own signature that returns its arguments as one tuple.

    It raises just what the compiled call would raise for wrong arguments.
    """
    names = list(words.arguments)
    head = [*names[:positional], *(["*"] if names[positional:] else []), *names[positional:]]
    source = (
        f"def {words.hook}({', '.join(head)}): return ({''.join(f'{name}, ' for name in names)})"
    )
    scope: dict[str, Any] = {}
    exec(source, scope)  # every name is an identifier of the declaration, checked by Python itself
    function = scope[words.hook]
    function.__defaults__ = tuple(defaults[name] for name in names[:positional] if name in defaults)
    function.__kwdefaults__ = {
        name: defaults[name] for name in names[positional:] if name in defaults
    }
    return function


def without_columns(code: CodeType) -> CodeType:
    """The code without column numbers, which would be those of the stand-in names.

    The format is CPython's location table; the same from 3.11 to 3.13.
    """
    table = bytearray()
    before = code.co_firstlineno
    for start, end, line in code.co_lines():
        for units in pieces((end - start) // 2):
            if line is None:
                table.append(0x80 | NO_LINE << 3 | units - 1)
                continue
            table.append(0x80 | NO_COLUMNS << 3 | units - 1)
            table += signed_varint(line - before)
            before = line
    constants = tuple(
        without_columns(item) if isinstance(item, CodeType) else item for item in code.co_consts
    )
    return code.replace(co_linetable=bytes(table), co_consts=constants)


def pieces(units: int) -> Iterator[int]:
    while units > 0:
        yield min(units, 8)
        units -= 8


def signed_varint(value: int) -> bytes:
    rest = -value << 1 | 1 if value < 0 else value << 1
    encoded = bytearray()
    while rest >= 64:
        encoded.append(0x40 | rest & 63)
        rest >>= 6
    encoded.append(rest)
    return bytes(encoded)
