"""One ticket is found by its name, and told with all that was promised for it and what is due beside it."""

from datetime import timedelta

import pytest

from domain.connections import SyncRun
from domain.errors import NotFound
from domain.escalations import Decision, Escalation, EscalationStep
from jobs.sla.explaining import explain
from jobs.sla.watching import watch
from storage.sla import SlaBook
from storage.store import Store
from storage.sync_book import SyncBook
from tests.jobs.desk import DAY, HOUR, NOON, Desk, policies, promising


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def test_a_ticket_is_told_with_its_past_and_its_promises(desk: Desk) -> None:
    desk.ticket(account_ref="A", subject="Export fails", priority="high", created_at=NOON - 5 * HOUR)
    desk.becomes("status", "new", "pending", NOON - 4 * HOUR)
    desk.becomes("status", "pending", "open", NOON - 3 * HOUR)
    desk.becomes("assignee", None, "agent-1", NOON - 3 * HOUR)
    desk.says("agent", NOON - 2 * HOUR, public=False)
    desk.says("agent", NOON + HOUR)
    desk.keep(NOON)
    told = explain(desk.store, "T", NOON, metric="first_reply")
    assert (told.ticket.account, told.ticket.account_ref, told.ticket.status) == ("Acme", "A", "open")
    assert [each.kind for each in told.past.changes] == ["status", "status"]
    [story] = told.stories
    assert (story.state, story.deadline_at, story.paused) == ("running", NOON, HOUR)
    assert told.leading is story
    assert story.shown.because.startswith("Policy standard: ")
    assert story.shown.terms is not None
    assert story.shown.terms.content_hash in SlaBook(desk.store.engine).terms()


def test_a_changed_policy_is_told_with_both_deadlines(desk: Desk) -> None:
    desk.ticket(account_ref="A", created_at=NOON)
    desk.keep(NOON + HOUR)
    desk.rulebook = policies(promising("2h business", name="tight"))
    desk.keep(NOON + 3 * HOUR, last=NOON + HOUR)
    [story] = explain(desk.store, "T", NOON + 3 * HOUR, metric="first_reply").stories
    [change] = story.retargets
    assert (change.before.deadline_at, change.after.deadline_at) == (NOON + 4 * HOUR, NOON + 4 * HOUR)
    assert change.after.graced
    assert change.after.because.startswith("policy standard → tight; first_reply 4h business → 2h business.")


def test_at_a_past_moment_only_that_is_known_which_had_happened(desk: Desk) -> None:
    desk.ticket(account_ref="A", created_at=NOON, status="solved", resolved_at=NOON + 2 * HOUR)
    desk.becomes("status", "open", "solved", NOON + 2 * HOUR)
    desk.keep(NOON + 3 * HOUR)
    told = explain(desk.store, "T", NOON + HOUR, metric="first_reply")
    assert (told.ticket.status, told.stories[0].state) == ("open", "running")
    with pytest.raises(NotFound, match=r"was created on 2026-03-02 12:00 UTC; give a later --as-of"):
        explain(desk.store, "T", NOON - HOUR)


def test_a_name_that_several_sources_have_needs_the_source(desk: Desk) -> None:
    desk.ticket("7", created_at=NOON)
    desk.put("ticket", external_id="7", source="other", created_at=NOON, subject="Another")
    with pytest.raises(NotFound, match=r"2 tickets are called 7: other:7, files:7; give the source too"):
        explain(desk.store, "7", NOON)
    assert explain(desk.store, "other:7", NOON).ticket.subject == "Another"


def test_an_unknown_name_brings_the_nearest(desk: Desk) -> None:
    for name in ("T-1001", "T-1002", "T-2001", "50%_off"):
        desk.ticket(name, created_at=NOON)
    with pytest.raises(NotFound, match=r"no ticket is called 'T-1009'; near are files:T-100., files:T-100."):
        explain(desk.store, "T-1009", NOON)
    with pytest.raises(NotFound, match=r"near are files:50%_off"):
        explain(desk.store, "50%", NOON)
    with pytest.raises(NotFound, match=r"no ticket is called 'zzz'; near are files:"):
        explain(desk.store, "zzz", NOON)


