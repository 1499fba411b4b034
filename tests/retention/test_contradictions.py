"""Each kind of contradiction is found where it is, not beside it, and told in words."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.imports import Contradiction
from retention.reconcile import KINDS, contradictions, counted
from tests.retention.ledger_rows import a_line, accounts_frame, frame, lines_frame, moment

_REPORT: dict[str, Any] = {
    "id": 1, "source": "crm", "external_id": "C-1", "account_id": 1, "account_ref": "A-1",
    "churned_on": date(2024, 6, 1), "reason": None, "comment": None, "reactivation": False,
}  # fmt: skip
_CONTRACT: dict[str, Any] = {
    "id": 1, "source": "crm", "external_id": "K-1", "account_id": 1, "account_ref": "A-1",
    "starts_on": date(2024, 1, 1), "renews_on": date(2025, 6, 1), "notice_on": date(2025, 3, 1),
    "ends_on": None, "arr_cents": 120_000, "currency": "USD", "product_lines": "[]", "auto_renew": False,
}  # fmt: skip
_TICKET: dict[str, Any] = {
    "id": 1, "source": "desk", "external_id": "T-1", "account_id": 1, "account_ref": "A-1",
    "created_at": datetime(2024, 6, 1, 9, tzinfo=UTC), "first_replied_at": datetime(2024, 6, 1, 10, tzinfo=UTC),
    "resolved_at": datetime(2024, 6, 1, 12, tzinfo=UTC),
}  # fmt: skip
_SURVEY: dict[str, Any] = {
    "id": 1, "source": "desk", "external_id": "S-1", "account_id": 1, "account_ref": "A-1", "kind": "csat", "score": 4,
    "scale_min": 1, "scale_max": 5,
}  # fmt: skip
_USAGE: dict[str, Any] = {
    "id": 1, "source": "crm", "external_id": "U-1", "account_id": 1, "account_ref": "A-1", "subscription_ref": "L-1",
    "used_on": date(2024, 6, 1), "feature": "login", "quantity": 3, "errors": 0,
}  # fmt: skip
ENDED = a_line(ends_on=date(2024, 6, 1))


def _found(**rows: Any) -> list[Contradiction]:
    """The contradictions of a small world on 2024-12-31: account A-1, and one line in force unless given otherwise."""

    def given(name: str, blank: dict[str, Any]) -> Any:
        numbered = [{"id": number} | row for number, row in enumerate(rows.get(name, []), start=1)]
        return frame(blank, numbered)

    return contradictions(
        accounts=accounts_frame(*rows.get("accounts", [{}])),
        lines=lines_frame(
            *[
                {key: line[key] for key in line if key not in ("id", "external_id")}
                for line in rows.get("lines", [a_line()])
            ]
        ),
        churn_reports=given("reports", _REPORT),
        contracts=given("contracts", _CONTRACT),
        tickets=given("tickets", _TICKET),
        surveys=given("surveys", _SURVEY),
        usage_days=given("usage", _USAGE),
        as_of=moment("2024-12-31"),
    )


def _told(**rows: Any) -> list[tuple[str, str, str, str]]:
    return [(one.kind, one.external_id, one.claim, one.against) for one in _found(**rows)]


def test_sources_that_agree_have_no_contradiction() -> None:
    account = {
        "reported_churned": False,
        "reported_trial": False,
        "reported_plan": "Pro",
        "signed_up_on": date(2024, 1, 1),
    }
    line = a_line(reported_arr_cents=120_000, reported_churned=False)
    rows: dict[str, Any] = {"contracts": [{}], "tickets": [{}], "surveys": [{}], "usage": [{}]}
    assert _found(accounts=[account], lines=[line], **rows) == []


def test_an_account_that_left_and_was_reported_once_has_no_contradiction() -> None:
    line = ENDED | {"reported_churned": True}
    assert (
        _found(accounts=[{"reported_churned": True}], lines=[line], reports=[{"churned_on": date(2024, 6, 20)}]) == []
    )


@pytest.mark.parametrize(
    ("account", "lines", "told"),
    [
        (
            {"reported_churned": True},
            [a_line(), a_line(product="Desk")],
            (
                "flagged_churned_still_paying",
                "A-1",
                "flagged churned",
                "paid lines in force: 2, worth USD 200.00 a month",
            ),
        ),
        (
            {"reported_churned": False},
            [a_line(trial=True, amount_cents=0)],
            ("flagged_active_not_paying", "A-1", "flagged not churned", "nothing was ever paid"),
        ),
        (
            {"reported_trial": True},
            [a_line()],
            (
                "flagged_trial_while_paying",
                "A-1",
                "flagged a trial",
                "paid lines in force: 1, worth USD 100.00 a month",
            ),
        ),
        (
            {"reported_plan": "Free"},
            [a_line()],
            ("plan_of_no_line", "A-1", "on plan Free", "paid lines in force on Pro"),
        ),
        (
            {"reported_plan": "Free"},
            [a_line(), a_line(plan="Basic", product="Desk")],
            ("plan_of_no_line", "A-1", "on plan Free", "paid lines in force on Basic to Pro"),
        ),
        (
            {"signed_up_on": date(2024, 1, 2)},
            [a_line()],
            ("line_before_signup", "L-1", "in force from 2024-01-01", "signed up on 2024-01-02"),
        ),
    ],
)
def test_an_account_record_is_compared_with_its_lines(
    account: dict[str, Any], lines: list[dict[str, Any]], told: tuple[str, ...]
) -> None:
    assert _told(accounts=[account], lines=lines) == [told]


def test_an_account_flagged_active_whose_lines_ended_is_told_since_when() -> None:
    rows = {"accounts": [{"reported_churned": False}], "lines": [ENDED], "reports": [{}]}
    assert _told(**rows) == [
        ("flagged_active_not_paying", "A-1", "flagged not churned", "the last paid line ended on 2024-06-01")
    ]


def test_a_prospect_without_any_line_is_no_contradiction() -> None:
    assert _told(accounts=[{"reported_churned": False}], lines=[]) == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"ends_on": date(2024, 1, 1)}, ("zero_day_line", "USD 100.00 from 2024-01-01", "ends on 2024-01-01")),
        ({"trial": True}, ("trial_with_amount", "a trial", "USD 100.00 every 1 months")),
        ({"amount_cents": 0}, ("paid_without_amount", "no trial", "an amount of zero")),
        ({"reported_churned": True}, ("flagged_churned_without_end", "flagged churned", "no end")),
        ({"reported_arr_cents": 119_999}, ("arr_is_not_twelve_mrr", "ARR USD 1,199.99", "MRR USD 100.00")),
    ],
)
def test_a_line_may_contradict_itself(line: dict[str, Any], told: tuple[str, ...]) -> None:
    assert _told(lines=[a_line(**line)]) == [(told[0], "L-1", *told[1:])]


def test_a_line_that_ended_unflagged_is_told() -> None:
    line = ENDED | {"reported_churned": False}
    assert _told(lines=[line], reports=[{}]) == [
        ("ended_without_flag", "L-1", "flagged not churned", "ended on 2024-06-01")
    ]


@pytest.mark.parametrize("reported_arr_cents", [100_000, 99_996])
def test_an_arr_of_exact_or_of_rounded_months_is_twelve_mrr(reported_arr_cents: int) -> None:
    line = a_line(amount_cents=100_000, interval_months=12, reported_arr_cents=reported_arr_cents)
    assert _told(lines=[line]) == []


@pytest.mark.parametrize(("starts_on", "found"), [(date(2024, 2, 28), 1), (date(2024, 3, 1), 0)])
def test_lines_of_one_product_overlap_where_both_are_in_force(starts_on: date, found: int) -> None:
    lines = [a_line(ends_on=date(2024, 3, 1)), a_line(starts_on=starts_on), a_line(product="Desk")]
    told = _told(lines=lines)
    assert [(kind, external_id) for kind, external_id, *_ in told] == [("overlapping_lines", "L-2")] * found
    assert all(kind.information is (kind.kind == "overlapping_lines") for kind in counted(_found(lines=lines)))


@pytest.mark.parametrize(
    ("lines", "against"),
    [
        ([a_line(starts_on=date(2024, 6, 2), ends_on=date(2024, 6, 20))], "first paid on 2024-06-02"),
        ([], "nothing was ever paid"),
    ],
)
def test_a_churn_report_before_any_payment(lines: list[dict[str, Any]], against: str) -> None:
    told = _told(lines=lines, reports=[{}])
    assert ("report_before_any_payment", "C-1", "churned on 2024-06-01", against) in told


@pytest.mark.parametrize(
    ("churned_on", "kinds"),
    [
        (date(2024, 5, 1), []),
        (date(2024, 4, 30), ["report_without_ended_line", "report_but_paying_goes_on", "ending_without_report"]),
        (date(2024, 7, 2), []),
        (date(2024, 7, 3), ["report_without_ended_line", "ending_without_report"]),
    ],
)
def test_a_report_and_an_ending_are_one_event_within_31_days(churned_on: date, kinds: list[str]) -> None:
    assert [kind for kind, *_ in _told(lines=[ENDED], reports=[{"churned_on": churned_on}])] == kinds


def test_a_report_while_paying_goes_on_names_a_line_that_runs() -> None:
    told = _told(lines=[a_line(), ENDED | {"product": "Desk"}], reports=[{}])
    assert told == [
        (
            "report_but_paying_goes_on", "C-1", "churned on 2024-06-01",
            "paid lines that ran on for more than 31 days: 1, L-1 among them",
        )
    ]  # fmt: skip


def test_an_ending_without_a_report_is_told_for_each_time_that_all_payment_stopped() -> None:
    lines = [ENDED, a_line(starts_on=date(2024, 6, 1), ends_on=date(2024, 8, 1)), a_line(starts_on=date(2024, 10, 1))]
    of_another = [a_line(account_id=2, account_ref="A-2", starts_on=date(2023, 1, 1), ends_on=date(2024, 6, 1))]
    silent = (
        "ending_without_report",
        "A-1",
        "no churn report within 31 days",
        "the last paid line ended on 2024-08-01",
    )
    assert silent not in _told(lines=lines)
    assert silent in _told(lines=lines + of_another, reports=[{"account_id": 2, "account_ref": "A-2"}])


def test_a_second_report_of_one_ending_is_told_and_one_after_a_return_is_not() -> None:
    lines = [ENDED, a_line(starts_on=date(2024, 8, 1), ends_on=date(2024, 11, 1))]
    reports = [
        {"external_id": "C-1", "churned_on": date(2024, 6, 1)},
        {"external_id": "C-2", "churned_on": date(2024, 6, 9)},
        {"external_id": "C-3", "churned_on": date(2024, 11, 1)},
    ]
    assert _told(lines=lines, reports=reports) == [
        (
            "repeated_report", "C-2", "churned on 2024-06-09",
            "already reported on 2024-06-01; the account last came on 2024-01-01",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    "earlier", [{"lines": [ENDED, a_line(starts_on=date(2024, 8, 1), ends_on=date(2024, 11, 1))]}, {}]
)
def test_a_reactivation_needs_an_earlier_loss(earlier: dict[str, Any]) -> None:
    lines = earlier.get("lines", [a_line(ends_on=date(2024, 11, 1))])
    reports = [{"churned_on": date(2024, 11, 1), "reactivation": True}]
    kinds = [kind for kind, *_ in _told(lines=lines, reports=reports)]
    assert ("reactivation_without_churn" in kinds) is not bool(earlier)


@pytest.mark.parametrize(
    ("contracts", "told"),
    [
        (
            [{"arr_cents": 130_000}],
            [("contract_arr_differs", "contract ARR USD 1,300.00", "lines in force are worth USD 1,200.00 a year")],
        ),
        (
            [{"currency": "EUR"}],
            [("contract_arr_differs", "contract ARR EUR 1,200.00", "lines in force are worth EUR 0.00 a year")],
        ),
        ([{"arr_cents": 130_000, "ends_on": date(2024, 12, 31)}], []),
        (
            [{"renews_on": date(2024, 12, 30)}],
            [("renewal_passed", "renews on 2024-12-30", "no end and no newer contract")],
        ),
        ([{"renews_on": date(2024, 12, 31)}], []),
        ([{"renews_on": date(2024, 7, 1)}, {"external_id": "K-2", "starts_on": date(2024, 7, 1)}], []),
        (
            [{"renews_on": date(2024, 7, 1), "auto_renew": True}],
            [("renewal_passed", "renews on 2024-07-01, automatically", "no end and no newer contract")],
        ),
    ],
)
def test_contracts_are_compared_with_lines_and_with_each_other(
    contracts: list[dict[str, Any]], told: list[tuple[str, ...]]
) -> None:
    assert [(kind, claim, against) for kind, _, claim, against in _told(contracts=contracts)] == told


def test_an_annual_line_meets_its_contract_without_a_rounding_difference() -> None:
    line = a_line(amount_cents=100_000, interval_months=12)
    assert _told(lines=[line], contracts=[{"arr_cents": 100_000}]) == []


@pytest.mark.parametrize(
    ("ticket", "told"),
    [
        (
            {"created_at": datetime(2023, 12, 31, tzinfo=UTC)},
            ("ticket_before_signup", "created at 2023-12-31 00:00", "signed up on 2024-01-01"),
        ),
        (
            {
                "resolved_at": datetime(2024, 6, 1, 8, tzinfo=UTC),
                "first_replied_at": datetime(2024, 6, 1, 8, tzinfo=UTC),
            },
            ("resolved_before_created", "resolved at 2024-06-01 08:00", "created at 2024-06-01 09:00"),
        ),
        (
            {"first_replied_at": datetime(2024, 6, 1, 13, tzinfo=UTC)},
            ("replied_after_resolution", "first reply at 2024-06-01 13:00", "resolved at 2024-06-01 12:00"),
        ),
    ],
)
def test_a_ticket_may_lie_outside_of_its_time(ticket: dict[str, Any], told: tuple[str, ...]) -> None:
    assert _told(accounts=[{"signed_up_on": date(2024, 1, 1)}], tickets=[ticket]) == [(told[0], "T-1", *told[1:])]


@pytest.mark.parametrize(("day", "found"), [(31, 0), (1, 1)])
def test_a_ticket_after_the_last_paid_day_is_told(day: int, found: int) -> None:
    written = datetime(2024, 5 if day == 31 else 6, day, 12, tzinfo=UTC)
    ticket = {"created_at": written, "first_replied_at": None, "resolved_at": None}
    told = _told(lines=[ENDED], reports=[{}], tickets=[ticket | {"resolved_at": written, "first_replied_at": written}])
    assert [kind for kind, *_ in told] == ["ticket_after_last_paid_day"] * found


def test_usage_outside_of_its_line_is_told_once_for_the_line() -> None:
    usage = [{"used_on": date(2024, 5, 31)}, {"used_on": date(2024, 6, 1)}, {"used_on": date(2023, 12, 31)}]
    assert _told(lines=[ENDED], reports=[{}], usage=usage) == [
        (
            "usage_outside_its_line", "L-1", "used from 2023-12-31 to 2024-06-01, rows outside: 2",
            "in force on [2024-01-01, 2024-06-01)",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(("score", "found"), [(0, 1), (1, 0), (5, 0), (6, 1)])
def test_a_survey_is_held_against_its_own_scale(score: int, found: int) -> None:
    assert [kind for kind, *_ in _told(surveys=[{"score": score}])] == ["survey_out_of_scale"] * found


def test_every_kind_has_a_name_of_its_own_and_says_what_is_believed() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert all(kind.means.endswith(".") and kind.believed for kind in KINDS)


def test_kinds_are_counted_in_their_own_order() -> None:
    found = _found(accounts=[{"reported_churned": True, "reported_trial": True}], surveys=[{"score": 9}, {"score": 0}])
    assert [(kind.kind, kind.rows) for kind in counted(found)] == [
        ("flagged_churned_still_paying", 1),
        ("flagged_trial_while_paying", 1),
        ("survey_out_of_scale", 2),
    ]


def test_accounts_that_are_each_other_s_parent_are_told() -> None:
    circle = [
        {"id": 1, "external_id": "A-1", "parent_ref": "A-2"},
        {"id": 2, "external_id": "A-2", "parent_ref": "A-1"},
    ]
    beside = {"id": 3, "external_id": "A-3", "parent_ref": "A-1"}
    assert _told(accounts=[*circle, beside]) == [
        ("parents_in_a_circle", "A-1", "belongs to A-2", "which belongs to it"),
        ("parents_in_a_circle", "A-2", "belongs to A-1", "which belongs to it"),
    ]
