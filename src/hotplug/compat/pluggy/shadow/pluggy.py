"""Stands before pluggy in the processes that ``python -m hotplug.compat.pluggy`` starts."""

import sys
from pathlib import Path

try:
    from hotplug.compat.pluggy import install
except ImportError:  # an environment without hotplug: it gets its own pluggy
    from importlib import import_module

    here = Path(__file__).resolve().parent
    sys.path[:] = [path for path in sys.path if Path(path or ".").resolve() != here]
    del sys.modules["pluggy"]
    import_module("pluggy")
else:
    install()
