"""`keepline sla explain` as a person calls it."""

from pathlib import Path

import pytest

from tests.keepline.calling import Call

AS_OF = ("--as-of", "2026-11-20")
FILES = {
    "customers": "Customer no,Company,Segment\n1,Blue Harbour,enterprise\n",
    "contracts": "Contract,Customer,Annual value,Currency,Start,Renewal date\nK1,1,150000,USD,2025-02-01,2027-01-03\n",
    "tickets": "Ticket,Customer,Subject,Status,Opened,Closed\n7,1,<b>Export</b> fails,open,2026-11-19T15:00:00Z,\n",
}


@pytest.fixture
def company(call: Call, tmp_path: Path) -> Call:
    """One open ticket of an account of USD 150,000 that renews in 45 days, imported and run."""
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    assert call("map", "exports", "--write", "exports/keepline-map.yaml").code == 0
    assert call("import", "exports").code == 0
    assert call("run", *AS_OF).code == 0
    return call


def test_the_shipped_terms_of_a_large_account_near_its_renewal_are_explained(company: Call) -> None:
    for metric, said in (
        ("internal_review", "due on Thu 19 Nov 2026 17:00 UTC: 2 elapsed hours"),
        ("outreach", "due on Fri 20 Nov 2026 15:00 UTC: 24 elapsed hours"),
    ):
        told = company("sla", "explain", "7", "--metric", metric, *AS_OF)
        assert told.code == 0
        words = " ".join(told.out.split())
        assert said in words
        assert "ACV USD 150,000 (enterprise); renews in 45 days" in words


def test_data_and_page_tell_the_same_deadline(company: Call, tmp_path: Path) -> None:
    data = company("sla", "explain", "7", "--metric", "resolution", "--json", *AS_OF).json
    [clock] = data["clocks"]
    assert clock["deadline_at"] == "2026-11-23T15:00:00+00:00"
    assert data["history"] == "summary"
    written = company("sla", "explain", "7", "--metric", "resolution", "--format", "html", "--output", "p.html", *AS_OF)
    assert (written.code, written.out) == (0, "")
    assert "Explanation of ticket 7 written to p.html" in written.err
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "Mon 23 Nov 2026 15:00 UTC" in page
    assert "&lt;b&gt;Export&lt;/b&gt; fails" in page


def test_what_cannot_be_is_refused_with_a_remedy(company: Call) -> None:
    unknown = company("sla", "explain", "8", *AS_OF)
    assert unknown.code == 1
    assert unknown.err.strip().endswith(":7")
    early = company("sla", "explain", "7", "--as-of", "2026-11-01")
    assert (early.code, "give a later --as-of" in early.err) == (1, True)
    nowhere = company("sla", "explain", "7", "--output", "no/such/folder/p.txt", *AS_OF)
    assert (nowhere.code, "give another --output" in nowhere.err) == (1, True)
