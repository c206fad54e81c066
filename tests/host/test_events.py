"""Events: declared by a function, emitted by a call, heard by handlers of any owner."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import warnings
from collections.abc import AsyncGenerator, Callable, Generator
from functools import wraps
from types import FrameType, SimpleNamespace
from typing import Any

import pytest

from hotplug.errors import EventError, PluginErrors, WrapperError
from hotplug.hooks.gate import Gate
from hotplug.host.declaring import event
from hotplug.host.handlers import Way
from hotplug.host.owner import Owner, current_owner
from hotplug.host.scope import Scope


@pytest.fixture
def log() -> list[Any]:
    return []


@pytest.fixture
def auth() -> Owner:
    """A plugin that is enabled."""
    owner = Owner("auth")
    owner.scope.open()
    return owner


@pytest.fixture
def mail() -> Owner:
    owner = Owner("mail")
    owner.scope.open()
    return owner


def raising(*_: object) -> None:
    raise ValueError("no room")


# declaring


def test_dk55_a_plain_function_runs_before_its_handlers(log: list[Any]) -> None:
    @event
    def login(user: str) -> None:
        log.append(f"{user} logs in")

    @login.on
    def greet(name: str) -> None:
        log.append(f"hello {name}")

    login("ada")

    assert log == ["ada logs in", "hello ada"]


@pytest.mark.parametrize("declare", [event, event()], ids=["without", "with"])
def test_dk61_the_decorator_works_with_and_without_parentheses(
    log: list[Any], declare: Callable[[Any], Any]
) -> None:
    @declare
    def login(user: str) -> None: ...

    login.subscribe(log.append)
    login("ada")

    assert log == ["ada"]


def test_dk55_the_signature_is_checked_by_python_itself() -> None:
    @event
    def login(user: str, times: int = 1) -> None: ...

    with pytest.raises(TypeError, match=r"login\(\) missing 1 required positional argument"):
        login()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"login\(\) got an unexpected keyword argument 'name'"):
        login("ada", name=1)  # type: ignore[call-arg]


def test_handlers_get_all_arguments_by_position_with_defaults(log: list[Any]) -> None:
    @event
    def login(user: str, times: int = 1) -> None: ...

    @login.on
    def note(who: str, how_often: int) -> None:
        log.append((who, how_often))

    login("ada")
    login(times=3, user="bob")

    assert log == [("ada", 1), ("bob", 3)]


def test_a_generator_runs_before_and_after_the_handlers(log: list[Any]) -> None:
    @event
    def login(user: str) -> Generator[None]:
        log.append("before")
        yield
        log.append("after")

    login.subscribe(log.append)
    login("ada")

    assert log == ["before", "ada", "after"]


def test_a_generator_that_returns_before_its_yield_cancels_the_emission(log: list[Any]) -> None:
    @event
    def login(user: str) -> Generator[None]:
        if not user:
            return
        yield
        log.append("after")

    login.subscribe(log.append)
    login("")
    login("ada")

    assert log == ["ada", "after"]


def test_dk61_a_second_yield_is_an_error(log: list[Any]) -> None:
    @event
    def login() -> Generator[None]:
        try:
            yield
            yield
        finally:
            log.append("closed")

    with pytest.raises(WrapperError, match="event 'login' of the application yields a second time"):
        login()

    assert log == ["closed"]


def transaction(log: list[Any]) -> Any:
    @event
    def saving(what: str) -> Generator[None]:
        log.append("begin")
        try:
            yield
        except Exception:
            log.append("rollback")
            raise
        log.append("commit")

    return saving


def test_dk10_a_transaction_commits(log: list[Any]) -> None:
    saving = transaction(log)
    saving("tea")

    assert log == ["begin", "commit"]


def test_dk10_and_rolls_back_when_a_handler_raises(log: list[Any]) -> None:
    saving = transaction(log)
    saving += raising

    with pytest.raises(PluginErrors):
        saving("tea")

    assert log == ["begin", "rollback"]


def test_a_generator_can_swallow_what_handlers_raise() -> None:
    @event
    def login() -> Generator[None]:
        with contextlib.suppress(PluginErrors):
            yield

    login.subscribe(raising)
    login()


def test_what_the_code_after_raises_is_raised() -> None:
    @event
    def login() -> Generator[None]:
        yield
        raise KeyError("after")

    with pytest.raises(KeyError, match="after"):
        login()


def test_no_handler_runs_when_the_code_before_raises(log: list[Any]) -> None:
    @event
    def login(user: str) -> None:
        raise KeyError("before")

    login.subscribe(log.append)
    with pytest.raises(KeyError, match="before"):
        login("ada")

    assert log == []


def test_an_event_looks_like_its_function() -> None:
    @event
    def login(user: str, times: int = 1) -> None:
        """Someone is there."""

    assert login.__name__ == "login"
    assert login.__doc__ == "Someone is there."
    assert str(inspect.signature(login)) == "(user: 'str', times: 'int' = 1) -> 'None'"
    assert repr(login).startswith(f"<event 'login' of the application from {__file__}:")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def login(*users): ...", r"declared with 'users'"),
        ("def login(user, *, loud): ...", r"declared with 'loud'.*\n.*login\(user, \*, loud\)"),
        ("def login(user, **more): ...", r"declared with 'more'"),
    ],
)
def test_an_event_takes_named_arguments_only(source: str, said: str) -> None:
    names: dict[str, Any] = {}
    exec(source, names)

    with pytest.raises(EventError, match=said):
        event(names["login"])


def test_an_event_is_declared_with_a_function() -> None:
    with pytest.raises(EventError, match="an event is declared with a function"):
        event(3)  # type: ignore[call-overload]


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(EventError, match="unknown policy 'ignore'; it can be 'collect', 'raise'"):
        event(policy="ignore")(lambda: None)  # type: ignore[call-overload]


MODULE = """
from hotplug.host.declaring import event

