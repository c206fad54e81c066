"""A message goes to the first channel that takes it.

Shown: a first-result hook, the order of plugins, and blocking one while the program runs.
"""

from hotplug import HookimplMarker, HookspecMarker, PluginManager

hookspec = HookspecMarker("notifications")
hookimpl = HookimplMarker("notifications")


class Specs:
    @hookspec(firstresult=True)
    def send(self, text: str, urgent: bool = False) -> str | None:
        """Send the text and say so, or return None to leave it to another channel."""


class Slack:
    """Takes whatever no other channel wants."""

    @hookimpl(trylast=True)
    def send(self, text: str) -> str:
        return f"Slack posted: {text!r}"


class Email:
    @hookimpl
    def send(self, text: str) -> str:
        return f"Email sent: {text!r}"


class Sms:
    """Wakes people up, so it takes urgent messages only, and these before anyone else."""

    @hookimpl(tryfirst=True)
    def send(self, text: str, urgent: bool) -> str | None:
        return f"SMS sent: {text!r}" if urgent else None


def main() -> None:
    pm = PluginManager("notifications", Specs)
    pm.register(Slack(), name="slack")
    pm.register(Email(), name="email")
    pm.register(Sms(), name="sms")

    print(pm.hook.send(text="Server down!", urgent=True))
    print(pm.hook.send(text="Weekly digest"))
    pm.set_blocked("email")
    print(pm.hook.send(text="Weekly digest"))


if __name__ == "__main__":
    main()
