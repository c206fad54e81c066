"""Two plugins, one of which uses the other and has a child, and events of the host.

Shown: loading by path, dependencies, events with code before and after, protected events,
syscalls, children, and that everything a plugin has goes with it.
"""

from pathlib import Path

from host_events import admin_notification, system_message

import hotplug

PLUGINS = Path(__file__).with_name("plugins")


def main() -> None:
    host = hotplug.PluginHost()
    hotplug.set_default_host(host)
    host.add_enable_hook(lambda plugin: print(f"Enabled: {plugin.name}"))
    host.add_disable_hook(lambda plugin: print(f"Disabled: {plugin.name}"))

    hotplug.load_plugin(path=PLUGINS / "a").enable()
    b = hotplug.load_plugin(path=PLUGINS / "b")
    b.enable()

    from hotplug.plugins import a  # noqa: PLC0415 (it is there as soon as it is loaded)

    system_message("Server starting...")
    admin_notification("backup at midnight")
    a.login_user("alice")
    print(f"{a.get_user_count()} users")

    print(f"{b.name} holds: {', '.join(resource.kind for resource in b.resources)}")
    b.disable()
    system_message("Server stopping...")
    a.login_user("carol")
    host.close()


if __name__ == "__main__":
    main()
