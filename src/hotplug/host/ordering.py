"""An order in which each comes after what it needs. What the members are is not its business."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

__all__ = ["CircleError", "Ordering"]

T = TypeVar("T", bound=Hashable)


class CircleError(Exception):
    """Some need each other in a circle: ``members``, each followed by what it needs."""

    def __init__(self, members: list[object]) -> None:
        super().__init__(members)
        self.members = members


class Visit(NamedTuple, Generic[T]):
    """A member on the way from the first to what it needs."""

    is_wish: bool
    """Whether the one before it only would come after it, and does not need it."""
    ahead: Iterator[tuple[T, bool]]


class Ordering(Generic[T]):
    """Puts members into an order; ``steps`` says what each comes after, and whether it only would.

    A wish is dropped where it would close a circle, or lead into one.

    >>> steps = {"shop": [("lib", False), ("mailer", True)], "mailer": [("shop", False)]}
    >>> ordering = Ordering(lambda name: steps.get(name, []))
    >>> ordering.put("shop")
    >>> [*ordering.order], ordering.dropped
    (['lib', 'shop'], {('shop', 'mailer'): ['shop', 'mailer']})
    """

    def __init__(
        self,
        steps: Callable[[T], Iterable[tuple[T, bool]]],
        dropped: dict[tuple[T, T], list[T]] | None = None,
    ) -> None:
        self.order: dict[T, None] = {}
        self.dropped: dict[tuple[T, T], list[T]] = {} if dropped is None else dropped
        """Each wish that was dropped, with the circle that it would close."""
        self._steps = steps

    def put(self, first: T) -> None:
        """Put a member into the order, after what it needs; raises `CircleError`."""
        if first in self.order:
            return
        path: dict[T, Visit[T]] = {first: Visit(False, iter(self._steps(first)))}
        while path:
            member, visit = next(reversed(path.items()))
            for other, is_wish in visit.ahead:
                if other in self.order or (is_wish and (member, other) in self.dropped):
                    continue
                if other not in path:
                    path[other] = Visit(is_wish, iter(self._steps(other)))
                elif is_wish:
                    self._drop(path, member, other, other)
                    continue
                else:
                    self._go_back(path, other)
                break
            else:
                del path[member]
                self.order[member] = None

    def _go_back(self, path: dict[T, Visit[T]], closes_at: T) -> None:
        """Leave the path as far as it was needed, up to the last wish, which is dropped."""
        members = [*path]
        for at in reversed(range(1, len(members))):
            if path[members[at]].is_wish:
                self._drop(path, members[at - 1], members[at], closes_at)
                for member in members[at:]:
                    del path[member]
                return
        raise CircleError([*members[members.index(closes_at) :]])

    def _drop(self, path: dict[T, Visit[T]], member: T, other: T, closes_at: T) -> None:
        members = [*path]
        self.dropped[member, other] = members[members.index(closes_at) :]
