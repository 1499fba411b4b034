"""Knows which renewals lie ahead and which of them somebody already worries about."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import narwhals as nw

from domain.money import decimal_amount
from retention.digest.content import Ahead, RenewalRow
from retention.digest.inputs import DigestInputs
from retention.digest.queue import Matter
from retention.ledger import Frame
from retention.renewals import Renewals
from retention.valuation import Results, in_reporting_currency, total
from retention.windows import utc_day

COMMAND = "keepline queue"


def ahead(inputs: DigestInputs, matters: Iterable[Matter]) -> tuple[Ahead, set[str]]:
    """The renewals of the next days, and the currencies that no known rate converts today."""
    view = Renewals.known(inputs.contracts, inputs.lines, inputs.as_of)
    days = inputs.digest.renewal_days
    due = _valued(inputs, view.upcoming(days), "carried_cents")
    undated = _valued(inputs, view.without_renewal(), "arr_cents")
    lost = {*_unconverted(due, "carried_cents"), *_unconverted(undated, "arr_cents")}
    rows = _rows(inputs, due, {matter.account_id for matter in matters})
    shown = inputs.digest.rows_per_list
    arr, escalated = _sum(rows), _sum(row for row in rows if row.escalated)
    return Ahead(
        days=days,
        rows=tuple(sorted(rows, key=lambda row: (-row.arr, row.due_on, row.account))[:shown]),
        more=max(0, len(rows) - shown),
        count=len(rows),
        arr=arr,
        with_escalation=escalated,
        without_escalation=arr - escalated,
        notice=_sum(row for row in rows if row.notice),
        known=bool(rows) or _has_renewals_ahead(view),
        without_date=undated["account_id"].n_unique(),
        arr_without_date=decimal_amount(total(undated, "arr_cents"), inputs.currency),
        command=COMMAND,
    ), lost


def _valued(inputs: DigestInputs, amounts: Frame, cents: str) -> Results:
    return in_reporting_currency(
        amounts.with_columns(nw.lit(utc_day(inputs.as_of)).alias("today")), inputs.rates, "today", [cents]
    )


def _unconverted(amounts: Results, cents: str) -> list[str]:
    return amounts.filter(nw.col(cents).is_null())["currency"].unique().to_list()


def _has_renewals_ahead(view: Renewals) -> bool:
    return bool(view.dated().filter(nw.col("due_on") > view.today).head(1).collect().shape[0])


def _rows(inputs: DigestInputs, due: Results, escalated: set[int]) -> list[RenewalRow]:
    """One row per account and day, however many contracts fall due on it. Those without a rate are left out."""
    today = utc_day(inputs.as_of)
    named = due.filter(~nw.col("carried_cents").is_null()).lazy()
    named = named.join(inputs.accounts.select("name", "csm", account_id="id"), on="account_id", how="left")
    together: dict[tuple[int, date], list[dict[str, Any]]] = {}
    for row in named.collect().iter_rows(named=True):
        together.setdefault((row["account_id"], row["due_on"]), []).append(row)
    return [
        RenewalRow(
            account=rows[0]["name"] or rows[0]["account_ref"],
            due_on=due_on,
            arr=decimal_amount(sum(row["carried_cents"] for row in rows), inputs.currency),
            csm=rows[0]["csm"],
            escalated=account_id in escalated,
            notice=_is_given(rows, today),
        )
        for (account_id, due_on), rows in together.items()
    ]


def _is_given(rows: Sequence[dict[str, Any]], today: date) -> bool:
    return any(row["notice_on"] is not None and row["notice_on"] <= today for row in rows)


def _sum(rows: Iterable[RenewalRow]) -> Decimal:
    return sum((row.arr for row in rows), Decimal(0))
