"""Service levels as a person calls them: from imported files to clocks, breaches, attainment and a changed policy."""

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import documents
from domain.sla import SlaAssignment
from storage.sla import SlaBook
from storage.store import Store
from tests.keepline.calling import Call, begin

ACCOUNTS = "external_id,name,segment\nA-1,Blue Harbour,enterprise\n"
CONTRACTS = "external_id,account_ref,arr,currency,starts_on,renews_on\nC-1,A-1,150000,USD,2025-02-01,2027-06-15\n"
TICKETS = """external_id,account_ref,subject,status,priority,created_at
T-1,A-1,Export fails,open,normal,2026-11-16T11:00:00Z
T-2,,Login,open,low,2026-11-16T11:10:00Z
"""
# The first reply to an enterprise account in the shipped document.
ENTERPRISE = "first_reply:     {urgent: 30m business, high: 1h business,  normal: 2h business"
# A Monday, in the open hours of the shipped calendar.
FIRST = "2026-11-16T11:30:00Z"
SECOND = "2026-11-16T11:45:00Z"
LATER = "2026-11-17T12:00:00Z"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One customer with a ticket, another ticket of nobody, imported and run at 11:30."""
    folder = tmp_path_factory.mktemp("begun")
    write(folder, accounts=ACCOUNTS, contracts=CONTRACTS, tickets=TICKETS)
    begin(folder, FIRST)
    return folder


@pytest.fixture
def company(call: Call, begun: Path, tmp_path: Path) -> Call:
    """That customer, in a folder of its own."""
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    return call


def write(folder: Path, **files: str) -> None:
    (folder / "exports").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "exports" / f"{name}.csv").write_text(text, encoding="utf-8")


def promised(ticket: str = "T-1") -> list[SlaAssignment]:
    with closing(Store("sqlite:///keepline.db")) as store:
        return SlaBook(store.engine).assignments("keepline", ticket)


def deadlines(call: Call, at: str, ticket: str = "T-1") -> dict[str, str]:
    rows = call("sla", "--json", "--no-forecast", "--as-of", at).json
    return {row["metric"]: row["deadline_at"] for row in rows if row["ticket"] == ticket}


def the_renewal_comes_near(folder: Path) -> None:
    write(folder, contracts=CONTRACTS.replace("2027-06-15", "2027-01-15"))


def the_value_falls(folder: Path) -> None:
    write(folder, contracts=CONTRACTS.replace("150000", "50000"))


def the_priority_rises(folder: Path) -> None:
    event = "E-1,T-1,priority,normal,urgent,2026-11-16T11:40:00Z\n"
    event = f"external_id,ticket_ref,kind,from_value,to_value,happened_at\n{event}"
    write(folder, tickets=TICKETS.replace("normal", "urgent"), ticket_events=event)


def the_policy_is_rewritten(folder: Path) -> None:
    configure(folder, shipped(ENTERPRISE, ENTERPRISE.replace("2h", "3h")))


def the_calendar_is_rewritten(folder: Path) -> None:
    configure(folder, shipped('["09:00-17:00"]', '["09:00-11:50", "13:00-17:00"]'))


def shipped(old: str, new: str) -> str:
    """The shipped document with one thing changed."""
    text = (documents.DEFAULTS / "sla.yaml").read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new, 1)


def configure(folder: Path, text: str) -> None:
    (folder / "keepline-config").mkdir()
    (folder / "keepline-config" / "sla.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "first_reply", "said"),
    [
        (the_renewal_comes_near, "12:00", "policy enterprise → renewal-enterprise; first_reply 2h business → 1h"),
        (the_value_falls, "15:00", "policy enterprise → mid-market; first_reply 2h business → 4h business"),
        # Within half an hour: that has passed, so there is an hour's grace.
        (the_priority_rises, "12:40", None),
        (the_policy_is_rewritten, "14:00", "first_reply 2h business → 3h business"),
        (the_calendar_is_rewritten, "14:10", "calendar default has other hours or days"),
    ],
)
def test_a_change_moves_the_deadline_and_both_are_kept(
    company: Call, tmp_path: Path, change: Callable[[Path], None], first_reply: str, said: str | None
) -> None:
    [first] = promised()
    assert first.since == datetime(2026, 11, 16, 11, tzinfo=UTC)
    assert deadlines(company, FIRST)["first_reply"] == "2026-11-16T13:00:00+00:00"
    change(tmp_path)
    assert company("import", "exports").code == 0
    assert company("run", "--as-of", SECOND).code == 0
    assert deadlines(company, SECOND)["first_reply"] == f"2026-11-16T{first_reply}:00+00:00"
    kept, *new = promised()
    assert kept == first
    assert [each.since for each in new] == ([] if said is None else [datetime(2026, 11, 16, 11, 45, tzinfo=UTC)])
    assert all(said in each.because for each in new if said)
    company("run", "--as-of", LATER)
    recorded = company("sla", "breaches", "--json", "--as-of", LATER).json
    [late] = [each for each in recorded if (each["ticket_ref"], each["metric"]) == ("T-1", "first_reply")]
    assert late["breached_at"] == f"2026-11-16T{first_reply}:00Z"
    assert (late["recorded_at"], late["standing"]) == ("2026-11-17T12:00:00Z", "recorded")


def test_a_run_says_how_the_clocks_stand(company: Call) -> None:
    told = company("run", "--as-of", SECOND)
    assert "SLA        0 retargeted; 4 clocks running, 0 paused, 0 breached, 0 new breaches" in told.out
    assert "2 tickets without a status history" in told.out
    assert company("run", "--json", "--as-of", SECOND).json["sla"]["running"] == 4


def test_the_clocks_are_listed_the_next_deadline_first(company: Call) -> None:
    rows = company("sla", "--json", "--as-of", FIRST).json
    assert [row["deadline_at"] for row in rows] == sorted(row["deadline_at"] for row in rows)
    first = rows[0]
    assert (first["ticket"], first["account"], first["arr"], first["renews_on"]) == (
        "T-1",
        "Blue Harbour",
        "150000.00",
        "2027-06-15",
    )
    assert (first["metric"], first["state"], first["target_seconds"]) == ("first_reply", "running", 7200)
    assert (first["counting"], first["spent_seconds"], first["remaining_seconds"]) == ("business", 1800, 5400)
    assert (first["policy"], first["warned_percent"], first["breach_probability"]) == ("enterprise", 0, None)
    assert first["because"] == "Policy enterprise: ACV USD 150,000 (enterprise)"
    assert company("sla", "clocks", "--json", "--as-of", FIRST).json == rows
    table = company("sla", "--as-of", FIRST).out
    assert "30m of 2h" in table
    assert "2026-11-16 13:00" in table


@pytest.mark.parametrize(
    ("options", "clocks"),
    [
        (("--metric", "resolution"), 2),
        (("--account", "blue"), 2),
        (("--account", "A-1", "--metric", "first_reply"), 1),
        (("--account", "Nobody"), 0),
        (("--due-within", "2h"), 1),
        (("--due-within", "2h", "--metric", "resolution"), 0),
        (("--state", "paused"), 0),
        (("--state", "no_target", "--metric", "outreach"), 2),
    ],
)
def test_clocks_are_narrowed_down(company: Call, options: tuple[str, ...], clocks: int) -> None:
    assert len(company("sla", "--json", "--no-forecast", "--as-of", FIRST, *options).json) == clocks


def test_a_length_that_is_none_is_refused(company: Call) -> None:
    told = company("sla", "--due-within", "soon")
    assert told.code == 2
    assert "'soon' is no length of time" in " ".join(told.err.split())


def test_breaches_say_by_how_much_and_what_is_denied_since(company: Call, tmp_path: Path) -> None:
    company("run", "--as-of", LATER)
    assert "7h business, still waiting" in company("sla", "breaches", "--as-of", LATER).out
    asked = "M-1,T-1,customer,true,It fails,2026-11-16T11:00:00Z"
    answered = "M-2,T-1,agent,true,Done,2026-11-16T11:20:00Z"
    write(tmp_path, messages=f"external_id,ticket_ref,author_kind,public,text,sent_at\n{asked}\n{answered}\n")
    company("import", "exports")
    told = company("sla", "breaches", "--as-of", LATER)
    assert "contradicted: what is known by now says otherwise" in told.out
    standing = {row["metric"]: row["standing"] for row in company("sla", "breaches", "--json", "--as-of", LATER).json}
    assert standing["first_reply"] == "contradicted"
    told = company("sla", "breaches", "--as-of", LATER, "--since", LATER)
    assert "No promise was broken since 2026-11-17" in told.out


def test_attainment_is_told_by_slice_and_never_without_anything_due(company: Call) -> None:
    assert "No promise came due from" in company("sla", "attainment", "--as-of", FIRST).out
    company("run", "--as-of", LATER)
    told = company("sla", "attainment", "--json", "--by", "policy", "--as-of", LATER).json
    assert told["slices"] == [{"slice": "enterprise", "met": 0, "breached": 1, "share": 0.0}]
    assert told["all"]["breached"] == 1
    table = company("sla", "attainment", "--by", "metric", "--as-of", LATER).out
    assert "first_reply" in table
    assert "0.0 %" in table


def test_a_preview_says_what_a_changed_document_would_do_and_writes_nothing(company: Call, tmp_path: Path) -> None:
    text = shipped(ENTERPRISE, ENTERPRISE.replace("2h", "15m"))
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    told = company("sla", "preview", "mine.yaml", "--json", "--as-of", FIRST).json
    assert (told["open_tickets"], told["changed_tickets"]) == (2, 1)
    assert told["policies"] == {"enterprise": {"now": 1, "then": 1}, "standard": {"now": 1, "then": 1}}
    [moved] = told["moved"]
    assert (moved["metric"], moved["change"], moved["graced"]) == ("first_reply", "tightened", True)
    assert moved["old_deadline_at"] == "2026-11-16T13:00:00+00:00"
    assert moved["new_deadline_at"] == "2026-11-16T12:30:00+00:00"
    assert told["attainment"]["quarter_begins_on"] == "2026-07-01"
    assert told["attainment"]["now"]["share"] is None
    assert len(promised()) == 1
    table = company("sla", "preview", "mine.yaml", "--as-of", FIRST).out
    assert "1 would be broken at once, were it not for the grace." in table
    assert "Nothing was written." in table


def test_a_preview_of_what_is_in_force_changes_nothing(company: Call) -> None:
    told = company("sla", "preview", "--json", "--as-of", FIRST).json
    assert (told["changed_tickets"], told["moved"]) == (0, [])
    assert told["clocks"] == {"tightened": 0, "loosened": 0, "new": 0, "gone": 0, "same": 4}


def test_a_document_that_is_wrong_is_refused_with_its_place(company: Call, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("policies:\n  - {id: p, targets: {first_reply: soon}}\n", encoding="utf-8")
    told = company("sla", "preview", "mine.yaml")
    assert told.code == 1
    assert "mine.yaml:2:" in told.err
    other = "policies:\n  - {id: p, when: {signal: acv, op: '>', value: 5 EUR}, targets: none}\n"
    (tmp_path / "mine.yaml").write_text(other, encoding="utf-8")
    told = company("sla", "preview", "mine.yaml")
    assert told.code == 1
    assert "write the amount in USD" in told.err


def test_a_calendar_shows_when_it_is_open(company: Call, tmp_path: Path) -> None:
    configure(
        tmp_path,
        """
