"""Import statements and what is built on them mean the plugin's own generation."""

import importlib
import importlib.util
import pkgutil
import runpy
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES, PathFinder
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from hotplug.host.generations import Generation, Namespace
from hotplug.host.generations.finding import StandIn

Write = Callable[..., Path]
Load = Callable[..., tuple[Generation, Any]]

FORMS = """
import importlib
import importlib.util
import shop.parts.wheel
import shop.parts.wheel as by_bare_name
import hotplug.plugins.shop.parts.wheel as by_full_name
from importlib import import_module
from . import parts
from .parts import wheel
from .parts.wheel import NAME
from hotplug.plugins import shop as itself
from hotplug.plugins.shop.parts import wheel as from_full_name

FOUND = [
    shop.parts.wheel, by_bare_name, parts.wheel, wheel, from_full_name, itself.parts.wheel,
    importlib.import_module("shop.parts.wheel"),
    importlib.import_module("hotplug.plugins.shop.parts.wheel"),
    importlib.import_module(".parts.wheel", __package__),
    import_module("..wheel", "shop.parts.spoke"),
]

def later():
    from .parts import late
    import shop.parts.late
    assert shop.parts.late is late
    return late.VERSION
"""


def wheels(write: Write, version: int) -> Path:
    texts = {
        "__init__.py": f"VERSION = {version}\ndef __getattr__(name): return ({version}, name)",
        "plugin.py": FORMS,
        "parts/__init__.py": "",
        "parts/wheel.py": f"NAME = __name__\nVERSION = {version}",
        "parts/late.py": f"VERSION = {version}",
        "parts/data.txt": f"text {version}",
    }
    return write("shop", texts)


def test_every_form_of_an_import_gives_the_generations_own_module(write: Write, load: Load) -> None:
    (first, old), (second, new) = load(wheels(write, 1)), load(wheels(write, 2), commit=False)

    for generation, module in ((first, old), (second, new)):
        wheel = generation.modules["hotplug.plugins.shop.parts.wheel"]
        assert [found is wheel for found in module.FOUND] == [True] * len(module.FOUND)
        assert module.by_full_name.NAME == wheel.__name__ == "hotplug.plugins.shop.parts.wheel"
    assert (old.wheel.VERSION, new.wheel.VERSION) == (1, 2)


def test_an_import_in_a_function_is_of_the_files_that_were_loaded(write: Write, load: Load) -> None:
    first, old = load(wheels(write, 1))
    _, new = load(wheels(write, 2))
    shutil.rmtree(wheels(write, 3))
    first.close()

    assert (old.later(), new.later()) == (1, 2)
    assert first.key not in sys.modules
    assert f"{first.key}.parts.late" not in sys.modules


def test_a_module_with_getattr_is_asked_in_its_generation(write: Write, load: Load) -> None:
    (first, _), (second, _) = load(wheels(write, 1)), load(wheels(write, 2))
    facade = sys.modules["hotplug.plugins.shop"]

    assert first.call(getattr, facade, "price") == (1, "price")
    assert second.call(getattr, facade, "price") == facade.price == (2, "price")


RESOURCES = """
import importlib.resources
import importlib.resources as resources
import pkgutil
from importlib.resources import files

def texts():
    return [
        resources.files("shop.parts").joinpath("data.txt").read_text("utf-8"),
        (files("hotplug.plugins.shop.parts") / "data.txt").read_text("utf-8"),
        (files("shop") / "parts" / "data.txt").read_bytes().decode(),
        importlib.resources.read_text("shop.parts", "data.txt"),
        pkgutil.get_data("hotplug.plugins.shop.parts", "data.txt").decode(),
        *[each.read_text("utf-8") for each in files("shop.parts").iterdir() if each.name[0] == "d"],
    ]

def on_disk():
    with resources.as_file(files("shop.parts") / "data.txt") as path:
        return path.read_text("utf-8")
"""


# read_text is deprecated in 3.11 and 3.12, and back in 3.13
@pytest.mark.filterwarnings("ignore:read_text is deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:open_text is deprecated:DeprecationWarning")
def test_data_files_are_those_that_were_loaded(write: Write, load: Load) -> None:
    for version in (1, 2):
        write("shop", {"resourceful.py": RESOURCES})
        load(wheels(write, version))
    (_, old) = load(wheels(write, 1), "resourceful")
    (_, new) = load(wheels(write, 2), "resourceful", commit=False)
    wheels(write, 3)

    assert (set(old.texts()), set(new.texts())) == ({"text 1"}, {"text 2"})
    assert (old.on_disk(), new.on_disk()) == ("text 1", "text 2")


