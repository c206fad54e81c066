"""PKL-R1: plugins of installed distributions, in a real environment: wheels built and installed.

Scripts run in that environment's own interpreter, and tell what they see as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any, Final

import pytest

PRELUDE = """
import json, sys, warnings
from pathlib import Path
from hotplug import (
    HookimplMarker, HookspecMarker, ManifestError, PluginHost, PluginValidationError,
    UnknownPluginError,
)

class Specs:
    @HookspecMarker("till")
    def price(self, item): ...

def host_of(**project):
    return PluginHost("till", specs=Specs, project={"group": "till.plugins", **project})

def told(wrong, action, *args):
    try:
        action(*args)
    except wrong as error:
        return str(error)

host = host_of()
facts = {}
"""

COUNTS: Final = """
    count = 0

    def counted():
        global count
        count += 1
        return count
"""

# distribution: version, files, entry points of the group
DISTRIBUTIONS: Mapping[str, tuple[str, Mapping[str, str], Mapping[str, str]]] = {
    "acme-billing": (
        "2.1.0",
        {
            "acme_billing/__init__.py": "",
            "acme_billing/plugin.json": '{"name": "billing", "requires": ["taxes"]}',
            "acme_billing/prices.py": COUNTS,
            "acme_billing/plugin.py": """
                import acme_billing.prices
                from acme_billing import prices
                from acme_billing.prices import counted
                from . import prices as own

                is_one = prices is own and acme_billing.prices is own
                name = prices.__name__
                count = counted()
            """,
        },
        {"billing": "acme_billing"},
    ),
    "acme-taxes": (
        "1.3",
        {"acme_taxes.py": "rate = 19\n"},
        {"taxes": "acme_taxes"},
    ),
    "till-shop": (
        "1.0.post1",
        {
            "till_plugins/shop/__init__.py": "",
            "till_plugins/shop/goods.py": "bread = 3",
            "till_plugins/shop/start.py": """
                import till_plugins.shop.goods
                import till_plugins.shop.goods as renamed
                from till_plugins import shop
                from till_plugins.shop import goods
                from till_plugins.shop.goods import bread
                from till_plugins import kiosk
                from till_plugins import kiosk as again, shop as both

                assert both is shop and again is kiosk
                is_one = till_plugins.shop.goods is goods is renamed is shop.goods
                name = goods.__name__
                other = kiosk.__name__
            """,
        },
        {"shop": "till_plugins.shop.start"},
    ),
    "till-kiosk": ("1.0", {"till_plugins/kiosk.py": "open = 1"}, {"kiosk": "till_plugins.kiosk"}),
    "with-object": (
        "1.0",
        {
            "with_object.py": """
                from hotplug import HookimplMarker, get_current_plugin

                class Priced:
                    def __init__(self):
                        self.made_by = get_current_plugin().name

                    @HookimplMarker("till")
                    def price(self, item):
                        return f"{item} by {self.made_by}"
            """,
        },
        {"priced": "with_object:Priced", "missing": "with_object:Nothing"},
    ),
    "versioned": (
        "4.0",
        {
            "versioned/__init__.py": "",
            "versioned/plugin.py": "",
            "versioned/plugin.toml": 'name = "versioned"\nversion = "3.9"\n',
        },
        {"versioned": "versioned"},
    ),
    "liar": (
        "1.0",
        {
            "liar/__init__.py": "",
            "liar/plugin.py": "",
            "liar/plugin.toml": 'name = "billing"\n',
        },
        {"honest": "liar"},
    ),
    "bad-manifest": (
        "1.0",
        {
            "bad_manifest/__init__.py": "raise SystemExit('it was imported')",
            "bad_manifest/plugin.py": "",
            "bad_manifest/plugin.toml": 'name = "bad"\nversion = 5\n',
        },
        {"bad": "bad_manifest"},
    ),
    "nothing": (
        "1.0",
        {"nothing.py": ""},
        {"lost": "nowhere.at.all", "syntax": "this is no reference", "x y": "nothing"},
    ),
    "one-twin": ("1.0", {"one_twin.py": "which = 'one'"}, {"twin": "one_twin"}),
    "other-twin": ("2.0", {"other_twin.py": "which = 'other'"}, {"twin": "other_twin"}),
    "runs": ("1.0", {"runs.py": "raise SystemExit('it was imported')"}, {"runs": "runs:thing"}),
}


def wheel(directory: Path, name: str) -> Path:
    """A wheel, written by hand."""
    version, sources, points = DISTRIBUTIONS[name]
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    lines = "".join(f"{key} = {value}\n" for key, value in points.items())
    files = {
        **{path: dedent(text) for path, text in sources.items()},
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[till.plugins]\n{lines}",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    path = directory / f"{info.removesuffix('.dist-info')}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in files.items():
            archive.writestr(member, text)
    return path


PROJECT = """
    [build-system]
    requires = ["hatchling"]
    build-backend = "hatchling.build"

    [project]
    name = "built-till"
    version = "5.2"

    [project.entry-points."till.plugins"]
    built = "built_till"
