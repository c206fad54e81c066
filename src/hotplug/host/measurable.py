"""What a host can measure of its plugins: their start, and what they do after it."""

from __future__ import annotations

from hotplug.host.ledger import Bookkeeping, Ledger

__all__ = ["Measurable"]


class Measurable:
    """The part of a host that measures."""

    def __init__(self, namespace: str) -> None:
        self.bookkeeping = Bookkeeping(namespace)

    def ledger(self) -> Ledger:
        """What loading and starting each plugin took, and which modules came in with it.

        >>> print(host.ledger())  # doctest: +SKIP
        plugin      read     run    start    total    memory  imported
        shop 1.0  0.2 ms  9.1 ms   0.1 ms   9.4 ms   +0.5 MB  decimal (3 modules)
        """
        return Ledger(self.bookkeeping.entries)
