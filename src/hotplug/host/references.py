"""Finds what keeps an object alive, and says it as a chain of names.

    logging.root -> handlers[0] -> H.emit

That takes a while: it is for the moment when something is known to be alive that should not be.
How one link is called is `links`'s business.
"""

from __future__ import annotations

import gc
import sys
import threading
from array import array
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from types import FrameType
from typing import Final

from hotplug.host.hidden import (
    CALLED,
    context_variable,
    hidden_references,
    name_of,
    registered,
)
from hotplug.host.links import attributes_of, place_of, words
from hotplug.host.owner import is_ours

__all__ = ["Chain", "chain_to"]

UNSEEN: Final = "something that Python does not show: C code, or a function that runs"
MOST: Final = 200_000
"""How many objects are looked at before it is given up."""

Judge = Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class Chain:
    """What holds an object: names, from the outermost holder to what it holds in the end.

    >>> print(Chain("app.callbacks[0]", "shop/plugin.py:12"))
    app.callbacks[0] (shop/plugin.py:12)
    """

    text: str
    where: str = ""
    """File and line of the function that the chain ends with, if it ends with one."""

    def __str__(self) -> str:
        return f"{self.text} ({self.where})" if self.where else self.text


def chain_to(
    target: object,
    *,
    is_end: Judge = lambda _: False,
    is_excused: Judge = lambda _: False,
    excused: Iterable[object] = (),
    threads: Collection[int] = (),
    beneath: FrameType | None = None,
) -> Chain | None:
    """Find the shortest chain that holds an object; None if only what is excused holds it.

    It ends early, with the first object that ``is_end`` says yes to. Excused are, besides what one
    asks for, the variables of functions that run in these ``threads`` and in this one, here down
    to the frame ``beneath`` which all this is done.
    """
    search = Search(target, is_excused, excused)
    search.note_variables(threads, beneath)
    links = search.run()
    if not links:
        return None if search.met_excused else search.unseen()
    for at, link in enumerate(links):
        if is_end(link):
            links = links[: at + 1]
            break
    return Chain(words(search.root_of(links[0]), links), place_of(links[-1]))


class Search:
    """Goes from an object to what refers to it, to what refers to that, and so on to a root.

    Roots are modules, the variables of functions that run, and what C code is known to hold.
    """

    def __init__(self, target: object, is_excused: Judge, excused: Iterable[object]) -> None:
        self.is_excused = is_excused
        self.excused = {id(each) for each in excused}
        self.near: set[int] = set()
        """Variables of functions that run here: a reason to be alive, and no fault."""
        self.met_excused = False
        self.roots: dict[int, str] = {}
        for name, module in sys.modules.copy().items():
            self.roots.setdefault(id(attributes_of(module)), name)
        self.roots.pop(id(None), None)
        for what, value in registered():
            self.roots.setdefault(id(value), what)
        # Known by number: nothing that is made here refers to what is found, but this list.
        self.found: list[object] = [target]
        self.towards = array("q", [-1])
        self.numbers = {id(target): 0}

    def note_variables(self, threads: Collection[int], beneath: FrameType | None) -> None:
        """Look at all functions that run."""
        me = threading.get_ident()
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        for ident, inner in sys._current_frames().items():  # pyright: ignore[reportPrivateUsage]
            frame: FrameType | None = inner
            counts = ident != me and ident not in threads
            while frame is not None:
                if not is_ours(frame.f_globals) and frame.f_locals is not frame.f_globals:
                    self._note(frame, f"thread {names.get(ident, ident)!r}", counts=counts)
                counts = counts or frame is beneath
                frame = frame.f_back

    def _note(self, frame: FrameType, thread: str, *, counts: bool) -> None:
        for name, value in frame.f_locals.items():
            if counts:
                root = f"{thread}: {name} of {frame.f_code.co_name}()"
                self.roots.setdefault(id(value), root)
            else:
                self.near.add(id(value))

    def root_of(self, link: object) -> str:
        return self.roots[id(link)]

    def unseen(self) -> Chain:
        """Name the nearest function that is held by something that Python does not show."""
        few = hidden_references([[]], 0)
        for number, thing in enumerate(self.found):
            if type(thing) in CALLED and hidden_references(self.found, number) > few:
                return Chain(f"{UNSEEN}, by way of {name_of(thing)}", place_of(thing))
        return Chain(UNSEEN)

    def run(self) -> list[object]:
        """The objects from a root to the one that is looked for; none if there is no root."""
        level = [0]
        while level and len(self.found) < MOST:
            for number in level:
                self.met_excused = self.met_excused or id(self.found[number]) in self.near
                if id(self.found[number]) in self.roots:
                    return self._path(number)
                if self._is_in_a_context(number):
                    return self._path(self.towards[number])
            level = self._holders_of(level)
        return []

    def _is_in_a_context(self, number: int) -> bool:
        """Whether it is the value of a variable of some context, which is as good as a root."""
        at = self.towards[number]
        holder, held = self.found[number], self.found[at]
        variable = context_variable(holder, held) if at >= 0 else None
        if variable is not None:
            self.roots[id(held)] = variable
        return variable is not None

    def _holders_of(self, level: list[int]) -> list[int]:
        # A tuple is handed on as it is, so that it can be told from what else refers to these.
        held = tuple([self.found[number] for number in level])
        number_of = {id(each): number for each, number in zip(held, level, strict=True)}
        own = {id(self.found), id(held)}
        holders: list[int] = []
        for holder in gc.get_referrers(*held):
            if id(holder) in self.numbers or id(holder) in own:
                continue
            if id(holder) in self.excused or self.is_excused(holder):
                self.met_excused = True
                continue
            for referent in gc.get_referents(holder):
                if (number := number_of.get(id(referent))) is not None:
                    self.numbers[id(holder)] = len(self.found)
                    holders.append(len(self.found))
                    self.found.append(holder)
                    self.towards.append(number)
                    break
        return holders

    def _path(self, number: int) -> list[object]:
        path: list[object] = []
        while number >= 0:
            path.append(self.found[number])
            number = self.towards[number]
        return path
