"""One threshold of some rules, tried at many values."""

from typing import Any

import pytest

from domain.errors import NotFound
from rules.playbooks import Playbook
from rules.replay.sweep import Swept, values_asked


def a_playbook(name: str, when: dict[str, Any]) -> Playbook:
    step = {"do": "call", "owner": "csm", "within": "24h elapsed"}
    return Playbook.model_validate({"id": name, "name": name, "when": when, "steps": [step]})


BUSY = {"signal": "tickets_7d", "op": ">=", "value": 5}
MOOD = {"signal": "sentiment", "op": "<=", "value": {"enterprise": -35, "mid_market": -45}}
WORTH = {"signal": "acv", "op": ">", "value": "50000 USD"}
ONE = a_playbook("one", {"all": [BUSY, {"not": WORTH}]})
TWO = a_playbook("two", {"any": [MOOD, BUSY]})


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("3, 5,8", ["3", "5", "8"]),
        ("3..6", ["3", "4", "5", "6"]),
        ("0..80", ["0", "10", "20", "30", "40", "50", "60", "70", "80"]),
        ("-60..-58", ["-60", "-59", "-58"]),
        ("0.1..0.5", ["0.1", "0.15", "0.2", "0.25", "0.3", "0.35", "0.4", "0.45", "0.5"]),
        ("50000 USD..50001 USD", ["50000 USD", "50001 USD"]),
    ],
)
def test_values_are_a_list_or_a_range(written: str, values: list[str]) -> None:
    assert values_asked(written) == values


def test_a_range_of_words_is_refused() -> None:
    with pytest.raises(NotFound, match=r"write two numbers: 4\.\.12"):
        values_asked("few..many")


def test_only_the_named_threshold_changes() -> None:
    swept = Swept([ONE], "tickets_7d")
    told, [changed] = swept.at("8")
    assert (told, swept.current, swept.comparison) == ("8", 5, "tickets in 7 days at least 5")
    assert [leaf.value for leaf in changed.when.leaves()] == [8, "50000 USD"]
    assert changed.content_hash != ONE.content_hash
    assert swept.at("5")[1][0].content_hash == ONE.content_hash


def test_an_amount_below_a_not_can_be_swept() -> None:
    _, [changed] = Swept([ONE], "acv").at("70000 USD")
    assert [leaf.value for leaf in changed.when.leaves()] == [5, "70000 USD"]


def test_a_threshold_of_one_segment_is_named_with_it() -> None:
    _, [changed] = Swept([TWO], "sentiment.enterprise").at("-20")
    assert next(changed.when.leaves()).value == {"enterprise": -20, "mid_market": -45}
    with pytest.raises(NotFound, match=r"enterprise, mid_market; write --sweep sentiment\.SEGMENT="):
        Swept([TWO], "sentiment")
    with pytest.raises(NotFound, match=r"leave \.smb out"):
        Swept([ONE], "tickets_7d.smb")


def test_an_ambiguous_threshold_names_the_candidates() -> None:
    with pytest.raises(NotFound, match="#1 one: tickets in 7 days at least 5; #2 two: tickets in 7 days at least 5"):
        Swept([ONE, TWO], "tickets_7d")
    changed = Swept([ONE, TWO], "tickets_7d#2").at("9")[1]
    assert [[leaf.value for leaf in book.when.leaves() if leaf.signal == "tickets_7d"] for book in changed] == [
        [5],
        [9],
    ]


def test_an_unknown_threshold_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound, match="did you mean 'tickets_7d'"):
        Swept([ONE], "ticket_7d")
    with pytest.raises(NotFound, match="write SIGNAL=VALUE"):
        Swept([ONE], "tickets 7d")
