"""The warnings, and the places that they point at."""

# Frames are what a stack level is counted in.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any, final

__all__ = [
    "PluggyTeardownRaisedWarning",
    "PluggyWarning",
    "warn_at",
    "warn_of_missing",
    "warn_of_teardown",
]


class PluggyWarning(UserWarning):
    """What all warnings of pluggy derive from."""

    __module__ = "hotplug.compat.pluggy"


@final
class PluggyTeardownRaisedWarning(PluggyWarning):
    """An old-style wrapper raised after its ``yield``, instead of forcing an exception.

    Write it in the new style, or call ``result.force_exception(error)``.
    """

    __module__ = "hotplug.compat.pluggy"


def warn_of_missing(hook_name: str, declared: tuple[str, ...], absent: frozenset[str]) -> None:
    """Warn of a call that leaves out what the hook is declared with, if it does."""
    words = words_for(hook_name, declared, absent)
    if words:
        warn_caller(words, UserWarning)


@lru_cache
def words_for(hook_name: str, declared: tuple[str, ...], absent: frozenset[str]) -> str:
    """Kept, as the same call is often made again, and is to be warned of again."""
    names = ", ".join(repr(name) for name in declared if name in absent)
    return names and (
        f"Argument(s) {names} of hook {hook_name!r} cannot be found in this hook call; "
        "plugins that ask for them fail"
    )


def warn_of_teardown(hook_name: str, item: Any, error: BaseException) -> None:
    """Warn of an old-style wrapper that raises, instead of forcing an exception."""
    warn_caller(
        f"plugin {item.plugin_name!r} raised in the teardown of its old-style wrapper of hook "
        f"{hook_name!r}\n{type(error).__name__}: {error}\n"
        "write it in the new style, or call result.force_exception(error)",
        PluggyTeardownRaisedWarning,
    )


def warn_at(warning: Warning, function: Callable[..., Any]) -> None:
    """Warn of a function, at the line where it is defined."""
    code = function.__code__
    warnings.warn_explicit(
        warning, type(warning), lineno=code.co_firstlineno, filename=code.co_filename
    )


def warn_caller(message: str, category: type[Warning]) -> None:
    """Warn at the line of whoever called the hook.

    As `warnings.warn` would, whose ``stacklevel`` would have to be counted, and be gone up again.
    """
    frame = sys._getframe(4)  # whoever warns, and what it was called by, is ours for sure
    while frame.f_back is not None:
        name = frame.f_globals.get("__name__")
        if type(name) is not str or name[:8] != "hotplug.":
            break
        frame = frame.f_back
    names = frame.f_globals
    warnings.warn_explicit(
        message,
        category,
        frame.f_code.co_filename,
        frame.f_lineno,
        names.get("__name__") or "<string>",
        names.setdefault("__warningregistry__", {}),
    )
