"""Plugin a, with events, and functions that others call to have them emitted."""

from collections.abc import Generator

from hotplug import event, get_current_plugin, syscall

users: list[str] = []


@event()
def user_login(username: str) -> Generator[None]:
    print(f"User {username} logging in")
    yield  # handlers run here
    print(f"User {username} logged in")


@event(protected=True)
def internal_event() -> None:
    """Only this plugin can subscribe."""


@syscall
def login_user(username: str) -> None:
    """Only the plugin that owns an event can invoke it, so it does that for others."""
    user_login(username)
    users.append(username)


@syscall
def get_user_count() -> int:
    """Runs in this plugin's context, not in the caller's."""
    print(f"Called from plugin: {get_current_plugin().name}")
    return len(users)
