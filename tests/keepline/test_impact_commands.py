"""What a leader reads of support's part in revenue, opens, confirms and rejects."""

import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from jobs.run import run
from keepline.bootstrap import CLOCK_NOTE, DEMO_NOTE, configured
from storage.store import Store
from tests.jobs.conftest import CLOCK, WEEK, load, silent
from tests.keepline.calling import Call
from tests.keepline.conftest import Demo


@pytest.fixture(scope="session")
def small_company(tmp_path_factory: pytest.TempPathFactory, small_demo: Demo) -> Path:
    """The small demo company after a catch-up of half a year."""
    path = tmp_path_factory.mktemp("impact") / "keepline.db"
    store = Store(f"sqlite:///{path}")
    exports = tmp_path_factory.mktemp("exports")
    for file in small_demo.folder.iterdir():
        if file.name != "truth.json":
            shutil.copy(file, exports)
    load(store, exports)
    store.set_note(DEMO_NOTE, "7")
    store.set_note(CLOCK_NOTE, CLOCK.isoformat())
    run(store, configured().rulebook, CLOCK, silent, since=CLOCK - 26 * WEEK)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


@pytest.fixture
def database(small_company: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(small_company, tmp_path / 'company.db')}"


def test_the_three_labels_stand_apart_each_with_what_it_means(call: Call, database: str) -> None:
    out = call("--database", database, "impact").out
    for label in ("touched", "influenced", "unattributed", "saved"):
        assert f"\n{label} " in out
    assert "no cause is claimed" in out
    assert "Credit under every model" in out


def test_without_enough_evidence_there_is_no_figure_but_a_reason_and_what_would_help(call: Call, database: str) -> None:
    report = json.loads(call("--database", database, "impact", "--json").out)
    told = report["incremental"]
    assert told["verdict"] == "not enough evidence"
    assert {told[name] for name in ("amount", "low", "high", "points", "points_low", "points_high")} == {None}
    assert told["withheld"]
    out = call("--database", database, "impact").out
    assert "no figure" in out
    assert "Saved (incremental): " in out


def test_a_period_is_asked_for_by_its_name(call: Call, database: str) -> None:
    report = json.loads(call("--database", database, "impact", "--period", "2026-Q1", "--json").out)
    assert (report["since"], report["until"]) == ("2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z")
    assert "Outcomes from 2026-01-01 to 2026-03-31" in call("--database", database, "impact", "--period", "quarter").out
    assert "write month, quarter, year" in call("--database", database, "impact", "--period", "soon").err
    both = call("--database", database, "impact", "--period", "2026", "--since", "2026-01-01")
    assert "give one of them" in both.err
    assert both.code == 1


def test_since_counts_its_own_day(call: Call, database: str) -> None:
    report = json.loads(call("--database", database, "impact", "--since", "2026-01-01", "--json").out)
    assert report["since"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize("label", ["touched", "attributed", "lost"])
def test_a_label_opens_into_touches_and_tickets(call: Call, database: str, label: str) -> None:
    found = json.loads(call("--database", database, "impact", "--explain", label, "--json").out)
    assert found
    assert {"outcome", "touches", "unattributed", "tickets"} == set(found[0])
    assert "touch_id" in found[0]["touches"][0]
    assert found[0]["outcome"]["account"] in call("--database", database, "impact", "--explain", label).out


def test_the_incremental_label_opens_into_every_account_at_risk(call: Call, database: str) -> None:
    found = json.loads(call("--database", database, "impact", "--evidence", "incremental", "--json").out)
    episodes, evidence = found["episodes"], found["incremental"]["evidence"]
    assert len(episodes) == evidence["sizes"]["episodes"]
    left_out = [each["excluded"] for each in episodes if each["excluded"]]
    assert len(left_out) == sum(evidence["sizes"]["excluded"].values())
    out = call("--database", database, "impact", "--explain", "incremental").out
    for title in ("Saved (incremental): ", "\nEpisodes at risk", "\nEpisodes, the newest last"):
        assert title in out


def test_an_unknown_label_is_refused_with_the_known_ones(call: Call, database: str) -> None:
    assert "touched, attributed, lost, incremental" in call("--database", database, "impact", "--explain", "x").err


def test_a_person_rejects_a_save_and_every_report_shows_it(call: Call, database: str) -> None:
    listed = json.loads(call("--database", database, "saves", "--json").out)
    save = listed["saves"][0]
    said = call(
        "--database", database, "saves", "--reject", save["outcome_id"], "--because", "renewed for its price",
        "--by", "Ada",
    )  # fmt: skip
    assert f"{save['account']}: rejected by Ada" in said.out
    after = json.loads(call("--database", database, "saves", "--json").out)["saved_touched"]
    claimed = Decimal(listed["saved_touched"]["claimed"])
    assert (Decimal(after["claimed"]), Decimal(after["rejected"])) == (claimed, Decimal(save["kept"]))
    assert Decimal(after["amount"]) == claimed - Decimal(save["kept"])
    out = call("--database", database, "impact").out
    assert "rejected by a person" in out
    assert "Rejected by a person: not counted as saved (touched)" in out
    assert f"--undo {save['outcome_id']}" in said.out
    call("--database", database, "saves", "--undo", save["outcome_id"], "--by", "Ada")
    again = json.loads(call("--database", database, "saves", "--json").out)["saved_touched"]
    assert again == listed["saved_touched"]


def test_a_rejection_needs_its_reason_and_one_answer_is_given_at_a_time(call: Call, database: str) -> None:
    assert "--because" in call("--database", database, "saves", "--reject", "o").err
    assert "one answer at a time" in call("--database", database, "saves", "--undo", "o", "--confirm", "o").err
    assert "keepline saves lists them" in call("--database", database, "saves", "--confirm", "o", "--by", "Ada").err


def test_what_support_costs_stands_beside_it_where_it_is_configured(call: Call, database: str, tmp_path: Path) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "retention.yaml").write_text("costs: {currency: USD, per_month: 42000}\n", encoding="utf-8")
    assert "cost of support" not in call("--database", database, "impact", "--period", "2026-Q1").out
    out = call("--database", database, "--config", str(folder), "impact", "--period", "2026-Q1").out
    assert "126,000.00" in out
    assert "USD 42,000 a month for 3.0 months" in out


def test_an_empty_company_is_told_what_to_do(call: Call) -> None:
    assert "keepline run --since DATE" in call("impact").out
    assert "Nothing was flagged" in call("saves").out
    opened = call("impact", "--explain", "incremental")
    assert opened.code == 0
    assert "No account at risk" in opened.out


def test_the_demo_claims_nothing_that_its_truth_denies(call: Call, database: str, small_demo: Demo) -> None:
    """Either the evidence carries no figure, or its interval holds what help truly saved."""
    told = json.loads(call("--database", database, "impact", "--json").out)["incremental"]
    truly = small_demo.truth.incremental.expected_usd
    if told["amount"] is None:
        assert told["verdict"] == "not enough evidence"
    else:
        assert Decimal(told["low"]) <= truly <= Decimal(told["high"])


def test_the_digest_says_what_was_rejected_and_how_sure_a_saving_is(call: Call, database: str) -> None:
    content = json.loads(call("--database", database, "digest", "--json").out)
    told = content["saved"]["incremental"]
    assert told["shown"] == "no figure"
    assert told["command"] == "keepline impact --explain incremental"
    assert {"rejected", "confirmed"} <= set(content["saved"]["week"])
    assert "Incremental" in call("--database", database, "digest").out
