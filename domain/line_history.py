"""Knows how what a vendor said of a subscription line, one time after another, makes up the line's history.

Billing systems say how a line *is*. A change says nothing of the days before it: a line whose seats grow on 15 June
goes on carrying the old amount in May. So what is said holds from its day on, until something that was said later; of a
line that is not interrupted, changes may reach us in any order, and hearing one twice changes nothing.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import zip_longest

_NEVER = date.max
_QUOTED = str.maketrans({":": "%3A", "@": "%40", "*": "%2A", "%": "%25"})
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    """From `starts_on` on the line has these `terms`, and from `ends_on` on there is no line; said at `said_at`."""

    starts_on: date
    ends_on: date | None
    terms: Hashable
    said_at: datetime


@dataclass(frozen=True)
class Stretch:
    """Days `[starts_on, ends_on)` with the same terms; none is left where it was overruled.

    `said_at` is when the terms were said, `ended_at` when the end was.
    """

    key: str
    starts_on: date
    ends_on: date | None
    terms: Hashable
    said_at: datetime
    ended_at: datetime

    @property
    def is_void(self) -> bool:
        """Whether no day is left of it."""
        return self.ends_on == self.starts_on


@dataclass(frozen=True)
class _Piece:
    """Days with one truth. Without `terms` there is no line on them; without `key` they are new.

    `turns` says that another thing was true from the very day on which these begin.
    """

    starts_on: date
    ends_on: date
    terms: Hashable | None
    said_at: datetime
    key: str | None = None
    turns: bool = False


def line_name(whole: str, part: str) -> str:
    """The name of one line of a whole, such as an item of a subscription: `WHOLE:PART`."""
    return f"{whole.translate(_QUOTED)}:{part.translate(_QUOTED)}"


def all_others(whole: str) -> str:
    """The name under which is said what is true of a whole's lines of which nothing else is said in the same breath."""
    return f"{whole.translate(_QUOTED)}:*"


def whole_of(line: str) -> str | None:
    """What a line is a part of, None where it is no part; the same for all its lines."""
    whole, colon, _ = line.partition(":")
    return whole if colon else None


def heard(line: str, stretches: Sequence[Stretch], said: Said) -> list[Stretch]:
    """The stretches of `line` after one more thing was said: all of the former, some shorter or void, and new ones.

    The first one is called as the line is, a later one `LINE@DAY`.
    """
    pieces = [part for piece in _pieces(stretches) for part in _after(piece, said)]
    opening = min((piece.starts_on for piece in pieces), default=_NEVER)
    if said.starts_on < opening:
        pieces = [*_told(said, said.starts_on, opening), *pieces]
    former = {stretch.key: stretch for stretch in stretches}
    kept = {stretch.key: stretch for stretch in _stretches(line, stretches, pieces)}
    return [_ended(former.get(key), kept.get(key), said.said_at) for key in {**former, **kept}]


def _pieces(stretches: Iterable[Stretch]) -> list[_Piece]:
    """What is true of every day from the first on: stretches, and the days between and behind them."""
    pieces: list[_Piece] = []
    reached: date | None = None
    nothing_said_at = _LONG_AGO
    for stretch in sorted(stretches, key=lambda each: (each.starts_on, not each.is_void)):
        if reached is not None and stretch.starts_on > reached:
            pieces.append(_Piece(reached, stretch.starts_on, None, nothing_said_at))
        if not stretch.is_void:
            end = stretch.ends_on or _NEVER
            pieces.append(_Piece(stretch.starts_on, end, stretch.terms, stretch.said_at, stretch.key))
            reached, nothing_said_at = end, stretch.ended_at
        elif reached is None or stretch.starts_on >= reached:
            is_first = reached is None or stretch.starts_on > reached
            nothing_said_at = stretch.ended_at if is_first else max(nothing_said_at, stretch.ended_at)
            reached = stretch.starts_on
    if reached is not None and reached < _NEVER:
        pieces.append(_Piece(reached, _NEVER, None, nothing_said_at))
    return pieces


def _after(piece: _Piece, said: Said) -> list[_Piece]:
    """What is left of a piece, and what takes the rest's place; what was said later stays."""
    if piece.ends_on <= said.starts_on or (piece.said_at, piece.starts_on) >= (said.said_at, said.starts_on):
        return [piece]
    if piece.starts_on < said.starts_on:
        return [replace(piece, ends_on=said.starts_on), *_told(said, said.starts_on, piece.ends_on)]
    first, *rest = _told(said, piece.starts_on, piece.ends_on)
    if first.terms == piece.terms:
        # Who says the same again changes nothing, not even whose word it is.
        return [replace(first, key=piece.key, said_at=piece.said_at), *rest]
    # It stays a stretch of its own, even where it says what the one before says: so it stays known when that was said.
    return [replace(first, key=piece.key, turns=piece.starts_on == said.starts_on), *rest]


def _told(said: Said, start: date, end: date) -> list[_Piece]:
    """What was said of the days `[start, end)`."""
    stops = min(max(said.ends_on or _NEVER, start), end)
    parts = (_Piece(start, stops, said.terms, said.said_at), _Piece(stops, end, None, said.said_at))
    return [part for part in parts if part.starts_on < part.ends_on]


def _stretches(line: str, former: Sequence[Stretch], pieces: Sequence[_Piece]) -> list[Stretch]:
    """The pieces that have terms; a new one that continues the one before it becomes part of it."""
    names = {stretch.starts_on: stretch.key for stretch in former}
    found: list[Stretch] = []
    for piece, following in zip_longest(pieces, pieces[1:]):
        if piece.terms is None:
            continue
        end = None if piece.ends_on == _NEVER else piece.ends_on
        ended_at = following.said_at if following else piece.said_at
        last = found[-1] if found else None
        is_new = piece.key is None and not piece.turns
        if last and is_new and last.ends_on == piece.starts_on and last.terms == piece.terms:
            found[-1] = replace(last, ends_on=end, ended_at=ended_at)
            continue
        key = piece.key or names.get(piece.starts_on) or (f"{line}@{piece.starts_on}" if former or found else line)
        found.append(Stretch(key, piece.starts_on, end, piece.terms, piece.said_at, ended_at))
    return found


def _ended(former: Stretch | None, now: Stretch | None, said_at: datetime) -> Stretch:
    """A stretch as it is now; one that is not there any more has no day left."""
    if now is None:
        assert former is not None  # noqa: S101 - every key is a former one's or a kept one's
        return former if former.is_void else replace(former, ends_on=former.starts_on, ended_at=said_at)
    is_as_before = former is not None and former.ends_on == now.ends_on
    return replace(now, ended_at=former.ended_at) if former and is_as_before else now
