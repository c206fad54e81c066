"""The fixtures, as pytest gives them to those who have installed hotplug and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

import hotplug
from hotplug.testing import write_plugin

Run = Callable[..., str]


@pytest.fixture
def run_pytest(tmp_path: Path) -> Run:
    """Run pytest on a file of tests, in a process of its own; returns what it prints."""

    def run(source: str, *, ini: str = "", finds_plugins: bool = False) -> str:
        (tmp_path / "test_shop.py").write_text(dedent(source), "utf-8")
        (tmp_path / "pytest.ini").write_text(f"[pytest]\nfilterwarnings = error\n{ini}", "utf-8")
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA"]
        environment = dict(os.environ)
        if not finds_plugins:  # those of others cost each of these sessions a second
            environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
            command += ["-p", "hotplug.testing.pytest_plugin"]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False
        )
        return done.stdout + done.stderr

    return run


LEAKS = """
    import pytest

    callbacks = []
    SOURCE = "import test_shop\\ntest_shop.callbacks.append(lambda: 0)\\n"

    {mark}
    def test_it(plugin_host, plugin_project):
        plugin_host.load_plugin(plugin_project("shop", SOURCE)).enable()
"""


def test_a_plugin_that_leaves_something_fails_the_test_in_words(run_pytest: Run) -> None:
    told = run_pytest(LEAKS.format(mark=""))

    assert "1 passed, 1 error" in told
    assert "left behind by plugins: 'shop' (1)" in told
    assert "plugin 'shop': generation 1 is still in memory, held by" in told
    assert "test_shop.callbacks[0]" in told
    assert "shop/plugin.py:2" in told


def test_the_check_can_be_switched_off_for_a_test(run_pytest: Run) -> None:
    told = run_pytest(LEAKS.format(mark="@pytest.mark.hotplug(leak_check=False)"))

    assert "1 passed" in told
    assert "error" not in told


def test_a_kind_of_leak_can_be_allowed_for_a_test(run_pytest: Run) -> None:
    told = run_pytest(LEAKS.format(mark="@pytest.mark.hotplug(allowed_leaks=['generation'])"))

    assert "1 passed" in told
    assert "error" not in told


@pytest.mark.parametrize(
    "ini", ["hotplug_leak_check = false", "hotplug_allowed_leaks = task\n  generation"]
)
def test_both_can_be_said_for_all_tests(run_pytest: Run, ini: str) -> None:
    told = run_pytest(LEAKS.format(mark=""), ini=ini)

    assert "1 passed" in told
    assert "error" not in told


def test_a_mark_nearer_to_the_test_counts(run_pytest: Run) -> None:
    source = LEAKS.format(mark="@pytest.mark.hotplug(leak_check=True)")
    told = run_pytest(f"{dedent(source)}\npytestmark = pytest.mark.hotplug(leak_check=False)\n")

    assert "1 passed, 1 error" in told


def test_a_mark_says_how_the_host_is_made(run_pytest: Run) -> None:
    told = run_pytest("""
        import pytest
        from hotplug import HookspecMarker

        class Specs:
            @HookspecMarker("hotplug")
            def price(self, item): ...

        SOURCE = '''
            from hotplug import HookimplMarker

            @HookimplMarker("hotplug")
            def price(item):
                return len(item)
        '''

        @pytest.mark.hotplug(specs=Specs)
        def test_it(plugin_host, plugin_project):
            plugin_host.load_plugin(plugin_project("shop", SOURCE)).enable()
            assert plugin_host.hooks.hook.price(item="tea") == [3]
    """)

    assert "1 passed" in told


def test_a_mark_with_what_it_does_not_take_is_an_error(run_pytest: Run) -> None:
    told = run_pytest(LEAKS.format(mark="@pytest.mark.hotplug(colour='red')"))

    assert "unexpected keyword argument 'colour'" in told
    said = "takes keywords, as name=\"till\", specs=Till: not 'red'"
    assert said in run_pytest(LEAKS.format(mark="@pytest.mark.hotplug('red')"))


def test_the_clock_calls_the_timers_of_plugins(run_pytest: Run) -> None:
    told = run_pytest("""
        sold = []
        SOURCE = "import hotplug, test_shop\\nhotplug.set_interval(sell := lambda: " \\
            "test_shop.sold.append(1), 60)\\n"

        def test_it(plugin_host, plugin_clock, plugin_project):
            plugin_host.load_plugin(plugin_project("shop", SOURCE)).enable()
            plugin_clock.advance(180)
            assert sold == [1, 1, 1]
    """)

    assert "1 passed" in told


GENTLE = """
    import logging
    import pytest

    SOURCE = '''
        import logging, threading
        from hotplug import get_current_plugin, set_interval

        me = get_current_plugin()

        def fail():
            raise ValueError("no beans")

        def price(item):
            return 3

        @me.on_enable.on
        def start():
            threading.Thread(target=me.stopping.wait).start()
            set_interval(fail, 1)
            try:
                fail()
            except ValueError:
                logging.getLogger("shop").exception("as always")
    '''

    @pytest.fixture
    def module(plugin_host, plugin_project):
        shop = plugin_host.load_plugin(plugin_project("shop", SOURCE))
        shop.enable()
        return shop.module

    def test_values_of_fixtures(module):
        assert module.price("tea") == 3

    def test_patches(module, monkeypatch):
        monkeypatch.setattr(module, "price", lambda item, old=module.price: old(item) + 1)
        assert module.price("tea") == 4

    def test_patches_that_were_there_before(monkeypatch, plugin_host, plugin_project):
        shop = plugin_host.load_plugin(plugin_project("shop", SOURCE))
        monkeypatch.setitem(vars(shop.module), "price", lambda item, old=shop.module.price: 5)
        assert shop.module.price("tea") == 5

    def test_errors_that_were_logged(module, plugin_clock, caplog):
        plugin_clock.advance(2)
        assert caplog.records

    def test_errors_that_were_expected(module):
        with pytest.raises(ValueError) as caught:
            module.fail()
        assert caught.value

    class TestInAClass:
        def test_attributes(self, module):
            self.module = module

    @pytest.mark.xfail(strict=True)
    def test_expected_to_fail(module):
        module.fail()

    @pytest.mark.parametrize("item", ["tea", "milk"])
    def test_parameters(module, item):
        assert module.price(item) == 3
