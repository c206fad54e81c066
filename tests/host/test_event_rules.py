"""Who may emit and subscribe, who runs in a handler, and what becomes of errors."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextvars import copy_context
from functools import partial
from types import FunctionType, coroutine
from typing import Any, TypeVar, cast
from weakref import ref

import pytest

from hotplug.errors import NotAllowed, PluginErrors, PluginGone, PluginStateError
from hotplug.hooks.caller import Caller
from hotplug.hooks.plan import Plan
from hotplug.host.declaring import event, new_event
from hotplug.host.entering import SWITCHES
from hotplug.host.events import Event
from hotplug.host.handlers import Handlers
from hotplug.host.owner import Owner, current_owner, entry_builtins

Function = TypeVar("Function", bound=Callable[..., Any])


@pytest.fixture(params=["interpreted", "compiled"])
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both forms of the call of all handlers: step by step, and compiled."""
    if request.param == "interpreted":
        monkeypatch.setattr(Caller, "look", lambda caller, plan: None)
    else:
        publish = Handlers.publish

        def compile_at_once(handlers: Handlers, plan: Plan) -> None:
            publish(handlers, plan)
            if not handlers.hook.is_async:
                handlers.compile(plan)
                handlers.names["_plan"] = None

        monkeypatch.setattr(Handlers, "publish", compile_at_once)
    return str(request.param)


both_forms = pytest.mark.usefixtures("form")


def owner(name: str, *, enabled: bool = True) -> Owner:
    made = Owner(name)
    if enabled:
        made.scope.open()
    return made


@pytest.fixture
def auth() -> Owner:
    return owner("auth")


@pytest.fixture
def mail() -> Owner:
    return owner("mail")


@pytest.fixture
def log() -> list[Any]:
    return []


def code_of(whose: Owner) -> Callable[[Function], Function]:
    """Make a function the owner's own code, as loading its plugin would."""

    def decorate(function: Function) -> Function:
        plain = cast(FunctionType, function)
        names = {**plain.__globals__, "__builtins__": entry_builtins(whose)}
        closure = plain.__closure__
        made = FunctionType(
            plain.__code__, names, plain.__name__, plain.__defaults__, closure=closure
        )
        made.__qualname__ = plain.__qualname__
        return cast(Function, made)

    return decorate


def login_of(whose: Owner | None, **options: Any) -> Event[[str]]:
    def login(user: str) -> None: ...

    return new_event(login, whose, **options)


# who may


def test_the_owner_and_the_application_emit_an_event(auth: Owner, log: list[Any]) -> None:
    login = login_of(auth)
    login.subscribe(log.append)

    auth.call(login, "ada")
    login("bob")

    assert log == ["ada", "bob"]


def test_another_plugin_may_not(auth: Owner, mail: Owner, log: list[Any]) -> None:
    login = login_of(auth)
    login.subscribe(log.append)

    with pytest.raises(NotAllowed) as caught:
        mail.call(login, "ada")

    what, where, instead = str(caught.value).splitlines()
    assert what == "plugin 'mail' may not emit event 'login' of plugin 'auth'"
    assert where == f"  {login.where}"
    assert instead.startswith("  only plugin 'auth' and the application may: call a function of ")
    assert instead.endswith(" that emits it, one that is marked @syscall")
    assert isinstance(caught.value, PermissionError)
    assert isinstance(caught.value, RuntimeError)
    assert log == []


def test_it_may_not_through_a_plain_function_of_the_owner_either(auth: Owner, mail: Owner) -> None:
    login = login_of(auth)

    @code_of(auth)
    def log_in() -> None:
        login("ada")

    with pytest.raises(NotAllowed):
        mail.call(log_in)


def test_but_through_a_function_that_runs_as_the_owner(
    auth: Owner, mail: Owner, log: list[Any]
) -> None:
    login = login_of(auth)
    login.subscribe(log.append)

    mail.call(auth.call, login, "ada")

    assert log == ["ada"]


