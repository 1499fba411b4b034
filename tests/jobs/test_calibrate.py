"""Answers about scores are kept, learned from and put in force; the raw readings stay."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from domain.errors import KeeplineError, NotFound
from domain.reading import SentimentLabel
from jobs.calibrate import (
    Answers,
    answers_from_csat,
    answers_from_labels,
    calibrations,
    label,
    label_message,
    learn,
    put_in_force,
    withdraw,
    worth_labelling,
)
from jobs.read import read_messages
from rules.text import sentiment
from storage.calibrations import CalibrationBook
from storage.store import Store
from tests.builders import NOON, staged
from tests.jobs.conftest import silent

LONG_AGO = NOON - timedelta(days=900)
HOUR = timedelta(hours=1)
Put = Callable[..., None]


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that takes every text as a little negative by the number in it, and cannot read `unreadable`."""

    def probabilities(texts: Sequence[str]) -> list[tuple[float, float, float] | None]:
        numbers = [None if "unreadable" in text else int(text.split()[-1]) / 1000 for text in texts]
        return [None if each is None else (0.2 + each, 0.5 - each, 0.3) for each in numbers]

    def scores(texts: Sequence[str]) -> list[int | None]:
        return [None if each is None else round(100 * (each[2] - each[0])) for each in probabilities(texts)]

    monkeypatch.setattr(sentiment, "probabilities", probabilities)
    monkeypatch.setattr(sentiment, "sentiment_scores", scores)
    monkeypatch.setattr(sentiment, "features_for_calibration", lambda texts: np.zeros((len(texts), 1)))


@pytest.fixture
def put(store: Store) -> Put:
    def staged_in(record: Any, *rows: dict[str, Any], **row: Any) -> None:
        with store.importing() as transaction:
            staging = transaction.stage(record, "test")
            for each in rows or (row,):
                staging.append(staged(record, each))
            staging.settle(NOON)

    staged_in("account", external_id="A")
    return staged_in


@pytest.fixture
def spoken(store: Store, put: Put) -> Store:
    """Sixty customers' messages, read."""
    numbers, said = range(60), {"author_kind": "customer", "sent_at": NOON}
    put("ticket", *({"external_id": f"T{number}", "account_ref": "A", "created_at": NOON} for number in numbers))
    texts = ({"external_id": f"M{n}", "ticket_ref": f"T{n}", "text": f"It is number {n}"} for n in numbers)
    put("message", *(each | said for each in texts))
    read_messages(store, LONG_AGO, silent)
    return store


def _label_all(store: Store) -> None:
    """Four of five are negative, whatever the reader thinks."""
    said = SentimentLabel(reader=sentiment.READER, shown=0, answer="neg", given_by="lead", given_at=NOON)
    book = CalibrationBook(store.engine)
    messages = [each.message_id for each in book.unlabelled(sentiment.READER, LONG_AGO, 60)]
    praise = said.model_copy(update={"answer": "pos"})
    book.label([(message, praise if message % 5 == 0 else said) for message in messages])


def in_force(store: Store) -> list[Any]:
    found: list[Any] = store.facts().sentiments(sentiment.READER).collect().sort("message_id")["sentiment"].to_list()
    return found


def test_a_calibration_that_helps_is_in_force_until_it_is_withdrawn(spoken: Store) -> None:
    raw = in_force(spoken)
    _label_all(spoken)
    kept = put_in_force(spoken, learn(answers_from_labels(spoken)), NOON, LONG_AGO, silent)
    calibrated = in_force(spoken)
    assert len(calibrated) == len(raw) == 60
    assert max(calibrated) < min(raw)
    assert kept.evaluation["after"]["log_loss"] < kept.evaluation["before"]["log_loss"]
    withdraw(spoken, kept.calibration_hash[:8], NOON + HOUR)
    assert in_force(spoken) == raw
    assert [each.withdrawn_at for each in calibrations(spoken)] == [NOON + HOUR]


def test_new_messages_are_read_by_it_too(spoken: Store, put: Put) -> None:
    _label_all(spoken)
    put_in_force(spoken, learn(answers_from_labels(spoken)), NOON, LONG_AGO, silent)
    put("message", external_id="N", ticket_ref="T1", author_kind="customer", text="It is number 3", sent_at=NOON)
    put("message", external_id="U", ticket_ref="T1", author_kind="customer", text="unreadable 4", sent_at=NOON)
    assert read_messages(spoken, LONG_AGO, silent) == 2
    assert read_messages(spoken, LONG_AGO, silent) == 0
    assert in_force(spoken)[-2:] == [in_force(spoken)[3], None]


