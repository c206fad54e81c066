"""`hotplug.errors`: every error has its name there, wherever it is written down."""

import subprocess
import sys

import pytest

from hotplug import errors
from hotplug.errors import hosting


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_has_its_name_in_the_package(name: str) -> None:
    error = getattr(errors, name)

    assert issubclass(error, errors.HotplugError)
    assert error.__name__ == name


@pytest.mark.parametrize("name", hosting.__all__)
def test_an_error_of_the_host_is_the_same_class_by_either_name(name: str) -> None:
    assert getattr(errors, name) is getattr(hosting, name)
    assert name in dir(errors)


def test_an_error_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'PluginBroke'"):
        _ = errors.PluginBroke


def test_hooks_load_no_error_of_the_host() -> None:
    program = "import hotplug.hooks.registry, sys; print('hotplug.errors.hosting' in sys.modules)"

    printed = subprocess.check_output([sys.executable, "-c", program], text=True)

    assert printed == "False\n"
