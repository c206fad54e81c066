"""A lock that processes share: a file that one of them holds locked."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hotplug.errors.hosting import DataError

__all__ = ["PATIENCE", "locked"]

PATIENCE: Final = 10.0
"""For how many seconds one waits for others."""
LONGEST_NAP: Final = 0.05

if sys.platform == "win32":
    import msvcrt

    def lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextmanager
def locked(file: Path, patience: float = PATIENCE) -> Generator[None]:
    """Hold the lock in the block of a ``with``; the system opens it where a process dies.

    Threads of one process that open the file by themselves keep each other out, too.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        wait(descriptor, file, patience)
        try:
            yield
        finally:
            unlock(descriptor)
    finally:
        os.close(descriptor)


def wait(descriptor: int, file: Path, patience: float) -> None:
    give_up, nap = time.monotonic() + patience, 0.0005
    while True:
        try:
            lock(descriptor)
        except OSError:
            if time.monotonic() >= give_up:
                break
        else:
            return
        time.sleep(nap)
        nap = min(2 * nap, LONGEST_NAP)
    raise DataError(
        f"another process or host has held {file} locked for more than {patience:g} s\n"
        "  it may be in the middle of a transaction, or stopped: see which one has the file open"
    )
