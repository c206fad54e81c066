"""What looks a module up by its name finds the generation that is meant, in each situation."""

import dataclasses
import io
import logging
import pickle
import subprocess
import sys
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug.host.generations import Generation, Namespace, host_call

Write = Callable[..., Path]
Load = Callable[..., tuple[Generation, Any]]
Situated = Callable[[], tuple[Generation, Any]]

MODELS = """
from __future__ import annotations
import enum
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

VERSION = {version}
T = TypeVar("T")

class Colour(enum.Enum):
    RED = "red"

class Pair(NamedTuple):
    left: Item
    right: int

@dataclass
class Item:
    colour: Colour
    part: Item | None = None

def greet(item: Item) -> Pair:
    return Pair(item, {version})
"""

CHECKS = """
import pickle
import typing
from shop.models import VERSION, Colour, Item, Pair, T, greet

THINGS = [Colour.RED, Item(Colour.RED, Item(Colour.RED)), Pair(Item(Colour.RED), 1), T, greet, Item]

def kinds(thing):
    return type(thing) if isinstance(thing, (Item, Pair, Colour)) else thing

def round_trips(dump, load):
    for protocol in range(2, 6):
        for thing in THINGS:
            again = load(dump(thing, protocol))
            assert kinds(again) is kinds(thing), (thing, protocol)
            assert again == thing

def hints(get=typing.get_type_hints):
    return [get(Item), get(Pair), get(greet)]
"""

OWN = {"plugin.py": CHECKS}
SITUATIONS = ["first", "staged", "serving", "draining", "closed"]


def shop(write: Write, version: int) -> Path:
    return write("shop", OWN, models=MODELS.format(version=version), __init__="")


@pytest.fixture(params=SITUATIONS)
def in_situation(request: pytest.FixtureRequest, write: Write, load: Load) -> Situated:
    """Load a generation of the plugin and bring it into one situation of its life."""

    def situated() -> tuple[Generation, Any]:
        if request.param == "first":
            return load(shop(write, 1), commit=False)
        if request.param == "serving":
            return load(shop(write, 1))
        old = load(shop(write, 1))
        if request.param == "staged":
            return load(shop(write, 2), commit=False)
        load(shop(write, 2))
        if request.param == "closed":
            old[0].close()
        return old

    return situated


def dumps_in_python(thing: object, protocol: int) -> bytes:
    file = io.BytesIO()
    pickle._Pickler(file, protocol).dump(thing)
    return file.getvalue()


def loads_in_python(data: bytes) -> Any:
    return pickle._Unpickler(io.BytesIO(data)).load()


@pytest.mark.parametrize(
    ("dump", "load_it"),
    [(pickle.dumps, pickle.loads), (dumps_in_python, loads_in_python)],
    ids=["C", "Python"],
)
def test_a_plugin_pickles_and_loads_its_own_classes(
    in_situation: Situated, dump: Any, load_it: Any
) -> None:
    _, module = in_situation()

    module.round_trips(dump, load_it)


def test_a_plugin_sees_its_own_classes_in_type_hints(in_situation: Situated) -> None:
    _, module = in_situation()

    item, pair, greet = module.hints()

    assert item["colour"] is module.Colour
    assert pair["left"] is module.Item
    assert greet == {"item": module.Item, "return": module.Pair}


def test_the_host_handles_objects_of_a_generation_in_its_name(
    in_situation: Situated,
) -> None:
    generation, module = in_situation()

    data = generation.call(pickle.dumps, module.THINGS)

    assert generation.call(pickle.loads, data)[0] is module.Colour.RED
    assert generation.call(typing.get_type_hints, module.Pair)["left"] is module.Item


