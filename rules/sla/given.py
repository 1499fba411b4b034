"""Knows how one ticket's history, and what was promised for it, are written as plain data."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import BeforeValidator, Field, TypeAdapter, model_validator

from domain.tickets import AuthorKind, Priority, TicketStatus
from rules.durations import Length
from rules.sla.calendar import Calendar
from rules.sla.targets import METRICS, Grace, StatusWord, Targets, grace, one_of
from rules.sla.terms import Terms
from rules.words import unknown_word
from rules.written import Written, refuse

_ANY_METRIC = "default"
_WORDS: Mapping[str, tuple[str, ...]] = {
    "status": get_args(TicketStatus),
    "priority": get_args(Priority),
    "merged": (),
}


def moment(written: object) -> datetime:
    """The moment, in UTC, of an aware datetime or an ISO 8601 text.

    Raises:
        ValueError: it is neither, or has no time zone.
    """
    try:
        read = datetime.fromisoformat(written) if isinstance(written, str) else written
    except ValueError as error:
        raise ValueError(f"{written!r} is no moment; write one such as '2026-01-31T09:30:00Z'") from error
    if not isinstance(read, datetime):
        raise ValueError(f"{written!r} is no moment; write one such as '2026-01-31T09:30:00Z'")  # noqa: TRY004
    if read.tzinfo is None:
        raise ValueError(f"{read.isoformat()} has no time zone; write Z behind it for UTC, or such as +01:00")
    return read.astimezone(UTC)


_Moment = Annotated[datetime, BeforeValidator(moment)]
_Status = Annotated[TicketStatus, one_of(get_args(TicketStatus), "status")]
_Priority = Annotated[Priority, one_of(get_args(Priority), "priority")]


class GivenMessage(Written):
    """Something that was said; `public: false` is an internal note, `impactful: false` an acknowledgement."""

    called: ClassVar[str] = "message"

    at: _Moment
    by: Annotated[AuthorKind, one_of(get_args(AuthorKind), "author")]
    public: bool = True
    impactful: bool | None = None


class GivenEvent(Written):
    """A change of status or priority, `from` one `to` another, or a merge into another ticket."""

    called: ClassVar[str] = "event"

    at: _Moment
    kind: Annotated[Literal["status", "priority", "merged"], one_of(_WORDS, "kind of event")]
    before: str | None = None
    after: str | None = None

    @model_validator(mode="after")
    def _words_fit_the_kind(self) -> Self:
        words, given = _WORDS[self.kind], {"from": self.before, "to": self.after}
        wrong = [name for name, word in given.items() if word is not None and word not in words]
        refuse(((name,), given[name], unknown_word(given[name], words, self.kind)) for name in wrong)
        if words and self.after is None:
            refuse([(("to",), None, f"say to which {self.kind} it changed: {', '.join(words)}")])
        return self


def _by_field(written: object) -> object:
    # `from` cannot be the name of a field.
    fields = {"from": "before", "to": "after"}
    return {fields.get(name, name): one for name, one in written.items()} if isinstance(written, Mapping) else written


class GivenTicket(Written):
    """A ticket's history; without `events` its status comes from `resolved_at`, without replies the first one from
    `first_replied_at`. A change of priority without `from`, if it is the first, changed the ticket's `priority`.
    """

    called: ClassVar[str] = "ticket"

    created_at: _Moment
    status: _Status = "open"
    priority: _Priority | None = None
    messages: tuple[GivenMessage, ...] = ()
    events: tuple[Annotated[GivenEvent, BeforeValidator(_by_field)], ...] = ()
    outreach: tuple[_Moment, ...] = ()
    first_replied_at: _Moment | None = None
    resolved_at: _Moment | None = None


def _one_list_for_all(written: object) -> object:
    return written if isinstance(written, Mapping) else {_ANY_METRIC: written}


_Pauses = Annotated[
    Mapping[Annotated[str, one_of((_ANY_METRIC, *METRICS), "metric")], tuple[StatusWord, ...]],
    BeforeValidator(_one_list_for_all),
]


class GivenTerms(Written):
    """What is promised, `since` a moment; left out, from the beginning.

    * targets: by metric, or by metric and priority; what is left out, or `none`, is no target
    * calendar: may be left out where no target is counted in business time
    * pauses: by metric, `default` for those that are not named; or one list for all
    """

    called: ClassVar[str] = "description of terms"

    targets: Targets
    calendar: Calendar | None = None
    pauses: _Pauses = Field(default_factory=dict)
    grace: Grace = grace("1h business")
    warnings: tuple[int, ...] = (50, 75, 90)
    reopened: Annotated[Literal["continue", "restart"], one_of(("continue", "restart"), "way to go on")] = "continue"
    policy: str = "given"
    calendar_name: str = "given"
    since: _Moment | None = None

    @model_validator(mode="after")
    def _business_time_needs_a_calendar(self) -> Self:
        lengths = (each for by_priority in self.targets.values() for each in by_priority.values())
        if self.calendar is None and any(each and each.counting == "business" for each in lengths):
            remedy = "business time needs one, such as {zone: Europe/Berlin, hours: {mon-fri: ['09:00-17:00']}}"
            refuse([(("calendar",), None, remedy)])
        return self

    @property
    def terms(self) -> Terms:
        """The terms themselves; a ticket without a priority has the targets of a normal one."""
        pauses: dict[Any, Any] = dict(self.pauses)
        others = dict.fromkeys(METRICS, pauses.pop(_ANY_METRIC)) if _ANY_METRIC in pauses else {}
        return Terms(
            policy=self.policy,
            calendar_name=self.calendar_name,
            calendar=self.calendar or Calendar(zone="UTC", hours={"mon-sun": ("00:00-24:00",)}),
            targets={metric: _spread(by_priority) for metric, by_priority in self.targets.items()},
            pauses=others | pauses,
            grace=self.grace,
            warnings=self.warnings,
            reopened=self.reopened,
        )


def _spread(by_priority: Mapping[Priority, Length | None]) -> Mapping[str, Length]:
    targets: list[tuple[str, Length | None]] = [*by_priority.items(), ("unknown", by_priority.get("normal"))]
    return {priority: target for priority, target in targets if target is not None}


def _later_ones_say_since(phases: list[GivenTerms]) -> list[GivenTerms]:
    remedy = "say since when these terms hold; only the first of a list may leave it out"
    refuse(((number, "since"), None, remedy) for number, each in enumerate(phases) if number and each.since is None)
    return phases


_ONE = TypeAdapter(GivenTerms)
_SOME = TypeAdapter(Annotated[list[GivenTerms], Field(min_length=1)])


def given_terms(written: object) -> list[GivenTerms]:
    """The timeline of terms that one mapping makes, or a list of them with the moments since which each holds.

    Raises:
        ValidationError: what is wrong, its place, and what would be right.
    """
    if isinstance(written, list | tuple):
        return _later_ones_say_since(_SOME.validate_python(list(written)))
    return [_ONE.validate_python(written)]
