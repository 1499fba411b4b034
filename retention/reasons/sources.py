"""Knows which sources tell nothing of the path of a loss."""

import narwhals as nw

from retention.reasons.from_voices import reports_of
from retention.reasons.paths import Paths


def missing_sources(paths: Paths) -> dict[str, tuple[str, ...]]:
    """By loss the sources that have nothing on its path, in words."""
    losses = paths.losses.select("outcome_id", "account_id", "kind", "begins_at", "ends_at")
    facts, begun, before = paths.facts, nw.col("begins_at"), nw.col("ends_at")
    tickets = paths.tickets.select("outcome_id")
    answered = facts.surveys.select("account_id", at="answered_at").join(losses, on="account_id", how="inner")
    used = facts.usage_days.select("account_id", at="used_on").join(losses, on="account_id", how="inner")
    used = used.filter(nw.col("at") >= begun.dt.date(), nw.col("at") < before.dt.date())
    there = {
        "no ticket": tickets,
        "no survey": answered.filter(nw.col("at") >= begun, nw.col("at") < before),
        "no usage": used,
        "no churn report": nw.concat(
            [reports_of(paths).select("outcome_id"), losses.filter(nw.col("kind") != "churned").select("outcome_id")]
        ),
    }
    known = {words: set(frame.select("outcome_id").unique().collect()["outcome_id"]) for words, frame in there.items()}
    every = losses.select("outcome_id").collect()["outcome_id"]
    return {each: tuple(words for words, ids in known.items() if each not in ids) for each in every}
