"""The truth beside the exports: episodes show in the facts, outcomes in the money, effects in the probabilities."""

from datetime import date, timedelta
from decimal import Decimal
from statistics import mean

import polars as pl
import pytest

from keepline.demo.truth import TrueEpisode
from tests.keepline.conftest import Demo
from tests.keepline.test_demo_money import in_force

LAST_DAY = date(2026, 6, 28)


def of_kind(demo: Demo, kind: str, *, over: bool = True) -> list[TrueEpisode]:
    """Episodes of a kind that had two weeks to show before the last day."""
    until = LAST_DAY - timedelta(days=14 if over else 0)
    return [e for e in demo.truth.episodes if e.kind == kind and e.began_on <= until]


def tickets_between(demo: Demo, account: str, since: date, until: date) -> pl.DataFrame:
    day = pl.col("created_at").dt.date()
    return demo.tickets.filter(pl.col("account_ref") == account, day >= since, day < until)


def monthly_on(demo: Demo, account: str, day: date) -> float:
    return float(demo.lines.filter(pl.col("account_ref") == account, in_force(day))["monthly"].sum())


def gained(episode: TrueEpisode) -> Decimal:
    assert episode.arr_kept is not None
    assert episode.arr_kept_otherwise is not None
    return episode.arr_kept - episode.arr_kept_otherwise


def test_a_churned_outcome_has_no_line_in_force_after_and_any_other_has(demo: Demo) -> None:
    settled = [e for e in demo.truth.episodes if e.outcome]
    assert {e.outcome for e in settled} == {"renewed", "contracted", "churned"}
    for e in settled:
        after = monthly_on(demo, e.account, e.renews_on)
        assert (after == 0) == (e.outcome == "churned")
        before = 12 * monthly_on(demo, e.account, e.renews_on - timedelta(days=1))
        assert before == pytest.approx(float(e.arr_at_stake))
        if e.outcome == "contracted":
            assert 0 < 12 * after < before
        assert e.arr_kept == min(Decimal(round(12 * after)), e.arr_at_stake)


def test_an_outcome_is_open_exactly_while_the_renewal_lies_ahead(demo: Demo) -> None:
    for e in demo.truth.episodes:
        assert (e.outcome is None) == (e.renews_on > LAST_DAY)
        assert (e.arr_kept is None) == (e.saved_realised is None) == (e.outcome is None)


def test_an_intervention_halves_the_probabilities(demo: Demo) -> None:
    leaves = demo.truth.parameters.intervention_leaves_of_probability
    for e in demo.truth.episodes:
        assert e.churn_probability_with == pytest.approx(leaves * e.churn_probability_without, abs=1e-6)
        assert e.contraction_probability_with == pytest.approx(leaves * e.contraction_probability_without, abs=1e-6)


def test_flag_intervention_notice_and_outcome_stand_in_this_order(demo: Demo) -> None:
    terms = demo.contracts.drop_nulls("notice_on").select("account_ref", "renews_on", "notice_on").iter_rows()
    notices = {(account, renews_on): notice_on for account, renews_on, notice_on in terms}
    for e in demo.truth.episodes:
        assert e.began_on < e.renews_on
        if e.intervened_on:
            assert timedelta(days=1) <= e.intervened_on - e.began_on <= timedelta(days=5)
            assert e.intervened_on < notices.get((e.account, e.renews_on), e.renews_on)


def test_every_intervention_is_a_touch_in_the_exports(demo: Demo) -> None:
    exported = set(demo.touches.select("account_ref", "kind", pl.col("happened_at").dt.date()).iter_rows())
    treated = [e for e in demo.truth.episodes if e.intervention]
    assert len(treated) > 50
    assert {(e.account, e.intervention, e.intervened_on) for e in treated} <= exported


def test_untouched_episodes_have_no_touch_until_their_renewal(demo: Demo) -> None:
    days = demo.touches.select("account_ref", day=pl.col("happened_at").dt.date())
    for e in demo.truth.episodes:
        if e.intervention is None:
            during = days.filter(pl.col("account_ref") == e.account, pl.col("day").is_between(e.began_on, e.renews_on))
            assert during.is_empty()


def test_larger_customers_get_more_interventions(demo: Demo) -> None:
    rate = {
        segment: mean(e.intervention is not None for e in demo.truth.episodes if e.segment == segment and e.outcome)
        for segment in ("enterprise", "mid_market", "smb")
    }
    assert rate["enterprise"] > rate["mid_market"] > rate["smb"] > 0


