"""Whether an implementation fits its hook."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hotplug.compat.pluggy._warnings import warn_at
from hotplug.errors import HotplugError

if TYPE_CHECKING:
    from hotplug.compat.pluggy._hooks import HookCaller
    from hotplug.compat.pluggy._marks import HookImpl

__all__ = ["PluginValidationError", "_formatdef", "verify"]


class PluginValidationError(HotplugError):
    """A plugin does not fit the hooks it implements."""

    def __init__(self, plugin: object, message: str) -> None:
        super().__init__(message)
        self.plugin = plugin


def verify(hook: HookCaller, hookimpl: HookImpl) -> None:
    """Refuse an implementation that does not fit its hook; warn of one that it warns of."""
    spec, is_wrapper = hook.spec, hookimpl.wrapper or hookimpl.hookwrapper
    assert spec is not None

    def refuse(reason: str) -> PluginValidationError:
        return PluginValidationError(
            hookimpl.plugin,
            f"Plugin {hookimpl.plugin_name!r} for hook {hook.name!r}\n"
            f"hookimpl definition: {_formatdef(hookimpl.function)}\n{reason}",
        )

    if hook.is_historic() and is_wrapper:
        raise refuse("historic incompatible with yield/wrapper/hookwrapper")
    if spec.warn_on_impl:
        warn_at(spec.warn_on_impl, hookimpl.function)
    if hookimpl.argnames != spec.argnames and (
        unknown := {*hookimpl.argnames}.difference(spec.argnames, spec.kwargnames)
    ):
        raise refuse(
            f"Argument(s) {unknown} are declared in the hookimpl but can not be found in the "
            f"hookspec, which has: {', '.join((*spec.argnames, *spec.kwargnames)) or 'none'}"
        )
    if spec.warn_on_impl_args:
        for name in hookimpl.argnames + hookimpl.kwargnames:
            if name in spec.warn_on_impl_args:
                warn_at(spec.warn_on_impl_args[name], hookimpl.function)
    if is_wrapper and not is_generator(hookimpl.function):
        raise refuse("a wrapper, old or new, must be a generator function: it yields once")
    if hookimpl.wrapper and hookimpl.hookwrapper:
        raise refuse("wrapper=True and hookwrapper=True are mutually exclusive")


def is_generator(function: Callable[..., object]) -> bool:
    from inspect import isgeneratorfunction  # few plugins have wrappers

    return isgeneratorfunction(function)


def _formatdef(func: Callable[..., object]) -> str:
    from inspect import signature  # only for an error: keeps the import light

    return f"{getattr(func, '__name__', func)}{signature(func)}"
