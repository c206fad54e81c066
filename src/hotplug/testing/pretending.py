"""A pretend sandbox: says what a plugin's source reaches for. It keeps nobody in who wants out."""

from __future__ import annotations

import builtins
import linecache
import sys
from collections.abc import Callable, Collection, Mapping
from types import ModuleType
from typing import Any, Final

from hotplug.errors.hosting import NotAllowed, PluginImportError

__all__ = ["pretend_sandbox"]

REACHING_OUT: Final = (
    *("breakpoint", "compile", "eval", "exec", "exit", "help", "input", "open", "quit"),
)
"""Builtins that do something outside the module, or run what is not in its source."""
ALWAYS: Final = "__future__"


def pretend_sandbox(
    source: str, name: str = "sandboxed", *, allow: Collection[str] = ()
) -> ModuleType:
    """Run source in a fresh module that can import and open nothing but what is allowed.

    ``allow`` takes modules, with all that is in them, and builtins. This is for tests of sources
    that mean no harm, and **no security boundary**: any object leads out of it.

    >>> circle = pretend_sandbox("import math; area = 4 * math.pi", allow=["math"])
    >>> round(circle.area)
    13
    """
    if isinstance(allow, str):
        raise TypeError(f"allow takes several names: allow=[{allow!r}]")
    module = ModuleType(name)
    module.__file__ = file = f"<{name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    vars(module)["__builtins__"] = restricted(name, allow)
    exec(compile(source, file, "exec", dont_inherit=True), vars(module))
    return module


def restricted(name: str, allow: Collection[str]) -> dict[str, Any]:
    """The builtins of the sandbox."""
    public = {key: value for key, value in vars(builtins).items() if not key.startswith("_")}
    refused = {key: refusing(name, key) for key in REACHING_OUT if key not in allow}
    importing = importing_only({ALWAYS, *allow}, name)
    own = {"__build_class__": builtins.__build_class__, "__import__": importing}
    return {**public, **refused, **own}


def refusing(name: str, builtin: str) -> Callable[..., Any]:
    def refuse(*args: object, **kwargs: object) -> Any:
        raise NotAllowed(told(name, f"call {builtin}()", builtin))

    return refuse


def importing_only(allowed: Collection[str], name: str) -> Callable[..., ModuleType]:
    def import_allowed(
        module: str,
        names: Mapping[str, object] | None = None,
        local: Mapping[str, object] | None = None,
        fromlist: Collection[str] = (),
        level: int = 0,
    ) -> ModuleType:
        if level:
            wish = f"import {'.' * level}{module}"
            raise PluginImportError(f"{name!r} stands alone in its sandbox: it cannot {wish}")
        if not any(module == each or module.startswith(f"{each}.") for each in allowed):
            raise PluginImportError(told(name, f"import {module}", module), name=module)
        return builtins.__import__(module, names, local, tuple(fromlist or ()), level)

    return import_allowed


def told(name: str, wish: str, what: str) -> str:
    """What the source wanted to do, where, and how to let it."""
    frame = sys._getframe(2)  # pyright: ignore[reportPrivateUsage]
    file, number = frame.f_code.co_filename, frame.f_lineno
    line = linecache.getline(file, number).strip()
    return (
        f"{name!r} cannot {wish} in its sandbox\n"
        f"  {file}:{number}   {line}\n"
        f"  to let it: pretend_sandbox(..., allow=[{what!r}])"
    )
