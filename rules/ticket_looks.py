"""Knows what looks at tickets find, where a ticket that is no longer open is over for every rule about it.

A ticket without an account has none to whose people an escalation could go: what would apply to it is unknown.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

import narwhals as nw

from rules.playbooks import Playbook
from rules.spells import observed

Table: TypeAlias = nw.DataFrame[Any]

_KEYS = ("account_id", "account_ref", "ticket_ref")
_MOMENT = nw.Datetime("us", "UTC")
_LINKED = ~nw.col("account_ref").is_null()


def ticket_looks(
    playbook: Playbook, tickets: Table, moments: Sequence[datetime], standing: Table | None = None
) -> Table:
    """What `rules.spells.observed` finds for the tickets with an account, and a look more where one is gone.

    `tickets` has a row per open ticket and moment, with as_of; `moments` are all moments that were looked at, rising.
    At the first of them at which a ticket is not open any more, as at the first of all for a ticket with a spell in
    `standing`, its `when` is false and its `clear` true. So what is opened again begins anew.
    """
    looks = observed(playbook, tickets.filter(_LINKED)).with_columns(nw.col("as_of").cast(_MOMENT))
    if not playbook.remembers or not moments:
        return looks
    keys = [*_KEYS, "as_of"]
    following = nw.from_dict(
        {"as_of": list(moments[:-1]), "_next": list(moments[1:])},
        {"as_of": _MOMENT, "_next": _MOMENT},
        backend=looks.implementation,
    )
    due = [looks.join(following, on="as_of", how="inner").select(*_KEYS, as_of="_next")]
    if standing is not None:
        due.append(standing.select(*_KEYS).unique(list(_KEYS)).with_columns(as_of=nw.lit(moments[0]).cast(_MOMENT)))
    gone = nw.concat(due).unique(keys).join(looks, on=keys, how="anti")
    return nw.concat(
        [looks, gone.with_columns(when=nw.lit(value=False), clear=nw.lit(value=True)).select(looks.columns)]
    )


def undecided(playbook: Playbook, tickets: Table) -> Table:
    """The tickets of which is not known whether the playbook applies, or to whose account it would."""
    when = observed(playbook, tickets)["when"]
    return tickets.filter(when.is_null() | (when & tickets["account_ref"].is_null()))
