"""What was meant by a name that is not there: the one that looks most like it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = ["closest", "did_you_mean"]

LONGEST: Final = 100
"""What is longer is cut off: comparing takes as long as the square of it."""
ALIKE: Final = 0.6


def closest(word: str, known: Iterable[str], alike: float = ALIKE) -> str | None:
    """The known word that is most like it, if one is alike enough.

    >>> closest("curency", ["item", "currency"])
    'currency'
    """
    from difflib import get_close_matches  # only for an error: keeps every import light

    return next(iter(get_close_matches(word[:LONGEST], [*known], 1, alike)), None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The same as a question, or nothing.

    >>> did_you_mean("curency", ["item", "currency"])
    "did you mean 'currency'?"
    """
    close = closest(word, known)
    return "" if close is None else f"did you mean {close!r}?"
