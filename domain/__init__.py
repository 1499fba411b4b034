"""The records that Keepline keeps and the laws they obey; imports nothing of the other rooms."""
