"""Knows how rates by row and column become a picture: an SVG of coloured cells, each with its figure."""

from collections.abc import Sequence
from fractions import Fraction
from xml.sax.saxutils import escape

_CELL, _HIGH, _LABEL, _TOP = 46, 24, 90, 54
_EMPTY = "#f2f2f2"
# From much lost over all kept to much grown: told apart without red and green.
_STOPS: tuple[tuple[float, tuple[int, int, int]], ...] = (
    (0.5, (178, 88, 6)), (0.8, (241, 163, 64)), (0.95, (254, 224, 182)), (1.0, (247, 247, 247)),
    (1.1, (166, 189, 219)), (1.3, (43, 100, 165)),
)  # fmt: skip
_DARK = 400


def heat_map(
    title: str, rows: Sequence[str], columns: Sequence[str], rates: Sequence[Sequence[Fraction | None]]
) -> str:
    """An SVG document: a cell a rate, in percent, coloured by how far it is from 100 %; None is an empty cell."""
    width, height = _LABEL + _CELL * len(columns) + 10, _TOP + _HIGH * len(rows) + 10
    heads = [_text(_LABEL + _CELL * (place + 0.5), _TOP - 8, name, "middle") for place, name in enumerate(columns)]
    cells = [
        cell
        for line, (name, shown) in enumerate(zip(rows, rates, strict=True))
        for cell in (
            _text(_LABEL - 8, _TOP + _HIGH * (line + 0.7), name, "end"),
            *(_cell(line, place, rate) for place, rate in enumerate(shown)),
        )
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
            ' font-family="sans-serif" font-size="12" role="img">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            f'<text x="10" y="22" font-size="15" font-weight="bold">{escape(title)}</text>',
            *heads,
            *cells,
            "</svg>\n",
        ]
    )


def _text(x: float, y: float, text: str, anchor: str, fill: str = "#222222") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{fill}">{escape(text)}</text>'


def _cell(line: int, place: int, rate: Fraction | None) -> str:
    x, y = _LABEL + _CELL * place, _TOP + _HIGH * line
    colour = None if rate is None else _colour(float(rate))
    fill = _EMPTY if colour is None else "#{:02x}{:02x}{:02x}".format(*colour)
    box = f'<rect x="{x}" y="{y}" width="{_CELL - 2}" height="{_HIGH - 2}" fill="{fill}"/>'
    if rate is None or colour is None:
        return box
    ink = "#ffffff" if sum(colour) < _DARK else "#222222"
    return box + _text(x + _CELL / 2 - 1, y + _HIGH * 0.66, f"{float(rate) * 100:.0f}", "middle", ink)


def _colour(rate: float) -> tuple[int, ...]:
    """The colour of a rate between the two stops around it."""
    inside = min(max(rate, _STOPS[0][0]), _STOPS[-1][0])
    above = next(place for place, (bound, _) in enumerate(_STOPS) if inside <= bound)
    (low, cold), (high, warm) = _STOPS[max(above - 1, 0)], _STOPS[above]
    way = 0.0 if high == low else (inside - low) / (high - low)
    return tuple(round(one + (two - one) * way) for one, two in zip(cold, warm, strict=True))
