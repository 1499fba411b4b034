"""A holdout is compared as it was drawn, each account from its own draw, and the verdict claims no more."""

from datetime import date, datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from retention.fx import RateTable
from retention.holdout.analysis import Planned, as_assigned, fits_share
from retention.holdout.following import followed_draws
from retention.holdout.result import HoldoutResult
from retention.outcomes import COLUMNS
from tests.retention.facts import day

DRAWN = day("2025-01-06")
HORIZON = timedelta(days=180)
LATER = DRAWN + timedelta(days=400)
PLAN = Planned("p" * 32, "rescue", share=0.3, effect_hoped=0.1, horizon_days=180, base_rate=0.9, accounts_needed=400)
_UTC = pl.Datetime("us", "UTC")
DRAWS: dict[str, Any] = {"account_id": pl.Int64, "arm": pl.String, "assigned_at": _UTC, "arr_cents": pl.Int64,
         "currency": pl.String, "let_through_at": _UTC}  # fmt: skip
USD = RateTable({}, "USD")


def draw(account_id: int = 1, **changed: Any) -> dict[str, Any]:
    return {"account_id": account_id, "arm": "holdout", "assigned_at": DRAWN, "arr_cents": 100_000,
            "currency": "USD", "let_through_at": None} | changed  # fmt: skip


def loss(account_id: int = 1, days: float = 30, **changed: Any) -> dict[str, Any]:
    blank = dict.fromkeys(COLUMNS) | {"account_id": account_id, "happened_at": DRAWN + timedelta(days=days)}
    return blank | {"kind": "churned", "lost_cents": 100_000, "currency": "USD"} | changed


def followed(
    draws: list[dict[str, Any]], losses: list[dict[str, Any]], as_of: datetime = LATER, rates: RateTable = USD
) -> list[dict[str, Any]]:
    return list(_followed(draws, losses, as_of, rates).iter_rows(named=True))


def _followed(
    draws: list[dict[str, Any]], losses: list[dict[str, Any]], as_of: datetime = LATER, rates: RateTable = USD
) -> nw.DataFrame[Any]:
    outcomes: dict[str, Any] = {"account_id": pl.Int64, "happened_at": _UTC, "kind": pl.String, "lost_cents": pl.Int64,
                "currency": pl.String}  # fmt: skip
    known = pl.LazyFrame([{name: each[name] for name in outcomes} for each in losses], schema=outcomes)
    drawn = pl.LazyFrame(draws, schema=DRAWS)
    return followed_draws(nw.from_native(drawn), nw.from_native(known), rates, as_of, HORIZON)


class TestFollowing:
    @pytest.mark.parametrize(("days", "renewed"), [(-1, True), (0, True), (0.5, False), (180, False), (180.1, True)])
    def test_what_is_lost_within_the_horizon_of_the_draw_counts(self, days: float, renewed: bool) -> None:
        [row] = followed([draw()], [loss(days=days)])
        assert row["renewed"] is renewed
        assert row["kept_cents"] == (100_000 if renewed else 0)

    def test_a_contraction_is_no_renewal_and_keeps_the_rest(self) -> None:
        two = [loss(kind="contracted", lost_cents=20_000), loss(days=60, kind="contracted", lost_cents=30_000)]
        [row] = followed([draw()], [*two, loss(2), loss(kind="renewed", lost_cents=0)])
        assert (row["renewed"], row["kept_cents"]) == (False, 50_000)

    def test_who_was_lost_early_is_not_over_before_those_who_go_on(self) -> None:
        rows = followed([draw(), draw(2)], [loss()], as_of=DRAWN + timedelta(days=179))
        assert [row["over"] for row in rows] == [False, False]
        rows = followed([draw(), draw(2)], [loss()], as_of=DRAWN + HORIZON)
        assert [row["over"] for row in rows] == [True, True]

    def test_who_was_drawn_later_is_not_seen(self) -> None:
        assert followed([draw()], [], as_of=DRAWN - timedelta(days=1)) == []

    def test_amounts_are_of_the_day_of_the_draw(self) -> None:
        from fractions import Fraction

        rates = RateTable({("EUR", "USD"): [(date(2025, 1, 1), Fraction(2)), (date(2025, 2, 1), Fraction(9))]}, "USD")
        [row] = followed([draw(currency="EUR")], [loss(currency="EUR", lost_cents=30_000)], rates=rates)
        assert (row["arr_cents"], row["kept_cents"]) == (200_000, 140_000)

    def test_worth_that_is_unknown_stays_unknown(self) -> None:
        [row] = followed([draw(currency="GBP")], [])
        assert (row["renewed"], row["kept_cents"]) == (True, None)


