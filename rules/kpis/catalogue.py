"""Knows the KPIs by name: what each says, of what it is made, which way is better, and when it is unknown."""

from dataclasses import dataclass
from typing import Literal, get_args

from domain.sla import Metric
from rules.kpis.settings import ANY_CHANNEL, KpiSettings
from rules.kpis.windows import Unit

Kind = Literal["time", "share", "points", "count", "stock"]
Family = Literal[
    "wait", "promise", "contact", "reopened", "created", "closed", "escalated", "backlog", "csat", "ces", "nps",
    "unaided", "read", "needs",
]  # fmt: skip
Cut = Literal["team", "agent", "segment", "renewal", "channel", "priority", "source", "week", "month"]
CUTS: tuple[Cut, ...] = get_args(Cut)
_UNITS: dict[Cut | None, Unit] = {"week": "week", "month": "month"}


@dataclass(frozen=True)
class Kpi:
    """One key figure.

    * kind: a time, a share of cases, points (−100 to 100), a count of events, or a stock at a moment
    * family: how its cases are found; `metric` is the clock that they come from, where they come from one
    * active: whether the time in which the ticket waited for the customer is left out
    * channel: only tickets of this channel count; None: all
    """

    name: str
    title: str
    kind: Kind
    family: Family
    better: Literal["lower", "higher"] | None
    meaning: str
    unknown_when: str
    metric: Metric | None = None
    active: bool = False
    channel: str | None = None
    graded_as: str = ""

    @property
    def tier_name(self) -> str:
        """The name under which its target stands in the settings."""
        return self.graded_as or self.name


_UNANSWERED = "nobody was answered in the window; who still waits is counted beside"
_WAITS = (
    Kpi(
        "first_reply", "First reply (FRT)", "time", "wait", "lower",
        "From a ticket's beginning to the first public reply of an agent.", _UNANSWERED, "first_reply",
    ),
    Kpi(
        "first_impactful_reply", "First impactful reply", "time", "wait", "lower",
        "The same to the first reply that moves the issue on: no acknowledgement, no boilerplate.", _UNANSWERED,
        "first_impactful_reply",
    ),
    Kpi(
        "next_reply", "Next reply", "time", "wait", "lower",
        "Each later wait of a customer: from the oldest unanswered message to the next public reply of an agent.",
        _UNANSWERED, "next_reply",
    ),
    Kpi(
        "resolution", "Resolution (ART)", "time", "wait", "lower",
        "From a ticket's creation to its resolution, all waiting included.", "no ticket was resolved in the window",
        "resolution",
    ),
    Kpi(
        "resolution_active", "Resolution, support's part", "time", "wait", "lower",
        "The same without the time in which the ticket waited for the customer.",
        "no ticket was resolved in the window", "resolution", active=True,
    ),
)  # fmt: skip
_CONTACTS = (
    Kpi(
        "first_contact_resolution", "First contact resolution", "share", "contact", "higher",
        "Tickets resolved with at most one public reply of an agent and not reopened within {reopen_days} days.",
        "no ticket with known messages and status history was resolved in the window, or its days are not over",
    ),
    Kpi(
        "reopen_rate", "Reopened", "share", "reopened", "lower",
        "Tickets opened again within {reopen_days} days of their first resolution.",
        "no ticket with a status history was resolved in the window, or its days are not over",
    ),
)  # fmt: skip
_PROMISE = Kpi(
    "attainment", "SLA attainment", "share", "promise", "higher",
    "Promises kept, of all that were kept or broken in the window.", "no clock with a target was decided",
)  # fmt: skip
_VOLUME = (
    Kpi("tickets_in", "Tickets in", "count", "created", None, "Tickets created.", "never"),
    Kpi("tickets_out", "Tickets out", "count", "closed", None, "Times that a ticket was resolved or merged.", "never"),
    Kpi(
        "backlog", "Backlog", "stock", "backlog", "lower",
        "Tickets open at the window's end, and how long ago they were created.", "never; none is 0",
    ),
    Kpi(
        "escalation_rate", "Escalated", "share", "escalated", "lower",
        "Tickets created in the window that the helpdesk marks as escalated.",
        "the helpdesk does not say which tickets are escalated",
    ),
)  # fmt: skip
_ANSWERS = (
    Kpi(
        "csat", "CSAT", "share", "csat", "higher", "Answers among the best two of their scale.",
        "nobody answered a CSAT survey in the window",
    ),
    Kpi(
        "ces", "CES, low effort", "share", "ces", "higher", "Answers on the easy side of the middle of their scale.",
        "nobody answered a CES survey in the window",
    ),
    Kpi(
        "nps", "NPS", "points", "nps", "higher", "Promoters (9, 10) less detractors (0 to 6), in points of 100.",
        "nobody answered an NPS survey from 0 to 10 in the window",
    ),
    Kpi(
        "deflection", "Deflection", "share", "needs", "higher",
        "Needs met without an agent: by a bot, or by an article and no ticket within {deflection_days} days.",
        "neither a bot's answers nor views of articles are known (import article_view), or the days are not over",
    ),
    Kpi(
        "solved_without_agent", "Solved without an agent", "share", "unaided", "higher",
        "Tickets resolved after a bot's answer and no word of an agent, and not reopened within {reopen_days} days.",
        "no ticket in which an agent or a bot wrote was resolved in the window, or its days are not over",
    ),
    Kpi(
        "article_deflection", "Article read, no ticket", "share", "read", "higher",
        "Visits to articles after which the reader's account wrote no ticket within {deflection_days} days.",
        "no views of articles by known accounts are known (import article_view), or their days are not over",
    ),
)  # fmt: skip


def told(words: str, settings: KpiSettings) -> str:
    """A KPI's words with the lengths that are set."""
    return words.format(reopen_days=settings.reopen_days, deflection_days=settings.deflection_days)


def time_unit(by: Cut | None) -> Unit | None:
    """What a cut by time cuts the calendar into; None: it cuts by something else, or not at all."""
    return _UNITS.get(by)


def kpis(settings: KpiSettings) -> dict[str, Kpi]:
    """Every KPI by name: also the times of single channels that have a target, and attainment by metric."""
    found = [*_waits(settings), *_CONTACTS, _PROMISE, *map(_kept, get_args(Metric)), *_VOLUME, *_ANSWERS]
    return {kpi.name: kpi for kpi in found}


def _waits(settings: KpiSettings) -> list[Kpi]:
    found = []
    for kpi in _WAITS:
        channels = settings.times.get(kpi.name, {})  # type: ignore[call-overload]
        found += [kpi, *(_in_channel(kpi, channel) for channel in channels if channel != ANY_CHANNEL)]
    return found


def _in_channel(kpi: Kpi, channel: str) -> Kpi:
    return Kpi(
        f"{kpi.name}_{channel.lower()}", f"{kpi.title}, {channel.lower()}", "time", "wait", "lower",
        f"{kpi.meaning} Tickets by {channel.lower()} alone.", kpi.unknown_when, kpi.metric, kpi.active, channel.lower(),
        kpi.name,
    )  # fmt: skip


def _kept(metric: Metric) -> Kpi:
    return Kpi(
        f"attainment_{metric}", f"SLA attainment, {metric.replace('_', ' ')}", "share", "promise", "higher",
        f"{_PROMISE.meaning} Clocks of the {metric.replace('_', ' ')} alone.", _PROMISE.unknown_when, metric,
    )  # fmt: skip
