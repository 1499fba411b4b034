"""Knows what a week's days had no room for, and how much money stands behind it."""

from datetime import datetime
from decimal import Decimal

from domain.money import decimal_amount
from domain.playbooks import HeldBackAlert
from retention.digest.content import HeldBack, HeldBackRow
from retention.digest.inputs import DigestInputs
from retention.windows import utc_day

COMMAND = "keepline queue --held-back"


def held_back(inputs: DigestInputs) -> HeldBack | None:
    """The matters that were held back in the week, each as it last was; None where there was room for all.

    What has opened since is only counted: it stands in the queue.
    """
    week = [one for one in inputs.held_back if inputs.week.starts_at <= one.held_at < inputs.week.ends_at]
    newest = {(one.account_ref, one.family): one for one in sorted(week, key=lambda one: one.held_at)}
    if not newest:
        return None
    opened = _opened(inputs)
    left = [one for matter, one in newest.items() if not any(at >= one.held_at for at in opened.get(matter, ()))]
    ranked = sorted(left, key=lambda one: (-one.held_at.timestamp(), one.place, one.owner, one.account_ref))
    rows, names = inputs.digest.rows_per_list, _names(inputs)
    worth = {one.account_ref: _worth(one, inputs) for one in reversed(ranked)}
    return HeldBack(
        rows=tuple(_row(one, names.get(one.account_ref, one.account_ref), worth) for one in ranked[:rows]),
        more=max(0, len(ranked) - rows),
        matters=len(ranked),
        accounts=len(worth),
        arr=sum((arr for arr in worth.values() if arr is not None), Decimal(0)),
        arr_unknown=sum(arr is None for arr in worth.values()),
        opened_since=len(newest) - len(left),
        command=COMMAND,
    )


def _opened(inputs: DigestInputs) -> dict[tuple[str, str], list[datetime]]:
    found: dict[tuple[str, str], list[datetime]] = {}
    rows = inputs.escalations.select("account_ref", "family", "opened_at").collect().iter_rows()
    for account, family, opened_at in rows:
        if opened_at <= inputs.as_of:
            found.setdefault((account, family), []).append(opened_at)
    return found


def _names(inputs: DigestInputs) -> dict[str, str]:
    return dict(inputs.accounts.select("external_id", "name").collect().iter_rows())


def _worth(one: HeldBackAlert, inputs: DigestInputs) -> Decimal | None:
    if one.at_risk_cents is None or one.currency is None:
        return None
    factor = inputs.rates.factor(one.currency, utc_day(inputs.as_of))
    return None if factor is None else decimal_amount(round(one.at_risk_cents * factor), inputs.currency)


def _row(one: HeldBackAlert, account: str, worth: dict[str, Decimal | None]) -> HeldBackRow:
    return HeldBackRow(
        account=account, playbook=one.playbook, owner=one.owner, arr=worth[one.account_ref], held_on=one.held_on,
        because=one.because,
    )  # fmt: skip
