"""Knows what a customer account is and under which names other systems know it."""

from datetime import date

from domain.records import Name, Sourced, UtcDatetime


class Account(Sourced):
    """A customer company. The `reported_*` fields are claims of the source; the ledger believes the subscriptions.

    `parent_ref` is the same source's id of the account that this one belongs to.
    """

    name: Name
    domains: tuple[str, ...] = ()
    segment: str | None = None
    industry: str | None = None
    region: str | None = None
    csm: str | None = None
    parent_ref: str | None = None
    signed_up_on: date | None = None
    reported_plan: str | None = None
    reported_trial: bool | None = None
    reported_churned: bool | None = None


class AccountIdentity(Sourced):
    """Another name for an account: the system `source` knows the account `account_ref` as `external_id`."""

    account_ref: Name


class AccountField(Sourced):
    """What a source says of an account in a field of its own: `value` of `name` from `recorded_at` on.

    `value` is text as it was given; a signal reads it as a number where the configuration says that it is one.
    """

    account_ref: Name
    name: Name
    value: str | None = None
    recorded_at: UtcDatetime
