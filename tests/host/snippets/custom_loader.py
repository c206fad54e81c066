from hotplug import PluginLoader, Plugin

class CustomLoader:
    def load(self, plugin: Plugin):
        # Your custom loading logic
        return loaded_module

host = PluginHost(plugin_loader=CustomLoader())
