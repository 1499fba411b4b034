"""Knows how proposals and persons' decisions become the report on losses and their reasons."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import narwhals as nw

from domain.money import decimal_amount
from domain.reason_conventions import UNKNOWN_REASON, ReasonConventions
from domain.reasons import ReasonDecision
from retention.ledger import UNKNOWN, Frame
from retention.reasons.from_voices import pattern_of
from retention.reasons.losses import NO_FAILURE, Candidate, FailureShare, Found, Loss, LossReport, Piece, Status
from retention.reasons.proposing import ABOUT_ONE, Proposals
from retention.reasons.sources import missing_sources
from retention.reasons.words import said_in_words, sentence_with
from retention.valuation import Results, in_reporting_currency

Rates = Any


@dataclass(frozen=True)
class Known:
    """What stands beside the proposals: persons' decisions (the oldest first) and segments, both by outcome."""

    accounts: Frame
    rates: Rates
    decisions: Sequence[ReasonDecision] = ()
    segments: Mapping[str, str] = field(default_factory=dict)


def loss_report(proposals: Proposals, known: Known, since: datetime | None = None) -> LossReport:
    """Every loss of the proposals with its reason, and what was lost with which failure of support in the path.

    Amounts are in the reporting currency, each converted at the rate of its day; what no rate is known for is named
    in `unconverted` and counts nowhere.
    """
    told = _Teller(proposals, known)
    valued = _valued(proposals, known)
    rows = [row for row in valued.iter_rows(named=True) if row["lost_cents"] is not None]
    losses = tuple(told.loss(row) for row in sorted(rows, key=lambda row: (-row["lost_cents"], row["outcome_id"])))
    currency = known.rates.reporting_currency
    return LossReport(
        since=since,
        as_of=proposals.paths.facts.as_of,
        currency=currency,
        lost=_sum(losses),
        with_failure=_sum(loss for loss in losses if loss.main_failure),
        support_failures=_sum(loss for loss in losses if loss.is_support_failure),
        losses=losses,
        by_failure=_by_failure(losses, told.failures, told.kept_whole(), proposals.paths.rules, currency),
        unconverted=tuple(valued.filter(nw.col("lost_cents").is_null())["outcome_id"].to_list()),
    )


def standing(decisions: Iterable[ReasonDecision]) -> dict[str, ReasonDecision]:
    """By outcome the newest decision, unless it takes the one before back."""
    newest = {decision.outcome_id: decision for decision in decisions}
    return {outcome_id: each for outcome_id, each in newest.items() if each.reason is not None}


def _valued(proposals: Proposals, known: Known) -> Results:
    """The losses with account, account_id and lost_cents in the reporting currency; null without a rate."""
    names = known.accounts.select("name", account_id="id")
    outcomes = proposals.paths.facts.outcomes.select("outcome_id", "account_ref", "currency")
    losses = proposals.paths.losses.join(outcomes, on="outcome_id", how="left")
    named = losses.join(names, on="account_id", how="left").with_columns(
        day=nw.col("happened_at").dt.date(), account=nw.coalesce("name", "account_ref")
    )
    return in_reporting_currency(named, known.rates, "day", ["lost_cents"])


