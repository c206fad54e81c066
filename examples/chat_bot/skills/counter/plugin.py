"""It counts what is said, and tells now and then."""

from collections import Counter

from chat import botimpl, said, say

from hotplug import set_interval

counts: Counter[str] = Counter()


@said.on
def count(user: str, text: str) -> None:
    counts[user] += 1


@botimpl
def answer(user: str, text: str) -> str | None:
    if text == "how many messages?":
        return f"{counts.total()} messages from {', '.join(counts)}"
    return None


def tell() -> None:
    say(f"(there were {counts.total()} messages in the last minute)")
    counts.clear()


set_interval(tell, 60)


def export_state() -> dict[str, int]:
    return dict(counts)


def import_state(earlier: dict[str, int], from_version: str) -> None:
    counts.update(earlier)
