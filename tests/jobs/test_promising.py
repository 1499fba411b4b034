"""Every ticket gets terms from its creation on, and others from the moment at which they change."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.errors import KeeplineError
from domain.escalations import Decision, Escalation
from rules.sla.terms import Terms
from storage.sla import SlaBook
from storage.store import Store
from tests.builders import staged
from tests.jobs.desk import ALWAYS, DAY, HOUR, NOON, Desk, policies, promising
from tests.jobs.test_importing import dump

NEAR = promising("1h business", "near", when={"signal": "days_to_renewal", "op": "between", "value": [0, 90]})
RICH = promising("2h business", "rich", when={"signal": "acv", "op": ">", "value": "100000 USD"})


@pytest.fixture
def desk(sqlite_store: Store) -> Desk:
    return Desk(sqlite_store)


def only_terms(desk: Desk) -> Terms:
    [terms] = SlaBook(desk.store.engine).terms().values()
    return Terms.model_validate(terms.content)


def test_a_ticket_is_promised_what_its_first_matching_policy_says_from_its_creation_on(desk: Desk) -> None:
    desk.rulebook = policies(RICH, promising())
    desk.ticket(created_at=NOON - 5 * HOUR)
    assert desk.keep(NOON).promised == 1
    [first] = desk.promised()
    assert (first.since, first.recorded_at) == (NOON - 5 * HOUR, NOON)
    assert first.because == "Policy rich: ACV USD 150,000"
    assert first.inputs == {"acv": "150000.00"}
    assert only_terms(desk).targets["first_reply"]["urgent"].seconds == 7200


def test_the_account_is_seen_as_it_was_on_the_day_of_creation(desk: Desk) -> None:
    desk.rulebook = policies(NEAR, promising())
    desk.ticket("before", created_at=datetime(2026, 3, 2, tzinfo=UTC))
    desk.ticket("after", created_at=datetime(2026, 3, 3, tzinfo=UTC))
    desk.keep(NOON + 3 * DAY)
    assert desk.policies_of("after") == ["near"]
    assert desk.policies_of("before") == ["standard", "near"]
    [_, changed] = desk.promised("before")
    assert changed.since == NOON + 3 * DAY
    assert changed.because == (
        "days to renewal 91 → 88; policy standard → near; first_reply 4h business → 1h business. "
        "Policy near: renews in 88 days"
    )


def test_the_shipped_defaults_give_a_large_account_near_its_renewal_a_review_in_two_hours_and_a_call_in_a_day(
    desk: Desk, rulebook: Any
) -> None:
    desk.rulebook = rulebook
    desk.contract(renews_on=(NOON + 45 * DAY).date())
    desk.ticket()
    desk.keep(NOON + HOUR)
    targets = only_terms(desk).targets
    written = {metric: {str(each.time) + each.counting for each in targets[metric].values()} for metric in targets}
    assert written["internal_review"] == {"2:00:00elapsed"}
    assert written["outreach"] == {"1 day, 0:00:00elapsed"}
    assert desk.policies_of() == ["renewal-enterprise"]


def test_promising_again_at_the_same_moment_changes_nothing(desk: Desk) -> None:
    desk.rulebook = policies(NEAR, RICH, promising())
    for number in range(5):
        desk.ticket(f"T{number}", created_at=NOON - number * DAY)
    desk.keep(NOON, NOON + 7 * DAY)
    before = dump(desk.store)
    again = desk.keep(NOON + 7 * DAY, last=NOON + 7 * DAY)
    assert (again.promised, again.retargeted, again.new_breaches) == (0, 0, 0)
    assert dump(desk.store) == before
    desk.keep(NOON, NOON + 7 * DAY)
    assert dump(desk.store) == before


def test_week_by_week_and_all_weeks_at_once_promise_the_same(sqlite_store: Store, tmp_path: Any) -> None:
    at_once, weekly = Desk(sqlite_store), Desk(Store(f"sqlite:///{tmp_path / 'weekly.db'}"))
    moments = [NOON + number * 7 * DAY for number in range(4)]
    for desk in (at_once, weekly):
        desk.rulebook = policies(NEAR, promising())
        desk.contract(renews_on=date(2026, 6, 12))
        for number in range(3):
            desk.ticket(f"T{number}", created_at=NOON + number * DAY - HOUR)
    at_once.keep(*moments)
    for last, moment in zip([None, *moments], moments, strict=False):
        weekly.keep(moment, last=last)
    told = [
        [(each.since, each.terms_hash, each.because) for number in range(3) for each in desk.promised(f"T{number}")]
        for desk in (at_once, weekly)
    ]
    assert told[0] == told[1]
    assert len(told[0]) == 6
    weekly.store.close()


def a_lower_value(desk: Desk) -> None:
    desk.contract(arr=50_000)


def a_nearer_renewal(desk: Desk) -> None:
    desk.contract(renews_on=date(2026, 4, 1))


def other_targets(desk: Desk) -> None:
    desk.rulebook = policies(promising("30m business"))


def other_hours(desk: Desk) -> None:
    office = {"default": {"zone": "Europe/Berlin", "hours": {"mon-fri": ["09:00-17:00"]}}}
    desk.rulebook = policies(promising(), calendars=office)


def another_calendar(desk: Desk) -> None:
    office = {"office": {"hours": {"mon-fri": ["09:00-17:00"]}}, **ALWAYS}
    desk.rulebook = policies(promising(calendar="office"), calendars=office)


def no_policy(desk: Desk) -> None:
    desk.rulebook = policies()


def other_pauses(desk: Desk) -> None:
    desk.rulebook = policies(promising(), pauses={"default": ["pending", "on_hold"]}, grace="2h elapsed")


def a_halved_target(desk: Desk) -> None:
    when = {"signal": "tag", "op": "in", "value": ["vip"]}
    halved = {"id": "half", "when": when, "factor": 0.5}
    desk.rulebook = policies(promising(), multipliers=[halved])
    desk.ticket(created_at=NOON - HOUR, tags='["vip"]')


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (a_lower_value, "ACV 150000.00 → 50000.00; policy rich → standard"),
        (a_nearer_renewal, "days to renewal 91 → 30; policy standard → near"),
        (other_targets, "first_reply 4h business → 30m business"),
        (other_hours, "calendar default has other hours or days"),
        (another_calendar, "calendar default → office"),
        (no_policy, "policy standard → none"),
        (other_pauses, "other statuses stop the clocks; grace 1h business → 2h elapsed"),
        (a_halved_target, "first_reply 4h business → 2h business"),
    ],
)
def test_a_change_counts_from_the_moment_that_saw_it_and_is_told_in_words(
    desk: Desk, change: Callable[[Desk], None], said: str
) -> None:
    above = {"a_lower_value": [RICH], "a_nearer_renewal": [NEAR]}.get(change.__name__, [])
    desk.rulebook = policies(*above, promising())
    desk.ticket(created_at=NOON - HOUR)
    desk.keep(NOON)
    [old] = desk.promised()
    change(desk)
    report = desk.keep(NOON + HOUR, last=NOON)
    assert report.retargeted == 1
    [kept, new] = desk.promised()
    assert kept == old
    assert (new.since, new.recorded_at) == (NOON + HOUR, NOON + HOUR)
    assert new.because.startswith(said)
    assert new.terms_hash != old.terms_hash


def test_a_policy_that_has_begun_since_the_last_look_counts_from_its_first_day(desk: Desk) -> None:
    march = promising("1h business", "march", valid_from="2026-03-04")
    desk.rulebook = policies(march, promising())
    desk.ticket(created_at=NOON - HOUR)
    desk.keep(NOON)
    desk.keep(NOON + 5 * DAY, last=NOON)
    assert desk.policies_of() == ["standard", "march"]
    assert desk.promised()[-1].since == datetime(2026, 3, 4, tzinfo=UTC)


def test_a_policy_that_is_written_after_its_first_day_counts_from_now(desk: Desk) -> None:
    desk.ticket(created_at=NOON - HOUR)
    desk.keep(NOON + 5 * DAY)
    desk.rulebook = policies(promising("1h business", "march", valid_from="2026-03-04"), promising())
    desk.keep(NOON + 6 * DAY, last=NOON + 5 * DAY)
    assert desk.promised()[-1].since == NOON + 6 * DAY


def test_what_is_resolved_keeps_its_terms(desk: Desk) -> None:
    desk.ticket(created_at=NOON - HOUR, status="solved", resolved_at=NOON - HOUR / 2)
    desk.keep(NOON)
    desk.rulebook = policies(promising("30m business"))
    assert desk.keep(NOON + HOUR, last=NOON).retargeted == 0
    assert len(desk.promised()) == 1


def test_tickets_of_before_the_first_run_are_promised_something_as_far_back_as_it_is_asked(desk: Desk) -> None:
    desk.rulebook = policies(promising(), backfill_days=10)
    desk.ticket("just in", created_at=NOON - 10 * DAY, status="solved", resolved_at=NOON - 9 * DAY)
    desk.ticket("too old", created_at=NOON - 11 * DAY, status="solved", resolved_at=NOON - 9 * DAY)
    desk.ticket("old and open", created_at=NOON - 300 * DAY)
    desk.keep(NOON)
    assert desk.policies_of("just in") == ["standard"]
    assert desk.policies_of("too old") == []
    [old] = desk.promised("old and open")
    assert old.since == NOON - 300 * DAY


def test_a_ticket_without_an_account_is_told_what_was_not_known(desk: Desk) -> None:
    desk.rulebook = policies(RICH, promising())
    desk.ticket(account_ref=None)
    desk.keep(NOON + HOUR)
    [promised] = desk.promised()
    assert desk.policies_of() == ["standard"]
    assert "Undecided: policy rich (ACV unknown)" in promised.because
    assert promised.inputs["acv"] is None


def test_that_nothing_applies_is_on_record_too_until_something_does(desk: Desk) -> None:
    desk.rulebook = policies(NEAR)
    desk.ticket(created_at=NOON - HOUR)
    assert desk.keep(NOON).promised == 1
    assert desk.keep(NOON, last=NOON).promised == 0
    desk.keep(NOON + 3 * DAY, last=NOON)
    assert desk.policies_of() == [None, "near"]
    assert desk.promised()[0].because.startswith("No policy applies")


def test_words_about_the_ticket_choose_its_policy(desk: Desk) -> None:
    leaf = {"op": "==", "value": "urgent"}
    desk.rulebook = policies(
        promising("5m business", "billing", when={"signal": "tag", "op": "in", "value": ["Billing"]}),
        promising("10m business", "urgent", when={"signal": "priority", **leaf}),
        promising("15m business", "emea", when={"signal": "team", "op": "==", "value": "emea"}),
        promising("20m business", "acme", when={"signal": "account", "op": "==", "value": "acme"}),
    )
    desk.ticket("tagged", tags='["billing", "sso"]')
    desk.ticket("hasty", priority="urgent")
    desk.ticket("of a team", team="EMEA")
    desk.ticket("of an account")
    desk.ticket("of nobody", account_ref=None)
    desk.keep(NOON + HOUR)
    names = ("tagged", "hasty", "of a team", "of an account", "of nobody")
    assert [desk.policies_of(name) for name in names] == [["billing"], ["urgent"], ["emea"], ["acme"], [None]]


def test_the_priority_is_that_of_the_moment(desk: Desk) -> None:
    desk.rulebook = policies(
        promising("1h business", "hasty", when={"signal": "priority", "op": "==", "value": "urgent"})
    )
    desk.ticket(priority="normal", created_at=NOON - 3 * HOUR)
    desk.becomes("priority", "urgent", "high", NOON - 2 * HOUR)
    desk.becomes("priority", "high", "normal", NOON - HOUR)
    desk.keep(NOON)
    assert desk.policies_of() == ["hasty", None]


def test_an_open_playbook_chooses_a_policy_while_it_is_open(desk: Desk) -> None:
    rescue = promising("1h business", "rescue", when={"signal": "open_playbook", "op": "in", "value": ["silence"]})
    desk.rulebook = policies(rescue, promising())
    decision = Decision(
        decision_id="d", account_ref="A", playbook="silence", rule_hash="h", as_of=NOON, because="b", inputs={}
    )
    escalation = Escalation(
        escalation_id="e", account_ref="A", family="f", playbook="silence", decision_id="d", because="b", state="open",
        opened_at=NOON - 2 * DAY,
    )  # fmt: skip
    desk.store.save_decided([decision], [escalation], [], [])
    desk.ticket("before", created_at=NOON - 4 * DAY)
    desk.ticket("while", created_at=NOON - DAY)
    desk.keep(NOON)
    assert (desk.policies_of("before"), desk.policies_of("while")) == (["standard", "rescue"], ["rescue"])
    closed = escalation.model_copy(update={"state": "resolved", "closed_at": NOON + HOUR})
    desk.store.save_decided([], [closed], [], [])
    desk.keep(NOON + 2 * HOUR, last=NOON)
    assert desk.policies_of("while") == ["rescue", "standard"]
    assert desk.promised("while")[-1].because.startswith("open playbooks silence → none; policy rescue → standard")


def test_an_amount_in_another_currency_is_refused_and_nothing_is_promised(desk: Desk) -> None:
    desk.rulebook = policies({**RICH, "when": {"signal": "acv", "op": ">", "value": "5 EUR"}}, promising())
    desk.ticket()
    with pytest.raises(KeeplineError, match=r"sla\.yaml: policy rich: .*write the amount in USD"):
        desk.keep(NOON + HOUR)
    assert desk.promised() == []


def test_both_databases_promise_alike(store: Store) -> None:
    desk = Desk(store, policies(NEAR, RICH, promising()))
    desk.ticket("near", created_at=NOON + 2 * DAY)
    desk.ticket("linked", tags='["a"]', team="EMEA", priority="high")
    desk.ticket("alone", account_ref=None)
    desk.keep(NOON + 3 * DAY)
    assert [desk.policies_of(name) for name in ("near", "linked", "alone")] == [
        ["near"],
        ["rich", "near"],
        ["standard"],
    ]
    assert all(each.inputs.keys() == {"days_to_renewal", "acv"} for each in desk.promised("alone"))


def test_a_thousand_tickets_of_many_days_are_promised_something_in_one_go(desk: Desk) -> None:
    rows = [{"external_id": f"T{n}", "created_at": NOON - timedelta(hours=n)} for n in range(1_000)]
    with desk.store.importing() as transaction:
        staging = transaction.stage("ticket", "test")
        staging.append(staged("ticket", *rows))
        staging.settle(NOON)
    assert desk.keep(NOON).promised == 1_000
