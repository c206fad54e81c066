"""The examples run as they are, and print what their readers are told they print."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

OUTPUTS = {
    "quickstart": """\
['hey Ada!']
""",
    "text_pipeline": """\
'Hello Wonderful World!'
'Hello *Wonderful* World!'
'Hello Wonderful World?'
""",
    "async_fetch": """\
['cache: 2.50', 'database: tea', 'network: tea']
['database: milk', 'network: milk']
['database', 'network']
no route to the roastery; hook 'fetch': raised by plugin 'network'
""",
    "example": """\
Enabled: a
Enabled: child
User bob logging in
Plugin b handles login for bob
User bob logged in
Refused: plugin 'b' may not emit event 'user_login' of plugin 'a'
Refused: plugin 'b' may not emit event 'admin_notification' of the application, which is protected
Enabled: b
[SYSTEM] Server starting...
Plugin b received: Server starting...
The child received: Server starting...
[ADMIN] backup at midnight
User alice logging in
Plugin b handles login for alice
User alice logged in
Called from plugin: a
2 users
b holds: subscription, subscription, child
Plugin b cleans up
Disabled: child
Disabled: b
[SYSTEM] Server stopping...
User carol logging in
User carol logged in
Disabled: a
""",
    "report_builder": """\
==================================
# Daily Sales Report
- apples: 12
- pears: 7
- plums: 3
**Total: 22**
==================================
""",
    "notification_router": """\
SMS sent: 'Server down!'
Email sent: 'Weekly digest'
Slack posted: 'Weekly digest'
""",
    "validation_rules": """\
['name is required', 'email looks invalid']
['name is required', 'email looks invalid', 'must be an adult']
['name is required']
""",
    "app_lifecycle": """\
cache contributes to: ['configure', 'health_check']
database: ok
cache: ttl=60
""",
    "edit_while_running": """\
tea: 3 euros (number 1)
tea: 4 euros (number 2)
told: plugin 'shop' could not be reloaded: it failed at import (.../shop/plugin.py:4)
tea: 4 euros (number 3)
tea: 5 euros (number 4)
""",
    "plugin_platform": """\
registered: ['auth', 'audit']
startup: ['auth is ready', 'audit is ready']
token: Ada
chain: {'token': 'ada', 'user': 'Ada', 'seen_by': ['audit']}
by version: ['audit 1.9.2', 'auth 1.10.0']
auth ^1.9: True
sandboxed: 7
refused: 'sandboxed' cannot call open() in its sandbox
shop runs
till runs
plugin 'new-till' cannot start: it requires 'shop' >=3, and shop 2.3.1 is loaded
""",
    "web_app": """\
/tea/green 404 -
/tea/green 200 {"price":2.5}
/orders 200 {"total":5.0,"taken_by":"orders"}
/orders 422 -
described: /tea/{kind} /orders
/tea/green 200 {"price":2.8}
/orders 200 {"total":5.6,"taken_by":"orders"}
/tea/green 404 -
/orders 404 -
tea, generation 1, is held by fastapi
orders, generation 1, is held by fastapi
""",
    "cli": """\
cafe menu     Show what there is.
cafe order    Order something, and say what it costs.
[started: none]
""",
    "chat_bot/bot": """\
  0 s  ada: hello
  bot: hello, ada
  0 s  ada: remind me in 50 s to drink the tea
  bot: I will
 20 s  bob: how many messages?
  bot: 3 messages from ada, bob
(counter is a new one)
 20 s  bob: how many messages?
  bot: 4 messages, and from ada, bob
  bot: ada, drink the tea!
  bot: (there were 4 messages in the last minute)
(greeter is a new one)
 80 s  bob: hello
  bot: good day, bob
(greeter stays as it is: import failed, line 9)
 80 s  bob: hello
  bot: good day, bob
 80 s  bob: how many messages?
  bot: I do not know
""",
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_example_prints_just_this(name: str) -> None:
    assert printed(name) == (OUTPUTS[name], "")


def test_lab08_one_platform_joins_all_steps() -> None:
    assert printed("plugin_platform") == (OUTPUTS["plugin_platform"], "")


SMART_HOME = """\
50 integrations run, with 26 tasks, 25 subscriptions, 25 timers
update   3      (some) calls  0 lost  0 mixed

