"""Knows which kinds of contradiction there are between the sources, and how many of each were found."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.conventions import LedgerConventions
from domain.imports import Contradiction
from retention.contradictions import accounts, activity, churn, contracts, lines
from retention.contradictions.kinds import Claims, Kind
from retention.ledger import Frame

KINDS: tuple[Kind, ...] = (*accounts.KINDS, *churn.KINDS, *lines.KINDS, *contracts.KINDS, *activity.KINDS)


@dataclass(frozen=True)
class Found:
    """How often one kind of contradiction was found, and what it means."""

    kind: str
    means: str
    rows: int
    information: bool


def contradictions(
    *,
    accounts: Frame,
    lines: Frame,
    churn_reports: Frame,
    contracts: Frame,
    tickets: Frame,
    surveys: Frame,
    usage_days: Frame,
    as_of: datetime,
    conventions: LedgerConventions | None = None,
) -> list[Contradiction]:
    """Every pair of claims that exclude each other on `as_of`'s UTC date, kind by kind; the figures believe the lines.

    The frames have the columns of the records of their names, as storage hands them out.
    """
    claims = Claims(
        accounts=accounts,
        lines=lines,
        churn_reports=churn_reports,
        contracts=contracts,
        tickets=tickets,
        surveys=surveys,
        usage_days=usage_days,
        as_of=as_of,
        conventions=conventions or LedgerConventions(),
    )
    return [contradiction for kind in KINDS for contradiction in kind.contradictions(claims)]


def counted(found: Iterable[Contradiction]) -> list[Found]:
    """The kinds that occur in `found` with their number of rows, in the order of KINDS."""
    rows = Counter(contradiction.kind for contradiction in found)
    return [Found(kind.name, kind.means, rows[kind.name], kind.information) for kind in KINDS if rows[kind.name]]