def test_a_number_of_a_generation_is_in_no_text_of_a_plugin(
    in_situation: Situated, caplog: pytest.LogCaptureFixture
) -> None:
    generation, module = in_situation()
    data = generation.call(pickle.dumps, module.THINGS, protocol=0)
    with caplog.at_level(logging.INFO):
        generation.call(logging.getLogger(module.__name__).info, "sold")
    with pytest.raises(ModuleNotFoundError) as missing:
        generation.import_module("hotplug.plugins.shop.nowhere")

    assert b"~" not in data
    assert caplog.records[-1].name == "hotplug.plugins.shop.plugin"
    assert repr(module.Item) == "<class 'hotplug.plugins.shop.models.Item'>"
    assert str(missing.value) == "No module named 'hotplug.plugins.shop.nowhere'"
    assert missing.value.name == "hotplug.plugins.shop.nowhere"


def test_a_pickle_of_the_old_generation_loads_as_the_new_ones_classes(
    write: Write, load: Load
) -> None:
    _, old = load(shop(write, 1))
    data = pickle.dumps(old.THINGS)
    _, new = load(shop(write, 2))

    item = pickle.loads(data)[1]

    assert type(item) is new.Item is not old.Item


def test_a_pickle_loads_in_plain_python(write: Write, load: Load, tmp_path: Path) -> None:
    _, module = load(shop(write, 1))
    file = tmp_path / "data"
    file.write_bytes(pickle.dumps(module.THINGS[:3]))
    # the plugin on a path of plain packages of the same names
    plain = tmp_path / "plain" / "hotplug" / "plugins"
    plain.mkdir(parents=True)
    (plain / "shop").symlink_to(tmp_path / "shop")
    program = """
import pickle, sys
sys.path.insert(0, sys.argv[1])
print(pickle.load(open(sys.argv[2], "rb"))[0])
"""

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, tmp_path / "plain", file],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "Colour.RED\n", done.stderr


def test_host_code_beneath_a_draining_plugin_works_in_the_serving_world(
    write: Write, load: Load
) -> None:
    _, old = load(write("shop", plugin="def save(store, thing): return store(thing)\nclass A: 0"))
    _, new = load(write("shop", plugin="def save(store, thing): return store(thing)\nclass A: 1"))
    thing = new.A()

    def store(thing: object) -> bytes:
        return host_call(pickle.dumps, thing)

    assert type(pickle.loads(old.save(store, thing))) is new.A
    with pytest.raises(pickle.PicklingError):
        old.save(pickle.dumps, thing)


ALIASED = """
from dataclasses import {initvar} as Init, KW_ONLY as {kw_only}, dataclass
from typing import ClassVar as {classvar}

@dataclass
class Item:
    shared: "{classvar}[int]" = 0
    given: "Init[int]" = 0
    _: "{kw_only}" = None
    named: "int" = {default}
"""


def test_a_staged_generation_has_the_fields_of_its_own_aliases(write: Write, load: Load) -> None:
    first = {"initvar": "InitVar", "kw_only": "KW_ONLY", "classvar": "ClassVar", "default": 1}
    second = {"initvar": "InitVar", "kw_only": "Only", "classvar": "Shared", "default": 2}
    _, old = load(write("shop", plugin=ALIASED.format(**first)))

    _, new = load(write("shop", plugin=ALIASED.format(**second)), commit=False)

    for module in (old, new):
        assert [each.name for each in dataclasses.fields(module.Item)] == ["named"]
        assert dataclasses.fields(module.Item)[0].kw_only
    assert (old.Item().named, new.Item().named) == (1, 2)


def test_host_code_follows_a_plugin_from_load_to_load(
    write: Write, load: Load, namespace: Namespace
) -> None:
    path = write("shop", __init__="VERSION = 1", models="VERSION = 1")
    load(path, "models")
    from hotplug.plugins.shop import models  # type: ignore[import-not-found]

    from hotplug.plugins import shop

    write("shop", __init__="VERSION = 2", models="VERSION = 2")
    load(path, "models")

    assert (shop.VERSION, models.VERSION) == (2, 2)
