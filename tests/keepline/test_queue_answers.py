"""`keepline queue` and what persons say of it, as a person calls them."""

from pathlib import Path

import pytest

from tests.keepline.calling import Call

AS_OF = ("--as-of", "2026-02-15")
PLAYBOOKS = """playbooks:
  - id: chatty
    name: Three tickets in a week
    when: {signal: tickets_7d, op: ">=", value: 3}
    priority: high
    steps: [{do: call, owner: csm, within: 24h elapsed}]
"""


@pytest.fixture
def desk(call: Call, tmp_path: Path) -> Call:
    """Three customers that write often; their CSM takes two new escalations a day."""
    folder, own = tmp_path / "exports", tmp_path / "keepline-config"
    folder.mkdir()
    own.mkdir()
    (own / "playbooks.yaml").write_text(PLAYBOOKS, encoding="utf-8")
    (own / "team.yaml").write_text("budgets: {csm: 2}\n", encoding="utf-8")
    accounts = "external_id,name,segment,csm\n1,Acme,smb,North\n2,Nordwind,smb,North\n3,Ostwind,smb,North\n"
    (folder / "accounts.csv").write_text(accounts, encoding="utf-8")
    rows = [
        f"T{account}{number},{account},Help with {number},open,2026-02-1{number}T08:00:00Z,jane@example.com\n"
        for account in (1, 2, 3)
        for number in (1, 2, 3)
    ]
    lines = "external_id,account_ref,subject,status,created_at,requester\n" + "".join(rows)
    (folder / "tickets.csv").write_text(lines, encoding="utf-8")
    assert call("import", str(folder)).code == 0
    run = call("run", *AS_OF)
    assert run.code == 0, run.err
    assert "1 that weigh least opened nothing" in run.out
    return call


def test_the_queue_shows_owners_weights_and_what_was_held_back(desk: Call) -> None:
    listed = desk("queue", *AS_OF, "--json").json
    assert [(one["owner"], one["weight"]["probability"]) for one in listed] == [("North", 0.3), ("North", 0.3)]
    assert listed[0]["weight"] | {"days_left": 0} == {
        "amount": None, "at_risk": None, "probability": 0.3,
        "probability_because": "30 %, assumed for priority high",
        "time_factor": listed[0]["weight"]["time_factor"], "days_left": 0,
        "until": "the next step's due time; no renewal date is known",
    }  # fmt: skip
    shown = desk("queue", *AS_OF).out
    assert "North" in shown
    assert "2 escalations; money at risk no known ARR of 2 accounts, 2 of unknown ARR." in shown
    assert desk("queue", "--owner", "north", *AS_OF, "--json").json == listed
    assert "No open escalations of South; 2 are open, of North." in desk("queue", "--owner", "South", *AS_OF).out
    [held] = desk("queue", "--held-back", *AS_OF, "--json").json
    assert (held["account"], held["owner"], held["place"]) == ("Ostwind", "North", 3)
    assert "the day of North is full with 2 of 2" in held["because"]
    assert "Ostwind" in desk("queue", "--held-back", *AS_OF).out
    assert "every day had room" in desk("queue", "--held-back", "--owner", "South", *AS_OF).out


def test_the_digest_tells_what_was_held_back(desk: Call) -> None:
    told = desk("digest", "--week", "2026-W07", "--as-of", "2026-02-16", "--json").json
    assert told["held_back"]["matters"] == 1
    assert told["held_back"]["rows"][0]["account"] == "Ostwind"
    text = desk("digest", "--week", "2026-W07", "--as-of", "2026-02-16").out
    assert "HELD BACK BY THE DAILY BUDGET" in text


def test_a_person_disagrees_agrees_and_takes_it_back(desk: Call) -> None:
    first, other = (one["escalation_id"] for one in desk("queue", *AS_OF, "--json").json)
    said = desk(
        "queue", "disagree", first[:8], "--because", "too-noisy", "--note", "chat", "--by", "lead", "--json"
    ).json
    assert (said["verdict"], said["reason"], said["note"], said["decided_by"]) == (
        "disagree", "too-noisy", "chat", "lead",
    )  # fmt: skip
    assert said["precision"]["answered"] == 1
    agreed = desk("queue", "agree", other, "--by", "lead")
    assert "you agree" in agreed.out
    assert "1 of 2 answers agree, 50.0 %" in agreed.out
    rules = desk("playbooks", "review", "--weeks", "520", "--json").json["playbooks"]
    assert [(one["playbook"], one["precision"]["answered"], one["reasons"]) for one in rules] == [
        ("chatty", 2, {"too-noisy": 1})
    ]

    assert desk("queue", "withdraw", first).code == 0
    assert "nothing was said" in desk("queue", "withdraw", first).err


def test_what_cannot_be_is_told_with_the_remedy(desk: Call) -> None:
    first = desk("queue", *AS_OF, "--json").json[0]["escalation_id"]
    wrong = desk("queue", "disagree", first, "--because", "noisy")
    assert wrong.code == 1
    assert "did you mean 'too-noisy'?" in wrong.err
    assert "keepline queue --json lists them" in desk("queue", "agree", "zzzzzzzz").err


def test_the_rules_are_reviewed(desk: Call) -> None:
    assert "decisions are made by: keepline run" in desk("playbooks", "review", "--as-of", "2025-01-01").out
    told = desk("playbooks", "review", *AS_OF).out
    assert "too few to say" in told
    assert "Nothing was changed." in told
    [one] = desk("playbooks", "review", *AS_OF, "--json").json["playbooks"]
    assert (one["proposed"], one["fired"], one["opened"], one["held_back"]) == ("keep", 3, 2, 1)
    assert one["by_owner_and_week"] == [{"owner": "North", "week": "2026-02-09", "opened": 2}]
