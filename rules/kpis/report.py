"""Makes the figures of a window, whole or cut, each beside that of the window before; and opens one into its cases."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import narwhals as nw

from rules.kpis.catalogue import Cut, Kpi, time_unit
from rules.kpis.catalogue import told as words
from rules.kpis.changes import change
from rules.kpis.evidence import Evidence
from rules.kpis.facts import Frame, KpiFacts, Results
from rules.kpis.figures import Change, Figure, Grade
from rules.kpis.grading import points_grade, references, time_grade
from rules.kpis.measuring import COUNTINGS, Measured, measure, nothing
from rules.kpis.settings import KpiSettings
from rules.kpis.slices import WHOLE, ordered, sliced
from rules.kpis.spread import times
from rules.kpis.windows import Window


def kpi_report(
    facts: KpiFacts, window: Window, shown: Sequence[Kpi], settings: KpiSettings, by: Cut | None = None
) -> list[Figure]:
    """The figures of a window by KPI in the order of `shown`, then by slice.

    Each is compared with that of the window of the same length before it; a week or month of a cut by time with the one
    before it. The facts must reach back to the window's `before`.

    Source: docs/kpis.md.
    """
    made = _Report(Evidence(facts, settings), settings, by)
    return [figure for kpi in shown for figure in made.figures(kpi, window)]


def rows_behind(facts: KpiFacts, window: Window, kpi: Kpi, settings: KpiSettings, by: Cut | None = None) -> Results:
    """The cases behind a figure, the longest and then the newest first: the columns of `cases` and `slice`."""
    evidence = Evidence(facts, settings)
    unit = time_unit(by)
    parts = window.cut_by(unit) if unit else [window]
    found = nw.concat([_in_slices(evidence, kpi, part, by) for part in parts])
    order = [settings.counting, "elapsed", "at", "ticket_id"]
    return found.sort(*order, descending=[True, True, True, False], nulls_last=True).collect()


def _in_slices(evidence: Evidence, kpi: Kpi, window: Window, by: Cut | None) -> Frame:
    found = evidence.cases(kpi, window)
    if time_unit(by):
        return found.with_columns(slice=nw.lit(window.label))
    return sliced(found, evidence.tickets, by)


class _Report:
    """Figures of one body of evidence and one cut."""

    def __init__(self, evidence: Evidence, settings: KpiSettings, by: Cut | None) -> None:
        self._evidence, self._settings, self._by = evidence, settings, by

    def figures(self, kpi: Kpi, window: Window) -> Iterable[Figure]:
        """The figures of a KPI, by slice."""
        unit = time_unit(self._by)
        if unit:
            return self._over_time(kpi, window.cut_by(unit))
        now, before = self._measured(kpi, window), self._measured(kpi, window.before)
        names = ordered(list(now), self._by) if self._by else [WHOLE]
        none = nothing(kpi)
        return [self._figure(kpi, window, name, now.get(name, none), before.get(name, none)) for name in names]

    def _over_time(self, kpi: Kpi, parts: Sequence[Window]) -> Iterable[Figure]:
        stretches = [parts[0].before, *parts]
        found = [(part, self._measured(kpi, part).get(part.label, nothing(kpi))) for part in stretches]
        return [self._figure(kpi, part, part.label, now, before) for (_, before), (part, now) in pairwise(found)]

    def _measured(self, kpi: Kpi, window: Window) -> dict[str, Measured]:
        return measure(kpi, _in_slices(self._evidence, kpi, window, self._by), self._settings)

    def _figure(self, kpi: Kpi, window: Window, name: str, now: Measured, before: Measured) -> Figure:
        settings, interval = self._settings, now.interval
        told, is_time = now.value is not None, kpi.kind in {"time", "stock"}
        spread = {counting: times(now.ascending[counting]) for counting in COUNTINGS} if is_time else {}
        return Figure(
            kpi=kpi.name,
            title=kpi.title,
            kind=kpi.kind,
            slice=name or None,
            since=window.since,
            until=window.until,
            n=now.n,
            pending=now.pending,
            unknown=now.unknown,
            value=None if now.value is None else float(now.value),
            low=interval.low if interval else None,
            high=interval.high if interval else None,
            mean=now.mean,
            grade=self._grade(kpi, now),
            references=references(kpi, settings, name if self._by == "segment" else None),
            change=self._change(kpi, window, now, before),
            withheld=None if told else words(kpi.unknown_when, settings),
            **spread,
        )

    def _change(self, kpi: Kpi, window: Window, now: Measured, before: Measured) -> Change | None:
        begun = self._evidence.facts.known_since
        counts = kpi.kind in {"count", "stock"}
        if counts and (begun is None or begun > window.since - (window.until - window.since)):
            return None
        return change(kpi, now, before, self._settings.minimum)

    def _grade(self, kpi: Kpi, now: Measured) -> Grade | None:
        if kpi.kind == "time":
            return time_grade(kpi, now.ascending, self._settings)
        points = now.value if kpi.kind == "points" or now.value is None else now.value * 100
        return points_grade(kpi, points, now.n, self._settings)
