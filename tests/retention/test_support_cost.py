"""What support costs is told as far as it was said, converted at a known rate, and unknown otherwise."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from domain.effect_conventions import CostConventions
from retention.support_cost import Cost, months, support_cost
from tests.retention.facts import day, rates

SINCE, UNTIL = day("2026-01-01"), day("2026-04-01")
MINUTES = {"ticket_resolved": Decimal(30), "csm_call": Decimal(45)}


def cost(touches: dict[str, int] | None = None, **told: object) -> Cost | None:
    return support_cost(CostConventions.model_validate(told), touches or {}, rates(EUR="1.25"), SINCE, UNTIL)


def test_without_costs_there_is_no_line() -> None:
    assert cost({"csm_call": 3}, minutes_per_touch=MINUTES) is None


def test_a_team_costs_by_the_month() -> None:
    found = cost(per_month=42_000)
    assert found is not None
    assert (found.amount, found.how) == (Decimal("126000.00"), "USD 42,000 a month for 3.0 months")


def test_a_part_of_a_month_is_its_share_of_days() -> None:
    assert months(date(2026, 2, 15), date(2026, 4, 11)) == Fraction(14, 28) + 1 + Fraction(10, 30)
    assert months(date(2026, 2, 1), date(2026, 2, 1)) == 0


def test_work_costs_by_the_minutes_of_each_kind_of_touch() -> None:
    found = cost({"ticket_resolved": 10, "csm_call": 2}, per_agent_hour=60, minutes_per_touch=MINUTES)
    assert found is not None
    assert found.amount == Decimal("390.00")
    assert [(each.kind, each.minutes, each.amount) for each in found.by_kind] == [
        ("csm_call", Decimal(90), Decimal("90.00")),
        ("ticket_resolved", Decimal(300), Decimal("300.00")),
    ]


def test_work_of_unknown_length_is_said_to_be_in_no_sum() -> None:
    found = cost({"ticket_resolved": 2, "playbook_step": 5}, per_agent_hour=60, minutes_per_touch=MINUTES)
    assert found is not None
    assert (found.amount, found.because) == (Decimal("60.00"), "minutes_per_touch names no playbook_step")


def test_work_of_which_no_length_is_known_costs_an_unknown_amount() -> None:
    found = cost({"playbook_step": 5}, per_agent_hour=60)
    assert found is not None
    assert found.amount is None


def test_costs_are_converted_and_unknown_without_a_rate() -> None:
    converted, unknown = cost(per_month=1000, currency="EUR"), cost(per_month=1000, currency="CHF")
    assert converted is not None
    assert converted.amount == Decimal("3750.00")
    assert unknown is not None
    assert unknown.amount is None
    assert unknown.because == "no exchange rate from CHF to USD is known; import fx_rates"


def test_a_report_without_a_beginning_has_no_months() -> None:
    found = support_cost(CostConventions(per_month=Decimal(1)), {}, rates(), None, UNTIL)
    assert found is not None
    assert found.amount is None
    assert "--since" in (found.because or "")


@pytest.mark.parametrize("currency", ["JPY", "USD", "KWD"])
def test_amounts_have_the_minor_units_of_their_currency(currency: str) -> None:
    found = support_cost(CostConventions(per_month=Decimal(100)), {}, rates(currency), SINCE, day("2026-01-11"))
    assert found is not None
    assert found.amount == {"JPY": Decimal(32), "USD": Decimal("32.26"), "KWD": Decimal("32.258")}[currency]
