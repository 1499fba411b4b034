"""Makes customers as several systems know them, with the truth: which party is which customer.

Everything that makes linking hard is in it: groups with subsidiaries, namesakes, near names, consultancies, trials, merged
and doubled accounts, old domains, free mail, missing fields, records that are nobody's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from unicodedata import normalize

from benchmarks.linking import vocabulary as words
from domain.parties import Party

Key = tuple[str, str]


@dataclass(frozen=True)
class Customer:
    """A company as it is, before any system writes it down."""

    number: int
    name: str
    form: str
    country: str
    city: str
    domain: str
    place: str = ""
    parent: int | None = None
    old_domain: str | None = None
    consultancy: str | None = None

    @property
    def full_name(self) -> str:
        placed = f"{self.name} {self.place}".strip()
        return f"{self.form} {placed}" if self.form in words.BEFORE else f"{placed} {self.form}".strip()


@dataclass
class World:
    """Parties of a CRM, a billing system, a helpdesk and a usage table, and which customer each is; None is nobody."""

    parties: list[Party] = field(default_factory=list)
    truth: dict[Key, int | None] = field(default_factory=dict)

    def add(self, party: Party, customer: int | None) -> None:
        """Note a party and who it is."""
        self.parties.append(party)
        self.truth[party.source, party.external_id] = customer


def make_world(seed: int, customers: int) -> World:
    """A world of about so many customers; the same seed makes the same world."""
    dice = Random(seed)
    world = World()
    companies = list(_Companies(dice).make(customers))
    for company in companies:
        _write_down(dice, company, world)
    for number in range(customers // 40):
        _nobody(dice, number, world)
    dice.shuffle(world.parties)
    return world


class _Companies:
    """Draws companies, some of which are hard to tell apart."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._number = 0
        self._domains: set[str] = set()

    def make(self, wanted: int) -> Iterator[Customer]:
        kinds = (self._plain, self._group, self._namesakes, self._near_names, self._consultancy, self._numbered)
        while self._number < wanted:
            (kind,) = self._dice.choices(kinds, weights=(70, 8, 5, 5, 4, 3))
            yield from kind()

    def _plain(self) -> Iterator[Customer]:
        yield self._company(self._name(self._country()))

    def _company(self, named: tuple[str, str], domain: str | None = None) -> Customer:
        name, country = named
        self._number += 1
        dice = self._dice
        form = dice.choice(words.FORMS[country]) if dice.random() < 0.85 else ""
        own = domain or self._domain(name, country)
        old = self._domain(self._invented(), country) if dice.random() < 0.04 else None
        return Customer(self._number, name, form, country, dice.choice(words.CITIES[country]), own, old_domain=old)

    def _group(self) -> Iterator[Customer]:
        """A parent and its subsidiaries: by country or by trade, on one domain, on country domains or on their own."""
        dice = self._dice
        name, country = self._name(self._country())
        parent = self._company((name, country))
        yield parent
        for _ in range(dice.randint(1, 3)):
            other = self._country()
            if dice.random() < 0.6:
                child = self._company((name, other))
                child = replace(child, place=dice.choice(words.COUNTRIES[other]) if dice.random() < 0.6 else "")
            else:
                child = self._company((f"{name} {dice.choice(words.TRADES)}", country))
            label, _, _ = parent.domain.partition(".")
            domain = dice.choice([parent.domain, f"{label}.{words.SUFFIXES[child.country]}", child.domain])
            yield replace(child, domain=domain, parent=parent.number)

    def _namesakes(self) -> Iterator[Customer]:
        """Companies of one name that have nothing to do with each other."""
        name, country = self._name(self._country())
        yield self._company((name, country))
        for _ in range(self._dice.randint(1, 2)):
            yield self._company((name, country if self._dice.random() < 0.3 else self._country()))

    def _near_names(self) -> Iterator[Customer]:
        """Companies whose names differ by a letter, by a word or by the order of words."""
        dice = self._dice
        name, country = self._name(self._country())
        yield self._company((name, country))
        at = dice.randrange(len(name))
        other = dice.choice([
            name[:at] + dice.choice("aeiostn") + name[at + 1 :],
            " ".join(reversed(name.split())) if " " in name else f"{name} {dice.choice(words.TRADES)}",
            f"{name.split()[0]} {dice.choice(words.TRADES)}",
        ])  # fmt: skip
        if other.strip() and other != name:
            yield self._company((other.strip(), country))

    def _consultancy(self) -> Iterator[Customer]:
        """A consultancy, and clients that are known to the helpdesk by its domain."""
        consultancy = self._company(
            (f"{self._invented()} {self._dice.choice(['Consulting', 'Advisors', 'Digital'])}", "GB")
        )
        if self._dice.random() < 0.6:
            yield consultancy
        for _ in range(self._dice.randint(2, 5)):
            client = self._company(self._name(self._country()))
            yield replace(client, consultancy=consultancy.domain)

    def _numbered(self) -> Iterator[Customer]:
        name, country = self._name(self._country())
        first = self._dice.randint(2, 90)
        for number in (first, first + 1):
            yield self._company((f"{name} {number}", country))

    def _country(self) -> str:
        return self._dice.choice(list(words.COUNTRIES))

    def _invented(self) -> str:
        dice = self._dice
        syllables = (
            dice.choice(words.ONSETS) + dice.choice(words.VOWELS) + dice.choice(words.CODAS)
            for _ in range(dice.randint(2, 3))
        )
        return "".join(syllables).capitalize()

    def _name(self, country: str) -> tuple[str, str]:
        dice = self._dice
        kind = dice.random()
        trade = dice.choice(words.TRADES)
        plain = dice.choice(words.PLAIN_WORDS).capitalize()
        if kind < 0.30:
            return f"{self._invented()} {dice.choice([trade, dice.choice(words.VAGUE)])}", country
        if kind < 0.45:
            return self._invented(), country
        if kind < 0.62:
            return f"{plain} {dice.choice(words.PLAIN_WORDS).capitalize()} {trade}", country
        if kind < 0.72:
            return f"{dice.choice(words.SURNAMES)} & {dice.choice(words.SURNAMES)}", country
        if kind < 0.80:
            return f"{dice.choice(words.GRAND_WORDS)} {dice.choice([trade, dice.choice(words.VAGUE)])}", country
        if kind < 0.84:
            return "".join(dice.choice("ABCDEGHIKLMNOPRSTV") for _ in range(dice.randint(2, 4))), country
        if kind < 0.92:
            other = dice.choice(list(words.FOREIGN))
            return f"{dice.choice(words.FOREIGN[other])} {dice.choice(words.CITIES[other])}", other
        return f"{plain} {trade}", country

    def _domain(self, name: str, country: str) -> str:
        dice = self._dice
        plain = [part for word in name.split() if (part := _ascii(word))] or [self._invented().lower()]
        label = dice.choice(["".join(plain), "".join(plain), "-".join(plain), plain[0], "".join(plain[:2])])
        while True:
            suffix = dice.choice(["com", words.SUFFIXES[country], words.SUFFIXES[country], "io", "net"])
            if (domain := f"{label}.{suffix}") not in self._domains:
                self._domains.add(domain)
                return domain
            label += dice.choice("abcdefghijklmnopqrstuvwxyz")


