"""A child of plugin b."""

from host_events import system_message


@system_message.on
def on_message(msg: str) -> None:
    print(f"The child received: {msg}")
