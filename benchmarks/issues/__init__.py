"""Knows how well and how fast tickets about the same issue are found, against scikit-learn's own clustering."""
