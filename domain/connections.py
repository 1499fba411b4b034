"""Knows a connected site, and how a sync of it went."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from domain.records import Name, Record, UtcDatetime

SyncState = Literal["running", "done", "stopped", "deferred", "failed", "interrupted"]


class Connection(Record):
    """A site that Keepline pulls from. Its name is the `source` of its records; secrets are kept elsewhere."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
    vendor: Name
    settings: Mapping[str, str]
    created_at: UtcDatetime


class SyncRun(Record):
    """One sync of a connection.

    *stopped* by a person, *deferred* because the vendor wants us to come back later, *failed* for `error`,
    *interrupted* when the process died. Whatever it read until then is in, and the next sync goes on from there.
    """

    connection: Name
    started_at: UtcDatetime
    ended_at: UtcDatetime | None = None
    state: SyncState
    read: int = Field(default=0, ge=0)
    changed: int = Field(default=0, ge=0)
    unusable: int = Field(default=0, ge=0)
    calls: int = Field(default=0, ge=0)
    budget_left: int | None = None
    remarks: tuple[str, ...] = ()
    error: str | None = None