RUNS = """
import pkgutil, runpy

def run():
    return runpy.run_module("hotplug.plugins.shop.tool")["VERSION"]

def names():
    import hotplug.plugins.shop
    return [each.name for each in pkgutil.iter_modules(hotplug.plugins.shop.__path__)]

def resolved():
    return pkgutil.resolve_name("hotplug.plugins.shop.tool:VERSION")
"""


def test_runpy_and_pkgutil_find_the_generations_own_modules(write: Write, load: Load) -> None:
    tool = "from hotplug.plugins.shop.base import VERSION"
    path = write("shop", plugin=RUNS, tool=tool, base="VERSION = 1")
    _, old = load(path)
    write("shop", base="VERSION = 2")
    _, new = load(path)

    assert (old.run(), new.run(), runpy.run_module("hotplug.plugins.shop.tool")["VERSION"]) == (
        1,
        2,
        2,
    )
    assert (old.resolved(), new.resolved()) == (1, 2)
    assert old.names() == ["base", "plugin", "tool"]


def test_a_mock_is_put_into_the_generation_that_is_meant(write: Write, load: Load) -> None:
    path = write("shop", plugin="def price(): return 1\ndef ask(): return price()")
    (first, old), (_, new) = load(path), load(path)

    with mock.patch("hotplug.plugins.shop.plugin.price", return_value=9):
        assert (old.ask(), new.ask()) == (1, 9)
    patcher = mock.patch("hotplug.plugins.shop.plugin.price", return_value=9)
    first.call(patcher.start)
    assert (old.ask(), new.ask()) == (9, 1)
    first.call(patcher.stop)
    assert (old.ask(), new.ask()) == (1, 1)


def test_a_plugin_reloads_its_module_from_the_files_that_were_loaded(
    write: Write, load: Load
) -> None:
    text = "import importlib\nfrom . import counted\ndef again(): return importlib.reload(counted)"
    path = write("shop", plugin=text, counted="N = globals().get('N', 0) + 1")
    generation, module = load(path)
    write("shop", counted="N = 99")

    assert module.again() is module.counted
    generation.close()
    assert module.again().N == 3


def test_a_module_may_replace_itself(write: Write, load: Load) -> None:
    replaces = "import sys\nclass Other:\n    VERSION = {0}\nsys.modules[__name__] = Other()\n"
    plugin = "from . import other\nimport importlib\nsame = importlib.import_module('shop.other')\n"
    (_, old) = load(write("shop", plugin=plugin, other=replaces.format(1)))
    (_, new) = load(write("shop", plugin=plugin, other=replaces.format(2)))

    assert (old.other.VERSION, new.other.VERSION) == (1, 2)
    assert new.same is new.other
    assert sys.modules["hotplug.plugins.shop.other"].VERSION == 2


def test_a_module_may_change_its_own_class(write: Write, load: Load) -> None:
    text = """
import sys, types
class Lazy(types.ModuleType):
    @property
    def price(self):
        return 3
sys.modules[__name__].__class__ = Lazy
"""
    _, module = load(write("shop", plugin="from . import lazy", lazy=text))

    assert module.lazy.price == sys.modules["hotplug.plugins.shop.lazy"].price == 3


def test_modules_that_a_plugin_puts_there_leave_with_it(write: Write, load: Load) -> None:
    text = """
import sys, types
made = sys.modules[__name__ + ".moves"] = types.ModuleType(__name__ + ".moves")
made.NAME = "moved"
from shop.moves import NAME
"""
    generation, module = load(write("shop", __init__=text), "")

    assert module.NAME == "moved"
    generation.close()
    assert "hotplug.plugins.shop.moves" not in sys.modules


def test_circular_imports_work_as_they_do_in_a_package(write: Write, load: Load) -> None:
    a = "from . import b\nNAME = 'a'\ndef other(): return b.NAME"
    b = "from . import a\nimport shop.a\nNAME = 'b'\ndef other(): return a.NAME"
    _, module = load(write("shop", __init__="", plugin="from . import a, b", a=a, b=b))

    assert (module.a.other(), module.b.other()) == ("b", "a")


