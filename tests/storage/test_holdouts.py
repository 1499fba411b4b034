"""Plans of holdouts are never changed, and an account keeps the arm that it was drawn for."""

from datetime import timedelta
from typing import Any

import pytest

from domain.effects import HoldoutAssignment, HoldoutPlan
from domain.errors import NotFound
from domain.parties import Link
from domain.tickets import Ticket
from storage.holdouts import HoldoutBook
from storage.links import Links
from storage.store import Store
from tests.builders import NOON
from tests.customers import BILLED, CRM, PARTIES, put

DAY = timedelta(days=1)
PLAN = HoldoutPlan(plan_hash="p1", playbook="rescue", content={"design": {"share": "0.1"}}, registered_at=NOON)


def drawn(account: str = "A", **changed: Any) -> HoldoutAssignment:
    given = {"plan_hash": "p1", "account_ref": account, "arm": "holdout", "because": "drawn", "assigned_at": NOON,
             "arr_cents": 1_200_00, "currency": "USD"}  # fmt: skip
    return HoldoutAssignment.model_validate({**given, **changed})


@pytest.fixture
def book(store: Store) -> HoldoutBook:
    put(store, CRM, BILLED, *PARTIES)
    kept = HoldoutBook(store.engine)
    kept.register(PLAN)
    return kept


def test_a_plan_is_kept_as_it_was_registered_first(book: HoldoutBook) -> None:
    assert not book.register(PLAN.model_copy(update={"content": {}, "registered_at": NOON + DAY}))
    assert book.plans() == [PLAN]
    assert book.plans(until=NOON - DAY) == []


def test_an_account_keeps_the_arm_of_its_first_draw(book: HoldoutBook) -> None:
    assert book.assign([drawn(), drawn("cus_1", arm="treat")]) == 2
    assert book.assign([drawn(arm="treat", assigned_at=NOON + DAY)]) == 0
    assert [(each.account_ref, each.arm) for each in book.assignments("p1")] == [("A", "holdout"), ("cus_1", "treat")]
    assert book.assign([]) == 0


def test_an_override_lets_help_through_and_leaves_the_arm(book: HoldoutBook) -> None:
    book.assign([drawn()])
    assert book.override("p1", "A", "Ana", "a hard call", NOON + DAY)
    assert not book.override("p1", "A", "Ben", "again", NOON + 2 * DAY)
    [now] = book.assignments()
    assert (now.arm, now.overridden_by, now.overridden_because) == ("holdout", "Ana", "a hard call")
    assert now.overridden_at == NOON + DAY
    [before] = book.assignments(until=NOON)
    assert before == drawn()


def test_only_who_was_drawn_can_be_let_through(book: HoldoutBook) -> None:
    for unknown in ("A", "nobody"):
        with pytest.raises(NotFound, match="has not drawn"):
            book.override("p1", unknown, "Ana", "why", NOON)


def test_the_arms_are_those_assigned_and_who_was_kept_out_has_none(book: HoldoutBook) -> None:
    book.assign([drawn(), drawn("cus_1", arm="kept_out", overridden_by="Ana", overridden_at=NOON)])
    book.override("p1", "A", "Ana", "a hard call", NOON + DAY)
    [row] = book.arms().collect().to_dict(as_series=False)["arm"]
    assert row == "holdout"
    assert set(book.arms().collect_schema().names()) == {
        "account_id", "account_ref", "playbook", "plan_hash", "arm", "assigned_at", "arr_cents", "currency",
        "let_through_at",
    }  # fmt: skip
    assert book.arms().collect()["let_through_at"].to_list() == [NOON + DAY]
    assert len(book.arms(until=NOON - DAY).collect()) == 0


def test_accounts_that_turn_out_to_be_one_have_the_arm_of_the_earlier_draw(store: Store, book: HoldoutBook) -> None:
    book.assign([drawn("cus_1", arm="treat"), drawn(assigned_at=NOON + DAY)])
    link = {"source": "stripe", "external_id": "cus_1", "account_source": "crm", "account_ref": "A",
            "method": "domain", "confidence_percent": 98, "evidence": "its domain", "decided_at": NOON}  # fmt: skip
    Links(store.engine).replace([Link.model_validate(link)], NOON)
    assert [(each.account_ref, each.arm) for each in book.assignments()] == [("A", "treat")]
    assert book.override("p1", "A", "Ana", "one account", NOON + 2 * DAY)


def test_a_ticket_is_critical_while_it_is_open_and_urgent_or_escalated(store: Store, book: HoldoutBook) -> None:
    def ticket(name: str, **told: Any) -> Ticket:
        blank = {"source": "crm", "external_id": name, "account_ref": "A", "status": "open", "created_at": NOON}
        return Ticket.model_validate({**blank, **told})

    solved = {"status": "solved", "resolved_at": NOON + DAY}
    put(
        store,
        ticket("calm", priority="high"),
        ticket("urgent", priority="urgent"),
        ticket("escalated", escalated=True, created_at=NOON + DAY / 2),
        ticket("done", priority="urgent", **solved),
        ticket("later", priority="urgent", created_at=NOON + 2 * DAY),
        ticket("nobody", priority="urgent", account_ref=None),
    )
    told = {moment: {name for _, name, _ in book.critical_tickets(moment)} for moment in (NOON, NOON + DAY)}
    assert told == {NOON: {"urgent", "done"}, NOON + DAY: {"urgent", "escalated"}}
    assert ("A", "escalated", False) in book.critical_tickets(NOON + DAY)
    assert ("A", "urgent", True) in book.critical_tickets(NOON + DAY)
