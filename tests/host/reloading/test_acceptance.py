"""Who looks modules up by name sees its own generation, whatever a reload is doing.

The new generation is staged and then serves; a call drains in the old one, and that is closed.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import textwrap
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hotplug import Plugin, PluginHost
from hotplug.errors import ReloadError

Enable = Callable[..., Plugin]
Write = Callable[..., Path]
Host = PluginHost[Any]

FILES = {
    "__init__.py": "",
    "models.py": """
        from __future__ import annotations
        import enum, typing
        from dataclasses import dataclass, field{aliases}
        VERSION = {version}
        T = typing.TypeVar("T")

        class Kind(enum.Enum):
            SMALL = "small"

        class Pair(typing.NamedTuple):
            item: Item
            kind: Kind

        @dataclass
        class Item:
            {fields}
            version: int = VERSION
            kind: Kind = Kind.SMALL
            part: Item | None = None

            @typing.overload
            def get(self, it: int) -> int: ...
            @typing.overload
            def get(self, it: str) -> str: ...
            def get(self, it): return it

        def greet(item: Item) -> Pair: ...
        """,
    "late.py": "from .models import VERSION",
    "tool.py": "from hotplug.plugins.shop.models import VERSION",
}
OLD = {"version": 1, "aliases": ", KW_ONLY as _", "fields": "_: _"}
NEW = {"version": 2, "aliases": ", InitVar as _", "fields": "_: _[int] = 0"}

PLUGIN = """
from .body import VERSION, seen
from .models import Item

@hookimpl
def price(item):
    item()
    return seen()

def check_health():
    found = seen()
    return True if found == {VERSION} else repr(found)
