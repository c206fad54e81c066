"""`sys.exit` in a plugin is an error of it wherever the host calls it, and ends no program."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hotplug import (
    HookspecMarker,
    PluginErrors,
    PluginExit,
    PluginHost,
    ReloadError,
    event,
)
from hotplug.host.declaring import new_event
from hotplug.host.events import Event
from hotplug.host.handlers import EventPolicy
from hotplug.testing import FakeClock

WritePlugin = Callable[..., Path]
Notes = list[str]

HEAD = """
import sys
from hotplug import HookimplMarker, event, get_current_plugin, hostimpl, set_timeout, syscall
me = get_current_plugin()
"""


class Specs:
    @HookspecMarker("shop")
    def price(self) -> None: ...


@pytest.fixture
def host(clock: FakeClock) -> Iterator[PluginHost[Any]]:
    with PluginHost("shop", specs=Specs, scheduler=clock) as host:
        yield host


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def start(host: PluginHost[Any], write_plugin: WritePlugin) -> Callable[..., Any]:
    """Write a plugin, load it and enable it."""

    def start(name: str, source: str, **manifest: Any) -> Any:
        plugin = host.load_plugin(write_plugin(name, HEAD + source, **manifest))
        plugin.enable()
        return plugin

    return start


def is_exit_of(error: BaseException, name: str, line: str) -> bool:
    """Whether it is the error of this plugin, and says where its code says so."""
    first, place = str(error).splitlines()
    file, _, number = place.strip().rpartition(":")
    text = Path(file).read_text("utf-8").splitlines()[int(number) - 1].strip()
    said = f"plugin {name!r} called sys.exit(3), which is an error of it and ends no program"
    return (type(error), first, text) == (PluginExit, said, line)


# events: who emits does not know who hears


FORMS = {"step by step": 1, "compiled": 400}
LEAVES = "\n@sold.on\ndef heard(item):\n    sys.exit(3)\n"


def sold_with(policy: EventPolicy) -> Event[Any]:
    def sold(item: str) -> None: ...

    return new_event(sold, None, policy=policy)


def what_comes_out(sold: Event[Any], times: int) -> BaseException:
    """What the last of so many emissions raises; all do."""
    for _ in range(times - 1):
        with pytest.raises((Exception, SystemExit)):
            sold("tea")
    with pytest.raises((Exception, SystemExit)) as caught:
        sold("tea")
    return caught.value


@pytest.fixture
def hears(start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Let a plugin subscribe to an event of the application."""

    def hears(sold: Event[Any], name: str = "leaver", source: str = LEAVES) -> Any:
        monkeypatch.setattr("builtins.sold", sold, raising=False)
        return start(name, source)

    return hears


@pytest.mark.parametrize("times", FORMS.values(), ids=FORMS)
def test_a_handler_that_exits_is_collected_with_the_others(
    hears: Callable[..., Any], times: int
) -> None:
    sold = sold_with("collect")
    heard: list[str] = []
    plugin = hears(sold)
    sold.subscribe(heard.append)

    group = what_comes_out(sold, times)

    assert isinstance(group, PluginErrors)
    (error,) = group.exceptions
    assert is_exit_of(error, "leaver", "sys.exit(3)")
    assert isinstance(error.__cause__, SystemExit)
    assert heard == ["tea"] * times
    assert plugin.state.value == "enabled"


@pytest.mark.parametrize("times", FORMS.values(), ids=FORMS)
def test_a_handler_that_exits_is_raised_under_the_policy_raise(
    hears: Callable[..., Any], times: int
) -> None:
    sold = sold_with("raise")
    hears(sold)

    assert is_exit_of(what_comes_out(sold, times), "leaver", "sys.exit(3)")


@pytest.mark.parametrize("times", FORMS.values(), ids=FORMS)
def test_a_handler_that_exits_is_logged_under_the_policy_skip(
    hears: Callable[..., Any], times: int, caplog: pytest.LogCaptureFixture
) -> None:
    sold = sold_with("skip")
    hears(sold)

    for _ in range(times):
        sold("tea")

    assert len(caplog.records) == times
    assert "raised PluginExit: plugin 'leaver' called sys.exit(3)" in caplog.records[-1].message


@pytest.mark.parametrize("source", [LEAVES, LEAVES.replace("def", "async def")])
def test_so_it_is_where_handlers_are_awaited(hears: Callable[..., Any], source: str) -> None:
    sold = sold_with("collect")
    hears(sold, source=source)

    with pytest.raises(PluginErrors) as caught:
        asyncio.run(sold.emit_async("tea"))

    assert is_exit_of(caught.value.exceptions[0], "leaver", "sys.exit(3)")


