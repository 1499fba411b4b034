"""Knows how a holdout's comparison is said in sentences, without claiming what it does not show."""

from retention.holdout.result import Gap, HoldoutResult


def verdict(told: HoldoutResult) -> str:
    """The one sentence that a report prints."""
    days = f"{told.horizon_days} days"
    if told.difference.estimate is None:
        return f"Too early: no outcome of both arms is known; the first comes {days} after its draw."
    if told.verdict == "not enough evidence":
        return f"Not enough evidence: {_between(told.difference)}; no effect at all would fit too."
    more = "more" if told.difference.estimate > 0 else "fewer"
    stop = "" if told.difference.estimate > 0 else " Stop it."
    points = f"{abs(told.difference.estimate) * 100:.1f} points {more} accounts renewed with {told.playbook}"
    certainty = "Credible" if told.verdict == "credible" else "Suggestive, one look at the end of the plan"
    return f"{certainty}: {points} ({_between(told.difference)}).{stop}"


def reasons(told: HoldoutResult, fits_share: bool) -> tuple[str, ...]:
    """What stands behind the verdict and what speaks against it."""
    said = [
        f"as assigned: {told.treat.over:,} accounts with the playbook and {told.holdout.over:,} without, whose "
        f"{told.horizon_days} days are over"
    ]
    if told.accounts_planned is not None:
        said.append(f"the plan reckoned with {told.accounts_planned:,} accounts")
    if told.holdout.let_through:
        said.append(
            f"{told.holdout.let_through:,} of {told.holdout.drawn:,} held out accounts were let through; they stay in "
            "their arm, so the difference is, if anything, too small"
        )
    high = told.difference.high
    if high is not None and high < told.effect_hoped:
        said.append(f"an effect as large as hoped, {told.effect_hoped * 100:.1f} points, is ruled out")
    if not fits_share:
        said.append("the arms' sizes do not fit the share: something beside the lot decided; do not trust the figures")
    return tuple(said)


def _between(gap: Gap) -> str:
    if gap.low is None or gap.high is None:
        return "no interval"
    return f"the difference lies between {gap.low * 100:+.1f} and {gap.high * 100:+.1f} points at every look"
