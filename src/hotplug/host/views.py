"""The host as one life of a plugin sees it: when that life ends, so does the view."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Final, cast

from hotplug.errors.hosting import NotAllowed
from hotplug.hooks.registry import Registry
from hotplug.host.resources import Held

if TYPE_CHECKING:
    from hotplug.host.host import PluginHost
    from hotplug.host.life import Life
    from hotplug.host.plugin import Plugin

__all__ = ["HostView"]

REGISTRY: Final[Any] = Registry


class HostView:
    """A host whose hooks can be called and implemented until the life ends."""

    def __init__(self, host: PluginHost[Any], life: Life) -> None:
        self._host = host
        self._life = life
        self.hooks = ManagerView(host, life, host.hooks)
        self.async_hooks = ManagerView(host, life, host.async_hooks)

    def load_plugin(self, *args: Any, **kwargs: Any) -> Any:
        self._life.check("load a plugin")
        return self._host.load_plugin(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)

    def __eq__(self, other: object) -> bool:
        return other is self._host or (isinstance(other, HostView) and other._host is self._host)

    def __hash__(self) -> int:
        return hash(self._host)

    def __contains__(self, name: object) -> bool:
        return name in self._host

    def __len__(self) -> int:
        return len(self._host)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Plugin]:
        return iter(self._host)

    def __repr__(self) -> str:
        return repr(self._host)

    def __str__(self) -> str:
        return str(self._host)


class ManagerView:
    """A manager whose registrations belong to a plugin."""

    def __init__(self, host: PluginHost[Any], life: Life, manager: Any) -> None:
        self._host = host
        self._life = life
        self._manager = manager
        self.hook = RelayView(life, manager.hook)

    def register(self, plugin: object, name: str | None = None) -> str:
        """Let an object of the plugin implement hooks, as long as the plugin is enabled."""
        self._life.check("implement a hook")
        return self._host.implement(self._life, plugin, name)

    async def register_async(self, plugin: object, name: str | None = None) -> str:
        replay = self._manager.replay
        name = self.register(plugin, name)
        await replay()
        return name

    # As a manager does it, but each belongs to the plugin.
    register_all = REGISTRY.register_all
    all_or_none = REGISTRY.all_or_none

    def unregister(self, name_or_plugin: object) -> object | None:
        """Take an object of the plugin out again."""
        return self._host.withdraw(self._life, name_or_plugin)

    def add_hookspecs(self, namespace: object) -> None:
        raise NotAllowed(
            f"plugin {self._life.name!r} cannot declare hooks: the application does, "
            "with PluginHost(specs=...)"
        )

    add_extension_points = add_hookspecs

    def set_blocked(self, name: str) -> None:
        raise NotAllowed(
            f"plugin {self._life.name!r} cannot block others: only the application can"
        )

    unblock = set_blocked

    def load_entrypoints(self, group: str, **options: object) -> None:
        raise NotAllowed(
            f"plugin {self._life.name!r} cannot load entry points: only the application can"
        )

    load_entrypoints_report = load_entrypoints

    def caller(self, spec: object) -> Any:
        return getattr(self.hook, self._manager.hook_of(spec).name)

    def add_hookcall_monitoring(self, *functions: Callable[..., object]) -> Callable[[], None]:
        return self._as_long_as_it_runs(self._manager.add_hookcall_monitoring, *functions)[1]

    def enable_tracing(self, *write: Callable[[str], object]) -> Callable[[], None]:
        return self._as_long_as_it_runs(self._manager.enable_tracing, *write)[1]

    def enable_timing(self) -> Any:
        return self._as_long_as_it_runs(self._manager.enable_timing)[0]

    def _as_long_as_it_runs(
        self, begin: Callable[..., Any], *functions: object
    ) -> tuple[Any, Callable[[], None]]:
        """Watch the hooks until the plugin stops."""
        self._life.check("watch hook calls")
        watching = begin(*functions)
        held = Held(self._life, getattr(watching, "stop", watching), "monitoring")
        try:
            self._life.scope.add(held)
        except BaseException:
            held.disable()
            raise
        return watching, held.disable

    def __getattr__(self, name: str) -> Any:
        return getattr(self._manager, name)

    def __repr__(self) -> str:
        return repr(self._manager)


class RelayView:
    """The hooks of a manager, each of which asks whether the life goes on before it is called."""

    def __init__(self, life: Life, relay: object) -> None:
        self._life = life
        self._relay = relay

    def __getattr__(self, name: str) -> Any:
        hook = fenced(self._life, getattr(self._relay, name))
        self.__dict__[name] = hook
        return hook

    def __repr__(self) -> str:
        return repr(self._relay)


def fenced(life: Life, hook: Any) -> Callable[..., Any]:
    """A hook that a life can call until it ends, with all that hangs on it."""
    wish = f"call hook {hook.name!r}"
    scope = life.scope

    def call(*args: Any, **kwargs: Any) -> Any:
        if scope.is_closed:
            life.check(wish)
        return hook(*args, **kwargs)

    update_wrapper(call, hook)
    attributes = cast("dict[str, Any]", vars(hook))
    for name, value in attributes.items():
        if callable(value) and name != "__wrapped__":
            call.__dict__[name] = fenced_method(life, wish, value)
    return call


def fenced_method(life: Life, wish: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        life.check(wish)
        return method(*args, **kwargs)

    return update_wrapper(call, method)