def test_a_circular_import_that_fails_says_so_as_python_does(write: Write, load: Load) -> None:
    path = write(
        "shop", plugin="from .a import x", a="from .b import y\nx = 1", b="from .a import x"
    )

    with pytest.raises(
        ImportError, match=r"cannot import name 'x' from partially initialized"
    ) as e:
        load(path)

    assert "~" not in str(e.value)


@pytest.mark.parametrize(
    "statement", ["import shop.nowhere", "from .nowhere import x", "import shop.plugin.nowhere"]
)
def test_a_missing_module_is_missed_by_its_canonical_name(
    write: Write, load: Load, statement: str
) -> None:
    with pytest.raises(
        ModuleNotFoundError, match=r"^No module named 'hotplug\.plugins\.shop\."
    ) as e:
        load(write("shop", plugin=statement))

    assert "~" not in f"{e.value} {e.value.name}"


def test_a_missing_name_is_missed_as_in_any_module(write: Write, load: Load) -> None:
    with pytest.raises(ImportError, match=r"cannot import name 'nowhere' from 'hotplug\.plugins"):
        load(write("shop", __init__="", plugin="from . import nowhere"))


def test_dk70_relative_imports_work_without_an_init(write: Write, load: Load) -> None:
    texts = {"plugin.py": "from .inner.deep import NAME\nfrom . import other", "other.py": ""}

    _, module = load(write("shop", {**texts, "inner/deep.py": "NAME = __name__"}))

    assert module.NAME == "hotplug.plugins.shop.inner.deep"


def test_dk70_a_failed_init_leaves_no_module(write: Write, load: Load) -> None:
    with pytest.raises(ZeroDivisionError):
        load(write("shop", __init__="1 / 0", plugin=""))

    assert not any("shop" in name for name in sys.modules)


def test_a_plugin_may_be_a_single_file(tmp_path: Path, load: Load) -> None:
    file = tmp_path / "shop.py"
    file.write_text("import shop\nclass A: pass\nNAME = shop.__name__")

    _, module = load(file)

    assert module.NAME == "hotplug.plugins.shop"
    assert repr(module.A) == "<class 'hotplug.plugins.shop.A'>"


def test_a_plugin_cannot_take_a_name_from_the_standard_library(write: Write, load: Load) -> None:
    _, module = load(write("json", plugin="import json\nfrom . import mine", mine="X = 1"))

    assert module.json is __import__("json")
    assert module.mine.__name__ == "hotplug.plugins.json.mine"


def test_a_plugin_takes_no_top_level_name(write: Write, load: Load) -> None:
    load(write("shop", __init__="", plugin="import shop"))

    assert "shop" not in sys.modules
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("shop")