def test_what_was_saved_follows_from_the_episodes(demo: Demo) -> None:
    rates = {currency: Decimal(str(rate)) for currency, rate in demo.truth.parameters.usd_per_unit.items()}
    settled = [e for e in demo.truth.episodes if e.intervention and e.outcome]
    expected = sum((e.saved_expected * rates[e.currency] for e in settled), Decimal(0))
    realised = sum((gained(e) * rates[e.currency] for e in settled), Decimal(0))
    total = demo.truth.incremental
    assert (total.episodes, total.expected_usd) == (len(settled), expected.quantize(Decimal("0.01")))
    assert total.realised_usd == realised.quantize(Decimal("0.01"))
    by_segment = demo.truth.incremental_by_segment.values()
    assert sum(part.episodes for part in by_segment) == total.episodes
    assert abs(sum(part.realised_usd for part in by_segment) - total.realised_usd) < Decimal("0.05")


def test_an_intervention_never_makes_it_worse(demo: Demo) -> None:
    for e in demo.truth.episodes:
        assert e.saved_expected >= 0
        assert (e.saved_expected > 0) == (e.intervention is not None)
        if e.saved_realised is not None:
            assert e.saved_realised >= 0


def test_outcomes_come_as_often_as_their_probabilities_say(demo: Demo) -> None:
    settled = [e for e in demo.truth.episodes if e.outcome]
    expected = sum(e.churn_probability_with if e.intervention else e.churn_probability_without for e in settled)
    assert sum(e.outcome == "churned" for e in settled) == pytest.approx(expected, rel=0.35)


def test_before_a_silence_the_customer_is_quiet_for_sixty_days(demo: Demo) -> None:
    episodes = of_kind(demo, "silence", over=False)
    assert len(episodes) > 10
    for e in episodes:
        assert tickets_between(demo, e.account, e.began_on - timedelta(days=60), e.began_on).is_empty()


def test_a_spike_is_a_multiple_of_the_usual(demo: Demo) -> None:
    episodes = of_kind(demo, "spike")
    ratios = []
    for e in episodes:
        week = tickets_between(demo, e.account, e.began_on, e.began_on + timedelta(days=7)).height
        usual = tickets_between(demo, e.account, e.began_on - timedelta(days=84), e.began_on).height / 12
        ratios.append(week / max(usual, 0.1))
    assert mean(ratio >= 3 for ratio in ratios) > 0.9


def test_a_repeated_issue_comes_more_than_three_times(demo: Demo) -> None:
    episodes = of_kind(demo, "repeated_issue")
    most = []
    for e in episodes:
        month = tickets_between(demo, e.account, e.began_on, e.began_on + timedelta(days=30))
        most.append(month["tags"].str.split(";").list.first().value_counts()["count"].max())
    assert mean(float(str(count)) > 3 for count in most) > 0.9


def test_without_trouble_issues_take_turns(demo: Demo) -> None:
    troubled = {e.account for e in demo.truth.episodes if e.kind in {"repeated_issue", "spike", "anger"}}
    calm = demo.tickets.filter(~pl.col("account_ref").is_in(list(troubled))).with_columns(
        pl.col("tags").str.split(";").list.first(), month=pl.col("created_at").dt.truncate("1mo")
    )
    counts = calm.group_by("account_ref", "month", "tags").len()["len"]
    assert (counts > 3).sum() == 0


def test_a_usage_drop_halves_the_logins_of_a_week(demo: Demo) -> None:
    episodes = of_kind(demo, "usage_drop")
    fell = []
    for e in episodes:
        logins = demo.usage.filter(pl.col("account_ref") == e.account)
        day = pl.col("used_on")
        before = logins.filter(day >= e.began_on - timedelta(days=7), day < e.began_on)["quantity"].sum()
        after = logins.filter(day >= e.began_on, day < e.began_on + timedelta(days=7))["quantity"].sum()
        fell.append(2 * after <= before)
    assert mean(fell) > 0.85


def test_the_last_days_hold_trouble_of_every_kind_also_at_large_customers_about_to_renew(demo: Demo) -> None:
    now = [e for e in demo.truth.episodes if e.outcome is None and e.began_on >= LAST_DAY - timedelta(days=21)]
    assert {e.kind for e in now} == {"spike", "silence", "repeated_issue", "anger", "usage_drop"}
    assert 12 <= len(now) <= 40
    rescue = [e for e in now if e.segment == "enterprise" and e.renews_on <= LAST_DAY + timedelta(days=90)]
    assert 4 <= len(rescue) <= 12
