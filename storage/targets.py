"""Knows which table each kind of record goes to, what identifies a row there, and where its references lead."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, Table, and_, exists, false, func, select

from domain.imports import RecordName
from storage import tables

LINKS = ("account_id", "ticket_id")


@dataclass(frozen=True)
class Target:
    """A record's table. An append-only one keeps every version of a row, by the moment we learned it."""

    table: Table
    key: tuple[str, ...] = ("source", "external_id")
    append_only: bool = False

    @property
    def fields(self) -> list[str]:
        ours = ("id", "changed_at", "learned_at", *LINKS)
        return [column.name for column in self.table.columns if column.name not in ours]

    @property
    def versions(self) -> list[str]:
        """The column by which a newer version of a row is told from an older one, where it has one."""
        return ["changed_at"] if "changed_at" in self.table.columns else []

    @property
    def links(self) -> list[str]:
        return [name for name in LINKS if name in self.table.columns]


TARGETS: dict[RecordName, Target] = {
    "party": Target(tables.parties),
    "account": Target(tables.accounts),
    "account_identity": Target(tables.account_identities),
    "contract": Target(tables.contracts),
    "subscription_line": Target(tables.subscription_lines, ("source", "external_id", "recorded_at"), append_only=True),
    "churn_report": Target(tables.churn_reports),
    "fx_rate": Target(tables.fx_rates),
    "ticket": Target(tables.tickets),
    "message": Target(tables.messages),
    "ticket_event": Target(tables.ticket_events),
    "survey": Target(tables.surveys),
    "usage_day": Target(tables.usage_days),
    "touch": Target(tables.touches),
    "article": Target(tables.articles),
    "article_view": Target(tables.article_views),
    "payment": Target(tables.payments, ("source", "external_id", "happened_at")),
    "account_field": Target(tables.account_fields, ("source", "external_id", "recorded_at"), append_only=True),
}


def references(link: str, staged: Table) -> list[str]:
    """The columns of a staged row that may lead to `link`, the most direct one first."""
    wanted = ("ticket_ref",) if link == "ticket_id" else ("account_ref", "subscription_ref")
    found = [name for name in wanted if name in staged.columns]
    return found or ["ticket_ref"]


def link_of(link: str, staged: Table) -> ColumnElement[int]:
    """The id that a staged row's references lead to; NULL where they lead nowhere."""
    if link == "ticket_id":
        return _by_external_id(tables.tickets, staged, "ticket_ref", tables.tickets.c.id)
    ways: list[ColumnElement[int]] = [_account_named(staged)] if "account_ref" in staged.columns else []
    if "subscription_ref" in staged.columns:
        lines = tables.subscription_lines
        ways.append(_by_external_id(lines, staged, "subscription_ref", func.min(lines.c.account_id)))
    if "ticket_ref" in staged.columns:
        ways.append(_by_external_id(tables.tickets, staged, "ticket_ref", tables.tickets.c.account_id))
    return func.coalesce(*ways) if len(ways) > 1 else ways[0]


def _by_external_id(table: Table, staged: Table, ref: str, wanted: ColumnElement[int]) -> ScalarSelect[int]:
    same = and_(table.c.source == staged.c.source, table.c.external_id == staged.c[ref])
    return select(wanted).where(same).scalar_subquery()


def _account_named(staged: Table) -> ColumnElement[int]:
    """The account by its id in the same system, otherwise by an id that only one account has anywhere.

    The latter is for exports, which name the CRM's ids. A source with customers of its own means those, and the numbers
    of two vendors coincide; only who names an identity means another's id on purpose.
    """
    known, parties = tables.account_identities, tables.parties
    is_identity = staged.name.endswith(known.name)
    has_own = false() if is_identity else exists().where(parties.c.source == staged.c.source)
    here = select(known.c.account_id).where(
        known.c.source == staged.c.source, known.c.external_id == staged.c.account_ref
    )
    anywhere = (
        select(func.min(known.c.account_id))
        .where(known.c.external_id == staged.c.account_ref, ~has_own)
        .having(func.count(func.distinct(known.c.account_id)) == 1)
    )
    return func.coalesce(here.scalar_subquery(), anywhere.scalar_subquery())
