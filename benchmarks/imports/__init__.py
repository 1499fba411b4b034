"""A helpdesk's CSV of tickets into SQLite: by Keepline, by pydantic and the ORM, and without looking at it."""

COLUMNS = (
    "external_id", "account_id", "subject", "status", "priority", "channel", "tags", "assignee", "escalated",
    "created_at", "first_replied_at", "resolved_at",
)  # fmt: skip
ROW_SOURCE = "keepline"
