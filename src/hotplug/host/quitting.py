"""`sys.exit` in a plugin ends no program: where the host calls the plugin, it is an error of it.

Who calls a hook, a syscall or another function of a plugin gets what that raises, also this. An
interrupt is the user's own, and always goes through.
"""

from __future__ import annotations

from os.path import normpath
from traceback import walk_tb
from typing import Final

from hotplug.errors.hosting import PluginExit
from hotplug.hooks.looking import shown
from hotplug.host.owner import APPLICATION, MARK, Owner
from hotplug.host.tracebacks import leave_out_ours

__all__ = ["ERRORS", "as_error"]

ERRORS: Final = (Exception, SystemExit)
"""What a plugin's code may raise where the host calls it, and nobody else suffers from."""


def as_error(error: BaseException, who: str) -> BaseException:
    """What code has raised that ran as somebody. That a plugin wants to exit is an error of it.

    It is told of the plugin whose code says so, which who ran may have called.

    >>> as_error(SystemExit(3), "plugin 'shop'")
    PluginExit("plugin 'shop' called sys.exit(3), which is an error of it and ends no program")
    >>> as_error(SystemExit(3), "the application")
    SystemExit(3)
    """
    if not isinstance(error, SystemExit) or who == str(APPLICATION):
        return error
    leave_out_ours(error)
    place = ""
    for frame, line in reversed([*walk_tb(error.__traceback__)]):
        mark = frame.f_builtins.get(MARK)
        if isinstance(mark, Owner):
            who, place = str(mark), f"\n  {normpath(frame.f_code.co_filename)}:{line}"
            break
    made = PluginExit(
        f"{who} called sys.exit({shown(error.code)}), which is an error of it and ends no program"
        f"{place}"
    )
    made.__cause__ = error
    return made
