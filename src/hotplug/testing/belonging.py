"""Tells a plugin's own code from that of others: by the mark in its builtins."""

from __future__ import annotations

from functools import partial
from types import FrameType, FunctionType, MethodType
from typing import Any, cast

from hotplug.host.life import Life
from hotplug.host.links import attributes_of
from hotplug.host.owner import MARK

__all__ = ["frame_outside", "life_in_frame", "life_of"]


def life_of(thing: object) -> Life | None:
    """The life that a function, a class, a module or an instance of such a class comes from."""
    if isinstance(thing, (MethodType, staticmethod, classmethod)):
        return life_of(cast(Any, thing).__func__)
    if isinstance(thing, partial):
        return life_of(thing.func)
    if isinstance(thing, FunctionType):
        return life_in(cast(Any, thing).__builtins__)
    if isinstance(thing, type):
        functions = [each for each in vars(thing).copy().values() if type(each) is FunctionType]
        return next((life for each in functions if (life := life_of(each))), None)
    of_module: Any = (attributes_of(thing) or {}).get("__builtins__")
    if type(of_module) is dict:
        return life_in(cast("dict[str, Any]", of_module))
    return None if type(thing) is type else life_of(type(thing))


def life_in_frame(frame: FrameType) -> Life | None:
    """The life whose own code a frame runs."""
    return life_in(frame.f_builtins)


def frame_outside(frame: FrameType | None, *modules: str) -> FrameType | None:
    """The nearest frame of another module than these."""
    while frame is not None and frame.f_globals.get("__name__", "").startswith(modules):
        frame = frame.f_back
    return frame


def life_in(names: dict[str, Any]) -> Life | None:
    mark = names.get(MARK)
    return mark if isinstance(mark, Life) else None