@pytest.mark.parametrize("times", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("policy", ["collect", "raise", "skip"])
def test_the_application_may_exit_in_a_handler_of_its_own(policy: EventPolicy, times: int) -> None:
    sold = sold_with(policy)

    @sold.on
    def leave(item: str) -> None:
        raise SystemExit(3)

    assert isinstance(what_comes_out(sold, times), SystemExit)


@pytest.mark.parametrize("times", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("policy", ["collect", "raise", "skip"])
def test_an_interrupt_goes_through_every_handler(
    hears: Callable[..., Any], policy: EventPolicy, times: int
) -> None:
    sold = sold_with(policy)
    hears(sold, source=LEAVES.replace("sys.exit(3)", "raise KeyboardInterrupt"))

    for _ in range(times):
        with pytest.raises(KeyboardInterrupt):
            sold("tea")


def test_who_waits_for_an_event_gets_what_the_own_condition_raises() -> None:
    @event
    def sold(item: str) -> None: ...

    def leave(item: str) -> bool:
        raise SystemExit(3)

    def wait() -> None:
        with pytest.raises(SystemExit):
            sold.wait_for(10, leave)
        left.append("tea")

    left: list[str] = []
    thread = threading.Thread(target=wait)
    thread.start()
    while not sold.subscriptions and thread.is_alive():
        time.sleep(0.001)

    sold("tea")
    thread.join()

    assert left == ["tea"]


# what the host calls


def test_a_timer_that_exits_has_it_as_its_last_error(
    start: Callable[..., Any], clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    plugin = start("leaver", "timer = set_timeout(lambda: sys.exit(3), 1)")

    clock.advance(1)

    line = "timer = set_timeout(lambda: sys.exit(3), 1)"
    assert is_exit_of(plugin.module.timer.last_error, "leaver", line)
    assert "raised PluginExit" in caplog.records[0].message


WANTS_TO_KNOW = "\n@hostimpl\ndef plugin_enabled(plugin):\n    LEAVE\n"


@pytest.mark.parametrize("times", FORMS.values(), ids=FORMS)
def test_one_that_exits_as_it_is_told_of_the_host_keeps_nobody_else_from_it(
    host: PluginHost[Any],
    start: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
    notes: Notes,
    times: int,
) -> None:
    start("leaver", WANTS_TO_KNOW.replace("LEAVE", "sys.exit(3)"))
    start("writer", WANTS_TO_KNOW.replace("LEAVE", "notes.append(plugin.name)"))
    told = start("other", "")
    notes.clear()
    caplog.clear()

    for _ in range(times):
        host._happenings.tell("plugin_enabled", plugin=told)

    assert notes == ["other"] * times
    assert len(caplog.records) == times
    assert "plugin 'leaver' failed at 'plugin_enabled': PluginExit" in caplog.records[-1].message


TELLS = {
    "an event of the host": "me.host.events.plugin_disabled.on(lambda plugin: sys.exit(3))",
    "a hook of the application": "me.host.add_disable_hook(lambda plugin: sys.exit(3))",
    "a cleanup hook": "me.host.resource_manager.add_cleanup_hook(lambda resource: sys.exit(3))",
}


@pytest.mark.parametrize("source", TELLS.values(), ids=TELLS)
def test_one_that_exits_as_another_stops_does_not_end_the_program(
    host: PluginHost[Any],
    start: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
    source: str,
) -> None:
    start("leaver", source)
    other = start("other", "me.on_disable.on(print)\nme.own(object(), print)")

    try:
        other.disable()
    except PluginErrors as errors:  # the hooks of the application are told with the rest
        said = str(errors.exceptions)
    else:
        said = caplog.text

    assert "plugin 'leaver' called sys.exit(3)" in said
    assert other.state.value == "disabled"


@pytest.mark.parametrize(
    "source",
    ["def check_health():\n    sys.exit(3)", "def import_state(data, version):\n    sys.exit(3)"],
)
def test_what_a_reload_asks_may_exit_and_the_old_one_serves_on(
    start: Callable[..., Any], write_plugin: WritePlugin, source: str
) -> None:
    plugin = start("leaver", "def export_state():\n    return 1")
    write_plugin("leaver", HEAD + source)

    with pytest.raises(ReloadError) as caught:
        plugin.reload()

    assert is_exit_of(caught.value.__cause__, "leaver", "sys.exit(3)")  # type: ignore[arg-type]
    assert (plugin.state.value, plugin.generation) == ("enabled", 1)


def test_a_plugin_that_exits_when_it_is_asked_later_is_not_well(
    host: PluginHost[Any],
    start: Callable[..., Any],
    write_plugin: WritePlugin,
    clock: FakeClock,
    notes: Notes,
) -> None:
    plugin = start("leaver", "")
    source = "def check_health():\n    notes.append('asked')\n    len(notes) > 1 and sys.exit(3)"
    write_plugin("leaver", HEAD + source)

    report = plugin.reload(confirm=60)
    clock.advance(60)

    assert "PluginExit: plugin 'leaver' called sys.exit(3)" in report.reason + report.confirmation


# what someone calls


def test_who_calls_a_hook_or_a_syscall_gets_what_it_raises(
    host: PluginHost[Any], start: Callable[..., Any]
) -> None:
    plugin = start(
        "leaver",
        "@HookimplMarker('shop')\ndef price():\n    sys.exit(3)\n"
        "@syscall\ndef order():\n    sys.exit(3)\n",
    )

    with pytest.raises(SystemExit) as caught:
        host.hooks.hook.price()
    assert caught.value.__notes__ == ["hook 'price': raised by plugin 'leaver'"]

    with pytest.raises(SystemExit):
        plugin.module.order()


@pytest.mark.parametrize("call", ["order()", "price()"])
def test_it_is_told_of_the_plugin_whose_code_exits_and_not_of_the_one_that_has_called_it(
    host: PluginHost[Any],
    start: Callable[..., Any],
    hears: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    call: str,
) -> None:
    leaver = start(
        "leaver",
        "@HookimplMarker('shop')\ndef price():\n    sys.exit(3)\n"
        "@syscall\ndef order():\n    sys.exit(3)\n",
    )
    monkeypatch.setattr("builtins.order", leaver.module.order, raising=False)
    monkeypatch.setattr("builtins.price", host.hooks.hook.price, raising=False)
    sold = sold_with("raise")
    hears(sold, "caller", LEAVES.replace("sys.exit(3)", call))

    with pytest.raises(PluginExit) as caught:
        sold("tea")

    assert is_exit_of(caught.value, "leaver", "sys.exit(3)")
