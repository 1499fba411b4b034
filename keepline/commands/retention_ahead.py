"""Shows committed MRR: what is in force, what of it is scheduled to leave, when, and by whose notice."""

from datetime import date, datetime

from domain.money import decimal_amount, with_currency
from jobs.ledger import scheduled_to_leave
from keepline import show
from keepline.bootstrap import Keepline
from retention.report.scheduled import Scheduled


def run(keepline: Keepline, now: datetime, known_on: datetime | None, as_json: bool) -> None:
    """Print what is committed and what will leave."""
    found = scheduled_to_leave(keepline.store.facts(known_on), now, keepline.rulebook.ledger)
    if as_json:
        mark = {"demo": True} if keepline.is_demo else {}
        show.as_json(found.as_json() | mark)
        return
    for name, cents in (
        ("MRR in force", found.mrr_cents),
        ("  scheduled to leave", -found.leaving_cents),
        ("  = committed", found.committed_cents),
    ):
        show.line(f"{name:<22}{with_currency(cents, found.currency):>20}")
    _print_leaving(found)


def _print_leaving(found: Scheduled) -> None:
    show.line()
    if not found.leaving:
        show.line("Nobody has given notice, and no line has a known end that nothing follows.")
        return
    cells = [
        [
            row["name"] or "", f"{decimal_amount(row['leaving_cents'], found.currency):,}", _day(row["notice_on"]),
            _day(row["effective_on"]), "notice" if row["contract"] is not None else "the line's end",
        ]
        for row in found.leaving
    ]  # fmt: skip
    columns = ["Account", f"{found.currency} a month", "Known since", "Leaves on", "By"]
    show.table(f"Scheduled to leave after {found.today}", columns, cells, numbers=columns[1:2])


def _day(day: date | None) -> str:
    return "unknown" if day is None else str(day)
