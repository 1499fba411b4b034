"""Knows how to throw the same dice everywhere: pseudo-random numbers that depend on a row's number and nothing else."""

import polars as pl

_STEP = 0x9E3779B97F4A7C15
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_ALL = 2**64


def thrown(number: pl.Expr, salt: int) -> pl.Expr:
    """A UInt64 for each UInt64 `number`, evenly spread, another one for each `salt` (the finaliser of SplitMix64)."""
    mixed = number + _u64(salt * _STEP % _ALL)
    mixed = (mixed ^ (mixed // _u64(2**30))) * _u64(_FIRST)
    mixed = (mixed ^ (mixed // _u64(2**27))) * _u64(_SECOND)
    return mixed ^ (mixed // _u64(2**31))


def below(bound: int, number: pl.Expr, salt: int) -> pl.Expr:
    """An Int64 in `[0, bound)`."""
    return (thrown(number, salt) % _u64(bound)).cast(pl.Int64)


def share(number: pl.Expr, salt: int) -> pl.Expr:
    """A Float64 in `[0, 1)`."""
    return (thrown(number, salt) // _u64(2**11)).cast(pl.Float64) / 2**53


def one_of(words: list[str], number: pl.Expr, salt: int) -> pl.Expr:
    """One of `words`, each as often as the others."""
    return pl.lit(pl.Series(words, dtype=pl.String)).gather(below(len(words), number, salt))


def _u64(number: int) -> pl.Expr:
    return pl.lit(number, dtype=pl.UInt64)
