"""The demo company's revenue: contracts agree with lines, and retention is that of a believable B2B company."""

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from tests.keepline.conftest import Demo

LAST_DAY, YEAR_BEFORE = date(2026, 6, 28), date(2025, 6, 28)
USD_PER_UNIT = {"USD": 1.0, "EUR": 1.09, "GBP": 1.27}


def in_force(day: date | pl.Expr) -> pl.Expr:
    return ~pl.col("trial") & (pl.col("starts_on") <= day) & (pl.col("ends_on").is_null() | (pl.col("ends_on") > day))


def usd_a_month(demo: Demo, day: date) -> dict[str, float]:
    lines = demo.lines.filter(in_force(day))
    usd = lines.select("account_ref", pl.col("monthly") * pl.col("currency").replace_strict(USD_PER_UNIT))
    return dict(usd.group_by("account_ref").agg(pl.col("monthly").sum()).iter_rows())


def retention(demo: Demo, segment: str | None = None) -> tuple[float, float]:
    """GRR and NRR of the last twelve months, point to point, at constant rates."""
    opened, closed = usd_a_month(demo, YEAR_BEFORE), usd_a_month(demo, LAST_DAY)
    chosen = demo.accounts if segment is None else demo.accounts.filter(segment=segment)
    cohort = [name for name in chosen["external_id"] if opened.get(name, 0) > 0]
    opening = sum(opened[name] for name in cohort)
    kept = sum(min(opened[name], closed.get(name, 0.0)) for name in cohort)
    return kept / opening, sum(closed.get(name, 0.0) for name in cohort) / opening


def test_a_contract_is_worth_twelve_months_of_its_lines_at_its_start(demo: Demo) -> None:
    lines = demo.lines.select("account_ref", "monthly", "trial", pl.col("starts_on", "ends_on").name.prefix("line_"))
    joined = demo.contracts.join(lines, on="account_ref").filter(
        ~pl.col("trial"),
        pl.col("line_starts_on") <= pl.col("starts_on"),
        pl.col("line_ends_on").is_null() | (pl.col("line_ends_on") > pl.col("starts_on")),
    )
    sums = joined.group_by("external_id").agg(pl.col("arr").first(), monthly=pl.col("monthly").sum())
    assert sums.height == demo.contracts.height
    assert sums.filter(pl.col("arr").cast(pl.Float64) != 12 * pl.col("monthly")).is_empty()


def test_a_term_follows_the_one_before_without_a_gap_unless_the_customer_left(demo: Demo) -> None:
    terms = demo.contracts.sort("account_ref", "starts_on")
    following = terms.with_columns(next_start=pl.col("starts_on").shift(-1).over("account_ref"))
    ended = following.filter(pl.col("ends_on").is_not_null(), pl.col("next_start").is_not_null())
    assert (ended["next_start"] >= ended["ends_on"]).all()
    assert (ended["next_start"] == ended["ends_on"]).mean() > 0.95  # type: ignore[operator]
    assert (terms["renews_on"] > terms["starts_on"]).all()
    running = terms.filter(pl.col("ends_on").is_null())
    assert running["account_ref"].is_unique().all()
    assert (running["renews_on"] > LAST_DAY).all()


def test_the_company_retains_what_a_believable_company_retains(demo: Demo) -> None:
    gross, net = retention(demo)
    assert 0.88 <= gross <= 0.91
    assert 1.00 <= net <= 1.06


def test_small_customers_are_retained_worse_than_large_ones(demo: Demo) -> None:
    (small_gross, small_net), (large_gross, large_net) = retention(demo, "smb"), retention(demo, "enterprise")
    assert small_gross < large_gross
    assert small_net < 1.0 < large_net


@pytest.mark.parametrize("seed", [1, 2])
def test_other_seeds_make_like_companies(make_demo: Callable[..., Demo], seed: int) -> None:
    gross, net = retention(make_demo(seed=seed, tickets=0))
    assert 0.86 <= gross <= 0.94
    assert 0.96 <= net <= 1.12


def test_customers_grow_shrink_leave_and_come_back(demo: Demo) -> None:
    opened, closed = usd_a_month(demo, YEAR_BEFORE), usd_a_month(demo, LAST_DAY)
    stayed = opened.keys() & closed.keys()
    assert sum(closed[name] > opened[name] for name in stayed) > 40
    assert sum(closed[name] < opened[name] for name in stayed) > 10
    assert len(opened.keys() - closed.keys()) > 15
    returned = set(demo.table("churn_reports")["account_ref"]) & closed.keys()
    assert len(returned) >= 3


def test_some_have_given_notice_for_a_renewal_that_is_still_ahead(demo: Demo) -> None:
    noticed = demo.contracts.filter(pl.col("notice_on").is_not_null(), pl.col("renews_on") > LAST_DAY)
    assert 1 <= noticed.height <= 12
    assert (noticed["notice_on"] <= LAST_DAY).all()
    assert (noticed["ends_on"] == noticed["renews_on"]).all()


def test_notice_comes_before_the_end(demo: Demo) -> None:
    noticed = demo.contracts.drop_nulls("notice_on")
    assert noticed.height > 20
    assert (
        noticed.select((pl.col("starts_on") < pl.col("notice_on")) & (pl.col("notice_on") < pl.col("ends_on")))
        .to_series()
        .all()
    )


def test_trials_are_there_and_some_never_became_customers(demo: Demo) -> None:
    trials = demo.lines.filter(pl.col("trial"))
    assert trials.height > 20
    assert trials["ends_on"].null_count() == 0
    never = set(trials["account_ref"]) - set(demo.contracts["account_ref"])
    assert 8 <= len(never) <= 20


def test_departures_are_reported_on_the_day_on_which_the_lines_end(demo: Demo) -> None:
    ends = (
        demo.lines.filter(~pl.col("trial"), pl.col("ends_on").is_not_null()).select("account_ref", "ends_on").unique()
    )
    reports = demo.table("churn_reports").with_columns(pl.col("churned_on").str.to_date())
    matched = reports.join(ends, left_on=["account_ref", "churned_on"], right_on=["account_ref", "ends_on"], how="semi")
    assert matched.height == reports.height


def test_the_crm_says_churned_of_those_who_pay_nothing(demo: Demo) -> None:
    paying = usd_a_month(demo, LAST_DAY).keys()
    said = set(demo.accounts.filter(reported_churned="true")["external_id"])
    assert not said & paying
    assert set(demo.contracts["account_ref"]) - said <= paying


def test_rates_cover_every_month_since_the_first_line(demo: Demo) -> None:
    rates = demo.table("fx_rates").with_columns(pl.col("on").str.to_date(), pl.col("rate").cast(pl.Float64))
    first = demo.lines["starts_on"].min()
    for base, low, high in (("EUR", 1.0, 1.2), ("GBP", 1.15, 1.4)):
        of_base = rates.filter(base=base)
        assert of_base["rate"].is_between(low, high).all()
        assert of_base["on"].min() <= first  # type: ignore[operator]
        assert of_base["on"].max() == date(2026, 6, 1)
        assert (of_base["on"].diff().drop_nulls().dt.total_days() <= 31).all()
