"""A replay sees what live runs saw, and nothing that came later."""

import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.conventions import CreditConventions, DigestConventions, LedgerConventions
from domain.errors import NotFound
from domain.money import decimal_amount
from jobs.evaluate import look
from jobs.playbooks_in_force import InForce
from jobs.publishing import publish
from jobs.replay import Question, moments_between, recorded_as, replayed
from jobs.rulebook import Rulebook
from jobs.spells import spells_to_keep, standing_spells
from rules.playbooks import Playbook
from rules.replay.replaying import signals_needed
from rules.signals import SIGNALS, SignalWindows
from storage.store import Store
from tests.builders import staged
from tests.jobs.conftest import silent

FIRST = datetime(2025, 3, 3, 6, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STEP = {"do": "call", "owner": "csm", "within": "24h elapsed"}


def a_playbook(name: str, when: dict[str, Any], **words: Any) -> Playbook:
    return Playbook.model_validate({"id": name, "name": name, "when": when, "steps": [STEP], **words})


BUSY = {"signal": "tickets_7d", "op": ">=", "value": 3}
BOOKS = (
    a_playbook("busy", {"signal": "tickets_7d", "op": ">=", "value": 4}),
    a_playbook("renewal", {"all": [
        {"signal": "days_to_renewal", "op": "between", "value": [0, 60]},
        {"signal": "acv", "op": ">=", "value": "15000 USD"},
    ]}),
    a_playbook("by-segment", {"signal": "tickets_30d", "op": ">=", "value": {"enterprise": 6, "mid_market": 9}}),
    a_playbook("held", BUSY, hold_for="2d"),
    a_playbook("until-cleared", BUSY, clear_when={"signal": "tickets_7d", "op": "<=", "value": 1}),
    a_playbook("unhappy", {"signal": "csat_30d", "op": "<=", "value": 60}),
)  # fmt: skip


@pytest.fixture
def rulebook() -> Rulebook:
    ledger = LedgerConventions(reporting_currency="USD")
    return Rulebook(BOOKS, SignalWindows(), ledger, CreditConventions(), DigestConventions())


class Company:
    """Five customers whose facts come in day by day; what a source says at a moment reaches us at that moment."""

    def __init__(self, store: Store, seed: int = 1) -> None:
        self.store, self.dice, self.tickets, self.accounts = store, Random(seed), 0, 0  # noqa: S311 - no secret
        for _ in range(4):
            self.account(FIRST - HOUR)

    def put(self, record: Any, now: datetime, *rows: dict[str, Any]) -> None:
        if rows:
            with self.store.importing() as transaction:
                staging = transaction.stage(record, "test")
                staging.append(staged(record, *rows))
                staging.settle(now, ("account_id",) if record in {"ticket", "survey"} else ())

    def account(self, now: datetime, segment: str | None = None) -> None:
        number, self.accounts = self.accounts, self.accounts + 1
        named = segment or ("enterprise", "Mid-Market", None)[number % 3]
        self.put("account", now, {"external_id": f"A{number}", "name": f"Account {number}", "segment": named})
        self.line(number, now)
        self.contract(number, now)

    def line(self, account: int, now: datetime, ends_on: date | None = None) -> None:
        self.put("subscription_line", now, {
            "external_id": f"L{account}", "account_ref": f"A{account}", "currency": ("USD", "EUR")[account % 2],
            "amount_cents": self.dice.choice([90_000, 160_000, 250_000]), "recorded_at": now, "ends_on": ends_on,
        })  # fmt: skip

    def contract(self, account: int, now: datetime, notice_on: date | None = None) -> None:
        self.put("contract", now, {
            "external_id": f"C{account}", "account_ref": f"A{account}", "notice_on": notice_on,
            "renews_on": now.date() + timedelta(days=self.dice.randrange(20, 150)),
        })  # fmt: skip

    def rate(self, now: datetime) -> None:
        rate = {"external_id": f"R{now.date()}", "on": now.date(), "rate": self.dice.choice(["1.05", "1.1", "1.2"])}
        self.put("fx_rate", now, rate)

    def ticket(self, account: int, now: datetime, created_at: datetime) -> None:
        self.tickets += 1
        self.put("ticket", now, {
            "external_id": f"T{self.tickets}", "account_ref": f"A{account}", "created_at": created_at,
        })  # fmt: skip

    def survey(self, account: int, now: datetime, answered_at: datetime) -> None:
        self.put("survey", now, {
            "external_id": f"S{account}-{answered_at.isoformat()}", "account_ref": f"A{account}", "ticket_ref": None,
            "score": self.dice.randrange(1, 6), "answered_at": answered_at,
        })  # fmt: skip

    def a_day(self, now: datetime) -> None:
        """What a day brings, an hour before the run."""
        told, dice = now - HOUR, self.dice
        for account in range(self.accounts):
            # Quiet weeks and busy ones.
            if dice.random() < (0.75 if (now.toordinal() // 9 + account) % 5 == 0 else 0.08):
                self.ticket(account, told, told - dice.randrange(20) * HOUR)
        changes: list[tuple[float, Callable[[int, datetime], None]]] = [
            (0.04, self.line), (0.04, self.contract), (0.05, lambda account, at: self.survey(account, at, at)),
            (0.03, lambda _, at: self.rate(at)),
            (0.01, lambda account, at: self.contract(account, at, notice_on=at.date() + 3 * DAY)),
            (0.01, lambda account, at: self.line(account, at, ends_on=at.date() + 5 * DAY)),
            (0.01, lambda account, at: self.put("account", at, {
                "external_id": f"A{account}", "name": "Renamed", "segment": dice.choice(["enterprise", "SMB"]),
            })),
            (0.01, lambda _, at: self.account(at) if self.accounts < 7 else None),
        ]  # fmt: skip
        for chance, change in changes:
            if dice.random() < chance:
                change(dice.randrange(self.accounts), told)


def live(store: Store, rulebook: Rulebook, now: datetime) -> None:
    """The run of a day: decides by what is in the database, and keeps decisions and spells."""
    force = InForce(rulebook.playbooks)
    sight = look(store.facts(), rulebook, now, now, signals_needed(rulebook.playbooks))
    evaluated = sight.evaluated(now, force, standing_spells(store, force, now))
    store.save_decided(evaluated.evaluation.decisions, [], [], [], [], spells_to_keep(evaluated, now))


def recorded(store: Store) -> set[Any]:
    rows = store.decisions(since=FIRST - 999 * DAY, until=FIRST + 9999 * DAY)
    return {(each.account_ref, each.playbook, each.as_of, tuple(sorted(each.inputs.items()))) for each in rows}


def told_again(store: Store, rulebook: Rulebook, moments: list[datetime]) -> set[Any]:
    """The decisions of a replay, in the words of recorded ones."""
    found = set()
    for playbook, table in zip(BOOKS, recorded_as(store, rulebook, BOOKS, moments), strict=True):
        for row in table.iter_rows(named=True):
            inputs = {name: _plain(name, row[name]) for name in playbook.when.signals()}
            found.add((row["account_ref"], playbook.id, row["as_of"], tuple(sorted(inputs.items()))))
    return found


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, int) and SIGNALS[name].kind == "money":
        return f"{decimal_amount(value, 'USD'):f}"
    return value.isoformat() if isinstance(value, date) else value


def test_a_replay_of_a_year_tells_what_daily_runs_recorded(sqlite_store: Store, rulebook: Rulebook) -> None:
    """Facts come in every day; in every fourth week there is a run on each of three days."""
    company = Company(sqlite_store)
    days = [FIRST + day * DAY for day in range(365)]
    moments = [day for number, day in enumerate(days) if number % 28 < 3]
    for number, day in enumerate(days):
        company.a_day(day)
        if day in moments:
            live(sqlite_store, rulebook, day)
        if number % 28 == 0:
            publish(sqlite_store, rulebook, day)
    lived = recorded(sqlite_store)
    assert {playbook for _, playbook, _, _ in lived} == {book.id for book in BOOKS}
    assert told_again(sqlite_store, rulebook, moments) == lived


LAST = FIRST + 20 * DAY
WEEKLY = [FIRST + day * DAY for day in (0, 6, 13, 20)]
# It applies to every account at every moment and prints all signals.
ALL = a_playbook("all", {"any": [{"signal": name, "op": "is_known"} for name in SIGNALS]})


@pytest.fixture(scope="module")
def past(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three weeks of a company, of which figures were published."""
    file = tmp_path_factory.mktemp("past") / "keepline.db"
    shutil.copy(sqlite_template, file)
    with closing(Store(f"sqlite:///{file}")) as store:
        company = Company(store, seed=3)
        for day in range(21):
            company.a_day(FIRST + day * DAY)
            company.put(
                "usage_day",
                FIRST + day * DAY,
                {
                    "external_id": f"U{day}",
                    "account_ref": f"A{day % 3}",
                    "used_on": (FIRST + day * DAY).date(),
                },
            )
            if day % 7 == 1:
                publish(store, rulebook_of(ALL), FIRST + day * DAY)
    return file


def rulebook_of(*books: Playbook) -> Rulebook:
    ledger = LedgerConventions(reporting_currency="USD")
    return Rulebook(books, SignalWindows(), ledger, CreditConventions(), DigestConventions())


def every_signal(store: Store) -> list[Any]:
    """All signals of all accounts at the moments of the past."""
    [table] = recorded_as(store, rulebook_of(ALL), [ALL], WEEKLY)
    assert set(table.columns) >= set(SIGNALS)
    return table.sort("account_ref", "as_of").rows()


plants = st.lists(
    st.tuples(
        st.sampled_from([
            "ticket", "event", "survey", "message", "usage", "line", "late line", "ended line", "contract", "notice",
            "gone renewal", "rate", "segment", "account", "payment", "field", "touch",
        ]),
        st.integers(0, 3), st.integers(1, 40),
    ),
    min_size=4, max_size=8,
)  # fmt: skip


def plant(company: Company, kind: str, account: int, later: int, number: int) -> None:
    """One more fact that comes `later` days after the past, about then or about days of the past."""
    now = LAST + later * DAY
    name, ref, before = f"P{number}", f"A{account}", FIRST.date() + timedelta(days=later % 20)
    rows: dict[str, tuple[Any, dict[str, Any]]] = {
        "ticket": ("ticket", {"account_ref": ref, "created_at": now, "escalated": True}),
        "event": ("ticket_event", {"external_id": name, "ticket_ref": "T1", "to_value": "solved", "happened_at": now}),
        "survey": ("survey", {"account_ref": ref, "ticket_ref": None, "score": 1, "answered_at": now}),
        "message": ("message", {"ticket_ref": "T1", "sent_at": now}),
        "usage": ("usage_day", {"account_ref": ref, "used_on": now.date(), "quantity": 99}),
        "line": ("subscription_line", {"account_ref": ref, "amount_cents": 999_900, "recorded_at": now}),
        "late line": ("subscription_line", {
            "external_id": f"L{account}", "account_ref": ref, "amount_cents": 777_700,
            "recorded_at": FIRST - timedelta(minutes=30 - number),
        }),
        "ended line": ("subscription_line", {
            "external_id": f"L{account}", "account_ref": ref, "ends_on": before, "recorded_at": now,
        }),
        "contract": ("contract", {"account_ref": ref, "renews_on": before, "starts_on": date(2024, 1, 1)}),
        "notice": ("contract", {"external_id": f"C{account}", "account_ref": ref, "notice_on": before}),
        "gone renewal": ("contract", {"external_id": f"C{account}", "account_ref": ref, "renews_on": None}),
        "rate": ("fx_rate", {"on": before, "rate": "9.9"}),
        "segment": ("account", {"external_id": ref, "segment": "strategic"}),
        "account": ("account", {"segment": "enterprise", "signed_up_on": before}),
        "payment": ("payment", {"account_ref": ref, "state": "failed", "happened_at": now}),
        "field": ("account_field", {"account_ref": ref, "recorded_at": now}),
        "touch": ("touch", {"account_ref": ref, "happened_at": now}),
    }  # fmt: skip
    record, row = rows[kind]
    company.put(record, now, {"external_id": name, **row})


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(planted=plants)
def test_nothing_that_is_learned_later_moves_what_an_earlier_moment_saw(
    past: Path, tmp_path: Path, planted: list[tuple[str, int, int]]
) -> None:
    file = tmp_path / "keepline.db"
    shutil.copy(past, file)
    with closing(Store(f"sqlite:///{file}")) as store:
        before = every_signal(store)
        company = Company.__new__(Company)
        company.store = store
        for number, (kind, account, later) in enumerate(planted):
            plant(company, kind, account, later, number)
        after = every_signal(store)
    assert after == before


def test_a_report_is_judged_by_what_came_and_says_what_is_too_young(sqlite_store: Store, rulebook: Rulebook) -> None:
    company = Company(sqlite_store)
    for day in range(5):
        company.ticket(1, FIRST, FIRST + 40 * DAY + day * HOUR)
        company.ticket(2, FIRST, FIRST + 150 * DAY + day * HOUR)
    company.line(1, FIRST, ends_on=(FIRST + 70 * DAY).date())
    now = FIRST + 170 * DAY
    moments = moments_between(FIRST, now, "day")
    question = Question(
        playbooks=BOOKS[:1], moments=moments, every="day", against=("the others", BOOKS[4:5]),
        sweep=("tickets_7d", ["3", "4", "6"]), troubles=[("spike", "A1", FIRST + 39 * DAY, now)],
    )  # fmt: skip
    answer = replayed(sqlite_store, rulebook, question, now, silent)
    report, sweep = answer.report, answer.sweep
    assert (report.openings, report.alerted_accounts, report.accounts) == (2, 2, 4)
    within, _ = report.windows
    assert (within.alerts, within.too_young, within.precision.count) == (1, 1, 1)
    assert (within.losses.count, within.losses.of) == (0, 0)
    assert report.leads.to_churn.median == pytest.approx(28.75, abs=1)
    assert [(each.kind, each.account_ref) for each in report.examples] == [("hit", "A1")]
    assert "5 tickets in 7 days" in report.examples[0].because
    assert [(each.kind, each.found.count, each.found.of) for each in report.planted] == [("all", 1, 1), ("spike", 1, 1)]
    assert report.compared is not None
    assert report.compared.openings == 2
    assert sweep is not None
    assert [(point.value, point.openings, point.is_current) for point in sweep.points] == [
        ("3", 2, False), ("4", 2, True), ("6", 0, False),
    ]  # fmt: skip


def test_moments_are_mornings_or_monday_mornings() -> None:
    week = moments_between(FIRST, FIRST + 13 * DAY, "week")
    assert week == (FIRST, FIRST + 7 * DAY)
    assert len(moments_between(FIRST, FIRST + 13 * DAY, "day")) == 14
    with pytest.raises(NotFound, match="give an earlier --from"):
        moments_between(FIRST + HOUR, FIRST + 2 * DAY, "week")
