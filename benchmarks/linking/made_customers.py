"""Makes customers as several systems know them, with the truth: which party is which customer.

Everything that makes linking hard is in it: groups with subsidiaries, namesakes, near names, consultancies, trials,
merged and doubled accounts, old domains, free mail, missing fields, records that are nobody's.
"""

from dataclasses import dataclass, field
from random import Random

from benchmarks.linking import vocabulary as words
from benchmarks.linking.made_companies import Companies, Customer
from domain.parties import Party

Key = tuple[str, str]


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
    companies = list(Companies(dice).make(customers))
    for company in companies:
        _write_down(dice, company, world)
    for number in range(customers // 40):
        _nobody(dice, number, world)
    dice.shuffle(world.parties)
    return world


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
        "phone": company.phone if dice.random() < (0.5 if tidy else 0.2) else None,
    })  # fmt: skip


def _spelt(dice: Random, company: Customer, tidy: bool) -> str:
    """The name as somebody typed it."""
    placed = f"{company.name} {company.place}".strip()
    if tidy:
        return company.full_name if dice.random() < 0.9 else placed
    other = company.form if company.form in words.BEFORE else words.OTHER_SPELLINGS.get(company.form, company.form)
    first, *_ = placed.split()
    spellings = {
        company.full_name: 35,
        placed: 25,
        f"{placed}, {other}".rstrip(", "): 10,
        company.full_name.upper(): 6,
        placed.replace(" & ", " and ").replace("ü", "ue").replace("ö", "oe").replace("ä", "ae"): 4,
        _misspelt(dice, placed): 6,
        f"{placed} - {dice.choice(['Support', 'IT', 'Helpdesk', 'Finance'])}": 4,
        first if len(first) > 2 else placed: 4,
        f"{dice.choice(words.FIRST_NAMES)} {dice.choice(words.SURNAMES)}": 3,
        company.domain: 3,
    }
    return dice.choices(list(spellings), weights=list(spellings.values()))[0]


def _misspelt(dice: Random, name: str) -> str:
    at = dice.randrange(1, max(len(name) - 1, 2))
    return name[:at] + name[at + 1 :] if dice.random() < 0.5 and len(name) > 5 else name[:at] + name[at - 1 :]


def _domains(dice: Random, company: Customer, tidy: bool) -> tuple[str, ...]:
    """The domains that a system has of a company, if any."""
    free = dice.choice(words.FREE_MAIL)
    if company.consultancy and not tidy and dice.random() < 0.6:
        return (company.consultancy,)
    if company.old_domain and dice.random() < 0.3:
        return (company.old_domain,)
    label, _, _ = company.domain.partition(".")
    written: dict[tuple[str, ...], int] = {
        (): 10 if tidy else 20,
        (free,): 3 if tidy else 10,
        (f"{dice.choice(words.DOORS)}.{company.domain}",): 25 if tidy else 12,
        (f"{label}.{words.SUFFIXES[company.country]}",): 3,
        (company.domain, free): 6,
        (company.domain.upper(),): 2,
        (company.domain,): 50,
    }
    return dice.choices(list(written), weights=list(written.values()))[0]


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
