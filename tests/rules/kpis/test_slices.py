"""What figures can be cut by, and that slices add up."""

from typing import get_args

import pytest

from rules.kpis import CUTS, Cut
from tests.rules.kpis.desk import HOUR, Desk, at, sliced


def test_a_ticket_s_own_words_are_its_slices() -> None:
    desk = Desk()
    desk.replied(1, team="europe", assignee="agent-01", priority="urgent", channel="Chat", segment="smb")
    desk.replied(3)
    for by, name in {
        "team": "europe", "agent": "agent-01", "priority": "urgent", "channel": "chat", "segment": "smb",
    }.items():  # fmt: skip
        found = sliced(desk.figures("first_reply", by=by))  # type: ignore[arg-type]
        assert {each: figure.value for each, figure in found.items()} == {name: HOUR, "unknown": 3 * HOUR}
    assert list(sliced(desk.figures("first_reply", by="source"))) == ["desk"]


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (0, "0–30 days"), (30, "0–30 days"), (31, "31–60 days"), (60, "31–60 days"), (61, "61–90 days"),
        (90, "61–90 days"), (91, "> 90 days"), (None, "unknown"),
    ],
)  # fmt: skip
def test_the_renewal_window_is_that_of_the_ticket_s_creation(days: int | None, name: str) -> None:
    desk = Desk()
    desk.replied(1, days_to_renewal=days)
    assert list(sliced(desk.figures("first_reply", by="renewal"))) == [name]


def test_slices_stand_in_their_own_order() -> None:
    desk = Desk()
    for days in (200, None, 5, 80):
        desk.replied(1, days_to_renewal=days)
    assert list(sliced(desk.figures("first_reply", by="renewal"))) == [
        "0–30 days",
        "61–90 days",
        "> 90 days",
        "unknown",
    ]
    desk = Desk()
    for priority in ("low", None, "urgent", "normal"):
        desk.replied(1, priority=priority)
    assert list(sliced(desk.figures("first_reply", by="priority"))) == ["urgent", "normal", "low", "unknown"]


def test_an_answer_falls_where_its_ticket_falls_or_its_account() -> None:
    desk = Desk()
    ticket = desk.ticket(at(-40), segment="smb", days_to_renewal=10, team="europe")
    desk.answered("nps", 9, (0, 10), ticket_id=ticket, segment="enterprise", days_to_renewal=80)
    desk.answered("nps", 2, (0, 10), segment="enterprise", days_to_renewal=80)
    by_segment = {name: figure.value for name, figure in sliced(desk.figures("nps", by="segment")).items()}
    assert by_segment == {"enterprise": -100.0, "smb": 100.0}
    assert list(sliced(desk.figures("nps", by="renewal"))) == ["0–30 days", "61–90 days"]
    assert list(sliced(desk.figures("nps", by="team"))) == ["europe", "unknown"]


@pytest.mark.parametrize("by", CUTS)
def test_slices_add_up_to_the_whole(by: Cut) -> None:
    desk = Desk()
    for number in range(40):
        known = {"team": "europe", "channel": "email"} if number % 3 else {"priority": "high"}
        desk.replied(1 + number, created_at=at(number / 2), **known)
        desk.answered("csat", 1 + number % 5, (1, 5), ticket_id=number + 1, answered_at=at(number % 28))
    for name in ("first_reply", "csat", "tickets_in"):
        whole, parts = desk.figure(name), desk.figures(name, by=by)
        assert sum(part.n for part in parts) == whole.n
        assert sum(part.unknown for part in parts) == whole.unknown


def test_every_cut_has_a_name() -> None:
    assert set(CUTS) == set(get_args(Cut))
