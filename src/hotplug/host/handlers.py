"""The handlers of an event as one compiled call, for each of the ways in which they are called."""

# This goes on where `Caller` and `Plan` of the hooks leave off.

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import CodeType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from weakref import WeakSet

from hotplug.errors.hosting import PluginErrors
from hotplug.hooks.caller import Caller
from hotplug.hooks.entry import awaiting, interpreted, named
from hotplug.hooks.environment import Environment
from hotplug.hooks.hook import Hook
from hotplug.hooks.markers import HookimplOpts, HookspecOpts
from hotplug.hooks.modes import How, Mode, step
from hotplug.hooks.plan import Plan
from hotplug.hooks.policy import Tolerate
from hotplug.hooks.records import Contribution, Fit, HookImpl, Kind
from hotplug.hooks.shape import Labels
from hotplug.hooks.signature import Accepts
from hotplug.hooks.slot import Slot
from hotplug.hooks.unwind import raised, trim, whose
from hotplug.host.entering import SWITCHES, await_as, await_told, is_own_code, run_told
from hotplug.host.owner import CURRENT, ENTRY, Owner, entry_builtins, run_as
from hotplug.host.quitting import ERRORS, as_error
from hotplug.host.watching import LOGGER

if TYPE_CHECKING:
    from hotplug.hooks.monitor import Watch

__all__ = ["SURROUNDINGS", "EventPolicy", "Handlers", "Way", "nothing"]

EventPolicy: TypeAlias = Literal["collect", "raise", "skip"]


class Way:
    """How handlers are called."""

    DIRECT: Final = "directly"
    """Who runs is found on the stack."""
    IN_LOOP: Final = "under a running loop"
    """Tasks that a handler starts have to find their owner too."""
    AWAITED: Final = "awaited"
    TOLD: Final = "directly, with those told who want to know of switches"


class EventSurroundings(Environment):
    builtins = entry_builtins(ENTRY)
    errors = ERRORS

    def __init__(self, project: str) -> None:
        super().__init__(project)
        self.calls: WeakSet[Handlers] = WeakSet()

    def watch(self, watch: Watch) -> None:
        """Let something stand around every handler, in the calls that begin from now on."""
        self._change(lambda: self.watches.append(watch))

    def unwatch(self, watch: Watch) -> None:
        """End that."""
        self._change(lambda: self.watches.remove(watch))

    def _change(self, change: Callable[[], None]) -> None:
        with self.lock:
            change()
            for handlers in self.calls:
                handlers.hook.touch()


SURROUNDINGS: Final = EventSurroundings("event")
PLAIN_HOOK: Final = HookspecOpts()
PLAIN_HANDLER: Final = HookimplOpts()


class Handlers(Caller):
    """The handlers of one event, called in one way. ``function`` has the event's own signature."""

    __slots__ = ("at_error", "way")

    def __init__(self, name: str, takes: Accepts, way: str, policy: EventPolicy) -> None:
        self.way = way
        self.at_error: Tolerate | None = AT_ERROR[policy]
        hook = Hook(name, PLAIN_HOOK, Mode.TELLING, takes, None, way is Way.AWAITED)
        hook.caller = self
        super().__init__(hook, SURROUNDINGS)
        SURROUNDINGS.calls.add(self)

    def first_code(self) -> CodeType:
        stub = awaiting if self.hook.is_async else interpreted
        return named(stub.__code__, self.hook.name)

    def dress(self) -> None:
        self.names |= {"_failed": failed, "_blamed": blamed, "_collected": collected}

    @property
    def title(self) -> str:
        return f"event {self.hook.name}"

    @property
    def can_go_at_once(self) -> bool:
        return False

    def plan(self, extra: tuple[HookImpl, ...] = ()) -> Plan:
        hook, items = self.hook, [*self.hook.implementations]
        for watch in self.environment.watches:
            items = [watch.measured(item) for item in items]
        plan = StepByStep(hook, hook.mode, (), items, hook.rules)
        plan.tolerate = self.at_error
        return plan

    def add(self, owner: Owner | None, who: str, handler: Callable[..., Any]) -> HookImpl:
        """Let a handler take part; its slot can be emptied at any time."""
        hook = self.hook
        positions = tuple(range(len(hook.arguments)))
        how = How.EITHER if self.way is Way.AWAITED else How.PLAIN
        fit, one_step = Fit(positions, (), tuple), step(positions, (), how, True)
        contribution = Contribution(PLAIN_HANDLER, Kind.IMPLEMENTATION, fit, one_step, bucket=0)
        slot = Slot(self.entered(owner, handler))
        item = HookImpl(hook.name, who, owner, slot, contribution)
        with self.environment.lock:
            hook.add(item)
            hook.touch()
        return item

    def entered(self, owner: Owner | None, handler: Callable[..., Any]) -> Callable[..., Any]:
        """The handler, such that it runs as its owner."""
        quota, called = None if owner is None else owner.scope.quota, handler
        if quota is not None:
            called = quota.timed(handler, f"a handler of event {self.hook.name!r}")
        if self.way is Way.AWAITED:
            return partial(await_handler, owner, called)
        if self.way is Way.TOLD:
            return partial(tell_handler, owner, called)
        if self.way is Way.IN_LOOP or not is_own_code(owner, handler):
            return partial(run_as, owner, called)
        return called

    def remove(self, item: HookImpl) -> None:
        """Take a handler out, even from a call that is under way."""
        slot: Any = item.function
        slot.run = nothing
        self.retire(item)

    def retire(self, item: HookImpl) -> None:
        """Take a handler out of the calls that begin from now on."""
        with self.environment.lock:
            if item in self.hook.implementations:
                self.hook.remove(item)
                self.hook.touch()

    def put_in_order(self, items: list[HookImpl]) -> None:
        """Call these handlers, which are all there are, in this order."""
        with self.environment.lock:
            self.hook.implementations = dict.fromkeys(items)
            self.hook.version += 1
            self.hook.touch()


