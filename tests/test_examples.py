"""The examples run as they are, and print what their readers are told they print."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

OUTPUTS = {
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
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_example_prints_just_this(name: str) -> None:
    assert printed(name) == (OUTPUTS[name], "")


def test_lab08_one_platform_joins_all_steps() -> None:
    assert printed("plugin_platform") == (OUTPUTS["plugin_platform"], "")


def printed(name: str) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-X", "utf8", EXAMPLES / f"{name}.py"],
        capture_output=True,
        text=True,
        check=False,
    )

    return done.stdout, done.stderr


def test_every_example_is_held_to_its_output() -> None:
    assert {example.stem for example in EXAMPLES.glob("*.py")} == set(OUTPUTS)
