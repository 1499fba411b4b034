"""Knows how the facts of a path speak for reasons, and which one is proposed."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from domain.reason_conventions import ReasonConventions
from retention.ledger import Frame
from retention.reasons.from_promises import promise_evidence
from retention.reasons.from_tickets import ticket_evidence
from retention.reasons.from_use import use_evidence
from retention.reasons.from_voices import mood_evidence, word_evidence
from retention.reasons.paths import PathFacts, Paths, paths

# Facts that speak for the one reason that they are about, by its topics, words or codes.
ABOUT_ONE = ("topic", "said", "commented", "reported")


@dataclass(frozen=True)
class Proposals:
    """What the paths of all outcomes tell.

    `pieces` has a row per piece of evidence (`paths.EVIDENCE`), `sums` one per outcome, fact, about: amount. `points`
    gives for each outcome that lost something the facts that hold for each reason: outcome_id, reason, fact, points.
    """

    paths: Paths
    pieces: nw.DataFrame[Any]
    sums: nw.DataFrame[Any]
    points: nw.DataFrame[Any]

    def ranked(self) -> dict[str, list[tuple[str, int]]]:
        """By outcome the reasons for which anything speaks, the most points first; ties in the order of the table."""
        place = {reason.id: number for number, reason in enumerate(self.paths.rules.reasons)}
        totals = self.points.group_by("outcome_id", "reason").agg(nw.col("points").sum())
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for outcome_id, reason, points in totals.iter_rows():
            found[outcome_id].append((reason, points))
        for reasons in found.values():
            reasons.sort(key=lambda each: (-each[1], place[each[0]]))
        return found

    def failures(self) -> dict[str, dict[str, float]]:
        """By outcome, kept ones among them, the failures of support in its path that are enough to be called one."""
        enough = self.paths.rules.failures
        found: dict[str, dict[str, float]] = defaultdict(dict)
        failed = self.sums.filter(nw.col("fact").is_in(list(enough)))
        amounts = {(row[0], row[1]): row[2] for row in failed.select("outcome_id", "fact", "amount").iter_rows()}
        for (outcome_id, fact), amount in sorted(amounts.items()):
            if amount >= float(enough[fact]):
                found[outcome_id][fact] = amount
        return found


def propose(facts: PathFacts) -> Proposals:
    """Find all evidence in the paths of all outcomes, and what it says about those that lost something."""
    looked_at = paths(facts)
    found = [
        *ticket_evidence(looked_at),
        *promise_evidence(looked_at),
        *mood_evidence(looked_at),
        *word_evidence(looked_at),
        *use_evidence(looked_at),
    ]
    pieces = nw.concat(found).sort("outcome_id", "fact", "about", "at", "ref").collect()
    sums = pieces.group_by("outcome_id", "fact", "about").agg(nw.col("amount").sum())
    return Proposals(looked_at, pieces, sums, _points(looked_at, sums.lazy()).collect())


def _points(looked_at: Paths, sums: Frame) -> Frame:
    """Of several rules of one fact the highest that holds counts."""
    backend = looked_at.facts.outcomes.implementation
    rules = nw.from_dict(_rules(looked_at.rules), backend=backend, schema=_RULE_COLUMNS).lazy()
    lost = looked_at.losses.select("outcome_id")
    holding = sums.join(rules, on=["fact", "about"], how="inner").filter(nw.col("amount") >= nw.col("at_least"))
    best = holding.group_by("outcome_id", "reason", "fact").agg(nw.col("points").max())
    return best.join(lost, on="outcome_id", how="semi").sort("outcome_id", "reason", "points", "fact")


_RULE_COLUMNS = {
    "reason": nw.String(),
    "fact": nw.String(),
    "about": nw.String(),
    "at_least": nw.Float64(),
    "points": nw.Int64(),
}


def _rules(conventions: ReasonConventions) -> dict[str, list[Any]]:
    rows = [
        (reason.id, rule.fact, reason.id if rule.fact in ABOUT_ONE else "", float(rule.at_least), rule.points)
        for reason in conventions.reasons
        for rule in reason.evidence
    ]
    return {name: [row[place] for row in rows] for place, name in enumerate(_RULE_COLUMNS)}
