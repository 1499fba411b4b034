"""`keepline links`, as a lead uses it."""

import csv
from pathlib import Path

import pytest

from domain.parties import Party
from jobs.link import link_customers
from keepline.bootstrap import configured, current_moment
from keepline.commands import links
from storage.links import Links
from tests.customers import BILLED, CRM, put
from tests.jobs.test_link import ACCOUNT, BILLING, LINE, customers
from tests.keepline.calling import Call


@pytest.fixture
def linked(call: Call) -> Call:
    """The command line, over two customers that are linked and one that waits."""
    keepline = configured()
    customers(keepline.store)
    link_customers(keepline.store, current_moment())
    keepline.close()
    return call


def reviewed(pressed: str) -> int:
    """Review with these keys; how many links there are then."""
    keepline, keys = configured(), iter(pressed)
    links.review(keepline, lambda: next(keys, "q"))
    count = len(Links(keepline.store.engine).links())
    keepline.close()
    return count


def test_it_says_what_stands_unlinked_and_why(linked: Call) -> None:
    linked("run")
    shown = linked("links")
    assert "Tickets not linked: 1 of 2" in shown.out
    assert "ARR without a helpdesk customer: USD 0 of USD 1,200" in shown.out
    assert "Customers: 2 linked (2 by domain), 1 not linked" in shown.out
    assert "Brightwater Logistics" in shown.out


def test_each_link_shows_what_it_rests_on(linked: Call) -> None:
    assert "brightwater.com is this account's alone" in linked("links", "--linked").out


def test_as_json_it_is_for_programs(linked: Call) -> None:
    told = linked("links", "--json").json
    assert (told["tickets"], told["tickets_unlinked"], told["arr"], len(told["links"])) == (2, 1, "1200.00", 2)
    (waiting,) = told["not_linked"]
    assert (waiting["external_id"], waiting["suggestions"][0]["account_ref"]) == ("8", "A")


@pytest.mark.parametrize(
    ("pressed", "links_after"),
    [("y", 3), ("n", 2), ("r", 2), ("s", 2), ("q", 2), ("yu", 2), ("?1y", 3), ("nuy", 3), ("\x03", 2)],
    ids=["same", "not the same", "related", "skip", "quit", "undo", "help", "undo and answer", "Ctrl-C"],
)
@pytest.mark.usefixtures("linked")
def test_one_key_is_an_answer(pressed: str, links_after: int) -> None:
    assert reviewed(pressed) == links_after


def test_what_was_denied_is_not_suggested_again(linked: Call) -> None:
    reviewed("n")
    assert "Nothing to review" in linked("links", "--review").out


def test_a_score_confirms_in_bulk_and_says_what(linked: Call) -> None:
    assert "No suggestion scores 99 %" in linked("links", "--above", "99").out
    done = linked("links", "--above", "50", "--yes")
    assert "Brightwater Logistics (desk:8)  =  Brightwater (crm:A" in done.out
    assert len(linked("links", "--json").json["links"]) == 3


def answered(file: Path, answer: str, **cells: str) -> None:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.DictWriter(opened, rows[0].keys())
        writer.writeheader()
        writer.writerows({**row, "answer": answer, **cells} for row in rows)


def test_a_spreadsheet_goes_out_and_its_answers_come_in(linked: Call, tmp_path: Path) -> None:
    file = tmp_path / "waiting.csv"
    assert "Wrote 1 lines" in linked("links", "--export", str(file)).out
    answered(file, "Y")
    assert "1 answers kept; 1 customers linked" in linked("links", "--import", str(file)).out
    assert linked("links", "--json").json["not_linked"] == []


@pytest.mark.parametrize(
    ("answer", "cells", "said"),
    [
        ("maybe", {}, "write y, n, r, or nothing"),
        ("y", {"account_ref": ""}, "an answer without both sides"),
        ("y", {"account_ref": "ZZ"}, "nobody has the id crm:ZZ"),
    ],
)
def test_an_answer_that_is_none_is_named_and_nothing_is_kept(
    linked: Call, tmp_path: Path, answer: str, cells: dict[str, str], said: str
) -> None:
    file = tmp_path / "waiting.csv"
    linked("links", "--export", str(file))
    answered(file, answer, **cells)
    done = linked("links", "--import", str(file))
    assert (done.code, said in done.err) == (1, True)
    assert len(linked("links", "--json").json["links"]) == 2


def test_a_file_that_is_no_answer_sheet_is_refused(linked: Call, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    done = linked("links", "--import", str(tmp_path / "other.csv"))
    assert (done.code, "no column answer" in done.err) == (1, True)


def test_no_name_becomes_a_formula(call: Call, tmp_path: Path) -> None:
    keepline = configured()
    evil = Party(source="desk", external_id="-8", role="helpdesk", name='=HYPERLINK("http://x")')
    put(keepline.store, CRM, ACCOUNT, BILLED, BILLING, LINE, evil)
    keepline.close()
    file = tmp_path / "waiting.csv"
    call("links", "--export", str(file))
    with file.open(encoding="utf-8-sig", newline="") as opened:
        (row,) = csv.DictReader(opened)
    assert (row["name"][:2], row["external_id"]) == ("'=", "'-8")
    answered(file, "n", account_source="crm", account_ref="A")
    assert "1 answers kept" in call("links", "--import", str(file)).out


def test_an_empty_database_has_nothing_to_link(call: Call) -> None:
    assert "Customers: 0 linked (none yet), 0 not linked" in call("links").out
