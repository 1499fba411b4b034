"""The shipped playbooks on their thresholds: one below, at it, one above, and where the figure is unknown.

Facts go in and decisions come out of the evaluator that runs live; nothing between is made up.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from config.documents import DEFAULTS, read
from rules.evaluation import Evaluation, evaluate
from rules.playbooks import PlaybookFile
from rules.signals import SignalFacts, SignalWindows, account_signals
from tests.rules.company import AS_OF, Company, days_ago, in_days, signal_frame

SHIPPED = {playbook.id: playbook for playbook in read(DEFAULTS / "playbooks.yaml", PlaybookFile).playbooks}
Facts = Callable[[Any], SignalFacts]
LARGE, SMALL = 15_000_000, 900_000
_UTC = pl.Datetime("us", "UTC")


def evaluated(facts: SignalFacts, playbook: str) -> Evaluation:
    """What the playbook decides about account 1; signals that it does not ask for are left out."""
    row, *_ = (
        account_signals(facts, AS_OF, SignalWindows(), only=SHIPPED[playbook].when.signals()).collect().rows(named=True)
    )
    return evaluate(signal_frame([row]), [SHIPPED[playbook]], AS_OF, "USD")


def fires(facts: SignalFacts, playbook: str) -> bool:
    return bool(evaluated(facts, playbook).decisions)


def paying(cents: int | None = SMALL, **known: Any) -> Company:
    return Company.with_account(acv_cents=cents, **known)


def _heard(kind: str, times: int | None, company: Company | None = None) -> SignalFacts:
    """So many messages of a kind; None: nothing that was written could be read."""
    facts = (company or paying().said(None, None)).facts()
    found = [
        {"account_id": 1, "message_id": 100 + each, "sent_at": days_ago(1), "kind": kind, "sentence": "So it is."}
        for each in range(times or 0)
    ]
    schema: dict[str, Any] = {
        "account_id": pl.Int64, "message_id": pl.Int64, "sent_at": _UTC, "kind": pl.String, "sentence": pl.String,
    }  # fmt: skip
    unheard = [{"account_id": 1, "sent_at": days_ago(1)}] * (2 if times is None else 0)
    return replace(
        facts,
        evidence=nw.from_native(pl.LazyFrame(found, schema=schema)),
        unheard=nw.from_native(pl.LazyFrame(unheard, schema={"account_id": pl.Int64, "sent_at": _UTC})),
    )


def spike(tickets: int | None) -> SignalFacts:
    """Two a week are usual, so that six are three times that; None: not known for long enough to have a usual."""
    if tickets is None:
        return paying(signed_up_on=in_days(-20)).tickets(*[1.0] * 7).facts()
    return paying().tickets(*[8 + 3.5 * number for number in range(24)], *[1.0] * tickets).facts()


def first_tickets(tickets: int | None) -> SignalFacts:
    """None ever before, so that there is no ratio; five in a week are many for such an account."""
    return paying(signed_up_on=in_days(-20)).tickets(*[1.0] * 9).facts() if tickets is None else (
        paying().tickets(*[1.0] * tickets).facts()
    )  # fmt: skip


def growth(tickets: int | None) -> SignalFacts:
    """After ten in the month before; None: after none at all."""
    before = [] if tickets is None else [40.0] * 10
    return paying().tickets(*[10.0] * (20 if tickets is None else tickets), *before).facts()


def silent(days: float) -> SignalFacts:
    """An account that wrote often."""
    return paying().tickets(*[100.0] * 12, days).facts()


def same_issue(times: int | None) -> SignalFacts:
    return paying().tickets(*[2.0] * (times or 0), subject="Export fails").facts()


def mood(segment: str) -> Facts:
    """Three messages of one level; None: only two, which are no mood."""

    def said(level: int | None) -> SignalFacts:
        messages = [-90, -90] if level is None else [level] * 3
        return paying(segment=segment).said(*messages).facts()

    return said


def no_segment(level: int | None) -> SignalFacts:
    return paying(None).said(*[-90 if level is None else level] * 3).facts()


def usage(now: int | None) -> SignalFacts:
    """After seventy in the week before; None: nobody told of any use."""
    return (paying() if now is None else paying().used(now, 3).used(10, *range(8, 15))).facts()


def own_loss(now: int | None) -> SignalFacts:
    """Half of it and more is lost, while all others lost three tenths; None: nobody told of any use."""
    company = paying()
    for number in range(2, 23 if now is not None else 2):
        company.account(number).used(100, *range(8, 15), account_id=number).used(490, 3, account_id=number)
    return (company if now is None else company.used(now, 3).used(10, *range(8, 15))).facts()


def renews(days: int | None) -> SignalFacts:
    return paying(LARGE).contract(None if days is None else in_days(days)).facts()


def renews_in_trouble(days: int | None) -> SignalFacts:
    return paying(SMALL).contract(None if days is None else in_days(days)).surveyed(1).facts()


def renews_large_in_trouble(days: int | None) -> SignalFacts:
    return paying(LARGE).contract(None if days is None else in_days(days)).surveyed(1).facts()


def answered(kind: str) -> Facts:
    def facts(level: int | None) -> SignalFacts:
        company = paying()
        return (company if level is None else company.surveyed(level, scale=(0, 100), kind=kind)).facts()

    return facts


def promoted(level: int | None) -> SignalFacts:
    """NPS answers with that share of detractors and no promoter, in hundredths below zero."""
    company = paying()
    for number in range(0 if level is None else 20):
        company.surveyed(3 if number < -(level or 0) // 5 else 8, scale=(0, 10), kind="nps")
    return company.facts()


def foretold(percent: int | None) -> SignalFacts:
    """Three tickets that nobody rated; None: only two, of which no mean is foretold."""
    return paying().foretold(*([0.1] * 2 if percent is None else [percent / 100] * 3)).facts()


def spoken(kind: str) -> Facts:
    return lambda times: _heard(kind, times)


def surge(use: int | None) -> SignalFacts:
    """Half as many tickets again, in a good mood, and so much use after eighty; None: the mood is unknown."""
    subjects = [f"Question about part {chr(97 + number)}" for number in range(15)]
    company = paying().used(10, *range(8, 16)).said(*[30] * (2 if use is None else 3))
    for subject in subjects:
        company.tickets(10.0, subject=subject)
    company.tickets(*[40.0] * 10, subject="Old")
    return _heard("praise", 1, company.used(200 if use is None else use, 3))


def at_length(replies: int | None) -> SignalFacts:
    """The same three times, in a good mood, each solved after so many replies; None: nothing was solved."""
    company = paying().said(*[20] * 3).tickets(*[2.0] * 3, subject="How to export")
    return _heard("praise", 1, company if replies is None else company.solved(replies))


ROWS: list[tuple[str, Facts, Any, Any, Any]] = [
    ("volume-spike", spike, 5, 6, 7),
    ("volume-spike", first_tickets, 4, 5, 6),
    ("volume-growth", growth, 14, 15, 16),
    ("negative-sentiment", mood("enterprise"), -34, -35, -36),
    ("negative-sentiment", mood("mid_market"), -44, -45, -46),
    ("usage-drop", usage, 36, 35, 34),
    ("usage-drop", own_loss, 32, 31, 30),
    ("renewal-enterprise", renews, 91, 90, 89),
    ("renewal-at-risk", renews_in_trouble, 91, 90, 89),
    ("renewal-rescue", renews_large_in_trouble, 91, 90, 89),
    ("detractor", answered("csat"), 41, 40, 39),
    ("detractor-effort", answered("ces"), 41, 40, 39),
    ("detractor-nps", promoted, -45, -50, -55),
    ("detractor-foretold", foretold, 51, 50, 49),
    ("churn-intent", spoken("churn_intent"), 0, 1, 2),
    ("sponsor-leaving", spoken("competitor_named"), 0, 1, 2),
    ("sponsor-leaving", spoken("contact_leaving"), 0, 1, 2),
    ("expansion-interest", spoken("expansion_interest"), 0, 1, 2),
    ("expansion-licences", surge, 86, 100, 101),
    ("expansion-training", at_length, 3, 4, 5),
]
_NAMES = [f"{playbook}-{facts.__qualname__}-{at}" for playbook, facts, _, at, _ in ROWS]


@pytest.mark.parametrize(("playbook", "facts", "below", "at", "above"), ROWS, ids=_NAMES)
def test_it_fires_at_its_threshold_and_beyond_and_not_one_below(
    playbook: str, facts: Facts, below: Any, at: Any, above: Any
) -> None:
    assert [fires(facts(value), playbook) for value in (below, at, above)] == [False, True, True]


@pytest.mark.parametrize(("playbook", "facts"), [row[:2] for row in ROWS], ids=_NAMES)
def test_where_the_figure_is_unknown_it_does_not_fire_and_is_told(playbook: str, facts: Facts) -> None:
    found = evaluated(facts(None), playbook)
    assert found.decisions == []
    assert found.unknown[playbook].accounts == 1
    assert found.unknown[playbook].missing


def test_sixty_days_without_a_ticket_are_silence() -> None:
    assert [fires(silent(days), "silence") for days in (59.9, 60, 61)] == [False, True, True]


def test_an_account_that_never_wrote_or_pays_nothing_is_not_silent() -> None:
    assert not fires(paying().facts(), "silence")
    assert not fires(Company.with_account().tickets(*[100.0] * 13).facts(), "silence")


def test_more_than_three_times_the_same_issue_is_four() -> None:
    assert [fires(same_issue(times), "repeated-issue") for times in (2, 3, 4)] == [False, False, True]


def test_without_tickets_no_issue_is_repeated_and_nothing_is_unknown() -> None:
    found = evaluated(same_issue(None), "repeated-issue")
    assert (found.decisions, found.unknown["repeated-issue"].accounts) == ([], 0)


def test_a_mood_is_not_judged_where_the_segment_is_unknown() -> None:
    found = evaluated(no_segment(None), "negative-sentiment")
    assert (found.decisions, found.unknown["negative-sentiment"].accounts) == ([], 1)


def test_a_small_account_s_mood_alone_opens_nothing() -> None:
    assert not fires(mood("smb")(-90), "negative-sentiment")


@pytest.mark.parametrize("playbook", [name for name, book in SHIPPED.items() if book.family == "expansion"])
def test_nothing_is_sold_to_an_account_that_speaks_of_leaving(playbook: str) -> None:
    assert SHIPPED[playbook].at_risk is False
    leaving = {"signal": "churn_intent_30d", "op": "==", "value": 0}
    assert leaving in SHIPPED[playbook].content["when"]["all"]


@pytest.mark.parametrize("playbook", [name for name, book in SHIPPED.items() if book.family == "expansion"])
def test_a_chance_to_sell_is_a_task_in_the_crm_with_the_evidence(playbook: str) -> None:
    [action] = SHIPPED[playbook].content["actions"]
    assert "{because}" in action["crm_task"]


@pytest.mark.parametrize("playbook", [name for name, book in SHIPPED.items() if not book.about_tickets])
def test_every_shipped_playbook_stands_on_its_boundary_here(playbook: str) -> None:
    assert playbook in {row[0] for row in ROWS} | {"repeated-issue", "quiet-drift", "silence"}


def test_the_drift_is_asked_at_ninety_five_and_over_below_eighty() -> None:
    """A drift of an exact height cannot be made of facts; its figure is put in as it is."""
    levels = [94.9, 95.0, 95.1, None]
    rows = signal_frame([{"quiet_drift": level, "acv": SMALL} for level in levels])
    found = evaluate(rows, [SHIPPED["quiet-drift"]], AS_OF, "USD")
    assert [decision.account_ref for decision in found.decisions] == ["A2", "A3"]
    assert found.unknown["quiet-drift"].accounts == 1


def test_a_mood_that_got_a_little_better_opens_nothing_a_second_time() -> None:
    book = SHIPPED["negative-sentiment"]
    assert book.clear_when is not None
    assert book.hold_time == timedelta()
