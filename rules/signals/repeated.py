"""Knows when an account keeps coming back with the same issue: by group, tag or subject; and how much was escalated."""

import narwhals as nw

from rules.signals.clock import Clock
from rules.signals.facts import Frame, SignalFacts
from rules.signals.measures import Count, Events, Happening
from rules.signals.signal import Shown, Signal
from rules.signals.windows import SignalWindows

# What mail programs put before a subject: English, Scandinavian, German, French.
_REPLY_MARKS = r"^((re|fwd?|aw|wg|sv|vs|tr)\s*:\s*)+"
# Numbers name the order or the day, not the issue; one pass takes them and the white space around.
_NOISE = r"[#\d\s]+"
_SEPARATOR = "\x1f"


def _repeated(shown: Shown) -> str:
    issue = shown.values.get("repeated_issue")
    named = f" about “{issue}”" if issue else ""
    return f"{shown.count('repeated_issue_count', 'ticket')}{named} in {shown.windows.issue_days} days"


ISSUES = (
    Signal(
        name="repeated_issue_count", kind="number", unit="tickets",
        noun="tickets about the same issue in {issue_days} days",
        meaning="Tickets of the last {issue_days} days that share the account's most frequent issue: the group that "
        "their texts were placed in; of a ticket that was not grouped a tag, or the subject in lower case without "
        "reply marks and numbers.",
        unknown_when="never; no ticket is 0",
        phrase=_repeated, shows=("repeated_issue",),
    ),
    Signal(
        name="repeated_issue", kind="text", unit="", noun="the most frequent issue in {issue_days} days",
        meaning="The group's label, the tag or the normalised subject behind repeated_issue_count; the first by "
        "alphabet among equals.",
        unknown_when="no ticket of the last {issue_days} days was grouped or has a tag or a subject",
        phrase=lambda shown: f"most frequent issue “{shown.values.get('repeated_issue')}”",
    ),
)  # fmt: skip
ESCALATED = (
    Signal(
        name="escalated_30d", kind="number", unit="tickets", noun="escalated tickets in {trend_days} days",
        meaning="Tickets of the last {trend_days} days that the helpdesk marks as escalated.",
        unknown_when="never; no ticket is 0",
        phrase=lambda s: f"{s.count('escalated_30d', 'escalated ticket')} in {s.windows.trend_days} days",
    ),
)  # fmt: skip


def happenings(facts: SignalFacts, windows: SignalWindows) -> list[Happening]:
    """escalated_30d from tickets with account_id, created_at, escalated."""
    tickets = facts.newest_tickets.filter(nw.col("escalated")).select("account_id", "created_at")
    return [Events(tickets, "created_at", (Count("escalated_30d"),), days=windows.trend_days)]


def repeated_issues(tickets: Frame, placed: Frame | None, clock: Clock, windows: SignalWindows) -> Frame:
    """account_id, repeated_issue_count, repeated_issue from tickets with id, account_id, created_at, subject, tags.

    `placed` has ticket_id, issue_id, issue_label, placed_at of tickets that were grouped: from then on their issue is
    their group. Of others it is each tag and the subject, and a ticket counts once for each. Only the short window is
    ever split and counted.
    """
    recent = tickets.filter(clock.within("created_at", windows.issue_days), ~nw.col("account_id").is_null())
    known = None if placed is None else placed.filter(clock.known("placed_at")).drop("placed_at")
    by_issue = _all_issues(recent, known, windows).group_by("account_id", "issue_id", "issue")
    counted = by_issue.agg(nw.col("id").n_unique().alias("repeated_issue_count"))
    most = nw.col("repeated_issue_count") == nw.col("repeated_issue_count").max().over("account_id")
    return (
        counted.filter(most)
        .group_by("account_id")
        .agg(nw.col("issue").min().alias("repeated_issue"), nw.col("repeated_issue_count").max())
    )


def _all_issues(recent: Frame, placed: Frame | None, windows: SignalWindows) -> Frame:
    """One row per ticket and issue: account_id, id, issue_id (empty of a tag or a subject), issue."""
    names = ("account_id", "id", "issue_id", "issue")
    if placed is None:
        return issues_alone(recent, windows).with_columns(nw.lit("").alias("issue_id")).select(*names)
    known = recent.join(placed, left_on="id", right_on="ticket_id", how="left")
    grouped = known.filter(~nw.col("issue_id").is_null()).with_columns(nw.col("issue_label").alias("issue"))
    left = known.filter(nw.col("issue_id").is_null()).select("account_id", "id", "subject", "tags")
    return nw.concat([
        grouped.select(*names), issues_alone(left, windows).with_columns(nw.lit("").alias("issue_id")).select(*names)
    ])  # fmt: skip


def issues_alone(recent: Frame, windows: SignalWindows) -> Frame:
    """One row per ticket and issue: account_id, id, issue."""
    by_subject = recent.select("account_id", "id", _normalised_subject().alias("issue"))
    tagged = recent.filter(nw.col("tags") != "[]")
    by_tag = tagged.select("account_id", "id", _tags().alias("issue")).explode("issue")
    ignored = [tag.lower() for tag in windows.ignored_tags]
    if ignored:
        by_tag = by_tag.filter(~nw.col("issue").is_in(ignored))
    return nw.concat([by_subject, by_tag]).filter(nw.col("issue") != "")


def _normalised_subject() -> nw.Expr:
    subject = nw.col("subject").str.to_lowercase().str.strip_chars()
    return subject.str.replace_all(_REPLY_MARKS, "").str.replace_all(_NOISE, " ").str.strip_chars()


def _tags() -> nw.Expr:
    # JSON text such as ["sso", "data export"]: a quote inside a tag is escaped, so `",` only ever ends a tag.
    text = nw.col("tags").str.to_lowercase().str.strip_chars("[]").str.strip_chars('"')
    return text.str.replace_all(r'",\s*"', _SEPARATOR).str.split(_SEPARATOR)
