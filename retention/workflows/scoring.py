"""Knows which workflow to repair or automate first: what is lost through it, the work it makes, how well it mends."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import narwhals as nw

from domain.escalations import LIVE_STATES
from domain.money import decimal_amount
from domain.records import Currency, Record
from retention.ledger import Frame
from retention.reasons.from_tickets import in_runs, issue_of_subject, tags_of
from retention.reasons.losses import LossReport
from retention.reasons.summing import NO_TICKET, shared, workflow_cents, workflow_tickets
from retention.valuation import in_reporting_currency
from retention.workflows.work import WorkFacts, happenings, hours_of, tickets_of

# An account comes back with an issue when it writes about it again within so many seconds.
_AGAIN = 30 * 86_400


class WorkflowScore(Record):
    """One workflow with the parts of its score; amounts are a year's revenue in the report's currency.

    `lost` was lost for reasons whose evidence lies in its tickets, `at_risk` is the revenue of accounts with an open
    escalation, shared over the workflows they write about. `hours` are replies (and touches) times their minutes.
    `repeated_ratio` is the share of tickets with which an account came back on the same issue within 30 days: a hint
    at what could be mended, not part of the score. `score` is lost x hours x fixability, the largest being 100; None
    where nothing was lost anywhere.
    """

    workflow: str
    lost: Decimal
    losses: int
    at_risk: Decimal
    tickets: int
    replies: int
    touches: int
    hours: Decimal
    repeated_ratio: float | None
    fixability: Decimal
    fixability_is_set: bool
    score: float | None


class AccountPart(Record):
    """What one account has to do with a workflow."""

    account: str
    tickets: int
    lost: Decimal
    at_risk: Decimal


class WorkflowReport(Record):
    """All workflows of a stretch of time, the first to mend first; lost and at risk sum to the totals."""

    since: datetime
    as_of: datetime
    currency: Currency
    lost: Decimal
    at_risk: Decimal
    minutes_per_reply: Decimal
    workflows: tuple[WorkflowScore, ...]


def score_workflows(facts: WorkFacts, losses: LossReport, since: datetime) -> WorkflowReport:
    """Score the workflows by the losses of `[since, as_of]` and the work of that time."""
    work, repeated = _work(facts, since), _repeated(facts, since)
    lost, at_risk = _lost(losses), _summed(risk_cents(facts, since))
    counts: dict[str, int] = defaultdict(int)
    for loss in losses.losses:
        for name in workflow_cents(loss):
            counts[name] += 1
    touches = _touches(facts, since)
    names = {*work, *lost, *at_risk} | ({NO_TICKET} if NO_TICKET in {*lost, *at_risk} else set())
    rows = [_row(name, facts, work, lost, at_risk, counts, repeated, touches, losses.currency) for name in names]
    return WorkflowReport(
        since=since,
        as_of=facts.as_of,
        currency=losses.currency,
        lost=losses.lost,
        at_risk=sum((row.at_risk for row in rows), Decimal(0)),
        minutes_per_reply=facts.conventions.minutes_per_reply,
        workflows=tuple(_scored(rows)),
    )


def accounts_of(facts: WorkFacts, losses: LossReport, since: datetime, workflow: str) -> tuple[AccountPart, ...]:
    """The accounts that have to do with a workflow, those that lost most in it first."""
    ours = tickets_of(facts).filter(nw.col("created_at") >= since, nw.col("workflow") == workflow)
    tickets = dict(_pairs(ours.group_by("account_id").agg(nw.len())))
    names = dict(_pairs(facts.accounts.select("id", "name")))
    lost: dict[int, int] = defaultdict(int)
    for loss in losses.losses:
        lost[loss.account_id] += workflow_cents(loss).get(workflow, 0)
    risk = {account: parts.get(workflow, 0) for account, parts in risk_cents(facts, since).items()}
    every = {each for each in {*tickets, *lost, *risk} if tickets.get(each) or lost.get(each) or risk.get(each)}
    order = sorted(
        every - {None}, key=lambda each: (-lost.get(each, 0), -risk.get(each, 0), -tickets.get(each, 0), each)
    )
    return tuple(
        AccountPart(
            account=names.get(each, str(each)), tickets=tickets.get(each, 0),
            lost=decimal_amount(lost.get(each, 0), losses.currency),
            at_risk=decimal_amount(risk.get(each, 0), losses.currency),
        )
        for each in order
    )  # fmt: skip


def blamed_tickets(losses: LossReport, workflow: str) -> tuple[str, ...]:
    """The tickets of a workflow in which the evidence of losses lies, by name."""
    return tuple(sorted({ref for loss in losses.losses for ref in workflow_tickets(loss).get(workflow, ())}))


def risk_cents(facts: WorkFacts, since: datetime) -> dict[int, dict[str, int]]:
    """By account with an open escalation its revenue a year, shared over workflows by its tickets, to the cent.

    An account counts once, with the largest amount of its escalations, in minor units of the reporting currency.
    """
    state, closed = nw.col("state"), nw.col("closed_at")
    is_open = (closed > facts.as_of).fill_null(False) | (closed.is_null() & state.is_in(LIVE_STATES))
    live = facts.escalations.filter(nw.col("opened_at") <= facts.as_of, is_open, ~nw.col("arr_cents").is_null())
    amounts = live.group_by("account_id", "currency").agg(nw.col("arr_cents").max())
    day = nw.lit(facts.as_of.date())
    valued = in_reporting_currency(amounts.with_columns(day=day), facts.rates, "day", ["arr_cents"])
    wrote = (
        tickets_of(facts)
        .filter(nw.col("created_at") >= since)
        .join(live.select("account_id"), on="account_id", how="semi")
    )
    tickets: dict[int, dict[str, int]] = defaultdict(dict)
    for account, workflow, count in wrote.group_by("account_id", "workflow").agg(nw.len()).collect().iter_rows():
        tickets[account][workflow] = count
    worth: dict[int, int] = {}
    for account, cents in valued.select("account_id", "arr_cents").iter_rows():
        worth[account] = max(worth.get(account, 0), cents or 0)
    return {account: shared(cents, tickets.get(account, {})) or {NO_TICKET: cents} for account, cents in worth.items()}


def _row(
    name: str,
    facts: WorkFacts,
    work: Mapping[str, Mapping[str, float]],
    lost: Mapping[str, int],
    at_risk: Mapping[str, int],
    counts: Mapping[str, int],
    repeated: Mapping[str, float],
    touches: Mapping[str, tuple[int, Decimal]],
    currency: str,
) -> WorkflowScore:
    done, conventions = work.get(name, {}), facts.conventions
    touched, minutes = touches.get(name, (0, Decimal(0)))
    replies = int(done.get("reply", 0))
    return WorkflowScore(
        workflow=name,
        lost=decimal_amount(lost.get(name, 0), currency),
        losses=counts.get(name, 0),
        at_risk=decimal_amount(at_risk.get(name, 0), currency),
        tickets=int(done.get("ticket", 0)),
        replies=replies,
        touches=touched,
        hours=hours_of(replies, conventions.minutes_per_reply) + (minutes / 60).quantize(Decimal("0.1")),
        repeated_ratio=repeated.get(name),
        fixability=conventions.fixability.get(name, conventions.default_fixability),
        fixability_is_set=name in conventions.fixability,
        score=None,
    )


def _scored(rows: list[WorkflowScore]) -> list[WorkflowScore]:
    products = {row.workflow: row.lost * row.hours * row.fixability for row in rows if row.workflow != NO_TICKET}
    largest = max(products.values(), default=Decimal(0))
    scored = [
        row.model_copy(update={"score": round(float(100 * products[row.workflow] / largest), 1)})
        if largest and row.workflow in products
        else row
        for row in rows
    ]
    return sorted(scored, key=lambda row: (row.score is None, -(row.score or 0), -row.lost, -row.hours, row.workflow))


def _lost(losses: LossReport) -> dict[str, int]:
    return _summed({loss.outcome_id: workflow_cents(loss) for loss in losses.losses})


def _summed(parts: Mapping[Any, Mapping[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for each in parts.values():
        for name, cents in each.items():
            sums[name] += cents
    return sums


def _work(facts: WorkFacts, since: datetime) -> dict[str, dict[str, float]]:
    inside = happenings(facts).filter(nw.col("at") >= since, nw.col("what").is_in(["ticket", "reply"]))
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for name, what, amount in inside.group_by("workflow", "what").agg(nw.col("amount").sum()).collect().iter_rows():
        found[name][what] = amount
    return found


def _touches(facts: WorkFacts, since: datetime) -> dict[str, tuple[int, Decimal]]:
    """How many imported touches name a ticket of each workflow, and their minutes where they are set."""
    moment = nw.col("happened_at")
    made = facts.touches.filter(moment >= since, moment <= facts.as_of, ~nw.col("ticket_ref").is_null())
    joined = made.select("account_id", "kind", ref="ticket_ref").join(tickets_of(facts), on=["account_id", "ref"])
    found: dict[str, tuple[int, Decimal]] = {}
    for name, kind, count in joined.group_by("workflow", "kind").agg(nw.len()).collect().iter_rows():
        before, minutes = found.get(name, (0, Decimal(0)))
        found[name] = (before + count, minutes + count * facts.minutes_per_touch.get(kind, Decimal(0)))
    return found


def _repeated(facts: WorkFacts, since: datetime) -> dict[str, float]:
    """By workflow the share of tickets of an issue on which the same account wrote twice or more within 30 days."""
    recent = tickets_of(facts).filter(nw.col("created_at") >= since, ~nw.col("account_id").is_null())
    first_tag = nw.when(nw.col("tags") != "[]").then(tags_of().list.get(0)).otherwise(issue_of_subject())
    known = recent.with_columns(issue=first_tag).sort("account_id", "issue", "created_at", "ticket_id").collect()
    group = (known["account_id"].cast(nw.String) + "|" + known["issue"]).to_numpy()
    seconds = known["created_at"].dt.timestamp("ms").to_numpy() // 1000
    again = in_runs(group, seconds, _AGAIN, 2)
    flag = nw.new_series("again", again.astype(float).tolist(), nw.Float64, backend=known.implementation)
    shares = known.with_columns(flag).group_by("workflow").agg(nw.col("again").mean())
    return {name: round(share, 3) for name, share in shares.iter_rows()}


def _pairs(frame: Frame) -> list[tuple[Any, Any]]:
    return list(frame.collect().iter_rows())
