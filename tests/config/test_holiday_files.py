"""A calendar's holidays out of an iCalendar file: what recurs, moves and was cancelled, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from config.documents import read
from config.holiday_files import holidays_of, resolve_holiday_files
from domain.errors import ConfigError
from domain.records import Record

CHRISTMAS = ("UID:1", "DTSTART;VALUE=DATE:20261224", "SUMMARY:Christmas Eve")


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])


def ics(folder: Path, *events: str) -> Path:
    path = folder / "company.ics"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//made up//EN", *events, "END:VCALENDAR", ""]
    path.write_text("\r\n".join(lines), encoding="utf-8")
    return path


def days(path: Path) -> list[str]:
    return [entry.get("on") or f"{entry['from']} to {entry['to']}" for entry in holidays_of(path)]


def test_an_all_day_event_is_a_holiday_with_its_name(tmp_path: Path) -> None:
    assert holidays_of(ics(tmp_path, event(*CHRISTMAS))) == [{"on": "2026-12-24", "name": "Christmas Eve"}]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["DTEND;VALUE=DATE:20261225"], ["2026-12-24"]),
        (["DTEND;VALUE=DATE:20261227"], ["2026-12-24 to 2026-12-26"]),
        (["DURATION:P2D"], ["2026-12-24 to 2026-12-25"]),
        (["RRULE:FREQ=YEARLY;COUNT=3"], ["2026-12-24", "2027-12-24", "2028-12-24"]),
        (["RRULE:FREQ=YEARLY;UNTIL=20271224T000000Z"], ["2026-12-24", "2027-12-24"]),
        (["RRULE:FREQ=YEARLY;COUNT=3", "EXDATE;VALUE=DATE:20271224"], ["2026-12-24", "2028-12-24"]),
        (["RDATE;VALUE=DATE:20280102,20270105"], ["2026-12-24", "2027-01-05", "2028-01-02"]),
        (["RRULE:FREQ=YEARLY;COUNT=2", "RDATE;VALUE=DATE:20280102", "RDATE;VALUE=DATE:20290102"],
         ["2026-12-24", "2027-12-24", "2028-01-02", "2029-01-02"]),
        (["RRULE:FREQ=YEARLY;COUNT=2", "DTEND;VALUE=DATE:20261226"],
         ["2026-12-24 to 2026-12-25", "2027-12-24 to 2027-12-25"]),
    ],
)  # fmt: skip
def test_events_last_and_recur(tmp_path: Path, lines: list[str], expected: list[str]) -> None:
    assert days(ics(tmp_path, event(*CHRISTMAS, *lines))) == expected


def test_what_recurs_without_end_is_known_from_2000_to_2050(tmp_path: Path) -> None:
    found = days(ics(tmp_path, event("UID:1", "DTSTART;VALUE=DATE:19801224", "RRULE:FREQ=YEARLY")))
    assert (found[0], found[1], found[-1], len(found)) == ("1980-12-24", "2000-12-24", "2050-12-24", 52)


def test_a_weekday_of_a_month_recurs_by_its_rule(tmp_path: Path) -> None:
    rule = "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=3"
    thanksgiving = event("UID:1", "DTSTART;VALUE=DATE:20261126", rule)
    assert days(ics(tmp_path, thanksgiving)) == ["2026-11-26", "2027-11-25", "2028-11-23"]


def test_cancelled_and_moved_events_and_those_with_times_of_day_are_left_out(tmp_path: Path) -> None:
    path = ics(
        tmp_path,
        event(*CHRISTMAS, "RRULE:FREQ=YEARLY;COUNT=3"),
        event("UID:1", "RECURRENCE-ID;VALUE=DATE:20271224", "DTSTART;VALUE=DATE:20271223", "SUMMARY:A day earlier"),
        event("UID:1", "RECURRENCE-ID;VALUE=DATE:20281224", "DTSTART;VALUE=DATE:20281224", "STATUS:CANCELLED"),
        event("UID:2", "DTSTART;VALUE=DATE:20260501", "STATUS:CANCELLED"),
        event("UID:3", "DTSTART:20260601T090000Z", "DTEND:20260601T100000Z", "SUMMARY:Stand-up"),
        event("UID:4", "DTSTART:20260701T000000Z", "DTEND:20260703T000000Z", "SUMMARY:From midnight to midnight"),
    )
    assert days(path) == ["2026-07-01 to 2026-07-02", "2026-12-24", "2027-12-23"]


def test_a_file_s_days_take_the_entry_s_place_and_all_else_keeps_its_own(tmp_path: Path) -> None:
    ics(tmp_path, event(*CHRISTMAS), event("UID:2", "DTSTART;VALUE=DATE:20261231"))
    content: dict[str, Any] = {
        "grace": "1h business",
        "calendars": {
            "team": {"hours": "always", "holidays": ["2026-05-01", {"file": "company.ics"}, {"country": "DE"}]},
            "other": {"hours": "always"},
        },
    }
    resolved = resolve_holiday_files(content, tmp_path)
    assert resolved["calendars"]["team"]["holidays"] == [
        "2026-05-01", {"on": "2026-12-24", "name": "Christmas Eve"}, {"country": "DE"}, {"on": "2026-12-31"},
    ]  # fmt: skip
    assert resolved["calendars"]["other"] is content["calendars"]["other"]
    assert content["calendars"]["team"]["holidays"][1] == {"file": "company.ics"}


@pytest.mark.parametrize(
    "content", [{}, {"calendars": []}, {"calendars": {"a": 3}}, {"calendars": {"a": {"holidays": 3}}}, 3]
)
def test_what_is_no_calendar_is_left_for_the_document_to_refuse(tmp_path: Path, content: Any) -> None:
    assert resolve_holiday_files(content, tmp_path) == content


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ({"file": "missing.ics"}, "No such file or directory; put the file there"),
        ({"file": "../company.ics"}, "outside of the configuration folder; copy it into"),
        ({"file": "/etc/hosts"}, "outside of the configuration folder"),
        ({"file": "leads-out.ics"}, "outside of the configuration folder"),
        ({"file": 7}, "write {file: company.ics} and nothing beside it"),
        ({"file": "company.ics", "name": "x"}, "nothing beside it"),
        ({"file": "."}, "Is a directory"),
    ],
)
def test_only_a_file_in_the_folder_is_read(tmp_path: Path, entry: dict[str, Any], found: str) -> None:
    (tmp_path / "company.ics").write_text("")
    folder = tmp_path / "configuration"
    folder.mkdir()
    (folder / "leads-out.ics").symlink_to(tmp_path / "company.ics")
    with pytest.raises(ConfigError, match=found):
        resolve_holiday_files({"calendars": {"a": {"holidays": [entry]}}}, folder)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["DTSTART;VALUE=DATE:2026"], "DTSTART of '', .*; write dates as 20261224"),
        (["SUMMARY:No date"], "an event without a date, 'No date'; give it a DTSTART"),
        ([*CHRISTMAS, "RRULE:FREQ=NEVER"], "RRULE of 'Christmas Eve'"),
        ([*CHRISTMAS, "RRULE:FREQ=HOURLY"], "the rule 'FREQ=HOURLY' of 'Christmas Eve'; give it a rule such as"),
        ([*CHRISTMAS, "RRULE:FREQ=YEARLY;INTERVAL=0"], "the rule 'FREQ=YEARLY;INTERVAL=0'"),
        ([*CHRISTMAS, "RRULE:FREQ=DAILY"], "more than 5,000 days; give a calendar of holidays only"),
        ([*CHRISTMAS, "DTEND;VALUE=DATE:20301224"], "an event of 1461 days from 2026-12-24 on; give"),
        ([*CHRISTMAS, "STATUS:CANCELLED"], "no event that lasts whole days; give a calendar whose holidays"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_told_with_a_remedy(tmp_path: Path, lines: list[str], found: str) -> None:
    path = ics(tmp_path, event(*lines))
    with pytest.raises(ConfigError, match=f"company.ics: found {found}"):
        holidays_of(path)


@pytest.mark.parametrize("content", [b"", b"Date,Name\n2026-12-24,Eve\n", b"\xff\xfe\x00\x00", b"BEGIN:VCALENDAR\n"])
def test_what_is_no_icalendar_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "company.ics").write_bytes(content)
    with pytest.raises(ConfigError, match=r"company\.ics: found no "):
        holidays_of(tmp_path / "company.ics")


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "company.ics").write_bytes(b" " * 1_048_577)
    with pytest.raises(ConfigError, match="1,048,577 bytes; keep it below 1,048,576"):
        holidays_of(tmp_path / "company.ics")


def test_a_document_is_read_with_its_files_beside_it(tmp_path: Path) -> None:
    class Document(Record):
        calendars: dict[str, dict[str, Any]]

    ics(tmp_path, event(*CHRISTMAS))
    (tmp_path / "sla.yaml").write_text("calendars:\n  team:\n    holidays:\n      - {file: company.ics}\n")
    document = read(tmp_path / "sla.yaml", Document, prepare=resolve_holiday_files)
    assert document.calendars["team"]["holidays"] == [{"on": "2026-12-24", "name": "Christmas Eve"}]
