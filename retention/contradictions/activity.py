"""Knows when tickets, surveys and usage happened at a time or on a scale that cannot be."""

import narwhals as nw

from retention.contradictions.kinds import Claims, Kind
from retention.contradictions.paid import OPEN_END, paid_spans
from retention.ledger import Frame


def ticket_before_signup(claims: Claims) -> Frame:
    """A row per ticket."""
    signed = claims.accounts.select("signed_up_on", account_id="id")
    joined = claims.tickets.join(signed, on="account_id", how="inner")
    return joined.filter(nw.col("created_at").dt.date() < nw.col("signed_up_on"))


def ticket_after_last_paid_day(claims: Claims) -> Frame:
    """A row per ticket of an account whose paid lines had all ended."""
    joined = claims.tickets.join(paid_spans(claims), on="account_id", how="inner")
    gone = joined.filter(nw.col("paid_until") < OPEN_END)
    return gone.filter(nw.col("created_at").dt.date() >= nw.col("paid_until"))


def resolved_before_created(claims: Claims) -> Frame:
    """A row per ticket."""
    return claims.tickets.filter(nw.col("resolved_at") < nw.col("created_at"))


def replied_after_resolution(claims: Claims) -> Frame:
    """A row per ticket."""
    return claims.tickets.filter(nw.col("first_replied_at") > nw.col("resolved_at"))


def usage_outside_its_line(claims: Claims) -> Frame:
    """A row per line that has usage on days on which it was not in force."""
    lines = claims.lines.select(
        "source", "account_ref", "starts_on", "ends_on", external_id="external_id", subscription_ref="external_id"
    )
    usage = claims.usage_days.select("source", "subscription_ref", "used_on")
    joined = usage.join(lines, on=["source", "subscription_ref"], how="inner")
    outside = (nw.col("used_on") < nw.col("starts_on")) | (nw.col("used_on") >= nw.col("ends_on")).fill_null(False)
    return (
        joined.filter(outside)
        .group_by("account_ref", "external_id", "starts_on", "ends_on")
        .agg(rows=nw.len(), first_used_on=nw.col("used_on").min(), last_used_on=nw.col("used_on").max())
    )


def survey_out_of_scale(claims: Claims) -> Frame:
    """A row per survey."""
    low, high = nw.col("score") < nw.col("scale_min"), nw.col("score") > nw.col("scale_max")
    return claims.surveys.filter(low | high)


KINDS = (
    Kind(
        "ticket_before_signup",
        "A ticket was written before its account signed up.",
        "ticket",
        "created at {created_at}",
        "signed up on {signed_up_on}",
        "the ticket",
        ticket_before_signup,
    ),
    Kind(
        "ticket_after_last_paid_day",
        "A ticket was written after its account's last paid day.",
        "ticket",
        "created at {created_at}",
        "the last paid line ended on {paid_until}",
        "both; the account had left",
        ticket_after_last_paid_day,
    ),
    Kind(
        "resolved_before_created",
        "A ticket was resolved before it was created.",
        "ticket",
        "resolved at {resolved_at}",
        "created at {created_at}",
        "the creation; the resolution time is unknown",
        resolved_before_created,
    ),
    Kind(
        "replied_after_resolution",
        "A ticket's first reply came after its resolution.",
        "ticket",
        "first reply at {first_replied_at}",
        "resolved at {resolved_at}",
        "neither; the resolution may have needed no reply",
        replied_after_resolution,
    ),
    Kind(
        "usage_outside_its_line",
        "Usage lies on days on which its subscription was not in force.",
        "subscription_line",
        "used from {first_used_on} to {last_used_on}, rows outside: {rows}",
        "in force on [{starts_on}, {ends_on})",
        "the line",
        usage_outside_its_line,
    ),
    Kind(
        "survey_out_of_scale",
        "A survey's score lies outside of its own scale.",
        "survey",
        "scored {score}",
        "on a scale from {scale_min} to {scale_max}",
        "no score",
        survey_out_of_scale,
    ),
)
