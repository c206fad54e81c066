"""One plugin on its way from one generation to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from hotplug.errors import PluginValidationError
from hotplug.errors.hosting import PluginStateError
from hotplug.hooks.signature import Misfit, accepts, location
from hotplug.host.events import DeclaredEvent
from hotplug.host.generations import Snapshot
from hotplug.host.implementations import HookImplementation
from hotplug.host.life import Child, Life
from hotplug.host.lifecycle import Operation, PluginState
from hotplug.host.loaders import GenerationLoader
from hotplug.host.owner import run_as
from hotplug.host.quitting import ERRORS, as_error
from hotplug.host.reloading.state import NotPlain, plain_copy
from hotplug.host.resources import Resource
from hotplug.host.scope import raise_together
from hotplug.host.timers import Timer

if TYPE_CHECKING:
    from hotplug.host.operations import Operations
    from hotplug.host.plugin import Plugin
    from hotplug.manifest import PluginMetadata

__all__ = ["HOLD", "STOP_FIRST", "Candidate", "Kept", "health_of"]

BESIDE, HOLD, STOP_FIRST = MANNERS = ("beside", "hold", "stop-first")
"""How a new generation takes over, as manifests say it: each asks for more than those before."""

FUNCTIONS: Final = {"check_health": 0, "export_state": 0, "import_state": 2}
"""Functions of a plugin's entrypoint that a reload calls, with how many arguments."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What it takes to have an earlier generation again, or the like of it."""

    files: Snapshot
    metadata: PluginMetadata
    has_state: bool
    state: Any
    """What that generation exported as it was replaced."""


class Candidate:
    """A plugin, the life that serves, and the one that is made ready beside it."""

    def __init__(self, operations: Operations, plugin: Plugin, because: str) -> None:
        self.operations = operations
        self.plugin = plugin
        self.because = because
        """Empty where its reload was asked for; else why it goes along."""
        if plugin.life is None:
            raise PluginStateError(f"plugin {plugin.name!r} has not been loaded")
        self.old: Life = plugin.life
        self.new: Life | None = None
        self.metadata: PluginMetadata = plugin.metadata
        self.files: Snapshot | None = None
        self.state: Any = None
        self.has_state = False
        self.took_state = False
        self.children = {*plugin.children}
        self.back_to: Kept | None = None
        self.is_stopped = False
        """Whether the old life has been stopped, so that the new one can be there at all."""

    @property
    def life(self) -> Life:
        """The life that is made ready."""
        assert self.new is not None, "its module has not been run"
        return self.new

    @property
    def starts(self) -> bool:
        """Whether it is enabled: one that is only loaded stays so."""
        return self.plugin.state is PluginState.ENABLED

    @property
    def manner(self) -> str:
        """How the new life takes over: what the one or the other manifest asks for."""
        return max(self.old.metadata.reload, self.metadata.reload, key=MANNERS.index)

    @property
    def prospect(self) -> str:
        """What is going to happen to it, in a few words."""
        old, new = self.old.metadata.version, self.metadata.version
        versions = "" if old == new else f", version {old} -> {new}"
        first = ", and the old one stops first" if self.manner == STOP_FIRST else ""
        why = f", {self.because}" if self.because else ""
        return f"it gets a fresh generation{versions}{first}{why}"

    # the stages

    def read(self) -> None:
        """Take what is on the disk now; one that only goes along has the files that it had."""
        plugin, old = self.plugin, self.old.generation
        if self.back_to is not None:
            self.files, self.metadata = self.back_to.files, self.back_to.metadata
            return
        if self.because:
            assert old is not None, "it has imported another plugin"
            self.files = old.snapshot
            return
        self.metadata = self.operations.host.read_manifest(plugin)
        if self.metadata.name != plugin.name:
            raise PluginStateError(
                f"plugin {plugin.name!r} is called {self.metadata.name!r} now\n"
                "  unload it, and load it again under its new name"
            )
        self.files = Snapshot.take(plugin.location, self.metadata.contents)

    def run(self, usable: list[Plugin]) -> None:
        """Run its module in a life of its own."""
        plugin, operations = self.plugin, self.operations
        loader = cast(GenerationLoader, operations.host.loader)
        self.new = life = Life(plugin, plugin.lives + 1, operations.host.watchers)
        life.metadata = self.metadata
        plugin.staged = life
        life.module = operations.loaded(life, partial(loader.run, life, self.files, usable))

    def check(self) -> None:
        """Find what it implements, and compare it with what the manifest and the host expect."""
        self.operations.host.stage_implementations(self.life)
        for name, count in FUNCTIONS.items():
            function = function_of(self.life, name)
            if function is not None and not takes(function, count):
                raise PluginValidationError(
                    self.plugin.name,
                    f"has a {name}() that cannot be called with {count} arguments\n"
                    f"  {location(function)}\n"
                    f"  it is called as {SHOWN[name]}",
                )

    def start(self) -> None:
        """Let it start what it wants; what it shares with all others waits for the commit."""
        life = self.life
        life.scope.open_beside(self.old.scope)
        errors = life.on_enable.run()
        if len(errors) == 1:
            raise errors[0]
        raise_together(str(life), errors, "failed in its on_enable handlers")
        for resource in life.scope:
            if self.predecessor_of(resource) and not can_take_over(resource):
                raise PluginStateError(
                    f"{resource.describe()} of plugin {self.plugin.name!r} is exclusive: "
                    f"{resource.exclusive!r} is held by generation {self.old.number}\n"
                    f"  {resource.where}\n"
                    f"  let {type(resource).__name__} have take_over(self, before)"
                )

    def ask_health(self) -> None:
        """Ask the plugin whether it is well; raises if not."""
        check = function_of(self.life, "check_health")
        said = "" if check is None else said_of(self.life.call(check))
        if said:
            raise PluginStateError(f"check_health() of plugin {self.plugin.name!r} {said}")

    def compile(self) -> None:
        """Refuse code that could not even be compiled, before anything is stopped for it."""
        old, files = self.old.generation, self.files
        assert old is not None and files is not None, "they have been read"  # noqa: PT018
        for name, file in files.modules.items():
            canonical = f"{old.canonical}.{name}" if name else old.canonical
            if file.is_source and (name == self.metadata.entrypoint or canonical in old.modules):
                compile(files.read(file.path), file.path, "exec", dont_inherit=True)

    def export_state(self) -> None:
        """Keep what the old life has to hand over."""
        give = function_of(self.old, "export_state")
        if give is None or self.has_state or self.is_stopped or not self.starts:
            return
        exported: object = self.old.call(give)
        try:
            self.state = plain_copy(exported, "export_state()")
        except NotPlain as error:
            raise NotPlain(f"{error}\n  {location(give)}") from None
        self.has_state = True

    def hand_over_state(self) -> None:
        """Give the new life what the old one has exported."""
        take = function_of(self.life, "import_state")
        if take is None:
            return
        if self.back_to is None:
            self.export_state()
        state = self if self.back_to is None else self.back_to
        version = (self.old if self.back_to is None else self.back_to).metadata.version
        if state.has_state:
            self.life.call(take, plain_copy(state.state), version)
            self.took_state = True

    def stop_first(self) -> list[BaseException]:
        """Stop the old life before the new one runs; returns what went wrong.

        What others call stays where it is until the commit, and nobody comes to it.
        """
        old = self.old
        self.is_stopped = True
        old.stopping.set()
        errors = [*old.on_disable.run()]
        while ending := [each for each in old.scope if not stays(each)]:
            for resource in reversed(ending):
                try:
                    resource.disable()
                except BaseException as error:
                    errors.append(error)
                old.scope.drop(resource)
        return [*errors, *old.on_unload.run()]

    @property
    def kept(self) -> Kept | None:
        """What it takes to have the old life again."""
        old = self.old.generation
        if old is None:
            return None
        return Kept(old.snapshot, self.old.metadata, self.has_state, self.state)

    def keep(self) -> None:
        """Keep what it takes to go back to the old life's code."""
        self.plugin.replaced = self.kept or self.plugin.replaced

    def give_up(self) -> list[BaseException]:
        """Give back all that the attempt has got; the old life has what it had."""
        plugin, life = self.plugin, self.new
        plugin.staged = None
        errors: list[BaseException] = []
        if life is not None:
            self.keep_children(life)
            errors += [*life.stop(), *life.end()]
            life.module = None
        for child in plugin.children:
            if child not in self.children:
                try:
                    run_as(None, self.operations.carry_out, child, Operation.UNLOAD)
                except Exception as error:
                    errors.append(error)
        self.new = None
        return errors

    # what the two lives have in common

    def keep_children(self, ending: Life) -> None:
        """Let children run on that the other life holds as well."""
        staying = self.old if ending is self.new else self.new
        others = () if staying is None else staying.scope
        kept = {item.child for item in others if isinstance(item, Child)}
        for item in ending.scope:
            if isinstance(item, Child) and item.child in kept:
                ending.scope.drop(item)

    def predecessor_of(self, resource: Resource) -> Resource | None:
        """What the old life holds that is the same, of which there can be only one."""
        if not resource.exclusive:
            return None
        same = (each for each in self.old.scope if each.exclusive == resource.exclusive)
        return next(same, None)

    def groups(self, life: Life) -> list[Any]:
        """What objects of a life implement hooks, each with all of them."""
        items = (item for item in life.scope if isinstance(item, HookImplementation))
        return [*dict.fromkeys(item.group for item in items)]


