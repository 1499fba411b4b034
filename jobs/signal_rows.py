"""Opens one account's signals: its values, and the rows of the facts behind each, with the age of their source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import narwhals as nw

from domain.errors import NotFound
from jobs.account_names import named
from jobs.evaluate import Sight, look
from jobs.rulebook import Rulebook
from rules.signals import Shown, Signal, Value
from rules.signals.account import SIGNALS
from rules.signals.clock import Clock
from rules.signals.fields import field_signals
from rules.signals.open_stretches import open_stretches
from rules.signals.rows import Behind, behind
from rules.text.sentiment import READER
from rules.words import unknown_word
from storage.facts import Facts
from storage.frames import Frame
from storage.store import Store
from storage.sync_book import SyncBook

# What is told of a row of each kind of facts, beside when it happened.
TOLD: Mapping[str, tuple[str, ...]] = {
    "tickets": ("source", "external_id", "subject", "priority", "status", "escalated"),
    "messages": ("source", "external_id", "ticket_ref", "sentiment"),
    "surveys": ("source", "external_id", "kind", "score", "scale_min", "scale_max"),
    "evidence": ("source", "external_id", "ticket_ref", "kind", "sentence"),
    "contracts": ("source", "external_id", "renews_on", "notice_on", "ends_on", "arr_cents", "currency"),
    "subscriptions": ("source", "external_id", "product", "ends_on", "amount_cents", "interval_months", "currency"),
    "segments": ("segment",),
    "usage": ("source", "external_id", "feature", "quantity"),
    "touches": ("source", "external_id", "kind", "actor", "note"),
    "payments": ("source", "external_id", "state", "amount_cents", "currency"),
    "fields": ("source", "external_id", "name", "value"),
    "breaches": ("source", "external_id", "metric"),
    "open tickets": ("source", "external_id", "subject", "priority"),
    "reopenings": ("source", "external_id", "subject"),
    "solvings": ("source", "external_id", "subject", "created_at"),
    "first replies": ("source", "external_id", "subject", "created_at"),
    "predictions": ("predicts", "predicted_ratio", "predicted_at"),
}
# Which records of a source tell the facts; where they differ from their name.
_RECORDS: Mapping[str, str] = {
    "tickets": "ticket", "open tickets": "ticket", "solvings": "ticket", "first replies": "ticket",
    "reopenings": "ticket_event", "messages": "message", "evidence": "message", "surveys": "survey",
    "contracts": "contract", "subscriptions": "subscription_line", "usage": "usage_day", "touches": "touch",
    "payments": "payment", "fields": "account_field", "breaches": "ticket",
}  # fmt: skip


@dataclass(frozen=True)
class Opened:
    """A signal's value for one account, its sentence, and the rows behind it by their kind.

    A row has `at` and what `TOLD` names. `told_at` says when each source last told facts of each kind.
    """

    account: dict[str, Any]
    signal: Signal
    value: Value
    because: str
    currency: str
    rows: dict[str, list[dict[str, Any]]]
    told_at: dict[tuple[str, str], datetime]


def known_signals(rulebook: Rulebook) -> dict[str, Signal]:
    """The signals of accounts with the configured fields of one's own, by name."""
    return {**SIGNALS, **field_signals(rulebook.windows)}


def signal_named(rulebook: Rulebook, name: str) -> Signal:
    """The signal of that name.

    Raises:
        NotFound: there is none; the message gives the nearest.
    """
    known = known_signals(rulebook)
    if name not in known:
        raise NotFound(unknown_word(name, known, "signal"))
    return known[name]


def open_signal(store: Store, rulebook: Rulebook, name: str, account: str, as_of: datetime) -> Opened:
    """One signal of one account at a moment, with all that was counted for it.

    Raises:
        NotFound: there is no such signal or account.
    """
    signal, facts = signal_named(rulebook, name), store.facts()
    found = named(facts.accounts().collect().rows(named=True), account)
    sight = look(facts, rulebook, as_of, as_of, [name, *signal.shows, *(["segment"] if name != "segment" else [])])
    table, currency = sight.signals(as_of)
    values = table.filter(nw.col("account_id") == found["id"]).rows(named=True)[0]
    shown = Shown(values, currency, rulebook.windows)
    is_known = values[name] is not None
    because = signal.phrase(shown) if is_known else f"unknown, because {signal.missing(rulebook.windows)}"
    rows = _rows(facts, rulebook, sight, behind(name), found["id"], as_of)
    sources = {(row["source"], fact) for fact, listed in rows.items() for row in listed if row.get("source")}
    return Opened(found, signal, values[name], because, currency, rows, _told_at(store, sources))


