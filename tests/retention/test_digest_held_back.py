"""What the week's days had no room for is told with its money; what was opened since is only counted."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from console.digest_page import as_html, as_text
from domain.playbooks import HeldBackAlert
from retention.digest import build_digest
from retention.digest.content import RuleToReview
from retention.digest.held_back import held_back
from tests.retention.a_week import a_week

WEEK = a_week().week


def an_alert(account: str = "X", arr: int | None = 12_000, days: int = 1, **further: Any) -> HeldBackAlert:
    at = WEEK.starts_at + timedelta(days=days)
    told: dict[str, Any] = {
        "decision_id": f"{account}-{days}", "account_ref": account, "playbook": "usage-drop", "family": "usage",
        "owner": "lead", "held_on": at.date(), "place": 3, "at_risk_cents": None if arr is None else arr * 100,
        "currency": None if arr is None else "USD", "because": "the day of lead is full", "held_at": at,
    }  # fmt: skip
    return HeldBackAlert(**told | further)


def test_a_week_with_room_for_all_tells_nothing() -> None:
    assert held_back(a_week()) is None
    assert held_back(a_week(held_back=[an_alert(days=-1), an_alert(days=7)])) is None
    assert "HELD BACK" not in as_text(build_digest(a_week()))


def test_a_matter_counts_once_and_an_account_s_money_once() -> None:
    alerts = [an_alert(), an_alert(days=2), an_alert(family="sentiment"), an_alert("Y", None)]
    found = held_back(a_week(held_back=alerts))
    assert found is not None
    assert (found.matters, found.accounts, found.arr, found.arr_unknown) == (3, 2, Decimal(12_000), 1)
    assert found.rows[0].held_on == alerts[1].held_on


def test_money_is_told_in_the_reporting_currency() -> None:
    found = held_back(a_week(held_back=[an_alert(currency="EUR")]))
    assert found is not None
    assert found.arr == Decimal(15_000)


def test_what_was_opened_since_is_only_counted() -> None:
    """The first escalation of the week was opened on 7 June, the alert was held back on the 4th."""
    first = a_week().escalations.select("account_ref", "family").collect().row(0)
    alert = an_alert(first[0], family=first[1])
    found = held_back(a_week(held_back=[alert, an_alert("Y")]))
    assert found is not None
    assert (found.opened_since, found.matters, found.rows[0].account) == (1, 1, "Y")


def test_the_digest_says_it_in_every_form() -> None:
    rules = (RuleToReview(playbook="usage-drop", proposed="retire", because="nobody works on it: 9 of 9"),)
    content = build_digest(a_week(held_back=[an_alert("<b>X</b>")], rules_to_review=rules))
    text, page = as_text(content), as_html(content)
    assert "HELD BACK BY THE DAILY BUDGET" in text
    assert "PLAYBOOKS TO REVIEW" in text
    assert "nobody works on it" in page
    assert "<b>X</b>" not in page
