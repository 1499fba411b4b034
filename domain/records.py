"""Knows what every record has in common: it is frozen, strict about its fields, and says where it came from."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


UtcDatetime = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Record(BaseModel):
    """A fact or a decision. Never changed in place: a correction is a new record."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sourced(Record):
    """A record that another system keeps; `(source, external_id)` is its identity there."""

    source: Name
    external_id: Name
