"""How calls are executed, for those who want to stand in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from hotplug.compat.pluggy._marks import NO_OPTIONS, HookImpl
from hotplug.compat.pluggy._result import HookCallError, Result
from hotplug.compat.pluggy._warnings import PluggyTeardownRaisedWarning

__all__ = [
    "HookCallError",
    "HookExec",
    "Methods",
    "PluggyTeardownRaisedWarning",
    "Result",
    "_multicall",
]

HookExec: TypeAlias = Callable[[str, Sequence[HookImpl], Mapping[str, object], bool], Any]
"""Executes a call. It is told the hook, the implementations (the last one runs first), the
arguments, and whether the first result is enough."""


class Methods(list[HookImpl]):
    """The implementations of a call, for those who execute it: and how the kernel does."""

    __slots__ = ("firstresult", "made_of", "run")

    firstresult: bool
    made_of: list[HookImpl]
    run: Callable[[Mapping[str, object]], Any]

    def is_meant(self, firstresult: bool) -> bool:
        """Whether who executes a call wants what the kernel does: it may ask for something else."""
        return self.firstresult == bool(firstresult) and self == self.made_of


def _multicall(
    hook_name: str,
    hook_impls: Sequence[HookImpl],
    caller_kwargs: Mapping[str, object],
    firstresult: bool,
) -> Any:
    """Execute a call of these implementations, the last one first."""
    __tracebackhide__ = True
    if type(hook_impls) is Methods and hook_impls.is_meant(firstresult):
        return hook_impls.run(caller_kwargs)
    from hotplug.compat.pluggy._kernel import run_these  # a program that calls no hook goes without

    return run_these(hook_name, [real(item) for item in hook_impls], caller_kwargs, firstresult)


def real(given: Any) -> HookImpl:
    """An implementation that does what the given one does: programs put theirs around ours.

    Such a one needs no more than pluggy looks at in a call.
    """
    if type(given) is HookImpl:
        return given
    item = HookImpl(
        getattr(given, "plugin", None),
        getattr(given, "plugin_name", ""),
        given.function,
        {**NO_OPTIONS, "wrapper": given.wrapper, "hookwrapper": given.hookwrapper},
    )
    item.argnames, item.kwargnames = given.argnames, getattr(given, "kwargnames", ())
    return item
