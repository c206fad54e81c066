"""The manager that applications hold: declare hooks, register plugins, call."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from hotplug.hooks.policy import ErrorPolicy
from hotplug.hooks.registry import Registry

if TYPE_CHECKING:
    from hotplug.hooks.typed import (
        CollectingCaller,
        FirstResultCaller,
        HistoricCaller,
        PipelineCaller,
        SyncHooks,
    )
    from hotplug.hooks.typed_specs import (
        CollectingHook,
        FirstResultHook,
        HistoricHook,
        PipelineHook,
    )

__all__ = ["PluginManager"]

P = ParamSpec("P")
R = TypeVar("R")
Hooks = TypeVar("Hooks", bound="SyncHooks")


class PluginManager(Registry[Hooks]):
    """Declares hooks, registers plugins, and calls them.

    >>> from hotplug import HookimplMarker, HookspecMarker
    >>> class Specs:
    ...     @HookspecMarker("greeter")
    ...     def greeting(self, name: str) -> str: ...
    >>> class Casual:
    ...     @HookimplMarker("greeter")
    ...     def greeting(self, name: str) -> str:
    ...         return f"hey {name}!"
    >>> pm = PluginManager("greeter", Specs)
    >>> pm.register(Casual(), name="casual")
    'casual'
    >>> pm.hook.greeting(name="Ada")
    ['hey Ada!']
    """

    @overload
    def __init__(
        self: PluginManager[Any],
        project: str,
        specs: ModuleType | None = None,
        *,
        policy: ErrorPolicy = "raise",
    ) -> None: ...
    @overload
    def __init__(
        self, project: str, specs: type[Hooks], *, policy: ErrorPolicy = "raise"
    ) -> None: ...
    def __init__(
        self, project: str, specs: object = None, *, policy: ErrorPolicy = "raise"
    ) -> None:
        super().__init__(project, specs, policy=policy)

    @overload
    def caller(self, spec: CollectingHook[..., P, R]) -> CollectingCaller[P, R]: ...
    @overload
    def caller(self, spec: FirstResultHook[..., P, R]) -> FirstResultCaller[P, R]: ...
    @overload
    def caller(self, spec: PipelineHook[..., P, R]) -> PipelineCaller[P, R]: ...
    @overload
    def caller(self, spec: HistoricHook[..., P, R]) -> HistoricCaller[P, R]: ...
    @overload
    def caller(self, spec: str) -> Any: ...
    def caller(self, spec: object) -> Any:
        """The hook that a declaration stands for, exactly typed; by name it is untyped."""
        return self.hook_of(spec).caller.function
