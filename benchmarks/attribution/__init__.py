"""Credit over many journeys: sorted arrays against libraries for marketing attribution."""
