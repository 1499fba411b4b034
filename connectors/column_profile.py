"""Knows what a column's sampled cells look like: times, amounts, whole numbers, flags, words of a list, ids."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from connectors import amounts, moments
from connectors.field_reading import clean
from connectors.shapes import Field, Kind
from connectors.vocabulary import CURRENCIES, FLAGS, INTERVALS, choice_words

_WORDS_AT_MOST = 40
_LOOKED_AT = 200


@dataclass(frozen=True)
class Profile:
    """A column's filled cells. Shares are 0..1 of them; an empty column fits anything a little."""

    text: pl.Series
    times: float
    amounts: float
    distinct: float

    @property
    def values(self) -> frozenset[str]:
        """The different cells."""
        return frozenset(self.text)

    def fits(self, field: Field) -> float:
        """How well the cells can be this field, 0..1."""
        if not len(self.text):
            return 0.3
        measures: dict[Kind, Callable[[], float]] = {
            "date": lambda: self.times,
            "moment": lambda: self.times,
            "cents": lambda: self.amounts * (1 - self._numbered()),
            "integer": lambda: self.amounts * (1 - self.times),
            "decimal": lambda: self.amounts * (1 - self.times),
            "flag": lambda: self._share(FLAGS),
            "months": lambda: self._share([*INTERVALS, *map(str, range(1, 61))]),
            "currency": lambda: self._share(code.lower() for code in CURRENCIES),
            "choice": lambda: max(self.known_words(field), 0.6 * self._few_words()),
        }
        return measures.get(field.kind, lambda: self._as_text(field))()

    def known_words(self, field: Field) -> float:
        """The share of cells that say one of a field's choices, or a word known for one."""
        return self._share(choice_words(field.name, field.choices))

    def _as_text(self, field: Field) -> float:
        if field.name == "external_id":
            return self.distinct * (1 - 0.8 * self.times)
        return 1 - 0.9 * max(self.times, self.amounts if field.kind == "text" else 0)

    def _numbered(self) -> float:
        """That amounts are rather running numbers: all different, whole, one after another."""
        numbers = self.text.cast(pl.Int64, strict=False)
        if numbers.null_count() or len(numbers) < 5:
            return 0.0
        return 0.9 if numbers.sort().diff().drop_nulls().eq(1).all() else 0.0

    def _few_words(self) -> float:
        return float(
            self.text.n_unique() <= max(_WORDS_AT_MOST, len(self.text) // 20) and not self.times and not self.amounts
        )

    def _share(self, words: Iterable[str]) -> float:
        return _mean(self.text.str.to_lowercase().is_in(list(words)))


def profile(cells: Sequence[str]) -> Profile:
    """Look at a column's sampled cells."""
    text = clean(pl.Series("cells", cells, dtype=pl.String)).drop_nulls()
    if not len(text):
        return Profile(text, 0, 0, 0)
    few = text.unique(maintain_order=True).head(_LOOKED_AT)
    number = amounts.money(few, None)["number"]
    either = moments.moments(few, None, "UTC", True), moments.moments(few, None, "UTC", False)
    # Ten digits may be a moment; beside words for a time they are, alone they are a number.
    timed = (either[0].is_not_null() | either[1].is_not_null()) & ~few.str.contains(r"^\d+$")
    return Profile(text, _mean(timed), _mean(number.is_not_null()), text.n_unique() / len(text))


def _mean(flags: pl.Series) -> float:
    return int(flags.sum()) / len(flags) if len(flags) else 0.0
