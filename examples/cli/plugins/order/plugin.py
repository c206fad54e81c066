"""Orders. It uses the plugin with the prices, which starts with it."""

from hotplug.plugins import menu


def order(item: str, count: int = 1, hurry: bool = False) -> str:
    """Order something."""
    when = "at once" if hurry else "in a while"
    return f"{count} {item} for {count * menu.price(item):.2f}, {when}"
