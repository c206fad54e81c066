"""Manifests in YAML, where PyYAML is installed: plain data, built here from the parser's events.

Stricter than YAML: no aliases, no tags, no key twice in one mapping, no nesting without end.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

from hotplug.manifest.documents import DEEPEST, Mark, Marks, Place, mark_at
from hotplug.manifest.problems import Unreadable, shown

__all__ = ["find", "parse"]

TYPED: Final = {
    f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "timestamp")
}
"""What a plain scalar may be other than a text."""


def parse(text: str) -> object:
    """Read the data; raises `Unreadable`."""
    return Builder(text).data


def find(text: str) -> Marks:
    """Where each key and item stands in a text that `parse` has read."""
    return Builder(text).marks


class Builder:
    """One way through the events of a text: makes the data, notes where keys and items begin."""

    def __init__(self, text: str) -> None:
        try:
            self.yaml: Any = import_module("yaml")  # the extra `yaml`, for those who use it
        except ImportError:
            hint = "pip install hotplug[yaml], or write it as plugin.toml or plugin.json"
            raise Unreadable("reading YAML needs PyYAML", hint=hint) from None
        self.marks: dict[Place, Mark] = {(): Mark(1, 1)}
        self.resolver: Any = self.yaml.resolver.Resolver()
        self.constructor: Any = self.yaml.constructor.SafeConstructor()
        loader = getattr(self.yaml, "CSafeLoader", self.yaml.SafeLoader)  # C is not everywhere
        self.events: Iterator[Any] = self.yaml.parse(text, loader)
        try:
            self.data = self.document()
        except self.yaml.YAMLError as error:
            raise self.unreadable(text, error) from None

    def document(self) -> object:
        data: object = None
        documents = 0
        for event in self.events:
            if isinstance(event, self.yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise Unreadable("a second document begins here", *mark_of(event))
                data = self.value(next(self.events), ())
        return data

    def value(self, event: Any, place: Place) -> object:
        """Make what begins with this event."""
        self.refuse_what_is_no_plain_data(event, place)
        if isinstance(event, self.yaml.ScalarEvent):
            return self.scalar(event)
        if isinstance(event, self.yaml.MappingStartEvent):
            return self.mapping(place)
        items: list[object] = []
        while not isinstance(event := next(self.events), self.yaml.SequenceEndEvent):
            item = (*place, len(items))
            self.marks[item] = mark_of(event)
            items.append(self.value(event, item))
        return items

    def mapping(self, place: Place) -> dict[str, object]:
        made: dict[str, object] = {}
        while not isinstance(event := next(self.events), self.yaml.MappingEndEvent):
            key = self.key(event, place)
            if key in made:
                first = self.marks[(*place, key)].line
                message = f"the key {shown(key)} stands twice, first in line {first}"
                raise Unreadable(message, *mark_of(event))
            self.marks[(*place, key)] = mark_of(event)
            made[key] = self.value(next(self.events), (*place, key))
        return made

    def key(self, event: Any, place: Place) -> str:
        self.refuse_what_is_no_plain_data(event, place)
        is_scalar = isinstance(event, self.yaml.ScalarEvent)
        key = self.scalar(event) if is_scalar else None
        if isinstance(key, str):
            return key
        what = shown(key) if is_scalar else "a table or a list"
        hint = "put it in quotes" if is_scalar else ""
        raise Unreadable(f"a key is a text, not {what}", *mark_of(event), hint=hint)

    def refuse_what_is_no_plain_data(self, event: Any, place: Place) -> None:
        if isinstance(event, self.yaml.AliasEvent):
            raise Unreadable(
                f"an alias, *{event.anchor}, has no place in a manifest",
                *mark_of(event),
                hint="write out what it stands for",
            )
        if event.tag is not None:
            message = f"a tag, {event.tag}, has no place in a manifest"
            raise Unreadable(message, *mark_of(event), hint="leave it out")
        is_scalar = isinstance(event, self.yaml.ScalarEvent)
        if len(place) >= DEEPEST and not is_scalar:
            raise Unreadable(f"this is nested more than {DEEPEST} levels deep", *mark_of(event))

    def scalar(self, event: Any) -> object:
        if not event.implicit[0]:  # quoted, or a block
            return event.value
        node = self.yaml.ScalarNode
        tag = self.resolver.resolve(node, event.value, (True, False))
        if tag not in TYPED:
            return event.value
        try:
            return self.constructor.construct_object(node(tag, event.value))
        except Exception as error:  # PyYAML lets all kinds out, such as those of datetime
            message = f"{shown(event.value)} can't be read: {error}"
            raise Unreadable(message, *mark_of(event), hint="put it in quotes") from None

    def unreadable(self, text: str, error: Any) -> Unreadable:
        """What PyYAML says, in our terms."""
        if isinstance(error, self.yaml.reader.ReaderError):
            said = f"the character U+{error.character:04X} is not allowed"
            mark = mark_at(text, text.find(chr(error.character)))
        else:
            said = ", ".join(filter(None, (error.context, error.problem)))
            place = error.problem_mark or error.context_mark
            # libyaml points behind the last line when something is missing at the end
            mark = min(Mark(place.line + 1, place.column + 1), mark_at(text, len(text)))
        return Unreadable(f"this is not YAML: {said}", *mark)


def mark_of(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)
