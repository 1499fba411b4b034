"""Every day of two years under fifty rules, all at once and day by day."""
