"""What was known of contracts, rates, accounts and lines on a day can be read again, whatever was learned since."""

import shutil
from collections.abc import Iterable
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.imports import RecordName
from domain.publishing import PublishedFigure
from storage.facts import Facts
from storage.published import PublishedBook
from storage.removal import remove
from storage.store import Store
from tests.builders import NOON, staged

DAY = timedelta(days=1)
LATER = NOON + 30 * DAY
_OURS = {"id", "account_id", "changed_at", "learned_at", "account_ref"}
Rows = list[dict[str, Any]]


def put(
    store: Store, record: RecordName, *rows: dict[str, Any], now: datetime, changed_at: datetime | None = None
) -> None:
    with store.importing() as transaction:
        staging = transaction.stage(record, f"{record}.csv")
        version = pl.lit(changed_at, pl.Datetime("us", "UTC")).alias("changed_at")
        staging.append(staged(record, *rows).with_columns(version))
        staging.settle(now)


def publish(store: Store, at: datetime) -> None:
    """Something was told at this moment; what comes in from now on was learned after it."""
    PublishedBook(store.engine).append([
        PublishedFigure(
            length="month", period="2025-12", by="", slice="", currency="USD", figures={}, conventions={},
            published_at=at,
        )
    ])  # fmt: skip


def rows(frame: Any) -> Rows:
    return list(frame.collect().iter_rows(named=True))


def versions(store: Store) -> list[tuple[Any, ...]]:
    found = store.facts().contract_versions().sort("recorded_at")
    return [(row["recorded_at"], row["renews_on"], row["gone"]) for row in rows(found)]


def test_what_was_there_before_anything_was_told_counts_as_known_always(store: Store) -> None:
    put(store, "account", {"external_id": "A", "segment": "smb"}, now=NOON)
    put(store, "contract", {"external_id": "C"}, now=NOON)
    put(store, "fx_rate", {"external_id": "R"}, now=NOON)
    long_ago = store.facts(NOON - 900 * DAY)
    assert [len(rows(frame)) for frame in (long_ago.accounts(), long_ago.contracts(), long_ago.fx_rates())] == [1, 1, 1]


def test_a_contract_that_changed_is_read_as_it_was_known(store: Store) -> None:
    put(store, "account", {"external_id": "A"}, now=NOON)
    put(store, "contract", {"external_id": "C", "notice_on": None}, now=NOON)
    put(store, "contract", {"external_id": "C", "notice_on": date(2025, 11, 1)}, now=LATER)
    for known_on, notice in ((NOON, None), (LATER, date(2025, 11, 1)), (None, date(2025, 11, 1))):
        [contract] = rows(store.facts(known_on).contracts())
        assert (contract["notice_on"], contract["account_ref"]) == (notice, "A")


def test_a_second_import_of_the_same_adds_no_version(store: Store) -> None:
    put(store, "account", {"external_id": "A"}, now=NOON)
    for now in (NOON, LATER):
        put(store, "contract", {"external_id": "C"}, now=now)
    assert len(versions(store)) == 1


def test_what_changes_twice_at_one_moment_is_one_version(store: Store) -> None:
    put(store, "account", {"external_id": "A"}, now=NOON)
    put(store, "contract", {"external_id": "C"}, now=NOON)
    for renews_on in (date(2026, 6, 1), date(2026, 7, 1)):
        put(store, "contract", {"external_id": "C", "renews_on": renews_on}, now=LATER)
    assert versions(store)[1:] == [(LATER, date(2026, 7, 1), False)]


def test_an_older_version_that_comes_late_adds_none(store: Store) -> None:
    put(store, "account", {"external_id": "A"}, now=NOON)
    put(store, "contract", {"external_id": "C"}, now=NOON, changed_at=NOON)
    put(store, "contract", {"external_id": "C", "renews_on": date(2024, 1, 1)}, now=LATER, changed_at=NOON - DAY)
    assert len(versions(store)) == 1


def test_a_contract_that_its_source_deleted_was_known_until_then(store: Store) -> None:
    put(store, "account", {"external_id": "A"}, now=NOON)
    put(store, "contract", {"external_id": "C"}, now=NOON)
    with store.engine.begin() as connection:
        assert remove(connection, "files", "contract", "C", LATER, LATER) == 1
    [contract] = rows(store.facts(NOON).contracts())
    assert (contract["external_id"], contract["id"]) == ("C", -1)
    assert (rows(store.facts(LATER).contracts()), rows(store.facts().contracts())) == ([], [])
    put(store, "contract", {"external_id": "C"}, now=LATER + DAY, changed_at=LATER + DAY)
    assert len(rows(store.facts(LATER + DAY).contracts())) == 1


