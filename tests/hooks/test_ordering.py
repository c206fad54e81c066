"""The order of a call: three buckets, first come first served, and named relations.

`expected_order` is the rule in its simplest form: of those whom nobody holds back, the one that is
next in line comes next. Random plugins are compared with it.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hotplug import HookimplMarker, HookspecMarker, PluginManager, PluginValidationError

hookspec = HookspecMarker("bakery")
any_hookimpl: Any = HookimplMarker("bakery")

NAMES = "abcdefg"


class Specs:
    @hookspec
    def bake(self) -> object: ...


class Item(NamedTuple):
    """A plugin of the reference: its name, its bucket, and whom it names."""

    name: str
    bucket: int
    before: tuple[str, ...]
    after: tuple[str, ...]

    def options(self) -> dict[str, object]:
        buckets = {-1: {"tryfirst": True}, 0: {}, 1: {"trylast": True}}
        return {**buckets[self.bucket], "before": self.before, "after": self.after}


@pytest.fixture
def pm() -> PluginManager[Any]:
    return PluginManager("bakery", Specs)


def register(pm: PluginManager[Any], name: str, **options: object) -> None:
    """Register a plugin whose implementation returns the plugin's name."""
    pm.register(SimpleNamespace(bake=any_hookimpl(**options)(lambda: name)), name=name)


def register_wrapper(
    pm: PluginManager[Any], name: str, entered: list[str], **options: object
) -> None:
    def bake() -> Any:
        entered.append(name)
        return (yield)

    wrapper = any_hookimpl(wrapper=True, **options)(bake)
    pm.register(SimpleNamespace(bake=wrapper), name=name)


def path_of_the_refusal(pm: PluginManager[Any], item: Item) -> list[str]:
    with pytest.raises(PluginValidationError) as caught:
        register(pm, item.name, **item.options())
    first_line = str(caught.value).splitlines()[0]
    return first_line.rpartition(": ")[2].split(" before ")


# buckets


def test_implementations_run_first_come_first_served(pm: PluginManager[Any]) -> None:
    for name in "abc":
        register(pm, name)

    assert pm.hook.bake() == ["a", "b", "c"]


def test_three_buckets_each_first_come_first_served(pm: PluginManager[Any]) -> None:
    register(pm, "a")
    register(pm, "b")
    register(pm, "first 1", tryfirst=True)
    register(pm, "first 2", tryfirst=True)
    register(pm, "last 1", trylast=True)
    register(pm, "last 2", trylast=True)
    register(pm, "c")

    assert pm.hook.bake() == ["first 1", "first 2", "a", "b", "c", "last 1", "last 2"]


def test_tryfirst_with_trylast_is_refused(pm: PluginManager[Any]) -> None:
    with pytest.raises(PluginValidationError, match="both tryfirst and trylast"):
        register(pm, "a", tryfirst=True, trylast=True)


# relations


def test_before_puts_its_declarer_right_before_the_named_plugin(pm: PluginManager[Any]) -> None:
    for name in "abc":
        register(pm, name)
    register(pm, "d", before="b")

    assert pm.hook.bake() == ["a", "d", "b", "c"]


def test_after_puts_its_declarer_right_after_the_named_plugin(pm: PluginManager[Any]) -> None:
    register(pm, "a", after="c")
    for name in "bcd":
        register(pm, name)

    assert pm.hook.bake() == ["b", "c", "a", "d"]


@pytest.mark.parametrize("relation", ["before", "after"])
def test_a_relation_that_holds_already_moves_nobody(pm: PluginManager[Any], relation: str) -> None:
    options: Mapping[str, Mapping[str, str]] = {
        "before": {"a": "c"},
        "after": {"c": "a"},
    }
    for name in "abc":
        target = options[relation].get(name)
        register(pm, name, **({relation: target} if target else {}))

    assert pm.hook.bake() == ["a", "b", "c"]


