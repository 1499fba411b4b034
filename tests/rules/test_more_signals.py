"""What weekdays, backlog, speed, journey, payments, contacts and fields of one's own say about an account."""

import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.conditions import Condition
from rules.evaluation import evaluate
from rules.playbooks import Playbook
from rules.signals import SignalWindows, account_signals
from rules.signals.account import SIGNALS
from rules.signals.fields import Vocabulary
from rules.signals.open_stretches import open_stretches
from rules.signals.surprise import SIGNALS as SURPRISES
from rules.signals.windows import CustomField
from tests.rules.company import AS_OF, TODAY, Company, days_ago, in_days


def seen(company: Company, *names: str, windows: SignalWindows | None = None) -> Any:
    """The values of account 1."""
    table = account_signals(company.facts(), AS_OF, windows or SignalWindows(), only=names).collect()
    row = next(each for each in table.iter_rows(named=True) if each["account_ref"] == "A1")
    values = tuple(row[name] for name in names)
    return values[0] if len(values) == 1 else values


def weekly(per_week: int, weeks: int = 18, since: int = 1) -> list[float]:
    """Ages of so many tickets in each week before the last, evenly spread."""
    return [7 * week + 7 * (number + 0.5) / per_week for week in range(since, weeks) for number in range(per_week)]


class TestWeekdays:
    def test_a_day_is_held_against_the_same_day_of_the_weeks_before(self) -> None:
        # Twelve tickets on this weekday in twelve weeks, a hundred on another.
        company = Company.with_account().tickets(*[7 * week + 0.5 for week in range(1, 13)], *[10.5] * 100)
        company.tickets(0.2, 0.3, 0.4)
        assert seen(company, "tickets_1d", "ticket_expected_1d", "ticket_ratio_1d") == (3, 1.0, 3.0)

    @pytest.mark.parametrize(("age", "counted"), [(0, 1), (0.9999, 1), (1, 0)])
    def test_the_day_is_the_last_24_hours(self, age: float, counted: int) -> None:
        assert seen(Company.with_account().tickets(age), "tickets_1d") == counted

    @pytest.mark.parametrize(
        ("age", "expected"), [(6.99, 0), (7, 1 / 12), (7.99, 1 / 12), (8, 0), (84, 1 / 12), (84.99, 1 / 12), (85, 0)]
    )
    def test_only_the_same_day_of_the_twelve_weeks_before_is_expected(self, age: float, expected: float) -> None:
        assert seen(Company.with_account().tickets(age), "ticket_expected_1d") == expected

    def test_thirty_days_expect_their_two_odd_weekdays_five_times(self) -> None:
        # The first two days before the moment stand five times in thirty days, all others four times.
        busy = Company.with_account().tickets(*[7 * week + 0.5 for week in range(5, 17)])
        calm = Company.with_account().tickets(*[7 * week + 2.5 for week in range(4, 16)])
        assert (seen(busy, "ticket_expected_30d"), seen(calm, "ticket_expected_30d")) == (5.0, 4.0)

    def test_a_month_s_ratio_divides_once(self) -> None:
        company = Company.with_account().tickets(*[7 * week + 2.5 for week in range(4, 16)]).tickets(*[3] * 12)
        assert seen(company, "ticket_ratio_30d") == 3.0

    @pytest.mark.parametrize(("days", "known"), [(28, False), (29, True), (30, True)])
    def test_a_young_account_s_day_has_nothing_to_expect_yet(self, days: int, known: bool) -> None:
        company = Company.with_account(signed_up_on=in_days(-days)).tickets(0.5)
        assert (seen(company, "ticket_expected_1d") is not None) == known
        assert (seen(company, "ticket_surprise_1d") is not None) == known

    def test_nothing_is_no_multiple_of_nothing(self) -> None:
        assert seen(Company.with_account().tickets(0.5), "ticket_expected_1d", "ticket_ratio_1d") == (0.0, None)


