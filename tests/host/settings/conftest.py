"""What the tests of settings share: a shop whose settings each test writes down itself."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hotplug import Plugin, PluginHost

HEAD = """\
from __future__ import annotations
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum, auto
from pathlib import Path
from typing import Annotated, Any, Literal
from hotplug import Bounds, Secret, get_current_plugin, settings
"""


class Shop:
    """A host with a project, and the one plugin that it configures."""

    def __init__(self, project: Path, write_plugin: Callable[..., Path]) -> None:
        self.project = project
        self.write = write_plugin
        self.host: PluginHost[Any] = PluginHost()

    def run(self, source: str, table: str = "") -> Plugin:
        """Load a plugin with this source, of which the project's file says this."""
        self.project.write_text(f"[settings.shop]\n{textwrap.dedent(table)}", "utf-8")
        self.host.close()
        self.host = PluginHost("till", project=self.project)
        return self.host.load_plugin(self.write("shop", HEAD + textwrap.dedent(source)))

    def load(self, fields: str, table: str = "", before: str = "", after: str = "") -> Plugin:
        """The same, for a plugin whose settings have these fields."""
        lines = textwrap.indent(textwrap.dedent(fields).strip(), "    ")
        declared = f"@dataclass(frozen=True)\nclass Shop:\n{lines}\n\nconfig = settings(Shop)\n"
        return self.run(textwrap.dedent(before) + declared + textwrap.dedent(after), table)

    def given(self, fields: str, table: str = "", before: str = "") -> Any:
        """The settings that it gets."""
        return self.load(fields, table, before).module.config

    @property
    def plugin(self) -> Plugin:
        return self.host.get_plugin("shop")


@pytest.fixture
def shop(tmp_path: Path, write_plugin: Callable[..., Path]) -> Iterator[Shop]:
    shop = Shop(tmp_path / "plugins.toml", write_plugin)
    yield shop
    shop.host.close()
