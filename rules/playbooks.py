"""Knows what a playbook is: when it applies, what must then be done by whom until when, and which version it is."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from domain.records import Name
from domain.tickets import Priority
from rules.conditions import Condition, TicketCondition, parse_sentence
from rules.doing import PRIORITIES, Action, Step, known_priority
from rules.durations import elapsed
from rules.holdouts.written import Holdout, holdout_or_nothing
from rules.signals import Signal
from rules.templates import fields, unknown_fields
from rules.words import unknown_word
from rules.written import Id, Mistake, Written, is_id, refuse, repeated

SCOPES = ("account", "ticket")


def _is_a_length(written: str) -> str:
    elapsed(written)
    return written


def _known_scope(word: Any) -> Any:
    if word is not None and word not in SCOPES:
        raise ValueError(unknown_word(word, SCOPES, "scope"))
    return word


def _of_its_scope(raw: Any, info: ValidationInfo) -> Any:
    kind = TicketCondition if info.data.get("scope") == "ticket" else Condition
    context = info.context or {}
    if isinstance(raw, str):
        raw = parse_sentence(raw, kind, context.get("windows")).model_dump(by_alias=True, exclude_none=True)
    return raw if raw is None else kind.model_validate(raw, context=context)


def _day(written: Any) -> Any:
    if written is None or (isinstance(written, date) and not isinstance(written, datetime)):
        return written
    try:
        return date.fromisoformat(written if isinstance(written, str) else "")
    except ValueError as error:
        raise ValueError(f"{str(written)!r} is no day; write it like 2026-01-31") from error


def _without_default(schema: dict[str, Any]) -> None:
    # The default is the playbook's own id, which a schema cannot say.
    schema.pop("default", None)


Length = Annotated[str, AfterValidator(_is_a_length), Field(examples=["7d"])]
Day = Annotated[date, BeforeValidator(_day)]
ScopedCondition = Annotated[Condition, BeforeValidator(_of_its_scope)]


class Playbook(Written):
    """When it applies to an account, and the steps to take.

    * family: an account has at most one live escalation in a family; the id where nothing is said
    * scope: what `when` is asked of: each account, which is so where nothing is said, or each ticket
    * hold_for: how long `when` must have been true at every look, without a break, before the playbook applies
    * clear_when: once it applies it goes on applying, and opens nothing anew, until a look finds this true
    * valid_from, valid_until: the playbook applies from the start of the first day (UTC) to before that of the last
    * priority: which playbook of a family opens the escalation when several apply at once
    * cooldown: how long after an escalation was closed the family stays quiet for the account
    * expires_after: an escalation that no person took is closed when its family has not applied for so long
    * actions: effects on the outside that are prepared when it opens an escalation; the risky ones wait for approval
    * at_risk: `false` where an account that it fires for is not at risk: a routine, or a chance to sell more
    * holdout: a small share of accounts goes without the playbook, by lot, to learn what it does; nobody if left out
    """

    id: Id
    name: Name
    family: Id = Field(default="", json_schema_extra=_without_default)
    scope: Annotated[str | None, BeforeValidator(_known_scope), Field(json_schema_extra={"enum": [*SCOPES]})] = None
    when: ScopedCondition
    hold_for: Length | None = None
    clear_when: ScopedCondition | None = None
    valid_from: Day | None = None
    valid_until: Day | None = None
    priority: Annotated[Priority, BeforeValidator(known_priority)] = "normal"
    cooldown: Length = "7d"
    expires_after: Length = "14d"
    steps: tuple[Step, ...] = Field(min_length=1)
    actions: Annotated[tuple[Action, ...], Field(min_length=1)] | None = None
    at_risk: bool | None = None
    holdout: Annotated[Holdout | None, BeforeValidator(holdout_or_nothing)] = None

    @model_validator(mode="before")
    @classmethod
    def _family_of_its_own(cls, raw: Any) -> Any:
        is_plain = isinstance(raw, Mapping) and "family" not in raw and is_id(raw.get("id"))
        return {**raw, "family": raw["id"]} if is_plain else raw

    @model_validator(mode="after")
    def _can_apply(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_until <= self.valid_from:
            remedy = f"is not after valid_from, {self.valid_from}; write a later day"
            refuse([(("valid_until",), self.valid_until.isoformat(), remedy)])
        if self.clear_when is not None and self.clear_when == self.when:
            remedy = "clear_when says the same as when, so that the playbook would never apply; say when it is over"
            refuse([(("clear_when",), self.clear_when.model_dump(by_alias=True, exclude_none=True), remedy)])
        return self

    @model_validator(mode="after")
    def _names_known_facts(self) -> Self:
        refuse((place, text, said) for place, text in self._texts() for said in unknown_fields(text, self._vocabulary))
        return self

    @property
    def _vocabulary(self) -> Mapping[str, Signal]:
        return self.when.vocabulary

    def _texts(self) -> Iterator[tuple[tuple[int | str, ...], str]]:
        """Every text with facts in braces, and where it stands."""
        for number, step in enumerate(self.steps):
            if step.message is not None:
                yield ("steps", number, "message"), step.message
        for number, action in enumerate(self.actions or ()):
            yield ("actions", number, action.kind), action.said

    @property
    def facts_told(self) -> tuple[str, ...]:
        """The signals that its texts name, and `account`; they are kept with what it decides."""
        named = dict.fromkeys(name for _, text in self._texts() for name in fields(text))
        return tuple(name for name in named if name == "account" or name in self._vocabulary)

    @property
    def about_tickets(self) -> bool:
        """Whether `when` is asked of each ticket; otherwise it is asked of each account."""
        return self.scope == "ticket"

    @property
    def remembers(self) -> bool:
        """Whether what it decides depends on earlier looks: it has `hold_for` or `clear_when`."""
        return self.hold_for is not None or self.clear_when is not None

    @property
    def hold_time(self) -> timedelta:
        """`hold_for` as a length; none where nothing is said."""
        return timedelta() if self.hold_for is None else elapsed(self.hold_for)

    @property
    def valid_span(self) -> tuple[datetime, datetime]:
        """From when on and until before when the playbook may apply, in UTC."""
        first, last = self.valid_from or date.min, self.valid_until or date.max
        return datetime.combine(first, time(), UTC), datetime.combine(last, time(), UTC)

    @property
    def quiet_time(self) -> timedelta:
        """`cooldown` as a length."""
        return elapsed(self.cooldown)

    @property
    def patience(self) -> timedelta:
        """`expires_after` as a length."""
        return elapsed(self.expires_after)

    @property
    def marks_risk(self) -> bool:
        """Whether an account that it fires for is at risk from then on; so it is where nothing is said."""
        return self.at_risk is not False

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return PRIORITIES.index(self.priority)

    @property
    def content(self) -> dict[str, Any]:
        """The rule as plain data, canonically: `Playbook.model_validate` makes the same rule of it."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    @cached_property
    def content_hash(self) -> str:
        """Names this exact rule: equal for equal content, whatever the order of keys or the spelling of numbers."""
        return hashlib.sha256(json.dumps(self.content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy; a changed one is another rule with a name of its own."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("content_hash", None)
        return copied


class PlaybookFile(Written):
    """A document of playbooks: `playbooks: […]`; ids are unique."""

    called: ClassVar[str] = "document of playbooks"
    model_config = ConfigDict(title="Keepline playbooks")

    playbooks: tuple[Playbook, ...]

    @classmethod
    def _further_mistakes(cls, raw: Mapping[Any, Any]) -> Iterable[Mistake]:
        listed = raw.get("playbooks")
        books = listed if isinstance(listed, list | tuple) else ()
        ids = [book.get("id", "") if isinstance(book, Mapping) else getattr(book, "id", "") for book in books]
        return (mistake for mistake in repeated(map(str, ids), "playbooks", "playbooks") if mistake[1])


def parse(documents: Iterable[Mapping[str, Any]]) -> tuple[Playbook, ...]:
    """The playbooks of all documents, in their order.

    Raises:
        ValueError: a document is wrong (pydantic's ValidationError, which knows the place), or an id stands twice.
    """
    playbooks = tuple(book for document in documents for book in PlaybookFile.model_validate(document).playbooks)
    refuse(repeated((playbook.id for playbook in playbooks), "playbooks", "playbooks"))
    return playbooks


def require_currency(playbooks: Iterable[Playbook], currency: str) -> None:
    """Refuse amounts that are not in the reporting currency.

    Raises:
        ValueError: names the playbook and the amount.
    """
    for playbook in playbooks:
        try:
            for condition in (playbook.when, playbook.clear_when):
                if condition is not None:
                    condition.require_currency(currency)
            if playbook.holdout is not None:
                playbook.holdout.require_currency(currency)
        except ValueError as error:
            raise ValueError(f"playbook {playbook.id}: {error}") from error


def playbook_schema() -> dict[str, Any]:
    """The JSON Schema of a document of playbooks, for editors that complete; a condition may be a sentence."""
    schema = PlaybookFile.model_json_schema(mode="validation")
    parts = schema["$defs"]
    parts["TicketCondition"] = TicketCondition.model_json_schema(mode="validation")["$defs"]["TicketCondition"]
    said = {"type": "string", "examples": ["ACV above 100,000 USD and days to renewal between 0 and 90"]}
    for scope, kind in (("then", "TicketCondition"), ("else", "Condition")):
        either = {"anyOf": [said, {"$ref": f"#/$defs/{kind}"}]}
        parts["Playbook"][scope] = {"properties": {"when": either, "clear_when": either}}
    parts["Playbook"]["if"] = {"properties": {"scope": {"const": "ticket"}}, "required": ["scope"]}
    for word in ("when", "clear_when"):
        parts["Playbook"]["properties"][word] = {"type": ["object", "string"]}
    return schema
