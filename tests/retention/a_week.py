"""One made-up week with something in every section of the digest: 3 to 9 June 2024, seen on Monday the 10th at 9:00."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from domain.conventions import Period
from domain.imports import ImportedFile
from retention.digest import DigestInputs, last_week
from retention.digest.content import KpiLine, SupportKpis
from retention.episodes import followed
from retention.ledger import LedgerFrames
from retention.outcomes import outcomes
from retention.rows import retention_rows
from retention.touches import all_touches
from tests.retention.facts import accounts, day, frame, rates, rates_frame

AS_OF = day("2024-06-10", hours=9)
PERIODS: tuple[Period, ...] = ("month", "quarter", "year")
NAMES = ("Birch Analytics", "Cobalt Freight", "Dune Robotics", "Elm Street Clinics", "Fjord Payments", "Gable & Sons")


def a_week(names: tuple[str, ...] = NAMES, **changes: Any) -> DigestInputs:
    """The week's inputs; `changes` replace fields of `DigestInputs`."""
    return replace(_inputs(names, empty=False), **changes)


def some_kpis() -> SupportKpis:
    """What support's key figures came to, one of them better, one without a figure."""
    told = {"n": 120, "tier": None, "change": "no clear change", "before": None}
    reply = {"title": "First reply (FRT)", "kind": "time", "value": 5_400.0, "before": 7_200.0, "change": "better"}
    csat = {"title": "CSAT", "kind": "share", "value": 0.815, "tier": "excellent"}
    nps = {"title": "NPS", "kind": "points", "value": None, "n": 0, "change": None}
    lines = tuple(KpiLine.model_validate(told | line) for line in (reply, csat, nps))
    command = "keepline kpis --since 2024-05-13 --until 2024-06-09"
    return SupportKpis(lines=lines, weeks=4, counting="business", command=command)


def an_empty_company(**changes: Any) -> DigestInputs:
    """Nothing was imported yet."""
    return replace(_inputs((), empty=True), **changes)


@cache
def _inputs(names: tuple[str, ...], empty: bool) -> DigestInputs:
    facts = {table: frame(table, *([] if empty else found)) for table, found in _facts().items()}
    contracts, lines = facts["contracts"], facts["subscription_lines"]
    touches = all_touches(facts["touches"], facts["tickets"], facts["escalations"], facts["escalation_steps"], AS_OF)
    table = rates("USD", EUR="1.25")
    decided = followed(outcomes(contracts, lines, AS_OF, table), facts["decisions"], touches)
    ledger = LedgerFrames(lines, accounts(*names), frame("account_segments"), rates_frame(EUR="1.25"))
    inputs = DigestInputs(
        as_of=AS_OF, week=last_week(AS_OF), company="Harbour Software", is_demo=not empty, rates=table,
        accounts=accounts(*names), contracts=contracts, lines=lines, tickets=facts["tickets"],
        messages=facts["messages"], readings=facts["message_readings"], surveys=facts["surveys"],
        escalations=facts["escalations"], steps=facts["escalation_steps"], outcomes=decided.collect().lazy(),
        touches=touches.collect().lazy(),
    )  # fmt: skip
    if empty:
        return inputs
    months, quarters, years = (retention_rows(ledger, period, AS_OF) for period in PERIODS)
    return replace(
        inputs, months=months, quarters=quarters, years=years, files=_files(),
        unknown_signals={"csat": 3, "acv": 0}, rejected=4, contradictions=2,
    )  # fmt: skip


def _facts() -> dict[str, list[dict[str, Any]]]:
    return {
        "contracts": _contracts(),
        "subscription_lines": _lines(),
        "tickets": _tickets(),
        "messages": [
            {"ticket_id": 1, "sent_at": day("2024-05-20")},
            {"ticket_id": 1, "sent_at": day("2024-05-24")},
            {"ticket_id": 1, "sent_at": day("2024-06-08")},
        ],
        "message_readings": [
            {"message_id": 1, "sentiment": 20}, {"message_id": 2, "sentiment": -54}, {"message_id": 3, "sentiment": 90},
        ],
        "surveys": [
            *({"score": score, "answered_at": day("2024-06-05")} for score in (5, 4, 3)),
            *({"score": 5, "answered_at": day("2024-05-20")} for _ in range(8)),
        ],
        "touches": [
            {"account_id": 1, "kind": "csm_call", "happened_at": day("2024-05-22")},
            {"account_id": 1, "kind": "playbook_step", "happened_at": day("2024-05-23")},
            {"account_id": 3, "kind": "csm_call", "happened_at": day("2024-03-01")},
        ],
        "decisions": [
            {"account_id": 1, "as_of": day("2024-05-20")}, {"account_id": 2, "as_of": day("2024-05-18")},
        ],
        "escalations": _escalations(),
        "escalation_steps": _steps(),
    }  # fmt: skip


