"""``python -m hotplug_tour``."""

import sys

from hotplug_tour.cli import main

if __name__ == "__main__":
    sys.exit(main())
