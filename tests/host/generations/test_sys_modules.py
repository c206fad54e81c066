"""``sys.modules`` and other registries of the process: what they show, and that nothing stays."""

import gc
import importlib
import linecache
import logging
import sys
import types
import typing
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug.host.generations import Generation, Namespace

Write = Callable[..., Path]
Load = Callable[..., tuple[Generation, Any]]


def test_walking_through_the_modules_imports_nothing_and_raises_nothing(
    write: Write, load: Load
) -> None:
    late = "raise RuntimeError('imported')"
    old, _ = load(write("shop", __init__="", plugin="from . import late", late=""))
    new, _ = load(write("shop", plugin="", late=late))
    load(write("other", plugin=""), commit=False)
    before = set(sys.modules)

    for module in list(sys.modules.values()):
        for name in ("__file__", "__path__", "__spec__", "__warningregistry__", "__wrapped__"):
            hasattr(module, name)
        repr(module)

    assert set(sys.modules) == before
    assert set(new.modules) == {"hotplug.plugins.shop", "hotplug.plugins.shop.plugin"}
    assert "hotplug.plugins.shop.late" in old.modules


def test_a_module_that_was_not_imported_yet_is_imported_for_its_attributes(
    write: Write, load: Load
) -> None:
    load(write("shop", __init__="", plugin="from . import late", late="VERSION = 1"))
    late = importlib.import_module("hotplug.plugins.shop.late")
    new, _ = load(write("shop", plugin="", late="VERSION = 2"))

    assert "hotplug.plugins.shop.late" not in new.modules
    assert late.VERSION == 2


def test_a_module_that_is_gone_has_no_attributes(write: Write, load: Load) -> None:
    path = write("shop", __init__="", plugin="from . import late", late="VERSION = 1")
    load(path)
    late = importlib.import_module("hotplug.plugins.shop.late")
    (path / "late.py").unlink()
    load(write("shop", plugin=""))

    with pytest.raises(AttributeError, match=r"'hotplug\.plugins\.shop\.late' cannot be imported"):
        late.VERSION  # noqa: B018


def test_a_module_that_fails_has_no_attributes_and_says_why(write: Write, load: Load) -> None:
    load(write("shop", __init__="", plugin="from . import late", late="VERSION = 1"))
    late = importlib.import_module("hotplug.plugins.shop.late")
    load(write("shop", plugin="", late="1 / 0"))

    assert not hasattr(late, "VERSION")
    with pytest.raises(AttributeError, match="cannot be imported: division by zero") as caught:
        late.VERSION  # noqa: B018
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_plugin_that_does_not_serve_yet_has_no_attributes(write: Write, load: Load) -> None:
    load(write("shop", __init__="VERSION = 1", plugin=""), commit=False)

    with pytest.raises(AttributeError, match=r"'hotplug\.plugins\.shop' .* no such plugin serves"):
        sys.modules["hotplug.plugins.shop"].VERSION  # noqa: B018


BROKEN = {
    "a raise": "from . import fine\n1 / 0",
    "a missing import": "from . import fine\nimport nowhere_at_all",
    "bad syntax": "from . import fine\nfrom . import bad",
    "an exit": "from . import fine\nraise SystemExit(3)",
    "a replaced module": "import sys\nfrom . import fine\nsys.modules[__name__] = 3\n1 / 0",
}


@pytest.mark.parametrize("why", BROKEN)
@pytest.mark.parametrize("is_first", [True, False], ids=["first", "staged"])
def test_a_failed_load_leaves_the_modules_as_they_were(
    write: Write, load: Load, namespace: Namespace, why: str, is_first: bool
) -> None:
    good = {"__init__.py": "", "fine.py": "", "bad.py": "if"}
    if not is_first:
        load(write("shop", good, plugin="VERSION = 1"))
    serving = namespace.committed("shop")
    path = write("shop", {**good, "new.py": ""}, plugin=f"from . import new\n{BROKEN[why]}")
    modules, finders = list(sys.modules.items()), list(sys.meta_path)

    with pytest.raises(BaseException) as caught:  # noqa: PT011 - the parameters name them
        load(path)

    assert list(sys.modules.items()) == modules
    assert sys.meta_path == finders
    assert namespace.committed("shop") is serving
    own = [entry for entry in caught.traceback if "host/generations" not in str(entry.path)]
    assert [entry.name for entry in own] == ["<module>"]
    del caught, own