def test_a_relation_takes_several_names(pm: PluginManager[Any]) -> None:
    for name in "abc":
        register(pm, name)
    register(pm, "d", before=["c", "b"])

    assert pm.hook.bake() == ["a", "d", "b", "c"]


def test_before_and_after_together_put_a_plugin_between_two(pm: PluginManager[Any]) -> None:
    for name in "abcd":
        register(pm, name)
    register(pm, "e", after="b", before="c")

    assert pm.hook.bake() == ["a", "b", "e", "c", "d"]


def test_a_name_that_is_not_there_is_satisfied(pm: PluginManager[Any]) -> None:
    register(pm, "a", before="nobody", after=["nobody else"])
    register(pm, "b")

    assert pm.hook.bake() == ["a", "b"]


def test_a_relation_counts_once_the_named_plugin_is_there(pm: PluginManager[Any]) -> None:
    register(pm, "a", after="late")
    register(pm, "b")
    assert pm.hook.bake() == ["a", "b"]

    register(pm, "late")

    assert pm.hook.bake() == ["b", "late", "a"]


def test_a_relation_counts_no_longer_once_the_named_plugin_is_gone(
    pm: PluginManager[Any],
) -> None:
    register(pm, "a", after="c")
    register(pm, "b")
    register(pm, "c")
    pm.unregister("c")

    assert pm.hook.bake() == ["a", "b"]


def test_a_named_plugin_without_the_hook_is_satisfied(pm: PluginManager[Any]) -> None:
    other = SimpleNamespace(other=any_hookimpl(optional=True)(lambda: None))
    register(pm, "a", after="other")
    register(pm, "b")
    pm.register(other, name="other")

    assert pm.hook.bake() == ["a", "b"]


def test_a_relation_outranks_the_bucket(pm: PluginManager[Any]) -> None:
    register(pm, "first", tryfirst=True)
    register(pm, "last", trylast=True, before="first")

    assert pm.hook.bake() == ["last", "first"]


def test_a_relation_outranks_the_bucket_of_its_declarer(pm: PluginManager[Any]) -> None:
    register(pm, "a")
    register(pm, "b", tryfirst=True, after="a")
    register(pm, "c")

    assert pm.hook.bake() == ["a", "b", "c"]


def test_relations_are_followed_through_several_plugins(pm: PluginManager[Any]) -> None:
    register(pm, "a")
    register(pm, "b", before="a")
    register(pm, "c", before="b")
    register(pm, "d", before="c")

    assert pm.hook.bake() == ["d", "c", "b", "a"]


def test_both_implementations_of_a_named_plugin_are_meant(pm: PluginManager[Any]) -> None:
    register(pm, "a")
    pm.register(
        SimpleNamespace(
            bake=any_hookimpl(lambda: "two 1"), also=any_hookimpl(target="bake")(lambda: "two 2")
        ),
        name="two",
    )
    register(pm, "b", before="two")

    assert pm.hook.bake() == ["a", "b", "two 1", "two 2"]


def test_the_named_one_stays_and_its_declarer_moves(pm: PluginManager[Any]) -> None:
    for name in "abcde":
        register(pm, name)
    unrelated = pm.hook.bake()
    register(pm, "mover", before="b")

    assert [name for name in pm.hook.bake() if name != "mover"] == unrelated


# contradictions


def test_a_contradiction_is_refused_and_its_path_is_shown(pm: PluginManager[Any]) -> None:
    register(pm, "a", before="b")

    with pytest.raises(PluginValidationError, match=r"b before a before b|a before b before a"):
        register(pm, "b", before="a")


def test_a_long_contradiction_shows_every_plugin_on_its_way_and_no_other(
    pm: PluginManager[Any],
) -> None:
    register(pm, "bystander", before="a")
    register(pm, "a", before="b")
    register(pm, "b", before="c")

    path = path_of_the_refusal(pm, Item("c", 0, ("a",), ()))

    assert path[0] == path[-1]
    assert sorted(path[1:]) == ["a", "b", "c"]


