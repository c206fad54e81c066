"""The two markers: one declares a hook, the other implements it.

A marker stamps a small frozen record on the function, under a name that carries the project, and
returns the very same function. Nothing else happens until a manager looks for the records.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import FunctionType
from typing import Any

from hotplug.hooks.policy import ErrorPolicy

__all__ = [
    "Extension",
    "ExtensionOpts",
    "ExtensionPoint",
    "ExtensionPointOpts",
    "HookimplMarker",
    "HookimplOpts",
    "HookspecMarker",
    "HookspecOpts",
]


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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


def stamp(thing: Any, attribute: str, record: object, marker: str) -> None:
    """Put a record on a function, or on the function inside a static or class method."""
    if isinstance(thing, (staticmethod, classmethod)):
        thing = thing.__func__
    if isinstance(thing, property):
        raise TypeError(f"@{marker} cannot mark a property; mark the function and call it")
    if not callable(thing):
        raise TypeError(f"@{marker} marks functions, not {type(thing).__name__} {thing!r}")
    try:
        setattr(thing, attribute, record)
    except AttributeError:
        raise TypeError(
            f"@{marker} cannot mark {thing!r}: it takes no attributes. "
            "Mark the function in its class, or wrap it in a def"
        ) from None


class HookspecMarker:
    def __init__(self, project): self.project=project
    def __call__(self, function=None, **options):
        record = HookspecOpts(**options)
        if function is None:
            return lambda f: (stamp(f, f"{self.project}_spec", record, "hookspec"), f)[1]
        stamp(function, f"{self.project}_spec", record, "hookspec"); return function
class HookimplMarker:
    def __init__(self, project): self.project=project
    def __call__(self, function=None, **options):
        for k in ("before","after"):
            if isinstance(options.get(k), str): options[k]=(options[k],)
        record = HookimplOpts(**options)
        if function is None:
            return lambda f: (stamp(f, f"{self.project}_impl", record, "hookimpl"), f)[1]
        stamp(function, f"{self.project}_impl", record, "hookimpl"); return function
ExtensionPoint, Extension = HookspecMarker, HookimplMarker