def test_an_error_of_a_plugin_keeps_its_type_and_shows_the_plugins_frames_alone(
    write: Write, load: Load
) -> None:
    path = write("shop", plugin="from .deep import x", deep="def fail():\n    1 / 0\nfail()")

    with pytest.raises(ZeroDivisionError) as caught:
        load(path)

    shown = [(Path(entry.path).name, entry.name) for entry in caught.traceback[-3:]]
    assert shown == [("plugin.py", "<module>"), ("deep.py", "<module>"), ("deep.py", "fail")]


def test_a_failed_import_in_a_function_leaves_the_plugin_as_it_was(
    write: Write, load: Load
) -> None:
    text = "def late():\n    from . import broken"
    _, module = load(write("shop", plugin=text, broken="from . import fine\n1 / 0", fine=""))

    for _ in range(2):
        with pytest.raises(ZeroDivisionError) as caught:
            module.late()
        assert [entry.name for entry in caught.traceback[1:]] == ["late", "<module>"]

    assert "hotplug.plugins.shop.broken" not in sys.modules


LEAKY = """{blank_lines}
import enum, logging, typing
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar, overload
from . import other
log = logging.getLogger(__name__)
T = TypeVar("T")

class Pair(NamedTuple):
    left: int

class Kind(enum.Enum):
    A = 1

class Box(Generic[T]): pass

@dataclass
class Item:
    box: "Box[int]"

    @overload
    def get(self, x: int) -> int: ...
    @overload
    def get(self, x: str) -> str: ...
    def get(self, x): return x

@overload
def get(x: int) -> int: ...
@overload
def get(x: str) -> str: ...
def get(x): return x

def run():
    log.debug("run")
    return typing.get_type_hints(Item)
"""


def registries() -> list[object]:
    overloads = typing._overload_registry  # type: ignore[attr-defined]
    return [
        len(sys.modules),
        list(sys.meta_path),
        len(logging.root.manager.loggerDict),
        {name: len(found) for name, found in overloads.items()},
        len(linecache.cache),
    ]


def test_nothing_is_left_of_two_hundred_reloads(write: Write, namespace: Namespace) -> None:
    alive: list[weakref.ref[Any]] = []
    served: Generation | None = None
    grown: list[object] = []
    module: Any = None
    generation: Generation | None = None
    for turn in range(201):
        text = LEAKY.format(blank_lines="\n" * turn)
        generation = namespace.open("shop", write("shop", __init__="", plugin=text, other=""))
        module = generation.run("plugin")
        generation.commit()
        module.run()
        alive += map(weakref.ref, (generation, module, module.run, module.Item))
        if served is not None:
            served.close()
        served = generation
        grown = grown or registries()
    del generation, module
    collected = [clear() for clear in typing._cleanups]  # type: ignore[attr-defined]
    gc.collect()

    assert collected
    assert [ref() is None for ref in alive] == [True] * 800 + [False] * 4
    assert registries() == grown
    served = None


def test_facades_stay_for_as_long_as_somebody_needs_them(write: Write, load: Load) -> None:
    old, module = load(write("shop", plugin="from . import former", former=""))
    load(write("shop", plugin=""))
    old.close()
    assert "hotplug.plugins.shop.former" in sys.modules

    del old, module
    gc.collect()

    assert "hotplug.plugins.shop.former" not in sys.modules
    assert "hotplug.plugins.shop.plugin" in sys.modules


def test_a_failed_load_takes_back_what_the_plugin_has_put_there(write: Write, load: Load) -> None:
    puts = "import sys\nsys.modules[__name__ + '.a'] = {0}\nsys.modules[__name__ + '.{1}'] = {0}\n"
    load(write("shop", plugin=puts.format(1, "b")))
    modules = dict(sys.modules)

    with pytest.raises(ZeroDivisionError):
        load(write("shop", plugin=puts.format(2, "c") + "1 / 0"))

    assert sys.modules == modules


def test_generations_that_go_while_the_modules_are_looked_through_disturb_nothing(
    write: Write, load: Load
) -> None:
    path = write("shop", plugin="import sys\nsys.modules  # it may put modules there")
    bystanders = [types.ModuleType(f"bystander{number}") for number in range(3000)]
    sys.modules.update({module.__name__: module for module in bystanders})
    before = gc.get_threshold()
    gc.set_threshold(10, 1, 1)  # a collection at every few objects that are made
    try:
        for _ in range(5):
            load(path)[0].close()
    finally:
        gc.set_threshold(*before)
        for module in bystanders:
            del sys.modules[module.__name__]
