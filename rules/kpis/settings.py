"""Knows what is set about the KPIs: their targets, what is too few, and when a ticket counts as reopened."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from domain.records import Name, Record
from domain.sla import Counting
from rules.durations import length
from rules.sla.terms import Target

TimeKpi = Literal["first_reply", "first_impactful_reply", "next_reply", "resolution", "resolution_active"]
GradedKpi = Literal[
    "first_contact_resolution", "reopen_rate", "attainment", "escalation_rate", "csat", "ces", "nps",
]  # fmt: skip
Statistic = Literal["median", "mean", "p90"]
ANY_CHANNEL = "any"
LESS_IS_BETTER = frozenset({"reopen_rate", "escalation_rate"})


class TimeTier(Record):
    """Upper bounds of a time: below `excellent_below` is excellent, from there to `good_to` inclusive good.

    `of` is the statistic that is graded. Both bounds say in the same way how they are counted.
    """

    excellent_below: Target
    good_to: Target
    of: Statistic = "median"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        first, second = self.excellent_below, self.good_to
        if first.counting != second.counting:
            raise ValueError("excellent_below and good_to must be counted alike: both business, or both elapsed")
        if first.time > second.time:
            raise ValueError("excellent_below must not exceed good_to")
        return self


class ShareTier(Record):
    """Bounds in percent (NPS: points): from `excellent_from` on excellent, from `good_from` on good, both inclusive.

    Where less is better (`reopen_rate`, `escalation_rate`) they are upper bounds.
    """

    excellent_from: Annotated[Decimal, Field(ge=-100, le=100)]
    good_from: Annotated[Decimal, Field(ge=-100, le=100)]


class Reference(Record):
    """A mean time that others have published, of one segment or of all: shown beside one's own, never graded with."""

    label: Name
    mean: Target
    segment: Name | None = None


def _time_tiers() -> Mapping[TimeKpi, Mapping[str, TimeTier]]:
    email = TimeTier(excellent_below=length("4h business"), good_to=length("12h business"))
    return {"first_reply": {"email": email}}


def _share_tiers() -> Mapping[GradedKpi, ShareTier]:
    bounds: dict[GradedKpi, tuple[int, int]] = {
        "first_contact_resolution": (70, 60), "ces": (90, 80), "csat": (80, 70), "nps": (50, 30),
    }  # fmt: skip
    return {kpi: ShareTier(excellent_from=Decimal(up), good_from=Decimal(low)) for kpi, (up, low) in bounds.items()}


def _references() -> Mapping[TimeKpi, tuple[Reference, ...]]:
    average = Reference(label="average B2B SaaS", mean=length("11h 24m elapsed"))
    enterprise = Reference(label="enterprise issues", mean=length("24h 12m elapsed"), segment="enterprise")
    return {"resolution": (average, enterprise)}


class KpiSettings(Record):
    """The document `kpis.yaml`.

    * counting: how the shown median, its interval and its change are counted; tables print both ways
    * minimum: a figure of fewer cases gets no tier, and its change no verdict
    * reopen_days: a ticket opened again within so many days of its resolution was not resolved
    * deflection_days: a reader of an article whose account wrote within so many days was not helped by it
    * by_agent: whether figures may be cut by agent
    * easy_end: which end of a CES scale means little effort
    """

    counting: Counting = "business"
    minimum: int = Field(default=20, ge=2)
    reopen_days: int = Field(default=7, ge=0, le=366)
    deflection_days: int = Field(default=3, ge=0, le=366)
    by_agent: bool = False
    easy_end: Literal["high", "low"] = "high"
    times: Mapping[TimeKpi, Mapping[str, TimeTier]] = Field(default_factory=_time_tiers)
    shares: Mapping[GradedKpi, ShareTier] = Field(default_factory=_share_tiers)
    references: Mapping[TimeKpi, tuple[Reference, ...]] = Field(default_factory=_references)

    @model_validator(mode="after")
    def _shares_in_order(self) -> Self:
        for kpi, tier in self.shares.items():
            less_is_better = kpi in LESS_IS_BETTER
            if (tier.excellent_from > tier.good_from) if less_is_better else (tier.excellent_from < tier.good_from):
                order = "exceed" if less_is_better else "be less than"
                raise ValueError(f"{kpi}: excellent_from must not {order} good_from")
        return self
