"""Knows what a replay tells: how many alerts, for whom, what they caught and missed, how early, and what to open."""

from datetime import date, datetime
from typing import Literal

from domain.records import Currency, Record
from rules.replay.shares import Share, Spread

ExampleKind = Literal["hit", "false alarm", "miss"]


class PerWeek(Record):
    """How many there were in a whole week."""

    least: int
    median: float
    most: int


class OwnerLoad(Record):
    """What openings ask of a role: `openings` with a step for it, and its steps."""

    owner: str
    openings: int
    steps: int
    openings_per_week: PerWeek


class Window(Record):
    """How right the alerts were, as seen within one window after each of them.

    * alerts: those with a window that was over; `too_young` had one that was not, `without` had none
    * precision, precision_of_money: how many alerts, and how much of their ARR, were followed by a loss
    * base, base_of_money: what random alerts at the same moments would have met; None where it cannot be said
    * losses, losses_of_money: how many losses, and how much of what was lost, had an alert before them
    * unwatched: losses so early that not all of their window was replayed
    * worked, not_worked: `precision` of the alerts in whose window people worked on the account, and of the others
    """

    name: str
    days: int | None
    alerts: int
    too_young: int
    without: int
    precision: Share
    precision_of_money: Share
    base: float | None
    base_of_money: float | None
    losses: Share
    losses_of_money: Share
    unwatched: int
    worked: Share
    not_worked: Share

    @property
    def lift(self) -> float | None:
        """How many times better than random the alerts are."""
        ratio = self.precision.ratio
        return None if ratio is None or not self.base else ratio / self.base


class Leads(Record):
    """How many days the first alert came before what it warned of; of losses that had an alert before them.

    `after_notice` were warned of when notice had been given already.
    """

    to_loss: Spread
    to_churn: Spread
    to_notice: Spread
    to_renewal: Spread
    after_notice: int


class ByPlaybook(Record):
    """One playbook of the rules that were replayed."""

    playbook: str
    decisions: int
    openings: int
    accounts: int
    precision: Share


class Example(Record):
    """Something to open: an alert that was right or wrong, or a loss that nothing came before.

    `what_came` says what followed an alert, or what was lost.
    """

    kind: ExampleKind
    account: str
    account_ref: str
    on: date
    playbook: str | None
    because: str
    what_came: str
    arr_cents: int | None


class Compared(Record):
    """Losses that one set of rules had an alert before, and the other; amounts are what was lost."""

    name: str
    openings: int
    decisions: int
    accounts: int
    both: int
    only_this: int
    only_other: int
    neither: int
    both_cents: int
    only_this_cents: int
    only_other_cents: int
    neither_cents: int
    precision: Share
    losses: Share


class PlantedKind(Record):
    """Troubles of one kind: how many had an alert between their beginning and their end, and how soon.

    `by_chance` is how often accounts without trouble had one in the same days.
    """

    kind: str
    found: Share
    by_chance: float | None
    days_to_alert: Spread


class ReplayReport(Record):
    """What rules would have done at `moments`, from the first to the last, judged by what is known at `known_until`.

    Those that are `about_tickets` were asked every `tickets_every`, which is None without any.
    """

    rules: tuple[str, ...]
    about_tickets: tuple[str, ...] = ()
    first: datetime
    last: datetime
    moments: int
    every: str
    tickets_every: str | None = None
    known_until: datetime
    currency: Currency
    accounts: int
    paying_accounts: int
    arr_cents: int
    decisions: int
    openings: int
    openings_at_start: int
    decisions_per_week: PerWeek
    openings_per_week: PerWeek
    still_open: int
    alerted_accounts: int
    alerted_arr_cents: int
    unknown_arr: int
    owners: tuple[OwnerLoad, ...]
    playbooks: tuple[ByPlaybook, ...]
    windows: tuple[Window, ...]
    leads: Leads
    compared: Compared | None = None
    planted: tuple[PlantedKind, ...] = ()
    examples: tuple[Example, ...] = ()
