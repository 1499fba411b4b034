"""Knows by their check digits which numbers are payment cards and which are bank accounts."""

# ISO 13616: the length of an IBAN by country.
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "BR": 29, "CH": 21, "CY": 28, "CZ": 24, "DE": 22,
    "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18,
    "NO": 15, "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "TR": 26, "UA": 29,
}  # fmt: skip


def is_card(digits: str) -> bool:
    """Whether digits have a card scheme's beginning and length and Luhn's check digit."""
    return _is_of_a_scheme(digits) and _luhn(digits) % 10 == 0


def _is_of_a_scheme(digits: str) -> bool:
    length, first = len(digits), digits[:2]
    if not 13 <= length <= 19 or not digits.isascii():
        return False
    return (
        (digits[0] == "4" and length in {13, 16, 19})
        or (
            length == 16
            and (first in {"51", "52", "53", "54", "55", "35", "60", "62", "64", "65"} or "22" <= first <= "27")
        )
        or (length == 15 and first in {"34", "37"})
        or (length == 14 and first in {"30", "36", "38", "39"})
    )


def _luhn(digits: str) -> int:
    doubled = (2 * int(digit) for digit in digits[-2::-2])
    return sum(int(digit) for digit in digits[-1::-2]) + sum(each - 9 if each > 9 else each for each in doubled)


def iban_length(written: str) -> int | None:
    """How many characters of a text, spaces included, are the IBAN that it begins with; None where it is none."""
    wanted = _IBAN_LENGTHS.get(written[:2].upper())
    if wanted is None:
        return None
    compact = ""
    for place, character in enumerate(written, start=1):
        compact += character.upper() if character not in " -" else ""
        if len(compact) == wanted:
            return place if _is_valid(compact) else None
    return None


def _is_valid(iban: str) -> bool:
    if not iban.isascii() or not iban.isalnum():
        return False
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 == 1
