"""Loggers that say which plugin speaks, and fall silent with it.

They are standard logging from end to end: levels, handlers and formats are the application's to
decide, for ``hotplug.plugin.<plugin>`` or anything above it. What a plugin adds is its name.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from contextlib import suppress
from threading import RLock
from types import TracebackType
from typing import Any, Final, Literal, cast
from weakref import ReferenceType, WeakKeyDictionary, ref

from hotplug.errors.hosting import PluginGone
from hotplug.host.owner import Owner, current_owner
from hotplug.host.resources import Holder, Resource

__all__ = ["PluginFormatter", "PluginLogger", "dropped_records", "get_logger", "log", "set_level"]

OF_PLUGINS: Final = "hotplug.plugin"
OF_THE_APPLICATION: Final = "hotplug.application"

ExcInfo = (
    bool
    | BaseException
    | tuple[type[BaseException], BaseException, TracebackType | None]
    | tuple[None, None, None]
    | None
)


class Voice:
    """What the loggers of one life share. It does not keep this life."""

    def __init__(self, owner: Owner | None) -> None:
        self._owner: ReferenceType[Owner] | None = None if owner is None else ref(owner)
        self.plugin = None if owner is None else owner.name
        self.generation = 0 if owner is None else owner.number
        self.levels: dict[str, int] = {}
        """By the name of a logger; "" is for all of them."""
        self.dropped = 0
        self.loggers: dict[str, PluginLogger] = {}

    @property
    def is_silent(self) -> bool:
        """Whether this life is over."""
        if self._owner is None:
            return False
        owner = self._owner()
        return owner is None or owner.is_gone

    def level_of(self, name: str) -> int:
        """What the plugin says about the level of a logger, or of one above it; 0 is nothing."""
        while self.levels:
            if level := self.levels.get(name):
                return level
            if not name:
                break
            name = name.rpartition(".")[0]
        return logging.NOTSET


VOICES: Final[WeakKeyDictionary[Owner, Voice]] = WeakKeyDictionary()
OF_NOBODY: Final = Voice(None)
LOCK: Final = RLock()  # a collected object may log at any moment


class PluginLogger(logging.LoggerAdapter[logging.Logger]):
    """Logs as one plugin: its messages begin with ``[plugin]`` or ``[plugin.name]``.

    Records carry ``plugin``, ``plugin_logger``, ``generation`` and ``plugin_prefix`` besides. When
    the plugin has ended they are dropped and counted.
    """

    def __init__(self, voice: Voice, name: str) -> None:
        above = OF_THE_APPLICATION if voice.plugin is None else f"{OF_PLUGINS}.{voice.plugin}"
        super().__init__(logging.getLogger(joined(above, name)))
        self._voice = voice
        self._own_name = name
        self._prefix = ""
        self._fields: dict[str, object] = {}
        if voice.plugin is not None:
            full_name = joined(voice.plugin, name)
            self._prefix = f"[{full_name}] "
            self._fields = {
                "plugin": voice.plugin,
                "plugin_logger": full_name,
                "generation": voice.generation,
                "plugin_prefix": self._prefix,
            }

    def setLevel(self, level: int | str) -> None:  # noqa: N802, the name is logging's
        """Log from this level on, and the loggers below this one too; 0: as the application says.

        It holds for this life of the plugin, and for no other plugin or host.
        """
        self._voice.levels[self._own_name] = number_of(level)

    def getEffectiveLevel(self) -> int:  # noqa: N802
        """The level from which on this logs."""
        return self._voice.level_of(self._own_name) or self.logger.getEffectiveLevel()

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802
        """Whether a message of this level would be logged."""
        if self._voice.is_silent:
            return False
        return self._is_wanted(level)

    def log(  # type: ignore[override] # the parameters are those that a logger takes
        self,
        level: int,
        msg: object,
        *args: object,
        exc_info: ExcInfo = None,
        stack_info: bool = False,
        stacklevel: int = 1,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        """Log a message, as the plugin."""
        if not self._is_wanted(level):
            return
        if self._voice.is_silent:
            self._voice.dropped += 1
            return
        logger = self.logger
        path, line, function, stack = logger.findCaller(stack_info, stacklevel + 1)
        record = logger.makeRecord(
            logger.name,
            level,
            path,
            line,
            prefixed(self._prefix, msg, args),
            args,
            told(exc_info),
            function,
            extra,
            stack,
        )
        vars(record).update(self._fields)
        logger.handle(record)

    def _is_wanted(self, level: int) -> bool:
        if own := self._voice.level_of(self._own_name):
            return level >= own and level > self.logger.manager.disable
        return self.logger.isEnabledFor(level)

    def __repr__(self) -> str:
        level = logging.getLevelName(self.getEffectiveLevel())
        return f"<{type(self).__name__} {self.logger.name} ({level})>"


class LoggerInUse(Resource):
    """A named logger, in the list of what a plugin holds. There is nothing to give back."""

    kind = "logger"

    def __init__(self, owner: Owner, name: str) -> None:
        super().__init__(owner)
        self.name = name

    def describe(self) -> str:
        return f"logger {self.name}"


class CurrentLogger:
    """Logs as who runs when it is used. It keeps nobody."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        return getattr(logger_of(current_owner()), name)

    def __repr__(self) -> str:
        return f"<log: {logger_of(current_owner())!r}>"