def test_without_any_ticket_it_says_where_they_come_from(desk: Desk) -> None:
    with pytest.raises(NotFound, match="there are none yet: keepline sync, or keepline import FOLDER"):
        explain(desk.store, "T", NOON)


def test_a_ticket_without_promises_says_so(desk: Desk) -> None:
    desk.ticket(created_at=NOON)
    [story] = explain(desk.store, "T", NOON, metric="first_reply").stories
    assert (story.state, story.shown.terms) == ("no_target", None)


def test_a_call_with_the_account_ends_the_wait_for_outreach(desk: Desk) -> None:
    desk.rulebook = policies({"id": "p", "targets": {"outreach": "24h elapsed"}})
    desk.ticket(account_ref="A", created_at=NOON)
    desk.put("touch", external_id="c", happened_at=NOON + HOUR)
    desk.keep(NOON + DAY)
    [story] = explain(desk.store, "T", NOON + DAY, metric="outreach").stories
    assert (story.state, story.wait.fulfilled_at) == ("met", NOON + HOUR)


def test_the_steps_of_the_account_s_escalations_are_told(desk: Desk) -> None:
    desk.ticket(account_ref="A", created_at=NOON)
    decision = Decision(
        decision_id="d", account_ref="A", playbook="renewal", rule_hash="h", as_of=NOON, because="renews", inputs={}
    )
    escalation = Escalation(
        escalation_id="e", account_ref="A", family="renewal", playbook="renewal", decision_id="d", because="renews",
        state="open", opened_at=NOON, due_at=NOON + 2 * HOUR,
    )  # fmt: skip
    blank = EscalationStep(
        escalation_id="e", position=0, do="internal review", owner="support_lead", within="2h elapsed",
        due_at=NOON + 2 * HOUR,
    )  # fmt: skip
    done = {"position": 1, "do": "note", "due_at": NOON + HOUR, "done_at": NOON + timedelta(minutes=5)}
    desk.store.save_decided([decision], [escalation], [blank, blank.model_copy(update=done)], [])
    [step] = explain(desk.store, "T", NOON + 3 * HOUR).steps
    assert (step.do, step.owner, step.is_overdue) == ("internal review", "support_lead", True)


def test_the_source_s_age_is_that_of_its_last_successful_reading(desk: Desk) -> None:
    desk.ticket(created_at=NOON)
    assert explain(desk.store, "T", NOON).read_at is None
    book = SyncBook(desk.store.engine)
    for state, ended_at in (("done", NOON + HOUR), ("failed", NOON + 2 * HOUR), ("done", NOON + 9 * HOUR)):
        key = book.begin_run("files", ended_at)
        run = SyncRun(connection="files", started_at=ended_at, ended_at=ended_at, state=state)
        book.end_run(key, run)
    assert explain(desk.store, "T", NOON + 3 * HOUR).read_at == NOON + HOUR


def test_what_was_staged_is_what_is_told(desk: Desk) -> None:
    """The walk over one ticket and the tables of all tickets read the same rows."""
    desk.ticket(account_ref="A", created_at=NOON, status="open")
    desk.says("customer", NOON + HOUR)
    desk.says("agent", NOON + 5 * HOUR)
    desk.becomes("priority", "low", "urgent", NOON + 2 * HOUR)
    desk.keep(NOON + 6 * HOUR)
    watched = watch(desk.store, NOON, NOON + 6 * HOUR).clocks
    told = explain(desk.store, "T", NOON + 6 * HOUR).stories
    rows = {(row["metric"], row["cycle"]): row for row in watched.iter_rows(named=True)}
    assert {(story.metric, story.cycle): (story.state, story.deadline_at) for story in told} == {
        key: (row["state"], row["deadline_at"]) for key, row in rows.items()
    }