def _contracts() -> list[dict[str, Any]]:
    terms = {"starts_on": date(2023, 6, 5), "renews_on": date(2024, 6, 5)}
    return [
        {"account_id": 1, **terms}, {"account_id": 2, **terms}, {"account_id": 3, **terms},
        {"account_id": 4, "starts_on": date(2023, 7, 1), "renews_on": date(2024, 7, 1), "notice_on": date(2024, 5, 1)},
        {"account_id": 5, "starts_on": date(2023, 8, 1), "renews_on": date(2024, 8, 1), "currency": "EUR"},
    ]  # fmt: skip


def _lines() -> list[dict[str, Any]]:
    begun = {"starts_on": date(2023, 6, 5)}
    return [
        {"account_id": 1, **begun, "amount_cents": 700_000},
        {"account_id": 2, **begun, "amount_cents": 300_000, "ends_on": date(2024, 6, 5)},
        {"account_id": 3, **begun, "amount_cents": 500_000, "ends_on": date(2024, 6, 5)},
        {"account_id": 3, "starts_on": date(2024, 6, 5), "amount_cents": 400_000},
        {"account_id": 4, "starts_on": date(2023, 7, 1), "amount_cents": 1_000_000},
        {"account_id": 4, "starts_on": date(2024, 2, 1), "amount_cents": 80_000, "product": "Insights"},
        {"account_id": 5, "starts_on": date(2023, 8, 1), "amount_cents": 200_000, "currency": "EUR"},
        {"account_id": 6, "starts_on": date(2023, 9, 1), "amount_cents": 90_000},
        {"account_id": 6, "starts_on": date(2023, 9, 1), "amount_cents": 20_000, "ends_on": date(2024, 4, 10)},
    ]


def _tickets() -> list[dict[str, Any]]:
    old = [
        {"account_id": 1 + number % 6, "created_at": day("2024-05-06") + timedelta(days=number),
         "first_replied_at": day("2024-05-06", 6) + timedelta(days=number),
         "resolved_at": None if number % 6 == 1 else day("2024-05-08") + timedelta(days=number)}
        for number in range(28)
    ]  # fmt: skip
    new = [
        {"account_id": None if number == 0 else 1 + number % 6, "created_at": day("2024-06-04", number),
         "first_replied_at": day("2024-06-04", 2.5 + number)}
        for number in range(12)
    ]  # fmt: skip
    return [{"account_id": 2, "created_at": day("2024-04-30"), "resolved_at": None}, *old, *new]


def _escalations() -> list[dict[str, Any]]:
    return [
        {"escalation_id": "e1", "account_id": 4, "arr_cents": 12_960_000, "currency": "USD",
         "playbook": "renewal-rescue",
         "because": "renews in 21 days; 9 tickets against 2 usual", "renews_on": date(2024, 7, 1),
         "opened_at": day("2024-06-07")},
        {"escalation_id": "e2", "account_id": 5, "arr_cents": 2_400_000, "currency": "EUR",
         "playbook": "sentiment-drop",
         "because": "sentiment -48, below -45", "renews_on": date(2024, 8, 1), "opened_at": day("2024-06-08"),
         "state": "acked"},
        {"escalation_id": "e3", "account_id": 6, "opened_at": day("2024-06-09"), "playbook": "silence",
         "because": "no ticket for 63 days"},
        {"escalation_id": "e4", "account_id": 1, "arr_cents": 8_400_000, "currency": "USD", "state": "resolved",
         "opened_at": day("2024-05-20"), "closed_at": day("2024-05-30")},
    ]  # fmt: skip


def _steps() -> list[dict[str, Any]]:
    return [
        {"escalation_id": "e1", "position": 1, "due_at": day("2024-06-09")},
        {"escalation_id": "e1", "position": 2, "due_at": day("2024-06-11"), "do": "CSM outreach", "owner": "csm"},
        {"escalation_id": "e2", "position": 1, "due_at": day("2024-06-10", 15), "do": "executive sponsor check-in",
         "owner": "executive_sponsor"},
        {"escalation_id": "e3", "position": 1, "due_at": day("2024-06-16"), "do": "health check", "owner": "csm"},
        {"escalation_id": "e4", "position": 1, "due_at": day("2024-05-21"), "done_at": day("2024-05-21")},
    ]  # fmt: skip


def _files() -> list[ImportedFile]:
    common = {"source": "helpdesk", "sha256": "0", "mapping": "shipped", "unchanged": 0, "repeated": 0}
    return [
        ImportedFile(**common, file="tickets.csv", record="ticket", imported_at=day("2024-06-10", 6), read=41,
                     changed=37,
                     rejected=4),
        ImportedFile(**common | {"source": "crm"}, file="contracts.csv", record="contract",
                     imported_at=day("2024-05-20"), read=5, changed=5, rejected=0),
    ]  # fmt: skip
