"""The programs of the pages that hooks were promised on, as they stand there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import hotplug
from hotplug import Extension, HookimplMarker, PluginManager, PluginValidationError

FIRST_PROGRAM = '''\
from hotplug import HookspecMarker, HookimplMarker, PluginManager
hookspec = HookspecMarker("greeter")
hookimpl = HookimplMarker("greeter")

class Specs:
    @staticmethod
    @hookspec
    def greeting(name: str) -> str:
        """Return a greeting for the given name."""

class Casual:
    @hookimpl
    def greeting(self, name: str) -> str:
        return f"hey {name}!"

pm = PluginManager("greeter")
pm.add_hookspecs(Specs)
pm.register(Casual(), name="casual")
print(pm.hook.greeting(name="Ada")) # ['hey Ada!']
'''

KITCHEN = '''\
from typing import Protocol, runtime_checkable
from hotplug import Extension, ExtensionOpts, ExtensionPoint, ExtensionPointOpts, PluginManager

extension_point = ExtensionPoint("kitchen")   # stamps  func.kitchen_spec = ExtensionPointOpts(...)
extension = Extension("kitchen")   # stamps  func.kitchen_impl = ExtensionOpts(...)

class Specs:
    @extension_point
    def add_ingredients(self, base: list[str]) -> list[str]: ...

    @extension_point
    def prep_steps(self, steps: list[str]) -> str: ...

    @extension_point(firstresult=True)
    def choose_cup(size: str) -> str | None:
        """Pick a cup for the size; the first plugin to answer wins."""
        # no body on purpose

class Mint:
    @extension                       # bare form
    def add_ingredients(self, base):
        return [*base, "mint"]

    @extension(tryfirst=True)        # called form with options
    def prep_step(self, steps): ...

    @extension(target="choose_cup", trylast=True)
    def any_cup(self, size):
        return f"{size} glass"

    @extension(optional=True)
    def garnish(self): ...

@runtime_checkable
class IngredientProvider(Protocol):
    def add_ingredients(self, base: list[str]) -> list[str]: ...
'''


def test_pk01_pk03_the_first_program_needs_nothing_but_the_library() -> None:
    library = Path(hotplug.__file__).parent.parent
    program = f"import sys; sys.path.append({str(library)!r})\n{FIRST_PROGRAM}"

    without_others = (sys.executable, "-I", "-S", "-c", program)
    done = subprocess.run(without_others, capture_output=True, text=True, check=False)

    assert done.stdout == "['hey Ada!']\n", done.stderr


@pytest.fixture
def kitchen() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(KITCHEN, names)
    return names


@pytest.fixture
def pm(kitchen: dict[str, Any]) -> PluginManager[Any]:
    """A manager that knows the specs of the page."""
    pm: PluginManager[Any] = PluginManager("kitchen")
    pm.add_extension_points(kitchen["Specs"])
    return pm


def test_si01_a_marker_stamps_the_functions_of_the_page(kitchen: dict[str, Any]) -> None:
    specs, mint = kitchen["Specs"], kitchen["Mint"]

    assert specs.choose_cup.kitchen_spec == kitchen["ExtensionPointOpts"](firstresult=True)
    assert mint.add_ingredients.kitchen_impl == kitchen["ExtensionOpts"]()
    assert mint.any_cup.kitchen_impl.target == "choose_cup"


def test_si02_si07_a_plugin_of_the_page_is_called_and_checked_by_itself(
    kitchen: dict[str, Any],
) -> None:
    mint = kitchen["Mint"]()

    assert mint.add_ingredients(["ice"]) == ["ice", "mint"]
    assert isinstance(mint, kitchen["IngredientProvider"])
    assert not isinstance(object(), kitchen["IngredientProvider"])


def test_si08_the_misspelt_method_of_the_page_is_refused_as_it_is_registered(
    kitchen: dict[str, Any], pm: PluginManager[Any]
) -> None:
    with pytest.raises(PluginValidationError, match=r"'prep_step'; did you mean 'prep_steps'\?"):
        pm.register(kitchen["Mint"]())


def test_si05_options_of_the_page_bind_and_tolerate(
    kitchen: dict[str, Any], pm: PluginManager[Any]
) -> None:
    mint = kitchen["Mint"]
    del mint.prep_step

    pm.register(mint())

    assert pm.hook.choose_cup(size="small") == "small glass"
    assert pm.hook.add_ingredients(base=["ice"]) == [["ice", "mint"]]


def test_pk11_an_unknown_target_is_refused(pm: PluginManager[Any]) -> None:
    extension = Extension("kitchen")

    class Plugin:
        @extension(target="choose_cop")
        def any_cup(self, size: str) -> str:
            return size

    with pytest.raises(PluginValidationError, match=r"'choose_cop'; did you mean 'choose_cup'\?"):
        pm.register(Plugin())


def test_pk11_an_argument_is_checked_against_the_target(pm: PluginManager[Any]) -> None:
    hookimpl = HookimplMarker("kitchen")

    class Plugin:
        @hookimpl(specname="choose_cup")
        def any_cup(self, sise: str) -> str:
            return sise

    with pytest.raises(PluginValidationError, match=r"'choose_cup' with an unknown .* 'sise'"):
        pm.register(Plugin())
