"""A test is named as a sentence."""

from hotplug import HookimplMarker


@HookimplMarker("rules")
def complaint(name: str) -> str | None:
    return None if name.count("_") > 2 else "its name says too little"
