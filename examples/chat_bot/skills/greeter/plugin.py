"""It greets who greets."""

from chat import botimpl


@botimpl
def answer(user: str, text: str) -> str | None:
    if text == "hello":
        return f"hello, {user}"
    return None
