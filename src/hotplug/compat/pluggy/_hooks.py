"""The hooks as a program holds them, and the place where it finds them."""

# The names that pluggy's users reach for begin with underscores.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast, final

from hotplug.compat.pluggy._callers import HookExec
from hotplug.compat.pluggy._marks import (
    HookImpl,
    HookimplMarker,
    HookimplOpts,
    HookSpec,
    HookspecMarker,
    HookspecOpts,
    _HookImplFunction,
    _Namespace,
    _Plugin,
    normalize_hookimpl_opts,
    varnames,
)

if TYPE_CHECKING:
    from hotplug.compat.pluggy._kernel import KernelCaller

__all__ = [
    "HookCaller",
    "HookImpl",
    "HookRelay",
    "HookSpec",
    "HookimplMarker",
    "HookimplOpts",
    "HookspecMarker",
    "HookspecOpts",
    "_HookImplFunction",
    "_Namespace",
    "_Plugin",
    "normalize_hookimpl_opts",
    "varnames",
]

CallHistory: TypeAlias = list[tuple[Mapping[str, object], Callable[[Any], None] | None]]


@final
class HookRelay:
    """Holds the hooks of a manager as attributes."""

    __slots__ = ("__dict__",)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> HookCaller: ...


_HookRelay = HookRelay


class HookCaller(partial[Any]):
    """A hook. It is a partial of the kernel's function: no ``__call__`` in Python is as fast."""

    __slots__ = ("_call_history", "_caller", "_hookexec", "name", "spec")

    name: str
    spec: HookSpec | None
    _hookexec: HookExec
    _call_history: CallHistory | None
    _caller: KernelCaller

    def __new__(
        cls,
        name: str,
        hook_execute: HookExec,
        specmodule_or_class: _Namespace | None = None,
        spec_opts: HookspecOpts | None = None,
    ) -> HookCaller:
        spec = None
        if specmodule_or_class is not None:
            assert spec_opts is not None
            spec = HookSpec(specmodule_or_class, name, spec_opts)
        shared: Any = getattr(getattr(hook_execute, "__self__", None), "_surroundings", None)
        if shared is None:
            # The kernel is loaded with the first hook: a program that calls none goes without.
            from hotplug.compat.pluggy._kernel import new_surroundings

            shared = new_surroundings()
        is_own = hook_execute == shared.hookexec
        caller = shared.new_caller(name, spec, None if is_own else hook_execute)
        self = super().__new__(cls, caller.function)
        self.name = name
        self.spec = spec
        self._hookexec = shared.hookexec if is_own else hook_execute
        self._call_history = [] if caller.is_historic else None
        self._caller = caller
        return self

    def has_spec(self) -> bool:
        """Whether the hook is declared."""
        return self.spec is not None

    def is_historic(self) -> bool:
        """Whether its calls are remembered for plugins that come later."""
        return self._call_history is not None

    def set_specification(self, specmodule_or_class: _Namespace, spec_opts: HookspecOpts) -> None:
        """Declare the hook."""
        if self.spec is not None:
            raise ValueError(
                f"Hook {self.spec.name!r} is already registered "
                f"within namespace {self.spec.namespace}"
            )
        self.spec = HookSpec(specmodule_or_class, self.name, spec_opts)
        if spec_opts.get("historic"):
            self._call_history = []
        self._caller.declare(self.spec)

    def get_hookimpls(self) -> list[HookImpl]:
        """All implementations; the last one runs first."""
        return self._caller.listed()

    @property
    def _hookimpls(self) -> list[HookImpl]:
        from hotplug.compat.pluggy._implementations import Implementations  # few programs look

        return Implementations(self, self._caller.listed())

    @_hookimpls.setter
    def _hookimpls(self, items: Sequence[HookImpl]) -> None:
        caller, given = self._caller, [*items]
        with caller.environment.lock:
            for item in caller.listed():
                caller.remove(item.plugin)
            # What comes later in the list came later, but for what tries to be last.
            late = [item for item in given if item.trylast]
            for item in (*reversed(late), *(item for item in given if not item.trylast)):
                self._add_hookimpl(item)

    def _add_hookimpl(self, hookimpl: HookImpl) -> None:
        self._caller.environment.has_strays = True
        self._caller.add(hookimpl)

    def _remove_plugin(self, plugin: _Plugin) -> None:
        if not self._caller.remove(plugin):
            raise ValueError(f"plugin {plugin!r} not found")

    def call_historic(
        self,
        result_callback: Callable[[Any], None] | None = None,
        kwargs: Mapping[str, object] | None = None,
    ) -> None:
        """Call the plugins that are there, and later those that come.

        ``result_callback`` is told each result that is not None.
        """
        assert self._call_history is not None, "only a historic hook has a history"
        kwargs = self._caller.complete(kwargs or {})
        self._call_history.append((kwargs, result_callback))
        results = self._caller.run(kwargs)
        if result_callback is not None and isinstance(results, list):
            for result in cast("list[object]", results):
                result_callback(result)

    def _maybe_apply_history(self, method: HookImpl) -> None:
        for kwargs, result_callback in self._call_history or ():
            results = self._caller.run_only(method, kwargs)
            if results and result_callback is not None:
                assert isinstance(results, list), "who executes calls has to give all results"
                result_callback(results[0])

    def call_extra(
        self, methods: Sequence[Callable[..., object]], kwargs: Mapping[str, object]
    ) -> Any:
        """Call the hook with some more functions, just this once."""
        assert not self.is_historic(), "a historic hook takes no extra functions"
        methods = [*methods]
        if not methods:
            return self(**kwargs)
        return self._caller.run_with(methods, self._caller.complete(kwargs))

    if sys.version_info >= (3, 13):  # there, partials in a class body are to become methods

        def __get__(self, instance: object, owner: type | None = None) -> HookCaller:
            return self

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"


