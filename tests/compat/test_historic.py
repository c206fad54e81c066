"""Historic hooks: a call is remembered, and repeated for whoever is registered later."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from pluggy import HookimplMarker

Fixture = Callable[..., Any]


@pytest.fixture
def opened(pm: Any, specify: Fixture) -> Any:
    """A historic hook."""
    specify("opened", lambda at, by="nobody": None, historic=True)
    return pm.hook.opened


@pytest.fixture
def log() -> list[Any]:
    return []


@pytest.fixture
def noted(implement: Fixture, log: list[Any]) -> Fixture:
    """Register a plugin that notes its name and when the cafe opened."""

    def register(name: str, **options: Any) -> object:
        return implement("opened", lambda at: log.append((name, at)), name, **options)

    return register


# calling


def test_a_historic_call_runs_those_who_are_there(
    opened: Any, noted: Fixture, log: list[Any]
) -> None:
    noted("a")
    noted("last", trylast=True)
    noted("b")

    assert opened.call_historic(kwargs={"at": 8}) is None
    assert log == [("b", 8), ("a", 8), ("last", 8)]


def test_a_historic_call_takes_its_arguments_in_a_mapping(
    opened: Any, implement: Fixture, log: list[Any]
) -> None:
    implement("opened", lambda by, at: log.append((at, by)))

    opened.call_historic(None, {"at": 8, "unknown": 1})
    opened.call_historic(kwargs={"by": "Ada", "at": 9})

    assert log == [(8, "nobody"), (9, "Ada")]


def test_a_historic_hook_is_called_in_no_other_way(opened: Any) -> None:
    with pytest.raises(AssertionError, match="use call_historic"):
        opened(at=8)
    with pytest.raises(AssertionError, match="historic"):
        opened.call_extra([], {"at": 8})


def test_no_other_hook_is_called_historically(pm: Any, specify: Fixture) -> None:
    specify("serve", lambda: None)

    with pytest.raises(AssertionError):
        pm.hook.serve.call_historic()


def test_a_hook_tells_whether_it_is_historic(pm: Any, opened: Any, specify: Fixture) -> None:
    specify("serve", lambda: None)

    assert opened.is_historic() is True
    assert pm.hook.serve.is_historic() is False


def test_a_specification_that_comes_late_makes_a_hook_historic(
    pm: Any, specify: Fixture, noted: Fixture, log: list[Any]
) -> None:
    noted("a")
    assert not pm.hook.opened.is_historic()

    specify("opened", lambda at: None, historic=True)
    pm.hook.opened.call_historic(kwargs={"at": 8})
    noted("b")

    assert log == [("a", 8), ("b", 8)]


# replaying


def test_who_comes_later_gets_all_calls_in_their_order(
    opened: Any, noted: Fixture, log: list[Any]
) -> None:
    opened.call_historic(kwargs={"at": 8})
    opened.call_historic(kwargs={"at": 9})

    noted("a")
    noted("b")

    assert log == [("a", 8), ("a", 9), ("b", 8), ("b", 9)]


def test_a_replay_has_the_defaults_of_the_specification(
    opened: Any, implement: Fixture, log: list[Any]
) -> None:
    opened.call_historic(kwargs={"at": 8})
    opened.call_historic(kwargs={"at": 9, "by": "Ada"})

    implement("opened", lambda by: log.append(by))  # noqa: PLW0108 - its parameter has to be named

    assert log == ["nobody", "Ada"]


def test_a_replay_passes_over_what_the_hook_does_not_know(
    opened: Any, implement: Fixture, log: list[Any]
) -> None:
    opened.call_historic(kwargs={"at": 8, "unknown": 1})

    implement("opened", lambda at: log.append(at))  # noqa: PLW0108 - its parameter has to be named
    implement("opened", lambda unknown="own": log.append(unknown))

    assert log == [8, 1]


def test_who_was_replayed_to_takes_part_in_later_calls(
    opened: Any, noted: Fixture, log: list[Any]
) -> None:
    opened.call_historic(kwargs={"at": 8})
    noted("a")

    opened.call_historic(kwargs={"at": 9})

    assert log == [("a", 8), ("a", 9)]


def test_who_is_registered_again_gets_the_calls_again(
    pm: Any, opened: Any, noted: Fixture, log: list[Any]
) -> None:
    opened.call_historic(kwargs={"at": 8})
    plugin = noted("a")

    pm.unregister(plugin)
    pm.register(plugin)

    assert log == [("a", 8), ("a", 8)]


def test_all_historic_hooks_of_a_plugin_are_replayed_in_the_order_of_the_alphabet(
    pm: Any, specify: Fixture, hookimpl: HookimplMarker, log: list[Any]
) -> None:
    for hook in ("swept", "opened"):
        specify(hook, lambda: None, historic=True)
        getattr(pm.hook, hook).call_historic()

    pm.register(
        SimpleNamespace(
            swept=hookimpl(lambda: log.append("swept")),
            opened=hookimpl(lambda: log.append("opened")),
            again=hookimpl(specname="opened")(lambda: log.append("again")),
        ),
        "a",
    )

    assert log == ["again", "opened", "swept"]


def test_who_is_registered_during_a_historic_call_gets_it_at_once_and_once(
    opened: Any, implement: Fixture, noted: Fixture, log: list[Any]
) -> None:
    def register_two(at: int) -> None:
        noted("first", tryfirst=True)
        noted("last", trylast=True)
        log.append(("b", at))

    noted("a")
    implement("opened", register_two)
    noted("c")

    opened.call_historic(kwargs={"at": 8})

    assert log == [("c", 8), ("first", 8), ("last", 8), ("b", 8), ("a", 8)]


def test_a_call_that_failed_is_replayed_too(
    pm: Any, opened: Any, implement: Fixture, noted: Fixture, log: list[Any]
) -> None:
    def fail() -> None:
        raise ValueError("no key")

    implement("opened", fail)
    with pytest.raises(ValueError, match="no key"):
        opened.call_historic(kwargs={"at": 8})

    noted("a")

    assert log == [("a", 8)]


def test_an_exception_in_a_replay_goes_to_who_registers_and_the_name_is_taken(
    pm: Any, opened: Any, implement: Fixture
) -> None:
    def fail() -> None:
        raise ValueError("no key")

    opened.call_historic(kwargs={"at": 8})

    with pytest.raises(ValueError, match="no key"):
        implement("opened", fail, "a")

    assert pm.has_plugin("a")


# results


def test_results_are_handed_on_after_all_have_run(
    opened: Any, implement: Fixture, log: list[Any]
) -> None:
    def answer(result: object) -> Callable[[], object]:
        def function() -> object:
            log.append("ran")
            return result

        return function

    for result in ("a", None, 0):
        implement("opened", answer(result))

    opened.call_historic(log.append, {"at": 8})

    assert log == ["ran", "ran", "ran", 0, "a"]


def test_results_of_replays_are_handed_on_as_well(
    opened: Any, implement: Fixture, log: list[Any]
) -> None:
    opened.call_historic(lambda result: log.append(("first call", result)), {"at": 8})
    opened.call_historic(None, {"at": 9})
    opened.call_historic(result_callback=log.append, kwargs={"at": 10})

    implement("opened", lambda at: at)
    implement("opened", lambda: None)
    implement("opened", lambda: 0)

    assert log == [("first call", 8), 10, ("first call", 0), 0]


# the memory of calls


def test_what_is_no_list_of_results_is_not_handed_on(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    """Who executes calls may give something else."""
    specify("opened", lambda: None, historic=True)
    pm._inner_hookexec = lambda *_: "tea"
    told: list[object] = []

    pm.hook.opened.call_historic(told.append)

    assert told == []
    with pytest.raises(AssertionError):
        implement("opened", lambda: None)


def test_the_memory_of_calls_can_be_read(opened: Any, log: list[Any]) -> None:
    opened.call_historic(log.append, {"at": 8})

    (kwargs, callback) = opened._call_history[0]

    assert (kwargs["at"], callback) == (8, log.append)


def test_a_hook_that_is_not_historic_has_no_memory(pm: Any, specify: Fixture) -> None:
    specify("serve", lambda: None)

    assert pm.hook.serve._call_history is None


def test_replacing_the_memory_forgets_the_calls_so_far(
    opened: Any, noted: Fixture, log: list[Any]
) -> None:
    opened.call_historic(kwargs={"at": 8})

    opened._call_history = []
    opened.call_historic(kwargs={"at": 9})
    noted("a")

    assert opened.is_historic()
    assert log == [("a", 9)]


@pytest.mark.filterwarnings("ignore:Argument:UserWarning")
def test_a_plugin_whose_replay_fails_leaves_the_hook_as_callable_as_it_was(
    library: Any, opened: Any, implement: Fixture
) -> None:
    opened.call_historic(kwargs={})

    with pytest.raises(library.HookCallError):
        implement("opened", lambda at, door="front": None)

    opened.call_historic(kwargs={})
