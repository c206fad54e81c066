"""``hotplug list``, ``graph`` and ``why``: what would be if the application started now."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Write = Callable[..., Path]

RAISES = "raise SystemExit('a plugin was run')"


@pytest.fixture
def market(write: Write) -> Path:
    """A shop that requires a till, which requires what is not there; and a lazy one."""
    return write(
        {
            "pyproject.toml": """
                [tool.market.plugins]
                paths = ["plugins"]

                [tool.poetry.plugins."other.things"]
                a = "b"
            """,
            "plugins/shop/plugin.toml": """
                name = "shop"
                version = "1.4.0"
                requires = ["till >=2"]
            """,
            "plugins/shop/plugin.py": RAISES,
            "plugins/till/plugin.toml": """
                name = "till"
                version = "2.1.0"
                requires = ["oven"]
            """,
            "plugins/till/plugin.py": RAISES,
            "plugins/post/plugin.toml": """
                name = "post"
                lazy = true
                hooks = ["send"]
            """,
            "plugins/post/plugin.py": RAISES,
        }
    )


def test_list_names_what_the_project_here_finds(run: Run, market: Path) -> None:
    done = run("list")

    assert (done.code, done.err) == (0, "")
    assert done.lines == [
        "found",
        f"  post 0.0.0 from {Path('plugins/post')}",
        f"  shop 1.4.0 from {Path('plugins/shop')}",
        f"  till 2.1.0 from {Path('plugins/till')}",
    ]


def test_list_fails_for_what_is_broken(run: Run, market: Path) -> None:
    (market / "plugins/till/plugin.py").unlink()

    done = run("list", "--path", "plugins")

    assert done.code == 1
    assert "broken" in done.lines


def test_list_is_there_as_data(run: Run, market: Path) -> None:
    data = json.loads(run("list", "--json").out)

    assert [each["name"] for each in data["found"]] == ["post", "shop", "till"]


def test_graph_draws_what_would_run_and_what_not(run: Run, market: Path) -> None:
    done = run("graph")

    assert done.code == 1
    assert "! oven  missing" in done.out
    assert "post 0.0.0" in done.out
    assert "would be if the application started now" in done.lines[-1]


def test_graph_of_one_leaves_out_what_has_nothing_to_do_with_it(run: Run, market: Path) -> None:
    done = run("graph", "shop", "--json")

    assert {each["name"] for each in json.loads(done.out)["nodes"]} == {"shop", "till", "oven"}


@pytest.mark.parametrize(
    ("form", "begins"),
    [("dot", "digraph"), ("mermaid", "flowchart"), ("svg", "<svg"), ("json", "{")],
)
def test_graph_has_other_forms(form: str, begins: str, run: Run, market: Path) -> None:
    assert begins in run("graph", "--format", form).out


def test_why_tells_what_keeps_a_plugin_and_what_mends_it(run: Run, market: Path) -> None:
    done = run("why", "shop")

    assert done.code == 1
    assert done.lines == [
        "plugin 'shop' 1.4.0 does not run (unloaded)",
        "  plugin 'till': it requires 'oven', which is not loaded",
        f"    {Path('plugins/till/plugin.toml')}:3",
        "    required by way of shop -> till",
        "    -> load plugin 'oven'",
        "  then enable plugin 'shop'",
    ]


def test_why_of_one_that_would_run_is_no_failure(run: Run, write: Write, market: Path) -> None:
    write({"plugins/oven/plugin.toml": 'name = "oven"', "plugins/oven/plugin.py": RAISES})

    done = run("why", "shop")

    place = Path("plugins/shop")
    assert (done.code, done.lines) == (
        0,
        [
            "plugin 'shop' 1.4.0 would be started",
            "  its code was not run: if that fails, the program's report and log tell why",
            f"  -> hotplug check {place}",
        ],
    )


def test_why_of_one_that_is_missing_tells_who_requires_it(run: Run, market: Path) -> None:
    done = run("why", "oven")

    assert (done.code, done.err) == (1, "")
    assert done.lines == [
        "plugin 'oven' is not there",
        "  no plugin of this name is loaded, and 'till' requires it",
        f"    {Path('plugins/till/plugin.toml')}:3",
        "    -> load plugin 'oven'",
    ]


def test_why_is_there_as_data(run: Run, market: Path) -> None:
    data = json.loads(run("why", "shop", "--json").out)

    assert (data["plugin"], data["state"], data["is_running"]) == ("shop", "unloaded", False)
    assert data["causes"][0]["obstacle"]["kind"] == "missing"


@pytest.mark.parametrize("command", ["graph", "why"])
def test_an_unknown_plugin_is_answered_with_one_that_is_alike(
    command: str, run: Run, market: Path
) -> None:
    done = run(command, "shp")

    assert (done.code, done.out) == (2, "")
    assert done.err == "hotplug: no plugin 'shp' can be found; did you mean 'shop'?\n"


def test_the_version_of_the_application_counts(run: Run, write: Write) -> None:
    write({"plugins/a/plugin.toml": 'name = "a"\nhost = ">=2"', "plugins/a/plugin.py": RAISES})

    assert run("why", "a", "--path", "plugins", "--api-version", "1.0").code == 1
    assert run("why", "a", "--path", "plugins", "--api-version", "2.0").code == 0


def test_a_start_that_fails_as_the_project_wants_is_told_all_the_same(
    run: Run, market: Path
) -> None:
    (market / "pyproject.toml").write_text(
        '[tool.market.plugins]\npaths = ["plugins"]\nstrict = true'
    )

    assert run("why", "shop").code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "there is no pyproject.toml here to say where plugins are"),
        (["--project", "none.toml"], "none.toml: this can't be read: no such file"),
        (
            ["--project", "two.toml/pyproject.toml"],
            "several tables speak of plugins: tool.a, tool.b",
        ),
        (["--project", "empty/pyproject.toml"], "no table [tool.NAME.plugins] says where"),
        (["--project", "x", "--path", "y"], "--path and --group have no place beside it"),
    ],
)
def test_where_to_look_has_to_be_said(
    arguments: list[str], said: str, run: Run, write: Write
) -> None:
    table = 'paths = ["plugins"]\n'
    write(
        {
            "two.toml/pyproject.toml": f"[tool.a.plugins]\n{table}[tool.b.plugins]\n{table}",
            "empty/pyproject.toml": "",
        }
    )

    done = run("list", *arguments)

    assert (done.code, done.out) == (2, "")
    assert said in done.err
