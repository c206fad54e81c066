"""The manager: who is registered under which name, and which hooks there are."""

# The names that pluggy's users reach for begin with underscores.
# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MethodType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hotplug.compat.pluggy._callers import HookExec, _multicall
from hotplug.compat.pluggy._compat import DistFacade, entry_points
from hotplug.compat.pluggy._hooks import (
    HookCaller,
    HookImpl,
    HookimplOpts,
    HookRelay,
    HookspecOpts,
    _Namespace,
    _Plugin,
    _SubsetHookCaller,
    normalize_hookimpl_opts,
)
from hotplug.compat.pluggy._marks import NO_OPTIONS
from hotplug.compat.pluggy._result import Result
from hotplug.compat.pluggy._scanning import (
    Marked,
    function_of,
    lists_all_names,
    marked,
    options_of,
)
from hotplug.compat.pluggy._tracing import TagTracer, TagTracerSub
from hotplug.compat.pluggy._validation import PluginValidationError, _formatdef, verify

if TYPE_CHECKING:
    from importlib.metadata import Distribution

    from hotplug.compat.pluggy._kernel import Surroundings

__all__ = ["DistFacade", "PluginManager", "PluginValidationError", "_formatdef"]

Before: TypeAlias = Callable[[str, Sequence[HookImpl], Mapping[str, Any]], None]
After: TypeAlias = Callable[[Result[Any], str, Sequence[HookImpl], Mapping[str, Any]], None]


