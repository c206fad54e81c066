"""A walk through hotplug, one mechanism at a time; start with ``hotplug-tour list``."""
