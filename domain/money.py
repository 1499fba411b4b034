"""Knows how many minor units a currency has and how an amount is read, split and written without losing a cent."""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

# ISO 4217 minor units where they are not two.
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND".split()
_MINOR_DIGITS = dict.fromkeys(_NO_DIGITS, 0) | dict.fromkeys(_THREE_DIGITS, 3)


def minor_digits(currency: str) -> int:
    """Number of decimal digits of `currency`: 2 for USD, 0 for JPY, 3 for KWD. Source: ISO 4217."""
    return _MINOR_DIGITS.get(currency, 2)


def to_cents(amount: Decimal | str, currency: str) -> int:
    """Integer minor units of a decimal amount.

    Raises:
        ValueError: not a finite number, or finer than the currency's minor unit.
    """
    try:
        scaled = Decimal(amount).scaleb(minor_digits(currency))
    except InvalidOperation as error:
        raise ValueError(f"{amount!r} is not an amount") from error
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise ValueError(f"{amount!r} is not a whole number of {currency} minor units")
    return int(scaled)


def decimal_amount(cents: int, currency: str) -> Decimal:
    """The exact decimal amount of integer minor units: 123456 USD is 1234.56."""
    return Decimal(cents).scaleb(-minor_digits(currency))


def monthly_cents(amount_cents: int, interval_months: int) -> int:
    """An amount charged every `interval_months`, normalised to a month and rounded half-even to a minor unit.

    Rounding stands at the line, so that every sum of lines, in every cut, agrees to the cent.
    """
    return int((Decimal(amount_cents) / interval_months).to_integral_value(rounding=ROUND_HALF_EVEN))


def with_currency(cents: int, currency: str, digits: int | None = None) -> str:
    """An amount as people read it: `USD 1,234.56`; `digits=0` leaves the minor units out."""
    places = minor_digits(currency) if digits is None else digits
    return f"{currency} {decimal_amount(cents, currency):,.{places}f}"
