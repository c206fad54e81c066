"""Where ours does otherwise than pluggy, on purpose: each test says what either does."""

from collections.abc import Callable, Generator
from types import ModuleType
from typing import Any

import pluggy
import pytest

Fixture = Callable[..., Any]


@pytest.fixture
def is_ours(library: ModuleType) -> bool:
    return library is not pluggy


def test_outer_wrappers_see_the_error_of_a_wrapper_that_yields_twice(
    pm: Any, implement: Fixture, is_ours: bool
) -> None:
    """pluggy drops them in the middle of what they do."""
    seen: list[str] = []

    def wrap_wrongly() -> Generator[None, Any, Any]:
        yield
        yield

    def wrap() -> Generator[None, Any, Any]:
        try:
            return (yield)
        except RuntimeError as error:
            seen.append(str(error))
            raise

    implement("serve", wrap_wrongly, wrapper=True)
    implement("serve", wrap, wrapper=True)

    with pytest.raises(RuntimeError, match="has second yield") as caught:
        pm.hook.serve()

    assert seen == ([str(caught.value)] if is_ours else [])


def test_who_tries_to_be_both_first_and_last_is_last_whoever_comes_when(
    pm: Any, implement: Fixture, is_ours: bool
) -> None:
    """With pluggy it depends on who was there before."""
    implement("serve", lambda: "both", tryfirst=True, trylast=True)
    implement("serve", lambda: "other")

    assert pm.hook.serve() == (["other", "both"] if is_ours else ["both", "other"])


def test_an_argument_may_be_named_self(pm: Any, implement: Fixture, is_ours: bool) -> None:
    implement("serve", lambda self: self)

    if is_ours:
        assert pm.hook.serve(self="Ada") == ["Ada"]
    else:
        with pytest.raises(TypeError, match="'self'"):
            pm.hook.serve(self="Ada")


def test_a_positional_only_parameter_may_have_a_default(
    pm: Any, implement: Fixture, is_ours: bool
) -> None:
    implement("serve", lambda cup="own", /: cup)

    assert pm.hook.serve() == ["own"]
    if is_ours:
        assert pm.hook.serve(cup="large") == ["large"]
    else:
        with pytest.raises(TypeError, match="positional-only"):
            pm.hook.serve(cup="large")


def test_changing_the_private_list_of_implementations_changes_no_call(
    pm: Any, implement: Fixture, is_ours: bool
) -> None:
    implement("serve", lambda: "tea")

    pm.hook.serve._hookimpls.clear()

    assert pm.hook.serve() == (["tea"] if is_ours else [])


def test_the_table_of_hooks_by_plugin_is_there_as_older_versions_of_pluggy_have_it(
    pm: Any, implement: Fixture, is_ours: bool
) -> None:
    plugin = implement("serve", lambda: "tea")

    table = getattr(pm, "_plugin2hookcallers", None)

    assert table == ({plugin: [pm.hook.serve]} if is_ours else None)


def test_a_hook_takes_attributes(pm: Any, implement: Fixture, is_ours: bool) -> None:
    implement("serve", lambda: "tea")

    if is_ours:
        pm.hook.serve.notes = "hot"
        assert pm.hook.serve.notes == "hot"
    else:
        with pytest.raises(AttributeError, match="notes"):
            pm.hook.serve.notes = "hot"
