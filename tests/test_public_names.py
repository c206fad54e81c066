"""`__all__` is the contract: each name is there, says what it is for, and is in the reference."""

import inspect
import re
from pathlib import Path

import pytest

import hotplug
import hotplug.compat.pluggy
import hotplug.manifest
import hotplug.testing

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "lookup" / "api"


PUBLIC = {
    "hotplug": hotplug.__all__,
    "hotplug.manifest": [n for n in hotplug.manifest.__all__ if n not in hotplug.__all__],
    "hotplug.testing": hotplug.testing.__all__,
    "hotplug.compat.pluggy": [*hotplug.compat.pluggy.__all__, "install"],
}


def documented(package: str) -> list[str]:
    text = "\n".join(page.read_text("utf-8") for page in REFERENCE.glob("*.md"))
    return re.findall(rf"^::: {re.escape(package)}\.(\w+)$", text, re.MULTILINE)


def is_class_or_function(name: str) -> bool:
    thing = getattr(hotplug, name)
    return inspect.isclass(thing) or inspect.isroutine(thing)


@pytest.mark.parametrize("name", hotplug.__all__)
def test_a_public_name_can_be_imported(name: str) -> None:
    assert hasattr(hotplug, name)


@pytest.mark.parametrize("name", [n for n in hotplug.__all__ if is_class_or_function(n)])
def test_a_public_class_or_function_has_a_docstring_of_its_own(name: str) -> None:
    docstring = getattr(hotplug, name).__doc__

    assert docstring
    # dataclasses writes the signature where there is no docstring
    assert not docstring.startswith(f"{name}(")


FOR_PLUGINS = [
    "EventSubscription",
    "MetadataLoader",
    "Plugin",
    "PluginHost",
    "PluginLoader",
    "PluginMetadata",
    "PluginState",
    "Resource",
    "event",
    "get_current_plugin",
    "get_default_host",
    "get_logger",
    "load_plugin",
    "log",
    "plugin_context",
    "set_current_plugin",
    "set_default_host",
    "set_interval",
    "set_timeout",
    "settings",
    "syscall",
]


def test_dk14_a_star_import_brings_all_that_hosts_and_plugins_are_written_with() -> None:
    names: dict[str, object] = {}
    exec("from hotplug import *", names)

    assert [name for name in FOR_PLUGINS if name not in names] == []


def test_the_public_names_are_unique() -> None:
    assert len(hotplug.__all__) == len(set(hotplug.__all__))


@pytest.mark.parametrize("package", PUBLIC)
def test_every_public_name_is_in_the_reference_and_no_other(package: str) -> None:
    assert sorted(documented(package)) == sorted(PUBLIC[package])
