"""Makes the weights of `rules.text.sentiment` from texts whose licence lets weights ship."""
