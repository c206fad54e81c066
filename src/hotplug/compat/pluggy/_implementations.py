"""The list of a hook's implementations as programs know it: to change it is to change the hook."""

# The names that pluggy's users reach for begin with underscores.
# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from hotplug.compat.pluggy._marks import HookImpl

if TYPE_CHECKING:
    from hotplug.compat.pluggy._hooks import HookCaller

__all__ = ["Implementations"]

CHANGING: Final = (
    *("__delitem__", "__iadd__", "__imul__", "__setitem__", "append", "clear", "extend"),
    *("insert", "pop", "remove", "reverse", "sort"),
)
"""What of a list changes it."""


class Implementations(list[HookImpl]):
    """All implementations; the last one runs first, and the wrappers stand at the end."""

    __slots__ = ("_hook",)

    def __init__(self, hook: HookCaller, items: Sequence[HookImpl]) -> None:
        super().__init__(items)
        self._hook = hook


def changing(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def change(self: Implementations, *args: Any, **kwargs: Any) -> Any:
        result = method(self, *args, **kwargs)
        self._hook._hookimpls = self
        return result

    return change


for name in CHANGING:
    setattr(Implementations, name, changing(getattr(list, name)))