@event
def login(user): ...
"""


def test_dk61_an_event_that_takes_the_name_of_another_says_so() -> None:
    names: dict[str, Any] = {"__name__": "auth"}
    exec(compile(MODULE, "auth.py", "exec"), names)
    first = names["login"]
    first.subscribe(print)

    with pytest.warns(RuntimeWarning, match="'login' of the application is declared again") as seen:
        exec(compile(f"\n\n{MODULE}", "auth.py", "exec"), names)

    assert "auth.py:6" in str(seen[0].message)
    assert "before: auth.py:4, which keeps its 1 subscription;" in str(seen[0].message)
    assert seen[0].filename == "auth.py"
    assert len(first.subscriptions) == 1


def test_two_owners_may_have_events_of_one_name(auth: Owner, mail: Owner) -> None:
    kept = []
    for owner in (None, auth, mail):
        names: dict[str, Any] = {"__name__": "shared"}
        run = compile(MODULE, "shared.py", "exec")
        exec(run, names) if owner is None else owner.call(exec, run, names)
        kept.append(names["login"])

    assert [each.owner for each in kept] == [None, auth, mail]


# subscribing


def test_on_returns_the_handler_as_it_is() -> None:
    @event
    def login(user: str) -> None: ...

    def greet(name: str) -> None: ...

    assert login.on(greet) is greet


def test_dp_a_handler_can_be_subscribed_and_taken_off_with_operators(log: list[Any]) -> None:
    @event
    def login(user: str) -> None: ...

    before: Any = login
    login += log.append
    assert login is before
    login("ada")
    login -= log.append
    login("bob")

    assert log == ["ada"]


def test_what_is_subscribed_twice_runs_twice_and_leaves_one_at_a_time(log: list[Any]) -> None:
    @event
    def login(user: str) -> None: ...

    login.subscribe(log.append)
    login.subscribe(log.append)
    login("ada")

    assert log == ["ada", "ada"]
    assert login.unsubscribe(log.append)
    assert login.unsubscribe(log.append)
    assert not login.unsubscribe(log.append)


def test_bound_methods_are_known_again(log: list[Any]) -> None:
    class Listener:
        def hear(self, user: str) -> None:
            log.append(user)

    @event
    def login(user: str) -> None: ...

    listener = Listener()
    login += listener.hear
    login -= listener.hear
    login("ada")

    assert log == []


def test_dk12_a_handler_that_does_not_fit_is_refused(mail: Owner) -> None:
    @event
    def login(user: str, times: int = 1) -> None: ...

    def greet(name: str) -> None: ...

    with pytest.raises(EventError) as caught:
        mail.call(login.subscribe, greet)  # type: ignore[arg-type]

    line = greet.__code__.co_firstlineno
    declared_as = f"login(user: 'str', times: 'int' = 1) -> 'None'   {login.where}"
    assert str(caught.value).splitlines() == [
        "plugin 'mail' subscribes a handler that does not fit event 'login' of the application",
        f"  {__file__}:{line}   greet(name: 'str') -> 'None'",
        f"  it is called by position, as the event is declared: {declared_as}",
    ]


@wraps(lambda user, times: None)
def only_by_name(**named: object) -> None: ...


FITTING: list[Any] = [
    lambda user, times: None,
    lambda user, times=2, more=3: None,
    lambda *everything: None,
    lambda user, *rest, loud=False: None,
    print,
    dict[str, int]().update,
    SimpleNamespace,
]
UNFITTING: list[Any] = [
    lambda: None,
    lambda user: None,
    lambda user, times, more: None,
    lambda user, times, *, loud: None,
    lambda **named: None,
    only_by_name,
]


def test_pkl16_what_cannot_be_called_handles_nothing() -> None:
    @event
    def login(user: str) -> None: ...

    not_a_function: Any = "greet"

    with pytest.raises(TypeError, match=r"a handler of event .* is a function, not 'greet'"):
        login.subscribe(not_a_function)


@pytest.mark.parametrize("handler", FITTING, ids=range(len(FITTING)))
def test_a_handler_fits_that_takes_as_many_by_position(handler: Any) -> None:
    @event
    def login(user: str, times: int) -> None: ...

    assert login.subscribe(handler).enabled


@pytest.mark.parametrize("handler", UNFITTING, ids=range(len(UNFITTING)))
def test_a_handler_that_takes_more_or_fewer_does_not(handler: Any) -> None:
    @event
    def login(user: str, times: int) -> None: ...

    with pytest.raises(TypeError, match="does not fit event 'login'"):
        login.subscribe(handler)


def test_a_subscription_is_a_resource_of_its_subscriber(mail: Owner, log: list[Any]) -> None:
    @event
    def login(user: str) -> None: ...

    subscription = mail.call(login.subscribe, log.append)

    assert list(mail.scope) == [subscription]
    assert subscription.kind == "subscription"
    assert subscription.describe() == "subscription to event 'login' of the application"
    assert login.subscriptions == (subscription,)


def test_it_ends_with_its_subscriber(mail: Owner, log: list[Any]) -> None:
    @event
    def login(user: str) -> None: ...

    mail.call(login.subscribe, log.append)
    login("ada")
    mail.scope.close()
    login("bob")

    assert log == ["ada"]
    assert login.subscriptions == ()


def declared_by(owner: Owner, function: Callable[..., object], **options: Any) -> Any:
    """An event of this owner."""
    return owner.call(event(**options), function)


def test_dk60_a_plugins_handler_leaves_the_event_of_another_too(
    auth: Owner, mail: Owner, log: list[Any]
) -> None:
    login = declared_by(auth, lambda user: None)
    mail.call(login.subscribe, log.append)

    mail.scope.close()
    login("ada")

    assert log == []
    assert login.subscriptions == ()


def test_dk57_a_subscription_that_has_ended_is_no_resource_any_more(mail: Owner) -> None:
    @event
    def login(user: str) -> None: ...

    for _ in range(100):
        mail.call(login.subscribe, print)
        assert mail.call(login.unsubscribe, print)

    assert list(mail.scope) == []


def test_unsubscribing_what_is_live_looks_at_nothing_else_that_its_plugin_holds(
    mail: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    @event
    def login(user: str) -> None: ...

    mail.call(login.subscribe, print)
    monkeypatch.setattr(Scope, "__iter__", lambda scope: pytest.fail("it looked through the scope"))

    assert mail.call(login.unsubscribe, print)


def test_what_is_staged_can_be_unsubscribed_too(log: list[Any]) -> None:
    @event
    def login(user: str) -> None: ...

    loaded = Owner("loaded")
    loaded.call(login.subscribe, log.append)

    assert loaded.call(login.unsubscribe, log.append)
    loaded.scope.open()
    login("ada")
    assert log == []


def test_dk58_the_application_can_unsubscribe_its_own_handler(auth: Owner, log: list[Any]) -> None:
    login = declared_by(auth, lambda user: None)
    login += log.append
    login -= log.append
    login("ada")

    assert log == []


def test_one_ends_only_its_own_subscription(auth: Owner, mail: Owner) -> None:
    login = declared_by(auth, lambda user: None)
    login.subscribe(print)

    assert not mail.call(login.unsubscribe, print)
    assert len(login.subscriptions) == 1


def test_what_a_loaded_plugin_subscribes_hears_nothing_until_it_is_enabled(log: list[Any]) -> None:
    @event
    def login(user: str) -> None: ...

    shop = Owner("shop")
    shop.call(login.subscribe, log.append)
    login("ada")
    shop.scope.open()
    login("bob")

    assert log == ["bob"]


def test_a_staged_subscription_can_be_given_back(log: list[Any]) -> None:
    @event
    def login(user: str) -> None: ...

    shop = Owner("shop")
    shop.call(login.subscribe, log.append).disable()
    shop.scope.open()
    login("ada")

    assert log == []


def test_pkl16_a_staged_subscription_is_taken_off_as_a_live_one(log: list[Any]) -> None:
    @event
    def login(user: str) -> None: ...

    def subscribe_and_think_again() -> None:
        nonlocal login
        login += log.append
        login -= log.append

    shop = Owner("shop")
    shop.call(subscribe_and_think_again)
    shop.scope.open()
    login("ada")

    assert log == []


def test_an_event_lets_go_of_all_subscribers_when_its_owner_ends(auth: Owner, mail: Owner) -> None:
    login = declared_by(auth, lambda user: None)
    by_mail = mail.call(login.subscribe, print)
    by_application = login.subscribe(print)

    auth.scope.close()

    assert login.subscriptions == ()
    assert not by_mail.enabled
    assert not by_application.enabled
    assert list(mail.scope) == []


# async


def test_dk54_an_async_event_awaits_handlers_of_both_kinds(log: list[Any]) -> None:
    @event
    async def login(user: str) -> None:
        await asyncio.sleep(0)
        log.append("body")

    @login.on
    async def greet(user: str) -> None:
        await asyncio.sleep(0)
        log.append(f"async {user}")

    @login.on
    def note(user: str) -> None:
        log.append(f"sync {user}")

    asyncio.run(login("ada"))

    assert log == ["body", "async ada", "sync ada"]


def test_dk54_an_async_generator_runs_before_and_after_the_handlers(log: list[Any]) -> None:
    @event
    async def login(user: str) -> AsyncGenerator[None]:
        await asyncio.sleep(0)
        log.append("before")
        try:
            yield
        except PluginErrors as errors:
            log.append(repr(errors.exceptions[0]))
        await asyncio.sleep(0)
        log.append("after")

    login.subscribe(log.append)
    login.subscribe(raising)
    asyncio.run(login("ada"))

    assert log == ["before", "ada", "ValueError('no room')", "after"]


def test_an_async_generator_can_cancel_the_emission(log: list[Any]) -> None:
    @event
    async def login(user: str) -> AsyncGenerator[None]:
        if user:
            yield

    login.subscribe(log.append)
    asyncio.run(login(""))

    assert log == []


def test_a_second_yield_of_an_async_generator_is_an_error(log: list[Any]) -> None:
    @event
    async def login() -> AsyncGenerator[None]:
        try:
            yield
            yield
        finally:
            log.append("closed")

    with pytest.raises(WrapperError, match="yields a second time"):
        asyncio.run(login())
    assert log == ["closed"]


def test_the_code_after_sees_that_an_emission_is_cancelled(log: list[Any]) -> None:
    @event
    async def login() -> AsyncGenerator[None]:
        try:
            yield
        except asyncio.CancelledError:
            log.append("cancelled")
            raise

    @login.on
    async def forever() -> None:
        await asyncio.Event().wait()

    async def main() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(login(), 0.01)

    asyncio.run(main())
    assert log == ["cancelled"]


@pytest.mark.parametrize("with_generator", [False, True])
def test_a_sync_event_can_be_emitted_to_coroutine_functions(
    log: list[Any], with_generator: bool
) -> None:
    def plain(user: str) -> None:
        log.append("body")

    def around(user: str) -> Generator[None]:
        log.append("body")
        yield

    function: Any = around if with_generator else plain
    login: Any = event(function)

    async def greet(user: str) -> None:
        await asyncio.sleep(0)
        log.append(user)

    login.subscribe(greet)
    asyncio.run(login.emit_async("ada"))

    assert log == ["body", "ada"]


def test_a_sync_call_with_coroutine_handlers_names_them_and_runs_none(
    mail: Owner, log: list[Any]
) -> None:
    @event
    def login(user: str) -> None:
        log.append("body")

    async def greet(user: str) -> None: ...

    login.subscribe(log.append)
    mail.call(login.subscribe, greet)

    with pytest.raises(TypeError) as caught:
        login("ada")

    assert log == []
    assert "event 'login' of the application has handlers that have to be awaited" in str(
        caught.value
    )
    assert f"plugin 'mail': {greet.__qualname__}   {__file__}:" in str(caught.value)
    assert "await login.emit_async(...)" in str(caught.value)


def test_once_they_are_gone_it_works_again(log: list[Any]) -> None:
    @event
    def login(user: str) -> None: ...

    @login.on
    async def greet(user: str) -> None: ...

    login.unsubscribe(greet)
    login.subscribe(log.append)
    login("ada")

    assert log == ["ada"]


def test_a_coroutine_function_is_known_in_any_wrapping(log: list[Any]) -> None:
    class Listener:
        async def __call__(self, user: str) -> None:
            log.append(user)

    @event
    def login(user: str) -> None: ...

    @event
    async def again(user: str) -> None:
        log.append(f"{user} again")

    login.subscribe(Listener())
    login.subscribe(again)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(login.emit_async("ada"))

    assert log == ["ada", "ada again"]


def test_who_runs_in_a_handler_of_a_task_is_its_subscriber(mail: Owner, log: list[Any]) -> None:
    async def part() -> None:
        await asyncio.sleep(0)
        log.append(current_owner())

    async def greet(user: str) -> None:
        await asyncio.sleep(0)
        log.append(current_owner())
        await asyncio.create_task(part())

    @event
    async def login(user: str) -> None: ...

    mail.call(login.subscribe, greet)
    asyncio.run(login("ada"))

    assert log == [mail, mail]


def test_so_it_is_in_a_task_that_a_sync_handler_starts(mail: Owner, log: list[Any]) -> None:
    tasks: list[asyncio.Task[None]] = []

    async def part() -> None:
        log.append(current_owner())

    def greet(user: str) -> None:
        tasks.append(asyncio.create_task(part()))

    @event
    def login(user: str) -> None: ...

    async def main() -> None:
        login("ada")
        await asyncio.gather(*tasks)

    mail.call(login.subscribe, greet)
    asyncio.run(main())

    assert log == [mail]


class Passed(Gate):
    """Holds nobody back."""

    def lets_pass(self, frame: FrameType | None, *, is_async: bool) -> bool:
        return True

    def lasted_too_long(self, hook: str) -> None: ...

    def patience(self) -> float:
        return 0.0


def test_what_handlers_raise_is_told_in_the_same_way_in_an_emission_that_passes_a_hold(
    mail: Owner,
) -> None:
    @event
    def login(user: str) -> None: ...

    mail.call(login.subscribe, raising)
    login.call(Way.AWAITED)
    Passed().put_before([*login.calls.values()])

    for emit in (login, lambda user: asyncio.run(login.emit_async(user))):
        with pytest.raises(PluginErrors, match="event 'login': 1 handler raised") as caught:
            emit("ada")
        assert caught.value.exceptions[0].__notes__ == [
            "event 'login': raised by a handler of plugin 'mail'"
        ]
