"""A plugin imports those that it requires, as they were when it was loaded; others are refused."""

import asyncio
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug.errors import HotplugError, PluginImportError
from hotplug.host.generations import Generation, Namespace

Write = Callable[..., Path]
Load = Callable[..., tuple[Generation, Any]]

AUTH = {
    "__init__.py": "VERSION = {0}\nclass Token: pass\nfrom . import keys",
    "keys.py": "VERSION = {0}",
    "spare.py": "VERSION = {0}",
}
SHOP = """
import asyncio, pickle
import hotplug.plugins.auth.keys as by_name
from hotplug.plugins import auth
from hotplug.plugins.auth import Token, keys
from hotplug.plugins.auth.keys import VERSION as key_version

VERSION = {0}
async def seen(turns, call):
    found = []
    for _ in range(turns):
        await asyncio.sleep(0)
        from hotplug.plugins.auth import spare
        found += [auth.VERSION, keys.VERSION, key_version, by_name.VERSION, spare.VERSION]
        found += [call(look_at, None)]
    return set(found)

def look_at(_):
    assert type(pickle.loads(pickle.dumps(Token()))) is Token
    import hotplug.plugins.auth
    return hotplug.plugins.auth.VERSION
"""


def auth(write: Write, version: int) -> Path:
    return write("auth", {name: text.format(version) for name, text in AUTH.items()})


def both(write: Write, load: Load, version: int) -> tuple[Any, Any]:
    provider, module = load(auth(write, version), "")
    path = write("shop", {"__init__.py": "", "plugin.py": SHOP.format(version)})
    _, shop = load(path, wires={"auth": provider})
    return shop, module


def test_old_and_new_plugins_each_see_the_one_that_they_were_wired_to(
    write: Write, load: Load
) -> None:
    (old, old_auth), (new, new_auth) = both(write, load, 1), both(write, load, 2)

    def through_the_host(function: Callable[[object], object], argument: object) -> object:
        return function(argument)

    async def together() -> list[set[int]]:
        coroutines = [module.seen(20, through_the_host) for module in (old, new) * 3]
        return list(await asyncio.gather(*coroutines))

    assert asyncio.run(together()) == [{1}, {2}] * 3
    assert (old.auth, new.auth) == (old_auth, new_auth)


def test_plugins_that_call_each_other_each_see_their_own(write: Write, load: Load) -> None:
    (old, _), (new, _) = both(write, load, 1), both(write, load, 2)

    crossed = old.look_at(None), new.look_at(None)
    nested = asyncio.run(old.seen(1, lambda fn, arg: (new.look_at(arg), fn(arg))[1]))

    assert crossed == (1, 2)
    assert nested == {1}


def test_a_pickle_of_another_plugins_object_is_of_the_generation_it_is_wired_to(
    write: Write, load: Load
) -> None:
    (old, _), (_, new_auth) = both(write, load, 1), both(write, load, 2)

    data = pickle.dumps(new_auth.Token())

    assert type(pickle.loads(data)) is new_auth.Token
    assert old.look_at(None) == 1
    assert type(old.pickle.loads(data)) is new_auth.Token  # a function of the library, called here


REFUSED = """plugin 'shop' imports plugin 'auth', which it does not require
  shop/plugin.py:2   {statement}
  add to its manifest:  requires = ["auth"]"""


@pytest.mark.parametrize(
    "statement",
    [
        "from hotplug.plugins import auth",
        "import hotplug.plugins.auth",
        "from hotplug.plugins.auth import keys",
        "from ..auth import keys",
        "import importlib; importlib.import_module('hotplug.plugins.auth')",
        "import hotplug.plugins; hotplug.plugins.auth",
    ],
)
def test_dk72_an_undeclared_plugin_is_refused_with_the_line_to_add(
    write: Write, load: Load, statement: str
) -> None:
    load(auth(write, 1), "")

    with pytest.raises(PluginImportError) as caught:
        load(write("shop", __init__="", plugin=f"\n{statement}"))

    assert str(caught.value) == REFUSED.format(statement=statement)
    assert isinstance(caught.value, HotplugError)
    assert isinstance(caught.value, ImportError)
    assert caught.value.name == "hotplug.plugins.auth"


