"""A short storm over a host: `make storm` runs a long one."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(not (ROOT / "benchmarks").is_dir(), reason="the sdist has no benchmarks")
def test_no_call_is_mixed_or_lost_or_meets_what_was_torn_down_while_a_host_reloads() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.host_storm", "--seconds", "2"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 mixed, 0 lost, 0 errors, 0 left" in done.stdout
