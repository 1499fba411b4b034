"""Links made-up customers whose truth is known: how right it is, and how fast beside named peers."""
