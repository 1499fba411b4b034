"""Knows the options that several commands share, how a moment is given, and which installation a command is for."""

from datetime import UTC, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from keepline.bootstrap import Keepline


class PeriodName(StrEnum):
    """How long a window of the ledger is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    T12M = "t12m"


class CutName(StrEnum):
    """What the ledger can be cut by."""

    SEGMENT = "segment"
    ACV_BAND = "acv_band"
    PLAN = "plan"
    PRODUCT = "product"
    INDUSTRY = "industry"
    REGION = "region"
    CSM = "csm"
    JOURNEY_STAGE = "journey_stage"
    WORKFLOW = "workflow"
    COHORT = "cohort"
    COHORT_QUARTER = "cohort_quarter"


class KpiCutName(StrEnum):
    """What support's key figures can be cut by."""

    TEAM = "team"
    AGENT = "agent"
    SEGMENT = "segment"
    RENEWAL = "renewal"
    CHANNEL = "channel"
    PRIORITY = "priority"
    SOURCE = "source"
    WEEK = "week"
    MONTH = "month"


class KpiPeriodName(StrEnum):
    """Of which stretch of the calendar support's key figures are."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class DigestFormat(StrEnum):
    """The forms of the digest."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"


def a_moment(written: str) -> datetime:
    """A date means the end of that day in UTC; a time without a zone is UTC."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise typer.BadParameter(f"{written!r} is no date; write 2026-06-30 or 2026-06-30T08:00:00Z") from error
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    is_a_day = len(written) <= len("2026-06-30")
    return datetime.combine(moment.date(), time.max, tzinfo=UTC) if is_a_day else moment


def a_beginning(written: str) -> datetime:
    """A date means the beginning of that day in UTC; a time without a zone is UTC."""
    moment = a_moment(written)
    return datetime.combine(moment.date(), time(), tzinfo=UTC) if moment.time() == time.max else moment


AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        parser=a_moment,
        metavar="DATE",
        help="See everything as it stood then: 2026-06-30 (the end of that day, UTC) or 2026-06-30T08:00:00Z.",
    ),
]
AsKnownOn = Annotated[
    datetime | None,
    typer.Option(
        "--as-known-on",
        parser=a_moment,
        metavar="DATE",
        help="Leave out what was learned later of lines, contracts, rates and accounts: 2026-06-30 or a moment.",
    ),
]
OutcomesSince = Annotated[
    datetime | None,
    typer.Option("--since", parser=a_beginning, metavar="DATE", help="Outcomes from this day on; a year by default."),
]
OutcomePeriod = Annotated[
    str | None,
    typer.Option(
        "--period",
        metavar="PERIOD",
        help="The last whole month, quarter or year; or a named one: 2026-06, 2026-Q2, 2026.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def opened(context: typer.Context) -> "Keepline":
    """The installation that the command line named."""
    found: Keepline = context.obj
    return found
