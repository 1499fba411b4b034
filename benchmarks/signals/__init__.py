"""Every account's ticket signals, computed by Keepline, by SQL, by hand-written Polars and account by account."""

COLUMNS = (
    "account_id", "account_ref", "account",
    "tickets_7d", "ticket_baseline_7d", "ticket_ratio_7d", "tickets_30d", "tickets_prior_30d", "ticket_growth_30d",
    "days_since_last_ticket", "tickets_in_habit_window", "repeated_issue_count", "repeated_issue", "escalated_30d",
)  # fmt: skip
