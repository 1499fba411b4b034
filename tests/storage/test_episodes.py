"""Episodes at risk are written once and read back as they were, on every database."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from domain.effects import Covariates, Episode, SaveDecision
from storage import tables
from storage.episodes import EpisodeBook, append_episodes
from storage.saves import SaveBook
from storage.store import Store
from tests.builders import NOON, staged


def an_episode(number: int = 1, ref: str = "A", **known: object) -> Episode:
    return Episode(
        episode_id=f"e{number}", account_ref=ref, flagged_at=NOON + timedelta(days=number), playbooks=("silence",),
        covariates=Covariates.model_validate({"segment": "smb", "sentiment": -12.5, "tickets_30d": 4} | known),
        arr_cents=120_000, currency="USD", recorded_at=NOON + timedelta(days=30),
    )  # fmt: skip


@pytest.fixture
def company(store: Store) -> Store:
    """Two accounts."""
    with store.importing() as transaction:
        staging = transaction.stage("account", "test")
        staging.append(staged("account", {"external_id": "A"}, {"external_id": "B"}))
        staging.settle(NOON)
    return store


def test_an_episode_is_read_back_as_it_was(company: Store) -> None:
    told = [an_episode(2, "B", csat_30d=None), an_episode(1)]
    with company.engine.begin() as connection:
        assert append_episodes(connection, told) == 2
    assert EpisodeBook(company.engine).episodes() == [told[1], told[0]]


def test_an_episode_once_written_stays(company: Store) -> None:
    with company.engine.begin() as connection:
        append_episodes(connection, [an_episode()])
        assert append_episodes(connection, [an_episode(tickets_30d=99), an_episode(2)]) == 1
    assert [each.covariates.tickets_30d for each in EpisodeBook(company.engine).episodes()] == [4, 4]


def test_the_frame_has_a_column_for_each_thing_known(company: Store) -> None:
    with company.engine.begin() as connection:
        append_episodes(connection, [an_episode(), an_episode(2, "B", sentiment=None)])
    rows = list(EpisodeBook(company.engine).frame().sort("flagged_at").collect().iter_rows(named=True))
    assert set(Covariates.model_fields) <= set(rows[0])
    assert [(row["segment"], row["sentiment"], row["tickets_30d"], row["csat_30d"]) for row in rows] == [
        ("smb", -12.5, 4, None), ("smb", None, 4, None),
    ]  # fmt: skip
    assert [row["flagged_at"] for row in rows] == [NOON + timedelta(days=1), NOON + timedelta(days=2)]
    assert [(row["account_ref"], row["arr_cents"]) for row in rows] == [("A", 120_000), ("B", 120_000)]


def test_without_episodes_the_frame_is_empty_and_complete(company: Store) -> None:
    frame = EpisodeBook(company.engine).frame().collect()
    assert len(frame) == 0
    assert set(Covariates.model_fields) <= set(frame.columns)


def test_an_account_that_turns_out_to_be_another_brings_its_episodes_along(company: Store) -> None:
    with company.engine.begin() as connection:
        append_episodes(connection, [an_episode(1, "B")])
        accounts, known = tables.accounts.c, tables.account_identities
        first = connection.scalar(select(accounts.id).where(accounts.external_id == "A"))
        is_b = known.c.external_id == "B"
        connection.execute(update(known).where(is_b).values(account_id=first, account_ref="A"))
    [row] = EpisodeBook(company.engine).frame().collect().iter_rows(named=True)
    assert (row["account_id"], row["account_ref"]) == (first, "A")


def an_answer(answer: str, outcome: str = "o1", hours: int = 0) -> SaveDecision:
    told = {"outcome_id": outcome, "answer": answer, "reason": None, "decided_by": "Ada"}
    return SaveDecision.model_validate(told | {"decided_at": NOON + timedelta(hours=hours)})


def test_the_newest_answer_counts_and_all_are_kept(store: Store) -> None:
    book = SaveBook(store.engine)
    for hours, answer in enumerate(("confirmed", "rejected")):
        book.decide(an_answer(answer, hours=hours))
    book.decide(an_answer("confirmed", "o2"))
    assert {outcome: each.answer for outcome, each in book.standing().items()} == {"o1": "rejected", "o2": "confirmed"}
    assert [each.answer for each in book.history("o1")] == ["confirmed", "rejected"]
    assert {outcome: each.answer for outcome, each in book.standing(NOON).items()} == {
        "o1": "confirmed", "o2": "confirmed",
    }  # fmt: skip


def test_an_answer_that_was_taken_back_says_nothing(store: Store) -> None:
    book = SaveBook(store.engine)
    book.decide(an_answer("rejected"))
    book.decide(an_answer("withdrawn", hours=1))
    assert book.standing() == {}
    assert len(book.history()) == 2


def test_of_two_answers_at_one_moment_the_later_given_counts(store: Store) -> None:
    book = SaveBook(store.engine)
    book.decide(an_answer("rejected"))
    book.decide(an_answer("confirmed"))
    assert book.standing()["o1"].answer == "confirmed"
