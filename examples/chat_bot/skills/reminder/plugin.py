"""It reminds people of things, later."""

import re

from chat import botimpl, say

from hotplug import set_timeout


@botimpl
def answer(user: str, text: str) -> str | None:
    wish = re.fullmatch(r"remind me in (\d+) s to (.+)", text)
    if wish is None:
        return None
    seconds, what = wish.groups()
    set_timeout(lambda: say(f"{user}, {what}!"), int(seconds))
    return "I will"
