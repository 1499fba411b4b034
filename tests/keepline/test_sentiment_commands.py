"""`keepline sentiment` as a person calls it: levels, reasons, answers and what is learned from them."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rules.text import cleaned
from tests.keepline.calling import Call, begin

AT = datetime(2026, 9, 7, 6, tzinfo=UTC)
ANGRY = (
    "This is terrible. It is broken again and nobody answers.",
    "Awful support, the worst I have ever had. I am very angry.",
    "It fails every day and you do nothing. Completely useless.",
    "I hate this. The export is broken for the third time.",
)
CALM = (
    "Thank you, that works great now.",
    "How can I add a second user to our account?",
    "Excellent, the new report is wonderful. Thanks a lot!",
    "Where do I find the invoice of last month?",
)
ACCOUNTS = "external_id,name\nA-1,Harbour\nA-2,Meadow\nA-3,Quiet\n"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Harbour is angry and Meadow is not, thirty messages each; Quiet said one thing, in German."""
    folder = tmp_path_factory.mktemp("begun")
    exports = folder / "exports"
    exports.mkdir()
    (exports / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    tickets, messages = ["external_id,account_ref,subject,status,created_at"], []
    for number in range(61):
        sent = (AT - timedelta(days=1 + number % 25)).strftime("%Y-%m-%dT%H:%M:%SZ")
        tickets.append(f"T-{number},{_account(number)},Export,open,{sent}")
        said = {"ticket_ref": f"T-{number}", "author_kind": "customer", "public": True, "text": _said(number)}
        messages.append(json.dumps({"external_id": f"M-{number}", "sent_at": sent} | said))
    (exports / "tickets.csv").write_text("\n".join(tickets), encoding="utf-8")
    (exports / "messages.jsonl").write_text("\n".join(messages), encoding="utf-8")
    begin(folder, AT.isoformat())
    return folder


def _account(number: int) -> str:
    return "A-3" if number == 60 else f"A-{1 + number % 2}"


def _said(number: int) -> str:
    if number == 60:
        return "Guten Tag, der Export funktioniert leider seit gestern nicht mehr, bitte helfen Sie uns. Danke."
    said = (ANGRY, CALM)[number % 2][number // 2 % 4]
    return f"{said} Write to jo.doe@example.com about order {number}."


@pytest.fixture
def company(call: Call, begun: Path, tmp_path: Path) -> Call:
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    return call


def _labels(path: Path, *, column: str = "message", turned: bool = False) -> None:
    rows = [(f"M-{n}", "pos" if (n % 2 == 0) == turned else "neg") for n in range(60)]
    if column == "text":
        rows = [(f'"{cleaned([_said(n)])[0]}"', label) for n, (_, label) in enumerate(rows)]
    path.write_text("\n".join([f"{column},label", *(f"{name},{label}" for name, label in rows)]), encoding="utf-8")


class TestAccounts:
    def test_the_worst_comes_first_and_the_unknown_last(self, company: Call) -> None:
        rows = company("sentiment", "accounts", "--as-of", AT.isoformat(), "--json").json
        assert [row["account"] for row in rows] == ["Harbour", "Meadow", "Quiet"]
        assert rows[0]["sentiment"] < 0 < rows[1]["sentiment"]
        assert rows[2]["sentiment"] is None
        assert rows[0]["quiet_drift"] is None

    def test_unknown_is_shown_as_unknown(self, company: Call) -> None:
        told = company("sentiment", "accounts", "--as-of", AT.isoformat()).out
        assert "Harbour" in told
        assert "unknown" in told
        assert "Unknown: 1, with fewer than 3 messages that could be read." in told

    def test_without_any_message_it_says_what_to_do(self, call: Call) -> None:
        assert "keepline run reads them" in call("sentiment", "accounts").out


class TestExplain:
    def test_a_score_is_opened_into_phrases_that_sum_to_it(self, company: Call) -> None:
        [told] = company("sentiment", "explain", "T-0", "--json").json
        assert told["language"] == "en"
        assert sum(each["points"] for each in told["phrases"]) + told["rest"] == pytest.approx(told["score"], abs=0.2)
        assert told["score"] < 0

    def test_another_language_is_unknown_and_it_says_why(self, company: Call) -> None:
        [told] = company("sentiment", "explain", "T-60", "--json").json
        assert (told["score"], told["unknown_because"]) == (None, "language")
        assert "a language that is not read" in company("sentiment", "explain", "T-60").out

    def test_personal_data_are_masked(self, company: Call) -> None:
        for words in (("T-0",), ("T-0", "--json"), ("--text", "I hate this, write to jo.doe@example.com")):
            assert "jo.doe" not in company("sentiment", "explain", *words).out

    def test_a_text_can_be_tried(self, company: Call) -> None:
        told = company("sentiment", "explain", "--text", "This is terrible and useless.")
        assert "score −" in told.out
        assert company("sentiment", "explain").code == 2


class TestLabels:
    def test_an_answer_is_kept_with_who_gave_it(self, company: Call) -> None:
        told = company("sentiment", "label", "M-0", "too_harsh", "--by", "lead", "--json").json
        assert (told["answer"], told["by"], told["answers"]) == ("too_harsh", "lead", 1)
        assert "1 messages have an answer; 49 more" in company("sentiment", "label", "M-0", "right", "--by", "lead").out

    def test_a_file_of_answers_is_taken_and_what_is_not_known_is_named(self, company: Call, tmp_path: Path) -> None:
        (tmp_path / "said.csv").write_text("message,label\nM-1,positive\nM-999,neg\n", encoding="utf-8")
        told = company("sentiment", "label", "--import", "said.csv", "--json").json
        assert told["taken"] == 1
        assert "M-999" in told["problems"][0]

    @pytest.mark.parametrize(
        ("content", "remedy"),
        [
            ("message,label\nM-1,furious\n", "line 2: 'furious' is no answer; write right"),
            ("a,b\n1,2\n", "has no column message and no label"),
        ],
    )
    def test_a_wrong_file_is_refused_with_the_remedy(
        self, company: Call, tmp_path: Path, content: str, remedy: str
    ) -> None:
        (tmp_path / "said.csv").write_text(content, encoding="utf-8")
        told = company("sentiment", "label", "--import", "said.csv")
        assert told.code != 0
        assert remedy in " ".join(told.err.split())


class TestCalibration:
    def test_too_few_answers_say_how_to_get_more(self, company: Call) -> None:
        told = company("sentiment", "calibrate")
        assert told.code != 0
        assert "0 answers; 50 are needed: keepline sentiment label" in " ".join(told.err.split())

    def test_answers_that_contradict_the_reader_turn_it_and_it_can_be_taken_back(
        self, company: Call, tmp_path: Path
    ) -> None:
        _labels(tmp_path / "said.csv", turned=True)
        levels = [company("sentiment", "accounts", "--as-of", AT.isoformat(), "--json").json]
        company("sentiment", "label", "--import", "said.csv")
        dry = company("sentiment", "calibrate", "--dry-run", "--json").json
        assert (dry["accepted"], dry["in_force"]) == (True, None)
        told = company("sentiment", "calibrate", "--json").json
        assert told["after"]["log_loss"] < told["before"]["log_loss"]
        levels.append(company("sentiment", "accounts", "--as-of", AT.isoformat(), "--json").json)
        listed = company("sentiment", "calibrations", "--json").json
        assert [each["withdrawn_at"] for each in listed] == [None]
        company("sentiment", "calibrations", "--withdraw", told["in_force"][:12])
        levels.append(company("sentiment", "accounts", "--as-of", AT.isoformat(), "--json").json)
        raw, turned, again = ({row["account"]: row["sentiment"] for row in rows} for rows in levels)
        assert turned["Harbour"] > raw["Harbour"]
        assert again == raw

    def test_it_shows_before_and_after_and_what_changes_without_personal_data(
        self, company: Call, tmp_path: Path
    ) -> None:
        _labels(tmp_path / "texts.csv", column="text", turned=True)
        told = company("sentiment", "calibrate", "--from", "texts.csv")
        assert told.code == 0, told.err
        assert "log loss" in told.out
        assert "What changes most" in told.out
        assert "is in force" in told.out
        assert "jo.doe" not in told.out
        assert "in force" in company("sentiment", "calibrations").out

    def test_without_any_it_says_how_to_begin(self, company: Call) -> None:
        assert "keepline sentiment label" in company("sentiment", "calibrations").out
