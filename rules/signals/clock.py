"""Knows where `as_of` stands: window starts, whole days back, and that nothing later exists."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import narwhals as nw

_DAY_SECONDS = 86_400


class Standpoint(ABC):
    """What a column may ask of its moment, be it one literal for all rows or each row's own: one text serves both."""

    @abstractmethod
    def now(self, days_ago: int = 0) -> nw.Expr:
        """The moment, or the one so many days before it: Datetime("us", "UTC")."""

    @abstractmethod
    def midnight(self) -> nw.Expr:
        """Where the moment's UTC day began: Datetime("us") without a zone."""

    def days_since(self, column: str, days_ago: int = 0) -> nw.Expr:
        """Whole days from the moment in `column` to `as_of` less `days_ago`, rounded down."""
        return _whole_days(self.now(days_ago) - nw.col(column))

    def days_until(self, column: str) -> nw.Expr:
        """Calendar days from today to the date in `column`."""
        # As moments without a zone: subtracting dates gives days on one engine and a length of time on another.
        return _whole_days(nw.col(column).cast(nw.Datetime("us")) - self.midnight())


@dataclass(frozen=True)
class Clock(Standpoint):
    """One moment, and the expressions that measure from it."""

    as_of: datetime

    def __post_init__(self) -> None:
        if self.as_of.tzinfo is None:
            raise ValueError(f"as_of {self.as_of} has no time zone")
        object.__setattr__(self, "as_of", self.as_of.astimezone(UTC))

    @property
    def today(self) -> date:
        """The UTC date of `as_of`."""
        return self.as_of.date()

    def now(self, days_ago: int = 0) -> nw.Expr:
        return nw.lit(self.ago(days_ago))

    def midnight(self) -> nw.Expr:
        return nw.lit(datetime.combine(self.today, time()))

    def ago(self, days: int) -> datetime:
        return self.as_of - timedelta(days=days)

    def known(self, column: str) -> nw.Expr:
        """The moment in `column` is not in the future."""
        return nw.col(column) <= self.as_of

    def within(self, column: str, days: int) -> nw.Expr:
        """The moment in `column` is inside `(as_of − days, as_of]`."""
        return (nw.col(column) > self.ago(days)) & self.known(column)


@dataclass(frozen=True)
class EachMoment(Standpoint):
    """The moment of each row: columns `as_of` and `_midnight` of a panel."""

    def now(self, days_ago: int = 0) -> nw.Expr:
        return nw.col("as_of") - timedelta(days=days_ago) if days_ago else nw.col("as_of")

    def midnight(self) -> nw.Expr:
        return nw.col("_midnight")


def _whole_days(length: nw.Expr) -> nw.Expr:
    return length.dt.total_seconds() // _DAY_SECONDS
