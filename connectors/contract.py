"""Knows what a connector is: how it hands records over, how far it has come, what it asks for and how it writes back.

A connector reads a site in *streams*. A stream is walked page by page; with each page comes the cursor from which the
walk goes on once that page is committed. Whoever syncs commits page and cursor together, so a connector may be stopped
anywhere: it is asked again from the last committed cursor, and what it then repeats changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol, runtime_checkable

from connectors.http import Clock, WaitReport
from connectors.mapping import Defaults, TableRule
from domain.imports import RecordName
from domain.parties import PartyRole
from domain.records import Sourced
from domain.tickets import Priority

Cursor = Mapping[str, Any]
START: Cursor = {}


@dataclass(frozen=True)
class Found:
    """A record as the source has it now. `changed_at` orders its versions; None where the source does not say.

    `onwards` is for a subscription line of which the vendor says only how it is: it holds from its `starts_on` on, and
    what the books have of the days before stays. `recorded_at`, different for each claim of a line, then says which is
    the newer one; a line without a day in force says that there is none from `starts_on` on. Such lines are ended,
    never `Gone`, and in no `snapshot_of`. Where they are named as parts of a whole (`domain.line_history.line_name`),
    one said of `all_others` ends those of which nothing is said with the same `recorded_at`.
    """

    fact: Sourced
    changed_at: datetime | None = None
    onwards: bool = False


@dataclass(frozen=True)
class Gone:
    """A record that the source has deleted, and when; None where it does not say."""

    record: RecordName
    external_id: str
    at: datetime | None = None


@dataclass(frozen=True)
class Unusable:
    """A record that could not be read: in which field, what was found there and what was expected."""

    record: RecordName
    external_id: str
    column: str
    found: str
    expected: str


@dataclass(frozen=True)
class Page:
    """What one answer of the vendor held, and the cursor behind it.

    `read` counts the rows that the vendor sent. `complete` says that the walk has come to its end: all that the source
    had when the walk started is in the pages so far. `remarks` are oddities that cost nothing, such as a status that
    Keepline does not know.
    """

    cursor: Cursor
    found: Sequence[Found] = ()
    gone: Sequence[Gone] = ()
    unusable: Sequence[Unusable] = ()
    remarks: Sequence[str] = ()
    read: int = 0
    complete: bool = False


@dataclass(frozen=True)
class Stream:
    """One list of a site: tickets, companies, subscriptions.

    `pages(cursor)` goes on from a committed cursor (`START` at first) until the page that is complete. What a complete
    walk from `START` did not meet of the kinds in `snapshot_of` is gone at the source; leave it empty for a stream that
    is incremental or that learns of deletions. `total()` is about how many rows a first walk reads, None if unknown,
    and `page_rows` how many of them an answer holds.
    """

    name: str
    pages: Callable[[Cursor], Iterator[Page]]
    snapshot_of: tuple[RecordName, ...] = ()
    total: Callable[[], int | None] = lambda: None
    page_rows: int = 100


@dataclass(frozen=True)
class SiteField:
    """A field of the site that can be mapped: `object.name`, its label there and its type in the vendor's words."""

    object: str
    name: str
    label: str
    type: str


@dataclass(frozen=True)
class Checked:
    """What a look at the site with these credentials showed: who we are there and what may be missing.

    `missing` names rights that the credentials lack, in the vendor's words, each with what will not work without it.
    """

    identity: str
    missing: tuple[str, ...] = ()


@runtime_checkable
class Connector(Protocol):
    """A source of records. Streams come in the order in which they must be synced: what is referred to comes first."""

    def check(self) -> Checked:
        """Use the credentials once.

        Raises:
            CredentialsRejected: they do not work; the message names the one that was refused.
        """

    def streams(self) -> Sequence[Stream]:
        """The lists that the site is read by."""

    def site_fields(self) -> Sequence[SiteField]:
        """The fields that a mapping may name."""

    def calls_per_minute(self) -> int | None:
        """How many answers a minute the vendor's limits allow a first walk; None without a limit."""


class Helpdesk(Connector, Protocol):
    """Hands over tickets, messages, ticket events, surveys and the organisations as parties."""


class CRM(Connector, Protocol):
    """Hands over accounts, contracts with their renewal dates, and the accounts as parties."""


class Billing(Connector, Protocol):
    """Hands over subscription lines, and the billing customers as accounts and parties."""


class Usage(Connector, Protocol):
    """Hands over days of use."""


