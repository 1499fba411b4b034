"""Knows how a report lists outcomes: in one currency, with the touches before them and what persons said of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import narwhals as nw

from domain.conventions import CreditConventions
from domain.effects import SaveDecision
from domain.money import decimal_amount
from domain.revenue import Outcome
from retention.attribution import journeys
from retention.impact_report import Answer, Decided
from retention.ledger import Frame
from retention.valuation import Results, total

MONEY = ("kept_cents", "lost_cents")
Rows = Iterable[dict[str, Any]]


class ToldOutcomes:
    """The outcomes of a report: those that can be valued, and how they are listed.

    `found` is `in_reporting_currency` of the outcomes, `answers` what persons said, by outcome.
    """

    def __init__(
        self,
        found: Results,
        touches: Frame,
        conventions: CreditConventions,
        currency: str,
        answers: Mapping[str, SaveDecision],
    ) -> None:
        self.found, self.touches, self.conventions, self.currency = found, touches, conventions, currency
        self._answers = answers
        self.known = found.filter(~nw.col("kept_cents").is_null())
        self.rows = list(self.known.sort("happened_at", "outcome_id").iter_rows(named=True))
        self._kinds: dict[str, dict[str, int]] | None = None

    def amount(self, cents: int) -> Decimal:
        return decimal_amount(cents, self.currency)

    def sum(self, column: str) -> Decimal:
        return self.amount(total(self.known, column))

    def listed(self, rows: Rows, by: str) -> tuple[Decided, ...]:
        """The largest `by` first."""
        ordered = sorted(rows, key=lambda row: (-row[by], row["outcome_id"]))
        return tuple(self._one(row) for row in ordered)

    def _one(self, row: dict[str, Any]) -> Decided:
        kept, lost = self.amount(row["kept_cents"]), self.amount(row["lost_cents"])
        same = ("outcome_id", "account", "account_id", "kind", "happened_at", "flagged_at", "intervened_at")
        return Decided(
            at_stake=kept + lost, kept=kept, lost=lost, touches=self._touches_before(row["outcome_id"]),
            answer=self._answer(row["outcome_id"]),
            **{name: row[name] for name in same},
        )  # fmt: skip

    def _answer(self, outcome_id: str) -> Answer | None:
        said = self._answers.get(outcome_id)
        if said is None or said.answer == "withdrawn":
            return None
        return Answer(answer=said.answer, by=said.decided_by, at=said.decided_at, reason=said.reason)

    def _touches_before(self, outcome_id: str) -> dict[str, int]:
        if self._kinds is None:
            self._kinds = _kinds(journeys(self.frame(), self.touches, self.conventions))
        return self._kinds.get(outcome_id, {})

    def frame(self) -> Frame:
        """The known outcomes with the columns that credit is split from."""
        return (
            self.known.select("outcome_id", "account_id", "happened_at", *MONEY)
            .with_columns(nw.lit(self.currency).alias("currency"))
            .lazy()
        )


def _kinds(led: Frame) -> dict[str, dict[str, int]]:
    counted = led.group_by("outcome_id", "touch_kind").agg(nw.len().alias("touches")).sort("outcome_id", "touch_kind")
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for outcome_id, kind, touches in counted.collect().iter_rows():
        found[outcome_id][kind] = touches
    return found


def is_touched(row: Mapping[str, Any]) -> bool:
    """`Outcome.touched` on a row: the record is where the order in time is defined."""
    fields = {name: row[name] for name in Outcome.model_fields if name in row}
    return Outcome.model_construct(**fields).touched


def summed(outcomes: Iterable[Decided], by: str, answer: str | None = None) -> Decimal:
    """The sum of one amount, of all or of those that a person answered so."""
    told = (each for each in outcomes if answer is None or (each.answer is not None and each.answer.answer == answer))
    return sum((getattr(each, by) for each in told), Decimal(0))
