"""Draws one made-up company of each kind beside its truth: `python -m benchmarks.uplift.picture FILE`."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from benchmarks.uplift.made_episodes import SCENARIOS
from retention import incremental_effect

_SHOWN = {
    "confounded": "Help adds 8 points",
    "null": "Help changes nothing",
    "immortal time, no effect": "Help changes nothing, and comes late",
    "hidden cause, with placebo": "Help changes nothing; a cause is hidden",
    "holdout": "A holdout: help adds 8 points",
}
_SEED = 1_000
_LEFT, _RIGHT, _WIDTH, _BAND, _TOP = 290, 690, 900, 62, 64
_LEAST, _MOST = -25.0, 55.0
_GREY, _BLUE, _ORANGE, _INK = "#8a8f98", "#2456a6", "#c2570c", "#22262d"


@dataclass(frozen=True)
class Band:
    """One company: intervals in points as (low, middle, high), the truth, and the verdict."""

    name: str
    naive: tuple[float, float, float]
    ours: tuple[float, float, float]
    truth: float
    verdict: str


def bands() -> list[Band]:
    """One made-up company of each kind that is shown."""
    return [_band(scenario, name) for scenario, name in _SHOWN.items()]


def drawn(shown: Sequence[Band]) -> str:
    """The picture as SVG."""
    height = _TOP + _BAND * len(shown) + 44
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        'font-family="Helvetica, Arial, sans-serif" font-size="13">',
        f'<rect width="{_WIDTH}" height="{height}" fill="white"/>',
        _line(24, 24, 54, _GREY), _text(62, 28, "helped minus others, as a plain report shows it"),
        _line(384, 24, 414, _BLUE), _text(422, 28, "Keepline, with its 95 % interval"),
        _diamond(664, 24), _text(676, 28, "the truth"),
    ]  # fmt: skip
    bottom = _TOP + _BAND * len(shown)
    for points in range(-20, 51, 10):
        x = _at(points)
        colour, width = (_INK, 1.2) if points == 0 else ("#e2e5ea", 1)
        parts.append(f'<path d="M{x:.1f} {_TOP - 14}V{bottom}" stroke="{colour}" stroke-width="{width}"/>')
        parts.append(_text(x, bottom + 18, f"{points:+d}" if points else "0", "middle"))
    parts.append(_text(_at(15), bottom + 36, "points of renewal probability", "middle"))
    for place, band in enumerate(shown):
        y = _TOP + place * _BAND + 10
        parts += [_text(24, y + 14, band.name), _interval(band.naive, y, _GREY), _interval(band.ours, y + 20, _BLUE)]
        parts += [_diamond(_at(band.truth), y + 20), _text(_RIGHT + 20, y + 14, band.verdict)]
    return "\n".join([*parts, "</svg>", ""])


def _band(scenario: str, name: str) -> Band:
    maker, world = SCENARIOS[scenario]
    made = maker(world, 1_000, _SEED)
    found = incremental_effect(made.table, **made.arguments)
    plain = incremental_effect(made.table, covariates=[], bootstrap_rounds=0).contrast
    naive = (plain.naive_low, plain.naive_difference, plain.naive_high)
    ours = (found.low, found.estimate, found.high)
    return Band(name, _points(naive), _points(ours), 100 * made.truth, found.verdict)


def _points(shares: Sequence[float | None]) -> tuple[float, float, float]:
    low, middle, high = (100 * (share or 0) for share in shares)
    return low, middle, high


def _at(points: float) -> float:
    return _LEFT + (points - _LEAST) / (_MOST - _LEAST) * (_RIGHT - _LEFT)


def _interval(interval: tuple[float, float, float], y: float, colour: str) -> str:
    low, middle, high = map(_at, interval)
    return f'{_line(low, y, high, colour)}<circle cx="{middle:.1f}" cy="{y}" r="4.5" fill="{colour}"/>'


def _line(left: float, y: float, right: float, colour: str) -> str:
    return f'<path d="M{left:.1f} {y}H{right:.1f}" stroke="{colour}" stroke-width="3" stroke-linecap="round"/>'


def _diamond(x: float, y: float) -> str:
    return f'<path d="M{x:.1f} {y - 7}l6 7l-6 7l-6 -7z" fill="none" stroke="{_ORANGE}" stroke-width="2"/>'


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" fill="{_INK}">{escape(words)}</text>'


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(drawn(bands()), encoding="utf-8")
