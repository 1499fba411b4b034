"""Single tickets whose deadlines were worked out by hand, and what each second of their waits was."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rules.sla.story import Change, ClockStory, Promise, Said, TicketPast, tell
from rules.sla.terms import Terms
from tests.rules.sla.pasts import terms

BERLIN = ZoneInfo("Europe/Berlin")
HOURS = {"mon-thu": ["09:00-12:30", "13:30-18:00"], "fri": ["09:00-15:00"]}
TEAM = {"zone": "Europe/Berlin", "hours": HOURS}
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MUCH_LATER = datetime(2027, 6, 1, tzinfo=UTC)


def at(written: str) -> datetime:
    """A moment in Berlin: `11-03 12:00`, of 2026 where no year stands there."""
    full = written if written[:2] == "20" else f"2026-{written}"
    return datetime.fromisoformat(full).replace(tzinfo=BERLIN).astimezone(UTC)


def promised(metric: str, target: str, calendar: object = TEAM, **more: object) -> Terms:
    return terms(calendar, {metric: target}, **more)


def past(created: str, *promises: Terms | tuple[str, Terms | None], **more: object) -> TicketPast:
    """A ticket with its terms; the first from the beginning, others from the moments beside them."""
    listed = tuple(
        Promise(at(each[0]), each[1], "because it changed")
        if isinstance(each, tuple)
        else Promise(at(created), each, "because it is so")
        for each in promises
    )
    return TicketPast(at(created), promises=listed, **more)  # type: ignore[arg-type]


def only(ticket: TicketPast, metric: str = "first_reply", as_of: datetime = MUCH_LATER) -> ClockStory:
    [story] = tell(ticket, as_of, [metric])  # type: ignore[list-item]
    return story


def stretches(story: ClockStory) -> list[tuple[str, str, str, timedelta]]:
    """What each stretch was, until when by Berlin's clocks, and what it counted."""
    return [
        (span.what, span.name or span.why, f"{span.ends_at.astimezone(BERLIN):%a %d %H:%M}", span.counted)
        for span in story.spans
    ]


def statuses(*changes: tuple[str, str]) -> tuple[Change, ...]:
    """Each status with the moment that it began; the ticket was new before."""
    before = ["new", *(status for _, status in changes)]
    return tuple(Change(at(moment), "status", old, new) for (moment, new), old in zip(changes, before, strict=False))


def agent(moment: str) -> Said:
    return Said(at(moment), "agent")


def customer(moment: str) -> Said:
    return Said(at(moment), "customer")


def test_a_lunch_break_does_not_count() -> None:
    story = only(past("11-03 12:00", promised("first_reply", "2h business")), as_of=at("11-03 12:10"))
    assert story.state == "running"
    assert story.deadline_at == at("11-03 15:00")
    assert stretches(story) == [
        ("counting", "", "Tue 03 12:10", 10 * MINUTE),
        ("counting", "", "Tue 03 12:30", 20 * MINUTE),
        ("closed", "break", "Tue 03 13:30", timedelta(0)),
        ("counting", "", "Tue 03 15:00", 90 * MINUTE),
    ]


def test_a_night_and_a_weekend_are_told_apart() -> None:
    story = only(past("11-06 14:30", promised("first_reply", "2h business")), as_of=at("11-06 14:30"))
    assert story.deadline_at == at("11-09 10:30")
    assert [(what, why, until) for what, why, until, _ in stretches(story)] == [
        ("counting", "", "Fri 06 15:00"),
        ("closed", "night", "Sat 07 00:00"),
        ("closed", "day off", "Mon 09 00:00"),
        ("closed", "night", "Mon 09 09:00"),
        ("counting", "", "Mon 09 10:30"),
    ]


@pytest.mark.parametrize(
    ("created", "target", "deadline"),
    [
        ("03-28 20:00", "5h business", "03-29 06:00"),  # an hour is left out
        ("10-24 20:00", "7h business", "10-25 06:00"),  # an hour comes twice
        ("10-24 20:00", "10h elapsed", "10-25 05:00"),
    ],
)
def test_a_weekend_on_which_the_clocks_change(created: str, target: str, deadline: str) -> None:
    calendar = {"zone": "Europe/Berlin", "hours": {"sun": ["00:00-06:00"], "mon": ["09:00-10:00"]}}
    assert only(past(created, promised("first_reply", target, calendar))).deadline_at == at(deadline)


