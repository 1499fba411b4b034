"""`keepline reasons` and `keepline workflows` as a person calls them, and how often a proposal is the truth."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw
import pytest

from config.settings import Settings
from connectors.files import recognise
from jobs.importing import import_files
from jobs.reasons import losses, path_facts
from jobs.settle import Settlement
from keepline.bootstrap import Keepline
from keepline.mappings import mappings_for
from retention.reasons.proposing import propose
from storage.store import Store
from tests.jobs.conftest import CLOCK, silent
from tests.keepline.calling import Call
from tests.keepline.conftest import Demo

ACCOUNTS = "Customer no,Company,Segment\n1,Blue Harbour,enterprise\n2,Nordwind,smb\n"
CONTRACTS = """Contract,Customer,Annual value,Currency,Start,Renewal date,Cancelled on
K1,1,240000,USD,2025-10-01,2026-10-01,2026-10-01
K2,2,6000,USD,2025-03-01,2026-03-01,2026-03-01
"""
TICKETS = "Ticket,Customer,Subject,Status,Opened,Closed\n" + "".join(
    f"{number},1,Export fails,open,2026-09-{day:02}T09:00:00Z,\n" for number, day in enumerate(range(12, 18), start=1)
)
AS_OF = ("--as-of", "2026-11-20")
_BUILT: list[bytes] = []


@pytest.fixture
def company(call: Call, tmp_path: Path) -> Call:
    """Two customers that left; one had written about the same issue six times, and nobody answered."""
    database = tmp_path / "keepline.db"
    if _BUILT:
        database.write_bytes(_BUILT[0])
        return call
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, text in {"customers": ACCOUNTS, "contracts": CONTRACTS, "tickets": TICKETS}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    assert call("map", "exports", "--write", "exports/keepline-map.yaml").code == 0
    assert call("import", "exports").code == 0
    assert call("run", *AS_OF).code == 0
    _BUILT.append(database.read_bytes())
    return call


def a_loss(call: Call, account: str) -> Any:
    return next(each for each in call("reasons", "--json", *AS_OF).json["losses"] if each["account"] == account)


def test_losses_are_listed_with_money_reason_and_evidence(company: Call) -> None:
    told = company("reasons", *AS_OF)
    assert told.code == 0
    assert "unresolved defect" in told.out
    assert "6 tickets about a repeated issue (export fails)" in " ".join(told.out.split())
    report = company("reasons", "--json", *AS_OF).json
    assert (report["lost"], report["support_failures"]) == ("246000.00", "240000.00")
    assert a_loss(company, "Nordwind")["reason"] == "unknown"


def test_a_person_confirms_changes_and_takes_back(company: Call) -> None:
    assert company("reasons", "--confirm", "Blue Harbour", "--by", "Ada", *AS_OF).code == 0
    assert a_loss(company, "Blue Harbour")["status"] == "confirmed"
    told = company("reasons", "--set", "Blue", "price", "--by", "Bo", "--note", "said their CFO", *AS_OF)
    assert "price, says Bo" in told.out
    assert {name: a_loss(company, "Blue Harbour")[name] for name in ("reason", "status", "decided_by", "note")} == {
        "reason": "price", "status": "changed", "decided_by": "Bo", "note": "said their CFO",
    }  # fmt: skip
    assert company("reasons", "--undo", "Blue", *AS_OF).code == 0
    assert a_loss(company, "Blue Harbour")["status"] == "proposed"


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("--confirm", "Nordwind"), "nothing is proposed for Nordwind; say why: --set"),
        (("--confirm", "Blu Harbor"), "did you mean Blue Harbour?"),
        (("--set", "Blue", "prise"), "did you mean price?"),
        (("--by", "colour"), "--by takes reason, segment, workflow, month"),
        (("--explain", "contract"), "2 losses are called 'contract'"),
    ],
)
def test_what_cannot_be_is_answered_with_the_way_out(company: Call, words: tuple[str, ...], answer: str) -> None:
    told = company("reasons", *words, *AS_OF)
    assert told.code == 1
    assert answer in told.err


def test_a_loss_opens_into_its_evidence(company: Call) -> None:
    told = company("reasons", "--explain", "Blue", *AS_OF)
    assert "unresolved defect:" in told.out
    assert "2026-09-12 09:00" in told.out
    assert (
        company("reasons", "--explain", "Blue", "--json", *AS_OF).json["candidates"][0]["reason"] == "unresolved_defect"
    )


@pytest.mark.parametrize("by", ["reason", "segment", "workflow", "month"])
def test_every_sum_comes_to_the_total(company: Call, by: str) -> None:
    sums = company("reasons", "--by", by, "--json", *AS_OF).json
    assert sum(float(each["lost"]) for each in sums) == 246_000
    assert "246,000.00" in company("reasons", "--by", by, *AS_OF).out


def test_the_account_shows_why_it_left(company: Call) -> None:
    assert "reason: unresolved defect (proposed)" in company("account", "Blue Harbour", *AS_OF).out


def test_nothing_lost_says_so(call: Call) -> None:
    assert "Nothing was lost" in call("reasons").out
    assert "No tickets and no losses yet" in call("workflows").out


def test_workflows_are_ranked_and_opened(company: Call) -> None:
    report = company("workflows", "--json", *AS_OF).json
    assert [(each["workflow"], each["lost"]) for each in report["workflows"]] == [
        ("(unknown)", "240000.00"), ("(no ticket)", "6000.00"),
    ]  # fmt: skip
    assert "(unknown)" in company("workflows", *AS_OF).out
    assert "Blue Harbour" in company("workflows", "--explain", "(unknown)", *AS_OF).out
    assert company("workflows", "--explain", "(unknown)", "--json", *AS_OF).json["score"]["tickets"] == 6


def test_a_change_is_noted_judged_and_withdrawn(company: Call) -> None:
    noted = company(
        "workflows", "--changed", "(unknown)", "--on", "2026-11-10", "--hope", "fewer", "--by", "Ada", *AS_OF
    )  # fmt: skip
    assert noted.code == 0
    assert "unknown-2026-11-10" in noted.out
    opened = company("workflows", "--explain", "(unknown)", *AS_OF).out
    assert "too early" in opened
    assert "“fewer”" in opened
    assert company("workflows", "--withdraw", "unknown-2026-11-10", *AS_OF).code == 0
    assert company("workflows", "--json", *AS_OF).json["changes"] == []


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("--changed", "(unknown)", "--on", "2026-11-10"), "a change has a day and a hope"),
        (("--changed", "billing", "--on", "2026-11-10", "--hope", "x"), "no ticket is of the workflow 'billing'"),
        (("--explain", "unknwn"), "did you mean (unknown)?"),
        (("--withdraw", "x"), "no change 'x' stands: none is noted"),
    ],
)
def test_a_change_that_cannot_be_is_refused(company: Call, words: tuple[str, ...], answer: str) -> None:
    told = company("workflows", *words, *AS_OF)
    assert told.code == 1
    assert answer in told.err


@pytest.fixture(scope="module")
def imported(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The demo company at full size, imported and not run: no reading of moods and no promises."""
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('truth') / 'keepline.db'}")
    import_files(store, recognise(demo.folder, mappings_for(demo.folder, None)), CLOCK, silent)
    return store


