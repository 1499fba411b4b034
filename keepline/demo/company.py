"""Knows who the demo company is and who its customers are: segments, regions, currencies, names that nobody bears."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from keepline.demo.dice import Dice

COMPANY = "Harbour Analytics (demo data)"


@dataclass(frozen=True, slots=True)
class Segment:
    """How customers of a segment buy, write and leave; probabilities are for one yearly term."""

    share: float
    acv_usd: tuple[float, float]
    tickets_a_month: tuple[float, float]
    churn_calm: float
    churn_in_trouble: float
    contraction_calm: float
    contraction_in_trouble: float
    trouble: float
    intervention: float
    growth: float
    cross_sell: float
    billing: dict[int, float]


SEGMENTS: dict[str, Segment] = {
    "enterprise": Segment(
        0.12, (108_000, 440_000), (9, 17), 0.022, 0.17, 0.05, 0.18, 0.46, 0.62, 0.85, 0.34, {12: 0.75, 3: 0.15, 1: 0.10}
    ),
    "mid_market": Segment(
        0.38, (12_500, 94_000), (2.6, 5), 0.035, 0.26, 0.05, 0.20, 0.46, 0.38, 0.66, 0.24, {12: 0.60, 3: 0.10, 1: 0.30}
    ),
    "smb": Segment(
        0.50, (2_300, 9_400), (1.1, 2.1), 0.080, 0.32, 0.05, 0.20, 0.42, 0.16, 0.40, 0.10, {12: 0.35, 1: 0.65}
    ),
}


@dataclass(frozen=True, slots=True)
class Region:
    """Where a customer sits: its share, money, clock (hours from UTC) and the language some of its people write."""

    share: float
    currency: str
    utc_offset: int
    suffix: str
    language: str


REGIONS: dict[str, Region] = {
    "North America": Region(0.60, "USD", -5, "Inc", "en"),
    "UK & Ireland": Region(0.13, "GBP", 0, "Ltd", "en"),
    "DACH": Region(0.12, "EUR", 1, "GmbH", "de"),
    "France": Region(0.09, "EUR", 1, "SAS", "fr"),
    "Iberia": Region(0.06, "EUR", 1, "SL", "es"),
}
INDUSTRIES = {
    "Logistics": 0.16, "Retail": 0.16, "Manufacturing": 0.17, "Healthcare": 0.12, "Financial services": 0.13,
    "Education": 0.08, "Energy": 0.08, "Media": 0.06, "Public sector": 0.04,
}  # fmt: skip
FIRST_WORDS = (
    "Alder Ashen Azure Basalt Birch Boreal Cedar Cinder Citrine Clover Cobalt Copper Coral Crimson Damson Dune "
    "Ebony Elder Ember Feldspar Fennel Fir Garnet Gilded Granite Heath Hemlock Indigo Jade Juniper Kelp Larch "
    "Lichen Lilac Linden Lupin Maple Marble Meadow Mint Mossy Mulberry Oaken Ochre Opal Pebble Pewter Pine Plum "
    "Poplar Quartz Quince Russet Saffron Sandstone Silver Slate Sorrel Spruce Tansy Teal Thistle Umber Walnut "
    "Wheat Willow Yarrow Zinc"
).split()
SECOND_WORDS = (
    "Anchor Arch Barrow Basin Beacon Bight Bluff Brook Cairn Canopy Causeway Cove Crest Delta Estuary Fathom "
    "Ferry Fjord Furrow Gable Glade Gorge Harrow Hearth Hollow Inlet Isle Jetty Kiln Lagoon Lantern Ledge Lock "
    "Loom Mesa Mill Moor Orchard Paddock Pier Plateau Prairie Quarry Quay Ravine Ridge Rudder Shoal Sluice Spire "
    "Steppe Summit Tarn Terrace Thicket Tide Tiller Vale Weir Wharf"
).split()
TRIAL_ONLY_SHARE = 0.03
TRIAL_SHARE = 0.25
FORMER_LIFE = timedelta(days=730)
CUSTOMERS_BEFORE = 0.62
SMB_WITH_CSM = 0.05


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as it was when it signed; `satisfaction` (0..1) is latent: no export shows it."""

    number: int
    name: str
    domain: str
    segment: str
    industry: str
    region: str
    csm: str | None
    signed_up_on: date
    trial_days: int
    trial_only: bool
    acv_usd: float
    satisfaction: float

    @property
    def external_id(self) -> str:
        return f"acct-{self.number:04d}"

    @property
    def currency(self) -> str:
        return REGIONS[self.region].currency

    @property
    def traits(self) -> Segment:
        return SEGMENTS[self.segment]


