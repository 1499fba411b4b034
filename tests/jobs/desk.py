"""A helpdesk with one customer, row by row: what service levels are promised and watched on."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain.conventions import CreditConventions, DigestConventions, LedgerConventions
from domain.sla import SlaAssignment
from jobs.rulebook import Rulebook
from jobs.sla.keeping import SlaReport, keep_promises
from rules.signals import SignalWindows
from rules.sla.policy import SlaDocument
from storage.sla import SlaBook
from storage.store import Store
from tests.builders import staged
from tests.jobs.conftest import silent

# A Monday.
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALWAYS = {"default": {"zone": "UTC", "hours": "always"}}


def policies(*listed: dict[str, Any], **further: Any) -> Rulebook:
    """A rule book whose calendar is always open, with these policies."""
    document = {"calendars": ALWAYS, "policies": list(listed), **further}
    return Rulebook(
        (), SignalWindows(), LedgerConventions(), CreditConventions(), DigestConventions(),
        SlaDocument.model_validate(document),
    )  # fmt: skip


def promising(target: str = "4h business", name: str = "standard", **policy: Any) -> dict[str, Any]:
    """A policy that promises a first reply."""
    return {"id": name, "targets": {"first_reply": target}, **policy}


@dataclass
class Desk:
    """One database; account A has a contract of USD 150,000 a year that renews on 2026-06-01."""

    store: Store
    rulebook: Rulebook = field(default_factory=lambda: policies(promising()))

    def __post_init__(self) -> None:
        self.put("account", external_id="A", name="Acme")
        self.contract()

    def put(self, record: Any, **row: Any) -> None:
        with self.store.importing() as transaction:
            staging = transaction.stage(record, "test")
            staging.append(staged(record, row))
            staging.settle(NOON, ("account_id",) if record == "ticket" else ())

    def contract(self, renews_on: date = date(2026, 6, 1), arr: int = 150_000) -> None:
        self.put("contract", external_id="C", renews_on=renews_on, arr_cents=arr * 100, starts_on=date(2024, 6, 1))

    def ticket(self, name: str = "T", created_at: datetime = NOON, **row: Any) -> None:
        self.put("ticket", external_id=name, created_at=created_at, **row)

    def says(self, author: str, at: datetime, ticket: str = "T", public: bool = True) -> None:
        """A message, named by its moment."""
        self.put(
            "message", external_id=f"{ticket}-{at.isoformat()}", ticket_ref=ticket, author_kind=author, public=public,
            sent_at=at,
        )  # fmt: skip

    def becomes(self, kind: str, before: str | None, after: str | None, at: datetime, ticket: str = "T") -> None:
        self.put(
            "ticket_event", external_id=f"{ticket}-{kind}-{at.isoformat()}", ticket_ref=ticket, kind=kind,
            from_value=before, to_value=after, happened_at=at,
        )  # fmt: skip

    def keep(self, *moments: datetime, last: datetime | None = None) -> SlaReport:
        return keep_promises(self.store, self.rulebook, moments, last, silent)

    def promised(self, ticket: str = "T") -> list[SlaAssignment]:
        return SlaBook(self.store.engine).assignments("files", ticket)

    def policies_of(self, ticket: str = "T") -> list[str | None]:
        """The policies that were promised one after the other."""
        terms = SlaBook(self.store.engine).terms()
        return [each.terms_hash and terms[each.terms_hash].policy for each in self.promised(ticket)]
