"""The contest of credit is fair: the same journeys, and a peer that finds something else is told."""

import pytest

from benchmarks.attribution import contest, ours
from benchmarks.contest import Disagreement, Stopwatch
from retention.attribution import MODELS

JOURNEYS = 300


def test_every_model_is_timed_and_no_cent_is_lost() -> None:
    watch = Stopwatch()
    found = ours.credit(watch, JOURNEYS)
    assert set(watch.parts) == {*MODELS, "all at once"}
    assert {sum(found[model].values()) for model in MODELS} == {sum(found["first"].values())}
    assert {each["off"] for each in ours.exact(watch, JOURNEYS).values()} == {0}


def test_a_peer_that_finds_something_else_is_told() -> None:
    found = ours.credit(Stopwatch(), JOURNEYS)
    contest.agree(found, "a peer", {"first": {kind: cents * 1.00001 for kind, cents in found["first"].items()}})
    with pytest.raises(Disagreement, match=r"a peer has .* for call by first"):
        contest.agree(found, "a peer", {"first": found["first"] | {"call": found["first"]["call"] * 1.01}})


@pytest.mark.parametrize(("name", "module"), [("marketing-attribution-models", "mam"), ("ChannelAttribution",) * 2])
def test_a_peer_that_is_there_agrees(name: str, module: str) -> None:
    pytest.importorskip(module)
    from benchmarks.contest import in_fresh_process

    theirs = in_fresh_process(contest.PLACES[name], {"size": JOURNEYS})["answer"]
    contest.agree(ours.credit(Stopwatch(), JOURNEYS), name, theirs)
