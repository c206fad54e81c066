"""`import hotplug` loads the hooks floor and nothing else."""

import json
import subprocess
import sys

import pytest

# What the interpreter loads by itself, say for a path file in site-packages, is not ours.
SCRIPT = """
import json, sys
before = set(sys.modules)
import hotplug
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@pytest.fixture(scope="module")
def loaded() -> list[str]:
    done = subprocess.run(
        [sys.executable, "-I", "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    modules: list[str] = json.loads(done.stdout)
    return modules


def test_importing_hotplug_loads_no_floor_above_the_hooks(loaded: list[str]) -> None:
    ours = {".".join(name.split(".")[:2]) for name in loaded if name.split(".")[0] == "hotplug"}

    assert ours <= {"hotplug", "hotplug.errors", "hotplug.hooks"}


def test_importing_hotplug_loads_no_third_party_module(loaded: list[str]) -> None:
    tops = {name.split(".")[0] for name in loaded}

    assert tops - sys.stdlib_module_names - {"hotplug"} == set()
