"""State that is handed over: plain data, checked to the ground, copied."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotplug import Plugin, PluginHost
from hotplug.errors import ReloadError
from hotplug.host.reloading.state import NotPlain, plain_copy

Write = Callable[..., Path]
Enable = Callable[..., Plugin]
Host = PluginHost[Any]

COUNTS = """
count = 0
came_from = None

def export_state():
    return {{"count": count, "by": {{"tea": [1, 2]}}}}

def import_state(data, from_version):
    global count, came_from
    count, came_from = data["count"] + {0}, from_version
"""


def test_the_new_generation_gets_what_the_old_one_exports(enable: Enable, write: Write) -> None:
    shop = enable("shop", COUNTS.format(0), version="1.0")
    vars(shop.module)["count"] = 5
    write("shop", COUNTS.format(100), version="2.0")

    report = shop.reload()

    assert (shop.module.count, shop.module.came_from) == (105, "1.0")
    assert report.replaced[0].state_handed_over


def test_without_one_of_the_two_functions_nothing_is_handed_over(
    enable: Enable, write: Write
) -> None:
    shop = enable("shop", "def export_state(): return 1 / 0")
    write("shop", "value = 1")

    assert not shop.reload().replaced[0].state_handed_over


def test_an_object_of_the_plugin_in_it_is_refused_with_its_place(
    enable: Enable, write: Write
) -> None:
    source = """
    class Item: ...
    def export_state(): return {"open": [1, (2, Item())]}
    def import_state(data, from_version): ...
    """
    shop = enable("shop", source)

    with pytest.raises(ReloadError) as caught:
        shop.reload()

    assert caught.value.stage == "state"
    expected = "export_state()['open'][1][1] is an object of hotplug.plugins.shop.plugin.Item"
    assert expected in str(caught.value)


def test_an_error_of_export_state_keeps_the_old_generation(enable: Enable, write: Write) -> None:
    source = "def export_state(): return 1 / {}\ndef import_state(data, from_version): ..."
    shop = enable("shop", source.format(0))
    write("shop", source.format(1))

    with pytest.raises(ReloadError) as caught:
        shop.reload()

    assert (caught.value.stage, caught.value.line) == ("state", 4)
    assert shop.generation == 1


@pytest.mark.parametrize(
    "data",
    [
        object(),
        len,
        [lambda: 1],
        {"a": {1: type("Item", (), {})()}},
        {(1, object()): 2},
        type("Text", (str,), {})("a"),
        dt.datetime(2020, 1, 1, tzinfo=type("Zone", (dt.tzinfo,), {})()),
    ],
)
def test_what_is_no_plain_data_is_refused(data: Any) -> None:
    with pytest.raises(NotPlain):
        plain_copy(data)


def test_data_that_is_nested_too_deep_is_refused() -> None:
    data: list[Any] = []
    for _ in range(10_000):
        data = [data]

    with pytest.raises(NotPlain, match="nested more than"):
        plain_copy(data)


def test_what_stands_twice_or_in_itself_does_so_in_the_copy() -> None:
    item: dict[str, Any] = {"name": "tea"}
    data: list[Any] = [item, item]
    data.append(data)

    copy = plain_copy(data)

    assert copy[0] is copy[1]
    assert copy[0] is not item
    assert copy[2] is copy


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.binary(),
    st.datetimes(), st.dates(), st.timedeltas(), st.uuids(),
    st.decimals(allow_nan=False).map(Decimal),
)  # fmt: skip
DATA = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner),
        st.tuples(inner, inner),
        st.dictionaries(SCALARS, inner),
        st.sets(SCALARS),
        st.frozensets(SCALARS),
        st.binary().map(bytearray),
    ),
    max_leaves=20,
)


def containers(data: Any) -> set[int]:
    if isinstance(data, dict):
        return {id(data)}.union(*map(containers, data.values()))
    if isinstance(data, (list, tuple)):
        own = {id(data)} if isinstance(data, list) else set()
        return own.union(*map(containers, data))
    return {id(data)} if isinstance(data, (set, bytearray)) else set()


@given(DATA)
def test_a_copy_is_equal_and_shares_nothing_that_can_change(data: Any) -> None:
    copy = plain_copy(data)

    assert copy == data
    assert type(copy) is type(data)
    assert not containers(copy) & containers(data)
