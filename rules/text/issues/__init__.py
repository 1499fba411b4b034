"""Knows which tickets are about the same issue, and what such an issue is called."""

from rules.text.issues.grouping import issue_groups

__all__ = ["issue_groups"]
