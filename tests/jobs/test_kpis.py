"""Key figures from stored facts: of which tickets, in whose hours, by whose segment, and what stands behind."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.conventions import CreditConventions, DigestConventions, LedgerConventions
from domain.errors import KeeplineError
from jobs.kpis import Asked, behind, measured, week_kpis
from jobs.rulebook import Rulebook
from jobs.sla.keeping import keep_promises
from rules.kpis import Cut, Figure, KpiSettings, Window, kpis
from rules.signals import SignalWindows
from rules.sla.policy import SlaDocument
from storage.store import Store
from tests.builders import staged
from tests.jobs.conftest import silent

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
AS_OF = MONDAY + timedelta(days=28)
WINDOW = Window(MONDAY, AS_OF)
HOUR = 3_600
Put = Callable[..., None]


def at(day: float, hour: float = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour)


def rules(*policies: dict[str, Any], **settings: Any) -> Rulebook:
    """A rule book in whose calendar work is from nine to five, UTC."""
    hours = {"default": {"zone": "UTC", "hours": {"mon-fri": ["09:00-17:00"]}}}
    document = {"calendars": hours, "policies": policies or [{"id": "nothing", "targets": "none"}]}
    return Rulebook(
        (), SignalWindows(), LedgerConventions(), CreditConventions(), DigestConventions(),
        SlaDocument.model_validate(document), KpiSettings(minimum=2, **settings),
    )  # fmt: skip


REPLY_IN_TWO_HOURS = {"id": "replies", "targets": {"first_reply": "2h business"}}


def putting(store: Store) -> Put:
    """Brings one row of a record into the store."""

    def put(record: Any, **row: Any) -> None:
        with store.importing() as transaction:
            staging = transaction.stage(record, "test")
            staging.append(staged(record, row))
            staging.settle(MONDAY, ("account_id",) if record == "ticket" else ())

    return put


def a_month(store: Store) -> None:
    """Account A, enterprise, renews in May. Three tickets: answered in 1 and 3 office hours over a night, and open."""
    put = putting(store)
    put("account", external_id="A", name="Acme", segment="Enterprise")
    put("contract", external_id="C", starts_on=date(2025, 5, 1), renews_on=date(2026, 5, 1), arr_cents=15_000_000)
    for name, created, replied in (("quick", at(1, 10), at(1, 11)), ("slow", at(2, 15), at(3, 10))):
        put("ticket", external_id=name, subject=f"The {name} one", created_at=created, channel="email",
            status="closed", resolved_at=replied + timedelta(hours=2), assignee="agent-01")  # fmt: skip
        put("message", external_id=f"{name}-1", ticket_ref=name, author_kind="customer", sent_at=created)
        put("message", external_id=f"{name}-2", ticket_ref=name, author_kind="agent", sent_at=replied)
        put("ticket_event", external_id=f"{name}-s", ticket_ref=name, kind="status", from_value="open",
            to_value="solved", happened_at=replied + timedelta(hours=2))  # fmt: skip
        put("survey", external_id=f"{name}-c", ticket_ref=name, score=5, answered_at=replied + timedelta(days=1))
    put("ticket", external_id="waiting", created_at=at(25, 10), account_ref=None)
    put("message", external_id="waiting-1", ticket_ref="waiting", author_kind="customer", sent_at=at(25, 10))


def figures(
    store: Store,
    rulebook: Rulebook,
    *names: str,
    by: Cut | None = None,
    as_of: datetime = AS_OF,
    window: Window = WINDOW,
) -> dict[tuple[str, str | None], Figure]:
    known = kpis(rulebook.kpis)
    asked = Asked([known[name] for name in names], window, as_of, by)
    return {(figure.kpi, figure.slice): figure for figure in measured(store, rulebook, asked)}


def test_figures_come_from_the_stored_tickets(store: Store) -> None:
    a_month(store)
    rulebook = rules(REPLY_IN_TWO_HOURS)
    keep_promises(store, rulebook, [AS_OF], None, silent)
    names = ("first_reply", "resolution", "first_contact_resolution", "attainment", "csat", "backlog", "tickets_in")
    found = {name: figure for (name, _), figure in figures(store, rulebook, *names).items()}
    reply = found["first_reply"]
    assert reply.business is not None
    assert reply.elapsed is not None
    assert (reply.n, reply.pending, reply.business.median, reply.elapsed.p90) == (2, 1, HOUR, 19 * HOUR)
    assert reply.business.p90 == 3 * HOUR
    assert (found["resolution"].n, found["first_contact_resolution"].value) == (2, 1.0)
    assert (found["attainment"].value, found["attainment"].n) == (1 / 3, 3)
    assert (found["csat"].value, found["backlog"].value, found["tickets_in"].value) == (1.0, 1, 3)


def test_without_promises_times_are_in_the_hours_of_the_default_calendar(sqlite_store: Store) -> None:
    a_month(sqlite_store)
    found = figures(sqlite_store, rules(), "first_reply", "attainment")
    reply = found["first_reply", None].business
    assert reply is not None
    assert (reply.median, reply.p90) == (HOUR, 3 * HOUR)
    assert (found["attainment", None].n, found["attainment", None].value) == (0, None)


def test_where_a_policy_promises_nothing_support_s_part_has_a_time_too(sqlite_store: Store) -> None:
    a_month(sqlite_store)
    rulebook = rules()
    keep_promises(sqlite_store, rulebook, [AS_OF], None, silent)
    active = figures(sqlite_store, rulebook, "resolution_active")["resolution_active", None].business
    assert active is not None
    assert (active.median, active.p90) == (3 * HOUR, 5 * HOUR)


def test_segment_and_renewal_are_those_of_the_day_of_creation(sqlite_store: Store) -> None:
    """1 May is 59 days after 3 March; the ticket without an account has neither."""
    a_month(sqlite_store)
    by_segment = figures(sqlite_store, rules(), "tickets_in", by="segment")
    assert {name: figure.n for (_, name), figure in by_segment.items()} == {"enterprise": 2, "unknown": 1}
    by_renewal = figures(sqlite_store, rules(), "tickets_in", "csat", by="renewal")
    assert by_renewal["tickets_in", "31–60 days"].n == 2
    assert by_renewal["csat", "31–60 days"].n == 2


def test_an_answer_without_a_ticket_belongs_to_its_account_s_segment(sqlite_store: Store) -> None:
    a_month(sqlite_store)
    putting(sqlite_store)(
        "survey", external_id="N", kind="nps", score=9, scale_min=0, scale_max=10, ticket_ref=None, account_ref="A",
        answered_at=at(9),
    )  # fmt: skip
    assert [name for _, name in figures(sqlite_store, rules(), "nps", by="segment")] == ["enterprise"]


def test_nothing_later_than_the_moment_is_seen(sqlite_store: Store) -> None:
    a_month(sqlite_store)
    early = figures(sqlite_store, rules(), "first_reply", "csat", "tickets_in", as_of=at(2, 16))
    assert [early[name, None].n for name in ("first_reply", "csat", "tickets_in")] == [1, 1, 2]
    assert early["first_reply", None].pending == 1


def test_agents_are_compared_only_where_it_is_switched_on(sqlite_store: Store) -> None:
    a_month(sqlite_store)
    with pytest.raises(KeeplineError, match=r"set by_agent: true in kpis\.yaml"):
        figures(sqlite_store, rules(), "first_reply", by="agent")
    found = figures(sqlite_store, rules(by_agent=True), "first_reply", by="agent")
    assert {name: figure.n for (_, name), figure in found.items()} == {"agent-01": 2, "unknown": 0}


def test_the_cases_behind_a_figure_are_the_figure_s(sqlite_store: Store) -> None:
    a_month(sqlite_store)
    rulebook = rules()
    asked = Asked([kpis(rulebook.kpis)["first_reply"]], WINDOW, AS_OF)
    cases = behind(sqlite_store, rulebook, asked)
    told = [(case["ticket"], case["account"], case["state"], case["business"], case["elapsed"]) for case in cases]
    assert told == [
        ("slow", "Acme", "counted", 3 * HOUR, 19 * HOUR),
        ("quick", "Acme", "counted", HOUR, HOUR),
        ("waiting", None, "pending", None, None),
    ]
    assert cases[0]["subject"] == "The slow one"


def test_every_figure_can_be_opened_into_as_many_cases_as_it_counts(sqlite_store: Store) -> None:
    a_month(sqlite_store)
    rulebook = rules(REPLY_IN_TWO_HOURS)
    keep_promises(sqlite_store, rulebook, [AS_OF], None, silent)
    known = {kpi.family: kpi for kpi in reversed(kpis(rulebook.kpis).values())}
    names = [kpi.name for kpi in known.values()]
    for (name, _), figure in figures(sqlite_store, rulebook, *names).items():
        states = [
            case["state"] for case in behind(sqlite_store, rulebook, Asked([kpis(rulebook.kpis)[name]], WINDOW, AS_OF))
        ]
        counts = tuple(states.count(state) for state in ("counted", "pending", "unknown"))
        assert counts == (figure.n, figure.pending, figure.unknown), name


def test_an_empty_database_has_figures_without_values(sqlite_store: Store) -> None:
    found = figures(sqlite_store, rules(), *kpis(KpiSettings()))
    assert {figure.n for figure in found.values()} == {0}
    assert week_kpis(sqlite_store, rules(), AS_OF, AS_OF, 4) is None


def test_the_digest_gets_a_few_figures_of_the_weeks_up_to_its_own(sqlite_store: Store) -> None:
    a_month(sqlite_store)
    told = week_kpis(sqlite_store, rules(), AS_OF, AS_OF, 4)
    assert told is not None
    assert told.command == "keepline kpis --since 2026-03-02 --until 2026-03-29"
    assert [line.title for line in told.lines] == [
        "First reply (FRT)", "First reply (FRT), email", "Resolution (ART)", "First contact resolution",
        "SLA attainment", "CSAT",
    ]  # fmt: skip
    assert (told.lines[0].value, told.lines[0].n, told.lines[1].tier) == (HOUR, 2, "excellent")


def test_before_the_first_ticket_the_digest_has_no_figures(sqlite_store: Store) -> None:
    a_month(sqlite_store)
    assert week_kpis(sqlite_store, rules(), AS_OF, MONDAY, 4) is None


def test_deflection_opens_into_the_tickets_that_a_bot_solved_and_the_articles_that_were_read(store: Store) -> None:
    a_month(store)
    put = putting(store)
    put("article", external_id="P", title="Reset a password")
    put("article_view", external_id="V-1", article_ref="P", account_ref="A", visitor="u1", viewed_at=at(10))
    put("article_view", external_id="V-2", article_ref="gone", visitor="u9", viewed_at=at(11))
    put("ticket", external_id="bot", subject="Password", created_at=at(3), account_ref=None, status="closed")
    put("message", external_id="bot-1", ticket_ref="bot", author_kind="bot", sent_at=at(3, 1))
    put("ticket_event", external_id="bot-s", ticket_ref="bot", from_value="open", to_value="solved", happened_at=at(4))
    rulebook, shown = rules(), kpis(KpiSettings())["deflection"]
    rows = behind(store, rulebook, Asked([shown], WINDOW, AS_OF, "source"))
    told = {(row["ticket"], row["article"], row["subject"], row["account"], row["state"], row["score"]) for row in rows}
    assert told == {
        ("bot", None, "Password", None, "counted", 1),
        ("quick", None, "The quick one", "Acme", "counted", 0),
        ("slow", None, "The slow one", "Acme", "counted", 0),
        (None, "P", "Reset a password", "Acme", "counted", 1),
        (None, "gone", None, None, "unknown", None),
    }
    cut = figures(store, rulebook, "article_deflection", by="segment")
    assert cut["article_deflection", "enterprise"].value == 1.0
    assert cut["article_deflection", "unknown"].unknown == 1
