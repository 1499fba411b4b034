"""`keepline credit` as it is typed: cuts that sum to the whole, opened parts, refusals that say more."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from retention.attribution import MODELS
from retention.credit_cuts import CUTS
from tests.keepline.calling import Call
from tests.keepline.test_commands import AS_OF, company, exports

__all__ = ["company", "exports"]
LONG_AGO = ("--since", "2020-01-01")


def test_every_cut_sums_to_what_was_kept_or_lost(company: Call) -> None:
    for cut in sorted({*CUTS} - {"agent", "failure"}):
        report = company("credit", "--by", cut, *LONG_AGO, "--json", *AS_OF).json
        assert _wholes(report) == {Decimal(report["amount"])}
    report = company("credit", "--by", "kind", "--lost", *LONG_AGO, "--json", *AS_OF).json
    assert _wholes(report) == {Decimal(report["amount"])} == {Decimal("6000.00")}
    assert "Lost by kind" in company("credit", "--lost", *LONG_AGO, *AS_OF).out


def _wholes(report: dict[str, Any]) -> set[Decimal]:
    """The sum of all slices, under each model."""
    return {
        sum((Decimal(each["amounts"][model]) + Decimal(each["unattributed"]) for each in report["slices"]), Decimal(0))
        for model in MODELS
    }


def test_a_loss_is_shared_over_failures(company: Call) -> None:
    report = company("credit", "--lost", "--by", "failure", *LONG_AGO, "--json", *AS_OF).json
    assert _wholes(report) == {Decimal("6000.00")}


def test_an_account_is_opened_into_its_outcomes(company: Call) -> None:
    [lost] = company("credit", "--lost", "--by", "account", *LONG_AGO, "--json", *AS_OF).json["slices"]
    [opened] = company("credit", "--lost", "--explain", lost["name"], *LONG_AGO, "--json", *AS_OF).json
    assert (opened["account"], opened["amount"]) == (lost["name"], "6000.00")
    assert lost["name"] in company("credit", "--lost", "--explain", lost["name"], *LONG_AGO, *AS_OF).out


def test_what_cannot_be_shown_is_refused_with_what_can(company: Call) -> None:
    for asked, answer in (
        (("--by", "colour"), "there are: kind, team"),
        (("--by", "failure"), "add --lost"),
        (("--by", "agent"), "by_agent: true"),
        (("--model", "liner"), "did you mean linear?"),
        (("--explain", "nobody"), "an account's name"),
        (("--period", "2024", "--since", "2024-01-01"), "give one of them"),
    ):
        told = company("credit", *asked, *AS_OF)
        assert told.code == 1
        assert answer in told.err


def test_the_models_are_drawn(company: Call, tmp_path: Path) -> None:
    assert company("credit", "--picture", "credit.svg", *LONG_AGO, *AS_OF).code == 0
    assert (tmp_path / "credit.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "name another file" in company("credit", "--picture", "no/such/folder.svg", *LONG_AGO, *AS_OF).err


def test_without_outcomes_it_says_so(call: Call) -> None:
    assert "Nothing was kept" in call("credit").out