@pytest.mark.parametrize("emit", ["sync", "async"])
def test_the_same_holds_for_generators_and_for_what_is_awaited(
    auth: Owner, mail: Owner, emit: str
) -> None:
    def around(user: str) -> Generator[None]:
        yield

    async def awaited(user: str) -> None: ...

    login: Any = new_event(around if emit == "sync" else awaited, auth)

    def run() -> None:
        result = login("ada")
        if result is not None:
            asyncio.run(result)

    with pytest.raises(NotAllowed):
        mail.call(run)
    run()


def test_dk17_plugins_emit_an_event_of_the_application_unless_it_is_protected(
    mail: Owner, log: list[Any]
) -> None:
    open_to_all, protected = login_of(None), login_of(None, protected=True)
    for each in (open_to_all, protected):
        mail.call(each.subscribe, log.append)

    mail.call(open_to_all, "ada")
    protected("bob")
    with pytest.raises(NotAllowed, match="'mail' may not emit event 'login' of the application"):
        mail.call(protected, "eve")

    assert log == ["ada", "bob"]


def test_only_the_owner_subscribes_to_a_protected_event(auth: Owner, mail: Owner) -> None:
    login = login_of(auth, protected=True)

    auth.call(login.subscribe, print)
    with pytest.raises(NotAllowed, match="'mail' may not subscribe to event 'login' of plugin 'a"):
        mail.call(login.subscribe, print)
    with pytest.raises(NotAllowed, match="the application may not subscribe"):
        login.subscribe(print)


def test_dk59_the_event_of_an_owner_that_has_ended_does_nothing(auth: Owner, mail: Owner) -> None:
    login = login_of(auth)
    auth.scope.close()

    with pytest.raises(PluginGone, match=r"'auth' \(generation 1\) has ended: it cannot take"):
        mail.call(login.subscribe, print)
    with pytest.raises(PluginGone, match=r"'auth' .* has ended: it cannot emit event 'login'"):
        login("ada")
    with pytest.raises(PluginGone, match=r"'auth' .* has ended"):
        auth.call(login, "ada")


def test_one_that_has_ended_can_neither_emit_nor_subscribe_nor_declare(mail: Owner) -> None:
    login = login_of(None)
    mail.scope.close()

    with pytest.raises(PluginGone, match=r"'mail' .* has ended: it cannot emit event 'login'"):
        mail.call(login, "ada")
    with pytest.raises(PluginGone, match=r"'mail' .* has ended: it cannot subscribe to event"):
        mail.call(login.subscribe, print)
    with pytest.raises(PluginGone, match=r"'mail' .* has ended"):
        login_of(mail)


def test_an_event_of_a_loaded_plugin_runs_its_body_and_warns(log: list[Any]) -> None:
    shop = owner("shop", enabled=False)

    def opened() -> None:
        log.append("body")

    happening: Any = new_event(opened, shop)
    shop.call(happening.subscribe, lambda: log.append("staged"))

    with pytest.warns(RuntimeWarning, match="before plugin 'shop' is enabled") as seen:
        happening()

    assert log == ["body"]
    assert seen[0].filename == __file__


# who runs


@both_forms
def test_a_handler_runs_as_its_subscriber_and_the_code_around_as_the_owner(log: list[Any]) -> None:
    auth, mail = owner("auth"), owner("mail")

    @code_of(auth)
    def login(user: str) -> Generator[None]:
        log.append(current_owner())
        yield
        log.append(current_owner())

    @code_of(mail)
    def greet(user: str) -> None:
        log.append(current_owner())

    happening: Any = new_event(login, auth)
    mail.call(happening.subscribe, greet)
    happening("ada")
    auth.call(happening, "ada")

    assert log == [auth, mail, auth] * 2
    assert current_owner() is None


@both_forms
def test_code_of_others_runs_as_who_subscribed_it(auth: Owner, mail: Owner, log: list[Any]) -> None:
    @code_of(auth)
    def note(user: str) -> None:
        log.append(current_owner())

    def foreign(user: str) -> None:
        log.append(current_owner())

    login = login_of(auth)
    for subscriber in (auth, mail, None):
        for handler in (note, foreign, partial(foreign)):
            if subscriber is None:
                login.subscribe(handler)
            else:
                subscriber.call(login.subscribe, handler)
    auth.call(login, "ada")

    assert log == [auth] * 3 + [mail] * 3 + [None] * 3