def test_a_refused_contradiction_leaves_the_order_as_it_was(pm: PluginManager[Any]) -> None:
    register(pm, "c")
    register(pm, "a", before="c")
    register(pm, "b", after="c")

    with pytest.raises(PluginValidationError):
        register(pm, "d", before="a", after="b")

    assert pm.hook.bake() == ["a", "c", "b"]


@pytest.mark.parametrize("relation", ["before", "after"])
def test_a_plugin_cannot_stand_before_or_after_itself(
    pm: PluginManager[Any], relation: str
) -> None:
    with pytest.raises(PluginValidationError, match="a before a"):
        register(pm, "a", **{relation: "a"})


def test_a_class_that_was_fine_under_another_name_cannot_stand_before_itself(
    pm: PluginManager[Any],
) -> None:
    class Plugin:
        @HookimplMarker("bakery")(before="b")
        def bake(self) -> str:
            return "b"

    pm.register(Plugin(), name="a")
    pm.unregister("a")

    with pytest.raises(PluginValidationError, match="b before b"):
        pm.register(Plugin(), name="b")


def test_the_same_relations_on_two_hooks_are_two_orders(pm: PluginManager[Any]) -> None:
    class More:
        @hookspec
        def serve(self) -> object: ...

    pm.add_hookspecs(More)
    pm.register(
        SimpleNamespace(
            bake=any_hookimpl(before="b")(lambda: "a"), serve=any_hookimpl(lambda: "a")
        ),
        name="a",
    )
    pm.register(
        SimpleNamespace(
            bake=any_hookimpl(lambda: "b"), serve=any_hookimpl(before="a")(lambda: "b")
        ),
        name="b",
    )

    assert (pm.hook.bake(), pm.hook.serve()) == (["a", "b"], ["b", "a"])


# wrappers


def test_wrappers_are_ordered_among_wrappers(pm: PluginManager[Any]) -> None:
    entered: list[str] = []
    register_wrapper(pm, "w1", entered)
    register_wrapper(pm, "w2", entered, tryfirst=True)
    register_wrapper(pm, "w3", entered, trylast=True)
    register_wrapper(pm, "w4", entered, before="w1")
    pm.hook.bake()

    assert entered == ["w2", "w4", "w1", "w3"]


def test_a_relation_between_a_wrapper_and_an_implementation_is_no_contradiction(
    pm: PluginManager[Any],
) -> None:
    entered: list[str] = []
    register(pm, "a", before="w")
    register_wrapper(pm, "w", entered, before="a")

    assert (pm.hook.bake(), entered) == (["a"], ["w"])


# random plugins


def relations(items: Sequence[Item]) -> set[tuple[str, str]]:
    """Who comes before whom, of those that are there."""
    there = {item.name for item in items}
    pairs = {(item.name, name) for item in items for name in item.before}
    pairs |= {(name, item.name) for item in items for name in item.after}
    return {pair for pair in pairs if there.issuperset(pair)}


def contradict(items: Sequence[Item]) -> bool:
    """Whether somebody would come before itself."""
    pairs = relations(items)
    for _ in items:  # every round makes the chains at least one longer
        pairs |= {(a, d) for a, b in pairs for c, d in pairs if b == c}
    return any(first == second for first, second in pairs)


def expected_order(items: Sequence[Item]) -> list[str]:
    line = [item.name for item in sorted(items, key=lambda item: item.bucket)]

    def place(name: str) -> int:
        """Where it stands in line: before pulls it up to the foremost that it names."""
        item = next(item for item in items if item.name == name)
        return min([line.index(name), *(place(other) for other in item.before if other in line)])

    pairs, order = relations(items), list[str]()
    while len(order) < len(line):
        free = [
            name
            for name in line
            if name not in order and all(a in order for a, b in pairs if b == name)
        ]
        order.append(min(free, key=lambda name: (place(name), line.index(name))))
    return order


