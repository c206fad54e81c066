host = hotplug.PluginHost()

# Context switch hook
def on_context_switch(old_plugin, new_plugin):
    print(f"Switching from {old_plugin} to {new_plugin}")

host.add_context_switch_hook(on_context_switch)

# Lifecycle hooks
host.add_enable_hook(lambda p: print(f"Enabled: {p.name}"))
host.add_disable_hook(lambda p: print(f"Disabled: {p.name}"))

# Resource hooks
host.resource_manager.add_register_hook(lambda r: print(f"Resource created: {r}"))
host.resource_manager.add_cleanup_hook(lambda r: print(f"Resource cleaned: {r}"))
