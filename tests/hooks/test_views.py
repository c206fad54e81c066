"""Views of a hook: without some plugins, under another error policy, with names."""

import gc
import weakref
from collections.abc import Callable, Generator
from types import SimpleNamespace
from typing import Any

import pytest

from hotplug import (
    HookErrors,
    HookimplMarker,
    HookSpecError,
    HookspecMarker,
    PluginManager,
    RegistrationError,
    UnknownHookError,
)

pytestmark = pytest.mark.usefixtures("form")

hookspec = HookspecMarker("news")
hookimpl = HookimplMarker("news")

Function = Callable[..., object]


class Specs:
    @hookspec
    def stories(self, topic: str) -> Any:
        """Stories about a topic."""

    @hookspec(firstresult=True)
    def title(self, topic: str) -> Any: ...

    @hookspec(pipeline=True)
    def edit(self, text: str) -> Any: ...

    @hookspec(historic=True)
    def published(self, topic: str) -> Any: ...


Manager = PluginManager[Specs]


def plugin(**functions: Function) -> SimpleNamespace:
    return SimpleNamespace(**{hook: hookimpl(function) for hook, function in functions.items()})


def manager(**plugins: SimpleNamespace) -> Manager:
    pm = PluginManager("news", Specs)
    for name, each in plugins.items():
        pm.register(each, name)
    return pm


def gives(result: object) -> Function:
    return lambda: result


def fails() -> object:
    raise ValueError("no story")


def abc() -> Manager:
    """A manager with the plugins a, b and c, each of which tells its name."""
    return manager(**{name: plugin(stories=gives(name), title=gives(name)) for name in "abc"})


def stories(pm: Manager) -> Any:
    return pm.caller("stories")


# without


def test_a_view_leaves_plugins_out_by_name_or_object() -> None:
    pm = abc()
    plugin_b = pm.get_plugin("b")

    assert stories(pm).without("b")(topic="sun") == ["a", "c"]
    assert stories(pm).without(plugin_b)(topic="sun") == ["a", "c"]
    assert stories(pm).without("a", plugin_b)(topic="sun") == ["c"]


def test_the_hook_itself_stays_as_it_is() -> None:
    pm = abc()
    stories(pm).without("a", "b", "c")(topic="sun")

    assert pm.hook.stories(topic="sun") == ["a", "b", "c"]


def test_a_view_without_everyone_gives_the_empty_result() -> None:
    pm = abc()

    assert stories(pm).without("a", "b", "c")(topic="sun") == []
    assert pm.caller("title").without("a", "b", "c")(topic="sun") is None
    assert pm.caller("edit").without("a")(text="draft") == "draft"


def test_a_view_follows_registrations() -> None:
    pm = abc()
    without_a = stories(pm).without("a")
    assert without_a(topic="sun") == ["b", "c"]

    pm.unregister("b")
    pm.register(plugin(stories=gives("d")), "d")

    assert without_a(topic="sun") == ["c", "d"]


def test_a_name_stays_left_out_when_another_plugin_takes_it() -> None:
    pm = abc()
    without_a = stories(pm).without("a")
    pm.unregister("a")

    pm.register(plugin(stories=gives("new a")), "a")

    assert without_a(topic="sun") == ["b", "c"]


def test_a_name_may_be_left_out_before_it_is_there() -> None:
    pm = abc()
    without_d = stories(pm).without("d")

    pm.register(plugin(stories=gives("d")), "d")

    assert without_d(topic="sun") == ["a", "b", "c"]


def test_an_object_that_is_not_registered_cannot_be_left_out() -> None:
    with pytest.raises(RegistrationError, match="is not registered"):
        stories(abc()).without(object())


def test_a_view_leaves_wrappers_out_too() -> None:
    def wrap() -> Generator[None, Any, Any]:
        yield
        return "wrapped"

    def stand_around(call_next: Function) -> object:
        return "around"

    pm = abc()
    pm.register(SimpleNamespace(stories=hookimpl(wrapper=True)(wrap)), "wrapper")
    pm.register(SimpleNamespace(stories=hookimpl(around=True)(stand_around)), "around")

    assert stories(pm)(topic="sun") == "wrapped"
    assert stories(pm).without("wrapper")(topic="sun") == "around"
    assert stories(pm).without("wrapper", "around")(topic="sun") == ["a", "b", "c"]


def test_views_can_be_narrowed_further() -> None:
    pm = abc()

    assert stories(pm).without("a").without("c")(topic="sun") == ["b"]


def test_a_view_has_everything_that_a_hook_has() -> None:
    view = stories(abc()).without("a")

    assert view.collect_with_plugins(topic="sun") == [("b", "b"), ("c", "c")]
    assert view.call_extra([gives("extra")], {"topic": "sun"}) == ["b", "c", "extra"]
    assert [item.plugin_name for item in view.get_hookimpls()] == ["b", "c"]
    assert [place.plugin_name for place in view.explain().implementations] == ["b", "c"]
    assert view.name == "stories"
    assert view.__doc__ == "Stories about a topic."


