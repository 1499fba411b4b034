"""Knows whether an account was flagged before an outcome, and whether somebody then intervened."""

import narwhals as nw

from domain.conventions import CreditConventions
from retention.ledger import Frame


def followed(outcomes: Frame, decisions: Frame, touches: Frame, conventions: CreditConventions | None = None) -> Frame:
    """Add `flagged_at` and `intervened_at` to `outcomes`, each null where it did not happen.

    Flagged is the first decision about the account inside the look-back before the outcome; intervened the first touch
    of an intervening kind after the flag and before the outcome. So an intervention that came before any flag, and a
    flag that came with the outcome, count for nothing. `decisions` is storage's frame, `touches` `all_touches`.
    """
    kept = conventions or CreditConventions()
    since = nw.col("happened_at").dt.offset_by(f"-{kept.look_back_days}d")
    outcome = outcomes.select("outcome_id", "account_id", "happened_at")
    flags = outcome.join(decisions.select("account_id", flagged_at="as_of"), on="account_id", how="inner")
    flags = flags.filter(nw.col("flagged_at") >= since, nw.col("flagged_at") < nw.col("happened_at"))
    first = flags.group_by("outcome_id", "account_id", "happened_at").agg(nw.col("flagged_at").min())
    work = touches.filter(nw.col("kind").is_in(kept.interventions)).select("account_id", intervened_at="happened_at")
    done = first.join(work, on="account_id", how="inner").filter(
        nw.col("intervened_at") > nw.col("flagged_at"), nw.col("intervened_at") < nw.col("happened_at")
    )
    intervened = done.group_by("outcome_id").agg(nw.col("intervened_at").min())
    return outcomes.join(first.select("outcome_id", "flagged_at"), on="outcome_id", how="left").join(
        intervened, on="outcome_id", how="left"
    )
