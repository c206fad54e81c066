"""A plugin that is reloaded over and over answers every call in one version."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(not (ROOT / "benchmarks").is_dir(), reason="the sdist has no benchmarks")
def test_no_call_is_answered_by_two_versions_and_nothing_is_left() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.storm", "--reloads", "25"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )

    assert done.stdout.endswith("0 mixed, 0 errors, 0 alive, 0 left\n"), done.stdout + done.stderr
