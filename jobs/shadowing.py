"""Compares a version in shadow with the one that acts: what both decided, and what only one of them did."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import narwhals as nw

from domain.errors import NotFound
from jobs.evaluate import look
from jobs.playbooks_in_force import history
from jobs.rulebook import Rulebook
from rules.playbooks import Playbook
from storage.playbook_book import PlaybookBook
from storage.store import Store

EXAMPLES = 5
SIDES = ("both", "active alone", "shadow alone")


@dataclass(frozen=True)
class Example:
    """One decision of one side: for whom, when, and why."""

    account: str
    as_of: datetime
    ticket_ref: str | None
    because: str


@dataclass(frozen=True)
class Side:
    """What both versions decided, or one of them alone.

    `decisions` are accounts (or tickets) at moments; `accounts` those for which the side holds at every moment at which
    anything was decided: of an account of `active alone` the shadow never decided anything. `arr_cents` is what those
    with a known ACV are worth, None where none is known; `arr_unknown` counts the others.
    """

    name: str
    decisions: int
    accounts: int
    arr_cents: int | None
    arr_unknown: int
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Comparison:
    """A version in shadow beside the active one over `[since, until]`; `moments` are those at which either decided."""

    shadow: Playbook
    active: Playbook | None
    since: datetime
    until: datetime
    is_over: bool
    moments: int
    currency: str
    sides: tuple[Side, ...]


def compare(store: Store, rulebook: Rulebook, playbook: str, as_of: datetime) -> Comparison:
    """The newest time in shadow of a playbook, up to `as_of`.

    Raises:
        NotFound: no version of it was ever in shadow.
    """
    known = history(store, rulebook)
    acts = [each for each in known.decrees if each.playbook == playbook and each.at <= as_of]
    tried = [place for place, each in enumerate(acts) if each.act == "shadow" and each.rule_hash]
    if not tried:
        remedy = f"keepline playbooks shadow {playbook} --because WHY begins it"
        raise NotFound(f"no version of {playbook} has been in shadow; {remedy}")
    begun, later = acts[tried[-1]], acts[tried[-1] + 1 :]
    until = later[0].at if later else as_of
    shadow = known.playbook(str(begun.rule_hash))
    acting = known.standing(begun.at)[playbook].active
    book = PlaybookBook(store.engine)
    tried_at = book.decided(playbook, begun.at, until, shadow=shadow.content_hash).collect()
    # A run of the very moment may have been before the shadow began; its decisions say so.
    first = nw.lit(bool((tried_at["as_of"] == begun.at).any()))
    acted = book.decided(playbook, begun.at, until).filter((nw.col("as_of") > begun.at) | first).collect()
    decided = _sides(acted if acting else None, tried_at)
    worth, currency = look(store.facts(), rulebook, as_of, as_of, only={"acv"}).signals(as_of)
    names = store.account_names()
    by_account = _by_account(decided, worth)
    sides = tuple(_side(name, decided, by_account, names) for name in SIDES)
    active = None if acting is None else known.playbook(acting)
    moments = decided["as_of"].n_unique() if len(decided) else 0
    return Comparison(shadow, active, begun.at, until, bool(later), moments, currency, sides)


def _sides(active: nw.DataFrame[Any] | None, shadow: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """A row per account, ticket and moment with the `side` that decided it."""
    keys = ["account_id", "ticket_ref", "as_of"]
    shadow = shadow.with_columns(nw.lit(True).alias("in_shadow"), nw.lit(False).alias("acted"))
    every = [shadow]
    if active is not None:
        every.append(active.with_columns(nw.lit(False).alias("in_shadow"), nw.lit(True).alias("acted")))
    rows = nw.concat(every).with_columns(nw.col("ticket_ref").fill_null(""))
    told = rows.group_by(keys).agg(
        nw.col("in_shadow").any(), nw.col("acted").any(), nw.col("because").max(), nw.col("account_ref").max()
    )
    return told.with_columns(_side_of().alias("side")).sort("as_of", "account_id", descending=[True, False])


def _side_of() -> nw.Expr:
    alone = nw.when(nw.col("acted")).then(nw.lit(SIDES[1])).otherwise(nw.lit(SIDES[2]))
    return nw.when(nw.col("in_shadow") & nw.col("acted")).then(nw.lit(SIDES[0])).otherwise(alone)


def _by_account(decided: nw.DataFrame[Any], worth: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    flags = decided.group_by("account_id").agg(nw.col("in_shadow").any(), nw.col("acted").any())
    return flags.with_columns(_side_of().alias("side")).join(
        worth.select("account_id", "acv"), on="account_id", how="left"
    )


def _side(name: str, decided: nw.DataFrame[Any], by_account: nw.DataFrame[Any], names: dict[str, str]) -> Side:
    rows, accounts = decided.filter(nw.col("side") == name), by_account.filter(nw.col("side") == name)
    known = accounts.filter(~nw.col("acv").is_null())
    shown = rows.unique("account_id", keep="first", maintain_order=True).head(EXAMPLES)
    examples = tuple(
        Example(names.get(account, account), as_of, ticket or None, because)
        for account, as_of, ticket, because in shown.select("account_ref", "as_of", "ticket_ref", "because").iter_rows()
    )
    worth = int(known["acv"].sum()) if len(known) else None
    return Side(name, len(rows), len(accounts), worth, len(accounts) - len(known), examples)
