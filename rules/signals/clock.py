"""Knows where `as_of` stands: window starts, whole days back, and that nothing later exists."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import narwhals as nw

_DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Clock:
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

    def ago(self, days: int) -> datetime:
        return self.as_of - timedelta(days=days)

    def known(self, column: str) -> nw.Expr:
        """The moment in `column` is not in the future."""
        return nw.col(column) <= self.as_of

    def within(self, column: str, days: int) -> nw.Expr:
        """The moment in `column` is inside `(as_of − days, as_of]`."""
        return (nw.col(column) > self.ago(days)) & self.known(column)

    def days_since(self, column: str, days_ago: int = 0) -> nw.Expr:
        """Whole days from the moment in `column` to `as_of` less `days_ago`, rounded down."""
        return _whole_days(nw.lit(self.ago(days_ago)) - nw.col(column))

    def days_until(self, column: str) -> nw.Expr:
        """Calendar days from today to the date in `column`."""
        midnight = datetime.combine(self.today, time())
        # As moments without a zone: subtracting dates gives days on one engine and a length of time on another.
        return _whole_days(nw.col(column).cast(nw.Datetime("us")) - nw.lit(midnight))


def _whole_days(length: nw.Expr) -> nw.Expr:
    return length.dt.total_seconds() // _DAY_SECONDS
