"""Whom a host tells what happens in it. One that fails is logged, and breaks nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from hotplug.host.owner import APPLICATION, Owner, current_owner, run_as
from hotplug.host.quitting import as_error
from hotplug.host.resources import Resource
from hotplug.host.scope import Watchers
from hotplug.host.tracebacks import to_show

__all__ = ["LOGGER", "ResourceWatchers", "Watch", "log_error"]

LOGGER: Final = logging.getLogger("hotplug.host")


def log_error(message: str, error: BaseException) -> None:
    """Write down an error that nobody waits for."""
    shown = to_show(error)
    LOGGER.error("%s: %s: %s", message, type(error).__name__, error, exc_info=shown)


class Watch:
    """A list of functions to call when something happens.

    >>> watch = Watch("an enable hook")
    >>> remove = watch.add(print)
    >>> watch.tell("shop")
    shop
    []
    >>> remove()
    """

    def __init__(self, name: str, nobody_left: Callable[[], object] = int) -> None:
        self.name = name
        self.functions: tuple[Callable[..., object], ...] = ()
        self._nobody_left = nobody_left

    def add(self, function: Callable[..., object]) -> Callable[[], None]:
        """Call a function from now on; returns what ends that.

        One that a plugin adds is called as the plugin, and no longer when the plugin has ended.
        """
        if not callable(function):
            raise TypeError(f"{self.name} is a function, not {function!r}")
        owner = current_owner()
        if owner is None:
            self.functions = (*self.functions, function)
            return lambda: self.remove(function)
        listener = Listener(owner, self, function)
        owner.scope.add(listener)
        self.functions = (*self.functions, listener)
        return listener.disable

    def remove(self, function: Callable[..., object]) -> None:
        """Call it no longer; one that is not there is passed over."""
        for each in self.functions:
            if isinstance(each, Listener) and each.function == function:
                each.disable()
                return
            if each == function:
                self.functions = tuple(other for other in self.functions if other is not each)
                if not self.functions:
                    self._nobody_left()
                return

    def tell(self, *what: Any) -> list[BaseException]:
        """Call all, as the application; returns what they raised."""
        errors: list[BaseException] = []
        for function in self.functions:
            try:
                run_as(None, function, *what)
            except BaseException as error:
                error.add_note(f"in {self.name} of the host")
                owner = function.owner if isinstance(function, Listener) else APPLICATION
                errors.append(as_error(error, str(owner)))
        return errors


class Listener(Resource):
    """A function of a plugin that is told what happens in the host."""

    kind = "listener"

    def __init__(self, owner: Owner, watch: Watch, function: Callable[..., object]) -> None:
        super().__init__(owner)
        self.watch = watch
        self.function = function

    def __call__(self, *what: Any) -> None:
        run_as(self.owner, self.function, *what)  # `call` would tell of a switch, and so on

    def _cleanup(self) -> None:
        self.watch.remove(self)

    def describe(self) -> str:
        return f"{self.kind} ({self.watch.name} of the host)"


class ResourceWatchers(Watchers):
    """The resource hooks of a host."""

    def __init__(self, tell: Callable[..., None]) -> None:
        self.registered = Watch("a register hook")
        self.released = Watch("a cleanup hook")
        self._tell = tell

    def added(self, resource: Resource) -> None:
        if self.registered.functions:
            self._log(self.registered.tell(resource), resource)
        self._tell("resource_registered", resource=resource)

    def dropped(self, resource: Resource) -> None:
        if self.released.functions:
            self._log(self.released.tell(resource), resource)
        self._tell("resource_released", resource=resource)

    def _log(self, errors: list[BaseException], resource: Resource) -> None:
        for error in errors:
            if not isinstance(error, Exception):
                raise error
            log_error(f"a hook that was told of {resource!r} failed", error)
