"""`keepline retention` as a person calls it: rows, windows opened, and files for spreadsheets."""

import csv
from pathlib import Path
from shutil import copyfile

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from tests.keepline.calling import Call

ACCOUNTS = "external_id,name,segment\n1,=HYPERLINK(evil),enterprise\n2,Nordwind,smb\n3,Acme,smb\n"
LINES = """external_id,account_ref,product,plan,seats,amount,currency,interval_months,starts_on,ends_on,trial
S1,1,Core,Pro,10,12000.00,USD,12,2024-11-01,,false
S2,1,Desk,,,90.50,USD,1,2025-02-01,,false
S3,2,Core,Basic,,500.00,USD,1,2024-12-01,2025-03-10,false
S4,3,Core,Basic,3,300.00,USD,1,2024-12-05,2025-02-20,false
S5,3,Core,Pro,5,400.00,USD,1,2025-02-20,,false
"""
AS_OF = ("--as-of", "2026-02-15")
OPEN = ("retention", "--explain", "2025-Q1", "--by", "segment", *AS_OF)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that outlives a test."""
    return tmp_path_factory.mktemp("books")


@pytest.fixture
def books(call: Call, tmp_path: Path, shelf: Path) -> Call:
    """Three customers and their five subscriptions, imported once."""
    kept, database = shelf / "keepline.db", tmp_path / "keepline.db"
    if kept.exists():
        copyfile(kept, database)
        return call
    (shelf / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    (shelf / "subscriptions.csv").write_text(LINES, encoding="utf-8")
    assert call("import", str(shelf)).code == 0
    copyfile(database, kept)
    return call


def test_a_window_opens_into_accounts_that_sum_to_the_printed_row(books: Call) -> None:
    told = books(*OPEN)
    assert told.code == 0
    assert "All amounts add up to the printed row, to the cent." in told.out
    assert [line.split() for line in told.out.splitlines() if line.startswith("Sum of 2")] == [
        ["Sum", "of", "2", "smb", "800.00", "400.00", "400.00"]
    ]


def test_one_slice_alone(books: Call) -> None:
    told = books(*OPEN, "--slice", "smb")
    assert "Nordwind" in told.out
    assert "HYPERLINK" not in told.out
    refused = books(*OPEN, "--slice", "mid")
    assert (refused.code, "it has enterprise, smb" in refused.err) == (1, True)


def test_an_account_opens_into_its_lines(books: Call) -> None:
    told = books(*OPEN, "--account", "acme")
    assert [line.split()[0] for line in told.out.splitlines() if line.startswith("S")] == ["S4", "S5"]
    assert books("retention", "--account", "acme").code == 1


def test_the_lines_behind_an_account_are_in_the_json(books: Call) -> None:
    accounts = {account["name"]: account for account in books(*OPEN, "--json").json}
    lines = accounts["Acme"]["lines"]
    assert [(line["line"], line["amount"], line["opening"], line["closing"]) for line in lines] == [
        ("S4", "300.00", "300.00", "0.00"),
        ("S5", "400.00", "0.00", "400.00"),
    ]
    assert (accounts["Acme"]["opening"], accounts["Acme"]["category"]) == ("300.00", "expansion")
    assert {"source", "plan", "interval_months", "starts_on", "ends_on", "recorded_at"} <= set(lines[0])


def test_csv_has_exact_amounts_and_no_formulas(books: Call, tmp_path: Path) -> None:
    books(*OPEN, "--export", "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["account"]: row for row in csv.DictReader(file)}
    assert (rows["1"]["name"], rows["1"]["opening"], rows["1"]["closing"]) == (
        "'=HYPERLINK(evil)",
        "1000.00",
        "1090.50",
    )
    with (tmp_path / "a-lines.csv").open(encoding="utf-8-sig", newline="") as file:
        assert sum(line["slice"] == "smb" for line in csv.DictReader(file)) == 3
    with (tmp_path / "a-totals.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["churn"] for row in csv.DictReader(file)] == ["0.00", "500.00"]


def test_xlsx_has_numbers_and_text_that_is_no_formula(books: Call, tmp_path: Path) -> None:
    books(*OPEN, "--export", "a.xlsx")
    book = CalamineWorkbook.from_path(tmp_path / "a.xlsx")
    assert book.sheet_names == ["accounts", "lines", "totals"]
    head, first, *_ = book.get_sheet_by_name("accounts").to_python()
    row = dict(zip(head, first, strict=True))
    assert (row["name"], row["opening"], row["closing"]) == ("=HYPERLINK(evil)", 1000.0, 1090.5)


def test_parquet_keeps_decimals_and_dates(books: Call, tmp_path: Path) -> None:
    books(*OPEN, "--export", "a.parquet")
    accounts, lines = (pl.read_parquet(tmp_path / f"a{part}.parquet") for part in ("", "-lines"))
    assert accounts["closing"].dtype == pl.Decimal(38, 2)
    assert str(accounts.filter(account="1")["closing"].item()) == "1090.50"
    assert [str(lines[name].dtype) for name in ("starts_on", "seats")] == ["Date", "Int64"]


def test_the_rows_of_a_ledger_are_exported_too(books: Call, tmp_path: Path) -> None:
    told = books("retention", "--period", "quarter", "--export", "rows.csv", *AS_OF)
    assert (told.code, told.out) == (0, "")
    with (tmp_path / "rows.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["period"]: row for row in csv.DictReader(file)}
    assert (rows["2025-Q1"]["opening"], rows["2025-Q1"]["churn"]) == ("1800.00", "500.00")
    assert float(rows["2025-Q1"]["grr"]) == pytest.approx(1300 / 1800)


def test_an_export_of_another_kind_is_refused(books: Call) -> None:
    refused = books(*OPEN, "--export", "a.txt")
    assert (refused.code, "end it in .csv, .xlsx or .parquet" in refused.err) == (1, True)
    assert books(*OPEN, "--export", "nowhere/a.xlsx").code == 1


def test_a_trailing_year_is_a_row_a_month_end(books: Call) -> None:
    rows = books("retention", "--period", "t12m", "--json", *AS_OF).json
    assert [row["period"] for row in rows] == ["T12M-2025-10", "T12M-2025-11", "T12M-2025-12", "T12M-2026-01"]
    assert (rows[-1]["opening"], rows[-1]["grr"]) == ("1800.00", pytest.approx(1300 / 1800))


def test_the_report_and_the_cohorts_are_told_as_text_and_as_json(books: Call) -> None:
    told = books("retention", "--report", *AS_OF)
    for said in ("= NRR", "T12M-2026-01", "B2B software, median", "source not stated", "Lifetime value"):
        assert said in told.out
    report = books("retention", "--report", "--json", *AS_OF).json
    assert [each["period"] for each in report["windows"]] == ["2025", "T12M-2026-01", "2025-Q4"]
    assert report["windows"][0]["grr"] == pytest.approx(1300 / 1800)
    table = books("retention", "--cohorts", "--json", *AS_OF).json
    assert [(row["cohort"], row["accounts"], row["opening"]) for row in table["cohorts"]] == [
        ("2024-Q4", 3, "1800.00"),
        ("all", 3, "1800.00"),
    ]


def test_cohorts_leave_as_a_picture(books: Call, tmp_path: Path) -> None:
    assert "100 █" in books("retention", "--cohorts", *AS_OF).out
    assert books("retention", "--cohorts", "--export", "c.svg", *AS_OF).code == 0
    assert (tmp_path / "c.svg").read_text(encoding="utf-8").startswith("<svg")


def test_two_views_at_once_are_refused(books: Call) -> None:
    refused = books("retention", "--report", "--cohorts")
    assert (refused.code, "ask for one at a time" in refused.err) == (1, True)


def test_what_is_scheduled_to_leave_is_not_committed(books: Call) -> None:
    before = ("retention", "--ahead", "--as-of", "2025-03-01")
    found = books(*before, "--json").json
    assert (found["mrr"], found["leaving"], found["committed"]) == ("1990.50", "500.00", "1490.50")
    assert [(row["name"], row["leaving"], row["effective_on"]) for row in found["accounts"]] == [
        ("Nordwind", "500.00", "2025-03-10")
    ]
    assert "USD 1,490.50" in books(*before).out
    assert "Nobody has given notice" in books("retention", "--ahead", *AS_OF).out


def test_a_row_that_was_told_differently_before_says_so(books: Call, tmp_path: Path) -> None:
    assert books("run", "--no-sync", *AS_OF).code == 0
    assert not any(row["restated"] for row in books("retention", "--period", "year", "--json", *AS_OF).json)
    (tmp_path / "subscriptions.csv").write_text(LINES.replace("2025-03-10", "2024-12-20"), encoding="utf-8")
    assert books("import", "subscriptions.csv").code == 0
    assert books("run", "--no-sync", *AS_OF).code == 0
    rows = books("retention", "--period", "year", "--json", *AS_OF).json
    assert [(row["period"], row["restated"]) for row in rows] == [("2024", True), ("2025", True)]
    assert "2025*" in books("retention", "--period", "year", *AS_OF).out


def test_the_ledger_is_reconciled_with_contracts_month_by_month(books: Call, tmp_path: Path) -> None:
    assert "No month can be compared" in books("retention", "--reconcile-billing", *AS_OF).out
    contracts = "external_id,account_ref,starts_on,renews_on,arr,currency\nC1,1,2024-11-01,2026-11-01,12000.00,USD\n"
    (tmp_path / "contracts.csv").write_text(contracts, encoding="utf-8")
    assert books("import", "contracts.csv").code == 0
    found = books("retention", "--reconcile-billing", "--explain", "2025-02", "--json", *AS_OF).json
    assert [(each["name"], each["reason"], each["difference"]) for each in found["accounts"]] == [
        ("Nordwind", "no_contract", "500.00"),
        ("Acme", "no_contract", "400.00"),
        ("=HYPERLINK(evil)", "changed_since_signed", "90.50"),
    ]
    told = books("retention", "--reconcile-billing", *AS_OF)
    assert "changed_since_signed: it paid what the contract says when that began" in told.out
    assert books("retention", "--reconcile-billing", "--export", "r.xlsx", *AS_OF).code == 0
    assert books("retention", "--reconcile-billing", "--explain", "2031-02", *AS_OF).code == 1
