"""Places each new ticket in the issue that it is about, and keeps to what persons merged, split, named and moved."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from domain.errors import NotFound
from domain.reading import Issue, IssueAnswer, IssueDecision, TicketIssue
from rules.text import cleaned, masked
from rules.text.issues.deciding import decided
from rules.text.issues.naming import issue_terms, rarities
from rules.text.issues.placing import Asked, Placing, issue_id, place
from rules.text.issues.telling import telling, widely_shared
from storage.issues import NOWHERE, IssueBook, TicketText
from storage.store import Store

READER = "issues-1"
Report = Callable[[str, int, int], None]
_BATCH, _A_RUN = 5_000, 20_000
_OF_ACCOUNT = 20
_ISSUES, _OF_ISSUE = 1_500, 3
_LIVE_DAYS = 90
_NAMED_BY = 10


def group_tickets(store: Store, since: datetime, as_of: datetime, report: Report) -> int:
    """Place the tickets created in `(since, as_of]` that have no place yet, the newest first; returns how many.

    A run places at most 20,000, so that it ends in less than a minute; the next one goes on.

    A ticket's text is its subject and what the customer's first words have of their own. Of a ticket's account the
    newest 20 placed tickets are compared, of other accounts three of each of the 1,500 issues that most tickets of the
    last 90 days are about.
    """
    book = IssueBook(store.engine, READER)
    total, done = min(book.count_unplaced(since, as_of), _A_RUN), 0
    while done < total and (new := book.unplaced(since, as_of, _BATCH)):
        _place(book, new, as_of)
        done += len(new)
        report("Grouping tickets", done, total)
    if done:
        restate(book)
    return done


def _place(book: IssueBook, new: Sequence[TicketText], as_of: datetime) -> None:
    accounts = sorted({ticket.account_id for ticket in new if ticket.account_id is not None})
    live = as_of - timedelta(days=_LIVE_DAYS)
    known = [*book.placed_of(accounts, _OF_ACCOUNT), *book.examples(live, _ISSUES, _OF_ISSUE)]
    merges = [decision for _, decision in book.decisions() if decision.answer == "merge"]
    placed_before = list({ticket.ticket_id: ticket for ticket in known}.values())
    bodies = cleaned([ticket.text for ticket in (*new, *placed_before)])
    shared = widely_shared(bodies)
    asked = _asked(new, bodies[: len(new)], shared)
    old = _asked(placed_before, bodies[len(new) :], shared, merges)
    placings = place(asked, old)
    placed = {placing.ticket_id for placing in placings}
    # What says nothing has a place all the same, so that it is not read again every day.
    nowhere = [Placing(ticket.ticket_id, NOWHERE, 0.0) for ticket in new if ticket.ticket_id not in placed]
    rows = [
        (
            each.ticket_id,
            TicketIssue(reader=READER, issue_id=each.issue_id, similarity=each.similarity, placed_at=as_of),
        )
        for each in (*placings, *nowhere)
    ]
    book.save(_named(asked, old, placings, as_of), rows)


def _asked(
    tickets: Sequence[TicketText], bodies: Sequence[str], shared: Collection[str], merges: Sequence[IssueDecision] = ()
) -> list[Asked]:
    """What merged issues are about stays apart here: what resembles one of them is merged as that one was."""
    merged = decided({str(ticket.read_as): str(ticket.read_as) for ticket in tickets}, merges)
    return [
        Asked(
            ticket.ticket_id,
            ticket.ref,
            ticket.account_id,
            telling(ticket.subject, body, shared),
            _part(ticket, merged),
        )
        for ticket, body in zip(tickets, bodies, strict=True)
    ]


def _part(ticket: TicketText, merged: Mapping[str, str]) -> str | None:
    read_as = str(ticket.read_as)
    return ticket.read_as if merged.get(read_as, read_as) == ticket.issue_id else ticket.issue_id


def _named(asked: Sequence[Asked], old: Sequence[Asked], placings: Sequence[Placing], at: datetime) -> list[Issue]:
    """Issues that are new, or have as many tickets as tell what to call them for the first time."""
    text = {ticket.ticket_id: ticket.text for ticket in asked}
    added: dict[str, list[str]] = {}
    for placing in placings:
        added.setdefault(placing.issue_id, []).append(text[placing.ticket_id])
    had = Counter(ticket.issue_id for ticket in old)
    former: dict[str, list[str]] = {}
    for ticket in old:
        former.setdefault(str(ticket.issue_id), []).append(ticket.text)
    rarity = rarities(list(text.values()))
    found = []
    for name, texts in added.items():
        if had[name] < _OF_ISSUE <= had[name] + len(texts) or not had[name]:
            terms = issue_terms(masked((texts + former.get(name, []))[:_NAMED_BY]), rarity)
            found.append(Issue(issue_id=name, reader=READER, label=terms[0], terms=terms, first_seen_at=at))
    return found


def decide(
    store: Store, answer: IssueAnswer, issue: str, by: str, at: datetime, *, other: str | None = None,
    tickets: Sequence[str] = (), label: str | None = None,
) -> IssueDecision:  # fmt: skip
    """Keep what a person says of issues and follow it; `issue` and `other` are ids, tickets are refs.

    A merge puts `other` into `issue`; a split opens a new issue with these tickets of `issue`; a move puts them there.
    """
    book = IssueBook(store.engine, READER)
    if answer == "split":
        other = issue_id(f"split of {issue} at {at.isoformat()}: {' '.join(tickets)}")
        former = book.issues()[issue]
        name = label or f"{former.label} (split off)"
        book.open(Issue(issue_id=other, reader=READER, label=name, terms=(name, *former.terms), first_seen_at=at))
    decision = IssueDecision(
        answer=answer, issue_id=issue, other_issue_id=other, ticket_refs=tuple(tickets), label=label, decided_by=by,
        decided_at=at,
    )  # fmt: skip
    book.decide(decision)
    restate(book)
    return decision


def undo(store: Store, number: int | None, at: datetime) -> tuple[int, IssueDecision]:
    """Withdraw a decision by its number, the newest that stands without one.

    Raises:
        NotFound: there is no such decision, or it has been withdrawn.
    """
    book = IssueBook(store.engine, READER)
    standing = [(each, decision) for each, decision in book.decisions() if decision.withdrawn_at is None]
    wanted = [pair for pair in standing if number is None or pair[0] == number]
    if not wanted:
        raise NotFound("no such decision stands; keepline issues decisions lists them")
    book.withdraw(wanted[-1][0], at)
    restate(book)
    return wanted[-1]


def restate(book: IssueBook) -> None:
    """Follow every decision that stands over what was placed."""
    numbered = book.decisions()
    if not numbered:
        return
    decisions, placed = [decision for _, decision in numbered], book.placings()
    moved = decided({ref: issue for ref, (_, issue, _) in placed.items()}, decisions)
    last = max(decision.decided_at for decision in decisions)
    rows = {placed[ref][0]: (issue, max(last, placed[ref][2])) for ref, issue in moved.items()}
    standing = [decision for decision in decisions if decision.withdrawn_at is None and decision.label]
    book.restate(rows, {each.issue_id: str(each.label) for each in standing if each.answer == "rename"})
