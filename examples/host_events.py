"""Events of the application, for `example.py` and its plugins."""

from collections.abc import Generator

import hotplug

# Define host events before plugins load
# (outside plugin context, so these become host events)


@hotplug.event()
def system_message(message: str) -> Generator[None]:
    """System-wide message broadcast."""
    print(f"[SYSTEM] {message}")
    yield


@hotplug.event(protected=True)
def admin_notification(data: str) -> Generator[None]:
    """Protected - only host code can invoke."""
    print(f"[ADMIN] {data}")
    yield
