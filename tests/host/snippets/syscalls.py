from hotplug import syscall, get_current_plugin

@syscall
def my_api():
    # Always runs as the plugin that defined this function
    print(get_current_plugin().name) # Always this plugin

def normal_function():
    # Runs as whichever plugin called it
    print(get_current_plugin().name) # Could be any plugin
