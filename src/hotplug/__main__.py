"""``python -m hotplug``: the command ``hotplug``."""

import sys

from hotplug.cli import main

if __name__ == "__main__":
    sys.exit(main())
