"""Rates by row and column as a picture."""

from fractions import Fraction
from xml.etree import ElementTree

import pytest

from console.heat_map import heat_map


@pytest.mark.parametrize("rate", [Fraction(0), Fraction(1, 2), Fraction(1), Fraction(13, 10), Fraction(5)])
def test_a_picture_shows_every_rate_as_a_coloured_cell(rate: Fraction) -> None:
    drawn = ElementTree.fromstring(heat_map("A & B", ["2024-Q1"], ["0", "1"], [[rate, None]]))  # noqa: S314
    texts = [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[-1] == f"{float(rate) * 100:.0f}"
    assert {"A & B", "2024-Q1", "0", "1"} <= set(texts)
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}rect"))) == 3
