"""Knows what a customer of the demo company has bought: lines, yearly terms, changes of them, and departures."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from keepline.demo.company import Customer
from keepline.demo.dice import Dice, wheel

if TYPE_CHECKING:
    from keepline.demo.trouble import Episode

PRODUCTS = ("Charts", "Pipelines", "Signals")
ADD_ONS = ("Premium Support", "API Pack")
PLANS = {"smb": "Team", "mid_market": "Business", "enterprise": "Scale"}
SEAT_PRICE = {"Team": 29, "Business": 47, "Scale": 71}
NEXT_PLAN = {"Team": "Business", "Business": "Scale"}
SECOND_PRODUCT = {"smb": 0.10, "mid_market": 0.35, "enterprise": 0.60}
WITH_ADD_ON = {"smb": 0.05, "mid_market": 0.20, "enterprise": 0.45}
# What a unit of a currency is worth where a price is chosen; the invented monthly rates move around it.
USD_PER_UNIT = {"USD": 1.0, "EUR": 1.09, "GBP": 1.27}


@dataclass(slots=True)
class Line:
    """A product at a price; `unit` is whole currency units a seat (or in all, without seats) and month.

    Prices are whole units a month, so that a yearly amount is exactly twelve times a monthly one.
    """

    external_id: str
    product: str
    plan: str | None
    seats: int | None
    unit: int
    interval_months: int
    starts_on: date
    ends_on: date | None = None
    trial: bool = False

    @property
    def monthly(self) -> int:
        return self.unit * (1 if self.seats is None else self.seats)

    @property
    def amount(self) -> int:
        return self.monthly * self.interval_months


@dataclass(slots=True)
class Term:
    """One year of contract; `arr` is what its lines came to when it began."""

    number: int
    starts_on: date
    renews_on: date
    arr: int
    product_lines: tuple[str, ...]
    auto_renew: bool
    notice_on: date | None = None
    ends_on: date | None = None
    episode: Episode | None = None


@dataclass(frozen=True, slots=True)
class Departure:
    """That a customer left on a day, as the CRM heard it."""

    on: date
    reason: str
    second_time: bool


@dataclass(slots=True)
class Life:
    """A customer's whole story of money; lines are only ever ended or added."""

    customer: Customer
    interval_months: int
    lines: list[Line] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    departures: list[Departure] = field(default_factory=list)
    stays: list[tuple[date, date | None]] = field(default_factory=list)

    @classmethod
    def of(cls, dice: Dice, customer: Customer) -> Life:
        return cls(customer, dice.pick(wheel(customer.traits.billing, 20)))

    @property
    def open_lines(self) -> list[Line]:
        return [line for line in self.lines if line.ends_on is None and not line.trial]

    @property
    def arr(self) -> int:
        return 12 * sum(line.monthly for line in self.open_lines)

    @property
    def episodes(self) -> list[Episode]:
        return [term.episode for term in self.terms if term.episode is not None]

    @property
    def term(self) -> Term:
        return self.terms[-1]

    def add(self, product: str, plan: str | None, seats: int | None, unit: int, on: date) -> None:
        self.lines.append(Line(self._next_id(), product, plan, seats, unit, self.interval_months, on))

    def try_out(self, on: date, until: date) -> None:
        """A trial of the main product at its list price; it carries no revenue."""
        plan = PLANS[self.customer.segment]
        self.lines.append(Line(self._next_id(), PRODUCTS[0], plan, 5, SEAT_PRICE[plan], 1, on, until, trial=True))

    def buy(self, dice: Dice, on: date, share: float = 1.0) -> None:
        """The first lines, worth `share` of the customer's planned ACV in its currency."""
        segment = self.customer.segment
        monthly = share * self.customer.acv_usd / USD_PER_UNIT[self.customer.currency] / 12
        second = dice.between(0.2, 0.4) if dice.chance(SECOND_PRODUCT[segment]) else 0.0
        extra = dice.between(0.05, 0.1) if dice.chance(WITH_ADD_ON[segment]) else 0.0
        self.add_seats_worth(PRODUCTS[0], monthly * (1 - second - extra), on)
        if second:
            self.add_seats_worth(dice.pick(PRODUCTS[1:]), monthly * second, on)
        if extra:
            self.add(dice.pick(ADD_ONS), None, None, max(10, round(monthly * extra)), on)

    def add_seats_worth(self, product: str, monthly: float, on: date) -> None:
        plan = PLANS[self.customer.segment]
        self.add(product, plan, max(2, round(monthly / SEAT_PRICE[plan])), SEAT_PRICE[plan], on)

    def replace(self, line: Line, on: date, plan: str | None, seats: int | None, unit: int) -> None:
        """A changed price or size is another line from that day; one of the same day is simply corrected."""
        if line.starts_on == on:
            line.plan, line.seats, line.unit = plan, seats, unit
            return
        line.ends_on = on
        self.add(line.product, plan, seats, unit, on)

    def add_seats(self, ratio: float, on: date) -> None:
        line = self.open_lines[0]
        seats = line.seats or 1
        self.replace(line, on, line.plan, seats + max(1, round(seats * ratio)), line.unit)

    def upgrade(self, on: date) -> None:
        """The next plan at its price; who already has the largest stays as it is."""
        line = self.open_lines[0]
        plan = NEXT_PLAN.get(line.plan or "")
        if plan is not None:
            self.replace(line, on, plan, line.seats, max(line.unit, SEAT_PRICE[plan]))

    def cross_sell(self, dice: Dice, on: date) -> None:
        """A product or an add-on that the customer has not got yet."""
        owned = {line.product for line in self.open_lines}
        wanted = [product for product in PRODUCTS + ADD_ONS if product not in owned]
        if not wanted:
            return
        product, monthly = dice.pick(wanted), self.arr / 12
        if product in ADD_ONS:
            self.add(product, None, None, max(10, round(monthly * dice.between(0.05, 0.12))), on)
        else:
            self.add_seats_worth(product, monthly * dice.between(0.10, 0.25), on)

    def shrink(self, cut: float, on: date) -> None:
        for line in self.open_lines:
            if line.seats is None:
                self.replace(line, on, line.plan, None, max(5, round(line.unit * (1 - cut))))
            elif line.seats > 1:
                self.replace(line, on, line.plan, min(line.seats - 1, max(1, round(line.seats * (1 - cut)))), line.unit)

    def raise_price(self, ratio: float, on: date) -> None:
        for line in self.open_lines:
            self.replace(line, on, line.plan, line.seats, line.unit + max(1, round(line.unit * ratio)))

    def begin_term(self, dice: Dice, on: date) -> Term:
        lines = tuple(dict.fromkeys(line.product for line in self.open_lines))
        term = Term(len(self.terms) + 1, on, on.replace(year=on.year + 1), self.arr, lines, dice.chance(0.8))
        self.terms.append(term)
        return term

    def leave(self, on: date, reason: str) -> None:
        """End what is in force on `on`, which may lie ahead where notice was given."""
        for line in self.open_lines:
            line.ends_on = on
        self.term.ends_on = on
        self.stays[-1] = (self.stays[-1][0], on)
        self.departures.append(Departure(on, reason, second_time=bool(self.departures)))

    def _next_id(self) -> str:
        return f"sub-{self.customer.number:04d}-{len(self.lines) + 1:02d}"
