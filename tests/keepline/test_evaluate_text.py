"""`keepline evaluate-text` as a person calls it: on a file of one's own labels, without any database."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.keepline.calling import Call

ROWS = (
    ("We have been waiting for nine days and nobody answers, this is unacceptable.", "neg", 0, "no answer", "en"),
    ("Still no answer after nine days. Unacceptable!", "neg", 0, "no answer", "en"),
    ("Please cancel our subscription at the end of the month.", "neu", 1, "cancel", "en"),
    ("Where do I change the billing address?", "neu", 0, "address", "en"),
    ("Perfect, thank you so much, that was quick!", "pos", 0, "", "en"),
    ("Wir können uns seit gestern nicht mehr anmelden.", "", 0, "", "de"),
)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    lines = [f'"{text}",{label},{churn},{issue},{language}' for text, label, churn, issue, language in ROWS]
    file = tmp_path / "labels.csv"
    file.write_text("\n".join(["text,label,churn,issue,language", *lines]) + "\n", encoding="utf-8")
    return file


def test_a_file_of_labels_is_compared_by_what_it_has(call: Call, labels: Path) -> None:
    called = call("evaluate-text", str(labels))
    assert called.code == 0
    for said in (
        "6 texts of labels.csv", "label from 'label'", "keepline", "TextBlob", "AUC", "Texts a second",
        "Wish to leave", "False flags", "Two texts are the same issue", "Language:",
    ):  # fmt: skip
        assert said in called.out
    assert ("VADER is left out" in called.out) == (find_spec("vaderSentiment") is None)


def test_json_has_every_figure(call: Call, labels: Path) -> None:
    told = call("evaluate-text", str(labels), "--json").json
    ours, textblob = told["readers"][:2]
    assert (ours["name"], textblob["name"]) == ("keepline", "TextBlob")
    assert ours["agreement"]["auc"]["value"] == 1.0
    assert ours["agreement"]["unknown_ratio"] == pytest.approx(1 / 6)
    assert textblob["agreement"]["ece"]["value"] is None
    assert (told["churn"]["precision"]["value"], told["churn"]["recall"]["value"]) == (1.0, 1.0)
    assert told["churn"]["false_flags"]["value"] == 0.0
    assert told["languages"]["accuracy"]["value"] == 1.0
    assert told["issues"]["issues"] == 3
    assert told["calibrated"] is None


def test_only_what_the_file_has_is_compared(call: Call, tmp_path: Path) -> None:
    (tmp_path / "churn.csv").write_text("text,churn\nPlease cancel our subscription.,1\nThanks!,0\n", encoding="utf-8")
    told = call("evaluate-text", "churn.csv", "--json").json
    assert (told["readers"], told["issues"], told["languages"]) == ([], None, None)
    assert told["churn"]["f1"] == 1.0


def test_with_labels_the_others_are_compared_before_and_after(call: Call, tmp_path: Path) -> None:
    rows = [(text, label) for text, label, *_ in ROWS[:5]] * 14
    lines = [f'"{text} ({number})",{label}' for number, (text, label) in enumerate(rows)]
    (tmp_path / "many.csv").write_text("\n".join(["text,label", *lines]) + "\n", encoding="utf-8")
    called = call("evaluate-text", "many.csv", "--labels", "50", "--seeds", "2")
    assert called.code == 0
    assert "Calibrated with 50 labels" in called.out
    told = call("evaluate-text", "many.csv", "--labels", "50", "--seeds", "2", "--json").json["calibrated"]
    assert (len(told["before"]), len(told["after"])) == (2, 2)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("none.csv",), "there is no such file"),
        (("labels.csv", "--label", "mood"), "no column 'mood'"),
        (("labels.csv", "--label", "issue"), "labels.csv:2: issue is 'no answer'; write neg, neu or pos"),
        (("labels.csv", "--labels", "50"), "calibration needs 50 labels"),
        (("empty.csv",), "has no rows"),
    ],
)
def test_what_cannot_be_answered_is_one_line_that_says_why(
    call: Call, labels: Path, words: tuple[str, ...], told: str
) -> None:
    (labels.parent / "empty.csv").write_text("text,label\n", encoding="utf-8")
    called = call("evaluate-text", *words)
    assert (called.code, called.out) == (1, "")
    assert told in called.err
