"""Gathers what a team has in hand, shares new work out, and lets persons say whether an alarm was right."""
