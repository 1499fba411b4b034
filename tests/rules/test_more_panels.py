"""Backlog, speed, surprise, journey, payments, contacts and own fields at many moments are what they are at each."""

from datetime import datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.signals import (
    SignalWindows,
    account_signals,
    backlog,
    contacts,
    expansion,
    journey,
    notice,
    payments,
    speed,
    surprise,
)
from rules.signals.panel import signal_panels
from rules.signals.windows import CustomField
from tests.rules.company import AS_OF, Company, in_days

WINDOWS = SignalWindows(custom_fields=(CustomField(name="tier"), CustomField(name="score", kind="number")))
FAMILIES = (backlog, contacts, expansion, journey, notice, payments, speed, surprise)
NAMES = [signal.name for family in FAMILIES for signal in family.SIGNALS]
AGES = st.lists(st.integers(-30, 500).map(lambda part: part / 2), max_size=8)
_NO_VALUES: dict[str, Any] = {"day": pl.Date, "account_id": pl.Int64, "acv_cents": pl.Int64}


def a_company(ages: list[list[float]]) -> Company:
    company = Company.with_account(signed_up_on=in_days(-220)).account(2, signed_up_on=None)
    wrote, opened, replied, paid, touched, told, used = ages
    for account, shift in ((1, 0.0), (2, 1.25)):
        company.tickets(*(age + shift for age in (*wrote, *wrote, *opened)), account_id=account)
        for number, age in enumerate(opened):
            until = None if number % 3 == 0 else age + shift - number
            company.open(age + shift, until, priority=("urgent", None)[number % 2], told=until, account_id=account)
            company.open(age + 9, since=age, reopened=True, told=age, account_id=account)
        company.answered(*(timedelta(minutes=7 * number + 1) for number in range(4)), age=3, account_id=account)
        for number, age in enumerate(replied):
            company.answered(timedelta(hours=number + 1), age=age, account_id=account)
        for number, age in enumerate(paid):
            states = {("failed", "overdue", "paid")[number % 3]: age}
            company.charged(f"c{number // 3}-{account}", account_id=account, **states)
        for number, age in enumerate(touched):
            kind, note = (("csm_call", None), ("playbook_step", "Executive sponsor check-in"))[number % 2]
            company.touched(age, kind=kind, note=note, account_id=account)
        for number, age in enumerate(told):
            company.told(("tier", "Score")[number % 2], ("7", "x", None)[number % 3], age, account_id=account)
        company.used(1, *(int(age) for age in used), account_id=account).paid_since(in_days(-60), account_id=account)
        company.contract(in_days(-40), account_id=account).contract(in_days(45), account_id=account)
    return company.onboarded(33)


@given(
    ages=st.lists(AGES, min_size=7, max_size=7),
    moments=st.lists(st.integers(0, 250).map(lambda days: AS_OF - timedelta(days=days)), min_size=1, max_size=5),
)
@settings(max_examples=6, deadline=None)
def test_many_moments_give_what_each_gives(ages: list[list[float]], moments: list[datetime]) -> None:
    days = sorted(set(moments))
    facts = a_company(ages).facts()
    names = [*NAMES, "text_field_tier", "number_field_score"]
    values = nw.from_native(pl.LazyFrame(schema=_NO_VALUES))
    found = nw.concat(list(signal_panels(facts, values, days, WINDOWS, only=names)))
    for moment in days:
        at_once = found.filter(nw.col("as_of") == moment).sort("account_id").select("account_id", *names)
        alone = account_signals(facts, moment, WINDOWS, only=names).collect().select("account_id", *names)
        assert at_once.rows() == alone.rows()