def test_an_account_is_described_as_it_was_known(store: Store) -> None:
    put(store, "account", {"external_id": "A", "industry": "Retail", "csm": "Ann"}, now=NOON)
    publish(store, NOON + DAY)
    put(store, "account", {"external_id": "A", "industry": "Energy", "csm": "Ann"}, {"external_id": "B"}, now=LATER)
    then, now = (rows(store.facts(known_on).accounts().sort("id")) for known_on in (NOON + DAY, LATER))
    assert [row["industry"] for row in then] == ["Retail"]
    assert [row["industry"] for row in now] == ["Energy", None]


def test_what_comes_in_after_a_publication_was_learned_after_it_whatever_the_clock_says(store: Store) -> None:
    publish(store, LATER)
    put(store, "account", {"external_id": "A", "segment": "smb"}, now=NOON)
    put(store, "subscription_line", {"external_id": "L", "recorded_at": NOON}, now=NOON)
    put(store, "fx_rate", {"external_id": "R"}, now=NOON)
    facts = store.facts(LATER)
    assert [rows(each) for each in (facts.accounts(), facts.lines(), facts.fx_rates(), facts.account_segments())] == [
        [], [], [], [],
    ]  # fmt: skip
    assert len(rows(store.facts(LATER + timedelta(microseconds=1)).lines())) == 1


# A record, its name, and a number that says what is in it.
Said = tuple[RecordName, str, int]
said = st.tuples(
    st.sampled_from(["account", "contract", "fx_rate", "subscription_line"]), st.sampled_from("ABC"), st.integers(0, 3)
)


def a_row(what: Said, place: int) -> dict[str, Any]:
    record, name, number = what
    if record == "account":
        return {"external_id": name, "segment": f"segment {number}", "industry": f"industry {number % 2}"}
    if record == "contract":
        return {"external_id": name, "account_ref": name, "arr_cents": number * 100}
    if record == "fx_rate":
        return {"external_id": name, "on": date(2025, 1, ord(name) - 60), "rate": str(number + 1)}
    # Every version of a line says something of its own.
    return {"external_id": name, "account_ref": name, "amount_cents": place + 1, "recorded_at": NOON + place * DAY}


@settings(max_examples=12, deadline=None)
@given(
    sayings=st.lists(said, min_size=1, max_size=10),
    order=st.randoms(use_true_random=False),
    known=st.integers(0, 10),
)
def test_what_was_known_is_what_a_database_knows_that_saw_no_more(
    sayings: list[Said], order: Any, known: int, sqlite_template: Path
) -> None:
    """Lines may come in any order: their sources say when each version was recorded."""
    known_on = NOON + known * DAY
    numbered = list(enumerate(sayings))
    lines = [each for each in numbered if each[1][0] == "subscription_line"]
    shuffled = iter(order.sample(lines, len(lines)))
    every = [next(shuffled) if each[1][0] == "subscription_line" else each for each in numbered]
    early = [each for each in every if each[0] <= known]
    with TemporaryDirectory() as one, TemporaryDirectory() as two:
        ends = []
        for folder, sayings_of, moment in ((one, every, known_on), (two, early, None)):
            with closing(Store(f"sqlite:///{shutil.copy(sqlite_template, folder)}")) as store:
                _fill(store, sayings_of)
                ends.append(_told(store.facts(moment)))
    assert ends[0] == ends[1]


def _fill(store: Store, sayings: Iterable[tuple[int, Said]]) -> None:
    begun = NOON - 2 * DAY
    publish(store, begun)
    put(store, "account", *({"external_id": name} for name in "ABC"), now=begun + DAY)
    for place, what in sayings:
        put(store, what[0], a_row(what, place), now=NOON + place * DAY)


def _told(facts: Facts) -> list[Rows]:
    frames = (facts.accounts(), facts.account_segments(), facts.contracts(), facts.fx_rates(), facts.lines())
    plain = [[{name: value for name, value in row.items() if name not in _OURS} for row in rows(f)] for f in frames]
    return [sorted(each, key=str) for each in plain]
