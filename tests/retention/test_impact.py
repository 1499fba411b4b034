"""Three labels that are never mixed: touched, attributed, incremental; and what was lost."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.conventions import CreditConventions
from domain.errors import NotFound
from domain.revenue import Outcome
from retention.attribution import MODELS
from retention.episodes import followed
from retention.fx import RateTable
from retention.impact import impact
from retention.impact_report import ImpactReport
from tests.retention.facts import accounts, day, frame, rates, rows
from tests.retention.test_attribution import touch, touch_frame

AS_OF = day("2025-06-01")
Rows = list[dict[str, Any]]
_KEPT = {"renewed": 10_000, "contracted": 6_000, "churned": 0}


def marked(outcomes: Rows, touches: Rows, flags: dict[int, list[float]]) -> Any:
    """Outcomes of 1 January 2025 with their episodes; `flags` says how many days before each account was flagged."""
    decisions = [
        {"account_id": account, "as_of": day("2025-01-01") - timedelta(days=days)}
        for account, before in flags.items()
        for days in before
    ]
    whole = [
        {
            "outcome_id": f"o{number}",
            "kind": "renewed",
            "happened_at": day("2025-01-01"),
            "at_stake_cents": 10_000,
            "kept_cents": _KEPT[row.get("kind", "renewed")],
            "lost_cents": 10_000 - _KEPT[row.get("kind", "renewed")],
            "currency": "USD",
            **row,
        }
        for number, row in enumerate(outcomes, start=1)
    ]
    bare = frame("outcomes", *whole).drop("flagged_at", "intervened_at")
    return followed(bare, frame("decisions", *decisions), touch_frame(touches))


def report(
    outcomes: Rows,
    touches: Rows | None = None,
    flags: dict[int, list[float]] | None = None,
    rate_table: RateTable | None = None,
    **more: Any,
) -> ImpactReport:
    given_ = touches or []
    return impact(
        marked(outcomes, given_, flags or {}), touch_frame(given_), accounts("Birch", "Cobalt", "Dune"),
        rate_table or rates(), **({"as_of": AS_OF} | more),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("flag", "call", "kind", "is_touched"),
    [
        (20, 10, "renewed", True),
        (20, 20, "renewed", False),
        (10, 20, "renewed", False),
        (20, 0, "renewed", False),
        (0, -1, "renewed", False),
        (180, 1, "renewed", True),
        (181, 1, "renewed", False),
        (20, 10, "contracted", False),
        (20, 10, "churned", False),
    ],
)
def test_touched_is_flagged_then_worked_on_then_renewed(flag: int, call: int, kind: str, is_touched: bool) -> None:
    found = report([{"kind": kind}], [touch(call, "csm_call")], {1: [flag]})
    assert [outcome.account for outcome in found.touched.outcomes] == (["Birch"] if is_touched else [])
    assert found.touched.amount == (Decimal("100.00") if is_touched else 0)


def test_the_first_flag_and_the_first_intervention_after_it_count() -> None:
    touches = [touch(50, "csm_call"), touch(30, "ticket_resolved"), touch(25, "csm_call"), touch(5, "playbook_step")]
    [row] = rows(marked([{}], touches, {1: [40, 20]}))
    assert row["flagged_at"] == day("2025-01-01") - timedelta(days=40)
    assert row["intervened_at"] == day("2025-01-01") - timedelta(days=25)
    assert Outcome(**{name: value for name, value in row.items() if name != "account_id"}).touched


def test_a_resolved_ticket_alone_is_no_intervention() -> None:
    assert report([{}], [touch(10)], {1: [20]}).touched.outcomes == ()


def test_what_counts_as_an_intervention_is_a_setting() -> None:
    convention = CreditConventions(interventions=("ticket_resolved",))
    touches = touch_frame([touch(10)])
    marked_ = marked([{}], [touch(10)], {1: [20]}).drop("flagged_at", "intervened_at")
    flags = frame("decisions", {"as_of": day("2024-12-12")})
    [row] = rows(followed(marked_, flags, touches, convention))
    assert row["intervened_at"] == day("2024-12-22")


def test_attributed_is_a_share_that_sums_to_what_was_kept() -> None:
    touches = [touch(30), touch(20, "csm_call"), touch(10)]
    found = report([{}, {"account_id": 2}, {"kind": "churned", "account_id": 3}], touches, model="linear")
    assert found.kept == Decimal("200.00")
    assert (found.attributed.amount, found.attributed.unattributed) == (Decimal("100.00"), Decimal("100.00"))
    assert {share.kind: share.amount for share in found.attributed.by_kind} == {
        "ticket_resolved": Decimal("66.67"),
        "csm_call": Decimal("33.33"),
    }
    assert [(share.account, share.amount, share.unattributed) for share in found.attributed.by_account] == [
        ("Birch", Decimal("100.00"), Decimal("0.00")),
        ("Cobalt", Decimal("0.00"), Decimal("100.00")),
    ]


def test_incremental_is_withheld_with_its_reason_and_never_filled_in() -> None:
    found = report([{}], [touch(10, "csm_call")], {1: [20]})
    assert found.incremental.amount is None
    assert "holdout" in (found.incremental.withheld or "")
    assert found.incremental.label == "saved"
    assert "saved" not in {found.touched.label, found.attributed.label}


def test_lost_value_has_a_path_and_no_credit() -> None:
    found = report([{"kind": "churned"}], [touch(30), touch(10, "csm_call")], {1: [5]})
    [outcome] = found.lost.outcomes
    assert (outcome.lost, outcome.touches) == (Decimal("100.00"), {"csm_call": 1, "ticket_resolved": 1})
    assert {share.kind: share.amount for share in found.lost.by_kind} == {
        "csm_call": Decimal("50.00"),
        "ticket_resolved": Decimal("50.00"),
    }
    assert found.attributed.amount == 0


def test_a_contraction_keeps_one_part_and_loses_the_other() -> None:
    found = report([{"kind": "contracted"}])
    assert (found.at_stake, found.kept, found.lost_amount) == (Decimal("100.00"), Decimal("60.00"), Decimal("40.00"))
    assert found.counts == {"renewed": 0, "contracted": 1, "churned": 0}
    assert found.lost.without_touch == Decimal("40.00")


@pytest.mark.parametrize(
    ("since", "as_of", "count"),
    [("2025-01-01", "2025-01-02", 1), ("2025-01-02", "2025-01-03", 0), ("2024-12-31", "2025-01-01", 0)],
)
def test_a_report_covers_its_start_and_not_its_end(since: str, as_of: str, count: int) -> None:
    found = report([{}], since=day(since), as_of=day(as_of))
    assert sum(found.counts.values()) == count


def test_money_is_converted_at_the_outcome_s_own_rate_and_sums_to_the_cent() -> None:
    outcomes: Rows = [{"currency": "EUR"}, {"account_id": 2}]
    found = report(outcomes, [touch(3), touch(2), touch(1)], rate_table=rates("USD", EUR="1.23456"), model="linear")
    assert found.kept == Decimal("223.46")
    assert found.attributed.amount + found.attributed.unattributed == found.kept
    assert [(own.currency, own.kept) for own in found.by_currency] == [("EUR", Decimal(100)), ("USD", Decimal(100))]


def test_what_no_rate_converts_is_listed_and_left_out() -> None:
    found = report([{"currency": "EUR"}, {"account_id": 2}])
    assert found.kept == Decimal("100.00")
    assert [(left.account, left.currency, left.kept) for left in found.unconverted] == [("Birch", "EUR", Decimal(100))]


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(NotFound, match="did you mean markov"):
        report([{}], model="markow")


def test_the_printed_form_has_decimal_strings() -> None:
    printed = json.loads(report([{}], [touch(10, "csm_call")], {1: [20]}).model_dump_json())
    assert printed["touched"]["amount"] == "100.00"
    assert printed["incremental"]["amount"] is None


def test_nothing_decided_is_a_report_of_zeros() -> None:
    found = report([])
    assert found.at_stake == found.touched.amount == found.attributed.amount == 0


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "account_id": st.integers(1, 3),
                "kind": st.sampled_from(["renewed", "contracted", "churned"]),
                "currency": st.sampled_from(["USD", "EUR", "JPY", "GBP"]),
            }
        ),
        max_size=6,
    ),
    st.lists(
        st.builds(touch, st.integers(0, 200), st.sampled_from(["csm_call", "ticket_resolved"]), st.integers(1, 3)),
        max_size=8,
    ),
    st.sampled_from(MODELS),
)
def test_no_label_ever_exceeds_what_was_kept(outcomes: Rows, touches: Rows, model: str) -> None:
    table = rates("USD", EUR="1.2345678", JPY="0.0067")
    found = report(outcomes, touches, {1: [90], 2: [10]}, table, model=model)
    assert found.kept + found.lost_amount == found.at_stake
    assert found.attributed.amount + found.attributed.unattributed == found.kept
    assert sum(share.amount for share in found.attributed.by_kind) == found.attributed.amount
    assert sum(share.amount + share.unattributed for share in found.attributed.by_account) == found.kept
    assert sum(share.amount for share in found.lost.by_kind) + found.lost.without_touch == found.lost_amount
    assert sum(outcome.kept for outcome in found.continued) == found.kept
    assert 0 <= found.touched.amount <= found.kept
    assert len(found.unconverted) == sum(row["currency"] == "GBP" for row in outcomes)
