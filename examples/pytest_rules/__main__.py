"""A pytest run, in which a plugin of pytest is a host of plugins.

Shown: a framework that has plugins of its own, and a host within one of them. It is the same as
`python -m pytest` in this folder.
"""

import os
import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    os.chdir(Path(__file__).parent)
    sys.exit(pytest.main(["-p", "no:cacheprovider"]))
