"""Knows the words that exports use: for nothing, yes and no, priorities, states, intervals and currencies."""

from collections.abc import Mapping
from types import MappingProxyType

# Whole cells that mean "nothing here". `NA` is left out: it is North America, and Namibia.
MISSING = ("", "-", "null", "NULL", "Null", "n/a", "N/A", "#N/A", "\\N")

FLAGS: Mapping[str, bool] = MappingProxyType(
    dict.fromkeys(("true", "yes", "y", "t", "1", "1.0", "on"), True)
    | dict.fromkeys(("false", "no", "n", "f", "0", "0.0", "off"), False)
)

INTERVALS: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(("month", "monthly", "per month", "1 month", "every month", "mo", "m"), 1)
    | dict.fromkeys(("two months", "2 months", "bimonthly", "every 2 months"), 2)
    | dict.fromkeys(("quarter", "quarterly", "per quarter", "3 months", "every 3 months", "q"), 3)
    | dict.fromkeys(("semi-annual", "semiannual", "semi-annually", "half-yearly", "6 months", "every 6 months"), 6)
    | dict.fromkeys(("year", "yearly", "annual", "annually", "per year", "1 year", "12 months", "every year", "y"), 12)
    | dict.fromkeys(("two years", "2 years", "biennial", "2-year", "24 months", "every 2 years"), 24)
    | dict.fromkeys(("three years", "3 years", "triennial", "3-year", "36 months"), 36)
    | dict.fromkeys(("five years", "5 years", "5-year", "60 months"), 60)
)

# Words for the choices of a field, beside the choices themselves. Keys are lower case.
_CHOICES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "priority": {
            "medium": "normal", "standard": "normal", "default": "normal", "moderate": "normal", "p3": "normal",
            "lowest": "low", "minor": "low", "trivial": "low", "p4": "low",
            "important": "high", "major": "high", "p2": "high",
            "critical": "urgent", "highest": "urgent", "blocker": "urgent", "emergency": "urgent", "p1": "urgent",
        },
        "status": {
            "unassigned": "new", "active": "open", "in progress": "open", "reopened": "open",
            "waiting": "pending", "waiting on customer": "pending", "waiting for customer": "pending",
            "awaiting reply": "pending", "snoozed": "pending",
            "hold": "on_hold", "on-hold": "on_hold", "on hold": "on_hold", "waiting on third party": "on_hold",
            "resolved": "solved", "done": "solved", "fixed": "solved", "completed": "solved",
            "archived": "closed", "deleted": "closed",
        },
        "author_kind": {
            "user": "customer", "end-user": "customer", "end user": "customer", "contact": "customer",
            "requester": "customer", "client": "customer", "lead": "customer",
            "admin": "agent", "staff": "agent", "support": "agent", "teammate": "agent",
            "automation": "bot", "ai": "bot", "autoresponder": "bot",
        },
        "kind": {},
    }
)  # fmt: skip

SIGNS: Mapping[str, str] = MappingProxyType(
    {
        "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₪": "ILS", "₺": "TRY", "₽": "RUB", "₴": "UAH",
        "$": "USD", "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "S$": "SGD",
        "HK$": "HKD", "R$": "BRL",
    }
)  # fmt: skip

# A bare sign that several currencies share says nothing against any of them.
SHARED_SIGNS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "$": frozenset({"USD", "AUD", "CAD", "NZD", "SGD", "HKD", "MXN", "ARS", "CLP", "COP", "TWD"}),
        "¥": frozenset({"JPY", "CNY"}),
        "£": frozenset({"GBP", "EGP", "LBP"}),
    }
)

# Source: ISO 4217, national currencies in use.
CURRENCIES = frozenset(
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
    HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
    MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
    RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
    USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG""".split()
)


def choice_words(field: str, choices: tuple[str, ...]) -> dict[str, str]:
    """Every known word for a field's choices, lower case, and which choice it means."""
    own = {choice: choice for choice in choices} | {choice.replace("_", " "): choice for choice in choices}
    return {word: choice for word, choice in _CHOICES.get(field, {}).items() if choice in choices} | own
