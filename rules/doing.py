"""Knows what a playbook asks to be done: steps of people, and effects on the outside that Keepline prepares."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from domain.records import Name
from domain.tickets import Priority
from rules import durations
from rules.templates import Template
from rules.words import unknown_word
from rules.written import Mistake, Written

PRIORITIES: tuple[Priority, ...] = ("urgent", "high", "normal", "low")
BRANCHES = ("no reply", "reply")
# The kinds of action, and whether a customer sees the effect: such a one waits for a person's approval.
ACTION_KINDS: dict[str, bool] = {
    "set_priority": False, "add_tag": False, "notify": False, "crm_task": False, "message_customer": True,
}  # fmt: skip


def _counting_is_said(written: str) -> str:
    durations.length(written)
    return written


def known_priority(word: Any) -> Any:
    """The word, if it is a priority.

    Raises:
        ValueError: names the nearest right one.
    """
    if word is not None and word not in PRIORITIES:
        raise ValueError(unknown_word(word, PRIORITIES, "priority"))
    return word


def _known_branch(word: Any) -> Any:
    if word is not None and word not in BRANCHES:
        raise ValueError(unknown_word(word, BRANCHES, "branch"))
    return word


def _flag(word: Any) -> Any:
    if word is not None and not isinstance(word, bool):
        raise ValueError(f"{str(word)[:40]!r} is no flag; write true or false")
    return word


Within = Annotated[str, AfterValidator(_counting_is_said), Field(examples=["24h elapsed", "2h business"])]
Branch = Annotated[str, BeforeValidator(_known_branch), Field(json_schema_extra={"enum": [*BRANCHES]})]
Flag = Annotated[bool, BeforeValidator(_flag)]


class Step(Written):
    """One thing to do, by whom, and within what time of the escalation's opening.

    * if: `no reply`: not needed once the customer has written since the step before was done, or since the opening;
      `reply`: not needed where the customer has not written by the time that it is due
    * approval: a person lets it go first
    * message: what to say, with the account's facts in braces
    """

    do: Name
    owner: Name
    within: Within
    only_if: Branch | None = Field(default=None, alias="if")
    approval: Flag | None = None
    message: Template | None = None

    @property
    def time_left(self) -> durations.Length:
        """How long after the opening the step is due, and how that time is counted."""
        return durations.length(self.within)


class Action(Written):
    """One effect on the outside: exactly one of its kinds, and whether a person must approve it in any case.

    * set_priority, add_tag: on the ticket of a playbook about tickets, otherwise on the account's open ones
    * notify: who is told, such as "#renewals"; crm_task: a task in the CRM; message_customer: what the customer reads
    """

    set_priority: Annotated[Priority, BeforeValidator(known_priority)] | None = None
    add_tag: Name | None = None
    notify: Name | None = None
    crm_task: Template | None = None
    message_customer: Template | None = None
    approval: Flag | None = None

    @classmethod
    def _further_mistakes(cls, raw: Mapping[Any, Any]) -> Iterable[Mistake]:
        kinds = [word for word in raw if word in ACTION_KINDS]
        is_misspelt = not kinds and any(word not in cls.model_fields for word in raw)
        if len(kinds) != 1 and not is_misspelt:
            yield (), dict(raw), f"an action is exactly one of {', '.join(ACTION_KINDS)}"

    @property
    def kind(self) -> str:
        """Which of the kinds it is."""
        return next(kind for kind in ACTION_KINDS if getattr(self, kind) is not None)

    @property
    def said(self) -> str:
        """What stands behind the kind."""
        return str(getattr(self, self.kind))
