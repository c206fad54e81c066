"""``hotplug new``: what it writes is sound as it stands, and nothing is written over."""

import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

Run = Callable[..., Any]
Write = Callable[..., Path]

SCRIPTS: Final = Path(sysconfig.get_path("scripts"))

API = '''
from hotplug import AsyncHooks, HookspecMarker

hookspec = HookspecMarker("till")


class Receipt: ...


class Till:
    @hookspec(firstresult=True)
    def price(self, item: str, amount: int) -> int | None:
        """What so many of these cost."""
        raise NotImplementedError

    @hookspec(pipeline=True)
    def heading(self, text: str, receipt: Receipt, paper: dict[str, int], quiet: bool) -> str:
        raise NotImplementedError

    @hookspec(historic=True)
    def opened(self) -> None:
        raise NotImplementedError


class Wire(AsyncHooks):
    @hookspec
    async def fetch(self, topic: "str") -> str:
        raise NotImplementedError
'''

VARIANTS: Final = {
    "plain": (),
    "for an application": ("--host", "till", "--group", "till.addons"),
    "async": ("--async",),
    "lazy": ("--lazy",),
    "lazy and async": ("--lazy", "--async"),
    "with its hooks": ("--specs", "api:Till"),
    "with its async hooks": ("--specs", "api:Wire"),
    "lazy, with its hooks": ("--specs", "api:Till", "--lazy"),
}


