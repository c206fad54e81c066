import hotplug
from pathlib import Path

# Create a host
host = hotplug.PluginHost()
hotplug.set_default_host(host)

# Load and enable a plugin
plugin = hotplug.load_plugin(path=Path("./my_plugin"))
plugin.enable()

# Use the plugin's API
from hotplug.plugins import my_plugin
count = my_plugin.get_user_count()

# Trigger events
plugin.module.user_login("alice")

# Disable when done
plugin.disable()
