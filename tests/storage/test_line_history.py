"""What a vendor says of a line from a day on leaves the books of the days before it as they are."""

from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.contract import Found
from connectors.frames import frames
from domain.accounts import Account
from domain.conventions import LedgerConventions
from domain.line_history import all_others, line_name, whole_of
from domain.revenue import SubscriptionLine
from retention.ledger import LedgerFrames
from retention.rows import retention_rows
from storage.store import Store
from storage.synced import Batch, Committed, commit, retry_waiting

JUNE = datetime(2026, 6, 15, 9, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
AN_ACCOUNT = Found(Account(source="bills", external_id="A", name="Acme"))


def said(day: date, seats: int, at: datetime, ends_on: date | None = None, name: str = "L") -> Found:
    line = SubscriptionLine(
        source="bills", external_id=name, account_ref="A", product="Core", seats=seats, amount_cents=seats * 1000,
        currency="USD", interval_months=1, starts_on=day, ends_on=ends_on, recorded_at=at,
    )  # fmt: skip
    return Found(line, onwards=True)


def put(store: Store, *found: Found) -> Committed:
    with store.importing() as transaction:
        return commit(transaction, Batch("bills", frames(found)), None, JUNE)


def lines(store: Store, known_on: datetime | None = None) -> list[tuple[str, date, date | None, int]]:
    found = store.facts(known_on).lines().collect().to_native().sort("starts_on", "external_id").to_dicts()
    return [(each["external_id"], each["starts_on"], each["ends_on"], each["seats"]) for each in found]


@pytest.fixture
def grown(store: Store) -> Store:
    """An account with five seats since January and ten since 15 June."""
    opened = datetime(2026, 1, 1, tzinfo=UTC)
    put(store, AN_ACCOUNT, said(date(2026, 1, 1), 5, opened))
    put(store, said(JUNE.date(), 5, JUNE - MOMENT), said(JUNE.date(), 10, JUNE))
    return store


def test_seats_that_are_added_in_june_do_not_restate_may(grown: Store) -> None:
    assert lines(grown) == [
        ("L", date(2026, 1, 1), date(2026, 6, 15), 5),
        ("L@2026-06-15", date(2026, 6, 15), None, 10),
    ]


def test_the_ledger_shows_them_as_expansion_in_june(grown: Store) -> None:
    facts = grown.facts()
    ledger = LedgerFrames(facts.lines(), facts.accounts(), facts.account_segments(), facts.fx_rates())
    rows = retention_rows(ledger, "month", datetime(2026, 7, 1, tzinfo=UTC), None, LedgerConventions())
    found = {row.period: (row.opening_cents, row.expansion_cents, row.closing_cents) for row in rows}
    assert (found["2026-05"], found["2026-06"]) == ((5000, 0, 5000), (5000, 5000, 10000))


def test_before_june_only_five_seats_were_known(grown: Store) -> None:
    assert lines(grown, JUNE - timedelta(days=1)) == [("L", date(2026, 1, 1), None, 5)]


def test_saying_it_again_changes_nothing(grown: Store) -> None:
    before = lines(grown)
    assert put(grown, said(JUNE.date(), 5, JUNE - MOMENT), said(JUNE.date(), 10, JUNE)).changed == 0
    assert lines(grown) == before


def test_a_change_that_comes_late_takes_its_place_in_between(grown: Store) -> None:
    april = datetime(2026, 4, 1, 9, tzinfo=UTC)
    put(grown, said(april.date(), 5, april - MOMENT), said(april.date(), 7, april))
    assert lines(grown) == [
        ("L", date(2026, 1, 1), date(2026, 4, 1), 5),
        ("L@2026-04-01", date(2026, 4, 1), date(2026, 6, 15), 7),
        ("L@2026-06-15", date(2026, 6, 15), None, 10),
    ]


def test_an_end_that_is_told_and_taken_back_in_one_batch_is_none(grown: Store) -> None:
    told, taken_back = JUNE + timedelta(days=1), JUNE + timedelta(days=2)
    put(grown, said(told.date(), 10, told, ends_on=date(2026, 12, 31)), said(taken_back.date(), 10, taken_back))
    assert lines(grown)[-1] == ("L@2026-06-15", date(2026, 6, 15), None, 10)


def test_a_line_that_never_was_carries_nothing(grown: Store) -> None:
    put(grown, said(date(2026, 1, 1), 10, JUNE + timedelta(days=1), ends_on=date(2026, 1, 1)))
    assert all(starts_on == ends_on for _, starts_on, ends_on, _ in lines(grown))


def test_what_waits_for_its_customer_takes_its_place_once_that_is_known(store: Store) -> None:
    opened = datetime(2026, 1, 1, tzinfo=UTC)
    done = put(
        store, said(date(2026, 1, 1), 5, opened), said(JUNE.date(), 5, JUNE - MOMENT), said(JUNE.date(), 9, JUNE)
    )
    assert (done.changed, lines(store)) == (0, [])
    put(store, AN_ACCOUNT)
    with store.importing() as transaction:
        assert retry_waiting(transaction, "bills", JUNE).waiting == 0
    assert [(name, seats) for name, _, _, seats in lines(store)] == [("L", 5), ("L@2026-06-15", 9)]


def test_of_two_claims_of_one_moment_the_first_stands(store: Store) -> None:
    opened = datetime(2026, 1, 1, tzinfo=UTC)
    put(store, AN_ACCOUNT, said(date(2026, 1, 1), 5, opened), said(date(2026, 1, 1), 6, opened))
    put(store, said(date(2026, 1, 1), 7, opened))
    assert lines(store) == [("L", date(2026, 1, 1), None, 5)]


@pytest.fixture
def bought(store: Store) -> Store:
    """A subscription with seats and calls since January."""
    opened = datetime(2026, 1, 1, tzinfo=UTC)
    seats, calls = (said(opened.date(), 5, opened, name=line_name("S", part)) for part in ("seats", "calls"))
    other = said(opened.date(), 1, opened, name=line_name("S2", "seats"))
    put(store, AN_ACCOUNT, seats, calls, other)
    return store


def no_others(at: datetime, whole: str = "S") -> Found:
    return said(at.date(), 0, at, at.date(), all_others(whole))


def test_what_is_not_said_of_a_whole_any_more_is_over(bought: Store) -> None:
    put(bought, said(JUNE.date(), 5, JUNE, name="S:seats"), no_others(JUNE))
    assert {(name, ends_on) for name, _, ends_on, _ in lines(bought)} == {
        ("S:seats", None), ("S:calls", date(2026, 6, 15)), ("S2:seats", None),
    }  # fmt: skip


def test_of_a_part_that_is_new_nothing_is_said_of_before_it_came(bought: Store) -> None:
    """A vendor that shows a subscription as it is does not say when an add-on came; when last seen it was not there."""
    opened = datetime(2026, 1, 1, tzinfo=UTC)
    put(bought, said(opened.date(), 3, opened, name="S:voice"), said(JUNE.date(), 3, JUNE, name="S:voice"))
    assert ("S:voice", date(2026, 6, 15), None, 3) in lines(bought)


def test_a_part_that_comes_back_begins_anew(bought: Store) -> None:
    put(bought, said(JUNE.date(), 5, JUNE, name="S:seats"), no_others(JUNE))
    july = datetime(2026, 7, 15, tzinfo=UTC)
    put(bought, *(said(july.date(), 5, july, name=f"S:{part}") for part in ("seats", "calls")), no_others(july))
    assert [(start, end) for name, start, end, _ in lines(bought) if name.startswith("S:calls")] == [
        (date(2026, 1, 1), date(2026, 6, 15)), (date(2026, 7, 15), None),
    ]  # fmt: skip


def test_names_of_parts_cannot_be_mistaken() -> None:
    assert whole_of(line_name("a:b", "c@d")) == whole_of(all_others("a:b")) != whole_of(line_name("a", "b:c"))
    assert whole_of("L") is None
