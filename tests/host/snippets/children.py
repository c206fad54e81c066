from hotplug import load_plugin, get_current_plugin

this = get_current_plugin()
child = load_plugin(path=this.path / "subplugins" / "child")
child.enable() # Disabled when parent is disabled

# Or detach it
child.enable(detach=True) # Independent of parent
