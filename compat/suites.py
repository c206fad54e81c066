"""Which suites there are, and what each needs to run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["SUITES", "Suite"]

PYTEST: Final = "pytest==9.2.0"
PLUGGY: Final = "pluggy==1.7.0"


@dataclass(frozen=True)
class Suite:
    """A suite as its own project runs it: which tests, and with what beside them."""

    name: str
    source: str
    """The source distribution with the tests, as pip names it."""
    needs: Sequence[str]
    """What is installed to run them; stock pluggy is a part of it."""
    tests: Sequence[str] = ()
    """Which tests; nothing where the suite's own settings say it."""
    options: Sequence[str] = ()
    """What else to tell pytest."""
    parallel: bool = False
    """Whether it may be run by several processes; pytest-xdist is among the needs then."""
    minutes: int = 10
    """When to give up."""


SUITES: Final = (
    Suite("pluggy-1.6", "pluggy==1.6.0", ["pluggy==1.6.0", PYTEST]),
    Suite("pluggy-1.7", "pluggy==1.7.0", ["pluggy==1.7.0", PYTEST]),
    Suite(
        "pytest",
        PYTEST,
        [
            *(PLUGGY, PYTEST, "pytest-xdist==3.8.0"),
            # what its own environment for development lists
            *("argcomplete", "attrs", "coverage", "hypothesis", "mock", "numpy", "pexpect"),
            *("pyyaml", "requests", "setuptools", "xmlschema"),
        ],
        parallel=True,
        minutes=60,
    ),
    Suite(
        "pytest-xdist",
        "pytest-xdist==3.8.0",
        [PLUGGY, PYTEST, "pytest-xdist==3.8.0", "filelock"],
        minutes=20,
    ),
    # The plugins' part of it: the rest makes environments by the hundred.
    Suite(
        "tox",
        "tox==4.67.15",
        [
            *(PLUGGY, PYTEST, "tox==4.67.15"),
            *("build[virtualenv]", "devpi-process", "distlib", "flaky", "pytest-mock"),
            *("pytest-timeout", "re-assert", "time-machine"),
        ],
        tests=["tests/plugin"],
    ),
    # Its source distribution leaves out the fixtures that most of its tests ask for.
    Suite(
        "datasette",
        "datasette==0.65.5",
        [PLUGGY, PYTEST, "datasette==0.65.5", "pytest-asyncio", "beautifulsoup4", "setuptools"],
        tests=[
            "tests/test_cli_serve_get.py",
            "tests/test_internals_request.py",
            "tests/test_internals_response.py",
            "tests/test_internals_urls.py",
            "tests/test_routes.py",
            "tests/test_table_permissions.py",
            "tests/test_utils.py",
        ],
        # It has no settings for pytest, which would go up from there and find ours.
        options=["-c", "setup.cfg"],
    ),
    # Its manager overrides how hooks are run. The tests of its server leave threads that never end.
    Suite(
        "python-lsp-server",
        "python-lsp-server==1.15.0",
        [PLUGGY, PYTEST, "python-lsp-server[all]==1.15.0", "flaky", "pytest-cov"],
        tests=[
            "test/plugins",
            "test/test_configuration.py",
            "test/test_document.py",
            "test/test_workspace.py",
        ],
        options=["--no-cov"],
    ),
    # What builds, and what environments are made of: both are plugins. The rest makes environments.
    Suite(
        "hatch",
        "hatch==1.18.2",
        [
            *(PLUGGY, PYTEST, "hatch==1.18.2"),
            *("editables", "filelock", "flit-core", "pytest-mock", "trustme"),
        ],
        tests=["tests/backend", "tests/project/test_config.py"],
        # It has no settings for pytest either.
        options=["-c", "pyproject.toml"],
    ),
    # The tests that come with hooks of their own; the others take a quarter of an hour.
    Suite(
        "devpi-server",
        "devpi-server==6.20.3",
        [
            *(PLUGGY, PYTEST, "devpi-server==6.20.3"),
            *("beautifulsoup4", "pytest-asyncio", "pytest-timeout", "webtest"),
        ],
        tests=[
            "test_devpi_server/test_auth.py",
            "test_devpi_server/test_authcheck.py",
            "test_devpi_server/test_config.py",
            "test_devpi_server/test_main.py",
            "test_devpi_server/test_permissions.py",
            "test_devpi_server/test_stage_customizer.py",
            "test_devpi_server/test_view_auth.py",
            "test_devpi_server/test_views_patch.py",
            "test_devpi_server/test_views_status.py",
        ],
        options=["-p", "pytest_devpi_server"],
    ),
    Suite(
        "pytest-asyncio",
        "pytest-asyncio==1.5.0",
        [PLUGGY, PYTEST, "pytest-asyncio==1.5.0", "coverage", "hypothesis"],
        tests=["tests"],
    ),
    Suite(
        "pytest-mock",
        "pytest-mock==3.17.0",
        [PLUGGY, PYTEST, "pytest-mock==3.17.0", "mock", "pytest-asyncio==1.5.0"],
        tests=["tests"],
    ),
)
