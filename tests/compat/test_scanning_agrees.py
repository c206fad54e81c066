"""Random plugins: ours finds the same hooks on them as pluggy, and binds them in the same way."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial, wraps
from types import ModuleType
from typing import Any

import pluggy
from hypothesis import given, settings
from hypothesis import strategies as st

import hotplug.compat.pluggy

NAMES = ("bake", "brew", "serve")
KINDS = (
    *("function", "static", "class", "bound", "property", "partial", "cached", "decorated"),
    *("unmarked", "nothing", "static bound", "odd mark"),
)
PLACES = ("own", "class", "base", "metaclass", "slot")
FORMS = ("instance", "class", "module", "module of another class", "dictionary", "slots")


@dataclass(frozen=True)
class Given:
    """What stands under a name, and where."""

    name: str
    kind: str
    place: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """What the plugin is, and what it makes of being asked."""

    kind: str
    lists: tuple[str, ...] | None = None
    runs_code: bool = False
    """Whether reading an attribute runs code of its own, that has another idea."""


GIVEN = st.builds(
    Given,
    st.sampled_from(NAMES),
    st.sampled_from(KINDS),
    st.sampled_from(PLACES),
    st.sampled_from([(), (), ("trylast",), ("specname",)]),
)
LISTS = st.one_of(st.none(), st.lists(st.sampled_from([*NAMES, "other"])).map(tuple))
PLUGINS = st.tuples(
    st.builds(Form, st.sampled_from(FORMS), LISTS, st.booleans()), st.lists(GIVEN, max_size=6)
)


class Attributes(dict[str, Any]):
    """A dictionary whose items are its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.__dict__ = self


def another_idea(thing: object, name: str) -> Any:
    return (lambda: "another idea") if name in NAMES else object.__getattribute__(thing, name)


def value_of(given: Given, mark: Callable[..., Any]) -> Any:
    """What stands there, marked by the library under test."""

    def plain(*owner: object) -> tuple[str, str, list[str]]:
        return given.name, given.place, [type(each).__name__ for each in owner]

    def around(*args: object) -> Any:
        return marked(*args)

    options: dict[str, Any] = dict.fromkeys(given.options, True)
    if "specname" in options:
        options["specname"] = "brew"
    marked = mark(**options)(plain)
    holder: Any = type("Holder", (), {"held": marked})
    values: dict[str, Any] = {
        "function": marked,
        "static": staticmethod(marked),
        "class": classmethod(marked),
        "bound": holder().held,
        "property": property(marked),
        "partial": mark(partial(plain)),
        "cached": mark(cache(plain)),
        "decorated": wraps(marked)(around),
        "unmarked": lambda *_: "unmarked",
        "nothing": None,
        "static bound": staticmethod(holder().held),
    }
    if given.kind == "odd mark":
        vars(plain)["p_impl"] = "a text"
        return plain
    return values[given.kind]


def plugin_of(form: Form, everything: list[Given], mark: Callable[..., Any]) -> object:
    at: dict[str, dict[str, Any]] = {place: {} for place in PLACES}
    for each in everything:
        at[each.place][each.name] = value_of(each, mark)
    own, lists = at["own"], form.lists
    if lists is not None:
        at["class"]["__dir__"] = lambda _: lists
    if form.runs_code:
        at["class"]["__getattribute__"] = another_idea
    if form.kind.startswith("module"):
        other = type("Module", (ModuleType,), {})
        module = ModuleType("m") if form.kind == "module" else other("m")
        vars(module).update(own)
        if lists is not None:
            vars(module)["__dir__"] = lambda: lists
        return module
    base = type("Base", (), at["base"])
    if form.kind == "class":
        meta = type("Meta", (type,), {} if lists is None else {"__dir__": lambda _: lists})
        return meta("Plugin", (base,), at["class"] | own)
    if form.kind == "slots":
        free = set(at["slot"]).difference(at["class"])
        plugin = type("Plugin", (base,), at["class"] | {"__slots__": tuple(free)})()
        for name in free:
            object.__setattr__(plugin, name, at["slot"][name])
        return plugin
    kind = type("Plugin", (Attributes,) if form.kind == "dictionary" else (base,), at["class"])
    plugin = kind()
    object.__getattribute__(plugin, "__dict__").update(own)
    return plugin


def found_by(library: ModuleType, form: Form, everything: list[Given], has_idea: bool) -> Any:
    """The hooks, what implements them in their order, and what a call of each comes to."""

    class Manager(library.PluginManager):  # type: ignore[misc, name-defined]
        def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
            return super().parse_hookimpl_opts(plugin, name)

    pm: Any = (Manager if has_idea else library.PluginManager)("p")
    pm.register(plugin_of(form, everything, library.HookimplMarker("p")), "plugin")
    return {
        name: ([item.trylast for item in hook.get_hookimpls()], outcome(hook))
        for name, hook in sorted(vars(pm.hook).items())
    }


def outcome(hook: Callable[[], Any]) -> Any:
    try:
        return hook()
    except TypeError as error:  # what is bound otherwise has not all that it needs
        return str(error)


@settings(max_examples=250)
@given(PLUGINS, st.booleans())
def test_ours_finds_and_binds_what_pluggy_does(
    plugin: tuple[Form, list[Given]], has_idea: bool
) -> None:
    form, everything = plugin

    ours = found_by(hotplug.compat.pluggy, form, everything, has_idea)

    assert ours == found_by(pluggy, form, everything, has_idea)
