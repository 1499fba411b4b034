"""Knows how to ask Jira for tickets: JQL names a moment by the minute, in the time zone of whoever asks."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.errors import ConnectorError

_KEY = re.compile(r"[A-Z][A-Z0-9_]*")
# Changes and deletions must not move a ticket to another page while a walk is under way; `updated` would.
_ORDER = "ORDER BY created ASC, key ASC"


def scope(projects: str) -> str:
    """The tickets that are a customer's: of the projects that were named, or of all service projects.

    Raises:
        ConnectorError: what was named is no list of project keys.
    """
    keys = [each.strip().upper() for each in projects.split(",") if each.strip()]
    wrong = [each for each in keys if not _KEY.fullmatch(each)]
    if wrong:
        raise ConnectorError(f"{wrong[0]!r} is no project key; give keys such as SUP, separated by commas")
    named = ", ".join(f'"{each}"' for each in keys)
    return f"project in ({named})" if named else "projectType = service_desk"


def walk(within: str, clauses: Sequence[str]) -> str:
    """All tickets that meet the clauses, in an order that stays while they change."""
    return " AND ".join([within, *clauses]) + f" {_ORDER}"


def last_changed(within: str) -> str:
    """The tickets, the last changed one first."""
    return f"{within} ORDER BY updated DESC"


def since(names: Sequence[str], moment: datetime, zone: ZoneInfo) -> str:
    """That one of these fields is `moment` or later."""
    least = minute(moment, zone)
    alternatives = [f'{name} >= "{least}"' for name in names]
    return f"({' OR '.join(alternatives)})" if len(names) > 1 else alternatives[0]


def minute(moment: datetime, zone: ZoneInfo) -> str:
    """The minute of `moment` on the clock of `zone`; an earlier one where that clock shows the same minute twice."""
    while True:
        local = moment.astimezone(zone).replace(second=0, microsecond=0)
        latest = max(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        if latest <= moment:
            return local.strftime("%Y-%m-%d %H:%M")
        moment -= timedelta(minutes=30)