class TestSurprise:
    def test_from_one_to_three_is_no_surprise_and_from_ten_to_thirty_is_one(self) -> None:
        small = Company.with_account().tickets(*weekly(1)).tickets(*[3] * 3)
        large = Company.with_account().tickets(*weekly(10)).tickets(*[3] * 30)
        assert seen(small, "ticket_ratio_7d") == seen(large, "ticket_ratio_7d") == 3.0
        assert 80 < seen(small, "ticket_surprise_7d") < 95
        assert seen(large, "ticket_surprise_7d") > 99.9

    def test_who_writes_in_bursts_surprises_less(self) -> None:
        steady = Company.with_account().tickets(*weekly(4)).tickets(*[3] * 12)
        bursts = Company.with_account().tickets(*[7 * week + 1 for week in range(5, 17, 4) for _ in range(16)])
        bursts.tickets(*[3] * 12)
        assert seen(bursts, "ticket_surprise_7d") < 97
        assert seen(steady, "ticket_surprise_7d") > 99

    def test_no_ticket_is_no_surprise_and_an_unknown_account_has_none(self) -> None:
        assert seen(Company.with_account().tickets(*weekly(2)), "ticket_surprise_7d") == 0
        assert seen(Company.with_account(), "ticket_surprise_7d") == 0
        assert seen(Company.with_account(signed_up_on=None), "ticket_surprise_7d") is None

    @given(before=st.integers(0, 40), now=st.integers(1, 60))
    @settings(max_examples=40, deadline=None)
    def test_it_is_the_share_of_the_negative_binomial_distribution_below_the_count(self, before: int, now: int) -> None:
        company = Company.with_account().tickets(*weekly(before) if before else ()).tickets(*[3] * now)
        exact = 100 * below(now, mean=(12 * before + 0.5) / 12, inflated=13 / 12)
        assert seen(company, "ticket_surprise_7d") == pytest.approx(exact, abs=0.2 if exact > 99 else 2)

    @given(now=st.integers(0, 12), more=st.integers(1, 5))
    @settings(max_examples=20, deadline=None)
    def test_more_tickets_never_surprise_less(self, now: int, more: int) -> None:
        fewer, most = (
            seen(Company.with_account().tickets(*weekly(2)).tickets(*[3] * count), "ticket_surprise_7d")
            for count in (now, now + more)
        )
        assert fewer <= most

    def test_it_says_what_it_is_surprised_at(self) -> None:
        company = Company.with_account().tickets(*weekly(1)).tickets(*[3] * 3)
        values = company.signals()["A1"]
        from rules.signals import Shown

        shown = Shown(values, "USD", SignalWindows())
        told = {signal.name: signal.phrase(shown) for signal in SURPRISES}
        assert told["ticket_surprise_7d"].startswith("3 tickets in 7 days, more than ")
        assert told["ticket_ratio_1d"] == "0 tickets in 1 day against 0.0 that these weekdays bring"


def below(count: int, mean: float, inflated: float) -> float:
    """P(fewer than count) of a negative binomial distribution, summed up term by term."""
    size = mean / (inflated - 1)
    log = [
        math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1)
        + size * math.log(size / (mean + size)) + k * math.log(mean / (mean + size))
        for k in range(count)
    ]  # fmt: skip
    return math.fsum(map(math.exp, log))


