"""Knows service levels: business time, a ticket's clocks, and the policies that give them their targets."""
