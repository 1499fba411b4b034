"""Attainment is counted over promises that came due, and only over them."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from rules.sla.attainment import UNKNOWN, Attained, Cut, attainment

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
DAY = timedelta(days=1)
_UTC = pl.Datetime("us", "UTC")
_CLOCK: dict[str, Any] = {
    "ticket_id": pl.Int64, "metric": pl.String, "state": pl.String, "fulfilled_at": _UTC, "breached_at": _UTC,
    "terms": pl.String, "breached_terms": pl.String,
}  # fmt: skip


def clocks(*rows: dict[str, Any]) -> nw.DataFrame[Any]:
    blank = {
        "ticket_id": 1, "metric": "first_reply", "state": "met", "fulfilled_at": None, "breached_at": None,
        "terms": "a", "breached_terms": None,
    }  # fmt: skip
    return nw.from_native(pl.DataFrame([blank | row for row in rows], schema=_CLOCK), eager_only=True)


def met(at: datetime, **row: Any) -> dict[str, Any]:
    return {"fulfilled_at": at, **row}


def broken(at: datetime, **row: Any) -> dict[str, Any]:
    return {"state": "breached", "breached_at": at, "fulfilled_at": at + 9 * DAY, "breached_terms": "a", **row}


def attained(found: nw.DataFrame[Any], by: Cut | None = None) -> list[Attained]:
    tickets = pl.DataFrame(
        {
            "ticket_id": [1, 2], "priority": ["urgent", None], "team": ["emea", "emea"], "segment": ["smb", None],
        }
    )  # fmt: skip
    policies = {"a": "standard", "b": "enterprise"}
    return attainment(found, nw.from_native(tickets), policies, MONDAY, MONDAY + 7 * DAY, by)


def test_it_is_the_kept_share_of_what_came_due() -> None:
    [every] = attained(clocks(met(MONDAY), met(MONDAY + DAY), broken(MONDAY + DAY)))
    assert (every.met, every.breached, every.share) == (2, 1, Fraction(2, 3))


@pytest.mark.parametrize("state", ["running", "paused", "ended", "no_target"])
def test_what_has_not_come_due_counts_neither_way(state: str) -> None:
    [every] = attained(clocks({"state": state, "fulfilled_at": MONDAY + DAY}))
    assert every == Attained("all", 0, 0)
    assert every.share is None


def test_the_span_is_half_open_and_a_breach_counts_when_it_happened() -> None:
    week = 7 * DAY
    rows = [met(MONDAY - DAY), met(MONDAY), met(MONDAY + week), broken(MONDAY - DAY), broken(MONDAY + week - DAY)]
    assert attained(clocks(*rows)) == [Attained("all", 1, 1)]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("metric", [Attained("first_reply", 1, 1), Attained("resolution", 1, 0)]),
        ("policy", [Attained("enterprise", 1, 0), Attained("standard", 1, 1)]),
        ("priority", [Attained(UNKNOWN, 1, 0), Attained("urgent", 1, 1)]),
        ("segment", [Attained(UNKNOWN, 1, 0), Attained("smb", 1, 1)]),
        ("team", [Attained("emea", 2, 1)]),
        ("week", [Attained("2026-W02", 2, 1)]),
    ],
)
def test_it_is_cut_by_what_the_clock_or_its_ticket_is(by: Cut, expected: list[Attained]) -> None:
    late = broken(MONDAY + DAY, terms="b")
    rows = clocks(met(MONDAY), late, met(MONDAY + DAY, ticket_id=2, metric="resolution", terms="b"))
    assert attained(rows, by) == expected


@pytest.mark.parametrize("by", ["metric", "policy", "team", "week"])
def test_there_is_no_slice_without_anything_due(by: Cut) -> None:
    assert attained(clocks(), by) == []