class TestBacklog:
    def test_open_tickets_are_those_that_were_not_solved_at_that_moment(self) -> None:
        company = Company.with_account().open(10).open(5, priority="urgent").open(9, until=2).open(3, until=-2).open(-1)
        assert seen(company, "open_tickets", "open_urgent_tickets", "oldest_open_days") == (3, 1, 10)
        assert seen(company, "mean_open_days") == pytest.approx(6)

    @pytest.mark.parametrize(("until", "count"), [(0.001, 0), (0, 0), (-0.001, 1)])
    def test_a_ticket_is_open_up_to_the_moment_of_its_solving(self, until: float, count: int) -> None:
        assert seen(Company.with_account().open(3, until=until), "open_tickets") == count

    @pytest.mark.parametrize(("age", "days"), [(1.999, 1), (2, 2), (2.001, 2)])
    def test_the_oldest_is_counted_in_whole_days(self, age: float, days: int) -> None:
        assert seen(Company.with_account().open(age), "oldest_open_days") == days

    def test_without_an_open_ticket_its_age_is_unknown_and_the_count_is_none(self) -> None:
        company = Company.with_account().open(9, until=2)
        assert seen(company, "open_tickets", "open_urgent_tickets", "oldest_open_days", "mean_open_days") == (
            0, 0, None, None,
        )  # fmt: skip

    def test_severity_1_is_what_the_configuration_says(self) -> None:
        company = Company.with_account().open(9, priority="high").open(9, priority="urgent").open(9)
        windows = SignalWindows(severity_1=("urgent", "high"))
        assert seen(company, "open_urgent_tickets") == 1
        assert seen(company, "open_urgent_tickets", windows=windows) == 2

    @pytest.mark.parametrize(("age", "count"), [(29.99, 1), (30, 0), (30.01, 0)])
    def test_reopenings_are_those_of_the_last_thirty_days(self, age: float, count: int) -> None:
        company = Company.with_account().open(90, until=80, told=80)
        company.open(90, since=age, reopened=True, told=80)
        assert seen(company, "reopenings_30d") == count

    def test_reopenings_are_unknown_where_no_history_is(self) -> None:
        assert seen(Company.with_account(), "reopenings_30d") is None
        assert seen(Company.with_account().open(9), "reopenings_30d") is None
        assert seen(Company.with_account().open(9, until=3, told=-1), "reopenings_30d") is None
        assert seen(Company.with_account().open(9, until=3, told=3), "reopenings_30d") == 0