def test_an_undeclared_plugin_is_refused_at_the_place_of_the_import(
    write: Write, load: Load
) -> None:
    _, module = load(write("shop", plugin="def late():\n    from hotplug.plugins import auth"))

    with pytest.raises(PluginImportError, match=r"shop/plugin\.py:2") as caught:
        module.late()

    assert [entry.name for entry in caught.traceback][-1] == "late"


def test_the_line_to_add_keeps_what_is_required_already(write: Write, load: Load) -> None:
    provider, _ = load(auth(write, 1), "")
    path = write("shop", plugin="from hotplug.plugins import auht")

    with pytest.raises(PluginImportError) as caught:
        load(path, wires={"auth": provider})

    assert str(caught.value).endswith('requires = ["auth", "auht"]        did you mean \'auth\'?')


def test_a_required_plugin_that_is_not_loaded_is_said_to_be_missing(
    write: Write, load: Load
) -> None:
    path = write("shop", plugin="from hotplug.plugins import auth")

    with pytest.raises(PluginImportError, match="which its manifest names and which is not loaded"):
        load(path, requires=["auth"])


def test_a_single_file_is_held_to_what_it_requires_as_well(
    load: Load, write: Write, tmp_path: Path
) -> None:
    load(auth(write, 1), "")
    file = tmp_path / "shop.py"
    file.write_text("from . import auth")

    with pytest.raises(PluginImportError, match="'auth', which it does not require"):
        load(file)


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_dk18_only_a_plugin_with_an_init_can_be_imported(
    write: Write, load: Load, tmp_path: Path, kind: str
) -> None:
    file = tmp_path / "noinit.py"
    file.write_text("")
    path = write("noinit", plugin="") if kind == "folder" else file
    why = "folder has no __init__.py" if kind == "folder" else "is a single file"
    provider, _ = load(path)
    importing = write("shop", plugin="from hotplug.plugins import noinit")

    with pytest.raises(PluginImportError, match=f"'noinit' can't be imported by others: .*{why}"):
        load(importing, wires={"noinit": provider})
    with pytest.raises(PluginImportError, match=f"'noinit' can't be imported by others: .*{why}"):
        from hotplug.plugins import noinit  # noqa: F401


def test_dk18_the_module_of_plugins_lists_those_that_can_be_imported(
    write: Write, load: Load
) -> None:
    load(write("shop", __init__="", plugin=""))
    load(write("noinit", plugin=""))
    load(write("staged", __init__="", plugin=""), commit=False)

    assert dir(sys.modules["hotplug.plugins"]) == ["shop"]


def test_host_code_is_told_which_plugins_serve(write: Write, load: Load) -> None:
    load(write("shop", __init__="", plugin=""))

    with pytest.raises(PluginImportError, match=r"no plugin 'shpo'.*\n.*shop +did you mean 'shop'"):
        from hotplug.plugins import shpo  # noqa: F401
    with pytest.raises(PluginImportError, match="no plugin 'shpo'"):
        import hotplug.plugins.shpo.models  # type: ignore[import-not-found]  # noqa: F401
    with pytest.raises(AttributeError, match="no plugin 'shpo'"):
        sys.modules["hotplug.plugins"].shpo  # noqa: B018


def test_pkl07_a_plugin_that_is_gone_cannot_be_imported_though_its_code_is_still_held(
    write: Write, load: Load
) -> None:
    generation, _held = load(write("shop", __init__="", plugin=""))
    from hotplug.plugins import shop

    generation.close()

    with pytest.raises(PluginImportError, match="no plugin 'shop'"):
        from hotplug.plugins import shop  # noqa: F401
    assert not hasattr(sys.modules["hotplug.plugins"], "shop")


def test_without_a_host_there_are_no_plugins() -> None:
    Namespace().close()

    with pytest.raises(PluginImportError, match=r"no plugin 'shop' in .*: there is no host"):
        from hotplug.plugins import shop  # noqa: F401


def test_the_module_of_plugins_may_be_imported_before_there_is_a_host(
    write: Write,
) -> None:
    import hotplug.plugins as plugins

    space = Namespace()
    generation = space.open("shop", write("shop", __init__="VERSION = 1"))
    generation.run()
    generation.commit()

    assert plugins.shop.VERSION == 1
    space.close()
    assert sys.modules["hotplug.plugins"] is plugins
