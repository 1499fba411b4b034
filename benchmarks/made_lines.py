"""Makes up three years of subscriptions: plan changes, add-ons, pauses and endings, in three currencies."""

from datetime import UTC, date, datetime

import polars as pl

from benchmarks.dice import below, one_of, share

FIRST_DAY = date(2023, 1, 1)
AS_OF = datetime(2025, 12, 31, 20, tzinfo=UTC)
_DAYS = (AS_OF.date() - FIRST_DAY).days
_CURRENCIES = ["USD"] * 7 + ["EUR"] * 2 + ["GBP"]


def accounts(count: int) -> pl.DataFrame:
    """id, source, external_id, name, domains."""
    number = pl.int_range(count, dtype=pl.UInt64)
    return pl.select(
        id=number.cast(pl.Int64) + 1,
        source=pl.lit("billing"),
        external_id=pl.format("A-{}", number),
        name=pl.format("Account {}", number),
        domains=pl.lit("[]"),
    )


def lines(count: int) -> pl.DataFrame:
    """About two lines an account, in the columns of `subscription_lines` but `id`.

    Everybody has the core product, the first account from the first day on. Half of these lines end; of the ended a
    half goes on at once with another amount, a quarter comes back after a pause. A third has an add-on.
    """
    accounts = pl.select(number=pl.int_range(count, dtype=pl.UInt64)).with_columns(
        begin=pl.when(pl.col("number") > 0).then(below(_DAYS, pl.col("number"), 21)).otherwise(0),
        lasts=pl.when(share(pl.col("number"), 22) < 0.5).then(below(500, pl.col("number"), 23) + 1),
        fate=share(pl.col("number"), 24),
        pause=pl.when(share(pl.col("number"), 24) < 0.5).then(0).otherwise(below(200, pl.col("number"), 25) + 31),
    )
    ended = accounts.filter(pl.col("lasts").is_not_null() & (pl.col("fate") < 0.75))
    again = ended.with_columns(begin=pl.col("begin") + pl.col("lasts") + pl.col("pause"), lasts=pl.lit(None, pl.Int64))
    added = accounts.filter(share(pl.col("number"), 26) < 0.33)
    added = added.with_columns(begin=pl.col("begin") + below(300, pl.col("number"), 27), lasts=pl.lit(None, pl.Int64))
    parts = [_lines(accounts, "Core", 1), _lines(again, "Core", 2), _lines(added, "Analytics", 3)]
    return pl.concat(parts).sort("account_id", "external_id")


def _lines(accounts: pl.DataFrame, product: str, salt: int) -> pl.DataFrame:
    number = pl.col("number")
    starts_on = pl.lit(FIRST_DAY) + pl.duration(days=pl.col("begin"))
    return accounts.select(
        source=pl.lit("billing"),
        external_id=pl.format("L-{}-{}", number, pl.lit(salt)),
        account_id=number.cast(pl.Int64) + 1,
        account_ref=pl.format("A-{}", number),
        product=pl.lit(product),
        plan=one_of(["Team", "Business", "Enterprise"], number, 30 + salt),
        # Cents that no interval divides: rounding happens on each line.
        amount_cents=10_000 + below(2_000_000, number, 40 + salt),
        currency=one_of(_CURRENCIES, number, 28),
        interval_months=one_of(["1", "3", "12"], number, 50 + salt).cast(pl.Int64),
        starts_on=starts_on.cast(pl.Date),
        ends_on=(starts_on + pl.duration(days=pl.col("lasts"))).cast(pl.Date),
        trial=pl.lit(False),
        recorded_at=pl.lit(AS_OF),
    )


def fx_rates() -> pl.DataFrame:
    """A rate to the dollar on the first of each month, of euro and pound, four decimals."""
    days = pl.date_range(date(2022, 12, 1), AS_OF.date(), "1mo", eager=True)
    number = pl.int_range(len(days), dtype=pl.UInt64)
    rates = [
        pl.select(base=pl.lit(base), on=days, digits=least + below(1_500, number, salt))
        for base, least, salt in (("EUR", 10_200, 61), ("GBP", 12_000, 62))
    ]
    digits = pl.col("digits").cast(pl.String)
    return pl.concat(rates).select(
        source=pl.lit("treasury"),
        external_id=pl.format("{}-{}", "base", "on"),
        base="base",
        quote=pl.lit("USD"),
        on="on",
        rate=pl.format("{}.{}", digits.str.head(-4), digits.str.tail(4)),
    )
