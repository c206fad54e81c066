"""Who is registered, for which hooks: one implementation for the sync and the async manager.

Every change is checked first and then committed under one lock, over all hooks it touches: no
call sees half a plugin. No code of a plugin runs while the lock is held.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from types import MethodType, ModuleType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from hotplug.errors import HookSpecError, PluginValidationError, RegistrationError
from hotplug.hooks.declaring import declared
from hotplug.hooks.history import History, Replay
from hotplug.hooks.hook import Hook
from hotplug.hooks.hookcaller import HookCaller
from hotplug.hooks.looking import (
    class_name,
    is_a,
    is_class,
    mro,
    place_of,
    shown,
    static_dict,
)
from hotplug.hooks.lookup import Registered, unknown_hook
from hotplug.hooks.markers import AsyncHooks, HookimplOpts, HookspecOpts
from hotplug.hooks.order import Cycle, in_order
from hotplug.hooks.policy import ErrorPolicy
from hotplug.hooks.records import HookImpl
from hotplug.hooks.scan import Found, Misplaced, hint_of_foreign_marks, marked, record_on
from hotplug.hooks.signature import location
from hotplug.hooks.validate import contribution_to

if TYPE_CHECKING:
    from importlib.metadata import Distribution

    from hotplug.hooks.discovery import EntryPointLoadReport
    from hotplug.hooks.monitor import After, Before, HookTimings, Watch
    from hotplug.hooks.subclasses import PluginBase

__all__ = ["Registry"]

S = TypeVar("S")


class Registry(History[S]):
    """Declares and registers: what `PluginManager` and `AsyncPluginManager` have in common."""

    def __init__(
        self, project: str, specs: object = None, *, policy: ErrorPolicy = "raise"
    ) -> None:
        super().__init__(project, policy)
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
            self._commit_awaited(awaited)  # before anyone can call the hooks
            for hook in hooks:
                self._hooks[hook.name] = hook
                self.hook.__dict__[hook.name] = hook.caller.function

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
        items = [
            HookImpl(hook, name, plugin, MethodType(values[at], plugin), contribution)
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
        if type(record_on(thing, f"{self.project}_{kind}")) is record:
            hint = (
                "it is itself a marked function; hand in what holds it: a module, class or object"
            )
        else:
            hint = hint_of_foreign_marks(thing, kind, record, self.project) or (
                f"mark its functions with @{marker}, made for project {self.project!r}"
            )
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

    def _checked(
        self, plugin: object, name: str, found: Iterable[Found], *, is_alone: bool = True
    ) -> Registered:
        # Where several come at once, who brings them looks at the order.
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
        if to_order and is_alone:
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
            there = hook.wrappers if is_wrapper else hook.all_implementations()
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

    # watching calls

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

        timings = HookTimings(lambda: self.unwatch_implementations(timings))
        self.watch_implementations(timings)
        return timings

    def watch_implementations(self, watch: Watch) -> None:
        """Let something stand around every implementation, in the calls that begin from now on."""
        self._watch(lambda: self.watches.append(watch))

    def unwatch_implementations(self, watch: Watch) -> None:
        """End that."""
        self._watch(lambda: self.watches.remove(watch) if watch in self.watches else None)

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
