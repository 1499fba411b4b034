"""Knows the plans of randomised holdouts and who was drawn for which arm.

What is analysed reads `arms()`: one row per account and plan with the arm that it was *assigned* to, whatever became
of it later. Where a playbook has a plan whose holdout arm is not empty, that comparison goes before any observational
one: join episodes with it by `account_id` and playbook, and leave out those that were drawn after the episode began.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, Subquery, and_, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.effects import HoldoutAssignment, HoldoutPlan
from domain.errors import NotFound
from storage import tables
from storage.account_refs import account_refs, ids_by_ref
from storage.frames import Frame, read_frame

_PLANS, _DRAWN = tables.holdout_plans, tables.holdout_assignments


class HoldoutBook:
    """The holdouts of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def register(self, plan: HoldoutPlan) -> bool:
        """Keep a plan; one of the same hash stays as it is. Returns whether it was new."""
        with self._engine.begin() as connection:
            known = connection.scalar(select(_PLANS.c.plan_hash).where(_PLANS.c.plan_hash == plan.plan_hash))
            if known is None:
                connection.execute(insert(_PLANS), [plan.model_dump()])
        return known is None

    def plans(self, until: datetime | None = None) -> list[HoldoutPlan]:
        """All plans that were registered by `until`, the oldest first."""
        query = select(_PLANS).order_by(_PLANS.c.registered_at, _PLANS.c.plan_hash)
        if until is not None:
            query = query.where(_PLANS.c.registered_at <= until)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [HoldoutPlan.model_validate(dict(row)) for row in rows]

    def assign(self, drawn: Sequence[HoldoutAssignment]) -> int:
        """Keep what was drawn; an account that its plan has drawn before keeps that arm. Returns how many were new."""
        if not drawn:
            return 0
        with self._engine.connect().execution_options(preserve_rowcount=True) as connection, connection.begin():
            ids = ids_by_ref(connection)
            rows = [{**each.model_dump(), "account_id": ids[each.account_ref]} for each in drawn]
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            return connection.execute(dialect.insert(_DRAWN).values(rows).on_conflict_do_nothing()).rowcount

    def assignments(self, plan_hash: str | None = None, until: datetime | None = None) -> list[HoldoutAssignment]:
        """Who was drawn by `until`, in the order of the draws; an override that came later is not seen.

        Accounts that turned out to be one have the arm of the earlier draw, and go by the name of today.
        """
        drawn = _first_draws()
        query = select(drawn).order_by(drawn.c.assigned_at, drawn.c.account_ref)
        if plan_hash is not None:
            query = query.where(drawn.c.plan_hash == plan_hash)
        if until is not None:
            query = query.where(drawn.c.assigned_at <= until)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        names = HoldoutAssignment.model_fields
        found = [HoldoutAssignment.model_validate({name: row[name] for name in names}) for row in rows]
        return [each if until is None else _as_of(each, until) for each in found]

    def override(self, plan_hash: str, account_ref: str, by: str, because: str, at: datetime) -> bool:
        """Let help through from `at` on; the arm stays. Returns False where that was so already.

        Raises:
            NotFound: the plan has not drawn the account.
        """
        refs = account_refs()
        with self._engine.connect().execution_options(preserve_rowcount=True) as connection, connection.begin():
            account = ids_by_ref(connection).get(account_ref)
            same = select(refs.c.account_id).where(refs.c.is_id == account)
            row = and_(_DRAWN.c.plan_hash == plan_hash, _DRAWN.c.account_id.in_(same))
            if connection.scalar(select(func.count()).select_from(_DRAWN).where(row)) == 0:
                raise NotFound(
                    f"plan {plan_hash[:8]} has not drawn {account_ref}; keepline holdout lists who was drawn"
                )
            said = {"overridden_by": by, "overridden_at": at, "overridden_because": because}
            changed = update(_DRAWN).where(row, _DRAWN.c.overridden_by.is_(None)).values(said)
            return connection.execute(changed).rowcount > 0

    def critical_tickets(self, as_of: datetime) -> list[tuple[str, str, bool]]:
        """The tickets open at `as_of` that are urgent or for which an escalation was asked: account, ticket, urgent.

        A ticket that was reopened counts as open since its creation: rather is an account not held out.
        """
        ticket, refs = tables.tickets.c, account_refs()
        is_urgent = ticket.priority == "urgent"
        is_open = or_(ticket.status.not_in(("solved", "closed")), ticket.resolved_at > as_of)
        query = select(refs.c.ref, ticket.external_id, ticket.priority).join(
            refs, refs.c.account_id == ticket.account_id
        )
        query = query.where(or_(is_urgent, ticket.escalated.is_(True)), ticket.created_at <= as_of, is_open)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(ticket.created_at, ticket.id)).all()
        return [(account, name, priority == "urgent") for account, name, priority in rows]

    def arms(self, until: datetime | None = None) -> Frame:
        """A row per account and plan of all that were drawn by `until`, in the order of the draws.

        `account_id, account_ref, playbook, plan_hash, arm, assigned_at, arr_cents, currency, let_through_at`. `arm` is
        `holdout` or `treat` as assigned: who was let through later is still in `holdout` (`let_through_at` says since
        when), and who was kept out of the draw is not here. `account_id` is that of `Facts.accounts`.
        """
        drawn = _first_draws()
        names = ("account_id", "account_ref", "plan_hash", "arm", "assigned_at", "arr_cents", "currency")
        let_through = drawn.c.overridden_at.label("let_through_at")
        query: Select[Any] = select(*(drawn.c[name] for name in names), let_through, _PLANS.c.playbook)
        query = query.join(_PLANS, _PLANS.c.plan_hash == drawn.c.plan_hash).where(drawn.c.arm != "kept_out")
        query = query.order_by(drawn.c.assigned_at, drawn.c.account_ref)
        return read_frame(self._engine, query if until is None else query.where(drawn.c.assigned_at <= until))


def _first_draws() -> Subquery:
    """One row per plan and account that is one today."""
    refs = account_refs()
    kept = [column for column in _DRAWN.columns if column.name not in {"account_id", "account_ref"}]
    first = func.row_number().over(
        partition_by=(_DRAWN.c.plan_hash, refs.c.is_id), order_by=(_DRAWN.c.assigned_at, _DRAWN.c.account_id)
    )
    drawn = (
        select(*kept, refs.c.is_id.label("account_id"), refs.c.ref.label("account_ref"), first.label("draw"))
        .join(refs, refs.c.account_id == _DRAWN.c.account_id)
        .subquery()
    )
    columns = [column for column in drawn.columns if column.name != "draw"]
    return select(*columns).where(drawn.c.draw == 1).subquery("first_draws")


def _as_of(drawn: HoldoutAssignment, moment: datetime) -> HoldoutAssignment:
    if drawn.overridden_at is None or drawn.overridden_at <= moment:
        return drawn
    return drawn.model_copy(update=dict.fromkeys(("overridden_by", "overridden_at", "overridden_because")))
