"""A team's surveys teach what its other tickets are foretold, version by version; a run of the past moves nothing."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from domain.errors import NotFound
from jobs.efforts import solved_efforts
from jobs.evaluate import look
from jobs.rulebook import Rulebook
from jobs.satisfaction import foretold_tickets, learn_from, predict, version_named, why_silent
from storage.learned import LearnedBook
from storage.store import Store
from tests.builders import NOON, staged
from tests.jobs.conftest import silent

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RATED, UNRATED = 260, 6
AS_OF = NOON + timedelta(hours=RATED + UNRATED + 100)


def put(store: Store, record: Any, rows: list[dict[str, Any]]) -> None:
    with store.importing() as transaction:
        staging = transaction.stage(record, "test")
        staging.append(staged(record, *rows))
        staging.settle(NOON, ("account_id",) if record == "ticket" else ())


def fill(store: Store, *, answered: int = RATED) -> None:
    """Tickets of thirty accounts, one an hour; every third waited two days and displeased, the others pleased mostly.

    The last six have no answer: three of them waited, three did not.
    """
    dice = np.random.default_rng(1)
    names = [f"T{number:03}" for number in range(RATED + UNRATED)]
    slow = [number % 3 == 0 if number < RATED else number >= RATED + 3 for number in range(len(names))]
    begun = [NOON + number * HOUR for number in range(len(names))]
    replied = [at + (2 * DAY if is_slow else HOUR) for at, is_slow in zip(begun, slow, strict=True)]
    happy = dice.random(len(names)) < np.where(slow, 0.15, 0.92)
    put(store, "account", [{"external_id": f"A{number}", "name": f"Account {number}"} for number in range(30)])
    put(store, "ticket", [
        {
            "external_id": name, "account_ref": f"A{number % 30}", "created_at": begun[number], "status": "solved",
            "resolved_at": replied[number] + HOUR,
        }
        for number, name in enumerate(names)
    ])  # fmt: skip
    put(store, "message", [
        row
        for number, name in enumerate(names)
        for row in (
            {"external_id": f"{name}-1", "ticket_ref": name, "sent_at": begun[number], "text": "It fails."},
            {"external_id": f"{name}-2", "ticket_ref": name, "sent_at": replied[number], "author_kind": "agent"},
        )
    ])  # fmt: skip
    put(store, "survey", [
        {
            "external_id": f"S{number}", "ticket_ref": names[number], "score": 5 if happy[number] else 1,
            "answered_at": replied[number] + 2 * HOUR,
        }
        for number in range(answered)
    ])  # fmt: skip


@pytest.fixture
def filled(store: Store) -> Store:
    fill(store)
    return store


def test_what_surveys_teach_is_foretold_of_tickets_without_one(filled: Store, rulebook: Rulebook) -> None:
    lesson = learn_from(filled, rulebook, "csat", AS_OF, silent, keep=True)
    assert (lesson.learned.abstains, lesson.rated, lesson.solved) == (None, RATED, RATED + UNRATED)
    assert predict(filled, rulebook, AS_OF, silent) == UNRATED
    [model] = LearnedBook(filled.engine).versions("csat")
    found = foretold_tickets(filled, rulebook, model, AS_OF)
    assert (found.known, found.unknown) == (UNRATED, 0)
    assert {row["ticket_ref"] for row in found.rows[:3]} == {"T263", "T264", "T265"}
    assert all(row["low_ratio"] <= row["predicted_ratio"] <= row["high_ratio"] for row in found.rows)
    assert found.rows[0]["predicted_ratio"] < 0.5 < found.rows[-1]["predicted_ratio"]
    assert any("2.0 days" in reason for reason in found.rows[0]["because"]["reasons"])


def test_a_second_run_says_nothing_new_and_an_answer_takes_a_ticket_off_the_list(
    filled: Store, rulebook: Rulebook
) -> None:
    learn_from(filled, rulebook, "csat", AS_OF, silent, keep=True)
    predict(filled, rulebook, AS_OF, silent)
    assert predict(filled, rulebook, AS_OF + HOUR, silent) == 0
    put(filled, "survey", [{"external_id": "late", "ticket_ref": "T265", "answered_at": AS_OF + HOUR}])
    [model] = LearnedBook(filled.engine).versions("csat")
    refs = {row["ticket_ref"] for row in foretold_tickets(filled, rulebook, model, AS_OF + DAY).rows}
    assert "T265" not in refs
    assert len(refs) == UNRATED - 1
    assert len(foretold_tickets(filled, rulebook, model, AS_OF).rows) == UNRATED


def test_the_same_surveys_teach_the_same_version(filled: Store, rulebook: Rulebook) -> None:
    first = learn_from(filled, rulebook, "csat", AS_OF, silent, keep=True)
    again = learn_from(filled, rulebook, "csat", AS_OF, silent, keep=True)
    assert (first.is_new, again.is_new) == (True, False)
    assert again.learned.model_hash == first.learned.model_hash


def test_a_dry_run_keeps_nothing(filled: Store, rulebook: Rulebook) -> None:
    assert not learn_from(filled, rulebook, "csat", AS_OF, silent, keep=False).kept
    assert LearnedBook(filled.engine).versions() == []
    assert predict(filled, rulebook, AS_OF, silent) == 0


def test_with_too_few_answers_nothing_is_foretold_and_it_says_how_many_are_missing(
    store: Store, rulebook: Rulebook
) -> None:
    fill(store, answered=150)
    lesson = learn_from(store, rulebook, "csat", AS_OF, silent, keep=True)
    assert lesson.learned.abstains == "150 answered surveys with a ticket, 50 short of 200"
    assert predict(store, rulebook, AS_OF, silent) == 0
    assert why_silent(LearnedBook(store.engine).in_force("csat", AS_OF)) == lesson.learned.abstains


def test_a_later_lesson_counts_until_it_is_withdrawn(filled: Store, rulebook: Rulebook) -> None:
    book = LearnedBook(filled.engine)
    learn_from(filled, rulebook, "csat", AS_OF - 120 * HOUR, silent, keep=True)
    learn_from(filled, rulebook, "csat", AS_OF, silent, keep=True)
    newer, older = book.versions("csat")

    def counts(at: datetime) -> str | None:
        found = book.in_force("csat", at)
        return found.model_hash if found else None

    assert (counts(AS_OF - 121 * HOUR), counts(AS_OF - HOUR), counts(AS_OF)) == (
        None, older.model_hash, newer.model_hash,
    )  # fmt: skip
    book.withdraw(newer, AS_OF + DAY)
    assert (counts(AS_OF + HOUR), counts(AS_OF + DAY)) == (newer.model_hash, older.model_hash)
    book.restore(newer)
    assert counts(AS_OF + DAY) == newer.model_hash
    assert version_named(filled, newer.model_hash[:10]).model_hash == newer.model_hash
    with pytest.raises(NotFound, match="no version begins with 'zz'"):
        version_named(filled, "zz")


def test_the_signals_tell_effort_and_what_is_foretold(filled: Store, rulebook: Rulebook) -> None:
    put(filled, "ticket", [
        {"external_id": f"X{number}", "account_ref": "A0", "created_at": NOON, "resolved_at": NOON + 3 * DAY}
        for number in range(3)
    ])  # fmt: skip
    put(filled, "message", [
        {"external_id": f"X{number}-{at}", "ticket_ref": f"X{number}", "sent_at": NOON + at * HOUR}
        for number in range(3) for at in (0, 5)
    ])  # fmt: skip
    learn_from(filled, rulebook, "csat", AS_OF, silent, keep=True)
    predict(filled, rulebook, AS_OF, silent)
    names = {"predicted_csat_30d", "replies_to_solve_30d", "asked_again_30d", "channel_switches_30d"}
    seen, _ = look(filled.facts(), rulebook, AS_OF, AS_OF, names).signals(AS_OF)
    by_ref = {row["account_ref"]: row for row in seen.rows(named=True)}
    assert 0 < by_ref["A0"]["predicted_csat_30d"] < 1
    assert by_ref["A5"]["predicted_csat_30d"] is None
    assert (by_ref["A5"]["replies_to_solve_30d"], by_ref["A5"]["asked_again_30d"]) == (1, 0)
    assert by_ref["A0"]["asked_again_30d"] > 0
    assert by_ref["A5"]["channel_switches_30d"] is None


def test_effort_is_told_of_tickets_solved_in_the_span_alone(filled: Store) -> None:
    efforts = solved_efforts(filled.facts(), NOON, NOON + 5 * HOUR).collect()
    assert len(efforts) == len({*efforts["ticket_id"].to_list()}) == 2
