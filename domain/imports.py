"""Knows what happened to a file that was read: what went in, what was put aside, and what contradicts what."""

from typing import Literal

from domain.records import Name, Record, UtcDatetime

RecordName = Literal[
    "account", "account_identity", "contract", "subscription_line", "churn_report", "fx_rate", "ticket", "message",
    "ticket_event", "survey", "usage_day", "touch", "party", "article", "article_view",
    "payment", "account_field",
]  # fmt: skip


class Reject(Record):
    """One row that was put aside: where it stands, what was found there and what would be right."""

    file: Name
    line: int
    column: str
    found: str
    expected: Name
    row: tuple[str, ...] = ()


class ImportedFile(Record):
    """One file that was read into one kind of record; `read = changed + unchanged + repeated + rejected`."""

    source: Name
    file: Name
    sha256: Name
    record: RecordName
    mapping: Name
    imported_at: UtcDatetime
    read: int
    changed: int
    unchanged: int
    repeated: int
    rejected: int


class Contradiction(Record):
    """Two claims that cannot both be true, and which of them the figures believe."""

    kind: Name
    account_ref: str | None
    record: Name
    external_id: Name
    claim: Name
    against: Name
    believed: Name
