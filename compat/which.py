"""Says whose pluggy a program gets, and whose the Python processes get that it starts.

A run that is taken for one on hotplug and is none would agree with stock pluggy in everything.
"""

from __future__ import annotations

import subprocess
import sys

import pluggy

if __name__ == "__main__":
    print(pluggy.__name__, flush=True)
    if "--child" not in sys.argv:
        subprocess.run([sys.executable, __file__, "--child"], check=True)
