"""`keepline kpis` as a person calls it: what it prints, what it refuses, and where the numbers come from."""

from pathlib import Path

import pytest

from tests.keepline.calling import Call

CUSTOMERS = "Customer no,Company,Segment\n1,Blue Harbour,enterprise\n2,Nordwind,smb\n"
TICKETS = "Ticket,Customer,Subject,Status,Channel,Opened,First reply,Closed\n" + "".join(
    f"{day},{1 + day % 2},Export fails,closed,email,2026-05-{day:02}T09:00:00Z,2026-05-{day:02}T1{day % 3}:00:00Z,"
    f"2026-05-{day:02}T16:00:00Z\n"
    for day in range(2, 25)
)
OPEN = "25,1,Still broken,open,chat,2026-05-25T09:00:00Z,,\n"
AS_OF = ("--as-of", "2026-05-27")


@pytest.fixture
def desk(call: Call, tmp_path: Path) -> Call:
    """A helpdesk's export of 24 tickets, and their two customers; no messages, no history."""
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    (folder / "tickets.csv").write_text(TICKETS + OPEN, encoding="utf-8")
    assert call("map", "exports", "--write", "exports/keepline-map.yaml").code == 0
    assert call("import", "exports").code == 0
    return call


def test_every_figure_is_told_or_says_why_not(desk: Call) -> None:
    told = desk("kpis", *AS_OF)
    assert told.code == 0
    for said in (
        "First reply (FRT)", "1 h 0 min", "23", "excellent", "Backlog", "No figure for CSAT: nobody answered",
        "No figure for Deflection", "average B2B SaaS 11.4 h",
    ):  # fmt: skip
        assert said in told.out


def test_json_has_every_figure_with_its_counts(desk: Call) -> None:
    found = desk("kpis", "--json", *AS_OF).json
    assert (found["since"], found["until"]) == ("2026-04-30T00:00:00+00:00", "2026-05-28T00:00:00+00:00")
    figures = {figure["kpi"]: figure for figure in found["figures"]}
    reply = figures["first_reply_email"]
    assert (reply["n"], reply["elapsed"]["median"], reply["elapsed"]["p90"]) == (23, 2 * 3600, 3 * 3600)
    assert reply["grade"]["tier"] == "excellent"
    assert (figures["first_reply"]["pending"], figures["backlog"]["n"], figures["tickets_in"]["value"]) == (1, 1, 24)
    assert (figures["first_contact_resolution"]["unknown"], figures["first_contact_resolution"]["value"]) == (23, None)


def test_a_day_counts_from_its_beginning_to_its_end(desk: Call) -> None:
    found = desk("kpis", "--metric", "tickets_in", "--since", "2026-05-12", "--until", "2026-05-13", "--json", *AS_OF)
    [figure] = found.json["figures"]
    assert figure["n"] == 2


@pytest.mark.parametrize(
    ("period", "since", "until"),
    [
        ("week", "2026-05-18", "2026-05-25"),
        ("month", "2026-04-01", "2026-05-01"),
        ("quarter", "2026-01-01", "2026-04-01"),
    ],
)
def test_a_period_is_the_last_whole_one(desk: Call, period: str, since: str, until: str) -> None:
    found = desk("kpis", "--period", period, "--metric", "backlog", "--json", *AS_OF).json
    assert (found["since"][:10], found["until"][:10]) == (since, until)


def test_a_cut_shows_slices_side_by_side_and_one_figure_slice_by_slice(desk: Call) -> None:
    side_by_side = desk("kpis", "--by", "channel", *AS_OF).out
    assert "email" in side_by_side
    assert "in brackets the cases" in side_by_side
    alone = desk("kpis", "--by", "segment", "--metric", "frt", *AS_OF).out
    assert "First reply (FRT) by segment" in alone
    assert "enterprise" in alone


def test_a_cut_by_week_shows_the_last_whole_weeks(desk: Call) -> None:
    figures = desk("kpis", "--by", "week", "--metric", "tickets-in", "--json", *AS_OF).json["figures"]
    assert [figure["slice"] for figure in figures][-3:] == ["2026-W19", "2026-W20", "2026-W21"]
    assert [figure["n"] for figure in figures][-3:] == [7, 7, 7]


def test_a_figure_can_be_opened_into_its_tickets(desk: Call) -> None:
    told = desk("kpis", "--explain", "backlog", *AS_OF).out
    assert "Still broken" in told
    assert "Blue Harbour" in told
    cases = desk("kpis", "--explain", "frt", "--json", *AS_OF).json
    assert cases["kpi"] == "first_reply"
    assert len(cases["cases"]) == 24
    assert cases["cases"][0]["elapsed"] == 3 * 3600
    assert "Nothing stands behind CSAT" in desk("kpis", "--explain", "csat", *AS_OF).out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--by", "agent"), "set by_agent: true in kpis.yaml"),
        (("--metric", "first_repli"), "did you mean 'first_reply'?"),
        (("--explain", "backlok"), "did you mean 'backlog'?"),
        (("--period", "week", "--since", "2026-05-01"), "leave it out, or --since and --until"),
        (("--since", "2026-05-10", "--until", "2026-05-09"), "give an earlier --since"),
    ],
)
def test_what_cannot_be_answered_is_one_line_that_says_why(desk: Call, words: tuple[str, ...], told: str) -> None:
    called = desk("kpis", *words, *AS_OF)
    assert (called.code, called.out) == (1, "")
    assert told in called.err


def test_without_tickets_it_says_how_to_get_some(call: Call) -> None:
    called = call("kpis")
    assert called.code == 0
    assert "keepline import FOLDER" in called.out


def test_a_time_without_tickets_is_told_in_one_line(desk: Call) -> None:
    assert "Nothing of this is known of" in desk("kpis", "--as-of", "2020-01-01").out


def test_a_mistake_in_the_settings_names_its_line(desk: Call, tmp_path: Path) -> None:
    folder = tmp_path / "keepline-config"
    folder.mkdir()
    (folder / "kpis.yaml").write_text(
        "minimum: 20\nshares:\n  csat: {excellent_from: 60, good_from: 70}\n", encoding="utf-8"
    )
    called = desk("kpis", *AS_OF)
    assert called.code == 1
    assert "kpis.yaml" in called.err
    assert "excellent_from must not be less than good_from" in called.err