def test_a_view_refuses_wrong_arguments() -> None:
    with pytest.raises(TypeError, match=r"stories\(\) .* 'topc'"):
        stories(abc()).without("a")(topc="sun")


def test_a_view_of_a_historic_hook_calls_those_it_names_and_remembers() -> None:
    seen: list[str] = []
    pm = manager(
        a=plugin(published=lambda: seen.append("a")), b=plugin(published=lambda: seen.append("b"))
    )

    pm.caller("published").without("a").call_historic({"topic": "sun"})
    assert seen == ["b"]

    pm.register(plugin(published=lambda: seen.append("late")), "late")
    assert seen == ["b", "late"]


def test_subset_hook_caller_is_a_view_by_the_hooks_name() -> None:
    pm = abc()

    view = pm.subset_hook_caller("stories", [pm.get_plugin("a"), "c"])

    assert view(topic="sun") == ["b"]


def test_subset_hook_caller_takes_objects_that_are_not_registered() -> None:
    pm = abc()

    assert pm.subset_hook_caller("stories", [object()])(topic="sun") == ["a", "b", "c"]


def test_subset_hook_caller_of_an_unknown_hook_is_an_error() -> None:
    with pytest.raises(UnknownHookError, match="did you mean 'stories'"):
        abc().subset_hook_caller("storys", [])


# with_policy


def test_a_view_has_a_policy_of_its_own() -> None:
    pm = manager(a=plugin(stories=gives("a")), b=plugin(stories=fails))

    with pytest.raises(HookErrors) as caught:
        stories(pm).with_policy("collect")(topic="sun")
    assert caught.value.results == ["a"]

    with pytest.raises(ValueError, match="no story"):
        pm.hook.stories(topic="sun")


def test_a_policy_stays_when_the_view_is_narrowed_and_the_other_way_round() -> None:
    pm = manager(a=plugin(stories=fails), b=plugin(stories=gives("b")), c=plugin(stories=fails))

    for view in (
        stories(pm).with_policy("skip").without("a"),
        stories(pm).without("a").with_policy("skip"),
    ):
        assert view(topic="sun") == ["b"]


def test_the_latest_policy_counts() -> None:
    pm = manager(a=plugin(stories=fails))

    with pytest.raises(ValueError, match="no story"):
        stories(pm).with_policy("skip").with_policy("raise")(topic="sun")


def test_an_unknown_policy_is_refused_at_once() -> None:
    with pytest.raises(HookSpecError, match="unknown error policy 'ignore'"):
        stories(abc()).with_policy("ignore")


def test_a_policy_counts_for_every_way_to_call() -> None:
    pm = manager(a=plugin(stories=gives("a")), b=plugin(stories=fails))
    view = stories(pm).with_policy(lambda failure: f"{failure.plugin_name} failed")

    assert view(topic="sun") == ["a", "b failed"]
    assert view.collect_with_plugins(topic="sun") == [("a", "a"), ("b", "b failed")]
    assert view.call_extra([gives("x")], {"topic": "sun"}) == ["a", "b failed", "x"]


def test_a_view_with_a_policy_follows_registrations() -> None:
    pm = manager()
    view = stories(pm).with_policy("skip")
    assert view(topic="sun") == []

    pm.register(plugin(stories=fails), "broken")
    pm.register(plugin(stories=gives("a")), "a")

    assert view(topic="sun") == ["a"]


# views come and go


def test_a_view_that_is_held_works_again_and_again() -> None:
    pm = abc()
    view = stories(pm).without("a")

    for _ in range(3):
        assert view(topic="sun") == ["b", "c"]
    pm.unregister("b")

    assert view(topic="sun") == ["c"]


def test_a_dropped_view_is_collected() -> None:
    pm = abc()
    view = stories(pm).without("a")
    view(topic="sun")
    watched = weakref.ref(view)

    del view
    gc.collect()

    assert watched() is None


def test_a_view_without_a_plugin_does_not_keep_it_alive() -> None:
    class Plugin:
        @hookimpl
        def stories(self) -> str:
            return "mine"

    pm = abc()
    mine = Plugin()
    pm.register(mine)
    view = stories(pm).without(mine)
    view(topic="sun")
    watched = weakref.ref(mine)
    pm.unregister(mine)

    del mine
    gc.collect()

    assert watched() is None
    assert view(topic="sun") == ["a", "b", "c"]


def test_a_historic_call_through_a_view_is_under_its_policy() -> None:
    told: list[object] = []
    pm = manager(a=plugin(published=fails), b=plugin(published=gives("b")))
    view = pm.caller("published").with_policy("skip")

    view.call_historic({"topic": "sun"}, result_callback=told.append)

    assert told == ["b"]
