"""``hotplug new NAME``: writes the project of a plugin, which passes its own tests at once."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

from hotplug.cli.page import Page
from hotplug.cli.sketch import Sketch, example, sketch_of
from hotplug.cli.specs import Specs
from hotplug.errors import HotplugError
from hotplug.host.registry.records import canonical
from hotplug.manifest import ManifestError, PluginMetadata, Problem
from hotplug.manifest.metadata import identifier

__all__ = ["main"]

TEMPLATES: Final = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "readme.md",
    "src/$package/plugin.toml": "plugin.toml",
    "src/$package/plugin.py": "plugin.py",
    "src/$package/__init__.py": "package.py",
    "src/$package/py.typed": "",
    "tests/test_$package.py": "test.py",
}
"""Where each file goes, and what it is made of."""
UNTYPED: Final = """
[[tool.mypy.overrides]]
module = "{}"
follow_untyped_imports = true
"""
"""Applications need not be typed."""


def main(arguments: Sequence[str]) -> int:
    """Write it, or refuse: nothing that is there is written over."""
    parser = argparse.ArgumentParser(
        "hotplug new",
        description="Write the project of a plugin: manifest, code, a test, and the entry point "
        "by which an application finds it. It passes its own tests at once.",
    )
    parser.add_argument("name", metavar="NAME", help="what the plugin is called")
    parser.add_argument("--host", metavar="APP", help="the application that it is for")
    parser.add_argument(
        "--specs", metavar="MODULE:CLASS", help="its hooks, each of which gets an implementation"
    )
    parser.add_argument(
        "--group", help="the entry points in which it looks for plugins (APP.plugins)"
    )
    parser.add_argument("--folder", type=Path, help="where to write it (NAME)")
    parser.add_argument("--async", dest="is_async", action="store_true", help="with an async hook")
    parser.add_argument(
        "--lazy", action="store_true", help="loaded with the first call of one of its hooks"
    )
    options = parser.parse_args(arguments)
    check_name(options.name)
    specs = Specs(options.specs) if options.specs else None
    if specs is not None and options.host not in (None, specs.project):
        told = f"--specs {options.specs} declares the hooks of {specs.project!r}"
        raise ManifestError([Problem(f"{told}, and --host says {options.host!r}")])
    host = specs.project if specs is not None else options.host or "hotplug"
    check_host(host)
    folder = options.folder or Path(options.name)
    sketch = (
        example(options.name, host, is_async=options.is_async)
        if specs is None
        else sketch_of(specs, is_lazy=options.lazy)
    )
    texts = texts_of(options, host, sketch)
    write(folder, texts)
    tell(Page(), folder, texts)
    return 0


def check_name(name: str) -> None:
    """Raises `ManifestError` for a name that no plugin can have, or that would be in the way."""
    PluginMetadata({"name": name})
    package = identifier(name)
    if package in {*sys.stdlib_module_names, "hotplug"}:
        told = f"the package of plugin {name!r} would hide {package!r}, which others import"
        hint = f"name it for what it does: '{name}-plugin'"
        raise ManifestError([Problem(told, hint)])


def check_host(host: str) -> None:
    if not host.isidentifier():
        told = f"--host takes the name of an application as PluginHost has it, not {host!r}"
        raise ManifestError([Problem(told, "it is an identifier, like 'my_shop'")])


def texts_of(options: argparse.Namespace, host: str, sketch: Sketch) -> dict[str, str]:
    """What goes into each file."""
    name: str = options.name
    hooks = ", ".join(f'"{each}"' for each in sketch.hooks)
    values = {
        **sketch._asdict(),
        "name": name,
        "package": identifier(name),
        "distribution": canonical(name),
        "host": host,
        "group": options.group or f"{host}.plugins",
        "lazy": f"lazy = true\nhooks = [{hooks}]\n" if options.lazy else "",
        "specs": f'specs = "{options.specs}"\n' if options.specs else "",
        "untyped": UNTYPED.format(options.specs.partition(":")[0]) if options.specs else "",
    }
    return {
        Template(place).substitute(values): filled(template, values)
        for place, template in TEMPLATES.items()
    }


def filled(template: str, values: Mapping[str, object]) -> str:
    if not template:
        return ""
    source = files("hotplug.cli").joinpath("project", f"{template}.txt").read_text("utf-8")
    return Template(source).substitute(values).rstrip() + "\n"


def write(folder: Path, texts: Mapping[str, str]) -> None:
    """Write all or nothing; raises `NotWritten`."""
    there = [place for place in texts if os.path.lexists(folder / place)]
    if there:
        told = ", ".join(str(folder / place) for place in there)
        raise NotWritten(
            f"nothing is written, for this is there already: {told}\n"
            "  choose another name, or another --folder"
        )
    try:
        for place, text in texts.items():
            file = folder / place
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("x", encoding="utf-8", newline="\n") as opened:
                opened.write(text)
    except OSError as error:
        raise NotWritten(f"{error.filename} cannot be written: {error.strerror}") from None


class NotWritten(HotplugError, OSError):
    """The files of a project cannot be written."""


def tell(page: Page, folder: Path, texts: Mapping[str, str]) -> None:
    """Say what was written, and what to do now."""
    page.line("wrote ", (f"{folder}{os.sep}", "name"))
    for place in texts:
        page.line("  ", place)
    page.line()
    page.line("next:")
    here = "" if folder == Path() else f"cd {folder} && "
    page.line("  ", (f'{here}python -m pip install -e ".[dev]"', "good"))
    page.line("  ", ("python -m pytest", "good"))
