"""Who is registered, for which hooks: one implementation for the sync and the async manager.

Every change is checked first and then committed under one lock, over all hooks it touches: no
call sees half a plugin. No code of a plugin runs while the lock is held.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from threading import RLock
from types import MethodType, ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar, cast

from hotplug.errors import (
    HookErrors,
    HookSpecError,
    PluginValidationError,
    RegistrationError,
    UnknownHookError,
)
from hotplug.hooks.blueprint import Blueprints
from hotplug.hooks.caller import HookCaller
from hotplug.hooks.hook import HistoricCall, Hook, declared
from hotplug.hooks.looking import (
    class_name,
    is_a,
    is_class,
    module_dict,
    mro,
    place_of,
    shown,
    static_dict,
)
from hotplug.hooks.markers import AsyncHooks, HookimplOpts, HookspecOpts
from hotplug.hooks.order import Cycle, in_order
from hotplug.hooks.policy import ErrorPolicy, HookFailure, checked, log_error
from hotplug.hooks.records import HookImpl
from hotplug.hooks.scan import Found, Misplaced, foreign_projects, marked, record_on
from hotplug.hooks.signature import location, plain_function
from hotplug.hooks.unwind import note, trim
from hotplug.hooks.validate import contribution_to

if TYPE_CHECKING:
    from importlib.metadata import Distribution

    from hotplug.hooks.discovery import EntryPointLoadReport
    from hotplug.hooks.explain import Explanation
    from hotplug.hooks.monitor import After, Before, HookTimings, Observer
    from hotplug.hooks.subclasses import PluginBase

__all__ = ["HookRelay", "Registry"]

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


class Replay(NamedTuple):
    """A historic call that a new plugin has yet to see."""

    hook: Hook
    implementation: HookImpl
    call: HistoricCall

    @property
    def args(self) -> tuple[object, ...]:
        """What the implementation takes by position."""
        return self.implementation.contribution.fit.take(self.hook.bind((), self.call.kwargs))

    @property
    def kwargs(self) -> dict[str, object]:
        """What it takes by name."""
        given = self.hook.bind((), self.call.kwargs)
        keywords = self.implementation.contribution.fit.keywords
        return {self.hook.arguments[at]: given[at] for at in keywords}


class Registry(Generic[S]):
    """What `PluginManager` and `AsyncPluginManager` have in common."""

    is_async: ClassVar[bool] = False

    def __init__(
        self,
        project: str,
        specs: object = None,
        *,
        policy: ErrorPolicy = "raise",
    ) -> None:
        if type(project) is not str or not project.isidentifier():
            raise HookSpecError(
                f"the project name {shown(project)} must be an identifier, like 'my_shop': "
                "marks are kept as attributes such as my_shop_impl"
            )
        self.project = project
        self.policy = checked(policy)
        self.lock = RLock()
        self.version = 0
        self.hook: S = cast(S, HookRelay())
        self._hooks: dict[str, Hook] = {}
        self._blueprints = Blueprints(f"{project}_impl")
        self._plugins: dict[str, Registered] = {}
        self._names: dict[int, str] = {}
        self._blocked: set[str] = set()
        self._distributions: dict[str, Distribution] = {}
        self.observers: list[Observer] = []
        self.timings: list[HookTimings] = []
        self.loading: list[Callable[[], None]] = []
        self._loading_lock = RLock()
        self._is_loading = False
        self.serials = count(1)
        self.spec_attribute = f"{project}_spec"
        self.impl_attribute = f"{project}_impl"
        if specs is not None:
            self.add_hookspecs(specs)

    # declaring hooks

    def add_hookspecs(self, namespace: object) -> None:
        """Declare the hooks that a class, an object or a module marks; all of them or none."""
        self._refuse_wrong_manager(namespace)
        try:
            found = marked(namespace, self.spec_attribute, HookspecOpts)
        except Misplaced as misplaced:
            raise HookSpecError(f"{shown(namespace)} {misplaced}") from None
        if not found:
            raise HookSpecError(self._nothing_found(namespace, "spec", HookspecOpts, "hookspec"))
        hooks = [declared(item, is_async=self.is_async) for item in found]
        with self.lock:
            for hook in hooks:
                if hook.name in self._hooks:
                    first = self._hooks[hook.name].spec
                    if first is hook.spec:
                        raise HookSpecError(f"{shown(namespace)} is added a second time")
                    raise HookSpecError(
                        f"hook {hook.name!r} is declared already; rename one of them\n"
                        f"  here:  {location(hook.spec)}\n"
                        f"  first: {location(first)}"
                    )
            awaited = self._awaited({hook.name: hook for hook in hooks})
            for hook in hooks:
                hook.caller = HookCaller(hook, self)
                self._hooks[hook.name] = hook
                self.hook.__dict__[hook.name] = hook.caller.function
            self._commit_awaited(awaited)

    add_extension_points = add_hookspecs

    def _refuse_wrong_manager(self, namespace: object) -> None:
        cls = namespace if is_class(namespace) else type(namespace)
        if not self.is_async and AsyncHooks in mro(cls):
            raise HookSpecError(
                f"{class_name(cls)} derives from AsyncHooks; give it to an AsyncPluginManager"
            )

    def _awaited(self, hooks: dict[str, Hook]) -> list[tuple[str, Hook, Found, HookImpl]]:
        """Optional implementations that have been waiting for these hooks, checked."""
        awaited = [
            (name, hook, found, self._implementation(hook, found, name, registered.plugin))
            for name, registered in self._plugins.items()
            for found in registered.waiting
            if (hook := hooks.get(found.record.target or found.name)) is not None
        ]
        for hook in hooks.values():
            items = [item for _, wanted, _, item in awaited if wanted is hook]
            for is_wrapper in (False, True):
                self._check_one_order(
                    hook, [item for item in items if item.is_wrapper == is_wrapper]
                )
        return awaited

    def _commit_awaited(self, awaited: list[tuple[str, Hook, Found, HookImpl]]) -> None:
        for name, hook, found, implementation in awaited:
            hook.add(implementation)
            before = self._plugins[name]
            self._plugins[name] = before._replace(
                implementations=(*before.implementations, implementation),
                hooks=(*before.hooks, hook),
                waiting=tuple(item for item in before.waiting if item is not found),
            )

    # registering plugins

    def register(self, plugin: object, name: str | None = None) -> str:
        """Register a plugin with all that it implements, or refuse it whole; returns its name.

        Without a name it gets that of its module or class, numbered where that is taken.
        """
        with self.lock:
            name = self._free_name(plugin, name)
            registered = self._known(plugin, name) or self._examined(plugin, name)
            replays = self._commit(name, registered)
        if replays:
            self._replay(replays)
        return name

    def _known(self, plugin: object, name: str) -> Registered | None:
        """What a plugin implements, if another of its class has been examined before."""
        cls = type(plugin)
        found = self._blueprints.find(cls)
        if found is None:
            return None
        blueprint, values = found
        own = static_dict(plugin)
        if own and (
            not own.keys().isdisjoint(blueprint.names)
            or any(record_on(value, self.impl_attribute) for value in own.values())
        ):
            return None
        new = cast(Any, tuple).__new__  # what HookImpl(...) does, at a third of the cost
        items: list[HookImpl] = [
            new(HookImpl, (hook, name, plugin, MethodType(values[at], plugin), contribution))
            for at, hook, contribution, _, _ in blueprint.entries
        ]
        hooks = blueprint.hooks
        if blueprint.is_related or any([hook.related for hook in hooks]):  # noqa: C419 (faster)
            self._check_order(items)
        return Registered(plugin, items, hooks, ())

    def _examined(self, plugin: object, name: str) -> Registered:
        registered = self._checked(plugin, name, self._found_on(plugin, name))
        if not (registered.waiting or is_class(plugin) or is_a(plugin, ModuleType)):
            self._blueprints.remember(type(plugin), registered.hooks, registered.implementations)
        return registered

    def _found_on(self, plugin: object, name: str) -> list[Found]:
        try:
            found = marked(plugin, self.impl_attribute, HookimplOpts)
        except Misplaced as misplaced:
            raise PluginValidationError(name, str(misplaced)) from None
        if not found:
            raise PluginValidationError(
                name, self._nothing_found(plugin, "impl", HookimplOpts, "hookimpl")
            )
        return found

    def _nothing_found(self, thing: object, kind: str, record: type, marker: str) -> str:
        verb = "implements" if kind == "impl" else "declares"
        subject = "" if kind == "impl" else f"{shown(thing)} "
        others = foreign_projects(thing, f"_{kind}", record)
        if type(record_on(thing, f"{self.project}_{kind}")) is record:
            hint = (
                "it is itself a marked function; hand in what holds it: a module, class or object"
            )
        elif others:
            hint = (
                f"it has marks of project {', '.join(map(repr, others))}; "
                f"make that marker for {self.project!r}, or use the other project's manager"
            )
        else:
            hint = f"mark its functions with @{marker}, made for project {self.project!r}"
        return f"{subject}{verb} no hook of project {self.project!r}\n  {place_of(thing)}\n  {hint}"

    def _free_name(self, plugin: object, name: str | None) -> str:
        if plugin is None or type(plugin) is str:
            raise RegistrationError(
                f"{plugin!r} is not a plugin; register a module, a class or an object"
            )
        if name is not None and (type(name) is not str or not name):
            raise RegistrationError(
                f"a plugin's name is a string with something in it, not {name!r}"
            )
        known = self._names.get(id(plugin))
        if known is not None:
            raise RegistrationError(
                f"this object is registered already, as plugin {known!r}; "
                "unregister it first to give it another name"
            )
        if name is None:
            name = wanted = self.get_canonical_name(plugin)
            for number in count(2):
                if name not in self._plugins:
                    break
                name = f"{wanted}-{number}"
        if name in self._blocked:
            raise RegistrationError(f"plugin {name!r} is blocked; unblock({name!r}) lets it in")
        if name in self._plugins:
            holder = shown(self._plugins[name].plugin)
            raise RegistrationError(
                f"a plugin named {name!r} is registered already: {holder}\n"
                f"  give this one another name=, or unregister({name!r}) first"
            )
        return name

    def _checked(self, plugin: object, name: str, found: Iterable[Found]) -> Registered:
        implementations: list[HookImpl] = []
        waiting: list[Found] = []
        to_order: list[HookImpl] = []
        hooks = self._hooks
        for item in found:
            wanted = item.record.target or item.name
            hook = hooks.get(wanted)
            if hook is not None:
                implementation = self._implementation(hook, item, name, plugin)
                implementations.append(implementation)
                if hook.related or implementation.contribution.is_related:
                    to_order.append(implementation)
            elif item.record.optional:
                waiting.append(item)
            else:
                raise PluginValidationError(
                    name,
                    f"implements an unknown {unknown_hook(wanted, hooks)}\n"
                    f"  {location(item.raw)}\n"
                    "  mark it optional=True if the hook may be missing",
                )
        if to_order:
            self._check_order(to_order)
        their_hooks = [hooks[item.hook_name] for item in implementations]
        return Registered(plugin, implementations, their_hooks, tuple(waiting))

    def _implementation(self, hook: Hook, found: Found, name: str, plugin: object) -> HookImpl:
        contribution = contribution_to(hook, found, name)
        return HookImpl(hook.name, name, plugin, found.function, contribution)

    def _check_order(self, implementations: Sequence[HookImpl]) -> None:
        """Refuse a plugin whose relations contradict those that are there."""
        groups: dict[tuple[str, bool], list[HookImpl]] = {}
        for item in implementations:
            groups.setdefault((item.hook_name, item.is_wrapper), []).append(item)
        for (hook_name, is_wrapper), group in groups.items():
            hook = self._hooks[hook_name]
            there = hook.wrappers if is_wrapper else hook.implementations
            self._check_one_order(hook, [*there, *group])

    def _check_one_order(self, hook: Hook, items: Sequence[HookImpl]) -> None:
        try:
            in_order(items)
        except Cycle as cycle:
            # The one that came last is the one to refuse.
            last = [item for item in items if item.plugin_name in cycle.path][-1]
            raise PluginValidationError(
                last.plugin_name,
                f"cannot be put in order on hook {hook.name!r}: "
                f"{' before '.join(cycle.path)}\n  {last.location}\n"
                "  take away one of the before= or after= around this circle",
            ) from None

    def _commit(self, name: str, registered: Registered) -> list[Replay]:
        hooks = registered.hooks
        for hook in hooks:  # from here on, calls of these hooks wait for the lock
            if hook.in_use:
                hook.touch()
        self._plugins[name] = registered
        self._names[id(registered.plugin)] = name
        replays: list[Replay] = []
        for hook, item in zip(hooks, registered.implementations, strict=True):
            hook.add(item)
            if hook.in_use:  # again, for what a finalizer or a signal handler may have called
                hook.touch()
            if hook.history:
                seen = self._seen(hook, registered.plugin)
                replays += [Replay(hook, item, call) for call in hook.history if call.serial > seen]
        return sorted(replays, key=lambda replay: replay.call.serial) if replays else replays

    def unregister(self, name_or_plugin: object) -> object | None:
        """Take a plugin out of all hooks, by name or object; it is returned, or None if unknown."""
        with self.lock:
            name = self._known_name(name_or_plugin)
            if name is None:
                return None
            registered = self._plugins[name]
            for hook in registered.hooks:
                if hook.in_use:
                    hook.touch()
            for hook, item in zip(registered.hooks, registered.implementations, strict=True):
                hook.remove(item)
                if hook.in_use:
                    hook.touch()
                if hook.history:
                    self._remember_seen(hook, registered.plugin)
            del self._plugins[name]
            del self._names[id(registered.plugin)]
            self._distributions.pop(name, None)
        return registered.plugin

    def register_all(self, base: type[PluginBase]) -> list[str]:
        """Instantiate and register every plugin class below a `PluginBase`; all of them or none."""
        listed = cast(Any, base).plugins if "plugins" in dir(base) else None
        if not isinstance(listed, Mapping):
            raise RegistrationError(
                f"register_all takes a base that derives from PluginBase, not {shown(base)}"
            )
        classes = cast("Mapping[str, type[PluginBase]]", listed)
        plugins: dict[str, PluginBase] = {}
        for plugin_id, cls in list(classes.items()):
            if not self.is_blocked(plugin_id):
                try:
                    plugins[plugin_id] = cls()
                except Exception as error:
                    error.add_note(f"plugin {plugin_id!r}: {class_name(cls)}() could not be made")
                    raise
        with self.all_or_none(plugins.values()):
            for plugin_id, plugin in plugins.items():
                self.register(plugin, name=plugin_id)
        return list(plugins)

    @contextmanager
    def all_or_none(self, plugins: Iterable[object]) -> Generator[None, None, None]:
        """Take these plugins out again if registering one of them fails."""
        try:
            yield
        except BaseException:
            for plugin in plugins:
                self.unregister(plugin)
            raise

    def set_blocked(self, name: str) -> None:
        """Keep a plugin out: unregister it if it is there, and refuse it from now on."""
        with self.lock:
            self._blocked.add(name)
            self.unregister(name)

    def unblock(self, name: str) -> bool:
        """Let a blocked plugin in again; whether it was blocked."""
        with self.lock:
            blocked = name in self._blocked
            self._blocked.discard(name)
        return blocked

    # looking things up

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
        return self.hook_of(name).caller.without(*known)

    def explain(self, spec: object) -> Explanation:
        """The order of a hook's calls, why it is so, and the code that runs; print it."""
        return self.hook_of(spec).caller.explain()

    # historic calls

    def historic(
        self,
        call: Callable[..., Any],
        result_callback: Callable[[Any], object] | None,
        kwargs: Mapping[str, object],
    ) -> Any:
        """Make a historic call; the async manager has something to do before."""
        return call(result_callback, **kwargs)

    def _replay(self, replays: list[Replay]) -> None:
        """Show a new plugin the historic calls it has missed, oldest first, outside the lock."""
        failures: list[Exception] = []
        for replay in replays:
            self._replay_one(replay, failures)
        self._report_replay(replays, failures)

    def _replay_one(self, replay: Replay, failures: list[Exception]) -> None:
        _, item, call = replay
        try:
            result = item.function(*replay.args, **replay.kwargs)
        except Exception as error:
            result = self._replay_failed(replay, error, failures)
        if result is not None and call.result_callback is not None:
            call.result_callback(result)

    def _replay_failed(self, replay: Replay, error: Exception, failures: list[Exception]) -> object:
        hook, item, _ = replay
        note(error, hook.name, item.plugin_name)
        trim(error)
        policy = hook.caller.effective_policy
        if policy == "skip":
            log_error(
                f"hook {hook.name!r}: plugin {item.plugin_name!r} raised in a replay: {error}",
                error,
            )
        elif callable(policy):
            return policy(HookFailure(hook.name, item.plugin_name, error))
        else:
            failures.append(error)
        return None

    def _report_replay(self, replays: list[Replay], failures: list[Exception]) -> None:
        if failures:
            name = replays[0].implementation.plugin_name
            raise HookErrors(
                f"plugin {name!r} is registered, but raised in {len(failures)} of "
                f"{len(replays)} replayed calls",
                failures,
            )

    def _seen(self, hook: Hook, plugin: object) -> int:
        """The last historic call that this object has seen in an earlier registration."""
        known = hook.replayed.get(id(plugin))
        return known[1] if known is not None and known[0]() is plugin else 0

    def _remember_seen(self, hook: Hook, plugin: object) -> None:
        from weakref import ref  # only for plugins that come back to historic hooks

        key = id(plugin)
        try:
            watched = ref(plugin, lambda _: hook.replayed.pop(key, None))
        except TypeError:  # it cannot be watched, so it sees everything again
            return
        hook.replayed[key] = (watched, self._last_seen(hook, plugin))

    def _last_seen(self, hook: Hook, plugin: object) -> int:
        """The last historic call that a registered plugin has seen."""
        return hook.history[-1].serial

    # watching calls

    def observed(
        self, hook: Hook, wrappers: list[HookImpl], others: list[HookImpl]
    ) -> tuple[list[HookImpl], list[HookImpl]]:
        """What runs in a call, with those who watch it."""
        from hotplug.hooks.monitor import observed  # only while someone watches

        return observed(self, hook, wrappers, others)

    def _watch(self, change: Callable[[], None]) -> None:
        with self.lock:
            change()
            self.version += 1
            for hook in self._hooks.values():
                hook.touch()

    def add_hookcall_monitoring(self, before: Before, after: After) -> Callable[[], None]:
        """Call ``before`` and ``after`` around every hook call; returns what ends that."""
        from hotplug.hooks.monitor import Observer  # only when someone watches

        item = Observer(before, after, is_async=self.is_async)
        self._watch(lambda: self.observers.append(item))
        return lambda: self._watch(
            lambda: self.observers.remove(item) if item in self.observers else None
        )

    def enable_tracing(self, write: Callable[[str], object] = print) -> Callable[[], None]:
        """Write a line for every hook call and its result, indented by nesting."""
        from hotplug.hooks.monitor import Trace  # only when someone watches

        trace = Trace(write)
        return self.add_hookcall_monitoring(trace.before, trace.after)

    def enable_timing(self) -> HookTimings:
        """Measure calls, time and errors of every plugin on every hook, until ``stop()``."""
        from hotplug.hooks.monitor import HookTimings  # only when someone watches

        timings = HookTimings(lambda: self._watch(lambda: self.timings.remove(timings)))
        self._watch(lambda: self.timings.append(timings))
        return timings

    # discovery

    def load_entrypoints(
        self, group: str, *, ignore_errors: bool = False, lazy: bool = False
    ) -> int:
        """Register the plugins that installed distributions offer in a group; how many.

        One that cannot be loaded is an error, and then none is registered; with
        ``ignore_errors`` it is logged and left out. With ``lazy`` nothing is imported before the
        first hook call.
        """
        from hotplug.hooks.discovery import load  # keeps importlib.metadata out of the import

        return load(self, group, ignore_errors=ignore_errors, lazy=lazy)

    def load_entrypoints_report(self, group: str) -> EntryPointLoadReport:
        """Register what can be loaded from a group, and tell what became of each entry point."""
        from hotplug.hooks.discovery import report  # keeps importlib.metadata out of the import

        return report(self, group)

    def remember_distribution(self, name: str, distribution: Distribution) -> None:
        """Note where a plugin was installed from."""
        with self.lock:
            self._distributions[name] = distribution

    def load_later(self, load: Callable[[], None]) -> None:
        """Leave the loading of plugins to the first hook call."""
        with self.lock:
            self.loading.append(load)
            for hook in self._hooks.values():
                hook.touch()

    def load_waiting(self) -> None:
        """Import what was left for the first call; the registry's lock is not held.

        Calls that come meanwhile wait, but for those of the plugins that are being imported.
        """
        with self._loading_lock:
            while self.loading and not self._is_loading:
                self._is_loading = True
                try:
                    self.loading[0]()
                finally:
                    self._is_loading = False
                    del self.loading[0]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.project!r}, {len(self._plugins)} plugins>"


def unknown_hook(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches  # only for an error: keeps the import light

    names = list(known)
    close = get_close_matches(name, names, 1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(names) or 'none'}"
    return f"hook {name!r}; {hint}"
