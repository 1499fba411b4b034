"""A change of terms is told in words: what led to it, and what it means for a ticket of its priority."""

from datetime import timedelta
from typing import Any

import pytest

from rules.durations import Length
from rules.sla.changes import spelled, why_changed
from rules.sla.terms import Terms

_ALWAYS = {"zone": "UTC", "hours": "always"}


def terms(**differing: Any) -> Terms:
    plain = {
        "policy": "standard",
        "calendar_name": "default",
        "calendar": _ALWAYS,
        "targets": {"first_reply": {"urgent": "1h business", "low": "8h business"}},
    }
    return Terms.model_validate(plain | differing)


def told(old: Terms | None, new: Terms | None, priority: str | None = "urgent", **inputs: tuple[Any, Any]) -> str:
    before = {name: values[0] for name, values in inputs.items()}
    now = {name: values[1] for name, values in inputs.items()}
    return why_changed(old, new, priority, before, now)


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (terms(policy="gold"), "policy standard → gold"),
        (terms(calendar_name="night"), "calendar default → night"),
        (terms(calendar={"zone": "Europe/Berlin", "hours": "always"}), "calendar default has other hours or days"),
        (terms(targets={"first_reply": {"urgent": "90m business"}}), "first_reply 1h business → 1h 30m business"),
        (terms(targets={"first_reply": {"urgent": "1h elapsed"}}), "first_reply 1h business → 1h elapsed"),
        (terms(targets={}), "first_reply 1h business → none"),
        (terms(pauses={"resolution": ["on_hold"]}), "other statuses stop the clocks"),
        (terms(grace="30m elapsed"), "grace 1h business → 30m elapsed"),
        (None, "policy standard → none"),
        (terms(warnings=[50]), "the same, written otherwise"),
    ],
)
def test_what_is_different_is_named(new: Terms | None, words: str) -> None:
    assert told(terms(), new) == words


def test_targets_of_other_priorities_are_not_told() -> None:
    low = terms(targets={"first_reply": {"urgent": "1h business", "low": "4h business"}})
    assert told(terms(), low) == "the same, written otherwise"
    assert told(terms(), low, "low") == "first_reply 8h business → 4h business"


def test_a_ticket_without_a_priority_is_told_the_target_of_the_unknown_one() -> None:
    old, new = (terms(targets={"resolution": {"unknown": target}}) for target in ("8h business", "2h business"))
    assert told(old, new, None) == "resolution 8h business → 2h business"


def test_values_that_changed_come_first_by_their_nouns() -> None:
    words = told(
        terms(), terms(policy="gold"), days_to_renewal=(95, 45), acv=("5.00", "5.00"), tag=([], ["vip", "sso"])
    )
    assert words == "days to renewal 95 → 45; tags none → vip, sso; policy standard → gold"


def test_a_value_that_became_unknown_is_told_so() -> None:
    assert told(terms(), terms(policy="gold"), segment=("smb", None)).startswith("segment smb → unknown")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(7200, "2h business"), (5400, "1h 30m business"), (450, "7m 30s business"), (0, "0s business")],
)
def test_lengths_are_spelled_as_a_policy_would_write_them(seconds: int, words: str) -> None:
    assert spelled(Length(timedelta(seconds=seconds), "business")) == words


def test_no_reason_is_longer_than_its_column() -> None:
    before, now = ({f"signal_{number}": letter * 20 for number in range(40)} for letter in "xy")
    assert len(why_changed(terms(), terms(policy="gold"), None, before, now)) == 500
