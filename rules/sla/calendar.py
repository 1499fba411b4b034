"""Knows when a team works: its weekly hours, its zone, and the days that are different."""

from domain.records import Record


class Calendar(Record):
    """Weekly hours in a time zone, with holidays and special days."""

    zone: str = "UTC"
