"""Sums up a ticket, or what an account wrote lately; by a language model only where one is given, and checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.errors import ConnectorError, NotFound
from domain.language_model import LanguageModel
from domain.tickets import Message
from jobs.account_names import named
from jobs.ticket_names import ticket_named
from rules.text import masked
from rules.text.summaries import Matter, Quoted, Thread, gist, matters
from rules.text.summaries.asking import question
from rules.text.summaries.generated import Claim, checked
from rules.text.summaries.summing import summed_up
from rules.text.summaries.thread import ReadThread, read_thread
from storage.one_ticket import OneTicket
from storage.store import Store
from storage.threads import ThreadBook

# More tickets than this in some months are no longer read one by one.
MOST_TICKETS = 300


@dataclass(frozen=True)
class Generated:
    """What a language model wrote and what of it was left out by reason; or why nothing of it stays (`instead`)."""

    model: str
    claims: tuple[Claim, ...] = ()
    dropped: dict[str, int] | None = None
    instead: str | None = None


@dataclass(frozen=True)
class TicketSummary:
    """One ticket in its own sentences; `sampled` where it was too long to be read as a whole."""

    source: str
    external_id: str
    subject: str
    account: str | None
    status: str
    created_at: datetime
    gist: str
    quotes: tuple[Quoted, ...]
    messages: int
    sampled: bool
    generated: Generated | None = None


@dataclass(frozen=True)
class AccountSummary:
    """What an account wrote about since a moment, the gravest first; `read` of so many `tickets`."""

    account: str
    account_ref: str
    since: datetime
    matters: tuple[Matter, ...]
    tickets: int
    read: int
    generated: Generated | None = None


def summarise_ticket(
    store: Store, name: str, as_of: datetime, *, sentences: int = 5, model: LanguageModel | None = None
) -> TicketSummary:
    """The ticket of that id, or `source:id`, as it stood at a moment.

    Raises:
        NotFound: no ticket is called so, or several are, or it was not there yet; the message gives the near ones.
    """
    tickets = OneTicket(store.engine)
    row = tickets.row(ticket_named(tickets, name))
    if row["created_at"] > as_of:
        raise NotFound(f"ticket {name} was created on {row['created_at']:%Y-%m-%d %H:%M} UTC; give a later --as-of")
    messages = ThreadBook(store.engine).messages([row["id"]], as_of)[row["id"]]
    thread, read = _thread(row, messages), read_thread(messages)
    summary = summed_up(read, sentences)
    return TicketSummary(
        source=row["source"],
        external_id=row["external_id"],
        subject=masked([row["subject"]])[0],
        account=row["account"],
        status=row["status"],
        created_at=row["created_at"],
        gist=gist(thread.facts, messages, as_of),
        quotes=summary.quotes,
        messages=summary.messages,
        sampled=summary.sampled,
        generated=_generated(read, model),
    )


def summarise_account(
    store: Store,
    name: str,
    as_of: datetime,
    *,
    days: int = 90,
    most: int = 5,
    sentences: int = 2,
    model: LanguageModel | None = None,
) -> AccountSummary:
    """What the account of that name or id wrote about in the last days; the newest 300 tickets are read.

    Raises:
        NotFound: no account is called so, or several are; the message gives the near ones.
    """
    account = named(store.facts().accounts().collect().rows(named=True), name)
    since = as_of - timedelta(days=days)
    threads, count = _threads(store, account["id"], since, as_of)
    found = matters(threads, as_of, most=most, sentences=sentences)
    told = {ticket for matter in found for ticket in matter.tickets}
    said = [message for thread in threads if thread.ticket_ref in told for message in thread.messages]
    return AccountSummary(
        account=account["name"],
        account_ref=account["external_id"],
        since=since,
        matters=tuple(found),
        tickets=count,
        read=len(threads),
        generated=_generated(read_thread(said), model) if model else None,
    )


def most_telling(store: Store, account_id: int, as_of: datetime, *, days: int = 90, most: int = 2) -> list[Quoted]:
    """The customer's sentences in which the account's gravest matters of the last days are told, one of each."""
    threads, _ = _threads(store, account_id, as_of - timedelta(days=days), as_of)
    found = matters(threads, as_of, most=3 * most, sentences=1)
    return [matter.gravest for matter in found if matter.gravest is not None][:most]


def _threads(store: Store, account_id: int, since: datetime, as_of: datetime) -> tuple[list[Thread], int]:
    """The account's newest tickets with what was said in them since then, and how many it has."""
    book = ThreadBook(store.engine)
    rows, count = book.of_account(account_id, since, as_of, MOST_TICKETS)
    ids = [row["id"] for row in rows]
    messages, labels = book.messages(ids, as_of), book.issue_labels(ids)
    said = {ticket: [each for each in its if each.sent_at > since] for ticket, its in messages.items()}
    return [_thread(row, said[row["id"]], labels.get(row["id"])) for row in rows], count


def _thread(row: dict[str, Any], messages: Sequence[Message], issue: str | None = None) -> Thread:
    return Thread(
        ticket_ref=row["external_id"],
        subject=masked([row["subject"]])[0],
        status=row["status"],
        created_at=row["created_at"],
        resolved_at=row["resolved_at"],
        messages=tuple(messages),
        issue=issue,
    )


def _generated(read: ReadThread, model: LanguageModel | None) -> Generated | None:
    if model is None:
        return None
    if not read.messages:
        return Generated(model.name, instead="there is nothing to sum up, and nothing was sent")
    asked = question(read)
    try:
        answer = model.answer(asked.instructions, asked.material)
    except ConnectorError as error:
        return Generated(model.name, instead=str(error))
    found = checked(answer, asked)
    return Generated(model.name, found.claims, found.dropped, found.refused)