def tool(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All variants in one folder, beside the application that some are for."""
    folder = tmp_path_factory.mktemp("projects")
    (folder / "api.py").write_text(API, "utf-8")
    script = "import sys; from hotplug.cli import main; sys.exit(any(map(main, {!r})))"
    several = [
        ["new", f"shop-{number}", *options] for number, options in enumerate(VARIANTS.values())
    ]
    done = tool(sys.executable, "-c", script.format(several), cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def tested(projects: Path) -> dict[str, str]:
    """What the tests of each say; in one run, since a run of pytest takes a second to begin."""
    command = (sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "--no-header")
    names = [path.name for path in sorted(projects.glob("shop-*"))]
    options = ("-c", "shop-0/pyproject.toml", "--rootdir", ".", "--import-mode=importlib")
    done = tool(*command, *options, *names, cwd=projects)
    assert done.returncode == 0, done.stdout
    return {
        name: "\n".join(line for line in done.stdout.splitlines() if line.startswith(f"{name}/"))
        for name in names
    }


@pytest.mark.parametrize("number", range(len(VARIANTS)), ids=[*VARIANTS])
def test_a_new_plugin_passes_its_own_tests(number: int, tested: dict[str, str]) -> None:
    said = tested[f"shop-{number}"]

    assert said.count(" PASSED ") == 1
    assert said.count(" SKIPPED") == 1


@pytest.mark.parametrize("number", range(len(VARIANTS)), ids=[*VARIANTS])
def test_a_new_plugin_passes_ruff_and_its_formatter(number: int, projects: Path) -> None:
    for names in (("check",), ("format", "--check")):
        command = (SCRIPTS / "ruff", *names, "--no-cache", ".")
        done = tool(*command, cwd=projects / f"shop-{number}")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("number", [2, 7], ids=["async", "lazy, with its hooks"])
def test_a_new_plugin_passes_mypy_as_it_is_set_up(number: int, projects: Path) -> None:
    folder = projects / f"shop-{number}"
    (folder / "src" / "api.py").write_text(API, "utf-8")  # as if it were installed

    done = tool(SCRIPTS / "mypy", f"--cache-dir={projects / 'mypy'}", cwd=folder)

    (folder / "src" / "api.py").unlink()
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("number", range(len(VARIANTS)), ids=[*VARIANTS])
def test_there_is_nothing_wrong_with_a_new_plugin(
    number: int, projects: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(projects)

    done = run("check", f"shop-{number}", "--strict")

    assert done.lines[0] == f"nothing wrong in plugin 'shop-{number}' 0.1.0"


def test_a_built_one_is_found_where_it_is_installed(
    projects: Path,
    built_wheel: Path,
    make_environment: Callable[..., Path],
    tmp_path: Path,
) -> None:
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path)
    done = tool(*build, projects / "shop-1", cwd=projects)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    environment = make_environment(built_wheel, wheel)
    site = next(environment.parent.glob("lib/python*/site-packages"))
    script = """
from hotplug import HookspecMarker, PluginHost

class Specs:
    @HookspecMarker("till")
    def greeting(self, name: str) -> str: ...

with PluginHost("till", specs=Specs, project={"group": "till.addons"}) as host:
    print(*(str(each.name) for each in host.start().started), host.get_plugin("shop-1").version)
    print(host.hooks.hook.greeting(name="Ada"))
"""

    found = tool(environment / "python", "-I", "-c", script, cwd=tmp_path)
    listed = tool(environment / "hotplug", "list", "--group", "till.addons", cwd=tmp_path)
    tested = tool(
        "env", f"PYTHONPATH={site}", sys.executable, "-m", "pytest", cwd=projects / "shop-1"
    )

    assert "shop_1/plugin.toml" in zipfile.ZipFile(wheel).namelist()
    assert found.stdout.splitlines() == ["shop-1 0.1.0", "['hello Ada, from shop-1']"], found.stderr
    assert "shop-1 0.1.0 from shop-1 0.1.0" in listed.stdout
    assert "2 passed" in tested.stdout


def test_it_tells_what_it_wrote_and_what_to_do_now(run: Run, folder: Path) -> None:
    done = run("new", "shop")

    files = [str(each.relative_to("shop").as_posix()) for each in Path("shop").rglob("*.*")]
    written = [line.strip() for line in done.lines[1 : done.lines.index("")]]
    assert done.lines[0] == "wrote shop/"
    assert sorted(files) == sorted(written)
    assert done.lines[-3:] == [
        "next:",
        '  cd shop && python -m pip install -e ".[dev]"',
        "  python -m pytest",
    ]


def test_the_version_stands_in_one_place(run: Run, folder: Path) -> None:
    run("new", "shop")

    project = tomllib.loads(Path("shop/pyproject.toml").read_text("utf-8"))
    assert "version" not in project["project"]
    assert project["tool"]["hatch"]["version"]["path"] == "src/shop/plugin.toml"


def test_nothing_is_written_over(run: Run, write: Write) -> None:
    write({"shop/README.md": "mine"})

    done = run("new", "shop")

    assert done.code == 2
    assert done.err == (
        "hotplug: nothing is written, for this is there already: shop/README.md\n"
        "  choose another name, or another --folder\n"
    )
    assert [each.name for each in Path("shop").iterdir()] == ["README.md"]


def test_it_writes_beside_what_is_there(run: Run, write: Write) -> None:
    write({".git/HEAD": "", "LICENSE": "MIT"})

    done = run("new", "shop", "--folder", ".")

    assert done.code == 0
    assert done.lines[-2] == '  python -m pip install -e ".[dev]"'
    assert Path("src/shop/plugin.toml").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["../shop"], "'name' takes the name of a plugin, not '../shop'"),
        (["json"], "the package of plugin 'json' would hide 'json', which others import"),
        (["hotplug"], "the package of plugin 'hotplug' would hide 'hotplug'"),
        (["shop", "--host", "my till"], "--host takes the name of an application"),
        (["shop", "--specs", "api:Til"], "there is no 'Til' in api; did you mean 'Till'?"),
        (["shop", "--specs", "apy:Till"], "cannot be imported: ModuleNotFoundError"),
        (["shop", "--specs", "api:Receipt"], "declares no hooks"),
        (["shop", "--specs", "a-b"], "is not of the form MODULE:CLASS"),
        (["shop", "--specs", "api:Till", "--host", "shop"], "declares the hooks of 'till'"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_written(
    arguments: list[str], said: str, run: Run, write: Write
) -> None:
    write({"api.py": API})

    done = run("new", *arguments)

    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert not Path("shop").exists()


def test_a_hook_gets_an_implementation_that_changes_nothing(run: Run, write: Write) -> None:
    write({"api.py": API})

    run("new", "shop", "--specs", "api:Till")

    assert Path("shop/src/shop/plugin.py").read_text("utf-8").partition("\n\n\n")[2] == (
        "@hookimpl\n"
        "def price(item: str, amount: int) -> None:\n"
        '    """What so many of these cost."""\n'
        "\n\n"
        "@hookimpl\n"
        "def heading(text: str, receipt: Any, paper: dict[str, int], quiet: bool) -> str:\n"
        '    """Replace this: it changes nothing."""\n'
        "    return text\n"
        "\n\n"
        "@hookimpl\n"
        "def opened() -> None:\n"
        '    """Replace this: it changes nothing."""\n'
    )