class _Teller:
    """Tells losses one by one from what was found for all of them."""

    def __init__(self, proposals: Proposals, known: Known) -> None:
        self._rules, self._known = proposals.paths.rules, known
        self._spans = proposals.paths.spans
        self._ranked, self.failures = proposals.ranked(), proposals.failures()
        self._decided = standing(known.decisions)
        self._missing = missing_sources(proposals.paths)
        self._points: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
        for outcome_id, reason, fact, points in proposals.points.iter_rows():
            self._points[outcome_id, reason].append((fact, points))
        self._amounts = {(row[0], row[1], row[2]): row[3] for row in proposals.sums.iter_rows()}
        self._pieces = _speaking(proposals)
        self._patterns = {reason.id: pattern_of(reason.words) for reason in self._rules.reasons if reason.words}

    def kept_whole(self) -> list[str]:
        """The outcomes that lost nothing."""
        return list(self._spans.filter(nw.col("lost_cents") == 0).collect()["outcome_id"].to_list())

    def loss(self, row: dict[str, Any]) -> Loss:
        """One loss, from a row of `_valued`."""
        outcome_id = row["outcome_id"]
        ranked = self._ranked.get(outcome_id, [])
        best = ranked[0][1] if ranked else 0
        proposed = ranked[0][0] if best >= self._rules.minimum_points else UNKNOWN_REASON
        decision = self._decided.get(outcome_id)
        reason = decision.reason or proposed if decision else proposed
        candidates = tuple(self._candidate(outcome_id, *each) for each in ranked)
        facts = {found.fact for each in candidates if each.reason == reason for found in each.evidence}
        failures = self.failures.get(outcome_id, {})
        return Loss(
            outcome_id=outcome_id,
            segment=self._known.segments.get(outcome_id, UNKNOWN),
            lost=decimal_amount(row["lost_cents"], self._known.rates.reporting_currency),
            proposed=proposed,
            points=best,
            contested=proposed != UNKNOWN_REASON and len(ranked) > 1 and best - ranked[1][1] < self._rules.clear_lead,
            candidates=candidates,
            missing=self._missing.get(outcome_id, ()),
            failures=failures,
            main_failure=_main_failure(failures, facts, self._rules),
            is_support_failure=self._rules.is_support(reason) and any(failure in facts for failure in failures),
            reason=reason,
            status=_status(decision, proposed),
            note=decision and decision.note,
            decided_by=decision and decision.decided_by,
            decided_at=decision and decision.decided_at,
            **{name: row[name] for name in ("account", "account_id", "kind", "happened_at", "notice_on", "lost_cents")},
        )

    def _candidate(self, outcome_id: str, reason: str, points: int) -> Candidate:
        found = sorted(self._points[outcome_id, reason], key=lambda each: (-each[1], each[0]))
        return Candidate(
            reason=reason, points=points, evidence=tuple(self._found(outcome_id, reason, *each) for each in found)
        )

    def _found(self, outcome_id: str, reason: str, fact: str, points: int) -> Found:
        about = reason if fact in ABOUT_ONE else ""
        amount = self._amounts[outcome_id, fact, about]
        pieces = tuple(self._piece(row, reason) for row in self._pieces[outcome_id, fact, about])
        first = pieces[0].text if pieces else None
        words = said_in_words(fact, amount, first, self._rules.usage_days)
        return Found(fact=fact, amount=round(amount, 2), points=points, words=words, pieces=pieces)

    def _piece(self, row: dict[str, Any], reason: str) -> Piece:
        text = row["text"]
        if row["fact"] in ("said", "commented") and text:
            text = sentence_with(text, self._patterns[reason])
        return Piece(ref=row["ref"], at=row["at"], workflow=row["workflow"], text=text)


def _speaking(proposals: Proposals) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    """The pieces of the losses, by outcome, fact and what they are about, in order of time."""
    lost = proposals.paths.losses.select("outcome_id").collect()
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in proposals.pieces.join(lost, on="outcome_id", how="semi").sort("at", "ref").iter_rows(named=True):
        found[row["outcome_id"], row["fact"], row["about"]].append(row)
    return found


def _status(decision: ReasonDecision | None, proposed: str) -> Status:
    if decision is not None:
        return "confirmed" if decision.reason == proposed else "changed"
    return "unknown" if proposed == UNKNOWN_REASON else "proposed"


def _main_failure(failures: Mapping[str, float], facts: set[str], rules: ReasonConventions) -> str | None:
    """The gravest that stands in the evidence of the reason, otherwise the gravest of the path."""
    in_order = [name for name in rules.failures if name in failures]
    return next((name for name in in_order if name in facts), in_order[0] if in_order else None)


def _by_failure(
    losses: Sequence[Loss],
    failures: Mapping[str, Mapping[str, float]],
    kept: Sequence[str],
    rules: ReasonConventions,
    currency: str,
) -> tuple[FailureShare, ...]:
    """A row for each kind of failure that is on any path, the gravest first, and one for losses without any."""
    rows = []
    for name in (*rules.failures, NO_FAILURE):
        is_none = name == NO_FAILURE
        ours = [loss for loss in losses if (loss.main_failure or NO_FAILURE) == name]
        present = [loss for loss in losses if (not loss.failures if is_none else name in loss.failures)]
        also = [each for each in kept if (not failures.get(each) if is_none else name in failures.get(each, {}))]
        rows.append(
            FailureShare(
                failure=name,
                lost=decimal_amount(sum(loss.lost_cents for loss in ours), currency),
                outcomes=len(ours),
                present=len(present),
                present_ratio=_ratio(len(present), len(losses)),
                present_kept=len(also),
                present_kept_ratio=_ratio(len(also), len(kept)),
            )
        )
    return tuple(row for row in rows if row.present or row.present_kept or row.failure == NO_FAILURE)


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _sum(losses: Iterable[Loss]) -> Decimal:
    return sum((loss.lost for loss in losses), Decimal(0))