def agreement(store: Store, demo: Demo, *, reason: bool, comment: bool) -> tuple[int, int, int]:
    """Of how many departures the proposal is the true reason, for how many one was made, and how many there are."""
    rulebook = Keepline(Settings()).rulebook
    settlement = Settlement(store.facts(), rulebook, CLOCK)
    facts = path_facts(store, rulebook, settlement, CLOCK)
    hidden = [name for name, shown in {"reason": reason, "comment": comment}.items() if not shown]
    nothing = [nw.lit(None, nw.String).alias(name) for name in hidden]
    reports = facts.churn_reports.with_columns(*nothing) if nothing else facts.churn_reports
    ranked = propose(replace(facts, churn_reports=reports)).ranked()
    refs = dict(settlement.accounts.select("id", "external_id").collect().iter_rows())
    truth = {
        (row[0], row[1]): row[2]
        for row in demo.table("churn_reports").select("account_ref", "churned_on", "reason").iter_rows()
    }
    pairs = []
    for row in settlement.outcomes.collect().iter_rows(named=True):
        true = truth.get((refs[row["account_id"]], f"{row['happened_at']:%Y-%m-%d}"))
        if row["kind"] == "churned" and true:
            best = ranked.get(row["outcome_id"], [("unknown", 0)])[0]
            pairs.append((best[0] if best[1] >= rulebook.reasons.minimum_points else "unknown", true))
    made = [pair for pair in pairs if pair[0] != "unknown"]
    return sum(proposed == true for proposed, true in pairs), len(made), len(pairs)


def test_a_report_s_reason_is_proposed_and_its_words_alone_nearly_always_lead_to_it(
    imported: Store, demo: Demo
) -> None:
    right, _, departures = agreement(imported, demo, reason=True, comment=True)
    assert right == departures >= 50
    by_words, _, _ = agreement(imported, demo, reason=False, comment=True)
    assert by_words >= 0.9 * departures


def test_without_a_report_proposals_are_better_than_always_naming_the_most_frequent_reason(
    imported: Store, demo: Demo
) -> None:
    right, made, departures = agreement(imported, demo, reason=False, comment=False)
    most = Counter(demo.table("churn_reports")["reason"].to_list()).most_common(1)[0][1]
    assert made <= 0.8 * departures, "thin evidence is called unknown"
    assert right / made > most / departures


def test_losses_without_evidence_stay_unknown_over_the_whole_company(imported: Store) -> None:
    report = losses(imported, Keepline(Settings()).rulebook, CLOCK)
    for loss in report.losses:
        assert (loss.reason == "unknown") is (loss.points < 40)
        assert not loss.is_support_failure or loss.failures
