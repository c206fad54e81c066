"""The outcome that an old-style wrapper is sent, and the error of a call that gives too little."""

from __future__ import annotations

from hotplug.errors import HookCallError
from hotplug.hooks.boxed import Result

__all__ = ["HookCallError", "Result"]

_Result = Result
