"""`keepline playbooks` as a support lead calls it: from a rule that is tried to one that counts, and back."""

import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from tests.keepline.calling import Call, begin

PLAYBOOKS = """# Ours.
playbooks:
  - id: check-in
    name: Whoever pays
    # Everybody who pays more than this.
    when: {signal: acv, op: ">=", value: 20000 USD}
    steps:
      - {do: health check, owner: csm, within: 24h elapsed}
  - id: plain
    name: Very busy
    when: {signal: tickets_7d, op: ">=", value: 99}
    steps:
      - {do: call, owner: csm, within: 24h elapsed}
"""
ACCOUNTS = "external_id,name\n" + "".join(f"A-{number},Harbour {number:02}\n" for number in range(1, 6))
CONTRACTS = "external_id,account_ref,arr,currency,starts_on,renews_on\n" + "".join(
    f"C-{number},A-{number},{number * 10_000},USD,2025-02-01,2027-06-15\n" for number in range(1, 6)
)
TICKETS = "external_id,account_ref,subject,status,priority,created_at\nT-1,A-2,Down,open,low,2026-09-01T11:00:00Z\n"
BEGUN, LATER, LAST = "2026-09-07T06:00:00Z", "2026-09-14T06:00:00Z", "2026-09-21T06:00:00Z"
WHY = ("--because", "a try", "--by", "Ana")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five customers of 10,000 to 50,000 a year after one run; four of them are checked in with."""
    folder = tmp_path_factory.mktemp("begun")
    (folder / "exports").mkdir()
    for name, text in (("accounts", ACCOUNTS), ("contracts", CONTRACTS), ("tickets", TICKETS)):
        (folder / "exports" / f"{name}.csv").write_text(text, encoding="utf-8")
    config = folder / "keepline-config"
    config.mkdir()
    (config / "playbooks.yaml").write_text(PLAYBOOKS, encoding="utf-8")
    begin(folder, BEGUN)
    return folder


@pytest.fixture
def company(call: Call, begun: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    at(monkeypatch, BEGUN)
    return call


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keepline-config" / "playbooks.yaml"


def at(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """Let the clock stand at a moment."""
    for place in ("keepline.commands.run", "keepline.bootstrap"):
        monkeypatch.setattr(f"{place}.current_moment", lambda: datetime.fromisoformat(moment))


def change(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def test_the_list_says_what_counts_since_when_and_how_often_it_fired(company: Call) -> None:
    told = company("playbooks", "list")
    assert told.code == 0
    for said in ("check-in", "active", "2026-09-07", "playbooks.yaml", "ACV at least USD 20,000"):
        assert said in told.out
    first, second = company("playbooks", "list", "--json").json
    assert (first["id"], first["state"], first["in_file"]) == ("check-in", "active", "same")
    assert first["fired_30d"] == {"decisions": 4, "accounts": 4, "opened": 4}
    assert second["fired_30d"]["decisions"] == 0
    assert company("playbooks").out == told.out


def test_one_playbook_opens_into_english_and_yaml(company: Call) -> None:
    told = company("playbooks", "show", "check-in")
    for said in (
        "For each account: ACV at least USD 20,000.", "1. health check, by csm within 24h elapsed.", "new in the file",
        "  - id: check-in", "when: {signal: acv, op: '>=', value: 20000 USD}", "fired 4 times",
    ):  # fmt: skip
        assert said in told.out
    missed = company("playbooks", "show", "chek-in")
    assert missed.code == 1
    assert "did you mean 'check-in'?" in missed.err


def test_the_yaml_that_is_shown_is_the_playbook(company: Call, file: Path) -> None:
    shown = company("playbooks", "show", "check-in").out.partition("\n\n")[2]
    file.write_text(f"playbooks:\n\n{shown}", encoding="utf-8")
    checked = company("playbooks", "check", "--json").json
    assert [(each["playbook"], each["kind"]) for each in checked["would"]] == [("check-in", "same"), ("plain", "gone")]


def test_check_tells_every_mistake_with_its_place_and_ends_with_one(company: Call, file: Path) -> None:
    change(file, "signal: acv, op", "signal: acw, op")
    change(file, "owner: csm, within: 24h elapsed}\n  - id: plain", "owner: csm, within: soon}\n  - id: plain")
    told = company("playbooks", "check")
    assert told.code == 1
    assert "2 mistakes" in told.out
    assert "playbooks.yaml:6" in told.out
    assert "did you mean" in told.out
    found = company("playbooks", "check", str(file), "--json")
    assert found.code == 1
    assert [each["line"] for each in found.json["mistakes"]] == [6, 8]


def test_check_knows_what_only_this_installation_can(company: Call, file: Path) -> None:
    change(file, "20000 USD", "20000 EUR")
    told = company("playbooks", "check")
    assert told.code == 1
    assert "write the amount in USD" in told.out


def test_check_knows_the_currency_and_the_fields_that_are_configured(company: Call, file: Path) -> None:
    (file.parent / "retention.yaml").write_text("ledger: {reporting_currency: USD}\n", encoding="utf-8")
    change(file, "20000 USD", "20000 EUR")
    change(file, "signal: tickets_7d", "signal: number_field_seats")
    for checked in (company("playbooks", "check", "--json"), company("playbooks", "check", str(file), "--json")):
        assert checked.code == 1
        amount, unknown = checked.json["mistakes"]
        assert (amount["line"], unknown["line"]) == (6, 11)
        assert "USD" in amount["remedy"]
        assert "{name: seats, kind: number}" in unknown["remedy"]


def test_check_says_what_would_change(company: Call, file: Path) -> None:
    assert "It says what counts now." in company("playbooks", "check").out
    change(file, "20000 USD", "30000 USD")
    told = company("playbooks", "check")
    assert told.code == 0
    assert "check-in: would count otherwise" in told.out
    assert "when.value: 20000 USD → 30000 USD" in told.out


def test_a_changed_rule_is_tried_in_shadow_compared_and_taken(
    company: Call, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(file, "20000 USD", "40000 USD")
    told = company("playbooks", "shadow", "check-in", *WHY)
    assert "decides in shadow now, by Ana: a try" in told.out
    at(monkeypatch, LATER)
    run = company("run", "--no-sync")
    assert "1 version of playbooks made 2 decisions and opened nothing" in run.out
    both, active, shadow = company("playbooks", "compare", "check-in", "--json").json["sides"]
    assert (both["decisions"], both["arr"], active["decisions"], active["arr"]) == (2, "90000.00", 2, "50000.00")
    assert (shadow["decisions"], shadow["examples"]) == (0, [])
    shown = company("playbooks", "compare", "check-in")
    for said in ("when.value: 20000 USD → 40000 USD", "active alone", "USD 50,000", "Harbour 02"):
        assert said in shown.out
    assert "in shadow" in company("playbooks", "list").out
    taken = company("playbooks", "activate", "check-in", *WHY)
    assert "is active now" in taken.out
    assert "Undo: keepline playbooks shadow check-in --version" in taken.out
    at(monkeypatch, LAST)
    assert company("run", "--no-sync", "--json").json["decisions"] == 2


def test_a_run_of_an_earlier_day_goes_by_what_counted_then(
    company: Call, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(file, "20000 USD", "40000 USD")
    at(monkeypatch, LATER)
    assert company("run", "--no-sync", "--json").json["decisions"] == 2
    assert company("run", "--no-sync", "--as-of", BEGUN, "--json").json["decisions"] == 4
    [first, _] = company("playbooks", "list", "--as-of", BEGUN, "--json").json
    assert "USD 20,000" in first["when"]


def test_a_version_is_rolled_back_and_every_act_is_on_record(company: Call, file: Path) -> None:
    change(file, "20000 USD", "40000 USD")
    told = company("playbooks", "activate", "check-in", *WHY, "--json").json
    [act] = told
    assert act["undo"].startswith("keepline playbooks activate check-in --version ")
    back = company("playbooks", "rollback", "check-in", "--because", "too few", "--by", "Ben")
    assert "is active now, by Ben: too few" in back.out
    history = company("playbooks", "history", "check-in")
    for said in ("new in the file", "a try", "too few", "Ana", "Ben"):
        assert said in history.out
    story = company("playbooks", "history", "check-in", "--json").json
    assert (len(story["versions"]), len(story["acts"])) == (2, 3)
    again = company("playbooks", "rollback", "check-in", "--to", act["rule_hash"][:6], *WHY)
    assert act["rule_hash"][:8] in again.out


def test_two_versions_differ_word_by_word_and_as_sentences(company: Call, file: Path) -> None:
    change(file, "20000 USD", "40000 USD")
    told = company("playbooks", "diff", "check-in")
    assert "USD [-20,000.-] {+40,000.+}" in told.out
    [one] = company("playbooks", "diff", "check-in", "--json").json["changes"]
    assert one == {"place": "when.value", "before": "20000 USD", "after": "40000 USD"}
    alone = company("playbooks", "diff", "plain")
    assert alone.code == 1
    assert "one version only" in alone.err


def test_a_playbook_is_paused_resumed_and_retired(company: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "keepline playbooks resume check-in" in company("playbooks", "pause", "check-in", *WHY).out
    at(monkeypatch, LATER)
    assert company("run", "--no-sync", "--json").json["decisions"] == 0
    assert company("playbooks", "list", "--json").json[0]["state"] == "paused"
    assert company("playbooks", "pause", "check-in", *WHY).code == 1
    assert "is active now" in company("playbooks", "resume", "check-in", *WHY).out
    assert company("playbooks", "resume", "check-in", *WHY).code == 1
    assert "is retired" in company("playbooks", "retire", "check-in", *WHY).out
    assert [each["id"] for each in company("playbooks", "list", "--json").json] == ["plain"]
    assert len(company("playbooks", "list", "--all", "--json").json) == 2
    assert company("playbooks", "show", "check-in", "--json").json["state"] == "retired"


def test_nothing_is_done_without_a_reason(company: Call) -> None:
    told = company("playbooks", "pause", "check-in")
    assert told.code == 1
    assert "--because" in told.err
    assert company("playbooks", "list", "--json").json[0]["state"] == "active"


def test_a_file_of_its_own_is_tried_and_taken_whole(company: Call, tmp_path: Path) -> None:
    draft = tmp_path / "draft.yaml"
    draft.write_text(PLAYBOOKS.replace("20000 USD", "50000 USD").replace("plain", "other"), encoding="utf-8")
    assert "other: new" in company("playbooks", "check", str(draft)).out
    acts = company("playbooks", "activate", str(draft), *WHY, "--json").json
    assert [(each["playbook"], each["act"]) for each in acts] == [("check-in", "activate"), ("other", "activate")]
    views = {each["id"]: each for each in company("playbooks", "list", "--json").json}
    assert views["check-in"]["in_file"] == "another version"
    assert views["other"]["in_file"] == "not in the file"
    assert company("playbooks", "activate", str(draft), *WHY).code == 1


def test_what_was_never_in_shadow_is_not_compared(company: Call) -> None:
    told = company("playbooks", "compare", "check-in")
    assert told.code == 1
    assert "keepline playbooks shadow check-in --because WHY begins it" in told.err


def test_the_schema_is_printed_and_an_editor_is_told_of_it(company: Call, tmp_path: Path) -> None:
    assert company("playbooks", "schema").json["title"] == "Keepline playbooks"
    place = tmp_path / "schema.json"
    told = company("playbooks", "schema", "--write", str(place))
    assert f"# yaml-language-server: $schema={place}" in told.out
    assert json.loads(place.read_text(encoding="utf-8"))["title"] == "Keepline playbooks"


BACKLOG = "ACV at least USD 30,000 and (tickets in 7 days at least 3 or sentiment at most -20)"
NEW = ("--name", "Backlog, large accounts", "--do", "clear the backlog")


def test_a_playbook_is_written_from_a_sentence_and_tried_first(
    company: Call, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = company("playbooks", "new", "--when", BACKLOG, *NEW, "--by", "Ana")
    assert told.code == 0
    for said in (
        "backlog-large-accounts",
        "playbooks.yaml:15",
        "keepline replay keepline-config/playbooks.yaml --playbook",
        "It decides in shadow",
    ):
        assert said in told.out
    text = file.read_text(encoding="utf-8")
    assert text.startswith(PLAYBOOKS)
    assert "    # ACV at least USD 30,000 and (tickets in 7 days at least 3 or sentiment at most −20)" in text
    views = {each["id"]: each for each in company("playbooks", "list", "--json").json}
    assert (views["backlog-large-accounts"]["state"], views["check-in"]["state"]) == ("shadow", "active")
    at(monkeypatch, LATER)
    assert company("run", "--no-sync", "--json").json["in_shadow"] == 1
    assert "is active now" in company("playbooks", "activate", "backlog-large-accounts", *WHY).out


def test_a_playbook_may_be_written_to_act_from_the_next_run_on(company: Call) -> None:
    told = company("playbooks", "new", "--when", BACKLOG, *NEW, "--id", "backlog", "--no-shadow", "--json").json
    assert (told["id"], told["shadow"]) == ("backlog", False)
    assert {each["id"]: each["state"] for each in company("playbooks", "list", "--json").json}["backlog"] == "new"


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        (("--when", "tickets in 7 dayz at least 5", *NEW), "did you mean 'tickets in 7 days'?"),
        (("--when", BACKLOG), "say --name, --do too"),
        (("--when", BACKLOG, *NEW, "--priority", "urgnt"), "did you mean 'urgent'?"),
        (("--when", BACKLOG, *NEW, "--within", "24h"), "write '24h business' or '24h elapsed'"),
        (("--when", BACKLOG, *NEW, "--id", "plain"), "there is a playbook plain already"),
    ],
)
def test_what_cannot_be_written_is_refused_and_the_file_stays(
    company: Call, file: Path, said: tuple[str, ...], remedy: str
) -> None:
    told = company("playbooks", "new", *said)
    assert told.code == 1
    assert remedy in told.err
    assert file.read_text(encoding="utf-8") == PLAYBOOKS
    assert [each.name for each in file.parent.iterdir()] == ["playbooks.yaml"]


def test_without_a_file_of_one_s_own_the_shipped_one_is_the_beginning(company: Call, file: Path) -> None:
    file.unlink()
    assert company("playbooks", "new", "--when", BACKLOG, *NEW).code == 0
    text = file.read_text(encoding="utf-8")
    assert "- id: volume-spike" in text
    assert "- id: backlog-large-accounts" in text
