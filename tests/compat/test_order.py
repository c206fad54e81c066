"""The order of a call: the newest runs first, and marks move one to either end of its kind."""

from collections.abc import Callable, Generator
from typing import Any

import pytest
from pluggy import HookimplMarker

Register = Callable[..., object]


@pytest.fixture
def served_by(implement: Any) -> Register:
    """Register a plugin that answers with its own name."""

    def register(name: str, **options: Any) -> object:
        return implement("serve", lambda: name, name, **options)

    return register


@pytest.fixture
def entered() -> list[str]:
    return []


@pytest.fixture
def wrapped_by(implement: Any, entered: list[str]) -> Register:
    """Register a wrapper that notes when it is entered."""

    def register(name: str, style: str = "wrapper", **options: Any) -> object:
        def wrap() -> Generator[None, Any, Any]:
            entered.append(name)
            return (yield)

        return implement("serve", wrap, name, **{style: True}, **options)

    return register


# implementations


def test_the_newest_runs_first(pm: Any, served_by: Register) -> None:
    for name in "abc":
        served_by(name)

    assert pm.hook.serve() == ["c", "b", "a"]


def test_who_tries_to_be_first_runs_before_those_who_came_later(
    pm: Any, served_by: Register
) -> None:
    served_by("a")
    served_by("first", tryfirst=True)
    served_by("b")

    assert pm.hook.serve() == ["first", "b", "a"]


def test_who_tries_to_be_last_runs_after_those_who_came_earlier(
    pm: Any, served_by: Register
) -> None:
    served_by("a")
    served_by("last", trylast=True)
    served_by("b")

    assert pm.hook.serve() == ["b", "a", "last"]


def test_of_several_who_try_to_be_first_the_newest_is(pm: Any, served_by: Register) -> None:
    served_by("first 1", tryfirst=True)
    served_by("a")
    served_by("first 2", tryfirst=True)

    assert pm.hook.serve() == ["first 2", "first 1", "a"]


def test_of_several_who_try_to_be_last_the_newest_is(pm: Any, served_by: Register) -> None:
    served_by("last 1", trylast=True)
    served_by("a")
    served_by("last 2", trylast=True)

    assert pm.hook.serve() == ["a", "last 1", "last 2"]


def test_who_tries_to_be_both_first_and_last_runs_after_those_who_were_there(
    pm: Any, served_by: Register
) -> None:
    served_by("a")
    served_by("both", tryfirst=True, trylast=True)
    served_by("b")

    assert pm.hook.serve() == ["b", "a", "both"]


def test_unregistering_one_keeps_the_order_of_the_others(pm: Any, served_by: Register) -> None:
    for name in "abc":
        served_by(name)

    pm.unregister(name="b")

    assert pm.hook.serve() == ["c", "a"]


def test_who_is_registered_again_is_the_newest(pm: Any, served_by: Register) -> None:
    first = served_by("a")
    served_by("b")

    pm.unregister(first)
    pm.register(first)

    assert pm.hook.serve() == ["a", "b"]


def test_of_one_plugin_the_last_in_the_alphabet_runs_first(
    pm: Any, hookimpl: HookimplMarker
) -> None:
    class Waiter:
        @hookimpl(specname="serve")
        def b(self) -> str:
            return "b"

        @hookimpl(specname="serve")
        def a(self) -> str:
            return "a"

        @hookimpl(specname="serve")
        def c(self) -> str:
            return "c"

    pm.register(Waiter())

    assert pm.hook.serve() == ["c", "b", "a"]


def test_a_specification_that_comes_late_changes_no_order(
    pm: Any, served_by: Register, specify: Any
) -> None:
    served_by("a")
    served_by("last", trylast=True)
    specify("serve", lambda: None)
    served_by("b")

    assert pm.hook.serve() == ["b", "a", "last"]


# wrappers


def test_the_newest_wrapper_is_the_outermost(
    pm: Any, wrapped_by: Register, entered: list[str]
) -> None:
    for name in "abc":
        wrapped_by(name)

    pm.hook.serve()

    assert entered == ["c", "b", "a"]


def test_wrappers_try_to_be_first_and_last_among_themselves(
    pm: Any, wrapped_by: Register, entered: list[str]
) -> None:
    wrapped_by("first 1", tryfirst=True)
    wrapped_by("last 1", trylast=True)
    wrapped_by("a")
    wrapped_by("first 2", tryfirst=True)
    wrapped_by("last 2", trylast=True)
    wrapped_by("b")

    pm.hook.serve()

    assert entered == ["first 2", "first 1", "b", "a", "last 1", "last 2"]


def test_a_wrapper_that_tries_to_be_last_is_still_around_who_tries_to_be_first(
    pm: Any, wrapped_by: Register, implement: Any, entered: list[str]
) -> None:
    wrapped_by("wrapper", trylast=True)
    implement("serve", lambda: entered.append("first"), tryfirst=True)

    pm.hook.serve()

    assert entered == ["wrapper", "first"]


def test_wrappers_of_both_styles_share_one_order(
    pm: Any, wrapped_by: Register, entered: list[str]
) -> None:
    wrapped_by("old 1", style="hookwrapper")
    wrapped_by("new 1")
    wrapped_by("old first", style="hookwrapper", tryfirst=True)
    wrapped_by("old 2", style="hookwrapper")
    wrapped_by("new last", trylast=True)

    pm.hook.serve()

    assert entered == ["old first", "old 2", "new 1", "old 1", "new last"]


# as a list


def test_the_list_of_implementations_starts_with_who_runs_last(
    pm: Any, served_by: Register, wrapped_by: Register
) -> None:
    wrapped_by("new")
    served_by("a")
    served_by("first", tryfirst=True)
    wrapped_by("old last", style="hookwrapper", trylast=True)
    served_by("last", trylast=True)
    served_by("b")

    names = [item.plugin_name for item in pm.hook.serve.get_hookimpls()]

    assert names == ["last", "a", "b", "first", "old last", "new"]
