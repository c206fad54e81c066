"""Debuggers, coverage and tracebacks: a plugin's code is that of its files."""

import bdb
import inspect
import linecache
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import coverage
import pytest

from hotplug.host.generations import Generation, format_error

Write = Callable[..., Path]
Load = Callable[..., tuple[Generation, Any]]

FAILS = "def fail(of):\n    return of / 0  # {0}\n"


def test_a_traceback_shows_the_text_that_runs(write: Write, load: Load) -> None:
    (_, old) = load(write("shop", plugin=FAILS.format("old")))
    (_, new) = load(write("shop", plugin="\n" + FAILS.format("new")), commit=False)
    reports = []
    for module in (old, new):
        try:
            module.fail(1)
        except ZeroDivisionError as error:
            reports.append(format_error(error))

    assert ["# old" in report for report in reports] == [True, False]
    assert ["# new" in report for report in reports] == [False, True]
    assert 'plugin.py", line 2, in fail' in reports[0]
    assert 'plugin.py", line 3, in fail' in reports[1]


def test_a_report_of_a_failed_load_shows_the_new_file_while_the_old_one_serves(
    write: Write, load: Load
) -> None:
    load(write("shop", plugin="VERSION = 1\nFINE = True"))
    path = write("shop", plugin="VERSION = 2\nVERSION / 0  # broken")

    with pytest.raises(ZeroDivisionError) as caught:
        load(path)

    assert "VERSION / 0  # broken" in format_error(caught.value)
    assert linecache.getline(str(path / "plugin.py"), 2) == "FINE = True"


def test_a_report_shows_the_text_of_causes_and_groups_as_well(write: Write, load: Load) -> None:
    text = """
def fail():
    try:
        1 / 0  # first {0}
    except ZeroDivisionError as error:
        raise ExceptionGroup("several", [sub(), sub()]) from error
def sub():
    try:
        raise KeyError(1)  # second {0}
    except KeyError as error:
        return error
"""
    _, module = load(write("shop", plugin=text.format("old")))
    write("shop", plugin=text.format("new"))

    with pytest.raises(ExceptionGroup) as caught:
        module.fail()

    report = format_error(caught.value)
    assert (report.count("# first old"), report.count("# second old")) == (1, 2)
    assert "new" not in report


def test_what_serves_is_what_inspect_and_python_show(write: Write, load: Load) -> None:
    path = write("shop", plugin=FAILS.format("loaded"))
    generation, module = load(path)
    write("shop", plugin="# edited\n" * 5)
    linecache.checkcache()

    assert "# loaded" in inspect.getsource(module.fail)
    assert generation.source_of(str(path / "plugin.py")) == FAILS.format("loaded")
    with pytest.raises(ZeroDivisionError) as caught:
        module.fail(1)
    assert "# loaded" in "".join(traceback.format_exception(caught.value))
    generation.close()
    assert "# edited" in linecache.getline(str(path / "plugin.py"), 1)


class Stops(bdb.Bdb):
    """A debugger that notes where it stops."""

    def __init__(self) -> None:
        super().__init__()
        self.stopped_at: list[int] = []

    def user_line(self, frame: Any) -> None:
        if self.break_here(frame):
            self.stopped_at.append(frame.f_lineno)
        self.set_continue()


def test_one_breakpoint_stops_in_both_generations(
    write: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("shop", plugin="def price():\n    cost = 1\n    return cost\n")
    (_, old), (_, new) = load(path), load(path)
    debugger = Stops()
    assert debugger.set_break(str(path / "plugin.py"), 3) is None

    before = sys.gettrace()
    try:
        debugger.runcall(old.price)
        debugger.runcall(new.price)
    finally:
        sys.settrace(before)
        debugger.clear_all_breaks()

    assert debugger.stopped_at == [3, 3]


COVERED = """
import math
def price(of):
    if of > 1:
        return math.floor(of)
    return 0
"""


def test_coverage_counts_a_plugin_as_it_counts_a_module(
    write: Write, load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("shop", plugin=COVERED)
    plain = write("plain", covered=COVERED)
    monkeypatch.syspath_prepend(str(plain))
    before = sys.gettrace()
    measured = coverage.Coverage(data_file=None, branch=True, config_file=False)
    measured.start()
    try:
        load(path)[1].price(2)
        import covered  # type: ignore[import-not-found]

        covered.price(2)
    finally:
        measured.stop()
        sys.settrace(before)
        monkeypatch.delitem(sys.modules, "covered")

    data = measured.get_data()
    ours, theirs = (str(path / "plugin.py"), str(plain / "covered.py"))
    assert data.arcs(ours)
    assert sorted(data.arcs(ours) or ()) == sorted(data.arcs(theirs) or ())
