"""Shows the issues of a span: how many tickets and accounts each has, the money behind them, and whether it grows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

import narwhals as nw

from domain.errors import NotFound
from jobs.evaluate import look
from jobs.issues import READER
from jobs.rulebook import Rulebook
from storage.frames import Frame
from storage.issues import IssueBook
from storage.store import Store

TREND_DAYS = 30


@dataclass(frozen=True)
class IssueTicket:
    """A ticket of an issue; `ref` is `source:external id`."""

    ref: str
    account: str
    subject: str
    status: str
    created_at: datetime


@dataclass(frozen=True)
class IssueView:
    """One issue in a span, the parent incident of all accounts that it troubles.

    `arr_cents` is the ARR of those whose ARR is known, None where none is; `arr_unknown` counts the others.
    `recent` are tickets of the last 30 days, `before` those of the 30 days before.
    """

    issue_id: str
    label: str
    terms: tuple[str, ...]
    tickets: int
    accounts: int
    most_of_one_account: int
    arr_cents: int | None
    arr_unknown: int
    first_seen_at: datetime
    last_seen_at: datetime
    recent: int
    before: int


@dataclass(frozen=True)
class Issues:
    """The issues of a span, those of most accounts first, and the currency of their money."""

    currency: str
    issues: list[IssueView]


def issues(
    store: Store, rulebook: Rulebook, since: datetime, as_of: datetime, account: str | None = None, fewest: int = 2
) -> Issues:
    """Issues with at least `fewest` tickets created in `(since, as_of]`, perhaps of one account alone."""
    worth, currency = look(store.facts(), rulebook, as_of, as_of, only={"acv"}).signals(as_of)
    tickets = _tickets(store, since, as_of).collect()
    if account is not None:
        tickets = tickets.filter(nw.col("account_id") == _account_id(worth, account))
    acv = dict(zip(worth["account_id"].to_list(), worth["acv"].to_list(), strict=True))
    known = IssueBook(store.engine, READER).issues()
    gathered: dict[str, list[tuple[int, datetime]]] = {}
    for name, owner, created_at in tickets.select("issue_id", "account_id", "created_at").iter_rows():
        gathered.setdefault(name, []).append((owner, created_at))
    found = [
        _view(known[name].label, known[name].terms, name, rows, acv, as_of)
        for name, rows in gathered.items()
        if len(rows) >= fewest
    ]
    found.sort(key=lambda issue: (-issue.accounts, -(issue.arr_cents or 0), -issue.tickets, issue.issue_id))
    return Issues(currency, found)


def _view(
    label: str, terms: tuple[str, ...], name: str, rows: list[tuple[int, datetime]],
    acv: Mapping[int, int | None], as_of: datetime,
) -> IssueView:  # fmt: skip
    owners, times = [owner for owner, _ in rows], [at for _, at in rows]
    accounts = set(owners)
    known = [cents for each in accounts if (cents := acv.get(each)) is not None]
    recent, before = as_of - timedelta(days=TREND_DAYS), as_of - timedelta(days=2 * TREND_DAYS)
    return IssueView(
        issue_id=name,
        label=label,
        terms=terms,
        tickets=len(rows),
        accounts=len(accounts),
        most_of_one_account=max(owners.count(each) for each in accounts),
        arr_cents=sum(known) if known else None,
        arr_unknown=len(accounts) - len(known),
        first_seen_at=min(times),
        last_seen_at=max(times),
        recent=sum(at > recent for at in times),
        before=sum(before < at <= recent for at in times),
    )


def tickets_of(store: Store, issue_id: str, since: datetime, as_of: datetime) -> list[IssueTicket]:
    """The tickets of an issue in a span, the newest first."""
    facts = store.facts()
    accounts = facts.accounts().select(nw.col("id").alias("account_id"), nw.col("name").alias("account"))
    rows = _tickets(store, since, as_of).filter(nw.col("issue_id") == issue_id)
    named = rows.join(accounts, on="account_id", how="left").sort("created_at", "id", descending=True).collect()
    return [
        IssueTicket(
            ref=f"{row['source']}:{row['external_id']}",
            account=row["account"] or "unknown",
            subject=row["subject"],
            status=row["status"],
            created_at=row["created_at"],
        )
        for row in named.iter_rows(named=True)
    ]


def named_issue(store: Store, said: str) -> str:
    """The id of the issue of that id or label.

    Raises:
        NotFound: there is none, or several have that label.
    """
    known = IssueBook(store.engine, READER).issues()
    if said in known:
        return said
    found = [name for name, issue in known.items() if issue.label.casefold() == said.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFound(f"{len(found)} issues are called {said!r}: {', '.join(sorted(found)[:5])}; give the id")
    near = get_close_matches(said, sorted({issue.label for issue in known.values()}), n=3, cutoff=0.5)
    meant = f"did you mean {', '.join(near)}?" if near else "keepline issues lists them"
    raise NotFound(f"no issue is called {said!r}; {meant}")


def named_tickets(store: Store, said: list[str]) -> list[str]:
    """The refs of tickets that are given by their ref or by their id alone.

    Raises:
        NotFound: a ticket has not been grouped, or several sources have that id.
    """
    placed = IssueBook(store.engine, READER).placings()
    found = []
    for name in said:
        refs = [name] if name in placed else [ref for ref in placed if ref.partition(":")[2] == name]
        if len(refs) != 1:
            what = f"{len(refs)} sources have the ticket {name!r}" if refs else f"no grouped ticket is {name!r}"
            raise NotFound(f"{what}; keepline issues show ISSUE lists them as source:id")
        found += refs
    return found


def _tickets(store: Store, since: datetime, as_of: datetime) -> Frame:
    """id, account_id, source, external_id, subject, status, created_at, issue_id of grouped tickets with an account."""
    facts = store.facts()
    names = ("id", "account_id", "source", "external_id", "subject", "status", "created_at")
    tickets = facts.tickets(since, as_of).select(*names)
    placed = facts.placed_tickets(since, as_of).select("ticket_id", "issue_id")
    return tickets.join(placed, left_on="id", right_on="ticket_id", how="inner")


def _account_id(worth: nw.DataFrame[Any], said: str) -> int:
    wanted = said.casefold()
    for owner, ref, name in worth.select("account_id", "account_ref", "account").iter_rows():
        if wanted in (str(ref).casefold(), str(name).casefold()):
            return int(owner)
    near = get_close_matches(said, [str(name) for name in worth["account"].to_list()], n=3, cutoff=0.4)
    meant = f"did you mean {', '.join(near)}?" if near else "keepline links --linked lists those that are known"
    raise NotFound(f"no account is called {said!r}; {meant}")
