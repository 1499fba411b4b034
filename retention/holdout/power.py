"""Knows, before a holdout begins, how many accounts and months it takes until it can tell what it is asked."""

import math
from statistics import NormalDist

from domain.records import Record
from retention.holdout.counts import FEWEST_OVER

PRIOR_WEIGHT = 40.0
_LONGEST_YEARS = 100


class Power(Record):
    """What a holdout can be expected to tell; None where the history does not say.

    * base_rate: the share of accounts that renewed although the playbook fired, and acted, in the history
    * accounts_a_month: how many new eligible accounts it fires for
    * accounts_needed: in both arms together, to see `effect` with `power` at any look; `…_once` at one look alone
    * months: until so many are drawn; `answer_after_months` until their outcomes are known too
    * accounts_until: how many are drawn by the plan's last day
    * visible_effect: the smallest effect that those can be expected to show; None where not even a whole loss would
    * answers: whether the plan will see the effect that it hopes for
    """

    share: float
    effect: float
    horizon_days: int
    confidence: float
    power: float
    base_rate: float | None
    accounts_seen: int
    accounts_a_month: float | None
    accounts_needed: int | None
    accounts_needed_once: int | None
    months: float | None
    answer_after_months: float | None
    months_until: float
    accounts_until: int | None
    visible_effect: float | None
    answers: bool | None
    in_words: str


def estimate(
    share: float,
    effect: float,
    horizon_days: int,
    months_until: float,
    base_rate: float | None,
    accounts_a_month: float | None,
    accounts_seen: int = 0,
    confidence: float = 0.95,
    power: float = 0.8,
) -> Power:
    """The power of a holdout that draws for `months_until` more months.

    `share` goes without the playbook; `effect` is how many more renew with it (0.05 is five points), so without it
    `base_rate - effect` do. Rates and shares are of one.

    Raises:
        ValueError: a share or an effect outside of (0, 1); the message says what would be right.
    """
    _require(share, effect, base_rate)
    needed = once = months = after = until = visible = answers = None
    if base_rate is not None and effect < base_rate:
        needed = accounts_needed(base_rate, effect, share, confidence, power, looks=True)
        once = accounts_needed(base_rate, effect, share, confidence, power, looks=False)
    if accounts_a_month is not None:
        until = int(accounts_a_month * months_until)
        if needed is not None and accounts_a_month > 0:
            months = needed / accounts_a_month
            after = months + horizon_days / 30.4375
        if base_rate is not None:
            visible = visible_effect(base_rate, until, share, confidence, power)
            answers = needed is not None and until >= needed
    told = Power(
        share=share, effect=effect, horizon_days=horizon_days, confidence=confidence, power=power,
        base_rate=base_rate, accounts_seen=accounts_seen, accounts_a_month=accounts_a_month, accounts_needed=needed,
        accounts_needed_once=once, months=months, answer_after_months=after, months_until=months_until,
        accounts_until=until, visible_effect=visible, answers=answers, in_words="",
    )  # fmt: skip
    return told.model_copy(update={"in_words": _words(told)})


def accounts_needed(
    base_rate: float, effect: float, share: float, confidence: float = 0.95, power: float = 0.8, *, looks: bool
) -> int:
    """Accounts in both arms together until a difference of `effect` shows with `power`.

    With `looks` for the interval that holds at every look, otherwise for one look at the end. Source: the two-sample
    normal approximation with unpooled variances, at least ten accounts an arm; `looks` widens it by the mixture
    boundary at that number.
    """
    variance = _variance(base_rate, effect, share)
    reach = NormalDist().inv_cdf(power)
    accounts = 2.0
    for _ in range(100):
        wide = _looking_quantile(accounts, share, confidence) if looks else NormalDist().inv_cdf(0.5 + confidence / 2)
        wanted = (wide + reach) ** 2 * variance / effect**2
        if abs(wanted - accounts) < 0.5:
            break
        accounts = wanted
    return max(math.ceil(FEWEST_OVER / min(share, 1 - share)), math.ceil(accounts))


def visible_effect(
    base_rate: float, accounts: int, share: float, confidence: float = 0.95, power: float = 0.8
) -> float | None:
    """The smallest effect that so many accounts can be expected to show at any look; None if not even a whole loss."""
    low, high = 0.0, base_rate
    if (
        accounts < 2
        or high <= 0
        or accounts_needed(base_rate, high * 0.999, share, confidence, power, looks=True) > accounts
    ):
        return None
    for _ in range(40):
        middle = (low + high) / 2
        enough = accounts_needed(base_rate, middle, share, confidence, power, looks=True) <= accounts
        low, high = (low, middle) if enough else (middle, high)
    return high


def _variance(base_rate: float, effect: float, share: float) -> float:
    """Of the difference, times the accounts; never 0, because a rate of 1 in the history is only nearly 1."""
    with_it = min(max(base_rate, 0.005), 0.995)
    without = min(max(base_rate - effect, 0.005), 0.995)
    return with_it * (1 - with_it) / (1 - share) + without * (1 - without) / share


def _looking_quantile(accounts: float, share: float, confidence: float) -> float:
    """What the normal quantile becomes where one may look at any time, for priors of about 40 accounts an arm."""
    growth = sum(0.5 * math.log1p(accounts * part / PRIOR_WEIGHT) for part in (share, 1 - share))
    return math.sqrt(2 * (growth - math.log(1 - confidence)))


def _require(share: float, effect: float, base_rate: float | None) -> None:
    for name, value, ends in (("share", share, 0), ("effect", effect, 0), ("base_rate", base_rate, None)):
        outside = value is not None and (not 0 <= value <= 1 if ends is None else not 0 < value < 1)
        if outside:
            raise ValueError(f"{name} {value} is no share of one; 10 % is written 0.1")


def _words(told: Power) -> str:
    if told.base_rate is None or told.accounts_a_month is None:
        return (
            "Unknown: the history holds no eligible account whose outcome is known. "
            "Run the playbook for a while, or catch up with keepline run --since."
        )
    history = (
        f"In the history {told.accounts_seen:,} eligible accounts came, {told.accounts_a_month:.1f} a month, "
        f"and {told.base_rate:.1%} of those whose outcome is known renewed."
    )
    if told.accounts_needed is None:
        return f"{history} An effect of {told.effect:.1%} is more than all of them; hope for less."
    return f"{history} {_needed(told)} {_planned(told)}"


def _needed(told: Power) -> str:
    needs = (
        f"To show {100 * told.effect:.1f} points with a power of {told.power:.0%}, holding out {told.share:.0%}, takes "
        f"{told.accounts_needed:,} accounts"
    )
    if told.months is None:
        return f"{needs}; none come."
    if told.months > 12 * _LONGEST_YEARS:
        return f"{needs}, more than {_LONGEST_YEARS} years of drawing."
    return f"{needs}: {told.months:.0f} months of drawing, and an answer after {told.answer_after_months:.0f}."


def _planned(told: Power) -> str:
    until = f"Until its last day the plan draws about {told.accounts_until:,}"
    if told.answers:
        return f"{until}: enough."
    if told.visible_effect is None:
        return f"{until}: too few to show anything. Draw longer, raise the limit, or do without a holdout."
    return (
        f"{until}, which can show {100 * told.visible_effect:.0f} points or more: too few for what it hopes. "
        "Draw longer, raise the share or the limit, or do without a holdout."
    )
