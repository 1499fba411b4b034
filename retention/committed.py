"""Knows what of a balance is on its way out: under notice, or on a line with a known end that nothing follows."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import narwhals as nw

from retention.fx import half_even, wide
from retention.ledger import Frame, Ledger, carries_revenue, monthly_amount, numbered, valued
from retention.valuation import in_reporting_currency
from retention.windows import Window, utc_day

_PLACE = ("window", "id")
_GOING = (*_PLACE, "account_id", "product", "plan", "leaving_cents", "notice_on", "effective_on", "contract")


def leaving(ledger: Ledger, lines: Frame, contracts: Frame | None, shown: Sequence[Window]) -> Frame:
    """What is in force when a window closes and will not stay, as it was known on that day.

    A row is a line of `ledger.paid` in one of the windows `shown` (`window`, its place there) with `account_id`,
    `product`, `plan`, `leaving_cents` (above 0, no more than the line's `closing_cents`), `notice_on`, `effective_on`
    (null where nobody said it) and `contract`, the id of the contract under notice, null where the line's own end says
    it. `lines` and `contracts` are storage's frames.

    A line's end is known from the day on which this version of the line was recorded, on `ledger.as_of`'s date at the
    latest. What begins for the account on the day of the end, in the same currency, goes on in its stead. A contract
    under notice takes the lines of the products that it names with it; where it names none, its share, by ARR, in the
    account's contracts in force, of all lines.
    """
    ending = _ending(ledger, lines, shown)
    if contracts is None or not (noticed := _noticed(contracts)):
        return ending
    both = nw.concat([ending, _under_notice(ledger, contracts, noticed, shown)])
    # A line that ends by itself and whose contract is under notice leaves once: the larger amount, by the contract.
    ordered = both.with_columns(_less=-nw.col("leaving_cents"), _own_end=nw.col("contract").is_null())
    place = nw.col("window").cum_count().over(*_PLACE, order_by=["_less", "_own_end"])
    return ordered.with_columns(_place=place).filter(nw.col("_place") == 1).select(*_GOING)


def ahead(ledger: Ledger, lines: Frame, contracts: Frame | None, accounts: Frame) -> Frame:
    """What is scheduled to leave after `ledger.as_of`'s date, soonest first; without a date last.

    A row is an account, an effective date and a contract or none: account_id, name, leaving_cents (a month, in the
    reporting currency), notice_on, effective_on, contract. An account's rows add up to no more than it pays.
    """
    today = utc_day(ledger.as_of)
    going = leaving(ledger, lines, contracts, [Window(str(today), "month", today, today)])
    by_date = going.group_by("account_id", "effective_on", "contract").agg(
        nw.col("leaving_cents").sum(), nw.col("notice_on").min()
    )
    named = by_date.join(accounts.select("name", account_id="id"), on="account_id", how="left")
    order = ("account_id", "name", "leaving_cents", "notice_on", "effective_on", "contract")
    return named.select(*order).sort("effective_on", "account_id", "contract", nulls_last=True)


def _ending(ledger: Ledger, lines: Frame, shown: Sequence[Window]) -> Frame:
    """The lines whose end was known while they were in force."""
    recorded = lines.select("id", known_on=_known_on(ledger))
    dated = ledger.paid.join(recorded, on="id", how="inner").filter(nw.col("known_on") < nw.col("ends_on"))
    candidates = dated.collect().lazy()
    days = numbered(ledger, shown).select("window", "last_day")
    ending = (
        valued(replace(ledger, paid=candidates), shown)
        .join(days, on="window", how="left")
        .filter(nw.col("closing_cents") > 0, nw.col("known_on") <= nw.col("last_day"))
    )
    followed = ending.join(_followed(ending, ledger, lines), on=list(_PLACE), how="left")
    within = ["window", "account_id", "currency", "ends_on"]
    # Who follows several lines keeps the first of them whole, then the next.
    before = nw.col("mrr_cents").cum_sum().over(*within, order_by="id") - nw.col("mrr_cents")
    kept = nw.col("following_cents").fill_null(0) - before
    kept = nw.min_horizontal(nw.max_horizontal(kept, nw.lit(0)), "mrr_cents")
    gone = followed.with_columns(_kept=kept).with_columns(
        leaving_cents=nw.col("closing_cents") - _share("closing_cents", "_kept", "mrr_cents")
    )
    told = gone.filter(nw.col("leaving_cents") > 0).with_columns(
        notice_on="known_on", effective_on="ends_on", contract=nw.lit(None, dtype=nw.String)
    )
    return told.select(*_GOING)


def _known_on(ledger: Ledger) -> nw.Expr:
    return nw.min_horizontal(nw.col("recorded_at").dt.date(), nw.lit(utc_day(ledger.as_of)))


def _followed(ending: Frame, ledger: Ledger, lines: Frame) -> Frame:
    """What begins for the account on the day on which a line ends, known when the window closes."""
    begin = lines.filter(carries_revenue()).select(
        "account_id", "currency", ends_on="starts_on", following_cents=monthly_amount(),
        following_known_on=_known_on(ledger),
    )  # fmt: skip
    pairs = ending.select(*_PLACE, "last_day", "account_id", "currency", "ends_on").join(
        begin, on=["account_id", "currency", "ends_on"], how="inner"
    )
    known = pairs.filter(nw.col("following_known_on") <= nw.col("last_day"))
    return known.group_by(*_PLACE).agg(nw.col("following_cents").sum())


def _noticed(contracts: Frame) -> list[dict[str, Any]]:
    """The contracts that were ever under notice, few; `products` are those that each names."""
    columns = ("id", "external_id", "account_id", "starts_on", "notice_on", "product_lines")
    effective = nw.coalesce("ends_on", "renews_on")
    found = contracts.filter(~nw.col("notice_on").is_null()).select(*columns, effective_on=effective).collect()
    return [row | {"products": json.loads(row["product_lines"] or "[]")} for row in found.iter_rows(named=True)]


def _under_notice(
    ledger: Ledger, contracts: Frame, noticed: Sequence[dict[str, Any]], shown: Sequence[Window]
) -> Frame:
    """The lines that a contract under notice takes with it."""
    named = _frame(ledger, [row | {"product": product} for row in noticed for product in row["products"]])
    whole = _frame(ledger, [row | {"product": None} for row in noticed if not row["products"]])
    days = numbered(ledger, shown).select("window", "last_day")
    accounts = sorted({row["account_id"] for row in noticed if row["account_id"] is not None})
    theirs = ledger.paid.filter(nw.col("account_id").is_in(accounts)).collect().lazy()
    paying = valued(replace(ledger, paid=theirs), shown).join(days, on="window").filter(nw.col("closing_cents") > 0)
    by_product = paying.join(named.drop("contract_id"), on=["account_id", "product"], how="inner")
    all_lines = paying.join(whole.drop("product"), on="account_id", how="inner").join(
        _shares(contracts, ledger, shown), on=["window", "contract_id"], how="left"
    )
    part = _share("closing_cents", "weight", "weights")
    alike = [
        by_product.with_columns(leaving_cents="closing_cents"),
        all_lines.filter(nw.col("weights") > 0).with_columns(leaving_cents=part),
    ]
    stands = (nw.col("notice_on") <= nw.col("last_day")) & (nw.col("begins_on") <= nw.col("last_day"))
    stands = stands & (nw.col("effective_on").is_null() | (nw.col("effective_on") > nw.col("last_day")))
    going = nw.concat([each.filter(stands, nw.col("leaving_cents") > 0).select(*_GOING) for each in alike])
    sums = going.group_by(*_PLACE, "account_id", "product", "plan").agg(
        nw.col("leaving_cents").sum(), nw.col("notice_on", "effective_on", "contract").min()
    )
    return _never_more(sums, paying).select(*_GOING)


def _never_more(sums: Frame, paying: Frame) -> Frame:
    """Two contracts may name one product: together they take no more than the line."""
    capped = sums.join(paying.select(*_PLACE, "closing_cents"), on=list(_PLACE), how="left")
    return capped.with_columns(leaving_cents=nw.min_horizontal("leaving_cents", "closing_cents"))


def _shares(contracts: Frame, ledger: Ledger, shown: Sequence[Window]) -> Frame:
    """The weight of each contract under notice among the account's contracts in force: window, contract_id."""
    days = numbered(ledger, shown).select("window", "last_day")
    lasts = nw.coalesce("ends_on", nw.when(~nw.col("notice_on").is_null()).then("renews_on"))
    standing = contracts.with_columns(_lasts=lasts).join(days, how="cross").filter(
        nw.col("starts_on") <= nw.col("last_day"), nw.col("_lasts").is_null() | (nw.col("_lasts") > nw.col("last_day"))
    )  # fmt: skip
    known = standing.select("window", "account_id", "currency", "last_day", contract_id="id", weight="arr_cents")
    worth = in_reporting_currency(known, ledger.rates, "last_day", ["weight"]).lazy()
    weighed = worth.with_columns(nw.col("weight").fill_null(0))
    weights = nw.col("weight").sum().over("window", "account_id")
    # A contract alone takes everything with it, also where its worth is unknown.
    alone = nw.col("weight").len().over("window", "account_id") == 1
    both = weighed.with_columns(weights=nw.when(alone).then(nw.lit(1)).otherwise(weights), alone=alone)
    return both.select(
        "window", "contract_id", "weights", weight=nw.when(nw.col("alone")).then(nw.lit(1)).otherwise("weight")
    )


def _share(cents: str, part: str, whole: str) -> nw.Expr:
    return half_even(wide(nw.col(cents)) * wide(nw.col(part)), wide(nw.col(whole))).cast(nw.Int64)


def _frame(ledger: Ledger, rows: Sequence[dict[str, Any]]) -> Frame:
    columns: dict[str, tuple[str, nw.dtypes.DType]] = {
        "contract_id": ("id", nw.Int64()), "contract": ("external_id", nw.String()),
        "account_id": ("account_id", nw.Int64()), "begins_on": ("starts_on", nw.Date()),
        "notice_on": ("notice_on", nw.Date()), "effective_on": ("effective_on", nw.Date()),
        "product": ("product", nw.String()),
    }  # fmt: skip
    data: dict[str, list[Any]] = {name: [row[key] for row in rows] for name, (key, _) in columns.items()}
    schema = {name: kind for name, (_, kind) in columns.items()}
    made = nw.from_dict(data, schema, backend=ledger.backend)  # type: ignore[arg-type]
    return made.lazy(ledger.paid.implementation)
