"""What a week's digest says, where its numbers come from, and what it says where nothing is known."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import narwhals as nw
import pytest

from domain.conventions import DigestConventions
from domain.errors import NotFound
from retention.digest import DigestContent, build_digest, last_week, week_named
from retention.digest.inputs import DigestInputs
from tests.retention.a_week import AS_OF, a_week, an_empty_company
from tests.retention.facts import day, frame, rates


@pytest.fixture(scope="module")
def content() -> DigestContent:
    return build_digest(a_week())


@pytest.fixture(scope="module")
def empty() -> DigestContent:
    return build_digest(an_empty_company())


# Weeks


@pytest.mark.parametrize(
    ("as_of", "label"),
    [
        (day("2024-06-10"), "2024-W23"),
        (day("2024-06-09", 23.9), "2024-W22"),
        (day("2024-06-10") - timedelta(microseconds=1), "2024-W23"),
        (day("2024-06-16"), "2024-W23"),
        (day("2025-01-06"), "2025-W01"),
    ],
)
def test_the_week_shown_is_the_last_that_is_over(as_of: Any, label: str) -> None:
    week = last_week(as_of)
    assert week.label == label
    assert week.starts_at.weekday() == 0
    assert week.ends_at - week.starts_at == timedelta(days=7)


@pytest.mark.parametrize("name", ["2024-W22", "2024-w22", "2024-05-27", "2024-06-02"])
def test_a_week_is_named_by_its_number_or_by_any_of_its_days(name: str) -> None:
    assert week_named(name, AS_OF).starts_at == day("2024-05-27")


@pytest.mark.parametrize("name", ["2024-W54", "W22", "last", "2024-13-01", "2024-W24"])
def test_a_week_that_does_not_exist_or_is_not_over_is_refused(name: str) -> None:
    with pytest.raises(NotFound, match="week"):
        week_named(name, AS_OF)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("2024-W22", "27 May to 2 June 2024"),
        ("2024-W23", "3 to 9 June 2024"),
        ("2025-W01", "30 December 2024 to 5 January 2025"),
    ],
)
def test_a_week_is_written_in_words(name: str, words: str) -> None:
    assert week_named(name, day("2026-01-01")).words == words


# What was kept and lost


def test_what_was_kept_says_how_support_was_part_of_it(content: DigestContent) -> None:
    assert [(row.account, row.amount, row.how) for row in content.saved.kept] == [
        ("Birch Analytics", Decimal("84000.00"), "saved (touched)"),
        ("Dune Robotics", Decimal("48000.00"), "influenced"),
    ]
    assert content.saved.kept[0].path.startswith("flagged 16 days before, worked on 15 days before; ")


def test_the_week_s_sums_are_those_of_its_rows(content: DigestContent) -> None:
    week = content.saved.week
    assert week.kept == sum(row.amount for row in content.saved.kept) == week.influenced + week.unattributed
    assert week.lost == sum(row.amount for row in content.saved.lost)
    assert week.at_stake == week.kept + week.lost
    assert sum(kind.amount for kind in content.saved.by_kind) == week.influenced


def test_what_was_lost_comes_with_its_path(content: DigestContent) -> None:
    churned = content.saved.lost[0]
    assert (churned.account, churned.amount, churned.kind) == ("Cobalt Freight", Decimal("36000.00"), "churned")
    assert (churned.tickets, churned.tickets_open) == (8, 8)
    assert "flagged 18 days before, nobody intervened" in churned.path


def test_the_last_sentiment_is_the_last_before_the_loss(content: DigestContent) -> None:
    assert content.saved.lost[0].last_sentiment == -54
    assert content.saved.lost[1].last_sentiment is None


def test_the_quarter_to_date_reaches_back_to_its_first_day(content: DigestContent) -> None:
    assert content.saved.quarter.since == day("2024-04-01")
    assert content.saved.quarter.lost == Decimal("50400.00")


def test_the_incremental_part_is_withheld_and_nothing_else_is_called_saved_without_a_word(
    content: DigestContent,
) -> None:
    assert content.saved.incremental.shown == "no figure"
    assert content.saved.incremental.said.startswith("No account at risk is on record")
    said = " ".join(content.headlines) + " ".join(figure.label for figure in content.figures)
    assert said.lower().count("saved") == said.lower().count("saved (touched)")


# What is open


def test_the_queue_shows_the_overdue_first_then_the_most_money(content: DigestContent) -> None:
    assert [(row.account, row.arr, row.overdue) for row in content.at_risk.rows] == [
        ("Elm Street Clinics", Decimal("129600.00"), True),
        ("Fjord Payments", Decimal("30000.00"), False),
        ("Gable & Sons", None, False),
    ]
    assert (content.at_risk.escalations, content.at_risk.overdue, content.at_risk.arr_unknown) == (3, 1, 1)


def test_an_account_with_two_escalations_is_at_risk_once() -> None:
    worth = {"account_id": 4, "arr_cents": 100, "currency": "USD"}
    escalations = frame("escalations", worth, {**worth, "arr_cents": 900, "opened_at": day("2024-12-03")})
    risk = build_digest(a_week(as_of=day("2024-12-09"), escalations=escalations)).at_risk
    assert (risk.escalations, risk.accounts, risk.arr) == (2, 1, Decimal("9.00"))
    assert [(row.playbook, row.others) for row in risk.rows] == [("volume-spike", ("volume-spike",))]


@pytest.mark.parametrize(
    ("state", "closed_at", "shown"),
    [
        ("open", None, True), ("snoozed", None, True), ("resolved", day("2024-06-09"), False),
        ("resolved", day("2024-06-12"), True), ("dismissed", day("2024-06-01"), False),
    ],
)  # fmt: skip
def test_an_escalation_is_open_until_it_is_closed(state: str, closed_at: Any, shown: bool) -> None:
    one = {"state": state, "closed_at": closed_at, "opened_at": day("2024-06-01")}
    assert bool(build_digest(a_week(escalations=frame("escalations", one))).at_risk.rows) == shown


def test_an_escalation_that_opens_after_as_of_is_not_known_yet() -> None:
    assert build_digest(a_week(as_of=day("2024-06-08", 12))).at_risk.escalations == 2
    assert build_digest(a_week(as_of=day("2024-06-07", 12))).at_risk.escalations == 1


def test_the_next_step_of_each_escalation_names_its_owner(content: DigestContent) -> None:
    assert [(step.do, step.owner, step.overdue) for step in content.next_steps.rows] == [
        ("internal review", "support_lead", True),
        ("executive sponsor check-in", "executive_sponsor", False),
        ("health check", "csm", False),
    ]


def test_what_is_overdue_takes_half_of_the_rows_while_something_else_is_due_next() -> None:
    escalations = frame(
        "escalations", *({"account_id": number, "opened_at": day("2024-05-01")} for number in range(1, 7))
    )
    late = [day("2024-06-01") + timedelta(days=number) for number in range(4)]
    due = [*late, day("2024-06-20"), day("2024-06-19")]
    steps = frame("escalation_steps", *({"escalation_id": f"e{n}", "due_at": at} for n, at in enumerate(due, start=1)))
    inputs = a_week(escalations=escalations, steps=steps, digest=DigestConventions(rows_per_list=4))
    shown = build_digest(inputs).next_steps
    assert [step.due_at for step in shown.rows] == [*late[:2], day("2024-06-19"), day("2024-06-20")]
    assert (shown.overdue, shown.more) == (4, 2)


def test_long_lists_are_cut_and_say_how_many_are_left() -> None:
    short = build_digest(a_week(digest=DigestConventions(rows_per_list=1)))
    assert [len(rows) for rows in (short.saved.kept, short.saved.lost, short.at_risk.rows, short.next_steps.rows)] == [
        1
    ] * 4
    assert (short.saved.kept_more, short.saved.lost_more, short.at_risk.more, short.next_steps.more) == (1, 1, 2, 2)
    assert (len(short.ahead.rows), short.ahead.more) == (1, 1)
    assert short.at_risk.arr == Decimal("159600.00")


# What lies ahead


def test_renewals_ahead_are_split_by_whether_somebody_worries(content: DigestContent) -> None:
    ahead = content.ahead
    assert [(row.account, row.arr, row.escalated, row.notice) for row in ahead.rows] == [
        ("Elm Street Clinics", Decimal("129600.00"), True, True),
        ("Fjord Payments", Decimal("30000.00"), True, False),
    ]
    assert ahead.with_escalation + ahead.without_escalation == ahead.arr
    assert ahead.without_date == 3


@pytest.mark.parametrize(("days", "count"), [(20, 0), (21, 1), (51, 1), (52, 2)])
def test_a_renewal_is_ahead_up_to_its_last_day(days: int, count: int) -> None:
    assert build_digest(a_week(digest=DigestConventions(renewal_days=days))).ahead.count == count


# Retention, load, facts


def test_retention_shows_the_last_complete_windows_and_a_trend(content: DigestContent) -> None:
    rates_ = content.retention
    assert [point.period for point in (rates_.month, rates_.quarter, rates_.year) if point] == [
        "2024-05",
        "2024-Q1",
        "2023",
    ]
    assert len(rates_.trend) == 12
    assert rates_.trend[-1] == rates_.month
    assert (rates_.month and rates_.month.grr_tier) is None


def test_support_s_week_stands_beside_the_mean_of_the_weeks_before(content: DigestContent) -> None:
    load = content.load
    assert (load.week.tickets, load.week.first_reply_hours, load.week.csat, load.week.csat_answers) == (12, 2.5, 4.0, 3)
    assert load.before is not None
    assert (load.weeks_before, load.before.tickets, load.before.csat_answers) == (4, 7.0, 8)


@pytest.mark.parametrize(
    ("first", "weeks"), [("2024-06-03", 0), ("2024-05-28", 0), ("2024-05-27", 1), ("2024-05-10", 3)]
)
def test_only_whole_weeks_with_tickets_are_compared(first: str, weeks: int) -> None:
    tickets = frame("tickets", {"created_at": day(first)}, {"created_at": day("2024-06-05")})
    load = build_digest(a_week(tickets=tickets)).load
    assert load.weeks_before == weeks
    assert (load.before is None) == (weeks == 0)


def test_csat_of_several_scales_is_told_on_the_one_most_used() -> None:
    answered = {"answered_at": day("2024-06-05")}
    surveys = frame(
        "surveys", {"score": 5, **answered}, {"score": 3, **answered},
        {"score": 0, "scale_min": 0, "scale_max": 10, **answered}, {"kind": "nps", "score": 0, **answered},
    )  # fmt: skip
    week = build_digest(a_week(surveys=surveys)).load.week
    assert (week.csat, week.csat_scale, week.csat_answers) == (3.0, (1, 5), 3)


def test_the_digest_says_what_its_numbers_rest_on(content: DigestContent) -> None:
    health = content.health
    ages = [(source.source, source.rows, source.age_days, source.stale) for source in health.sources]
    assert ages == [("crm", 5, 21, True), ("helpdesk", 37, 0, False)]
    assert (health.tickets, health.tickets_unlinked, health.rejected, health.contradictions) == (41, 1, 4, 2)
    assert health.unknown_signals == {"csat": 3}


def test_the_digest_says_how_much_money_no_ticket_leads_to() -> None:
    assert build_digest(a_week(arr_alone_cents=1_200_00)).health.arr_without_helpdesk == Decimal("1200.00")


def test_a_currency_without_a_rate_is_named_and_left_out() -> None:
    content = build_digest(a_week(rates=rates("USD")))
    assert content.health.unconverted == ("EUR",)
    assert content.ahead.arr == Decimal("129600.00")
    assert content.at_risk.arr_unknown == 2


def test_nothing_after_as_of_is_in_the_digest(content: DigestContent) -> None:
    later = {
        "created_at": day("2024-06-10", 10),
        "resolved_at": day("2024-06-11"),
        "first_replied_at": day("2024-06-11"),
    }
    before = a_week()
    tickets = frame("tickets", {"created_at": day("2024-04-30")}, later)
    without = frame("tickets", {"created_at": day("2024-04-30")})
    assert build_digest(a_week(tickets=tickets)) == build_digest(a_week(tickets=without))
    assert build_digest(before) == content


def test_every_number_names_the_command_that_opens_it(content: DigestContent) -> None:
    named = [figure.command for figure in content.figures] + [command.command for command in content.commands]
    assert all(command.startswith("keepline ") for command in named)
    assert content.saved.week.command == "keepline impact --since 2024-06-03 --as-of 2024-06-09 --model u_shaped"


def test_the_conventions_are_named(content: DigestContent) -> None:
    said = " ".join(content.conventions)
    assert "180 days" in said
    assert "U-shaped" in said
    assert "USD" in said


def test_amounts_are_printed_as_decimal_strings(content: DigestContent) -> None:
    printed = json.loads(content.model_dump_json())
    assert printed["saved"]["week"]["kept"] == "132000.00"
    assert printed["week"]["label"] == "2024-W23"
    assert DigestContent.model_validate(printed) == content


def test_an_empty_company_has_a_digest_too(empty: DigestContent) -> None:
    assert empty.saved.week.at_stake == 0
    assert empty.retention.month is None
    assert not empty.ahead.known
    shown = {figure.label: figure.shown for figure in empty.figures}
    assert shown["Renewals, 90 days"] == shown["Saved (touched)"] == "no figure"
    assert empty.load.before is None
    assert empty.health.newest_ticket_at is None


def test_where_no_renewal_is_known_a_loss_is_not_set_against_nothing() -> None:
    content = build_digest(
        a_week(contracts=frame("contracts"), outcomes=a_week().outcomes.filter(nw.col("kept_cents") == 0))
    )
    assert (
        content.headlines[0]
        == "In the week of 3 to 9 June 2024, USD 36,000 of ARR was lost; no known renewal kept any."
    )


def test_headlines_say_when_there_is_nothing_to_say(empty: DigestContent) -> None:
    assert empty.headlines == (
        "In the week of 3 to 9 June 2024 no known renewal fell due and no recurring revenue was lost.",
        "Nothing is open in the escalation queue.",
    )


def test_a_contract_without_a_date_is_no_known_renewal() -> None:
    contracts = frame("contracts", {"renews_on": None, "starts_on": date(2024, 1, 1)})
    inputs: DigestInputs = an_empty_company(contracts=contracts)
    assert not build_digest(inputs).ahead.known