"""


def test_what_tests_and_pytest_itself_hold_is_no_leak(run_pytest: Run) -> None:
    told = run_pytest(GENTLE)

    assert "8 passed, 1 xfailed" in told, told


def test_a_test_that_has_failed_is_not_looked_at(run_pytest: Run) -> None:
    told = run_pytest(f"{dedent(LEAKS.format(mark=''))}    assert False\n")

    assert "1 failed" in told
    assert "error" not in told


def test_a_value_of_an_application_that_keeps_a_callback_is_a_leak(run_pytest: Run) -> None:
    told = run_pytest("""
        import pytest

        class App:
            def __init__(self):
                self.callbacks = []

        @pytest.fixture
        def app():
            return App()

        def test_it(app, plugin_host, plugin_project):
            shop = plugin_host.load_plugin(plugin_project("shop", "def on_sale(): ..."))
            app.callbacks.append(shop.module.on_sale)
    """)

    assert "1 passed, 1 error" in told, told
    assert "callbacks[0]" in told


def test_a_project_has_the_files_and_the_manifest_that_one_says(tmp_path: Path) -> None:
    place = write_plugin(
        tmp_path,
        "shop",
        """
            from .rates import VAT
        """,
        files={"data/rates.csv": "7\n", "__init__.py": ""},
        version="2.0",
        requires=["auth"],
    )

    assert (place / "plugin.py").read_text() == "\nfrom .rates import VAT\n"
    assert (place / "data" / "rates.csv").read_text() == "7\n"
    manifest = json.loads((place / "plugin.json").read_text())
    assert manifest == {"name": "shop", "version": "2.0", "requires": ["auth"]}


IMPORTED = """
    import sys

    def test_it():
        ours = {name for name in sys.modules if name.partition(".")[0] == "hotplug"}
        assert ours == {"hotplug", "hotplug.testing", "hotplug.testing.pytest_plugin"}
"""


def test_a_session_that_uses_nothing_of_it_loads_nothing_of_it(run_pytest: Run) -> None:
    told = run_pytest(IMPORTED)

    assert "1 passed" in told, told


def test_pytest_finds_the_fixtures_by_itself(run_pytest: Run) -> None:
    told = run_pytest("def test_it(plugin_host): ...", finds_plugins=True)

    assert "1 passed" in told, told


def test_pytest_does_not_warn_of_hotplug_that_was_there_before_it() -> None:
    assert "PYTEST_DONT_REWRITE" in (hotplug.__doc__ or "")  # what pytest looks for
