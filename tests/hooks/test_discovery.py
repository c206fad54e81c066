"""Plugins of installed distributions, in a real environment: wheels that were built and installed.

Scripts run in that environment's own interpreter, and tell what they see as JSON.
"""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

PRELUDE = """
import json, logging, sys, threading
from hotplug import AsyncPluginManager, HookimplMarker, HookspecMarker, PluginManager
from hotplug import PluginValidationError

hookspec, hookimpl = HookspecMarker("bar"), HookimplMarker("bar")

class Specs:
    @hookspec
    def serve(self, guest): ...
    @hookspec(historic=True)
    def opened(self, at): ...

class Plugin:
    @hookimpl
    def serve(self, guest):
        return "own " + guest

pm = PluginManager("bar", Specs)
facts = {}
"""

SERVES = """
    from hotplug import HookimplMarker

    class Plugin:
        def __init__(self, drink="NAME"):
            self.drink = drink

        @HookimplMarker("bar")
        def serve(self, guest):
            return f"{self.drink} for {guest}"

    plugin, other = Plugin(), Plugin("other")
"""

MISFIT = """
    from hotplug import HookimplMarker

    class Plugin:
        @HookimplMarker("bar")
        def serve(self, gest): ...

    plugin = Plugin()
"""

FAILS_IN_REPLAY = """
    from hotplug import HookimplMarker

    class Plugin:
        @HookimplMarker("bar")
        def opened(self, at):
            raise OSError("no disk")

    plugin = Plugin()
"""

CALLS_A_HOOK = """
    import __main__
    from hotplug import HookimplMarker

    __main__.facts["nested"] = __main__.pm.hook.serve(guest="nested")

    class plugin:
        @staticmethod
        @HookimplMarker("bar")
        def serve(guest):
            return f"caller for {guest}"
"""

WAITS = """
    import __main__
    from hotplug import HookimplMarker

    __main__.importing.set()
    __main__.go_on.wait(30)

    class Plugin:
        @HookimplMarker("bar")
        def serve(self, guest):
            return f"slow for {guest}"
"""

# module (and distribution): version, code, and entry points by group
DISTRIBUTIONS: Mapping[str, tuple[str, str, Mapping[str, Mapping[str, str]]]] = {
    "zeta": (
        "2.0",
        SERVES,
        {
            "order": {"b": "zeta:other", "a": "zeta:plugin"},
            "twice": {"same": "zeta:plugin", "zeta": "zeta:other"},
        },
    ),
    "alpha": (
        "1.10",
        SERVES,
        {
            "order": {"z": "alpha:other", "y": "alpha:plugin"},
            "twice": {"same": "alpha:plugin"},
            "one": {"alpha": "alpha:plugin"},
            "classes": {"alpha": "alpha:Plugin"},
            "broken": {"alpha": "alpha:plugin"},
            "exits": {"alpha": "alpha:plugin"},
            "misfits": {"alpha": "alpha:plugin"},
            "replays": {"alpha": "alpha:plugin"},
            "nested": {"alpha": "alpha:plugin"},
        },
    ),
    "broken": ("3.1", "import no_such_module", {"broken": {"broken": "broken:plugin"}}),
    "exits": ("3.2", "import sys; sys.exit('no licence')", {"exits": {"exits": "exits:plugin"}}),
    "interrupts": ("1", "raise KeyboardInterrupt", {"interrupts": {"stop": "interrupts:plugin"}}),
    "misfit": ("3.3", MISFIT, {"misfits": {"misfit": "misfit:plugin"}}),
    "replayed": ("3.4", FAILS_IN_REPLAY, {"replays": {"replayed": "replayed:plugin"}}),
    "odd": (
        "3.5",
        "nothing = None\nclass Needs:\n    def __init__(self, path): ...\n",
        {
            "missing": {"missing": "odd:absent"},
            "nothing": {"nothing": "odd:nothing"},
            "needs": {"needs": "odd:Needs"},
            "syntax": {"syntax": "this is no reference"},
        },
    ),
    "caller": ("1", CALLS_A_HOOK, {"nested": {"caller": "caller:plugin"}}),
    "slow": ("1", WAITS, {"slow": {"slow": "slow:Plugin"}}),
}


def wheel(directory: Path, name: str) -> Path:
    """A wheel with one module, written by hand."""
    version, code, groups = DISTRIBUTIONS[name]
    entry_points = "".join(
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in points.items())
        for group, points in groups.items()
    )
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": dedent(code).replace("NAME", name),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": entry_points,
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    path = directory / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in files.items():
            archive.writestr(member, text)
    return path


