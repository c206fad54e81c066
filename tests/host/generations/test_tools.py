"""Debuggers, coverage and tracebacks: a plugin's code is that of its files."""

import bdb
import gc
import inspect
import linecache
import os
import sys
import textwrap
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import coverage
import pytest

from hotplug.host.generations import Generation, Namespace, process

Write = Callable[..., Path]
Load = Callable[..., tuple[Generation, Any]]


def shown(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


FAILS = "def fail(of):\n    return of / 0  # {0}\n"


def test_a_traceback_shows_the_text_that_runs(write: Write, load: Load) -> None:
    (_, old) = load(write("shop", plugin=FAILS.format("old")))
    (_, new) = load(write("shop", plugin="\n" + FAILS.format("new")), commit=False)
    write("shop", plugin="# edited\n" * 5)
    reports = []
    for module in (old, new):
        try:
            module.fail(1)
        except ZeroDivisionError as error:
            reports.append(shown(error))

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

    assert "VERSION / 0  # broken" in shown(caught.value)
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

    report = shown(caught.value)
    assert (report.count("# first old"), report.count("# second old")) == (1, 2)
    assert "new" not in report


def test_the_log_shows_the_text_that_ran(
    write: Write, load: Load, caplog: pytest.LogCaptureFixture
) -> None:
    text = """
    import logging
    def log(of):
        try:
            of / 0  # {0}
        except ZeroDivisionError:
            logging.getLogger("till").exception("no price")
    """
    loaded = [load(write("shop", plugin=textwrap.dedent(text.format(n)))) for n in ("old", "new")]
    for _, module in loaded:
        module.log(1)

    assert ["# old" in caplog.text, "# new" in caplog.text] == [True, True]
    first, second = (str(record.exc_text) for record in caplog.records)
    assert ("# old" in first, "# new" in second) == (True, True)
    caplog.clear()


def test_the_marks_below_a_line_are_those_of_its_own_text(write: Write, load: Load) -> None:
    _, old = load(write("shop", plugin="def price(of): return of['a'] + of['b']['c']"))
    load(write("shop", plugin="# another\n# text"))

    with pytest.raises(TypeError) as caught:
        old.price({"a": 1, "b": None})

    assert "return of['a'] + of['b']['c']\n" in shown(caught.value)
    assert "~~~~~~~^^^^^" in shown(caught.value)


def test_functions_classes_and_modules_show_their_own_text(write: Write, load: Load) -> None:
    text = "class Item:\n    version = {0}\ndef price():\n    return {0}\n"
    _, old = load(write("shop", plugin=text.format(1)))
    _, new = load(write("shop", plugin="\n\n" + text.format(2)))

    for module, version in ((old, 1), (new, 2)):
        assert inspect.getsource(module.price) == f"def price():\n    return {version}\n"
        assert f"version = {version}" in inspect.getsource(module)


def test_a_file_has_its_plain_name_unless_another_text_of_it_is_still_there(
    write: Write, load: Load
) -> None:
    path = write("shop", plugin="VERSION = 1", same="")
    names = []
    kept = [load(path, "plugin")]
    for version in (2, 3, 3):
        write("shop", plugin=f"VERSION = {version}\nfrom . import same")
        kept.append(load(path))
    names = [module.__file__.removeprefix(str(path)) for _, module in kept]
    assert names == ["/plugin.py", "//plugin.py", "///plugin.py", "///plugin.py"]
    assert {module.__spec__.origin for _, module in kept} == {m.__file__ for _, m in kept}
    assert {module.same.__file__ for _, module in kept[1:]} == {str(path / "same.py")}
    assert {Path(module.__file__) for _, module in kept} == {path / "plugin.py"}
    assert {os.path.dirname(module.__file__) for _, module in kept} == {str(path)}  # noqa: PTH120

    for generation, _ in kept:
        generation.close()
    kept.clear()
    gc.collect()
    write("shop", plugin="VERSION = 4")
    assert load(path)[1].__file__ == str(path / "plugin.py")


def test_a_text_that_two_generations_have_is_shown_until_both_are_gone(
    write: Write, load: Load
) -> None:
    path = write("shop", plugin=FAILS.format("same"))
    load(path)[0].close()
    _, module = load(path)
    gc.collect()
    write("shop", plugin="# edited")

    with pytest.raises(ZeroDivisionError) as caught:
        module.fail(1)

    assert "# same" in shown(caught.value)


def test_code_that_was_compiled_under_another_name_is_called_by_the_name_it_has_now(
    write: Write, load: Load
) -> None:
    path = write("shop", plugin="A = 1")
    first, second = load(path)[0], load(write("shop", plugin="B = 1"))
    write("shop", plugin="def price(): ...")
    load(path, commit=False)[0].close()
    first.close()
    del first
    gc.collect()

    _, module = load(path)

    assert module.price.__code__.co_filename == module.__file__ == str(path / "plugin.py")
    assert module.__loader__.get_data(second[1].__file__) == b"def price(): ..."
    del second


def test_two_namespaces_with_two_texts_of_one_plugin_each_show_theirs(
    write: Write, load: Load
) -> None:
    _, mine = load(write("shop", plugin=FAILS.format("mine")))
    other = Namespace()
    generation = other.open("shop", write("shop", plugin=FAILS.format("theirs")))
    theirs = generation.run("plugin")
    reports = []
    for module in (mine, theirs):
        with pytest.raises(ZeroDivisionError) as caught:
            module.fail(1)
        reports.append("# mine" in shown(caught.value))
        del caught
    other.close()

    assert reports == [True, False]


def test_no_text_stays_when_the_code_is_gone(write: Write, namespace: Namespace) -> None:
    gc.collect()
    before = {*linecache.cache}
    for version in range(40):
        generation = namespace.open("inn", write("inn", plugin=f"VERSION = {version}"))
        generation.run("plugin")
        generation.commit()
        generation.close()
        del generation
    gc.collect()

    assert {*linecache.cache} - before == set()
    assert "inn" not in process.loads


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
    assert "# loaded" in shown(caught.value)
    del caught, generation, module
    gc.collect()
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
    (_, old) = load(path)
    (_, new) = load(write("shop", plugin="def price():\n    cost = 2\n    return cost\n"))
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
    plain = write("plain", covered=COVERED)
    monkeypatch.syspath_prepend(str(plain))
    before = sys.gettrace()
    path = write("shop", plugin="# another text, so that this one has another name")
    kept = load(path)
    measured = coverage.Coverage(data_file=None, branch=True, config_file=False)
    measured.start()
    try:
        load(write("shop", plugin=COVERED))[1].price(2)
        import covered  # type: ignore[import-not-found]

        covered.price(2)
    finally:
        measured.stop()
        sys.settrace(before)
        monkeypatch.delitem(sys.modules, "covered")

    data = measured.get_data()
    assert kept[1].__file__
    ours, theirs = (str(path / "plugin.py"), str(plain / "covered.py"))
    assert data.arcs(ours)
    assert sorted(data.arcs(ours) or ()) == sorted(data.arcs(theirs) or ())