"""


def source(directory: Path) -> Path:
    """A project as an author has it, with its manifest in its package."""
    (directory / "src" / "built_till").mkdir(parents=True)
    (directory / "pyproject.toml").write_text(dedent(PROJECT))
    package = directory / "src" / "built_till"
    (package / "__init__.py").write_text("")
    (package / "plugin.toml").write_text('name = "built"\ndescription = "It is built"\n')
    (package / "plugin.py").write_text("from built_till import words\nsaid = words.hello\n")
    (package / "words.py").write_text("hello = 'hello'\n")
    return directory


def run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def built_plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of that project, made by a build tool."""
    directory = tmp_path_factory.mktemp("built")
    build = (sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", directory)
    run(*build, source(tmp_path_factory.mktemp("source")))
    (found,) = directory.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def environment(
    built_wheel: Path,
    built_plugin: Path,
    make_environment: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """An environment with hotplug and all the distributions; its bin directory."""
    directory = tmp_path_factory.mktemp("wheels")
    wheels = [wheel(directory, name) for name in DISTRIBUTIONS]
    return make_environment(built_wheel, built_plugin, *wheels)


def site_of(environment: Path) -> Path:
    (site,) = environment.parent.glob("lib/python*/site-packages")
    return site


Installed = Callable[..., dict[str, Any]]


@pytest.fixture
def installed(environment: Path) -> Installed:
    """Run a script in an environment, after `PRELUDE`; what it puts into `facts`."""

    def run(script: str, where: Path = environment) -> dict[str, Any]:
        packaging = Path(sysconfig.get_path("purelib"))
        program = (
            f"import sys; sys.path.append({str(packaging)!r}); import packaging.specifiers; "
            f"sys.path.pop()\n{PRELUDE}{dedent(script)}\nprint(json.dumps(facts))"
        )
        done = subprocess.run(
            [where / "python", "-I", "-c", program], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return facts

    return run


def test_r1_an_installed_plugin_is_loaded_by_its_name(
    installed: Installed, environment: Path
) -> None:
    facts = installed("""
        host.load_plugin("taxes").enable()
        taxes = host.get_plugin("taxes")
        facts.update(rate=taxes.module.rate, name=taxes.module.__name__, version=taxes.version)
        facts["origin"] = taxes.origin.as_data()
    """)

    assert (facts["rate"], facts["name"], facts["version"]) == (
        19,
        "hotplug.plugins.taxes",
        "1.3",
    )
    assert facts["origin"] == {
        "kind": "distribution",
        "location": str(site_of(environment) / "acme_taxes.py"),
        "distribution": "acme-taxes",
        "release": "1.3",
        "where": "entry point 'taxes' of acme-taxes 1.3",
        "package": "acme_taxes",
    }


def test_r1_one_that_was_built_with_a_build_tool_has_the_manifest_of_its_package(
    installed: Installed,
) -> None:
    facts = installed("""
        built = host.load_plugin("built>=5")
        facts.update(said=built.module.said, about=built.metadata.description)
        facts["plain"] = "built_till" in sys.modules
    """)

    assert facts == {"said": "hello", "about": "It is built", "plain": False}


def test_r1_its_manifest_says_what_it_requires_and_its_distribution_the_version(
    installed: Installed,
) -> None:
    facts = installed("""
        found = host.find("billing")
        facts.update(version=found.version, requires=found.metadata.requires)
        facts["folder"] = found.location.name
    """)

    assert facts == {"version": "2.1.0", "requires": ["taxes"], "folder": "acme_billing"}


def test_r1_its_own_imports_are_of_its_own_load(installed: Installed) -> None:
    facts = installed("""
        host.load_plugin("taxes").enable()
        billing = host.load_plugin("billing")
        billing.enable()
        facts["first"] = [billing.module.is_one, billing.module.name, billing.module.count]
        billing.disable()
        billing.enable()
        facts["second"] = [billing.module.is_one, billing.module.name, billing.module.count]
        facts["plain"] = [name for name in sys.modules if name.startswith("acme")]
    """)

    same = [True, "hotplug.plugins.billing.prices", 1]
    assert facts == {"first": same, "second": same, "plain": []}


def test_r1_so_are_those_of_one_in_a_namespace_package(installed: Installed) -> None:
    facts = installed("""
        shop = host.load_plugin("shop").module
        facts.update(is_one=shop.is_one, name=shop.name, other=shop.other, bread=shop.bread)
        facts["plain"] = "till_plugins.shop" in sys.modules
        facts["alone"] = host.load_plugin("kiosk").module.__name__
    """)

    assert facts == {
        "is_one": True,
        "name": "hotplug.plugins.shop.goods",
        "other": "till_plugins.kiosk",  # which is no plugin to this one, but a library
        "bread": 3,
        "plain": False,
        "alone": "hotplug.plugins.kiosk",
    }


def test_r1_an_object_that_an_entry_point_names_implements_hooks(installed: Installed) -> None:
    facts = installed("""
        plugin = host.load_plugin("priced")
        facts["staged"] = host.hooks.hook.price(item="tea")
        plugin.enable()
        facts["live"] = host.hooks.hook.price(item="tea")
        plugin.disable()
        facts["gone"] = host.hooks.hook.price(item="tea")
    """)

    assert facts == {"staged": [], "live": ["tea by priced"], "gone": []}


def test_r1_an_object_that_is_not_there_is_an_error_of_the_plugin(installed: Installed) -> None:
    facts = installed("""
        facts["told"] = told(PluginValidationError, host.load_plugin, "missing")
        facts["state"] = host.get_plugin("missing").state.value
    """)

    assert facts["told"] == (
        "plugin 'missing' has no 'Nothing' in its module, "
        "which entry point 'missing' of with-object 1.0 names"
    )
    assert facts["state"] == "error"


BROKEN = {
    "bad": "plugin.toml:2:1: 'version' takes a version, not a number",
    "honest": "plugin.toml:1:1: entry point 'honest' of liar 1.0 calls this plugin 'honest'",
    "lost": "entry point 'lost' of nothing 1.0: there is no module 'nowhere.at.all'",
    "syntax": "'this is no reference' is no reference of the form module:object",
    "x y": "entry point 'x y' of nothing 1.0: 'name' takes the name of a plugin, not 'x y'",
}


def test_r1_what_is_broken_is_told_and_keeps_no_other_from_being_found(
    installed: Installed,
) -> None:
    facts = installed("""
        report = host.discover()
        facts["broken"] = {each.name: str(each) for each in report.broken}
        facts["found"] = [each.name for each in report.found]
        facts["told"] = told(ManifestError, host.load_plugin, "bad")
    """)

    assert {*facts["broken"]} == {*BROKEN}
    for name, said in BROKEN.items():
        assert said in facts["broken"][name]
    assert BROKEN["bad"] in facts["told"]
    assert facts["found"] == [
        "billing", "built", "kiosk", "missing", "priced", "runs", "shop", "taxes", "versioned"
    ]  # fmt: skip


def test_r1_two_distributions_that_offer_one_name_are_both_named(installed: Installed) -> None:
    facts = installed("""
        facts["told"] = told(UnknownPluginError, host.load_plugin, "twin")
        facts["which"] = host.load_plugin("other_twin:twin").module.which
    """)

    assert facts["which"] == "other"
    assert "the name 'twin' could mean any of\n  1.0 from one-twin 1.0 (" in facts["told"]
    assert "\n  2.0 from other-twin 2.0 (" in facts["told"]
    assert facts["told"].endswith("say which: 'one-twin:twin', or take one of them away")


def test_the_version_of_the_distribution_counts_and_another_is_warned_of(
    installed: Installed,
) -> None:
    facts = installed("""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            facts["version"] = host.load_plugin("versioned").version
        facts["said"] = [str(each.message) for each in caught]
    """)

    said = "its distribution says that the version is 4.0, and that counts"
    said += "; leave it out of the manifest"
    assert facts == {
        "version": "4.0",
        "said": [said],
    }


def test_nothing_is_imported_to_find_out(installed: Installed) -> None:
    facts = installed("""
        host.discover()
        host.find("runs")
        blocked = host_of(block=["runs"], autoload=["runs"]).start()
        facts["blocked"] = [each.name for each in blocked.blocked]
        ours = ("acme", "till_", "runs", "nothing", "liar", "versioned", "with_")
        facts["imported"] = [name for name in sys.modules if name.startswith(ours)]
    """)

    assert facts == {"blocked": ["runs"], "imported": []}


def test_a_plugin_that_the_program_imports_besides_is_warned_of(installed: Installed) -> None:
    facts = installed("""
        import acme_taxes
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            host.load_plugin("taxes")
        facts["said"] = [str(each.message).partition(":")[0] for each in caught]
    """)

    said = "plugin 'acme_taxes' is imported as a plain module, too, and will exist twice"
    assert facts["said"] == [said]


def test_r1_a_search_path_goes_before_what_is_installed(
    installed: Installed, tmp_path: Path
) -> None:
    (tmp_path / "taxes").mkdir()
    (tmp_path / "taxes" / "plugin.json").write_text('{"name": "taxes", "version": "0.1"}')
    (tmp_path / "taxes" / "plugin.py").write_text("rate = 7")

    facts = installed(f"""
        host = host_of(paths=[{str(tmp_path)!r}])
        facts["rate"] = host.load_plugin("taxes").module.rate
        (shadowed,) = [each for each in host.discover().shadowed if each.found.name == "taxes"]
        facts["shadowed"] = [str(shadowed.found.origin).partition(" (")[0], shadowed.by.version]
    """)

    assert facts == {"rate": 7, "shadowed": ["acme-taxes 1.3", "0.1"]}


def test_r1_a_start_brings_what_an_installed_plugin_requires(installed: Installed) -> None:
    facts = installed("""
        report = host_of(autoload=["billing"]).start()
        facts["started"] = sorted(each.name for each in report.started)
    """)

    assert facts == {"started": ["billing", "taxes"]}


@pytest.fixture
def changing(
    built_wheel: Path,
    make_environment: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """An environment of its own, to install and break things in."""
    wheels = [wheel(tmp_path_factory.mktemp("wheels"), "acme-taxes")]
    return make_environment(built_wheel, *wheels)


def test_r1_an_editable_install_is_read_where_its_sources_are(
    installed: Installed, changing: Path, tmp_path: Path
) -> None:
    project = source(tmp_path / "project")
    build = (
        f"import os; os.chdir({str(project)!r}); from hatchling.build import build_editable as b"
    )
    run(sys.executable, "-c", f"{build}; b({str(tmp_path)!r})")  # what `pip install -e` asks for
    pip = (sys.executable, "-m", "pip", "--python", changing.parent, "install", "--quiet")
    run(*pip, "--no-index", "--no-deps", *tmp_path.glob("*.whl"))

    (tmp_path / "elsewhere" / "built_till").mkdir(parents=True)
    (tmp_path / "elsewhere" / "built_till" / "__init__.py").touch()

    facts = installed(
        f"""
        sys.path.insert(0, {str(tmp_path / "elsewhere")!r})  # where another is called the same
        built = host.load_plugin("built")
        facts.update(said=built.module.said, place=str(built.location), version=built.version)
        """,
        changing,
    )

    place = str(project / "src" / "built_till")
    assert facts == {"said": "hello", "place": place, "version": "5.2"}


FINDER = """
    import sys
    from importlib.util import spec_from_file_location

    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name == "built_till":
                place = PLACE
                return spec_from_file_location(
                    name, place + "/__init__.py", submodule_search_locations=[place]
                )

    sys.meta_path.append(Finder)
"""


def test_r1_so_is_one_that_brings_a_finder_of_its_own(
    installed: Installed, changing: Path, tmp_path: Path
) -> None:
    project = source(tmp_path / "project")
    place = project / "src" / "built_till"
    site = site_of(changing)
    (site / "__editable___finder.py").write_text(dedent(FINDER).replace("PLACE", repr(str(place))))
    (site / "__editable__.pth").write_text("import __editable___finder")
    info = site / "built_till-5.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: built-till\nVersion: 5.2\n")
    (info / "entry_points.txt").write_text("[till.plugins]\nbuilt = built_till\n")
    (info / "RECORD").write_text("__editable__.pth,,\n__editable___finder.py,,\n")

    facts = installed('facts["place"] = str(host.find("built").location)', changing)

    assert facts == {"place": str(place)}


def test_r1_broken_metadata_is_told_and_keeps_no_other_from_being_found(
    installed: Installed, changing: Path
) -> None:
    info = site_of(changing) / "half-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_bytes(b"\xff\xfe")
    (info / "entry_points.txt").write_text("[till.plugins]\nhalf\n")

    facts = installed(
        """
        report = host.discover()
        facts["broken"] = [str(each).partition(":")[0] for each in report.broken]
        facts["found"] = [each.name for each in report.found]
        """,
        changing,
    )

    assert facts == {"broken": ["distribution half 1.0 cannot be read"], "found": ["taxes"]}


def test_r1_a_distribution_in_a_zip_file_is_told_as_broken(
    installed: Installed, changing: Path, tmp_path: Path
) -> None:
    archive = wheel(tmp_path, "till-kiosk")

    facts = installed(
        f"""
        sys.path.append({str(archive)!r})
        facts["broken"] = [str(each) for each in host.discover().broken]
        """,
        changing,
    )

    (said,) = facts["broken"]
    assert said.startswith(
        "entry point 'kiosk' of till-kiosk 1.0: its distribution is inside of an archive: "
    )
    assert said.endswith("install it unpacked: plugins are read from folders")


def test_a_distribution_without_a_list_of_its_files_is_found_all_the_same(
    installed: Installed, changing: Path
) -> None:
    (record,) = site_of(changing).glob("acme_taxes-*/RECORD")
    record.unlink()

    facts = installed('facts["rate"] = host.load_plugin("taxes").module.rate', changing)

    assert facts == {"rate": 19}


def test_one_that_is_not_installed_any_more_says_so_when_it_is_enabled_again(
    installed: Installed, changing: Path
) -> None:
    kept = changing.parent / "kept"
    (info,) = site_of(changing).glob("acme_taxes-*")
    facts = installed(
        f"""
        import shutil
        taxes = host.load_plugin("taxes")
        taxes.enable()
        taxes.disable()
        shutil.move({str(info)!r}, {str(kept)!r})
        facts["told"] = told(ManifestError, taxes.enable)
        shutil.move({str(kept)!r}, {str(info)!r})
        taxes.enable()
        facts["state"] = taxes.state.value
        """,
        changing,
    )

    assert facts["state"] == "enabled"
    assert facts["told"].startswith("plugin 'taxes' is not installed any more as acme-taxes 1.3 (")


def test_one_that_is_installed_while_the_program_runs_is_found(
    installed: Installed, changing: Path, tmp_path: Path
) -> None:
    archive = wheel(tmp_path, "till-kiosk")

    facts = installed(
        f"""
        import zipfile
        facts["before"] = told(UnknownPluginError, host.load_plugin, "kiosk") is not None
        zipfile.ZipFile({str(archive)!r}).extractall({str(site_of(changing))!r})
        facts["open"] = host.load_plugin("kiosk").module.open
        """,
        changing,
    )

    assert facts == {"before": True, "open": 1}
