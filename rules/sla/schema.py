"""Knows how what is written in `sla.yaml` is described to an editor, where the models hold it in another form."""

from typing import Any, get_args

from domain.sla import Metric
from domain.tickets import Priority

_DAY = r"(mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_DATE: dict[str, Any] = {"type": "string", "format": "date", "examples": ["2026-12-24"]}
_PERIODS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string", "examples": ["09:00-17:00"]}}]}
_NAME = {"type": "string"}


def _mapping(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": required}


_HOLIDAY = {
    "anyOf": [
        _DATE,
        _mapping({"on": _DATE, "name": _NAME}, ["on"]),
        _mapping({"from": _DATE, "to": _DATE, "name": _NAME}, ["from", "to"]),
        _mapping({"country": {"type": "string", "examples": ["DE"]}, "region": _NAME}, ["country"]),
        _mapping({"file": {"type": "string", "examples": ["holidays.ics"]}}, ["file"]),
    ]
}
_WEEK = {"type": "object", "patternProperties": {f"^ *{_DAY} *([-–,] *{_DAY} *)*$": _PERIODS}}
CALENDAR = _mapping(
    {
        "zone": {"type": "string", "default": "UTC", "examples": ["Europe/Berlin", "America/New_York"]},
        "hours": {"anyOf": [{"const": "always"}, {**_WEEK, "additionalProperties": False}]},
        "holidays": {"type": "array", "items": _HOLIDAY},
        "special_days": {"type": "object", "propertyNames": _DATE, "additionalProperties": _PERIODS},
    },
    ["hours"],
)

LENGTH: dict[str, Any] = {"type": "string", "examples": ["1h business", "30m elapsed"]}
_TARGET = {"type": "string", "examples": ["30m business", "24h elapsed", "none"]}
_SOME = {"type": "object", "additionalProperties": False, "minProperties": 1}
_BY_PRIORITY = {**_SOME, "properties": dict.fromkeys(get_args(Priority), _TARGET)}
TARGETS: dict[str, Any] = {
    "anyOf": [
        {"const": "none"},
        {**_SOME, "properties": {metric: {"anyOf": [_TARGET, _BY_PRIORITY]} for metric in get_args(Metric)}},
    ]
}
FACTOR: dict[str, Any] = {"type": "number", "exclusiveMinimum": 0, "maximum": 100}
