"""The hooks of a host, and how the implementations of its plugins come and go with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from types import CodeType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from hotplug.errors import PluginValidationError
from hotplug.hooks.aio import AsyncPluginManager
from hotplug.hooks.environment import Errors
from hotplug.hooks.manager import PluginManager
from hotplug.hooks.markers import AsyncHooks, HookimplOpts
from hotplug.hooks.modes import OWNER
from hotplug.hooks.policy import ErrorPolicy
from hotplug.hooks.scan import Found, Misplaced, marked
from hotplug.host.entering import is_own_code
from hotplug.host.owner import ENTRY, entry_builtins
from hotplug.host.resources import Place, Resource
from hotplug.host.syscalls import runs_as

if TYPE_CHECKING:
    from hotplug.hooks.caller import Caller
    from hotplug.host.life import Life
    from hotplug.host.owner import Owner

__all__ = ["HookImplementation", "Hooks", "Implementations"]

S = TypeVar("S")


class Hooks(Generic[S]):
    """The sync and the async hooks of one host."""

    def __init__(
        self,
        project: str,
        specs: object,
        policy: ErrorPolicy = "raise",
        changed: Callable[[], None] = lambda: None,
        errors: Errors = Exception,
    ) -> None:
        self.changed = changed
        """Called after a plugin's implementations have come or gone."""
        builtins = entry_builtins(ENTRY)
        self.sync: PluginManager[Any] = PluginManager(project, policy=policy)
        self.asynchronous: AsyncPluginManager[Any] = AsyncPluginManager(project, policy=policy)
        for manager in self.managers:
            manager.builtins, manager.errors = builtins, errors
        several = cast("Sequence[object]", specs if isinstance(specs, (list, tuple)) else [specs])
        for namespace in several:
            if namespace is not None:
                manager = self.asynchronous if is_for_async(namespace) else self.sync
                manager.add_hookspecs(namespace)

    @property
    def managers(self) -> list[Any]:
        return [self.sync, self.asynchronous]

    def stage(
        self,
        life: Life,
        thing: object,
        name: str,
        among: Sequence[tuple[str, Any]] | None = None,
    ) -> list[HookImplementation]:
        """Make resources of all that a plugin's object implements; they go live together."""
        try:
            found = marked(thing, self.sync.impl_attribute, HookimplOpts, among)
        except Misplaced as misplaced:
            raise PluginValidationError(life.name, str(misplaced)) from None
        if not found:
            return []
        group = Group(self, life, thing, name, found)
        try:
            for resource in group.resources:
                life.scope.add(resource)
        except BaseException:
            group.dissolve()
            raise
        return group.resources


def is_for_async(namespace: object) -> bool:
    return isinstance(namespace, type) and issubclass(namespace, AsyncHooks)


class Group:
    """What one object of a plugin implements: registered as a whole, and unregistered so."""

    def __init__(
        self, hooks: Hooks[Any], life: Life, thing: object, name: str, found: list[Found]
    ) -> None:
        self.hooks = hooks
        self.thing = thing
        self.name = name
        self.resources = [HookImplementation(life, self, item) for item in found]
        self.parts: list[tuple[Any, Implementations]] = []
        others = [item for item in found if not self.is_async(item)]
        awaited = [item for item in found if self.is_async(item)]
        for manager, items in zip(hooks.managers, (others, awaited), strict=True):
            if items:
                self.parts.append((manager, Implementations(life, items)))
        self.is_live = False

    def is_async(self, item: Found) -> bool:
        """Whether its hook is an async one; each implementation goes where its spec is."""
        return (item.record.target or item.name) in self.hooks.asynchronous.hook.__dict__

    def is_of(self, name_or_thing: object) -> bool:
        return name_or_thing is self.thing or name_or_thing == self.name

    def dissolve(self) -> None:
        for resource in self.resources:
            resource.disable()

    def join(self) -> None:
        if self.is_live:
            return
        self.is_live = True
        with ExitStack() as undo:
            for manager, part in self.parts:
                manager.register(part, name=self.name)
                undo.callback(manager.unregister, part)
            undo.pop_all()
        self.hooks.changed()

    def leave(self) -> None:
        self.is_live = False
        for manager, part in self.parts:
            manager.unregister(part)
        self.hooks.changed()


class Implementations:
    """Holds the functions that one manager gets of a plugin."""

    def __init__(self, life: Life, found: Iterable[Found]) -> None:
        self.owner = life
        for item in found:
            self.__dict__[item.name] = as_own(life, item)


def as_own(owner: Owner, item: Found) -> Callable[..., Any]:
    """A function that runs as its owner: by the stack if it is the owner's code, or by force."""
    own = is_own_code(owner, item.raw)
    function: Callable[..., Any] = item.function
    return function if own else runs_as(owner, function, fenced=False)


class HookImplementation(Resource):
    """One implementation of a hook by a plugin."""

    kind = "hook"
    waits_for_commit = True

    def __init__(self, life: Life, group: Group, item: Found) -> None:
        self.code: CodeType | None = getattr(item.raw, "__code__", None)
        super().__init__(life)
        self.group = group
        self.hook_name = item.record.target or item.name

    @property
    def callers(self) -> list[Caller]:
        """The calls that it takes part in."""
        managers = self.group.hooks.managers
        found = [manager.hook.__dict__.get(self.hook_name) for manager in managers]
        return [hook.__globals__[OWNER] for hook in found if hook is not None]

    def _find_place(self) -> Place | None:
        return super()._find_place() if self.code is None else Place(self.code, 0)

    def _activate(self) -> None:
        self.group.join()

    def _cleanup(self) -> None:
        self.group.leave()

    def describe(self) -> str:
        return f"implementation of hook {self.hook_name!r}"