@pytest.mark.parametrize("kind", ["plain", "generator", "async"])
def test_code_around_that_is_foreign_runs_as_the_owner(
    auth: Owner, log: list[Any], kind: str
) -> None:
    def plain() -> None:
        log.append(current_owner())

    def generator() -> Generator[None]:
        log.append(current_owner())
        yield

    async def awaited() -> None:
        log.append(current_owner())

    function: Any = {"plain": plain, "generator": generator, "async": awaited}[kind]
    login: Any = new_event(function, auth)
    result = login()
    if result is not None:
        asyncio.run(result)

    assert log == [auth]


def test_code_of_the_application_runs_as_the_application_whoever_emits(
    mail: Owner, log: list[Any]
) -> None:
    @event
    def message(text: str) -> None:
        log.append(current_owner())

    mail.call(message, "hello")

    assert log == [None]


def test_a_plain_function_of_a_plugin_runs_as_the_handler_that_calls_it(
    auth: Owner, mail: Owner, log: list[Any]
) -> None:
    @code_of(auth)
    def note() -> None:
        log.append(current_owner())

    @code_of(mail)
    def greet(user: str) -> None:
        note()

    def by_application(user: str) -> None:
        note()

    login = login_of(auth)
    mail.call(login.subscribe, greet)
    login.subscribe(by_application)
    auth.call(login, "ada")

    assert log == [mail, None]


def test_a_task_that_own_code_of_a_sync_handler_starts_belongs_to_the_subscriber(
    mail: Owner, log: list[Any]
) -> None:
    tasks: list[asyncio.Task[None]] = []

    async def part() -> None:
        log.append(current_owner())

    @code_of(mail)
    def greet(user: str) -> None:
        tasks.append(asyncio.create_task(part()))

    login = login_of(None)
    mail.call(login.subscribe, greet)

    async def main() -> None:
        login("ada")
        await asyncio.gather(*tasks)

    asyncio.run(main())

    assert log == [mail]


def test_an_emission_within_a_handler_is_by_the_subscriber(
    auth: Owner, mail: Owner, log: list[Any]
) -> None:
    login, sent = login_of(auth), login_of(mail)
    sent.subscribe(log.append)

    @code_of(mail)
    def greet(user: str) -> None:
        sent(f"hello {user}")

    mail.call(login.subscribe, greet)
    auth.call(login, "ada")

    assert log == ["hello ada"]


def test_a_thread_may_begin_with_an_emission(log: list[Any]) -> None:
    login = login_of(None)
    done = threading.Event()
    login.subscribe(log.append)
    login.subscribe(lambda user: done.set())

    import _thread

    _thread.start_new_thread(login, ("ada",))

    assert done.wait(10)
    assert log == ["ada"]


# errors


def raising(*_: object) -> None:
    raise ValueError("no room")


@both_forms
def test_dk53_all_handlers_run_and_then_one_group_is_raised(mail: Owner, log: list[Any]) -> None:
    def missing(user: str) -> None:
        raise KeyError(user)

    login = login_of(None)
    mail.call(login.subscribe, raising)
    login.subscribe(missing)
    login.subscribe(log.append)

    for _ in range(3):
        with pytest.raises(PluginErrors, match="event 'login': 2 handlers raised") as caught:
            login("ada")

        first, second = caught.value.exceptions
        assert isinstance(first, ValueError)
        assert first.__notes__ == ["event 'login': raised by a handler of plugin 'mail'"]
        assert isinstance(second, KeyError)
        assert second.__notes__ == ["event 'login': raised by a handler of the application"]
        assert isinstance(caught.value.subgroup(KeyError), PluginErrors)
    assert log == ["ada"] * 3


