"""Who the demo company's customers are, and how they write and log in."""

from datetime import date, timedelta

import polars as pl
import pytest

from tests.keepline.conftest import Demo

LAST_DAY = date(2026, 6, 28)
USD_PER_UNIT = {"USD": 1.0, "EUR": 1.09, "GBP": 1.27}


def share(column: pl.Series, value: str) -> float:
    return float((column == value).sum() / len(column))


@pytest.mark.parametrize(("segment", "wanted"), [("enterprise", 0.12), ("mid_market", 0.38), ("smb", 0.50)])
def test_segments_have_their_shares(demo: Demo, segment: str, wanted: float) -> None:
    assert share(demo.accounts["segment"], segment) == pytest.approx(wanted, abs=0.005)


@pytest.mark.parametrize(("currency", "wanted"), [("USD", 0.60), ("EUR", 0.27), ("GBP", 0.13)])
def test_currencies_have_their_shares(demo: Demo, currency: str, wanted: float) -> None:
    by_account = demo.lines.unique("account_ref")
    assert share(by_account["currency"], currency) == pytest.approx(wanted, abs=0.02)


@pytest.mark.parametrize(
    ("segment", "low", "high"),
    [("enterprise", 100_000, 450_000), ("mid_market", 12_000, 95_000), ("smb", 2_000, 9_500)],
)
def test_a_segment_begins_in_its_range_of_contract_value(demo: Demo, segment: str, low: float, high: float) -> None:
    signed = demo.contracts.filter(pl.col("external_id").str.ends_with("-1"))
    values = signed.join(demo.accounts, left_on="account_ref", right_on="external_id").filter(segment=segment)
    usd = values.select(pl.col("arr").cast(pl.Float64) * pl.col("currency").replace_strict(USD_PER_UNIT))["arr"]
    assert usd.is_between(low, high).all()


def test_renewals_are_spread_over_every_month_and_many_come_soon(demo: Demo) -> None:
    renewals = demo.contracts["renews_on"]
    by_month = (
        renewals.filter(renewals.is_between(date(2024, 7, 1), date(2027, 5, 31))).dt.truncate("1mo").value_counts()
    )
    assert by_month.height == 35
    running = demo.contracts.filter(pl.col("ends_on").is_null())
    soon = running.filter(pl.col("renews_on").is_between(LAST_DAY, LAST_DAY + timedelta(days=90)))
    assert 50 <= soon.height <= 110


def test_billing_is_monthly_quarterly_and_yearly(demo: Demo) -> None:
    assert set(demo.lines["interval_months"]) == {"1", "3", "12"}


def test_about_one_thread_in_seventeen_is_not_in_english(demo: Demo) -> None:
    first = demo.messages.filter(pl.col("external_id").str.ends_with("-m1"))["text"]
    asked = (
        r"Können Sie das|Bitte geben Sie|Was können wir tun|s'il vous plaît|Merci de nous tenir|Que devons-nous|"
        r"¿Pueden rev|Quedamos a la|¿Qué debemos"
    )
    assert first.str.contains(asked).mean() == pytest.approx(0.06, abs=0.01)


def test_larger_customers_write_more(demo: Demo) -> None:
    tickets = demo.tickets.join(demo.accounts, left_on="account_ref", right_on="external_id").group_by("segment").len()
    counts = dict(tickets.iter_rows())
    accounts = dict(demo.accounts.group_by("segment").len().iter_rows())
    enterprise, mid_market, smb = (counts[name] / accounts[name] for name in ("enterprise", "mid_market", "smb"))
    assert enterprise > 2 * mid_market > 2 * smb


def test_people_write_at_work_and_a_few_at_night(demo: Demo) -> None:
    weekdays = demo.tickets["created_at"].dt.weekday()
    assert 0.005 < (weekdays > 5).mean() < 0.04  # type: ignore[operator]
    in_london = demo.tickets.join(
        demo.accounts.filter(region="UK & Ireland"), left_on="account_ref", right_on="external_id", how="semi"
    )
    hours = in_london["created_at"].dt.hour()
    assert 0.005 < (hours.is_between(8, 18).not_()).mean() < 0.06  # type: ignore[operator]


def test_nobody_is_silent_for_two_months_by_chance(demo: Demo) -> None:
    troubled = [e.account for e in demo.truth.episodes if e.kind == "silence"]
    larger = demo.accounts.filter(pl.col("segment") != "smb", ~pl.col("external_id").is_in(troubled))["external_id"]
    left = demo.contracts.filter(pl.col("account_ref").is_in(demo.table("churn_reports")["account_ref"].implode()))[
        "account_ref"
    ]
    steady = demo.tickets.filter(
        pl.col("account_ref").is_in(larger.implode()), ~pl.col("account_ref").is_in(left.implode())
    ).sort("created_at")
    gaps = steady.select(pl.col("created_at").diff().over("account_ref"))["created_at"].drop_nulls()
    assert (gaps > timedelta(days=60)).sum() <= 3


def test_usage_is_one_login_row_per_account_and_working_day(demo: Demo) -> None:
    assert set(demo.usage["feature"]) == {"login"}
    assert (demo.usage["used_on"].dt.weekday() <= 5).all()
    assert demo.usage.select(pl.struct("account_ref", "used_on").is_unique().all()).item()
    assert (demo.usage["quantity"] > 0).all()


def test_christmas_is_quiet(demo: Demo) -> None:
    by_day = demo.usage.group_by("used_on").agg(pl.col("quantity").sum())
    usual, feast = (
        by_day.filter(pl.col("used_on").is_between(*span))["quantity"].mean()
        for span in ((date(2025, 12, 1), date(2025, 12, 19)), (date(2025, 12, 24), date(2025, 12, 31)))
    )
    assert feast < 0.5 * usual  # type: ignore[operator]
