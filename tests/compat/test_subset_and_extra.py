"""Calls in which not all take part, and calls in which more do."""

from collections.abc import Callable, Generator
from typing import Any

import pytest

Fixture = Callable[..., Any]


@pytest.fixture
def served_by(implement: Fixture) -> Fixture:
    """Register a plugin that answers with its own name."""

    def register(name: str, **options: Any) -> object:
        return implement("serve", lambda: name, name, **options)

    return register


# without some


def test_a_subset_leaves_some_plugins_out(pm: Any, served_by: Fixture) -> None:
    a, _, c = [served_by(name) for name in "abc"]

    assert pm.subset_hook_caller("serve", [a, c])() == ["b"]
    assert pm.subset_hook_caller("serve", remove_plugins={c})() == ["b", "a"]


def test_a_subset_leaves_the_hook_itself_alone(pm: Any, served_by: Fixture) -> None:
    a = served_by("a")
    served_by("b")

    pm.subset_hook_caller("serve", [a])()

    assert pm.hook.serve() == ["b", "a"]


def test_a_subset_from_which_nobody_is_missing_is_the_hook(pm: Any, served_by: Fixture) -> None:
    served_by("a")

    assert pm.subset_hook_caller("serve", [object()]) is pm.hook.serve


def test_a_subset_follows_registrations(pm: Any, served_by: Fixture) -> None:
    a, b = served_by("a"), served_by("b")
    subset = pm.subset_hook_caller("serve", [a])

    served_by("c")
    assert subset() == ["c", "b"]
    pm.unregister(b)
    assert subset() == ["c"]
    pm.unregister(a)
    assert subset() == ["c"]


def test_a_subset_stays_the_same_however_often_it_is_called(pm: Any, served_by: Fixture) -> None:
    a, b = served_by("a"), served_by("b")
    subset = pm.subset_hook_caller("serve", [a])

    assert [subset() for _ in range(20)] == [["b"]] * 20
    pm.unregister(b)
    assert subset() == []


def test_a_subset_takes_no_positional_arguments(pm: Any, served_by: Fixture) -> None:
    subset = pm.subset_hook_caller("serve", [served_by("a")])

    with pytest.raises(TypeError):
        subset(1)


def test_what_a_subset_raises_shows_where(pm: Any, implement: Fixture, served_by: Fixture) -> None:
    implement("serve", lambda: 1 / 0)
    subset = pm.subset_hook_caller("serve", [served_by("a")])

    with pytest.raises(ZeroDivisionError) as caught:
        subset()

    assert caught.traceback[-1].name == "<lambda>"


def test_who_is_left_out_stays_out_when_it_is_registered_again(pm: Any, served_by: Fixture) -> None:
    a = served_by("a")
    subset = pm.subset_hook_caller("serve", [a])

    pm.unregister(a)
    pm.register(a, "under another name")

    assert subset() == []


def test_a_subset_leaves_wrappers_out_as_well(pm: Any, implement: Fixture) -> None:
    def wrap() -> Generator[None, Any, Any]:
        return ["wrapped", *(yield)]

    wrapper = implement("serve", wrap, wrapper=True)
    implement("serve", lambda: "tea")

    assert pm.hook.serve() == ["wrapped", "tea"]
    assert pm.subset_hook_caller("serve", [wrapper])() == ["tea"]


def test_a_subset_leaves_out_functions_of_other_names(pm: Any, hookimpl: Any) -> None:
    class Waiter:
        def __init__(self, name: str, hook: str) -> None:
            self.bring = hookimpl(specname=hook)(lambda: name)

    a, b, other = Waiter("a", "serve"), Waiter("b", "serve"), Waiter("other", "greet")
    for plugin in (a, b, other):
        pm.register(plugin)

    assert pm.subset_hook_caller("serve", [a])() == ["b"]


def test_a_subset_follows_the_specification(pm: Any, specify: Fixture, implement: Fixture) -> None:
    specify("serve", lambda guest, cup="small": None, firstresult=True)
    left_out = implement("serve", lambda: "no")
    implement("serve", lambda guest, cup: (guest, cup))
    implement("serve", lambda: None)
    subset = pm.subset_hook_caller("serve", [left_out])

    assert subset(guest="Ada") == ("Ada", "small")
    with pytest.warns(UserWarning, match="'guest'"):
        assert pm.subset_hook_caller("serve", pm.get_plugins())() is None


