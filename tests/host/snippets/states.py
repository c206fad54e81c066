plugin = hotplug.load_plugin(path=plugin_path) # -> LOADED
plugin.enable() # -> ENABLED
plugin.disable() # -> DISABLED