# While switches are told, the context variable holds who emits.


def tell_handler(owner: Owner | None, handler: Callable[..., Any], /, *args: Any) -> Any:
    return run_told(CURRENT.get(), owner, handler, *args)


async def await_handler(owner: Owner | None, handler: Callable[..., Any], /, *args: Any) -> Any:
    if SWITCHES:
        return await await_told(CURRENT.get(), owner, handler, *args)
    return await await_as(owner, handler, *args)


def nothing(*_: object, **__: object) -> None:
    """In place of a handler that has been taken out."""


class StepByStep(Plan):
    """The first calls, which nothing has been compiled for yet."""

    def implementations_run(self, given: tuple[Any, ...], leading: Any) -> None:
        failures: list[Exception] = []
        name, tolerate = self.hook.name, self.tolerate
        for item in self.implementations:
            try:
                item.function(*given)
            except ERRORS as caught:
                note(caught, name, item.plugin_name)
                trim(caught)
                error = as_error(caught, item.plugin_name)
                if tolerate is not None and isinstance(error, Exception):
                    tolerate(failures, error, name, item.plugin_name)
                elif error is caught:
                    raise
                else:
                    raise error from caught
            except BaseException as error:
                note(error, name, item.plugin_name)
                raise
        if failures:
            raise collected(failures, (name, (), ()), None)


# what happens when a handler raises; compiled calls find these under the names of the hooks' own


def note(error: BaseException, event: str, who: str) -> None:
    """Say whose handler it was, but never twice to an exception that is reused."""
    raised[who] = raised.get(who, 0) + 1
    text = f"event {event!r}: raised by a handler of {who}"
    with suppress(Exception):  # an exception that takes no notes passes without
        if text not in getattr(error, "__notes__", ()):
            error.add_note(text)


def failed(error: BaseException, labels: Labels, clue: object = None) -> None:
    who = whose(error, labels, clue)
    if who is not None:
        note(error, labels[0], who)
    trim(error)
    made = error if who is None else as_error(error, who)
    if made is not error:
        raise made from error


def blamed(error: BaseException, labels: Labels, clue: object = None) -> tuple[Exception, str, str]:
    who = whose(error, labels, clue) or ""
    note(error, labels[0], who)
    trim(error)
    made = as_error(error, who)
    if not isinstance(made, Exception):
        raise made  # the application wants to exit
    return made, labels[0], who


def collected(failures: list[Exception], labels: Labels, _: object) -> PluginErrors:
    count = len(failures)
    handlers = "1 handler" if count == 1 else f"{count} handlers"
    return PluginErrors(f"event {labels[0]!r}: {handlers} raised", failures)


def collect(failures: list[Exception], error: Exception, event: str, who: str) -> None:
    failures.append(error)


def skip(failures: list[Exception], error: Exception, event: str, who: str) -> None:
    LOGGER.error(
        "event %r: a handler of %s raised %s: %s; it is left out",
        event,
        who,
        type(error).__name__,
        error,
        exc_info=error,
    )


AT_ERROR: Final[dict[str, Tolerate | None]] = {"collect": collect, "raise": None, "skip": skip}
