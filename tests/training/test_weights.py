"""The weights that ship are made of what may ship, and are read as they were learned; no test needs the teacher."""

import json
from pathlib import Path

import numpy as np
import pytest

from rules.text.sentiment.cues import NAMES
from rules.text.sentiment.reading import readings
from training.__main__ import main
from training.measures import auc, f1, macro_f1
from training.sentiment.files import packed, read_by
from training.sentiment.sources import REFUSED, SHIPPABLE, NotShippable, rated_texts, shares_of
from training.sentiment.tempering import Measured, chosen, tuning_files
from training.sentiment.vocabulary import Places, reduced

WORDS = ["good", "bad", "over", "book", "<user>"]


def learned(seed: int = 0) -> dict[str, np.ndarray]:
    dice = np.random.default_rng(seed)
    shapes = {"vectors": (9, 4), "filters": (3, 12), "hidden": (5, 10 + len(NAMES)), "out": (3, 5)}
    shapes |= {"direct": (3, 10 + len(NAMES))}
    found = {f"{name}.weight": dice.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    return found | {f"{name}.bias": dice.normal(size=shape[0]).astype(np.float32) for name, shape in shapes.items()}


@pytest.mark.parametrize("name", [*REFUSED, "my_customers"])
def test_a_file_that_may_not_be_trained_on_is_refused_with_the_reason(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotShippable, match=name):
        rated_texts(tmp_path, name)


def test_the_command_refuses_before_anything_is_learned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["sentiment", "--data", str(tmp_path), "--train-on", "tweets_rated,brand_tweets"]
    assert main(arguments) == 1
    assert "brand_tweets: its authors state no licence" in capsys.readouterr().err


def test_about_a_fifth_of_each_file_is_held_out(tmp_path: Path) -> None:
    rows = [{"id": f"t{n}", "text": "it is fine", "score": 40, "label": "pos"} for n in range(1000)]
    (tmp_path / "tweets_rated.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    texts = rated_texts(tmp_path, "tweets_rated")
    assert 150 < sum(each.is_held_out for each in texts) < 250
    assert {each.weight for each in texts} == {SHIPPABLE["tweets_rated"][1]}


def test_shares_follow_the_rating() -> None:
    assert np.argmax(shares_of(-80)) == 0
    assert np.argmax(shares_of(0)) == 1
    assert np.argmax(shares_of(80)) == 2
    assert sum(shares_of(17)) == pytest.approx(1)


def test_a_word_that_the_vocabulary_lacks_begins_as_the_runtime_reads_it(tmp_path: Path) -> None:
    weights = packed(WORDS, learned())
    weights.write(tmp_path / "w.npz")
    arrays = weights.arrays
    vectors = (arrays["vectors"] * arrays["scale"]).astype(np.float32)
    places = Places(WORDS)
    assert places.of(["bad", "overbook", "zq"]).tolist() == [1, 6, 7]
    rows = places.rows(vectors)
    assert rows[6] == pytest.approx(0.7 * (vectors[2] + vectors[3]) / 2)
    assert not rows[[5, 7]].any()
    with read_by(tmp_path / "w.npz"):
        hidden = readings(["overbook"]).hidden
    assert hidden.shape == (1, 5)


def test_weights_are_read_as_the_student_learned_them(tmp_path: Path) -> None:
    weights = packed(WORDS, learned())
    weights.write(tmp_path / "w.npz")
    with read_by(tmp_path / "w.npz"):
        read = readings(["bad good bad"])
    arrays = weights.arrays
    vectors = arrays["vectors"] * arrays["scale"]
    none = np.zeros(4)
    rows = [none, vectors[1], vectors[0], vectors[1], none]
    around = np.array([np.concatenate(rows[at : at + 3]) for at in range(3)])
    answers = np.maximum(around @ learned()["filters.weight"].T + arrays["bias"], 0)
    root = 0.5 / np.sqrt(3)
    pooled = np.concatenate([answers.max(0), answers.sum(0) * root, sum(rows) * root, read.cues[0]])
    hidden = np.maximum(pooled @ arrays["hidden"] + arrays["hidden_bias"], 0)
    logits = hidden @ arrays["out"] + arrays["out_bias"] + pooled @ arrays["direct"] + arrays["direct_bias"]
    assert read.logits[0] == pytest.approx(logits, rel=1e-4, abs=1e-4)


def test_other_weights_are_forgotten_afterwards(tmp_path: Path) -> None:
    shipped = readings(["bad good"]).logits
    packed(WORDS, learned()).write(tmp_path / "w.npz")
    with read_by(tmp_path / "w.npz"):
        assert not np.allclose(readings(["bad good"]).logits, shipped)
    assert np.array_equal(readings(["bad good"]).logits, shipped)


def test_temperature_and_biases_change_the_logits_as_they_say(tmp_path: Path) -> None:
    weights = packed(WORDS, learned())
    biases = np.array([-0.5, 0, 0.25], dtype=np.float32)
    found = []
    for name, each in (("a", weights), ("b", weights.tempered(1.5, biases))):
        each.write(tmp_path / f"{name}.npz")
        with read_by(tmp_path / f"{name}.npz"):
            found.append(readings(["bad good", "Why?"]).logits)
    assert found[1] == pytest.approx(1.5 * found[0] + biases, rel=1e-4, abs=1e-4)


def test_directions_have_unit_variance() -> None:
    hidden = np.random.default_rng(1).normal(scale=[1, 2, 3, 4, 5], size=(300, 5)).astype(np.float32)
    arrays = packed(WORDS, learned()).directed(hidden).arrays
    shown = (hidden - arrays["hidden_mean"]) @ arrays["directions"]
    assert shown.mean(axis=0) == pytest.approx(0, abs=1e-4)
    assert shown.std(axis=0) == pytest.approx(1, abs=1e-4)


def test_the_biases_undo_a_class_that_is_told_too_often() -> None:
    dice = np.random.default_rng(2)
    classes = dice.integers(0, 3, size=900)
    logits = (2 * np.eye(3)[classes] + dice.normal(size=(900, 3)) + [0, 0, 1.0]).astype(np.float32)
    _, biases = chosen([Measured(logits, classes)])
    assert biases[1] == 0
    assert biases[2] < 0


def test_without_the_tuning_files_the_held_out_fifths_are_tuned_on(tmp_path: Path) -> None:
    assert tuning_files(tmp_path) == list(SHIPPABLE)
    (tmp_path / "brand_tweets.jsonl").touch()
    assert tuning_files(tmp_path) == ["brand_tweets"]


def test_measures_agree_with_what_is_counted_by_hand() -> None:
    happened = np.array([True, True, False, False])
    assert auc(np.array([4.0, 2.0, 2.0, 1.0]), happened) == pytest.approx(3.5 / 4)
    assert f1(np.array([True, False, True, False]), happened) == pytest.approx(0.5)
    assert f1(np.array([True, True, True, False]), happened, share=0.2) == pytest.approx(0.4 / 0.8)
    assert macro_f1(np.array([0, 1, 2]), np.array([0, 1, 2])) == 1


def test_vectors_are_reduced_to_unit_variance() -> None:
    found = reduced(np.random.default_rng(3).normal(size=(50, 8)).astype(np.float32), 4)
    assert found.shape == (50, 4)
    assert found.std() == pytest.approx(1, rel=1e-5)