class PluginManager:
    """Registers plugins and calls their hooks, as pluggy's manager does."""

    def __init__(self, project_name: str) -> None:
        self.project_name: Final = project_name
        self._name2plugin: Final[dict[str, _Plugin]] = {}
        self._plugin_distinfo: Final[list[tuple[_Plugin, Distribution]]] = []
        self.hook: Final = HookRelay()
        self.trace: Final[TagTracerSub] = TagTracer().get("pluginmanage")
        self._execute: HookExec = _multicall
        self._shared: Surroundings | None = None

    @property
    def _surroundings(self) -> Surroundings:
        """What the hooks share: made with the first of them."""
        return self._shared or self._share()

    def _share(self) -> Surroundings:
        # The kernel is loaded with the first hook: a program that has none goes without.
        from hotplug.compat.pluggy._kernel import MAKING, Surroundings

        with MAKING:
            if self._shared is None:
                self._shared = Surroundings(self.project_name, MethodType(OWN_HOOKEXEC, self))
        return self._shared

    # executing calls

    def _hookexec(
        self,
        hook_name: str,
        methods: Sequence[HookImpl],
        kwargs: Mapping[str, object],
        firstresult: bool,
    ) -> Any:
        return self._execute(hook_name, methods, kwargs, firstresult)

    @property
    def _inner_hookexec(self) -> HookExec:
        return self._execute

    @_inner_hookexec.setter
    def _inner_hookexec(self, execute: HookExec) -> None:
        self._execute = execute
        if self._shared or execute is not _multicall:
            self._surroundings.execute_with(None if execute is _multicall else self._hookexec)

    def add_hookcall_monitoring(self, before: Before, after: After) -> Callable[[], None]:
        """Call ``before`` and ``after`` around every hook call; returns what ends that."""
        inner = self._inner_hookexec

        def execute(
            hook_name: str,
            hook_impls: Sequence[HookImpl],
            caller_kwargs: Mapping[str, object],
            firstresult: bool,
        ) -> Any:
            before(hook_name, hook_impls, caller_kwargs)

            def call() -> Any:
                return inner(hook_name, hook_impls, caller_kwargs, firstresult)

            outcome: Result[Any] = Result.from_call(call)  # pyright: ignore[reportUnknownVariableType]
            after(outcome, hook_name, hook_impls, caller_kwargs)
            return outcome.get_result()

        self._inner_hookexec = execute

        def undo() -> None:
            self._inner_hookexec = inner

        return undo

    def enable_tracing(self) -> Callable[[], None]:
        """Tell the tracer of every hook call; returns what ends that."""
        tell = self.trace.root.get("hook")

        def before(name: str, methods: Sequence[HookImpl], kwargs: Mapping[str, Any]) -> None:
            tell.root.indent += 1
            tell(name, kwargs)

        def after(
            outcome: Result[Any], name: str, methods: Sequence[HookImpl], kwargs: Mapping[str, Any]
        ) -> None:
            if outcome.exception is None:
                tell("finish", name, "-->", outcome.get_result())
            tell.root.indent -= 1

        return self.add_hookcall_monitoring(before, after)

    # declaring hooks

    def add_hookspecs(self, module_or_class: _Namespace) -> None:
        """Declare the hooks that a class, a module or an object marks."""
        is_empty = True
        for name, _, opts in self._marked(module_or_class, "spec", self.parse_hookspec_opts):
            is_empty = False
            hook = self._caller_of(name)
            if hook is None:
                hook = HookCaller(name, self._hookexec, module_or_class, opts)
                setattr(self.hook, name, hook)
            else:
                hook.set_specification(module_or_class, opts)
                for item in hook.get_hookimpls():
                    self._verify_hook(hook, item)
        if is_empty:
            raise ValueError(f"did not find any {self.project_name!r} hooks in {module_or_class!r}")

    def parse_hookspec_opts(self, module_or_class: _Namespace, name: str) -> HookspecOpts | None:
        """The options that a function is marked with as a spec; None if it is not."""
        opts: HookspecOpts | None = options_of(module_or_class, name, f"{self.project_name}_spec")
        return opts

    # registering plugins

    def register(self, plugin: _Plugin, name: str | None = None) -> str | None:
        """Register a plugin, and return its name; None if that is blocked."""
        if plugin is None:
            return None
        name = name or self.get_canonical_name(plugin)
        others = [*self._name2plugin.values()]
        if not self._is_free(name, plugin, others):
            return None
        found = self._implementations(plugin, name)
        with self._surroundings.lock:
            now = [*self._name2plugin.values()]
            # Mostly they are the same still, and to look among a thousand again would take long.
            is_changed = name in self._name2plugin or now != others
            if is_changed and not self._is_free(name, plugin, now):
                return None
            self._name2plugin[name] = plugin
            if found:
                self._surroundings.note(plugin, [item for _, _, item in found])
            if not [hook for _, hook, _ in found if hook and hook._call_history]:
                for hook_name, hook, item in found:
                    (hook or self._new_caller(hook_name))._caller.take(item)
                return name
        for hook_name, hook, item in found:
            # A replay of this very plugin may have declared the hook.
            known = hook or self._new_caller(hook_name)
            if hook is None and known.spec is not None:
                self._verify_hook(known, item)
            known._maybe_apply_history(item)
            known._caller.add(item)
        if found[-1][2] not in self._surroundings.registered.get(id(plugin), ()):
            self._surroundings.has_strays = True  # it was unregistered by its own replay
        return name

    def _is_free(self, name: str, plugin: _Plugin, others: list[_Plugin]) -> bool:
        """Whether the plugin can have the name; False if that is blocked."""
        known = self._name2plugin
        if name in known:
            if known[name] is None:
                return False
            raise ValueError(f"Plugin name already registered: {name}={plugin}\n{known}")
        if plugin in others:
            raise ValueError(
                f"Plugin already registered under a different name: {name}={plugin}\n{known}"
            )
        return True

    def _new_caller(self, name: str) -> HookCaller:
        with self._surroundings.lock:
            hook = self._caller_of(name)
            if hook is None:
                hook = HookCaller(name, self._hookexec)
                setattr(self.hook, name, hook)
        return hook

    def _implementations(
        self, plugin: _Plugin, name: str
    ) -> list[tuple[str, HookCaller | None, HookImpl]]:
        """What a plugin implements: the names of hooks, and the hooks that are declared."""
        found: list[tuple[str, HookCaller | None, HookImpl]] = []
        known: dict[str, HookCaller] = self.hook.__dict__
        for attribute, function, opts in self._marked(plugin, "impl", self.parse_hookimpl_opts):
            is_plain = opts == NO_OPTIONS  # most are
            if not is_plain:
                normalize_hookimpl_opts(opts)
            item = HookImpl(plugin, name, function, opts)
            hook_name = opts["specname"] or attribute
            hook = known.get(hook_name)
            if hook is None or hook.spec is None:
                hook = None
            elif not is_plain or hook.spec.warns or hook.spec.argnames != item.argnames:
                self._verify_hook(hook, item)
            found.append((hook_name, hook, item))
        return found

    def _marked(
        self, thing: object, kind: str, parse: Callable[[Any, str], Any]
    ) -> Iterable[Marked]:
        if is_own(parse, self) or not lists_all_names(thing):
            return self._chosen(thing, parse)
        return marked(thing, f"{self.project_name}_{kind}")

    def _chosen(self, thing: object, parse: Callable[[Any, str], Any]) -> Iterator[Marked]:
        """What a manager with an idea of its own takes for marked."""
        for name in dir(thing):
            opts = parse(thing, name)
            if opts is not None:
                function = function_of(thing, name)
                assert function is not None, f"{thing!r}.{name} is no function or method"
                yield name, function, {**opts}  # it may say all in one dictionary, each time anew

    def parse_hookimpl_opts(self, plugin: _Plugin, name: str) -> HookimplOpts | None:
        """The options that a function is marked with as an implementation; None if it is not."""
        opts: HookimplOpts | None = options_of(plugin, name, f"{self.project_name}_impl")
        return opts

    _verify_hook = staticmethod(verify)

    def check_pending(self) -> None:
        """Raise if a plugin implements a hook that nobody declares, unless that is optional."""
        for name, hook in list(self.hook.__dict__.items()):
            if name[0] == "_" or hook.has_spec():
                continue
            for item in hook.get_hookimpls():
                if not item.optionalhook:
                    raise PluginValidationError(
                        item.plugin, f"unknown hook {name!r} in plugin {item.plugin!r}"
                    )

    def unregister(self, plugin: _Plugin | None = None, name: str | None = None) -> Any | None:
        """Take a plugin out, by object or name, or by both, which must agree."""
        name_is_given = name is not None
        if name is None:
            assert plugin is not None, "give the plugin or its name"
            name = self.get_name(plugin)
            assert name is not None, "plugin is not registered"
        if plugin is None:
            plugin = self.get_plugin(name)
            if plugin is None:
                return None
        else:
            holder = self._name2plugin.get(name)
            known_as = self.get_name(plugin) if name_is_given else name
            if (holder is not None and holder is not plugin) or known_as not in (None, name):
                raise ValueError(
                    f"name {name!r} and plugin {plugin!r} do not agree: the name is that of "
                    f"{holder!r}, the plugin is registered as {known_as!r}"
                )
        if self._shared:
            self._shared.withdraw(plugin)
            if self._shared.has_strays:
                for hook in self.get_hookcallers(plugin) or ():
                    hook._caller.remove(plugin)
        if self._name2plugin.get(name) is not None:
            del self._name2plugin[name]
        return plugin

    def set_blocked(self, name: str) -> None:
        """Keep a name out: unregister who has it."""
        self.unregister(name=name)
        self._name2plugin[name] = None

    def unblock(self, name: str) -> bool:
        """Let a name in again; whether it was blocked."""
        if not self.is_blocked(name):
            return False
        del self._name2plugin[name]
        return True

    # asking

    def is_blocked(self, name: str) -> bool:
        """Whether a name is kept out."""
        return self._name2plugin.get(name, self) is None

    def get_plugins(self) -> set[Any]:
        """All plugins."""
        return {plugin for plugin in list(self._name2plugin.values()) if plugin is not None}

    def is_registered(self, plugin: _Plugin) -> bool:
        """Whether this plugin, or one that equals it, is registered."""
        return self.get_name(plugin) is not None

    def get_canonical_name(self, plugin: _Plugin) -> str:
        """The name of a plugin that is given none."""
        name: str | None = getattr(plugin, "__name__", None)
        return name or str(id(plugin))

    def get_plugin(self, name: str) -> Any | None:
        """The plugin of this name."""
        return self._name2plugin.get(name)

    def has_plugin(self, name: str) -> bool:
        """Whether a plugin of this name is registered."""
        return self.get_plugin(name) is not None

    def get_name(self, plugin: _Plugin) -> str | None:
        """The name that a plugin is registered under."""
        try:
            for name, known in self._name2plugin.items():
                if plugin == known:
                    return name
        except RuntimeError:  # most likely another thread has changed it: a copy stays as it is
            for name, known in self._name2plugin.copy().items():
                if plugin == known:
                    return name
        return None

    def list_name_plugin(self) -> list[tuple[str, _Plugin]]:
        """Names and plugins; a blocked name has None."""
        return list(self._name2plugin.items())

    def get_hookcallers(self, plugin: _Plugin) -> list[HookCaller] | None:
        """The hooks that a plugin implements; None if it is not registered."""
        return None if self.get_name(plugin) is None else self._callers_of(plugin)

    def _callers_of(self, plugin: _Plugin) -> list[HookCaller]:
        return [hook for hook in list(self.hook.__dict__.values()) if hook._caller.knows(plugin)]

    @property
    def _plugin2hookcallers(self) -> dict[_Plugin, list[HookCaller]]:
        return {plugin: self.get_hookcallers(plugin) or [] for plugin in self.get_plugins()}

    def _caller_of(self, name: str) -> HookCaller | None:
        return getattr(self.hook, name, None)

    def subset_hook_caller(self, name: str, remove_plugins: Iterable[_Plugin]) -> HookCaller:
        """A hook without some plugins."""
        hook: HookCaller = getattr(self.hook, name)
        removed = hook._caller.among({*remove_plugins})
        return _SubsetHookCaller(hook, removed) if removed else hook

    # distributions

    def load_setuptools_entrypoints(self, group: str, name: str | None = None) -> int:
        """Register what installed distributions offer in a group; how many."""
        count = 0
        for entry_point, distribution in entry_points(group):
            if name not in (None, entry_point.name):
                continue
            if self.has_plugin(entry_point.name) or self.is_blocked(entry_point.name):
                continue
            plugin = entry_point.load()
            self.register(plugin, name=entry_point.name)
            self._plugin_distinfo.append((plugin, distribution))
            count += 1
        return count

    def list_plugin_distinfo(self) -> list[tuple[_Plugin, DistFacade]]:
        """The plugins that came from distributions, with these."""
        return [(plugin, DistFacade(dist)) for plugin, dist in self._plugin_distinfo]

    def list_plugin_distributions(self) -> list[tuple[_Plugin, Distribution]]:
        """The same with the distributions as ``importlib.metadata`` has them."""
        return list(self._plugin_distinfo)


OWN_HOOKEXEC: Final = PluginManager._hookexec
"""With this one nothing stands between a hook and the kernel; classes can be patched."""


def is_own(parse: Callable[..., Any], manager: PluginManager) -> bool:
    """Whether a manager has an idea of its own of what a mark is."""
    return getattr(parse, "__func__", None) is not getattr(PluginManager, parse.__name__, None)
