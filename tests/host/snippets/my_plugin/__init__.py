from hotplug import syscall, get_current_plugin

@syscall
def get_user_count() -> int:
    """This runs in the plugin's context, not the caller's."""
    plugin = get_current_plugin()
    print(f"Called from plugin: {plugin.name}")
    return 42