@st.composite
def plugins(draw: st.DrawFn) -> list[Item]:
    names = draw(st.permutations(NAMES[: draw(st.integers(1, len(NAMES)))]))
    some = st.lists(st.sampled_from([*NAMES, "absent"]), max_size=2, unique=True).map(tuple)
    return [
        Item(name, draw(st.sampled_from([-1, 0, 0, 1])), draw(some), draw(some)) for name in names
    ]


def registered(items: Sequence[Item]) -> PluginManager[Any]:
    pm: PluginManager[Any] = PluginManager("bakery", Specs)
    for item in items:
        register(pm, item.name, **item.options())
    return pm


@given(plugins())
def test_the_order_is_that_of_the_rule(items: list[Item]) -> None:
    assume(not contradict(items))

    assert registered(items).hook.bake() == expected_order(items)


@given(plugins())
def test_plugins_are_refused_exactly_when_they_contradict_each_other(items: list[Item]) -> None:
    pm: PluginManager[Any] = PluginManager("bakery", Specs)
    accepted: list[Item] = []

    for item in items:
        if contradict([*accepted, item]):
            with pytest.raises(PluginValidationError, match="cannot be put in order"):
                register(pm, item.name, **item.options())
        else:
            register(pm, item.name, **item.options())
            accepted.append(item)

    assert sorted(pm.hook.bake()) == sorted(item.name for item in accepted)


@given(plugins())
def test_the_path_that_a_refusal_shows_is_a_real_circle(items: list[Item]) -> None:
    pm: PluginManager[Any] = PluginManager("bakery", Specs)
    accepted: list[Item] = []

    for item in items:
        if contradict([*accepted, item]):
            path = path_of_the_refusal(pm, item)
            assert path[0] == path[-1]
            assert set(pairwise(path)) <= relations([*accepted, item])
        else:
            register(pm, item.name, **item.options())
            accepted.append(item)


@given(plugins())
def test_without_relations_there_are_three_buckets_first_come_first_served(
    items: list[Item],
) -> None:
    items = [item._replace(before=(), after=()) for item in items]

    assert registered(items).hook.bake() == [
        item.name for bucket in (-1, 0, 1) for item in items if item.bucket == bucket
    ]


@given(plugins(), st.integers(0, len(NAMES) - 1))
def test_if_only_one_plugin_declares_relations_only_that_one_moves(
    items: list[Item], at: int
) -> None:
    at %= len(items)
    mover = items[at]
    others = [item._replace(before=(), after=()) for item in items if item is not mover]
    line = registered(others).hook.bake()
    # After one that stands behind the one it is before: then somebody else has to move.
    assume(
        all(
            line.index(first) < line.index(second)
            for first in mover.after
            for second in mover.before
            if first in line and second in line
        )
    )
    assume(mover.name not in mover.before + mover.after)

    called = registered([*others[:at], mover, *others[at:]]).hook.bake()

    assert [name for name in called if name != mover.name] == line


@given(plugins(), st.data())
def test_the_order_depends_on_who_is_there_and_not_on_who_was(
    items: list[Item], data: st.DataObject
) -> None:
    assume(not contradict(items))
    pm = registered(items)
    leaving = data.draw(st.lists(st.sampled_from([item.name for item in items]), unique=True))

    for name in leaving:
        pm.unregister(name)
        pm.hook.bake()

    staying = [item for item in items if item.name not in leaving]
    assert pm.hook.bake() == registered(staying).hook.bake()


@given(plugins())
def test_wrappers_are_ordered_by_the_same_rule(items: list[Item]) -> None:
    assume(not contradict(items))
    pm: PluginManager[Any] = PluginManager("bakery", Specs)
    entered: list[str] = []
    for item in items:
        register_wrapper(pm, item.name, entered, **item.options())
    pm.hook.bake()

    assert entered == expected_order(items)