class TestOpenStretches:
    def stretches(self, tickets: list[dict[str, Any]], events: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
        utc = pl.Datetime("us", "UTC")
        known = [{"account_id": 1, "priority": None, "resolved_at": None, "status": "open", **each} for each in tickets]
        ticket_schema: dict[str, Any] = {
            "id": pl.Int64, "account_id": pl.Int64, "status": pl.String, "priority": pl.String, "created_at": utc,
            "resolved_at": utc,
        }  # fmt: skip
        rows = [
            {
                "id": number,
                "ticket_id": ticket,
                "kind": kind,
                "from_value": before,
                "to_value": after,
                "happened_at": at,
            }
            for number, (ticket, kind, before, after, at) in enumerate(events)
        ]
        event_schema: dict[str, Any] = {
            "id": pl.Int64, "ticket_id": pl.Int64, "kind": pl.String, "from_value": pl.String, "to_value": pl.String,
            "happened_at": utc,
        }  # fmt: skip
        frames = (
            nw.from_native(pl.DataFrame(each, schema=schema, orient="row").lazy())
            for each, schema in ((known, ticket_schema), (rows, event_schema))
        )
        found = open_stretches(*frames).collect().to_native()
        return list(found.sort("ticket_id", "since").iter_rows(named=True))

    def test_a_ticket_is_open_until_it_is_solved_and_again_when_it_comes_back(self) -> None:
        [first, again] = self.stretches(
            [{"id": 7, "created_at": days_ago(9), "status": "open"}],
            [(7, "status", "new", "solved", days_ago(5)), (7, "status", "solved", "open", days_ago(2))],
        )
        assert (first["since"], first["until"], first["solved"], first["reopened"]) == (
            days_ago(9), days_ago(5), True, False,
        )  # fmt: skip
        assert (again["since"], again["until"], again["solved"], again["reopened"]) == (days_ago(2), None, False, True)
        assert first["told_at"] == again["told_at"] == days_ago(5)

    def test_solved_then_closed_is_one_solving(self) -> None:
        events = [(7, "status", "open", "solved", days_ago(5)), (7, "status", "solved", "closed", days_ago(2))]
        [only] = self.stretches([{"id": 7, "created_at": days_ago(9), "status": "closed"}], events)
        assert (only["until"], only["solved"]) == (days_ago(5), True)

    def test_each_stretch_has_the_priority_of_its_time(self) -> None:
        ticket = {"id": 7, "created_at": days_ago(9), "priority": "urgent"}
        [calm, urgent] = self.stretches([ticket], [(7, "priority", "low", "urgent", days_ago(4))])
        assert [(each["priority"], each["since"], each["until"]) for each in (calm, urgent)] == [
            ("low", days_ago(9), days_ago(4)), ("urgent", days_ago(4), None),
        ]  # fmt: skip
        assert not calm["solved"]
        assert not urgent["reopened"]

    def test_without_a_history_a_ticket_is_open_until_it_was_resolved(self) -> None:
        told = self.stretches(
            [
                {"id": 1, "created_at": days_ago(9), "status": "solved", "resolved_at": days_ago(3)},
                {"id": 2, "created_at": days_ago(9), "status": "solved"},
                {"id": 3, "created_at": days_ago(9), "status": "pending"},
            ],
            [],
        )
        assert [(each["ticket_id"], each["until"], each["told_at"]) for each in told] == [
            (1, days_ago(3), None), (3, None, None),
        ]  # fmt: skip

    def test_a_solving_that_the_events_forgot_is_told_by_the_ticket(self) -> None:
        ticket = {"id": 7, "created_at": days_ago(9), "status": "closed", "resolved_at": days_ago(3)}
        [first, second] = self.stretches([ticket], [(7, "status", "new", "open", days_ago(8))])
        assert (first["until"], second["until"], second["solved"]) == (days_ago(8), days_ago(3), True)


class TestSpeed:
    def test_the_last_days_are_held_against_the_account_s_normal(self) -> None:
        hour = timedelta(hours=1)
        company = Company.with_account().answered(*[2 * hour] * 3, age=5).answered(*[hour] * 6, age=60)
        names = ("first_reply_time_30d", "first_reply_time_usual", "first_reply_ratio_30d")
        assert seen(company, *names) == (7200, 3600, 2.0)

    def test_one_ticket_that_lay_for_months_makes_no_slow_month(self) -> None:
        hour = timedelta(hours=1)
        company = Company.with_account().answered(*[hour] * 9, 1000 * hour, age=5).answered(*[hour] * 6, age=60)
        assert seen(company, "first_reply_ratio_30d") == pytest.approx(2.0, abs=0.01)

    @pytest.mark.parametrize(("late", "early", "known"), [(2, 6, False), (3, 6, True), (3, 5, False), (4, 7, True)])
    def test_few_tickets_tell_no_speed(self, late: int, early: int, known: bool) -> None:
        hour = timedelta(hours=1)
        company = Company.with_account().answered(*[hour] * late, age=5).answered(*[hour] * early, age=60)
        assert (seen(company, "first_reply_ratio_30d") is not None) == known

    @pytest.mark.parametrize(("age", "seconds"), [(0, 7200), (29.99, 7200), (30, None), (-1, None)])
    def test_the_last_thirty_days_count(self, age: float, seconds: int | None) -> None:
        company = Company.with_account().answered(*[timedelta(hours=2)] * 3, age=age)
        assert seen(company, "first_reply_time_30d") == seconds

    def test_solving_is_measured_from_the_ticket_s_creation(self) -> None:
        company = Company.with_account()
        for _ in range(3):
            company.open(5, until=3).open(65, since=61, until=60, reopened=True).open(64, until=60)
        names = ("resolution_time_30d", "resolution_time_usual")
        late, usual = seen(company, *names)
        assert late == 2 * 86_400
        assert usual == pytest.approx(math.sqrt(5 * 4) * 86_400, abs=1)
        assert seen(company.open(9, until=1, solved=False), "resolution_time_30d") == late


class TestJourney:
    def test_tenure_counts_from_the_signup_or_else_the_first_paid_day(self) -> None:
        assert seen(Company.with_account(signed_up_on=in_days(-40)).paid_since(in_days(-10)), "tenure_days") == 40
        assert seen(Company.with_account(signed_up_on=None).paid_since(in_days(-10)), "tenure_days") == 10
        assert seen(Company.with_account(signed_up_on=None), "tenure_days") is None
        assert seen(Company.with_account(signed_up_on=in_days(1)), "tenure_days") is None

    @pytest.mark.parametrize(
        ("days", "stage"), [(0, "onboarding"), (89, "onboarding"), (90, "in_life"), (91, "in_life")]
    )
    def test_onboarding_is_the_first_ninety_days_since_the_first_paid_one(self, days: int, stage: str) -> None:
        company = Company.with_account().paid_since(in_days(-days)).paid_since(in_days(3))
        assert seen(company, "journey_stage") == stage

    @pytest.mark.parametrize(
        ("days", "stage"), [(-1, "in_life"), (0, "renewal_window"), (90, "renewal_window"), (91, "in_life")]
    )
    def test_the_renewal_window_is_the_ninety_days_before_a_renewal(self, days: int, stage: str) -> None:
        assert (
            seen(Company.with_account().paid_since(date(2020, 1, 1)).contract(in_days(days)), "journey_stage") == stage
        )

    def test_who_never_paid_has_no_stage(self) -> None:
        assert seen(Company.with_account().contract(in_days(5)), "journey_stage") is None
        assert seen(Company.with_account().paid_since(in_days(1)), "journey_stage") is None

    def test_the_first_value_is_the_first_day_with_any_use(self) -> None:
        company = Company.with_account(signed_up_on=in_days(-40)).used(0, 39).used(3, 30, 10).onboarded(35)
        assert seen(company, "days_to_first_value", "days_without_value") == (10, None)

    def test_without_any_use_it_is_the_first_solved_onboarding_ticket(self) -> None:
        company = Company.with_account(signed_up_on=in_days(-40)).onboarded(25).onboarded(20)
        assert seen(company, "days_to_first_value", "days_without_value") == (15, None)

    def test_an_account_without_any_value_waits_for_it(self) -> None:
        company = Company.with_account(signed_up_on=in_days(-40)).used(5, 0).used(5, -3).onboarded(-1)
        assert seen(company, "days_to_first_value", "days_without_value") == (None, 40)

    def test_use_before_the_signup_is_value_at_once(self) -> None:
        assert seen(Company.with_account(signed_up_on=in_days(-40)).used(5, 50), "days_to_first_value") == 0

    def test_an_account_from_before_all_records_of_use_has_no_figure(self) -> None:
        from dataclasses import replace

        company = Company.with_account(signed_up_on=in_days(-400)).used(5, 30)
        facts = replace(company.facts(), usage_since=in_days(-100))
        names = ["days_to_first_value", "days_without_value"]
        table = account_signals(facts, AS_OF, SignalWindows(), only=names).collect()
        assert table.select(names).rows() == [(None, None)]

    @pytest.mark.parametrize(("renews", "left"), [(29, -1), (30, 0), (31, 1), (-1, None)])
    def test_the_last_day_for_notice_is_the_configured_period_before_the_renewal(
        self, renews: int, left: int | None
    ) -> None:
        assert seen(Company.with_account().contract(in_days(renews)), "days_to_notice_deadline") == left

    def test_without_a_period_or_with_notice_given_the_deadline_is_unknown(self) -> None:
        company = Company.with_account().contract(in_days(60))
        assert seen(company, "days_to_notice_deadline", windows=SignalWindows(notice_period_days=None)) is None
        given_notice = Company.with_account().contract(in_days(60), notice_on=TODAY)
        assert seen(given_notice, "days_to_notice_deadline") is None


class TestPayments:
    NAMES = ("failed_payments_30d", "overdue_payments", "overdue_days")

    def test_nothing_is_known_without_a_charge_on_record(self) -> None:
        assert seen(Company.with_account(), *self.NAMES) == (None, None, None)
        assert seen(Company.with_account().charged("c1", paid=-1), *self.NAMES) == (None, None, None)
        assert seen(Company.with_account().charged("c1", paid=400), *self.NAMES) == (0, 0, 0)

    @pytest.mark.parametrize(("age", "count"), [(29.99, 1), (30, 0), (0, 1), (-1, 0)])
    def test_failed_payments_are_those_of_the_last_thirty_days(self, age: float, count: int) -> None:
        assert seen(Company.with_account().charged("c0", paid=50).charged("c1", failed=age), self.NAMES[0]) == count

    @pytest.mark.parametrize(("age", "days"), [(2.99, 2), (3, 3), (3.01, 3)])
    def test_a_charge_is_overdue_in_whole_days(self, age: float, days: int) -> None:
        assert seen(Company.with_account().charged("c1", failed=9, overdue=age), *self.NAMES) == (1, 1, days)

    def test_a_charge_that_was_paid_is_overdue_no_longer(self) -> None:
        company = Company.with_account().charged("c1", overdue=20, paid=5).charged("c2", overdue=4)
        assert seen(company, *self.NAMES) == (0, 1, 4)
        assert seen(Company.with_account().charged("c1", overdue=20, paid=0), *self.NAMES) == (0, 0, 0)
        assert seen(Company.with_account().charged("c1", overdue=20, paid=-1), *self.NAMES) == (0, 1, 20)

    def test_a_charge_counts_from_when_it_was_said_to_be_overdue_first(self) -> None:
        company = Company.with_account().charged("c1", overdue=20).charged("c1", overdue=6, paid=30)
        assert seen(company, *self.NAMES) == (0, 1, 20)


class TestContacts:
    def test_a_sponsor_is_known_by_name_or_by_the_words_of_the_note(self) -> None:
        company = Company.with_account().touched(9.5, note="Executive sponsor check-in: done.")
        company.touched(4, kind="csm_call", actor="Ada").touched(-1, note="executive sponsor")
        names = ("days_since_sponsor_contact", "days_since_csm_contact")
        assert seen(company, *names) == (9, 4)
        assert seen(company, *names, windows=SignalWindows(sponsor_actors=("ada",))) == (4, 4)

    def test_without_such_a_touch_it_is_unknown(self) -> None:
        company = Company.with_account().touched(3, note=None).touched(2, kind="ticket_resolved", note="done")
        assert seen(company, "days_since_sponsor_contact", "days_since_csm_contact") == (None, None)

    @pytest.mark.parametrize(("age", "days"), [(1.99, 1), (2, 2), (2.01, 2)])
    def test_days_are_whole(self, age: float, days: int) -> None:
        assert seen(Company.with_account().touched(age, kind="csm_call"), "days_since_csm_contact") == days


class TestFieldsOfOnesOwn:
    WINDOWS = SignalWindows(
        custom_fields=(
            CustomField(name="plan_tier"),
            CustomField(name="score", kind="number"),
            CustomField(name="review", kind="date"),
        )
    )
    NAMES = ("text_field_plan_tier", "number_field_score", "date_field_review")

    def told(self, company: Company) -> Any:
        return seen(company, *self.NAMES, windows=self.WINDOWS)

    def test_the_newest_value_up_to_the_moment_counts(self) -> None:
        company = Company.with_account().told("Plan Tier", "Gold", 9).told("plan_tier", "Silver", 3)
        company.told("plan_tier", "Bronze", -1).told("score", "1,200.50").told("review", "2025-07-01T09:00:00Z")
        assert self.told(company) == ("Silver", 1200.5, date(2025, 7, 1))

    @pytest.mark.parametrize("text", ["", None, "n/a", "1.2.3", "12 of 20"])
    def test_what_is_empty_or_no_number_is_unknown(self, text: str | None) -> None:
        assert self.told(Company.with_account().told("score", "7", 9).told("score", text))[1] is None

    def test_a_field_that_nobody_told_is_unknown(self) -> None:
        assert self.told(Company.with_account()) == (None, None, None)

    def test_all_signals_have_the_configured_fields_last(self) -> None:
        table = account_signals(Company.with_account().facts(), AS_OF, self.WINDOWS).collect()
        assert table.columns[-3:] == list(self.NAMES)

    def test_conditions_know_fields_by_their_kind_and_nothing_else(self) -> None:
        words: Mapping[str, Any] = Vocabulary(SIGNALS)
        assert words["number_field_score"].kind == "number"
        assert [name in words for name in (*self.NAMES, "acv", "field_x", "text_field_", "text_field_A b")] == [
            True, True, True, True, False, False, False,
        ]  # fmt: skip
        assert list(words) == list(SIGNALS)

    def test_a_field_named_twice_is_refused(self) -> None:
        with pytest.raises(ValueError, match="plan_tier twice"):
            SignalWindows(custom_fields=(CustomField(name="plan_tier"), CustomField(name="plan_tier", kind="number")))


def test_nothing_later_than_the_moment_changes_any_of_these_signals() -> None:
    company = Company.with_account(signed_up_on=in_days(-200)).tickets(*weekly(2)).open(5).answered(timedelta(hours=1))
    company.paid_since(in_days(-100)).used(2, 50).charged("c1", overdue=3).touched(3, kind="csm_call").told(
        "score", "1"
    )
    before = company.signals(TestFieldsOfOnesOwn.WINDOWS)["A1"]
    company.tickets(-1).open(-1, priority="urgent").answered(timedelta(days=9), age=-1).paid_since(in_days(2))
    company.used(9, -1).onboarded(-1).charged("c1", paid=-1).charged("c2", failed=-1).touched(-1, kind="csm_call")
    company.told("score", "9", -1)
    assert company.signals(TestFieldsOfOnesOwn.WINDOWS)["A1"] == before


def a_rule(signal: str, op: str, value: Any) -> Playbook:
    step = {"do": "call", "owner": "csm", "within": "1d elapsed"}
    when = {"signal": signal, "op": op, "value": value}
    return Playbook.model_validate({"id": "own-field", "name": "Own field", "when": when, "steps": [step]})


class TestRulesAboutFieldsOfOnesOwn:
    def decided(self, company: Company, rule: Playbook, windows: SignalWindows = TestFieldsOfOnesOwn.WINDOWS) -> Any:
        return evaluate(account_signals(company.facts(), AS_OF, windows), [rule], AS_OF, "USD", windows)

    @pytest.mark.parametrize(("score", "fires"), [("6.9", True), ("7", True), ("7.1", False), ("many", False)])
    def test_a_playbook_compares_them(self, score: str, fires: bool) -> None:
        found = self.decided(Company.with_account().told("score", score), a_rule("number_field_score", "<=", 7))
        assert len(found.decisions) == fires

    def test_text_is_compared_without_regard_to_capitals_and_told_in_the_reason(self) -> None:
        rule = a_rule("text_field_plan_tier", "in", ["gold", "platinum"])
        [decision] = self.decided(Company.with_account().told("plan_tier", "Gold"), rule).decisions
        assert decision.because == "plan tier Gold"
        assert decision.inputs == {"text_field_plan_tier": "Gold"}

    def test_a_field_that_is_configured_no_longer_is_unknown(self) -> None:
        company = Company.with_account().told("score", "1")
        found = self.decided(company, a_rule("number_field_score", "<=", 7), SignalWindows())
        assert (found.decisions, found.unknown["own-field"].missing) == ([], {"number_field_score": 1})

    def test_a_number_is_not_compared_with_words(self) -> None:
        with pytest.raises(ValueError, match="plain number"):
            a_rule("number_field_score", "==", "seven")

    def test_where_the_configuration_is_known_a_field_that_it_does_not_list_is_refused(self) -> None:
        when = {"signal": "text_field_plan_teir", "op": "==", "value": "gold"}
        assert Condition.model_validate(when).signal == "text_field_plan_teir"
        with pytest.raises(ValueError, match="did you mean 'text_field_plan_tier'") as refused:
            Condition.model_validate(when, context={"windows": TestFieldsOfOnesOwn.WINDOWS})
        assert "{name: plan_teir, kind: text}" in str(refused.value)
        known = {**when, "signal": "text_field_plan_tier"}
        context = {"windows": TestFieldsOfOnesOwn.WINDOWS}
        assert Condition.model_validate(known, context=context).signal == "text_field_plan_tier"
