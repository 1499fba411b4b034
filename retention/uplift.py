"""Knows the incremental effect of help: what at-risk accounts kept that they would otherwise have lost."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from domain.effect_conventions import IncrementalConventions
from domain.money import minor_digits
from domain.records import Currency
from retention.incremental.covariates import covariates as read_covariates
from retention.incremental.estimate import Choices, Episodes, estimated
from retention.incremental.landmark import landmarked
from retention.incremental.result import IncrementalResult
from retention.incremental.ridge import Floats
from retention.incremental.table import Table

_CURRENCY = TypeAdapter(Currency)
Names = str | Sequence[str]


def incremental_effect(
    table: Any,
    outcome: str = "renewed",
    treated: str | None = "treated",
    covariates: Names | None = None,
    *,
    arr: str | None = None,
    arr_cents: str | None = None,
    arr_kept: str | None = None,
    arr_kept_cents: str | None = None,
    currency: str = "USD",
    cluster: str | None = None,
    flagged_at: str | None = None,
    treated_at: str | None = None,
    notice_at: str | None = None,
    outcome_at: str | None = None,
    landmark_days: float | None = None,
    placebo: Names = (),
    negative_control: Names = (),
    assigned: str | None = None,
    assigned_chance: str | float | None = None,
    randomised: bool = False,
    trim: float | None = None,
    confidence: float | None = None,
    bootstrap_rounds: int | None = None,
    minimum_per_arm: int | None = None,
    seed: int = 0,
) -> IncrementalResult:
    """Estimate what help changed, from a table of at-risk episodes as it was known at the flag.

    Args:
        table: a mapping of columns, a list of rows (mappings), or any frame that Narwhals reads
        outcome: whether the account stayed (yes/no); episodes where it is missing are left out
        treated: whether it was helped (yes/no); not read where times or `assigned` are given
        covariates: what was known at the flag: numbers, yes/no, texts or moments. None: every column without a role
        arr: the ARR at the flag, as amounts
        arr_cents: the same as minor units
        arr_kept: what was kept of it; left out, all where the outcome is yes and nothing where it is no
        arr_kept_cents: the same as minor units
        currency: says how many minor units an amount has
        cluster: what belongs together (the account), so that it is never on both sides of a comparison
        flagged_at: the moment of the flag. With `treated_at`, who was helped follows from the times: those in
            `(flag, flag + landmark_days]` and before notice and outcome. Who was decided within the landmark is left
            out
        treated_at: when help was completed; missing where there was none
        notice_at: when the customer gave notice; missing where none did
        outcome_at: when it was decided; missing where nothing was decided yet
        landmark_days: 30
        placebo: columns that help cannot have moved
        negative_control: columns that cannot have moved the outcome
        assigned: the arm that was drawn by lot (yes/no, or treat/holdout); missing where nothing was drawn. It
            makes a randomised analysis of the drawn ones, as drawn, whatever was done afterwards
        assigned_chance: the chance of being drawn for help, a number or a column; left out, the share that was
        randomised: says that `treated` itself was drawn by lot
        trim: whose chance of being in the other arm is below this has no counterpart, and is not compared (0.05)
        confidence: of all intervals (0.95)
        bootstrap_rounds: 500; 0 for none
        minimum_per_arm: below this, not enough evidence (30)
        seed: everything is the same for the same seed, in whatever order the rows come

    A table without times is taken as it is: who was helped must have been settled by a landmark already.

    Raises:
        ValueError: something is wrong with the data; the message has the column, the row and what would be right.

    Source: docs/incremental.md.
    """
    set_by_hand = {
        "landmark_days": landmark_days, "trim": trim, "confidence": confidence,
        "bootstrap_rounds": bootstrap_rounds, "minimum_per_arm": minimum_per_arm,
    }  # fmt: skip
    kept = IncrementalConventions(**{name: value for name, value in set_by_hand.items() if value is not None})
    read = Table(table)
    times = (flagged_at, treated_at, notice_at, outcome_at)
    drawn = assigned or (treated if randomised else None)
    arms = _Arms(read, treated, times, drawn, kept.landmark_days)
    arms.leave_out("outcome unknown", np.isnan(read.flags(outcome)))
    here = arms.excluded == ""
    money = _Money(read, (arr, arr_cents), (arr_kept, arr_kept_cents), _CURRENCY.validate_python(currency))
    money.refuse_hindsight(read.flags(outcome), here)
    placebos, negatives = _names(placebo), _names(negative_control)
    roles = {
        outcome, treated, assigned, assigned_chance, cluster, *times, *money.columns, *placebos, *negatives,
    }  # fmt: skip
    chosen = _names(covariates) if covariates is not None else [name for name in read.columns if name not in roles]
    _refuse_roles(chosen, {outcome, treated} if not assigned else {outcome, assigned}, treated_at, outcome_at)
    episodes = Episodes(
        treated=arms.treated[here],
        renewed=read.flags(outcome)[here],
        covariates=read_covariates(read, chosen, here, None if money.is_among(chosen) else money.worth),
        groups=_groups(read, cluster)[here],
        known_chance=_known_chance(read, arms.treated, here, assigned_chance) if drawn else None,
        worth=None if money.worth is None else money.worth[here],
        kept_share=None if money.share is None else money.share[here],
        placebos={name: read.numbers(name)[here] for name in placebos},
        negatives={name: read.numbers(name)[here] for name in negatives},
    )
    choices = Choices(
        currency, kept.trim, kept.confidence, kept.bootstrap_rounds, kept.minimum_per_arm, seed
    )  # fmt: skip
    return estimated(episodes, choices, read.rows, arms.counts())


class _Arms:
    """Who was helped, and who is left out and why."""

    def __init__(
        self, table: Table, treated: str | None, times: tuple[str | None, ...], drawn: str | None, landmark: float
    ) -> None:
        flagged_at, treated_at, *decided_at = times
        self.excluded: NDArray[np.str_] = np.full(table.rows, "", dtype="<U40")
        if drawn:
            self.treated = table.flags(drawn)
            self.leave_out("not drawn", np.isnan(self.treated))
        elif flagged_at and treated_at:
            ends = [table.moments(name) for name in decided_at if name]
            decided = np.fmin.reduce(ends) if ends else np.full(table.rows, np.nan)
            found = landmarked(table.moments(flagged_at), table.moments(treated_at), decided, landmark)
            self.treated, self.excluded = found.treated, found.excluded
        elif treated:
            if treated_at:
                raise ValueError("treated_at needs flagged_at: give the column with the moment of the flag as well")
            self.treated = table.flags(treated)
            self.leave_out("help unknown", np.isnan(self.treated))
        else:
            raise ValueError("say who was helped: treated, or flagged_at with treated_at, or assigned")

    def leave_out(self, reason: str, those: NDArray[np.bool_]) -> None:
        self.excluded = np.where((self.excluded == "") & those, reason, self.excluded)

    def counts(self) -> dict[str, int]:
        names, many = np.unique(self.excluded[self.excluded != ""], return_counts=True)
        return dict(zip(names.tolist(), many.tolist(), strict=True))


class _Money:
    """ARR at the flag in minor units, and the share of it that was kept where that is told."""

    def __init__(
        self, table: Table, at_flag: tuple[str | None, str | None], after: tuple[str | None, str | None], currency: str
    ) -> None:
        digits = minor_digits(currency)
        self.columns = tuple(name for name in (*at_flag, *after) if name)
        self.worth = _amounts(table, at_flag, digits, ("arr", "arr_cents"))
        kept = _amounts(table, after, digits, ("arr_kept", "arr_kept_cents"))
        self.share: Floats | None = None
        if kept is not None:
            if self.worth is None:
                raise ValueError("what was kept needs the ARR at the flag beside it: give arr or arr_cents")
            over = np.flatnonzero(kept > self.worth)
            if over.size:
                name = next(name for name in after if name)
                raise ValueError(f"column {name!r}, row {over[0]}: more was kept than there was; leave expansion out")
            self.share = np.where(self.worth > 0, kept / np.where(self.worth > 0, self.worth, 1), 0)
            self.worth = np.where(np.isnan(kept), np.nan, self.worth)

    def is_among(self, chosen: Sequence[str]) -> bool:
        """Whether the models see the ARR anyway."""
        return any(name in chosen for name in self.columns)

    def refuse_hindsight(self, renewed: Floats, here: NDArray[np.bool_]) -> None:
        """An ARR that is nothing exactly where the account left was read after the outcome."""
        if self.worth is None or self.share is not None:
            return
        nothing, lost = self.worth[here] == 0, renewed[here] == 0
        if lost.sum() > 1 and nothing[lost].all() and not nothing[~lost].any():
            raise ValueError(
                f"column {self.columns[0]!r} is 0 for every episode that was lost: that is the ARR afterwards; "
                "give the ARR at the flag"
            )


def _amounts(
    table: Table, names: tuple[str | None, str | None], digits: int, labels: tuple[str, str]
) -> Floats | None:  # fmt: skip
    amount, cents = names
    if amount and cents:
        raise ValueError(f"give either {labels[0]} or {labels[1]}, not both")
    if amount:
        return table.amounts(amount, digits)
    return table.amounts(cents) if cents else None


def _names(given: Names) -> list[str]:
    return [given] if isinstance(given, str) else list(dict.fromkeys(given))


def _refuse_roles(chosen: list[str], *told: Any) -> None:
    roles = {name for one in told for name in (one if isinstance(one, set) else {one}) if name}
    for name in chosen:
        if name in roles:
            raise ValueError(f"column {name!r} is not known at the flag; take it out of covariates")


def _groups(table: Table, cluster: str | None) -> NDArray[np.intp]:
    """Codes of what belongs together; an episode without one stands for itself."""
    if cluster is None:
        return np.arange(table.rows)
    codes, names = table.labels(cluster)
    return np.where(codes < 0, len(names) + np.arange(table.rows), codes)


def _known_chance(table: Table, drawn: Floats, here: NDArray[np.bool_], given: str | float | None) -> Floats:
    if isinstance(given, str):
        chances = table.numbers(given)[here]
    else:
        share = float(drawn[here].mean()) if here.any() else 0.5
        chances = np.full(int(here.sum()), share if given is None else float(given))
    if ((wrong := ~((chances > 0) & (chances < 1))).any()) and 0 < drawn[here].mean() < 1:
        row = int(np.flatnonzero(here)[np.flatnonzero(wrong)[0]])
        raise ValueError(
            f"assigned_chance, row {row}: {chances[wrong][0]} is not between 0 and 1, as a lot's chance is"
        )
    return np.clip(chances, 1e-4, 1 - 1e-4)
