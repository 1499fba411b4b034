"""`keepline holdout` as a person calls it: before, while and after accounts are held out, and what it refuses."""

import shutil
from pathlib import Path

import pytest

from tests.keepline.calling import Call, begin

PLAYBOOKS = """playbooks:
  - id: check-in
    name: Whoever pays
    when: {signal: acv, op: is_known}
    steps:
      - {do: health check, owner: csm, within: 24h elapsed}
    holdout: {share: 50 %, max_arr: 20000 USD, effect_hoped: 20 %, until: 2026-12-31, horizon: 30d}
  - id: plain
    name: Nobody is held out here
    when: {signal: tickets_7d, op: ">=", value: 99}
    steps:
      - {do: health check, owner: csm, within: 24h elapsed}
"""
ACCOUNTS = "external_id,name\n" + "".join(f"A-{number},Harbour {number:02}\n" for number in range(1, 25))
CONTRACTS = "external_id,account_ref,arr,currency,starts_on,renews_on\n" + "".join(
    f"C-{number},A-{number},{90_000 if number == 1 else 9_000},USD,2025-02-01,2027-06-15\n" for number in range(1, 25)
)
TICKETS = (
    "external_id,account_ref,subject,status,priority,created_at\nT-1,A-2,All is down,open,urgent,2026-09-01T11:00:00Z\n"
)
BEGUN, LATER = "2026-09-07T06:00:00Z", "2026-10-20T06:00:00Z"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 customers, one of them large and one with an urgent ticket, after one run."""
    folder = tmp_path_factory.mktemp("begun")
    (folder / "exports").mkdir()
    for name, text in (("accounts", ACCOUNTS), ("contracts", CONTRACTS), ("tickets", TICKETS)):
        (folder / "exports" / f"{name}.csv").write_text(text, encoding="utf-8")
    config = folder / "keepline-config"
    config.mkdir()
    (config / "playbooks.yaml").write_text(PLAYBOOKS, encoding="utf-8")
    # Every day has room: what is held back draws nobody.
    (config / "team.yaml").write_text("budgets: {}\n", encoding="utf-8")
    begin(folder, BEGUN)
    return folder


@pytest.fixture
def company(call: Call, begun: Path, tmp_path: Path) -> Call:
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    return call


def test_without_any_plan_it_says_how_to_begin(call: Call) -> None:
    told = call("holdout")
    assert told.code == 0
    assert "keepline holdout --power PLAYBOOK" in told.out
    assert call("holdout", "--json").json == []


def test_the_list_has_both_arms_and_says_that_it_is_too_early(company: Call) -> None:
    told = company("holdout", "--as-of", BEGUN)
    assert told.code == 0
    for said in ("check-in", "drawing", "50 %", "20000 USD", "not enough evidence", "keepline holdout --plan PLAN"):
        assert said in told.out
    [plan] = company("holdout", "--json", "--as-of", BEGUN).json
    result = plan["result"]
    assert result["treat"]["drawn"] + result["holdout"]["drawn"] == 22
    assert plan["not_drawn"] == {
        "ARR above the limit": 1,
        "urgent ticket, escalation asked for, helped already, or let through by a person": 1,
    }
    assert result["in_words"].startswith("Too early")


def test_a_plan_opens_with_what_was_registered_and_who_is_held_out(company: Call) -> None:
    [plan] = company("holdout", "--json", "--as-of", BEGUN).json
    told = company("holdout", "--plan", plan["plan"][:6], "--as-of", BEGUN)
    for said in (
        "Plan " + plan["plan"],
        "power then",
        "never",
        "The arms, as assigned",
        "Not drawn",
        "Held out",
        "drawn at ACV",
    ):
        assert said in told.out
    opened = company("holdout", "--plan", plan["plan"], "--json", "--as-of", BEGUN).json
    assert {each["arm"] for each in opened["accounts"]} == {"holdout", "treat"}
    assert company("holdout", "--plan", "zz").code == 1


def test_outcomes_are_told_when_the_horizon_is_over(company: Call) -> None:
    [plan] = company("holdout", "--json", "--as-of", LATER).json
    result = plan["result"]
    assert result["holdout"]["over"] == result["holdout"]["drawn"] > 0
    assert result["difference"]["estimate"] == 0
    assert result["difference"]["low"] < 0 < result["difference"]["high"]
    assert "no effect at all would fit too" in result["in_words"]


def test_queue_and_account_say_who_is_held_out(company: Call) -> None:
    [plan] = company("holdout", "--json", "--as-of", BEGUN).json
    opened = company("holdout", "--plan", plan["plan"], "--json", "--as-of", BEGUN).json
    held = next(each["account_ref"] for each in opened["accounts"] if each["arm"] == "holdout")
    count = plan["result"]["holdout"]["drawn"]
    queue = company("queue", "--as-of", BEGUN)
    assert f"{count} accounts are held out by lot" in queue.out
    told = company("account", held, "--as-of", BEGUN)
    assert "is held out by lot from 2026-09-07 to 2026-10-07" in told.out
    assert company("account", held, "--json", "--as-of", BEGUN).json["holdouts"][0]["arm"] == "holdout"


def test_a_person_lets_help_through(company: Call) -> None:
    [plan] = company("holdout", "--json", "--as-of", BEGUN).json
    opened = company("holdout", "--plan", plan["plan"], "--json", "--as-of", BEGUN).json
    held = next(each["account_ref"] for each in opened["accounts"] if each["arm"] == "holdout")
    refused = company("holdout", "--release", held)
    assert refused.code == 1
    assert "--because" in refused.err
    told = company("holdout", "--release", held, "--because", "an executive asked", "--by", "Ana")
    assert "let through from now on, analysed as drawn" in told.out
    again = company("holdout", "--release", held, "--because", "twice", "--by", "Ben", "--json").json
    assert again["plans"] == [f"plan {plan['plan'][:8]} of check-in: let through before, by Ana"]
    assert "keep out" not in company("holdout", "--release", "nobody", "--because", "x").out
    assert company("holdout", "--release", held, "--because", "x", "--by", "rule: me").code == 1


def test_who_was_not_drawn_yet_is_kept_out_for_good(company: Call) -> None:
    told = company("holdout", "--release", "Harbour 01", "--because", "a strategic account", "--by", "Ana")
    assert "kept out of the draw for good" in told.out


def test_the_power_is_told_before_anything_begins(company: Call) -> None:
    told = company("holdout", "--power", "plain", "--as-of", LATER)
    assert "plain has no holdout" in told.out
    assert "Unknown" in told.out
    known = company("holdout", "--power", "check-in", "--as-of", LATER)
    assert "check-in, as written: In the history" in known.out
    assert "Accounts needed" in known.out
    found = company("holdout", "--power", "check-in", "--json", "--as-of", LATER).json
    assert found["as_written"]["base_rate"] == 1
    assert len(found["choices"]) == 12
    missed = company("holdout", "--power", "chek-in")
    assert missed.code == 1
    assert "did you mean check-in?" in missed.err


def test_a_wrong_holdout_is_refused_with_its_line(company: Call, tmp_path: Path) -> None:
    path = tmp_path / "keepline-config" / "playbooks.yaml"
    path.write_text(PLAYBOOKS.replace("share: 50 %", "share: 80 %"), encoding="utf-8")
    told = company("holdout")
    assert told.code == 1
    assert "playbooks.yaml:7" in told.err
    assert "80 % cannot be held out; write more than 0 % and at most 50 %" in told.err
