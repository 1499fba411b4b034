"""Knows the words about a ticket that a service level may depend on, beside the signals of the ticket's account."""

from typing import get_args

from domain.tickets import Priority
from rules.signals.signal import Shown, Signal

_NO_ACCOUNT = "the ticket is not linked to an account"


def _tags(shown: Shown) -> str:
    return f"tagged {shown.listed('tag')}" if shown.listed("tag") else "without tags"


def _playbooks(shown: Shown) -> str:
    return f"open playbooks {shown.listed('open_playbook') or 'none'}"


_WORDS = (
    Signal(
        name="priority", kind="text", unit="", noun="priority",
        meaning="The ticket's priority: urgent, high, normal or low.", unknown_when="the helpdesk gave none",
        phrase=lambda shown: f"priority {shown.number('priority')}", words=tuple(reversed(get_args(Priority))),
    ),
    Signal(
        name="channel", kind="text", unit="", noun="channel",
        meaning="How the ticket came in, in the helpdesk's own word: email, chat, phone.",
        unknown_when="the helpdesk does not say", phrase=lambda shown: f"channel {shown.number('channel')}",
    ),
    Signal(
        name="tag", kind="text", unit="", noun="tags", meaning="The ticket's tags, any number of them.",
        unknown_when="never; a ticket without tags has none", phrase=_tags, several=True,
    ),
    Signal(
        name="workflow", kind="text", unit="", noun="workflow",
        meaning="The kind of work that the ticket belongs to: onboarding, billing.",
        unknown_when="the helpdesk does not say", phrase=lambda shown: f"workflow {shown.number('workflow')}",
    ),
    Signal(
        name="team", kind="text", unit="", noun="team", meaning="The team or group that has the ticket.",
        unknown_when="no team has it", phrase=lambda shown: f"team {shown.number('team')}",
    ),
    Signal(
        name="source", kind="text", unit="", noun="source",
        meaning="The connection or folder that the ticket came from.", unknown_when="never",
        phrase=lambda shown: f"source {shown.number('source')}",
    ),
    Signal(
        name="csm", kind="text", unit="", noun="CSM", meaning="Who is responsible for the account's success.",
        unknown_when=f"{_NO_ACCOUNT}, or it has none", phrase=lambda shown: f"CSM {shown.number('csm')}",
    ),
    Signal(
        name="region", kind="text", unit="", noun="region", meaning="The account's region.",
        unknown_when=f"{_NO_ACCOUNT}, or it has none", phrase=lambda shown: f"region {shown.number('region')}",
    ),
    Signal(
        name="industry", kind="text", unit="", noun="industry", meaning="The account's industry.",
        unknown_when=f"{_NO_ACCOUNT}, or it has none", phrase=lambda shown: f"industry {shown.number('industry')}",
    ),
    Signal(
        name="account", kind="text", unit="", noun="account", meaning="The account, by its name or by its reference.",
        unknown_when=_NO_ACCOUNT, phrase=lambda shown: f"account {shown.number('account')}", also="account_ref",
    ),
    Signal(
        name="open_playbook", kind="text", unit="", noun="open playbooks",
        meaning="The ids of the playbooks that have a live escalation for the account, any number of them.",
        unknown_when=_NO_ACCOUNT, phrase=_playbooks, several=True,
    ),
)  # fmt: skip
TICKET_WORDS: dict[str, Signal] = {word.name: word for word in _WORDS}
