"""What the tests of manifests share: plugins made of a manifest and empty files."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hotplug.manifest import Problem, validate

MakePlugin = Callable[..., Path]


@pytest.fixture
def make_plugin(tmp_path: Path) -> MakePlugin:
    """Make a plugin's folder; a mapping is written as JSON."""

    def make(
        manifest: Mapping[str, Any] | list[Any] | str | bytes,
        file: str = "plugin.json",
        *modules: str,
        folder: str = "shop",
    ) -> Path:
        path = tmp_path / folder
        path.mkdir(exist_ok=True)
        for module in modules or ("plugin.py",):
            (path / module).parent.mkdir(parents=True, exist_ok=True)
            (path / module).write_text("raise SystemExit('a manifest runs no code')\n")
        if not isinstance(manifest, str | bytes):
            manifest = json.dumps(manifest)
        raw = manifest if isinstance(manifest, bytes) else manifest.encode("utf-8")
        (path / file).write_bytes(raw)
        return path

    return make


@pytest.fixture
def problem_of(make_plugin: MakePlugin) -> Callable[..., Problem]:
    """The only problem of a manifest, given as for `make_plugin`."""

    def only(*args: Any, **kwargs: Any) -> Problem:
        (problem,) = validate(make_plugin(*args, **kwargs))
        return problem

    return only
