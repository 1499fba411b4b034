"""Takes a team's answers about sentiment scores, learns a calibration from them and puts it in force."""

import hashlib
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from domain.errors import KeeplineError, NotFound
from domain.reading import LabelAnswer, SentimentCalibration, SentimentLabel
from jobs.read import read_messages
from rules.text.calibration import Answer, Calibrated, calibrate
from rules.text.cleaning import prose
from rules.text.sentiment import READER
from storage.calibrations import CalibrationBook, Unlabelled
from storage.store import Store

Report = Callable[[str, int, int], None]
# A CSAT answer of this share of its scale says that the customer sounded negative, or did not; between them nothing.
_DISSATISFIED, _SATISFIED = 0.4, 0.75
_MOST_SURVEYS = 5_000
_CANDIDATES = 5_000
_BAD_AT = -35


@dataclass(frozen=True)
class Answers:
    """Texts with what was said of them, and the score that was shown where there was one."""

    texts: list[str]
    labels: list[Answer]
    shown: list[float | None]


def label_message(store: Store, named: str, answer: LabelAnswer, by: str, at: datetime) -> Unlabelled:
    """Keep what a person said of a message's score; `named` is its id in its source, or Keepline's own.

    Raises:
        NotFound: no message that could be read is called so, or several are.
    """
    found = CalibrationBook(store.engine).shown(READER, named)
    if not found:
        raise NotFound(
            f"no message that could be read is called {named!r}; keepline sentiment explain TICKET shows them"
        )
    if len(found) > 1:
        ids = ", ".join(str(each.message_id) for each in found)
        raise NotFound(f"{len(found)} messages are called {named!r}; name one by its number: {ids}")
    label(store, found[0], answer, by, at)
    return found[0]


def label(store: Store, shown: Unlabelled, answer: LabelAnswer, by: str, at: datetime) -> None:
    """Keep what a person said of a message that was shown with its score."""
    said = SentimentLabel(reader=READER, shown=shown.sentiment, answer=answer, given_by=by, given_at=at)
    CalibrationBook(store.engine).label([(shown.message_id, said)])


def worth_labelling(store: Store, since: datetime, most: int) -> list[Unlabelled]:
    """Messages whose answers teach most: in turn one whose score is nearest to −35, and one drawn at random.

    Which are asked about depends on their scores alone, so that the answers do not distort what is learned from them.
    """
    found = CalibrationBook(store.engine).unlabelled(READER, since, _CANDIDATES)
    near = sorted(found, key=lambda each: (abs(each.sentiment - _BAD_AT), each.message_id))
    drawn = sorted(found, key=lambda each: each.message_id)
    random.Random(len(drawn)).shuffle(drawn)  # noqa: S311 - a sample, no secret
    in_turn = [each for pair in zip(drawn, near, strict=True) for each in pair]
    return list(dict.fromkeys(in_turn))[:most]


def answers_from_labels(store: Store) -> Answers:
    """What persons said, the newest answer for each message."""
    labels = CalibrationBook(store.engine).labels()
    return Answers([each.text for each in labels], [each.answer for each in labels], [each.shown for each in labels])


def answers_from_csat(store: Store) -> Answers:
    """Of CSAT answers, each with the customer's last words in the ticket: bad ones are negative, good ones are not."""
    rated = CalibrationBook(store.engine).rated(_MOST_SURVEYS)
    told = [each for each in rated if each.satisfied <= _DISSATISFIED or each.satisfied >= _SATISFIED]
    labels: list[Answer] = ["neg" if each.satisfied <= _DISSATISFIED else "not_neg" for each in told]
    return Answers([each.text for each in told], labels, [None] * len(told))


def learn(answers: Answers) -> Calibrated:
    """Learn a calibration; nothing is put in force.

    Raises:
        TooFewAnswers: too little to learn from.
    """
    return calibrate(prose(answers.texts), answers.labels, answers.shown)


def put_in_force(
    store: Store, calibrated: Calibrated, at: datetime, since: datetime, report: Report
) -> SentimentCalibration:
    """Read the messages after `since` by the calibration, too, and let the signals look at these readings.

    Raises:
        KeeplineError: it foretells the team's answers no better than the base; all stays as it was.
    """
    if not calibrated.accepted:
        raise KeeplineError(f"the calibration is refused and all stays as it was: {calibrated.because}")
    content = calibrated.calibration.content()
    evaluation = {"before": asdict(calibrated.before), "after": asdict(calibrated.after)}
    name = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    kept = SentimentCalibration(
        calibration_hash=name, reader=READER, content=content, evaluation=evaluation, calibrated_at=at
    )
    CalibrationBook(store.engine).keep(kept)
    read_messages(store, since, report)
    return kept


def withdraw(store: Store, name: str, at: datetime) -> SentimentCalibration:
    """Take a calibration out of force; the raw readings, or those of the calibration before, count again.

    Raises:
        NotFound: no calibration in force is called so.
    """
    return CalibrationBook(store.engine).withdraw(name, at)


def calibrations(store: Store) -> Sequence[SentimentCalibration]:
    """All calibrations, the newest first."""
    return CalibrationBook(store.engine).calibrations()