"""
BODY = """
from __future__ import annotations
from . import models
from .models import Item, Kind, Pair, greet
VERSION = models.VERSION
"""

BODIES = {
    "pickle": """
        import pickle
        def seen():
            found = set()
            for protocol in range(2, 6):
                for dump, load in (
                    (pickle.dumps, pickle.loads), (pickle._dumps, pickle._loads)
                ):
                    pair = load(dump(Pair(Item(part=Item()), Kind.SMALL), protocol))
                    assert type(pair) is Pair and type(pair.item.part) is Item
                    assert pair.kind is Kind.SMALL and load(dump(greet, protocol)) is greet
                    assert load(dump(models.T, protocol)) is models.T
                    found.add(pair.item.version)
            return found
        """,
    "annotations": """
        import typing
        def seen():
            assert typing.get_type_hints(greet) == {"item": Item, "return": Pair}
            assert typing.get_type_hints(Pair) == {"item": Item, "kind": Kind}
            return {typing.get_type_hints(Item)["part"].__args__[0].version}
        """,
    "imports": """
        import importlib, sys
        def seen():
            from .late import VERSION as first
            import shop.late
            return {
                first, shop.late.VERSION,
                importlib.import_module("shop.late").VERSION,
                importlib.import_module(".late", __package__).VERSION,
                importlib.import_module("hotplug.plugins.shop.late").VERSION,
                __import__("shop.late").late.VERSION,
                sys.modules[Item.__module__].VERSION,
                sys.modules["hotplug.plugins.shop.models"].Item.version,
            }
        """,
    "tools": """
        import importlib.resources, pkgutil, runpy, unittest.mock
        def seen():
            text = importlib.resources.files("shop").joinpath("models.py").read_text("utf-8")
            assert f"VERSION = {VERSION}" in text
            with unittest.mock.patch("hotplug.plugins.shop.models.VERSION", VERSION):
                assert pkgutil.resolve_name("hotplug.plugins.shop.models:Item") is Item
            return {runpy.run_module("hotplug.plugins.shop.tool")["VERSION"]}
        """,
    "executors": """
        import pickle
        from concurrent.futures import ThreadPoolExecutor
        from builtins import shared_pool
        def seen():
            data = pickle.dumps(Item())
            with ThreadPoolExecutor(1) as pool:
                jobs = [each.submit(pickle.loads, data) for each in (pool, shared_pool)]
                items = [job.result() for job in jobs]
            assert [type(item) for item in items] == [Item, Item]
            return {item.version for item in items}
        """,
    "pydantic": """
        import pydantic
        class Basket(pydantic.BaseModel):
            kind: Kind
            parts: list[Part] = []
            later: Later | None = None
        class Part(pydantic.BaseModel):
            of: Basket | None = None
        class Later(pydantic.BaseModel):
            number: int
        def seen():
            basket = Basket(kind="small", parts=[{}], later={"number": "3"})
            assert type(basket.parts[0]) is Part and type(basket.later) is Later
            assert pydantic.TypeAdapter(list[Basket]).validate_python([basket]) == [basket]
            assert Basket.model_fields["kind"].annotation is Kind and basket.kind is Kind.SMALL
            return {VERSION}
        """,
    "attrs": """
        import attrs
        @attrs.define
        class Basket:
            item: Item
            next: Basket | None = None
        def seen():
            attrs.resolve_types(Basket)
            return {attrs.fields(Basket).item.type.version}
        """,
    "sqlalchemy": """
        from sqlalchemy import ForeignKey
        from sqlalchemy.orm import (
            DeclarativeBase, Mapped, configure_mappers, mapped_column, relationship
        )
        class Base(DeclarativeBase): ...
        class Basket(Base):
            __tablename__ = "baskets"
            id: Mapped[int] = mapped_column(primary_key=True)
            parts: Mapped[list[Part]] = relationship(back_populates="basket")
        class Part(Base):
            __tablename__ = "parts"
            id: Mapped[int] = mapped_column(primary_key=True)
            basket_id: Mapped[int] = mapped_column(ForeignKey("baskets.id"))
            basket: Mapped[Basket] = relationship(back_populates="parts")
        def seen():
            configure_mappers()
            assert Part.basket.property.mapper.class_ is Basket
            return {VERSION}
        """,
}


def texts(body: str, values: dict[str, Any]) -> dict[str, Any]:
    files = {path: text.format(**values) for path, text in FILES.items()}
    return {"source": PLUGIN, "files": {**files, "body.py": BODY + textwrap.dedent(body)}}


class Waiting:
    """A call that has begun in the old generation, and goes on when it is let."""

    def __init__(self, host: Host) -> None:
        self.inside, self.go_on = threading.Event(), threading.Event()
        self.answers: list[Any] = []
        self.thread = threading.Thread(target=self.call, args=(host,))
        self.thread.start()
        assert self.inside.wait(10)

    def call(self, host: Host) -> None:
        try:
            self.answers += host.hooks.hook.price(item=self.wait)
        except Exception as error:
            self.answers.append(error)

    def wait(self) -> None:
        self.inside.set()
        self.go_on.wait(10)

    def end(self) -> Any:
        self.go_on.set()
        self.thread.join(10)
        return self.answers[0]


def reload_beside_a_call(host: Host, shop: Plugin, meanwhile: Callable[[], Any]) -> Any:
    """Reload while a call is in the old generation; returns what that answered at last."""
    waiting = Waiting(host)
    errors: list[BaseException] = []

    def reload() -> None:
        try:
            shop.reload()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=reload)
    thread.start()
    until = time.monotonic() + 10
    while shop.generation == 1 and not errors and time.monotonic() < until:
        time.sleep(0.001)
    try:
        assert errors == []
        meanwhile()
    finally:
        answer = waiting.end()
        thread.join(10)
    return answer


@pytest.mark.parametrize("kind", BODIES)
def test_each_generation_sees_its_own_classes_by_name_staged_serving_draining_and_closed(
    host: Host, enable: Enable, write: Write, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    served: list[Any] = []
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr("builtins.shared_pool", pool, raising=False)
        shop = enable("shop", **texts(BODIES[kind], OLD))
        old = shop.module.seen
        assert host.hooks.hook.price(item=int) == [{1}]
        write("shop", **texts(BODIES[kind], NEW))  # check_health() looks while it is staged

        drained = reload_beside_a_call(
            host, shop, lambda: served.extend(host.hooks.hook.price(item=int))
        )

        assert (drained, served, host.hooks.hook.price(item=int)) == ({1}, [{2}], [{2}])
        assert old() == {1}


def test_a_pickle_of_the_old_generation_is_of_the_new_ones_class_and_of_plain_pythons(
    host: Host, enable: Enable, write: Write, tmp_path: Path
) -> None:
    shop = enable("shop", **texts("def seen(): return {VERSION}", OLD))
    shop_of = "import sys; sys.path.insert(0, sys.argv[1])"
    data = pickle.dumps(shop.module.Item())
    write("shop", **texts("def seen(): return {VERSION}", NEW))
    shop.reload()

    item = pickle.loads(data)

    assert type(item) is shop.module.Item
    assert b"~" not in data
    assert "~" not in repr(type(item))
    program = f"{shop_of}; import shop.models; print(shop.models.Item().version)"
    plain = subprocess.run(
        [sys.executable, "-B", "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert plain.stdout == "2\n"


def test_a_module_that_starts_and_joins_a_thread_which_imports_its_sibling_is_reloaded(
    host: Host, enable: Enable, write: Write
) -> None:
    source = """
    import threading
    found = []
    def work():
        from .part import NUMBER
        found.append(NUMBER)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(10)

    @hookimpl
    def name(): return found
    """
    shop = enable("shop", source, files={"part.py": "NUMBER = 1"})
    write("shop", source, files={"part.py": "NUMBER = 2"})

    shop.reload()

    assert host.hooks.hook.name() == [[2]]


def test_modules_that_replace_themselves_and_circular_imports_are_reloaded(
    host: Host, enable: Enable, write: Write
) -> None:
    source = "from . import odd, a\n@hookimpl\ndef name(): return odd.NUMBER, a.other()"
    files = {
        "odd.py": "import sys\nclass Odd:\n    NUMBER = {0}\nsys.modules[__name__] = Odd()",
        "a.py": "from . import b\nNAME = 'a{0}'\ndef other(): return b.NAME + b.other()",
        "b.py": "from . import a\nNAME = 'b{0}'\ndef other(): return a.NAME",
    }

    def at(number: int) -> dict[str, str]:
        return {path: text.format(number) for path, text in files.items()}

    shop = enable("shop", source, files=at(1))
    first = host.hooks.hook.name()
    write("shop", source, files=at(2))
    shop.reload()

    assert (first, host.hooks.hook.name()) == ([(1, "b1a1")], [(2, "b2a2")])


def test_walking_through_the_modules_while_a_generation_is_staged_imports_nothing(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", "VALUE = 1", files={"late.py": "raise RuntimeError"})
    walk = """
    import sys
    def check_health():
        for module in list(sys.modules.values()):
            hasattr(module, "__wrapped__")
            hasattr(module, "__path__")
        return True
    """
    write("shop", walk, files={"late.py": "raise RuntimeError"})

    shop.reload()

    assert shop.generation == 2


def test_a_refused_generation_leaves_the_modules_as_they_were(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", "from . import part", files={"part.py": ""})
    before = dict(sys.modules)
    write("shop", "from . import part, more\n1 / 0", files={"more.py": "", "part.py": "A = 1"})

    with pytest.raises(ReloadError):
        shop.reload()

    assert dict(sys.modules) == before


def test_reports_show_the_text_that_raised_of_the_new_one_and_of_the_old_one(
    host: Host, enable: Enable, write: Write
) -> None:
    text = "\n@hookimpl\ndef price(item):\n    item()\n    1 / 0  # of the {} text\n"
    shop = enable("shop", text.format("old"))
    write("shop", "# a line more\n" * 3 + text.format("new"))

    answer = reload_beside_a_call(host, shop, lambda: None)

    assert "1 / 0  # of the old text" in shown(answer)
    with pytest.raises(ZeroDivisionError) as caught:
        host.hooks.hook.price(item=int)
    assert "1 / 0  # of the new text" in shown(caught.value)
    write("shop", "# two\n" * 2 + "1 / 0  # of the refused text")
    with pytest.raises(ReloadError) as refused:
        shop.reload()
    assert "1 / 0  # of the refused text" in shown(refused.value)
    assert refused.value.file == str(shop.location / "plugin.py")


def shown(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def test_nothing_is_left_of_many_reloads_with_overloads_on_moving_lines(
    host: Host, enable: Enable, write: Write
) -> None:
    import gc
    import linecache
    import logging
    import typing

    def registries() -> tuple[int, ...]:
        overloads: Any = typing._overload_registry  # type: ignore[attr-defined]
        known = logging.root.manager.loggerDict
        gc.collect()
        return (
            len(sys.modules),
            len(sys.meta_path),
            len(known),
            len(overloads),
            len(linecache.cache),
        )

    source = """
    import logging
    from typing import NamedTuple, overload
    logging.getLogger(__name__)
    class Pair(NamedTuple):
        left: int
    @overload
    def get(it: int) -> int: ...
    @overload
    def get(it: str) -> str: ...
    def get(it): return it
    """
    shop = enable("shop", source)
    shop.reload()
    assert host.old_generations() == []
    before = registries()
    for turn in range(60):
        write("shop", "\n" * (turn % 50) + source)
        shop.reload()

    assert host.old_generations() == []
    assert registries() == before


def test_an_old_plugin_calls_the_old_one_that_it_has_imported_and_a_new_one_the_new(
    host: Host, enable: Enable, write: Write
) -> None:
    auth = "VERSION = {0}\nclass Token:\n    version = {0}"
    enable("auth", auth.format(1), files={"__init__.py": ""})
    source = """
    from hotplug.plugins.auth.plugin import Token
    @hookimpl
    def price(item):
        item()
        import hotplug.plugins.auth.plugin as auth
        return Token.version, auth.VERSION, {0}
    """
    shop = enable("shop", source.format(1), requires=["auth"])
    served: list[Any] = []
    write("auth", auth.format(2), files={"__init__.py": ""})
    write("shop", source.format(2), requires=["auth"])
    waiting = Waiting(host)
    reload = threading.Thread(target=host.reload, args=(["auth", "shop"],))
    reload.start()
    until = time.monotonic() + 10
    while shop.generation == 1 and time.monotonic() < until:
        time.sleep(0.001)
    served += host.hooks.hook.price(item=int)
    drained = waiting.end()
    reload.join(10)

    assert (served, drained) == ([(2, 2, 2)], (1, 1, 1))
