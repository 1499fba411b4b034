"""Knows how a team is written: who takes which escalations, how many a day, when she is away, and what may not wait."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from domain.money import to_cents
from domain.records import Name
from domain.tickets import Priority
from rules.durations import elapsed
from rules.load.values import (
    PRIORITIES,
    Amount,
    Budget,
    Day,
    KnownPriority,
    Length,
    Segments,
    Share,
    Words,
    several,
)
from rules.words import unknown_word
from rules.written import Id, Mistake, Written, refuse, repeated

DEFAULT_BUDGET = "default"


class Absence(Written):
    """The first and the last day on which somebody is away."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")

    model_config = ConfigDict(populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _known_words(cls, raw: Any) -> Any:
        words = list(raw) if isinstance(raw, Mapping) else []
        wrong = [word for word in words if word not in {"from", "to"}]
        refuse(((str(word),), raw[word], unknown_word(word, ("from", "to"), "word in an absence")) for word in wrong)
        return raw

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"the absence ends on {self.last}, before it begins; write the later day as `to`")
        return self


class Takes(Written):
    """Whose escalations somebody takes when they are shared out; what is left out is no limit."""

    called: ClassVar[str] = "list of what somebody takes"

    segment: Segments = ()
    region: Words = ()
    family: Words = ()


class Person(Written):
    """One who takes escalations.

    * id: an address or a role's name, as it stands on the escalation
    * roles: the owners of steps that she stands for
    * csm: how the CRM's CSM field names her; the accounts that name her are hers
    * takes: of all others, the accounts and families of playbooks that she takes
    * daily_budget: how many new escalations a day; that of her first role where nothing is said
    * calendar: a calendar of `sla.yaml`; its default one where nothing is said
    * deputy: who takes hers while she is away
    """

    called: ClassVar[str] = "person"

    id: Name
    roles: Annotated[Words, Field(min_length=1)]
    csm: Words = ()
    takes: Takes = Takes()
    daily_budget: Budget | None = None
    calendar: Name | None = None
    deputy: Name | None = None
    absences: tuple[Absence, ...] = ()

    def is_away(self, on: date) -> bool:
        """Whether she is away on a day."""
        return any(absence.first <= on <= absence.last for absence in self.absences)


class Renewing(Written):
    """Accounts of these ACV bands whose renewal is so near."""

    called: ClassVar[str] = "renewal that may not wait"

    bands: Annotated[tuple[Literal["enterprise", "mid_market", "smb"], ...], BeforeValidator(several)] = ()
    within: Length = "90d"


class NeverHeldBack(Written):
    """What is opened however full the day is."""

    called: ClassVar[str] = "list of what is never held back"

    priorities: Annotated[tuple[KnownPriority, ...], BeforeValidator(several)] = ("urgent",)
    arr_from: Amount | None = None
    renewal: Renewing = Renewing()

    @property
    def limit(self) -> tuple[int, str] | None:
        """`arr_from` in minor units, and its currency."""
        if self.arr_from is None:
            return None
        amount, currency = self.arr_from.split(" ")
        return to_cents(amount, currency), currency


class Parents(Written):
    """When one issue is told as one item over all accounts that it hits.

    * accounts: how many accounts, in the time `within`; none where it is 0
    * surge: and at least so many times as many as usual, which is the mean of the four such times before; 0: any
    * closes_below: the item closes when fewer accounts than this were hit in that time, or no more than usual
    * families: the families of playbooks whose escalations stand below it
    """

    called: ClassVar[str] = "rule for parent items"

    accounts: int = Field(default=5, ge=0, le=100_000)
    within: Length = "7d"
    surge: float = Field(default=2, ge=0, le=1_000)
    closes_below: int = Field(default=3, ge=1, le=100_000)
    families: Words = ("product",)

    @property
    def time(self) -> timedelta:
        """`within` as a length."""
        return elapsed(self.within)


class Reviewing(Written):
    """When a rule is proposed to be retired or tightened.

    * weeks: how far back it is looked at
    * cases: with fewer closed escalations, or answers, nothing is proposed
    * unattended: the share that expired without anybody's work from which it is proposed to be retired
    * precision: it is proposed to be tightened where even the upper end of its interval lies below this
    """

    called: ClassVar[str] = "rule for reviews"

    weeks: int = Field(default=26, ge=1, le=520)
    cases: int = Field(default=20, ge=1, le=100_000)
    unattended: Share = 0.8
    precision: Share = 0.5