def test_a_holiday_is_named_and_a_special_day_has_its_own_hours() -> None:
    calendar = {
        **TEAM,
        "holidays": [{"on": "2026-12-24", "name": "Christmas Eve"}],
        "special_days": {"2026-12-23": ["10:00-11:00"], "2026-12-25": [], "2026-12-28": ["12:00-13:00"]},
    }
    story = only(past("12-22 17:00", promised("first_reply", "3h business", calendar)))
    assert story.deadline_at == at("12-28 13:00")
    assert ("closed", "Christmas Eve", "Fri 25 00:00", timedelta(0)) in stretches(story)
    assert ("closed", "special day", "Sat 26 00:00", timedelta(0)) in stretches(story)
    assert story.breached_at == at("12-28 13:00")


def test_a_pause_over_a_night_costs_only_the_open_hours_in_it() -> None:
    ticket = past(
        "11-03 16:00", promised("first_reply", "4h business"),
        changes=statuses(("11-03 17:30", "pending"), ("11-04 09:30", "open")),
    )  # fmt: skip
    story = only(ticket, as_of=at("11-04 09:30"))
    assert story.deadline_at == at("11-04 12:00")
    [paused] = [span for span in story.spans if span.what == "paused"]
    assert (paused.why, paused.ends_at - paused.starts_at, paused.working) == ("pending", 16 * HOUR, HOUR)
    assert (story.paused, story.paused_working) == (16 * HOUR, HOUR)


def test_while_it_is_paused_there_is_no_deadline() -> None:
    ticket = past("11-03 16:00", promised("first_reply", "4h business"), changes=statuses(("11-03 17:00", "pending")))
    story = only(ticket, as_of=at("11-05 12:00"))
    assert (story.state, story.deadline_at, story.spent) == ("paused", None, HOUR)
    assert [each.at for each in story.warnings] == [None, None, None]


def test_a_deadline_that_is_reached_as_the_pause_begins_counts() -> None:
    ticket = past("11-03 16:00", promised("first_reply", "1h business"), changes=statuses(("11-03 17:00", "pending")))
    assert only(ticket, as_of=at("11-03 17:00")).state == "running"
    assert only(ticket).breached_at == at("11-03 17:00")


def test_a_tightened_target_gets_a_grace_and_no_breach_in_the_past() -> None:
    loose, tight = promised("first_reply", "8h business"), promised("first_reply", "2h business")
    ticket = past("11-03 09:00", loose, ("11-03 15:00", tight))
    story = only(ticket, as_of=at("11-03 15:10"))
    assert [epoch.deadline_at for epoch in story.epochs] == [at("11-03 18:00"), at("11-03 16:00")]
    assert (story.shown.computed_at, story.shown.graced) == (at("11-03 11:00"), True)
    assert story.state == "running"
    [change] = story.retargets
    assert (change.before.target, change.after.target) == (
        loose.targets["first_reply"]["normal"], tight.targets["first_reply"]["normal"],
    )  # fmt: skip


def test_a_grace_never_reaches_beyond_the_former_deadline() -> None:
    ticket = past(
        "11-03 09:00", promised("first_reply", "8h business"), ("11-03 17:30", promised("first_reply", "1h business"))
    )
    assert only(ticket).breached_at == at("11-03 18:00")


def test_no_grace_at_all_is_due_at_the_change() -> None:
    tight = promised("first_reply", "1h business", grace="0m business")
    assert only(past("11-03 09:00", promised("first_reply", "8h business"), ("11-03 13:00", tight))).breached_at == at(
        "11-03 13:00"
    )


def test_a_breach_stays_whatever_is_promised_later() -> None:
    tight, loose = promised("first_reply", "1h business"), promised("first_reply", "80h business")
    story = only(past("11-03 09:00", tight, ("11-03 11:00", loose)), as_of=at("11-03 12:00"))
    assert (story.state, story.breached_at, story.shown.terms) == ("breached", at("11-03 10:00"), tight)
    kept = only(past("11-03 09:00", tight, ("11-03 09:30", loose)), as_of=at("11-03 12:00"))
    assert (kept.state, kept.shown.terms) == ("running", loose)


def test_a_priority_change_takes_the_target_of_the_new_one() -> None:
    by_priority = terms(TEAM, {"first_reply": {"normal": "8h business", "urgent": "2h business"}})
    change = Change(at("11-03 10:00"), "priority", "normal", "urgent")
    story = only(past("11-03 09:00", by_priority, priority="urgent", changes=(change,)), as_of=at("11-03 10:30"))
    assert [epoch.priority for epoch in story.epochs] == ["normal", "urgent"]
    assert story.deadline_at == at("11-03 11:00")


def test_a_reply_at_exactly_the_deadline_is_in_time() -> None:
    ticket = past("11-03 09:00", promised("first_reply", "2h business"), said=(agent("11-03 11:00"),))
    assert only(ticket).state == "met"
    late = past("11-03 09:00", promised("first_reply", "119m business"), said=(agent("11-03 11:00"),))
    assert only(late).state == "breached"


