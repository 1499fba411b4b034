"""Keeps the ledger's rows as they were told; append-only, so that no figure changes without a trace."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Engine, and_, func, insert, select

from domain.publishing import PublishedFigure, Restatement
from storage import tables
from storage.versions import newest_knowledge

# Length and label of the window, the cut, the slice: what a row is of.
Place = tuple[str, str, str, str]
_PLACE = ("length", "period", "by", "slice")


def place_of(figure: PublishedFigure) -> Place:
    """What a figure is of; a later one of the same place restates it."""
    return figure.length, figure.period, figure.by, figure.slice


class PublishedBook:
    """What one database has published."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def newest(self, known_on: datetime | None = None) -> dict[Place, PublishedFigure]:
        """Each row as it was last told, by `known_on` where that is given."""
        table = tables.published_figures
        last = select(*(table.c[name] for name in _PLACE), func.max(table.c.published_at).label("published_at"))
        if known_on is not None:
            last = last.where(table.c.published_at <= known_on)
        newest = last.group_by(*(table.c[name] for name in _PLACE)).subquery()
        same = and_(*(table.c[name] == newest.c[name] for name in (*_PLACE, "published_at")))
        with self._engine.connect() as connection:
            rows = connection.execute(select(table).join(newest, same)).mappings().all()
        return {place_of(figure): figure for figure in map(PublishedFigure.model_validate, rows)}

    def restatements(self, since: datetime | None = None) -> list[Restatement]:
        """Every row that was told differently, with what it said before: the newest first, windows in their order.

        A slice that a window had not when it was first told was nothing before.
        """
        table = tables.published_figures
        with self._engine.connect() as connection:
            rows = connection.execute(select(table).order_by(*(table.c[name] for name in _PLACE), "published_at"))
            figures = [PublishedFigure.model_validate(row) for row in rows.mappings()]
        pairs = pairwise(figures)
        found = [Restatement(before=one, after=two) for one, two in pairs if place_of(one) == place_of(two)]
        found += _appeared(figures)
        recent = [each for each in found if since is None or each.after.published_at > since]
        recent.sort(key=lambda each: place_of(each.after))
        return sorted(recent, key=lambda each: each.after.published_at, reverse=True)

    def restated(self, known_on: datetime | None = None) -> set[Place]:
        """The rows that were told differently before, by `known_on`."""
        table = tables.published_figures
        query = select(*(table.c[name] for name in (*_PLACE, "published_at"))).order_by(table.c.published_at)
        if known_on is not None:
            query = query.where(table.c.published_at <= known_on)
        begun: dict[tuple[str, str, str], datetime] = {}
        with self._engine.connect() as connection:
            return {
                (length, period, by, slice_)
                for length, period, by, slice_, moment in connection.execute(query)
                if begun.setdefault((length, period, by), moment) < moment
            }

    def moment(self, as_of: datetime) -> datetime:
        """When figures that are made now are published: after all that they are made from became known."""
        with self._engine.connect() as connection:
            last = connection.scalar(select(func.max(tables.published_figures.c.published_at)))
            known = newest_knowledge(connection)
        after_last = None if last is None else last + timedelta(microseconds=1)
        return max(moment for moment in (as_of, known, after_last) if moment is not None)

    def append(self, figures: Sequence[PublishedFigure]) -> None:
        """Keep what was told, in one transaction."""
        if figures:
            with self._engine.begin() as connection:
                connection.execute(insert(tables.published_figures), _rows(figures))


def _appeared(figures: Sequence[PublishedFigure]) -> Iterator[Restatement]:
    """Slices of which a window had none when it was told before."""
    told: dict[tuple[str, str, str], list[PublishedFigure]] = {}
    firsts: dict[Place, PublishedFigure] = {}
    for figure in figures:
        told.setdefault(place_of(figure)[:3], []).append(figure)
        firsts.setdefault(place_of(figure), figure)
    for place, first in firsts.items():
        before = [each for each in told[place[:3]] if each.published_at < first.published_at]
        if before:
            last = max(before, key=lambda each: each.published_at)
            yield Restatement(before=last.model_copy(update={"slice": first.slice, "figures": {}}), after=first)


def _rows(figures: Iterable[PublishedFigure]) -> list[dict[str, object]]:
    return [figure.model_dump() for figure in figures]