def test_a_subset_of_a_hook_that_has_become_historic_is_called_in_no_other_way(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    left_out = implement("serve", lambda: "no")
    implement("serve", lambda: "tea")
    subset = pm.subset_hook_caller("serve", [left_out])
    assert [subset() for _ in range(20)] == [["tea"]] * 20
    specify("serve", lambda: None, historic=True)

    with pytest.raises(AssertionError):
        subset()


def test_a_subset_tells_of_itself_what_the_hook_tells(pm: Any, served_by: Fixture) -> None:
    a, b = served_by("a"), served_by("b")
    subset = pm.subset_hook_caller("serve", [a])

    assert subset.name == "serve"
    assert subset.spec is pm.hook.serve.spec
    assert [item.plugin for item in subset.get_hookimpls()] == [b]
    assert (subset.has_spec(), subset.is_historic()) == (False, False)


def test_a_subset_of_an_unknown_hook_is_refused(pm: Any) -> None:
    with pytest.raises(AttributeError, match="serve"):
        pm.subset_hook_caller("serve", [])


def test_a_historic_call_of_a_subset_is_remembered_for_all_who_come_later(
    pm: Any, specify: Fixture, implement: Fixture
) -> None:
    log: list[str] = []
    specify("opened", lambda at: None, historic=True)
    a = implement("opened", lambda at: log.append(f"a at {at}"))
    implement("opened", lambda at: log.append(f"b at {at}"))

    pm.subset_hook_caller("opened", [a]).call_historic(kwargs={"at": 8})
    assert log == ["b at 8"]
    pm.unregister(a)
    pm.register(a)

    assert log == ["b at 8", "a at 8"]
    assert pm.subset_hook_caller("opened", [a])._call_history is pm.hook.opened._call_history


# with others


def test_extra_functions_take_part_in_one_call(pm: Any, served_by: Fixture) -> None:
    served_by("a")

    assert pm.hook.serve.call_extra([lambda: "extra"], {}) == ["extra", "a"]
    assert pm.hook.serve() == ["a"]


def test_extra_functions_come_in_whatever_can_be_iterated_over(pm: Any, served_by: Fixture) -> None:
    served_by("a")

    assert pm.hook.serve.call_extra(iter([lambda: "1", lambda: "2"]), {}) == ["2", "1", "a"]
    assert pm.hook.serve.call_extra(iter([]), {}) == ["a"]


def test_extra_functions_run_as_if_they_had_just_been_registered(
    pm: Any, served_by: Fixture, implement: Fixture
) -> None:
    def wrap() -> Generator[None, Any, Any]:
        return ["wrapped", *(yield)]

    implement("serve", wrap, wrapper=True)
    served_by("first", tryfirst=True)
    served_by("a")
    served_by("last", trylast=True)

    results = pm.hook.serve.call_extra([lambda: "extra 1", lambda: "extra 2"], {})

    assert results == ["wrapped", "first", "extra 2", "extra 1", "a", "last"]


def test_extra_functions_get_the_arguments_that_they_name(pm: Any, specify: Fixture) -> None:
    specify("serve", lambda guest, cup="small": None)

    results = pm.hook.serve.call_extra(
        [lambda cup, guest: (guest, cup), lambda own="own": own], {"guest": "Ada"}
    )

    assert results == ["own", ("Ada", "small")]


def test_extra_methods_and_objects_are_called_as_they_are(pm: Any, specify: Fixture) -> None:
    class Waiter:
        def bring(self, guest: str) -> str:
            return f"tea for {guest}"

        def __call__(self, guest: str) -> str:
            return f"cake for {guest}"

    specify("serve", lambda guest: None)

    results = pm.hook.serve.call_extra([Waiter().bring, Waiter()], {"guest": "Ada"})

    assert results == ["cake for Ada", "tea for Ada"]


def test_an_extra_function_may_end_a_firstresult_call(
    pm: Any, specify: Fixture, served_by: Fixture
) -> None:
    specify("serve", lambda: None, firstresult=True)
    served_by("a")

    assert pm.hook.serve.call_extra([lambda: "extra"], {}) == "extra"
    assert pm.hook.serve.call_extra([lambda: None], {}) == "a"


def test_no_extra_function_is_a_call_as_any_other(pm: Any, served_by: Fixture) -> None:
    served_by("a")

    assert pm.hook.serve.call_extra([], {}) == ["a"]


def test_marks_on_extra_functions_are_of_no_matter(
    pm: Any, served_by: Fixture, hookimpl: Any
) -> None:
    served_by("a")

    assert pm.hook.serve.call_extra([hookimpl(trylast=True)(lambda: "extra")], {}) == ["extra", "a"]


def test_a_subset_takes_extra_functions_too(pm: Any, served_by: Fixture) -> None:
    a = served_by("a")
    served_by("b")

    subset = pm.subset_hook_caller("serve", [a])

    assert subset.call_extra([lambda: "extra"], {}) == ["extra", "b"]


def test_an_extra_function_may_register_plugins(pm: Any, served_by: Fixture) -> None:
    served_by("a")

    def register() -> str:
        served_by("b")
        return "extra"

    assert pm.hook.serve.call_extra([register], {}) == ["extra", "a"]
    assert pm.hook.serve() == ["b", "a"]
