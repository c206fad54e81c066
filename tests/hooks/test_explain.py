"""`explain`: in which order a hook calls its plugins, why so, and with which code."""

from collections.abc import Callable, Generator
from types import SimpleNamespace
from typing import Any

import pytest

from hotplug import (
    AsyncPluginManager,
    Explanation,
    HookFailure,
    HookimplMarker,
    HookspecMarker,
    PluginManager,
    UnknownHookError,
)

pytestmark = pytest.mark.usefixtures("form")

hookspec = HookspecMarker("court")
hookimpl = HookimplMarker("court")

Function = Callable[..., object]


class Specs:
    @hookspec
    def plead(self, case: str, *, loud: bool = False) -> Any: ...

    @hookspec(firstresult=True)
    def judge(self, case: str) -> Any: ...

    @hookspec(historic=True)
    def opened(self, case: str) -> Any: ...


Manager = PluginManager[Specs]


def plead(case: str) -> str:
    return f"not guilty of {case}"


def wrap() -> Generator[None, None, None]:
    yield


def stand_around(call_next: Callable[..., object], case: str) -> object:
    return call_next(case)


def manager() -> Manager:
    return PluginManager("court", Specs)


def full_court() -> Manager:
    mark: Any = hookimpl
    pm = manager()
    for name, function, options in (
        ("late", lambda: 1, {"trylast": True}),
        ("plain", lambda case: 2, {}),
        ("early", lambda case, loud: 3, {"tryfirst": True}),
        ("moved", lambda **everything: 4, {"before": "early", "after": ("nobody", "else")}),
        ("wrapper", wrap, {"wrapper": True}),
        ("around", stand_around, {"around": True, "tryfirst": True}),
    ):
        pm.register(SimpleNamespace(plead=mark(**options)(function)), name)
    return pm


# what it tells


def test_it_lists_the_order_of_a_call() -> None:
    explanation = full_court().explain("plead")

    assert isinstance(explanation, Explanation)
    assert [place.plugin_name for place in explanation.wrappers] == ["around", "wrapper"]
    assert [place.plugin_name for place in explanation.implementations] == [
        "moved",
        "early",
        "plain",
        "late",
    ]


def test_the_order_that_it_tells_is_the_order_of_a_call() -> None:
    pm = full_court()

    told = [place.plugin_name for place in pm.explain("plead").implementations]

    assert [name for name, _ in pm.caller("plead").collect_with_plugins(case="theft")] == told


def test_it_tells_why_each_is_where_it_is() -> None:
    explanation = full_court().explain("plead")
    reasons = {place.plugin_name: place.why for place in explanation.implementations}

    assert reasons == {
        "late": "trylast, registered 1st",
        "plain": "registered 2nd",
        "early": "tryfirst, registered 3rd",
        "moved": "before early, after nobody, else, registered 4th",
    }


def test_it_tells_where_each_is_defined() -> None:
    pm = manager()
    pm.register(SimpleNamespace(plead=hookimpl(plead)), "advocate")

    (place,) = pm.explain("plead").implementations

    assert place.location == f"{__file__}:{plead.__code__.co_firstlineno}"
    assert place.kind == "implementation"


def test_it_tells_mode_and_policy() -> None:
    pm: PluginManager[Specs] = PluginManager("court", Specs, policy="skip")

    assert pm.explain("judge").mode == "firstresult"
    assert pm.explain("judge").policy == "skip"


def test_it_names_a_policy_function() -> None:
    def forgive(failure: HookFailure) -> object:
        return None

    explanation = manager().caller("plead").with_policy(forgive).explain()

    assert explanation.policy.endswith("forgive")


def test_it_tells_how_many_historic_calls_are_remembered() -> None:
    pm = manager()
    pm.hook.opened.call_historic({"case": "theft"})
    pm.hook.opened.call_historic({"case": "arson"})

    assert pm.explain("opened").mode == "historic, 2 calls remembered"


def test_it_tells_that_a_hook_is_concurrent() -> None:
    class Concurrent:
        @hookspec(concurrent=True)
        async def plead(self, case: str) -> Any: ...

    pm: AsyncPluginManager[Any] = AsyncPluginManager("court")
    pm.add_hookspecs(Concurrent)

    assert pm.explain("plead").mode == "collecting, concurrent"


def test_it_shows_the_code_of_the_compiled_call() -> None:
    pm = full_court()
    source = pm.explain("plead").source

    assert "def plead(case, *, loud):" in source
    assert "# early" in source
    compile(source, "shown", "exec")


def test_it_shows_the_code_that_runs(form: str) -> None:
    pm = manager()
    pm.register(SimpleNamespace(plead=hookimpl(plead)), "advocate")
    before = pm.explain("plead").source
    for _ in range(3):
        pm.hook.plead(case="theft")

    assert pm.explain("plead").source == before


def test_explaining_changes_nothing() -> None:
    pm = full_court()
    before = pm.hook.plead(case="theft")

    pm.explain("plead")

    assert pm.hook.plead(case="theft") == before


# what people see


def test_printed_it_is_a_page_for_people() -> None:
    text = str(full_court().explain("plead"))

    assert text.startswith("plead(case, *, loud=False): collecting, errors: raise\n")
    assert "  wrappers, outermost first:\n    1. around   tryfirst, registered 6th" in text
    assert "  implementations, in order:\n    1. moved  before early" in text
    assert "  the call:\n    " in text


def test_a_hook_that_nobody_implements_says_so() -> None:
    assert "no plugin implements it" in str(manager().explain("plead"))


def test_many_are_numbered_as_people_number() -> None:
    pm = manager()
    for _ in range(23):
        pm.register(SimpleNamespace(plead=hookimpl(lambda: 1)))

    ordinals = [place.why.split()[-1] for place in pm.explain("plead").implementations]

    assert ordinals[:4] == ["1st", "2nd", "3rd", "4th"]
    assert ordinals[10:13] == ["11th", "12th", "13th"]
    assert ordinals[20:] == ["21st", "22nd", "23rd"]


# which hook


def test_a_hook_is_given_by_name_or_declaration_or_explains_itself() -> None:
    pm = full_court()

    by_name = pm.explain("plead")

    assert pm.explain(Specs.plead) == by_name
    assert pm.caller("plead").explain() == by_name


def test_an_unknown_hook_is_an_error() -> None:
    with pytest.raises(UnknownHookError, match="did you mean 'plead'"):
        manager().explain("pleed")


def test_a_view_explains_itself() -> None:
    pm = full_court()
    view = pm.caller("plead").without("early", "around")

    explanation = view.explain()

    assert [place.plugin_name for place in explanation.wrappers] == ["wrapper"]
    assert "early" not in [place.plugin_name for place in explanation.implementations]


def test_a_name_with_a_line_break_stays_on_its_line() -> None:
    pm = manager()
    pm.register(SimpleNamespace(plead=hookimpl(plead)), "two\nlines")
    pm.register(SimpleNamespace(plead=hookimpl(plead)), "next")

    explanation = pm.explain("plead")

    compile(explanation.source, "shown", "exec")
    assert len(str(explanation).splitlines()) == 5 + len(explanation.source.splitlines())
