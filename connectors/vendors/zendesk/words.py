"""Knows what Zendesk's words mean to Keepline."""

STATUS = {
    "new": "new", "open": "open", "pending": "pending", "hold": "on_hold", "solved": "solved", "closed": "closed",
}  # fmt: skip
PRIORITY = {"low": "low", "normal": "normal", "high": "high", "urgent": "urgent"}
SCORES = {"good": 1, "bad": 0}
