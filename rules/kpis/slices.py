"""Knows into which slice of a cut a case falls."""

import narwhals as nw

from rules.kpis.catalogue import Cut
from rules.kpis.facts import Frame
from rules.sla.terms import PRIORITIES

WHOLE, UNKNOWN = "", "unknown"
# The upper bounds of the windows before a renewal, in days, inclusive.
_RENEWAL = ((30, "0–30 days"), (60, "31–60 days"), (90, "61–90 days"))
_LATER = "> 90 days"
_ORDERS: dict[str, tuple[str, ...]] = {
    "renewal": (*(name for _, name in _RENEWAL), _LATER, UNKNOWN),
    "priority": (*(each for each in PRIORITIES if each != UNKNOWN), UNKNOWN),
}
_COLUMNS: dict[str, str] = {"agent": "assignee"}


def sliced(found: Frame, tickets: Frame, by: Cut | None) -> Frame:
    """The cases with their `slice`: WHOLE without a cut, UNKNOWN where the facts do not say.

    A ticket's segment and renewal are those of its account when it was created, all else is the ticket's own. An
    answer without a ticket has a segment and a renewal alone, a visit to the help centre a source too.
    """
    if by is None:
        return found.with_columns(slice=nw.lit(WHOLE))
    named = tickets.select(ticket_id="id", slice=_of_ticket(by))
    own = {
        "segment": nw.col("own_segment"), "renewal": _renewal(nw.col("own_days")), "source": nw.col("own_source"),
    }.get(by)  # fmt: skip
    joined = found.join(named, on="ticket_id", how="left")
    if own is not None:
        joined = joined.with_columns(slice=nw.when(nw.col("ticket_id").is_null()).then(own).otherwise("slice"))
    return joined.with_columns(nw.col("slice").fill_null(UNKNOWN))


def in_channel(found: Frame, tickets: Frame, channel: str) -> Frame:
    """The cases whose ticket came by this channel."""
    same = tickets.filter(_word("channel") == channel).select(ticket_id="id")
    return found.join(same, on="ticket_id", how="semi")


def ordered(slices: list[str], by: Cut | None) -> list[str]:
    """Slices as people read them: by their own order where they have one, otherwise by alphabet; unknown comes last."""
    order = _ORDERS.get(by or "", ())
    return sorted(slices, key=lambda each: (each == UNKNOWN, order.index(each) if each in order else 0, each))


def _of_ticket(by: Cut) -> nw.Expr:
    if by == "renewal":
        return _renewal(nw.col("days_to_renewal"))
    return _word("channel") if by == "channel" else nw.col(_COLUMNS.get(by, by))


def _word(column: str) -> nw.Expr:
    return nw.col(column).str.to_lowercase().str.strip_chars()


def _renewal(days: nw.Expr) -> nw.Expr:
    name: nw.Expr = nw.when(~days.is_null()).then(nw.lit(_LATER))
    for last, label in reversed(_RENEWAL):
        name = nw.when(days <= last).then(nw.lit(label)).otherwise(name)
    return name
