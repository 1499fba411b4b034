"""Knows how one ticket's deadlines are explained to a person: in a sentence, line by line, as a picture, as data."""
