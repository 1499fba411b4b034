"""Knows the document `sla.yaml`: calendars, policies in their order, multipliers, and which of them make no sense."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from domain.records import Name
from domain.sla import Metric
from domain.tickets import Priority, TicketStatus
from rules.conditions import PolicyCondition
from rules.durations import length
from rules.sla import schema
from rules.sla.calendar import Calendar
from rules.sla.reachability import Rung, never_true, unreachable
from rules.sla.targets import GIVEN_PRIORITIES, METRICS, NONE, Factor, Grace, MetricWord, StatusWord, Targets, one_of
from rules.words import unknown_word
from rules.written import Id, Mistake, Written, refuse, repeated

DEFAULT_CALENDAR = "default"
ANY_METRIC = "default"
_OFFICE = Calendar.model_validate({"zone": "UTC", "hours": {"mon-fri": ["09:00-17:00"]}})
_YEARS = range(1970, 9999)


def _date(written: object) -> date:
    try:
        on = written if isinstance(written, date) else date.fromisoformat(str(written))
    except ValueError as error:
        raise ValueError(f"{written!r} is no date; write one such as 2026-01-31") from error
    if isinstance(on, datetime):
        raise ValueError(f"{written} has a time; write the date alone, such as {on:%Y-%m-%d}")  # noqa: TRY004
    if on.year not in _YEARS:
        raise ValueError(f"{on} is out of reach; leave it out for no limit")
    return on


def _ascending(percents: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(percents)))


def _reopened(word: object) -> object:
    if word not in {"continue", "restart"}:
        raise ValueError(unknown_word(word, ("continue", "restart"), "way to go on after reopening"))
    return word


Day = Annotated[date, BeforeValidator(_date)]
WrittenCalendar = Annotated[Calendar, WithJsonSchema(schema.CALENDAR)]
Pauses: TypeAlias = Mapping[Annotated[str, one_of((ANY_METRIC, *METRICS), "metric")], tuple[StatusWord, ...]]
Reopened = Annotated[Literal["continue", "restart"], BeforeValidator(_reopened)]
WithoutPriority = Annotated[Priority | Literal["none"], one_of((*GIVEN_PRIORITIES, NONE), "priority")]
Percent = Annotated[int, Field(ge=1, le=99)]
Period: TypeAlias = tuple[datetime | None, datetime | None]


class Policy(Written):
    """What is promised for the tickets to which `when` applies; left out, it applies to all.

    * name: what people read; the id where nothing is said
    * calendar: takes precedence over `calendar_for`
    * targets: by metric, one for all priorities or by priority; what is left out has no target; `none` promises nothing
    * pauses: by metric, over those of the document; `default` is for the metrics that are not named
    * valid_from, valid_until: the first and last day on which it applies, in the zone of its calendar
    """

    id: Id
    name: Name | None = None
    when: PolicyCondition | None = None
    calendar: Name | None = None
    targets: Targets
    pauses: Pauses = Field(default_factory=dict)
    valid_from: Day | None = None
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_from is not None and self.valid_until is not None and self.valid_until < self.valid_from:
            wrong = f"{self.id!r} would end before it begins on {self.valid_from}; write a later day"
            refuse([(("valid_until",), self.valid_until, wrong)])
        return self

    def promises(self, metric: Metric) -> bool:
        """Whether a metric has a target for any priority."""
        return any(target is not None for target in self.targets.get(metric, {}).values())

    def period(self, zone: str) -> Period:
        """The first moment at which it applies and the first at which it does not any more, in UTC; None: no limit."""
        local = ZoneInfo(zone)
        after = None if self.valid_until is None else self.valid_until + timedelta(days=1)
        first, end = (
            None if on is None else datetime.combine(on, time(), local).astimezone(UTC)
            for on in (self.valid_from, after)
        )
        return first, end


class CalendarRule(Written):
    """Which calendar counts where `when` applies."""

    called: ClassVar[str] = "calendar_for entry"

    when: PolicyCondition
    calendar: Name


class Multiplier(Written):
    """Makes targets shorter (below 1) or longer (above 1) where `when` applies; all that apply are multiplied.

    * metrics: whose targets; all where nothing is said
    """

    id: Id
    when: PolicyCondition
    factor: Factor
    metrics: tuple[MetricWord, ...] = Field(default=METRICS, min_length=1)


class SlaDocument(Written):
    """The document `sla.yaml`. The first policy whose condition is true applies; what is unknown is not true.

    * calendar: the name of the calendar that counts where no other one is named
    * calendars: by name
    * calendar_for: the first entry whose condition is true chooses the calendar
    * grace: how long after a change a deadline may lie that the change would have put into the past
    * warnings: at how many percent of a target's time to warn
    * pauses: by metric, in which statuses its clock stops; `default` is for the metrics that are not named
    * reopened: a reopened ticket's clock continues where it stopped, or starts again
    * without_priority: as which priority a ticket without one counts, or none: it has no targets by priority
    * backfill_days: how far back the first run promises something after the fact, so that there is a past to measure

    Source: docs/sla.md, "Policies".
    """

    called: ClassVar[str] = "document of service levels"
    model_config = ConfigDict(title="Keepline service levels")

    calendar: Name = DEFAULT_CALENDAR
    calendars: Annotated[Mapping[Name, WrittenCalendar], Field(min_length=1, max_length=200)] = Field(
        default_factory=lambda: {DEFAULT_CALENDAR: _OFFICE}
    )
    calendar_for: tuple[CalendarRule, ...] = Field(default=(), max_length=200)
    grace: Grace = length("1h business")
    warnings: Annotated[tuple[Percent, ...], AfterValidator(_ascending)] = Field(default=(50, 75, 90), max_length=20)
    pauses: Pauses = Field(default_factory=dict)
    reopened: Reopened = "continue"
    without_priority: WithoutPriority = "normal"
    backfill_days: int = Field(default=190, ge=1, le=1_100)
    policies: tuple[Policy, ...] = Field(default=(), max_length=200)
    multipliers: tuple[Multiplier, ...] = Field(default=(), max_length=24)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        refuse([*self._unknown_calendars(), *self._repeated(), *self._unreachable()])
        return self

    def _unknown_calendars(self) -> Iterator[Mistake]:
        rules: Sequence[tuple[str, Sequence[CalendarRule | Policy]]] = (
            ("calendar_for", self.calendar_for),
            ("policies", self.policies),
        )
        named = [((at, number, "calendar"), one.calendar) for at, many in rules for number, one in enumerate(many)]
        for place, name in [(("calendar",), self.calendar), *named]:
            if name is not None and name not in self.calendars:
                yield place, name, unknown_word(name, self.calendars, "calendar")

    def _repeated(self) -> Iterator[Mistake]:
        yield from repeated((policy.id for policy in self.policies), "policies", "policies")
        yield from repeated((multiplier.id for multiplier in self.multipliers), "multipliers", "multipliers")

    def _unreachable(self) -> Iterator[Mistake]:
        policies = [
            Rung(each.id, each.when, each.valid_from, each.valid_until, each.calendar) for each in self.policies
        ]
        calendars = [Rung(f"calendar_for {number}", one.when) for number, one in enumerate(self.calendar_for, start=1)]
        for place, rungs in (("policies", policies), ("calendar_for", calendars)):
            for number, wrong in unreachable(rungs):
                yield (place, number), {}, wrong
        for number, multiplier in enumerate(self.multipliers):
            if never_true(multiplier.when):
                yield (
                    ("multipliers", number, "when"), {},
                    f"the condition of {multiplier.id!r} can never be true; mend it, or remove it",
                )  # fmt: skip

    @property
    def default_calendar(self) -> Calendar:
        """The calendar that counts where no other one is named, and for the steps of playbooks."""
        return self.calendars[self.calendar]

    def unused_calendars(self) -> tuple[str, ...]:
        """The calendars that nothing names."""
        used = {
            self.calendar,
            *(rule.calendar for rule in self.calendar_for),
            *(each.calendar for each in self.policies),
        }
        return tuple(name for name in self.calendars if name not in used)

    def signals(self) -> tuple[str, ...]:
        """Every column that a frame of tickets must have to be matched and explained."""
        return tuple(dict.fromkeys(name for _, condition in self._conditions() for name in condition.signals()))

    def require_currency(self, currency: str) -> None:
        """Refuse amounts that are not in the reporting currency.

        Raises:
            ValueError: names the policy, multiplier or calendar, and the amount.
        """
        for place, condition in self._conditions():
            try:
                condition.require_currency(currency)
            except ValueError as error:
                raise ValueError(f"{place}: {error}") from error

    def _conditions(self) -> Iterator[tuple[str, PolicyCondition]]:
        yield from ((f"calendar_for {rule.calendar}", rule.when) for rule in self.calendar_for)
        yield from ((f"policy {policy.id}", policy.when) for policy in self.policies if policy.when is not None)
        yield from ((f"multiplier {multiplier.id}", multiplier.when) for multiplier in self.multipliers)

    def paused_in(self, policy: Policy, metric: Metric) -> tuple[TicketStatus, ...] | None:
        """The statuses in which a policy's metric pauses; None: nothing is said."""
        for pauses in (policy.pauses, self.pauses):
            for word in (metric, ANY_METRIC):
                if word in pauses:
                    return pauses[word]
        return None


def sla_schema() -> dict[str, Any]:
    """The JSON Schema of `sla.yaml`."""
    return SlaDocument.model_json_schema(mode="validation")
