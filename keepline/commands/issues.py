"""Shows the issues that come back, opens one into its tickets, and takes what a person says of them."""

from dataclasses import asdict
from datetime import datetime, timedelta
from getpass import getuser
from typing import Any

from domain.errors import NotFound
from domain.money import decimal_amount
from domain.reading import IssueDecision
from jobs import issue_views as views
from jobs import issues as job
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner, money
from rules.text import masked
from storage.issues import IssueBook

_DAYS = 90
_MOST = 40


def run(keepline: Keepline, account: str | None, since: datetime | None, as_of: datetime | None, as_json: bool) -> None:
    """Print the issues with at least two tickets."""
    now = keepline.moment(as_of)
    begun = since or now - timedelta(days=_DAYS)
    found = views.issues(keepline.store, keepline.rulebook, begun, now, account)
    banner(keepline)
    if as_json:
        show.as_json([_json(each, found.currency) | _mark(keepline) for each in found.issues])
        return
    if not found.issues:
        show.line(f"No two grouped tickets since {begun:%Y-%m-%d} are about the same issue (keepline run groups them).")
        return
    rows = [
        [
            each.issue_id, each.label, f"{each.tickets:,}", f"{each.accounts:,}", _arr(each, found.currency),
            f"{each.recent:,} after {each.before:,}", f"{each.first_seen_at:%Y-%m-%d}",
        ]
        for each in found.issues[:_MOST]
    ]  # fmt: skip
    columns = ["Issue", "What it is about", "Tickets", "Accounts", "ARR", f"{views.TREND_DAYS} days", "Since"]
    show.table(f"Issues since {begun:%Y-%m-%d}", columns, rows, numbers=["Tickets", "Accounts", "ARR"])
    if len(found.issues) > _MOST:
        show.line(f"and {len(found.issues) - _MOST:,} more: --json lists all")
    show.line(
        "Open one: keepline issues show ISSUE. Mend them: keepline issues merge, split, rename, move. docs/text.md"
    )


def _arr(issue: views.IssueView, currency: str) -> str:
    unknown = f" and {issue.arr_unknown:,} unknown" if issue.arr_unknown and issue.arr_cents is not None else ""
    return money(issue.arr_cents, currency) + unknown


def _json(issue: views.IssueView, currency: str) -> dict[str, Any]:
    content = asdict(issue)
    cents = content.pop("arr_cents")
    return content | {"arr": None if cents is None else decimal_amount(cents, currency), "currency": currency}


def show_issue(keepline: Keepline, said: str, since: datetime | None, as_of: datetime | None, as_json: bool) -> None:
    """Print an issue's tickets; their subjects are masked."""
    now = keepline.moment(as_of)
    name = views.named_issue(keepline.store, said)
    issue = IssueBook(keepline.store.engine, job.READER).issues()[name]
    tickets = views.tickets_of(keepline.store, name, since or now - timedelta(days=_DAYS), now)
    subjects = masked([ticket.subject for ticket in tickets])
    banner(keepline)
    if as_json:
        content = [asdict(ticket) | {"subject": written} for ticket, written in zip(tickets, subjects, strict=True)]
        show.as_json(issue.model_dump(mode="json") | {"tickets": content} | _mark(keepline))
        return
    show.line(f"{issue.label} ({name})", "bold")
    show.line(f"Words: {', '.join(issue.terms)}")
    rows = [
        [ticket.ref, ticket.account, f"{ticket.created_at:%Y-%m-%d}", ticket.status, subject]
        for ticket, subject in zip(tickets[:_MOST], subjects, strict=False)
    ]
    show.table(f"{len(tickets):,} tickets", ["Ticket", "Account", "On", "Status", "Subject"], rows)
    if len(tickets) > _MOST:
        show.line(f"and {len(tickets) - _MOST:,} more: --json lists all")


def merge(keepline: Keepline, kept: str, other: str, by: str | None, as_json: bool) -> None:
    """Put the other issue into the kept one."""
    name, gone = views.named_issue(keepline.store, kept), views.named_issue(keepline.store, other)
    if name == gone:
        raise NotFound(f"{kept!r} and {other!r} are one issue already")
    decision = job.decide(keepline.store, "merge", name, by or getuser(), keepline.moment(None), other=gone)
    _said(decision, f"{gone} is part of {name} now", as_json)


def split(keepline: Keepline, said: str, tickets: str, label: str | None, by: str | None, as_json: bool) -> None:
    """Open an issue for some tickets."""
    name, refs = views.named_issue(keepline.store, said), _refs(keepline, tickets)
    who, now = by or getuser(), keepline.moment(None)
    decision = job.decide(keepline.store, "split", name, who, now, tickets=refs, label=label)
    _said(decision, f"{len(refs):,} tickets of {name} are {decision.other_issue_id} now", as_json)


def rename(keepline: Keepline, said: str, label: str, by: str | None, as_json: bool) -> None:
    """Name an issue."""
    name = views.named_issue(keepline.store, said)
    decision = job.decide(keepline.store, "rename", name, by or getuser(), keepline.moment(None), label=label)
    _said(decision, f"{name} is called {label!r} now", as_json)


def move(keepline: Keepline, said: str, tickets: str, by: str | None, as_json: bool) -> None:
    """Put tickets into an issue."""
    name, refs = views.named_issue(keepline.store, said), _refs(keepline, tickets)
    decision = job.decide(keepline.store, "move", name, by or getuser(), keepline.moment(None), tickets=refs)
    _said(decision, f"{len(refs):,} tickets are in {name} now", as_json)


def show_decisions(keepline: Keepline, as_json: bool) -> None:
    """Print every decision."""
    known = IssueBook(keepline.store.engine, job.READER).decisions()
    if as_json:
        show.as_json([{"number": number, **decision.model_dump(mode="json")} for number, decision in known])
        return
    if not known:
        show.line("Nobody has merged, split, named or moved anything (keepline issues merge ISSUE OTHER).")
        return
    rows = [
        [
            str(number), each.answer, each.issue_id, each.other_issue_id or each.label or ", ".join(each.ticket_refs),
            each.decided_by, f"{each.decided_at:%Y-%m-%d}",
            f"{each.withdrawn_at:%Y-%m-%d}" if each.withdrawn_at else "",
        ]
        for number, each in known
    ]  # fmt: skip
    show.table("Decisions", ["Number", "What", "Issue", "With", "By", "On", "Withdrawn"], rows, numbers=["Number"])


def undo(keepline: Keepline, number: int | None, as_json: bool) -> None:
    """Withdraw a decision."""
    which, decision = job.undo(keepline.store, number, keepline.moment(None))
    _said(decision, f"decision {which} ({decision.answer} of {decision.issue_id}) is withdrawn", as_json)


def _refs(keepline: Keepline, tickets: str) -> list[str]:
    return views.named_tickets(keepline.store, [each.strip() for each in tickets.split(",") if each.strip()])


def _said(decision: IssueDecision, sentence: str, as_json: bool) -> None:
    if as_json:
        show.as_json(decision.model_dump(mode="json"))
    else:
        show.line(f"{sentence}, says {decision.decided_by}. Take it back: keepline issues undo")


def _mark(keepline: Keepline) -> dict[str, Any]:
    return {"demo": True} if keepline.is_demo else {}
