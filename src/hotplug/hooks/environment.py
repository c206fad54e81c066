"""What all hooks of one manager share while they are called, and the rules that they follow."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from hotplug.hooks.hook import Hook
    from hotplug.hooks.monitor import Observer, Watch
    from hotplug.hooks.policy import ErrorPolicy
    from hotplug.hooks.records import HookImpl

__all__ = ["MISSING", "RULES", "Environment", "Errors", "Rules"]


class Rules:
    """How the hooks of a manager behave; the defaults are those of `PluginManager`.

    Compared by identity: there are few of them, and each is part of many keys.
    """

    __slots__ = ("blames", "lenient", "newest_first", "none_counts", "strict")

    def __init__(
        self,
        *,
        newest_first: bool = False,
        lenient: bool = False,
        none_counts: bool = False,
        blames: bool = True,
    ) -> None:
        self.newest_first = newest_first
        """Whether of two implementations with equal options the later registered one runs first."""
        self.lenient = lenient
        """Whether a call is by name only, passes over what the hook does not know, and runs those
        who can do without what it leaves out."""
        self.none_counts = none_counts
        """Whether a wrapper that returns None changes the result to None."""
        self.blames = blames
        """Whether an exception gets a note that says whose code raised it."""
        self.strict: Rules = self
        """The same for a call of which it is known that it gives what the hook takes."""
        if lenient:
            self.strict = Rules(newest_first=newest_first, none_counts=none_counts, blames=blames)


RULES: Final = Rules()

Errors: TypeAlias = "type[BaseException] | tuple[type[BaseException], ...]"
"""What an ``except`` takes."""

MISSING: Final = object()
"""Stands for an argument that the call of a lenient hook left out."""


class Environment:
    """The lock, the settings and the watchers of one manager's hooks."""

    builtins: dict[str, Any] | None = None
    """The builtins of the functions of its hooks: the frames of a call can be told by them. They
    count for hooks that are declared after they were set."""
    errors: Errors = Exception
    """What error policies are for; anything else ends a call at once."""

    def __init__(self, project: str, policy: ErrorPolicy = "raise", rules: Rules = RULES) -> None:
        self.project = project
        if policy != "raise":
            from hotplug.hooks.policy import checked  # few programs have another one

            checked(policy)
        self.policy: ErrorPolicy = policy
        self.rules = rules
        self.lock = RLock()
        self.version: int = 0
        """Changes with whatever changes the calls of all hooks."""
        self.impl_attribute = f"{project}_impl"
        self.observers: list[Observer] = []
        self.watches: list[Watch] = []
        self.loading: list[Callable[[], None]] = []
        self.first_uses: dict[str, tuple[Callable[[], object], ...]] = {}
        """By hook: what comes before its next call."""
        self._loading_lock: AbstractContextManager[bool] | None = None
        self._is_loading = False

    @property
    def is_special(self) -> bool:
        """Whether calls do more than to run what is registered."""
        return bool(self.observers or self.watches) or self.policy != "raise"

    def observed(
        self, hook: Hook, wrappers: list[HookImpl], others: list[HookImpl]
    ) -> tuple[list[HookImpl], list[HookImpl]]:
        """What runs in a call, with those who watch it."""
        from hotplug.hooks.monitor import observed  # only while someone watches

        return observed(self, hook, wrappers, others)

    def before_next_call(self, hook: Hook, do: Callable[[], object]) -> Callable[[], None]:
        """Do something before each call that has to be built anew, the next one first.

        Returns what ends that. It is done while no lock is held, and may change the hook.
        """

        def end() -> None:
            with self.lock:
                left = tuple(each for each in self.first_uses.get(hook.name, ()) if each is not do)
                self.first_uses[hook.name] = left
                if not left:
                    del self.first_uses[hook.name]

        with self.lock:
            self.first_uses[hook.name] = (*self.first_uses.get(hook.name, ()), do)
            hook.touch()
        return end

    def get_ready(self, hook: str) -> None:
        """Do what was left for a hook's next call; the lock is not held."""
        if self.loading:
            self.load_waiting()
        for first in self.first_uses.get(hook, ()):
            first()

    def load_waiting(self) -> None:
        """Import what was left for the first call; the lock is not held.

        Calls that come meanwhile wait, but for those of the plugins that are being imported.
        """
        with self.lock:  # made only where something is left to load
            lock = self._loading_lock = self._loading_lock or RLock()
        with lock:
            while self.loading and not self._is_loading:
                self._is_loading = True
                try:
                    self.loading[0]()
                finally:
                    self._is_loading = False
                    del self.loading[0]
