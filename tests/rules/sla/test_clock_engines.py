"""The clocks are written once: another engine that holds the same facts gives the same rows."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import duckdb
import narwhals as nw
import polars as pl
import pytest

from rules.sla.clock import COLUMNS, clocks
from rules.sla.histories import TicketHistories
from tests.rules.sla.clock_frames import SCHEMAS, histories, rows, terms_of
from tests.rules.sla.ticks import METRICS, Hours, Promise, Ticket, moment

NOW = 200
_HOURS = Hours("Europe/Berlin", 36, 68)


def _promise(target: int) -> Promise:
    targets = {metric: {"urgent": target, "normal": 2 * target, "low": 4 * target} for metric in METRICS}
    return Promise(_HOURS, targets, frozenset({"outreach"}), {}, 4, False, restart=True)


def some_tickets(count: int = 60) -> list[Ticket]:
    """Tickets in which each kind of thing happens."""
    random = Random(7)  # noqa: S311 - the same tickets each time
    words = ("new", "open", "pending", "on_hold", "solved", "closed")

    def ticks(most: int) -> list[int]:
        return [random.randrange(180) for _ in range(random.randrange(most))]

    return [
        Ticket(
            created=random.randrange(100),
            priority=random.choice(["urgent", "low", None]),
            said=tuple(
                (tick, random.choice(["customer", "agent", "bot"]), random.random() < 0.8, None) for tick in ticks(6)
            ),
            changed=tuple((tick, "status", "open", random.choice(words)) for tick in ticks(5))
            + tuple((tick, "priority", "normal", "urgent") for tick in ticks(2))
            + tuple((tick, "merged", None, None) for tick in ticks(2)[:1]),
            outreach=tuple(ticks(2)),
            first_replied=random.choice([None, 50]),
            resolved=random.choice([None, 150]),
            promises=((0, _promise(8)), (random.randrange(180), _promise(3))),
        )
        for _ in range(count)
    ]


def in_duckdb(tickets: list[Ticket], folder: Path) -> TicketHistories:
    connection = duckdb.connect()
    connection.execute("SET timezone = 'UTC'")
    frames = {}
    for name, found in rows(tickets).items():
        file = folder / f"{name}.parquet"
        pl.DataFrame(found, schema=SCHEMAS[name], orient="row").write_parquet(file)
        frames[name] = nw.from_native(connection.read_parquet(str(file)))
    return TicketHistories(**frames)


def test_duckdb_gives_the_clocks_that_polars_gives(tmp_path: Path) -> None:
    tickets = some_tickets()
    terms = terms_of(tickets)
    found = clocks(in_duckdb(tickets, tmp_path), terms, moment(NOW))
    expected = clocks(histories(tickets), terms, moment(NOW))
    assert found.rows() == expected.rows()
    assert set(expected["state"].to_list()) == {"running", "paused", "met", "breached", "ended", "no_target"}


def test_some_metrics_are_those_of_all() -> None:
    tickets = some_tickets()
    terms = terms_of(tickets)
    expected = clocks(histories(tickets), terms, moment(NOW)).filter(nw.col("metric").is_in(["outreach", "resolution"]))
    assert clocks(histories(tickets), terms, moment(NOW), ["resolution", "outreach"]).rows() == expected.rows()


def test_blocks_of_tickets_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = some_tickets()
    terms = terms_of(tickets)
    expected = clocks(histories(tickets), terms, moment(NOW)).rows()
    monkeypatch.setattr("rules.sla.blocks._BLOCK", 7)
    assert clocks(histories(tickets), terms, moment(NOW)).rows() == expected


def test_without_tickets_there_are_no_rows_but_all_columns() -> None:
    found = clocks(histories([]), {}, moment(NOW))
    assert (len(found), tuple(found.columns)) == (0, COLUMNS)


def test_the_columns_have_the_types_that_are_promised() -> None:
    for tickets in ([], some_tickets(3)):
        schema = clocks(histories(tickets), terms_of(tickets), moment(NOW)).schema
        for name, dtype in schema.items():
            at = name.endswith("_at")
            words = name in {"metric", "state", "counting", "breached_terms", "terms", "history"}
            assert dtype == (nw.Datetime("us", "UTC") if at else nw.String if words else nw.Int64), name


def test_messages_and_events_of_unknown_tickets_are_left_out() -> None:
    tickets = some_tickets(3)
    all_of_them = histories(tickets)
    some = TicketHistories(**{**vars(all_of_them), "tickets": all_of_them.tickets.filter(nw.col("id") == 2)})
    expected = clocks(all_of_them, terms_of(tickets), moment(NOW)).filter(nw.col("ticket_id") == 2)
    assert clocks(some, terms_of(tickets), moment(NOW)).rows() == expected.rows()


def test_terms_that_were_not_handed_over_are_named() -> None:
    tickets = some_tickets(3)
    [first, *_] = sorted(terms_of(tickets))
    with pytest.raises(ValueError, match=f"name the terms {first}.*hand over all terms"):
        clocks(histories(tickets), {}, moment(NOW))


def test_the_moment_to_look_at_has_a_zone() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        clocks(histories([]), {}, datetime(2025, 6, 2))  # noqa: DTZ001 - that is the point
    assert len(clocks(histories([]), {}, datetime(2025, 6, 2, tzinfo=UTC))) == 0
