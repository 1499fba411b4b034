"""The commands as a person calls them: what they print, what they refuse, and with which exit code."""

from pathlib import Path

import pytest

from retention.attribution import MODELS
from tests.keepline.calling import Call

ACCOUNTS = "Customer no,Company,Segment\n1,Blue Harbour,enterprise\n2,Nordwind,smb\n3,Acme,smb\n"
CONTRACTS = """Contract,Customer,Annual value,Currency,Start,Renewal date,Cancelled on
K1,1,240000,USD,2025-02-01,2027-01-15,
K2,2,6000,USD,2025-03-01,2026-03-01,2026-03-01
K3,3,4800,USD,2025-05-01,2027-05-01,
"""
TICKETS = "Ticket,Customer,Subject,Status,Opened,Closed\n" + "".join(
    f"{number},1,Export fails,open,2026-11-{day:02}T09:00:00Z,\n" for number, day in enumerate(range(12, 20), start=1)
)
AS_OF = ("--as-of", "2026-11-20")


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """Three files as a newcomer has them."""
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, text in {"customers": ACCOUNTS, "contracts": CONTRACTS, "tickets": TICKETS}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def company(call: Call, exports: Path) -> Call:
    """The newcomer's three files, mapped, imported and run."""
    assert call("map", "exports", "--write", "exports/keepline-map.yaml").code == 0
    assert call("import", "exports").code == 0
    assert call("run", *AS_OF).code == 0
    return call


def test_three_files_of_one_s_own_lead_to_a_digest(company: Call) -> None:
    told = company("digest", *AS_OF)
    assert told.code == 0
    assert "Week 2026-W46" in told.out
    assert "Blue Harbour" in told.out


def test_the_queue_names_account_money_reason_and_steps(company: Call) -> None:
    entries = company("queue", "--json", *AS_OF).json
    spike = next(entry for entry in entries if entry["playbook"] == "renewal-rescue")
    assert (spike["account"], spike["arr"], spike["renews_on"], spike["state"]) == (
        "Blue Harbour",
        "240000.00",
        "2027-01-15",
        "open",
    )
    assert "8 tickets about “export fails” in 30 days" in spike["because"]
    assert [step["do"] for step in spike["steps"]][:1] == ["internal review"]
    assert {"account", "playbook", "because", "opened_at", "due_at", "arr", "renews_on", "state", "steps"} <= set(spike)


def test_retention_prints_the_rows_of_the_ledger(company: Call) -> None:
    rows = {row["period"]: row for row in company("retention", "--json", "--period", "quarter", *AS_OF).json}
    first = rows["2026-Q1"]
    assert (first["opening"], first["churn"], first["closing"]) == ("20900.00", "500.00", "20400.00")
    assert first["grr"] == pytest.approx(20400 / 20900)
    fields = (
        "period opening new expansion upsell cross_sell contraction churn reactivation fx closing grr nrr logo_churn"
    )
    fields += " revenue_churn grr_t3m nrr_t3m accounts_open accounts_closed"
    assert set(fields.split()) <= set(first)


def test_retention_opens_a_window_into_its_accounts(company: Call) -> None:
    rows = company("retention", "--json", "--period", "quarter", "--explain", "2026-Q1", *AS_OF).json
    assert {row["name"]: row["category"] for row in rows} == {
        "Blue Harbour": "unchanged",
        "Nordwind": "churn",
        "Acme": "unchanged",
    }


def test_a_cut_names_its_slices(company: Call) -> None:
    rows = company("retention", "--json", "--by", "segment", *AS_OF).json
    assert {row["slice"] for row in rows} == {"enterprise", "smb"}


def test_an_account_is_found_by_a_part_of_its_name(company: Call) -> None:
    told = company("account", "harbour", *AS_OF)
    assert told.code == 0
    assert "USD 240,000" in told.out
    view = company("account", "1", "--json", *AS_OF).json
    assert view["signals"]["acv"] == "240000.00"
    assert len(view["tickets"]) == 8


def test_an_unknown_account_is_answered_with_near_ones(company: Call) -> None:
    told = company("account", "Nordwint")
    assert (told.code, told.out) == (1, "")
    assert "did you mean Nordwind?" in told.err


