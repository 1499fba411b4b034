"""Knows which needs were met without an agent: by a bot inside a ticket, or by an article and no ticket after it."""

from datetime import timedelta

import narwhals as nw

from rules.kpis.cases import cases, stated, within
from rules.kpis.contacts import is_back, of_resolved
from rules.kpis.facts import Frame, KpiFacts, Results
from rules.kpis.windows import Window

_NOBODY = -1


def unaided(found: Frame, facts: KpiFacts, days: int, window: Window) -> Frame:
    """Tickets first resolved in the window; score 1: a bot answered and no agent wrote, and not back in `days` days.

    Unknown: no history, no messages, or neither agent nor bot wrote: who solved it is told nowhere.
    """
    silent = (nw.col("words") == 0) & (nw.col("bots") == 0)
    unknown = (nw.col("history") == "summary") | nw.col("words").is_null() | silent
    return of_resolved(found, facts, days, window, unknown, (nw.col("words") == 0) & ~is_back(days))


def visits(facts: KpiFacts) -> Results:
    """One row per reader and day (UTC) on which they looked at articles, as known at `facts.as_of`.

    * began_at, at: the first and the last look; article_ref: the last article; source
    * account_id: by the view itself, or by other views of the same visitor where these name one account alone
    * asked_at: the account's next ticket since the first look; led: a ticket was written from an article of that day
    * segment, days_to_renewal of the account, where a cut needs them
    """
    views = _known_readers(facts.views.filter(nw.col("viewed_at") <= facts.as_of).collect())
    keys = ["source", "reader", "account_id", "_day"]
    days = views.with_columns(_day=nw.col("viewed_at").dt.truncate("1d"))
    spans = days.group_by(*keys).agg(
        nw.col("viewed_at").min().alias("began_at"),
        nw.col("viewed_at").max().alias("at"),
        (~nw.col("ticket_id").is_null()).any().alias("led"),
    )
    last = days.sort("viewed_at", "id").unique(subset=keys, keep="last", order_by=["viewed_at", "id"])
    named = last.select(*keys, "article_ref", "segment", "days_to_renewal")
    return _asked(spans.join(named, on=keys, how="inner"), facts)


def _known_readers(views: Results) -> Results:
    """With the `reader` of each view, and the account that another view of the same visitor names."""
    named = views.filter(~nw.col("visitor").is_null() & ~nw.col("account_id").is_null())
    owners = named.group_by("source", "visitor").agg(
        nw.col("account_id").min().alias("_least"), nw.col("account_id").max().alias("_most")
    )
    owned = owners.filter(nw.col("_least") == nw.col("_most")).select("source", "visitor", "_least")
    known = views.join(owned, on=["source", "visitor"], how="left").with_columns(
        account_id=nw.coalesce("account_id", "_least")
    )
    by_account = nw.concat_str([nw.lit("account "), nw.col("account_id").cast(nw.String())])
    by_view = nw.concat_str([nw.lit("view "), nw.col("id").cast(nw.String())])
    by_visitor = nw.concat_str([nw.lit("visitor "), nw.col("visitor")])
    reader = nw.coalesce(by_visitor, by_account, by_view)
    # Nulls are equal to nothing where tables are joined.
    return known.with_columns(reader=reader, account_id=nw.col("account_id").fill_null(_NOBODY)).drop("_least")


def _asked(found: Results, facts: KpiFacts) -> Results:
    """With when the account's next ticket was written, at or after the first look."""
    asked = facts.tickets.filter(~nw.col("account_id").is_null() & (nw.col("created_at") <= facts.as_of)).collect()
    columns = ("account_id", "_moment", "_written", "asked_at", "_asks")
    tickets = asked.select(
        "account_id", _moment="created_at", _written=nw.lit(1), asked_at="created_at", _asks="account_id"
    )
    looks = found.select("account_id", _moment="began_at", _written=nw.lit(0)).unique().with_columns(
        asked_at=nw.lit(None, dtype=tickets.schema["asked_at"]), _asks=nw.lit(None, dtype=nw.Int64())
    )  # fmt: skip
    both = nw.concat([tickets.select(*columns), looks.select(*columns)])
    in_order = both.sort("account_id", "_moment", "_written")
    following = in_order.with_columns(nw.col("asked_at", "_asks").fill_null(strategy="backward"))
    known = following.filter((nw.col("_written") == 0) & (nw.col("_asks") == nw.col("account_id")))
    next_one = known.select("account_id", "asked_at", began_at="_moment")
    joined = found.join(next_one, on=["account_id", "began_at"], how="left")
    return joined.with_columns(account_id=nw.when(nw.col("account_id") != _NOBODY).then("account_id"))


def read(found: Frame, facts: KpiFacts, days: int, window: Window) -> Frame:
    """Visits to articles in the window; score 1: no ticket of the reader's account within `days` days after.

    Unknown: nobody knows whose account the reader belongs to, and no ticket was written from the article.
    """
    inside = found.filter(within("at", window.since, window.until))
    unknown = nw.col("account_id").is_null() & ~nw.col("led")
    # Who wrote at once is known before those who did not: counting them early would be a bias.
    early = nw.col("at") > facts.as_of - timedelta(days=days)
    told = stated(inside, unknown=unknown, pending=early, counted=nw.lit(value=True))
    asked = (nw.col("asked_at") - nw.col("at") <= timedelta(days=days)).fill_null(value=False)
    score = nw.when(nw.col("state") == "counted").then((~nw.col("led") & ~asked).cast(nw.Int64()))
    return cases(
        told, state="state", began_at="began_at", at="at", score=score, own_segment="segment",
        own_days="days_to_renewal", own_source="source", account_id="account_id", article_ref="article_ref",
    )  # fmt: skip


def needs(tickets: Frame, readers: Frame) -> Frame:
    """Tickets by `unaided` and the visits of `read` that led to none: a need that became a ticket is counted there."""
    return nw.concat([tickets, readers.filter((nw.col("score") == 1) | (nw.col("state") != "counted"))])