@pytest.fixture(scope="session")
def smoothie_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example plugin, built as its author would build it."""
    source = tmp_path_factory.mktemp("source") / "smoothie-extra"
    shutil.copytree(ROOT / "plugins" / "smoothie-extra", source)
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir"]
    directory = tmp_path_factory.mktemp("smoothie")
    subprocess.run([*command, directory, source], capture_output=True, check=True)
    (built,) = directory.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def environment(
    built_wheel: Path,
    smoothie_wheel: Path,
    make_environment: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """An environment with hotplug and all the distributions; its bin directory."""
    directory = tmp_path_factory.mktemp("wheels")
    wheels = [wheel(directory, name) for name in DISTRIBUTIONS]
    return make_environment(built_wheel, smoothie_wheel, *wheels)


Installed = Callable[[str], dict[str, Any]]


def told_by(environment: Path, script: str) -> dict[str, Any]:
    program = PRELUDE + dedent(script) + "\nprint(json.dumps(facts))"
    done = subprocess.run(
        [environment / "python", "-I", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


@pytest.fixture
def installed(environment: Path) -> Installed:
    """Run a script in the environment, after `PRELUDE`; what it puts into `facts`."""

    def run(script: str) -> dict[str, Any]:
        return told_by(environment, script)

    return run


# what is found


def test_the_plugins_of_a_group_are_registered_and_counted(installed: Installed) -> None:
    facts = installed("""
        facts["count"] = pm.load_entrypoints("one")
        facts["served"] = pm.hook.serve(guest="Ada")
    """)

    assert facts == {"count": 1, "served": ["alpha for Ada"]}


def test_a_group_without_entry_points_gives_nothing(installed: Installed) -> None:
    assert installed('facts["count"] = pm.load_entrypoints("nobody")') == {"count": 0}


def test_a_project_that_was_built_with_a_build_tool_is_discovered(installed: Installed) -> None:
    facts = installed("""
        class Smoothie:
            @HookspecMarker("smoothie")
            def add_ingredients(self, base): ...
            @HookspecMarker("smoothie")(firstresult=True)
            def choose_cup(self, size): ...

        pm = PluginManager("smoothie", Smoothie)
        facts["count"] = pm.load_entrypoints("smoothie")
        facts["names"] = pm.plugin_names()
        facts["more"] = pm.hook.add_ingredients(base=["kale"])
        facts["cup"] = pm.hook.choose_cup(size="large")
    """)

    assert facts == {
        "count": 1,
        "names": ["extra"],
        "more": [["extra kale", "chia seeds"]],
        "cup": "jar",
    }


def test_the_async_manager_discovers_too(installed: Installed) -> None:
    facts = installed("""
        import asyncio

        pm = AsyncPluginManager("bar", Specs)
        pm.load_entrypoints("one")
        facts["served"] = asyncio.run(pm.hook.serve(guest="Ada"))
    """)

    assert facts["served"] == ["alpha for Ada"]


def test_dp29_the_order_is_by_distribution_and_then_by_name(installed: Installed) -> None:
    facts = installed("""
        pm.load_entrypoints("order")
        facts["names"] = pm.plugin_names()
    """)

    assert facts["names"] == ["y", "z", "a", "b"]


def test_dp29_a_class_is_made_an_instance(installed: Installed) -> None:
    facts = installed("""
        pm.load_entrypoints("classes")
        facts["served"] = pm.hook.serve(guest="Ada")
        facts["type"] = type(pm.get_plugin("alpha")).__name__
    """)

    assert facts == {"served": ["alpha for Ada"], "type": "Plugin"}


def test_dp29_each_plugin_comes_with_its_distribution(installed: Installed) -> None:
    facts = installed("""
        pm.load_entrypoints("order")
        pm.register(Plugin())
        facts["dists"] = [
            [pm.get_name(plugin), dist.metadata["Name"], dist.version]
            for plugin, dist in pm.list_plugin_distinfo()
        ]
    """)

    assert facts["dists"] == [
        ["y", "alpha", "1.10"],
        ["z", "alpha", "1.10"],
        ["a", "zeta", "2.0"],
        ["b", "zeta", "2.0"],
    ]


def test_a_plugin_that_is_unregistered_has_no_distribution_any_more(
    installed: Installed,
) -> None:
    facts = installed("""
        pm.load_entrypoints("one")
        pm.unregister("alpha")
        facts["dists"] = len(pm.list_plugin_distinfo())
    """)

    assert facts["dists"] == 0


# already there, blocked, twice


@pytest.mark.parametrize("lazy", [False, True])
def test_what_is_there_already_is_not_loaded_again(installed: Installed, lazy: bool) -> None:
    facts = installed(f"""
        pm.register(Plugin(), name="y")
        facts["count"] = pm.load_entrypoints("order", lazy={lazy})
        facts["again"] = pm.load_entrypoints("order") if not {lazy} else 0
        facts["served"] = len(pm.hook.serve(guest="Ada"))
    """)

    assert facts == {"count": 3, "again": 0, "served": 4}


@pytest.mark.parametrize("lazy", [False, True])
def test_a_blocked_name_is_not_even_imported(installed: Installed, lazy: bool) -> None:
    facts = installed(f"""
        pm.set_blocked("alpha")
        facts["count"] = pm.load_entrypoints("one", lazy={lazy})
        facts["served"] = pm.hook.serve(guest="Ada")
        facts["imported"] = "alpha" in sys.modules
    """)

    assert facts == {"count": 0, "served": [], "imported": False}


def test_blocking_a_discovered_plugin_takes_it_out(installed: Installed) -> None:
    facts = installed("""
        pm.load_entrypoints("order")
        pm.set_blocked("y")
        facts["names"] = pm.plugin_names()
    """)

    assert facts["names"] == ["z", "a", "b"]


@pytest.mark.parametrize("lazy", [False, True])
def test_dp29_one_name_in_two_distributions_is_an_error_that_names_both(
    installed: Installed, lazy: bool
) -> None:
    facts = installed(f"""
        try:
            pm.load_entrypoints("twice", lazy={lazy})
        except PluginValidationError as error:
            facts["plugin"], facts["error"] = error.plugin_name, str(error)
        facts["names"] = pm.plugin_names()
        facts["imported"] = sorted({{"alpha", "zeta"}} & set(sys.modules))
    """)

    assert facts["plugin"] == "same"
    assert "alpha 1.10" in facts["error"]
    assert "zeta 2.0" in facts["error"]
    assert (facts["names"], facts["imported"]) == ([], [])


def test_dp29_of_one_name_in_two_distributions_the_first_is_loaded_if_errors_are_ignored(
    installed: Installed,
) -> None:
    facts = installed("""
        facts["count"] = pm.load_entrypoints("twice", ignore_errors=True)
        facts["served"] = pm.hook.serve(guest="Ada")
    """)

    assert facts == {"count": 2, "served": ["alpha for Ada", "other for Ada"]}


def test_one_name_in_two_distributions_does_no_harm_once_it_is_blocked(
    installed: Installed,
) -> None:
    facts = installed("""
        pm.set_blocked("same")
        facts["count"] = pm.load_entrypoints("twice")
    """)

    assert facts["count"] == 1


def test_a_report_of_a_blocked_name_in_two_distributions_has_no_failure(
    installed: Installed,
) -> None:
    facts = installed("""
        pm.set_blocked("same")
        report = pm.load_entrypoints_report("twice")
        facts["blocked"], facts["failed"] = report.blocked, len(report.failed)
    """)

    assert set(facts["blocked"]) == {"same"}
    assert facts["failed"] == 0


# broken ones


BROKEN = {
    "broken": ("broken 3.1", "ModuleNotFoundError"),
    "exits": ("exits 3.2", "no licence"),
    "missing": ("odd 3.5", "absent"),
    "needs": ("odd 3.5", "path"),
    "syntax": ("odd 3.5", "this is no reference"),
}


@pytest.mark.parametrize("group", BROKEN)
def test_hn07_what_cannot_be_loaded_is_told_with_its_name_its_distribution_and_the_reason(
    installed: Installed, group: str
) -> None:
    facts = installed(f"""
        try:
            pm.load_entrypoints("{group}")
        except PluginValidationError as error:
            facts["plugin"], facts["error"] = error.plugin_name, str(error)
            facts["cause"] = type(error.__cause__).__name__
    """)

    distribution, reason = BROKEN[group]
    assert facts["plugin"] == group
    assert distribution in facts["error"]
    assert reason in facts["error"]
    assert facts["cause"] != "NoneType"


@pytest.mark.parametrize("group", ["broken", "exits", "misfits"])
def test_dp29_if_one_cannot_be_registered_none_is(installed: Installed, group: str) -> None:
    facts = installed(f"""
        try:
            pm.load_entrypoints("{group}")
        except PluginValidationError as error:
            facts["error"] = str(error)
        facts["names"] = pm.plugin_names()
        facts["dists"] = len(pm.list_plugin_distinfo())
        facts["served"] = pm.hook.serve(guest="Ada")
    """)

    assert "plugin" in facts.pop("error")
    assert facts == {"names": [], "dists": 0, "served": []}


def test_if_one_fails_in_a_replayed_call_none_is_registered(installed: Installed) -> None:
    facts = installed("""
        pm.hook.opened.call_historic({"at": 1})
        try:
            pm.load_entrypoints("replays")
        except ExceptionGroup as error:
            facts["error"] = str(error)
        facts["names"] = pm.plugin_names()
    """)

    assert "'replayed'" in facts["error"]
    assert facts["names"] == []


def test_a_plugin_that_was_there_before_stays_when_loading_fails(installed: Installed) -> None:
    facts = installed("""
        pm.register(Plugin(), name="own")
        try:
            pm.load_entrypoints("misfits")
        except PluginValidationError:
            facts["served"] = pm.hook.serve(guest="Ada")
    """)

    assert facts["served"] == ["own Ada"]


@pytest.mark.parametrize("group", ["broken", "exits", "misfits"])
@pytest.mark.parametrize("lazy", [False, True])
def test_hn07_with_ignore_errors_the_others_are_loaded(
    installed: Installed, group: str, lazy: bool
) -> None:
    facts = installed(f"""
        pm.load_entrypoints("{group}", ignore_errors=True, lazy={lazy})
        facts["served"] = pm.hook.serve(guest="Ada")
        facts["names"] = pm.plugin_names()
    """)

    assert facts == {"served": ["alpha for Ada"], "names": ["alpha"]}


def test_with_ignore_errors_only_what_was_loaded_counts(installed: Installed) -> None:
    facts = installed('facts["count"] = pm.load_entrypoints("broken", ignore_errors=True)')

    assert facts["count"] == 1


def test_with_ignore_errors_what_is_left_out_is_logged_with_its_reason(
    installed: Installed,
) -> None:
    facts = installed("""
        class Keep(logging.Handler):
            def emit(self, record):
                facts["name"], facts["text"] = record.name, record.getMessage()
                facts["traceback"] = bool(record.exc_info)

        logging.getLogger().addHandler(Keep())
        pm.load_entrypoints("broken", ignore_errors=True)
    """)

    assert facts["name"] == "hotplug.hooks"
    assert "'broken'" in facts["text"]
    assert "broken 3.1" in facts["text"]
    assert "no_such_module" in facts["text"]
    assert facts["traceback"]


def test_an_interrupt_while_importing_is_the_users_and_passes(installed: Installed) -> None:
    facts = installed("""
        try:
            pm.load_entrypoints("interrupts", ignore_errors=True)
        except KeyboardInterrupt:
            facts["interrupted"] = True
    """)

    assert facts == {"interrupted": True}


# the report


def test_a_report_tells_what_became_of_each_entry_point(installed: Installed) -> None:
    facts = installed("""
        pm.register(Plugin(), name="a")
        pm.set_blocked("z")
        report = pm.load_entrypoints_report("order")
        facts.update(report._asdict(), names=pm.plugin_names())
    """)

    assert facts == {
        "loaded": ["y", "b"],
        "already_loaded": ["a"],
        "blocked": ["z"],
        "failed": [],
        "names": ["a", "y", "b"],
    }


@pytest.mark.parametrize("group", ["broken", "exits", "misfits"])
def test_a_report_holds_what_failed_and_why(installed: Installed, group: str) -> None:
    facts = installed(f"""
        report = pm.load_entrypoints_report("{group}")
        (failure,) = report.failed
        facts["loaded"] = report.loaded
        facts["failed"] = [failure.name, failure.distribution]
        facts["is_error"] = isinstance(failure.error, PluginValidationError)
    """)

    name, distribution = {
        "broken": ("broken", "broken 3.1"),
        "exits": ("exits", "exits 3.2"),
        "misfits": ("misfit", "misfit 3.3"),
    }[group]
    assert facts == {"loaded": ["alpha"], "failed": [name, distribution], "is_error": True}


def test_a_report_names_both_distributions_of_one_name(installed: Installed) -> None:
    facts = installed("""
        report = pm.load_entrypoints_report("twice")
        facts["loaded"] = report.loaded
        facts["failed"] = [str(failure.error) for failure in report.failed]
    """)

    assert facts["loaded"] == ["same", "zeta"]
    (error,) = facts["failed"]
    assert "alpha 1.10" in error
    assert "zeta 2.0" in error


def test_a_plugin_that_fails_in_a_replayed_call_is_there_and_reported(
    installed: Installed,
) -> None:
    facts = installed("""
        pm.hook.opened.call_historic({"at": 1})
        report = pm.load_entrypoints_report("replays")
        facts["told"] = sorted([*report.loaded, *(failure.name for failure in report.failed)])
        facts["names"] = pm.plugin_names()
        facts["dists"] = len(pm.list_plugin_distinfo())
    """)

    assert facts["told"] == facts["names"] == ["alpha", "replayed"]
    assert facts["dists"] == 2


def test_a_report_can_be_read_by_people(installed: Installed) -> None:
    facts = installed("""
        facts["text"] = str(pm.load_entrypoints_report("broken"))
    """)

    assert "loaded: alpha" in facts["text"]
    assert "broken 3.1" in facts["text"]
    assert "no_such_module" in facts["text"]


def test_a_second_report_finds_all_already_loaded(installed: Installed) -> None:
    facts = installed("""
        pm.load_entrypoints_report("order")
        facts.update(pm.load_entrypoints_report("order")._asdict())
    """)

    assert facts["already_loaded"] == ["y", "z", "a", "b"]
    assert facts["loaded"] == []


# lazily


def test_lazily_nothing_is_imported_before_the_first_call(installed: Installed) -> None:
    facts = installed("""
        facts["count"] = pm.load_entrypoints("one", lazy=True)
        hook = pm.hook.serve
        pm.plugin_names(), pm.has_plugin("alpha"), pm.register(Plugin())
        facts["before"] = "alpha" in sys.modules
        facts["served"] = hook(guest="Ada")
        facts["after"] = "alpha" in sys.modules
    """)

    assert facts == {
        "count": 1,
        "before": False,
        "served": ["own Ada", "alpha for Ada"],
        "after": True,
    }


@pytest.mark.parametrize(
    "call",
    [
        'pm.hook.serve("Ada")',
        'pm.hook.serve.collect_with_plugins(guest="Ada")',
        'pm.hook.serve.call_extra([], {"guest": "Ada"})',
        'pm.hook.serve.call_extra([hookimpl(tryfirst=True)(lambda: 1)], {"guest": "Ada"})',
        'pm.hook.serve.without("nobody")(guest="Ada")',
        'pm.hook.serve.with_policy("skip")(guest="Ada")',
        'pm.hook.opened.call_historic({"at": 1})',
    ],
)
def test_lazily_any_way_to_call_is_a_first_call(installed: Installed, call: str) -> None:
    facts = installed(f"""
        pm.load_entrypoints("one", lazy=True)
        {call}
        facts["names"] = pm.plugin_names()
    """)

    assert facts["names"] == ["alpha"]


def test_lazily_a_plugin_of_many_calls_ago_is_called_too(installed: Installed) -> None:
    facts = installed("""
        pm.register(Plugin())
        for _ in range(120):
            pm.hook.serve(guest="Ada")
        pm.load_entrypoints("one", lazy=True)
        facts["served"] = pm.hook.serve(guest="Ada")
    """)

    assert facts["served"] == ["own Ada", "alpha for Ada"]


def test_lazily_a_name_that_is_blocked_meanwhile_is_not_imported(installed: Installed) -> None:
    facts = installed("""
        pm.load_entrypoints("one", lazy=True)
        pm.set_blocked("alpha")
        facts["served"] = pm.hook.serve(guest="Ada")
        facts["imported"] = "alpha" in sys.modules
    """)

    assert facts == {"served": [], "imported": False}


def test_lazily_a_name_that_is_registered_meanwhile_keeps_its_plugin(
    installed: Installed,
) -> None:
    facts = installed("""
        pm.load_entrypoints("one", lazy=True)
        pm.register(Plugin(), name="alpha")
        facts["served"] = pm.hook.serve(guest="Ada")
    """)

    assert facts["served"] == ["own Ada"]


def test_lazily_the_same_group_twice_is_loaded_once(installed: Installed) -> None:
    facts = installed("""
        pm.load_entrypoints("one", lazy=True)
        pm.load_entrypoints("one", lazy=True)
        facts["served"] = pm.hook.serve(guest="Ada")
    """)

    assert facts["served"] == ["alpha for Ada"]


def test_lazily_what_cannot_be_loaded_is_told_by_the_first_call_and_none_is_registered(
    installed: Installed,
) -> None:
    facts = installed("""
        facts["count"] = pm.load_entrypoints("broken", lazy=True)
        try:
            pm.hook.serve(guest="Ada")
        except PluginValidationError as error:
            facts["error"] = str(error)
        facts["names"] = pm.plugin_names()
    """)

    assert "broken 3.1" in facts.pop("error")
    assert facts == {"count": 2, "names": []}


def test_lazily_a_plugin_may_call_a_hook_while_it_is_imported(installed: Installed) -> None:
    facts = installed("""
        pm.load_entrypoints("nested", lazy=True)
        facts["served"] = pm.hook.serve(guest="Ada")
    """)

    assert facts["nested"] in ([], ["alpha for nested"])
    assert facts["served"] == ["alpha for Ada", "caller for Ada"]


def test_lazily_a_call_that_begins_while_another_one_loads_waits_for_the_plugins(
    installed: Installed,
) -> None:
    facts = installed("""
        importing, go_on = threading.Event(), threading.Event()
        pm.load_entrypoints("slow", lazy=True)

        def call(key):
            facts[key] = pm.hook.serve(guest="Ada")

        first = threading.Thread(target=call, args=["first"])
        first.start()
        importing.wait(30)
        second = threading.Thread(target=call, args=["second"])
        second.start()
        second.join(0.2)  # one that does not wait is done long before
        go_on.set()
        first.join(), second.join()
    """)

    assert facts == {"first": ["slow for Ada"], "second": ["slow for Ada"]}


# broken installations


LEFTOVERS: Mapping[str, Mapping[str, bytes]] = {
    "no metadata": {"entry_points.txt": b"[one]\nghost = alpha:other\n"},
    "a line that is no entry point": {
        "METADATA": b"Metadata-Version: 2.1\nName: ghost\nVersion: 1\n",
        "entry_points.txt": b"[one]\nthis is not a line of an entry point\n",
    },
    "entry points that are no text": {
        "METADATA": b"Metadata-Version: 2.1\nName: ghost\nVersion: 1\n",
        "entry_points.txt": b"[one]\n\xff\xfe = \x00\n",
    },
    "metadata that is no text": {
        "METADATA": b"\xff\xfe\x00",
        "entry_points.txt": b"[one]\nghost = alpha:other\n",
    },
    "nothing at all": {},
}


@pytest.fixture
def leave_behind(environment: Path) -> Any:
    """Put the remains of a distribution into the environment, for one test."""
    (packages,) = environment.parent.glob("lib/python*/site-packages")
    info = packages / "ghost-1.dist-info"

    def leave(files: Mapping[str, bytes]) -> None:
        info.mkdir()
        for name, content in files.items():
            (info / name).write_bytes(content)

    yield leave
    shutil.rmtree(info)


@pytest.mark.parametrize("leftover", LEFTOVERS)
def test_dp29_the_remains_of_a_distribution_do_not_keep_the_others(
    installed: Installed, leave_behind: Callable[[Mapping[str, bytes]], None], leftover: str
) -> None:
    leave_behind(LEFTOVERS[leftover])

    facts = installed("""
        pm.load_entrypoints("one", ignore_errors=True)
        facts["alpha"] = pm.has_plugin("alpha")
    """)

    assert facts == {"alpha": True}


@pytest.mark.parametrize("leftover", LEFTOVERS)
def test_dp29_the_remains_of_a_distribution_do_not_keep_the_others_from_being_reported(
    installed: Installed, leave_behind: Callable[[Mapping[str, bytes]], None], leftover: str
) -> None:
    leave_behind(LEFTOVERS[leftover])

    facts = installed("""
        report = pm.load_entrypoints_report("one")
        facts["alpha"] = "alpha" in report.loaded
        facts["text"] = str(report)
    """)

    assert facts["alpha"]
    assert "loaded: " in facts["text"]


@pytest.mark.parametrize(
    "leftover", ["a line that is no entry point", "entry points that are no text"]
)
def test_dp29_a_distribution_whose_entry_points_cannot_be_read_is_reported_by_name(
    installed: Installed, leave_behind: Callable[[Mapping[str, bytes]], None], leftover: str
) -> None:
    leave_behind(LEFTOVERS[leftover])

    facts = installed("""
        report = pm.load_entrypoints_report("one")
        facts["failed"] = [failure.distribution for failure in report.failed]
    """)

    (distribution,) = facts["failed"]
    assert distribution.startswith("ghost")
