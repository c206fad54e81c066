"""What these tests share: plugins on the disk, and a namespace that leaves nothing behind."""

import gc
import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hotplug.host.generations import Generation, Namespace

Write = Callable[..., Path]
Load = Callable[..., tuple[Generation, Any]]


def plugin_names() -> set[str]:
    return {name for name in sys.modules if name.startswith("hotplug.plugins") or "~" in name}


def collect() -> None:
    """Free what can be freed: typing caches what it has looked at."""
    for clear in typing._cleanups:  # type: ignore[attr-defined]
        clear()
    gc.collect()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a plugin: a file for each keyword, or the folders and files of a dictionary."""

    def write(name: str, files: Mapping[str, str] | None = None, /, **modules: str) -> Path:
        folder = tmp_path / name
        texts = {**(files or {}), **{f"{module}.py": text for module, text in modules.items()}}
        for path, text in texts.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
        return folder

    return write


@pytest.fixture
def namespace() -> Iterator[Namespace]:
    """A host's namespace; when it is closed, nothing of its plugins is left."""
    finders = list(sys.meta_path)
    if plugin_names():
        gc.collect()  # what other tests have left to be collected
    before = plugin_names()  # Hypothesis, for one, keeps the modules that it has seen
    gc.freeze()  # what is there already is none of the plugin's, and looking through it takes long
    space = Namespace()
    yield space
    space.close()
    del space
    collect()
    gc.unfreeze()
    assert sys.meta_path == finders
    assert plugin_names() <= before


@pytest.fixture
def load(namespace: Namespace) -> Load:
    """Load a plugin and let it serve, unless it is to stay staged."""

    def load(
        path: Path, entrypoint: str = "plugin", *, commit: bool = True, **options: Any
    ) -> tuple[Generation, ModuleType]:
        generation = namespace.open(path.stem, path, **options)
        module = generation.run(entrypoint)
        if commit:
            generation.commit()
        return generation, module

    return load
