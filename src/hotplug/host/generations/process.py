"""What is true of the whole process: which namespaces and generations live, and what may change it.

A generation may be collected anywhere, within a change too. What is then to be done waits in
``later`` until nobody is changing anything: so no thread ever waits for itself.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from functools import cache
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from hotplug.host.generations.generation import Generation, Living
    from hotplug.host.generations.namespace import Namespace

__all__ = ["builtins_of_plugins", "changing", "generations", "namespaces", "next_number", "soon"]
__all__ += ["forget", "generation_named", "remember", "survive_forks"]

generations: Final[dict[str, Living]] = {}
"""By key. A closed one stays for as long as code of it may run."""

namespaces: Final[dict[str, list[Namespace]]] = {}
"""The open ones by name. The first of a name answers where no plugin is on the stack."""

numbers: Final[dict[str, int]] = {}
loads: Final[dict[str, list[Living]]] = {}
"""By package the generations that are there, of plugins that were loaded more than once."""
later: Final[deque[Callable[[], object]]] = deque()


class Changing:
    """Whoever changes what all threads see holds this, for a moment and calling nobody else."""

    def __init__(self) -> None:
        self.lock = Lock()

    def __enter__(self) -> None:
        self.lock.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.lock.release()
        if later:
            sweep()

    def renew(self) -> None:
        """In a forked child: the thread that held the lock is not there."""
        self.lock = Lock()


changing: Final = Changing()


def builtins_of_plugins() -> list[dict[str, Any]]:
    """The builtins of each generation that is there: copies, which patches must reach."""
    living = [weak() for weak in [*generations.values()]]
    return [generation.builtins for generation in living if generation is not None]


def soon(action: Callable[[], object]) -> None:
    """Change something now, or as soon as nobody else is changing anything."""
    later.append(action)
    sweep()


def sweep() -> None:
    while later and changing.lock.acquire(blocking=False):
        try:
            while later:
                later.popleft()()
        finally:
            changing.lock.release()


def generation_named(key: str) -> Generation | None:
    """The generation with a key, if it is still there."""
    living = generations.get(key)
    return None if living is None else living()


def remember(package: str, living: Living) -> list[Generation]:
    """Note one more load of a plugin; returns the earlier ones whose code is still there."""
    first = generations.get(f"{package}~1")  # most plugins are loaded once, and need no list
    several = loads.setdefault(package, [] if first is None else [first])
    found = [each() for each in several]
    several.append(living)
    return [each for each in found if each is not None]


def forget(package: str, living: Living) -> list[Living]:
    """Note that the code of a load is gone; returns the others that are there."""
    several = loads.get(package, [])
    others = [each for each in several if each is not living]
    if others:
        loads[package] = others
    else:
        loads.pop(package, None)
    return others


def next_number(package: str) -> int:
    """Count the loads of this plugin's name in all hosts: no key comes twice."""
    number = numbers[package] = numbers.get(package, 0) + 1
    return number


@cache
def survive_forks() -> None:
    """Once, and not on import."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=changing.renew)
