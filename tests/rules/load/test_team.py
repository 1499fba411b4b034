"""How a team is written: what is left out, what is wrong, and the line and remedy that are told."""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config import documents
from domain.errors import ConfigError
from rules.load import Team, with_known_calendars
from rules.load.hours import hours_on, working_hours
from rules.load.written import team_schema
from rules.sla import Calendar
from rules.sla.policy import SlaDocument

OFFICE = {"zone": "Europe/Berlin", "hours": {"mon-fri": ["09:00-12:00", "13:00-17:00"]}}


def test_the_shipped_team_names_nobody_and_has_a_day_for_each_role() -> None:
    team = documents.read(documents.DEFAULTS / "team.yaml", Team)
    assert team.people == ()
    assert all(team.budget_of(role, role) for role in ("csm", "support_lead", "product", "executive_sponsor", "other"))


def test_nothing_said_is_no_limit() -> None:
    team = Team()
    assert team.budget_of("anybody", "csm") is None
    assert team.chances == {"urgent": 0.5, "high": 0.3, "normal": 0.15, "low": 0.05}


@pytest.mark.parametrize(
    ("written", "line", "remedy"),
    [
        ("peopel: []\n", 1, "did you mean 'people'?"),
        ("people:\n  - id: a\n    roles: [csm]\n    calender: x\n", 4, "did you mean 'calendar'?"),
        ("people:\n  - {id: a, roles: csm, deputy: b}\n", 2, "unknown person 'b'"),
        ("people:\n  - {id: a, roles: csm, deputy: a}\n", 2, "nobody is her own deputy"),
        ("people:\n  - {id: a, roles: csm}\n  - {id: a, roles: csm}\n", 3, "two people have the id 'a'"),
        ("people:\n  - {id: a, roles: csm, csm: N}\n  - {id: b, roles: csm, csm: n}\n", 3, "'n' is a already"),
        ("people:\n  - {id: a, roles: csm, absences: [{from: 2026-05-02, to: 2026-05-01}]}\n", 2, "the later day"),
        ("people:\n  - {id: a, roles: csm, absences: [{from: soon, to: 2026-05-01}]}\n", 2, "write it like 2026-12-24"),
        ("people:\n  - {id: a, roles: csm, calendar: offcie}\n", 2, "did you mean 'office'?"),
        ("budgets: {csm: -1}\n", 1, "greater than or equal to 0"),
        ("never_held_back: {arr_from: a lot}\n", 1, "write it like 250000 USD"),
        ("never_held_back: {priorities: [urgnt]}\n", 1, "did you mean 'urgent'?"),
        ("chances: {high: 3}\n", 1, "less than or equal to 1"),
        ("half_at: 0d\n", 1, "write at least 1d"),
        ("disagreements: [Wrong Account]\n", 1, "Wrong Account"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_remedy(tmp_path: Path, written: str, line: int, remedy: str) -> None:
    path = tmp_path / "team.yaml"
    path.write_text(written, encoding="utf-8")
    calendars = {"office": None, "default": None}
    with pytest.raises(ConfigError) as told:
        documents.read(path, Team, lambda plain, _: with_known_calendars(plain, calendars))
    assert told.value.line == line
    assert remedy in str(told.value)


def test_an_amount_must_be_in_the_reporting_currency() -> None:
    team = Team.model_validate({"never_held_back": {"arr_from": "250_000 USD"}})
    team.require_currency("USD")
    with pytest.raises(ValueError, match=r"arr_from 250000 USD: write it in EUR"):
        team.require_currency("EUR")


@pytest.mark.parametrize(("day", "hours"), [(6, 7.0), (7, 0.0), (9, 7.0), (29, 7.0)])
def test_the_hours_of_a_day_are_those_of_the_calendar(day: int, hours: float) -> None:
    """The clocks of 29 March 2026 change at night; a Sunday, so take the Monday after for a plain one."""
    calendar = Calendar.model_validate({**OFFICE, "special_days": {"2026-03-29": ["09:00-16:00"]}})
    assert hours_on(calendar, date(2026, 3, day)) == hours


def test_each_person_works_by_her_own_calendar() -> None:
    levels = SlaDocument.model_validate(
        {"calendars": {"default": OFFICE, "half": {"hours": {"mon-fri": ["09:00-13:00"]}}}}
    )
    people: list[dict[str, Any]] = [{"id": "a", "roles": "csm"}, {"id": "b", "roles": "csm", "calendar": "half"}]
    monday = datetime(2026, 3, 2, 8, tzinfo=ZoneInfo("Europe/Berlin"))
    assert working_hours(Team.model_validate({"people": people}), levels, monday) == {"a": 7.0, "b": 4.0}


def test_an_editor_can_complete_the_file() -> None:
    assert set(team_schema()["properties"]) == set(Team.model_fields)
