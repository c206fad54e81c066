"""What a host can measure of its plugins: their start, and what they do after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotplug.host.ledger import Bookkeeping, Ledger

if TYPE_CHECKING:
    from hotplug.host.dependencies import Plugins
    from hotplug.host.implementations import Hooks
    from hotplug.observe.profile import Profile

__all__ = ["Measurable"]


class Measurable:
    """The part of a host that measures."""

    plugins: Plugins
    _hooks: Hooks[Any]

    def __init__(self, namespace: str) -> None:
        self.bookkeeping = Bookkeeping(namespace)

    def ledger(self) -> Ledger:
        """What loading and starting each plugin took, and which modules came in with it.

        >>> print(host.ledger())  # doctest: +SKIP
        plugin      read     run    start    total    memory  imported
        shop 1.0  0.2 ms  9.1 ms   0.1 ms   9.4 ms   +0.5 MB  decimal (3 modules)
        """
        return Ledger(self.bookkeeping.entries)

    def profile(self, *, slow: float = 0.1) -> Profile:
        """Count and time what plugins do, until it is stopped. Where nobody asks it costs nothing.

        Who keeps an event loop waiting for ``slow`` seconds or more is named.

        >>> with host.profile() as profile:  # doctest: +SKIP
        ...     serve()
        >>> print(profile)  # doctest: +SKIP
        """
        from hotplug.observe.profile import Profile  # a floor above, for who asks for it only

        return Profile(self.plugins, self._hooks.managers, slow)
