"""The examples in docstrings are run."""

import doctest
import importlib
import pkgutil

import pytest

import hotplug

MODULES = [
    "hotplug",
    *(module.name for module in pkgutil.walk_packages(hotplug.__path__, "hotplug.")),
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_do_what_they_show(name: str) -> None:
    outcome = doctest.testmod(importlib.import_module(name))

    assert outcome.failed == 0
