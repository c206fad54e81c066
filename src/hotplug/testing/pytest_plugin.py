"""The fixtures that pytest finds by itself where hotplug is installed.

All that is heavy is imported by the fixtures: most sessions use none of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from hotplug.host.host import PluginHost
    from hotplug.testing.clock import FakeClock

__all__ = ["plugin_clock", "plugin_host", "plugin_project"]

MARKER: Final = (
    "hotplug(*, leak_check=True, allowed_leaks=(), **options): how `plugin_host` makes its host, "
    "and what plugins may leave behind. The options are those of hotplug.PluginHost, as specs=."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(
        "hotplug_leak_check",
        "fail tests whose plugins leave something behind (plugin_host)",
        type="bool",
        default=True,
    )
    parser.addini(
        "hotplug_allowed_leaks",
        "kinds of leaks that no test fails for, one on each line",
        type="linelist",
        default=[],
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def plugin_clock() -> FakeClock:
    """The clock of the timers of `plugin_host`: time passes with ``plugin_clock.advance(2.5)``."""
    from hotplug.testing.clock import FakeClock

    return FakeClock()


@pytest.fixture
def plugin_project(tmp_path: Path) -> Callable[..., Path]:
    """Writes a plugin: ``plugin_project("shop", source, files={...}, version="2.0")``."""
    from hotplug.testing.projects import write_plugin

    def write(name: str, source: str = "", **options: Any) -> Path:
        return write_plugin(tmp_path, name, source, **options)

    return write


@pytest.fixture
def plugin_host(
    request: pytest.FixtureRequest, plugin_clock: FakeClock
) -> Generator[PluginHost[Any]]:
    """A host for one test. At its end it is closed, and plugins must have left nothing behind."""
    from hotplug.testing.checked import checked_host

    failed_before = request.session.testsfailed
    options: dict[str, Any] = {"scheduler": plugin_clock, **options_of(request)}
    checked = checked_host(**options)
    checked.excused_types = (pytest.MonkeyPatch, pytest.ExceptionInfo)
    checked.excused = lambda: held_by_pytest(request)
    checked.has_failed = lambda: request.session.testsfailed > failed_before
    with checked as host:
        yield host


def options_of(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the ini file says, then the markers, the nearest last."""
    config = request.config
    options: dict[str, Any] = {
        "leak_check": config.getini("hotplug_leak_check"),
        "allowed_leaks": config.getini("hotplug_allowed_leaks"),
    }
    for mark in reversed([*request.node.iter_markers("hotplug")]):
        if mark.args:
            raise pytest.UsageError(
                'pytest.mark.hotplug takes keywords, as name="till", specs=Till: '
                f"not {', '.join(map(repr, mark.args))}"
            )
        options.update(mark.kwargs)
    return options


def held_by_pytest(request: pytest.FixtureRequest) -> list[object]:
    """Objects that keep what a test has made until it is quite over."""
    last = (getattr(sys, f"last_{name}", None) for name in ("value", "traceback", "exc"))
    return [*last, request.instance, getattr(request.node, "funcargs", None)]
