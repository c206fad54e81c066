"""What keeps an object alive is found, and said in names."""

from __future__ import annotations

import codecs
import functools
import logging
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, cast

import pytest

from hotplug.host.references import UNSEEN, chain_to


class Target:
    """What is looked for; it hangs on what a test says."""


class Slotted:
    __slots__ = ("item",)

    def __init__(self, item: object) -> None:
        self.item = item


class Plain:
    def __init__(self, item: object) -> None:
        self.item = item

    def method(self) -> None: ...


def closure_over(basket: object) -> Callable[[], object]:
    def buy() -> object:
        return basket

    return buy


def shelf(book: object) -> Iterator[object]:
    yield book


def begun(book: object) -> Iterator[object]:
    pile = shelf(book)
    next(pile)
    return pile


def error_with(book: object) -> BaseException:
    try:
        raise ValueError
    except ValueError as error:
        return error


@pytest.fixture
def app() -> Iterator[ModuleType]:
    module = sys.modules["app"] = ModuleType("app")
    yield module
    del sys.modules["app"]


HOLDERS: list[tuple[Callable[[object], object], str]] = [
    (lambda it: it, "app.held"),
    (lambda it: [0, it], "app.held[1]"),
    (lambda it: deque([it]), "app.held[0]"),
    (lambda it: {"key": it}, "app.held['key']"),
    (lambda it: {it: 0}, "app.held.keys()"),
    (lambda it: {it}, "app.held{...}"),
    (Plain, "app.held -> item"),
    (lambda it: Plain([it]).method, "app.held.__self__ -> item[0]"),
    (lambda it: [Slotted(it)], "app.held[0] -> item"),
    (lambda it: functools.partial(print, it), "app.held -> args[0]"),
    (lambda it: type("Shop", (), {"book": it}), "app.held.book"),
    (lambda it: type("Shop", (), {"book": it})(), "app.held -> Shop.book"),
    (closure_over, "app.held -> basket of buy()"),
    (begun, "app.held -> book of shelf()"),
    (error_with, "app.held.__traceback__ -> tb_frame -> book of error_with()"),
]


@pytest.mark.parametrize(("hold", "words"), HOLDERS, ids=[words for _, words in HOLDERS])
def test_the_chain_names_each_link(app: Any, hold: Callable[[object], object], words: str) -> None:
    target = Target()
    app.held = hold(target)

    assert str(chain_to(target)) == words


def test_the_chain_to_a_handler_of_the_log_ends_with_the_function_that_it_holds() -> None:
    class H(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None: ...

    function = vars(H)["emit"]
    logging.root.addHandler(handler := H())
    at = logging.root.handlers.index(handler)
    try:
        chain = chain_to(function)
    finally:
        logging.root.removeHandler(handler)

    assert chain is not None
    assert chain.text == f"logging.root -> handlers[{at}] -> H.emit"
    assert chain.where == f"{__file__}:{function.__code__.co_firstlineno}"


def test_the_shortest_chain_is_told(app: Any) -> None:
    target = Target()
    app.far = Plain([Plain(target)])
    app.near = [target]

    assert str(chain_to(target)) == "app.near[0]"


def test_a_chain_ends_where_one_wants_it_to(app: Any) -> None:
    target = Target()
    app.held = Plain(Slotted([target]))

    chain = chain_to(target, is_end=lambda link: isinstance(link, Slotted))

    assert str(chain) == "app.held -> item"


def test_what_is_excused_is_not_told_and_the_rest_is(app: Any) -> None:
    target = Target()
    app.excused, app.held = [target], Plain([target])

    chain = chain_to(target, excused=[app.excused])

    assert str(chain) == "app.held -> item[0]"


def test_nothing_is_told_where_only_the_excused_hold_it(app: Any) -> None:
    target = Target()
    app.held = Plain([target])

    assert chain_to(target, is_excused=lambda thing: isinstance(thing, Plain)) is None


def test_a_variable_of_a_function_that_runs_here_is_no_reason() -> None:
    target = Target()

    assert chain_to(target) is None


def test_a_variable_of_a_function_that_called_is_one(app: Any) -> None:
    def search(it: Any) -> object:
        return chain_to(it.pop(), beneath=sys._getframe())

    def call() -> object:
        target = Target()
        return search([target])

    assert str(call()) == f"thread {threading.current_thread().name!r}: target of call()"


def test_a_variable_of_another_thread_is_one_unless_that_is_excused() -> None:
    asked, answered = threading.Event(), threading.Event()
    seen: list[Target] = []

    def keep() -> None:
        target = Target()
        seen.append(target)
        asked.set()
        answered.wait(20)

    thread = threading.Thread(target=keep, name="keeper")
    thread.start()
    asked.wait(20)
    try:
        told = str(chain_to(seen.pop()))
    finally:
        answered.set()
        thread.join()

    assert told == "thread 'keeper': target of keep()"


def test_what_only_c_code_holds_is_said_to_be_unseen() -> None:
    search: Any = closure_over(0)
    codecs.register(search)
    held = weakref.ref(search)
    del search

    try:
        told = str(chain_to(held()))
    finally:
        codecs.unregister(cast("Any", held()))

    assert told.startswith(f"{UNSEEN}, by way of closure_over.<locals>.buy() ({__file__}:")
