"""Knows the failures of support on an outcome's path as touches, so that the same models share a loss over them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import narwhals as nw

from retention.credit_cuts import CreditBook
from retention.ledger import Frame

# A path has its own beginning, which may lie before a notice; so all that is on it counts.
_ANY_TIME_DAYS = 3660


def failure_book(book: CreditBook, pieces: Frame, failures: Mapping[str, Mapping[str, float]]) -> CreditBook:
    """`book` with the failures on each outcome's own path in the place of touches; report it by `failure`, of `lost`.

    `pieces` is the evidence of `reasons.proposing.propose` (outcome_id, fact, ref, at), `failures` says which facts
    are enough to be a failure on each outcome's path. Markov asks here which failures lead to a loss: `renewed` is
    true of the outcomes that lost anything.
    """
    known = book.outcomes.collect().sort("outcome_id").with_row_index("_path").lazy()
    real = known.with_columns(_account_id="account_id", account_id=nw.col("_path").cast(nw.Int64))
    numbers = real.select("outcome_id", "account_id")
    conventions = book.conventions.model_copy(update={"look_back_days": _ANY_TIME_DAYS})
    named = real.select("account_id", "_account_id").join(
        book.accounts.select("name", _account_id="id"), on="_account_id", how="left"
    )
    return replace(
        book,
        outcomes=real.with_columns(renewed=nw.col("lost_cents") > 0).drop("_path", "_account_id"),
        touches=_events(pieces, failures).join(numbers, on="outcome_id", how="inner"),
        accounts=named.select("name", id="account_id"),
        conventions=conventions,
    )


def _events(pieces: Frame, failures: Mapping[str, Mapping[str, float]]) -> Frame:
    pairs = [(outcome, fact) for outcome, facts in failures.items() for fact in facts]
    columns: dict[str, Any] = {"outcome_id": [pair[0] for pair in pairs], "fact": [pair[1] for pair in pairs]}
    schema = {"outcome_id": nw.String(), "fact": nw.String()}
    enough = nw.from_dict(columns, schema, backend=pieces.implementation).lazy()
    failed = pieces.join(enough, on=["outcome_id", "fact"], how="semi").sort("outcome_id", "at", "fact", "ref")
    numbered = failed.collect().with_row_index("position").lazy()
    return numbered.with_columns(
        touch_id=nw.concat_str([nw.col("fact"), nw.col("position").cast(nw.String)], separator=":"),
        kind="fact",
        happened_at="at",
        position=nw.col("position").cast(nw.Int64),
    ).select("touch_id", "outcome_id", "kind", "happened_at", "position", "ref")
