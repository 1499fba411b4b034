"""What is wrong in `sla.yaml` is refused with its place and the remedy; what is right is described to an editor."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from config.documents import DEFAULTS, read
from config.holiday_files import resolve_holiday_files
from domain.errors import ConfigError
from rules.sla.policy import SlaDocument, sla_schema

GOOD = """\
calendars:
  default:
    zone: Europe/Berlin
    hours: {mon-fri: ["09:00-12:30", "13:30-18:00"]}
  spare: {hours: always}
calendar_for:
  - {calendar: spare, when: {signal: team, op: "==", value: EMEA}}
policies:
  - id: rich
    when: {signal: acv_band, op: "==", value: enterprise}
    targets:
      first_reply: {urgent: 1h business, low: none}
      outreach: 24h elapsed
  - id: dated
    calendar: spare
    targets: none
    valid_from: 2026-01-01
    valid_until: 2026-12-31
  - id: rest
    targets: {next_reply: 2h business}
multipliers:
  - id: soon
    when: {signal: days_to_renewal, op: "<=", value: 90}
    factor: 0.5
    metrics: [next_reply]
"""


def _read(folder: Path, text: str) -> SlaDocument:
    path = folder / "sla.yaml"
    path.write_text(text, encoding="utf-8")
    return read(path, SlaDocument, resolve_holiday_files)


def _mistakes(folder: Path, text: str) -> Sequence[ConfigError]:
    with pytest.raises(ConfigError) as caught:
        _read(folder, text)
    return (caught.value, *caught.value.more)


def test_a_good_document_is_read(tmp_path: Path) -> None:
    assert [policy.id for policy in _read(tmp_path, GOOD).policies] == ["rich", "dated", "rest"]


RICH = "{signal: acv_band, op: in, value: [enterprise]}"
NEVER = "{not: {any: [{signal: acv, op: is_known}, {signal: acv, op: is_unknown}]}}"
EMEA = "{signal: team, op: in, value: [emea]}"
REFUSALS = [
    # Calendars.
    ('{mon-fri: ["09:00-12:30", "13:30-18:00"]}', "{mon-fri: []}", 2, "no open time at all; give hours"),
    ('"13:30-18:00"', '"12:00-18:00"', 4, "overlap"),
    ("Europe/Berlin", "Europe/Berln", 3, "did you mean 'Europe/Berlin'?"),
    ("zone:", "zon:", 3, "did you mean 'zone'?"),
    ("calendar: spare, when", "calendar: spar, when", 7, "unknown calendar 'spar'; did you mean 'spare'?"),
    ("    calendar: spare", "    calendar: defalt", 15, "unknown calendar 'defalt'; did you mean 'default'?"),
    ("calendars:", "calendar: office\ncalendars:", 1, "unknown calendar 'office'; use one of default, spare"),
    # Targets.
    ("1h business", "-1h business", 12, "is negative; write '1h business', or none for no target"),
    ("1h business", "0h business", 12, "write a longer time, or none for no target"),
    ("1h business", "1h", 12, "write '1h business' or '1h elapsed'"),
    ("1h business", "1 hour", 12, "write it like '24h elapsed'"),
    ("1h business", "1d business", 12, "write hours, such as '8h business'"),
    ("1h business", "999999w elapsed", 12, "longer than ten years"),
    ("24h elapsed", "24h elapsd", 13, "write '24h business' or '24h elapsed'"),
    ("24h elapsed", "", 13, "is no length of time"),
    ("outreach", "outrech", 13, "unknown metric 'outrech'; did you mean 'outreach'?"),
    ("low: none", "lwo: none", 12, "unknown priority 'lwo'; did you mean 'low'?"),
    ("{urgent: 1h business, low: none}", "{}", 12, "write none for no target"),
    ("targets: {next_reply: 2h business}", "targets: {}", 20, "write 'targets: none' to promise nothing"),
    ("targets: none", "target: none", 16, "unknown word in a policy 'target'; did you mean 'targets'?"),
    # Dates.
    ("valid_until: 2026-12-31", "valid_until: 2025-12-31", 18, "would end before it begins on 2026-01-01"),
    ("valid_from: 2026-01-01", "valid_from: 1.1.2026", 17, "write one such as 2026-01-31"),
    ("valid_from: 2026-01-01", "valid_from: 2026-01-01 10:00:00", 17, "write the date alone, such as 2026-01-01"),
    # Conditions.
    ("signal: acv_band", "signal: acv_bnd", 10, "did you mean 'acv_band'?"),
    ("value: enterprise", "value: enterprize", 10, "unknown ACV band 'enterprize'; did you mean 'enterprise'?"),
    ("value: 90", "value: soon", 23, "plain number"),
    # What is never reached.
    ("    when: {signal: acv_band", "    # when: {signal: acv_band", 14, "'dated' is never reached: 'rich' above it"),
    ("targets: {next_reply: 2h business}", "targets: none\n  - {id: last, targets: none}", 21, "move 'last' above it"),
    ("- id: rest\n", f"- id: rest\n    when: {RICH}\n", 19, "'rich' above it applies wherever it would"),
    ("- id: rest\n", f"- id: rest\n    when: {NEVER}\n", 19, "can never be true; mend it, or remove it"),
    ("policies:", f"  - {{calendar: default, when: {EMEA}}}\npolicies:", 8, "'calendar_for 1' above it applies"),
    # Multipliers and settings.
    ("factor: 0.5", "factor: 0", 24, "above 0 and at most 100"),
    ("factor: 0.5", "factor: -2", 24, "above 0 and at most 100"),
    ("factor: 0.5", "factor: 101", 24, "above 0 and at most 100"),
    ("factor: 0.5", "factor: .nan", 24, "above 0 and at most 100"),
    ("factor: 0.5", "factor: half", 24, "a number such as 0.5"),
    ("metrics: [next_reply]", "metrics: [next_replies]", 25, "did you mean 'next_reply'?"),
    ("metrics: [next_reply]", "metrics: []", 25, "at least one"),
    ("id: rest", "id: rich", 19, "two policies have the id 'rich'; give each its own"),
    ("id: rest", "id: The Rest", 19, "write 'the-rest'"),
    ("policies:", "grace: 1h\npolicies:", 8, "write '1h business' or '1h elapsed'"),
    ("policies:", "warnings: [50, 100]\npolicies:", 8, "less than or equal to 99"),
    ("policies:", "pauses: {default: [pendng]}\npolicies:", 8, "did you mean 'pending'?"),
    ("policies:", "pauses: {default: [solved]}\npolicies:", 8, "use one of new, open, pending, on_hold"),
    ("policies:", "pauses: {frist_reply: []}\npolicies:", 8, "did you mean 'first_reply'?"),
    ("policies:", "reopened: restrat\npolicies:", 8, "did you mean 'restart'?"),
    ("policies:", "without_priority: nromal\npolicies:", 8, "did you mean 'normal'?"),
    ("policies:", "polices: []\npolicies:", 8, "did you mean 'policies'?"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "line", "remedy"), REFUSALS)
def test_what_is_wrong_is_refused_with_its_line_and_what_would_be_right(
    tmp_path: Path, right: str, wrong: str, line: int, remedy: str
) -> None:
    assert right in GOOD
    found = _mistakes(tmp_path, GOOD.replace(right, wrong, 1))
    assert [mistake for mistake in found if mistake.line == line and remedy in mistake.remedy], found


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("Europe/Berlin", "Berln").replace("1h business", "1h").replace("factor: 0.5", "factor: 0")
    assert [mistake.line for mistake in _mistakes(tmp_path, text)] == [3, 12, 24]
    unknown = GOOD.replace("calendar: spare", "calendar: spar").replace("id: rest", "id: rich")
    assert sorted(mistake.line or 0 for mistake in _mistakes(tmp_path, unknown)) == [7, 15, 19]


@pytest.mark.parametrize(
    ("many", "found"),
    [
        ("policies:\n" + "".join(f"  - {{id: p{n}, targets: none}}\n" for n in range(300)), "at most 200"),
        ("multipliers:\n" + "  - {id: a, factor: 2, when: {signal: acv, op: is_known}}\n" * 30, "at most 24"),
        ("policies: [{id: a, targets: none, when: " + "{not: " * 60 + "x" + "}" * 60 + "}]\n", "fewer levels"),
        ("a: &a [x, x, x, x, x, x, x, x]\n" + "".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 8)}]\n" for n in range(8)
        ), "over and over"),
    ],
    ids=["policies", "multipliers", "deep", "anchors"],
)  # fmt: skip
def test_what_nobody_writes_is_refused(tmp_path: Path, many: str, found: str) -> None:
    assert found in _mistakes(tmp_path, many)[0].remedy


def test_holidays_come_out_of_a_file_beside_the_document(tmp_path: Path) -> None:
    event = "BEGIN:VEVENT\nUID:1\nDTSTAMP:20250101T000000Z\nDTSTART;VALUE=DATE:20261224\nSUMMARY:Eve\nEND:VEVENT"
    calendar = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{event}\nEND:VCALENDAR\n".replace("\n", "\r\n")
    (tmp_path / "own.ics").write_bytes(calendar.encode())
    text = GOOD.replace("    zone:", "    holidays: [{file: own.ics}]\n    zone:")
    [holiday] = _read(tmp_path, text).calendars["default"].model_dump(mode="json")["holidays"]
    assert holiday == {"on": "2026-12-24", "name": "Eve"}
    with pytest.raises(ConfigError, match="put the file there, or mend its name"):
        _read(tmp_path, text.replace("own.ics", "other.ics"))


class TestSchema:
    CHECKED = Draft202012Validator(sla_schema())

    def _content(self, text: str) -> Any:
        return json.loads(json.dumps(YAML(typ="safe").load(text), default=str))

    def test_it_is_a_schema(self) -> None:
        Draft202012Validator.check_schema(sla_schema())

    @pytest.mark.parametrize("text", [GOOD, (DEFAULTS / "sla.yaml").read_text(encoding="utf-8")])
    def test_what_is_right_is_right_by_it_too(self, text: str) -> None:
        assert [error.message for error in self.CHECKED.iter_errors(self._content(text))] == []

    @pytest.mark.parametrize(
        ("right", "wrong"),
        [
            ("outreach", "outrech"), ("low: none", "lwo: none"), ("signal: team", "signal: taem"), ("zone:", "zon:"),
            ("mon-fri", "mon-fry"), ("factor: 0.5", "factor: 0"), ("metrics: [next_reply]", "metrics: [x]"),
            ("targets: none", "target: none"), ("policies:", "reopened: x\npolicies:"),
            ("policies:", "pauses: {default: [x]}\npolicies:"), ("policies:", "polices: []\npolicies:"),
        ],
    )  # fmt: skip
    def test_a_misspelt_word_is_wrong_by_it_too(self, right: str, wrong: str) -> None:
        assert not self.CHECKED.is_valid(self._content(GOOD.replace(right, wrong, 1)))


def test_the_document_is_read_back_from_its_own_dump(tmp_path: Path) -> None:
    for document in (_read(tmp_path, GOOD), read(DEFAULTS / "sla.yaml", SlaDocument)):
        assert SlaDocument.model_validate_json(document.model_dump_json(by_alias=True, exclude_none=True)) == document