def test_a_ticket_that_an_agent_made_waits_from_the_customer_s_first_message_on() -> None:
    ticket = past(
        "11-03 09:00", promised("first_reply", "1h business"),
        said=(agent("11-03 09:00"), customer("11-03 10:00"), agent("11-03 10:30")),
    )  # fmt: skip
    story = only(ticket)
    assert (story.wait.started_at, story.wait.because) == (at("11-03 10:00"), "the customer's message")
    assert story.state == "met"
    assert tell(ticket, at("11-03 09:30"), ["first_reply"]) == ()


def test_each_unanswered_question_is_one_wait_from_the_oldest_on() -> None:
    said = (
        agent("11-03 09:10"), customer("11-03 10:00"), customer("11-03 10:20"), agent("11-03 10:50"),
        customer("11-03 11:30"), Said(at("11-03 11:40"), "agent", public=False), Said(at("11-03 11:45"), "bot"),
    )  # fmt: skip
    first, second = tell(
        past("11-03 09:00", promised("next_reply", "1h business"), said=said), MUCH_LATER, ["next_reply"]
    )
    assert (first.wait.started_at, first.state, first.spent) == (at("11-03 10:00"), "met", 50 * MINUTE)
    assert (second.wait.started_at, second.state) == (at("11-03 11:30"), "breached")


def test_a_reopened_ticket_goes_on_where_it_stopped() -> None:
    changes = statuses(("11-03 11:00", "solved"), ("11-04 09:00", "open"))
    story = only(
        past("11-03 09:00", promised("resolution", "4h business"), changes=changes), "resolution", at("11-04 09:30")
    )
    assert (story.state, story.deadline_at, story.spent) == ("running", at("11-04 11:00"), 150 * MINUTE)
    assert [span.what for span in story.spans][:2] == ["counting", "solved"]


def test_a_reopened_ticket_starts_again_where_the_terms_say_so() -> None:
    changes = statuses(("11-03 11:00", "solved"), ("11-04 09:00", "open"))
    restarting = promised("resolution", "4h business", reopened="restart")
    first, second = tell(past("11-03 09:00", restarting, changes=changes), at("11-04 09:30"), ["resolution"])
    assert (first.state, first.wait.fulfilled_at) == ("met", at("11-03 11:00"))
    assert (second.cycle, second.wait.because, second.deadline_at) == (2, "the ticket was reopened", at("11-04 14:00"))


def test_a_merge_ends_every_clock() -> None:
    merged = Change(at("11-03 10:00"), "merged")
    story = only(
        past("11-03 09:00", promised("first_reply", "2h business"), changes=(merged,), said=(agent("11-03 10:30"),))
    )
    assert (story.state, story.wait.ended_at, story.wait.over_because) == (
        "ended",
        at("11-03 10:00"),
        "merged into another ticket",
    )


def test_without_a_policy_nothing_is_due() -> None:
    for ticket in (past("11-03 09:00"), past("11-03 09:00", ("11-03 09:00", None))):
        story = only(ticket)
        assert (story.state, story.deadline_at, story.shown.terms, story.warnings) == ("no_target", None, None, ())


def test_without_a_history_the_ticket_s_own_fields_tell_it() -> None:
    both = terms(TEAM, {"first_reply": "2h business", "resolution": "4h business"})
    ticket = past(
        "11-03 09:00", both, status="closed", first_replied_at=at("11-03 10:00"), resolved_at=at("11-03 17:00")
    )
    assert not ticket.has_events
    reply, resolution = tell(ticket, MUCH_LATER, ["first_reply", "resolution"])
    assert (reply.state, reply.wait.over_because) == ("met", "the first reply that the helpdesk reports")
    assert (resolution.state, resolution.breached_at) == ("breached", at("11-03 14:00"))
    before = only(ticket, "resolution", at("11-03 13:45"))
    assert (before.state, before.wait.over_at) == ("running", None)


def test_an_acknowledgement_is_a_reply_but_no_impactful_one() -> None:
    both = terms(TEAM, {"first_reply": "1h business", "first_impactful_reply": "2h business"})
    said = (Said(at("11-03 09:30"), "agent", impactful=False), Said(at("11-03 12:00"), "agent", impactful=True))
    first, impactful = tell(past("11-03 09:00", both, said=said), MUCH_LATER, ["first_reply", "first_impactful_reply"])
    assert (first.state, impactful.breached_at) == ("met", at("11-03 11:00"))


def test_what_is_later_is_not_known() -> None:
    ticket = past("11-03 09:00", promised("first_reply", "2h business"), said=(agent("11-03 10:00"),))
    assert only(ticket, as_of=at("11-03 09:30")).wait.over_at is None
