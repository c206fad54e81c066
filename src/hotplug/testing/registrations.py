"""Writes down what plugins register with the standard library, which keeps it for ever.

Neither `atexit` nor `signal` nor `logging` knows who has come, and from where. So their functions
are replaced while somebody watches.
"""

from __future__ import annotations

import atexit
import logging
import signal
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, NamedTuple

from hotplug.host.life import Life
from hotplug.host.resources import Place
from hotplug.testing.belonging import frame_outside, life_in_frame, life_of

__all__ = ["Registration", "Registrations"]

ON_THE_WAY: Final = ("logging", "asyncio.", __name__)
"""Modules that stand between a plugin's code and what is replaced here."""


class Registration(NamedTuple):
    """Something that a plugin has handed to the standard library."""

    life: Life
    kind: str
    what: str
    where: str
    thing: Any
    is_there: Callable[[], bool]


class Registrations:
    """Replaces what registers, between `start` and `stop`."""

    def __init__(self) -> None:
        self._noted: list[Registration] = []
        self._undo: list[Callable[[], None]] = []

    def start(self) -> None:
        """Watch from now on."""
        self._replace(logging.Logger, "addHandler", self._handler_added)
        self._replace(logging.Filterer, "addFilter", self._filter_added)
        self._replace(signal, "signal", self._signal_handled)
        self._replace(atexit, "register", self._exit_registered)
        self._replace(atexit, "unregister", self._exit_unregistered)

    def stop(self) -> None:
        """Put back what was there."""
        while self._undo:
            self._undo.pop()()

    def take(self) -> list[Registration]:
        """What is still there; it is forgotten here."""
        left, self._noted = [each for each in self._noted if each.is_there()], []
        return left

    def _replace(self, holder: Any, name: str, note: Callable[..., None]) -> None:
        original = getattr(holder, name)

        @wraps(original)
        def noting(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            if self._undo:  # or somebody has kept it beyond its time
                note(*args, **kwargs)
            return result

        def undo() -> None:
            if vars(holder)[name] is noting:  # nobody has put another one on top
                setattr(holder, name, original)

        setattr(holder, name, noting)
        self._undo.append(undo)

    def _handler_added(self, logger: logging.Logger, hdlr: logging.Handler) -> None:
        what = f"{hdlr!r} of {logger_name(logger)}"
        self._note("logging handler", what, hdlr, lambda: hdlr in logger.handlers)

    def _filter_added(self, filterer: logging.Filterer, filter: Any) -> None:  # noqa: A002
        of = logger_name(filterer) if isinstance(filterer, logging.Logger) else repr(filterer)
        what = f"{name_of(filter)} of {of}"
        self._note("logging filter", what, filter, lambda: filter in filterer.filters)

    def _signal_handled(self, signalnum: int, handler: Any) -> None:
        what = f"{name_of(handler)} for {signal.Signals(signalnum).name}"
        self._note("signal handler", what, handler, lambda: signal.getsignal(signalnum) is handler)

    def _exit_registered(self, func: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        self._note("atexit function", name_of(func), func, lambda: True)

    def _exit_unregistered(self, func: Callable[..., object]) -> None:
        self._noted = [
            each for each in self._noted if each.kind != "atexit function" or each.thing != func
        ]

    def _note(self, kind: str, what: str, thing: Any, is_there: Callable[[], bool]) -> None:
        caller = frame_outside(sys._getframe(1), *ON_THE_WAY)  # pyright: ignore[reportPrivateUsage]
        life = (caller and life_in_frame(caller)) or life_of(thing)
        if caller is not None and life is not None:
            where = str(Place(caller.f_code, caller.f_lasti))
            self._noted.append(Registration(life, kind, what, where, thing, is_there))


def logger_name(logger: logging.Logger) -> str:
    return "the root logger" if logger is logging.root else f"logger {logger.name!r}"


def name_of(thing: object) -> str:
    name = getattr(thing, "__qualname__", None)
    return f"{name}()" if isinstance(name, str) else repr(thing)