def _rows(
    facts: Facts, rulebook: Rulebook, sight: Sight, asked: tuple[Behind, ...], account: int, as_of: datetime
) -> dict[str, list[dict[str, Any]]]:
    clock, readings = Clock(as_of), _readings(facts, rulebook, sight, as_of)
    rows: dict[str, list[dict[str, Any]]] = {}
    for each in asked:
        frame = readings[each.fact]()
        if frame is None:
            continue
        own = frame.filter(nw.col("account_id") == account)
        counted = own.filter(each.where(clock, rulebook.windows)).sort(each.at, descending=True)
        told = [name for name in TOLD[each.fact] if name != each.at]
        listed = counted.select(nw.col(each.at).alias("at"), *told).collect().rows(named=True)
        rows[each.fact] = [*rows.get(each.fact, []), *(row for row in listed if row not in rows.get(each.fact, []))]
    return rows


def _readings(
    facts: Facts, rulebook: Rulebook, sight: Sight, as_of: datetime
) -> Mapping[str, Callable[[], Frame | None]]:
    windows = rulebook.windows

    def messages() -> Frame:
        return facts.messages(windows.messages_since(as_of), as_of)

    return {
        "tickets": lambda: facts.tickets(windows.tickets_since(as_of), as_of),
        "messages": lambda: messages().join(
            facts.sentiments(READER).select("message_id", "sentiment"), left_on="id", right_on="message_id", how="left"
        ),
        "surveys": facts.surveys,
        "evidence": lambda: _of_messages(sight.facts.evidence, messages()),
        "contracts": facts.contracts,
        "subscriptions": facts.lines,
        "segments": facts.account_segments,
        "usage": facts.usage_days,
        "touches": facts.touches,
        "payments": facts.payments,
        "fields": facts.account_fields,
        "breaches": lambda: facts.sla_breaches().rename({"ticket_ref": "external_id"}),
        "open tickets": lambda: _stretches(facts, rulebook, as_of),
        "reopenings": lambda: _stretches(facts, rulebook, as_of).filter(nw.col("reopened")),
        "solvings": lambda: _stretches(facts, rulebook, as_of).filter(nw.col("solved")),
        "first replies": lambda: facts.tickets(until=as_of),
        "predictions": facts.predictions,
    }


def _of_messages(evidence: Frame | None, messages: Frame) -> Frame | None:
    if evidence is None:
        return None
    named_ones = messages.select("id", "source", "external_id", "ticket_ref")
    return evidence.join(named_ones, left_on="message_id", right_on="id", how="left")


def _stretches(facts: Facts, rulebook: Rulebook, as_of: datetime) -> Frame:
    backlog = facts.backlog(rulebook.windows.histories_since(as_of), as_of)
    stretches = open_stretches(backlog.tickets(), backlog.events())
    tickets = facts.tickets(until=as_of).select("id", "source", "external_id", "subject")
    return stretches.join(tickets, left_on="ticket_id", right_on="id", how="left")


def _told_at(store: Store, sources: set[tuple[str, str]]) -> dict[tuple[str, str], datetime]:
    """When each source was last read for facts of each kind: its newest file of that record, or its last sync."""
    files, book = store.imports(), SyncBook(store.engine)
    told: dict[tuple[str, str], datetime] = {}
    for source, fact in sorted(sources):
        moments = [each.imported_at for each in files if (each.source, each.record) == (source, _RECORDS.get(fact))]
        moments += [run.ended_at for run in book.last_runs(source, 1) if run.ended_at is not None]
        if moments:
            told[source, fact] = max(moments)
    return told
