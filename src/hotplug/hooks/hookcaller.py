"""What an application holds as ``pm.hook.greeting``: a function, with all that a hook can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import CodeType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Final, cast
from weakref import ref

from hotplug.errors import HookCallError
from hotplug.hooks.caller import Caller, at_gates_of, built
from hotplug.hooks.entry import awaiting, interpreted, named, refused
from hotplug.hooks.history import HistoricCall
from hotplug.hooks.markers import HookimplOpts
from hotplug.hooks.modes import Mode
from hotplug.hooks.plan import ExtraPiece, picking
from hotplug.hooks.policy import ErrorPolicy, checked
from hotplug.hooks.records import Contribution, Fit, HookImpl
from hotplug.hooks.scan import Found, record_on
from hotplug.hooks.validate import contribution_to

if TYPE_CHECKING:
    from hotplug.hooks.explain import Explanation
    from hotplug.hooks.gate import Later
    from hotplug.hooks.hook import Hook
    from hotplug.hooks.registry import Registry

__all__ = ["HookCaller"]

PUBLIC: Final = (
    "call_extra",
    "call_historic",
    "explain",
    "get_hookimpls",
    "with_policy",
    "without",
)
UNMARKED: Final = HookimplOpts()


class HookCaller(Caller):
    """A hook of a `PluginManager`, or a view of it; its public methods hang on ``function``."""

    __slots__ = ("extras_function", "registry")

    def __init__(self, hook: Hook, registry: Registry[Any], **options: Any) -> None:
        self.registry = registry
        self.extras_function: Callable[..., Any] | None = None
        super().__init__(hook, registry, **options)

    def first_code(self) -> CodeType:
        code = awaiting.__code__ if self.hook.is_async else interpreted.__code__
        if self.mode is Mode.HISTORIC and not self.leading:
            code = refused.__code__
        return named(code, self.hook.name)

    def dress(self) -> None:
        """Make the function look like the hook, and hang the public methods on it."""
        function, hook = self.function, self.hook
        names = [*PUBLIC]
        if hook.mode is Mode.HISTORIC:
            names.append("clear_history")
        if hook.mode is Mode.COLLECTING:
            names.append("collect_with_plugins")
        function.__dict__.update({name: getattr(self, name) for name in names}, name=hook.name)
        spec: Any = hook.spec
        function.__doc__ = spec.__doc__
        function.__qualname__ = f"{self.registry.project}.{hook.name}"
        if isinstance(spec, FunctionType):
            own = spec.__code__.co_varnames[:1] == hook.arguments[:1]
            # What inspect.signature and help() show: the declaration without self.
            function.__dict__["__wrapped__"] = spec if own else MethodType(spec, hook)

    # calling in other ways

    def collect_with_plugins(self, *args: Any, **kwargs: Any) -> Any:
        """The results, each with the name of the plugin that gave it.

        >>> pm.hook.greeting.collect_with_plugins(name="Ada")  # doctest: +SKIP
        [PluginResult(plugin_name='casual', value='hey Ada!')]
        """
        call = self.relative("named", mode=Mode.NAMED).function
        try:
            return call(*args, **kwargs)
        except BaseException as error:
            leave_frame(error)
            raise

    def call_extra(
        self, functions: Sequence[Callable[..., object]], kwargs: Mapping[str, object]
    ) -> Any:
        """Call the hook with these functions taking part, just this once.

        They run after registered implementations of the same priority; their marker options
        count as if they were registered.
        """
        call = self.extras_function or self.with_extras()
        extras, attribute = self.hook.extras, self.registry.impl_attribute
        hook = self.hook
        # Neither ``call_next`` nor a task group takes extras along: those calls are built for once.
        takes_extras = not hook.is_async or not (hook.wrappers or hook.opts.concurrent)
        pieces: list[ExtraPiece] = []
        several: Sequence[Callable[..., object]] = (
            functions if isinstance(functions, (list, tuple)) else tuple(functions)
        )
        for function in several:
            known = extras.get(id(function))
            # A plain function that was given before, and is as it was, with its mark or without.
            if (
                known is not None
                and takes_extras
                and known[0]() is function
                and known[1] is getattr(function, attribute, UNMARKED)
                and known[2] is getattr(function, "__code__", None)
            ):
                pieces.append((function, known[3]))
                continue
            found = self.plain_pieces(several)
            if found is None or not takes_extras:
                call = self.once(several)
            else:
                pieces = found
            break
        try:
            return call(pieces, **kwargs)
        except BaseException as error:
            leave_frame(error)
            raise

    def with_extras(self) -> Callable[..., Any]:
        if self.hook.mode is Mode.HISTORIC:
            raise HookCallError(f"hook {self.hook.name!r} is historic and takes no extra functions")
        self.extras_function = self.relative("extras", extras=True).function
        return self.extras_function

    def plain_pieces(self, functions: Sequence[Callable[..., object]]) -> list[ExtraPiece] | None:
        """What the call's loop over extras takes; None if their options ask for more."""
        pieces: list[ExtraPiece] = []
        for function in functions:
            contribution = self.extra_contribution(function)
            if contribution.is_special:
                return None
            fit = contribution.fit
            if type(function) is FunctionType and not fit.keywords:
                self.remember_extra(function, fit)
            pieces.append(picking(function, fit, self.hook.arguments))
        return pieces

    def remember_extra(self, function: FunctionType, fit: Fit) -> None:
        extras, key = self.hook.extras, id(function)
        forget = ref(function, lambda _: extras.pop(key, None))
        record = getattr(function, self.registry.impl_attribute, UNMARKED)
        extras[key] = (forget, record, function.__code__, fit.take)

    def extra_contribution(self, function: Callable[..., object]) -> Contribution:
        is_method = type(function) is MethodType
        raw: Any = cast(Any, function).__func__ if is_method else function
        record = record_on(raw, self.registry.impl_attribute)
        if not isinstance(record, HookimplOpts):
            record = UNMARKED
        found = Found(self.hook.name, function, record, is_method, raw)
        return contribution_to(self.hook, found, "call_extra")

    def extra(self, function: Callable[..., object]) -> HookImpl:
        contribution = self.extra_contribution(function)
        return HookImpl(self.hook.name, "", None, function, contribution)

    def once(self, functions: Sequence[Callable[..., object]]) -> Callable[..., Any]:
        """A call in which these take part with all their options; its first argument is dropped."""
        if self.hook.gates:

            def again(**kwargs: Any) -> Any:
                return self.once(functions)(None, **kwargs)

            late = self.waiting(again)
            if late is not None:
                waits = late
                return lambda *_, **kwargs: waits((), kwargs)
        if self.registry.loading or self.registry.first_uses:
            self.registry.get_ready(self.hook.name)
        with self.registry.lock:
            plan = self.plan(tuple(map(self.extra, functions)))
        if not self.hook.is_async:
            names = {**self.names, "_plan": plan}
            function = FunctionType(self.stub, names, self.hook.name)
        else:
            function = built(plan, self.title)

        def call(_: object, **kwargs: Any) -> Any:
            return function(**kwargs)

        return call

    def call_historic(
        self,
        kwargs: Mapping[str, object] | None = None,
        result_callback: Callable[[Any], object] | None = None,
    ) -> Any:
        """Call every implementation, now those that are there and later those that come.

        ``result_callback`` is told each result that is not None.
        """
        hook, registry = self.hook, self.registry
        if hook.mode is not Mode.HISTORIC:
            raise HookCallError(f"hook {hook.name!r} is not historic; call it plainly")
        given = {} if kwargs is None else dict(kwargs)
        if given.keys() != hook.argument_names:
            hook.bind((), given)  # wrong arguments are refused before anything is remembered
        relative = self.relatives.get("historic") or self.relative("historic", mode=Mode.HISTORIC)
        if self.hook.gates and (late := self.waiting(self.call_historic)):
            return late((kwargs, result_callback), {})
        if not relative.live:
            relative.refresh()  # what is lazily loaded is loaded without the lock
        with registry.lock:
            hook.history.append(HistoricCall(next(registry.serials), given, result_callback))
            if hook.opts.history is not None:
                del hook.history[: -hook.opts.history]
            call = relative.frozen or relative.snapshot()
        try:
            if hook.is_async:
                return registry.historic(call, result_callback, given)
            return call(result_callback, **given)
        except BaseException as error:
            leave_frame(error)
            raise

    def waiting(self, then: Callable[..., Any]) -> Later | None:
        """Wait at the gates; what waits for them instead, where the hook is an async one."""
        passing = at_gates_of(self)
        if passing is None or not hasattr(passing, "gate"):
            return None
        late: Later = passing
        late.then = then
        return late

    def snapshot(self) -> Callable[..., Any]:
        """The call as it is at this moment, whatever is registered later."""
        if self.hook.gates:
            return self.function  # which does what they say
        self.refresh()
        if self.frozen is None:
            function = self.function
            names = {**self.names}
            self.frozen = FunctionType(
                function.__code__, names, self.hook.name, function.__defaults__
            )
            self.frozen.__kwdefaults__ = function.__kwdefaults__
        return self.frozen

    def clear_history(self) -> None:
        """Forget the calls so far; plugins registered from now on will not see them."""
        with self.registry.lock:
            self.hook.history.clear()

    def refuse_plain_call(self) -> None:
        raise HookCallError(
            f"hook {self.hook.name!r} is historic; "
            f"call it with .call_historic(kwargs={{...}}), so that later plugins see the call"
        )

    # looking, and looking differently

    def get_hookimpls(self) -> list[HookImpl]:
        """All implementations in the order of a call, wrappers first."""
        with self.registry.lock:
            wrappers, others = self.hook.ordered()
        return [item for item in (*wrappers, *others) if item.plugin_name not in self.excluded]

    def explain(self) -> Explanation:
        """The order of a call, why it is so, and the code that runs; print it."""
        from hotplug.hooks.explain import explanation  # only when someone asks

        return explanation(self)

    def with_policy(self, policy: ErrorPolicy) -> Any:
        """The same hook under another error policy; it follows registrations too."""
        return self.view(policy=checked(policy)).function

    def without(self, *plugins: object) -> Any:
        """The same hook without some plugins, given as objects or names."""
        names = frozenset(self.registry.name_of(plugin) for plugin in plugins)
        return self.view(excluded=self.excluded | names).function


def leave_frame(error: BaseException) -> None:
    """Take the current frame out of a traceback: the hook's own frame is the one to show."""
    entry = error.__traceback__
    while entry is not None and entry.tb_next is not None:
        entry = entry.tb_next
        if entry.tb_frame.f_globals.get("__name__") != __name__:  # past this module's own
            error.with_traceback(entry)
            return
