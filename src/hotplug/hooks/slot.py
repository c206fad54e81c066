"""A place for an implementation whose content may change, even while a call is under way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

__all__ = ["Slot"]


@final
class Slot:
    """Stands for a function that can be taken out at any time. Compiled calls go through ``run``.

    >>> slot = Slot(len)
    >>> slot("tea")
    3
    >>> slot.run = str.upper
    >>> slot("tea")
    'TEA'
    """

    __slots__ = ("run",)

    def __init__(self, run: Callable[..., Any]) -> None:
        self.run = run

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.run(*args, **kwargs)
