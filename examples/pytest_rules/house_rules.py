"""A pytest plugin that holds tests to rules; each rule is a plugin in a folder of the project."""

from inspect import getsource
from typing import Final

import pytest

from hotplug import HookspecMarker, PluginHost

rulespec = HookspecMarker("rules")


class Rules:
    @rulespec
    def complaint(self, name: str, code: str) -> str | None:
        """Say what is wrong with a test, if something is."""


HOST: Final = pytest.StashKey[PluginHost[Rules]]()
COMPLAINTS: Final = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("rules", "folders of rules for tests", type="paths", default=[])


def pytest_configure(config: pytest.Config) -> None:
    host = config.stash[HOST] = PluginHost("rules", specs=Rules)
    config.add_cleanup(host.close)
    config.stash[COMPLAINTS] = []
    for folder in config.getini("rules"):
        for rule in sorted(folder.iterdir()):
            host.load_plugin(rule)
    host.enable_all()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    complaint = config.stash[HOST].hooks.hook.complaint
    for item in items:
        if isinstance(item, pytest.Function):
            code = getsource(item.function)
            for result in complaint.collect_with_plugins(name=item.originalname, code=code):
                line = f"{item.nodeid}: {result.value} ({result.plugin_name})"
                config.stash[COMPLAINTS].append(line)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    complaints = config.stash[COMPLAINTS]
    rules = ", ".join(config.stash[HOST].plugins)
    terminalreporter.section(f"{len(complaints)} complaints by the rules {rules}")
    for line in complaints:
        terminalreporter.line(line)
