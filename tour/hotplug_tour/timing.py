"""What a hook call costs beside other ways to do the same, as ratios measured in one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any, Final, Protocol

__all__ = ["Prices", "by_hand", "in_pluggy", "ratios"]

ROUNDS: Final = 40
CALLS: Final = 500


def ratios(
    by_hand: Callable[..., object], **others: Callable[..., object] | None
) -> Iterator[tuple[str, float]]:
    """How long each hook ``price`` takes beside the loop; one that is not there is left out."""
    hooks = [hook for hook in (by_hand, *others.values()) if hook is not None]
    best = [float("inf")] * len(hooks)
    for _ in range(ROUNDS):  # in turn, so that a busy machine slows all of them
        for at, hook in enumerate(hooks):
            best[at] = min(best[at], seconds(hook))
    names = [name for name, hook in others.items() if hook is not None]
    return ((name, taken / best[0]) for name, taken in zip(names, best[1:], strict=True))


def seconds(hook: Callable[..., object]) -> float:
    start = perf_counter()
    for _ in range(CALLS):
        hook(item="book", amount=2)
    return perf_counter() - start


class Prices(Protocol):
    """A plugin of the step."""

    def price(self, item: str, amount: int) -> int: ...


def by_hand(*plugins: Prices) -> Callable[[str, int], list[int]]:
    """The loop that one would write."""
    functions: list[Callable[[str, int], int | None]] = [plugin.price for plugin in plugins]

    def price(item: str, amount: int) -> list[int]:
        results: list[int] = []
        for function in functions:
            result = function(item, amount)
            if result is not None:
                results.append(result)
        return results

    return price


def in_pluggy() -> Any:
    """The hook ``price`` of a pluggy manager with two plugins; None if pluggy is not there."""
    try:
        import pluggy  # noqa: PLC0415 - only to compare with, where it happens to be installed
    except ImportError:
        return None
    hookspec, hookimpl = pluggy.HookspecMarker("tour"), pluggy.HookimplMarker("tour")

    class Specs:
        @hookspec
        def price(self, item: str, amount: int) -> int:
            raise NotImplementedError

    class Shop:
        @hookimpl
        def price(self, item: str, amount: int) -> int:
            return amount * 3

    class Post:
        @hookimpl
        def price(self, item: str, amount: int) -> int:
            return 4

    manager = pluggy.PluginManager("tour")
    manager.add_hookspecs(Specs)
    manager.register(Shop())
    manager.register(Post())
    return manager.hook.price