def test_what_was_withdrawn_comes_into_force_again_when_it_is_learned_again(spoken: Store) -> None:
    _label_all(spoken)
    first = put_in_force(spoken, learn(answers_from_labels(spoken)), NOON, LONG_AGO, silent)
    withdraw(spoken, first.calibration_hash, NOON)
    again = put_in_force(spoken, learn(answers_from_labels(spoken)), NOON + HOUR, LONG_AGO, silent)
    assert again.calibration_hash == first.calibration_hash
    assert [each.withdrawn_at for each in calibrations(spoken)] == [None]


def test_one_that_does_not_help_is_refused_and_all_stays(spoken: Store) -> None:
    raw = in_force(spoken)
    # As many of each class as the reader says, in an order that no text tells.
    classes: list[Any] = ["neu", "neg", "pos", "neu", "neu", "pos", "neg", "neu", "pos", "neu", "neg", "neu", "pos"]
    texts = [f"It is number {number}" for number in range(60)]
    learned = learn(Answers(texts, [classes[number % len(classes)] for number in range(60)], [None] * 60))
    assert not learned.accepted
    with pytest.raises(KeeplineError, match="all stays as it was"):
        put_in_force(spoken, learned, NOON, LONG_AGO, silent)
    assert in_force(spoken) == raw


def test_the_newest_answer_about_a_message_counts(spoken: Store) -> None:
    label_message(spoken, "M7", "right", "lead", NOON)
    label_message(spoken, "M7", "too_harsh", "lead", NOON + HOUR)
    answers = answers_from_labels(spoken)
    assert (answers.texts, answers.labels, answers.shown) == (["It is number 7"], ["too_harsh"], [9])


def test_a_message_that_is_not_known_or_was_not_readable_is_named(spoken: Store) -> None:
    with pytest.raises(NotFound, match="no message that could be read is called 'M99'"):
        label_message(spoken, "M99", "right", "lead", NOON)


def test_one_is_asked_about_the_uncertain_and_the_random_and_never_twice(spoken: Store) -> None:
    asked = worth_labelling(spoken, LONG_AGO, 10)
    assert len(asked) == len({each.message_id for each in asked}) == 10
    assert "M59" in {each.ref for each in asked}  # the nearest to −35
    for each in asked:
        label(spoken, each, "right", "lead", NOON)
    assert not {each.ref for each in asked} & {each.ref for each in worth_labelling(spoken, LONG_AGO, 50)}


def test_csat_answers_speak_of_the_last_words_before_them(spoken: Store, put: Put) -> None:
    for at, (number, score) in enumerate([(1, 1), (2, 5), (3, 3)]):
        put(
            "survey", external_id=f"S{at}", account_ref="A", ticket_ref=f"T{number}", kind="csat", score=score,
            scale_min=1, scale_max=5, answered_at=NOON + HOUR,
        )  # fmt: skip
    late = {"ticket_ref": "T1", "author_kind": "customer", "text": "It is number 40"}
    put("message", external_id="L", **late, sent_at=NOON + HOUR / 2)
    put("message", external_id="TooLate", **late, sent_at=NOON + 2 * HOUR)
    put("message", external_id="Agent", **late | {"author_kind": "agent"}, sent_at=NOON + HOUR)
    answers = answers_from_csat(spoken)
    told = dict(zip(answers.texts, answers.labels, strict=True))
    assert told == {"It is number 40": "neg", "It is number 2": "not_neg"}


def test_raw_readings_keep_the_language_and_calibrated_ones_stand_apart(spoken: Store) -> None:
    _label_all(spoken)
    put_in_force(spoken, learn(answers_from_labels(spoken)), NOON, LONG_AGO, silent)
    raw = spoken.facts().readings(sentiment.READER).collect()
    assert set(raw["language"].to_list()) == {"en"}
    name = CalibrationBook(spoken.engine).reader_in_force(sentiment.READER)
    assert name.startswith(f"{sentiment.READER}+")
    assert len(spoken.facts().readings(name).collect()) == 60