calendars:
  default:
    zone: Europe/Berlin
    hours: {mon-thu: ["09:00-12:30", "13:30-18:00"], fri: ["09:00-15:00"]}
    holidays: [{country: DE, region: BY}]
    special_days: {2026-11-18: ["10:00-12:00"]}
  night: {hours: always}
calendar_for:
  - {calendar: night, when: {signal: priority, op: "==", value: urgent}}
policies: [{id: p, targets: {first_reply: 1h business}}]
""",
    )
    [told] = company("sla", "calendar", "default", "--week", "2026-11-18", "--json", "--as-of", FIRST).json
    assert (told["zone"], told["is_open"]) == ("Europe/Berlin", False)
    assert told["next_openings"][:2] == ["2026-11-16T12:30:00+00:00", "2026-11-17T08:00:00+00:00"]
    assert told["holidays_ahead"][0] == {"on": "2026-12-25", "name": "Christmas Day"}
    days = {day["on"]: day for day in told["week"]}
    assert len(days) == 7
    assert days["2026-11-18"]["open"] == [{"opens": "2026-11-18T09:00:00+00:00", "closes": "2026-11-18T11:00:00+00:00"}]
    assert days["2026-11-18"]["why"] == "special day"
    assert days["2026-11-22"]["open"] == []
    table = company("sla", "calendar", "--week", "2026-11-18", "--as-of", FIRST).out
    assert "default: Europe/Berlin, closed now" in table
    assert "night: UTC, open now" in table
    assert "09:00-11:00" in table
    told = company("sla", "calendar", "nigth")
    assert told.code == 1
    assert "night" in told.err


def test_the_schema_of_the_document_is_printed(call: Call) -> None:
    schema = json.loads(call("sla", "schema").out)
    assert {"policies", "calendars", "backfill_days"} <= set(schema["properties"])


@pytest.mark.parametrize("words", [(), ("breaches",), ("attainment",), ("clocks", "--metric", "resolution")])
def test_nothing_promised_yet_says_what_to_do(call: Call, words: tuple[str, ...]) -> None:
    told = call("sla", *words)
    assert told.code == 0
    assert "keepline run" in told.out


def test_an_account_shows_its_clocks_and_what_was_broken(company: Call) -> None:
    company("run", "--as-of", LATER)
    table = company("account", "Blue Harbour", "--as-of", LATER).out
    assert "Service levels: clocks 1 running, 0 paused, 1 breached; broken promises on record 1" in table
    told = company("account", "Blue Harbour", "--json", "--as-of", LATER).json
    assert {clock["ticket"] for clock in told["clocks"]} == {"T-1"}
    assert [breach["metric"] for breach in told["breaches"]] == ["first_reply"]
    assert told["signals"]["sla_breaches_30d"] == 1


def test_doctor_names_sources_without_a_status_history(company: Call) -> None:
    assert "no status history from keepline" in " ".join(company("doctor").out.split())