def _every_priority(chances: Mapping[Priority, float]) -> Mapping[Priority, float]:
    return dict(zip(PRIORITIES, (0.5, 0.3, 0.15, 0.05), strict=True)) | dict(chances)


class Team(Written):
    """The document `team.yaml`.

    * own_csm: the CSM that the CRM names takes her accounts' escalations, whether or not she stands under `people`
    * budgets: new escalations a day for each owner, by role; `default` is for roles that are not named
    * chances: how probable a loss is held to be, by the playbook's priority, while nothing better is known
    * answers: from how many answers on a playbook its measured precision counts instead
    * half_at: when so much time is left, an escalation weighs half
    * disagreements: the reasons for which persons disagree with an escalation

    Source: docs/alert-load.md.
    """

    called: ClassVar[str] = "document of the team"
    model_config = ConfigDict(title="Keepline team")

    own_csm: bool = True
    budgets: Mapping[Name, Budget] = Field(default_factory=dict)
    people: tuple[Person, ...] = Field(default=(), max_length=5_000)
    never_held_back: NeverHeldBack = NeverHeldBack()
    chances: Annotated[Mapping[KnownPriority, Share], AfterValidator(_every_priority)] = Field(
        default_factory=dict, validate_default=True
    )
    answers: int = Field(default=10, ge=1, le=100_000)
    half_at: Length = "30d"
    parents: Parents = Parents()
    disagreements: Annotated[tuple[Id, ...], Field(min_length=1, max_length=50)] = (
        "wrong-account", "known-already", "too-late", "not-a-risk", "too-noisy", "other",
    )  # fmt: skip
    review: Reviewing = Reviewing()

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        refuse([*repeated((one.id for one in self.people), "people", "people"), *self._deputies(), *self._shared()])
        return self

    def _deputies(self) -> Iterator[Mistake]:
        names = [one.id for one in self.people]
        for number, one in enumerate(self.people):
            place = ("people", number, "deputy")
            if one.deputy == one.id:
                yield place, one.deputy, "nobody is her own deputy; name another person, or leave it out"
            elif one.deputy is not None and one.deputy not in names:
                yield place, one.deputy, unknown_word(one.deputy, names, "person")

    def _shared(self) -> Iterator[Mistake]:
        """A CSM of the CRM is one person."""
        seen: dict[str, str] = {}
        for number, one in enumerate(self.people):
            for name in one.csm:
                other = seen.setdefault(name.casefold(), one.id)
                if other != one.id:
                    yield ("people", number, "csm"), name, f"{name!r} is {other} already; name her under one person"

    def require_currency(self, currency: str) -> None:
        """Refuse an amount that is not in the reporting currency.

        Raises:
            ValueError: names the amount and the right currency.
        """
        limit = self.never_held_back.limit
        if limit is not None and limit[1] != currency:
            written = self.never_held_back.arr_from
            raise ValueError(
                f"team.yaml: never_held_back.arr_from {written}: write it in {currency}, which is reported"
            )

    @cached_property
    def by_csm(self) -> dict[str, Person]:
        """Who is meant by each name in the CRM's CSM field, in small letters; an id is such a name too."""
        named = {one.id.casefold(): one for one in self.people}
        return named | {name.casefold(): one for one in self.people for name in one.csm}

    @cached_property
    def by_id(self) -> dict[str, Person]:
        """The people by their id."""
        return {one.id: one for one in self.people}

    def budget_of(self, owner: str, role: str) -> int | None:
        """How many new escalations a day an owner takes; None: no limit."""
        person = self.by_id.get(owner)
        if person is not None and person.daily_budget is not None:
            return person.daily_budget
        return self.budgets.get(person.roles[0] if person else role, self.budgets.get(DEFAULT_BUDGET))


def with_known_calendars(plain: Any, known: Mapping[str, object]) -> Any:
    """The plain content of a `team.yaml`, as it is, after a look at the calendars that it names.

    Raises:
        ValidationError: for each that `sla.yaml` does not have, with the nearest right name.
    """
    people = plain.get("people") if isinstance(plain, Mapping) else None
    listed = people if isinstance(people, list) else []
    named = [one.get("calendar") if isinstance(one, Mapping) else None for one in listed]
    refuse(
        (("people", number, "calendar"), name, unknown_word(name, known, "calendar of sla.yaml"))
        for number, name in enumerate(named)
        if name is not None and name not in known
    )
    return plain


def team_schema() -> dict[str, Any]:
    """The JSON Schema of `team.yaml`."""
    return Team.model_json_schema(mode="validation")
