"""Knows at which moment a ticket is looked at: when it was solved, or as it stands."""

from datetime import datetime, timedelta

import narwhals as nw

from domain.reading import Predicted
from rules.kpis.answers import Easy, is_easy, is_satisfied, on_its_scale
from rules.satisfaction.facts import Frame, TicketFacts, TicketHistory
from rules.satisfaction.settings import SatisfactionSettings

OVER = ("solved", "closed")
_KEY = ("seen_at", "source", "ref")


def solvings(facts: TicketHistory) -> Frame:
    """ticket_id, solved_at: every moment at which a ticket came to be solved, as its history or its own field says."""
    entered = nw.col("to_value").is_in(OVER) & ~nw.col("from_value").fill_null("").is_in(OVER)
    told = facts.events.filter(nw.col("kind") == "status", entered)
    field = facts.tickets.filter(~nw.col("resolved_at").is_null())
    return nw.concat([
        told.select("ticket_id", nw.col("happened_at").alias("solved_at")),
        field.select(nw.col("id").alias("ticket_id"), nw.col("resolved_at").alias("solved_at")),
    ]).unique(["ticket_id", "solved_at"])  # fmt: skip


def answered_cases(
    facts: TicketFacts, predicts: Predicted, as_of: datetime, settings: SatisfactionSettings, easy_end: Easy = "high"
) -> Frame:
    """A row per ticket with an answer, as it stood when it was last solved before the answer.

    case, ticket_id, account, created_at, seen_at, answered_at, satisfied (Int64). The first answer of a kind counts;
    of one that was given before any solving, the moment of the answer is looked at.
    """
    good = is_satisfied() if predicts == "csat" else is_easy(easy_end)
    since = as_of - timedelta(days=settings.learn_days)
    known = facts.surveys.filter(
        nw.col("kind") == predicts, on_its_scale(), nw.col("answered_at") <= as_of, nw.col("answered_at") > since
    )
    first = known.filter(nw.col("answered_at") == nw.col("answered_at").min().over("ticket_id"))
    # Of two answers of one moment the worse counts: it makes no difference in which order they came.
    one = first.group_by("ticket_id", "answered_at").agg(good.cast(nw.Int64).min().alias("satisfied"))
    cases = _numbered(_seen_until(one, facts, "answered_at"))
    return cases.select("case", "ticket_id", "account", "created_at", "seen_at", "answered_at", "satisfied")


def silent_cases(facts: TicketFacts, predicts: Predicted, as_of: datetime, settings: SatisfactionSettings) -> Frame:
    """A row per ticket without an answer that is solved, or has long been open, at `as_of`.

    case, ticket_id, account, created_at, seen_at, is_open. A solved one is seen as it was when it was last solved.
    """
    known = facts.surveys.filter(nw.col("kind") == predicts, nw.col("answered_at") <= as_of)
    silent = facts.tickets.filter(nw.col("created_at") <= as_of).select(nw.col("id").alias("ticket_id"))
    silent = silent.join(known.select("ticket_id").unique("ticket_id"), on="ticket_id", how="anti")
    seen = _seen_until(silent.with_columns(bound=nw.lit(as_of).cast(nw.Datetime("us", "UTC"))), facts, "bound")
    opened = seen.join(_reopened(facts, as_of), on="ticket_id", how="left")
    is_open = ~nw.col("solved") | (nw.col("reopened_at") > nw.col("seen_at"))
    # A ticket that was opened again is looked at as it stands.
    told = opened.with_columns(is_open=is_open.fill_null(value=False))
    told = told.with_columns(seen_at=nw.when(nw.col("is_open")).then(nw.col("bound")).otherwise(nw.col("seen_at")))
    old = nw.col("created_at") <= as_of - timedelta(days=settings.long_open_days)
    recent = nw.col("seen_at") > as_of - timedelta(days=settings.predict_days)
    wanted = told.filter(nw.when(nw.col("is_open")).then(old).otherwise(recent))
    return _numbered(wanted).select("case", "ticket_id", "account", "created_at", "seen_at", "is_open")


def solved_cases(facts: TicketHistory, since: datetime, until: datetime) -> Frame:
    """A row per solving in `(since, until]`: case, ticket_id, account_id, account, created_at, seen_at."""
    inside = solvings(facts).filter(nw.col("solved_at") > since, nw.col("solved_at") <= until)
    known = inside.join(_tickets(facts), on="ticket_id", how="inner").with_columns(seen_at=nw.col("solved_at"))
    return _numbered(known).select("case", "ticket_id", "account_id", "account", "created_at", "seen_at")


def _seen_until(rows: Frame, facts: TicketFacts, bound: str) -> Frame:
    """The rows with their ticket, `seen_at` (its last solving up to `bound`, else `bound`) and `solved`."""
    solved = rows.select("ticket_id", bound).join(solvings(facts), on="ticket_id", how="inner")
    last = solved.filter(nw.col("solved_at") <= nw.col(bound)).group_by("ticket_id").agg(nw.col("solved_at").max())
    known = rows.join(_tickets(facts), on="ticket_id", how="inner").join(last, on="ticket_id", how="left")
    return known.with_columns(
        seen_at=nw.coalesce("solved_at", bound), solved=~nw.col("solved_at").is_null()
    ).filter(nw.col("created_at") <= nw.col("seen_at"))  # fmt: skip


def _reopened(facts: TicketFacts, as_of: datetime) -> Frame:
    left = nw.col("from_value").is_in(OVER) & ~nw.col("to_value").is_in(OVER)
    found = facts.events.filter(nw.col("kind") == "status", left, nw.col("happened_at") <= as_of)
    return found.group_by("ticket_id").agg(nw.col("happened_at").max().alias("reopened_at"))


def _tickets(facts: TicketHistory) -> Frame:
    named = nw.concat_str([nw.col("source"), nw.col("ref")], separator=":")
    # A ticket of nobody known is its own customer.
    return facts.tickets.select(
        nw.col("id").alias("ticket_id"), "account_id", nw.coalesce(nw.col("account"), named).alias("account"),
        "source", "ref", "created_at",
    )  # fmt: skip


def _numbered(rows: Frame) -> Frame:
    """The rows by time and name, numbered: the order in which they came from the database is forgotten."""
    return rows.sort(*_KEY).with_row_index("case", order_by=list(_KEY)).with_columns(nw.col("case").cast(nw.Int64))
