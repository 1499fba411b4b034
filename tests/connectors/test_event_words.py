"""How the words of an imported history are read: as those of tickets, or put aside with what would be right."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from domain.imports import Reject
from tests.connectors.exports import read_cells

_EVENT: dict[str, Any] = {
    "external_id": "id", "ticket_ref": "ticket", "kind": "field", "from_value": "old", "to_value": "new",
    "happened_at": "at",
}  # fmt: skip
_HEADER = ("id", "ticket", "field", "old", "new", "at")


def events(tmp_path: Path, *changes: tuple[str, str, str], **fields: Any) -> tuple[pl.DataFrame, list[Reject]]:
    """Rows of a history: what changed, from what, to what."""
    rows = [(str(at), "T1", *change, "2026-01-02 08:00") for at, change in enumerate(changes)]
    return read_cells(tmp_path, "ticket_event", _EVENT | fields, [_HEADER, *rows])


def told(rows: pl.DataFrame) -> list[tuple[Any, ...]]:
    return rows.select("kind", "from_value", "to_value").rows()


@pytest.mark.parametrize(
    ("change", "read"),
    [
        (("status", "Waiting on customer", "Resolved"), ("status", "pending", "solved")),
        (("Status", "on-hold", "ON HOLD"), ("status", "on_hold", "on_hold")),
        (("state", "", "Snoozed"), ("status", None, "pending")),
        (("Priority", "P2", "Blocker"), ("priority", "high", "urgent")),
        (("priority", "medium", ""), ("priority", "normal", None)),
        (("Merged into", "", "T9"), ("merged", None, "T9")),
        (("assignee", "Medium", "Resolved"), ("assignee", "Medium", "Resolved")),
        (("Escalated", "", "true"), ("Escalated", None, "true")),
    ],
)
def test_a_history_is_read_in_the_words_of_tickets(
    tmp_path: Path, change: tuple[str, str, str], read: tuple[Any, ...]
) -> None:
    rows, rejects = events(tmp_path, change)
    assert rejects == []
    assert told(rows) == [read]


def test_a_word_that_no_ticket_may_say_puts_its_row_aside(tmp_path: Path) -> None:
    rows, rejects = events(
        tmp_path, ("status", "open", "clsed"), ("status", "limbo", "open"), ("priority", "low", "someday"),
        ("status", "open", "solved"), ("status", "new", "open"), ("status", "new", "open"),
    )  # fmt: skip
    assert rows["external_id"].to_list() == ["3", "4", "5"]
    assert [(each.line, each.column, each.found) for each in rejects] == [
        (2, "new", "clsed"), (3, "old", "limbo"), (4, "new", "someday"),
    ]  # fmt: skip
    assert "one of new, open, pending, on_hold, solved, closed; did you mean 'closed'?" in rejects[0].expected
    assert "or map it under `values`" in rejects[1].expected
    assert "one of low, normal, high, urgent" in rejects[2].expected


def test_what_the_mapping_says_of_a_word_holds(tmp_path: Path) -> None:
    mapped = {
        "kind": {"column": "field", "values": {"STATE_ID": "status"}},
        "from_value": {"column": "old", "values": {"limbo": "on_hold"}},
        "to_value": {"column": "new", "values": {"limbo": "on_hold", "*": "open"}},
    }
    rows, rejects = events(tmp_path, ("STATE_ID", "limbo", "whatever"), ("status", "new", "limbo"), **mapped)
    assert rejects == []
    assert told(rows) == [("status", "on_hold", "open"), ("status", "new", "on_hold")]


def test_a_history_without_its_former_values_is_read(tmp_path: Path) -> None:
    fields = {name: column for name, column in _EVENT.items() if name != "from_value"}
    rows, rejects = read_cells(
        tmp_path, "ticket_event", fields, [_HEADER, ("1", "T1", "status", "?", "Done", "2026-01-02 08:00")]
    )
    assert rejects == []
    assert told(rows) == [("status", None, "solved")]
