"""Knows what an account record claims against the account's subscriptions."""

import narwhals as nw

from retention.contradictions.kinds import Claims, Kind
from retention.contradictions.paid import paid_lines, paid_spans, paying
from retention.families import in_circles
from retention.ledger import Frame, in_force


def _accounts(claims: Claims, *columns: str) -> Frame:
    return claims.accounts.select("external_id", *columns, account_id="id", account_ref="external_id")


def flagged_churned_still_paying(claims: Claims) -> Frame:
    """A row per account × currency that it pays in."""
    flagged = _accounts(claims, "reported_churned").filter(nw.col("reported_churned").fill_null(False))
    return flagged.join(paying(claims), on="account_id", how="inner")


def flagged_active_not_paying(claims: Claims) -> Frame:
    """A row per account that has lines of any sort, none of them paid and in force."""
    known = claims.lines.select("account_id").unique()
    active = _accounts(claims, "reported_churned").filter(~nw.col("reported_churned").fill_null(True))
    idle = active.join(known, on="account_id", how="semi").join(paying(claims), on="account_id", how="anti")
    return idle.join(paid_spans(claims), on="account_id", how="left").with_columns(
        paid=nw.when(nw.col("paid_until").is_null())
        .then(nw.lit("nothing was ever paid"))
        .otherwise(nw.concat_str(nw.lit("the last paid line ended on "), nw.col("paid_until").dt.to_string("%Y-%m-%d")))
    )


def flagged_trial_while_paying(claims: Claims) -> Frame:
    """A row per account × currency that it pays in."""
    flagged = _accounts(claims, "reported_trial").filter(nw.col("reported_trial").fill_null(False))
    return flagged.join(paying(claims), on="account_id", how="inner")


def plan_of_no_line(claims: Claims) -> Frame:
    """A row per account with paid lines in force on plans, none of which is the account's."""
    now = paid_lines(claims).filter(in_force(claims.today) & ~nw.col("plan").is_null())
    plans = now.group_by("account_id").agg(
        first_plan=nw.col("plan").min(), last_plan=nw.col("plan").max(), plans=nw.col("plan").n_unique()
    )
    same = now.select("account_id", reported_plan="plan").unique()
    claimed = _accounts(claims, "reported_plan").filter(~nw.col("reported_plan").is_null())
    odd = claimed.join(same, on=["account_id", "reported_plan"], how="anti").join(plans, on="account_id", how="inner")
    several = nw.concat_str(nw.col("first_plan"), nw.lit(" to "), nw.col("last_plan"))
    return odd.with_columns(lines_say=nw.when(nw.col("plans") == 1).then("first_plan").otherwise(several))


def line_before_signup(claims: Claims) -> Frame:
    """A row per line."""
    signed = _accounts(claims, "signed_up_on").select("account_id", "signed_up_on")
    joined = claims.lines.join(signed, on="account_id", how="inner")
    return joined.filter(nw.col("starts_on") < nw.col("signed_up_on"))


def parents_in_a_circle(claims: Claims) -> Frame:
    """A row per account."""
    circling = in_circles(claims.accounts)
    return _accounts(claims, "parent_ref").filter(nw.col("account_id").is_in(circling))


KINDS = (
    Kind(
        "flagged_churned_still_paying",
        "The account is flagged churned, but paid lines are in force.",
        "account",
        "flagged churned",
        "paid lines in force: {lines}, worth {mrr_cents} a month",
        "the account pays",
        flagged_churned_still_paying,
    ),
    Kind(
        "flagged_active_not_paying",
        "The account is flagged not churned, but no paid line is in force.",
        "account",
        "flagged not churned",
        "{paid}",
        "the account pays nothing",
        flagged_active_not_paying,
    ),
    Kind(
        "flagged_trial_while_paying",
        "The account is flagged a trial, but paid lines are in force.",
        "account",
        "flagged a trial",
        "paid lines in force: {lines}, worth {mrr_cents} a month",
        "the account pays",
        flagged_trial_while_paying,
    ),
    Kind(
        "plan_of_no_line",
        "The account's plan is the plan of none of its paid lines in force.",
        "account",
        "on plan {reported_plan}",
        "paid lines in force on {lines_say}",
        "the plans of the lines",
        plan_of_no_line,
    ),
    Kind(
        "line_before_signup",
        "A line starts before its account signed up.",
        "subscription_line",
        "in force from {starts_on}",
        "signed up on {signed_up_on}",
        "the line",
        line_before_signup,
    ),
    Kind(
        "parents_in_a_circle",
        "The account is, by way of others, its own parent.",
        "account",
        "belongs to {parent_ref}",
        "which belongs to it",
        "neither; each of them stands by itself",
        parents_in_a_circle,
    ),
)
