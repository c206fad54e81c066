"""What ``sys.modules`` shows: a module that answers for whichever generation is asked.

``sys.modules["hotplug.plugins.shop"]`` is a `Facade`, and ``sys.modules["hotplug.plugins"]`` is
`Plugins`. Both look at the caller's stack; neither has anything of a plugin in it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, MutableSequence
from importlib.machinery import ModuleSpec
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from hotplug.errors.hosting import PluginImportError
from hotplug.host.generations import process
from hotplug.host.generations.refusing import no_such_plugin, not_importable
from hotplug.host.generations.stack import TOKEN, caller, generation_of, pick, start

if TYPE_CHECKING:
    from hotplug.host.generations.generation import Generation

__all__ = ["Facade", "Plugins", "hide", "put_there", "show", "shown"]

shown: Final[dict[str, int]] = {}
"""How many living generations have run a module of this name."""


FROM_LIST: Final = "_handle_fromlist"
"""The function of importlib that asks for the names of a ``from ... import``."""


Meant = tuple[str, str, str]
"""The names of a module, of its namespace, and of its plugin."""


class Facade(ModuleType):
    """A module's name. Its attributes are those of the module in the generation that is meant."""

    __slots__ = ("_meant",)
    _meant: Meant

    def __init__(self, meant: Meant) -> None:
        super().__init__(meant[0])
        set_meant(self, meant)

    def __getattribute__(self, name: str) -> Any:
        frame = caller(1)
        value = getattr(module_of(self, name, frame), name)
        if issubclass(type(value), ModuleType) and TOKEN not in frame.f_builtins:
            return followed(value, f"{get_meant(self)[0]}.{name}")
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        if not is_binding(get_meant(self)[0], name, value):
            setattr(module_of(self, name, caller(1)), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(module_of(self, name, caller(1)), name)

    def __dir__(self) -> list[str]:
        return dir(module_of(self, "__dir__", caller(1)))

    def __repr__(self) -> str:
        name = get_meant(self)[0]
        try:
            return repr(module_of(self, "__repr__", caller(1)))
        except AttributeError:
            return f"<module {name!r}, not imported>"


# The slot's own functions: asking a facade for anything would ask the module that is meant.
slot: Final[Any] = vars(Facade)["_meant"]
set_meant: Final[Callable[[Facade, Meant], None]] = slot.__set__
get_meant: Final[Callable[[Facade], Meant]] = slot.__get__


def module_of(facade: Facade, attribute: str, frame: FrameType) -> ModuleType:
    """Find the module that is meant; it is imported for an attribute that a module must define.

    Tools walk through ``sys.modules`` and ask each module for its ``__file__`` and its like: that
    imports nothing.
    """
    name, namespace, package = get_meant(facade)
    generation: Generation | None = pick(namespace, package, frame)
    if generation is None and attribute[:2] != "__":
        generation = start(namespace, package)
    if generation is None:
        raise AttributeError(
            f"module {name!r} has no attribute {attribute!r}: no such plugin serves"
        )
    module: ModuleType | None = generation.known(name)
    if module is not None:
        return module
    if attribute[:2] == "__" == attribute[-2:]:
        raise AttributeError(f"module {name!r} is not imported", name=attribute, obj=facade)
    try:
        return generation.import_module(name)
    except Exception as error:  # tools that look through all modules expect no other
        raise AttributeError(f"module {name!r} cannot be imported: {error}") from error


def is_binding(parent: str, name: str, value: object) -> bool:
    """Whether importlib binds what it has found in ``sys.modules`` to the module above.

    There is nothing to bind: the real module above has the real one.
    """
    return type(value) is Facade and get_meant(value)[0] == f"{parent}.{name}"


def followed(module: ModuleType, name: str) -> ModuleType:
    """Give host code the facade of a submodule: what it keeps is to follow the plugin's reloads."""
    facade = sys.modules.get(name)
    return facade if type(facade) is Facade and vars(module).get("__name__") == name else module


def show(name: str, generation: Generation) -> Facade:
    """Put the facade of a module into ``sys.modules``, for as long as the generation lives."""
    with process.changing:
        if name not in generation.shown:
            generation.shown.add(name)
            shown[name] = shown.get(name, 0) + 1
        facade = sys.modules.get(name)
        if type(facade) is not Facade:
            facade = Facade((name, generation.namespace.name, generation.package))
            sys.modules[name] = facade
        return facade


def hide(names: set[str], wanted: set[str]) -> None:
    """Take back what `show` has done, of these names. Nobody else may be changing anything."""
    for name in names & wanted:
        names.discard(name)
        shown[name] -= 1
        if not shown[name]:
            del shown[name]
            if type(sys.modules.get(name)) is Facade:
                del sys.modules[name]


def put_there(package: str) -> dict[str, Any]:
    """Find what a plugin has put into ``sys.modules`` itself, below its own name."""
    inside = f"{package}."
    return {
        name: module
        for name, module in sys.modules.copy().items()  # a copy is made without a collection
        if name.startswith(inside) and type(module) is not Facade
    }


class Plugins(ModuleType):
    """The module that plugins are imported from: ``from hotplug.plugins import shop``."""

    __path__: MutableSequence[str]

    def __init__(self, name: str) -> None:
        super().__init__(name, "The plugins that serve, by name.")
        self.__path__ = []
        self.__spec__ = ModuleSpec(name, None, is_package=True)
        self.__package__ = name

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__":
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        frame = caller(1)
        importer = generation_of(frame)
        if importer is not None and importer.namespace.name == self.__name__:
            importer.require(name, frame)
        generation = pick(self.__name__, name, frame) or start(self.__name__, name)
        if generation is None:
            message = no_such_plugin(self.__name__, name)
            if frame.f_code.co_name == FROM_LIST:
                # With an AttributeError importlib would find the facade of a plugin that is gone.
                raise PluginImportError(message, name=f"{self.__name__}.{name}")
            raise AttributeError(message)
        if not generation.is_importable and generation is not importer:
            raise not_importable(generation)
        return show(generation.canonical, generation)

    def __setattr__(self, name: str, value: Any) -> None:
        if not is_binding(self.__name__, name, value):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        spaces = process.namespaces.get(self.__name__)
        serving = spaces[0].serving() if spaces else []
        return sorted(each.package for each in serving if each.is_importable)
