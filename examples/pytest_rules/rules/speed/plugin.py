"""A test does not sleep."""

from hotplug import HookimplMarker


@HookimplMarker("rules")
def complaint(code: str) -> str | None:
    return "it sleeps; let it wait" if "sleep(" in code else None