def _ascii(word: str) -> str:
    spelt = normalize("NFKD", word.replace("ß", "ss").replace("ł", "l").replace("ø", "o"))
    return "".join(letter for letter in spelt.lower() if letter.isascii() and letter.isalnum())


def _write_down(dice: Random, company: Customer, world: World) -> None:
    """The company in each system that knows it."""
    number = company.number
    in_crm = dice.random() < 0.94
    crm_id = f"001{number:012d}"
    if in_crm:
        parent = f"001{company.parent:012d}" if company.parent and dice.random() < 0.5 else None
        known_as = tuple(f"stripe:cus_{number:06d}" for _ in range(dice.random() < 0.1))
        world.add(_party(dice, company, "crm", crm_id, parent_ref=parent, known_as=known_as), number)
        _beside(dice, company, crm_id, world)
    if dice.random() < 0.8:
        known_as = (crm_id if dice.random() < 0.5 else f"crm:{crm_id}",) if dice.random() < 0.15 else ()
        world.add(_party(dice, company, "stripe", f"cus_{number:06d}", known_as=known_as), number)
    if dice.random() < 0.85:
        known_as = (f"stripe:cus_{number:06d}",) if dice.random() < 0.08 else ()
        # Small numbers, as helpdesks give them, mean something else in every system.
        world.add(_party(dice, company, "desk", str(number), known_as=known_as), number)
    if dice.random() < 0.2:
        known_as = (dice.choice([f"crm:{crm_id}", str(number)]),) if dice.random() < 0.3 else ()
        world.add(_party(dice, company, "usage", f"t{number}", known_as=known_as), number)


