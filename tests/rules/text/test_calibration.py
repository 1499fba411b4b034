"""A team's own answers correct the reader, and fifty can only help."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from rules.text import sentiment
from rules.text.calibration import (
    Calibrated,
    Calibration,
    TooFewAnswers,
    allowed,
    calibrate,
    expected_calibration_error,
)

CLASSES = ("neg", "neu", "pos")


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader whose probabilities and one feature stand in the text itself; `?` cannot be read."""

    def probabilities(texts: Sequence[str]) -> list[tuple[float, ...] | None]:
        return [None if text == "?" else tuple(map(float, text.split()[:3])) for text in texts]

    def features(texts: Sequence[str]) -> np.ndarray[Any, Any]:
        return np.array([[float(text.split()[3])] for text in texts]).reshape(len(texts), -1)

    monkeypatch.setattr(sentiment, "probabilities", probabilities, raising=False)
    monkeypatch.setattr(sentiment, "features_for_calibration", features, raising=False)


def drawn(count: int, seed: int = 1, *, odds: float = 1.0, by_feature: float = 0.0) -> tuple[list[str], list[Any]]:
    """Texts with what a reader thinks of them, and classes whose odds of negative are `odds` times as it thinks."""
    dice = np.random.default_rng(seed)
    base, feature = dice.dirichlet((1.0, 1.0, 1.0), count), dice.normal(size=count)
    truth = base * np.stack([odds * np.exp(by_feature * feature), np.ones(count), np.ones(count)], axis=1)
    truth /= truth.sum(axis=1, keepdims=True)
    labels = [CLASSES[dice.choice(3, p=each)] for each in truth]
    texts = [f"{n:.6f} {u:.6f} {p:.6f} {f:.6f}" for (n, u, p), f in zip(base, feature, strict=True)]
    return texts, labels


def error(read: Any, texts: list[str], labels: list[str]) -> float:
    chances = np.array([each[0] for each in read(texts)])
    return expected_calibration_error(chances, np.array(labels) == "neg")


class TestLearning:
    @pytest.mark.parametrize("odds", [0.2, 6.0])
    def test_fifty_answers_bring_another_balance_of_classes_to_light(self, odds: float) -> None:
        texts, labels = drawn(4_000, odds=odds)
        before = error(sentiment.probabilities, texts, labels)  # type: ignore[attr-defined,unused-ignore]
        after = [error(_learned(seed, odds).probabilities, texts, labels) for seed in range(5)]
        assert before > 0.1
        assert np.mean(after) < before / 2

    def test_a_feature_that_tells_more_is_taken_up(self) -> None:
        texts, labels = drawn(800, by_feature=2.0)
        learned = calibrate(texts, labels)
        assert learned.accepted
        high, low = (learned.probabilities([f"0.3 0.4 0.3 {feature}"])[0] for feature in (1.5, -1.5))
        assert high is not None
        assert low is not None
        assert high[0] > low[0] + 0.3

    def test_a_reader_that_is_right_is_left_nearly_as_it_is(self) -> None:
        learned = calibrate(*drawn(400))
        texts, _ = drawn(500, seed=9)
        moved = [abs(new - old) for new, old in zip(_scores(learned, texts), _raw(texts), strict=True)]
        assert np.mean(moved) < 8

    def test_answers_that_teach_nothing_are_refused_and_that_is_said(self) -> None:
        learned = calibrate(*drawn(60, seed=5))
        texts, _ = drawn(20)
        assert not learned.accepted
        assert learned.score(texts) == pytest.approx(_raw(texts), abs=0.01)
        assert "the readings fit as they are" in learned.because

    def test_answers_that_do_not_tell_neutral_from_positive_leave_their_odds(self) -> None:
        texts, labels = drawn(300, odds=0.1)
        learned = calibrate(texts, ["neg" if label == "neg" else "not_neg" for label in labels])
        assert learned.accepted
        [(negative, neutral, positive)] = [each for each in learned.probabilities(["0.4 0.4 0.2 0"]) if each]
        assert negative < 0.2
        assert 1.5 < neutral / positive < 2.7

    def test_before_and_after_are_of_answers_that_it_had_not_seen(self) -> None:
        learned = calibrate(*drawn(300, odds=6.0))
        assert learned.after.log_loss < learned.before.log_loss
        assert learned.after.calibration_error is not None
        assert learned.before.calibration_error is not None
        assert learned.after.calibration_error < learned.before.calibration_error
        assert learned.after.bad_ratio > learned.before.bad_ratio
        assert max(abs(each.after - each.before) for each in learned.changes) > 10

    @pytest.mark.parametrize("seed", range(5))
    def test_the_order_of_answers_does_not_matter(self, seed: int) -> None:
        texts, labels = drawn(60, odds=5.0)
        order = np.random.default_rng(seed).permutation(60)
        mixed = calibrate([texts[at] for at in order], [labels[at] for at in order])
        assert mixed.calibration.content() == calibrate(texts, labels).calibration.content()

    def test_what_the_reader_cannot_read_stays_unknown_and_teaches_nothing(self) -> None:
        texts, labels = drawn(60, odds=5.0)
        learned = calibrate([*texts, "?", "?"], [*labels, "neg", "neg"])
        assert learned.calibration.content() == calibrate(texts, labels).calibration.content()
        assert learned.score(["?", texts[0]])[0] is None
        assert learned.score([]) == []

    def test_it_reads_the_same_after_it_was_written_down(self) -> None:
        texts, _ = drawn(50, seed=3)
        learned = calibrate(*drawn(80, odds=4.0)).calibration
        again = Calibration.from_content(learned.content())
        assert again.content() == learned.content()
        assert again.score(texts) == pytest.approx(learned.score(texts), abs=0.01)


