"""Knows the public holidays of countries and their regions, year by year."""

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rules.words import unknown_word

if TYPE_CHECKING:
    from holidays import HolidayBase


def known_country(code: object) -> str:
    """The country's two-letter code, in capitals; three letters, as in GBR, are understood.

    Raises:
        ValueError: no holidays are known for it; the message names the nearest country.
    """
    from holidays.registry import COUNTRIES

    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    for module, (_, short, *others) in COUNTRIES.items():
        codes |= {other.upper(): short for other in others} | {short: short}
        names[module] = short
    given = str(code).strip()
    if given.upper() in codes:
        return codes[given.upper()]
    near = get_close_matches(given.lower().replace(" ", "_"), names, n=1, cutoff=0.6)
    hint = names[near[0]] if near else None
    raise ValueError(unknown_word(code, ["DE", "GB", "US and other two-letter codes"], "country", hint))


def known_region(country: str, region: object) -> str:
    """The region's own code in the country.

    Raises:
        ValueError: the country has no such region; the message names the nearest one.
    """
    entity = _entity(country)
    codes: dict[str, str] = {code.lower(): code for code in entity.subdivisions}
    names: dict[str, str] = codes | {
        alias.lower(): code for alias, code in getattr(entity, "subdivisions_aliases", {}).items()
    }
    given = str(region).strip()
    code = names.get(given.lower())
    if code is not None:
        return code
    if not codes:
        raise ValueError(f"{country} has no regions with holidays of their own; leave {given!r} out")
    near = get_close_matches(given.lower(), names, n=1, cutoff=0.6)
    raise ValueError(unknown_word(given, codes.values(), f"region of {country}", names[near[0]] if near else None))


@lru_cache(maxsize=4096)
def public_holidays(country: str, region: str | None, year: int) -> Mapping[date, str]:
    """The names of the public holidays of a year, in English where that is known; none outside the known years."""
    entity = _entity(country)
    if not entity.start_year <= year <= entity.end_year:
        return {}
    words = getattr(entity, "supported_languages", ())
    # Without a language the names would follow the process's locale.
    language = "en_US" if "en_US" in words else getattr(entity, "default_language", None)
    found = entity(subdiv=region, years=year, language=language)
    return {day: name for day, name in found.items() if day.year == year}


def _entity(country: str) -> "type[HolidayBase]":
    import holidays

    found: Any = getattr(holidays, country)
    return type(found())
