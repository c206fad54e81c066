"""A sandbox for tests: it stops what a source reaches for, and nobody who wants out of it."""

from __future__ import annotations

import sys
import traceback

import pytest

from hotplug import HookspecMarker, PluginManager
from hotplug.errors import NotAllowed, PluginImportError
from hotplug.testing import pretend_sandbox


def test_lab07_a_source_runs_in_a_fresh_module_that_nobody_can_import() -> None:
    shop = pretend_sandbox("prices = {'tea': 3}\ndef price(item): return prices[item]", "shop")

    assert (shop.__name__, shop.price("tea")) == ("shop", 3)
    assert "shop" not in sys.modules
    assert pretend_sandbox("prices = {}", "shop") is not shop


def test_lab07_it_imports_nothing_that_is_not_allowed() -> None:
    with pytest.raises(PluginImportError) as caught:
        pretend_sandbox("x = 1\nimport os", "shop", allow=["math"])

    assert str(caught.value) == (
        "'shop' cannot import os in its sandbox\n"
        "  <shop>:2   import os\n"
        "  to let it: pretend_sandbox(..., allow=['os'])"
    )
    assert caught.value.name == "os"


@pytest.mark.parametrize(
    "statement",
    ["import json", "import json.decoder", "from json import loads", "from json import decoder"],
)
def test_lab07_what_is_allowed_is_imported_with_all_that_is_in_it(statement: str) -> None:
    pretend_sandbox(statement, allow=["json"])

    with pytest.raises(PluginImportError):
        pretend_sandbox(statement, allow=["jso", "js.on"])


def test_lab07_it_has_no_neighbours() -> None:
    with pytest.raises(PluginImportError, match=r"'shop' stands alone .* cannot import \.prices"):
        pretend_sandbox("from .prices import tea", "shop", allow=["prices"])


def test_lab07_the_future_is_always_there() -> None:
    source = "from __future__ import annotations\ndef price(item: Item) -> int: ..."

    assert pretend_sandbox(source).price.__annotations__["item"] == "Item"


@pytest.mark.parametrize(
    "call",
    [
        *("open('prices')", "input()", "eval('1')", "exec('1')", "compile('1', '', 'eval')"),
        *("breakpoint()", "exit()", "quit()", "help()"),
    ],
)
def test_lab07_builtins_that_reach_out_are_refused(call: str) -> None:
    builtin = call.partition("(")[0]

    with pytest.raises(NotAllowed) as caught:
        pretend_sandbox(call, "shop")

    assert isinstance(caught.value, PermissionError)
    assert str(caught.value) == (
        f"'shop' cannot call {builtin}() in its sandbox\n"
        f"  <shop>:1   {call}\n"
        f"  to let it: pretend_sandbox(..., allow=[{builtin!r}])"
    )


def test_lab07_its_functions_are_refused_them_later_too() -> None:
    shop = pretend_sandbox("def read():\n    import os\n    return open('prices')", "shop")

    with pytest.raises(PluginImportError, match="<shop>:2   import os"):
        shop.read()


def test_lab07_a_builtin_can_be_allowed() -> None:
    assert pretend_sandbox("two = eval('1 + 1')", allow=["eval"]).two == 2


def test_lab07_the_tracebacks_show_its_lines() -> None:
    shop = pretend_sandbox("def price(item):\n    return 1 / 0  # free", "shop")

    with pytest.raises(ZeroDivisionError) as caught:
        shop.price("tea")

    assert "# free" in "".join(traceback.format_exception(caught.value))


def test_lab07_one_name_is_not_taken_for_many() -> None:
    with pytest.raises(TypeError, match=r"allow=\['math'\]"):
        pretend_sandbox("import math", allow="math")


def test_lab07_a_module_of_it_implements_hooks() -> None:
    class Specs:
        @HookspecMarker("till")
        def price(self, item: str) -> object: ...

    source = """
from hotplug import HookimplMarker
@HookimplMarker("till")
def price(item):
    return len(item)
"""
    manager = PluginManager("till", Specs)
    manager.register(pretend_sandbox(source, "shop", allow=["hotplug"]))

    assert manager.hook.price(item="tea") == [3]


def test_lab07_it_is_no_security_boundary_since_any_object_leads_out() -> None:
    walks = """
for each in ().__class__.__base__.__subclasses__():
    if each.__name__ == "_wrap_close":
        with each.__init__.__globals__["popen"]("echo I am out") as shell:
            said = shell.read()
"""

    assert pretend_sandbox(walks).said == "I am out\n"
