"""What plugins have left behind: each with its plugin, its kind, and where it comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from hotplug.errors import HotplugError

__all__ = ["KINDS", "Leak", "LeaksFound", "checked_kinds"]

KINDS: Final = {
    "thread": "let it end once get_current_plugin().stopping is set",
    "abandoned thread": "let it end once get_current_plugin().stopping is set",
    "task": "let it end when it is cancelled",
    "resource": "its disable() must call super().disable()",
    "hook implementation": "register it with get_current_plugin().host.hooks",
    "logging handler": "remove it in on_disable, with removeHandler",
    "logging filter": "remove it in on_disable, with removeFilter",
    "atexit function": "use on_disable instead, or atexit.unregister in it",
    "signal handler": "in on_disable, set again what was there before",
    "module": "delete it from sys.modules in on_disable",
    "generation": "let go of it in on_disable",
}
"""The kinds of leaks that are looked for, each with what a plugin can do."""


@dataclass(frozen=True, slots=True)
class Leak:
    """One thing that a plugin has left behind.

    >>> print(Leak("shop", "task", "'poll' has not ended", "shop/plugin.py:12"))
    plugin 'shop': task 'poll' has not ended
        shop/plugin.py:12
        let it end when it is cancelled
    """

    plugin: str
    kind: str
    """One of `KINDS`."""
    what: str
    where: str
    """File and line."""

    def __str__(self) -> str:
        where = "".join(f"\n    {line}" for line in self.where.splitlines())
        return f"plugin {self.plugin!r}: {self.kind} {self.what}{where}\n    {KINDS[self.kind]}"


class LeaksFound(HotplugError, AssertionError):
    """Plugins have left something behind; ``leaks`` says what."""

    def __init__(self, leaks: Sequence[Leak]) -> None:
        super().__init__(leaks)
        self.leaks = list(leaks)

    def __str__(self) -> str:
        counts = Counter(leak.plugin for leak in self.leaks)
        who = ", ".join(f"{name!r} ({number})" for name, number in counts.items())
        return "\n".join([f"left behind by plugins: {who}", *map(str, self.leaks)])


def checked_kinds(allowed: Collection[str]) -> frozenset[str]:
    """The kinds of leaks that one may leave, checked for mistakes."""
    if isinstance(allowed, str):
        raise TypeError(f"allowed_leaks is a list of kinds, not {allowed!r}: [{allowed!r}]")
    for kind in allowed:
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is no kind of leak; there are: {', '.join(KINDS)}")
    return frozenset(allowed)
