"""The end of the program: hosts that are still open are closed, and on signals where asked."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from hotplug.host.host import PluginHost

WritePlugin = Callable[..., Path]

SAYS_BYE = """
    from hotplug.host.contexts import get_current_plugin
    me = get_current_plugin()
    me.on_disable += lambda: print("bye", flush=True)
"""


def program(place: Path, source: str) -> list[str]:
    head = f"from hotplug.host.host import PluginHost\nPLACE = {str(place)!r}\n"
    return [sys.executable, "-c", head + textwrap.dedent(source)]


def output_of(place: Path, source: str) -> str:
    done = subprocess.run(
        program(place, source), capture_output=True, text=True, timeout=30, check=False
    )
    return done.stdout + done.stderr


def test_dk19_plugins_are_stopped_at_the_end_of_the_program(write_plugin: WritePlugin) -> None:
    output = output_of(
        write_plugin("shop", SAYS_BYE), "host = PluginHost(); host.load_plugin(PLACE).enable()"
    )

    assert output == "bye\n"


def test_they_are_stopped_before_threads_are_waited_for(write_plugin: WritePlugin) -> None:
    source = """
        import threading
        from hotplug.host.contexts import get_current_plugin
        enough = threading.Event()
        threading.Thread(target=enough.wait, daemon=False).start()
        get_current_plugin().on_disable += lambda: (print("bye", flush=True), enough.set())
    """
    output = output_of(
        write_plugin("shop", source), "host = PluginHost(); host.load_plugin(PLACE).enable()"
    )

    assert output == "bye\n"


def test_an_error_then_is_logged_and_the_other_hosts_are_closed(write_plugin: WritePlugin) -> None:
    output = output_of(
        write_plugin("shop", SAYS_BYE + "    me.on_disable += lambda: 1 / 0"),
        "hosts = [PluginHost(), PluginHost()]\nfor host in hosts: host.load_plugin(PLACE).enable()",
    )

    assert output.count("bye") == 2
    assert output.count("ZeroDivisionError: division by zero") == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_them_where_that_is_asked_for(
    write_plugin: WritePlugin, number: signal.Signals
) -> None:
    waiting = """
        import signal, time
        signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs of a shell may ignore it
        host = PluginHost(handle_signals=True)
        host.load_plugin(PLACE).enable()
        print("ready", flush=True)
        time.sleep(30)
    """
    with subprocess.Popen(
        program(write_plugin("shop", SAYS_BYE), waiting),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.stdout.readline() == "bye\n"
        assert process.wait(timeout=30) in (-number, 1, 130)


def test_a_signal_does_afterwards_what_it_did_before(write_plugin: WritePlugin) -> None:
    output = output_of(
        write_plugin("shop", SAYS_BYE),
        """
        import signal
        signal.signal(signal.SIGTERM, lambda number, frame: print("handled"))
        host = PluginHost(handle_signals=True)
        host.load_plugin(PLACE).enable()
        signal.raise_signal(signal.SIGTERM)
        print(host.is_closed)
        signal.raise_signal(signal.SIGTERM)
        """,
    )

    assert output.splitlines() == ["bye", "handled", "True", "handled"]


def test_a_signal_stops_them_in_the_midst_of_a_plugins_code(write_plugin: WritePlugin) -> None:
    raises_it = (
        SAYS_BYE + "    import signal\n    hit = lambda: signal.raise_signal(signal.SIGTERM)"
    )

    output = output_of(
        write_plugin("shop", raises_it),
        """
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        host = PluginHost(handle_signals=True)
        plugin = host.load_plugin(PLACE)
        plugin.enable()
        plugin.owner.call(plugin.module.hit)
        print(host.is_closed)
        """,
    )

    assert output.splitlines() == ["bye", "True"]


def test_nothing_is_installed_unless_asked_for_and_nothing_is_left() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with PluginHost():
        assert signal.getsignal(signal.SIGTERM) is before
    with PluginHost(handle_signals=True):
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_plugin_that_never_stops_is_interrupted_and_the_others_are_stopped(
    write_plugin: WritePlugin,
) -> None:
    endless = SAYS_BYE + "    def never():\n        while True: pass\n    me.on_disable += never\n"
    polite = write_plugin("polite", SAYS_BYE.replace('"bye"', '"polite"'))
    output = output_of(
        write_plugin("endless", endless),
        "from hotplug.host import exits\n"
        "exits.GRACE = 0.2\n"
        "host = PluginHost()\n"
        f"host.load_plugin({str(polite)!r}).enable()\n"
        "host.load_plugin(PLACE).enable()\n",
    )

    assert "bye\n" in output
    assert "polite\n" in output
    assert "plugin 'endless' has not ended within 0.2 s, and is interrupted: " in output
