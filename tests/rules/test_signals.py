"""What the signals say about an account."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.conventions import SegmentBands
from rules.signals import SIGNALS, SignalWindows, account_signals
from tests.rules.company import AS_OF, TODAY, Company, days_ago, in_days

# Twenty-four tickets over the twelve weeks before the spike window: two a week.
TWO_A_WEEK = [8 + 3.5 * number for number in range(24)]


class TestVolume:
    def test_a_spike_is_measured_against_the_account_s_own_baseline(self) -> None:
        company = Company.with_account().tickets(*TWO_A_WEEK).tickets(*[1] * 9)
        company.account(2).tickets(*TWO_A_WEEK * 10, account_id=2).tickets(*[1] * 9, account_id=2)
        signals = company.signals()
        assert signals["A1"]["ticket_baseline_7d"] == 2.0
        assert signals["A1"]["ticket_ratio_7d"] == 4.5
        assert signals["A2"]["ticket_ratio_7d"] == 0.45

    @pytest.mark.parametrize(("in_week", "ratio"), [(5, 2.5), (6, 3.0), (7, 3.5)])
    def test_exactly_three_times_the_usual_is_exactly_three(self, in_week: int, ratio: float) -> None:
        assert Company.with_account().tickets(*TWO_A_WEEK).tickets(*[1] * in_week).signal("ticket_ratio_7d") == ratio

    @given(in_baseline=st.integers(1, 60), times=st.integers(1, 12))
    @settings(max_examples=12, deadline=None)
    def test_a_whole_multiple_of_the_usual_is_met_without_rounding(self, in_baseline: int, times: int) -> None:
        company = Company.with_account().tickets(*[20] * (12 * in_baseline)).tickets(*[2] * (in_baseline * times))
        assert company.signal("ticket_ratio_7d") == times

    def test_the_window_is_open_at_its_far_end_and_closed_at_the_moment_itself(self) -> None:
        assert Company.with_account().tickets(0).signal("tickets_7d") == 1
        assert Company.with_account().tickets(6.9999).signal("tickets_7d") == 1
        assert Company.with_account().tickets(7).signal("tickets_7d") == 0

    @pytest.mark.parametrize(("days", "baseline"), [(34, None), (35, 0.0), (36, 0.0)])
    def test_a_young_account_has_no_usual_yet(self, days: int, baseline: float | None) -> None:
        company = Company.with_account(signed_up_on=in_days(-days)).tickets(1)
        assert company.signal("ticket_baseline_7d") == baseline

    def test_a_young_account_s_usual_is_the_mean_of_the_weeks_that_it_has(self) -> None:
        company = Company.with_account(signed_up_on=in_days(-49)).tickets(*[10] * 12)
        assert company.signal("ticket_baseline_7d") == 2.0

    def test_the_first_ticket_says_how_long_an_account_without_a_signup_date_is_known(self) -> None:
        assert Company.with_account(signed_up_on=None).tickets(30, 1).signal("ticket_baseline_7d") is None
        assert Company.with_account(signed_up_on=None).tickets(49, 1).signal("ticket_baseline_7d") == pytest.approx(
            1 / 6
        )
        assert Company.with_account(signed_up_on=None).signal("ticket_baseline_7d") is None

    def test_nothing_is_no_multiple_of_nothing(self) -> None:
        company = Company.with_account().tickets(1, 2, 3)
        assert (company.signal("ticket_baseline_7d"), company.signal("ticket_ratio_7d")) == (0.0, None)

    def test_growth_compares_thirty_days_with_the_thirty_before(self) -> None:
        company = Company.with_account().tickets(*[5] * 15).tickets(*[45] * 10)
        assert company.signal("ticket_growth_30d") == 0.5
        assert (company.signal("tickets_30d"), company.signal("tickets_prior_30d")) == (15, 10)
        assert Company.with_account().tickets(5).signal("ticket_growth_30d") is None

    def test_a_configured_window_replaces_the_shipped_length(self) -> None:
        company = Company.with_account().tickets(1, 8, 9)
        assert company.signal("tickets_7d", SignalWindows(spike_days=10)) == 3


class TestSilence:
    @pytest.mark.parametrize("days", [59, 60, 61])
    def test_days_since_the_last_ticket_are_whole_days(self, days: int) -> None:
        assert Company.with_account().tickets(300, days + 0.5).signal("days_since_last_ticket") == days

    def test_the_habit_is_what_the_account_wrote_before_the_silence(self) -> None:
        company = Company.with_account().tickets(59).tickets(60, 100, 239.9).tickets(240)
        assert company.signal("tickets_in_habit_window") == 3

    def test_an_account_that_never_wrote_is_unknown_not_silent(self) -> None:
        assert Company.with_account().signal("days_since_last_ticket") is None
        assert Company.with_account().signal("tickets_in_habit_window") == 0

    def test_tickets_older_than_the_history_change_nothing(self) -> None:
        assert Company.with_account().tickets(365).signal("days_since_last_ticket") is None


class TestRepeatedIssue:
    def test_subjects_are_the_same_issue_without_reply_marks_and_numbers(self) -> None:
        company = Company.with_account()
        for subject in ("Export fails #123", "Re: export fails", "FWD: RE:  Export   fails 7 ", "Other"):
            company.tickets(3, subject=subject)
        assert (company.signal("repeated_issue_count"), company.signal("repeated_issue")) == (3, "export fails")

    def test_a_tag_counts_as_the_issue(self) -> None:
        company = Company.with_account()
        for number, subject in enumerate(("one", "two", "three", "four")):
            company.tickets(number, subject=subject, tags=("SSO", 'data "export", big'))
        assert company.signal("repeated_issue_count") == 4

    def test_a_ticket_counts_once_for_an_issue_in_both_subject_and_tags(self) -> None:
        company = Company.with_account().tickets(1, 2, subject="Billing", tags=("billing", "billing"))
        assert (company.signal("repeated_issue_count"), company.signal("repeated_issue")) == (2, "billing")

    def test_tags_that_name_no_issue_are_ignored(self) -> None:
        company = Company.with_account().tickets(1, 2, 3, tags=("VIP", "enterprise"))
        assert (company.signal("repeated_issue_count"), company.signal("repeated_issue")) == (0, None)
        assert company.signal("repeated_issue", SignalWindows(ignored_tags=())) == "enterprise"

    def test_the_first_by_alphabet_wins_among_equals(self) -> None:
        company = Company.with_account().tickets(1, 2, subject="beta").tickets(1, 2, subject="alpha")
        assert company.signal("repeated_issue") == "alpha"

    @pytest.mark.parametrize(("age", "count"), [(29.9, 1), (30, 0)])
    def test_only_the_last_thirty_days_count(self, age: float, count: int) -> None:
        assert Company.with_account().tickets(age, subject="x y").signal("repeated_issue_count") == count

    def test_a_subject_of_numbers_only_is_no_issue(self) -> None:
        assert Company.with_account().tickets(1, 1, subject="Re: #4711").signal("repeated_issue_count") == 0

    def test_a_grouped_ticket_counts_for_its_group_and_no_longer_by_tag_and_subject(self) -> None:
        company = Company.with_account().tickets(1, 2, 3, 4, subject="Help", tags=("billing",))
        company.about("wrong VAT", 1, 2, 3)
        assert (company.signal("repeated_issue_count"), company.signal("repeated_issue")) == (3, "wrong VAT")
        company.about("wrong VAT", 4, issue_id="I-2")
        assert company.signal("repeated_issue_count") == 3

    def test_a_group_counts_from_the_moment_when_the_ticket_was_placed_in_it(self) -> None:
        company = Company.with_account().tickets(1, 2, 3, tags=("billing",)).tickets(4, tags=("sso",))
        later = company.about("wrong VAT", 1, 2, 3, 4, placed=-1)
        assert (later.signal("repeated_issue_count"), later.signal("repeated_issue")) == (3, "billing")

    def test_escalated_tickets_are_counted_where_the_helpdesk_says_so(self) -> None:
        company = Company.with_account().tickets(1, 2, 31, escalated=True).tickets(1, escalated=False).tickets(1)
        assert company.signal("escalated_30d") == 2


class TestSentiment:
    def test_sentiment_is_the_mean_of_the_customers_public_messages(self) -> None:
        company = Company.with_account().said(-60, -40, -5)
        company.said(100, author_kind="agent").said(100, public=False).said(100, age=30)
        assert company.signal("sentiment") == -35

    @pytest.mark.parametrize(("readings", "value"), [((-50, -50), None), ((-50, -50, None), None), ((-50,) * 3, -50)])
    def test_fewer_than_three_read_messages_give_no_figure(
        self, readings: tuple[int | None], value: int | None
    ) -> None:
        assert Company.with_account().said(*readings).signal("sentiment") == value


class TestRenewal:
    @pytest.mark.parametrize("days", [0, 1, 89, 90, 91])
    def test_days_to_renewal_are_calendar_days(self, days: int) -> None:
        company = Company.with_account().contract(in_days(days))
        assert (company.signal("days_to_renewal"), company.signal("renewal_on")) == (days, in_days(days))

    def test_the_next_renewal_counts_not_a_past_or_a_later_one(self) -> None:
        company = Company.with_account().contract(in_days(-1)).contract(in_days(40)).contract(in_days(300))
        assert company.signal("days_to_renewal") == 40

    @pytest.mark.parametrize(("ends_on", "notice_on"), [(TODAY, None), (None, TODAY)])
    def test_an_ended_or_cancelled_contract_does_not_renew(self, ends_on: date | None, notice_on: date | None) -> None:
        company = Company.with_account().contract(in_days(30), ends_on=ends_on, notice_on=notice_on)
        assert company.signal("days_to_renewal") is None

    def test_a_contract_that_has_not_begun_does_not_renew(self) -> None:
        assert Company.with_account().contract(in_days(30), starts_on=in_days(1)).signal("days_to_renewal") is None

    def test_a_notice_or_an_end_that_lies_ahead_has_not_happened(self) -> None:
        company = Company.with_account().contract(in_days(30), ends_on=in_days(1), notice_on=in_days(1))
        assert company.signal("days_to_renewal") == 30

    def test_no_contract_is_unknown(self) -> None:
        assert Company.with_account().signal("days_to_renewal") is None


class TestValueAndSegment:
    @pytest.mark.parametrize(
        ("acv_cents", "band"),
        [(999_999, "smb"), (1_000_000, "mid_market"), (10_000_000, "mid_market"), (10_000_001, "enterprise")],
    )
    def test_the_band_belongs_to_the_annual_value(self, acv_cents: int, band: str) -> None:
        signals = Company.with_account(acv_cents=acv_cents).signals()["A1"]
        assert (signals["acv"], signals["acv_band"], signals["segment"]) == (acv_cents, band, band)

    def test_a_currency_without_minor_units_has_the_same_bands(self) -> None:
        facts = Company.with_account(acv_cents=100_001).facts(currency="JPY")
        rows = account_signals(facts, AS_OF, SignalWindows(), SegmentBands()).collect()
        assert rows["acv_band"].to_list() == ["enterprise"]

    def test_a_declared_segment_counts_before_the_band(self) -> None:
        signals = Company.with_account(acv_cents=50_000_000, segment=" Mid-Market ").signals()["A1"]
        assert (signals["segment"], signals["acv_band"]) == ("mid_market", "enterprise")

    def test_the_segment_is_the_one_declared_at_that_moment(self) -> None:
        company = Company.with_account(segment="enterprise")
        company.declared("smb", days_ago(100)).declared("mid_market", days_ago(10)).declared("enterprise", days_ago(-1))
        assert company.signal("segment") == "mid_market"

    def test_the_first_known_segment_counts_for_all_time_before(self) -> None:
        assert (
            Company.with_account().declared("smb", days_ago(-5)).declared("x", days_ago(-9)).signal("segment") == "smb"
        )

    def test_without_a_declaration_and_a_value_the_segment_is_unknown(self) -> None:
        signals = Company.with_account().signals()["A1"]
        assert (signals["segment"], signals["acv_band"], signals["acv"]) == (None, None, None)


class TestUsageAndSurveys:
    def test_the_share_lost_week_on_week(self) -> None:
        company = Company.with_account().used(10, 8, 9, 10, 11).used(5, 1, 2, 7)
        signals = company.signals()["A1"]
        assert (signals["usage_drop_7d"], signals["usage_prior_7d"], signals["usage_7d"]) == (0.625, 40, 15)
        assert signals["active_days_prior_7d"] == 4

    def test_the_running_day_is_left_out(self) -> None:
        assert Company.with_account().used(10, 8).used(10, 0).signal("usage_drop_7d") == 1.0

    def test_growth_is_a_loss_below_zero(self) -> None:
        assert Company.with_account().used(10, 8).used(15, 1).signal("usage_drop_7d") == -0.5

    def test_without_usage_the_drop_is_unknown(self) -> None:
        assert Company.with_account().used(10, 1).signal("usage_drop_7d") is None
        assert Company.with_account().signal("usage_drop_7d") is None

    @pytest.mark.parametrize(("others", "of_all", "beyond"), [(70, 0.125, 0.5), (80, 0.0, 0.625), (120, -0.5, 1.125)])
    def test_a_loss_is_held_against_what_the_median_account_lost(
        self, others: int, of_all: float, beyond: float
    ) -> None:
        company = Company.with_account().used(40, 8).used(15, 1)
        for number in range(2, 22):
            company.account(number).used(80, 8, account_id=number).used(others, 1, account_id=number)
        signals = company.signals()["A1"]
        assert (signals["usage_drop_all_7d"], signals["usage_drop_beyond_7d"]) == (of_all, beyond)

    def test_too_few_accounts_with_enough_usage_tell_nothing_and_the_own_loss_stands(self) -> None:
        company = Company.with_account().used(40, 8).used(15, 1)
        for number in range(2, 30):
            company.account(number).used(20 if number < 20 else 19, 8, account_id=number)
        signals = company.signals()["A1"]
        assert (signals["usage_drop_all_7d"], signals["usage_drop_beyond_7d"]) == (None, 0.625)

    def test_several_features_on_a_day_are_one_active_day(self) -> None:
        assert Company.with_account().used(1, 8, 8, 9).signal("active_days_prior_7d") == 2

    def test_satisfaction_is_brought_from_its_own_scale(self) -> None:
        company = (
            Company.with_account().surveyed(5).surveyed(0, scale=(0, 10)).surveyed(1, age=31).surveyed(1, kind="nps")
        )
        assert company.signal("csat_30d") == 50

    def test_no_answer_or_a_scale_without_width_is_unknown(self) -> None:
        assert Company.with_account().signal("csat_30d") is None
        assert Company.with_account().surveyed(1, scale=(1, 1)).signal("csat_30d") is None

    def test_effort_is_told_by_the_end_of_the_scale_that_means_little_of_it(self) -> None:
        company = Company.with_account().surveyed(7, scale=(1, 7), kind="ces").surveyed(4, scale=(1, 7), kind="ces")
        assert company.signal("ces_30d") == 75
        turned = account_signals(replace(company.facts(), easy_end="low"), AS_OF, SignalWindows()).collect()
        assert turned["ces_30d"].to_list() == [25]
        assert company.signal("csat_30d") is None

    def test_nps_is_promoters_less_detractors_on_the_scale_of_ten(self) -> None:
        company = Company.with_account()
        for score in (10, 9, 8, 6):
            company.surveyed(score, scale=(0, 10), kind="nps")
        assert company.signal("nps_30d") == 25
        assert Company.with_account().surveyed(1, scale=(1, 5), kind="nps").signal("nps_30d") is None


class TestForetold:
    def test_it_is_the_mean_over_the_recently_solved_tickets_that_nobody_rated(self) -> None:
        company = Company.with_account().foretold(0.2, 0.4, 0.9).foretold(0.0, resolved=31).foretold(0.0, answered=1)
        assert company.foretold(0.0, kind="ces").signal("predicted_csat_30d") == pytest.approx(0.5)

    @pytest.mark.parametrize(("tickets", "known"), [(2, False), (3, True), (4, True)])
    def test_too_few_tickets_foretell_nothing(self, tickets: int, known: bool) -> None:
        assert (Company.with_account().foretold(*[0.5] * tickets).signal("predicted_csat_30d") is not None) == known

    def test_only_the_newest_model_that_was_in_use_then_counts(self) -> None:
        company = Company.with_account().foretold(0.2, 0.2, 0.2, trained=60).foretold(0.8, 0.8, 0.8, trained=40)
        assert company.signal("predicted_csat_30d") == pytest.approx(0.8)
        company = Company.with_account().foretold(0.2, 0.2, 0.2, trained=60)
        company.foretold(0.8, 0.8, 0.8, trained=40, withdrawn=10)
        assert company.signal("predicted_csat_30d") == pytest.approx(0.2)

    @pytest.mark.parametrize("later", [{"trained": -1}, {"predicted": -1}])
    def test_what_was_foretold_later_is_not_looked_at(self, later: dict[str, float]) -> None:
        assert Company.with_account().foretold(0.5, 0.5, 0.5, **later).signal("predicted_csat_30d") is None  # type: ignore[arg-type]

    def test_an_answer_that_came_later_leaves_the_past_as_it_was(self) -> None:
        assert Company.with_account().foretold(0.5, 0.5, 0.5, answered=-1).signal("predicted_csat_30d") == 0.5


class TestEffort:
    def test_it_is_the_mean_over_the_tickets_solved_in_the_window(self) -> None:
        company = Company.with_account().solved(2, again=1).solved(5, 29, switches=1).solved(11, 31).solved(90, 91)
        seen = company.signals()["A1"]
        assert (seen["replies_to_solve_30d"], seen["replies_to_solve_90d"]) == (3.5, 6)
        assert (seen["asked_again_30d"], seen["channel_switches_30d"]) == (0.5, 0.5)

    def test_of_a_ticket_solved_twice_the_last_solving_counts(self) -> None:
        company = Company.with_account().solved(2, 10, ticket_id=1).solved(6, 3, ticket_id=1).solved(9, -1, ticket_id=1)
        assert company.signal("replies_to_solve_30d") == 6

    def test_without_a_solved_ticket_it_is_unknown(self) -> None:
        assert Company.with_account().solved(2, 31).signal("replies_to_solve_30d") is None
        assert Company.with_account().solved(None).signal("replies_to_solve_30d") is None


AGES = st.floats(0, 400)
_MOMENT = {
    "tickets": "created_at", "messages": "sent_at", "surveys": "answered_at", "usage_days": "used_on",
    "account_segments": "since",
}  # fmt: skip


@st.composite
def companies(draw: st.DrawFn) -> Company:
    company = Company.with_account(acv_cents=draw(st.integers(0, 20_000_000))).account(2, signed_up_on=None)
    for account_id in (1, 2):
        for age in draw(st.lists(AGES, max_size=8)):
            subject = draw(st.sampled_from(["", "Export 1", "Re: export 2", "login"]))
            company.tickets(age, account_id=account_id, subject=subject, escalated=draw(st.booleans()))
        company.contract(in_days(draw(st.integers(-50, 200))), account_id=account_id)
        company.used(draw(st.integers(0, 50)), *draw(st.lists(st.integers(0, 20), max_size=6)), account_id=account_id)
        company.declared("smb", days_ago(draw(AGES)), account_id)
    company.tickets(*draw(st.lists(AGES, max_size=3)), account_id=None)
    company.said(*draw(st.lists(st.none() | st.integers(-100, 100), max_size=5)), age=draw(AGES))
    return company.surveyed(draw(st.integers(1, 5)), age=draw(AGES))


def _later(rows: list[dict[str, Any]], column: str, ahead: int) -> list[dict[str, Any]]:
    by_day = timedelta(days=ahead)
    return [
        row | {column: (TODAY if column == "used_on" else AS_OF + timedelta(microseconds=1)) + by_day} for row in rows
    ]


# Each example computes all signals twice; how long that takes says nothing about the law.
_ON_A_BUSY_MACHINE = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class TestLaws:
    @given(company=companies(), ahead=st.integers(0, 30))
    @_ON_A_BUSY_MACHINE
    def test_nothing_from_the_future_changes_a_signal(self, company: Company, ahead: int) -> None:
        before = company.signals()
        for table, column in _MOMENT.items():
            company.rows[table] += _later(company.rows[table], column, ahead)
        company.rows["contracts"] += [
            row | {"starts_on": in_days(1 + ahead), "renews_on": in_days(2 + ahead)}
            for row in company.rows["contracts"]
        ]
        assert company.signals() == before

    @given(company=companies(), random=st.randoms())
    @_ON_A_BUSY_MACHINE
    def test_the_order_of_rows_does_not_matter(self, company: Company, random: Any) -> None:
        before = company.signals()
        for rows in company.rows.values():
            random.shuffle(rows)
        assert company.signals() == before

    @given(company=companies())
    @_ON_A_BUSY_MACHINE
    def test_facts_older_than_the_windows_say_can_be_left_out(self, company: Company) -> None:
        windows, facts = SignalWindows(), company.facts()
        tickets = pl.DataFrame(company.rows["tickets"], schema=facts.tickets.collect().to_native().schema)
        recent = tickets.filter(pl.col("created_at") > windows.recent_tickets_since(AS_OF))
        narrow = tickets.select("account_id", "created_at")
        cut = type(facts)(
            **{name: getattr(facts, name) for name in facts.__dataclass_fields__}
            | {"tickets": nw.from_native(narrow.lazy()), "recent_tickets": nw.from_native(recent.lazy())}
        )
        counts = [
            "tickets_7d",
            "ticket_ratio_7d",
            "repeated_issue",
            "repeated_issue_count",
            "escalated_30d",
            "sentiment",
        ]
        ours = account_signals(cut, AS_OF, windows).collect().select(counts).rows()
        assert ours == account_signals(facts, AS_OF, windows).collect().select(counts).rows()

    def test_every_account_has_one_row_even_without_facts(self) -> None:
        company = Company.with_account().account(3).account(2)
        table = account_signals(company.facts(), AS_OF, SignalWindows()).collect()
        assert table["account_ref"].to_list() == ["A1", "A2", "A3"]
        assert table.columns == ["account_id", "account_ref", "account", *SIGNALS]

    def test_tickets_without_an_account_belong_to_nobody(self) -> None:
        assert Company.with_account().tickets(1, 1, account_id=None).signal("tickets_7d") == 0

    def test_a_moment_without_a_zone_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no time zone"):
            account_signals(Company().facts(), datetime(2025, 1, 1), SignalWindows())  # noqa: DTZ001

    def test_the_same_moment_in_another_zone_gives_the_same_signals(self) -> None:
        company = Company.with_account().tickets(1).contract(in_days(3))
        elsewhere = AS_OF.astimezone(datetime.strptime("+0900", "%z").tzinfo)
        assert company.signals(as_of=elsewhere) == company.signals(as_of=AS_OF.astimezone(UTC))


class TestPromises:
    def test_breaches_of_the_window_are_counted(self) -> None:
        company = Company.with_account().promised(90).breached(0, 29.9, 30, 31, -1)
        assert company.signal("sla_breaches_30d") == 2

    def test_who_was_promised_something_and_was_never_let_down_has_none(self) -> None:
        assert Company.with_account().promised(90).breached(45).signal("sla_breaches_30d") == 0
        assert Company.with_account().promised(0).signal("sla_breaches_30d") == 0

    def test_it_is_unknown_for_whom_nothing_was_promised_yet(self) -> None:
        assert Company.with_account().signal("sla_breaches_30d") is None
        assert Company.with_account().promised(-1).promised(5, account_id=None).signal("sla_breaches_30d") is None

    def test_a_breach_counts_where_its_ticket_and_what_was_promised_for_it_are_gone(self) -> None:
        assert Company.with_account().breached(3).signal("sla_breaches_30d") == 1

    def test_it_is_unknown_where_the_facts_say_nothing_of_promises(self) -> None:
        facts = replace(Company.with_account().promised(5).facts(), sla_breaches=None, sla_promised=None)
        signals = account_signals(facts, AS_OF, SignalWindows()).collect()
        assert signals["sla_breaches_30d"].to_list() == [None]


class TestSomeSignalsOnly:
    @given(names=st.sets(st.sampled_from(sorted(SIGNALS)), max_size=5))
    @settings(max_examples=60, deadline=None)
    def test_they_have_the_values_that_they_have_among_all(self, names: set[str]) -> None:
        company = Company.with_account(acv_cents=15_000_000).contract(in_days(21)).account(2, segment="smb")
        company.tickets(*TWO_A_WEEK, 1, subject="Export", tags=("sso",)).said(-10, -50, -60).used(10, 2, 8)
        company.surveyed(2).promised(8).breached(3)
        some = account_signals(company.facts(), AS_OF, SignalWindows(), only=names).collect()
        assert some.columns == ["account_id", "account_ref", "account", *(name for name in SIGNALS if name in names)]
        every = account_signals(company.facts(), AS_OF, SignalWindows()).collect()
        assert some.rows() == every.select(some.columns).rows()

    def test_facts_that_they_do_not_need_are_not_looked_at(self) -> None:
        facts = Company.with_account(acv_cents=15_000_000).contract(in_days(21)).facts()
        blind = replace(facts, tickets=facts.accounts, messages=facts.accounts, usage_days=facts.accounts)
        names = {"segment", "acv", "days_to_renewal"}
        [row] = account_signals(blind, AS_OF, SignalWindows(), only=names).collect().iter_rows(named=True)
        assert (row["segment"], row["acv"], row["days_to_renewal"]) == ("enterprise", 15_000_000, 21)


class TestWindowsAndDocuments:
    @pytest.mark.parametrize(
        "wrong", [{"ticket_history_days": 200}, {"baseline_min_days": 100}, {"spike_days": 0}, {"silence_dayz": 3}]
    )
    def test_windows_that_do_not_fit_together_are_refused(self, wrong: dict[str, int]) -> None:
        with pytest.raises(ValidationError):
            SignalWindows.model_validate(wrong)

    def test_every_signal_and_every_window_is_documented(self) -> None:
        text = Path("docs/signals.md").read_text(encoding="utf-8")
        missing = [name for name in (*SIGNALS, *SignalWindows.model_fields) if f"`{name}`" not in text]
        assert missing == []

    def test_every_signal_says_what_it_means_and_when_it_is_unknown(self) -> None:
        for signal in SIGNALS.values():
            assert "{" not in signal.named(SignalWindows()) + signal.meant(SignalWindows()) + signal.missing(
                SignalWindows()
            )
