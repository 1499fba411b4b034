"""Knows how a contract whose renewal date is moved on in place falls into terms, each with its own renewal.

Many CRMs keep one row a contract and put the next renewal date into it when it renews. What was known of the contract
before tells the renewals that it has behind it.
"""

from datetime import date

import narwhals as nw

from retention.ledger import Frame

_CONTRACT = ["source", "external_id"]
_AT_THE_END = date(9999, 12, 31)


def due_on() -> nw.Expr:
    """When a contract falls due: on its renewal date, or on its end where that comes earlier.

    An end on the very day before the renewal is the last day *with* service, as many exports write it, and changes
    nothing. Null where neither is known.
    """
    ends_early = nw.col("ends_on") < nw.col("renews_on").dt.offset_by("-1d")
    return nw.when(ends_early).then(nw.col("ends_on")).otherwise(nw.coalesce("renews_on", "ends_on"))


def terms(contracts: Frame, versions: Frame | None) -> Frame:
    """Contracts with `due_on`, term by term: their columns, a row for each renewal that a contract has behind it.

    `versions` is storage's history of what was known of contracts. A date that came while it was the known one, and was
    then moved on or taken out, was a renewal: that term has what was known of the contract when it came. A date that
    was moved before it came was only rescheduled, one that was moved back was mistaken. A term begins where the one
    before it ended.
    """
    present = contracts.with_columns(due_on=due_on())
    if versions is None:
        return present
    names = present.collect_schema().names()
    now = present.select(*_CONTRACT, "id", "account_id", "account_ref", "changed_at", last_due_on="due_on")
    past = _passed(versions).drop("account_id", "account_ref").join(now, on=_CONTRACT, how="inner")
    past = past.filter(nw.col("last_due_on").is_null() | (nw.col("due_on") < nw.col("last_due_on")))
    every = nw.concat([past.select(names), present.select(names)])
    order = nw.col("due_on").fill_null(_AT_THE_END)
    before = nw.col("due_on").shift(1).over(*_CONTRACT, order_by="_order")
    begun = every.with_columns(_order=order).with_columns(_before=before)
    return begun.with_columns(starts_on=nw.max_horizontal("starts_on", "_before")).select(names)


def _passed(versions: Frame) -> Frame:
    """Of all versions those whose date came before they were superseded, one for each date."""
    following = {
        "next_due_on": nw.col("due_on").shift(-1).over(*_CONTRACT, order_by="recorded_at"),
        "next_at": nw.col("recorded_at").shift(-1).over(*_CONTRACT, order_by="recorded_at"),
        "next_gone": nw.col("gone").shift(-1).over(*_CONTRACT, order_by="recorded_at"),
    }
    known = versions.with_columns(due_on=due_on()).with_columns(**following)
    came = ~nw.col("gone") & ~nw.col("next_gone") & (nw.col("due_on") <= nw.col("next_at").dt.date())
    moved_on = nw.col("next_due_on").is_null() | (nw.col("next_due_on") > nw.col("due_on"))
    last = nw.col("recorded_at") == nw.col("recorded_at").max().over(*_CONTRACT, "due_on")
    return known.filter(came & moved_on).filter(last)
