"""Knows how one figure under several models becomes a picture: a row a kind, a dot a model, a line for the spread."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from xml.sax.saxutils import escape

_WIDTH, _LEFT, _RIGHT, _BAND, _TOP = 900, 190, 24, 58, 92
_INK, _GREY = "#22262d", "#c9ced6"
# Told apart by shape of the row as well: dots never lie in one place only by their colour.
_COLOURS = ("#2456a6", "#c2570c", "#3a7d44", "#8e44ad", "#b58900", "#0f7c8a", "#a4243b", "#5d6470")


def spread_chart(title: str, unit: str, models: Sequence[str], kinds: Mapping[str, Mapping[str, Decimal]]) -> str:
    """An SVG document. `kinds` has each kind's amount by model, in `unit`; a thousandth of it is shown as k."""
    largest = max((amount for amounts in kinds.values() for amount in amounts.values()), default=Decimal(0)) or Decimal(
        1
    )
    height = _TOP + _BAND * len(kinds) + 44
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        'font-family="Helvetica, Arial, sans-serif" font-size="13" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="white"/>',
        f'<text x="24" y="28" font-size="16" font-weight="bold" fill="{_INK}">{escape(title)}</text>',
    ]
    for place, model in enumerate(models):
        left = 24 + place * 106
        parts += [f'<circle cx="{left + 6}" cy="54" r="5" fill="{_colour(place)}"/>', _text(left + 16, 58, model)]
    bottom = _TOP + _BAND * len(kinds)
    for part in range(5):
        x = _at(largest * part / 4, largest)
        parts.append(f'<path d="M{x:.1f} {_TOP - 12}V{bottom}" stroke="#e2e5ea"/>')
        parts.append(_text(x, bottom + 18, f"{largest * part / 4 / 1000:,.0f} k", "middle"))
    parts.append(_text((_LEFT + _WIDTH - _RIGHT) / 2, bottom + 38, unit, "middle"))
    for place, (kind, amounts) in enumerate(kinds.items()):
        parts += _row(kind, amounts, models, largest, _TOP + place * _BAND + 18)
    return "\n".join([*parts, "</svg>", ""])


def _row(kind: str, amounts: Mapping[str, Decimal], models: Sequence[str], largest: Decimal, y: float) -> list[str]:
    """Dots of models that follow each other stand a little apart, so that equal ones are all seen."""
    known = [amounts[model] for model in models if model in amounts]
    begin, end = _at(min(known), largest), _at(max(known), largest)
    line = f'<path d="M{begin:.1f} {y}H{end:.1f}" stroke="{_GREY}" stroke-width="14" stroke-linecap="round"/>'
    dots = [
        f'<circle cx="{_at(amounts[model], largest):.1f}" cy="{y - 14 + 4 * place:.0f}" r="5" fill="{_colour(place)}"/>'
        for place, model in enumerate(models)
        if model in amounts
    ]
    told = f"{min(known) / 1000:,.0f} k to {max(known) / 1000:,.0f} k"
    return [_text(24, y, kind), _text(24, y + 16, told, size=11), line, *dots]


def _at(amount: Decimal, largest: Decimal) -> float:
    return _LEFT + float(amount / largest) * (_WIDTH - _LEFT - _RIGHT - 30)


def _colour(place: int) -> str:
    return _COLOURS[place % len(_COLOURS)]


def _text(x: float, y: float, text: str, anchor: str = "start", size: int = 13) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size}" fill="{_INK}">{escape(text)}</text>'
