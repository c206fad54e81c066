"""What the bot and its skills share: a hook for answers, an event, and a way to speak."""

from hotplug import HookimplMarker, HookspecMarker, event

__all__ = ["Skills", "botimpl", "said", "say"]

botspec = HookspecMarker("bot")
botimpl = HookimplMarker("bot")


class Skills:
    @botspec(firstresult=True)
    def answer(self, user: str, text: str) -> str | None:
        """Answer, or leave it to another skill."""


@event
def said(user: str, text: str) -> None:
    """Somebody has said something."""


def say(text: str) -> None:
    print(f"  bot: {text}")
