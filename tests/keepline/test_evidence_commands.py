"""`keepline evidence` as a person calls it: what was found, and rules tried before they are in force."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.keepline.calling import Call, begin

AT = datetime(2026, 9, 7, 6, tzinfo=UTC)
SAID = {
    "T-1": ("A-1", 2, "Please cancel our plan, or call +49 30 1234567."),
    "T-2": ("A-1", 40, "If this happens again we will leave."),
    "T-3": ("A-2", 3, "We began a Globex pilot. Thank you for the excellent support!"),
}
OWN = """
rules:
  - id: globex
    kind: churn_intent
    phrases: [globex pilot]
    examples: [We began a Globex pilot.]
    counterexamples: [{counterexample}]
"""


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Harbour asks to cancel, Meadow praises."""
    folder = tmp_path_factory.mktemp("begun")
    exports = folder / "exports"
    exports.mkdir()
    (exports / "accounts.csv").write_text("external_id,name\nA-1,Harbour\nA-2,Meadow\n", encoding="utf-8")
    tickets, messages = ["external_id,account_ref,subject,status,created_at"], []
    for ticket, (account, age, text) in SAID.items():
        sent = (AT - timedelta(days=age)).strftime("%Y-%m-%dT%H:%M:%SZ")
        tickets.append(f"{ticket},{account},Export,open,{sent}")
        said = {"ticket_ref": ticket, "author_kind": "customer", "public": True, "text": text}
        messages.append(json.dumps({"external_id": f"M-{ticket}", "sent_at": sent} | said))
    (exports / "tickets.csv").write_text("\n".join(tickets), encoding="utf-8")
    (exports / "messages.jsonl").write_text("\n".join(messages), encoding="utf-8")
    begin(folder, AT.isoformat())
    return folder


@pytest.fixture
def company(call: Call, begun: Path, tmp_path: Path) -> Call:
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    return call


def _rules(path: Path, counterexample: str) -> str:
    path.write_text(OWN.format(counterexample=counterexample), encoding="utf-8")
    return str(path)


def test_what_customers_gave_away_is_listed_newest_first_and_masked(company: Call) -> None:
    rows = company("evidence", "--as-of", AT.isoformat(), "--json").json
    assert [(row["account"], row["ticket"], row["kind"]) for row in rows] == [
        ("Harbour", "T-1", "churn_intent"), ("Meadow", "T-3", "praise"),
    ]  # fmt: skip
    assert rows[0]["sentence"] == "Please cancel our plan, or call [phone]."
    assert "asks or threatens to leave" in company("evidence", "--as-of", AT.isoformat()).out


def test_it_is_narrowed_down_by_kind_account_and_day(company: Call) -> None:
    at = ("--as-of", AT.isoformat(), "--json")
    assert [row["ticket"] for row in company("evidence", "--kind", "praise", *at).json] == ["T-3"]
    both = company("evidence", "--account", "Harbour", "--since", "2026-07-01", *at).json
    assert [row["ticket"] for row in both] == ["T-1", "T-2"]
    assert "did you mean 'praise'" in company("evidence", "--kind", "prais").err


def test_without_anything_it_says_what_to_do(company: Call, tmp_path: Path) -> None:
    assert "--since looks further back" in company("evidence", "--as-of", "2027-01-01").out
    (tmp_path / "keepline.db").unlink()
    assert "keepline run does it" in company("evidence").out


def test_a_text_and_a_file_of_texts_can_be_tried(company: Call, tmp_path: Path) -> None:
    assert "cancel our plan" in company("evidence", "test", "Please cancel our plan.").out
    assert "Nothing" in company("evidence", "test", "It rains.").out
    file = tmp_path / "texts.txt"
    file.write_text("Please cancel our plan.\n\nIt rains.\n", encoding="utf-8")
    tried = company("evidence", "test", str(file), "--json").json
    assert [len(each["found"]) for each in tried] == [1, 0]


def test_the_shipped_examples_hold(company: Call) -> None:
    tried = company("evidence", "test")
    assert (tried.code, "examples are found" in tried.out) == (0, True)


def test_changed_rules_are_compared_on_stored_messages(company: Call, tmp_path: Path) -> None:
    file = _rules(tmp_path / "changed.yaml", "The Globex link is slow.")
    tried = company("evidence", "test", "--rules", file, "--as-of", AT.isoformat(), "--json")
    assert tried.code == 0
    assert [each["ticket"] for each in tried.json["gained"]] == ["T-3"]
    assert (tried.json["before"]["churn_intent"], tried.json["after"]["churn_intent"]) == (1, 2)
    told = company("evidence", "test", "--rules", file, "--days", "60", "--as-of", AT.isoformat()).out
    assert "Found by the changed rules alone" in told


def test_a_rule_that_breaks_its_counterexample_is_shown(company: Call, tmp_path: Path) -> None:
    file = _rules(tmp_path / "wrong.yaml", "The Globex pilot went home.")
    tried = company("evidence", "test", "--rules", file, "--as-of", AT.isoformat())
    assert tried.code == 1
    assert "globex: Globex pilot" in tried.out


def test_the_rules_in_force_are_listed(company: Call, tmp_path: Path) -> None:
    config = tmp_path / "keepline-config"
    config.mkdir(exist_ok=True)
    _rules(config / "evidence.yaml", "The Globex link is slow.")
    assert "globex" in company("evidence", "rules", "--kind", "churn_intent").out
    document = company("evidence", "rules", "--json").json
    assert document["rules"][0]["id"] == "globex"
