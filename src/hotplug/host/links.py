"""What one object calls another that it holds: the attribute, the index, the variable.

No code of the objects is run for it: they may be half taken apart.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import pairwise
from types import (
    AsyncGeneratorType,
    CellType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
    TracebackType,
)
from typing import Any, Final, cast

from hotplug.host.hidden import variable_of
from hotplug.host.resources import Place

__all__ = ["attributes_of", "frame_of", "place_of", "words"]

LONGEST_KEY: Final = 60

CACHE: Final = type(lru_cache(len))
FIELDS: Final[dict[type, tuple[str, ...]]] = {
    FunctionType: ("__globals__", "__builtins__", "__defaults__", "__kwdefaults__"),
    MethodType: ("__self__", "__func__"),
    partial: ("func", "args", "keywords"),
    staticmethod: ("__func__",),
    classmethod: ("__func__",),
    property: ("fget", "fset", "fdel"),
    TracebackType: ("tb_frame", "tb_next"),
    type: ("__bases__", "__mro__"),
}
OF_ERRORS: Final = ("__traceback__", "__cause__", "__context__", "args")


def words(root: str, links: list[object]) -> str:
    """Say a chain: from the root that holds the first link, to the last.

    >>> words("app.callbacks", [["first", "second"], "second"])
    'app.callbacks[1]'
    """
    text = root
    before: object = None
    for holder, held in pairwise(links):
        text += step_to(before, holder, held)
        before = holder
    return text


def step_to(before: object, holder: object, held: object) -> str:
    """What is added to the text for one link; nothing for those that no one would name."""
    what_it_is = f" -> {type(held).__name__}"
    if type(holder) is dict:
        return step_in_dict(before, cast("dict[object, object]", holder), held)
    if isinstance(holder, (list, tuple, deque)):
        return step_in_sequence(before, holder, held)
    if type(holder) is CellType:
        return ""
    if type(holder) in (set, frozenset):
        return "{...}"
    if type(held).__name__.startswith("hamt"):
        return ""  # how contexts keep their variables
    if type(holder).__name__.startswith("hamt"):
        return f" -> {variable_of(holder, held)}"
    if type(holder) is CACHE and type(held) is tuple:
        return " -> a call in its cache"
    if type(held) is dict and (is_class(holder) or attributes_of(holder) is held):
        return ""
    kind: type[object] = type(holder)
    if held is kind:
        return f" -> {kind.__name__}"
    if type(holder) is FunctionType and held is holder.__closure__:
        return ""
    for name, value in fields_of(holder):
        if value is held:
            return f".{name}" if name.startswith("__") else f" -> {name}"
    return what_it_is


def step_in_dict(before: object, names: dict[object, object], held: object) -> str:
    key = next((key for key, value in names.copy().items() if value is held), None)
    if key is None:
        return ".keys()"
    if before is None or type(before) is ModuleType or is_class(before):
        return f".{key}" if isinstance(key, str) else f"[{short(key)}]"
    return f" -> {key}" if attributes_of(before) is names else f"[{short(key)}]"


def step_in_sequence(before: object, holder: Any, held: object) -> str:
    at = next((at for at, value in enumerate([*holder]) if value is held), -1)
    if type(before) is FunctionType and holder is before.__closure__:
        return f" -> {before.__code__.co_freevars[at]} of {before.__name__}()"
    return f"[{at}]"


def fields_of(holder: object) -> Iterator[tuple[str, object]]:
    """What it refers to, with the names."""
    frame = frame_of(holder)
    if frame is not None:
        for name, value in frame.f_locals.copy().items():
            yield f"{name} of {frame.f_code.co_name}()", value
    names = FIELDS.get(type(holder), ())
    if issubclass(type(holder), BaseException):
        names = OF_ERRORS
    for name in names:
        yield name, getattr(holder, name, None)
    yield from (attributes_of(holder) or {}).items()
    for base in type(holder).__mro__:
        for name, slot in vars(base).copy().items():
            if type(slot) is MemberDescriptorType:
                try:
                    yield name, slot.__get__(holder)
                except AttributeError:  # it is empty
                    continue


def frame_of(holder: object) -> FrameType | None:
    if isinstance(holder, FrameType):
        return holder
    if isinstance(holder, GeneratorType):
        return holder.gi_frame
    if isinstance(holder, CoroutineType):
        return holder.cr_frame
    if isinstance(holder, AsyncGeneratorType):
        return holder.ag_frame
    return None


def attributes_of(thing: object) -> dict[str, Any] | None:
    """The dictionary of its attributes, if it has one."""
    try:
        found = object.__getattribute__(thing, "__dict__")
    except (AttributeError, TypeError):
        return None
    return cast("dict[str, Any]", found) if type(found) is dict else None


def is_class(thing: object) -> bool:
    return issubclass(type(thing), type)


def place_of(thing: object) -> str:
    """File and line of a function, or of one that has begun."""
    frame = frame_of(thing)
    if frame is not None:
        return str(Place(frame.f_code, frame.f_lasti))
    function = thing.__func__ if type(thing) is MethodType else thing
    return str(Place(function.__code__, 0)) if type(function) is FunctionType else ""


def short(key: object) -> str:
    if type(key) not in (str, int, float, bytes, bool, type(None)):
        return f"a {type(key).__name__}"
    text = repr(key)
    return text if len(text) <= LONGEST_KEY else f"{text[: LONGEST_KEY - 3]}..."
