"""Error policies: what a call does when an implementation raises.

``raise`` is the default and costs nothing; the others let the remaining implementations run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, NamedTuple, TypeAlias

from hotplug.errors import HookErrors, HookSpecError
from hotplug.hooks.shape import Labels
from hotplug.hooks.unwind import note, trim, whose

__all__ = ["ErrorPolicy", "HookFailure", "Tolerate", "blamed", "checked", "collected", "log_error"]
__all__ += ["tolerate"]

LOGGER: Final = "hotplug.hooks"
POLICIES: Final = ("raise", "collect", "skip")


class HookFailure(NamedTuple):
    """What a policy function is told about an implementation that raised."""

    hook: str
    plugin_name: str
    error: Exception


ErrorPolicy: TypeAlias = Literal["raise", "collect", "skip"] | Callable[[HookFailure], object]
"""``raise``, ``collect``, ``skip``, or a function whose answer stands for the result."""

Tolerate: TypeAlias = Callable[[list[Exception], Exception, str, str], object]
"""Called with the failures so far, the error, the hook and the plugin; answers with a result."""


def checked(policy: object) -> ErrorPolicy:
    """The policy, if it is one."""
    if callable(policy) or policy in POLICIES:
        return policy
    raise HookSpecError(
        f"unknown error policy {policy!r}; use 'raise', 'collect', 'skip' or a function"
    )


def tolerate(policy: ErrorPolicy) -> Tolerate | None:
    """What a call does with an error under this policy; None where it just raises."""
    if policy == "raise":
        return None
    if policy == "collect":
        return collect
    if policy == "skip":
        return skip
    return Asking(policy)


def log_error(message: str, error: BaseException) -> None:
    """Write an error that is not raised to the log ``hotplug.hooks``."""
    import logging  # a third of the time that importing hotplug would take

    logging.getLogger(LOGGER).error("%s", message, exc_info=error)


def collect(failures: list[Exception], error: Exception, hook: str, plugin: str) -> None:
    failures.append(error)


def skip(failures: list[Exception], error: Exception, hook: str, plugin: str) -> None:
    log_error(
        f"hook {hook!r}: plugin {plugin!r} raised {type(error).__name__}: {error}; it is left out",
        error,
    )


class Asking:
    """Leaves the decision to a function of the application."""

    __slots__ = ("policy",)

    def __init__(self, policy: Callable[[HookFailure], object]) -> None:
        self.policy = policy

    def __call__(
        self, failures: list[Exception], error: Exception, hook: str, plugin: str
    ) -> object:
        return self.policy(HookFailure(hook, plugin, error))


def blamed(error: Exception, labels: Labels, clue: object = None) -> tuple[Exception, str, str]:
    """The error, told whose it is, as the arguments that `Tolerate` takes."""
    plugin = whose(error, labels, clue) or ""
    note(error, labels[0], plugin)
    trim(error)
    return error, labels[0], plugin


def collected(failures: list[Exception], labels: Labels, results: object) -> HookErrors:
    """The group that a call under ``collect`` raises after all implementations have run."""
    count = len(failures)
    group = HookErrors(
        f"hook {labels[0]!r}: {count} implementation{'s' if count > 1 else ''} raised", failures
    )
    group.results = results
    return group
