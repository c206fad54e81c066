"""PKL-R1: the rule of precedence, for any plugins of one name."""

from __future__ import annotations

import itertools
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hotplug.host.registry.choosing import choose
from hotplug.host.registry.records import Found, Origin
from hotplug.manifest import PluginMetadata
from hotplug.manifest.versions import FINAL, order

VERSIONS = ["1.0", "1.0.0", "1.1", "1.10", "2.0rc1", "2.0", "3.0.0-alpha.1"]
NUMBERS = itertools.count()


def found(version: str, rank: int, distribution: str) -> Found:
    place = Path(f"/plugins/{next(NUMBERS)}")
    origin = Origin("path", place, distribution)
    return Found(PluginMetadata({"name": "shop", "version": version}), origin, rank)


candidates = st.lists(
    st.builds(found, st.sampled_from(VERSIONS), st.integers(0, 2), st.sampled_from(["", "acme"])),
    max_size=6,
)


@given(candidates)
def test_r1_the_chosen_one_is_of_the_first_source_that_has_any(several: list[Found]) -> None:
    choice = choose(several)

    ranks = {each.rank for each in (choice.chosen, *choice.rivals) if each is not None}
    assert ranks == ({min(each.rank for each in several)} if several else set())


@given(candidates)
def test_r1_none_of_its_source_is_higher_than_the_chosen_one(several: list[Found]) -> None:
    chosen = choose(several).chosen
    if chosen is None:
        return

    beside = [each for each in several if each.rank == chosen.rank]
    finals = [each for each in beside if order(each.version).stage == FINAL]
    assert chosen in (finals or beside)
    assert all(order(each.version) <= order(chosen.version) for each in finals or beside)


@given(candidates)
def test_r1_nothing_is_chosen_between_distributions(several: list[Found]) -> None:
    chosen = choose(several).chosen
    if chosen is None:
        return

    beside = [each for each in several if each.rank == chosen.rank]
    assert {each.origin.distribution for each in beside} == {chosen.origin.distribution}


@given(candidates)
def test_r1_those_between_which_nothing_decides_are_all_named(several: list[Found]) -> None:
    rivals = choose(several).rivals

    is_one = {(order(each.version), each.origin.distribution) for each in rivals}
    are_of_several = {each.origin.distribution for each in rivals}
    assert not rivals or (len(rivals) > 1 and (len(is_one) == 1 or len(are_of_several) > 1))


@given(candidates)
def test_every_candidate_is_told_of_once(several: list[Found]) -> None:
    choice = choose(several)

    if not choice.rivals:
        told = [*([choice.chosen] if choice.chosen else []), *choice.others]
        assert sorted(map(id, told)) == sorted(map(id, several))
        assert [each.rank for each in told] == sorted(each.rank for each in several)


@given(candidates.flatmap(lambda several: st.tuples(st.just(several), st.permutations(several))))
def test_r1_the_order_in_which_they_are_found_does_not_matter(
    both: tuple[list[Found], list[Found]],
) -> None:
    one, other = map(choose, both)

    assert one.chosen is other.chosen
    assert {*one.rivals} == {*other.rivals}
