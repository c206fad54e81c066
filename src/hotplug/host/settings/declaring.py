"""A plugin declares its settings, and gets what the configuration says.

What happens when that changes is `changing`'s business.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from hotplug.host.life import Life
from hotplug.host.owner import current_owner
from hotplug.host.project import Project
from hotplug.host.quitting import ERRORS
from hotplug.host.resources import place_in_code
from hotplug.host.settings import models
from hotplug.host.settings.annotations import Unfit, record_of
from hotplug.host.settings.containers import Record, raised_at, what_it_says
from hotplug.host.settings.problems import Said, SettingsError
from hotplug.host.settings.secret import Secret, redacted
from hotplug.host.settings.shapes import Anything, Definitions, Look
from hotplug.host.watching import LOGGER
from hotplug.manifest.checking import Report, is_deeper
from hotplug.manifest.documents import DEEPEST, Document, Place, is_list, is_table
from hotplug.manifest.problems import Problem, shown

if TYPE_CHECKING:
    from hotplug.host.plugin import Plugin

__all__ = ["NOWHERE", "VERSION", "Declaration", "Given", "Migrate", "configuration"]
__all__ += ["settings"]

T = TypeVar("T")

Migrate = Callable[[dict[str, Any], int], Mapping[str, Any]]
"""Takes what was written for one version, and that version; returns it as the next one has it."""

VERSION: Final = "version"
"""The key that says for which version of the settings a configuration was written."""
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def settings(declared: type[T], *, version: int = 1, migrate: Migrate | None = None) -> T:
    """Declare a plugin's settings, a dataclass or a pydantic model; get what is configured.

    What is wrong raises `SettingsError`, which names all of it. Outside of a plugin nothing is
    configured, and the defaults are what one gets.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Shop:
    ...     currency: str = "EUR"
    >>> settings(Shop).currency
    'EUR'
    """
    owner = current_owner()
    if not isinstance(owner, Life):
        name = "application" if owner is None else owner.name
        said = Said.by_application({}, Project.of(None))
        return Declaration(name, declared, version, migrate).read(said).made()
    owner.check("read its settings")
    given: Given[Any] | None = owner.settings
    if given is None:
        declaration = Declaration(owner.name, declared, version, migrate)
        given = declaration.read(Said.about(owner.name, owner.plugin.host.project))
        owner.settings = given
    elif given.declaration.declared is not declared:
        first = given.declaration
        message = f"it declares {declared.__name__}, and has declared {first.declared.__name__}"
        hint = f"at {first.where}; make the one a part of the other"
        raise SettingsError(owner.name, [Problem(message, hint)])
    made: T = given.made()
    return made


class Declaration(Generic[T]):
    """What a plugin lets be set, and how a configuration is read by it."""

    def __init__(
        self, plugin_name: str, declared: type[T], version: int, migrate: Migrate | None
    ) -> None:
        self.plugin_name = plugin_name
        self.declared = declared
        self.version = version
        self.migrate = migrate
        self.where = str(place_in_code() or "unknown")
        try:
            self.shape = shape_of(declared)
            if type(version) is not int or version < 1:
                raise Unfit(f"a version of settings is a whole number from 1 on, not {version!r}")
        except Unfit as unfit:
            problem = Problem(f"they can't be read as they are declared: {unfit}", self.where)
            raise SettingsError(plugin_name, [problem]) from None

    def read(self, said: Said) -> Given[T]:
        """Check what is said; raises `SettingsError` with all that is wrong."""
        report = Report(said)
        look = Look(report.complain, said.folder)
        data: Any = said.data
        if is_deeper(data, DEEPEST):
            look.complain((), f"settings are nested no more than {DEEPEST} levels deep")
        else:
            data = self.brought_up(Anything().check(data, (), look), look)
        made: Any = None
        if not look.wrong:
            made = self.shape.check(data, (), look)
        if look.wrong:
            problems = sorted(report.problems, key=lambda each: (each.line or 0, each.column or 0))
            raise SettingsError(self.plugin_name, problems)
        return Given(self, data, said, look.secrets, made)

    def brought_up(self, data: Any, look: Look) -> Any:
        """The data as the newest version has it, without the key that says the version."""
        if not is_table(data):
            return data
        data = {**data}
        version = data.pop(VERSION, 1 if data else self.version)
        if type(version) is not int or version < 1:
            message = f"'{VERSION}' takes the version of the settings, not {shown(version)}"
            look.complain((VERSION,), message, f"write {self.version}")
        elif version > self.version:
            message = f"this is written for version {version} of the settings"
            look.complain((VERSION,), message, f"the plugin knows them up to {self.version}")
        elif version < self.version and self.migrate is None:
            message = f"this is written for version {version} of the settings"
            look.complain((VERSION,), message, f"bring it up to {self.version}: the plugin can't")
        else:
            return self.migrated(data, version, look)
        return data

    def migrated(self, data: dict[str, Any], first: int, look: Look) -> Any:
        """The data after one step for each version."""
        for version in range(first, self.version):
            known = dict(enumerate(map(Secret, texts_in(data))))
            try:
                data = Anything().check(dict(self.migrate(data, version)), (), look)  # type: ignore[misc] # it was asked before
            except ERRORS as error:
                words = redacted(what_it_says(error), known)  # one of these may be a secret
                message = f"they can't be brought from version {version} to {version + 1}: {words}"
                look.complain((), message, raised_at(error))
                return data
        if first < self.version:
            LOGGER.info(
                "settings of plugin %r are for version %d, and were read as version %d",
                self.plugin_name,
                first,
                self.version,
            )
        return data

    def schema(self) -> dict[str, Any]:
        """What can be set, as JSON Schema says it."""
        made = self.shape.top(Definitions(self.declared))
        made["properties"] = {**made.get("properties", {}), VERSION: {"const": self.version}}
        if self.version > 1:  # without it, this would be read as written for the first one
            made["required"] = [*made.get("required", ()), VERSION]
        return {"$schema": DIALECT, "title": f"settings of plugin {self.plugin_name!r}", **made}


class Given(Generic[T]):
    """What a plugin was given, so that it can be made anew for everyone who asks."""

    def __init__(
        self,
        declaration: Declaration[T],
        data: Mapping[str, Any],
        said: Said,
        secrets: Mapping[Place, Secret],
        first: T,
    ) -> None:
        self.declaration = declaration
        self.said = said
        self._data = data
        self._secrets = secrets
        self._first = [first]

    def made(self) -> T:
        """An object that nobody else has."""
        shape = self.declaration.shape
        if isinstance(shape, models.Model):
            return shape.copied(self._first[0])  # type: ignore[no-any-return]
        try:
            return self._first.pop()  # of two threads only one gets it
        except IndexError:
            pass
        report = Report(self.said)
        look = Look(report.complain, self.said.folder)
        made = shape.check(with_secrets(self._data, self._secrets), (), look)
        if look.wrong:  # its class has changed its mind
            raise SettingsError(self.declaration.plugin_name, report.problems)
        return made  # type: ignore[no-any-return]

    def configuration(self) -> dict[str, Any]:
        """What was said, in the newest version; texts that are secret are `Secret` objects."""
        texts = {
            place: secret
            for place, secret in self._secrets.items()
            if isinstance(at(self._data, place), str)
        }
        version = self.declaration.version
        return {**({VERSION: version} if version > 1 else {}), **with_secrets(self._data, texts)}


def configuration(plugin: Plugin) -> dict[str, Any]:
    """What is said about the settings of a plugin, whether it has read that or not."""
    given: Given[Any] | None = None if plugin.life is None else plugin.life.settings
    if given is not None:
        return given.configuration()
    said: dict[str, Any] = with_secrets(Said.about(plugin.name, plugin.host.project).data, {})
    return said


def shape_of(declared: object) -> Record | models.Model:
    if models.is_model(declared):
        shape: Record | models.Model = models.Model(declared)
    elif isinstance(declared, type) and dataclasses.is_dataclass(declared):
        shape = record_of(declared)
    else:
        raise Unfit(f"{declared!r} is no dataclass; write @dataclass(frozen=True) above it")
    if VERSION in shape.members:
        hint = "says for which version of them a configuration is written; give it another name"
        raise Unfit(f"{shape.made.__name__}.{VERSION}: the key {VERSION!r} {hint}")
    return shape


def texts_in(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    for item in data.values() if is_table(data) else data if is_list(data) else ():
        yield from texts_in(item)


def at(data: Any, place: Place) -> Any:
    """What stands at a place, or None."""
    for part in place:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def with_secrets(data: Any, secrets: Mapping[Place, Secret]) -> Any:
    """A copy that has the secrets where they belong."""
    data = Anything().check(data, (), NOWHERE)
    for place, secret in secrets.items():
        if at(data, place) is not None:
            at(data, place[:-1])[place[-1]] = secret
    return data


NOWHERE: Final = Look(Report(Document({})).complain, Path())