updates             3   (some) ms each (median)
calls          (some)   of all 50 integrations
motions        (some)   (some) heard by the heating
lost                0
mixed               0
left behind         0
"""


def test_the_smart_home_updates_an_integration_under_load_and_loses_nothing() -> None:
    done = run("smart_home", "--updates=3", "--seconds=0.3")

    assert pattern(SMART_HOME).fullmatch(done.stdout), done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_the_smart_home_sees_what_a_restart_loses() -> None:
    done = run("smart_home", "--updates=3", "--seconds=0.3", "--how=restart")

    assert done.returncode == 1
    assert re.search(r"^lost +[1-9]", done.stdout, re.MULTILINE), done.stdout


async def patch_module_by_module(plugin: Any) -> None:
    plugin.module.curve.BUILD += 1
    await asyncio.sleep(0)
    plugin.module.BUILD += 1


async def change_nothing(plugin: Any) -> None:
    pass


@pytest.mark.parametrize("update", [patch_module_by_module, change_nothing])
def test_the_smart_home_sees_calls_that_meet_old_code(
    update: Callable[[Any], Awaitable[None]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(EXAMPLES / "smart_home")
    module = loaded("smart_home")
    monkeypatch.delitem(sys.modules, "house")

    async def main() -> Any:
        home = module.Home(tmp_path)
        async with home.host:
            await home.run(3, 0.1, update.__name__)
        return home

    module.WAYS[update.__name__] = update
    home = asyncio.run(main())

    assert home.mixed > 0
    assert home.lost == 0


@pytest.mark.parametrize(
    ("arguments", "prints"),
    [
        ("menu", "tea    2.50\nsoup   4.00\n[started: menu]\n"),
        ("order tea --count 2 --hurry", "2 tea for 5.00, at once\n[started: menu, order]\n"),
    ],
)
def test_the_command_line_starts_what_a_command_needs(arguments: str, prints: str) -> None:
    done = run("cli", *arguments.split())

    assert (done.stdout, done.stderr, done.returncode) == (prints, "", 0)


def test_the_command_line_says_which_commands_there_are() -> None:
    done = run("cli", "ordr")

    assert done.stderr == "no plugin has a command 'ordr'; there are: menu, order\n"
    assert done.returncode == 1


PYTEST_RULES = """\
...                                                                      [100%]
==================== 2 complaints by the rules names, speed ====================
tests/test_cafe.py::test_tea: its name says too little (names)
tests/test_cafe.py::test_an_order_is_ready_when_paid: it sleeps; let it wait (speed)
3 passed in (some)s
"""


def test_the_plugin_of_pytest_hosts_rules_for_tests() -> None:
    done = run("pytest_rules")

    assert pattern(PYTEST_RULES).fullmatch(done.stdout), done.stdout + done.stderr
    assert done.returncode == 0


def test_the_bot_talks_with_whoever_sits_there() -> None:
    done = run("chat_bot/bot", "--talk", said="hello\n\n")

    assert "bot: hello, you" in done.stdout
    assert (done.stderr, done.returncode) == ("", 0)


def loaded(name: str) -> Any:
    """The module of an example that is a folder."""
    spec = spec_from_file_location(name, EXAMPLES / name / "__main__.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pattern(text: str) -> re.Pattern[str]:
    """A text in which some numbers may be any, and each space as wide as they make it."""
    return re.compile(re.sub(r"(\\ )+", " +", re.escape(text)).replace(r"\(some\)", r"[\d,.]+"))


def printed(name: str) -> tuple[str, str]:
    done = run(name)

    return done.stdout, done.stderr


def run(name: str, *options: str, said: str = "") -> subprocess.CompletedProcess[str]:
    """Run an example as its reader does: a file, or a folder."""
    file = EXAMPLES / f"{name}.py"
    example = file if file.exists() else EXAMPLES / name
    return subprocess.run(
        [sys.executable, "-W", "error", "-X", "utf8", example, *options],
        capture_output=True,
        text=True,
        input=said,
        timeout=100,
        check=False,
    )


def test_every_example_is_held_to_its_output() -> None:
    files = {example.stem for example in EXAMPLES.glob("*.py")} - {"host_events"}  # example.py's
    folders = {example.parent.name for example in EXAMPLES.glob("*/__main__.py")}

    assert files | folders | {"chat_bot/bot"} == {*OUTPUTS, "smart_home", "pytest_rules"}
