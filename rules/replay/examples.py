"""Knows which alerts and losses of a replay are worth opening, and says each in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from domain.money import with_currency
from rules.conditions import explain
from rules.replay.grid import DAY, Numbers, moment_of
from rules.replay.outcomes import Losses
from rules.replay.report import Example
from rules.replay.reporting import Verdict
from rules.signals import SignalWindows


@dataclass(frozen=True)
class Told:
    """What sentences need: the currency, the windows of the signals, and accounts' names and ids by place."""

    currency: str
    windows: SignalWindows
    names: Mapping[int, tuple[str, str]]

    def money(self, cents: int) -> str:
        return with_currency(cents, self.currency, digits=0)


def examples(verdict: Verdict, losses: Losses, watched: Numbers, told: Told, most: int) -> tuple[Example, ...]:
    """Up to `most` alerts that were right, as many that were not, and as many losses (of `watched`) without an alert.

    Those that are worth the most come first; of an account one of a kind.
    """
    alerts, found = verdict.decided.alerts, verdict.within
    first_loss = dict(zip(found.pairs[0][::-1].tolist(), found.pairs[1][::-1].tolist(), strict=True))
    ready = np.flatnonzero(found.old_enough)
    hits = _weightiest(ready[found.hit[ready]], found.lost, alerts.account, most)
    false = _weightiest(ready[~found.hit[ready]], alerts.acv, alerts.account, most)
    missed = _weightiest(np.setdiff1d(watched, found.caught), losses.lost, losses.account, most)
    return (
        *(_of_alert(verdict, at, losses, first_loss[at], told) for at in hits),
        *(_of_alert(verdict, at, losses, None, told) for at in false),
        *(_of_loss(losses, at, told) for at in missed),
    )


def _weightiest(places: Numbers, weights: Numbers, account: Numbers, most: int) -> list[int]:
    order = places[np.argsort(-weights[places], kind="stable")].tolist()
    first: dict[int, int] = {}
    for place in order:
        first.setdefault(int(account[place]), place)
    return list(first.values())[:most]


def _of_alert(verdict: Verdict, place: int, losses: Losses, loss: int | None, told: Told) -> Example:
    alerts = verdict.decided.alerts
    playbook = alerts.playbooks[int(alerts.playbook[place])]
    row = {} if alerts.seen is None else alerts.seen.row(place)
    values = dict(zip(alerts.seen.columns if alerts.seen is not None else (), row, strict=True))
    acv = int(alerts.acv[place])
    opened = moment_of(int(alerts.opened[place]))
    came = "nothing was lost in its window" if loss is None else _loss(losses, loss, told)
    if loss is not None:
        came += f", {int((losses.at[loss] - alerts.opened[place]) // DAY)} days later"
    return Example(
        kind="false alarm" if loss is None else "hit", account=str(values["account"]),
        account_ref=str(values["account_ref"]), on=opened.date(), playbook=playbook.id,
        because=explain(playbook.when, values, told.currency, told.windows), what_came=came,
        arr_cents=acv if acv >= 0 else None,
    )  # fmt: skip


def _loss(losses: Losses, place: int, told: Told) -> str:
    word = "churned" if losses.churned[place] else "paid less"
    return f"{word} on {moment_of(int(losses.at[place])):%Y-%m-%d} ({told.money(int(losses.lost[place]))})"


def _of_loss(losses: Losses, place: int, told: Told) -> Example:
    name, ref = told.names[int(losses.account[place])]
    return Example(
        kind="miss", account=name, account_ref=ref, on=moment_of(int(losses.at[place])).date(), playbook=None,
        because="no alert in the window before it", what_came=_loss(losses, place, told),
        arr_cents=int(losses.lost[place]),
    )  # fmt: skip
