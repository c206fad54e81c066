"""The command hotplug, for a shell: each of its commands is a module, loaded when it is called.

Exit codes: 0 if all is well, 1 if something is wrong with a plugin, 2 if with the command line.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Final, NamedTuple

from hotplug.errors import HotplugError
from hotplug.errors.meaning import did_you_mean

__all__ = ["COMMANDS", "main"]


class Command(NamedTuple):
    """A command: the module in this folder that carries it out, and what it does."""

    module: str
    summary: str


COMMANDS: Final = {
    "new": Command("new", "write the project of a new plugin"),
    "check": Command("check", "tell what is wrong with plugins, without running them"),
    "list": Command("listing", "tell which plugins an application finds"),
    "graph": Command("graph", "draw who needs whom"),
    "why": Command("why", "tell what keeps a plugin from running"),
    "pluggy-run": Command("pluggy_run", "run a program that uses pluggy on hotplug"),
}
INTERRUPTED: Final = 130
"""What a shell expects of a program that Ctrl-C has ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; the answer is the exit code."""
    given = [*(sys.argv[1:] if arguments is None else arguments)]
    try:
        code = answer(given[0] if given else "", given[1:])
        sys.stdout.flush()
    except HotplugError as error:
        print(f"hotplug: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def answer(name: str, arguments: Sequence[str]) -> int:
    """Carry out a command, or tell which there are."""
    if name in COMMANDS:
        return int(import_module(f"{__name__}.{COMMANDS[name].module}").main(arguments))
    if name in ("-h", "--help"):
        print(usage())
        return 0
    if name in ("-V", "--version"):
        from importlib.metadata import version  # it takes longer than all else here

        print(f"hotplug {version('hotplug')}")
        return 0
    print(unknown(name) if name else usage(), file=sys.stderr)
    return 2


def usage() -> str:
    lines = ["usage: hotplug COMMAND [ARGUMENT ...]", "", *summaries(), ""]
    return "\n".join(
        [*lines, "hotplug COMMAND --help tells more; hotplug --version, which this is"]
    )


def unknown(name: str) -> str:
    hint = did_you_mean(name, COMMANDS) or "the commands are:"
    lines = [f"hotplug: there is no command {name!r}; {hint}", *summaries()]
    return "\n".join(lines)


def summaries() -> Iterable[str]:
    width = max(map(len, COMMANDS))
    return (f"  {name.ljust(width)}  {command.summary}" for name, command in COMMANDS.items())
