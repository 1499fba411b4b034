"""What was published stays reproducible, and what is told differently later opens into what was learned meanwhile."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.conventions import Cut, PublishingConventions, SegmentBands
from domain.imports import RecordName
from domain.parties import Link
from domain.publishing import MONEY
from jobs.ledger import retention
from jobs.publishing import publish
from jobs.restating import Cause, Explained, explained, restatements
from jobs.rulebook import Rulebook
from storage.links import Links
from storage.published import PublishedBook
from storage.removal import remove
from storage.store import Store
from tests.builders import staged

BEGUN = datetime(2025, 12, 1, tzinfo=UTC)
TOLD = datetime(2026, 4, 1, 6, tzinfo=UTC)
LATER = datetime(2026, 5, 1, 6, tzinfo=UTC)
ACCOUNTS = (("A", "Acme", "smb"), ("B", "Birch", "enterprise"), ("E", "Elm", "smb"))


def put(store: Store, record: RecordName, *rows: dict[str, Any], now: datetime = LATER) -> None:
    with store.importing() as transaction:
        staging = transaction.stage(record, f"{record}.csv")
        staging.append(staged(record, *rows))
        assert staging.settle(now).rejects == []


def line(external_id: str, account: str, amount: int, **fields: Any) -> dict[str, Any]:
    given = {"external_id": external_id, "account_ref": account, "amount_cents": amount}
    return {**given, "starts_on": BEGUN.date(), "recorded_at": BEGUN, **fields}


def rate(on: date, value: str) -> dict[str, Any]:
    return {"external_id": f"EUR-USD-{on}", "on": on, "rate": value}


def accounts(**segments: str | None) -> list[dict[str, Any]]:
    return [
        {"external_id": ref, "name": name, "segment": segments.get(ref, segment)} for ref, name, segment in ACCOUNTS
    ]


@pytest.fixture
def rulebook(rulebook: Rulebook) -> Rulebook:
    """What ships, but only months are published."""
    return replace(rulebook, publishing=PublishingConventions(periods=("month",)))


@pytest.fixture
def books(store: Store) -> Store:
    """Three accounts with 100, 100 and EUR 50 a month since December 2025; nothing is published."""
    put(store, "account", *accounts(), now=BEGUN)
    put(store, "fx_rate", rate(date(2024, 12, 1), "1.1"), now=BEGUN)
    lines = [line("L1", "A", 100_00), line("L2", "B", 1200_00, interval_months=12), line("L3", "E", 50_00)]
    put(store, "subscription_line", lines[0], lines[1], lines[2] | {"currency": "EUR"}, now=BEGUN)
    return store


@pytest.fixture
def told(books: Store, rulebook: Rulebook) -> Store:
    """The same, published on 1 April 2026."""
    assert publish(books, rulebook, TOLD).restated == 0
    return books


def rows(store: Store, rulebook: Rulebook, known_on: datetime | None = None, by: Cut | None = None) -> Any:
    """The rows of all months until the first publication, as JSON."""
    return [row.as_json() for row in retention(store.facts(known_on), "month", TOLD, rulebook.ledger, by)]


def opened(store: Store, window: str = "2026-03", by: Cut | None = None) -> list[Explained]:
    """The restatements of a window, each of whose causes sum to its difference in every amount."""
    found = explained(store, window, by)
    for each in found:
        for name in MONEY:
            assert sum(cause.effect[name] for cause in each.causes) == int(each.restatement.difference(name) * 100)
        assert not any(cause.kind == "other" for cause in each.causes)
    return found


def the_cause(store: Store, window: str = "2026-03") -> Cause:
    [one] = opened(store, window)
    [cause] = one.causes
    return cause


def test_whole_and_segments_of_every_window_that_is_over_are_published(books: Store, rulebook: Rulebook) -> None:
    publish(books, replace(rulebook, publishing=PublishingConventions()), TOLD)
    places = PublishedBook(books.engine).newest()
    assert {place[0] for place in places} == {"month", "quarter", "year"}
    assert {(by, slice_) for _, period, by, slice_ in places if period == "2026-Q1"} == {
        ("", ""), ("segment", "smb"), ("segment", "enterprise"),
    }  # fmt: skip
    assert ("month", "2026-04", "", "") not in places


def test_publishing_again_tells_only_what_is_new(told: Store, rulebook: Rulebook) -> None:
    assert publish(told, rulebook, TOLD).new == 0
    done = publish(told, rulebook, LATER)
    assert (done.new, done.restated) == (3, 0)


def test_a_backdated_correction_restates_and_leaves_what_was_told_reproducible(told: Store, rulebook: Rulebook) -> None:
    before = rows(told, rulebook)
    put(told, "subscription_line", line("L1", "A", 80_00, recorded_at=LATER))
    assert publish(told, rulebook, LATER).restated > 0
    [first] = [each for each in restatements(told) if (each.after.period, each.after.by) == ("2026-03", "")]
    assert rows(told, rulebook) != before
    assert rows(told, rulebook, first.before.published_at) == before
    assert rows(told, rulebook, TOLD + timedelta(days=1)) == before
    cause = the_cause(told)
    [change] = cause.changes
    assert (cause.kind, cause.account, cause.effect["closing"]) == ("lines", "Acme", -20_00)
    assert (change.record, change.effective_on, change.recorded_at) == ("files:L1", BEGUN.date(), LATER)
    assert [str(said["amount"]) for said in (change.old, change.new) if said] == ["100.00", "80.00"]


def test_a_correction_from_a_day_on_restates_no_window_before_it(told: Store, rulebook: Rulebook) -> None:
    put(told, "subscription_line", line("L1", "A", 100_00, ends_on=date(2026, 2, 10), recorded_at=LATER))
    publish(told, rulebook, LATER)
    whole = {each.after.period for each in restatements(told) if each.after.by == "" and each.difference("closing")}
    assert whole == {"2026-02", "2026-03"}
    assert the_cause(told, "2026-02").changes[0].effective_on == date(2026, 2, 10)
    assert the_cause(told, "2026-02").effect["churn"] == 100_00


def test_a_line_that_arrives_late_was_not_known_when_figures_were_told(told: Store, rulebook: Rulebook) -> None:
    before = rows(told, rulebook)
    put(told, "subscription_line", line("L4", "B", 30_00, product="Voice", starts_on=date(2026, 1, 15)))
    publish(told, rulebook, LATER)
    assert rows(told, rulebook, TOLD) == before
    cause = the_cause(told, "2026-01")
    assert (cause.account, cause.effect["cross_sell"], cause.changes[0].recorded_at) == ("Birch", 30_00, LATER)


def test_an_older_version_that_arrives_late_changes_neither_now_nor_then(told: Store, rulebook: Rulebook) -> None:
    newest = line("L1", "A", 90_00, recorded_at=TOLD - timedelta(days=10))
    put(told, "subscription_line", newest)
    publish(told, rulebook, LATER)
    now = rows(told, rulebook)
    put(told, "subscription_line", line("L1", "A", 70_00, recorded_at=TOLD - timedelta(days=20)))
    assert rows(told, rulebook) == now
    assert publish(told, rulebook, LATER).restated == 0


def test_a_line_that_its_source_deletes_is_gone_from_the_day_it_was_known(told: Store, rulebook: Rulebook) -> None:
    before = rows(told, rulebook)
    with told.engine.begin() as connection:
        assert remove(connection, "files", "subscription_line", "L1", TOLD - timedelta(days=3), LATER) == 1
    publish(told, rulebook, LATER)
    assert rows(told, rulebook, TOLD) == before
    assert the_cause(told).effect["closing"] == -100_00


def test_a_rate_that_changes_is_named_with_both_its_values(told: Store, rulebook: Rulebook) -> None:
    before = rows(told, rulebook)
    put(told, "fx_rate", rate(date(2024, 12, 1), "1.2"), rate(date(2026, 3, 31), "1.25"))
    publish(told, rulebook, LATER)
    assert rows(told, rulebook, TOLD) == before
    cause = the_cause(told)
    [change] = cause.changes
    assert (cause.kind, cause.effect["closing"], cause.effect["fx"]) == ("rates", 7_50, 2_50)
    assert (change.old, change.new) == (
        {"EUR/USD 2024-12-01": "1.1"},
        {"EUR/USD 2024-12-01": "1.2", "EUR/USD 2026-03-31": "1.25"},
    )


def test_a_segment_that_moves_leaves_the_windows_before_as_they_were_told(told: Store, rulebook: Rulebook) -> None:
    put(told, "account", *accounts(A="enterprise"))
    assert publish(told, rulebook, LATER).restated == 0
    assert publish(told, rulebook, datetime(2026, 7, 1, tzinfo=UTC)).restated == 0
    latest = {place[3]: row for place, row in PublishedBook(told.engine).newest().items() if place[1] == "2026-06"}
    assert latest["enterprise"].amount("opening") == 200


def test_a_segment_that_was_not_known_before_moves_the_account_s_past(store: Store, rulebook: Rulebook) -> None:
    put(store, "account", *accounts(B=None), now=BEGUN)
    lines = line("L1", "A", 100_00), line("L2", "B", 100_00)
    put(store, "subscription_line", *lines, now=BEGUN)
    publish(store, rulebook, TOLD)
    before = rows(store, rulebook, by="segment")
    put(store, "account", *accounts())
    publish(store, rulebook, LATER)
    assert rows(store, rulebook, TOLD, "segment") == before
    by_slice = {each.restatement.after.slice: each for each in opened(store, by="segment")}
    assert set(by_slice) == {"smb", "enterprise"}
    for each in by_slice.values():
        [cause] = each.causes
        assert (cause.kind, cause.account, cause.changes[0].new) == ("accounts", "Birch", {"segment": "enterprise"})


def test_an_industry_that_changes_restates_its_cut(told: Store, rulebook: Rulebook) -> None:
    by_industry = replace(rulebook, publishing=PublishingConventions(periods=("month",), cuts=("industry",)))
    assert publish(told, by_industry, TOLD).restated == 0
    before = rows(told, rulebook, by="industry")
    put(told, "account", *(each | {"industry": "Retail"} for each in accounts()))
    publish(told, by_industry, LATER)
    assert rows(told, rulebook, TOLD + timedelta(hours=1), "industry") == before
    assert {each.restatement.after.slice for each in opened(told, by="industry")} == {"Retail", "(unknown)"}


def test_accounts_that_turn_out_to_be_one_are_two_in_what_was_told(told: Store, rulebook: Rulebook) -> None:
    put(told, "account", {"external_id": "cus", "source": "bills", "name": "Acme Inc"}, now=TOLD)
    bought = line("L9", "cus", 40_00, source="bills", starts_on=date(2026, 2, 1))
    put(told, "subscription_line", bought, now=TOLD + timedelta(hours=1))
    publish(told, rulebook, TOLD + timedelta(hours=2))
    before = rows(told, rulebook)
    same = Link(source="bills", external_id="cus", account_source="files", account_ref="A", method="domain",
                confidence_percent=99, evidence="its domain", decided_at=LATER)  # fmt: skip
    assert Links(told.engine).replace([same], LATER).facts == 1
    publish(told, rulebook, LATER)
    assert rows(told, rulebook, TOLD + timedelta(hours=3)) == before
    [one] = opened(told, "2026-02")[:1]
    effects = {cause.account: cause.effect for cause in one.causes}
    assert (effects["Acme Inc"]["new"], effects["Acme"]["expansion"]) == (-40_00, 40_00)
    assert {change.new["account"] for cause in one.causes for change in cause.changes if change.new} == {"A"}


def test_changed_settings_restate_and_are_named(told: Store, rulebook: Rulebook) -> None:
    smaller = rulebook.ledger.model_copy(update={"bands": SegmentBands(smb_below=100), "rolling_months": 2})
    put(told, "account", {"external_id": "N", "name": "New"}, now=TOLD)
    put(told, "subscription_line", line("L5", "N", 10_00), now=TOLD)
    publish(told, rulebook, TOLD + timedelta(hours=1))
    publish(told, replace(rulebook, ledger=smaller), LATER)
    newest = [each for each in opened(told, by="segment") if each.restatement.settings]
    assert {each.restatement.after.slice for each in newest} == {"smb", "mid_market"}
    for each in newest:
        [cause] = each.causes
        assert cause.kind == "settings"
        assert {change.record for change in cause.changes} == {"bands", "rolling_months"}


def test_another_reporting_currency_has_no_difference(told: Store, rulebook: Rulebook) -> None:
    in_euro = rulebook.ledger.model_copy(update={"reporting_currency": "EUR"})
    publish(told, replace(rulebook, ledger=in_euro), LATER)
    [one] = explained(told, "2026-03")
    assert (one.restatement.comparable, one.causes) == (False, ())


def test_a_slice_that_is_no_more_was_told_to_be_nothing(told: Store, rulebook: Rulebook) -> None:
    void = line("L2", "B", 1200_00, interval_months=12, ends_on=BEGUN.date(), recorded_at=LATER)
    put(told, "subscription_line", void)
    publish(told, rulebook, LATER)
    [one] = [each for each in opened(told, by="segment") if each.restatement.after.slice == "enterprise"]
    assert one.restatement.after.figures == {}
    assert one.restatement.difference("closing") == -100
    assert publish(told, rulebook, LATER).restated == 0


def test_what_a_newer_release_adds_to_all_rows_restates_none(told: Store, rulebook: Rulebook) -> None:
    book = PublishedBook(told.engine)
    figures = [
        each.model_copy(update={"figures": each.figures | {"quick_ratio": 4.0}}) for each in book.newest().values()
    ]
    book.append([each.model_copy(update={"published_at": each.published_at + timedelta(hours=1)}) for each in figures])
    assert publish(told, rulebook, LATER).restated == 0


def test_rows_that_were_restated_are_marked(told: Store, rulebook: Rulebook) -> None:
    put(told, "subscription_line", line("L1", "A", 100_00, ends_on=date(2026, 3, 10), recorded_at=LATER))
    publish(told, rulebook, LATER)
    book = PublishedBook(told.engine)
    assert {place[1:] for place in book.restated()} == {("2026-03", "", ""), ("2026-03", "segment", "smb")}
    assert book.restated(known_on=TOLD) == set()