SHOWN: Final = {
    "check_health": "check_health()",
    "export_state": "export_state()",
    "import_state": "import_state(data, from_version)",
}


def function_of(life: Life, name: str) -> Callable[..., Any] | None:
    """A function of a plugin's entrypoint, if it has one of this name."""
    found = vars(life.module).get(name) if life.module is not None else None
    return found if callable(found) else None


def said_of(answer: object) -> str:
    """What is wrong, as an answer of `check_health` says it."""
    if answer is None or answer is True:
        return ""
    return f"says that it is not well{'' if answer is False else f': {answer}'}"


def health_of(life: Life) -> str:
    """What is wrong with a life that serves; empty if it is well."""
    check = function_of(life, "check_health")
    if check is None:
        return ""
    try:
        said = said_of(life.call(check))
    except ERRORS as raised:
        error = as_error(raised, str(life))
        said = f"raises {type(error).__name__}: {error}"
    return f"check_health() of plugin {life.name!r} {said}" if said else ""


def takes(function: Callable[..., Any], count: int) -> bool:
    try:
        wanted = accepts(function)
    except Misfit:
        return True
    required = [name for name in wanted.positional if name not in wanted.defaults]
    by_name = [name for name in wanted.keyword_only if name not in wanted.defaults]
    enough = wanted.any_positional is not None or len(wanted.positional) >= count
    return enough and len(required) <= count and not by_name


def stays(resource: Resource) -> bool:
    """Whether it is exchanged in the commit, also where the old life has been stopped."""
    is_called = resource.waits_for_commit and not isinstance(resource, Timer)
    return is_called or isinstance(resource, (DeclaredEvent, Child))


def can_take_over(resource: Resource) -> bool:
    return type(resource).take_over is not Resource.take_over
