"""Knows where the cases of each KPI are found; each part of the facts is read once, when first asked for."""

from collections.abc import Callable
from functools import cached_property

import narwhals as nw

from rules.kpis import answers, contacts, deflection, volume, waits
from rules.kpis.catalogue import Family, Kpi
from rules.kpis.facts import Frame, KpiFacts, Results
from rules.kpis.settings import KpiSettings
from rules.kpis.slices import in_channel
from rules.kpis.stretches import stretches
from rules.kpis.windows import Window


class Evidence:
    """The facts of one moment, prepared for any number of windows before it."""

    def __init__(self, facts: KpiFacts, settings: KpiSettings) -> None:
        self.facts, self.settings = facts, settings

    @cached_property
    def tickets(self) -> Frame:
        """The tickets that exist at the moment."""
        return self.facts.tickets.filter(nw.col("created_at") <= self.facts.as_of).collect().lazy()

    @cached_property
    def surveys(self) -> Frame:
        """The answers that were given by the moment."""
        return self.facts.surveys.filter(nw.col("answered_at") <= self.facts.as_of).collect().lazy()

    @cached_property
    def clocks(self) -> Frame:
        """The clocks with their times from start to fulfilment."""
        return waits.measured(self.facts.clocks, self.facts.calendars, self.facts.default_calendar).lazy()

    @cached_property
    def stretches(self) -> Frame:
        """When tickets were open."""
        return self._stretches.lazy()

    @cached_property
    def contacts(self) -> Frame:
        """Tickets by their first resolution."""
        return contacts.contacts(self.facts, self._stretches).lazy()

    @cached_property
    def visits(self) -> Frame:
        """Who looked at articles, by reader and day."""
        return deflection.visits(self.facts).lazy()

    @cached_property
    def _stretches(self) -> Results:
        return stretches(self.facts)

    def cases(self, kpi: Kpi, window: Window) -> Frame:
        """The cases of a KPI in a window, in the columns of `cases.COLUMNS`."""
        found = self._finders[kpi.family](kpi, window)
        return found if kpi.channel is None else in_channel(found, self.tickets, kpi.channel)

    @cached_property
    def _finders(self) -> dict[Family, Callable[[Kpi, Window], Frame]]:
        days, soon = self.settings.reopen_days, self.settings.deflection_days
        return {
            "wait": lambda kpi, window: waits.waits(self.clocks, kpi, window),
            "promise": lambda kpi, window: waits.promises(self.clocks, kpi, window),
            "contact": lambda _, window: contacts.first_contacts(self.contacts, self.facts, days, window),
            "reopened": lambda _, window: contacts.reopened(self.contacts, self.facts, days, window),
            "created": lambda _, window: volume.created(self.tickets, window),
            "closed": lambda _, window: volume.closed(self.stretches, window),
            "escalated": lambda _, window: volume.escalated(self.tickets, window),
            "backlog": lambda _, window: volume.backlog(self.stretches, window),
            "csat": lambda _, window: answers.csat(self.surveys, window),
            "ces": lambda _, window: answers.ces(self.surveys, window, self.settings.easy_end),
            "nps": lambda _, window: answers.nps(self.surveys, window),
            "unaided": lambda _, window: deflection.unaided(self.contacts, self.facts, days, window),
            "read": lambda _, window: deflection.read(self.visits, self.facts, soon, window),
            "needs": lambda _, window: deflection.needs(
                deflection.unaided(self.contacts, self.facts, days, window),
                deflection.read(self.visits, self.facts, soon, window),
            ),
        }
