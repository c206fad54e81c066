"""Looks at the objects of plugin authors without asking them anything.

``isinstance`` may run a ``__class__`` property, ``cls.__dict__`` a metaclass's, ``repr`` anything
at all. What is here reads the interpreter's own records instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os.path import normpath
from types import (
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any, Final, TypeGuard

__all__ = ["NOTHING", "class_dict", "class_name", "is_a", "is_class", "module_dict", "mro"]
__all__ += ["ASYNC_GENERATOR", "COROUTINE", "GENERATOR", "VARARGS", "VARKEYWORDS"]
__all__ += ["place", "place_of", "shown", "static_dict"]

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
SLOTS: Final = (GetSetDescriptorType, MemberDescriptorType)

# The flags of a code object, as `inspect` has them; importing that would take longer than hotplug.
VARARGS: Final = 0x04
VARKEYWORDS: Final = 0x08
GENERATOR: Final = 0x20
COROUTINE: Final = 0x80 | 0x100  # the latter: made one by types.coroutine
ASYNC_GENERATOR: Final = 0x200

class_dict: Final[Callable[[type], Mapping[str, Any]]] = type.__dict__["__dict__"].__get__
"""The dictionary of a class, whatever its metaclass says."""
mro: Final[Callable[[type], tuple[type, ...]]] = type.__dict__["__mro__"].__get__
"""The class and its bases in the order of look-up, whatever its metaclass says."""
class_name: Final[Callable[[type], str]] = type.__dict__["__qualname__"].__get__
module_dict: Final[Callable[[Any], Mapping[str, Any]]] = class_dict(ModuleType)["__dict__"].__get__


def is_a(thing: object, kind: type) -> bool:
    """Like ``isinstance``, but by the real type."""
    return kind in mro(type(thing))


def is_class(thing: object) -> TypeGuard[type]:
    return type in mro(type(thing))


def static_dict(thing: object) -> Mapping[str, Any]:
    """The instance dictionary of an object, without asking the object."""
    for cls in mro(type(thing)):
        slot = class_dict(cls).get("__dict__")
        if slot is not None:
            found: Mapping[str, Any] = slot.__get__(thing) if type(slot) in SLOTS else NOTHING
            return found  # a class that dresses up its own __dict__ is not asked
    return NOTHING


def place(code: CodeType, line: int | None = None) -> str:
    """``file:line``: the line that is given, or the first one of the code.

    The code of a file that was reloaded may have it under a second name, ``shop//plugin.py``.
    """
    return f"{normpath(code.co_filename)}:{code.co_firstlineno if line is None else line}"


def place_of(thing: object) -> str:
    """Where an object's code is: the file of a module, or of a class and its first function."""
    if is_a(thing, ModuleType):
        return normpath(str(module_dict(thing).get("__file__", "a module without a file")))
    if type(thing) is FunctionType:
        return place(thing.__code__)
    cls = thing if is_class(thing) else type(thing)
    name = f"{class_dict(cls).get('__module__', 'builtins')}.{class_name(cls)}"
    for value in class_dict(cls).values():
        if type(value) is FunctionType:
            return f"{name} in {normpath(value.__code__.co_filename)}"
    return name


def shown(thing: object) -> str:
    """A few words for an object in an error message, in place of its own ``repr``."""
    if type(thing) in (str, int, float, bool, type(None)):
        return repr(thing)
    if is_a(thing, ModuleType):
        return f"module {module_dict(thing).get('__name__')!r}"
    if is_class(thing):
        return f"class {class_name(thing)}"
    if type(thing) is FunctionType:
        return f"function {thing.__qualname__}"
    if type(thing) is MethodType:
        return f"method {shown(thing.__func__).partition(' ')[2]}"
    return f"an object of class {class_name(type(thing))}"