def test_other_imports_are_pythons_and_whoever_has_replaced_it(
    write: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    python = __import__

    def replaced(name: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(name)
        return python(name, *args, **kwargs)

    monkeypatch.setattr("builtins.__import__", replaced)
    _, module = load(
        write("shop", plugin="import colorsys\nimport importlib.util\nfrom . import a", a="")
    )

    assert module.colorsys is sys.modules["colorsys"]
    assert module.importlib.util is importlib.util
    assert {"colorsys", "importlib.util"} <= set(asked)


def test_a_module_knows_its_file_and_shows_its_generation_in_its_repr(
    write: Write, load: Load
) -> None:
    path = write("shop", __init__="", plugin="")
    generation, module = load(path)

    assert module.__file__ == str(path / "plugin.py")
    assert (module.__name__, module.__package__) == (
        "hotplug.plugins.shop.plugin",
        "hotplug.plugins.shop",
    )
    assert repr(module) == f"<module '{generation.key}.plugin' from '{path / 'plugin.py'}'>"
    assert generation.modules["hotplug.plugins.shop"].__path__ == [str(path)]


def test_the_files_of_an_earlier_load_can_be_loaded_again(
    write: Write, load: Load, namespace: Namespace
) -> None:
    path = write("shop", plugin="VERSION = 1")
    first, _ = load(path)
    load(write("shop", plugin="VERSION = 2"))

    _, module = load(path, files=first.snapshot)

    assert module.VERSION == 1


def test_a_change_of_the_same_size_within_a_second_is_seen(write: Write, load: Load) -> None:
    versions = []
    for version in range(5):
        _, module = load(write("shop", plugin=f"VERSION = {version}"))
        versions.append(module.VERSION)

    assert versions == [0, 1, 2, 3, 4]


def test_bytecode_is_kept_and_is_of_use_to_python_too(
    write: Write, load: Load, monkeypatch: pytest.MonkeyPatch, namespace: Namespace
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = write("shop", plugin="VERSION = 1")
    load(path)
    cached = Path(importlib.util.cache_from_source(str(path / "plugin.py")))
    compiled: list[object] = []
    monkeypatch.setattr("hotplug.host.generations.bytecode.compiled", lambda *a: compiled.append(a))
    namespace.codes.clear()

    _, module = load(path)

    assert (module.VERSION, compiled) == (1, [])
    program = "import plugin; print(plugin.VERSION, plugin.__cached__)"
    done = subprocess.run(
        [sys.executable, "-B", "-c", program], cwd=path, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"1 {cached}\n"


def test_bytecode_of_another_text_is_not_taken(
    write: Write, load: Load, monkeypatch: pytest.MonkeyPatch, namespace: Namespace
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    load(write("shop", plugin="VERSION = 1"))
    namespace.codes.clear()

    _, module = load(write("shop", plugin="VERSION = 2"))

    assert module.VERSION == 2


def test_damaged_bytecode_is_made_again(
    write: Write, load: Load, monkeypatch: pytest.MonkeyPatch, namespace: Namespace
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = write("shop", plugin="VERSION = 1")
    load(path)
    cached = Path(importlib.util.cache_from_source(str(path / "plugin.py")))
    cached.write_bytes(cached.read_bytes()[:20])
    namespace.codes.clear()

    _, module = load(path)

    assert module.VERSION == 1
    assert cached.stat().st_size > 20


def a_shared_extension() -> Path | None:
    """One of Python's own that is loaded again by each who asks, and stands in a file."""
    folder = Path(sysconfig.get_config_var("DESTSHARED") or "nowhere")
    return next(folder.glob(f"_bisect*{EXTENSION_SUFFIXES[0]}"), None)


@pytest.mark.skipif(a_shared_extension() is None, reason="this Python has no extension to copy")
def test_an_extension_is_loaded_for_each_generation(write: Write, load: Load) -> None:
    path = write("shop", plugin="from . import _bisect")
    extension = a_shared_extension()
    assert extension is not None
    shutil.copy(extension, path)

    (_, old), (_, new) = load(path), load(path)

    assert old._bisect is not new._bisect
    assert new._bisect.bisect_right([1, 2, 3], 2) == 2


def test_a_walk_over_the_packages_of_a_plugin_names_them(write: Write, load: Load) -> None:
    load(wheels(write, 1))
    package = sys.modules["hotplug.plugins.shop"]

    walked = pkgutil.walk_packages(package.__path__, "hotplug.plugins.shop.")

    names = [each.name.removeprefix("hotplug.plugins.shop.") for each in walked]
    assert names == ["parts", "parts.late", "parts.wheel", "plugin"]


def test_a_plugin_that_is_a_plain_module_too_is_warned_of(
    write: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("shopping", __init__="", plugin="")
    monkeypatch.syspath_prepend(str(path.parent))
    plain = importlib.import_module("shopping")
    del sys.modules["shopping"]
    monkeypatch.setitem(sys.modules, "shopping", plain)

    with pytest.warns(RuntimeWarning, match=r"plugin 'shopping' .* will exist twice"):
        load(path)


def test_a_name_that_is_no_identifier_is_refused(write: Write, namespace: Namespace) -> None:
    with pytest.raises(ValueError, match=r"'my-shop'.*must be an identifier"):
        namespace.open("my-shop", write("my-shop", plugin=""))


def test_a_modules_loader_answers_as_any_other(write: Write, load: Load) -> None:
    path = write("shop", {"data.txt": "text"}, __init__="X = 1", plugin="Y = 2")
    generation, module = load(path)
    package, plugin = generation.modules["hotplug.plugins.shop"].__loader__, module.__loader__

    assert (package.is_package(""), plugin.is_package("")) == (True, False)  # type: ignore[union-attr]
    assert plugin.get_source("") == "Y = 2"
    assert plugin.get_filename("") == str(path / "plugin.py")
    assert plugin.get_data(str(path / "data.txt")) == b"text"
    with pytest.raises(FileNotFoundError, match="No such file in the plugin as it was loaded"):
        plugin.get_data(str(path / "other.txt"))


def test_what_stands_in_for_a_module_while_it_is_imported_answers_for_it(
    write: Write, load: Load
) -> None:
    load(write("shop", plugin="VERSION = 1"))

    assert StandIn("hotplug.plugins.shop.plugin").VERSION == 1
    with pytest.raises(AttributeError, match="is being imported"):
        StandIn("hotplug.plugins.shop.other").VERSION  # noqa: B018


def test_a_relative_import_ends_at_the_top(write: Write, load: Load) -> None:
    with pytest.raises(ImportError, match="beyond top-level package"):
        load(write("shop", plugin="from .... import x"))


def test_names_are_imported_as_a_package_lists_them(write: Write, load: Load) -> None:
    texts = {"parts/__init__.py": "__all__ = ['wheel']", "parts/wheel.py": "", "parts/late.py": ""}

    _, module = load(write("shop", texts, plugin="from .parts import *"))

    assert module.wheel.__name__ == "hotplug.plugins.shop.parts.wheel"
    assert not hasattr(module, "late")


@pytest.mark.parametrize(
    "source",
    [
        b"\xef\xbb\xbfTEXT = 'caf\xc3\xa9'",
        b"#!/bin/python\n# -*- coding: latin-1 -*-\nTEXT = 'caf\xe9'\n",
    ],
    ids=["mark", "cookie"],
)
def test_a_source_file_says_its_encoding(write: Write, load: Load, source: bytes) -> None:
    path = write("shop", plugin="")
    (path / "plugin.py").write_bytes(source)

    generation, module = load(path)

    assert module.TEXT == "caf\u00e9"
    assert "caf\u00e9" in str(generation.source_of(module.__file__))


def test_a_folder_that_links_to_itself_is_read_once(write: Write, load: Load) -> None:
    path = write(
        "shop",
        plugin="from .linked import real",
    )
    write("elsewhere", real="NAME = __name__")
    (path / "loop").symlink_to(path)
    (path / "linked").symlink_to(path.parent / "elsewhere")

    _, module = load(path)

    assert module.real.NAME == "hotplug.plugins.shop.linked.real"


def test_a_large_file_is_read_when_it_is_asked_for(
    write: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotplug.host.generations.snapshot.LARGEST_KEPT", 10)
    path = write("shop", {"large.txt": "x" * 20}, plugin=RESOURCES)
    generation, module = load(path)

    assert generation.snapshot.files[str(path / "large.txt")] is None
    assert (module.files("shop") / "large.txt").read_text("utf-8") == "x" * 20


def test_an_import_by_name_leaves_the_plugin_its_own_modules(write: Write, load: Load) -> None:
    generation, _ = load(write("shop", __init__="", plugin="", late=""))

    importlib.import_module("hotplug.plugins.shop.late")

    package, late = (generation.modules[f"hotplug.plugins.shop{end}"] for end in ("", ".late"))
    assert vars(package)["late"] is late


def test_a_finder_that_comes_first_does_not_take_a_plugins_files_from_the_disk(
    write: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("shop", plugin="def late():\n    from . import other\n    return other.VERSION")
    write("shop", other="VERSION = 1")
    _, module = load(path)
    write("shop", other="VERSION = 2")
    monkeypatch.setattr(sys, "meta_path", [PathFinder, *sys.meta_path])

    assert module.late() == 1


def test_a_module_goes_before_a_folder_without_code_and_a_package_before_a_module(
    write: Write, load: Load
) -> None:
    texts = {"bare.py": "KIND = 'module'", "bare/data.txt": "", "full.py": "KIND = 'module'"}
    path = write("shop", {**texts, "full/__init__.py": "KIND = 'package'"})
    write("shop", plugin="from . import bare, full")

    _, module = load(path)

    assert (module.bare.KIND, module.full.KIND) == ("module", "package")


def test_the_host_cannot_reload_a_module_of_a_plugin_by_itself(write: Write, load: Load) -> None:
    load(write("shop", __init__="", plugin=""))

    with pytest.raises(ImportError, match=r"not in sys\.modules"):
        importlib.reload(sys.modules["hotplug.plugins.shop"])
