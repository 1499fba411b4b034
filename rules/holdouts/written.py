"""Knows how a playbook says that it holds out a share of accounts, and within which limits."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from domain.money import to_cents
from rules.durations import elapsed
from rules.written import Written

LARGEST_SHARE = Fraction(1, 2)
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?) ?%")
_AMOUNT = re.compile(r"(\d[\d,_]{0,20}(?:\.\d{1,4})?) ([A-Z]{3})")
_SHORTEST, _LONGEST = timedelta(days=14), timedelta(days=1095)


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _percent(written: object) -> str:
    """`10 %`, canonically; 0.1 is 10 %, but 10 may be either and is refused."""
    match = _PERCENT.fullmatch(written.strip()) if isinstance(written, str) else None
    if match is not None:
        return f"{_plain(Decimal(match[1]))} %"
    if isinstance(written, float) and 0 < written < 1:
        return f"{_plain(Decimal(str(written)) * 100)} %"
    raise ValueError(f"{written!r} is no percentage; write it like '10 %'")


def _share(written: object) -> str:
    share = _percent(written)
    if not 0 < ratio(share) <= LARGEST_SHARE:
        raise ValueError(f"{share} cannot be held out; write more than 0 % and at most 50 %, such as '10 %'")
    return share


def _effect(written: object) -> str:
    effect = _percent(written)
    if not 0 < ratio(effect) < 1:
        raise ValueError(f"an effect of {effect} cannot be; write the percentage points hoped for, such as '5 %'")
    return effect


def _amount(written: object) -> str:
    match = _AMOUNT.fullmatch(written.strip()) if isinstance(written, str) else None
    if match is None:
        raise ValueError(f"{written!r} is no amount; write it like 25000 USD")
    amount = match[1].replace(",", "").replace("_", "")
    if to_cents(amount, match[2]) <= 0:
        raise ValueError(f"{written!r} would hold out nobody; write the largest ARR that may be held out")
    return f"{_plain(Decimal(amount))} {match[2]}"


def _day(written: object) -> date:
    if isinstance(written, date) and not isinstance(written, datetime):
        return written
    try:
        return date.fromisoformat(written if isinstance(written, str) else "")
    except ValueError as error:
        raise ValueError(f"{written!r} is no date; write the last day of drawing, such as 2027-06-30") from error


def _horizon(written: object) -> str:
    if not _SHORTEST <= elapsed(written) <= _LONGEST:
        raise ValueError(f"{written!r} is out of reach; write 14d to 1095d, such as '180d'")
    return str(written)


def ratio(percent: str) -> Fraction:
    """A canonical percentage as a share of one: `10 %` is 1/10."""
    return Fraction(percent.removesuffix(" %")) / 100


class Holdout(Written):
    """What a playbook holds out: `{share: 10 %, max_arr: 25000 USD, effect_hoped: 5 %, until: 2027-06-30}`.

    * share: how many of a hundred eligible accounts are drawn to go without the playbook
    * max_arr: no account that is worth more a year is ever held out
    * effect_hoped: by how many percentage points the playbook is hoped to keep more accounts
    * until: the last day on which accounts are drawn
    * horizon: how long after its draw an account is held back at most, and when its outcome is counted
    """

    called: ClassVar[str] = "holdout"

    share: Annotated[str, BeforeValidator(_share), Field(examples=["10 %"])]
    max_arr: Annotated[str, BeforeValidator(_amount), Field(examples=["25000 USD"])]
    effect_hoped: Annotated[str, BeforeValidator(_effect), Field(examples=["5 %"])]
    until: Annotated[date, BeforeValidator(_day)]
    horizon: Annotated[str, BeforeValidator(_horizon), Field(examples=["180d"])] = "180d"

    @property
    def share_ratio(self) -> Fraction:
        """`share` of one."""
        return ratio(self.share)

    @property
    def effect_ratio(self) -> Fraction:
        """`effect_hoped` of one: 1/20 is five points."""
        return ratio(self.effect_hoped)

    @property
    def limit_cents(self) -> int:
        """`max_arr` in minor units."""
        amount, currency = self.max_arr.split(" ")
        return to_cents(amount, currency)

    @property
    def currency(self) -> str:
        """The currency of `max_arr`."""
        return self.max_arr.split(" ")[1]

    @property
    def time(self) -> timedelta:
        """`horizon` as a length."""
        return elapsed(self.horizon)

    def require_currency(self, currency: str) -> None:
        """Refuse a limit that is not in the reporting currency.

        Raises:
            ValueError: names the limit and the right currency.
        """
        if self.currency != currency:
            raise ValueError(f"holdout.max_arr {self.max_arr}: write the amount in {currency}, which is reported")


def holdout_or_nothing(written: Any) -> Any:
    """`holdout: off` and `holdout: {}` hold out nobody, or are told what is missing."""
    if written is False:
        return None
    if isinstance(written, Mapping | Holdout) or written is None:
        return written
    example = "{share: 10 %, max_arr: 25000 USD, effect_hoped: 5 %, until: 2027-06-30}"
    raise ValueError(f"{str(written)[:60]!r} is no holdout; write {example}, or leave it out")