def test_impact_keeps_the_three_labels_apart(company: Call) -> None:
    report = company("impact", "--json", "--model", "linear", *AS_OF).json
    assert report["incremental"]["amount"] is None
    assert report["lost"]["amount"] == "6000.00"
    assert {"touched", "attributed", "incremental", "lost"} <= set(report)


@pytest.mark.parametrize("model", MODELS)
def test_impact_credits_by_every_model_in_print_and_as_data(company: Call, model: str) -> None:
    report = company("impact", "--json", "--model", model, *AS_OF).json
    assert report["model"] == model
    told = company("impact", "--model", model, *AS_OF)
    assert told.code == 0
    assert ("All together" in told.out) == (model == "markov" and bool(report["attributed"]["by_kind"]))


def test_an_unknown_model_is_answered_with_the_known_ones(company: Call) -> None:
    told = company("impact", "--model", "liner")
    assert told.code == 1
    assert "did you mean linear?" in told.err


@pytest.mark.parametrize("form", ["text", "html", "json"])
def test_the_digest_has_three_forms(company: Call, form: str, tmp_path: Path) -> None:
    assert company("digest", "--format", form, "--output", "digest.out", *AS_OF).code == 0
    written = (tmp_path / "digest.out").read_text(encoding="utf-8")
    assert written.startswith({"text": "Your company", "html": "<!", "json": "{"}[form])


def test_tables_say_what_json_says(company: Call) -> None:
    for command in ("queue", "reconcile", "doctor", "impact", "retention"):
        assert company(command).out
        assert company(command, "--json").json is not None


def test_an_empty_database_says_what_to_do(call: Call) -> None:
    assert "keepline run" in call("queue").out
    assert "import" in call("retention").out
    told = call("doctor")
    assert told.code == 1
    assert "keepline import FOLDER" in told.out
    assert call("digest").code == 0


def test_init_writes_the_commented_configuration_once(call: Call, tmp_path: Path) -> None:
    assert set(call("init", "--json").json["written"]) >= {"playbooks.yaml", "signals.yaml", "retention.yaml"}
    mine = tmp_path / "keepline-config" / "digest.yaml"
    mine.write_text("rows_per_list: 3\n", encoding="utf-8")
    assert call("init", "--json").json["written"] == []
    assert mine.read_text(encoding="utf-8") == "rows_per_list: 3\n"
    assert call("doctor", "--json").json[2]["well"]


def test_a_mistake_in_the_configuration_names_its_line(call: Call, tmp_path: Path) -> None:
    call("init")
    playbooks = tmp_path / "keepline-config" / "playbooks.yaml"
    text = playbooks.read_text(encoding="utf-8")
    playbooks.write_text(text.replace("signal: tickets_7d", "signal: tickets_7days", 1), encoding="utf-8")
    line = next(
        n for n, row in enumerate(playbooks.read_text(encoding="utf-8").splitlines(), 1) if "tickets_7days" in row
    )
    told = call("run")
    assert told.code == 1
    assert f"playbooks.yaml:{line}:" in told.err
    assert "tickets_7d" in told.err.replace("tickets_7days", "")


@pytest.mark.parametrize("moment", ["yesterday", "2026-13-01", "30.06.2026"])
def test_a_date_that_is_none_is_refused(call: Call, moment: str) -> None:
    told = call("run", "--as-of", moment)
    assert told.code == 2
    assert "2026-06-30" in told.err


def test_a_database_that_cannot_be_opened_is_one_line(call: Call) -> None:
    told = call("--database", "sqlite:////nowhere/at/all/keepline.db", "queue")
    assert told.code == 1
    assert "Traceback" not in told.err


def test_a_folder_that_is_not_there_is_one_line(call: Call) -> None:
    told = call("import", "nowhere")
    assert told.code == 1
    assert "no such file or folder" in told.err


def test_unknown_columns_lead_to_the_map_command(call: Call, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text("foo,bar\n1,2\n", encoding="utf-8")
    told = call("import", "odd.csv")
    assert told.code == 1
    assert "keepline map" in told.out + told.err


def test_the_demo_never_goes_into_a_database_with_other_facts(call: Call, exports: Path, tmp_path: Path) -> None:
    folder = tmp_path / "keepline-demo"
    folder.mkdir()
    call("map", "exports", "--write", "exports/keepline-map.yaml")
    call("--database", f"sqlite:///{folder / 'keepline.db'}", "import", str(exports))
    told = call("demo")
    assert told.code == 1
    assert "no demo" in told.err
