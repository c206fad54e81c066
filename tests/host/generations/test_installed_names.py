"""What a plugin calls itself in its imports where it is installed under another name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotplug.host.generations import Namespace

SOURCE = """
import importlib
from importlib import resources
import BARE
import BARE.models as by_statement
from BARE import models
from BARE.models import NUMBER
from . import models as own

ALL = [by_statement, models, importlib.import_module("BARE.models"), BARE.models]
TEXT = resources.files("BARE").joinpath("note.txt").read_text()

def later():
    from BARE import late
    return late.NUMBER
"""


@pytest.fixture
def namespace() -> Iterator[Namespace]:
    namespace = Namespace()
    yield namespace
    namespace.close()


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of libraries, where the program finds them, too."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def write(folder: Path, bare: str, number: int) -> None:
    files = {
        "__init__.py": "",
        "models.py": f"NUMBER = {number}",
        "late.py": f"NUMBER = {number}",
        "plugin.py": SOURCE.replace("BARE", bare),
        "note.txt": str(number),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)


@pytest.mark.parametrize("bare", ["acme_shop", "acme_parts.shop", "acme_parts.inner.shop"])
def test_each_load_gets_its_own_modules_by_the_installed_name(
    namespace: Namespace, installed: Path, bare: str
) -> None:
    folder = installed.joinpath(*bare.split("."))
    write(folder, bare, 1)
    first = namespace.open("shop", folder, bare=bare).run("plugin")
    write(folder, bare, 22)
    second = namespace.open("shop", folder, bare=bare).run("plugin")

    for module, number in ((first, 1), (second, 22)):
        assert all(each is module.own for each in module.ALL)
        assert (module.NUMBER, module.later(), module.TEXT) == (number, number, str(number))
        assert module.own.__name__ == "hotplug.plugins.shop.models"
    assert bare not in sys.modules


def test_a_package_that_is_shared_is_otherwise_everybodys(
    namespace: Namespace, installed: Path
) -> None:
    folder = installed / "acme_parts" / "shop"
    write(folder, "acme_parts.shop", 1)
    (installed / "acme_parts" / "tools.py").write_text("NUMBER = 7")
    (folder / "plugin.py").write_text(
        "import acme_parts\n"
        "from acme_parts import shop, tools\n"
        "import acme_parts.tools\n"
        "import acme_parts.shop.models\n"
        "NUMBERS = [acme_parts.shop.models.NUMBER, acme_parts.tools.NUMBER, tools.NUMBER]\n"
    )

    module = namespace.open("shop", folder, bare="acme_parts.shop").run("plugin")

    assert module.NUMBERS == [1, 7, 7]
    assert module.tools is sys.modules["acme_parts.tools"]


def test_a_module_that_is_not_there_says_so_and_leaves_our_frames_out(
    namespace: Namespace, installed: Path
) -> None:
    folder = installed / "acme_parts" / "shop"
    write(folder, "acme_parts.shop", 1)
    (folder / "plugin.py").write_text(
        "from acme_parts.shop import models\nimport acme_parts.shop.x"
    )

    with pytest.raises(ModuleNotFoundError) as caught:
        namespace.open("shop", folder, bare="acme_parts.shop").run("plugin")

    assert caught.value.name == "hotplug.plugins.shop.x"
    assert [entry.name for entry in caught.traceback][-1] == "<module>"


def test_an_installed_name_of_the_standard_library_stays_that(
    namespace: Namespace, tmp_path: Path
) -> None:
    write(tmp_path / "json", "json", 1)
    (tmp_path / "json" / "plugin.py").write_text("import json")

    module = namespace.open("shop", tmp_path / "json", bare="json").run("plugin")

    assert module.json.dumps([]) == "[]"
