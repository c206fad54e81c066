"""A small platform that joins all the steps of a course on plugins.

Shown: declared hooks, plugins with an order, a chain, classes that register themselves, versions
and what fits them, a pretend sandbox for tests, and a host that puts dependencies first.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hotplug import DependencyError, HookimplMarker, HookspecMarker, PluginBase, PluginHost
from hotplug.manifest.versions import is_right, order
from hotplug.testing import pretend_sandbox

hookspec = HookspecMarker("platform")
hookimpl = HookimplMarker("platform")

Request = dict[str, Any]


class Specs:
    """Step 1: what plugins can do."""

    @hookspec(pipeline=True)
    def process_request(self, request: Request) -> Request:
        """Handle a request, and hand it to the next plugin."""
        raise NotImplementedError

    @hookspec(firstresult=True)
    def authenticate(self, token: str) -> str | None:
        """Say whose token this is, if you know."""

    @hookspec
    def on_startup(self) -> str:
        """The platform starts."""
        raise NotImplementedError


class Part(PluginBase):
    """Step 5: whoever derives from it is a part of the platform."""


class Auth(Part, plugin_id="auth", version="1.10.0"):
    """Step 2: a plugin, which comes first."""

    @hookimpl(tryfirst=True)
    def process_request(self, request: Request) -> Request:
        return {**request, "user": request["token"].title()}

    @hookimpl
    def authenticate(self, token: str) -> str | None:
        return "Ada" if token == "ada" else None

    @hookimpl
    def on_startup(self) -> str:
        return "auth is ready"


class Audit(Part, plugin_id="audit", version="1.9.2"):
    @hookimpl(trylast=True)
    def process_request(self, request: Request) -> Request:
        return {**request, "seen_by": [*request.get("seen_by", []), "audit"]}

    @hookimpl
    def on_startup(self) -> str:
        return "audit is ready"


def write(folder: Path, name: str, code: str, **manifest: object) -> Path:
    """Write a plugin as its author would."""
    (folder / name).mkdir()
    (folder / name / "plugin.json").write_text(json.dumps({"name": name, **manifest}))
    (folder / name / "plugin.py").write_text(code)
    return folder / name


def main() -> None:
    with TemporaryDirectory() as directory, PluginHost("platform", specs=Specs) as host:
        platform = host.hooks
        print("registered:", platform.register_all(Part))  # steps 3 and 5
        print("startup:", platform.hook.on_startup())
        print("token:", platform.hook.authenticate(token="ada"))
        print("chain:", platform.hook.process_request(request={"token": "ada"}))  # step 4

        by_age = sorted(Part.plugins.values(), key=lambda part: order(part.version))  # step 6
        print("by version:", [f"{part.plugin_id} {part.version}" for part in by_age])
        print("auth ^1.9:", is_right(Auth.version, "^1.9"))

        sandboxed = pretend_sandbox("def total(prices): return sum(prices)")  # step 7
        print("sandboxed:", sandboxed.total([3, 4]))
        try:
            pretend_sandbox("open('/etc/passwd')")
        except PermissionError as error:
            print("refused:", str(error).splitlines()[0])

        folder = Path(directory)  # step 8: plugins in folders, which require each other
        shop = write(folder, "shop", "print('shop runs')", version="2.3.1")
        asks = {"requires": ["shop >=2,<3"]}
        till = write(folder, "till", "print('till runs')", version="1.0", **asks)
        asks = {"requires": ["shop >=3"]}
        new = write(folder, "new-till", "print('never')", version="2.0", **asks)
        for place in (till, new, shop):
            host.load_plugin(place)
        host.get_plugin("till").enable()
        try:
            host.get_plugin("new-till").enable()
        except DependencyError as error:
            print(str(error).splitlines()[0])


if __name__ == "__main__":
    main()
