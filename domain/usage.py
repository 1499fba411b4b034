"""Knows how much an account used the product on a day."""

from datetime import date

from pydantic import Field

from domain.records import Name, Sourced


class UsageDay(Sourced):
    """`quantity` counts logins or uses of `feature` on that day; `account_ref` may be given by a subscription."""

    account_ref: Name | None = None
    subscription_ref: Name | None = None
    used_on: date
    feature: str | None = None
    quantity: int = Field(ge=0)
    errors: int | None = Field(default=None, ge=0)
