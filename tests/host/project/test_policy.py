"""Whom the project lets run. It holds for every way in, and what is kept out is never imported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotplug import DependencyError, ManifestError, PluginHost, PluginState
from hotplug.host.project import Project
from hotplug.host.registry.policy import Policy
from hotplug.host.registry.records import Found, Origin
from hotplug.manifest import PluginMetadata
from hotplug.manifest.versions import is_right

Put = Callable[..., Path]

RUNS = "import pathlib; pathlib.Path(__file__).with_name('ran').touch()"


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Path]:
    """Write what a project says, with a search path at its first line."""

    def write(text: str, file: str = "till.toml") -> Path:
        (tmp_path / file).write_text(f'paths = ["plugins"]\n{text}')
        return tmp_path / file

    return write


Write = Callable[..., Path]


def test_a_blocked_plugin_is_not_run_and_repeats_the_reason(put: Put, project: Write) -> None:
    place = put("plugins/mailer", RUNS)
    file = project('[block]\nmailer = "it sends too many mails"')

    with PluginHost(project=file) as host:
        mailer = host.load_plugin("mailer")

        assert mailer.state is PluginState.UNLOADED
        assert mailer.reason == "the project blocks it: it sends too many mails"
        with pytest.raises(DependencyError) as caught:
            mailer.enable()
    assert str(caught.value) == (
        "plugin 'mailer' cannot start: the project blocks it: it sends too many mails\n"
        f"  {file}:3: take 'mailer' out of 'block'"
    )
    assert not (place / "ran").exists()


def test_what_keeps_it_is_a_record_with_its_line_and_what_to_do(put: Put, project: Write) -> None:
    put("plugins/mailer")
    file = project('block = [\n"shop",\n"mailer",\n]')

    with PluginHost(project=file) as host:
        (obstacle,) = host.plugins.obstacles(host.load_plugin("mailer"))

    assert (obstacle.kind, obstacle.plugin, obstacle.where) == ("blocked", "mailer", f"{file}:4")
    assert [str(each) for each in obstacle.proposals] == ["take 'mailer' out of 'block'"]


WAYS: dict[str, Callable[[PluginHost[Any], Path], object]] = {
    "by name": lambda host, place: host.load_plugin("mailer"),
    "by name and version": lambda host, place: host.load_plugin("mailer>=0"),
    "by path": lambda host, place: host.load_plugin(str(place)),
    "by Path": lambda host, place: host.load_plugin(path=place),
    "as a child": lambda host, place: host.load_plugin("parent").enable(),
    "as a requirement": lambda host, place: host.load_plugin("needs"),
    "by a start": lambda host, place: host.start(),
    "with all": lambda host, place: (host.load_plugin(place), host.load_plugin("needs")),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "said", ["block = ['mailer']", "only = ['parent', 'needs']", "advisories = 'advisories.toml'"]
)
def test_what_is_kept_out_is_imported_by_no_way_in(
    put: Put, project: Write, tmp_path: Path, way: str, said: str
) -> None:
    place = put("plugins/mailer", RUNS)
    put("plugins/needs", RUNS, requires=["mailer"])
    put("plugins/parent", f"import hotplug; hotplug.load_plugin({str(place)!r})")
    (tmp_path / "advisories.toml").write_text('[[advisory]]\nplugin="mailer"\nreason="it crashes"')

    with PluginHost(project=project(said)) as host:
        WAYS[way](host, place)

        assert "mailer" not in host or host.get_plugin("mailer").state is PluginState.UNLOADED
    assert [*tmp_path.rglob("ran")] == []


def test_one_that_requires_it_waits_with_the_reason(put: Put, project: Write) -> None:
    put("plugins/mailer")
    put("plugins/shop", requires=["mailer"])
    file = project("[block]\nmailer = 'no mails'")

    with PluginHost(project=file) as host:
        host.load_plugin("mailer")
        shop = host.load_plugin("shop")

        assert "the project blocks it: no mails" in shop.reason


def test_only_some_may_run_and_the_others_are_told_so(put: Put, project: Write) -> None:
    put("plugins/shop", version="2.0")
    put("plugins/old", name="till", version="1.0")
    put("plugins/mailer")
    file = project('only = ["shop", "till>=2"]')

    with PluginHost(project=file) as host:
        assert host.load_plugin("shop").state is PluginState.LOADED
        for name in ("till", "mailer"):
            (obstacle,) = host.plugins.obstacles(host.load_plugin(name))
            assert str(obstacle) == "the project lets only shop, till>=2 run"
            assert obstacle.where == f"{file}:2"


def test_a_version_that_is_blocked_makes_room_for_another(put: Put, project: Write) -> None:
    put("plugins/new", name="shop", version="2.1")
    put("plugins/old", name="shop", version="2.0")

    with PluginHost(project=project('[block]\n"shop>=2.1" = "it loses money"')) as host:
        assert host.load_plugin("shop").version == "2.0"
        assert [each.found.version for each in host.discover().blocked] == ["2.1"]


def test_an_advisory_is_honoured_and_told_with_its_line(
    put: Put, project: Write, tmp_path: Path
) -> None:
    put("plugins/shop", version="2.1.0")
    file = tmp_path / "advisories.toml"
    file.write_text(
        '[[advisory]]\nplugin = "mailer"\nreason = "-"\n\n'
        '[[advisory]]\nplugin = "shop>=2.1,<2.1.4"\nreason = "it crashes when the till is closed"\n'
        'url = "https://example.org/17"\n'
    )

    with PluginHost(project=project('advisories = "advisories.toml"')) as host:
        shop = host.load_plugin("shop")

        assert shop.state is PluginState.UNLOADED
        (obstacle,) = host.plugins.obstacles(shop)
        assert str(obstacle) == (
            "an advisory says not to load shop>=2.1,<2.1.4: it crashes when the till is closed, "
            "see https://example.org/17"
        )
        assert (shop.reason, obstacle.where) == (str(obstacle), f"{file}:5")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("advisory = 5", 1, "there is no list 'advisory'"),
        ("[[advisory]]\nplugin = 'shop'", 1, "'reason' is missing"),
        ("[[advisory]]\nplugin = 'x y'\nreason = 'r'", 2, "'plugin' takes the name of a plugin"),
        ("[[advisory]]\nplugin = 'a'\nreason = 5", 3, "'reason' takes a line of text"),
        ("advisory = [5]", 1, "an advisory is a table of keys and values, not a number"),
        ("[[advisory", 1, "this is not TOML"),
    ],
)
def test_what_is_wrong_with_an_advisory_is_told_with_its_line_before_anything_runs(
    project: Write, tmp_path: Path, text: str, line: int, said: str
) -> None:
    (tmp_path / "advisories.toml").write_text(text)

    with pytest.raises(ManifestError) as caught:
        PluginHost(project=project('advisories = "advisories.toml"'))

    assert str(caught.value).startswith(f"{tmp_path / 'advisories.toml'}:{line}:")
    assert said in str(caught.value)


def test_advisories_that_are_not_there_are_an_error(project: Write) -> None:
    with pytest.raises(ManifestError, match=r"advisories\.toml: this can't be read"):
        PluginHost(project=project('advisories = "advisories.toml"'))


def test_a_host_without_a_policy_asks_nobody() -> None:
    with PluginHost(project={"paths": ["plugins"]}) as host:
        assert host.plugins.obstacle_sources == []


def subject(version: str, distribution: str) -> Found:
    metadata = PluginMetadata({"name": "shop", "version": version})
    return Found(metadata, Origin("path", Path("shop"), distribution))


@given(
    st.sampled_from(["1.0", "2.0rc1", "2.0", "2.1"]),
    st.sampled_from(["", "acme-till", "other"]),
    st.sampled_from(["", "<2", ">=2", "^2.0"]),
    st.sampled_from(["", "acme_till:"]),
    st.sampled_from(["block", "only"]),
)
def test_an_entry_means_the_name_the_versions_and_the_distribution_that_it_says(
    version: str, distribution: str, constraint: str, prefix: str, key: str
) -> None:
    policy = Policy(Project.of({key: [f"{prefix}shop{constraint}"]}))

    is_meant = not constraint or is_right(version, constraint)
    is_meant = is_meant and (not prefix or distribution == "acme-till")
    kept_out = policy.verdict(subject(version, distribution)) is not None
    assert kept_out == (is_meant if key == "block" else not is_meant)
