"""Every example that this project was created from runs as it was written there.

The snippets stand in `snippets/` as they are; what they leave out is supplied here.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

SNIPPETS = Path(__file__).parent / "snippets"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    shutil.copytree(SNIPPETS, tmp_path, dirs_exist_ok=True)
    return tmp_path


def plugin(place: Path, name: str, snippet: str, head: str = "", requires: str = "[]") -> None:
    """Make a plugin of a snippet."""
    (place / name).mkdir()
    manifest = f'{{"name": "{name}", "requires": {requires}}}'
    (place / name / "plugin.json").write_text(manifest, "utf-8")
    code = textwrap.dedent(head) + (SNIPPETS / snippet).read_text("utf-8")
    (place / name / "plugin.py").write_text(code, "utf-8")
    (place / name / "__init__.py").write_text("from .plugin import *", "utf-8")


def run(place: Path, program: str) -> str:
    """What a program prints that finds the snippets beside it."""
    (place / "main.py").write_text(textwrap.dedent(program), "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "main.py"],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


HOST = """
import hotplug
from hotplug import PluginHost
host = PluginHost()
hotplug.set_default_host(host)
"""
LOGGING = """
import logging, sys
logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
"""


def test_dk03_the_quick_start(place: Path) -> None:
    quick_start = (place / "quick_start.py").read_text("utf-8")

    printed = run(place, f"import logging\nlogging.basicConfig(level=logging.INFO)\n{quick_start}")

    assert printed == "Called from plugin: my_plugin\n"


def test_the_log_of_the_quick_start_names_the_plugin(place: Path) -> None:
    quick_start = (place / "quick_start.py").read_text("utf-8")

    printed = run(place, LOGGING + quick_start)

    assert printed.splitlines() == [
        "Called from plugin: my_plugin",
        "[my_plugin] User alice logging in",
        "[my_plugin] User alice logged in",
    ]


def test_a_resource_of_ones_own(place: Path) -> None:
    head = """
        class connect:
            def __init__(self, address):
                print("connected to", address)
            def close(self):
                print("closed")
    """
    plugin(place, "reports", "resource.py", head)

    printed = run(
        place,
        HOST + "r = host.load_plugin('reports')\nr.enable()\nr.disable()",
    )

    assert printed == "connected to localhost:5432\nclosed\n"


def test_a_syscall_runs_as_its_plugin_and_a_function_as_the_caller(place: Path) -> None:
    plugin(place, "a", "syscalls.py")
    (place / "b").mkdir()
    (place / "b" / "plugin.json").write_text('{"name": "b", "requires": ["a"]}', "utf-8")
    (place / "b" / "plugin.py").write_text(
        "from hotplug.plugins import a\na.my_api()\na.normal_function()\n", "utf-8"
    )

    printed = run(place, HOST + "host.load_plugin('a')\nhost.load_plugin('b')\n")

    assert printed == "a\nb\n"


def test_events_and_those_who_subscribe_to_them(place: Path) -> None:
    plugin(place, "auth", "plugin_events.py")
    plugin(place, "listener", "subscribes.py", requires='["auth"]')

    printed = run(
        place,
        HOST
        + """
auth = host.load_plugin("auth")
auth.enable()
listener = host.load_plugin("listener")
listener.enable()
print("--")
auth.module.login_user("bob")
auth.module.config_changed()
try:
    @auth.module.internal_event.on
    def spy():
        print("never")
except RuntimeError as error:
    print("refused")
