"""A bot whose skills are plugins: they answer, listen, remind, and are edited while it talks.

Shown: a first-result hook, an event, timers, state that outlives an edit, and an edit that is
refused. Time passes as the conversation says; `--talk` is the same with you, and with real time:
edit a file in `skills/` meanwhile.
"""

import sys
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from chat import Skills, said, say

from hotplug import PluginHost, ReloadError
from hotplug.testing.clock import FakeClock

SKILLS = Path(__file__).with_name("skills")


class Bot:
    def __init__(self, skills: Path, clock: FakeClock | None = None) -> None:
        self.host = PluginHost("bot", specs=Skills, scheduler=clock)
        self.skills = skills
        for folder in sorted(skills.iterdir()):
            self.host.load_plugin(folder)
        self.host.enable_all()

    def hear(self, user: str, text: str) -> None:
        said(user, text)
        say(self.host.hooks.hook.answer(user=user, text=text) or "I do not know")

    def edit(self, skill: str, old: str, new: str) -> None:
        """Do as an author does, and save."""
        file = self.skills / skill / "plugin.py"
        code = file.read_text("utf-8")
        file.write_text(code.replace(old, new), "utf-8")
        try:
            self.host.reload(skill)
            print(f"({skill} is a new one)")
        except ReloadError as error:
            print(f"({skill} stays as it is: {error.stage} failed, line {error.line})")
            file.write_text(code, "utf-8")


def play() -> None:
    """A conversation, with the clock in hand."""
    clock = FakeClock()
    with TemporaryDirectory() as place:
        bot = Bot(copytree(SKILLS, Path(place) / "skills"), clock)

        def hear(user: str, text: str) -> None:
            print(f"{clock.monotonic():3.0f} s  {user}: {text}")
            bot.hear(user, text)

        with bot.host:
            hear("ada", "hello")
            hear("ada", "remind me in 50 s to drink the tea")
            clock.advance(20)
            hear("bob", "how many messages?")
            bot.edit("counter", "messages from", "messages, and from")
            hear("bob", "how many messages?")
            clock.advance(60)
            bot.edit("greeter", 'return f"hello', 'return f"good day')
            hear("bob", "hello")
            bot.edit("greeter", "return", "retrun")
            hear("bob", "hello")
            bot.host.get_plugin("counter").disable()
            hear("bob", "how many messages?")


def talk() -> None:
    """The same with whoever sits there."""
    bot = Bot(SKILLS)
    with bot.host, bot.host.watch():
        print("hello, remind me in 5 s to drink, how many messages? (end it with an empty line)")
        while text := input("> "):
            bot.hear("you", text)


if __name__ == "__main__":
    talk() if "--talk" in sys.argv else play()
