"""The European Central Bank's rates come out of the installed package, digit by digit."""

import csv
from datetime import date
from pathlib import Path

from connectors.ecb import newest_day, write_rates


def test_only_the_currencies_and_days_asked_for_are_written(tmp_path: Path) -> None:
    with write_rates(tmp_path, {"USD", "EUR", "XTS"}, date(2024, 3, 28)).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["quote"] for row in rows} == {"USD"}
    # Good Friday to Easter Monday have none.
    assert sorted(row["on"] for row in rows)[:2] == ["2024-03-28", "2024-04-02"]
    first = min(rows, key=lambda row: row["on"])
    assert first == {"source": "ecb", "base": "EUR", "quote": "USD", "on": "2024-03-28", "rate": "1.0811"}


def test_the_package_is_not_older_than_its_pin() -> None:
    assert newest_day() >= date(2025, 1, 1)
