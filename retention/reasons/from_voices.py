"""Knows what customers' moods, ratings and words tell, and what other systems say of why they left."""

import re
from collections.abc import Sequence

import narwhals as nw

from retention.ledger import Frame
from retention.reasons.from_tickets import next_reply
from retention.reasons.paths import UNKNOWN_WORKFLOW, Paths, evidence, hours


def mood_evidence(paths: Paths) -> list[Frame]:
    """Pieces of evidence of anger, unanswered_anger and low_rating."""
    return [*_anger(paths), _low_ratings(paths)]


def _anger(paths: Paths) -> list[Frame]:
    ours = paths.tickets.select("outcome_id", "ticket_id", "ref", "workflow", "resolved_at", "ends_at")
    messages, sentiment = paths.facts.messages, nw.col("sentiment")
    said = messages.filter(nw.col("author_kind") == "customer", nw.col("public"))
    said = said.select("ticket_id", "sent_at", message_id="id")
    read = paths.facts.readings.filter(~sentiment.is_null(), sentiment <= paths.rules.angry_at)
    angry = ours.join(said, on="ticket_id", how="inner").join(read.select("message_id"), on="message_id", how="inner")
    angry = angry.filter(nw.col("sent_at") < nw.col("ends_at")).collect().lazy()
    waits = angry.select("outcome_id", "ticket_id", angry_at="sent_at").unique(["outcome_id", "ticket_id", "angry_at"])
    answers = next_reply(paths, waits, "angry_at").rename({"angry_at": "sent_at"})
    known = angry.join(answers, on=["outcome_id", "ticket_id", "sent_at"], how="left")
    done_at = nw.min_horizontal("replied_at", "resolved_at", "ends_at")
    alone = known.filter(done_at - nw.col("sent_at") > hours(paths.rules.unanswered_hours))
    return [evidence(angry, "anger", "sent_at"), evidence(alone, "unanswered_anger", "sent_at")]


def _low_ratings(paths: Paths) -> Frame:
    score = (nw.col("score") - nw.col("scale_min")) * 100
    width, rules = nw.col("scale_max") - nw.col("scale_min"), paths.rules
    is_low = (
        nw.when(nw.col("kind") == "nps")
        .then(nw.lit(rules.detractor_percent))
        .otherwise(nw.lit(rules.low_rating_percent))
    )
    answers = paths.facts.surveys.filter(width > 0, score <= is_low * width).select(
        "account_id", "answered_at", "ticket_id", ref="external_id", text="kind"
    )
    joined = answers.join(paths.losses.select("outcome_id", "account_id", "begins_at", "ends_at"), on="account_id")
    on_path = (nw.col("answered_at") >= nw.col("begins_at")) & (nw.col("answered_at") < nw.col("ends_at"))
    return evidence(joined.filter(on_path), "low_rating", "answered_at")


def word_evidence(paths: Paths) -> list[Frame]:
    """Pieces of evidence of said (customers' own words), commented and reported (a churn report)."""
    said, reports = _said(paths).collect().lazy(), reports_of(paths).collect().lazy()
    found = []
    for reason in paths.rules.reasons:
        about, code = (
            nw.lit(reason.id),
            nw.col("reason").str.to_lowercase().str.strip_chars().str.replace_all(r"[\s\-]+", "_"),
        )
        if reason.words:
            pattern = pattern_of(reason.words)
            found.append(evidence(said.filter(nw.col("text").str.contains(pattern)), "said", "sent_at", about=about))
            spoken = reports.filter(nw.col("comment").str.contains(pattern).fill_null(False))
            found.append(evidence(spoken, "commented", "churned_at", about=about, text=nw.col("comment")))
        if reason.codes:
            coded = reports.filter(code.is_in(list(reason.codes)).fill_null(False))
            found.append(evidence(coded, "reported", "churned_at", about=about, text=nw.col("reason")))
    return found


def pattern_of(words: Sequence[str]) -> str:
    """A regular expression that finds any of the phrases as whole words, in any case and spacing."""
    phrases = (r"\s+".join(re.escape(part) for part in phrase.split()) for phrase in words)
    return rf"(?i)\b(?:{'|'.join(phrases)})\b"


def _said(paths: Paths) -> Frame:
    """What the customers of lost accounts wrote: outcome_id, ref, ticket_id, workflow, sent_at, text."""
    facts = paths.facts
    workflows = facts.tickets.select(ticket_id="id", workflow=nw.col("workflow").fill_null(UNKNOWN_WORKFLOW))
    rated = facts.surveys.filter(~nw.col("comment").is_null()).select(
        "account_id", "ticket_id", ref="external_id", sent_at="answered_at", text="comment"
    )
    written = facts.texts.select("account_id", "ticket_id", "ref", "sent_at", "text")
    losses = paths.losses.select("outcome_id", "account_id", "happened_at")
    spoken = nw.concat([written, rated]).join(losses, on="account_id", how="inner")
    since = nw.col("happened_at").dt.offset_by(f"-{paths.rules.said_days}d")
    near = spoken.filter(nw.col("sent_at") >= since, nw.col("sent_at") < nw.col("happened_at"))
    return near.join(workflows, on="ticket_id", how="left")


def reports_of(paths: Paths) -> Frame:
    """The churn report nearest to each loss: outcome_id, ref, churned_at, reason, comment."""
    left = paths.losses.select("outcome_id", "account_id", "happened_at")
    churned_at = nw.col("churned_on").cast(nw.Datetime("us")).dt.replace_time_zone("UTC")
    told = paths.facts.churn_reports.filter(churned_at <= paths.facts.as_of).select(
        "account_id", "reason", "comment", ref="external_id", churned_at=churned_at
    )
    pairs = told.join(left, on="account_id", how="inner").with_columns(
        _apart=(nw.col("churned_at") - nw.col("happened_at")).dt.total_minutes().abs()
    )
    near = pairs.filter(nw.col("_apart") <= paths.rules.report_tolerance_days * 1440)
    return near.filter(nw.col("_apart") == nw.col("_apart").min().over("outcome_id"))