class TestTooLittle:
    def test_forty_nine_answers_are_too_few_and_it_says_how_to_get_more(self) -> None:
        texts, labels = drawn(49)
        with pytest.raises(TooFewAnswers, match="49 answers; 50 are needed: keepline sentiment label"):
            calibrate(texts, labels)

    def test_at_least_half_of_the_texts_must_be_readable(self) -> None:
        texts, labels = drawn(25)
        assert calibrate([*texts, *["?"] * 25], labels + ["neg"] * 25)
        with pytest.raises(TooFewAnswers, match="of 60 texts with an answer 24 can be read"):
            calibrate([*texts[:24], *["?"] * 36], labels[:24] + ["neg"] * 36)

    @pytest.mark.parametrize(("only", "missing"), [("neg", "neutral or positive"), ("not_neg", "negative")])
    def test_one_side_alone_teaches_nothing(self, only: Any, missing: str) -> None:
        with pytest.raises(TooFewAnswers, match=missing):
            calibrate(drawn(60)[0], [only] * 60)

    def test_lists_of_different_length_are_refused(self) -> None:
        with pytest.raises(ValueError, match="zip"):
            calibrate(["0.2 0.3 0.5 0"], [])


class TestAnswers:
    @pytest.mark.parametrize(
        ("answer", "shown", "open_"),
        [
            ("neg", None, "neg"), ("not_neg", None, "neu pos"), ("not_pos", None, "neg neu"),
            ("right", -34, "neg"), ("right", -33, "neu"), ("right", 34, "pos"),
            ("too_harsh", -80, "neu pos"), ("too_harsh", 0, "pos"), ("too_harsh", 80, "pos"),
            ("too_mild", -80, "neg"), ("too_mild", 0, "neg"), ("too_mild", 80, "neg neu"),
        ],
    )  # fmt: skip
    def test_an_answer_leaves_classes_open(self, answer: Any, shown: float | None, open_: str) -> None:
        left = [name for name, is_open in zip(CLASSES, allowed(answer, shown), strict=True) if is_open]
        assert " ".join(left) == open_

    @pytest.mark.parametrize(("answer", "shown"), [("right", None), ("angry", -50)])
    def test_what_cannot_be_understood_is_refused_with_a_remedy(self, answer: Any, shown: float | None) -> None:
        with pytest.raises(ValueError, match=r"answer neg, neu or pos|write one of"):
            allowed(answer, shown)

    def test_corrections_of_scores_teach_as_classes_do(self) -> None:
        texts, labels = drawn(400, odds=6.0)
        shown = _raw(texts)
        place = [0 if score <= -100 / 3 else 2 if score >= 100 / 3 else 1 for score in shown]
        said: list[Any] = [
            "right" if CLASSES[at] == label else "too_harsh" if CLASSES.index(label) > at else "too_mild"
            for at, label in zip(place, labels, strict=True)
        ]
        learned = calibrate(texts, said, shown)
        fresh, truth = drawn(2_000, seed=8, odds=6.0)
        assert error(learned.probabilities, fresh, truth) < 0.06


def test_the_calibration_error_is_the_mean_distance_over_ten_bins() -> None:
    chances = np.repeat([0.05, 0.95], 50)
    happened = np.repeat([False, True], 50)
    assert expected_calibration_error(chances, happened) == pytest.approx(0.05)
    assert expected_calibration_error(chances, ~happened, equal_width=True) == pytest.approx(0.95)


def _learned(seed: int, odds: float) -> Calibrated:
    return calibrate(*drawn(50, seed=100 + seed, odds=odds))


def _scores(learned: Calibrated, texts: list[str]) -> list[float]:
    return [each for each in learned.score(texts) if each is not None]


def _raw(texts: list[str]) -> list[float]:
    return [100 * (float(text.split()[2]) - float(text.split()[0])) for text in texts]
