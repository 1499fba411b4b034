"""The ledger once more in plain Python: slow, one account at a time, one rule a function, sharing no code with ours."""

import calendar
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

DIGITS = {"JPY": 0, "KWD": 3}
PARTS = 720_720
MONTHS = {"month": 1, "quarter": 3, "year": 12, "t12m": 12}
BANDS = {"smb": "under 10,000", "mid_market": "10,000 to 100,000", "enterprise": "over 100,000"}
MONEY = ("opening", "new", "expansion", "upsell", "cross_sell", "contraction", "churn", "reactivation", "fx", "closing")
Row = dict[str, Any]


class Oracle:
    """Answers `retention --json` for lists of plain rows."""

    def __init__(
        self,
        lines: list[Row],
        accounts: list[Row],
        segments: list[Row],
        rates: list[Row],
        as_of: datetime,
        contracts: Sequence[Row] = (),
        tickets: Sequence[Row] = (),
    ) -> None:
        self.contracts, self.tickets = contracts, tickets
        self.today = as_of.astimezone(UTC).date()
        self.currency = self._most_frequent([line["currency"] for line in lines])
        self.accounts = {account["id"]: account for account in accounts}
        self.segments, self.rates = segments, rates
        self.lines = [line for line in lines if self._paid(line) and line["starts_on"] <= self.today]

    @staticmethod
    def _most_frequent(currencies: list[str]) -> str:
        return min(set(currencies), key=lambda currency: (-currencies.count(currency), currency), default="USD")

    def _paid(self, line: Row) -> bool:
        lasts = line["ends_on"] is None or line["ends_on"] > line["starts_on"]
        return not line["trial"] and lasts and self._mrr(line) > 0

    @staticmethod
    def _mrr(line: Row) -> int:
        return round(Fraction(line["amount_cents"], line["interval_months"]))

    # Time

    def windows(self, period: str, to_date: bool) -> list[Row]:
        if not self.lines:
            return []
        since, length, found = min(line["starts_on"] for line in self.lines), MONTHS[period], []
        step = 1 if period == "t12m" else length
        year, month = since.year, (since.month - 1) // step * step + 1
        while date(year, month, 1) <= self.today:
            end_year, end_month = year + (month + length - 2) // 12, (month + length - 2) % 12 + 1
            last = date(end_year, end_month, calendar.monthrange(end_year, end_month)[1])
            label = {
                "month": f"{year}-{month:02d}",
                "quarter": f"{year}-Q{(month + 2) // 3}",
                "year": f"{year}",
                "t12m": f"T12M-{end_year}-{end_month:02d}",
            }[period]
            complete = last <= self.today
            if complete or to_date:
                first = date(year, month, 1)
                found.append({"label": label, "first": first, "last": min(last, self.today), "complete": complete})
            if not complete:
                break
            year, month = (year, month + step) if month + step <= 12 else (year + 1, month + step - 12)
        return found

    def month_ends(self) -> list[date]:
        return [window["last"] for window in self.windows("month", to_date=True)]

    # Money

    def rate(self, currency: str, day: date) -> Fraction | None:
        if currency == self.currency:
            return Fraction(1)
        straight = self._leg(currency, self.currency, day)
        if straight is not None:
            return straight
        for middle in sorted({rate[side] for rate in self.rates for side in ("base", "quote")}):
            first, second = self._leg(currency, middle, day), self._leg(middle, self.currency, day)
            if first is not None and second is not None:
                return first * second
        return None

    def _leg(self, base: str, quote: str, day: date) -> Fraction | None:
        known = [
            (rate["on"], direct, Fraction(Decimal(rate["rate"])))
            for rate in self.rates
            for direct in (True, False)
            if rate["on"] <= day and (rate["base"], rate["quote"]) == ((base, quote) if direct else (quote, base))
        ]
        if not known:
            return None
        _, direct, rate = max(known)
        return rate if direct else 1 / rate

    def worth(self, line: Row, day: date, parts: int | None = None) -> int | None:
        """In reporting minor units, or in so many parts of one."""
        rate = self.rate(line["currency"], day)
        if rate is None:
            return None
        scale = Fraction(10) ** (DIGITS.get(self.currency, 2) - DIGITS.get(line["currency"], 2))
        mrr = round(Fraction(line["amount_cents"] * (parts or 1), line["interval_months"]))
        return round(mrr * rate * scale)

    @staticmethod
    def in_force(line: Row, day: date) -> bool:
        return line["starts_on"] <= day and (line["ends_on"] is None or day < line["ends_on"])

    def balances(self, lines: list[Row], window: Row, parts: int | None = None) -> tuple[int, int, int]:
        """Opening, closing at the opening day's rates, closing."""
        opens_on, opening, constant, closing = window["first"] - timedelta(days=1), 0, 0, 0
        for line in lines:
            before, after = self.worth(line, opens_on, parts), self.worth(line, window["last"], parts)
            if self.in_force(line, opens_on):
                opening += before or 0
            if self.in_force(line, window["last"]):
                closing += after or 0
                if before is not None:
                    constant += before
                elif not self.in_force(line, opens_on):
                    constant += after or 0
        return opening, constant, closing

    def first_paid(self, lines: list[Row]) -> date | None:
        for day in self.month_ends():
            if sum(self.worth(line, day) or 0 for line in lines if self.in_force(line, day)) > 0:
                return day
        return None

    # Slices

    def units(self, by: str | None) -> dict[tuple[Any, ...], list[Row]]:
        units = defaultdict(list)
        for line in self.lines:
            units[line["account_id"], line[by] if by in ("plan", "product") else None].append(line)
        return units

    def slice_of(self, unit: tuple[Any, ...], lines: list[Row], window: Row, by: str | None) -> str:
        account, part = unit
        named: dict[str | None, Any] = {
            None: lambda: "",
            "plan": lambda: part,
            "product": lambda: part,
            "cohort": lambda: self._cohort(lines, "month"),
            "cohort_quarter": lambda: self._cohort(lines, "quarter"),
            "acv_band": lambda: BANDS.get(self._band(lines, window)),
            "journey_stage": lambda: self._stage(account, lines, window),
            "workflow": lambda: self._workflow(account, window),
            "segment": lambda: self._declared(account, window["first"]) or self._band(lines, window),
        }
        found = named.get(by, lambda: self.accounts[account].get(by or ""))()
        return "(unknown)" if by and not found else str(found)

    def _cohort(self, lines: list[Row], length: str) -> str | None:
        first = self.first_paid(lines)
        if first is None:
            return None
        return f"{first:%Y-%m}" if length == "month" else f"{first:%Y}-Q{(first.month + 2) // 3}"

    def _stage(self, account: int, lines: list[Row], window: Row) -> str:
        start, (opening, _, closing) = window["first"], self.balances(lines, window)
        if (opening == 0 < closing) or (start - min(line["starts_on"] for line in lines)).days < 90:
            return "onboarding"
        renewals = [
            contract["renews_on"]
            for contract in self.contracts
            if contract["account_id"] == account and contract["starts_on"] <= start
            if contract["ends_on"] is None or contract["ends_on"] > start
        ]
        near = any(day is not None and 0 <= (day - start).days <= 90 for day in renewals)
        return "renewal_window" if near else "in_life"

    def _workflow(self, account: int, window: Row) -> str:
        start = datetime(window["first"].year, window["first"].month, window["first"].day, tzinfo=UTC)
        told = [
            ticket["workflow"]
            for ticket in self.tickets
            if ticket["account_id"] == account and start - timedelta(days=180) <= ticket["created_at"] < start
        ]
        named = [workflow for workflow in told if workflow]
        if named:
            return str(min(named, key=lambda workflow: (-named.count(workflow), workflow)))
        return "(unknown)" if told else "(no ticket)"

    def _declared(self, account: int, day: date) -> str:
        history = sorted(
            ((segment["since"], segment["segment"]) for segment in self.segments if segment["account_id"] == account),
            key=lambda entry: entry[0],
        )
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        begun = [segment for since, segment in history if since <= start]
        declared = begun[-1] if begun else history[0][1] if history else self.accounts[account].get("segment")
        return "_".join((declared or "").lower().replace("-", " ").split())

    def _band(self, lines: list[Row], window: Row) -> str:
        opening, _, closing = self.balances(lines, window)
        acv = Fraction(12 * (opening or closing), 10 ** DIGITS.get(self.currency, 2))
        if acv == 0:
            return "(unknown)"
        return "enterprise" if acv > 100_000 else "smb" if acv < 10_000 else "mid_market"

    # Movements

    def moved(self, lines: list[Row], window: Row) -> Row:
        opening, constant, closing = self.balances(lines, window)
        row = dict.fromkeys(MONEY, 0) | {"opening": opening, "closing": closing, "fx": closing - constant}
        before, after, _ = self.balances(lines, window, PARTS) if opening else (0, 0, 0)
        row |= {"base": before, "kept": min(before, after), "held": after}
        row |= {"accounts_open": int(opening > 0), "accounts_closed": int(closing > 0), "accounts_churned": 0}
        first = self.first_paid(lines)
        if opening == 0 and constant > 0:
            row["reactivation" if first and first < window["first"] else "new"] = constant
        elif opening > 0 and constant == 0:
            row["churn"], row["accounts_churned"] = opening, 1
        elif constant < opening:
            row["contraction"] = opening - constant
        elif constant > opening:
            row["expansion"] = constant - opening
            row["cross_sell"] = round((constant - opening) * self._added_share(lines, window))
            row["upsell"] = row["expansion"] - row["cross_sell"]
        return row

    def _added_share(self, lines: list[Row], window: Row) -> Fraction:
        added = grown = 0
        for product in {line["product"] for line in lines}:
            opening, constant, _ = self.balances([line for line in lines if line["product"] == product], window)
            grown += max(0, constant - opening)
            added += constant if opening == 0 else 0
        return Fraction(added, grown)

    def unconverted(self, lines: list[Row], window: Row) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        for line in lines:
            if self.in_force(line, window["last"]) and self.rate(line["currency"], window["last"]) is None:
                found[line["currency"]] += self._mrr(line)
        return found

    def sums(self, window: Row, by: str | None) -> dict[str, Row]:
        slices: dict[str, Row] = {} if by else {"": self._nothing()}
        for unit, lines in self.units(by).items():
            moved, lost = self.moved(lines, window), self.unconverted(lines, window)
            if not (by is None or moved["opening"] or moved["closing"] or moved["fx"] or lost):
                continue
            total = slices.setdefault(self.slice_of(unit, lines, window, by), self._nothing())
            for name, amount in moved.items():
                total[name] += amount
            for currency, cents in lost.items():
                total["unconverted"][currency] += cents
        return slices

    @staticmethod
    def _nothing() -> Row:
        counted = (*MONEY, "base", "kept", "held", "accounts_open", "accounts_closed", "accounts_churned")
        return dict.fromkeys(counted, 0) | {"unconverted": defaultdict(int)}

    # What is printed

    def rows(self, period: str, by: str | None, to_date: bool) -> list[Row]:
        monthly = [(window, self.sums(window, by)) for window in self.windows("month", to_date)]
        shown = []
        for window in self.windows(period, to_date):
            for name, sums in sorted(self.sums(window, by).items(), key=_in_order):
                own = [
                    slices.get(name) for month, slices in monthly if window["first"] <= month["first"] <= window["last"]
                ]
                over = [
                    slices.get(name)
                    for month, slices in monthly
                    if month["complete"] and month["last"] <= window["last"]
                ]
                row = {"period": window["label"], "complete": window["complete"]} | self._printed(sums, over[-3:])
                if by:
                    row["slice"] = name
                if period != "month":
                    row |= self._beside(window, own)
                shown.append(row)
        return shown

    def _printed(self, sums: Row, last: list[Row | None]) -> Row:
        row: Row = {name: self._amount(sums[name], self.currency) for name in MONEY}
        row |= {name: sums[name] for name in ("accounts_open", "accounts_closed", "accounts_churned")}
        rates = {"grr": _over(sums, "kept"), "nrr": _over(sums, "held"), "grr_t3m": None, "nrr_t3m": None}
        rates["logo_churn"] = Fraction(row["accounts_churned"], row["accounts_open"]) if row["accounts_open"] else None
        rates["revenue_churn"] = None if rates["grr"] is None else 1 - rates["grr"]
        for name, numerator in (("grr_t3m", "kept"), ("nrr_t3m", "held")):
            known = [_over(month, numerator) for month in last]
            if len(known) == 3 and None not in known:
                rates[name] = sum(rate for rate in known if rate is not None) / Fraction(3)
        row |= {name: None if rate is None else float(rate) for name, rate in rates.items()}
        lost = {currency: self._amount(cents, currency) for currency, cents in sums["unconverted"].items()}
        return row | {"currency": self.currency, "unconverted": lost}

    def _beside(self, window: Row, months: list[Row | None]) -> Row:
        names = ("new", "expansion", "contraction", "churn", "reactivation")
        summed = {name: sum(month[name] for month in months if month) for name in names}
        beside: Row = {"summed_monthly": {name: self._amount(cents, self.currency) for name, cents in summed.items()}}
        last, first = window["last"], window["first"]
        calendar_months = (last.year - first.year) * 12 + last.month - first.month + 1
        for name, numerator in (("grr_compounded", "kept"), ("nrr_compounded", "held")):
            product: Fraction | None = Fraction(1) if len(months) == calendar_months else None
            for month in months:
                rate = _over(month, numerator)
                product = None if product is None or rate is None else product * rate
            beside[name] = None if product is None else float(product)
        return beside

    @staticmethod
    def _amount(cents: int, currency: str) -> str:
        digits = DIGITS.get(currency, 2)
        return f"{Decimal(cents) / 10**digits:.{digits}f}"


def _over(sums: Row | None, numerator: str) -> Fraction | None:
    return Fraction(sums[numerator], sums["base"]) if sums and sums["base"] else None


def _in_order(named: tuple[str, Row]) -> tuple[int, str]:
    bands = list(BANDS.values())
    return (bands.index(named[0]) if named[0] in bands else len(bands), named[0])
