"""Credit in every cut: each minor unit once, and never twice over agents, teams, playbooks or weeks."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.conventions import CreditConventions
from retention.attribution import MODELS, UNATTRIBUTED, Amount
from retention.credit_cuts import CUTS, NO_FAILURE, CreditBook
from retention.credit_report import CreditCut, CreditReport
from retention.credited_work import find, opened
from retention.failures import failure_book
from retention.touch_details import with_details
from retention.touches import all_touches
from tests.retention.facts import accounts, day, frame, rates

AS_OF = day("2025-01-01")
OF_WORK: tuple[CreditCut, ...] = tuple(cut for cut in CUTS if cut != "failure")
Rows = tuple[dict[str, Any], ...]


def a_book(
    outcomes: Rows,
    touches: Rows = (),
    tickets: Rows = (),
    escalations: Rows = (),
    steps: Rows = (),
    since: Any = None,
    until: Any = AS_OF,
) -> CreditBook:
    """`outcomes` give account_id, happened_at, kept and lost; the segment of account 1 is known, that of 2 is not."""
    frames = (
        frame("touches", *touches), frame("tickets", *tickets), frame("escalations", *escalations),
        frame("escalation_steps", *steps),
    )  # fmt: skip
    rows: list[dict[str, Any]] = [
        {"outcome_id": f"o{number}", "account_id": 1, "kind": "renewed", "happened_at": AS_OF - timedelta(days=1),
         "kept_cents": 0, "lost_cents": 0, "currency": "USD"} | row
        for number, row in enumerate(outcomes)
    ]  # fmt: skip
    schema: dict[str, Any] = {
        "outcome_id": pl.String, "account_id": pl.Int64, "account_ref": pl.String, "kind": pl.String,
        "happened_at": pl.Datetime("us", "UTC"), "kept_cents": pl.Int64, "lost_cents": pl.Int64, "currency": pl.String,
    }  # fmt: skip
    told = [row | {"account_ref": f"A-{row['account_id']}"} for row in rows]
    return CreditBook(
        outcomes=nw.from_native(pl.DataFrame(told, schema=schema).lazy()),
        touches=with_details(all_touches(*frames, AS_OF), *frames),
        accounts=accounts("Acme", "Bolt"),
        rates=rates(),
        until=until,
        since=since,
        segments={row["outcome_id"]: "smb" for row in rows if row["account_id"] == 1},
        conventions=CreditConventions(),
    )


def before(days: float) -> Any:
    return AS_OF - timedelta(days=days)


def amounts(report: CreditReport, model: Any = "linear") -> dict[str, Decimal]:
    return {each.name: each.amounts[model] + each.unattributed for each in report.slices}


RENEWED = {"kept_cents": 10_000}
TICKET = {"resolved_at": before(20), "assignee": "ann", "team": "billing"}


def test_credit_is_cut_by_whose_work_it_was() -> None:
    book = a_book(
        (RENEWED,),
        ({"kind": "csm_call", "happened_at": before(10), "actor": "cleo"},),
        (TICKET, {"resolved_at": before(30)}),
        ({"escalation_id": "e", "playbook": "rescue", "state": "resolved", "closed_at": before(5)},),
        ({"escalation_id": "e", "position": 1, "done_at": before(6), "done_by": "dan"},),
    )
    fifth = Decimal("20.00")
    assert amounts(book.report("agent")) == {"dan": 2 * fifth, "ann": fifth, "cleo": fifth, "(unknown)": fifth}
    assert amounts(book.report("team")) == {"billing": fifth, "(unknown)": 4 * fifth}
    assert amounts(book.report("playbook")) == {"rescue": 2 * fifth, "(no playbook)": 3 * fifth}
    assert amounts(book.report("ticket"))["tickets-1"] == fifth
    assert amounts(book.report("segment")) == {"smb": 5 * fifth}
    assert [each.name for each in book.report("week").slices] == ["2024-W49", "2024-W50", "2024-W51", "2024-W52"]


def test_what_no_touch_led_to_is_nobody_s_but_the_account_s() -> None:
    book = a_book((RENEWED, {"account_id": 2, "kept_cents": 700}), tickets=(TICKET,))
    for cut in ("kind", "team", "agent", "week"):
        assert amounts(book.report(cut))[UNATTRIBUTED] == Decimal("7.00")
        assert book.report(cut).slices[-1].name == UNATTRIBUTED
    by_account = {each.name: (each.most, each.unattributed) for each in book.report("account").slices}
    assert by_account == {"Acme": (Decimal("100.00"), Decimal("0.00")), "Bolt": (Decimal("0.00"), Decimal("7.00"))}
    assert amounts(book.report("segment")) == {"smb": Decimal("100.00"), "(unknown)": Decimal("7.00")}


def test_an_imported_step_has_the_playbook_whose_step_it_stands_for() -> None:
    book = a_book(
        (RENEWED,),
        ({"kind": "playbook_step", "happened_at": before(6), "actor": "cleo"},),
        escalations=({"escalation_id": "e", "playbook": "rescue"},),
        steps=({"escalation_id": "e", "position": 1, "done_at": before(6), "done_by": "dan"},),
    )
    assert amounts(book.report("playbook")) == {"rescue": Decimal("100.00")}
    assert amounts(book.report("agent")) == {"cleo": Decimal("100.00")}


def test_an_imported_resolution_has_the_team_of_the_ticket_that_it_names() -> None:
    book = a_book(
        (RENEWED,),
        ({"kind": "ticket_resolved", "happened_at": before(6), "ticket_ref": "tickets-1"},),
        (TICKET,),
    )
    assert amounts(book.report("team")) == {"billing": Decimal("100.00")}
    assert amounts(book.report("agent")) == {"ann": Decimal("100.00")}


@st.composite
def stories(draw: st.DrawFn) -> dict[str, Rows]:
    """Overlapping contracts of two accounts; work found, imported, and the same work imported and found."""
    moments, people = st.integers(1, 220).map(before), st.sampled_from(["ann", "ben", None])
    whose = st.integers(1, 2)
    tickets = draw(st.lists(st.fixed_dictionaries({
        "account_id": whose, "resolved_at": moments, "assignee": people, "team": st.sampled_from(["billing", None]),
    }), max_size=5))  # fmt: skip
    escalations = [
        {"escalation_id": f"e{number}", "account_id": account, "playbook": f"p{number % 2}", "state": "resolved",
         "closed_at": draw(moments)}
        for number, account in enumerate(draw(st.lists(whose, max_size=3)))
    ]  # fmt: skip
    steps = [
        {
            "escalation_id": each["escalation_id"],
            "position": position,
            "done_at": draw(moments),
            "done_by": draw(people),
        }
        for each in escalations
        for position in range(1, draw(st.integers(1, 3)))
    ]
    account_of = {each["escalation_id"]: each["account_id"] for each in escalations}
    twice = [
        {"kind": draw(st.sampled_from(["playbook_step", "csm_call"])), "happened_at": step["done_at"],
         "account_id": account_of[step["escalation_id"]], "actor": "cleo"}
        for step in steps if draw(st.booleans())
    ] + [
        {"kind": "ticket_resolved", "happened_at": ticket["resolved_at"], "account_id": ticket["account_id"],
         "ticket_ref": draw(st.sampled_from([None, f"tickets-{number}"]))}
        for number, ticket in enumerate(tickets, start=1) if draw(st.booleans())
    ]  # fmt: skip
    outcomes = draw(st.lists(st.fixed_dictionaries({
        "account_id": whose, "happened_at": st.integers(1, 90).map(before), "kept_cents": st.integers(0, 10**9),
        "lost_cents": st.integers(0, 10**9),
    }), min_size=1, max_size=4))  # fmt: skip
    return {
        "outcomes": tuple(outcomes), "touches": tuple(twice), "tickets": tuple(tickets),
        "escalations": tuple(escalations), "steps": tuple(steps),
    }  # fmt: skip


@settings(deadline=None, max_examples=20)
@given(stories(), st.sampled_from(["kept", "lost"]))
def test_every_cut_has_each_minor_unit_once_under_every_model(story: dict[str, Rows], of: Amount) -> None:
    book = a_book(**story)
    whole = Decimal(sum(row[f"{of}_cents"] for row in story["outcomes"])) / 100
    for cut in OF_WORK:
        report = book.report(cut, of)
        assert report.amount == report.credited + report.unattributed == whole
        for model in MODELS:
            assert sum(amounts(report, model).values(), Decimal(0)) == whole
        assert all(each.least <= each.most for each in report.slices)


@settings(deadline=None, max_examples=6)
@given(stories())
def test_the_weeks_of_a_year_sum_to_the_year(story: dict[str, Rows]) -> None:
    """The outcomes of one week after the other are those of the year, and so is what is credited for them."""
    year = a_book(**story).report("account", models=["u_shaped"])
    weekly: Counter[str] = Counter()
    for week in range(14):
        part = a_book(**story, since=before(7 * week + 7), until=before(7 * week)).report(
            "account", models=["u_shaped"]
        )
        weekly.update({each.name: each.amounts["u_shaped"] for each in part.slices})
    assert +weekly == +Counter({each.name: each.amounts["u_shaped"] for each in year.slices})


@settings(deadline=None, max_examples=15)
@given(stories(), st.integers(0, 4))
def test_a_credit_opens_into_touches_and_replies_that_sum_to_it(story: dict[str, Rows], replies: int) -> None:
    book = a_book(**story)
    messages = frame("messages", *(
        {"ticket_id": ticket, "author_kind": kind, "sent_at": before(400) + timedelta(hours=number)}
        for ticket in range(1, len(story["tickets"]) + 1) for number in range(replies) for kind in ("agent", "customer")
    ))  # fmt: skip
    for row in book.known.filter(nw.col("kept_cents") > 0).iter_rows(named=True):
        [outcome] = opened(book, find(book, row["outcome_id"]), messages)
        for model in MODELS:
            credited = sum((touch.amounts[model] for touch in outcome.touches), Decimal(0))
            assert credited + outcome.unattributed == outcome.amount
            for touch in outcome.touches:
                assert len(touch.replies) == (replies if touch.ticket and touch.kind == "ticket_resolved" else 0)
                if touch.replies:
                    assert sum(reply.amounts[model] for reply in touch.replies) == touch.amounts[model]


def test_a_ticket_s_credit_goes_to_its_public_replies_up_to_the_resolution_the_rest_to_the_first() -> None:
    book = a_book((RENEWED,), tickets=(TICKET,))
    said = [
        {"ticket_id": 1, "author_kind": kind, "public": public, "sent_at": before(days)}
        for kind, public, days in [
            ("customer", True, 25), ("agent", True, 24), ("agent", False, 23), ("bot", True, 23), ("agent", True, 22),
            ("agent", True, 21), ("agent", True, 19),
        ]
    ]  # fmt: skip
    [outcome] = opened(book, find(book, "TICKETS-1"), frame("messages", *said))
    [touch] = outcome.touches
    assert [reply.amounts["linear"] for reply in touch.replies] == [
        Decimal(text) for text in ("33.34", "33.33", "33.33")
    ]
    assert touch.weights["linear"] == 1


FACTS = ("unresolved", "reopened")


def failed(*found: tuple[str, str, float]) -> Any:
    rows = [
        {"outcome_id": outcome, "fact": fact, "ref": "T-1", "at": before(days)} for outcome, fact, days in found
    ]  # fmt: skip
    schema: dict[str, Any] = {
        "outcome_id": pl.String, "fact": pl.String, "ref": pl.String, "at": pl.Datetime("us", "UTC")
    }  # fmt: skip
    return nw.from_native(pl.DataFrame(rows, schema=schema).lazy())


def test_a_loss_is_shared_over_the_failures_on_its_path() -> None:
    book = a_book(({"lost_cents": 9_000}, {"account_id": 2, "lost_cents": 500}, {"kept_cents": 100}))
    pieces = failed(
        ("o0", "unresolved", 90), ("o0", "reopened", 50), ("o0", "reopened", 20), ("o0", "anger", 10),
        ("o2", "unresolved", 9),
    )  # fmt: skip
    enough = {"o0": dict.fromkeys(FACTS, 1.0), "o2": dict.fromkeys(FACTS, 1.0)}
    report = failure_book(book, pieces, enough).report("failure", "lost")
    assert amounts(report, "linear") == {
        "reopened": Decimal("60.00"), "unresolved": Decimal("30.00"), NO_FAILURE: Decimal("5.00"),
    }  # fmt: skip
    # An outcome with an unresolved ticket was kept; all with a reopened one were lost.
    assert amounts(report, "markov")["reopened"] >= amounts(report, "markov")["unresolved"]


def test_the_failures_of_one_path_are_none_of_another_outcome_of_the_same_account() -> None:
    book = a_book(({"lost_cents": 9_000}, {"lost_cents": 500, "happened_at": before(2)}))
    report = failure_book(book, failed(("o0", "reopened", 20)), {"o0": {"reopened": 1.0}}).report("failure", "lost")
    assert amounts(report, "last") == {"reopened": Decimal("90.00"), NO_FAILURE: Decimal("5.00")}


@pytest.mark.parametrize("name", ["o0", "acme", "A-1", "Tickets-1"])
def test_an_outcome_an_account_and_a_ticket_can_be_opened(name: str) -> None:
    book = a_book((RENEWED,), tickets=(TICKET,))
    assert find(book, name).outcomes == ("o0",)
