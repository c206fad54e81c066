"""What a manager knows, and how to ask it: names, plugins, hooks. Changing it is `registry`'s."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar, cast

from hotplug.errors import HookSpecError, RegistrationError, UnknownHookError
from hotplug.hooks.blueprint import Blueprints
from hotplug.hooks.environment import Environment
from hotplug.hooks.hook import Hook
from hotplug.hooks.looking import class_name, is_a, is_class, module_dict, shown
from hotplug.hooks.policy import ErrorPolicy
from hotplug.hooks.records import HookImpl
from hotplug.hooks.scan import Found
from hotplug.hooks.signature import location, plain_function

if TYPE_CHECKING:
    from importlib.metadata import Distribution

    from hotplug.hooks.explain import Explanation
    from hotplug.hooks.hookcaller import HookCaller

__all__ = ["HookRelay", "Lookup", "Registered", "check_project", "unknown_hook"]

S = TypeVar("S")


class HookRelay:
    """Holds the hooks of a manager as attributes, and nothing else."""

    def __getattr__(self, name: str) -> Any:
        raise UnknownHookError(f"no {unknown_hook(name, self.__dict__)}", name=name, obj=self)

    def __repr__(self) -> str:
        return f"<HookRelay {', '.join(self.__dict__) or 'without hooks'}>"


class Registered(NamedTuple):
    """A plugin that is there, and what it does."""

    plugin: object
    implementations: Sequence[HookImpl]
    hooks: Sequence[Hook]
    """The hook of each implementation."""
    waiting: tuple[Found, ...]
    """Optional implementations of hooks that nobody has declared yet."""


class Lookup(Environment, Generic[S]):
    """The state of a manager, and every question about it."""

    is_async: ClassVar[bool] = False

    def __init__(self, project: str, policy: ErrorPolicy) -> None:
        check_project(project, "the project name")
        super().__init__(project, policy)
        self.hook: S = cast(S, HookRelay())
        self._hooks: dict[str, Hook] = {}
        self._blueprints = Blueprints(f"{project}_impl")
        self._plugins: dict[str, Registered] = {}
        self._names: dict[int, str] = {}
        self._blocked: set[str] = set()
        self._distributions: dict[str, Distribution] = {}
        self.serials = count(1)
        self.spec_attribute = f"{project}_spec"

    def is_blocked(self, name: str) -> bool:
        """Whether a name is kept out."""
        return name in self._blocked

    def is_registered(self, plugin: object) -> bool:
        """Whether this very object is registered."""
        return id(plugin) in self._names

    def has_plugin(self, name: str) -> bool:
        """Whether a plugin of this name is registered."""
        return name in self._plugins

    def get_plugin(self, name: str) -> object | None:
        """The plugin of this name, or None."""
        registered = self._plugins.get(name)
        return None if registered is None else registered.plugin

    def get_plugins(self) -> list[object]:
        """All plugins, in the order of their registration."""
        return [registered.plugin for registered in list(self._plugins.values())]

    def get_name(self, plugin: object) -> str | None:
        """The name that this object is registered under, or None."""
        return self._names.get(id(plugin))

    def get_canonical_name(self, plugin: object) -> str:
        """The name that a plugin gets if it is given none: that of its module or class."""
        if is_a(plugin, ModuleType):
            return str(module_dict(plugin).get("__name__"))
        function = plain_function(plugin)
        cls = plugin if is_class(plugin) else type(plugin)
        return function.__name__ if function is not None else class_name(cls).rpartition(".")[2]

    def plugin_names(self) -> list[str]:
        """The names of all plugins, in the order of their registration."""
        return list(self._plugins)

    def list_name_plugin(self) -> list[tuple[str, object]]:
        """Names and plugins, in the order of their registration."""
        return [(name, registered.plugin) for name, registered in list(self._plugins.items())]

    def list_plugin_distinfo(self) -> list[tuple[object, Distribution]]:
        """The plugins that came from installed distributions, with these."""
        with self.lock:
            return [
                (self._plugins[name].plugin, distribution)
                for name, distribution in self._distributions.items()
            ]

    def get_hookcallers(self, plugin: object) -> list[Any] | None:
        """The hooks that a plugin takes part in, or None if it is not registered."""
        with self.lock:
            name = self._known_name(plugin)
            if name is None:
                return None
            hooks = [item.hook_name for item in self._plugins[name].implementations]
        return [self._hooks[hook].caller.function for hook in dict.fromkeys(hooks)]

    def registration_numbers(self) -> dict[str, int]:
        """Which plugin was registered first, second, and so on, of those that are there."""
        return {name: at for at, name in enumerate(self._plugins, 1)}

    def check_pending(self) -> list[tuple[str, str]]:
        """Optional implementations whose hook nobody has declared, as plugin and hook names."""
        return [
            (name, found.record.target or found.name)
            for name, registered in list(self._plugins.items())
            for found in registered.waiting
        ]

    def hook_of(self, spec: object) -> Hook:
        """The hook that a declaration or a name stands for, or `UnknownHookError`."""
        if isinstance(spec, str):
            name, raw, function = spec, None, None
        else:
            function = plain_function(spec)
            raw = spec if function is None else function
            name = shown(spec) if function is None else function.__name__
        named = self._hooks.get(name)
        if named is not None and (raw is None or named.spec is raw):
            return named
        for hook in self._hooks.values():  # declared under another name than its own
            if raw is not None and hook.spec is raw:
                return hook
        if named is not None:
            raise UnknownHookError(
                f"this is not the declaration of hook {name!r}\n"
                f"  this:     {location(raw)}\n"
                f"  declared: {location(named.spec)}"
            )
        if raw is not None and function is None:
            raise UnknownHookError(f"{name} is no declared hook; give a spec, or a hook's name")
        raise UnknownHookError(f"no {unknown_hook(name, self._hooks)}")

    def name_of(self, plugin: object) -> str:
        """The name of a plugin that is given as an object or a name."""
        name = self._known_name(plugin)
        if name is not None:
            return name
        if type(plugin) is str:
            return plugin
        raise RegistrationError(f"{shown(plugin)} is not registered")

    def _known_name(self, name_or_plugin: object) -> str | None:
        if type(name_or_plugin) is str and name_or_plugin in self._plugins:
            return name_or_plugin
        return self._names.get(id(name_or_plugin))

    def subset_hook_caller(self, name: str, remove_plugins: Iterable[object]) -> Any:
        """A hook without some plugins; the same as ``pm.hook.NAME.without(...)``."""
        known = [plugin for plugin in remove_plugins if self._known_name(plugin) is not None]
        return self.hookcaller_of(name).without(*known)

    def explain(self, spec: object) -> Explanation:
        """The order of a hook's calls, why it is so, and the code that runs; print it."""
        return self.hookcaller_of(spec).explain()

    def hookcaller_of(self, spec: object) -> HookCaller:
        return cast("HookCaller", self.hook_of(spec).caller)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.project!r}, {len(self._plugins)} plugins>"


def unknown_hook(name: str, known: Iterable[str]) -> str:
    from hotplug.errors.meaning import did_you_mean  # only for an error

    names = list(known)
    hint = did_you_mean(name, names) or f"there are: {', '.join(names) or 'none'}"
    return f"hook {name!r}; {hint}"


def check_project(project: object, what: str) -> None:
    """Refuse a name that cannot be part of an attribute; ``what`` is what its author calls it."""
    if type(project) is str and project.isidentifier():
        return
    written = project if type(project) is str else ""
    letters = (each if f"_{each}".isidentifier() else "_" for each in written)
    plain = "".join(letters).strip("_") or "my_shop"
    if not plain.isidentifier():  # it begins with a digit
        plain = f"_{plain}"
    raise HookSpecError(
        f"{what} {shown(project)} must be an identifier, like {plain!r}: "
        f"marks are kept as attributes such as {plain}_impl"
    )
