"""Knows what a playbook is: when it applies, what must then be done by whom until when, and which version it is."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from domain.records import Name
from domain.tickets import Priority
from rules import durations
from rules.conditions import Condition
from rules.durations import elapsed
from rules.holdouts.written import Holdout, holdout_or_nothing
from rules.words import unknown_word
from rules.written import Id, Written, refuse, repeated

PRIORITIES: tuple[Priority, ...] = ("urgent", "high", "normal", "low")


def _counting_is_said(written: str) -> str:
    durations.length(written)
    return written


def _is_a_length(written: str) -> str:
    elapsed(written)
    return written


def _known_priority(word: Any) -> Any:
    if word not in PRIORITIES:
        raise ValueError(unknown_word(word, PRIORITIES, "priority"))
    return word


def _without_default(schema: dict[str, Any]) -> None:
    # The default is the playbook's own id, which a schema cannot say.
    schema.pop("default", None)


Within = Annotated[str, AfterValidator(_counting_is_said), Field(examples=["24h elapsed", "2h business"])]
Length = Annotated[str, AfterValidator(_is_a_length), Field(examples=["7d"])]


class Step(Written):
    """One thing to do, by whom, and within what time of the escalation's opening."""

    do: Name
    owner: Name
    within: Within

    @property
    def time_left(self) -> durations.Length:
        """How long after the opening the step is due, and how that time is counted."""
        return durations.length(self.within)


class Playbook(Written):
    """When it applies to an account, and the steps to take.

    * family: an account has at most one live escalation in a family; the id where nothing is said
    * priority: which playbook of a family opens the escalation when several apply at once
    * cooldown: how long after an escalation was closed the family stays quiet for the account
    * expires_after: an escalation that no person took is closed when its family has not applied for so long
    * at_risk: `false` where an account that it fires for is not at risk: a routine, or a chance to sell more
    * holdout: a small share of accounts goes without the playbook, by lot, to learn what it does; nobody if left out
    """

    id: Id
    name: Name
    family: Id = Field(default="", json_schema_extra=_without_default)
    when: Condition
    priority: Annotated[Priority, BeforeValidator(_known_priority)] = "normal"
    cooldown: Length = "7d"
    expires_after: Length = "14d"
    steps: tuple[Step, ...] = Field(min_length=1)
    at_risk: bool | None = None
    holdout: Annotated[Holdout | None, BeforeValidator(holdout_or_nothing)] = None

    @model_validator(mode="before")
    @classmethod
    def _family_of_its_own(cls, raw: Any) -> Any:
        return {**raw, "family": raw["id"]} if isinstance(raw, Mapping) and "id" in raw and "family" not in raw else raw

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

    @cached_property
    def content_hash(self) -> str:
        """Names this exact rule: equal for equal content, whatever the order of keys or the spelling of numbers."""
        content = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


class PlaybookFile(Written):
    """A document of playbooks: `playbooks: […]`; ids are unique."""

    called: ClassVar[str] = "document of playbooks"
    model_config = ConfigDict(title="Keepline playbooks")

    playbooks: tuple[Playbook, ...]

    @model_validator(mode="after")
    def _unique_ids(self) -> Self:
        refuse(repeated((playbook.id for playbook in self.playbooks), "playbooks", "playbooks"))
        return self


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
            playbook.when.require_currency(currency)
            if playbook.holdout is not None:
                playbook.holdout.require_currency(currency)
        except ValueError as error:
            raise ValueError(f"playbook {playbook.id}: {error}") from error


def playbook_schema() -> dict[str, Any]:
    """The JSON Schema of a document of playbooks."""
    return PlaybookFile.model_json_schema(mode="validation")
