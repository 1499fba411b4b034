"""Decides which policy, calendar and multipliers apply to each ticket, and what is promised by them together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from rules.conditions import expression
from rules.durations import Length
from rules.sla.in_force import Moment, Tickets, in_force, placed
from rules.sla.policy import Multiplier, Policy, SlaDocument
from rules.sla.targets import METRICS, NONE, multiplied
from rules.sla.terms import Terms, default_pauses

# A row's policy, calendar and multipliers as the digits of one number: at most 200, 200, and 24 of one bit each.
_CALENDARS, _MULTIPLIERS = 256, 2**24


@dataclass(frozen=True)
class Matched:
    """What is promised.

    * tickets: ticket_id, policy (its id), terms (their hash), valid_from (when the policy's dates begin, in UTC; null
      where they have no beginning); sorted by ticket_id. policy and terms are null where no policy applies
    * terms: by their hash
    """

    tickets: nw.DataFrame[Any]
    terms: Mapping[str, Terms]


def match(document: SlaDocument, tickets: Tickets, as_of: Moment, currency: str) -> Matched:
    """The first policy whose condition is true for each ticket, at `as_of`: one moment, or an expression for each row.

    `tickets` has a row per ticket: ticket_id and the columns `document.signals()`: the words about the ticket, the
    account and its account_ref, and the account's signals. Text is String, `tag` and `open_playbook` are JSON lists,
    money is cents of `currency`; null is unknown, and what is unknown never matches.

    Raises:
        ValueError: an amount in a condition is not in `currency`.

    Source: docs/sla.md, "Policies".
    """
    document.require_currency(currency)
    chosen = placed(document, tickets, as_of).select("ticket_id", _code(document).alias("_code"))
    found = chosen.collect() if isinstance(chosen, nw.LazyFrame) else chosen
    promised = [_Promised(document, code) for code in found["_code"].unique().sort()]
    rows = {
        "_code": [each.code for each in promised],
        "policy": [None if each.policy is None else each.policy.id for each in promised],
        "terms": [None if each.terms is None else each.terms.content_hash for each in promised],
        "valid_from": [each.valid_from for each in promised],
    }
    types = [nw.Int64(), nw.String(), nw.String(), nw.Datetime("us", "UTC")]
    named = nw.from_dict(rows, dict(zip(rows, types, strict=True)), backend=found.implementation)
    joined = found.join(named, on="_code", how="left").drop("_code").sort("ticket_id")
    return Matched(joined, {each.terms.content_hash: each.terms for each in promised if each.terms is not None})


def _code(document: SlaDocument) -> nw.Expr:
    policies = (
        nw.when(_applies(document, policy)).then(nw.lit(number, nw.Int64))
        for number, policy in enumerate(document.policies, start=1)
    )
    code = nw.coalesce(*policies, nw.lit(0, nw.Int64)) * _CALENDARS + nw.col("_chosen")
    code = code * _MULTIPLIERS
    for number, multiplier in enumerate(document.multipliers):
        code = code + nw.when(expression(multiplier.when)).then(nw.lit(2**number, nw.Int64)).otherwise(0)
    return code


def _applies(document: SlaDocument, policy: Policy) -> nw.Expr:
    holds = nw.lit(True) if policy.when is None else expression(policy.when)
    dates = in_force(document, policy)
    return holds if dates is None else holds & dates


class _Promised:
    """What one combination of policy, calendar and multipliers promises."""

    def __init__(self, document: SlaDocument, code: int) -> None:
        rest, multipliers = divmod(code, _MULTIPLIERS)
        policy, calendar = divmod(rest, _CALENDARS)
        applying = [one for number, one in enumerate(document.multipliers) if multipliers >> number & 1]
        self.code = code
        self.policy = document.policies[policy - 1] if policy else None
        self.terms = self.valid_from = None
        if self.policy is not None:
            name = self.policy.calendar or list(document.calendars)[calendar]
            self.terms = resolved(document, self.policy, name, applying)
            self.valid_from = self.policy.period(self.terms.calendar.zone)[0]


def resolved(document: SlaDocument, policy: Policy, calendar: str, multipliers: Sequence[Multiplier] = ()) -> Terms:
    """The terms of a policy with a calendar, by its name, and the multipliers that apply.

    Targets are multiplied by all of them and rounded up to a whole second, once.
    """
    effective = [one for one in multipliers if any(policy.promises(metric) for metric in one.metrics)]
    said = {metric: document.paused_in(policy, metric) for metric in METRICS}
    promised = [metric for metric in METRICS if policy.promises(metric)]
    return Terms(
        policy=policy.id,
        calendar_name=calendar,
        calendar=document.calendars[calendar],
        targets={
            metric: _by_priority(document, policy.targets[metric], [one for one in effective if metric in one.metrics])
            for metric in promised
        },
        pauses={metric: default_pauses(metric) if said[metric] is None else said[metric] for metric in METRICS},
        grace=document.grace,
        warnings=document.warnings,
        reopened=document.reopened,
        multipliers=tuple(one.id for one in effective),
    )


def _by_priority(
    document: SlaDocument, written: Mapping[Any, Length | None], multipliers: Sequence[Multiplier]
) -> dict[str, Length]:
    factors = [one.factor for one in multipliers]
    targets = {word: multiplied(target, factors) for word, target in written.items() if target is not None}
    unknown = _without_priority(document, targets)
    return targets if unknown is None else targets | {"unknown": unknown}


def _without_priority(document: SlaDocument, targets: Mapping[str, Length]) -> Length | None:
    """The target of a ticket whose priority is unknown: what all priorities share, it has too."""
    if document.without_priority != NONE:
        return targets.get(document.without_priority)
    return next(iter(targets.values())) if len(targets) == 4 and len(set(targets.values())) == 1 else None