@dataclass(frozen=True)
class OutgoingRequest:
    """A request that changes something outside, exactly as it is sent; credentials are not part of it."""

    method: Literal["POST", "PUT", "PATCH"]
    path: str
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TicketChange:
    """What Keepline wants of one ticket. `seen_at` is the ticket's last change that the decision knew.

    `key` is the same for every attempt at the same change; `fields` are custom fields by the site's names.
    """

    ticket_ref: str
    key: str
    seen_at: datetime
    priority: Priority | None = None
    add_tags: tuple[str, ...] = ()
    note: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AccountTask:
    """A task on a CRM account for the person who owns it."""

    account_ref: str
    key: str
    subject: str
    body: str
    due_on: date


@dataclass(frozen=True)
class RecordChange:
    """What fields of a CRM record, an account or what its contract stands in, should say, by the site's names.

    `seen_at` is the record's last change that the decision knew.
    """

    external_id: str
    seen_at: datetime
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Written:
    """What became of a change.

    *done*: it is in. *already*: it was in, nothing was sent. *stepped_back*: somebody changed the same thing after
    `seen_at`, their change stands; `because` says whose and what.
    """

    state: Literal["done", "already", "stepped_back"]
    because: str
    requests: tuple[OutgoingRequest, ...] = ()


@runtime_checkable
class WritesTickets(Protocol):
    """A helpdesk that can be written to."""

    def plan(self, change: TicketChange) -> Sequence[OutgoingRequest]:
        """Read the ticket and say what would be sent: nothing where the change is in, or where it steps back."""

    def write(self, change: TicketChange) -> Written:
        """Read the ticket, step back from a newer change of a person, send the rest, and be sure that it is in once."""


@runtime_checkable
class WritesTasks(Protocol):
    """A CRM that tasks can be given to."""

    def plan_task(self, task: AccountTask) -> Sequence[OutgoingRequest]:
        """What would be sent; nothing where the task exists."""

    def write_task(self, task: AccountTask) -> Written:
        """Create the task once, whatever number of attempts it takes."""


@runtime_checkable
class WritesRecords(Protocol):
    """A CRM whose fields can be set."""

    def plan_record(self, change: RecordChange) -> Sequence[OutgoingRequest]:
        """What would be sent: nothing where the fields say so already, or where it steps back."""

    def write_record(self, change: RecordChange) -> Written:
        """Read the record, step back from a newer change of a person, set the rest."""


@runtime_checkable
class Notifier(Protocol):
    """A place where people are told something."""

    def notify(self, key: str, to: str, text: str) -> Written:
        """Say `text` to `to` once, whatever number of attempts it takes."""


@dataclass(frozen=True)
class WebhookCall:
    """A call of a vendor as it came in: the body is raw, header names are lower case, `url` is the address it used."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@runtime_checkable
class Webhooks(Protocol):
    """A vendor that calls us when something has changed."""

    def receive(self, call: WebhookCall) -> Page:
        """Verify the call, and hand over what a pull of the same records would hand over.

        Raises:
            SignatureRejected: it is not signed with our secret, or too old.
        """


class Secrets(Protocol):
    """The secrets of one connection; they are stored encrypted."""

    def __getitem__(self, name: str) -> str: ...

    def rotate(self, refresh: Callable[[Mapping[str, str]], Mapping[str, str]], stale: str) -> None:
        """Under a lock over all processes: save what `refresh(secrets)` returns, unless `stale` was replaced already.

        `stale` is the access token that was refused.
        """


@dataclass(frozen=True)
class Site:
    """One connection of a vendor: its name is the `source` of its records.

    `fields` are the user's mapping, such as `contract.renews_on: Renewal_Date__c`; `tables` is that of a warehouse.
    """

    name: str
    settings: Mapping[str, str]
    secrets: Secrets
    clock: Clock
    fields: Mapping[str, str] = field(default_factory=dict)
    on_wait: WaitReport = lambda _seconds, _reason: None
    tables: Sequence[TableRule] = ()
    table_defaults: Defaults = field(default_factory=Defaults)


@dataclass(frozen=True)
class Asked:
    """One thing that connecting needs, and where a person finds it."""

    name: str
    prompt: str
    where: str
    secret: bool = False
    default: str | None = None


@dataclass(frozen=True)
class Vendor:
    """A kind of site that Keepline can be connected to.

    `mappable` are the fields that a mapping may set; `takes_tables` says that it maps tables instead.
    """

    name: str
    title: str
    role: PartyRole
    asks: tuple[Asked, ...]
    open: Callable[[Site], Connector]
    mappable: Mapping[str, str] = field(default_factory=dict)
    takes_tables: bool = False
