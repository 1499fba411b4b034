"""Knows an outcome's credit touch by touch under each model, and a ticket's reply by reply."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import narwhals as nw

from domain.conventions import CreditModel
from domain.errors import NotFound
from domain.money import decimal_amount
from retention.attribution import MODELS, Amount, journeys
from retention.credit_cuts import CreditBook
from retention.credit_report import CreditedOutcome, CreditedReply, CreditedTouch
from retention.ledger import Frame
from retention.valuation import Results

_DETAILS = ("agent", "team", "ticket", "playbook", "escalation_id")
_HUNDRED_THOUSANDTH = Decimal("0.00001")
Cents = dict[CreditModel, int]


@dataclass(frozen=True)
class Found:
    """What a name stands for: outcomes, and, where it named a ticket, that ticket alone."""

    outcomes: tuple[str, ...]
    ticket: str | None = None


def find(book: CreditBook, name: str, of: Amount = "kept") -> Found:
    """The outcomes with such an amount of that id, of that account, or those that a touch on that ticket came before.

    Raises:
        NotFound: none of these has an outcome in the book's time.
    """
    word, some = name.strip().casefold(), book.known.filter(nw.col(f"{of}_cents") > 0)
    for column in ("outcome_id", "account", "account_ref"):
        there = some.filter(nw.col(column).str.to_lowercase() == word)
        if not there.is_empty():
            return Found(tuple(there.sort("happened_at", "outcome_id")["outcome_id"].to_list()))
    led = journeys(_bare(some), book.work.lazy(), book.conventions).collect()
    on_it = led.filter(nw.col("ticket").str.to_lowercase() == word).sort("outcome_at", "outcome_id")
    if on_it.is_empty():
        raise NotFound(
            f"nothing that was {of} in this time is called {name!r}, nor has a ticket of that id a part in it; give an "
            "outcome's id, an account's name or id, or a ticket's id, or another --since or --period"
        )
    return Found(tuple(dict.fromkeys(on_it["outcome_id"].to_list())), on_it["ticket"].to_list()[0])


def opened(
    book: CreditBook, found: Found, messages: Frame, of: Amount = "kept", models: Sequence[CreditModel] = MODELS
) -> tuple[CreditedOutcome, ...]:
    """The outcomes that were found, with all their touches, or those of one ticket alone.

    `messages` has ticket_id, external_id, author_kind, public and sent_at. A resolved ticket's credit goes to the
    public replies of agents up to its resolution in equal parts, leftover minor units to the first; a ticket without
    one keeps it.
    """
    some = book.known.filter(nw.col("outcome_id").is_in(list(found.outcomes)))
    led = journeys(_bare(some), book.work.lazy(), book.conventions).sort("outcome_id", "step").collect()
    if found.ticket is not None:
        led = led.filter(nw.col("ticket") == found.ticket)
    cents = _cents(book, some, of, models)
    teller = _Teller(book.rates.reporting_currency, of, cents, _replies(led, messages), tuple(models))
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in led.iter_rows(named=True):
        rows[row["outcome_id"]].append(row)
    outcomes = some.sort("happened_at", "outcome_id").iter_rows(named=True)
    return tuple(teller.outcome(row, rows[row["outcome_id"]]) for row in outcomes)


def _bare(outcomes: Results) -> Frame:
    return outcomes.lazy().select("outcome_id", "account_id", "happened_at")


def _cents(book: CreditBook, some: Results, of: Amount, models: Sequence[CreditModel]) -> dict[tuple[str, str], Cents]:
    """By outcome and touch."""
    shares = book.credited.shares(models, of).join(some.lazy().select("outcome_id"), on="outcome_id", how="semi")
    amount = "credit_cents" if of == "kept" else "lost_cents"
    found: dict[tuple[str, str], Cents] = defaultdict(dict)
    for outcome, touch, model, cents in shares.select("outcome_id", "touch_id", "model", amount).collect().iter_rows():
        found[outcome, touch][model] = cents
    return found


def _replies(led: Results, messages: Frame) -> dict[int, list[tuple[str, datetime]]]:
    """By ticket its public replies of agents, the first first."""
    tickets = led.filter(nw.col("touch_kind") == "ticket_resolved").select("ticket_id").unique()
    said = messages.filter(nw.col("author_kind") == "agent", nw.col("public"))
    mine = said.join(tickets.lazy(), on="ticket_id", how="semi").sort("sent_at", "external_id")
    found: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for ticket, message, sent_at in mine.select("ticket_id", "external_id", "sent_at").collect().iter_rows():
        found[ticket].append((message, sent_at))
    return found


@dataclass(frozen=True)
class _Teller:
    currency: str
    of: Amount
    cents: Mapping[tuple[str, str], Cents]
    replies: Mapping[int, Sequence[tuple[str, datetime]]]
    models: tuple[CreditModel, ...]

    def outcome(self, row: Mapping[str, Any], touches: Sequence[Mapping[str, Any]]) -> CreditedOutcome:
        whole = row[f"{self.of}_cents"]
        nobody = self.cents.get((row["outcome_id"], None), {})  # type: ignore[arg-type]
        return CreditedOutcome(
            **{name: row[name] for name in ("outcome_id", "account", "kind", "happened_at")},
            currency=self.currency,
            of=self.of,
            amount=self._amount(whole),
            unattributed=self._amount(max(nobody.values(), default=0)),
            steps=touches[0]["steps"] if touches else 0,
            touches=tuple(self._touch(each, whole) for each in touches),
        )

    def _touch(self, row: Mapping[str, Any], whole: int) -> CreditedTouch:
        cents = self.cents.get((row["outcome_id"], row["touch_id"]), {})
        return CreditedTouch(
            step=row["step"],
            touch_id=row["touch_id"],
            kind=row["touch_kind"],
            happened_at=row["happened_at"],
            **{name: row[name] for name in _DETAILS},
            amounts=self._amounts(cents),
            weights={
                model: (Decimal(cents.get(model, 0)) / whole).quantize(_HUNDRED_THOUSANDTH) for model in self.models
            },
            replies=tuple(self._shared(row, cents)),
        )

    def _shared(self, row: Mapping[str, Any], cents: Cents) -> Iterable[CreditedReply]:
        if row["touch_kind"] != "ticket_resolved":
            return
        said = [each for each in self.replies.get(row["ticket_id"], ()) if each[1] <= row["happened_at"]]
        for place, (message, sent_at) in enumerate(said):
            parts = {
                model: amount // len(said) + (amount % len(said) if place == 0 else 0)
                for model, amount in cents.items()
            }
            yield CreditedReply(message=message, sent_at=sent_at, amounts=self._amounts(parts))

    def _amounts(self, cents: Cents) -> dict[CreditModel, Decimal]:
        return {model: self._amount(cents.get(model, 0)) for model in self.models}

    def _amount(self, cents: int) -> Decimal:
        return decimal_amount(cents, self.currency)
