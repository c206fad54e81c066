"""Plugin b, which uses plugin a, listens to the host, and has a child."""

from host_events import admin_notification, system_message

from hotplug import Plugin, get_current_plugin, load_plugin
from hotplug.plugins import a

this: Plugin = get_current_plugin()


def on_login(username: str) -> None:
    print(f"Plugin {get_current_plugin().name} handles login for {username}")


a.user_login += on_login


@system_message.on
def on_message(msg: str) -> None:
    print(f"Plugin b received: {msg}")


@this.on_enable.on
def start() -> None:
    a.login_user("bob")
    for forbidden in (lambda: a.user_login("eve"), lambda: admin_notification("eve")):
        try:
            forbidden()
        except RuntimeError as error:
            print(f"Refused: {str(error).splitlines()[0]}")


@this.on_disable.on
def cleanup() -> None:
    print("Plugin b cleans up")


child = load_plugin(path=this.path / "subplugins" / "child")
child.enable()  # disabled when its parent is
