"""Settings that change while their plugin runs: it is told, or starts anew with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from hotplug.errors.hosting import NotAllowed, PluginErrors, PluginStateError
from hotplug.hooks.looking import COROUTINE
from hotplug.hooks.signature import is_kind, location
from hotplug.host.life import Life
from hotplug.host.lifecycle import RUNNING, Operation, PluginState
from hotplug.host.owner import current_owner
from hotplug.host.quitting import ERRORS, as_error
from hotplug.host.settings.declaring import NOWHERE, Given
from hotplug.host.settings.problems import Said, SettingsError
from hotplug.host.settings.shapes import Anything
from hotplug.host.watching import log_error
from hotplug.manifest.checking import is_deeper
from hotplug.manifest.documents import DEEPEST, is_table
from hotplug.manifest.problems import Problem

if TYPE_CHECKING:
    from hotplug.host.operations import Operations
    from hotplug.host.plugin import Plugin

__all__ = ["Change", "SettingsChanged"]

Handler = TypeVar("Handler", bound=Callable[[Any, Any], object])


class SettingsChanged:
    """What a plugin wants done when its settings are others; only it may subscribe.

    >>> @get_current_plugin().on_settings_changed.on  # doctest: +SKIP
    ... def changed(old: Shop, new: Shop) -> None: ...
    """

    def __init__(self, life: Life) -> None:
        self._life = life
        self._handlers: tuple[Callable[[Any, Any], object], ...] = ()

    def on(self, handler: Handler) -> Handler:
        """Call a function with the old settings and the new ones; also a decorator."""
        life = self._life
        if current_owner() is not life:
            raise NotAllowed(f"only plugin {life.name!r} itself may hear of its settings")
        life.check("hear of its settings")
        if not callable(handler):
            raise TypeError(f"a handler of on_settings_changed is a function, not {handler!r}")
        if is_kind(handler, COROUTINE):
            raise TypeError(
                f"plugin {life.name!r} lets a coroutine function handle its on_settings_changed, "
                f"which awaits nothing\n  {location(handler)}\n  write a plain function"
            )
        self._handlers = (*self._handlers, handler)
        return handler

    def __iadd__(self, handler: Callable[[Any, Any], object]) -> SettingsChanged:
        self.on(handler)
        return self

    def __len__(self) -> int:
        return len(self._handlers)

    def tell(self, given: Given[Any], new: Given[Any]) -> list[BaseException]:
        """Call all as the plugin, each with objects of its own; returns what they raised."""
        errors: list[BaseException] = []
        for handler in self._handlers:
            try:
                self._life.call(handler, given.made(), new.made())
            except ERRORS as error:
                errors.append(as_error(error, str(self._life)))
        return errors

    def __repr__(self) -> str:
        return f"<on_settings_changed of {self._life}, {len(self)} handlers>"


class Change:
    """Other settings for one plugin, refused whole if anything is wrong with them."""

    def __init__(self, operations: Operations, plugin: Plugin, values: object) -> None:
        self.operations = operations
        self.plugin = plugin
        self.project = operations.host.project
        self.values = self.copied(values)
        self.before = self.project.configured.get(plugin.name)

    def copied(self, values: object) -> Mapping[str, Any]:
        if not is_table(values):
            raise TypeError(f"settings are a mapping of keys to values, not {values!r}")
        if is_deeper(values, DEEPEST):
            self.refuse(f"settings are nested no more than {DEEPEST} levels deep")
        copy: Mapping[str, Any] = Anything().check(values, (), NOWHERE)
        return copy

    def refuse(self, message: str) -> NoReturn:
        raise SettingsError(self.plugin.name, [Problem(message)])

    def carry_out(self) -> None:
        """Check, tell the plugin, and start it anew where it has nothing that listens."""
        plugin = self.plugin
        with self.operations.turns.take(lambda: (plugin,)):
            if plugin.step is not None:
                raise PluginStateError(
                    f"plugin {plugin.name!r} can't get other settings now; the host is about to "
                    f"{plugin.step.value}"
                )
            new = self.accepted()
            self.before = self.project.configured.get(plugin.name)
            self.project.configured[plugin.name] = self.values
            is_taken = self.is_taken(new)
        if not is_taken:
            self.start_anew()

    def accepted(self) -> Given[Any] | None:
        """What the plugin will be given; None if it has not said yet what it takes."""
        life = self.plugin.life
        if life is None:
            return None
        given: Given[Any] | None = life.settings
        if given is not None:
            said = Said.by_application(self.values, self.project)
            return life.call(given.declaration.read, said)
        if self.values:
            self.refuse("it declares none, with settings(...)")
        return None

    def is_taken(self, new: Given[Any] | None) -> bool:
        """Whether the plugin goes by the new settings already, or will as soon as it starts."""
        plugin, life = self.plugin, self.plugin.life
        if life is None or new is None:
            return plugin.state is not PluginState.ERROR or plugin.wish is None
        old, life.settings = life.settings, new
        if plugin.state not in RUNNING or life.call(is_same, old, new):
            return True
        changed: SettingsChanged | None = life.settings_changed
        if not changed:
            return False
        errors = changed.tell(old, new)
        for error in errors:
            message = (
                f"plugin {plugin.name!r} can't change its settings while it runs, and restarts"
            )
            log_error(message, error)
        return not errors

    def start_anew(self) -> None:
        """Stop the plugin and start it; if it can't with the new settings, then with the old."""
        plugin = self.plugin
        wish = plugin.wish if plugin.state is PluginState.ERROR else plugin.state
        up = Operation.LOAD if wish is PluginState.LOADED else Operation.ENABLE
        ran = plugin.state in RUNNING
        try:
            self.operations.carry_out(plugin, Operation.DISABLE)
        except PluginErrors as errors:
            log_error(f"plugin {plugin.name!r} did not stop cleanly to get other settings", errors)
        try:
            self.operations.carry_out(plugin, up)
        except Exception as error:
            if ran or isinstance(error, SettingsError):
                self.go_back()
            if ran:
                self.start_as_before(up)
            raise

    def go_back(self) -> None:
        configured = self.project.configured
        if configured.get(self.plugin.name) is not self.values:
            return  # someone else has had it configured meanwhile
        if self.before is None:
            del configured[self.plugin.name]
        else:
            configured[self.plugin.name] = self.before

    def start_as_before(self, up: Operation) -> None:
        try:
            self.operations.carry_out(self.plugin, up)
        except Exception as error:
            log_error(
                f"plugin {self.plugin.name!r} can't start with its old settings either", error
            )


def is_same(old: Given[Any], new: Given[Any]) -> bool:
    try:
        return bool(old.made() == new.made())
    except Exception:  # the classes are the plugin's
        return False
