"""Of a plugin that is not loaded the host tells what it can find of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hotplug.host.host import PluginHost

WritePlugin = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "till.toml").write_text(
        f'paths = ["{tmp_path.as_posix()}"]\n[block]\ncrypto = "no"'
    )
    return tmp_path / "till.toml"


def test_one_that_can_be_found_is_told_with_its_place(
    project: Path, write_plugin: WritePlugin
) -> None:
    place = write_plugin("shop", version="2.1")

    with PluginHost(project=project) as host:
        (cause,) = host.why("shop").causes

    assert cause.obstacle.sentence == (
        f"no plugin of this name is loaded, and there is shop 2.1 from {place}"
    )
    assert [each.action for each in cause.obstacle.proposals] == [("load", "shop", "")]


def test_one_of_two_that_could_both_be_meant_is_not_proposed(
    project: Path, put: WritePlugin
) -> None:
    here, there = put("here", name="shop"), put("there", name="shop")

    with PluginHost(project=project) as host:
        (cause,) = host.why("shop").causes

    sentence, *places, hint = cause.obstacle.sentence.splitlines()
    assert sentence == "no plugin of this name is loaded, and the name 'shop' could mean any of"
    assert {each.rpartition(" ")[2] for each in places} == {str(here), str(there)}
    assert hint.strip() == "take one of them away"
    assert cause.obstacle.proposals == ()


def test_the_latest_of_several_is_the_one_that_is_told(project: Path, put: WritePlugin) -> None:
    put("here", name="shop", version="1.0")
    latest = put("there", name="shop", version="2.0")

    with PluginHost(project=project) as host:
        (cause,) = host.why("shop").causes

    assert cause.obstacle.sentence.endswith(f"and there is shop 2.0 from {latest}")


def test_one_that_the_project_blocks_repeats_the_reason(
    project: Path, write_plugin: WritePlugin
) -> None:
    write_plugin("crypto")

    with PluginHost(project=project) as host:
        blocked, missing = (cause.obstacle for cause in host.why("crypto").causes)

    assert (blocked.kind, missing.kind) == ("blocked", "missing")
    assert (blocked.sentence, blocked.where) == ("the project blocks it: no", f"{project}:3")


def test_so_does_one_that_requires_it(project: Path, write_plugin: WritePlugin) -> None:
    write_plugin("crypto")
    with PluginHost(project=project) as host:
        host.load_plugin(write_plugin("shop", requires=["crypto"]))

        causes = host.why("shop").causes

    assert [(c.obstacle.kind, c.path) for c in causes] == [
        ("blocked", ("shop", "crypto")),
        ("missing", ("shop",)),
    ]


def test_one_whose_manifest_is_wrong_is_told_with_all_that_is(
    project: Path, write_plugin: WritePlugin
) -> None:
    write_plugin("shop", version="two", requires="till")

    with PluginHost(project=project) as host:
        causes = host.why("shop").causes

    told = [cause.obstacle.sentence for cause in causes if cause.obstacle.kind == "manifest"]
    assert sorted(told) == [
        "'requires' takes a list of plugins, not 'till'",
        "'version' takes a version, not 'two'",
    ]


def test_a_slip_may_mean_one_that_can_be_found(project: Path, write_plugin: WritePlugin) -> None:
    write_plugin("reports")

    with PluginHost(project=project) as host:
        assert "did you mean 'reports'?" in str(host.why("repors"))


def test_what_would_be_loaded_by_its_name_is_told_too(
    project: Path, write_plugin: WritePlugin
) -> None:
    write_plugin("shop", requires=["till"])
    write_plugin("crypto")

    with PluginHost(project=project) as host:
        assert [str(each) for each in host.would("load", "shop").changes] == [
            "'shop' not there -> unloaded: it requires 'till', which is not loaded"
        ]
        assert [str(each) for each in host.would("load", "crypto").changes] == [
            "'crypto' not there -> unloaded: the project blocks it: no"
        ]
        assert len(host) == 0