_HookCaller = HookCaller


class _SubsetHookCaller(HookCaller):
    """The same hook without some plugins. Few are called often: only these get a function."""

    __slots__ = ("_state",)

    _state: Subset

    def __new__(cls, orig: HookCaller, remove_plugins: AbstractSet[_Plugin]) -> _SubsetHookCaller:
        state = Subset()
        self = partial.__new__(cls, call_without, state)
        state.turns = orig._caller.first_calls
        state.orig = orig
        state.removed = remove_plugins
        state.view = None
        self.name = orig.name
        self._hookexec = orig._hookexec
        self._state = state
        return self

    @property
    def _orig(self) -> HookCaller:
        return self._state.orig

    @property
    def _remove_plugins(self) -> AbstractSet[_Plugin]:
        return self._state.removed

    @property  # type: ignore[misc]
    def _hookimpls(self) -> list[HookImpl]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._caller.listed()

    @property
    def _caller(self) -> KernelCaller:  # type: ignore[override]
        return self._state.caller()

    @property
    def spec(self) -> HookSpec | None:  # type: ignore[override]
        return self._state.orig.spec

    @property
    def _call_history(self) -> CallHistory | None:  # type: ignore[override]
        return self._state.orig._call_history


class Subset:
    """Which hook, without whom, and how many calls still do without a function of their own."""

    __slots__ = ("orig", "removed", "turns", "view")

    orig: HookCaller
    removed: AbstractSet[_Plugin]
    turns: int
    view: KernelCaller | None

    def caller(self) -> KernelCaller:
        if self.view is None:
            self.view = self.orig._caller.view(excluded=frozenset(self.removed))
        return self.view


def call_without(subset: Subset, *args: Any, **kwargs: Any) -> Any:
    """A call of a hook without some plugins; the first ones do without a function."""
    __tracebackhide__ = True
    if subset.turns and not args:
        caller = subset.orig._caller
        if caller.first_turns and kwargs.keys() >= caller.hook.argument_names:
            subset.turns -= 1
            try:
                return caller.run_without(subset.removed, kwargs)
            except BaseException as error:
                caller.trim(error)
                raise
    return (subset.view or subset.caller()).function(*args, **kwargs)
