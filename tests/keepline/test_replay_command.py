"""`keepline replay` as it is typed: on a newcomer's three files, and on a made-up company with planted trouble."""

import shutil
from pathlib import Path
from typing import Any

from tests.keepline.calling import Call
from tests.keepline.conftest import Demo
from tests.keepline.test_commands import AS_OF, company, exports

__all__ = ["company", "exports"]
WEEKS = ("--every", "week", "--from", "2026-10-01", *AS_OF)
RULES = """\
playbooks:
  - id: volume-spike
    name: Many tickets in a week
    when: {signal: tickets_7d, op: ">=", value: 2}
    steps: [{do: call, owner: csm, within: 24h elapsed}]
"""
TROUBLE = """\
playbooks:
  - id: usage-drop
    name: Half the usage lost within a week
    when:
      all:
        - {signal: usage_drop_7d, op: ">=", value: 0.5}
        - {signal: usage_prior_7d, op: ">=", value: 20}
        - {signal: active_days_prior_7d, op: ">=", value: 3}
    steps: [{do: call, owner: support_lead, within: 48h elapsed}]
  - id: spike
    name: Three times the usual tickets
    when:
      all:
        - {signal: tickets_7d, op: ">=", value: 3}
        - {signal: ticket_ratio_7d, op: ">=", value: 3}
    steps: [{do: call, owner: csm, within: 24h elapsed}]
"""


def test_what_counts_now_is_replayed(company: Call) -> None:
    told = company("replay", *WEEKS)
    assert told.code == 0
    for words in ("with no more than was known then", "alerts for csm", "Right within 90 days", "docs/replay.md"):
        assert words in " ".join(told.out.split())
    report = company("replay", *WEEKS, "--json").json
    assert report["openings"] == sum(each["openings"] for each in report["playbooks"]) > 0
    assert report["openings_at_start"] <= report["openings"]
    assert report["decisions"] == sum(each["decisions"] for each in report["playbooks"])


def test_a_file_of_one_s_own_is_compared_swept_and_drawn(company: Call, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(RULES, encoding="utf-8")
    asked = ("--diff", "live", "--sweep", "tickets_7d=1..3", "--picture", "sweep.svg")
    told = company("replay", "mine.yaml", *asked, *WEEKS, "--json").json
    assert told["rules"] == ["volume-spike"]
    assert told["compared"]["name"] == "the active rules"
    assert [(point["value"], point["is_current"]) for point in told["sweep"]["points"]] == [
        ("1", False), ("2", True), ("3", False),
    ]  # fmt: skip
    decisions = [point["decisions"] for point in told["sweep"]["points"]]
    assert decisions == sorted(decisions, reverse=True)
    assert decisions[1] == told["decisions"]
    assert "2 (now)" in (tmp_path / "sweep.svg").read_text(encoding="utf-8")
    shown = company("replay", "mine.yaml", "--playbook", "volume-spike", *asked, *WEEKS)
    assert "2 (now)" in shown.out
    assert "the active volume-spike" in shown.out


def test_what_cannot_be_replayed_is_refused_with_what_can(company: Call, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text('{"episodes": [{"kind": "spike"}]}', encoding="utf-8")
    for asked, answer in (
        (("--playbook", "volume-spik"), "did you mean 'volume-spike'"),
        (("--sweep", "tickets_7d"), "write SIGNAL=VALUE"),
        (("--sweep", "tickets_7d=1,2"), "Name the playbook with --playbook"),
        (("--playbook", "volume-spike", "--sweep", "tickets_7d=few"), "tickets_7d"),
        (("--picture", "sweep.svg"), "add --sweep"),
        (("--troubles", "list.json"), "no list of troubles"),
        (("--troubles", "none.json"), "name another file"),
        (("--from", "2026-11-20", "--to", "2026-11-19"), "give an earlier --from"),
    ):
        told = company("replay", "--every", "week", *asked, *AS_OF)
        assert told.code == 1, asked
        assert answer in told.err, asked


def test_planted_trouble_is_found_while_it_lasts_and_more_often_than_by_chance(
    call: Call, small_demo: Demo, tmp_path: Path
) -> None:
    (tmp_path / "rules.yaml").write_text(TROUBLE, encoding="utf-8")
    shutil.copytree(small_demo.folder, tmp_path / "made-up", ignore=shutil.ignore_patterns("truth.json"))
    assert call("import", "made-up").code == 0
    truth = str(small_demo.folder / "truth.json")
    as_of = ("--as-of", "2026-06-29")
    report = call("replay", "rules.yaml", "--every", "week", "--troubles", truth, *as_of, "--json").json
    found: dict[str, Any] = {each["kind"]: each for each in report["planted"]}
    share = found["all"]["found"]
    assert share["low"] > found["all"]["by_chance"]
    assert share["low"] <= share["ratio"] <= share["high"]
    assert share["of"] == sum(each["found"]["of"] for kind, each in found.items() if kind != "all")
    assert found["usage_drop"]["days_to_alert"]["median"] < 14
    assert (
        "Troubles that are known otherwise"
        in call("replay", "rules.yaml", "--every", "week", "--troubles", truth, *as_of).out
    )
