"""What errors about limits tell: who holds most of what is limited."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Holding"]


class Holding(NamedTuple):
    """What a plugin holds of one kind that was made in one place."""

    kind: str
    number: int
    where: str

    def __str__(self) -> str:
        return f"{self.number} x {self.kind} from {self.where}"
