"""A published figure changes only visibly: what was told stays reproducible, and the change opens into its causes."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.keepline.calling import Call

ACCOUNTS = "external_id,name,segment,industry\nA,Acme,smb,Retail\nB,Birch,enterprise,Energy\nE,Elm,smb,Health\n"
LINES = """external_id,account_ref,product,amount,currency,interval_months,starts_on,ends_on,recorded_at
L1,A,Core,100.00,USD,1,2025-01-01,,2025-01-01T00:00:00Z
L2,B,Core,1200.00,USD,12,2025-01-01,,2025-01-01T00:00:00Z
L3,E,Core,50.00,EUR,1,2025-01-01,,2025-01-01T00:00:00Z
"""
HEAD = LINES.splitlines()[0]
RATES = "base,quote,on,rate\nEUR,USD,2024-12-01,1.10\n"
TOLD_ON, LATER = ("--as-of", "2026-03-31"), ("--as-of", "2026-04-30")


@pytest.fixture
def told(call: Call, tmp_path: Path) -> Call:
    """Three accounts, published on 31 March 2026."""
    bring(call, tmp_path, accounts=ACCOUNTS, subscriptions=LINES, fx_rates=RATES)
    assert call("run", *TOLD_ON).code == 0
    return call


def bring(call: Call, folder: Path, **files: str) -> None:
    exports = folder / f"exports-{len(list(folder.glob('exports-*')))}"
    exports.mkdir()
    for name, text in files.items():
        (exports / f"{name}.csv").write_text(text, encoding="utf-8")
    done = call("import", str(exports))
    assert done.code == 0, done.err


def restated(call: Call, *words: str) -> dict[tuple[str, str | None], Any]:
    """The restatements by window and slice."""
    found = call("restatements", "--json", *words).json
    return {(each["period"], each["slice"]): each for each in found}


def explained(call: Call, *words: str) -> Any:
    [one] = call("restatements", "--json", "--explain", *words).json
    return one


def sums(one: Any) -> dict[str, Decimal]:
    """What the causes come to, by amount."""
    total = {name: Decimal(0) for name in one["difference"]}
    for cause in one["causes"]:
        for name, amount in cause["effect"].items():
            total[name] += Decimal(amount)
    return total


def difference(one: Any) -> dict[str, Decimal]:
    return {name: Decimal(amount) for name, amount in one["difference"].items()}


def test_a_run_that_learned_nothing_restates_nothing(told: Call) -> None:
    assert told("run", *LATER).code == 0
    assert told("restatements", "--json").json == []
    assert "stands" in told("restatements").out


def test_a_backdated_correction_is_a_restatement_and_the_old_row_stays_reproducible(told: Call, tmp_path: Path) -> None:
    before = told("retention", "--json", *TOLD_ON).out
    bring(told, tmp_path, subscriptions=f"{HEAD}\nL1,A,Core,80.00,USD,1,2025-01-01,,2026-04-10T00:00:00Z\n")
    assert told("run", *LATER).code == 0
    assert told("retention", "--json", *TOLD_ON).out != before
    assert told("retention", "--json", *TOLD_ON, "--as-known-on", "2026-04-09").out == before
    one = restated(told)["2026-03", None]
    assert one["figures"]["closing"] == {"was": "255.00", "is": "235.00"}
    assert told("retention", "--json", "--as-of", "2026-03-31", "--as-known-on", one["published_at"]).out == before
    opened = explained(told, "2026-03")
    [cause] = opened["causes"]
    assert (cause["kind"], cause["account"]) == ("lines", "Acme")
    [change] = cause["changes"]
    assert (change["record"], change["old"], change["new"]) == (
        "keepline:L1", {"amount": "100.00"}, {"amount": "80.00"},
    )  # fmt: skip
    assert (change["effective_on"], change["recorded_at"]) == ("2025-01-01", "2026-04-10T00:00:00+00:00")
    assert sums(opened) == difference(opened)


def test_another_reporting_currency_has_no_difference(told: Call, tmp_path: Path) -> None:
    assert told("init").code == 0
    settings = tmp_path / "keepline-config" / "retention.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("# reporting_currency: USD", "reporting_currency: EUR"), encoding="utf-8")
    assert told("run", *LATER).code == 0
    assert explained(told, "2026-03")["difference"] is None
    assert "told in USD before, in EUR now" in told("restatements", "--explain", "2026-03").out


def test_a_run_of_the_past_publishes_nothing(told: Call, tmp_path: Path) -> None:
    bring(told, tmp_path, subscriptions=f"{HEAD}\nL1,A,Core,80.00,USD,1,2025-01-01,,2026-04-10T00:00:00Z\n")
    assert told("run", "--as-of", "2026-01-31").code == 0
    assert restated(told) == {}


def test_restatements_are_printed_with_why_and_how_to_see_what_was_told(told: Call, tmp_path: Path) -> None:
    bring(told, tmp_path, subscriptions=f"{HEAD}\nL1,A,Core,80.00,USD,1,2025-01-01,,2026-04-10T00:00:00Z\n")
    assert "restated: keepline restatements" in told("run", *LATER).out
    printed = told("restatements").out
    assert "255.00 → 235.00" in printed
    assert "learned: 1 line" in printed
    assert "--as-known-on 2026-03-31T23:59:59" in printed
    opened = told("restatements", "--explain", "2026-03").out
    assert "amount 100.00 → 80.00" in opened


def test_a_window_that_was_not_restated_is_answered_with_those_that_were(told: Call) -> None:
    done = told("restatements", "--explain", "2026-03")
    assert (done.code, "nothing was restated" in done.err) == (1, True)
