"""When a rule applies that must hold for a while, and when one that applies is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.playbooks import Playbook
from rules.spells import fired, observed, stood

DAY_ONE = datetime(2026, 3, 2, 6, tzinfo=UTC)
DAY = timedelta(days=1)
_UTC = pl.Datetime("us", "UTC")
SCHEMA: dict[str, Any] = {
    "account_id": pl.Int64,
    "account_ref": pl.String,
    "as_of": _UTC,
    "when": pl.Boolean,
    "clear": pl.Boolean,
}

Look = tuple[bool | None, bool | None]


def day(number: int) -> datetime:
    return DAY_ONE + number * DAY


def a_playbook(**words: Any) -> Playbook:
    content = {
        "id": "busy",
        "name": "Busy",
        "when": {"signal": "tickets_7d", "op": ">=", "value": 5},
        "steps": [{"do": "call", "owner": "csm", "within": "24h elapsed"}],
        **words,
    }
    return Playbook.model_validate(content)


CLEAR = {"signal": "tickets_7d", "op": "<", "value": 2}


def looks(accounts: Sequence[Sequence[Look]], first: int = 0) -> nw.DataFrame[Any]:
    rows = [
        (account, f"acc-{account}", day(first + number), when, clear)
        for account, seen in enumerate(accounts, start=1)
        for number, (when, clear) in enumerate(seen)
    ]
    return nw.from_native(pl.DataFrame(rows, schema=SCHEMA, orient="row"), eager_only=True)


def days_fired(playbook: Playbook, seen: str) -> list[int]:
    """The days at which it fires; a letter a day: t(rue), f(alse), u(nknown), c(lear), b(oth clear and true)."""
    told = {"t": (True, False), "f": (False, False), "u": (None, None), "c": (False, True), "b": (True, True)}
    fires, _ = fired(playbook, looks([[told[letter] for letter in seen]]))
    return [(moment - DAY_ONE).days for moment in fires["as_of"].to_list()]


class TestHoldFor:
    @pytest.mark.parametrize(
        ("hold_for", "fires"), [("47h", [2, 3]), ("48h", [2, 3]), ("49h", [3]), ("3d", [3]), ("4d", [])]
    )
    def test_a_rule_fires_once_its_condition_has_held_for_so_long(self, hold_for: str, fires: list[int]) -> None:
        assert days_fired(a_playbook(hold_for=hold_for), "tttt") == fires

    @pytest.mark.parametrize("broken_by", ["f", "u"])
    def test_what_is_false_or_unknown_once_breaks_the_run(self, broken_by: str) -> None:
        assert days_fired(a_playbook(hold_for="2d"), f"tt{broken_by}tttt") == [5, 6]

    def test_a_run_is_an_account_s_own(self) -> None:
        fires, _ = fired(a_playbook(hold_for="1d"), looks([[(True, None)] * 2, [(True, None)] * 1]))
        assert fires["account_id"].to_list() == [1]

    def test_it_has_applied_since_the_look_at_which_it_came_on(self) -> None:
        fires, _ = fired(a_playbook(hold_for="2d"), looks([[(True, None)] * 5]))
        assert fires["since"].to_list() == [day(2)] * 3


class TestClearWhen:
    def test_a_rule_that_is_on_stays_on_until_a_look_at_which_it_is_cleared(self) -> None:
        playbook = a_playbook(clear_when=CLEAR)
        fires, _ = fired(playbook, looks([[(True, False), (False, False), (True, None), (False, True), (True, False)]]))
        assert fires["since"].to_list() == [day(0), day(0), day(4)]

    def test_while_it_is_on_it_decides_without_holding_again(self) -> None:
        assert days_fired(a_playbook(clear_when=CLEAR, hold_for="2d"), "tttfut") == [2, 5]

    def test_after_it_was_cleared_it_must_hold_again(self) -> None:
        assert days_fired(a_playbook(clear_when=CLEAR, hold_for="2d"), "tttcttt") == [2, 6]

    def test_a_look_that_finds_both_is_one_at_which_it_is_over(self) -> None:
        assert days_fired(a_playbook(clear_when=CLEAR), "tbt") == [0, 2]

    def test_unknown_clears_nothing(self) -> None:
        _, left = fired(a_playbook(clear_when=CLEAR), looks([[(True, False), (None, None)]]))
        assert left["ended_at"].to_list() == [None]


class TestValidity:
    def test_it_fires_from_the_first_day_to_before_the_last(self) -> None:
        assert days_fired(a_playbook(valid_from="2026-03-03", valid_until="2026-03-05"), "ttttt") == [1, 2]

    def test_a_run_may_be_older_than_the_first_day(self) -> None:
        assert days_fired(a_playbook(valid_from="2026-03-04", hold_for="2d"), "tttt") == [2, 3]

    def test_with_the_last_day_what_is_on_is_over(self) -> None:
        _, left = fired(a_playbook(valid_until="2026-03-04", clear_when=CLEAR), looks([[(True, False)] * 4]))
        assert left["ended_at"].to_list() == [day(2)]


def test_a_rule_without_memory_leaves_nothing_and_fires_where_it_is_true() -> None:
    fires, left = fired(a_playbook(), looks([[(True, None), (None, None), (False, None), (True, None)]]))
    assert fires["as_of"].to_list() == [day(0), day(3)]
    assert fires["since"].to_list() == [None, None]
    assert not len(left)


def test_a_spell_that_stood_and_is_broken_comes_back_with_its_end() -> None:
    playbook = a_playbook(hold_for="1d")
    _, standing = fired(playbook, looks([[(True, None)] * 2]))
    _, left = fired(playbook, looks([[(False, None)]], first=2), standing)
    [row] = left.rows(named=True)
    assert (row["true_since"], row["on_since"], row["ended_at"]) == (day(0), day(1), day(2))


def test_the_looks_of_a_ticket_are_its_own() -> None:
    table = looks([[(True, None)] * 2]).with_columns(nw.new_series("ticket_ref", ["t1", "t2"], backend="polars"))
    fires, left = fired(a_playbook(hold_for="1d", scope="ticket"), table)
    assert (len(fires), left["ticket_ref"].to_list()) == (0, ["t1", "t2"])


def test_conditions_are_seen_on_the_rows_of_signals() -> None:
    panel = pl.DataFrame({"account_id": [1, 2, 3], "as_of": [day(0)] * 3, "tickets_7d": [5, 1, None]})
    seen = observed(a_playbook(clear_when=CLEAR), nw.from_native(panel, eager_only=True))
    assert seen["when"].to_list() == [True, False, None]
    assert seen["clear"].to_list() == [False, True, None]


# --- Laws ---------------------------------------------------------------------------------------------------------


@dataclass
class _ByHand:
    """The laws for one account, told step by step."""

    playbook: Playbook
    true_since: datetime | None = None
    on_since: datetime | None = None

    def look(self, moment: datetime, when: bool | None, clear: bool | None) -> datetime | None:
        """Since when it is on, where it decides at this look."""
        first, last = self.playbook.valid_span
        over = moment >= last or (self.playbook.clear_when is not None and clear is True)
        holds = when is True and not over
        self.true_since = (self.true_since or moment) if holds else None
        if over or (self.playbook.clear_when is None and not holds):
            self.on_since = None
        has_held = self.true_since is not None and moment - self.true_since >= self.playbook.hold_time
        if self.on_since is None and has_held and moment >= first:
            self.on_since = moment
        return self.on_since if holds else None


maybe = st.sampled_from([True, True, False, None])
histories = st.lists(st.lists(st.tuples(maybe, maybe), min_size=12, max_size=12), min_size=1, max_size=4)
playbooks = st.builds(
    lambda hold, clear, first, last: a_playbook(
        hold_for=hold,
        clear_when=CLEAR if clear else None,
        valid_from=None if first is None else day(first).date(),
        valid_until=None if last is None else day(last).date(),
    ),
    st.sampled_from(["0h", "1d", "60h", "4d"]),
    st.booleans(),
    st.sampled_from([None, 2, 5]),
    st.sampled_from([None, 6, 10]),
)


def rows_fired(fires: nw.DataFrame[Any]) -> set[tuple[int, datetime, datetime]]:
    return set(fires.select("account_id", "as_of", "since").iter_rows())


@settings(max_examples=50, deadline=None)
@given(playbook=playbooks, accounts=histories)
def test_all_accounts_at_once_fire_as_each_does_look_by_look(playbook: Playbook, accounts: list[list[Look]]) -> None:
    fires, _ = fired(playbook, looks(accounts))
    expected = set()
    for account, seen in enumerate(accounts, start=1):
        hand = _ByHand(playbook)
        for number, (when, clear) in enumerate(seen):
            since = hand.look(day(number), when, clear)
            if since is not None:
                expected.add((account, day(number), since))
    assert rows_fired(fires) == expected


@settings(max_examples=40, deadline=None)
@given(playbook=playbooks, accounts=histories, cut=st.integers(0, 12), seed=st.integers(0, 9))
def test_neither_the_order_of_rows_nor_where_the_moments_are_cut_changes_anything(
    playbook: Playbook, accounts: list[list[Look]], cut: int, seed: int
) -> None:
    table = looks(accounts)
    shuffled = table.sample(fraction=1.0, seed=seed)
    whole, spells = fired(playbook, table)
    again, spells_again = fired(playbook, shuffled)
    assert whole.rows() == again.rows()
    assert spells.rows() == spells_again.rows()
    before, standing = fired(playbook, shuffled.filter(nw.col("as_of") < day(cut)))
    after, left = fired(playbook, shuffled.filter(nw.col("as_of") >= day(cut)), standing)
    assert rows_fired(before) | rows_fired(after) == rows_fired(whole)
    kept = {(row[1], row[3]): row for frame in (standing, left) for row in frame.rows()}
    assert set(kept.values()) == set(spells.rows())


@settings(max_examples=40, deadline=None)
@given(playbook=playbooks, accounts=histories, until=st.integers(1, 12))
def test_nothing_of_a_later_moment_changes_an_earlier_one(
    playbook: Playbook, accounts: list[list[Look]], until: int
) -> None:
    whole, spells = fired(playbook, looks(accounts))
    past, kept = fired(playbook, looks([seen[:until] for seen in accounts]))
    assert rows_fired(past) == {row for row in rows_fired(whole) if row[1] < day(until)}
    open_then = kept.filter(nw.col("ended_at").is_null())
    assert set(stood(spells, day(until)).rows()) == set(open_then.rows())
