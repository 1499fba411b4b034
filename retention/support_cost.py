"""Knows what support costs in a stretch of time, as far as it was told."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from domain.effect_conventions import CostConventions
from domain.money import decimal_amount
from domain.records import Currency, Name, Record
from retention.fx import RateTable
from retention.windows import utc_day


class WorkCost(Record):
    """The work in touches of one kind; minutes and amount are None where nobody said how long one takes."""

    kind: Name
    touches: int
    minutes: Decimal | None
    amount: Decimal | None


class Cost(Record):
    """What support cost, in the reporting `currency`; None is unknown, and `because` says what is missing.

    `amount` is the team's (`per_month`) where that is configured, otherwise that of the touches. `by_kind` is the work
    in touches; what it does not know is in no sum.
    """

    amount: Decimal | None
    currency: Currency
    how: Name
    because: str | None = None
    by_kind: tuple[WorkCost, ...] = ()


def support_cost(
    costs: CostConventions,
    touches: Mapping[str, int],
    rates: RateTable,
    since: datetime | None,
    until: datetime,
) -> Cost | None:
    """What support cost in `[since, until)`; None where no cost is configured.

    `touches` counts the work of that time by kind. Amounts are converted at the rate of the last day.
    """
    if costs.per_month is None and costs.per_agent_hour is None:
        return None
    currency = rates.reporting_currency
    own = costs.currency or currency
    factor = rates.factor(own, utc_day(until - timedelta(microseconds=1)))
    by_kind = _by_kind(costs, touches, factor, currency)
    if factor is None:
        because = f"no exchange rate from {own} to {currency} is known; import fx_rates"
        return Cost(amount=None, currency=currency, how=_how(costs, own), because=because, by_kind=by_kind)
    if costs.per_month is not None:
        return _of_months(costs.per_month, own, factor, currency, since, until, by_kind)
    return _of_touches(costs, own, currency, by_kind)


def _how(costs: CostConventions, own: str) -> str:
    if costs.per_month is not None:
        return f"{own} {costs.per_month:,} a month"
    return f"minutes a touch at {own} {costs.per_agent_hour:,} an hour"


def _of_months(
    per_month: Decimal,
    own: str,
    factor: Fraction,
    currency: str,
    since: datetime | None,
    until: datetime,
    by_kind: tuple[WorkCost, ...],
) -> Cost:
    how = f"{own} {per_month:,} a month"
    if since is None:
        because = "the report has no beginning; give --since or --period"
        return Cost(amount=None, currency=currency, how=how, because=because, by_kind=by_kind)
    lasts = months(utc_day(since), utc_day(until))
    amount = _rounded(Fraction(per_month) * lasts * factor, currency)
    return Cost(amount=amount, currency=currency, how=f"{how} for {float(lasts):.1f} months", by_kind=by_kind)


def _of_touches(costs: CostConventions, own: str, currency: str, by_kind: tuple[WorkCost, ...]) -> Cost:
    known = [each.amount for each in by_kind if each.amount is not None]
    untold = [each.kind for each in by_kind if each.amount is None]
    because = f"minutes_per_touch names no {', '.join(untold)}" if untold else None
    amount = sum(known, Decimal(0)) if known or not untold else None
    return Cost(amount=amount, currency=currency, how=_how(costs, own), because=because, by_kind=by_kind)


def _by_kind(
    costs: CostConventions, touches: Mapping[str, int], factor: Fraction | None, currency: str
) -> tuple[WorkCost, ...]:
    found = []
    for kind, count in sorted(touches.items()):
        each = costs.minutes_per_touch.get(kind)
        minutes = None if each is None else each * count
        amount = None
        if minutes is not None and factor is not None and costs.per_agent_hour is not None:
            amount = _rounded(Fraction(minutes) / 60 * Fraction(costs.per_agent_hour) * factor, currency)
        found.append(WorkCost(kind=kind, touches=count, minutes=minutes, amount=amount))
    return tuple(found)


def months(since: date, until: date) -> Fraction:
    """How many months lie in `[since, until)`, each day being its share of its own month."""
    whole, day = Fraction(0), since
    while day < until:
        length = monthrange(day.year, day.month)[1]
        end = min(until, day.replace(day=1) + timedelta(days=length))
        whole += Fraction((end - day).days, length)
        day = end
    return whole


def _rounded(amount: Fraction, currency: str) -> Decimal:
    """To a minor unit, half-even."""
    step = decimal_amount(1, currency)
    exact = Decimal(amount.numerator) / Decimal(amount.denominator)
    return exact.quantize(step, rounding=ROUND_HALF_EVEN)
