from hotplug import get_current_plugin

# Register cleanup handler using .on decorator
@get_current_plugin().on_disable.on
def cleanup():
    print("Cleaning up plugin!")

# Or using += operator
# get_current_plugin().on_disable += cleanup

# on_unload is also available (called when plugin is unloaded)
@get_current_plugin().on_unload.on
def unload_handler():
    print("Unloading!")
