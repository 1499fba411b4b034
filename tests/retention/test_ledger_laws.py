"""Laws of the ledger in every window and cut, whichever way it is counted and whoever is counted with whom."""

from datetime import date
from fractions import Fraction
from typing import Any, get_args
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.conventions import Cut, LedgerConventions, Period
from retention.committed import leaving
from retention.families import as_counted
from retention.ledger import LedgerFrames, open_ledger
from retention.rows import retention_in_cuts
from retention.windows import windows
from tests.retention.facts import frame as facts_frame
from tests.retention.ledger_rows import a_line, ledger_frames, moment
from tests.retention.test_ledger_against_the_oracle import UNIT_CUTS, books, days, slow

CUTS: list[Cut | None] = [None, *get_args(Cut)]
_SUMMED = ("opening", "new", "expansion", "contraction", "churn", "reactivation", "fx", "closing")
parents = st.dictionaries(st.integers(1, 4), st.integers(1, 5), max_size=4)
few = settings(slow, max_examples=6)


def _frames(book: dict[str, Any], above: dict[int, int]) -> LedgerFrames:
    accounts = [
        {"id": number, "parent_ref": f"A-{above[number]}" if number in above else None} for number in range(1, 5)
    ]
    return ledger_frames(book["lines"], accounts, book["segments"], book["rates"])


@few
@given(book=books, period=st.sampled_from(get_args(Period)), to_date=st.booleans())
def test_runs_of_windows_and_single_lines_count_the_same(book: dict[str, Any], period: Period, to_date: bool) -> None:
    frames = _frames(book, {})
    by_run = retention_in_cuts(frames, period, book["as_of"], CUTS, to_date=to_date)
    with patch("retention.totals.run_movements", lambda *_: None):
        by_line = retention_in_cuts(frames, period, book["as_of"], CUTS, to_date=to_date)
    assert by_run == by_line


@few
@given(
    book=books, above=parents, period=st.sampled_from(get_args(Period)),
    gap=st.sampled_from([0, 20, 90]), roll_up=st.sampled_from(["own", "parent"]),
)  # fmt: skip
def test_every_window_and_cut_reconciles_under_every_setting(
    book: dict[str, Any], above: dict[int, int], period: Period, gap: int, roll_up: Any
) -> None:
    conventions = LedgerConventions(bridged_gap_days=gap, roll_up=roll_up)
    found = retention_in_cuts(_frames(book, above), period, book["as_of"], CUTS, conventions, to_date=True)
    whole = {row.period: row for row in found[None]}
    for by, rows in found.items():
        for row in rows:
            gained = row.new_cents + row.expansion_cents + row.reactivation_cents
            lost = row.contraction_cents + row.churn_cents
            assert row.opening_cents + gained - lost + row.fx_cents == row.closing_cents
            assert (row.grr is None) == (row.nrr is None)
            if row.grr is not None and row.nrr is not None:
                assert 0 <= row.grr <= min(Fraction(1), row.nrr)
        for label, total in whole.items():
            for name in ("opening", "fx", "closing") if by in UNIT_CUTS else _SUMMED:
                slices = [getattr(row, f"{name}_cents") for row in rows if row.period == label]
                assert sum(slices) == getattr(total, f"{name}_cents"), (by, label, name)


@few
@given(book=books, above=parents, period=st.sampled_from(get_args(Period)))
def test_a_family_has_the_money_of_its_members(book: dict[str, Any], above: dict[int, int], period: Period) -> None:
    own, family = (
        retention_in_cuts(_frames(book, above), period, book["as_of"], [None], LedgerConventions(roll_up=setting))[None]
        for setting in ("own", "parent")
    )
    for alone, together in zip(own, family, strict=True):
        for name in ("opening", "closing", "fx"):
            assert getattr(alone, f"{name}_cents") == getattr(together, f"{name}_cents")
        # What members move among themselves is no loss of the family.
        assert together.kept_parts >= alone.kept_parts
        assert together.accounts_closed <= alone.accounts_closed


@few
@given(book=books, above=parents, shuffle=st.randoms(use_true_random=False), gap=st.sampled_from([0, 30]))
def test_the_order_of_arrival_does_not_matter(
    book: dict[str, Any], above: dict[int, int], shuffle: Any, gap: int
) -> None:
    conventions = LedgerConventions(bridged_gap_days=gap, roll_up="parent")
    mixed = book | {name: shuffle.sample(book[name], len(book[name])) for name in ("lines", "rates", "segments")}
    first, second = (
        retention_in_cuts(_frames(each, above), "quarter", book["as_of"], CUTS, conventions) for each in (book, mixed)
    )
    assert first == second


@few
@given(
    book=books, noticed=st.lists(st.tuples(st.integers(1, 4), days, st.integers(0, 200)), max_size=3),
    named=st.sampled_from(["[]", '["Core"]', '["Core", "Desk"]']),
)  # fmt: skip
def test_what_leaves_is_never_more_than_what_is_there(
    book: dict[str, Any], noticed: list[tuple[int, date, int]], named: str
) -> None:
    lines = [line | {"id": number} for number, line in enumerate(book["lines"], start=1)]
    contracts = facts_frame("contracts", *(
        {"account_id": account, "starts_on": on, "notice_on": on, "arr_cents": arr, "currency": "USD",
         "product_lines": named}
        for account, on, arr in noticed
    ))  # fmt: skip
    frames = as_counted(ledger_frames(lines, rates=book["rates"]), LedgerConventions())
    ledger = open_ledger(frames.lines, frames.fx_rates, book["as_of"], LedgerConventions())
    if ledger.since is None:
        return
    shown = windows("month", ledger.since, book["as_of"], to_date=True)
    going = leaving(ledger, frames.lines, contracts, shown).collect()
    assert going.select("window", "id").is_duplicated().sum() == 0
    rows = retention_in_cuts(frames, "month", book["as_of"], [None], to_date=True)[None]
    sums = dict.fromkeys(range(len(shown)), 0)
    for window, cents in going.select("window", "leaving_cents").iter_rows():
        assert cents > 0
        sums[window] += cents
    assert all(sums[place] <= row.closing_cents for place, row in enumerate(rows))


@pytest.mark.parametrize("amount", [9_000_000_000_000, 4 * 10**15])
def test_books_too_large_for_64_bits_are_counted_all_the_same(amount: int) -> None:
    lines = [a_line(amount_cents=amount), a_line(account_id=2, amount_cents=amount, ends_on=date(2024, 2, 10))]
    rows = retention_in_cuts(ledger_frames(lines), "month", moment("2024-02-29"), [None, "plan"])
    for found in rows.values():
        assert [(row.churn_cents, row.closing_cents) for row in found] == [(0, 2 * amount), (amount, amount)]
        assert found[-1].grr == found[-1].nrr
        assert found[-1].grr is not None
        assert 2 * found[-1].grr == 1
