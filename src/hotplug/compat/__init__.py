"""Other libraries' interfaces, on top of hotplug's kernel."""