log: Final = cast(PluginLogger, CurrentLogger())
"""Logs as the plugin that uses it; outside of plugins, as the application."""


class PluginFormatter(logging.Formatter):
    """Gives the application the say over the prefix.

    Its ``%(message)s`` is the message alone; ``%(plugin_prefix)s``, ``%(plugin)s``,
    ``%(plugin_logger)s`` and ``%(generation)s`` are there for records of anyone.

    >>> formatter = PluginFormatter("%(levelname)s %(plugin)s: %(message)s")
    >>> formatter.format(logging.makeLogRecord({"msg": "hello", "levelname": "INFO"}))
    'INFO -: hello'
    """

    def __init__(
        self,
        fmt: str | None = "%(levelname)s %(plugin_prefix)s%(message)s",
        datefmt: str | None = None,
        style: Literal["%", "{", "$"] = "%",
        *,
        validate: bool = True,
        defaults: Mapping[str, Any] | None = None,
    ) -> None:
        of_others = {"plugin": "-", "plugin_logger": "-", "generation": 0, "plugin_prefix": ""}
        named = {**of_others, **(defaults or {})}
        super().__init__(fmt, datefmt, style, validate, defaults=named)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802, the name is logging's
        """Format a record without the prefix of its message."""
        record.message = record.message.removeprefix(getattr(record, "plugin_prefix", ""))
        return super().formatMessage(record)


def get_logger(name: str = "") -> PluginLogger:
    """The logger of this name of the plugin that runs; without a name, its own.

    >>> get_logger("database").name
    'hotplug.application.database'
    """
    if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"a logger has a name, not {name!r}")
    return logger_of(current_owner(), name)


def set_level(plugin: Holder, level: int | str) -> None:
    """Log what a plugin says from this level on; 0 leaves it to the application again.

    It holds for this life of the plugin and for all its loggers that have no level of their own,
    whatever the levels of the application's loggers are.
    """
    voice_of(plugin.owner).levels[""] = number_of(level)


def dropped_records(plugin: Holder) -> int:
    """How many messages of a plugin came after its end."""
    return voice_of(plugin.owner).dropped


def logger_of(owner: Owner | None, name: str = "") -> PluginLogger:
    voice = voice_of(owner)
    logger = voice.loggers.get(name)
    if logger is None:
        if name and owner is not None:
            with suppress(PluginGone):  # what comes late gets a logger too: a silent one
                owner.scope.add(LoggerInUse(owner, joined(owner.name, name)))
        with LOCK:
            logger = voice.loggers.setdefault(name, PluginLogger(voice, name))
    return logger


def voice_of(owner: Owner | None) -> Voice:
    if owner is None:
        return OF_NOBODY
    voice = VOICES.get(owner)
    if voice is None:
        with LOCK:
            voice = VOICES.setdefault(owner, Voice(owner))
    return voice


def joined(above: str, name: str) -> str:
    return f"{above}.{name}" if name else above


def prefixed(prefix: str, message: object, args: tuple[object, ...]) -> object:
    """The message with its prefix. Structured ones stay as they are: their fields say it."""
    if not prefix or issubclass(type(message), Mapping):
        return message
    # Where there are arguments the message is a format, and the prefix becomes part of it.
    return (prefix.replace("%", "%%") if args else prefix) + str(message)


def told(exc_info: ExcInfo) -> Any:
    """The exception to log, as a record wants it."""
    if isinstance(exc_info, BaseException):
        return type(exc_info), exc_info, exc_info.__traceback__
    if exc_info and not isinstance(exc_info, tuple):
        return sys.exc_info()
    return exc_info or None


def number_of(level: int | str) -> int:
    """A level by its number or its name."""
    names = logging.getLevelNamesMapping()
    if isinstance(level, int):
        return level
    if level not in names:
        raise ValueError(f"there is no level {level!r}; there are {', '.join(names)}")
    return names[level]
