"""The forecast of breaches as a person calls it."""

from pathlib import Path

import pytest

from tests.keepline.calling import Call

AS_OF = ("--as-of", "2026-11-20")
CUSTOMERS = "Customer no,Company,Segment\n1,Blue Harbour,enterprise\n"
TICKETS = "Ticket,Customer,Subject,Status,Opened,Closed\n" + "".join(
    f"{number},1,Export fails,open,2026-11-{19 - number % 2}T{9 + number % 8:02}:00:00Z,\n" for number in range(1, 9)
)


@pytest.fixture
def company(call: Call, tmp_path: Path) -> Call:
    """Eight open tickets without a past, imported and run."""
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    (folder / "tickets.csv").write_text(TICKETS, encoding="utf-8")
    assert call("map", "exports", "--write", "exports/keepline-map.yaml").code == 0
    assert call("import", "exports").code == 0
    assert call("run", *AS_OF).code == 0
    return call


def test_clocks_without_a_past_are_unknown_and_it_is_said_what_is_missing(company: Call) -> None:
    rows = company("sla", "forecast", "--json", *AS_OF).json
    assert rows
    assert {row["probability"] for row in rows} == {None}
    assert {row["basis"] for row in rows} == {"none"}
    assert all("are needed" in row["reason"] for row in rows)
    assert {"ticket", "account", "metric", "deadline_at", "remaining_seconds", "probability"} <= set(rows[0])
    printed = company("sla", "forecast", *AS_OF)
    assert "unknown" in printed.out
    assert "keepline sla forecast --check" in printed.out


def test_one_metric_can_be_asked_for(company: Call) -> None:
    rows = company("sla", "forecast", "--metric", "resolution", "--json", *AS_OF).json
    assert {row["metric"] for row in rows} == {"resolution"}


def test_the_check_says_that_the_past_is_too_short(company: Call) -> None:
    checks = company("sla", "forecast", "--check", "--json", *AS_OF).json
    assert {check["metric"] for check in checks} >= {"first_reply", "resolution"}
    assert all(check["verdict"].startswith("not calibrated") for check in checks)
    assert "not calibrated" in company("sla", "forecast", "--check", *AS_OF).out


@pytest.mark.parametrize("options", [(), ("--check",)])
def test_before_the_first_run_it_is_said_what_to_do(call: Call, options: tuple[str, ...]) -> None:
    told = call("sla", "forecast", *options)
    assert told.code == 0
    assert "keepline run" in told.out
