"""Hosts that are still open when the program ends are closed, and on signals where that is asked.

Nothing is installed before the first host is made.
"""

from __future__ import annotations

import atexit
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from threading import Lock
from types import FrameType
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from hotplug.hooks.looking import place
from hotplug.host.owner import MARK, Owner, run_as
from hotplug.host.watching import LOGGER, log_error

if TYPE_CHECKING:
    from hotplug.host.host import PluginHost

__all__ = ["close_all", "forget", "remember"]

GRACE: Final = 10.0
"""For how many seconds the plugins of a host may go on at the end of the program."""
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

changing: Final = Lock()
hosts: Final[WeakSet[PluginHost[Any]]] = WeakSet()
on_signal: Final[WeakSet[PluginHost[Any]]] = WeakSet()
before: Final[dict[int, Any]] = {}
"""What the signals did before."""
at_exit: Final[list[Callable[[], None]]] = []
"""What is called at the end of the program."""


def remember(host: PluginHost[Any], *, handle_signals: bool) -> None:
    """Close this host at the end of the program, if it is still there and open."""
    with changing:
        hosts.add(host)
        if not at_exit:
            at_exit.append(close_all)
            before_threads_are_waited_for(close_all)
        if handle_signals:
            if not is_main_thread():
                raise RuntimeError("handle_signals=True needs the main thread: Python says so")
            on_signal.add(host)
            for number in SIGNALS:
                if number not in before:
                    before[number] = signal.signal(number, handle)


def before_threads_are_waited_for(function: Callable[[], None]) -> None:
    """`atexit` comes after the threads that are no daemons: those a plugin has to stop first."""
    register = getattr(threading, "_register_atexit", atexit.register)
    with suppress(RuntimeError):  # the program is ending already
        register(function)


def forget(host: PluginHost[Any]) -> None:
    """It is closed; with the last one that asked for them the signal handlers go as well."""
    with changing:
        hosts.discard(host)
        on_signal.discard(host)
        if on_signal or not is_main_thread():
            return
        for number in [*before]:
            if signal.getsignal(number) is handle:  # nobody has put another one on top
                signal.signal(number, before.pop(number))


def close_all() -> None:
    """Close what is open, the newest hosts too; errors are logged."""
    close(hosts)


def close(some: WeakSet[PluginHost[Any]]) -> None:
    for host in [*some]:
        try:
            with hurried(host):
                run_as(None, host.close)  # a signal comes in the midst of a plugin's code
        except BaseException as error:
            log_error(f"closing host {host.name!r} at the end of the program failed", error)


@contextmanager
def hurried(host: PluginHost[Any]) -> Generator[None]:
    """Interrupt a plugin that is at this for longer than the grace; what comes after it goes on.

    A signal does it: no thread can be started any more. Where there is none, as on Windows, or in
    another thread than the main one, a plugin has all the time it wants.
    """
    if not hasattr(signal, "setitimer") or not is_main_thread():
        yield
        return

    def hurry(number: int, frame: FrameType | None) -> None:
        while frame is not None and not isinstance(frame.f_builtins.get(MARK), Owner):
            frame = frame.f_back
        if frame is not None:
            where = place(frame.f_code, frame.f_lineno)
            owner = frame.f_builtins[MARK]
            LOGGER.error(
                "%s has not ended within %g s, and is interrupted: %s", owner, GRACE, where
            )
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, hurry)
    signal.setitimer(signal.ITIMER_REAL, GRACE, GRACE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before or signal.SIG_DFL)


def is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def handle(number: int, frame: FrameType | None) -> None:
    """Close the hosts that asked for it, then let the signal do what it did before."""
    previous = before.get(number, signal.SIG_DFL)  # with the last host this is forgotten
    close(on_signal)
    if callable(previous):
        previous(number, frame)
    elif previous is not signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
