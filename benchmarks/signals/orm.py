"""The ticket signals object by object: each account's tickets through SQLAlchemy's ORM, on a sample of accounts."""

import re
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, registry

from benchmarks.contest import Answer, Stopwatch, is_sampled
from benchmarks.made_tickets import AS_OF
from rules.signals import SignalWindows
from storage import tables
from storage.engine import open_engine

_WINDOWS = SignalWindows()
_MARKS = re.compile(r"^((re|fwd?|aw|wg|sv|vs|tr)\s*:\s*)+")
_NOISE = re.compile(r"[#\d\s]+")
_MOST_ACCOUNTS = 1_000


class Account:
    """A row of `accounts`."""

    id: Any
    external_id: str
    name: str
    signed_up_on: date | None


class Ticket:
    """A row of `tickets`."""

    account_id: Any
    created_at: Any
    subject: str
    tags: list[str]
    escalated: bool | None


def contend(watch: Stopwatch, database: str) -> Answer:
    """A session that loads each sampled account's tickets of the last year and counts them in Python."""
    mapped = registry()
    mapped.map_imperatively(Account, tables.accounts)
    mapped.map_imperatively(Ticket, tables.tickets)
    engine = open_engine(f"sqlite:///{database}")
    with Session(engine) as session:
        ids = list(session.scalars(select(tables.accounts.c.id).order_by(tables.accounts.c.id)))
        sampled = [one for one in ids if is_sampled(one)][:_MOST_ACCOUNTS]
        _signals(session, ids[0])  # the first one pays for the mapping
        rows = []
        with watch.part("loop"):
            for account_id in sampled:
                rows.append(_signals(session, account_id))
                session.expunge_all()
    engine.dispose()
    return Answer.of(rows, share=len(sampled) / len(ids))


def _signals(session: Session, account_id: int) -> list[Any]:
    account = session.get_one(Account, account_id)
    query = select(Ticket).where(
        Ticket.account_id == account_id,
        Ticket.created_at > _ago(_WINDOWS.ticket_history_days),
        Ticket.created_at <= AS_OF,
    )
    tickets = list(session.scalars(query))
    times = [ticket.created_at for ticket in tickets]
    spike, trend, silence = _WINDOWS.spike_days, _WINDOWS.trend_days, _WINDOWS.silence_days
    recent = [ticket for ticket in tickets if ticket.created_at > _ago(trend)]
    count, issue = _repeated(recent)
    tickets_7d, baseline = _between(times, spike, 0), _between(times, spike + _WINDOWS.baseline_days, spike)
    tickets_30d, prior = _between(times, trend, 0), _between(times, 2 * trend, trend)
    days = _observed_days(account, times)
    known, length = days >= _WINDOWS.baseline_min_days, spike
    return [
        account_id,
        account.external_id,
        account.name,
        tickets_7d,
        baseline * length / days if known else None,
        tickets_7d * days / (baseline * length) if known and baseline else None,
        tickets_30d,
        prior,
        (tickets_30d - prior) / prior if prior else None,
        (AS_OF - max(times)).days if times else None,
        _between(times, silence + _WINDOWS.habit_days, silence),
        count,
        issue,
        sum(bool(ticket.escalated) for ticket in recent),
    ]


def _ago(days: int) -> datetime:
    return AS_OF - timedelta(days=days)


def _between(times: list[datetime], days: int, until_days: int) -> int:
    return sum(_ago(days) < time <= _ago(until_days) for time in times)


def _observed_days(account: Account, times: list[datetime]) -> int:
    known = [(AS_OF.date() - account.signed_up_on).days - _WINDOWS.spike_days] if account.signed_up_on else []
    if times:
        known.append((_ago(_WINDOWS.spike_days) - min(times)).days)
    return min(max(known, default=0), _WINDOWS.baseline_days)


def _repeated(recent: list[Ticket]) -> tuple[int, str | None]:
    counted: Counter[str] = Counter()
    for ticket in recent:
        subject = _NOISE.sub(" ", _MARKS.sub("", ticket.subject.lower().strip())).strip()
        tags = {tag.lower() for tag in ticket.tags} - set(_WINDOWS.ignored_tags)
        counted.update({subject, *tags} - {""})
    if not counted:
        return 0, None
    most = max(counted.values())
    return most, min(issue for issue, tickets in counted.items() if tickets == most)