def test_awaited_handlers_are_treated_the_same(mail: Owner, log: list[Any]) -> None:
    async def failing(user: str) -> None:
        raise ValueError("no room")

    login = login_of(None)
    mail.call(login.subscribe, failing)
    login.subscribe(log.append)

    with pytest.raises(PluginErrors) as caught:
        asyncio.run(login.emit_async("ada"))

    (error,) = caught.value.exceptions
    assert error.__notes__ == ["event 'login': raised by a handler of plugin 'mail'"]
    assert log == ["ada"]


@both_forms
def test_under_raise_the_first_error_ends_the_emission(mail: Owner, log: list[Any]) -> None:
    login = login_of(None, policy="raise")
    mail.call(login.subscribe, raising)
    login.subscribe(log.append)

    for _ in range(3):
        with pytest.raises(ValueError, match="no room") as caught:
            login("ada")
        assert caught.value.__notes__ == ["event 'login': raised by a handler of plugin 'mail'"]
    assert log == []


@both_forms
def test_under_skip_errors_are_logged(
    mail: Owner, log: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    login = login_of(None, policy="skip")
    mail.call(login.subscribe, raising)
    login.subscribe(log.append)

    with caplog.at_level(logging.ERROR, "hotplug.host"):
        login("ada")
        login("bob")

    assert log == ["ada", "bob"]
    assert [record.getMessage() for record in caplog.records] == [
        "event 'login': a handler of plugin 'mail' raised ValueError: no room; it is left out"
    ] * 2
    assert caplog.records[0].exc_info is not None


@both_forms
@pytest.mark.parametrize("policy", ["collect", "raise", "skip"])
def test_an_interrupt_ends_the_emission_at_once(log: list[Any], policy: str) -> None:
    def interrupt(user: str) -> None:
        raise KeyboardInterrupt

    login = login_of(None, policy=policy)
    login.subscribe(interrupt)
    login.subscribe(log.append)

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            login("ada")
    assert log == []


# handlers that come and go during an emission


@both_forms
@pytest.mark.parametrize("count", [3, 200])
def test_dk56_a_handler_that_an_earlier_one_unsubscribes_does_not_run(
    log: list[Any], count: int
) -> None:
    login = login_of(None)

    @login.on
    def first(user: str) -> None:
        for _ in range(count):
            login.unsubscribe(log.append)

    for _ in range(count):
        login.subscribe(log.append)
    login("ada")

    assert log == []


@both_forms
def test_dk56_nor_does_one_whose_owner_ends(mail: Owner, log: list[Any]) -> None:
    login = login_of(None)
    login.subscribe(lambda user: mail.scope.close())
    mail.call(login.subscribe, log.append)

    login("ada")

    assert log == []


def test_dk56_nor_does_a_coroutine_function(mail: Owner, log: list[Any]) -> None:
    async def greet(user: str) -> None:
        log.append(user)

    login = login_of(None)
    login.subscribe(lambda user: mail.scope.close())
    mail.call(login.subscribe, greet)

    asyncio.run(login.emit_async("ada"))

    assert log == []


@both_forms
def test_a_handler_that_subscribes_during_an_emission_hears_the_next_one(log: list[Any]) -> None:
    login = login_of(None)

    @login.on
    def first(user: str) -> None:
        if len(login.subscriptions) == 1:
            login.subscribe(log.append)

    login("ada")
    login("bob")

    assert log == ["bob"]


def test_a_subscription_that_ends_before_it_goes_live_never_does(log: list[Any]) -> None:
    login, shop = login_of(None), owner("shop", enabled=False)

    subscription = shop.call(login.subscribe, log.append)
    subscription.disable()
    login.join(subscription)  # as where a scope opens while another thread gives it back
    login("ada")

    assert log == []
    assert login.subscriptions == ()


def test_an_event_can_be_emitted_by_its_own_handler(log: list[Any]) -> None:
    login = login_of(None)

    @login.on
    def again(user: str) -> None:
        log.append(user)
        if len(log) < 3:
            login(user)

    login("ada")

    assert log == ["ada"] * 3


def test_handlers_come_and_go_while_other_threads_emit(log: list[Any]) -> None:
    login = login_of(None)
    stop = threading.Event()

    def emit() -> None:
        while not stop.is_set():
            login("ada")

    threads = [threading.Thread(target=emit) for _ in range(2)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for _ in range(300):
            subscription = login.subscribe(log.append)
            subscription.disable()
            log.clear()
        stop.set()
        for thread in threads:
            thread.join()
    finally:
        stop.set()
        sys.setswitchinterval(interval)

    log.clear()
    login("ada")
    assert log == []


def test_what_is_unsubscribed_is_not_kept_alive(form: str) -> None:
    class Listener:
        def hear(self, user: str) -> None: ...

    login, listener = login_of(None), Listener()
    login.subscribe(listener.hear)
    login("ada")
    login("ada")
    login.unsubscribe(listener.hear)
    seen = ref(listener)
    del listener

    gc.collect()
    assert seen() is None


def test_an_owner_that_has_ended_is_not_kept_alive_by_its_events(mail: Owner) -> None:
    auth = owner("auth")
    login = login_of(auth)
    mail.call(login.subscribe, print)
    login("ada")
    seen = ref(auth), ref(login)
    auth.scope.close()
    del auth, login

    gc.collect()
    assert [each() for each in seen] == [None, None]


def test_a_handler_that_is_given_up_can_be_closed_from_anywhere(mail: Owner) -> None:
    @coroutine
    def pause() -> Generator[None]:
        yield

    async def forever(user: str) -> None:
        await pause()

    login = login_of(None)
    mail.call(login.subscribe, forever)
    emission = login.emit_async("ada")
    copy_context().run(emission.send, None)

    emission.close()


# telling of switches


@pytest.fixture
def switches() -> Generator[list[tuple[Owner | None, Owner | None]]]:
    """All switches that happen from here on."""
    seen: list[tuple[Owner | None, Owner | None]] = []

    def switched(before: Owner | None, after: Owner | None) -> None:
        assert current_owner() is None
        seen.append((before, after))

    SWITCHES.append(switched)
    yield seen
    SWITCHES.clear()


@pytest.mark.parametrize("kind", ["plain", "generator", "async", "async generator"])
def test_dk05_each_switch_to_another_owner_and_back_is_told(
    auth: Owner, mail: Owner, switches: list[Any], log: list[Any], kind: str
) -> None:
    def plain() -> None:
        log.append(current_owner())

    def generator() -> Generator[None]:
        log.append(current_owner())
        yield

    async def awaited() -> None:
        log.append(current_owner())

    async def async_generator() -> AsyncGenerator[None]:
        log.append(current_owner())
        yield

    functions = [plain, generator, awaited, async_generator]
    kinds: dict[str, Any] = dict(
        zip(["plain", "generator", "async", "async generator"], functions, strict=True)
    )
    login: Any = new_event(kinds[kind], auth)
    for subscriber in (mail, auth):
        subscriber.call(login.subscribe, lambda: log.append(current_owner()))

    result = login()
    if result is not None:
        asyncio.run(result)

    into_auth, into_mail = [(None, auth), (auth, None)], [(None, mail), (mail, None)]
    around = into_auth if "generator" in kind else []
    assert log == [auth, mail, auth]
    assert switches == into_auth + into_mail + into_auth + around


def test_dk05_there_is_none_between_handlers_and_an_emitter_of_one_owner(
    auth: Owner, mail: Owner, switches: list[Any]
) -> None:
    login = login_of(auth)
    auth.call(login.subscribe, lambda user: None)
    mail.call(login.subscribe, lambda user: None)

    auth.call(login, "ada")

    assert switches == [(auth, mail), (mail, auth)]


def test_one_that_fails_when_told_is_logged(
    mail: Owner, log: list[Any], switches: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    login = login_of(None)
    mail.call(login.subscribe, log.append)
    SWITCHES.append(raising)

    login("ada")

    assert log == ["ada"]
    assert [record.getMessage() for record in caplog.records] == [
        "a context-switch hook raised ValueError: no room"
    ] * 2


def test_what_is_raised_passes_through_what_tells_of_switches(
    mail: Owner, switches: list[Any]
) -> None:
    login = login_of(None)
    mail.call(login.subscribe, raising)

    with pytest.raises(PluginErrors):
        login("ada")
    with pytest.raises(PluginErrors):
        asyncio.run(login.emit_async("ada"))

    assert switches == [(None, mail), (mail, None)] * 2


# waiting


def emitting_until(done: threading.Event, login: Event[[str]], *users: str) -> threading.Thread:
    """Emit again and again, until who waits has heard it."""

    def emit() -> None:
        while not done.wait(0.001):
            for user in users:
                login(user)

    thread = threading.Thread(target=emit)
    thread.start()
    return thread


def test_a_thread_waits_for_an_event_and_gets_its_arguments() -> None:
    login, done = login_of(None), threading.Event()
    thread = emitting_until(done, login, "bob", "ada")

    heard = login.wait_for(timeout=10, where=lambda user: user == "ada")
    done.set()
    thread.join()

    assert heard == ("ada",)
    assert login.subscriptions == ()


def test_a_wait_in_vain_ends_in_a_timeout() -> None:
    login = login_of(None)

    with pytest.raises(TimeoutError, match=r"'login' of the application was not emitted within 0"):
        login.wait_for(timeout=0)
    with pytest.raises(TimeoutError):
        asyncio.run(login.wait_for_async(timeout=0))

    assert login.subscriptions == ()


def test_a_task_waits_for_an_event() -> None:
    login = login_of(None)

    async def main() -> tuple[str]:
        waiting = asyncio.create_task(
            login.wait_for_async(timeout=10, where=lambda user: user == "ada")
        )
        await asyncio.sleep(0)
        login("bob")
        login("ada")
        login("ada")
        return await waiting

    assert asyncio.run(main()) == ("ada",)


def test_a_task_hears_an_emission_of_another_thread() -> None:
    login, done = login_of(None), threading.Event()
    thread = emitting_until(done, login, "ada")

    heard = asyncio.run(login.wait_for_async(timeout=10))
    done.set()
    thread.join()

    assert heard == ("ada",)


def test_what_the_condition_raises_goes_to_who_waits_and_not_to_who_emits() -> None:
    login = login_of(None)

    async def main() -> None:
        waiting = asyncio.create_task(login.wait_for_async(where=lambda user: 1 / 0 > 0))
        await asyncio.sleep(0)
        login("ada")
        with pytest.raises(ZeroDivisionError):
            await waiting

    asyncio.run(main())


@pytest.mark.parametrize("ends", ["auth", "mail"])
def test_a_wait_ends_with_who_waits_and_with_the_owner_of_the_event(
    auth: Owner, mail: Owner, ends: str
) -> None:
    login = login_of(auth)

    def end(_: object = None) -> None:
        (auth if ends == "auth" else mail).scope.close()

    async def main() -> None:
        waiting = mail.call(asyncio.create_task, login.wait_for_async())
        await asyncio.sleep(0)
        end()
        with pytest.raises(PluginGone, match=f"plugin '{ends}' .* has ended"):
            await waiting

    asyncio.run(main())


def test_a_wait_is_a_resource_of_who_waits(mail: Owner) -> None:
    login = login_of(None)

    async def main() -> None:
        waiting = mail.call(asyncio.create_task, login.wait_for_async())
        await asyncio.sleep(0)
        assert [each.kind for each in mail.scope] == ["wait"]
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert list(mail.scope) == []

    asyncio.run(main())


def test_what_could_not_be_heard_cannot_be_waited_for() -> None:
    login, shop = login_of(None), owner("shop", enabled=False)

    with pytest.raises(PluginStateError, match="plugin 'shop' waits for event 'login'"):
        shop.call(login.wait_for)


def test_a_loop_is_not_blocked_by_a_wait() -> None:
    login = login_of(None)

    async def main() -> None:
        with pytest.raises(TypeError, match=r"await login\.wait_for_async"):
            login.wait_for()

    asyncio.run(main())
