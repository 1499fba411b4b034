"""`python -m benchmarks.reasons FOLDER`: how often the proposed reason is the true one, in a folder of the demo."""

import sys
from dataclasses import replace
from pathlib import Path

import narwhals as nw
import polars as pl

from jobs.reasons import path_facts
from jobs.settle import Settlement
from keepline.bootstrap import configured
from retention.reasons.paths import PathFacts
from retention.reasons.proposing import propose

_READ = {
    "path, comment and reason": (),
    "path and comment": ("reason",),
    "path alone": ("reason", "comment"),
}


def main(folder: Path) -> None:
    """Print the table of docs/reasons.md, "How often a proposal is right"."""
    keepline = configured(f"sqlite:///{folder / 'keepline.db'}")
    moment = keepline.moment(None)
    settled = Settlement(keepline.store.facts(), keepline.rulebook, moment)
    facts = path_facts(keepline.store, keepline.rulebook, settled, moment)
    truth = _truth(settled, folder)
    for label, hidden in _READ.items():
        proposed = _proposed(facts, hidden)
        pairs = [(proposed.get(outcome), reason) for outcome, reason in truth.items()]
        made = sum(guess is not None for guess, _ in pairs)
        right = sum(guess == reason for guess, reason in pairs)
        print(f"{label:26} {made:3} proposals, {right:3} right: {right / made:.0%}, of all {right / len(pairs):.0%}")
    most = max(list(truth.values()).count(reason) for reason in truth.values())
    print(f"{'always the most frequent':26} {len(truth):3} proposals, {most:3} right: {most / len(truth):.0%}")


def _proposed(facts: PathFacts, hidden: tuple[str, ...]) -> dict[str, str]:
    """By outcome the proposal that reads everything but these columns of the churn reports."""
    columns = [nw.lit(None, nw.String).alias(name) for name in hidden]
    reports = facts.churn_reports.with_columns(*columns) if columns else facts.churn_reports
    ranked = propose(replace(facts, churn_reports=reports)).ranked()
    least = facts.conventions.minimum_points
    return {outcome: reasons[0][0] for outcome, reasons in ranked.items() if reasons[0][1] >= least}


def _truth(settled: Settlement, folder: Path) -> dict[str, str]:
    """The true reason of each churned outcome that the CRM heard of."""
    told = pl.read_csv(folder / "exports" / "churn_reports.csv", infer_schema=False)
    reasons = {(row["account_ref"], row["churned_on"]): row["reason"] for row in told.iter_rows(named=True)}
    churned = settled.outcomes.filter(nw.col("kind") == "churned")
    left = churned.select("outcome_id", "account_ref", "happened_at").collect()
    keys = {outcome: (account, f"{moment:%Y-%m-%d}") for outcome, account, moment in left.iter_rows()}
    return {outcome: reasons[key] for outcome, key in keys.items() if key in reasons}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
