"""Knows how the values of a threshold become a picture: what each costs in alerts, and what it catches in money."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 900, 480, 96, 40, 64, 64
_INK, _GREY, _LINE, _NOW = "#22262d", "#e2e5ea", "#2456a6", "#c2570c"
Point = tuple[str, float, float, bool]


def sweep_chart(title: str, currency: str, points: Sequence[Point]) -> str:
    """An SVG document. A point has its threshold, alerts a week, the ARR caught, and whether it is the one of today."""
    most_alerts = max((alerts for _, alerts, _, _ in points), default=0) or 1.0
    most_money = max((money for _, _, money, _ in points), default=0) or 1.0
    at = [(_x(alerts / most_alerts), _y(money / most_money)) for _, alerts, money, _ in points]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        'font-family="Helvetica, Arial, sans-serif" font-size="13" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="24" y="30" font-size="16" font-weight="bold" fill="{_INK}">{escape(title)}</text>',
        *_grid(most_alerts, most_money, currency),
    ]
    if len(at) > 1:
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in at)
        parts.append(f'<path d="M{path}" fill="none" stroke="{_LINE}" stroke-width="2"/>')
    for (x, y), (value, _, _, is_current) in zip(at, points, strict=True):
        # Told apart by size and words as well as by colour.
        radius, colour, label = (8, _NOW, f"{value} (now)") if is_current else (5, _LINE, value)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}"/>')
        parts.append(_text(x, y - 13, label, "middle", _INK if is_current else _LINE))
    return "\n".join([*parts, "</svg>", ""])


def _grid(most_alerts: float, most_money: float, currency: str) -> list[str]:
    parts = []
    for part in range(5):
        share = part / 4
        x, y = _x(share), _y(share)
        parts += [
            f'<path d="M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="{_GREY}"/>',
            _text(x, _HEIGHT - _BOTTOM + 20, f"{most_alerts * share:.3g}", "middle"),
            _text(_LEFT - 8, y + 4, f"{most_money * share / 1000:,.0f} k", "end"),
        ]
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    turned = f'<text transform="translate(20 {middle:.0f}) rotate(-90)" text-anchor="middle" fill="{_INK}">'
    parts.append(f"{turned}{escape(f'{currency} of lost ARR with an alert before it')}</text>")
    parts.append(_text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 18, "alerts a week", "middle"))
    return parts


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT - 40)


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM - 24)


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = _INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