""",
    )

    assert printed.splitlines() == [
        "User alice logging in",  # the listener is loaded, and not enabled yet
        "User alice logged in",
        "--",
        "User bob logging in",
        "Handling login for bob",
        "User bob logged in",
        "refused",
    ]


def test_host_events(place: Path) -> None:
    plugin(place, "listener", "uses_host_events.py")
    invoking = (place / "invokes_host_events.py").read_text("utf-8")
    head = "from host_events import admin_notification, system_message\n"

    printed = run(
        place,
        head
        + HOST
        + "host.load_plugin('listener').enable()\n"
        + invoking
        + "admin_notification('backup done')\n",
    )

    assert printed.splitlines() == [
        "[SYSTEM] Server starting...",
        "Plugin received: Server starting...",
        "[ADMIN] backup done",
    ]


def test_a_plugin_cannot_invoke_a_protected_host_event(place: Path) -> None:
    plugin(
        place,
        "listener",
        "uses_host_events.py",
        head="""
            from host_events import admin_notification
            try:
                admin_notification("test")
            except RuntimeError:
                print("RuntimeError")
        """,
    )

    printed = run(place, "import host_events\n" + HOST + "host.load_plugin('listener')")

    assert printed == "RuntimeError\n"


def test_the_states(place: Path) -> None:
    states = (place / "states.py").read_text("utf-8").splitlines()
    shown = [f"{line.partition('#')[0]}; print(plugin.state.name)" for line in states]

    printed = run(place, HOST + "plugin_path = 'my_plugin'\n" + "\n".join(shown))

    assert printed == "LOADED\nENABLED\nDISABLED\n"


def test_lifecycle_events(place: Path) -> None:
    plugin(place, "p", "lifecycle_events.py")

    printed = run(place, HOST + "p = host.load_plugin('p')\np.enable()\np.unload()")

    assert printed == "Cleaning up plugin!\nUnloading!\n"


def test_children(place: Path) -> None:
    plugin(place, "parent", "children.py")
    child = place / "parent" / "subplugins" / "child"
    child.mkdir(parents=True)
    (child / "plugin.json").write_text('{"name": "child"}', "utf-8")
    (child / "plugin.py").write_text("", "utf-8")

    printed = run(
        place,
        HOST
        + """
parent = host.load_plugin("parent")
parent.enable()
parent.disable()
print(host.get_plugin("child").state.name)
""",
    )

    assert printed == "ENABLED\n"


def test_timers(place: Path) -> None:
    plugin(place, "p", "timers.py")

    printed = run(place, HOST + "p = host.load_plugin('p')\np.enable()\nprint(p.resources)")

    assert printed == "[]\n"


def test_logging(place: Path) -> None:
    plugin(place, "p", "logging_.py")

    printed = run(place, LOGGING + HOST + "host.load_plugin('p')")

    assert printed == "[p] Starting up\n[p.database] Connection failed\n"


def test_dk04_a_loader_of_ones_own(place: Path) -> None:
    snippet = (place / "custom_loader.py").read_text("utf-8")
    head = """
        import types
        loaded_module = types.ModuleType("loaded")
        loaded_module.answer = 42
    """

    printed = run(
        place,
        HOST
        + textwrap.dedent(head)
        + snippet
        + "hotplug.set_default_host(host)\n"
        + "print(hotplug.load_plugin('my_plugin').module.answer)\n",
    )

    assert printed == "42\n"


def test_a_metadata_loader_of_ones_own(place: Path) -> None:
    snippet = (place / "custom_metadata_loader.py").read_text("utf-8")
    snippet = snippet.replace('"name": "..."', '"name": "mine"').replace(
        '"version": "..."', '"version": "1.0"'
    )

    printed = run(place, HOST + snippet + "print(host.load_plugin('my_plugin'))\n")

    assert printed == "mine\n"


def test_the_hooks_of_a_host(place: Path) -> None:
    snippet = (place / "host_hooks.py").read_text("utf-8")

    printed = run(
        place,
        "import hotplug\n"
        + snippet
        + """
from hotplug import set_timeout
p = host.load_plugin("my_plugin")
p.enable()
from pathlib import Path
p.module.user_login("ada")
p.disable()
""",
    )

    lines = printed.splitlines()
    assert "Enabled: my_plugin" in lines
    assert "Disabled: my_plugin" in lines
    assert "Switching from None to my_plugin" in lines
    assert "Switching from my_plugin to None" in lines
    assert any(line.startswith("Resource created: <") for line in lines)
    assert any(line.startswith("Resource cleaned: <") for line in lines)


def test_async_functions(place: Path) -> None:
    plugin(place, "p", "async_.py", head="import asyncio\n")

    printed = run(
        place,
        HOST
        + """
import asyncio
p = host.load_plugin("p")
p.enable()
asyncio.run(p.module.main())
""",
    )

    assert printed == "p\n"
