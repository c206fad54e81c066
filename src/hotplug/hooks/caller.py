"""How a hook is called, and how its function follows every registration.

It is a plain function, whose code is swapped when the implementations change: nothing in Python
is cheaper to call, and whoever kept it calls the new code. What the code works on is a global of
that function under a name that is fresh for each version, so a swap is one assignment. A call
that started on the old code and finds its name gone starts again on the new code; nothing of it
has run by then. After a change the function holds a stub, which builds what the next call needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, cast

from hotplug.hooks.entry import Direct, interpreted
from hotplug.hooks.environment import MISSING, Environment
from hotplug.hooks.hook import Hook, in_buckets
from hotplug.hooks.lenient import run_by_name, without_absent
from hotplug.hooks.modes import OWNER, VALUES, Mode, compiled
from hotplug.hooks.plan import NEVER, Plan
from hotplug.hooks.records import HookImpl
from hotplug.hooks.unwind import CALL, trim

if TYPE_CHECKING:
    from hotplug.hooks.policy import ErrorPolicy

__all__ = ["Caller", "at_gates_of", "built"]

NO_RELATIVES: Final[Mapping[object, Any]] = {}
FIRSTRESULT: Final = Mode.FIRSTRESULT

WORTH_BINDING: Final = 8
"""The calls after which binding code pays that is compiled already. See benchmarks/compiling.py."""
WORTH_COMPILING: Final = 200
"""The calls after which compiling pays."""


class Caller:
    """One way to call one hook: the hook itself, or a view with other plugins or another policy.

    ``function`` is what users call.
    """

    __slots__ = (
        "__weakref__",
        "absent",
        "environment",
        "excluded",
        "extras",
        "first_turns",
        "frozen",
        "function",
        "hook",
        "is_special",
        "leading",
        "live",
        "names",
        "own_mode",
        "policy",
        "relatives",
        "serial",
        "stub",
        "turns",
        "values_name",
    )

    first_calls: ClassVar = WORTH_BINDING
    """How many calls after a change do without a plan, where they can."""

    def __init__(
        self,
        hook: Hook,
        environment: Environment,
        *,
        mode: str | None = None,
        policy: ErrorPolicy | None = None,
        excluded: frozenset[Any] = frozenset(),
        absent: frozenset[str] = frozenset(),
        extras: bool = False,
    ) -> None:
        self.hook = hook
        self.environment = environment
        self.own_mode = mode
        self.policy = policy
        self.excluded = excluded
        self.absent = absent
        """The arguments that its calls leave out; only for lenient hooks."""
        self.extras = extras
        self.leading = extras or mode is Mode.HISTORIC
        """Whether a call takes one argument more, before the hook's own."""
        self.is_special = bool(mode or policy or excluded or absent or extras)
        self.first_turns = 0
        """How many calls after a change may do without a plan."""
        self.turns = 0
        """How many still may."""
        self.live = False
        self.frozen: FunctionType | None = None
        self.serial = 0
        self.values_name = ""
        self.relatives: Mapping[object, Self] = NO_RELATIVES
        self.names: dict[str, Any] = {
            "__name__": CALL,
            OWNER: self,
            "_plan": None,
        }
        if environment.builtins is not None:
            self.names["__builtins__"] = environment.builtins
        self.stub = self.first_code()
        self.function = FunctionType(self.stub, self.names, hook.name, hook.defaults)
        self.names["_again"] = self.function
        self.dress()

    def first_code(self) -> CodeType:
        """What the function holds after a change."""
        return interpreted.__code__

    def dress(self) -> None:
        """Make the function look like what its users expect."""

    trim = staticmethod(trim)

    # the first calls after a change

    @property
    def can_go_at_once(self) -> bool:
        """Whether calls of a lenient hook just gather results, or return the first."""
        hook = self.hook
        return (
            hook.rules.lenient
            and not (self.own_mode or self.policy or self.absent or self.extras)
            and not (hook.rules.blames or hook.opts.policy or self.environment.is_special)
            and hook.mode in (Mode.COLLECTING, Mode.FIRSTRESULT)
        )

    def at_once(self, kwargs: Mapping[str, Any]) -> Any:
        """Call the implementations as they are registered right now: nothing has to be built."""
        hook = self.hook
        if self.excluded:
            around, rest = map(self.without_excluded, hook.ordered())
            return run_by_name(hook, around, rest, kwargs, self.complain)
        others: Sequence[HookImpl] = ()
        if hook.early or hook.late:
            others = hook.newest_first()
        elif hook.implementations:
            others = [*hook.implementations][::-1]  # in one step: other threads may change it
        if hook.wrappers:
            wrappers = [*hook.wrappers]
            if len(wrappers) > 1:
                wrappers = in_buckets(wrappers, newest_first=True)
            return run_by_name(hook, wrappers, others, kwargs, self.complain)
        # As `run_simply` does it: many hooks are called but once, and each step counts then.
        results: list[Any] = []
        is_first = hook.mode is FIRSTRESULT
        for item in others:
            result = item.function(*item.contribution.fit.take(kwargs))
            if result is not None:
                if is_first:
                    return result
                results.append(result)
        return None if is_first else results

    def follow_rules(self) -> None:
        """Look at how the hook is declared and called, which has changed. The lock is held."""
        self.first_turns = self.first_calls if self.can_go_at_once else 0
        self.invalidate()

    # following the implementations

    def invalidate(self) -> None:
        """Let go of the implementations; the next call builds anew. The lock is held."""
        self.turns = self.first_turns
        if self.live:
            self.live = False
            self.frozen = None
            self.names["_plan"] = None
            if self.values_name:
                self.function.__code__ = self.stub
                del self.names[self.values_name]
                self.values_name = ""

    def refresh(self) -> Any:
        """Build what calls need now, and return what the call that asked for it runs.

        That is a `Plan`, or what can be called and asked like one.
        """
        environment, hook = self.environment, self.hook
        if environment.loading or environment.first_uses:
            environment.get_ready(hook.name)
        while True:
            if hook.gates and (passing := at_gates_of(self)) is not None:
                return passing
            with environment.lock:
                if hook.gates:  # one was closed meanwhile
                    continue
                while not self.live:
                    version, shared = hook.version, environment.version
                    self.publish(self.plan())
                    # A finalizer or a signal handler may have changed the hook on this very thread.
                    if version != hook.version or shared != environment.version:
                        self.invalidate()
                plan: Plan | None = self.names["_plan"]
                return plan if plan is not None else Direct(self.function)

    def for_one_call(self) -> Callable[..., Any]:
        """The same for one call that may run although there are gates."""
        with self.environment.lock:
            plan = self.plan()
        return Direct(built(plan, self.title)) if self.hook.is_async else plan

    def plan(self, extra: tuple[HookImpl, ...] = ()) -> Plan:
        """The implementations as they are now, with some more, in the order of a call."""
        hook, environment = self.hook, self.environment
        wrappers, others = hook.ordered(extra)
        for gate in hook.gates:
            wrappers, others = gate.reached(wrappers), gate.reached(others)
        if hook.rules.lenient:
            wrappers, others = self.placed(wrappers), self.placed(others)
        if self.is_special or environment.is_special or hook.opts.policy:
            plan = self.special_plan(wrappers, others)
        else:
            plan = Plan(hook, hook.mode, wrappers, others, hook.rules)
        if hook.rules.lenient:
            plan.complain = self.complain
            if not self.absent:
                plan.incomplete = self.incomplete
        return plan

    def special_plan(self, wrappers: list[HookImpl], others: list[HookImpl]) -> Plan:
        """The same for views, for policies, and while someone watches."""
        hook, environment, absent = self.hook, self.environment, self.absent
        if self.excluded:
            wrappers, others = self.without_excluded(wrappers), self.without_excluded(others)
        if environment.observers or environment.watches:
            wrappers, others = environment.observed(hook, wrappers, others)
        rules = hook.rules
        if absent:
            wrappers = [without_absent(hook, item, absent) for item in wrappers]
            others = [without_absent(hook, item, absent) for item in others]
            rules = rules.strict
        plan = Plan(hook, self.own_mode or hook.mode, wrappers, others, rules)
        policy = self.effective_policy
        if policy != "raise":
            from hotplug.hooks.policy import tolerate  # few programs have another one

            plan.tolerate = tolerate(policy)
            plan.errors = environment.errors
        plan.extras = self.extras
        return plan

    def placed(self, items: list[HookImpl]) -> list[HookImpl]:
        """Those that pick their arguments by name, as they are called by place."""
        return items

    def without_excluded(self, items: list[HookImpl]) -> list[HookImpl]:
        return [item for item in items if item.plugin_name not in self.excluded]

    @property
    def mode(self) -> str:
        return self.own_mode or self.hook.mode

    @property
    def effective_policy(self) -> ErrorPolicy:
        policy: Any = self.policy or self.hook.opts.policy or self.environment.policy
        return cast("ErrorPolicy", policy)

    def publish(self, plan: Plan) -> None:
        """Put a plan into force."""
        if self.hook.is_async:
            self.compile(plan)
        else:
            plan.look_at = 1 if self.first_turns else WORTH_BINDING
            self.names["_plan"] = plan
        self.live = self.hook.in_use = True

    def look(self, plan: Plan) -> None:
        """See whether the plan has been called often enough to be worth compiled code.

        Code of its shape may be there already, which costs little; compiling has to pay.
        """
        worth_it = plan.calls >= WORTH_COMPILING
        plan.look_at = NEVER if worth_it else WORTH_COMPILING
        if plan.can_compile and (worth_it or (compiled and is_compiled(plan))):
            with self.environment.lock:
                if self.names["_plan"] is plan:
                    version = self.hook.version, self.environment.version
                    self.compile(plan)
                    self.names["_plan"] = self.frozen = None
                    if version != (self.hook.version, self.environment.version):  # as in `refresh`
                        self.live = True
                        self.invalidate()

    def compile(self, plan: Plan) -> None:
        """Put compiled code into force: one assignment, after what it needs is there."""
        # The compiler is loaded with the first hook that needs it: few programs' start-up does.
        from hotplug.hooks.binding import RUNTIME, all_bound
        from hotplug.hooks.compile import bound_code

        shape, words, values = all_bound(plan, self.title)[0]
        self.function.__kwdefaults__ = {**self.hook.keyword_defaults}
        if not self.serial:
            self.names["_errors"] = self.environment.errors
            for name, value in RUNTIME.items():
                self.names.setdefault(name, value)
        self.serial += 1
        name = f"{VALUES}{self.serial}"
        code = bound_code(shape, words, self.title, name)  # it may fail, and then nothing is here
        self.names[name] = values
        self.values_name = name
        self.function.__code__ = code

    @property
    def title(self) -> str:
        return f"hook {self.environment.project}.{self.hook.name}"

    # other ways to call the same hook

    def relative(self, key: object, **options: Any) -> Self:
        """Another way to call the same implementations, made at the first use."""
        found = self.relatives.get(key)
        if found is None:
            with self.environment.lock:
                found = self.relatives.get(key)
                if found is None:
                    found = self.view(**options)
                    self.relatives = {**self.relatives, key: found}
        return found

    def view(self, **options: Any) -> Self:
        settings: dict[str, Any] = {"policy": self.policy, "excluded": self.excluded} | options
        view = type(self)(self.hook, self.environment, **settings)
        with self.environment.lock:
            self.hook.add_view(view)
        return view

    def incomplete(self, /, *leading: Any, **given: Any) -> Any:
        """A call of a lenient hook that leaves arguments out: they are `MISSING`."""
        absent = frozenset([name for name, value in given.items() if value is MISSING])
        self.left_out(absent)
        relative = self.relatives.get(absent) or self.relative(absent, absent=absent)
        return relative.function(*leading, **given)

    def complain(self, item: HookImpl, error: BaseException) -> None:
        """Called where a wrapper that is sent a box raises after that: a manager may warn."""

    def left_out(self, absent: frozenset[str]) -> None:
        """Called where a call leaves arguments out: a manager may warn."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.hook.describe()}>"


def at_gates_of(caller: Caller) -> Any:
    """Wait at the gates before a hook; what a call runs that cannot wait here, or need not."""
    from hotplug.hooks.gate import at_gates  # loaded with the first gate

    return at_gates(caller)


def built(plan: Plan, title: str) -> FunctionType:
    """Compiled code for one plan, in a function of its own."""
    from hotplug.hooks.binding import all_bound, function_of  # only where something is compiled
    from hotplug.hooks.compile import bound_code

    shape, words, values = all_bound(plan, title)[0]
    return function_of(bound_code(shape, words, title), values, plan.hook)


def is_compiled(plan: Plan) -> bool:
    from hotplug.hooks.shaping import is_compiled  # only once something has been compiled

    return is_compiled(plan)