def compared(
    treat: tuple[int, int], holdout: tuple[int, int], *, let_through: int = 0, finished: bool = False
) -> HoldoutResult:
    """Arms are (accounts, lost)."""
    draws: list[dict[str, Any]] = []
    losses: list[dict[str, Any]] = []
    for arm, (accounts, lost) in (("treat", treat), ("holdout", holdout)):
        for number in range(accounts):
            account_id = len(draws) + 1
            since = LATER if arm == "holdout" and number < let_through else None
            draws.append(draw(account_id, arm=arm, let_through_at=since, arr_cents=100_000 + 1_000 * (number % 7)))
            if number < lost:
                losses.append(loss(account_id, lost_cents=200_000))
    return as_assigned(_followed(draws, losses), PLAN, "USD", finished=finished)


class TestComparing:
    def test_a_large_effect_is_credible_and_saves_money(self) -> None:
        told = compared((280, 14), (120, 48))
        assert told.verdict == "credible"
        assert told.difference.estimate == pytest.approx(0.35)
        assert told.published == told.difference.estimate
        assert told.saved.estimate is not None
        assert told.saved.low is not None
        assert 0 < told.saved.low < told.saved.estimate
        assert told.saved.estimate == pytest.approx(280 * 36_000, rel=0.1)
        assert told.in_words.startswith("Credible: 35.0 points more accounts renewed with rescue")

    def test_harm_is_said_as_plainly(self) -> None:
        told = compared((280, 112), (120, 6))
        assert told.verdict == "credible"
        assert told.in_words.endswith("Stop it.")

    def test_no_effect_gives_no_figure(self) -> None:
        told = compared((70, 7), (30, 3))
        assert (told.verdict, told.published) == ("not enough evidence", None)
        assert "no effect at all would fit too" in told.in_words

    def test_what_only_one_look_at_the_end_shows_is_suggestive(self) -> None:
        running, finished = (compared((280, 28), (120, 24), finished=finished) for finished in (False, True))
        assert running.verdict == "not enough evidence"
        assert finished.verdict == "suggestive"
        assert finished.once.low is not None
        assert finished.once.low > 0

    def test_who_was_let_through_stays_in_the_arm_and_it_is_said(self) -> None:
        told = compared((280, 14), (120, 48), let_through=12)
        assert told.difference == compared((280, 14), (120, 48)).difference
        assert told.holdout.let_through == 12
        assert any("12 of 120 held out accounts were let through" in reason for reason in told.reasons)

    def test_an_effect_that_is_ruled_out_is_said(self) -> None:
        told = compared((2_000, 200), (1_000, 100))
        assert any("is ruled out" in reason for reason in told.reasons)

    def test_without_outcomes_it_is_too_early(self) -> None:
        told = as_assigned(_followed([draw(), draw(2, arm="treat")], [], as_of=DRAWN), PLAN, "USD")
        assert told.verdict == "not enough evidence"
        assert told.in_words.startswith("Too early")
        assert (told.difference.estimate, told.p_value, told.saved.estimate) == (None, None, None)

    def test_a_handful_of_accounts_is_never_credible(self) -> None:
        assert compared((9, 0), (9, 9)).verdict == "not enough evidence"

    def test_arms_that_do_not_fit_the_share_are_not_trusted(self) -> None:
        assert fits_share(700, 300, 0.3)
        assert not fits_share(900, 100, 0.3)
        told = compared((900, 90), (100, 10))
        assert any("do not trust the figures" in reason for reason in told.reasons)
