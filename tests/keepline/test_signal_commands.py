"""`keepline signals` as a person calls it: the catalogue, one signal, and the rows behind one account's value."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rules.signals import SIGNALS
from tests.keepline.calling import Call, begin

AT = datetime(2026, 9, 7, 6, tzinfo=UTC)
CONFIG = "custom_fields: [{name: plan_tier, kind: text}, {name: owner_score, kind: number}]\n"


def _day(age: float) -> str:
    return (AT - timedelta(days=age)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Harbour wrote three tickets and pays late; Meadow is silent."""
    folder = tmp_path_factory.mktemp("begun")
    exports, config = folder / "exports", folder / "keepline-config"
    exports.mkdir()
    config.mkdir()
    (config / "signals.yaml").write_text(CONFIG, encoding="utf-8")
    tables = {
        "accounts": ["external_id,name,signed_up_on", "A-1,Harbour,2024-01-01", "A-2,Meadow,2024-01-01"],
        "tickets": [
            "external_id,account_ref,subject,status,created_at",
            *(f"T-{number},A-1,Export {number},open,{_day(age)}" for number, age in enumerate((1, 3, 20))),
        ],
        "payments": [
            "external_id,account_ref,state,amount,currency,happened_at",
            f"I-1,A-1,failed,50.00,USD,{_day(12)}",
            f"I-1,A-1,overdue,50.00,USD,{_day(9.5)}",
            f"I-2,A-1,paid,50.00,USD,{_day(40)}",
        ],
        "account_fields": [
            "external_id,account_ref,name,value,recorded_at",
            f"F-1,A-1,Plan Tier,Gold,{_day(30)}",
            f"F-2,A-1,owner_score,7.5,{_day(30)}",
            f"F-2,A-1,owner_score,3,{_day(2)}",
        ],
    }
    for name, lines in tables.items():
        (exports / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    begin(folder, AT.isoformat())
    return folder


@pytest.fixture
def company(call: Call, begun: Path, tmp_path: Path) -> Call:
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    return call


def test_the_catalogue_has_every_signal_and_the_fields_of_one_s_own(company: Call) -> None:
    listed = company("signals", "--json").json
    of_accounts = [each["name"] for each in listed if each["about"] == "account"]
    assert of_accounts == [*SIGNALS, "text_field_plan_tier", "number_field_owner_score"]
    assert all(each["meaning"] and each["unknown_when"] and "{" not in each["meaning"] for each in listed)
    assert "ticket_surprise_7d" in company("signals").out


def test_one_signal_tells_how_it_lies_and_who_looks_at_it(company: Call) -> None:
    told = company("signals", "tickets_7d", "--as-of", AT.isoformat(), "--json").json
    assert (told["known"], told["unknown"], told["quartiles"]) == (2, 0, [0, 0, 0, 0, 2])
    assert told["facts"] == ["tickets"]
    assert told["playbooks"]
    assert "Playbooks that look at it" in company("signals", "tickets_7d", "--as-of", AT.isoformat()).out


def test_a_value_is_opened_into_the_tickets_behind_it(company: Call) -> None:
    told = company("signals", "tickets_7d", "--account", "Harbour", "--as-of", AT.isoformat(), "--json").json
    assert (told["value"], told["because"]) == (2, "2 tickets in 7 days")
    assert [row["external_id"] for row in told["rows"]["tickets"]] == ["T-0", "T-1"]
    assert [each["facts"] for each in told["sources"]] == ["tickets"]


def test_payments_from_a_file_say_what_is_overdue_and_keep_every_state(company: Call) -> None:
    told = company("signals", "overdue_days", "--account", "A-1", "--as-of", AT.isoformat(), "--json").json
    assert told["value"] == 9
    assert [(row["external_id"], row["state"]) for row in told["rows"]["payments"]] == [
        ("I-1", "overdue"), ("I-1", "failed"), ("I-2", "paid"),
    ]  # fmt: skip
    before = (AT - timedelta(days=10)).isoformat()
    assert company("signals", "overdue_days", "--account", "A-1", "--as-of", before, "--json").json["value"] == 0


def test_a_field_of_one_s_own_is_told_as_it_was_at_the_moment(company: Call) -> None:
    now = company("signals", "number_field_owner_score", "--account", "A-1", "--as-of", AT.isoformat(), "--json").json
    assert (now["value"], now["because"]) == (3.0, "owner score 3.0")
    before = (AT - timedelta(days=5)).isoformat()
    then = company("signals", "number_field_owner_score", "--account", "A-1", "--as-of", before, "--json").json
    assert then["value"] == 7.5
    unknown = company("signals", "text_field_plan_tier", "--account", "A-2", "--as-of", AT.isoformat()).out
    assert "unknown, because no source told it" in unknown.lower() or "Unknown, because no source told it" in unknown


def test_an_unknown_signal_gets_the_nearest_and_an_account_alone_a_remedy(company: Call) -> None:
    wrong = company("signals", "ticket_7d")
    assert wrong.code == 1
    assert "did you mean 'tickets_7d'" in wrong.err
    alone = company("signals", "--account", "A-1")
    assert (alone.code, "keepline account A-1" in alone.err) == (1, True)


def test_a_signal_of_tickets_is_explained_too(company: Call) -> None:
    assert "priority" in company("signals", "priority").out