@dataclass(frozen=True, slots=True)
class Window:
    """The days that the exports cover, both included; contracts may be older."""

    begins_on: date
    ends_on: date

    @classmethod
    def of_two_years(cls, ends_on: date) -> Window:
        after = ends_on + timedelta(days=1)
        leap_day = (after.month, after.day) == (2, 29)
        return cls(after.replace(year=after.year - 2, day=28 if leap_day else after.day), ends_on)


def _names(dice: Dice, count: int) -> list[str]:
    """Different names; beyond the combinations of the two lists a number is put behind."""
    pairs = dice.shuffled(f"{first} {second}" for first in FIRST_WORDS for second in SECOND_WORDS)
    return [pairs[i] if i < len(pairs) else f"{pairs[i % len(pairs)]} {i // len(pairs) + 1}" for i in range(count)]


def _signed_up_on(dice: Dice, window: Window) -> date:
    """A little under two thirds were customers before the window; days up to 28 keep anniversaries simple."""
    if dice.chance(CUSTOMERS_BEFORE):
        day = window.begins_on - timedelta(days=dice.whole(1, FORMER_LIFE.days))
    else:
        day = window.begins_on + timedelta(days=dice.whole(0, (window.ends_on - window.begins_on).days - 45))
    return day.replace(day=min(day.day, 28))


def _csm(dice: Dice, segment: str) -> str | None:
    if segment == "enterprise":
        return f"csm-{dice.whole(1, 3)}"
    if segment == "mid_market":
        return f"csm-{dice.whole(4, 7)}"
    return "csm-8" if dice.chance(SMB_WITH_CSM) else None


def _acv_usd(dice: Dice, segment: str) -> float:
    """Between the segment's bounds, small ones being more frequent than large ones."""
    low, high = SEGMENTS[segment].acv_usd
    return float(low * (high / low) ** (dice.roll() * 0.55 + dice.roll() * 0.45))


def customers(seed: int, count: int, window: Window) -> list[Customer]:
    """`count` customers whose segments and regions (so currencies) have their shares exactly, in chance order."""
    dice = Dice(seed, "company")
    segments = dice.dealt({name: segment.share for name, segment in SEGMENTS.items()}, count)
    regions = dice.dealt({name: region.share for name, region in REGIONS.items()}, count)
    industries = dice.dealt(INDUSTRIES, count)
    names = _names(dice, count)
    small = dice.shuffled(number for number, segment in enumerate(segments) if segment == "smb")
    trial_only = set(small[: round(count * TRIAL_ONLY_SHARE)])
    return [
        _customer(dice, window, number + 1, segment, region, industry, names[number], number in trial_only)
        for number, (segment, region, industry) in enumerate(zip(segments, regions, industries, strict=True))
    ]


def _customer(
    dice: Dice, window: Window, number: int, segment: str, region: str, industry: str, name: str, trial_only: bool
) -> Customer:
    signed = _signed_up_on(dice, window)
    if trial_only:  # a trial before the window would leave no trace but the account
        signed = max(signed, window.begins_on + timedelta(days=dice.whole(30, 700)))
    trial = 30 if trial_only or (signed > window.begins_on and dice.chance(TRIAL_SHARE)) else 0
    return Customer(
        number=number,
        name=f"{name} {REGIONS[region].suffix}",
        domain=f"{name.lower().replace(' ', '')}.example",
        segment=segment,
        industry=industry,
        region=region,
        csm=_csm(dice, segment),
        signed_up_on=signed,
        trial_days=trial,
        trial_only=trial_only,
        acv_usd=_acv_usd(dice, segment),
        satisfaction=min(0.98, max(0.05, 0.25 + 0.35 * dice.roll() + 0.35 * dice.roll())),
    )
