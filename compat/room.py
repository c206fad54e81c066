"""Makes room for a suite: its source distribution, and an environment to run it in.

All is kept, so only the first run needs the network; which index to ask is pip's configuration.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from compat.suites import Suite

__all__ = ["Room", "Trouble", "make_room"]

PROJECT: Final = Path(__file__).resolve().parent.parent
KEPT: Final = PROJECT / ".venvs" / "compat"

BACKENDS: Final = (
    *("setuptools>=77", "setuptools-scm[toml]>=10.1", "hatchling>=1.29"),
    *("hatch-vcs", "hatch-fancy-pypi-readme", "docutils"),
)
"""What the suites' projects are built with, and ours."""


class Trouble(Exception):
    """What keeps a suite from being run, which is no difference between stock and hotplug."""


@dataclass(frozen=True)
class Room:
    """Where one suite is run."""

    directory: Path
    python: Path
    sdist: Path

    def unpack(self, name: str) -> Path:
        """A fresh copy of the source distribution, which a run may litter."""
        directory = self.directory / name
        shutil.rmtree(directory, ignore_errors=True)
        with tarfile.open(self.sdist) as archive:
            archive.extractall(directory, filter="data")
        (unpacked,) = directory.iterdir()
        return unpacked


def make_room(suite: Suite) -> Room:
    """The room of a suite: what is there already is used again."""
    directory = KEPT / suite.name
    python = environment(directory / "venv", tuple(suite.needs))
    pip(python, "install", "--no-deps", "--force-reinstall", str(wheel_of_hotplug()))
    return Room(directory, python, source_distribution(*suite.source.split("==")))


@cache
def wheel_of_hotplug() -> Path:
    """The project as it is now: what is edited while suites run does not reach them."""
    directory = KEPT / "wheel"
    shutil.rmtree(directory, ignore_errors=True)
    pip(
        builder(),
        *("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(directory)),
        str(PROJECT),
    )
    (wheel,) = directory.iterdir()
    return wheel


def source_distribution(name: str, version: str) -> Path:
    directory = KEPT / "sdists"
    sdist = directory / f"{name.replace('-', '_')}-{version}.tar.gz"
    if not sdist.exists():
        pip(
            builder(),
            *("download", "--no-deps", "--no-build-isolation", "--dest", str(directory)),
            *("--no-binary", name, f"{name}=={version}"),
            # For its metadata alone, hooks and what they need would be asked for as well.
            HATCH_BUILD_NO_HOOKS="true",
        )
    return sdist


def builder() -> Path:
    """The Python that builds: pip asks a source distribution's own backend for its metadata."""
    return environment(KEPT / "build", BACKENDS)


def environment(directory: Path, needs: tuple[str, ...]) -> Path:
    """The Python of an environment that holds what is needed; another one is made anew."""
    python = directory / "bin" / "python"
    ready = directory / ".ready"
    wanted = f"{sys.version}\n{needs}\n"
    if not ready.exists() or ready.read_text() != wanted:
        shutil.rmtree(directory, ignore_errors=True)
        run(sys.executable, "-m", "venv", "--without-pip", str(directory))
        pip(python, "install", *needs)
        ready.write_text(wanted)
    return python


def pip(python: Path, *arguments: str, **variables: str) -> None:
    """Have the pip of this environment work on another."""
    run(sys.executable, "-m", "pip", "--quiet", "--python", str(python), *arguments, **variables)


def run(*command: str, **variables: str) -> None:
    done = subprocess.run(
        command, env=os.environ | variables, capture_output=True, text=True, check=False
    )
    if done.returncode:
        # What went wrong comes last; a build says more before it than anyone wants to read.
        said = "\n".join(f"    {line}" for line in done.stderr.strip().splitlines()[-12:])
        raise Trouble(f"this did not work (is there a network?): {' '.join(command)}\n{said}")
