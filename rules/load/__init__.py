"""Knows how much work a team can be given in a day, to whom it goes, and which rules are worth their alarms."""

from rules.load.written import Team, with_known_calendars

__all__ = ["Team", "with_known_calendars"]