def _beside(dice: Random, company: Customer, crm_id: str, world: World) -> None:
    """Records beside a CRM account: a trial, a merged one, a double."""
    luck = dice.random()
    if luck < 0.04:
        trial = _party(dice, company, "crm", crm_id.replace("001", "002", 1))
        name = company.full_name if dice.random() < 0.5 else f"{company.name} (Trial)"
        world.add(trial.model_copy(update={"trial": True, "name": name}), -company.number)
    elif luck < 0.07:
        merged = _party(dice, company, "crm", crm_id.replace("001", "003", 1))
        world.add(merged.model_copy(update={"merged_into": crm_id}), company.number)
    elif luck < 0.085:
        world.add(_party(dice, company, "crm", crm_id.replace("001", "004", 1)), company.number)


_ROLES = {"crm": "crm", "stripe": "billing", "desk": "helpdesk", "usage": "usage"}


def _party(
    dice: Random,
    company: Customer,
    source: str,
    external_id: str,
    parent_ref: str | None = None,
    known_as: tuple[str, ...] = (),
) -> Party:
    """The company as one system has it written down, with gaps."""
    tidy = source == "crm"
    return Party.model_validate({
        "source": source,
        "external_id": external_id,
        "role": _ROLES[source],
        "name": _spelt(dice, company, tidy),
        "domains": _domains(dice, company, tidy),
        "known_as": known_as,
        "parent_ref": parent_ref,
        "country": dice.choice(words.COUNTRIES[company.country]) if dice.random() < (0.8 if tidy else 0.5) else None,
        "city": company.city if dice.random() < (0.6 if tidy else 0.3) else None,
        "phone": f"+{Random(company.number).randrange(10**9, 10**10)}" if dice.random() < (0.5 if tidy else 0.2) else None,
    })  # fmt: skip


def _spelt(dice: Random, company: Customer, tidy: bool) -> str:
    luck = dice.random()
    placed = f"{company.name} {company.place}".strip()
    if tidy:
        return company.full_name if luck < 0.9 else placed
    if luck < 0.35:
        return company.full_name
    if luck < 0.60:
        return placed
    if luck < 0.70 and company.form not in words.BEFORE:
        return f"{placed}, {words.OTHER_SPELLINGS.get(company.form, company.form)}".rstrip(", ")
    if luck < 0.76:
        return company.full_name.upper()
    if luck < 0.80:
        return placed.replace(" & ", " and ").replace("ü", "ue").replace("ö", "oe").replace("ä", "ae")
    if luck < 0.86 and len(placed) > 5:
        at = dice.randrange(1, len(placed) - 1)
        return placed[:at] + placed[at + 1 :] if dice.random() < 0.5 else placed[:at] + placed[at] + placed[at:]
    if luck < 0.90:
        return f"{placed} - {dice.choice(['Support', 'IT', 'Helpdesk', 'Finance'])}"
    if luck < 0.94:
        return placed.split()[0] if len(placed.split()[0]) > 2 else placed
    if luck < 0.97:
        return f"{dice.choice(words.FIRST_NAMES)} {dice.choice(words.SURNAMES)}"
    return company.domain


def _domains(dice: Random, company: Customer, tidy: bool) -> tuple[str, ...]:
    luck = dice.random()
    if company.consultancy and not tidy and luck < 0.6:
        return (company.consultancy,)
    if luck < (0.1 if tidy else 0.2):
        return ()
    if luck < (0.13 if tidy else 0.3):
        return (dice.choice(words.FREE_MAIL),)
    if company.old_domain and luck < 0.6:
        return (company.old_domain,)
    if luck < 0.4:
        return (f"{dice.choice(words.DOORS)}.{company.domain}",)
    if luck < 0.44:
        return (f"{company.domain.partition('.')[0]}.{words.SUFFIXES[company.country]}",)
    if luck < 0.5:
        return (company.domain, dice.choice(words.FREE_MAIL))
    return (company.domain.upper() if luck < 0.52 else company.domain,)


def _nobody(dice: Random, number: int, world: World) -> None:
    name = (
        dice.choice(words.NOBODIES)
        if dice.random() < 0.6
        else f"{dice.choice(words.FIRST_NAMES)} {dice.choice(words.SURNAMES)}"
    )
    domains = (dice.choice(words.FREE_MAIL),) if dice.random() < 0.7 else ()
    country = dice.choice(list(words.COUNTRIES)) if dice.random() < 0.5 else None
    party = Party(source="desk", external_id=f"n{number}", role="helpdesk", name=name, domains=domains, country=country)
    world.add(party, None)
