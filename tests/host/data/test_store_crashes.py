"""A process that is killed in the middle of its writes leaves the old values or the new ones."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROUNDS = 300

# One process makes the writers by fork, since to start one takes longer than to kill it.
KILLING = """
import os, random, signal, sys, time
from pathlib import Path
from hotplug.host.data.store import Store, StoreFile

place, rounds = Path(sys.argv[1]), int(sys.argv[2])
chance = random.Random(5)

def opened():
    file = StoreFile(place / "store.json", "plugin 'shop'", lambda size: None, lambda: None)
    return file, Store(file, lambda wish: None)

def write(report):
    _, store = opened()
    number = store.get("number", 0)
    while True:
        number += 1
        text = chr(97 + number % 26) * (number * 977 % 20000)
        store.update(number=number, text=text, again=text)
        os.write(report, number.to_bytes(8, "big"))

in_the_middle = 0
for _ in range(rounds):
    hear, report = os.pipe()
    writer = os.fork()
    if writer == 0:
        os.close(hear)
        write(report)
    os.close(report)
    os.read(hear, 8)
    time.sleep(chance.random() * 0.004)
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    rest = b""
    while part := os.read(hear, 65536):
        rest += part
    os.close(hear)
    last = int.from_bytes(rest[-8:], "big") if rest else 0
    file, store = opened()
    number, text = store["number"], store["text"]
    assert number >= last, "a write that had returned is gone"
    assert text == store["again"] == chr(97 + number % 26) * (number * 977 % 20000)
    in_the_middle += (place / "store.new").exists()
    file.close()
print(in_the_middle)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it needs fork")
@pytest.mark.timeout(180)
def test_writers_that_are_killed_leave_no_broken_file_and_lose_no_write(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLING, str(tmp_path), str(ROUNDS)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0, "no kill came in the middle of a write"
