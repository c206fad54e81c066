"""Who runs, as code asks for it and as an application says it.

How the answer is found is `owner`'s business. None of this is a security boundary: it keeps
plugins from acting for each other by accident, and no more.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import ContextVar, Token
from types import FrameType, TracebackType
from typing import Any, Final, ParamSpec, TypeVar

from hotplug.errors.hosting import NotAllowed
from hotplug.host.owner import CURRENT, EVENT_LOOP, MARK, Owner, current_owner, owner_at, run_as
from hotplug.host.resources import Holder

__all__ = ["PluginContext", "get_current_plugin", "host_call", "plugin_context"]
__all__ += ["set_current_plugin"]

P = ParamSpec("P")
R = TypeVar("R")

ENTERED: Final[ContextVar[Owner | None]] = ContextVar("hotplug_entered", default=None)
"""As whom the application has said that it runs."""


def get_current_plugin() -> Any:  # a Plugin, what stands in for one without a host, or None
    """The plugin that runs now, or None in the application's own code.

    >>> get_current_plugin() is None
    True
    """
    owner = current_owner()
    return getattr(owner, "plugin", owner)


def host_call(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function as the application: for its own code that plugins call.

    >>> shop = Owner("shop")
    >>> shop.call(host_call, get_current_plugin) is None
    True
    """
    caller = sys._getframe(1).f_builtins.get(MARK)  # pyright: ignore[reportPrivateUsage]
    if isinstance(caller, Owner):
        raise NotAllowed(
            f"{caller} may not act as the application\n"
            "  host_call is for the application's own functions, which plugins call"
        )
    return run_as(None, function, *args, **kwargs)


def plugin_context(host: object, plugin: Holder | None) -> PluginContext:
    """Run the block of a ``with`` as a plugin of this host, or as the application with None.

    >>> shop = Owner("shop")
    >>> with plugin_context(None, shop):
    ...     get_current_plugin()
    <Owner 'shop' 1>
    """
    if plugin is not None and getattr(plugin, "host", host) != host:
        raise ValueError(f"{plugin!r} is no plugin of {host!r}: name the host it belongs to")
    return PluginContext(plugin)


def set_current_plugin(plugin: Holder) -> PluginContext:
    """Run as a plugin from here on, until the result is reset or its ``with`` block ends.

    >>> current = set_current_plugin(Owner("shop"))
    >>> current.reset()
    >>> get_current_plugin() is None
    True
    """
    running = current_owner()
    if running is not None:
        raise RuntimeError(
            f"{running} runs already: only code of the application can begin to run as a plugin"
        )
    context = PluginContext(plugin)
    context.set(sys._getframe(1))  # pyright: ignore[reportPrivateUsage]
    return context


class PluginContext:
    """Runs as a plugin for a while. `plugin_context` and `set_current_plugin` make it."""

    __slots__ = ("_before", "_owner")

    def __init__(self, plugin: Holder | None) -> None:
        try:
            self._owner = None if plugin is None else plugin.owner
        except AttributeError:
            raise TypeError(f"a Plugin is expected, or None, and not {plugin!r}") from None
        self._before: tuple[Token[Owner | None], Token[Owner | None]] | None = None

    def set(self, frame: FrameType) -> None:
        """Begin, in a frame that may do so."""
        refuse_plugins(frame, self._owner)
        before = CURRENT.set(self._owner), ENTERED.set(self._owner)
        self._before = before
        if owner_at(frame) is not self._owner:
            self.reset()
            raise RuntimeError(
                "the application's code that a plugin has called cannot begin to run as another\n"
                "  call a function instead: plugin.owner.call(function), or host_call(function)"
            )

    def reset(self) -> None:
        """End it. A second time does nothing."""
        before, self._before = self._before, None
        if before is not None:
            CURRENT.reset(before[0])
            ENTERED.reset(before[1])

    def __enter__(self) -> PluginContext:
        if self._before is None:
            self.set(sys._getframe(1))  # pyright: ignore[reportPrivateUsage]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.reset()


def refuse_plugins(frame: FrameType, wanted: Owner | None) -> None:
    """Refuse code of a plugin that would run as someone else."""
    running = owner_at(frame)
    is_said = running is None or running is wanted or running is ENTERED.get()
    acting = running if not is_said else plugin_of(frame, wanted)
    if acting is not None:
        raise NotAllowed(
            f"{acting} may not run as {wanted or 'the application'}\n"
            "  offer what others need as a @syscall; code of the application uses host_call(...)"
        )


def plugin_of(frame: FrameType | None, wanted: Owner | None) -> Owner | None:
    """Whose code, other than the wanted one's, has called what runs in a frame."""
    while frame is not None and frame.f_code is not EVENT_LOOP:
        mark = frame.f_builtins.get(MARK)
        if isinstance(mark, Owner) and mark is not wanted:
            return mark
        if mark is not None and mark is not wanted:  # who runs was decided here
            return None
        frame = frame.f_back
    return None
