"""`keepline health` and `keepline learn churn` as a person calls them."""

from pathlib import Path
from shutil import copyfile

import pytest

from config import documents
from tests.keepline.calling import Call

ACCOUNTS = "external_id,name,segment,signed_up_on\n" + "".join(
    f"{number},Company {number},smb,2024-01-01\n" for number in range(1, 7)
)
# Company 1 leaves in March 2025, 2 has given notice, 3 falls but goes on, 6 was only ever on trial.
LINES = """external_id,account_ref,product,amount,currency,interval_months,starts_on,ends_on,trial
S1,1,Core,500.00,USD,1,2024-01-01,2025-03-10,false
S2,2,Core,500.00,USD,1,2024-01-01,,false
S3,3,Core,900.00,USD,1,2024-01-01,2025-03-10,false
S4,3,Core,300.00,USD,1,2025-03-10,,false
S5,4,Core,700.00,USD,1,2024-01-01,,false
S6,5,Core,800.00,USD,1,2024-01-01,,false
S7,6,Core,100.00,USD,1,2024-01-01,,true
"""
CONTRACTS = """external_id,account_ref,starts_on,renews_on,notice_on,ends_on,arr,currency
C2,2,2024-01-01,2026-01-01,2025-02-01,2026-01-01,6000.00,USD
"""
TICKETS = "external_id,account_ref,subject,status,priority,created_at,resolved_at,escalated\n" + "".join(
    f"T{number},4,Export fails,open,urgent,2025-05-{number:02}T09:00:00Z,,{'true' if number < 4 else 'false'}\n"
    for number in range(5, 29)
)
AS_OF = ("--as-of", "2025-06-01T00:00:00Z")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that outlives a test."""
    return tmp_path_factory.mktemp("health")


@pytest.fixture
def team(call: Call, tmp_path: Path, shelf: Path) -> Call:
    """Six customers, imported once."""
    kept, database = shelf / "keepline.db", tmp_path / "keepline.db"
    if not kept.exists():
        files = {"accounts": ACCOUNTS, "subscriptions": LINES, "contracts": CONTRACTS, "tickets": TICKETS}
        for name, text in files.items():
            (shelf / f"{name}.csv").write_text(text, encoding="utf-8")
        told = call("import", str(shelf))
        assert told.code == 0, told.err
        copyfile(database, kept)
    copyfile(kept, database)
    _ask_for(tmp_path, 0.3)
    return call


def _ask_for(folder: Path, least_known: float) -> None:
    (folder / "keepline-config").mkdir(exist_ok=True)
    text = (documents.DEFAULTS / "health.yaml").read_text(encoding="utf-8")
    assert "least_known: 0.5" in text
    text = text.replace("least_known: 0.5", f"least_known: {least_known}")
    (folder / "keepline-config" / "health.yaml").write_text(text, encoding="utf-8")


def test_the_least_healthy_comes_first_and_the_unknown_last_with_why(team: Call) -> None:
    told = team("health", *AS_OF, "--json").json
    accounts = [(row["account"], row["health"] is None) for row in told["accounts"]]
    assert accounts[0] == ("Company 4", False)
    assert {name for name, _ in accounts} == {"Company 2", "Company 3", "Company 4", "Company 5"}
    assert [unknown for _, unknown in accounts] == sorted(unknown for _, unknown in accounts)
    assert told["churn_risk_unknown_because"] == "nothing was learned yet: keepline learn churn"
    printed = team("health", *AS_OF).out
    assert "Churn risk: unknown, because nothing was learned yet" in printed
    assert "Health of 4 accounts" in printed


def test_one_account_opens_into_parts_scales_weights_and_what_is_unknown(team: Call) -> None:
    told = team("health", "Company 4", *AS_OF, "--json").json
    parts = {each["part"]: each for each in told["parts"]}
    assert parts["payment"]["points"] is None
    assert parts["payment"]["counts"] is None
    known = [each for each in told["parts"] if each["points"] is not None]
    assert sum(each["counts"] for each in known) == pytest.approx(1)
    assert told["health"] == pytest.approx(sum(each["counts"] * each["points"] for each in known), abs=0.01)
    out = team("health", "Company 4", *AS_OF).out
    assert "left out" in out
    assert "no charge of the account is on record yet" in " ".join(out.split())
    assert "Churn risk: unknown" in out


def test_an_account_that_is_too_little_known_has_no_health_and_says_how_little(team: Call, tmp_path: Path) -> None:
    _ask_for(tmp_path, 0.5)
    out = team("health", "Company 5", *AS_OF).out
    assert "Health unknown of 100 on 2025-06-01: only" in out
    assert "health.yaml asks for 50%" in out


def test_a_name_that_does_not_exist_is_told(team: Call) -> None:
    told = team("health", "Compny 4", *AS_OF)
    assert told.code == 1
    assert "Company 4" in told.err


def test_with_too_few_that_left_it_has_nothing_to_add_and_counts_whom_it_looked_at(team: Call) -> None:
    told = team("learn", "churn", *AS_OF, "--json").json
    assert told["abstains"] == "1 accounts left in the time looked at, 49 short of 50"
    assert (told["model"]["accounts"], told["model"]["churns"]) == (5, 1)
    # Looks every 30 days back from 90 days ago. The one who left was seen within its last 90 days by three of them.
    looks = told["model"]["looks"]
    assert told["model"]["base_ratio"] == pytest.approx(3 / told["model"]["cases"], rel=1e-6)
    # Whoever gave notice is not looked at from that day on: not on 1 February, and not on 3 March.
    assert told["model"]["cases"] == 5 * looks - 2
    assert "nothing to add to the scorecard" in team("learn", "churn", *AS_OF).out
    assert "1 accounts left" in team("health", *AS_OF).out


def test_versions_are_listed_beside_those_of_surveys_withdrawn_and_restored(team: Call) -> None:
    version = team("learn", "churn", "--json", *AS_OF).json["version"]
    assert "is on record already" in team("learn", "churn", *AS_OF).out
    [listed] = team("learn", "--list", "--json", *AS_OF).json
    assert (listed["predicts"], listed["churns"], listed["model_hash"]) == ("churn", 1, version)
    assert team("learn", "--withdraw", version[:8], "--json", *AS_OF).json["withdrawn"] == version
    assert "withdrawn" in team("learn", "--list", *AS_OF).out
    assert team("learn", "--restore", version[:8], "--json").json == {"restored": version}


def test_a_dry_run_keeps_nothing(team: Call) -> None:
    assert team("learn", "churn", "--dry-run", "--json", *AS_OF).json["kept"] is False
    assert team("learn", "--list", "--json", *AS_OF).json == []
