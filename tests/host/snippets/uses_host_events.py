# In your plugin code
from host_events import system_message

@system_message.on
def on_message(msg: str):
    print(f"Plugin received: {msg}")
