"""What playbooks ask to be done: steps with branches, messages, and actions that wait for a person."""

from datetime import timedelta

import pytest

from domain.errors import KeeplineError, NotFound
from jobs.actions import actions, decide_action, one_action
from storage.store import Store
from tests.jobs.desk import DAY, HOUR, NOON, Desk
from tests.jobs.test_spells import a_playbook, run

ACTING = a_playbook(actions=[
    {"notify": "#renewals"}, {"crm_task": "Call {account}: {because}"}, {"message_customer": "{account}, worth {acv}"},
    {"add_tag": "at-risk", "approval": True},
])  # fmt: skip
BRANCHED = a_playbook(steps=[
    {
        "do": "write", "owner": "csm", "within": "24h elapsed",
        "message": "{account}: {tickets_7d} tickets, CSAT {csat_30d}",
    },
    {"do": "call", "owner": "csm", "within": "72h elapsed", "if": "no reply"},
])  # fmt: skip


def test_actions_are_prepared_with_the_escalation_and_only_once(sqlite_store: Store) -> None:
    Desk(sqlite_store).ticket(created_at=NOON - DAY)
    for day in (0, 0, 1):
        run(sqlite_store, ACTING, NOON + day * DAY)
    found = {each.action.kind: each.action for each in actions(sqlite_store, everything=True)}
    assert {kind: (action.state, action.because) for kind, action in found.items()} == {
        "notify": ("ready", "the playbook asks for it"),
        "crm_task": ("ready", "the playbook asks for it"),
        "message_customer": ("needs_approval", "the customer sees it"),
        "add_tag": ("needs_approval", "the playbook asks for approval"),
    }
    assert found["crm_task"].body["crm_task"].startswith("Call Acme: ")
    assert found["message_customer"].body == {"message_customer": "Acme, worth USD 150,000"}


def test_what_the_condition_did_not_know_makes_the_evidence_thin(sqlite_store: Store) -> None:
    Desk(sqlite_store).ticket(created_at=NOON - DAY)
    unsure = {"any": [{"signal": "tickets_7d", "op": ">=", "value": 1}, {"signal": "csat_30d", "op": "<=", "value": 5}]}
    run(sqlite_store, a_playbook(when=unsure, actions=[{"notify": "#renewals"}]), NOON)
    [waiting] = actions(sqlite_store)
    assert waiting.action.because == "thin evidence: csat_30d is unknown"


def test_a_person_approves_or_refuses_and_may_take_it_back(sqlite_store: Store) -> None:
    Desk(sqlite_store).ticket(created_at=NOON - DAY)
    run(sqlite_store, ACTING, NOON)
    name = next(each.action.action_id for each in actions(sqlite_store) if each.action.kind == "message_customer")
    approved = decide_action(sqlite_store, name[:8], "approve", "Ana", NOON + HOUR).action
    assert (approved.state, approved.decided_by, approved.decided_at) == ("ready", "Ana", NOON + HOUR)
    with pytest.raises(KeeplineError, match="nothing is left to approve"):
        decide_action(sqlite_store, name, "approve", "Ben", NOON + HOUR)
    assert decide_action(sqlite_store, name, "undo", "Ana", NOON + HOUR).action.decided_by is None
    assert decide_action(sqlite_store, name, "refuse", "Ben", NOON + 2 * HOUR).action.state == "refused"
    assert one_action(sqlite_store, name).action.decided_by == "Ben"
    with pytest.raises(NotFound, match="keepline actions list"):
        one_action(sqlite_store, "zz")


@pytest.mark.parametrize(
    ("written_at", "is_needed"), [(None, True), (timedelta(hours=1), True), (timedelta(hours=3), False)]
)
def test_a_step_for_want_of_a_reply_is_not_needed_once_the_customer_has_written(
    sqlite_store: Store, written_at: timedelta | None, is_needed: bool
) -> None:
    desk = Desk(sqlite_store)
    desk.ticket(created_at=NOON - DAY)
    [opened] = run(sqlite_store, BRANCHED, NOON)[1].opened
    assert opened.steps[0].message == "Acme: 1 tickets, CSAT unknown"
    desk.put("touch", external_id="W", account_ref="A", kind="csm_call", happened_at=NOON + 2 * HOUR)
    if written_at is not None:
        desk.says("customer", NOON + written_at)
    run(sqlite_store, BRANCHED, NOON + 4 * HOUR)
    [write, call] = sqlite_store.escalation_steps()[opened.escalation.escalation_id]
    assert write.done_at == NOON + 2 * HOUR
    assert (call.done_at is None) is is_needed
    assert is_needed or call.done_by == "not needed: the customer has written"
