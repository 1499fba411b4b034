"""Knows what is looked at to choose a policy, a calendar and multipliers, in order, and how the choice is said."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rules.conditions import PolicyCondition, explain, sentence, truth
from rules.signals import SignalWindows, Value
from rules.sla.policy import Policy, SlaDocument

Kind: TypeAlias = Literal["policy", "calendar", "multiplier"]
EVERYTHING = "it takes what no policy above it takes"
_LONGEST = 500


@dataclass(frozen=True)
class Rule:
    """A policy, an entry of `calendar_for` or a multiplier.

    * name: its id, or the calendar's name; said: how a sentence calls it
    * policy: the policy, of those
    """

    kind: Kind
    name: str
    said: str
    when: PolicyCondition | None
    policy: Policy | None = None


@dataclass(frozen=True)
class Considered:
    """A rule that was looked at for a ticket.

    * answer: whether it applies; None: unknown
    * asked: its condition in English, empty where it has none; why: what decided, with the ticket's own values
    """

    rule: Rule
    answer: bool | None
    asked: str
    why: str


def rules(document: SlaDocument) -> tuple[tuple[Rule, ...], tuple[Rule, ...], tuple[Rule, ...]]:
    """All policies, entries of `calendar_for` and multipliers of a document."""
    return (
        tuple(Rule("policy", one.id, f"policy {one.id}", one.when, one) for one in document.policies),
        tuple(Rule("calendar", one.calendar, f"calendar {one.calendar}", one.when) for one in document.calendar_for),
        tuple(
            Rule("multiplier", one.id, f"multiplier {one.id} (× {one.factor.normalize():f})", one.when)
            for one in document.multipliers
        ),
    )


def considered(
    document: SlaDocument,
    values: Mapping[str, Value],
    currency: str,
    windows: SignalWindows | None = None,
    in_force: Mapping[str, bool] | None = None,
) -> list[Considered]:
    """What is looked at for one ticket's values: the policies up to the one that applies, calendars, multipliers.

    `in_force` says of policies with dates, by id, whether they include the moment; what it does not name is in force.
    """
    windows = windows or SignalWindows()
    policies, calendars, multipliers = rules(document)
    found: list[Considered] = []
    for rule in policies:
        found.append(_look(rule, values, currency, windows))
        if not (in_force or {}).get(rule.name, True) and rule.policy is not None:
            found[-1] = Considered(rule, answer=False, asked=found[-1].asked, why=_dates(rule.policy))
        if found[-1].answer:
            break
    policy = found[-1].rule.policy if found and found[-1].answer else None
    if policy is None:
        return found
    for rule in calendars if policy.calendar is None else ():
        found.append(_look(rule, values, currency, windows))
        if found[-1].answer:
            break
    touching = effective(document, policy)
    return [*found, *(_look(rule, values, currency, windows) for rule in multipliers if rule.name in touching)]


def effective(document: SlaDocument, policy: Policy) -> frozenset[str]:
    """The ids of the multipliers that change a target of the policy where they apply."""
    return frozenset(one.id for one in document.multipliers if any(policy.promises(metric) for metric in one.metrics))


def _look(rule: Rule, values: Mapping[str, Value], currency: str, windows: SignalWindows) -> Considered:
    if rule.when is None:
        return Considered(rule, answer=True, asked="", why=EVERYTHING)
    why = explain(rule.when, values, currency, windows)
    return Considered(rule, truth(rule.when, values), sentence(rule.when, windows), why)


def _dates(policy: Policy) -> str:
    since = f"from {policy.valid_from} on" if policy.valid_from is not None else ""
    until = f"until {policy.valid_until}" if policy.valid_until is not None else ""
    return f"it applies {' '.join(part for part in (since, until) if part)}"


def because(looked: Iterable[tuple[Rule, bool | None, str]]) -> str:
    """One sentence of all rules that apply or are unknown, each with why: what applies, then what was missing."""
    told = list(looked)
    text = ". ".join([*_applied(told), *_undecided(told)])
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _applied(looked: Iterable[tuple[Rule, bool | None, str]]) -> Iterator[str]:
    applied = [(rule, why) for rule, answer, why in looked if answer]
    if not any(rule.kind == "policy" for rule, _ in applied):
        yield "No policy applies"
    for rule, why in applied:
        yield f"{rule.said[0].upper()}{rule.said[1:]}: {why}"


def _undecided(looked: Iterable[tuple[Rule, bool | None, str]]) -> Iterator[str]:
    unknown = [f"{rule.kind} {rule.name} ({why})" for rule, answer, why in looked if answer is None]
    if unknown:
        yield f"Undecided: {', '.join(unknown)}"
